"""What a ledger of contacts comes to. Pure: no clock, no database."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from bot.pictures import Day


class Kind(StrEnum):
    """What happened."""

    START = "start"  # the last contact before the streak began, or the day from which it counts again
    WROTE = "wrote"
    ANSWERED = "answered"
    VISITED = "visited"
    THROUGH = "through"  # sent word through someone else
    ACCOUNT = "account"  # wrote from a new account
    THEY_WROTE = "they_wrote"
    LOOKED = "looked"
    UNAVOIDABLE = "unavoidable"
    ASIDE = "aside"  # from the next day on nothing counts, until it starts again


class Trigger(StrEnum):
    """What set it off."""

    LONELY = "lonely"
    NIGHT = "night"
    ALCOHOL = "alcohol"
    DATE = "date"
    SAW = "saw"
    THEY_WROTE = "they_wrote"
    ANGER = "anger"
    OTHER = "other"


FRIGHTENING = frozenset({Kind.VISITED, Kind.THROUGH, Kind.ACCOUNT})
LAPSES = frozenset({Kind.WROTE, Kind.ANSWERED}) | FRIGHTENING
ENDS = LAPSES | {Kind.START}  # nothing that the other one does ever ends a streak
MILESTONES = (1, 3, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)
YEAR = 365
IN_USE = timedelta(days=7)  # after a check-in: whoever has stopped them is not shown a growing row of unknown days
OFTEN, WINDOW = 3, timedelta(days=7)  # writing so often within so long may frighten whoever gets it


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `day` is the member's local date when it happened, frozen when it was written."""

    kind: Kind
    day: date
    trigger: Trigger | None = None


@dataclass(frozen=True)
class Standing:
    """What the ledger comes to on one day. `days` counts from `since`, the day of the last contact, which is day 0.

    `aside` is the day on which the streak was set aside, and `days` then stays what it was. `anew` says that `since` is
    no contact, but the day from which it counts again after that.
    """

    days: int
    since: date
    best: int
    held: int
    of: int
    aside: date | None = None
    anew: bool = False


@dataclass
class _Stretch:
    """Days that count: those after the first of `contacts`, up to `until` where it was set aside."""

    contacts: list[date]
    until: date | None = None

    def end(self, today: date) -> date:
        return self.until or today


def standing(entries: Iterable[Entry], today: date) -> Standing | None:
    """Return the numbers for `today`, or None where nothing has begun.

    A run is the days between two contacts, or since the last; `best` is the longest. `held` of `of` days since the
    beginning had no contact in them. Days after one on which it was set aside, up to the one from which it counts
    again, are among neither.
    """
    stretches = _stretches(entries, today)
    if not stretches:
        return None
    last = stretches[-1]
    runs = [(later - earlier).days - 1 for each in stretches for earlier, later in pairwise(each.contacts)]
    runs += [(each.end(today) - each.contacts[-1]).days for each in stretches]
    of = sum((each.end(today) - each.contacts[0]).days for each in stretches)
    held = of - sum(len(each.contacts) - 1 for each in stretches)
    anew = len(stretches) > 1 and len(last.contacts) == 1
    return Standing(runs[-1], last.contacts[-1], max(runs), held, of, last.until, anew)


def not_checking(entries: Iterable[Entry], today: date) -> Standing | None:
    """Return the same numbers of the days without looking at their profile; None where nothing has begun.

    They count from the beginning or from the first look, whichever was earlier.
    """
    past = [entry for entry in entries if entry.day <= today]
    looks = {entry.day for entry in past if entry.kind is Kind.LOOKED}
    begun = min((entry.day for entry in past if entry.kind in ENDS | {Kind.LOOKED}), default=None)
    if begun is None:
        return None
    return standing((Entry(Kind.START, day) for day in {begun} | looks), today)


