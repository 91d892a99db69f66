"""What a day is in every zone there is, when a wall clock shows an hour next, and what people type."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise, product
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.clock import DAY_START, Clock, date_of, day_of, floor_hour, newest, next_at, parse_date, parse_zone, zone
from bot.people import Member

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
STARTS = st.integers(0, 6)
TIMES = st.times().map(lambda at: at.replace(microsecond=0))
MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)


def wall(instant: datetime, tz: tzinfo) -> datetime:
    """What the clock on the wall shows."""
    return instant.astimezone(tz).replace(tzinfo=None)


def shift(one: datetime, other: datetime, tz: tzinfo) -> timedelta:
    """How far the zone moved its clocks between two instants."""
    offsets = [instant.astimezone(tz).utcoffset() for instant in (one, other)]
    assert offsets[0] is not None
    assert offsets[1] is not None
    return offsets[1] - offsets[0]


# -- days


@given(ZONES, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=400)), STARTS)
def test_days_pass_as_the_wall_clock_says_and_no_faster(
    tz: tzinfo, one: datetime, later: timedelta, start: int
) -> None:
    other = one + later
    days = day_of(other, tz, start) - day_of(one, tz, start)
    assert abs(days - (later + shift(one, other, tz))) < timedelta(days=1)


@given(ZONES, INSTANTS, STARTS)
def test_from_one_instant_to_the_next_a_day_is_skipped_or_repeated_by_the_zone_alone(
    tz: tzinfo, one: datetime, start: int
) -> None:
    other = one + MINUTE
    days = (day_of(other, tz, start) - day_of(one, tz, start)).days
    moved = shift(one, other, tz)
    if not moved:
        crosses = wall(one, tz).hour != start and wall(other, tz).hour == start
        first_time = datetime.combine(wall(other, tz).date(), time(start), tz).astimezone(UTC) > one
        assert days == (crosses and first_time)
    assert abs(days) <= 1 + abs(moved) // timedelta(days=1)


@given(ZONES, INSTANTS, st.timedeltas(timedelta(0), timedelta(hours=23, minutes=59)), STARTS)
def test_a_day_is_the_same_from_its_start_to_the_next(
    tz: tzinfo, instant: datetime, later: timedelta, start: int
) -> None:
    began = datetime.combine(day_of(instant, tz, start), time(start))
    then = (began + later).replace(tzinfo=tz)
    if wall(then.astimezone(UTC), tz) == began + later:  # else the zone has no such time
        assert day_of(then, tz, start) == began.date()


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-03-05T03:59:59+00:00", "2026-03-04"),
        ("2026-03-05T04:00:00+00:00", "2026-03-05"),
        ("2026-01-01T00:00:00+00:00", "2025-12-31"),
        ("2026-03-05T23:59:59+02:00", "2026-03-05"),
    ],
)
def test_a_day_begins_at_four(instant: str, day: str) -> None:
    assert DAY_START == 4
    assert day_of(datetime.fromisoformat(instant), UTC) == date.fromisoformat(day)


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_on_the_night_of_a_clock_change_the_wall_clock_counts(night: str) -> None:
    berlin, morning = ZoneInfo("Europe/Berlin"), date.fromisoformat(night)
    for shown, day in ((time(3, 59), morning - timedelta(days=1)), (time(4, 0), morning)):
        assert day_of(datetime.combine(morning, shown, berlin).astimezone(UTC), berlin) == day


def test_a_zone_that_leaves_out_a_date_has_no_such_day() -> None:
    samoa = ZoneInfo("Pacific/Apia")  # 30 December 2011 did not happen there
    hours = [datetime(2011, 12, 29, tzinfo=UTC) + timedelta(hours=n) for n in range(72)]
    days = {day_of(hour, samoa, 0) for hour in hours}
    assert date(2011, 12, 29) in days
    assert date(2011, 12, 30) not in days
    assert date(2011, 12, 31) in days


YEARS = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
DAY = timedelta(days=1)


def changes(tz: tzinfo) -> Iterator[datetime]:
    """Yield the instants, within three years, at which the zone moves its clocks."""
    one = YEARS[0] - DAY
    while one < YEARS[1] + DAY:
        other = one + DAY
        if shift(one, other, tz):
            before, after = one, other
            while after - before > timedelta(seconds=1):
                middle = before + (after - before) // 2
                before, after = (middle, after) if not shift(before, middle, tz) else (before, middle)
            yield after.replace(microsecond=0)
        one = other


def noons(tz: tzinfo) -> Iterator[datetime]:
    """Yield an instant in the middle of each date, by the zone's own clock, of three years."""
    day = YEARS[0].date()
    while day < YEARS[1].date():
        yield datetime.combine(day, time(12), tz).astimezone(UTC)
        day += DAY


