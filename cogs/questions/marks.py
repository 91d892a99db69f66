"""What in a question may give away who wrote it. Pure: nothing is kept, and what is found is shown to its writer alone.

It finds what is written in the usual ways and is never all there is: whoever shows it says so.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import decimal

import phonenumbers

from bot.model import length
from cogs.questions.phrases import LANGUAGES, WORD, Kind, Language, Lead, Takes, normal

QUOTES = 5  # a longer list is not read
QUOTE = 40  # characters of one
MANY = 8  # numbers of a text that are looked up: each costs about a millisecond. The others count as phone numbers
PHONE_DIGITS = 7, 15  # E.164 has up to 15; a local number of fewer than 7 says too little
OLDEST, YOUNGEST = 99, 13

EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}+@(?:[\w-]{1,63}+\.){1,5}[^\W\d_]{2,24}")
HANDLE = re.compile(r"(?<![\w.@/])@\w(?:[\w.-]{0,62}\w)|(?<![\w/])(?:u/|/u/)[\w-]{3,32}|(?<!\w)\w{2,32}#\d{4}(?!\d)")
# Without a scheme: endings that are no words stand alone, the others need a path behind them.
LINK = re.compile(
    r"https?://[^\s<>]+|(?<![\w.])www\.[^\s<>]+"
    r"|(?<![\w.@-])(?:[\w-]{1,63}\.){1,5}(?:(?:com|net|org|info|gg|io|app|dev|xyz|online|site|club|tv|ly|ai|gl"
    r"|uk|de|fr|eu|ca|pt|nl|pl|dk|fi|ch|jp|br|au|nz|ie|ru|cz)(?:\.[a-z]{2})?(?![\w-])(?:[/?#][^\s<>]*)?|[a-z]{2,10}/[^\s<>]+)",
    re.IGNORECASE,
)
SEPARATOR = r"[^\S\n]|[.()/‐‑‒–—−\-]"
RUN = re.compile(rf"(?<![\d£$€¥₹])\+?\(?\d(?:(?:{SEPARATOR}){{0,3}}\d)*+")
DAY = re.compile(r"(?<![\d./-])(?:\d{4}([./-])\d{1,2}\1\d{1,2}|\d{1,2}([./-])\d{1,2}\2(?:\d{4}|\d{2}))(?![\d/-])")
SUM = re.compile(r"[1-9]\d{0,2}(?:[ .]\d{3})*[ .]000|[1-9]\d?0{5,}")
YEAR = re.compile(r"(?:19|20)\d\d")
POSTCODE = re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)|(?<!\w)[A-Z]{2} \d{5}(?!\w)")
PLATE = re.compile(r"(?<!\w)(?:[A-Z]{2}\d{2} ?[A-Z]{3}|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4})(?!\w)")
DOCUMENT = re.compile(r"(?<!\w)(?=[A-Z]*\d[A-Z]*\d[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{6,34}(?!\w)")
BREAK = re.compile(r"[^\s:\"“”„«»*_~`(\-–—=]|\n")  # between a lead and what it gives away
BETWEEN = re.compile(r"[^\S\n]?-?[^\S\n]?")  # two words of one name
AS_HANDLE = re.compile(r"@?\w(?:[\w.-]{0,62}\w)?")
STOPS = ".,;:!?)]}'\"’”…*_"
ENDING = re.compile(r"com|net|org|co|uk|de|fr|io|me|gg|edu|info")
AGED = re.compile(r"(\d\d)([^\W\d_]{0,3})")
SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in a text something stands that may give its writer away, from `start` to before `end`."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: as it stands there, as it is compared, from where to where."""

    text: str
    normal: str
    start: int
    end: int


def regions() -> tuple[str, ...]:
    """Return the countries whose ways of writing a phone number are tried where no other are known."""
    return tuple(dict.fromkeys(region for language in LANGUAGES for region in language.regions))


def marks(text: str, regions: Sequence[str]) -> list[Mark]:
    """Return what in `text` may give its writer away, in order, none over another. Raises nothing.

    `regions` are the countries (ISO 3166) that phone numbers may be from.
    """
    found = [*contacts(text, regions), *_shapes(text)]
    words = _words(text)
    for language in LANGUAGES:
        found += _told(language, text, words)
        if any(mark.kind in (Kind.PLACE, Kind.WORK, Kind.ADDRESS) for mark in found):
            found += _ages(language, text, words)
    return _joined(found)


