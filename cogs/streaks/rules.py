"""What a ledger of contacts comes to. Pure: no clock, no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise


class Kind(StrEnum):
    """What happened."""

    START = "start"  # the last contact before the streak began
    WROTE = "wrote"
    ANSWERED = "answered"
    THEY_WROTE = "they_wrote"
    LOOKED = "looked"
    UNAVOIDABLE = "unavoidable"


ENDS = frozenset({Kind.START, Kind.WROTE, Kind.ANSWERED})  # nothing that the other one does ever ends a streak


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `day` is the member's local date when it happened, frozen when it was written."""

    kind: Kind
    day: date


@dataclass(frozen=True)
class Standing:
    """What the ledger comes to on one day. `days` counts from `since`, the day of the last contact, which is day 0."""

    days: int
    since: date
    best: int
    held: int
    of: int


def standing(entries: Iterable[Entry], today: date) -> Standing | None:
    """Return the numbers for `today`, or None where nothing has begun.

    A run is the days between two contacts, or since the last; `best` is the longest. `held` of `of` days since the
    beginning had no contact in them.
    """
    ends = sorted({entry.day for entry in entries if entry.kind in ENDS and entry.day <= today})
    if not ends:
        return None
    days, of = (today - ends[-1]).days, (today - ends[0]).days
    best = max([days, *((later - earlier).days - 1 for earlier, later in pairwise(ends))])
    return Standing(days, ends[-1], best, of - len(ends) + 1, of)


def held_between(entries: Iterable[Entry], after: date, until: date) -> int:
    """Return how many days after `after`, up to `until`, had no contact in them since the beginning."""
    ends = {entry.day for entry in entries if entry.kind in ENDS}
    if not ends:
        return 0
    first = max(after, min(ends))
    return max(0, (until - first).days) - sum(first < day <= until for day in ends)


def last_lapse(entries: Iterable[Entry]) -> date | None:
    """Return the day of the last contact that ended a streak, or None."""
    return max((entry.day for entry in entries if entry.kind in (Kind.WROTE, Kind.ANSWERED)), default=None)