def held_between(entries: Iterable[Entry], after: date, until: date) -> int:
    """Return how many days after `after`, up to `until`, had no contact in them since the beginning."""
    held = 0
    for each in _stretches(entries, until):
        first = max(after, each.contacts[0])
        held += max(0, (each.end(until) - first).days) - sum(day > first for day in each.contacts)
    return held


def calendar(
    entries: Iterable[Entry], first: date, today: date, checkins: Collection[date] = frozenset[date]()
) -> list[Day]:
    """Return what every day from `first` to `today` was.

    Where check-ins are in use, which is for a week after each, a day that is over without one and without an entry is
    unknown. It counts as held all the same: nothing here knows of a contact.
    """
    ledger = [entry for entry in entries if entry.day <= today]
    counted = counting(ledger, today)
    begun = counted[0][0] if counted else today
    contacts = {entry.day for entry in ledger if entry.kind in LAPSES} | {begun}
    unavoidable = {entry.day for entry in ledger if entry.kind is Kind.UNAVOIDABLE}
    told = {entry.day for entry in ledger} | {*checkins, today}
    in_use = {day + timedelta(days=number) for day in checkins for number in range(IN_USE.days + 1)}

    def what(day: date) -> Day:
        if day in contacts:
            return Day.CONTACT
        if day in unavoidable:
            return Day.UNAVOIDABLE
        if day < begun:
            return Day.BEFORE
        if not any(start <= day <= end for start, end in counted):
            return Day.ASIDE
        return Day.UNKNOWN if day in in_use and day not in told else Day.HELD

    return [what(first + timedelta(days=number)) for number in range((today - first).days + 1)]


def counting(entries: Iterable[Entry], today: date) -> list[tuple[date, date]]:
    """Return the stretches of days that count up to `today`, each by its first, which is day 0, and its last day."""
    return [(each.contacts[0], each.end(today)) for each in _stretches(entries, today)]


def last_lapse(entries: Iterable[Entry]) -> date | None:
    """Return the day of the last contact of the member's own, or None."""
    return max((entry.day for entry in entries if entry.kind in LAPSES), default=None)


def may_frighten(entries: Iterable[Entry], entry: Entry) -> bool:
    """Tell whether `entry`, one of `entries`, may frighten: by what it is, or as the third of its kind in a week."""
    if entry.kind is not Kind.WROTE:
        return entry.kind in FRIGHTENING
    near = [each for each in entries if each.kind is Kind.WROTE and timedelta(0) <= entry.day - each.day < WINDOW]
    return len(near) >= OFTEN


def next_milestone(days: int) -> int:
    """Return the day that is marked next after day `days`: a year on, each half year is."""
    half_years = 2 * days // YEAR + 1
    return next((each for each in MILESTONES if each > days), -(-half_years * YEAR // 2))


def milestone(days: int) -> int:
    """Return the last day that was marked up to day `days`, or 0."""
    half_years = 2 * days // YEAR
    passed = [each for each in MILESTONES if each <= days]
    return max([0, *passed, -(-half_years * YEAR // 2) if half_years > 1 else 0])


def _stretches(entries: Iterable[Entry], today: date) -> list[_Stretch]:
    by_day: dict[date, set[Kind]] = {}
    for entry in entries:
        if entry.day <= today and entry.kind in ENDS | {Kind.ASIDE}:
            by_day.setdefault(entry.day, set()).add(entry.kind)
    found: list[_Stretch] = []
    for day, kinds in sorted(by_day.items()):
        aside, starts = Kind.ASIDE in kinds, Kind.START in kinds
        if found and found[-1].until is None:
            # Of one day that has both, what was going on was set aside first, and what was not was started first.
            if kinds & (LAPSES if aside else ENDS):
                found[-1].contacts.append(day)
            if aside:
                found[-1].until = day
            if aside and starts:
                found.append(_Stretch([day]))
        elif starts or (not found and kinds & ENDS):
            found.append(_Stretch([day], day if aside else None))
    return found