def quoted(found: Iterable[Mark], text: str, room: int) -> tuple[str, ...]:
    """Return what was found as short quotes for its writer, at most QUOTES, the same one once.

    What weighs most comes before what stands first, where there is not room for all; they stand as in the text. `room`
    is what they may take together, as `length` counts, with four more each for what stands around them.
    """
    quotes: list[Mark] = []
    seen: set[str] = set()
    for mark in sorted(found, key=lambda each: (list(Kind).index(each.kind), each.start)):
        words = _quote(mark, text)
        if len(quotes) < QUOTES and words and words.casefold() not in seen and length(words) + 4 <= room:
            seen.add(words.casefold())
            quotes.append(mark)
            room -= length(words) + 4
    return tuple(_quote(mark, text) for mark in sorted(quotes, key=lambda each: each.start))


def _quote(mark: Mark, text: str) -> str:
    words = SPACE.sub(" ", text[mark.start : mark.end]).strip()
    return words if len(words) <= QUOTE else f"{words[: QUOTE - 1].rstrip()}…"


def _joined(found: Iterable[Mark]) -> list[Mark]:
    """Return the marks in order, those that overlap as one, of the kind that weighs most."""
    joined: list[Mark] = []
    for mark in sorted(found, key=lambda each: (each.start, each.end)):
        if joined and mark.start < joined[-1].end:
            last = joined.pop()
            kind = min(last.kind, mark.kind, key=list(Kind).index)
            mark = Mark(last.start, max(last.end, mark.end), kind)
        joined.append(mark)
    return joined


# -- what has a form of its own


def contacts(text: str, regions: Sequence[str]) -> Iterator[Mark]:
    """Yield where phone numbers and other long ones, e-mail addresses, links and names on other platforms stand."""
    for kind, pattern in ((Kind.EMAIL, EMAIL), (Kind.LINK, LINK)):
        for match in pattern.finditer(text):
            yield Mark(match.start(), match.start() + len(match[0].rstrip(STOPS)), kind)
    for match in HANDLE.finditer(text):
        if not any(match[0].lstrip("@").casefold() in language.words["never"] for language in LANGUAGES):
            yield Mark(*match.span(), Kind.HANDLE)
    bare = LINK.sub(_blank, DAY.sub(_blank, text))
    runs = [match for match in RUN.finditer(bare) if _is_number(match[0])]
    for nth, match in enumerate(runs):
        phone = nth >= MANY or is_phone(match[0], regions)
        yield Mark(*match.span(), Kind.PHONE if phone else Kind.NUMBER)
    words = _words(text)
    for language in LANGUAGES:
        yield from _spelled_out(language, words)


def _spelled_out(language: Language, words: Sequence[Word]) -> Iterator[Mark]:
    """Yield where digits are in words, and where "at" and "dot" are: both are meant to be read past a program."""
    digits, at_, dot = (language.words[name] for name in ("digits", "at", "dot"))
    begun = 0
    for at, word in enumerate(words):
        if word.normal not in digits:
            begun = at + 1
        elif at + 1 - begun >= PHONE_DIGITS[0]:
            yield Mark(words[begun].start, word.end, Kind.PHONE)
        if word.normal in dot and 0 < at < len(words) - 1 and ENDING.fullmatch(words[at + 1].normal):
            mail = at > 2 and words[at - 2].normal in at_
            yield Mark(words[at - 3 if mail else at - 1].start, words[at + 1].end, Kind.EMAIL if mail else Kind.LINK)


def digits(run: str) -> str:
    """Return the digits of a number, however they are spaced and whatever their script."""
    return "".join(str(decimal(each)) for each in run if each.isdecimal())


def is_phone(run: str, regions: Sequence[str]) -> bool:
    """Tell whether a number is a phone number: written with its country, or a valid one in any of `regions`."""
    only = digits(run)
    fewest, most = PHONE_DIGITS
    if not fewest <= len(only) <= most + 2:  # 00 before the country
        return False
    return run.lstrip("(").startswith("+") or any(_valid(only, region) for region in regions)


