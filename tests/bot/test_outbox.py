"""What is to be said later: once, in its subject's order, changed or taken back whether it is out or not."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.adapter import Delete, Edit, Gone, OpenThread, Refused, Retry, Send, Unreachable
from bot.model import Button, Place, Reply
from bot.outbox import Lane, Outbox, State, outbox, sent
from tests.harness import TOWN, World

ADA = Place("test", "ada", private=True)


@asynccontextmanager
async def writing(world: World) -> AsyncGenerator[Outbox]:
    """The outbox, in a transaction of its own."""
    async with world.house.store.transaction() as tx:
        yield Outbox(tx, world.clock.now())


async def send(world: World, text: str, name: str, place: Place = TOWN, lane: Lane = Lane.POST, **rest: Any) -> bool:
    """Write a row."""
    async with writing(world) as box:
        return await box.send(place, Reply(text), name=name, lane=lane, **rest)


async def edit(world: World, name: str, text: str) -> bool:
    """Edit it."""
    async with writing(world) as box:
        return await box.edit(name, Reply(text))


async def delete(world: World, name: str) -> bool:
    """Take it back."""
    async with writing(world) as box:
        return await box.delete(name)


async def rows(world: World) -> list[tuple[str, str]]:
    """Name and state of what is to be said."""
    async with world.house.store.reading() as tx:
        found = await tx.execute(select(outbox.c.name, outbox.c.state).order_by(outbox.c.step))
        return [(row.name.partition(":edit-")[0], row.state) for row in found]


def texts(world: World, place: Place = TOWN) -> list[str]:
    """What stands at a place."""
    return [reply.text for reply in world.platform.at(place)]


async def test_a_name_is_said_once_whether_it_is_out_or_not(world: World) -> None:
    assert await send(world, "one", "a")
    assert not await send(world, "two", "a")
    await world.settle()
    assert not await send(world, "three", "a")
    await world.settle()
    assert texts(world) == ["one"]


async def test_what_is_said_goes_out_when_it_is_due(world: World) -> None:
    await send(world, "later", "a", due=world.clock.now() + timedelta(minutes=5))
    await world.moves(minutes=4)
    assert texts(world) == []
    await world.moves(minutes=1)
    assert texts(world) == ["later"]


async def test_a_subject_goes_out_in_order_though_its_first_row_has_to_wait(world: World) -> None:
    world.platform.outcomes = [Retry(timedelta(minutes=1), limited=True)]
    for text in ("one", "two", "three"):
        await send(world, text, text, subject="s")
    await world.settle()
    assert texts(world) == []
    await world.moves(minutes=1)
    assert texts(world) == ["one", "two", "three"]


async def test_other_subjects_do_not_wait(world: World) -> None:
    world.platform.outcomes = [Retry(timedelta(minutes=1), limited=True)]
    await send(world, "one", "one", subject="s", due=world.clock.now() - timedelta(hours=1))  # it comes first
    await send(world, "other", "other", due=world.clock.now())
    await world.settle()
    assert texts(world) == ["other"]


async def test_a_dead_row_does_not_stop_its_subject(world: World) -> None:
    world.platform.outcomes = [Refused("no")]
    await send(world, "one", "one", subject="s")
    await send(world, "two", "two", subject="s")
    await world.settle()
    assert texts(world) == ["two"]


async def test_lanes_go_out_in_their_order(world: World) -> None:
    for lane in reversed(Lane):  # who goes first has waited the shortest
        await send(world, lane.name, lane.name, lane=lane, due=world.clock.now() - timedelta(minutes=lane))
    await world.settle()
    assert texts(world) == ["ANSWER", "DESK", "URGE", "REMINDER", "DROP", "POST"]


async def test_an_edit_of_what_is_not_out_rewrites_it(world: World) -> None:
    await send(world, "one", "a")
    assert await edit(world, "a", "two")
    await world.settle()
    assert texts(world) == ["two"]
    assert [type(each) for each in world.platform.delivered] == [Send]


@pytest.mark.parametrize("state", [State.HELD, State.DEAD])
async def test_an_edit_of_what_could_not_go_out_rewrites_it(world: World, state: State) -> None:
    await world.member("ada")
    world.platform.outcomes = [Unreachable() if state is State.HELD else Refused("no")]
    await send(world, "one", "a", ADA, Lane.ANSWER)
    await world.settle()
    assert await rows(world) == [("a", state)]
    assert await edit(world, "a", "two")
    assert await rows(world) == [("a", state)]


async def test_an_edit_of_what_is_out_edits_it(world: World) -> None:
    await send(world, "one", "a")
    await world.settle()
    assert await edit(world, "a", "two")
    await world.settle()
    assert texts(world) == ["two"]
    assert await rows(world) == []


async def test_of_two_edits_that_wait_the_last_counts(world: World) -> None:
    await send(world, "one", "a")
    await world.settle()
    await edit(world, "a", "two")
    await edit(world, "a", "three")
    await world.settle()
    assert texts(world) == ["three"]
    assert sum(isinstance(each, Edit) for each in world.platform.delivered) == 1


async def test_an_edit_made_while_another_is_on_its_way_is_not_lost(world: World) -> None:
    await send(world, "one", "a")
    await world.settle()
    await edit(world, "a", "two")
    await while_sending(world, lambda: edit(world, "a", "three"))
    await world.settle()
    assert texts(world) == ["three"]


async def test_an_edit_made_while_the_message_is_on_its_way_follows_it(world: World) -> None:
    await send(world, "one", "a")
    await while_sending(world, lambda: edit(world, "a", "two"))
    await world.settle()
    assert texts(world) == ["two"]


async def test_what_is_taken_back_before_it_is_out_never_goes_out(world: World) -> None:
    await send(world, "one", "a")
    assert await delete(world, "a")
    await world.settle()
    assert world.platform.delivered == []


async def test_what_is_taken_back_on_its_way_goes_out_and_is_deleted(world: World) -> None:
    await send(world, "one", "a")
    await while_sending(world, lambda: delete(world, "a"))
    await world.settle()
    assert texts(world) == []
    assert [type(each) for each in world.platform.delivered] == [Send, Delete]


async def test_what_is_out_is_deleted_once_and_its_refs_with_it(world: World) -> None:
    await send(world, "one", "a")
    await world.settle()
    await edit(world, "a", "two")
    assert await delete(world, "a")
    await delete(world, "a")
    await world.settle()
    assert texts(world) == []
    assert [type(each) for each in world.platform.delivered] == [Send, Delete]
    async with world.house.store.reading() as tx:
        assert await tx.rows(sent) == []


async def test_what_may_not_be_deleted_is_changed_and_forgotten_all_the_same(world: World) -> None:
    await send(world, "one", "a")
    await world.settle()
    world.platform.outcomes = [Refused("cannot-be-deleted")]
    async with writing(world) as box:
        await box.delete("a", Reply("taken back"))
    await world.settle()
    assert texts(world) == ["taken back"]
    assert await rows(world) == []
    async with world.house.store.reading() as tx:
        assert await tx.rows(sent) == []


async def test_what_may_be_neither_deleted_nor_changed_is_given_up(world: World) -> None:
    await send(world, "one", "a")
    await world.settle()
    world.platform.outcomes = [Refused("no"), Refused("no")]
    async with writing(world) as box:
        await box.delete("a", Reply("taken back"))
    await world.settle()
    assert await rows(world) == [("a:delete", State.DEAD)]


async def test_taking_back_takes_an_edit_that_could_not_be_made(world: World) -> None:
    await send(world, "one", "a")
    await world.settle()
    world.platform.outcomes = [Refused("no")]
    await edit(world, "a", "two")
    await world.settle()
    assert await rows(world) == [("a", State.DEAD)]
    await delete(world, "a")
    assert await rows(world) == [("a:delete", State.WAITING)]


async def test_what_is_taken_back_on_its_way_and_refused_leaves_nothing(world: World) -> None:
    world.platform.outcomes = [Refused("no")]
    await send(world, "one", "a")
    assert ("a:delete", State.WAITING) in await while_sending(world, lambda: delete(world, "a"))
    assert await rows(world) == []


async def test_an_edit_on_its_way_is_not_kept_either_where_all_is_taken_back(world: World) -> None:
    await send(world, "one", "a")
    await world.settle()
    await edit(world, "a", "two")
    world.platform.outcomes = [Refused("no")]
    assert ("a:delete", State.WAITING) in await while_sending(world, lambda: delete(world, "a"))
    assert texts(world) == []


async def test_where_something_was_said_is_not_kept_unless_wanted(world: World) -> None:
    await send(world, "one", "a", keep=False)
    await edit(world, "a", "two")
    await world.settle()
    assert texts(world) == ["two"]
    async with world.house.store.reading() as tx:
        assert await tx.rows(sent) == []


async def test_what_was_never_said_can_neither_be_edited_nor_taken_back(world: World) -> None:
    assert not await edit(world, "a", "two")
    assert not await delete(world, "a")
    assert await rows(world) == []


async def test_a_message_that_is_gone_is_not_missed(world: World) -> None:
    await send(world, "one", "a")
    await world.settle()
    world.platform.outcomes = [Gone()]
    await edit(world, "a", "two")
    await world.settle()
    assert await rows(world) == []


async def test_a_thread_is_opened_on_a_message_that_was_sent_just_before(world: World) -> None:
    async with writing(world) as box:
        await box.send(TOWN, Reply("one"), name="a", lane=Lane.DESK)
        assert await box.open_thread(TOWN, "A title", name="t", lane=Lane.DESK, on="a")
    await world.settle()
    opened = world.platform.delivered[-1]
    assert isinstance(opened, OpenThread)
    async with writing(world) as box:
        assert opened.on == (await box.refs("a"))[0]
        assert (await box.refs("t"))[0].place.thread == "A title"


async def test_cancel_tells_whether_it_was_in_time(world: World) -> None:
    await send(world, "one", "a")
    cancelled: list[bool] = []

    async def cancel() -> None:
        async with writing(world) as box:
            cancelled.append(await box.cancel("a"))

    await while_sending(world, cancel)
    await send(world, "two", "b")
    async with writing(world) as box:
        cancelled.append(await box.cancel("b"))
        cancelled.append(await box.cancel("b"))
    assert cancelled == [False, True, False]
    await world.settle()
    assert texts(world) == ["one"]


async def test_what_goes_out_and_where_is_sealed(world: World) -> None:
    async with writing(world) as box:
        place = Place("test", "channel-zuzu", private=True)
        await box.send(place, Reply("text-zuzu", ((Button("b-zuzu", "help"),),)), name="a", lane=Lane.ANSWER)
    await send(world, "other-zuzu", "b")
    world.platform.outcomes = [Retry(timedelta(minutes=1), limited=True)]
    await world.settle()
    assert len(await rows(world)) == 1
    assert b"zuzu" not in b"".join(file.read_bytes() for file in world.path.parent.glob("unsent*"))


async def test_times_of_the_question_lane_are_rounded_to_the_hour(world: World) -> None:
    ada = await world.member("ada")
    await world.moves(minutes=17)
    await send(world, "one", "a", ADA, Lane.ANSWER)
    await send(world, "two", "b", ADA, Lane.DROP, member=await member_id(world))
    assert ada
    async with world.house.store.reading() as tx:
        due: dict[str, datetime] = {row["name"]: row["due_at"] for row in await tx.rows(outbox)}
    assert due["a"].minute == 0
    assert due["b"] == world.clock.now()


async def test_refs_of_what_was_sent_to_a_member_are_forgotten_after_a_month(world: World) -> None:
    await world.member("ada")
    await send(world, "one", "a", ADA, Lane.DROP, member=await member_id(world))
    await send(world, "desk", "d")
    await world.settle()
    await world.moves(days=31)
    await world.scheduler.tidy()
    async with writing(world) as box:
        assert await box.refs("a") == ()
        assert await box.refs("d") != ()


async def member_id(world: World) -> str:
    """The id of the one member there is."""
    async with world.house.store.reading() as tx:
        return (await tx.execute(select(outbox.metadata.tables["members"].c.id))).scalar_one()


async def while_sending(world: World, do: Any) -> list[tuple[str, str]]:
    """Drain; `do` happens while the platform has the first delivery in hand. Return how the rows stood after it."""
    deliver, stood = world.platform.deliver, list[tuple[str, str]]()

    async def delivering(what: Any) -> Any:
        world.platform.deliver = deliver
        await do()
        stood.extend(await rows(world))
        return await deliver(what)

    world.platform.deliver = delivering
    await world.sender.drain()
    return stood


async def test_what_is_taken_back_is_taken_back_whatever_is_dropped_meanwhile(world: World) -> None:
    await send(world, "one", "a", subject="s")
    await send(world, "two", "b", subject="s")
    async with world.house.store.transaction() as tx:
        await tx.execute(outbox.update().where(outbox.c.name == "a").values(state=State.SENDING))  # on its way
        box = Outbox(tx, world.clock.now())
        assert await box.delete("a")
        await box.drop_unasked(outbox.c.subject == "s")
    assert await rows(world) == [("a", State.SENDING), ("a:delete", State.WAITING)]


async def test_what_may_have_arrived_is_not_cancelled_and_is_changed_where_it_may_stand(world: World) -> None:
    world.platform.outcomes = [Retry(timedelta(seconds=30), maybe=True)]
    await send(world, "one", "a")
    await world.settle()
    async with writing(world) as box:
        assert not await box.cancel("a")
    assert await edit(world, "a", "two")
    await world.moves(seconds=31)
    assert [type(each) for each in world.platform.delivered] == [Send, Send, Edit]
    assert texts(world) == ["two"]


async def test_what_may_have_arrived_is_taken_back_also_from_where_it_may_stand(world: World) -> None:
    world.platform.outcomes = [Retry(timedelta(seconds=30), maybe=True)]
    await send(world, "one", "a")
    await world.settle()
    assert await delete(world, "a")
    await world.moves(seconds=31)
    assert texts(world) == []
    assert isinstance(world.platform.delivered[-1], Delete)


async def test_what_was_said_is_found_by_what_its_subject_begins_with(world: World) -> None:
    await send(world, "one", "a", subject="q-1-desk")
    await world.settle()
    await send(world, "two", "b", subject="q-1-desk-2")
    await send(world, "three", "c", subject="q-2-desk")
    async with writing(world) as box:
        assert await box.names("q-1-desk") == ["a", "b"]
        assert await box.where("a") == TOWN
        assert await box.where("d") is None
        assert not await box.changes("a")
        await box.edit("a", Reply("four"))
        assert await box.changes("a")
        await box.withdraw("a", Reply("gone"))
        assert await box.names("q-1-desk") == ["b"]
    await world.settle()
    assert sorted(texts(world)) == ["three", "two"]


async def test_a_message_that_stands_already_can_be_said_to_go_by_a_name(world: World) -> None:
    ref = world.platform.put(TOWN, Reply("one"))
    async with writing(world) as box:
        await box.adopt("a", "s", ref)
        await box.edit("a", Reply("two"))
    await world.settle()
    assert texts(world) == ["two"]
    async with writing(world) as box:
        await box.forget_where("a")
        assert not await box.edit("a", Reply("three"))
