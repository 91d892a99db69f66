"""What no answer says: how to reach a coach, and that one might meet. Help lines are excepted. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers

from cogs import crisis
from cogs.questions import marks
from cogs.questions.phrases import LANGUAGES, START, Kind, Language, Why, said

BESIDE = 4  # digits that may stand beside the number of a help line: "116 123 24/7", and no number of somebody's
GROUPS = 12  # of digits, in the number of a help line and what stands beside it
HOST = re.compile(r"(?:https?://)?(?:www\.)?([^/?#\s]+)", re.IGNORECASE)
GROUP = re.compile(r"\+?\d+")
BY_SHAPE = {
    Kind.PHONE: Why.PHONE,
    Kind.NUMBER: Why.PHONE,
    Kind.EMAIL: Why.EMAIL,
    Kind.LINK: Why.LINK,
    Kind.HANDLE: Why.HANDLE,
}


@dataclass(frozen=True)
class Allowed:
    """What an answer may name all the same: the numbers of help lines as digits, and where they are on the net."""

    numbers: frozenset[str]
    hosts: frozenset[str]


def allowed(lines: Mapping[str, Any]) -> Allowed:
    """Return what the help lines of content/crisis.toml come to; a number also as one dials it from abroad."""
    numbers: set[str] = set()
    hosts: set[str] = set()
    for code, listed in (*lines.get("countries", {}).items(), ("", lines.get("international", {}))):
        for entry in (entry for kind in crisis.KINDS for entry in listed.get(kind, ())):
            for number in filter(None, [*entry.get("phone", ()), entry.get("text")]):
                numbers |= set(_dialled(marks.digits(number), code))
            if found := HOST.match(entry.get("web", "")):
                hosts.add(found[1].casefold())
    return Allowed(frozenset(numbers), frozenset(hosts))


def _dialled(only: str, country: str) -> Iterator[str]:
    yield only
    if abroad := phonenumbers.country_code_for_region(country):
        bare = only.removeprefix("0")
        yield from (f"{abroad}{bare}", f"00{abroad}{bare}", f"{abroad}{only}")


def refuse(answer: str, but: Allowed, regions: Sequence[str]) -> Why | None:
    """Return why an answer is not sent, or None. Raises nothing.

    `but` are the help lines. `regions` are the countries (ISO 3166) that phone numbers may be from.
    """
    for mark in sorted(marks.contacts(answer, regions), key=lambda each: each.start):
        if not _helps(mark.kind, answer[mark.start : mark.end], but):
            return BY_SHAPE[mark.kind]
    words = said(answer)
    found = [why for language in LANGUAGES for why in _refused(language, words)]
    return found[0] if found else None


def _helps(kind: Kind, what: str, but: Allowed) -> bool:
    """Tell whether a contact is that of a help line."""
    if kind in (Kind.LINK, Kind.EMAIL):
        found = HOST.match(what.rpartition("@")[2].rstrip(".,;:!?)"))
        host = found[1].casefold() if found else ""
        return any(host == each or host.endswith(f".{each}") for each in but.hosts)
    return kind in (Kind.PHONE, Kind.NUMBER) and _is_line(GROUP.findall(what), but)


def _is_line(groups: Sequence[str], but: Allowed) -> bool:
    only = [marks.digits(group) for group in groups]
    if len(only) > GROUPS:
        return False
    for start in range(len(only)):
        for end in range(len(only), start, -1):
            beside = sum(map(len, only[:start] + only[end:]))
            if beside <= BESIDE and "".join(only[start:end]) in but.numbers:
                return beside == 0 or len("".join(only[start:end])) > beside
    return False


def _refused(language: Language, words: Sequence[str]) -> Iterator[Why]:
    """Yield what the words of an answer say that none does, where no harmless phrase touches it."""
    harmless: set[int] = set()
    for at in range(len(words)):
        _, end = language.longest(language.idioms, words, at)
        harmless.update(range(at, end))
    for at in range(len(words)):
        says, end = language.longest(language.refused, words, at)
        if says and harmless.isdisjoint(each for each in range(at, end) if words[each] != START):
            yield says[0]
