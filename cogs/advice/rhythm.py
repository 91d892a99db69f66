"""When the daily piece comes, what came of each date, and what silence does to it. Pure: no clock, no database."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from bot import clock
from cogs.advice.store import Reading

ASK_AFTER = 14  # silent pieces, after which it is asked once whether they are still useful
SLOW_AFTER = 28  # silent pieces, after which it comes once a week
END_AFTER = SLOW_AFTER + 4  # silent pieces: four more weeks, with which it ends
LOGGED = 14  # dates of which it is known what came of them
A_DAY = timedelta(days=1)


class Outcome(StrEnum):
    """What came of a date on which a piece was due. The sender's word comes later, where it did not arrive."""

    SENT = "sent"
    LATE = "late"  # sent, within the grace
    MISSED = "missed"  # later than that
    READ = "read"  # by themselves, earlier that day
    PAUSED = "paused"
    HALTED = "halted"
    UNREACHABLE = "unreachable"
    MOVED = "moved"  # another hour or zone was chosen, by which that date's hour was over
    WEEKLY = "weekly"  # not the day of the week


class Step(StrEnum):
    """What is said with a piece to who has been silent."""

    ASK = "ask"
    SLOW = "slow"
    END = "end"


def next_at(after: datetime, hour: int, tz: tzinfo, weekday: int | None, given: date | None) -> datetime:
    """Return when the next piece is due, in UTC: once each date (or each such weekday), later than that of `given`."""
    at = clock.next_at(after, time(hour), tz)
    while (given and date_of(at, hour, tz) <= given) or weekday not in (None, date_of(at, hour, tz).weekday()):
        at = clock.next_at(at, time(hour), tz)
    return at


def date_of(at: datetime, hour: int, tz: tzinfo) -> date:
    """Return the date whose piece comes at `at`, by the wall clock of `tz`, whenever the reader's own day begins."""
    return clock.date_of(at, time(hour), tz)


def passed(reading: Reading, first: date, until: date, why: Outcome) -> Reading:
    """Note `why` nothing came on the dates from `first` to the one before `until`, where it is not known yet."""
    other = {
        day.isoformat(): why if reading.weekday in (None, day.weekday()) else Outcome.WEEKLY
        for day in dates(first, until)
    }
    return replace(reading, log=_latest(other | reading.log))


def noted(reading: Reading, day: date, what: str) -> Reading:
    """Note what came of a date."""
    return replace(reading, log=_latest(reading.log | {day.isoformat(): what}))


def dates(first: date, until: date) -> Iterator[date]:
    """Yield the dates from `first` to the one before `until`."""
    for number in range((until - first).days):
        yield first + number * A_DAY


def heard(reading: Reading, seen: date) -> Reading:
    """Return the reading as it is for someone last seen on `seen`: any use ends the silence, and what it did."""
    if reading.seen == seen.isoformat():
        return reading
    return replace(reading, seen=seen.isoformat(), silent=0, slow=None)


def step(reading: Reading) -> Step | None:
    """Return what is to be said now. Who chose once a week, or answered that it is to stay, is not asked."""
    if reading.keeps or reading.weekday is not None:
        return None
    return {ASK_AFTER: Step.ASK, SLOW_AFTER: Step.SLOW, END_AFTER: Step.END}.get(reading.silent)


def sent(reading: Reading, day: date, said: Step | None) -> Reading:
    """Return the reading once the piece of `day` was sent, and `said` with it."""
    later = reading.seen is None or day > date.fromisoformat(reading.seen)
    reading = replace(reading, given=day.isoformat(), silent=reading.silent + later)
    if said is not None:
        reading = replace(reading, told=[day.isoformat(), said])
    if said is Step.SLOW:
        return replace(reading, slow=day.weekday())
    if said is Step.END:
        told = [day.isoformat(), said, str(reading.hour)]
        return replace(reading, hour=None, at=None, on=None, slow=None, told=told)
    return reading


def unsent(reading: Reading, day: date) -> Reading:
    """Return the reading as it was before the piece of `day` was sent: nobody can have read it, nor what was said.

    What was to end with that piece goes on: `hour` is set again, and has to be planned for.
    """
    later = reading.seen is None or day > date.fromisoformat(reading.seen)
    said = reading.told[1:] if reading.told[:1] == [day.isoformat()] else []
    given = (day - A_DAY).isoformat()  # at the latest
    told, slow = [] if said else reading.told, None if said == [Step.SLOW] else reading.slow
    reading = replace(reading, given=given, silent=max(reading.silent - later, 0), told=told, slow=slow)
    if said[:1] == [Step.END] and reading.hour is None:
        return replace(reading, hour=int(said[1]), slow=day.weekday())
    return reading


def _latest(log: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(log.items())[-LOGGED:])
