"""What gives a writer away: what is marked and what not, how it is quoted, and that no text slows or breaks it."""

import sys
import time
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import DeclarationError
from bot.model import length
from bot.texts import CONTENT
from cogs.questions import phrases
from cogs.questions.marks import QUOTE, QUOTES, Mark, marks, quoted, regions
from cogs.questions.phrases import Kind

FILE: dict[str, Any] = tomllib.loads((CONTENT / "en" / "marks.toml").read_text(encoding="utf-8"))
GIVES = [
    (text, given, group["kind"]) for group in FILE["leads"] + FILE["tails"] for text, given in group["gives"].items()
]
REGIONS = regions()


def found(text: str) -> list[tuple[str, str]]:
    """Return what is marked of a text, with its kind."""
    return [(text[mark.start : mark.end], mark.kind) for mark in marks(text, REGIONS)]


@pytest.mark.parametrize(("text", "words", "kind"), GIVES)
def test_a_phrase_gives_away_what_it_says(text: str, words: str, kind: str) -> None:
    assert [each for each, _ in found(text)] == [words]
    assert list(Kind).index(Kind(found(text)[0][1])) <= list(Kind).index(Kind(kind))


@pytest.mark.parametrize("text", [*FILE["nothing"], " ", "💔", "\ud800", "…", "@", "+", "http://", "a@b"])
def test_ordinary_words_give_nothing_away(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("ring 0151 123 4567 tonight", "0151 123 4567", "phone"),
        ("ring (415) 555-2671", "(415) 555-2671", "phone"),
        ("+44 (0)20 7946 0958", "+44 (0)20 7946 0958", "phone"),
        ("00 49 30 901820", "00 49 30 901820", "phone"),
        ("my number 98765 43210!", "98765 43210", "phone"),
        ("4155552000", "4155552000", "phone"),
        ("+4477009001231, ok", "+4477009001231", "phone"),
        ("٠١٥١ ١٢٣ ٤٥٦٧", "٠١٥١ ١٢٣ ٤٥٦٧", "phone"),
        ("five five five one two three four", "five five five one two three four", "phone"),
        ("account 89 3704 0044 0532 0130 00", "89 3704 0044 0532 0130 00", "number"),
        ("case 1234567", "1234567", "number"),
        ("QQ123456C is mine", "QQ123456C", "number"),
        ("he drives AB12 CDE", "AB12 CDE", "number"),
        ("write to anna.b+x@mail.example.org.", "anna.b+x@mail.example.org", "email"),
        ("anna at mail dot com", "anna at mail dot com", "email"),
        ("find me: @anna_b.", "@anna_b", "handle"),
        ("I post as u/anna_99", "u/anna_99", "handle"),
        ("wolf#1234", "wolf#1234", "handle"),
        ("see https://example.org/a?b=1).", "https://example.org/a?b=1", "link"),
        ("Instagram.com/x", "Instagram.com/x", "link"),
        ("t.me/x, there", "t.me/x", "link"),
        ("discord.gg/abc", "discord.gg/abc", "link"),
        ("www.example.museum", "www.example.museum", "link"),
        ("my page is annabanana.com", "annabanana.com", "link"),
        ("LS1 4AB", "LS1 4AB", "address"),
        ("I am sad.\n\nAnna", "Anna", "name"),
        ("I am sad.\n— Anna B. xx", "Anna B", "name"),
        ("So sad. Thanks, Anna", "Anna", "name"),
    ],
)
def test_what_has_a_form_of_its_own_is_marked(text: str, words: str, kind: str) -> None:
    assert found(text) == [(words, kind)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'm 34 and live in Leeds", ["34", "Leeds"]),
        ("34F, living in leeds", ["34F", "leeds"]),
        ("I'm 34", []),
        ("I live in LA, in New York, at the University", ["LA", "New York", "University"]),
        ("I live in Leeds; it took 34 weeks", ["Leeds"]),
    ],
)
def test_an_age_is_marked_beside_a_place(text: str, words: list[str]) -> None:
    assert [text for text, _ in found(text)] == words


def test_marks_that_overlap_are_one() -> None:
    assert found("my insta is anna.banana@mail.example.org") == [("anna.banana@mail.example.org", "email")]


@given(st.lists(st.sampled_from([text for text, _, _ in GIVES] + ["ring 0151 123 4567", "@anna", "so sad"])))
def test_marks_stand_in_order_and_apart(texts: list[str]) -> None:
    text = ". ".join(texts)
    each = marks(text, REGIONS)
    assert all(0 <= mark.start < mark.end <= len(text) for mark in each)
    assert all(one.end <= two.start for one, two in pairwise(each))