def _valid(only: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(only, region))
    except phonenumbers.NumberParseException:
        return False


def _is_number(run: str) -> bool:
    """Tell whether digits belong together as a number of somebody's, and are no years, no steps, no round sum."""
    groups = [len(each) for each in re.findall(r"\d+", run)]
    if sum(groups) < PHONE_DIGITS[0]:
        return False
    if run.startswith("+"):
        return True
    if all(YEAR.fullmatch(each) for each in re.findall(r"\d+", run)) or SUM.fullmatch(run):
        return False
    return max(groups) > 2 or (len(groups) > 3 and set(groups) == {2}) or (set(groups) == {1} and len(groups) > 8)


def _blank(match: re.Match[str]) -> str:
    return "\n" * len(match[0])


def _shapes(text: str) -> Iterator[Mark]:
    for kind, pattern in ((Kind.ADDRESS, POSTCODE), (Kind.NUMBER, PLATE), (Kind.NUMBER, DOCUMENT)):
        yield from (Mark(*match.span(), kind) for match in pattern.finditer(text))


# -- what words give away


def _words(text: str) -> list[Word]:
    return [Word(match[0], normal(match[0]), *match.span()) for match in WORD.finditer(text)]


def _told(language: Language, text: str, words: Sequence[Word]) -> Iterator[Mark]:
    """Yield what stands after a lead, before a tail, and under the whole."""
    breaks = {at for at, (one, two) in enumerate(pairwise(words), 1) if BREAK.search(text, one.end, two.start)}
    normals = [word.normal for word in words]
    for at, word in enumerate(normals):
        leads, end = language.longest(language.leads, normals, at)
        if leads and end < len(words) and breaks.isdisjoint(range(at + 1, end)):
            comma = text[words[end - 1].end : words[end].start].strip() == ","
            shouted = any(len(each.text) > 1 and each.text.isupper() for each in words[at:end])
            for lead in leads:
                if end not in breaks or (lead.comma and comma):
                    yield from _after(language, lead, text, words, end, shouted)
        if tail := language.tails.get(word):
            start = _before(language, text, words, at, tail.numbered)
            if start < at:
                yield Mark(words[start].start, words[at].end, tail.kind)
    yield from _signed(language, text, words)


def _after(language: Language, lead: Lead, text: str, words: Sequence[Word], at: int, shouted: bool) -> Iterator[Mark]:
    """Yield what a lead gives away that ends before the word `at`, or nothing."""
    match lead.takes:
        case Takes.NAME:
            end = _name(language, lead, text, words, at, shouted)
        case Takes.NUMBER:
            end = (at, at + 1) if words[at].text[0].isdecimal() else None
        case Takes.DATE:
            end = _date(language, text, words, at)
        case Takes.HANDLE:
            if words[at].normal not in language.words["never"] | lead.never:
                match_ = AS_HANDLE.match(text, words[at].start)
                yield Mark(words[at].start, match_.end() if match_ else words[at].end, lead.kind)
            return
    if end:
        yield Mark(words[end[0]].start, words[end[1] - 1].end, lead.kind)


def _name(
    language: Language, lead: Lead, text: str, words: Sequence[Word], at: int, shouted: bool
) -> tuple[int, int] | None:
    """Return from where to where the name reaches that begins at a word, or behind small words before it."""
    never = language.words["never"] | lead.never
    small = never | language.words["never_small"]
    first = at
    while words[first].normal in language.words["skips"] and (_is_small(words[first]) or words[first].normal in never):
        first += 1
        if first == len(words) or BREAK.search(text, words[first - 1].end, words[first].start):
            return None
    capital = not (shouted or _is_small(words[first]))
    if not _is_name(words[first], never if capital else small) or not (capital or (lead.small and first == at)):
        return None
    end = first + 1
    while end < len(words) and end - first < lead.most and _goes_on(language, text, words, end, capital, never):
        end += 1
    while end - 1 > first and words[end - 1].normal in language.words["links"]:
        end -= 1
    return first, end


def _is_small(word: Word) -> bool:
    return not word.text[0].isupper()