@pytest.mark.parametrize("name", sorted(available_timezones()))
def test_in_every_zone_each_date_of_three_years_comes_once_and_in_order(name: str) -> None:
    tz = ZoneInfo(name)
    days = [day_of(instant, tz) for instant in noons(tz)]
    assert [later - earlier for earlier, later in pairwise(days)] == [DAY] * (len(days) - 1)
    # A clock goes on evenly but for where the zone moves it: there one looks closely.
    for change, start in product(changes(tz), range(7)):
        around = sorted([change - timedelta(seconds=1), *(change + timedelta(minutes=15) * n for n in range(-24, 24))])
        days = [day_of(instant, tz, start) for instant in around]
        passed = {later - earlier for earlier, later in pairwise(days)}
        assert passed <= {timedelta(0), DAY}, (change, start)  # none comes back, none is left out


@given(ZONES, ZONES, INSTANTS, STARTS)
def test_a_day_is_the_same_whoever_tells_the_instant(tz: tzinfo, other: tzinfo, instant: datetime, start: int) -> None:
    assert day_of(instant.astimezone(other), tz, start) == day_of(instant, tz, start)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(available_timezones())), st.timedeltas(timedelta(0), timedelta(days=3)))),
    INSTANTS,
    STARTS,
)
def test_no_change_of_zone_takes_a_day_away_that_was_shown(
    changed: list[tuple[str, timedelta]], now: datetime, start: int
) -> None:
    member = Member("m", "a", "UTC", None, start, date.min, date.min)
    shown = member.today(now)
    for name, later in changed:
        now += later
        before = member.today(now)
        member = replace(member, zone=name, floor=before)  # as people.change keeps it
        assert member.today(now) >= before >= shown
        assert member.today(now) - before <= timedelta(days=2)
        shown = member.today(now)


# -- the next time that a clock shows an hour


@given(ZONES, INSTANTS, TIMES)
def test_next_at_is_later_within_a_day_and_shows_the_hour(tz: tzinfo, after: datetime, at: time) -> None:
    found = next_at(after, at, tz)
    assert after < found <= after + timedelta(hours=24) + timedelta(hours=25)
    shown = wall(found, tz)
    if shown.time() != at:  # the hour is left out: it comes as much later as the clocks are moved
        nominal = datetime.combine(shown.date(), at)
        assert shown - nominal == shift(found - timedelta(hours=3), found, tz) > timedelta(0)


@example(ZoneInfo("America/Nuuk"), datetime(2026, 3, 28, tzinfo=UTC), time(23))  # not there on the 28th
@given(ZONES, INSTANTS, TIMES)
def test_next_at_has_one_instant_for_each_local_date(tz: tzinfo, after: datetime, at: time) -> None:
    found = [after]
    for _ in range(4):
        found.append(next_at(found[-1], at, tz))
    dates = [date_of(instant, at, tz) for instant in found[1:]]
    assert [later - earlier for earlier, later in pairwise(dates)] == [DAY] * 3


@given(ZONES, INSTANTS, TIMES, st.floats(0, 24 * 30).map(lambda hours: timedelta(hours=hours)))
def test_the_newest_is_the_last_that_is_over(tz: tzinfo, after: datetime, at: time, away: timedelta) -> None:
    first = next_at(after, at, tz)
    found, then = newest(first, first + away, lambda instant: next_at(instant, at, tz))
    assert first <= found <= first + away < then == next_at(found, at, tz)


