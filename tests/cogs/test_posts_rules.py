"""When posts come: every date once, in any zone, however late it is looked at; and no piece twice in a round."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile

from hypothesis import example, given
from hypothesis import strategies as st

from bot.clock import date_of, zone
from cogs.posts import rules
from cogs.posts.rules import AHEAD, Coming, Plan
from cogs.stage import Stage
from tests.cogs.test_advice import DECK

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "America/Havana")
BEGUN = datetime(2011, 12, 1, tzinfo=UTC)  # Samoa left out a day that month
INSTANTS = st.integers(0, 24 * 366 * 15).map(lambda hours: BEGUN + timedelta(hours=hours))
DAYS = st.sets(st.integers(0, 6), min_size=1).map(sorted)
WAITS = st.lists(st.integers(1, 80), min_size=1, max_size=20)
STAGES = st.sets(st.sampled_from([each.value for each in Stage]), min_size=1).filter(
    lambda stages: bool(rules.fitting(DECK, stages))
)


def over(plan: Plan, now: datetime, name: str) -> list[Coming]:
    """What is over by `now`."""
    return list(takewhile(lambda each: each.at <= now, rules.coming(plan, zone(name))))


@example("Pacific/Apia", 0, BEGUN + timedelta(hours=538), [*range(7)], [48, 48, 1])
@example("America/Nuuk", 23, datetime(2026, 3, 28, 1, tzinfo=UTC), [*range(7)], [24, 24, 1])  # no 23:00 on the 28th
@given(st.sampled_from(ZONES), st.integers(0, 23), INSTANTS, DAYS, WAITS)
def test_every_date_of_the_plan_comes_once_in_order(
    name: str, hour: int, now: datetime, days: list[int], waits: list[int]
) -> None:
    plan, begun = rules.begun(Plan(hour=hour, days=days), now, zone(name)), now
    seen: list[Coming] = []
    for wait in waits:
        now += timedelta(hours=wait)
        came = over(plan, now, name)
        plan = rules.taken(plan, came)
        seen += came
    assert all(begun < each.at <= now and each.on.weekday() in days for each in seen)
    dates = [each.on for each in seen]
    assert dates == sorted(set(dates))
    wanted = [each for each in dates_in(begun, now, name) if each.weekday() in days]
    assert set(dates) <= set(wanted) | {wanted[0] - timedelta(days=1)} if wanted else not dates
    for each in wanted:  # only the first and the last may lie outside of the hours looked at; no date does in between
        at = rules.at_hour(each, hour, zone(name))
        if begun < at <= now and date_of(at, time(hour), zone(name)) == each:
            assert each in dates


def dates_in(begun: datetime, now: datetime, name: str) -> list[date]:
    """Every date that a clock there shows in between."""
    first, last = begun.astimezone(zone(name)).date(), now.astimezone(zone(name)).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@given(st.sampled_from(ZONES), INSTANTS, st.data())
def test_a_post_that_is_moved_or_left_out_is_the_only_one_that_changes(
    name: str, now: datetime, data: st.DataObject
) -> None:
    tz = zone(name)
    plan = rules.begun(Plan(), now, tz)
    ahead = list(islice(rules.coming(plan, tz), AHEAD))
    each = data.draw(st.sampled_from(ahead))
    at = data.draw(st.integers(1, 24 * 9).map(lambda hours: now + timedelta(hours=hours)))
    until = max(ahead[-1].at, at)
    usual = [other for other in over(plan, until, name) if other != each]
    assert Counter(over(rules.left_out(plan, each.on), until, name)) == Counter(usual)
    moved = rules.moved(plan, each.on, at)
    assert Counter(over(moved, until, name)) == Counter([*usual, Coming(each.on, at)])
    done = rules.taken(moved, over(moved, until, name))
    assert not {each.on, *(other.on for other in usual)} & {other.on for other in islice(rules.coming(done, tz), AHEAD)}


@given(st.sampled_from(ZONES), INSTANTS, st.integers(0, 23), st.integers(0, 23), st.sampled_from(ZONES))
def test_another_hour_or_zone_gives_no_date_a_second_post(
    name: str, now: datetime, hour: int, other_hour: int, other: str
) -> None:
    plan = rules.begun(Plan(hour=hour), now, zone(name))
    came = next(rules.coming(plan, zone(name)))
    plan = rules.begun(Plan(**vars(rules.taken(plan, [came])) | {"hour": other_hour}), came.at, zone(other))
    following = next(rules.coming(plan, zone(other)))
    assert following.on > came.on
    assert following.at > came.at
    assert following.on <= came.on + timedelta(days=2)


@given(STAGES, st.integers(1, 300), st.integers())
def test_a_round_has_each_piece_once_and_none_comes_twice_in_a_row(stages: set[str], many: int, seed: int) -> None:
    dice = random.Random(seed)
    plan = rules.filled(Plan(stages=sorted(stages)), DECK, dice)
    fit = {piece.id for piece in rules.fitting(DECK, stages)}
    came: list[str] = []
    for number in range(many):
        on = date(2026, 1, 1) + timedelta(days=number)
        came.append(plan.queue[0])
        plan = rules.filled(rules.settled(rules.sent(plan, on), on.isoformat(), arrived=True), DECK, dice)
        assert len(plan.queue) >= AHEAD
    for number in range(0, many, len(fit)):
        whole = came[number : number + len(fit)]
        assert len(set(whole)) == len(whole)
        assert set(whole) <= fit
    assert len(fit) == 1 or all(one != two for one, two in pairwise(came))


@given(st.integers(0, 80), st.integers())
def test_what_did_not_arrive_comes_next_and_another_comes_late(many: int, seed: int) -> None:
    dice = random.Random(seed)
    plan, on = rules.filled(Plan(), DECK, dice), date(2026, 1, 1)
    for _ in range(many):
        plan = rules.filled(rules.settled(rules.sent(plan, on), on.isoformat(), arrived=True), DECK, dice)
    first, second = plan.queue[:2]
    lost = rules.settled(rules.sent(plan, on), on.isoformat(), arrived=False)
    assert (lost.queue[:2], lost.out) == ([first, second], {})
    later = rules.another(plan, first)
    assert later.queue[0] == second
    assert first not in later.queue[: AHEAD - 1]


@given(STAGES, STAGES, st.integers(0, 60), st.integers())
def test_other_stages_bring_nothing_that_came_in_this_round(
    before: set[str], after: set[str], many: int, seed: int
) -> None:
    dice = random.Random(seed)
    plan, on = rules.filled(Plan(stages=sorted(before)), DECK, dice), date(2026, 1, 1)
    came: list[str] = []
    while len(came) < min(many, len(rules.fitting(DECK, before)) - AHEAD):
        came.append(plan.queue[0])
        plan = rules.filled(rules.settled(rules.sent(plan, on), on.isoformat(), arrived=True), DECK, dice)
    changed = rules.restaged(plan, DECK, sorted(after), dice)
    fresh = {piece.id for piece in rules.fitting(DECK, after)} - set(came)
    assert set(changed.queue[: len(fresh)]) == fresh or not fresh
    assert len(changed.queue) >= AHEAD


def test_a_piece_that_the_deck_lost_does_not_come() -> None:
    plan = rules.filled(Plan(queue=["gone", DECK[0].id]), DECK, random.Random(1))
    assert "gone" not in plan.queue
    assert rules.filled(Plan(stages=["nothing"]), DECK, random.Random(1)).queue == []
