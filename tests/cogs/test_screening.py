"""Screening: what it reads as danger and what not, that it only ever adds, and that no text slows or breaks it."""

import logging
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import DeclarationError
from bot.model import ROWS, TEXT, Button, File, Link, Menu, Option, Reply, length
from bot.texts import CONTENT
from cogs import screening
from cogs.screening import Kind, Match, Tier, beside, screen
from tests.harness import the_texts

FILE = tomllib.loads((CONTENT / "en" / "screening.toml").read_text(encoding="utf-8"))
GROUPS: list[dict[str, Any]] = FILE["phrases"]
MEANS = [(text, group["tier"], group["kind"]) for group in GROUPS for text in group["means"]]
MISREAD = [text for group in GROUPS for text in group.get("misread", ())]
STRONG_SELF = "I want to kill myself"
SOFT_SELF = "I can't live without her"
SAY = the_texts().speaker("en", "urges")  # another cog's: the words are found all the same
HELP = Button("Help lines", "crisis")
OTHER = Button("Cancel", "urges.cancel")
MENU = Menu("Pick", "urges.pick", (Option("a", "A"),))


# -- what is read as what


@pytest.mark.parametrize(("text", "tier", "kind"), MEANS)
def test_a_phrase_is_read_as_it_is_meant(text: str, tier: str, kind: str) -> None:
    assert screen(text) == Match(Tier(tier), Kind(kind))


@pytest.mark.parametrize("text", MISREAD)
def test_what_is_easily_misread_is_never_strong(text: str) -> None:
    match = screen(text)
    assert match is None or match.tier is Tier.SOFT


@pytest.mark.parametrize("text", [*FILE["nothing"], "", " ", "💔", "\ud800"])
def test_ordinary_words_are_read_as_nothing(text: str) -> None:
    assert screen(text) is None


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("he's better off without me", Match(Tier.SOFT, Kind.SELF)),
        ("I can't live without her", Match(Tier.SOFT, Kind.SELF)),
        ("this is killing me", None),
        ("dead", None),
        ("it hit me that she is gone", None),
    ],
)
def test_the_language_of_a_break_up_is_not_strong(text: str, match: Match | None) -> None:
    assert screen(text) == match


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group["phrases"][0])
def test_every_group_shows_what_it_means(group: dict[str, Any]) -> None:
    assert group["means"]


# -- how it is written


@pytest.mark.parametrize(
    "text",
    [
        "I DON'T WANT TO BE ALIVE",
        "I don’t want to be alive",
        "I donʼt want to be alive",
        "i dont wanna be alive",
        "I   don't\twant to\n\n\nbe alive",
        "i don't 😭 want 😭 to be alive",
        "i dont want to be aliveeeee",
        "I don't want to be\u200b alive.",
        "**I don't want** to _be alive_",
        "I ｄｏｎ＇ｔ ｗａｎｔ to be alive",
    ],
)
def test_the_way_it_is_typed_makes_no_difference(text: str) -> None:
    assert screen(text) == Match(Tier.STRONG, Kind.SELF)


@pytest.mark.parametrize("text", ["skmsb", "the myselfkill", "parasuicidology", "theystalking meadow"])
def test_a_word_is_a_whole_word(text: str) -> None:
    assert screen(text) is None


@pytest.mark.parametrize(
    "text",
    [
        f"> {STRONG_SELF}",
        f"They wrote:\n  > {STRONG_SELF}\nand I cried",
        f'he said "{STRONG_SELF}" again',
        f"the line “{STRONG_SELF}”",
        f"«{STRONG_SELF}»",
        f"`{STRONG_SELF}`",
        f"```\n{STRONG_SELF}\n```",
    ],
)
def test_what_is_quoted_or_code_is_soft_at_most(text: str) -> None:
    assert screen(text) == Match(Tier.SOFT, Kind.SELF)


@pytest.mark.parametrize(
    "text",
    [
        f"> are you ok?\n{STRONG_SELF}",
        f'"are you ok?" {STRONG_SELF} "yes"',
        f'I am 6" tall. {STRONG_SELF}. She said "ok".',
        f'a 6" one. {STRONG_SELF}. Another of 7" is here',
        "I don`t care, I want to kill myself, I can`t sleep",
    ],
)
def test_what_stands_beside_a_quotation_is_ones_own(text: str) -> None:
    assert screen(text) == Match(Tier.STRONG, Kind.SELF)


def test_words_of_another_sentence_are_not_passed_over() -> None:
    assert screen("he sat there outside my house") == Match(Tier.STRONG, Kind.ABUSE)
    assert screen("He cried and left. Outside my house it rained") is None


