"""A plan comes back at the hour that was chosen for it: once a day at most, and never after Stop."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import clock, people
from bot.due import due
from bot.model import Button, Menu, Reply
from bot.people import Member
from cogs import unasked
from cogs.streaks import Plan, Trigger, plan_for
from cogs.streaks.plans import USUAL, next_time, usual_hour
from cogs.streaks.rules import Entry, Kind
from cogs.streaks.store import Back, Days, Line
from tests.harness import Person, World

SAID = "A note, as you wanted.\n\nYou made a plan for this hour: when I lie awake, I will read."
UNASKED = Button("-", "streak")


async def taps(person: Person, label: str) -> str:
    """Press, and read the answer."""
    answer = await person.taps(label)
    assert isinstance(answer, Reply)
    return answer.text


async def plans(world: World, person: Person, trigger: str = "alcohol") -> None:
    """Log a contact and make a plan for what set it off."""
    await person.says("/contact wrote")
    await taps(person, "What set it off?")
    await person.chooses(trigger)
    await person.opens("Change it" if "Change it" in person.labels else "Make a plan")
    await person.fills(when="I lie awake", will="read")


async def reminded(world: World, last: str = "28") -> Person:
    """Return a member who is reminded of a plan at 21:00 every day."""
    ada = await world.member("ada", last=last)
    await plans(world, ada)
    await taps(ada, "Remind me of it")
    await ada.chooses("21")
    return ada


async def until(world: World, hour: int, days: int = 0, minutes: float = 0) -> None:
    """Let it be that hour of UTC, today or so many days later, and all happen that is due on the way."""
    at = datetime.combine(world.clock.now().date(), datetime.min.time(), UTC) + timedelta(days=days, hours=hour)
    while (left := at + timedelta(minutes=minutes) - world.clock.now()) > timedelta():
        await world.moves(hours=min(left.total_seconds(), 3600) / 3600)


async def test_it_is_offered_where_a_plan_is_kept_and_takes_two_taps(world: World) -> None:
    ada = await world.member("ada")
    await plans(world, ada)
    assert ada.labels == ["Remind me of it", "Enough for tonight", "Ask a coach", "Help lines"]
    assert "At which hour of yours" in await taps(ada, "Remind me of it")
    assert ada.labels == ["At 12:00", "Not at all", "Another hour", "Help lines"]  # the entry was written at noon
    assert await taps(ada, "At 12:00") == "Kept. It comes back every day at 12:00."
    (menu,) = [item for row in ada.seen.rows for item in row if isinstance(item, Menu)]
    assert [option.label for option in menu.options][:3] == ["Every day", "Monday", "Tuesday"]


async def test_it_comes_at_its_hour_every_day(world: World) -> None:
    ada = await reminded(world)
    await until(world, 20, minutes=59)
    assert ada.reads() == []
    await until(world, 21)
    assert ada.reads() == [SAID]
    assert ada.labels == ["It helped", "Not now", "Stop", "Help lines"]
    await until(world, 21, days=2)
    assert ada.reads() == [SAID] * 3


async def test_it_comes_by_night_where_that_hour_was_chosen(world: World) -> None:
    ada = await reminded(world)
    await ada.taps("Another hour")
    await ada.chooses("2")
    await until(world, 2, days=1)
    assert ada.reads() == [SAID]


@pytest.mark.parametrize(
    ("label", "said"), [("It helped", "Good. That was you."), ("Not now", "All right. It is here")]
)
async def test_either_answer_keeps_nothing_and_it_comes_again(world: World, label: str, said: str) -> None:
    ada = await reminded(world)
    await until(world, 21)
    ada.reads()
    assert (await taps(ada, label)).startswith(said)
    assert ada.seen.edit
    await until(world, 21, days=1)
    assert ada.reads()[-1] == SAID


async def test_after_stop_it_comes_no_more_and_the_plan_stays(world: World) -> None:
    ada = await reminded(world)
    await until(world, 21)
    ada.reads()
    said = ada.seen
    assert "it doesn't come by itself" in await taps(ada, "Stop")
    ada.last = said
    assert "it doesn't come by itself" in await taps(ada, "Stop")
    await until(world, 23, days=3)
    assert len(ada.reads()) == 1
    assert await plan_of(world, ada) == Plan("I lie awake", "read")


async def test_not_at_all_leaves_the_plan_and_plans_nothing(world: World) -> None:
    ada = await reminded(world)
    await taps(ada, "Not at all")
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, due.c.job == "streaks.plan_back") == []
    assert "Remind me of it" in ada.labels


async def test_on_one_day_of_the_week(world: World) -> None:
    ada = await reminded(world)
    said = (await ada.chooses("friday")).text
    assert said == "Kept. It comes back every Friday at 21:00, next on Friday, 6 March."
    for day, count in ((0, 0), (1, 0), (1, 1), (1, 1), (5, 1), (1, 2)):
        await until(world, 22, days=day)
        assert len(ada.reads()) == count


async def test_a_night_belongs_to_the_evening_it_began_in(world: World) -> None:
    ada = await reminded(world)
    await ada.taps("Another hour")
    await ada.chooses("2")
    assert (await ada.chooses("friday")).text.endswith("every Friday at 02:00, next on Saturday, 7 March.")
    await until(world, 1, days=3)
    assert ada.reads() == []
    await until(world, 2)
    assert ada.reads() == [SAID]


async def test_at_most_one_note_a_day_whoever_it_is_from(world: World) -> None:
    ada = await reminded(world)
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
        assert member is not None
        work = world.house.work(tx)
        assert await unasked.say(work, member, ada.place, Reply("Other."), name="n", stop=UNASKED, show=UNASKED)
    await until(world, 22)
    assert len(ada.reads()) == 1
    assert "Other." in ada.reads()[0]
    await until(world, 22, days=1)
    assert ada.reads()[1:] == [SAID]


@pytest.mark.parametrize(("late", "count"), [(0, 1), (2.9, 1), (3.1, 0), (20, 0), (26, 1)])
async def test_late_within_three_hours_it_comes_once_and_later_not(world: World, late: float, count: int) -> None:
    ada = await reminded(world)
    world.clock.move(timedelta(hours=9 + late))
    await world.settle()
    assert len(ada.reads()) == count
    await world.moves(hours=23 - late % 24)
    assert len(ada.reads()) == count
    await world.moves(hours=2)
    assert len(ada.reads()) == count + 1


@pytest.mark.parametrize("how", ["pause", "silent"])
async def test_where_nothing_comes_unasked_it_says_so_and_waits(world: World, how: str) -> None:
    ada = await world.member("ada")
    await ada.says("/settings")
    await (ada.says("/pause") if how == "pause" else ada.chooses("silent_on"))
    await plans(world, ada)
    await taps(ada, "Remind me of it")
    assert "waits until you change that" in (await ada.chooses("21")).text
    await until(world, 22)
    assert ada.reads() == []
    await ada.says("/settings")
    await (ada.says("/resume") if how == "pause" else ada.chooses("silent_off"))
    await until(world, 22, days=1)
    assert ada.reads() == [SAID]


async def test_in_discreet_mode_it_shows_nothing_of_itself_until_tapped(world: World) -> None:
    ada = await reminded(world)
    await ada.says("/settings")
    await ada.chooses("discreet_on")
    await until(world, 21)
    assert ada.reads() == ["Something is here for you."]
    assert not {"alcohol", "lie awake"} & {arg for button in ada.buttons.values() for arg in button.args}
    assert await taps(ada, "Show it") == SAID.partition("\n\n")[2]
    assert ada.labels == ["It helped", "Not now", "Stop", "Help lines"]
    veiled = ada.seen
    await taps(ada, "Stop")
    ada.last = Reply("-", ((Button("Show it", "streaks.plan_show", veiled.rows[1][0].args),),))  # pyright: ignore
    assert "isn't here any more" in await taps(ada, "Show it")


async def test_in_another_zone_it_comes_at_the_same_hour_there(world: World) -> None:
    ada = await reminded(world)
    await ada.says("/zone Tokyo")
    await until(world, 11, days=1)
    assert ada.reads() == []
    await until(world, 12)  # 21:00 in Tokyo
    assert ada.reads() == [SAID]
    await until(world, 23)
    assert len(ada.reads()) == 1


async def test_a_plan_that_is_changed_comes_back_as_it_is_now(world: World) -> None:
    ada = await reminded(world)
    await world.moves(minutes=10)
    await ada.says("/contact wrote")
    await taps(ada, "What set it off?")
    await ada.chooses("alcohol")
    assert ada.labels == ["Change it", "Change the reminder", "Enough for tonight", "Ask a coach", "Help lines"]
    await ada.opens("Change it")
    await ada.fills(when="I have had a glass", will="call Jo")
    assert "Change the reminder" in ada.labels
    await until(world, 21)
    assert ada.reads()[0].endswith("when I have had a glass, I will call Jo.")


async def test_what_was_logged_shows_when_it_comes_back(world: World) -> None:
    ada = await world.member("ada")
    await plans(world, ada)
    for label, told in (("Remind me of it", False), ("Change the reminder", True)):
        shown = await ada.says("/history")
        (menu,) = [item for row in shown.rows for item in row if isinstance(item, Menu)]
        opened = (await ada.chooses(menu.options[0].value)).text
        assert ("It comes back every day at 12:00." in opened) is told
        await taps(ada, label)
        await taps(ada, "At 12:00")


async def test_two_plans_have_hours_of_their_own_and_share_the_one_note_a_day(world: World) -> None:
    ada = await reminded(world)
    await world.moves(minutes=10)
    await plans(world, ada, "anger")
    await taps(ada, "Remind me of it")
    await ada.chooses("22")
    await ada.chooses("friday")
    async with world.house.store.reading() as tx:
        rows = await tx.rows(due, due.c.job == "streaks.plan_back")
    assert len(rows) == 2
    assert not any(trigger in row["key"] for row in rows for trigger in Trigger)
    await until(world, 23)
    assert len(ada.reads()) == 1


async def two_plans(world: World) -> Person:
    """Return a member who is reminded of one plan at 21:00 every day, and is asked when of another one."""
    ada = await reminded(world)
    await world.moves(minutes=10)
    await ada.says("/contact wrote")
    await taps(ada, "What set it off?")
    await ada.chooses("anger")
    await ada.opens("Make a plan")
    await ada.fills(when="I am angry", will="run")
    await taps(ada, "Remind me of it")
    return ada


async def notes_by_day(world: World, ada: Person, days: int) -> list[str]:
    """Return what came on each of so many days, "-" for nothing: at most one thing, at the hour it belongs to."""
    came: list[str] = []
    for _ in range(days):
        found: list[tuple[int, str]] = []
        for _ in range(24):
            before = len(ada.reads())
            await world.moves(hours=1)
            found += [(world.clock.now().hour, text) for text in ada.reads()[before:]]
        assert len(found) <= 1
        names = {"lie awake": ("plan", 21), "angry": ("other", 22), "How is today": ("check-in", 20)}
        for hour, text in found:
            (name,) = [each for each in names if each in text]
            assert names[name][1] == hour
            came.append(names[name][0])
        came += [] if found else ["-"]
    return came


async def test_two_plans_of_one_day_take_turns_at_their_own_hours(world: World) -> None:
    ada = await two_plans(world)
    said = (await ada.chooses("22")).text
    assert "take turns" in said
    assert await notes_by_day(world, ada, 6) in (["plan", "other"] * 3, ["other", "plan"] * 3)


async def test_a_plan_of_one_day_of_the_week_that_has_to_wait_comes_a_day_later(world: World) -> None:
    ada = await two_plans(world)
    await ada.chooses("22")
    await ada.chooses("friday")
    came = await notes_by_day(world, ada, 28)
    assert "-" not in came
    days = [(3 + number) % 7 for number, name in enumerate(came) if name == "other"]  # the first was a Wednesday: 2
    assert len(days) == 4
    assert set(days) <= {5, 6}


async def test_plans_and_check_ins_take_turns(world: World) -> None:
    ada = await two_plans(world)
    await ada.chooses("22")
    await ada.says("/checkin")
    await ada.taps("Ask me each day")
    assert "take turns" in (await ada.chooses("20")).text
    came = Counter(await notes_by_day(world, ada, 30))
    assert set(came) == {"plan", "other", "check-in"}
    assert min(came.values()) >= 6


async def test_the_only_one_takes_no_turns(world: World) -> None:
    ada = await reminded(world)
    assert "take turns" not in ada.seen.text
    assert await notes_by_day(world, ada, 4) == ["plan"] * 4


async def test_nobody_is_shown_or_stops_the_plan_of_another(world: World) -> None:
    ada, bob = await reminded(world), await world.member("bob")
    await until(world, 21)
    ada.reads()
    (key,) = ada.buttons["Stop"].args
    for action in ("streaks.plan_show", "streaks.plan_stop"):
        bob.last = Reply("-", ((Button("It", action, [key]),),))
        assert "lie awake" not in await taps(bob, "It")
    await until(world, 21, days=1)
    assert len(ada.reads()) == 2


async def test_who_is_forgotten_is_not_reminded(world: World) -> None:
    ada = await reminded(world)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, due.c.job == "streaks.plan_back") == []


async def plan_of(world: World, person: Person) -> Plan | None:
    """What they mean to do when it comes again."""
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, person.account)
        assert member is not None
        return await plan_for(tx, member, Trigger.ALCOHOL)


# -- which hour, and when that is


def member(zone: str = "UTC", day_start: int = 4) -> Member:
    """Somebody who lives there."""
    return Member("m", "a", zone, "en", day_start, date.min, date.min)


def line(day: int, hour: int, trigger: Trigger | None = Trigger.NIGHT, logged: int | None = None) -> Line:
    """An entry of a day in March, written at that hour of it, or of another day."""
    at = datetime(2026, 3, logged or day, hour, 20, tzinfo=UTC)
    return Line(f"{day}-{hour}", Entry(Kind.WROTE, date(2026, 3, day), trigger), at)


@pytest.mark.parametrize("trigger", Trigger)
def test_without_a_trace_a_likely_hour_comes_first(trigger: Trigger) -> None:
    assert usual_hour([], trigger, member()) == USUAL[trigger]


@pytest.mark.parametrize(
    ("ledger", "hour"),
    [
        ([line(1, 22)], 22),
        ([line(1, 22), line(2, 22), line(3, 5)], 22),
        ([line(1, 22), line(2, 5)], 5),  # equally often: the last
        ([line(1, 22), line(2, 5, Trigger.ANGER)], 22),
        ([line(1, 10, logged=3)], 23),  # told two days later: the hour of telling says nothing
        ([line(1, 22, None)], 23),
    ],
)
def test_the_hour_at_which_it_mostly_came_comes_first(ledger: list[Line], hour: int) -> None:
    assert usual_hour(ledger, Trigger.NIGHT, member()) == hour


def test_the_hour_is_that_of_their_clock() -> None:
    assert usual_hour([line(1, 13)], Trigger.NIGHT, member("Asia/Tokyo")) == 22


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.integers(0, 23),
    st.sampled_from(Days),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "+13:45"]),
    st.integers(0, 6),
)
def test_it_comes_next_at_that_hour_of_such_a_day_and_none_is_left_out(
    naive: datetime, hour: int, days: Days, zone: str, day_start: int
) -> None:
    after, who = naive.replace(tzinfo=UTC), member(zone, day_start)
    at = next_time(after, Back("k", hour, days), who)
    assert at > after
    local = at.astimezone(who.tz)
    earlier = (at - timedelta(hours=2)).astimezone(who.tz)
    assert local.hour == hour or local.utcoffset() != earlier.utcoffset()  # an hour that the clock left out
    assert local.minute in (0, 30)
    if days is Days.EVERY:
        assert at - after <= timedelta(hours=25)
    else:
        assert at - after <= timedelta(days=7, hours=25)
        assert clock.day_of(at, who.tz, day_start).strftime("%A").lower() == days
