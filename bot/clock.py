"""The only place that reads the time, and the rules of what a day is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.dates import get_month_names

DAYS = {"day": 1, "days": 1, "week": 7, "weeks": 7}
WESTERNMOST = -10 * 60 - 30  # minutes: an offset read off a wall clock is from there to 13:15 ahead
DAY_START = 4  # hours: at 2 a.m. it is still yesterday evening for whoever cannot sleep


class Clock:
    """The time, as everything in Unsent sees it. The preview page moves it forward; tests hold it still."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC) + self.ahead

    def move(self, by: timedelta) -> None:
        """Move the time forward by `by`. Raises ValueError for a step back, which would repeat what was done."""
        if by < timedelta(0):
            raise ValueError("time only moves forward")
        self.ahead += by


@lru_cache(maxsize=1024)
def zone(name: str) -> tzinfo:
    """Return the zone of an IANA name, or of an offset as `parse_zone` writes it ("+05:30"). Raises ValueError."""
    if name[:1] in "+-":
        hours, _, minutes = name[1:].partition(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if name[0] == "-" else offset, name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("not the name of a time zone") from error


def day_of(instant: datetime, tz: tzinfo, day_start: int = DAY_START) -> date:
    """Return the local date that `instant` belongs to: the wall clock less `day_start` hours (0 to 6).

    A day that has begun stays begun where the clock is then set back to before its beginning.
    """
    day = (instant.astimezone(tz).replace(tzinfo=None) - timedelta(hours=day_start)).date()
    begins = datetime.combine(day + timedelta(days=1), time(day_start), tz).astimezone(UTC)
    return day + timedelta(days=1) if begins <= instant else day


def next_at(after: datetime, at: time, tz: tzinfo) -> datetime:
    """Return the first instant later than `after`, in UTC, at which the wall clock of `tz` shows `at`.

    An hour that a clock change leaves out comes as much later as the change is long; one that comes twice, only at
    its first coming: one instant for each local date.
    """
    day = after.astimezone(tz).date() - timedelta(days=1)
    while True:
        instant = datetime.combine(day, at, tz).astimezone(UTC)
        if instant > after:
            return instant
        day += timedelta(days=1)


def date_of(instant: datetime, at: time, tz: tzinfo) -> date:
    """Return the local date whose `at` comes at that instant, one that `next_at` returned.

    It is the one on the wall clock, but where the clock was put on past midnight just when `at` would have been: that
    one still belongs to the evening before.
    """
    day = instant.astimezone(tz).date()
    dates = (day, day - timedelta(days=1))
    return next((each for each in dates if datetime.combine(each, at, tz).astimezone(UTC) == instant), day)


def newest(at: datetime, now: datetime, following: Callable[[datetime], datetime]) -> tuple[datetime, datetime]:
    """Return the last instant that is over by `now`, of `at` and those `following` it, and the one after that.

    So what was planned while nothing ran is late by as much as its last hour is, not its first. `at` itself where it is
    not over yet.
    """
    then = following(at)
    while then <= now:
        at, then = then, following(then)
    return at, then


def floor_hour(instant: datetime) -> datetime:
    """Return the hour that `instant` is in: the times kept of calls and questions are no finer."""
    return instant.replace(minute=0, second=0, microsecond=0)


def parse_zone(text: str, now: datetime) -> str:
    """Return a zone's name for what a person typed. Raises ValueError where it is none.

    Understood: an IANA name or the city in it ("Europe/Lisbon", "new york"), an offset ("UTC+2", "-03:30"), or what
    their own clock shows ("7:40 pm", "19.40"), which gives the offset, to the quarter of an hour, in which it is so.
    """
    wanted = " ".join(text.replace("_", " ").split()).casefold()
    if found := _cities().get(wanted):
        return found
    if wanted.startswith(("utc", "gmt")):
        wanted = wanted[3:].strip() or "+0"
        if wanted[0] not in "+-":
            raise ValueError("an offset begins with + or -")
    if wanted[:1] in ("+", "-"):
        hours, minutes = _hour_minute(wanted[1:])
        if minutes > 59 or hours * 60 + minutes > 14 * 60:
            raise ValueError("no such offset")
        return f"{wanted[0]}{hours:02}:{minutes:02}"
    hours, minutes = _wall_clock(wanted)
    # One wall clock is two offsets a day apart: New Zealand's and Samoa's people are many, those beyond Hawaii few.
    ahead = (hours * 60 + minutes - now.hour * 60 - now.minute - WESTERNMOST) % (24 * 60) + WESTERNMOST
    quarters = round(ahead / 15)
    return f"{'-' if quarters < 0 else '+'}{abs(quarters) // 4:02}:{abs(quarters) % 4 * 15:02}"


def parse_date(text: str, today: date, locale: str = "en") -> date:
    """Return the date a person typed. Raises ValueError where it is none, or could be two ("3/4").

    Understood: "2026-11-18", "18 Nov", "November 18, 2025" (months in the language of `locale`), "5", "5 days ago" or
    "2 weeks ago". A date without a year is the last one, `today` included.
    """
    words = text.replace(",", " ").replace(".", " ").casefold().split()
    if len(words) == 1 and words[0].count("-") == 2:
        return date.fromisoformat(words[0])
    if words and words[0].isdecimal() and not any(word in _months(locale) for word in words):
        unit = "days" if len(words) == 1 else words[1] if words[2:] == ["ago"] else ""
        if unit not in DAYS or int(words[0]) > 9999:
            raise ValueError("neither a date nor a number of days")
        return today - timedelta(days=int(words[0]) * DAYS[unit])
    month = next((_months(locale)[word] for word in words if word in _months(locale)), None)
    numbers = [
        int(word.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th"))
        for word in words
        if word not in _months(locale)
    ]
    if month is None or not 1 <= len(numbers) <= 2:
        raise ValueError("not a date")
    if len(numbers) == 2:
        return date(numbers[1], month, numbers[0])
    for year in range(today.year, today.year - 9, -1):  # 29 February comes every four years, once in a while eight
        with suppress(ValueError):
            if (found := date(year, month, numbers[0])) <= today:
                return found
    raise ValueError("no month has that day")


@lru_cache(maxsize=16)
def _months(locale: str) -> dict[str, int]:
    widths: tuple[Literal["wide"], Literal["abbreviated"]] = ("wide", "abbreviated")
    known = [cast("Mapping[int, str]", get_month_names(width, locale=locale)) for width in widths]
    return {name.casefold().rstrip("."): number for names in known for number, name in names.items()}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    return dict(_names())


def _names() -> Iterator[tuple[str, str]]:
    for name in sorted(available_timezones()):
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/")):
            plain = name.replace("_", " ").casefold()
            yield plain.rpartition("/")[2], name
            yield plain, name


def _hour_minute(text: str) -> tuple[int, int]:
    hours, colon, minutes = text.strip().replace(".", ":").partition(":")
    if not hours.isdecimal() or (colon and not minutes.isdecimal()):
        raise ValueError("neither an hour nor a time")
    return int(hours), int(minutes or 0)


def _wall_clock(text: str) -> tuple[int, int]:
    half = text[-2:] if text.endswith(("am", "pm")) else ""
    hours, minutes = _hour_minute(text.removesuffix(half).strip())
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("no such hour")
        hours = hours % 12 + (12 if half == "pm" else 0)
    if hours > 23 or not 0 <= minutes <= 59:
        raise ValueError("no such time")
    return hours, minutes