# -- quoting


def test_quotes_are_short_few_and_said_once() -> None:
    text = (
        "My name is Anna. I live in Leeds. My name is anna. Write to anna@example.org or 0151 123 4567, @anna, AB12 CDE"
    )
    each = quoted(marks(text, REGIONS), text, 1000)
    assert each == ("Anna", "anna@example.org", "0151 123 4567", "@anna", "AB12 CDE")


def test_the_same_word_is_quoted_once() -> None:
    text = "My name is Anna. my name is anna"
    assert quoted(marks(text, REGIONS), text, 100) == ("Anna",)


def test_of_many_numbers_those_not_looked_up_are_marked_too() -> None:
    kinds = [kind for _, kind in found("case 1234567, " * 10)]
    assert kinds == ["number"] * 8 + ["phone"] * 2


def test_what_weighs_most_comes_first_where_room_is_short() -> None:
    text = "I live in Leeds. 0151 123 4567"
    assert quoted(marks(text, REGIONS), text, 20) == ("0151 123 4567",)
    assert quoted(marks(text, REGIONS), text, 26) == ("Leeds", "0151 123 4567")
    assert quoted(marks(text, REGIONS), text, 0) == ()


@given(st.text(), st.integers(0, 300))
def test_quotes_take_no_more_room_than_there_is(text: str, room: int) -> None:
    each = quoted([Mark(at, at + 50, Kind.NAME) for at in range(0, len(text), 3)], text, room)
    assert len(each) <= QUOTES
    assert sum(length(words) + 4 for words in each) <= room
    assert all(words and len(words) <= QUOTE and "\n" not in words for words in each)


# -- no text slows it or breaks it

PIECES = [
    "1", "1 ", "12.34.56.78.", "+1+2+3", "(1)", "+44 7700 900123 ", "415-555-2671 ", "a.", "a@", "@a", "a@a.", "www.",
    "https://", "I live in ", "my name is ", "I live in the ", "one ", "dot com ", "12 baker ", "Street ", "A1", "AAA1",
    "Anna ", "\n", "- ", "a/", "a-", "' ", "my ex ", "Dr. ", "New ", "of Of ", "3 may ", "born on the ", " ", "34 ",
    "u/", "a#1234", "٠", "St. ", "my insta is ", "called ", "Thanks, Anna\n", "in LA ", "a" * 50,
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_made_to_be_slow_is(piece: str) -> None:
    text = (piece * 3000)[:3000]
    took = sys.float_info.max
    for _ in range(7):
        begun = time.thread_time()
        marks(text, REGIONS)
        took = min(took, time.thread_time() - begun)
    assert took < 0.05  # 15 ms on a busy machine


@given(st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
@example("\ud800 my name is \udfff")
@example("+" * 300 + "1" * 300)
def test_any_text_is_read(text: str) -> None:
    for mark in marks(text, REGIONS):
        assert 0 <= mark.start < mark.end <= len(text)


# -- the file

LEAD = '[[leads]]\nkind = "name"\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("this is not TOML", "Expected"),
        ("more = 1", "the file has no field more"),
        ("leads = [1]", "leads is a table"),
        ("leads = 1", "leads is a list"),
        ("lists = 1", "lists is a table"),
        ("never = [1]", "never is a list of texts"),
        ('[lists]\nkin = ["<more>"]', "there is no list <more>"),
        ('[[leads]]\nkind = "colour"', "'colour' is not a valid Kind"),
        (f'{LEAD}takes = "all"', "'all' is not a valid Takes"),
        (f'{LEAD}leads = ["(my|his name"]', "is no phrase"),
        (f'{LEAD}leads = ["my <kin>"]', "there is no list <kin>"),
        (f'{LEAD}leads = ["(my|)"]', "may be nothing at all"),
        (f'{LEAD}leads = ["{"(a|b|c|d|e) " * 4}"]', "625 ways"),
        ('[[refused]]\nwhy = "rude"', "'rude' is not a valid Why"),
    ],
)
def test_a_file_that_is_not_right_stops_the_start(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "marks.toml").write_text(content)
    with pytest.raises(DeclarationError) as caught:
        phrases.read(tmp_path)
    assert str(tmp_path / "en" / "marks.toml") in str(caught.value)
    assert said in str(caught.value)


def test_without_english_there_is_no_start(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="is missing"):
        phrases.read(tmp_path)
