"""A clock that is set back while it runs: what waits for some seconds does not wait until it is that late again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapter import Retry
from bot.due import due
from bot.model import Place, Reply
from bot.outbox import Lane, Outbox
from tests.harness import World
from tests.platforms.discord_house import open_house

ADA = Place("test", "ada", private=True)
HOUR = timedelta(hours=1)


async def say(world: World, text: str) -> None:
    """Write a row of that text, which is its name too."""
    async with world.house.store.transaction() as tx:
        await Outbox(tx, world.clock.now()).send(ADA, Reply(text), name=text, lane=Lane.DROP)


def heard(world: World) -> list[str]:
    """What she was told."""
    return [reply.text for reply in world.platform.at(ADA)]


async def test_a_pause_is_as_long_as_it_was_to_be(world: World) -> None:
    world.platform.outcomes = [Retry(timedelta(seconds=5), "platform", limited=True)]
    await say(world, "one")
    await world.settle()
    world.clock.ahead -= HOUR
    await world.settle()
    await say(world, "two")
    await world.settle()
    assert heard(world) == []
    await world.moves(seconds=6)
    assert heard(world) == ["two"]  # the first was to wait until a time, which has not come again
    await world.moves(hours=1)
    assert heard(world) == ["two", "one"]


async def test_what_was_due_stays_due(world: World) -> None:
    await world.settle()
    await say(world, "one")
    world.clock.ahead -= HOUR
    await world.settle()
    assert heard(world) == ["one"]
    world.clock.ahead += 2 * HOUR
    await world.settle()
    assert heard(world) == ["one"]


async def test_what_another_process_planned_is_found_as_soon_as_ever(world: World) -> None:
    await world.settle()
    then = world.clock.now() - HOUR + timedelta(minutes=5)
    world.clock.ahead -= HOUR
    async with world.house.store.transaction() as tx:
        await tx.insert(due, job="a job of a cog that is gone", key="x", member=None, at=then)
    world.clock.ahead += timedelta(minutes=6)
    await world.scheduler.tick()
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, key="x") == []


async def test_on_discord_what_was_tried_before_the_clock_was_set_back_is_looked_up() -> None:
    async with open_house(nonce_window=0) as house:
        await house.run()
        what = house.to(house.mia)
        first = await house.bot.deliver(what)
        assert await house.bot.deliver(replace(what, tried=datetime.now(UTC) + HOUR)) == first


@pytest.mark.parametrize("told", ["Wed, 21 Oct 2026 07:28:00 GMT", "nan", "-1"])
async def test_a_limit_that_says_no_time_is_one_for_a_minute(told: str) -> None:
    async with open_house() as house:
        await house.run()
        house.server.fail("POST", "/messages", 429, json=[], headers={"Retry-After": told})
        limited = Retry(timedelta(minutes=1), "platform", limited=True)
        assert await house.bot.deliver(house.to(house.mia)) == limited
        house.server.requests.pop()  # Discord's own specification knows nothing of it
