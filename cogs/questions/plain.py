"""Texts as the desk sees them: plain, the same whatever they were typed on; and a wait in coarse words. Pure."""

import re
import unicodedata

LINES = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
SPACES = re.compile(r"[^\S\n]+")
AROUND = re.compile(r" *\n *")
BLANK = re.compile(r"\n{4,}")  # more than two blank lines
# What keyboards and programs put in place of what was typed, by themselves; which one did would tell the platform.
TYPED = str.maketrans({
    **dict.fromkeys("‘’‚‛ʼ´′＇", "'"),
    **dict.fromkeys("“”„‟″＂", '"'),
    "…": "...",
    "—": "--",
    **dict.fromkeys("‐‑‒–−", "-"),
})  # fmt: skip
# Nothing is seen of these, and each can carry something: the general categories are not all of them.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
FILLERS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff]"
)
JOINER = "\u200d"  # one emoji of several: kept between two, and nowhere else
EMOJI = "\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
LOOSE = re.compile(f"(?<![{EMOJI}{JOINER}]){JOINER}+|{JOINER}+(?![{EMOJI}{JOINER}])|{JOINER}(?={JOINER})")

SOON, DAY = 2, 24  # hours


def plain(text: str) -> str:
    """Return `text` as plain text, with nothing in it that is not seen. Done twice it is the same. Raises nothing.

    What two platforms, or two keyboards, make of the same words comes out as the same: one sort of quotation marks,
    dashes and spaces, no marks of direction, no choice between two looks of an emoji. Lines keep their ends, no more
    than two of them stay empty, and nothing stands around the whole.
    """
    text = LINES.sub("\n", unicodedata.normalize("NFC", text)).translate(TYPED)
    text = "".join(filter(_seen, FILLERS.sub("", text.replace("\t", " "))))
    text = unicodedata.normalize("NFC", LOOSE.sub("", text))
    return BLANK.sub("\n\n\n", AROUND.sub("\n", SPACES.sub(" ", text))).strip()


def _seen(each: str) -> bool:
    return each in ("\n", JOINER) or unicodedata.category(each) not in UNSEEN


def waiting(hours: float) -> tuple[str, int]:
    """Return the key of the words for how long a question waits, and a number of days that they may need.

    `hours` are from the hour in which it was asked, which is all that is kept of it, so a question is up to an hour
    younger: below two it may have come just now. A day is 24 hours, never a date, which would tell on which side of
    midnight it was.
    """
    if hours < SOON:
        return "waiting-just-now", 0
    if hours < DAY:
        return "waiting-some-hours", 0
    if hours < 2 * DAY:
        return "waiting-since-yesterday", 1
    return "waiting-days", int(hours // DAY)