# -- several things in one text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I cut myself shaving. I want to die.", Kind.SELF),
        ("We watched Suicide Squad and all I thought was that I am suicidal", Kind.SELF),
        ("I want to die of embarrassment, and he hit me", Kind.ABUSE),
        ("she hit me up after he choked me", Kind.ABUSE),
        ("I'm not suicidal. I want to kill myself", Kind.SELF),
        ("I'm not. Suicidal, yes", Kind.SELF),  # an idiom is said in one breath
    ],
)
def test_an_idiom_takes_nothing_from_another_phrase(text: str, kind: Kind) -> None:
    assert screen(text) == Match(Tier.STRONG, kind)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("I can't live without her, he hit me", Match(Tier.STRONG, Kind.ABUSE)),
        ("he hit me and I want to die", Match(Tier.STRONG, Kind.SELF)),
        ("he hit me, my friend is suicidal", Match(Tier.STRONG, Kind.ABUSE)),
        ("he hit me and I want to kill him", Match(Tier.STRONG, Kind.ABUSE)),
        ("my friend wants to die and so do I, I want to die", Match(Tier.STRONG, Kind.SELF)),
        ("my friend is suicidal, I keep stalking her Instagram", Match(Tier.STRONG, Kind.OTHER)),
    ],
)
def test_the_gravest_is_answered_and_the_writers_own_life_first(text: str, match: Match) -> None:
    assert screen(text) == match


@pytest.mark.parametrize("text", [text for text, _, kind in MEANS if kind in ("own", "other")])
def test_nobody_who_may_do_harm_or_helps_a_friend_is_given_a_victims_words(text: str) -> None:
    assert "not to blame" not in beside(SAY, text, Reply("Kept.")).text


# -- no text slows it, breaks it, or stays


def test_four_thousand_characters_are_read_at_once() -> None:
    letter = "I keep looking at the ceiling and think of the summer by the lake, when you laughed at my shoes. " * 41
    assert _seconds(letter[:4000]) < 0.004  # 0.6 ms on a quiet machine


WORDS = sorted({*FILE["lists"]["them"], *FILE["lists"]["hit"], "i", "kill", "myself", "want to", "of", "in my", "kms"})
MARKS = ["`", "```", '"', "“", "”", "«", "„", "> ", "\n>", "'", "...", "(", "|", "<them>", "a" * 50, " " * 50]


@pytest.mark.parametrize("piece", [*MARKS, *WORDS, "he is ", "he has just ", "so bored ", "```a `b", '"a', " >\n"])
def test_no_text_made_to_be_slow_is(piece: str) -> None:
    joined = f"{piece} " if piece in WORDS else piece
    assert _seconds((joined * 4000)[:4000]) < 0.05


@given(st.text() | st.lists(st.sampled_from([*MARKS, *WORDS]) | st.text(max_size=3)).map(" ".join))
@example("\ud800\udfff")
@example("```" * 1000)
def test_any_text_is_read(text: str) -> None:
    match = screen(text)
    assert match is None or isinstance(match, Match)
    assert screen(f"{text}\n\n{STRONG_SELF}") is not None