def _is_name(word: Word, never: frozenset[str]) -> bool:
    return word.normal not in never and len(word.text) > 1 and word.text[0].isalpha()


def _goes_on(
    language: Language, text: str, words: Sequence[Word], at: int, capital: bool, never: frozenset[str]
) -> bool:
    """Tell whether the word `at` belongs to the name that the words before it began."""
    before, word = words[at - 1], words[at]
    between = text[before.end : word.start]
    if before.normal in language.words["titles"] and between.startswith("."):
        between = between[1:]
    if not BETWEEN.fullmatch(between):
        return False
    if before.normal in language.words["joins"]:
        return _is_name(word, never)
    if word.normal in language.words["links"]:
        return capital
    return capital and word.text[0].isupper() and _is_name(word, never)


def _date(language: Language, text: str, words: Sequence[Word], at: int) -> tuple[int, int] | None:
    """Return from where to where a date reaches that begins at a word or soon after it."""
    small, months = language.words["skips"], language.words["months"]
    first = at
    while first < len(words) and words[first].normal in small:
        first += 1
    end = first
    while (
        end < len(words) and end - first < 6 and not (end > at and "\n" in text[words[end - 1].end : words[end].start])
    ):
        if not (words[end].text[0].isdecimal() or words[end].normal in months | small):
            break
        end += 1
    while end > first and words[end - 1].normal in small:
        end -= 1
    return (first, end) if any(word.text[0].isdecimal() for word in words[first:end]) else None


def _before(language: Language, text: str, words: Sequence[Word], at: int, numbered: bool) -> int:
    """Return where a name begins that the word `at` ends; `at` itself where it ends none.

    "Leeds University" is one, "my university" none. With a number before it, small letters do too: "12 baker street".
    """
    never = language.words["never"]
    start = at
    while start and at - start < 3 and BETWEEN.fullmatch(text[words[start - 1].end : words[start].start]):
        word = words[start - 1]
        if word.text[0].isdecimal():
            return start - 1 if start < at else at
        if word.normal in never or not word.text[0].isalpha():
            break
        start -= 1
    while start < at and not words[start].text[0].isupper():
        start += 1
    shouted = words[at].text.isupper() or words[start].start == 0
    return at if numbered or shouted else start


def _signed(language: Language, text: str, words: Sequence[Word]) -> Iterator[Mark]:
    """Yield the name that stands under a text: alone in its last line, or after "thanks" or "love"."""
    body = text.rstrip()
    line = body.rfind("\n") + 1
    last = [word for word in words if word.start >= line]
    never, closings = language.words["never"], language.words["closings"]
    while last and last[-1].normal in {"x", "xx", "xxx", "xo", "xoxo"}:
        last.pop()
    signed = 0
    while signed < len(last) and _signs(last[-signed - 1], never | closings):
        signed += 1
    alone = signed == len(last) and line and body[-1] not in "?!"
    closed = signed < len(last) and last[-signed - 1].normal in closings if signed else False
    if 0 < signed <= 3 and len(last[-signed].text) > 1 and (alone or closed):
        yield Mark(last[-signed].start, last[-1].end, Kind.NAME)


def _signs(word: Word, never: frozenset[str]) -> bool:
    return word.text[0].isupper() and ((len(word.text) == 1 and word.normal != "i") or _is_name(word, never))


def _ages(language: Language, text: str, words: Sequence[Word]) -> Iterator[Mark]:
    """Yield how old somebody says they are: with a place or a workplace it says much, alone little."""
    before, after, then = (language.ages[name] for name in ("before", "after", "then"))
    for at, word in enumerate(words):
        years = AGED.fullmatch(word.normal)
        if not years or not YOUNGEST <= int(years[1]) <= OLDEST:
            continue
        following = words[at + 1].normal if at + 1 < len(words) else ""
        ends = at + 1 == len(words) or bool(BREAK.search(text, word.end, words[at + 1].start))
        if years[2]:
            if years[2] in after:
                yield Mark(word.start, word.end, Kind.AGE)
        elif following in after and not ends:
            yield Mark(word.start, words[at + 1].end, Kind.AGE)
        elif at and words[at - 1].normal in before and (ends or following in then):
            yield Mark(word.start, word.end, Kind.AGE)
