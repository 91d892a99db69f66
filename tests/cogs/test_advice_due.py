"""The daily piece comes once each date of the member's clock, or it is noted why not; and silence is met kindly."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import people
from bot.adapter import Retry, Unknown, Unreachable
from bot.clock import zone
from bot.model import Reply
from cogs.advice import rhythm, store
from cogs.advice.rhythm import Outcome, Step, date_of
from cogs.advice.store import Reading
from cogs.stage import Stage, Whom
from tests.cogs.test_advice import DECK, daily, piece_in
from tests.harness import HOME, TOWN, Person, World
from tests.zipped import kept

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "America/Havana")
BEGUN = datetime(2011, 12, 1, tzinfo=UTC)  # Samoa left out a day that month


async def reading(person: Person) -> Reading:
    """What is kept of what they read."""
    house = person.world.house
    async with house.store.reading() as tx:
        member = await people.find(tx, house.vault, person.account)
        assert member is not None
        return await store.load(tx, member)


async def log(person: Person) -> dict[str, str]:
    """What came of the last dates."""
    return (await reading(person)).log


# -- once each date


@example("Pacific/Apia", 0, BEGUN + timedelta(hours=538), None, [48, 48, 1])
@example("America/Nuuk", 23, datetime(2026, 3, 28, 1, tzinfo=UTC), None, [24, 24, 1])  # no 23:00 on the 28th
@given(
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(0, 24 * 366 * 15).map(lambda hours: BEGUN + timedelta(hours=hours)),
    st.none() | st.integers(0, 6),
    st.lists(st.integers(1, 80), min_size=1, max_size=20),
)
def test_every_date_has_one_instant_however_late_it_is_looked_at(
    name: str, hour: int, now: datetime, weekday: int | None, waits: list[int]
) -> None:
    tz, last = zone(name), date.min
    for wait in waits:
        at = rhythm.next_at(now, hour, tz, weekday, None)
        day = date_of(at, hour, tz)
        assert at > now
        assert day > last
        assert weekday in (None, day.weekday())
        begins = datetime.combine(day, time(hour), tz).astimezone(UTC)
        assert at == begins  # an hour that is left out comes as much later; one that comes twice, at its first coming
        if weekday is None and last > date.min:
            skipped = [last + timedelta(days=number) for number in range(1, (day - last).days)]
            instants = {each: datetime.combine(each, time(hour), tz).astimezone(UTC) for each in skipped}
            assert not [each for each, when in instants.items() if when > now and date_of(when, hour, tz) == each]
        last, now = day, max(now, at) + timedelta(hours=wait)


@given(
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(0, 24 * 366 * 15).map(lambda hours: BEGUN + timedelta(hours=hours)),
)
def test_a_change_of_zone_brings_no_second_on_one_date(old: str, new: str, hour: int, now: datetime) -> None:
    at = rhythm.next_at(now, hour, zone(old), None, None)
    given = date_of(at, hour, zone(old))
    again = rhythm.next_at(at + timedelta(minutes=5), hour, zone(new), None, given)
    assert given < date_of(again, hour, zone(new)) <= given + timedelta(days=2)


@given(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.integers(0, 30), st.none() | st.integers(0, 6))
def test_what_was_missed_is_noted_for_each_date_and_no_more_than_a_fortnight(
    first: date, many: int, weekday: int | None
) -> None:
    until = first + timedelta(days=many)
    known = {first.isoformat(): "sent"}
    found = rhythm.passed(Reading(weekday=weekday, log=known), first, until, Outcome.MISSED).log
    assert len(found) == min(max(many, 1), rhythm.LOGGED)
    for day, what in found.items():
        on = date.fromisoformat(day)
        assert what == known.get(day, Outcome.MISSED if weekday in (None, on.weekday()) else Outcome.WEEKLY)


async def test_down_for_three_hours_it_comes_once_and_late(world: World) -> None:
    ada = await daily(world)
    await world.moves(hours=8 + 3)
    await world.moves(hours=1)
    assert len(ada.reads()) == 1
    assert await log(ada) == {"2026-03-04": Outcome.LATE}


async def test_down_for_days_each_of_them_has_its_reason_and_the_next_is_on_time(world: World) -> None:
    ada = await daily(world)
    await world.moves(days=3)
    assert ada.reads() == []
    await world.moves(hours=8)
    assert len(ada.reads()) == 1
    assert await log(ada) == {f"2026-03-{day:02}": Outcome.MISSED for day in (4, 5, 6)} | {"2026-03-07": Outcome.SENT}


async def test_down_for_days_the_newest_comes_where_it_is_not_too_late(world: World) -> None:
    ada = await daily(world)
    await world.moves(hours=8 + 48 + 2)
    assert len(ada.reads()) == 1
    assert await log(ada) == {f"2026-03-{day:02}": Outcome.MISSED for day in (4, 5)} | {"2026-03-06": Outcome.LATE}
    await world.moves(hours=22)
    assert len(ada.reads()) == 2


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(hours=2), timedelta(hours=30)])
async def test_a_clock_set_back_brings_no_second(world: World, back: timedelta) -> None:
    ada = await daily(world)
    await world.moves(hours=8)
    world.clock.at -= back
    for _ in range(2 * 24):
        await world.moves(hours=1)
    days = sorted({piece_in(text).id for text in ada.reads()})
    expected = 1 + (timedelta(hours=48) - back) // timedelta(days=1)
    assert len(days) == len(ada.reads()) == expected


@pytest.mark.parametrize(
    ("name", "begun", "hour", "instants"),
    [
        ("Europe/Berlin", "2026-03-28T12:00", 2, ["2026-03-29T01:00", "2026-03-30T00:00"]),  # no 2:00 on the 29th
        ("Europe/Berlin", "2026-10-24T12:00", 2, ["2026-10-25T00:00", "2026-10-26T01:00"]),  # 2:00 twice on the 25th
        ("America/Havana", "2026-03-07T12:00", 0, ["2026-03-08T05:00", "2026-03-09T04:00"]),  # no midnight on the 8th
    ],
)
async def test_an_hour_that_is_not_there_or_comes_twice_brings_one(
    world: World, name: str, begun: str, hour: int, instants: list[str]
) -> None:
    world.clock.at = datetime.fromisoformat(f"{begun}+00:00")
    ada = await world.member("ada", last="100")
    await ada.says(f"/zone {name}")
    await ada.says(f"/daily {hour}")
    came: list[str] = []
    for _ in range(2 * 48):
        before = len(ada.reads())
        await world.moves(minutes=30)
        came += [f"{world.clock.now():%Y-%m-%dT%H:%M}"] * (len(ada.reads()) - before)
    assert came == instants


async def test_late_beyond_the_beginning_of_a_day_the_next_one_comes_all_the_same(world: World) -> None:
    ada = await daily(world, hour=3)
    await world.moves(hours=17)  # 5:00, which is another day of hers
    assert len(ada.reads()) == 1
    await world.moves(hours=22)
    first, second = (piece_in(text).id for text in ada.reads())
    assert first != second


async def test_a_fault_puts_it_off_and_the_date_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await daily(world, hour=23)

    async def fails(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("cogs.advice.drop.give", fails)
        await world.moves(hours=11)
    assert ada.reads() == []
    await world.moves(hours=1)
    assert await log(ada) == {"2026-03-04": Outcome.LATE}
    await world.moves(hours=23)
    assert len(ada.reads()) == 2


@pytest.mark.parametrize(
    ("before", "why"), [("/pause", Outcome.PAUSED), ("/advice", Outcome.READ), ("/daily 2", Outcome.MOVED)]
)
async def test_why_there_was_none_is_noted(world: World, before: str, why: Outcome) -> None:
    ada = await daily(world)
    await ada.says(before)
    await world.moves(hours=9)
    assert ada.reads() == []
    assert await log(ada) == {"2026-03-04": why}


async def test_what_is_halted_is_noted(world: World) -> None:
    ada = await daily(world)
    async with world.house.store.transaction() as tx:
        await tx.execute(store.cog.tables[0].metadata.tables["communities"].update().values(halted=True))
    await world.moves(hours=8)
    assert ada.reads() == []
    assert await log(ada) == {"2026-03-04": Outcome.HALTED}


async def test_what_did_not_arrive_is_noted(world: World) -> None:
    ada, bob, cal = [await daily(world, name) for name in ("ada", "bob", "cal")]
    world.platform.outcomes = [Unreachable(), Unknown()]
    world.clock.move(timedelta(hours=8))
    world.scheduler.wake()
    await world.scheduler.tick()
    while await world.sender.drain():
        pass
    noted = sorted([(await log(each))["2026-03-04"] for each in (ada, bob, cal)])
    assert noted == ["sent", "unknown", "unreachable"]


async def test_what_could_not_go_out_in_time_is_noted(world: World) -> None:
    ada = await daily(world)
    world.platform.outcomes = [Retry(timedelta(hours=4))]
    await world.moves(hours=8)
    await world.moves(hours=5)
    assert ada.reads() == []
    assert await log(ada) == {"2026-03-04": "expired"}


async def queued(world: World, hours: float) -> None:
    """Let time pass and what is due happen; nothing goes out yet."""
    world.clock.move(timedelta(hours=hours))
    world.scheduler.wake()
    await world.scheduler.tick()


async def given_in_all(world: World) -> int:
    """How often any piece is counted as given."""
    async with world.house.store.reading() as tx:
        return sum(row["given"] for row in await tx.rows(store.feedback))


async def halts(world: World) -> None:
    """Let an owner halt everything."""
    world.platform.owners["olga"] = HOME
    await world.person("olga", TOWN).says("/halt")


async def test_a_pause_takes_back_the_piece_that_was_about_to_go_out(world: World) -> None:
    ada = await world.member("ada", last="29")
    await ada.says("/daily 20")
    await world.moves(hours=8)
    before, had = await reading(ada), len(ada.reads())
    await queued(world, 24)
    assert (await reading(ada)).milestone
    await ada.says("/pause")
    await world.settle()
    assert len(ada.reads()) == had
    after = await reading(ada)
    assert after.log == {"2026-03-04": Outcome.SENT, "2026-03-05": Outcome.PAUSED}
    for name in ("given", "piece", "had", "silent", "milestone", "told"):
        assert getattr(after, name) == getattr(before, name), name
    assert await given_in_all(world) == 1
    await ada.says("/resume")
    await world.moves(hours=24)
    assert "30" in ada.reads()[-1].split("\n\n")[1]
    assert (await log(ada))["2026-03-06"] == Outcome.SENT


async def test_a_halt_takes_back_the_piece_that_was_about_to_go_out(world: World) -> None:
    ada = await daily(world)
    await queued(world, 8)
    await halts(world)
    await world.settle()
    assert ada.reads() == []
    after = await reading(ada)
    assert (after.log, after.had, after.given) == ({"2026-03-04": Outcome.HALTED}, [], "2026-03-03")
    assert await given_in_all(world) == 0


async def test_a_piece_that_is_taken_back_takes_back_that_it_began_the_next_round(world: World) -> None:
    ada = await world.member("ada", last="29")
    await ada.says("/stage")
    await ada.chooses("rebuilding")
    await ada.says("/daily 22")  # at which few are right for them
    await world.moves(hours=10)
    of_stage = [piece for piece in DECK if piece.stage is Stage.REBUILDING and piece.whom is Whom.ANY]
    light = {piece.id for piece in of_stage if piece.moment is None and not piece.heavy}
    for _ in list(light)[1:]:
        await world.moves(hours=24)
    before = await reading(ada)
    assert set(before.had) == light
    await queued(world, 24)
    assert len((await reading(ada)).had) == 1
    await ada.says("/pause")
    after = await reading(ada)
    assert (set(after.had), after.piece) == (set(before.had), before.piece)


async def test_what_may_have_arrived_before_the_pause_is_used_up(world: World) -> None:
    ada = await daily(world)
    world.platform.outcomes = [Retry(timedelta(hours=1), maybe=True)]
    await world.moves(hours=8)
    before = await reading(ada)
    await ada.says("/pause")
    after = await reading(ada)
    assert after.log == {"2026-03-04": "unknown"}
    assert (after.had, after.given) == (before.had, before.given)


async def test_a_pause_does_not_take_back_what_was_read_meanwhile(world: World) -> None:
    ada = await daily(world)
    await queued(world, 8)
    await ada.says("/advice")
    before = await reading(ada)
    await ada.says("/pause")
    assert (await reading(ada)).had == before.had == [before.piece]


@pytest.mark.parametrize(
    ("number", "text"), [(14, "still of use"), (28, "once a week, on"), (56, "last one that comes")]
)
async def test_a_word_to_silence_that_did_not_arrive_is_said_with_the_next_one(
    world: World, number: int, text: str
) -> None:
    ada = await daily(world, hour=12)
    await silent(ada, number)
    world.platform.outcomes = [Retry(timedelta(hours=4))]
    await queued(world, 24)
    while await world.sender.drain():
        pass
    before = await reading(ada)
    assert before.told[1] == rhythm.step(replace(before, silent=before.silent - 1))
    await world.moves(hours=5)
    again = await reading(ada)
    assert again.silent == before.silent - 1
    assert again.hour == 12
    said = await silent(ada, 7)
    assert [each for each in said if text in each] == said[:1]


async def test_of_the_days_until_an_ending_is_known_not_to_have_arrived_it_is_noted_that_they_had_none(
    world: World,
) -> None:
    ada = await daily(world, hour=12)
    await silent(ada, 56)
    world.platform.outcomes = [Retry(timedelta(days=3))]
    await world.moves(days=1)
    ended = world.clock.now().date()
    assert (await reading(ada)).hour is None
    await world.moves(days=3)
    after = await reading(ada)
    assert after.hour == 12
    assert [after.log[f"{ended + timedelta(days=number)}"] for number in range(4)] == ["expired", *["missed"] * 3]


# -- once a week


async def test_it_comes_once_a_week_on_the_day_that_was_chosen(world: World) -> None:
    ada = await daily(world, hour=12)
    assert "One thought a week, on Friday at 12:00" in (await ada.chooses("friday")).text
    for _ in range(15):
        await world.moves(days=1)
    assert len(ada.reads()) == 2
    assert set((await log(ada)).values()) == {Outcome.SENT, Outcome.WEEKLY}
    assert (await log(ada))["2026-03-13"] == Outcome.SENT
    await ada.says("/daily 7")
    assert "One thought a week, on Friday at 07:00" in ada.seen.text
    assert "One thought a day" in (await ada.chooses("every")).text


# -- silence


async def silent(person: Person, days: int) -> list[str]:
    """Let so many days pass without a sign; return what was said on them."""
    before = len(person.reads())
    for _ in range(days):
        await person.world.moves(days=1)
    return person.reads()[before:]


async def away(person: Person, days: int) -> list[str]:
    """Let nothing run for so many days; return what was said after them."""
    before = len(person.reads())
    await person.world.moves(days=days)
    return person.reads()[before:]


async def test_fourteen_silent_days_are_asked_about_once_then_it_is_weekly_then_it_ends(world: World) -> None:
    ada = await daily(world, hour=12)
    came = {number: await silent(ada, 1) for number in range(70)}
    assert all(len(texts) <= 1 for texts in came.values())
    days = [number for number, texts in came.items() if texts]
    assert days == [*range(29), 35, 42, 49, 56]
    asked = [number for number, (text,) in ((n, t) for n, t in came.items() if t) if "still of use" in text]
    assert asked == [14]
    assert "from 2 April on" in came[14][0]
    assert [n for n, texts in came.items() if texts and "once a week, on Thursday" in texts[0]] == [28]
    assert [n for n, texts in came.items() if texts and "the last one that comes by itself" in texts[0]] == [56]
    assert "No daily thought" in (await ada.says("/daily")).text


async def asked(world: World) -> Person:
    """Someone who has just been asked."""
    ada = await daily(world, hour=12)
    texts = await silent(ada, 15)
    assert "still of use" in texts[-1]
    assert [label for label in ada.labels if label in ("Daily", "Weekly", "Stop", "Pause")] == [
        "Daily",
        "Weekly",
        "Stop",
    ]
    return ada


async def test_whoever_answers_daily_keeps_it_and_is_never_asked_again(world: World) -> None:
    ada = await asked(world)
    said = await ada.taps("Daily")
    assert isinstance(said, Reply)
    assert "One thought a day, at 12:00" in said.text
    texts = await silent(ada, 100)
    assert len(texts) == 100
    assert not [text for text in texts if "still of use" in text]
    await ada.says("/daily 11")
    assert len(await silent(ada, 30)) == 30
    await ada.taps("Pause")
    await ada.taps("Begin again")
    assert [text for text in await silent(ada, 20) if "still of use" in text]


async def test_whoever_answers_weekly_has_it_on_that_day_and_is_never_asked_again(world: World) -> None:
    ada = await asked(world)
    said = await ada.taps("Weekly")
    assert isinstance(said, Reply)
    assert "One thought a week, on Thursday at 12:00" in said.text
    texts = await silent(ada, 7 * 20)
    assert len(texts) == 20
    assert not [text for text in texts if "still of use" in text]


async def test_whoever_answers_stop_has_no_more(world: World) -> None:
    ada = await asked(world)
    await ada.taps("Stop")
    assert await silent(ada, 20) == []


@pytest.mark.parametrize("quiet", [10, 20, 35, 50])
async def test_any_use_ends_the_silence_and_brings_it_back_each_day(world: World, quiet: int) -> None:
    ada = await daily(world, hour=12)
    await silent(ada, quiet)
    await ada.says("/streak")
    texts = await silent(ada, 15)
    assert len(texts) == 15
    assert [number for number, text in enumerate(texts) if "still of use" in text] == [14]


async def test_a_day_on_which_they_were_there_is_no_silent_one(world: World) -> None:
    ada = await daily(world, hour=12)
    await silent(ada, 3)
    await world.moves(hours=23)
    await ada.says("/streak")
    await world.moves(hours=1)
    texts = await silent(ada, 15)
    assert [number for number, text in enumerate(texts) if "still of use" in text] == [14]


async def test_days_on_which_none_came_are_no_silence(world: World) -> None:
    ada = await daily(world, hour=12)
    await silent(ada, 10)
    assert len(await away(ada, 20)) == 1  # that of the last day is on time
    texts = await silent(ada, 6)
    assert [number for number, text in enumerate(texts) if "still of use" in text] == [14 - 10 - 1]


async def test_in_discreet_mode_all_of_it_is_there_once_it_is_shown(world: World) -> None:
    ada = await daily(world, hour=12)
    await ada.says("/settings")
    await ada.chooses("discreet_on")
    for number, text in (
        (15, "still of use"),
        (15 + 14, "once a week, on"),
        (15 + 14 + 28, "last one that comes by itself"),
    ):
        said = await silent(ada, number)
        assert set(said) == {"Something is here for you."}
        shown = await ada.taps("Show it")
        assert isinstance(shown, Reply)
        assert text in shown.text
        await ada.says("/daily 12")


async def test_what_is_kept_of_it_comes_with_the_export_and_its_length_tells_nothing(world: World) -> None:
    ada = await daily(world, hour=12)
    await world.member("bob")
    await silent(ada, 3)
    exported = kept((await ada.says("/export")).files[0].data)["readings"][0]["state"]
    assert exported["log"] == {f"2026-03-{day:02}": "sent" for day in (5, 6, 7)}
    async with world.house.store.reading() as tx:
        sizes = {len(row.state) for row in (await tx.execute(store.readings.select())).all()}
    assert len(sizes) == 1


def test_steps_are_as_far_apart_as_said() -> None:
    told = {number: rhythm.step(Reading(silent=number)) for number in range(40)}
    assert {number: each for number, each in told.items() if each} == {14: Step.ASK, 28: Step.SLOW, 32: Step.END}
    assert not any(rhythm.step(Reading(silent=number, keeps=True)) for number in range(40))