def test_before_its_time_it_is_the_newest_itself() -> None:
    assert newest(NOW, NOW - MINUTE, lambda instant: instant + MINUTE) == (NOW, NOW + MINUTE)


@given(ZONES, INSTANTS, TIMES, st.floats(0, 1))
def test_nothing_lies_between(tz: tzinfo, after: datetime, at: time, part: float) -> None:
    found = next_at(after, at, tz)
    between = after + (found - after) * part
    if after < between < found:
        assert next_at(between, at, tz) == found


@pytest.mark.parametrize(
    ("after", "at", "expected"),
    [
        ("2026-03-29T00:00:00+00:00", time(2, 30), "2026-03-29T01:30:00+00:00"),  # left out: 03:30 summer time
        ("2026-03-29T01:30:00+00:00", time(2, 30), "2026-03-30T00:30:00+00:00"),
        ("2026-10-25T00:00:00+00:00", time(2, 30), "2026-10-25T00:30:00+00:00"),  # twice: the first
        ("2026-10-25T00:30:00+00:00", time(2, 30), "2026-10-26T01:30:00+00:00"),
        ("2026-10-25T01:00:00+00:00", time(2, 30), "2026-10-26T01:30:00+00:00"),
        ("2026-03-04T07:00:00+00:00", time(8), "2026-03-05T07:00:00+00:00"),  # strictly later
        ("2026-03-04T06:59:59+00:00", time(8), "2026-03-04T07:00:00+00:00"),
    ],
)
def test_when_the_clocks_change(after: str, at: time, expected: str) -> None:
    found = next_at(datetime.fromisoformat(after), at, ZoneInfo("Europe/Berlin"))
    assert found == datetime.fromisoformat(expected)
    assert found.tzinfo is UTC


def test_in_a_year_there_are_as_many_instants_as_dates() -> None:
    for name in ("Europe/Berlin", "Africa/Cairo", "Antarctica/Troll", "Australia/Lord_Howe", "America/Havana"):
        for at in (time(0), time(0, 30), time(2, 15), time(3), time(23, 59)):
            instant, count = datetime(2024, 12, 31, 12, tzinfo=UTC), 0
            while (instant := next_at(instant, at, ZoneInfo(name))) < datetime(2025, 12, 31, 12, tzinfo=UTC):
                count += 1
            assert count == 365, (name, at)


def test_a_clock_only_moves_forward() -> None:
    clock = Clock()
    before = clock.now()
    clock.move(timedelta(days=1))
    assert clock.now() - before >= timedelta(days=1)
    with pytest.raises(ValueError, match="forward"):
        clock.move(timedelta(seconds=-1))


def test_the_times_kept_are_no_finer_than_an_hour() -> None:
    assert floor_hour(datetime(2026, 3, 4, 12, 59, 59, 999, tzinfo=UTC)) == NOW


# -- what people type


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Europe/Lisbon", "Europe/Lisbon"),
        ("europe/lisbon", "Europe/Lisbon"),
        ("lisbon", "Europe/Lisbon"),
        ("  New   York ", "America/New_York"),
        ("america/new_york", "America/New_York"),
        ("Buenos Aires", "America/Buenos_Aires"),
        ("UTC", "+00:00"),
        ("gmt", "+00:00"),
        ("UTC+2", "+02:00"),
        ("utc +2", "+02:00"),
        ("GMT-03:30", "-03:30"),
        ("+5:30", "+05:30"),
        ("+14", "+14:00"),
        ("-12", "-12:00"),
        ("12:00", "+00:00"),
        ("7:40 pm", "+07:45"),
        ("19.40", "+07:45"),
        ("19:40", "+07:45"),
        ("12 am", "+12:00"),  # New Zealand, not an empty sea
        ("1:00", "+13:00"),
        ("2:00", "-10:00"),
        ("12 pm", "+00:00"),
        ("9:03am", "-03:00"),
        ("6", "-06:00"),
    ],
)
def test_a_zone_is_understood(typed: str, name: str) -> None:
    assert parse_zone(typed, NOW) == name
    assert zone(name).utcoffset(NOW.replace(tzinfo=None)) is not None


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "nowhere", "Etc/GMT+5", "utc2", "utcx", "+15", "+14:30", "-14:15", "+5:60", "+-2", "+5:-3", "+"),
        *("24:00", "7:60", "13 pm", "0 am", "am", "7:", ":30", "7:4x", "1_0", "--1", "noon", "12:00:30", "x" * 60),
    ],
)
def test_what_is_no_zone_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # which words it has is nobody's concern
        parse_zone(typed, NOW)


