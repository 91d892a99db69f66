"""What comes unasked: once a day, not at night, never while it is not wanted, with a way to stop; and discreet mode."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot import people
from bot.clock import zone
from bot.model import Button, Reply
from cogs import unasked
from tests.harness import TOWN, Person, World

STOP, SHOW = Button("No more of these", "advice.daily", ["off"]), Button("See", "streak")


async def says(world: World, person: Person, name: str = "note", *, chosen: bool = False) -> bool:
    """Have something said to them unasked, now; tell whether it may be."""
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, person.account)
        assert member is not None
        work, place = world.house.work(tx), person.account.private
        return await unasked.say(
            work, member, place, Reply("Markwords."), name=name, stop=STOP, show=SHOW, chosen=chosen
        )


async def test_it_begins_with_a_neutral_line_and_can_be_stopped(world: World) -> None:
    ada = await world.member("ada")
    assert await says(world, ada)
    await world.settle()
    assert ada.reads() == ["A note, as you wanted.\n\nMarkwords."]
    assert ada.labels == ["No more of these", "Help lines"]


async def test_one_a_day_comes_whoever_says_it(world: World) -> None:
    ada = await world.member("ada")
    assert await says(world, ada, "one")
    assert not await says(world, ada, "two", chosen=True)
    await world.moves(hours=15, minutes=59)  # 03:59
    assert not await says(world, ada, "two", chosen=True)
    await world.moves(minutes=1)
    assert await says(world, ada, "two", chosen=True)


@pytest.mark.parametrize(("hours", "comes"), [(9, True), (10, False), (19, False), (20, True)])
async def test_none_comes_in_quiet_hours_but_at_an_hour_that_was_chosen(world: World, hours: int, comes: bool) -> None:
    ada = await world.member("ada")
    world.clock.move(timedelta(hours=hours))
    assert await says(world, ada) is comes
    assert await says(world, ada, chosen=True) is not comes


async def test_quiet_hours_are_those_of_their_own_clock(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/zone Tokyo")
    world.clock.move(timedelta(hours=2))  # 23:00 there
    assert not await says(world, ada)


@pytest.mark.parametrize("how", ["paused", "silent", "halted", "away"])
async def test_none_comes_where_it_is_not_wanted_or_cannot_arrive(world: World, how: str) -> None:
    ada, ann = await world.member("ada"), world.person("ann", TOWN)
    world.platform.owners["ann"] = world.community.homes[0]
    match how:
        case "paused":
            await ada.says("/pause")
        case "silent":
            await ada.says("/settings")
            await ada.chooses("silent_on")
        case "halted":
            await ann.says("/halt")
        case _:
            async with world.house.store.transaction() as tx:
                await people.set_unreachable(tx, world.house.vault, ada.account, unreachable=True)
    assert not await says(world, ada, chosen=True)


async def test_what_is_late_does_not_come_any_more(world: World) -> None:
    ada = await world.member("ada")
    await says(world, ada)
    await world.moves(hours=3, seconds=1)
    assert ada.reads() == []


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=12),
    st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Chatham"]),
    st.integers(0, 10**6),
)
async def test_never_two_a_day_and_never_at_night(
    world: World, steps: list[tuple[int, bool]], name: str, run: int
) -> None:
    ada = await world.member(f"ada-{run}-{world.clock.now().isoformat()}")
    await ada.says(f"/zone {name}")
    came: list[datetime] = []
    for number, (hours, chosen) in enumerate(steps):
        world.clock.move(timedelta(hours=hours))
        now = world.clock.now().astimezone(zone(name))
        if await says(world, ada, f"{ada.account.id}-{number}"[-60:], chosen=chosen):
            assert chosen or 8 <= now.hour < 22
            came.append(now)
    days = [(each - timedelta(hours=4)).date() for each in came]
    assert len(days) == len(set(days))


# -- discreet mode


async def discreet(world: World, name: str = "ada") -> Person:
    """Somebody in discreet mode."""
    person = await world.member(name)
    await person.says("/settings")
    await person.chooses("discreet_on")
    return person


async def test_discreet_shows_nothing_until_it_is_tapped(world: World) -> None:
    ada = await discreet(world)
    await says(world, ada)
    await world.settle()
    assert ada.reads() == ["Something is here for you."]
    assert ada.labels == ["Show it"]
    assert ada.buttons["Show it"].action == "streak"


async def test_a_discreet_thought_shows_itself_and_its_milestone_when_it_is_tapped(world: World) -> None:
    ada = await discreet(world)
    await ada.says("/contact wrote")
    await ada.says("/daily 8")
    await world.moves(hours=20)
    assert ada.reads() == ["Something is here for you."]
    shown = await ada.taps("Show it")
    assert isinstance(shown, Reply)
    assert shown.edit
    assert shown.text.startswith("One day. That was you.")
    assert "Today: " in shown.text
    assert "Pause" in ada.labels
    assert (await ada.says("/advice")).text in shown.text


async def test_a_discreet_return_after_an_urge_asks_when_it_is_tapped(world: World) -> None:
    ada = await discreet(world)
    await ada.opens("/urge")
    await ada.fills(letter="come back")
    await world.moves(minutes=21)
    assert ada.reads() == ["Something is here for you."]
    await ada.taps("Show it")
    assert "Still there?" in ada.seen.text
    await ada.taps("It passed")
    assert "That is one" in ada.seen.text
    ada.reads()
    await ada.taps("Show it")
    assert ada.seen.text == "That one is behind you already."
