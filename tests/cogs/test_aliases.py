"""Names of two words: gentle ones, enough of them, each as likely as another, and none that is taken."""

import random
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.texts import CONTENT
from cogs.questions import aliases

FIRST, SECOND = aliases.names("en")
ALL = [f"{one} {two}" for one in FIRST for two in SECOND]


def test_there_are_enough_and_each_is_one_word_with_a_capital() -> None:
    assert min(len(FIRST), len(SECOND)) >= 120
    assert len(ALL) == len({name.casefold() for name in ALL})
    assert all(word.isalpha() and word == word.capitalize() for word in FIRST + SECOND)
    assert max(map(len, ALL)) <= 32


def test_no_two_words_of_a_name_begin_alike() -> None:
    assert not {word[:4].casefold() for word in FIRST} & {word[:4].casefold() for word in SECOND}


def test_no_name_at_the_desk_is_ever_one_of_a_shout() -> None:
    shouts = tomllib.loads((CONTENT / "en" / "aliases.toml").read_text(encoding="utf-8"))["second"]
    assert not {word.casefold() for word in SECOND} & set(shouts)


@given(st.randoms(use_true_random=False), st.sets(st.sampled_from(ALL), max_size=50))
def test_one_is_picked_that_is_not_taken(dice: random.Random, taken: set[str]) -> None:
    name = aliases.pick(dice, taken)
    assert name in ALL
    assert name not in taken


@settings(max_examples=10)
@given(st.randoms(use_true_random=False), st.sets(st.sampled_from(ALL), min_size=1, max_size=3))
def test_the_last_ones_left_are_found(dice: random.Random, left: set[str]) -> None:
    assert aliases.pick(dice, [name for name in ALL if name not in left]) in left


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_where_all_are_taken_there_is_one_still(dice: random.Random) -> None:
    taken = set(ALL)
    for _ in range(5):
        name = aliases.pick(dice, taken)
        assert name not in taken
        assert {*name.split()[:-1]} <= {*FIRST}
        taken.add(name)


@pytest.mark.parametrize("few", [True, False])
def test_each_is_as_likely_as_another(few: bool) -> None:
    left = ALL[::1000] if few else ALL
    taken = frozenset(ALL) - frozenset(left)
    dice = random.Random(1)
    picked = Counter(aliases.pick(dice, taken).split()[1] for _ in range(300 if few else 15_000))
    expected = Counter(name.split()[1] for name in left)
    for word, count in expected.items():
        share = picked.total() * count / len(left)
        assert abs(picked[word] - share) < 5 * share**0.5 + 1


def test_a_language_without_names_has_the_english_ones() -> None:
    assert aliases.names("xx") == (FIRST, SECOND)


def test_a_language_with_names_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "aliases.toml").write_text('[desk]\nfirst = ["Stille"]\nsecond = ["Bucht"]')
    monkeypatch.setattr(aliases, "CONTENT", tmp_path)
    aliases.names.cache_clear()
    assert aliases.pick(random.Random(1), (), "de") == "Stille Bucht"
    aliases.names.cache_clear()
