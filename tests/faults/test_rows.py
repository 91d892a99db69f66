"""Rows that cannot be sent: each goes to the dead letters with its reference, and the lane goes on."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import communities
from bot.adapter import Outcome, Refused, Retry
from bot.model import Place, Reply
from bot.outbox import Lane, Outbox, State, outbox, sent
from bot.settling import TRIES
from tests.faults.town import town
from tests.harness import TOWN, World

ADA = Place("test", "ada", private=True)


async def say(world: World, text: str, place: Place = ADA, lane: Lane = Lane.DROP, **rest: Any) -> None:
    """Write a row of that text, which is its name too."""
    async with world.house.store.transaction() as tx:
        await Outbox(tx, world.clock.now()).send(place, Reply(text), name=text, lane=lane, **rest)


async def rows(world: World) -> dict[str, tuple[str, str | None]]:
    """The rows that there are: state, and why without the reference."""
    async with world.house.store.reading() as tx:
        found = (await tx.execute(select(outbox.c.name, outbox.c.state, outbox.c.why))).all()
    return {name: (state, why and why.split()[0]) for name, state, why in found}


def heard(world: World, place: Place = ADA) -> list[str]:
    """What stands at a place."""
    return [reply.text for reply in world.platform.at(place)]


async def test_what_changes_a_message_that_cannot_be_found_again_is_given_up_and_the_lane_goes_on(
    world: World,
) -> None:
    await say(world, "one")
    await world.settle()
    async with world.house.store.transaction() as tx:
        await tx.execute(update(sent).values(refs=b"\x01garbled"))
        await tx.insert(outbox, **await edit_of("one", world))
    await say(world, "two")
    await world.settle()
    assert heard(world) == ["one", "two"]
    assert await rows(world) == {"one:edit-x": (State.DEAD, "unreadable")}


async def edit_of(name: str, world: World) -> dict[str, Any]:
    """A row that changes what was said under `name`."""
    payload = {"place": {"platform": "test", "channel": "ada", "private": True}, "target": name}
    payload |= {"reply": {"text": "changed"}}
    now = world.clock.now()
    shared = {"subject": name, "step": 1, "kind": "edit", "platform": "test", "lane": 0, "due_at": now}
    return {"id": "e1", "name": f"{name}:edit-x", "state": "waiting", "attempts": 0, "payload": payload, **shared}


async def test_what_cannot_be_settled_is_given_up_and_the_lane_goes_on(world: World) -> None:
    async with world.house.store.transaction() as tx:
        await tx.execute(update(communities.places).values(purpose="nonsense"))
    for text, place in (("one", ADA), ("poison", TOWN), ("two", ADA)):
        await say(world, text, place)
    await world.settle()
    assert sorted(heard(world)) == ["one", "two"]
    assert heard(world, TOWN) == ["poison"]
    assert await rows(world) == {"poison": (State.DEAD, "unsettled")}


async def test_a_row_that_the_platform_has_trouble_with_holds_up_nobody_and_ends_with_the_dead(world: World) -> None:
    deliver = world.platform.deliver

    async def troubled(what: Any) -> Outcome:
        poison = what.reply.text.startswith("poison")
        return Retry(timedelta(seconds=5), "platform") if poison else await deliver(what)

    world.platform.deliver = troubled
    for number in range(TRIES):
        for text in ("poison", f"before {number}", f"after {number}"):
            await say(world, text)
        await world.settle()
        assert sorted(heard(world)[-2:]) == [f"after {number}", f"before {number}"]
        world.clock.move(timedelta(hours=1))
    assert await rows(world) == {"poison": (State.DEAD, "tries")}


@pytest.mark.parametrize("comes", ["first", "last"])
async def test_one_that_there_is_trouble_with_is_told_from_a_platform_in_trouble_whenever_it_comes_back(
    world: World, comes: str
) -> None:
    deliver, others, came = world.platform.deliver, asyncio.Event(), list[str]()

    async def troubled(what: Any) -> Outcome:
        if what.reply.text == "poison":
            if comes == "last":
                await others.wait()
            return Retry(timedelta(seconds=5), "platform")
        if comes == "first":
            await asyncio.sleep(0)
        came.append(what.reply.text)
        if len(came) == 3:
            others.set()
        return await deliver(what)

    world.platform.deliver = troubled
    for text in ("one", "poison", "two", "three"):
        await say(world, text)
    await world.sender.drain()
    async with world.house.store.reading() as tx:
        (left,) = await tx.rows(outbox)
    assert (left["name"], left["attempts"]) == ("poison", 1)
    await say(world, "four")
    await world.settle()
    assert sorted(heard(world)) == ["four", "one", "three", "two"]


async def test_a_platform_in_trouble_gives_up_nothing(world: World) -> None:
    await say(world, "one")
    await say(world, "two")
    world.platform.outcomes = [Retry(timedelta(seconds=5), "platform")] * 200
    for _ in range(100):
        await world.moves(hours=1)
    world.platform.outcomes.clear()
    await world.moves(hours=1)
    assert sorted(heard(world)) == ["one", "two"]


async def test_of_what_is_dead_it_is_known_whether_it_may_have_arrived(world: World) -> None:
    world.platform.outcomes = [Retry(timedelta(0), maybe=True)] * TRIES
    await say(world, "maybe")
    for _ in range(TRIES):
        await world.moves(hours=2)
    world.platform.outcomes = [Refused("50035")]
    await say(world, "surely not")
    await world.settle()
    async with world.house.store.reading() as tx:
        dead = {row["name"]: row["tried_at"] is not None for row in await tx.rows(outbox, outbox.c.state == State.DEAD)}
    assert dead == {"maybe": True, "surely not": False}


@pytest.mark.sqlite
async def test_what_cannot_be_read_is_listed_under_its_reference_tried_again_and_dropped(tmp_path: Path) -> None:
    async with town(tmp_path, 5) as here:
        await here.plans()
        with closing(sqlite3.connect(tmp_path / "unsent.sqlite")) as file, file:
            file.execute("UPDATE outbox SET payload = x'01' WHERE name = 'hello-2'")
        await here.bot.start()
        await here.server.wait_for(lambda: here.greeted() == [1, 1, 0, 1, 1], within=60)
        listed = await here.bot.types("outbox", "list")
        id, *_, why, reference = listed.split()
        assert why == "unreadable"
        assert f"reference={reference}" in here.log()
        assert await here.bot.types("outbox", "retry", id) == "1 will be tried again.\n"
        assert await here.bot.stop() == 0
        await here.bot.start()  # which finds at once what another command has changed
        async with asyncio.timeout(60):
            while (again := await here.bot.types("outbox", "list")) == "Nothing.\n":
                pass
        assert again.split()[-2:] != [why, reference]
        assert await here.bot.types("outbox", "drop", id) == "1 dropped.\n"
        assert await here.bot.types("outbox", "list") == "Nothing.\n"
        assert here.greeted() == [1, 1, 0, 1, 1]
