"""Plain text: the same bytes for the same words, nothing unseen in it; and waiting in words that tell no hour."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cogs.questions.plain import plain, waiting

UNSEEN = [
    "\u200b", "\u200c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u2060", "\ufeff", "\u00ad",
    "\u034f", "\u3164", "\u115f", "\u2800", "\ufe0f", "\ufe0e", "\U000e0041", "\U000e007f", "\U000e0100", "\x00",
    "\x1b", "\x7f", "\ud800", "\ue000", "\ufffe", "\u180e", "\u200d",
]  # fmt: skip
PIECES = [
    *UNSEEN,
    "a",
    "e\u0301",
    " ",
    "\t",
    "\u00a0",
    "\u3000",
    "\n",
    "\r\n",
    "\u2028",
    "❤",
    "👩",
    "🔥",
    "’",
    "…",
    "—",
    "\u0301",
]


@pytest.mark.parametrize("mark", UNSEEN)
def test_what_is_not_seen_is_gone(mark: str) -> None:
    assert plain(f"so{mark} sad{mark}{mark}ly{mark}") == "so sadly"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("caf\u0065\u0301", "café"),
        ("I\u2019m \u201cok\u201d\u2026 \u2014 yes \u2013 no", 'I\'m "ok"... -- yes - no'),
        ("a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
        ("a\u00a0b\u2003c\td  e", "a b c d e"),
        ("a  \n  b\n\n\n\n\n\n\nc   \n", "a\n  b\n\n\nc".replace("  ", "")),
        ("\n\n a \n\n\nb", "a\n\n\nb"),
        ("❤\ufe0f", "❤"),
        (
            "👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈 👍🏽 🇬🇧",
            "👩\u200d👩\u200d👧 ❤\u200d🔥 🏳\u200d🌈 👍🏽 🇬🇧",
        ),
        ("👩\u200d\u200d👧\u200d 👧", "👩\u200d👧 👧"),
        ("a\u200d👧", "a👧"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴"),
        ("\U0001fae8", "\U0001fae8"),
        ("ok\u0000\u0007", "ok"),
        ("", ""),
        ("<b>*a*</b> `b` _c_", "<b>*a*</b> `b` _c_"),
        ("ﬁ ① Ｗ", "ﬁ ① Ｗ"),
    ],
)
def test_a_text_is_made_plain(text: str, made: str) -> None:
    assert plain(text) == made


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
@example("👩\u200d\u200d\u200d")
@example("\u0340\u1fef\u037e")
def test_done_twice_it_is_the_same_and_nothing_unseen_is_left(text: str) -> None:
    made = plain(text)
    assert plain(made) == made == unicodedata.normalize("NFC", made)
    made.encode()
    assert not any(mark in made for mark in UNSEEN if mark != "\u200d")
    assert not any(line != line.strip(" ") for line in made.split("\n"))
    assert "\n\n\n\n" not in made


@given(st.lists(st.sampled_from(["so", "ist's", "❤", "é", "\n", "...", "--", '"ja"'])).map(" ".join), st.data())
def test_the_same_words_typed_on_two_platforms_are_the_same_bytes(text: str, data: st.DataObject) -> None:
    swaps = {
        "'": "’",
        "...": "…",
        "--": "—",
        "é": "e\u0301",
        "❤": "❤\ufe0f",
        "\n": "\r\n",
        " ": "\u00a0",
        "s": "s\u200b",
    }
    other = text
    for typed in data.draw(st.sets(st.sampled_from(sorted(swaps)))):
        other = other.replace(typed, swaps[typed])
    assert plain(other).encode() == plain(text).encode()


@given(st.text(st.characters(categories=["L", "N"]), max_size=50))
def test_no_letter_is_lost(text: str) -> None:
    made = plain(text)
    fillers = "\u115f\u1160\u3164\uffa0"
    assert made == unicodedata.normalize("NFC", "".join(each for each in text if each not in fillers))


# -- waiting


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (-1, ("waiting-just-now", 0)),
        (0, ("waiting-just-now", 0)),
        (1.99, ("waiting-just-now", 0)),
        (2, ("waiting-some-hours", 0)),
        (23.9, ("waiting-some-hours", 0)),
        (24, ("waiting-since-yesterday", 1)),
        (47, ("waiting-since-yesterday", 1)),
        (48, ("waiting-days", 2)),
        (14 * 24 + 5, ("waiting-days", 14)),
    ],
)
def test_a_wait_is_said_in_coarse_words(hours: float, said: tuple[str, int]) -> None:
    assert waiting(hours) == said


@given(st.integers(0, 1000))
def test_the_words_change_on_the_hour_alone(hours: int) -> None:
    assert waiting(hours) == waiting(hours + 0.999)
