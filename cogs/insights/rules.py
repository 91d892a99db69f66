"""What urges, contacts and check-ins come to. Pure: no clock, no database, and no claim that is not so."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from statistics import median
from typing import TypeVar

from bot.clock import day_of

URGES, CONTACTS, CHECKINS = 5, 3, 6  # of fewer nothing is said
WEEK, HOURS = 7, 24
WIDEST = 6  # hours: what is wider is no part of the day
MOST_EACH = 7  # check-ins at each end that a mood is read from

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Moment:
    """When something came by somebody's own clock: on which weekday (0 is Monday), at which hour, if that is known.

    The weekday is that of the day it counts to: what comes before the day begins belongs to the evening before.
    """

    weekday: int
    hour: int | None


@dataclass(frozen=True)
class Peak:
    """The weekday with more than any other. `most`: with more than all others together; `all`: there is no other."""

    weekday: int
    count: int
    most: bool
    all: bool


@dataclass(frozen=True)
class Span:
    """The hours from `begin` to before `end`, in which more came than in all others together; `all`: none in others."""

    begin: int
    end: int
    all: bool


@dataclass(frozen=True)
class Trend:
    """The middle one of the first and of the last moods (1 to 5), of `each` at either end."""

    first: int
    last: int
    each: int


def moment(at: datetime, tz: tzinfo, day_start: int) -> Moment:
    """Return when an instant was, by the clock of `tz` and days that begin at `day_start` (0 to 6)."""
    return Moment(day_of(at, tz, day_start).weekday(), at.astimezone(tz).hour)


def moment_of(day: date, written: datetime, tz: tzinfo, day_start: int) -> Moment:
    """Return when something of `day` was: at the hour it was written down, where that was on the day itself."""
    same = day_of(written, tz, day_start) == day
    return Moment(day.weekday(), written.astimezone(tz).hour if same else None)


def by_weekday(moments: Iterable[Moment]) -> list[int]:
    """Return how many came on each weekday, from Monday on."""
    found = Counter(each.weekday for each in moments)
    return [found[weekday] for weekday in range(WEEK)]


def by_hour(moments: Iterable[Moment]) -> list[int]:
    """Return how many came at each hour, from 0 on; those of no known hour are left out."""
    found = Counter(each.hour for each in moments)
    return [found[hour] for hour in range(HOURS)]


def peak(moments: Sequence[Moment]) -> Peak | None:
    """Return the one weekday with more than any other; None on a tie."""
    counts = by_weekday(moments)
    highest = max(counts)
    if counts.count(highest) != 1:
        return None
    return Peak(counts.index(highest), highest, 2 * highest > len(moments), highest == len(moments))


def span(moments: Sequence[Moment]) -> Span | None:
    """Return the shortest part of the day, six hours at most, with more than half of all; None where there is none.

    Those of no known hour are among all. Of several parts that are as short, it is the one with the most.
    """
    counts = by_hour(moments)
    for length in range(1, WIDEST + 1):
        within = [sum(counts[(begin + each) % HOURS] for each in range(length)) for begin in range(HOURS)]
        most = max(within)
        if 2 * most > len(moments):
            begin = within.index(most)
            return Span(begin, (begin + length) % HOURS, most == len(moments))
    return None


def majority(kinds: Iterable[Kind], of: int) -> tuple[Kind, int] | None:
    """Return the kind that more than half `of` all are of, and how many; None where there is none."""
    found = Counter(kinds).most_common(1)
    return found[0] if found and 2 * found[0][1] > of else None


def trend(moods: Mapping[date, int]) -> Trend | None:
    """Return how moods went, from the first days to the last ones; None for fewer than six."""
    if len(moods) < CHECKINS:
        return None
    ordered = [moods[day] for day in sorted(moods)]
    each = min(MOST_EACH, len(ordered) // 2)
    each -= 1 - each % 2  # of an odd number there is a middle one
    return Trend(int(median(ordered[:each])), int(median(ordered[-each:])), each)