def test_nothing_is_logged_and_a_match_holds_no_word(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        beside(SAY, STRONG_SELF, Reply("Kept."))
    assert caplog.records == []
    assert repr(screen(STRONG_SELF)) == "Match(tier=<Tier.STRONG: 'strong'>, kind=<Kind.SELF: 'self'>)"


def _seconds(text: str) -> float:
    """How long the quickest of a few readings took, of this thread's own time."""
    took = sys.float_info.max
    for _ in range(7):
        begun = time.thread_time()
        screen(text)
        took = min(took, time.thread_time() - begun)
    return took


# -- beside the answer


def test_where_nothing_matches_the_reply_is_the_very_same() -> None:
    reply = Reply("Kept.", ((OTHER,),))
    assert beside(SAY, "I miss them", reply) is reply


def test_strong_comes_first_and_soft_last() -> None:
    reply = Reply("Kept.", ((OTHER,), (MENU,)), (File("a.png", b"a"),), edit=True)
    strong, soft = beside(SAY, STRONG_SELF, reply), beside(SAY, SOFT_SELF, reply)
    assert strong.text.endswith("\n\nKept.")
    assert strong.text.startswith("I'm glad you wrote that here")
    assert strong.rows == ((HELP,), *reply.rows)
    assert soft.text.startswith("Kept.\n\nThat sounds heavy.")
    assert soft.rows == (*reply.rows, (HELP,))
    for each in (strong, soft):
        assert (each.files, each.edit) == (reply.files, True)


@pytest.mark.parametrize(("text", "tier", "kind"), {(t, k): (x, t, k) for x, t, k in MEANS}.values())
def test_each_kind_has_its_words_and_repeats_none_of_theirs(text: str, tier: str, kind: str) -> None:
    added = beside(SAY, text, Reply("Kept.")).text
    assert SAY(f"screening.{tier}-{kind}") in added
    assert text.lower() not in added.lower()


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("kind", Kind)
def test_words_are_there_for_whatever_is_found(tier: Tier, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "screen", lambda text: Match(tier, kind))  # pyright: ignore
    added = beside(SAY, "", Reply("Kept.")).text.lower()
    assert "help lines" in added
    assert len(added) < 500
    for word in ("suicid", "kill", "abuse", "violen", "hit ", "commit", "promise", "police", "leave them", "partner"):
        assert word not in added


def test_the_help_lines_stand_once() -> None:
    reply = Reply("Kept.", ((OTHER, HELP), (MENU,)))
    assert beside(SAY, STRONG_SELF, reply).rows == reply.rows
    assert beside(SAY, STRONG_SELF, reply).text.endswith("\n\nKept.")


def test_a_full_reply_takes_the_button_where_a_row_has_room() -> None:
    reply = Reply("Kept.", ((MENU,), (OTHER,) * 5, (MENU,), (OTHER, Link("a", "https://a.example")), (MENU,)))
    made = beside(SAY, STRONG_SELF, reply)
    assert made.rows[3] == (*reply.rows[3], HELP)
    assert made.rows[:3] + made.rows[4:] == reply.rows[:3] + reply.rows[4:]


def test_a_reply_without_room_for_the_button_stays_as_it_is() -> None:
    reply = Reply("Kept.", ((OTHER,) * 5,) + ((MENU,),) * 4)
    assert beside(SAY, STRONG_SELF, reply) is reply


@pytest.mark.parametrize("text", ["a" * TEXT, "💔" * (TEXT // 2), "a" * (TEXT - 100)])
def test_a_long_reply_is_never_cut_and_has_the_button_all_the_same(text: str) -> None:
    made = beside(SAY, STRONG_SELF, Reply(text))
    assert (made.text, made.rows) == (text, ((HELP,),))


ROW = st.just((MENU,)) | st.lists(st.sampled_from([OTHER, HELP]), max_size=5).map(tuple)


@given(
    st.sampled_from([text for text, _, _ in MEANS] + MISREAD) | st.text(),
    st.text(st.sampled_from("a 💔\n"), min_size=1, max_size=TEXT // 2) | st.integers(TEXT - 600, TEXT).map("a".__mul__),
    st.lists(ROW, max_size=ROWS).map(tuple),
)
def test_what_the_reply_says_is_all_still_there(text: str, said: str, rows: tuple[Any, ...]) -> None:
    made = beside(SAY, text, Reply(said, rows))
    assert said in made.text
    assert length(made.text) <= TEXT
    kept = [[item for item in row if item != HELP] for row in made.rows]
    assert [row for row in kept if row] == [row for row in ([i for i in row if i != HELP] for row in rows) if row]


# -- the file


PHRASE = '[[phrases]]\ntier = "strong"\nkind = "self"\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("this is not TOML", "Expected"),
        ("more = 1", "the file has no field more"),
        ("phrases = [1]", "phrases is a table"),
        ("phrases = 1", "phrases is a list"),
        ('lists = ["he"]', "lists is a table"),
        ("same = 1", "same is a table"),
        ('[lists]\nthem = "he"', "them is a list of texts"),
        ("[lists]\nthem = [1]", "them is a list of texts"),
        ('[same]\nkill = [""]', "same is a list of texts"),
        ('[same]\n"?" = ["a"]', "same is a list of texts"),
        ('[[phrases]]\ntier = "loud"\nkind = "self"', "'loud' is not a valid Tier"),
        ('[[phrases]]\ntier = "soft"', "'' is not a valid Kind"),
        (f"{PHRASE}pattern = []", "phrases has no field pattern"),
        (f'{PHRASE}phrases = "kms"', "phrases is a list of texts"),
        (f'{PHRASE}phrases = [""]', "phrases is a list of texts"),
        (f'{PHRASE}phrases = ["(kill|hurt myself"]', "“(kill|hurt myself” is no phrase"),
        (f'{PHRASE}phrases = ["kill|hurt"]', "is no phrase"),
        (f'{PHRASE}phrases = ["hurt by <them>"]', "there is no list <them>"),
        (f'{PHRASE}phrases = ["hurt ..."]', "begins or ends with any word"),
        (f'{PHRASE}phrases = ["(kms|)"]', "begins or ends with any word"),
        (f'{PHRASE}phrases = ["{"(a|b|c|d|e) " * 4}"]', "625 ways"),
    ],
)
def test_a_file_that_is_not_right_stops_the_start(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "screening.toml").write_text(content)
    with pytest.raises(DeclarationError) as caught:
        screening.read(tmp_path)
    assert str(tmp_path / "en" / "screening.toml") in str(caught.value)
    assert said in str(caught.value)


def test_without_english_there_is_no_start(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="is missing"):
        screening.read(tmp_path)


def test_of_two_ways_of_writing_the_longer_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "en").mkdir()
    same = '[same]\nlonger = ["a"]\nmyself = ["a b"]\n'
    (tmp_path / "en" / "screening.toml").write_text(f'{same}{PHRASE}phrases = ["hurt myself"]')
    monkeypatch.setattr(screening, "LANGUAGES", screening.read(tmp_path))
    assert screen("hurt a b") == Match(Tier.STRONG, Kind.SELF)
    assert screen("hurt a") is None


def test_every_language_there_is_reads_every_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for locale, phrase in (("en", "kms"), ("de", "will nicht mehr leben")):
        (tmp_path / locale).mkdir()
        (tmp_path / locale / "screening.toml").write_text(f'{PHRASE}phrases = ["{phrase}"]')
    monkeypatch.setattr(screening, "LANGUAGES", screening.read(tmp_path))
    assert screen("Ich will nicht mehr leben.") == screen("kms") == Match(Tier.STRONG, Kind.SELF)