@given(ZONES, INSTANTS)
def test_what_a_clock_shows_gives_a_zone_in_which_it_shows_that(tz: tzinfo, now: datetime) -> None:
    shown = wall(now, tz)
    found = zone(parse_zone(f"{shown:%H:%M}", now))
    apart = (wall(now, found) - shown) % timedelta(days=1)
    assert min(apart, timedelta(days=1) - apart) <= timedelta(minutes=8)


@given(st.text(max_size=20))
def test_whatever_is_typed_gives_a_zone_that_is_one_or_is_refused(typed: str) -> None:
    try:
        name = parse_zone(typed, NOW)
    except ValueError:
        return
    assert abs(zone(name).utcoffset(NOW.replace(tzinfo=None)) or timedelta(0)) <= timedelta(hours=14)


def test_every_zone_there_is_can_be_made_and_no_other() -> None:
    for name in available_timezones():
        assert zone(name).utcoffset(NOW.replace(tzinfo=None)) is not None
    for wrong in ("", "Mars/Base", "../etc/passwd", "+25:00", "+x"):
        with pytest.raises(ValueError):  # noqa: PT011 # which words it has is nobody's concern
            zone(wrong)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2025-11-18", date(2025, 11, 18)),
        ("18 Nov", date(2025, 11, 18)),
        ("18 nov.", date(2025, 11, 18)),
        ("Nov 18", date(2025, 11, 18)),
        ("18th November", date(2025, 11, 18)),
        ("November 18, 2024", date(2024, 11, 18)),
        ("18 November 2024", date(2024, 11, 18)),
        ("1st Feb", date(2026, 2, 1)),
        ("2nd feb", date(2026, 2, 2)),
        ("3rd feb", date(2026, 2, 3)),
        ("4 March", TODAY),
        ("5 March", date(2025, 3, 5)),
        ("29 Feb", date(2024, 2, 29)),
        ("0", TODAY),
        ("5", date(2026, 2, 27)),
        ("1 day ago", date(2026, 3, 3)),
        ("5 days ago", date(2026, 2, 27)),
        ("2 weeks ago", date(2026, 2, 18)),
    ],
)
def test_a_date_is_understood(typed: str, day: date) -> None:
    assert parse_date(typed, TODAY) == day


@pytest.mark.parametrize(
    "typed",
    [
        *("", "3/4", "3/4/2026", "18.11.2026", "18.11.", "2026 11 18", "18 11 2026", "5 days", "5 months ago"),
        *("5 foo bar", "soon", "Nov", "31 Feb", "30 February", "2026-02-30", "2026-13-01", "10000", "-5", "1.5"),
        *("18 Nov 2026 5", "2026 Nov 18", "99999999999999999999", "5 days ago today"),
    ],
)
def test_what_is_no_date_or_could_be_two_is_refused(typed: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        parse_date(typed, TODAY)


def test_months_are_those_of_the_language() -> None:
    assert parse_date("18 novembre", TODAY, "fr") == date(2025, 11, 18)
    with pytest.raises(ValueError, match="date"):
        parse_date("18 novembre", TODAY, "de")


@given(st.text(max_size=20))
def test_whatever_is_typed_gives_a_date_or_is_refused(typed: str) -> None:
    try:
        assert isinstance(parse_date(typed, TODAY), date)
    except (ValueError, OverflowError):
        return


@given(st.dates(date(2018, 3, 1), TODAY))
def test_a_date_without_its_year_is_the_last_one(day: date) -> None:
    found = parse_date(f"{day:%d %B}", TODAY)
    assert (found.month, found.day) == (day.month, day.day)
    assert day <= found <= TODAY
