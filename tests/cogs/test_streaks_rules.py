"""What a ledger comes to: recounted on a calendar, whatever the order, and given back by whatever is taken back."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.streaks import rules
from cogs.streaks.rules import (
    ENDS,
    LAPSES,
    Entry,
    Kind,
    Standing,
    Trigger,
    held_between,
    last_lapse,
    may_frighten,
    next_milestone,
    not_checking,
    standing,
)

DAY = date(2026, 3, 4)
NEVER_COUNT = (Kind.THEY_WROTE, Kind.UNAVOIDABLE, Kind.LOOKED)
DAYS = st.integers(-60, 10).map(lambda n: DAY + timedelta(days=n))
ENTRIES = st.builds(Entry, st.sampled_from(Kind), DAYS)
LEDGERS = st.lists(ENTRIES, max_size=12)
TODAYS = st.integers(0, 5).map(lambda n: DAY + timedelta(days=n))


def each_day(first: date, last: date) -> Iterator[date]:
    """Yield the days from the first to the last."""
    while first <= last:
        yield first
        first += timedelta(days=1)


class Calendar:
    """A calendar that somebody crosses days off on, one each evening, with no look ahead."""

    def __init__(self) -> None:
        self.since: date | None = None  # None until something begins
        self.aside: date | None = None
        self.anew = False
        self.run = self.best = 0
        self.crosses: list[str] = []  # one for each day that counts: "held" or "contact"

    def evening(self, day: date, kinds: set[Kind]) -> None:
        """Cross off one day, by what was logged on it."""
        if self.since is None:
            if kinds & ENDS:
                self.since = day
                self.aside = day if Kind.ASIDE in kinds else None
        elif self.aside is not None:
            if Kind.START in kinds:
                self.since, self.run, self.anew = day, 0, True
                self.aside = day if Kind.ASIDE in kinds else None
        else:
            both = Kind.ASIDE in kinds and Kind.START in kinds
            if kinds & LAPSES or (Kind.START in kinds and not both):
                self.crosses.append("contact")
                self.since, self.run, self.anew = day, 0, False
            else:
                self.crosses.append("held")
                self.run += 1
                self.best = max(self.best, self.run)
            if both:
                self.since, self.run, self.anew = day, 0, True
            elif Kind.ASIDE in kinds:
                self.aside = day


def recount(entries: list[Entry], today: date) -> Standing | None:
    """Walk day by day from the first entry to today."""
    calendar = Calendar()
    for day in each_day(min((entry.day for entry in entries), default=today), today):
        calendar.evening(day, {entry.kind for entry in entries if entry.day == day})
    if calendar.since is None:
        return None
    held, of = calendar.crosses.count("held"), len(calendar.crosses)
    return Standing(calendar.run, calendar.since, calendar.best, held, of, calendar.aside, calendar.anew)


def recount_looks(entries: list[Entry], today: date) -> int | None:
    """Walk back from today to the last look, or to where all began."""
    begun = {entry.day for entry in entries if entry.day <= today and entry.kind in ENDS | {Kind.LOOKED}}
    days, day = 0, today
    while begun and day > min(begun) and Entry(Kind.LOOKED, day) not in entries:
        days, day = days + 1, day - timedelta(days=1)
    return days if begun else None


@given(LEDGERS, TODAYS)
def test_the_numbers_are_those_of_a_recount_on_any_day(entries: list[Entry], today: date) -> None:
    assert standing(entries, today) == recount(entries, today)


@given(LEDGERS, st.randoms(use_true_random=False))
def test_the_order_of_entries_never_matters(entries: list[Entry], dice: random.Random) -> None:
    other = dice.sample(entries, len(entries))
    assert standing(other, DAY) == standing(entries, DAY)
    assert not_checking(other, DAY) == not_checking(entries, DAY)
    assert last_lapse(other) == last_lapse(entries)


@given(LEDGERS, st.lists(ENTRIES, max_size=4), st.data())
def test_taking_back_what_was_added_changed_or_moved_gives_the_numbers_back(
    entries: list[Entry], added: list[Entry], data: st.DataObject
) -> None:
    before = standing(entries, DAY)
    now = [*entries, *added]
    for entry in added:
        now.remove(entry)
    assert standing(now, DAY) == before
    if entries:
        place = data.draw(st.integers(0, len(entries) - 1))
        kind, day = data.draw(st.sampled_from(Kind)), data.draw(DAYS)
        former, now[place] = now[place], replace(now[place], kind=kind, day=day)
        assert standing(now, DAY) == recount(now, DAY)
        now[place] = former
        assert standing(now, DAY) == before


@given(LEDGERS, st.lists(st.builds(Entry, st.sampled_from(NEVER_COUNT), DAYS), max_size=8), TODAYS)
def test_what_they_did_what_could_not_be_avoided_and_looking_change_no_number(
    entries: list[Entry], others: list[Entry], today: date
) -> None:
    assert standing([*entries, *others], today) == standing(entries, today)
    assert last_lapse([*entries, *others]) == last_lapse(entries)


@given(LEDGERS, st.lists(ENTRIES.filter(lambda entry: entry.kind is not Kind.LOOKED), max_size=8))
def test_days_without_looking_are_ended_by_looking_alone(entries: list[Entry], others: list[Entry]) -> None:
    before = not_checking(entries, DAY)
    after = not_checking([*entries, *others], DAY)
    if before is not None and any(entry.kind is Kind.LOOKED and entry.day <= DAY for entry in entries):
        assert after is not None
        assert (after.days, after.since) == (before.days, before.since)


@given(LEDGERS, st.integers(0, 70), st.integers(0, 70))
def test_the_days_held_between_two_days_are_those_crossed_off(entries: list[Entry], back: int, length: int) -> None:
    after = DAY - timedelta(days=back)
    until = after + timedelta(days=length)
    crossed = [recount(entries, day) for day in (after, until)]
    held = [each.held if each else 0 for each in crossed]
    assert held_between(entries, after, until) == held[1] - held[0]


@given(LEDGERS)
def test_the_last_lapse_is_one_of_the_members_own(entries: list[Entry]) -> None:
    own = [entry.day for entry in entries if entry.kind in LAPSES]
    assert last_lapse(entries) == (max(own) if own else None)


@given(LEDGERS, st.sampled_from(Trigger))
def test_what_set_it_off_changes_no_number(entries: list[Entry], trigger: Trigger) -> None:
    assert standing([replace(entry, trigger=trigger) for entry in entries], DAY) == standing(entries, DAY)


def on(kind: Kind, ago: int) -> Entry:
    """An entry so many days ago."""
    return Entry(kind, DAY - timedelta(days=ago))


@pytest.mark.parametrize(
    ("entries", "days", "held", "of", "best"),
    [
        ([on(Kind.START, 20), on(Kind.ASIDE, 10)], 10, 10, 10, 10),  # nothing counts since
        ([on(Kind.START, 20), on(Kind.ASIDE, 10), on(Kind.WROTE, 5)], 10, 10, 10, 10),  # nor does what happens then
        ([on(Kind.START, 20), on(Kind.ASIDE, 10), on(Kind.START, 4)], 4, 14, 14, 10),
        ([on(Kind.START, 20), on(Kind.ASIDE, 10), on(Kind.START, 4), on(Kind.WROTE, 1)], 1, 13, 14, 10),
        ([on(Kind.START, 20), on(Kind.ASIDE, 10), on(Kind.START, 10)], 10, 20, 20, 10),  # there and back in one day
        ([on(Kind.START, 0), on(Kind.ASIDE, 0)], 0, 0, 0, 0),
        ([on(Kind.ASIDE, 5)], None, 0, 0, 0),  # there is nothing to set aside
    ],
)
def test_days_that_are_set_aside_are_neither_held_nor_not(
    entries: list[Entry], days: int | None, held: int, of: int, best: int
) -> None:
    now = standing(entries, DAY)
    if days is None:
        assert now is None
    else:
        assert now is not None
        assert (now.days, now.held, now.of, now.best) == (days, held, of, best)


@pytest.mark.parametrize(
    ("kinds", "frightens"),
    [
        ([on(Kind.WROTE, 0)], False),
        ([on(Kind.WROTE, 0), on(Kind.WROTE, 3)], False),
        ([on(Kind.WROTE, 0), on(Kind.WROTE, 3), on(Kind.WROTE, 6)], True),
        ([on(Kind.WROTE, 0), on(Kind.WROTE, 3), on(Kind.WROTE, 7)], False),
        ([on(Kind.WROTE, 0), on(Kind.ANSWERED, 1), on(Kind.ANSWERED, 2)], False),
        ([on(Kind.WROTE, 3), on(Kind.WROTE, 2), on(Kind.WROTE, 0)], False),  # what came later does not count
        ([on(Kind.ANSWERED, 0), on(Kind.ANSWERED, 1), on(Kind.ANSWERED, 2)], False),
        ([on(Kind.VISITED, 0)], True),
        ([on(Kind.THROUGH, 0)], True),
        ([on(Kind.ACCOUNT, 0)], True),
        ([on(Kind.LOOKED, 0)], False),
    ],
)
def test_the_third_message_in_a_week_may_frighten_and_a_visit_at_once(kinds: list[Entry], frightens: bool) -> None:
    assert may_frighten(kinds, kinds[0]) is frightens


def test_the_milestones_are_those_that_are_promised() -> None:
    marked = [next_milestone(0)]
    for _ in range(19):
        marked.append(next_milestone(marked[-1]))
    first = [1, 3, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365]
    assert marked == [*first, 548, 730, 913, 1095, 1278, 1460, 1643]
    for day in range(1500):
        assert next_milestone(day) == min(mark for mark in marked if mark > day)


def test_a_day_without_a_check_in_is_unknown_while_they_are_in_use_and_counts_as_held() -> None:
    first = DAY - timedelta(days=20)
    entries = [Entry(Kind.START, first), Entry(Kind.THEY_WROTE, first + timedelta(days=4))]
    entries.append(Entry(Kind.WROTE, first + timedelta(days=5)))
    told = rules.calendar(entries, first, DAY, {first + timedelta(days=2), first + timedelta(days=18)})
    unknown = [number for number, day in enumerate(told) if day == "unknown"]
    assert unknown == [3, 6, 7, 8, 9, 19]  # a week after the first; neither 20, which is today, nor what was logged
    now = standing(entries, DAY)
    assert now is not None
    assert (now.held, now.of) == (19, 20)


@given(LEDGERS, st.frozensets(DAYS), st.integers(0, 70))
def test_check_ins_change_held_days_alone(entries: list[Entry], checkins: frozenset[date], back: int) -> None:
    first = DAY - timedelta(days=back)
    plain, told = rules.calendar(entries, first, DAY), rules.calendar(entries, first, DAY, checkins)
    for number, (before, after) in enumerate(zip(plain, told, strict=True)):
        day = first + timedelta(days=number)
        used = any(timedelta(0) < day - each <= timedelta(days=7) for each in checkins)
        silent = used and day < DAY and day not in checkins and all(entry.day != day for entry in entries)
        assert (before, after) == (before, "unknown" if silent and before == "held" else before)


def test_the_calendar_tells_every_kind_of_day() -> None:
    day = date(2026, 3, 1)
    ledger = [
        Entry(Kind.START, day + timedelta(days=1)),
        Entry(Kind.UNAVOIDABLE, day + timedelta(days=3)),
        Entry(Kind.WROTE, day + timedelta(days=4)),
        Entry(Kind.ASIDE, day + timedelta(days=5)),
        Entry(Kind.START, day + timedelta(days=7)),
        Entry(Kind.THEY_WROTE, day + timedelta(days=8)),
    ]
    told = [str(each) for each in rules.calendar(ledger, day, day + timedelta(days=8))]
    assert told == ["before", "contact", "held", "unavoidable", "contact", "held", "aside", "held", "held"]
