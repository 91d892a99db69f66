"""What there is to see is counted once, at the hour and on the weekday of one's own clock, and "most" is most."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import day_of
from cogs.insights import rules
from cogs.insights.rules import Moment, by_hour, by_weekday, majority, moment, moment_of, peak, span, trend

ZONES = st.sampled_from(
    ["UTC", "Europe/Lisbon", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Pacific/Marquesas", "Asia/Kathmandu"]
)
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
STARTS = st.integers(0, 6)
MOMENTS = st.builds(Moment, st.integers(0, 6), st.integers(0, 23))
SOME = st.builds(Moment, st.integers(0, 6), st.none() | st.integers(0, 23))
DAY = date(2026, 3, 4)


@given(st.lists(INSTANTS, max_size=40), ZONES, STARTS)
def test_every_urge_is_counted_once_by_weekday_and_once_by_hour(came: list[datetime], zone: str, start: int) -> None:
    tz = ZoneInfo(zone)
    moments = [moment(at, tz, start) for at in came]
    assert sum(by_weekday(moments)) == sum(by_hour(moments)) == len(came)
    hours = Counter(at.astimezone(tz).strftime("%H") for at in came)
    assert {f"{hour:02}": count for hour, count in enumerate(by_hour(moments)) if count} == hours
    days = Counter(day_of(at, tz, start).strftime("%u") for at in came)
    assert {str(day + 1): count for day, count in enumerate(by_weekday(moments)) if count} == days


@pytest.mark.parametrize(
    ("at", "zone", "weekday", "hour"),
    [
        ("2026-03-01T23:30", "UTC", "Sunday", 23),
        ("2026-03-02T00:30", "UTC", "Sunday", 0),  # the evening it belongs to
        ("2026-03-02T03:59", "UTC", "Sunday", 3),
        ("2026-03-02T04:00", "UTC", "Monday", 4),
        ("2026-03-01T23:30", "Asia/Tokyo", "Monday", 8),
        ("2026-03-02T08:00", "America/New_York", "Sunday", 3),
        ("2026-03-29T01:30", "Europe/Lisbon", "Saturday", 2),  # the clock went from 1 to 2
        ("2026-03-29T03:00", "Europe/Lisbon", "Sunday", 4),
        ("2026-03-01T18:15", "Asia/Kathmandu", "Sunday", 0),
        ("2026-03-02T10:00", "Pacific/Apia", "Monday", 23),
    ],
)
def test_hour_and_weekday_are_those_of_their_own_clock(at: str, zone: str, weekday: str, hour: int) -> None:
    names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    found = moment(datetime.fromisoformat(at).replace(tzinfo=UTC), ZoneInfo(zone), 4)
    assert (names[found.weekday], found.hour) == (weekday, hour)


@given(INSTANTS, st.integers(-3, 3), ZONES, STARTS)
def test_the_hour_of_writing_counts_on_the_day_of_writing_alone(
    written: datetime, off: int, zone: str, start: int
) -> None:
    tz = ZoneInfo(zone)
    day = day_of(written, tz, start) + timedelta(days=off)
    found = moment_of(day, written, tz, start)
    assert found.weekday == day.weekday()
    assert found.hour == (None if off else written.astimezone(tz).hour)


@given(st.lists(SOME, min_size=1, max_size=30))
def test_a_weekday_stands_out_where_it_has_more_than_any_other_and_never_on_a_tie(moments: list[Moment]) -> None:
    counts = Counter(each.weekday for each in moments)
    (first, highest), *rest = counts.most_common()
    found = peak(moments)
    if any(count == highest for _, count in rest):
        assert found is None
    else:
        assert found is not None
        assert (found.weekday, found.count) == (first, highest)
        others = len(moments) - highest
        assert found.most is (highest > others)
        assert found.all is (others == 0)


@given(st.lists(SOME, min_size=1, max_size=30))
def test_a_part_of_the_day_has_more_than_half_of_all_and_none_that_is_shorter_does(moments: list[Moment]) -> None:
    def within(begin: int, length: int) -> int:
        hours = {(begin + each) % 24 for each in range(length)}
        return sum(each.hour in hours for each in moments)

    found = span(moments)
    length = (found.end - found.begin) % 24 if found else 7
    shorter = [within(begin, each) for begin in range(24) for each in range(1, length)]
    assert all(2 * many <= len(moments) for many in shorter)
    if found:
        assert 1 <= length <= 6
        assert 2 * within(found.begin, length) > len(moments)
        assert found.all is (within(found.begin, length) == len(moments))


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ([22, 22, 23, 0, 12], (22, 0)),
        ([22, 23, 0, 0, 12], (23, 1)),
        ([22, 23, 0, 12, 15], (22, 1)),
        ([1, 5, 9, 13, 17, 21], None),
        ([9, 9, 21, 21], None),  # half is not most
        ([9, 9, None, None], None),
        ([9, 9, 9, None, None], (9, 10)),
    ],
)
def test_the_part_of_the_day_may_go_over_midnight(hours: list[int | None], found: tuple[int, int] | None) -> None:
    seen = span([Moment(0, hour) for hour in hours])
    assert (seen and (seen.begin, seen.end)) == found


@given(st.lists(st.sampled_from("abc"), max_size=12), st.integers(0, 4))
def test_what_set_it_off_is_named_where_it_is_more_than_half_of_all(kinds: list[str], unknown: int) -> None:
    of = len(kinds) + unknown
    most = [kind for kind in "abc" if 2 * kinds.count(kind) > of]
    assert majority(kinds, of) == ((most[0], kinds.count(most[0])) if most else None)


MOODS = st.dictionaries(st.integers(0, 83).map(lambda ago: DAY - timedelta(days=ago)), st.integers(1, 5))


@given(MOODS)
def test_how_it_went_is_the_middle_of_the_first_and_of_the_last(moods: dict[date, int]) -> None:
    found = trend(moods)
    if len(moods) < rules.CHECKINS:
        assert found is None
        return
    assert found is not None
    assert found.each in (3, 5, 7)
    assert 2 * found.each <= len(moods)
    ordered = [mood for _, mood in sorted(moods.items())]
    for middle, some in ((found.first, ordered[: found.each]), (found.last, ordered[-found.each :])):
        assert sum(each < middle for each in some) < found.each / 2
        assert sum(each > middle for each in some) < found.each / 2


@given(MOODS)
def test_the_order_in_which_moods_are_kept_never_matters(moods: dict[date, int]) -> None:
    assert trend(dict(reversed(moods.items()))) == trend(moods)
