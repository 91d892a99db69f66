"""What becomes of an outbox row: each outcome of a platform, a restart, a fault, a person who cannot be reached."""

import asyncio
import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import communities, people, settling
from bot.adapter import Gone, Moved, OpenThread, Outcome, Refused, Retry, Send, Stop, Unknown, Unreachable
from bot.clock import floor_hour
from bot.cog import Work
from bot.model import TEXT, Place, Reply
from bot.outbox import Lane, Outbox, State, outbox
from bot.sender import Sender
from bot.settling import BROKEN_UNTIL, BROKEN_WAIT, TRIES
from tests.harness import DESK, ELSEWHERE, OTHER_TOWN, TOWN, World

ADA = Place("test", "ada", private=True)
SOON = timedelta(seconds=30)
NOWHERE = Place("test", "nowhere")  # no community's
HERE = Refused("50013", here=True)


async def send(world: World, text: str, place: Place = TOWN, lane: Lane = Lane.POST, **rest: Any) -> None:
    """Write a row of that text, which is its name too."""
    async with world.house.store.transaction() as tx:
        await Outbox(tx, world.clock.now()).send(place, Reply(text), name=text, lane=lane, **rest)


async def row(world: World, name: str) -> dict[str, Any] | None:
    """The row as it stands."""
    async with world.house.store.reading() as tx:
        found = (await tx.execute(select(outbox).where(outbox.c.name == name))).mappings().first()
        return dict(found) if found else None


async def state(world: World, name: str = "one") -> str | None:
    """The state of the row, or None where it is gone."""
    found = await row(world, name)
    return found["state"] if found else None


def tried(world: World) -> list[datetime | None]:
    """What each Send was told of an earlier try."""
    return [each.tried for each in world.platform.delivered if isinstance(each, Send)]


def texts(world: World, place: Place = TOWN) -> list[str]:
    """What stands at a place."""
    return [reply.text for reply in world.platform.at(place)]


def listen(world: World) -> list[tuple[str, str]]:
    """Have the rows settled by "told" noted: their name and what came of them."""
    told: list[tuple[str, str]] = []

    async def tell(_: Work, name: str, fate: str) -> None:
        told.append((name, fate))

    world.house.registry.settlers["told"] = tell
    return told


# -- outcomes


async def test_what_is_sent_has_no_row_any_more_and_can_be_found_again(world: World) -> None:
    told = listen(world)
    await send(world, "one", settled="told", subject="s")
    await world.settle()
    assert await state(world) is None
    assert told == [("one", "sent")]
    async with world.house.store.transaction() as tx:
        refs = await Outbox(tx, world.clock.now()).refs("one")
    assert refs == (world.platform.said[TOWN][0][0],)


async def test_a_limit_is_waited_for_and_never_counts_as_a_try(world: World) -> None:
    world.platform.outcomes = [Retry(SOON, limited=True)] * (TRIES + 1)
    await send(world, "one")
    for _ in range(TRIES + 1):
        await world.moves(seconds=31)
    await world.moves(seconds=31)
    assert texts(world) == ["one"]
    assert tried(world) == [None] * (TRIES + 2)


async def test_a_fault_is_tried_again_ever_later_and_then_buried(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    told = listen(world)
    world.platform.outcomes = [Retry(timedelta(0))] * TRIES
    await send(world, "one", settled="told")
    waits: list[timedelta] = []
    await world.settle()
    while (left := await row(world, "one")) and left["state"] == State.WAITING:
        waits.append(left["due_at"] - world.clock.now())
        await world.moves(seconds=waits[-1].total_seconds())
    assert len(waits) == TRIES - 1
    assert all(2 ** (n + 1) <= wait.total_seconds() <= 2 ** (n + 2) for n, wait in enumerate(waits))
    found = await row(world, "one")
    assert found is not None
    assert found["state"] == State.DEAD
    reference = next(each for each in caplog.records if each.message == "delivery-dead").reference  # pyright: ignore
    assert found["why"] == f"tries {reference}"
    assert told == [("one", "dead")]
    assert tried(world) == [None] * TRIES


async def test_what_may_have_been_taken_is_told_to_the_next_try_and_never_forgotten(world: World) -> None:
    began = world.clock.now()
    world.platform.outcomes = [Retry(SOON, maybe=True), Retry(SOON, limited=True), Retry(SOON)]
    await send(world, "one")
    await world.settle()
    for _ in range(3):
        await world.moves(seconds=31)
    assert tried(world) == [None, began, began, began]
    assert texts(world) == ["one"]


async def test_when_one_row_has_to_wait_the_others_go_on(world: World) -> None:
    world.platform.outcomes = [Retry(SOON, limited=True)]
    await send(world, "one", due=world.clock.now() - timedelta(hours=1))  # it comes first
    await send(world, "two")
    await world.settle()
    assert texts(world) == ["two"]


async def test_when_a_place_has_to_wait_nothing_is_tried_there(world: World) -> None:
    world.platform.outcomes = [Retry(SOON, "place", limited=True)]
    await send(world, "one")
    await world.settle()
    await send(world, "two")
    await send(world, "elsewhere", DESK)
    await world.settle()
    assert [each.reply.text for each in world.platform.delivered if isinstance(each, Send)] == ["one", "elsewhere"]
    await world.moves(seconds=31)
    assert sorted(texts(world)) == ["one", "two"]


async def test_when_the_platform_has_to_wait_nothing_is_tried_at_all(world: World) -> None:
    world.platform.outcomes = [Retry(SOON, "platform")]
    await send(world, "one")
    await world.settle()
    await send(world, "elsewhere", DESK)
    await world.moves(seconds=29)
    assert len(world.platform.delivered) == 1
    await world.moves(seconds=2)
    assert texts(world) == ["one"]
    assert texts(world, DESK) == ["elsewhere"]


async def test_a_platform_that_is_down_for_long_costs_no_tries(world: World) -> None:
    world.platform.outcomes = [Retry(SOON, "platform", maybe=True)] * (TRIES + 2)
    await send(world, "one")
    for _ in range(TRIES + 3):
        await world.moves(seconds=31)
    assert texts(world) == ["one"]


async def test_an_answer_is_held_for_who_cannot_be_reached_until_they_speak_again(world: World) -> None:
    ada, told = await world.member("ada"), listen(world)
    world.platform.outcomes = [Unreachable()]
    await send(world, "one", ADA, Lane.ANSWER, settled="told")
    await world.settle()
    assert await state(world) == State.HELD
    await send(world, "two", ADA, Lane.ANSWER, settled="told")
    await world.moves(days=3)
    assert len(world.platform.delivered) == 1
    await ada.says("/help")
    async with world.house.store.transaction() as tx:
        for name in ("one", "two"):
            await Outbox(tx, world.clock.now()).release(name)
    await world.settle()
    assert sorted(ada.reads()) == ["one", "two"]
    assert [fate for _, fate in told] == ["unreachable", "unreachable", "sent", "sent"]


async def test_nothing_that_names_a_member_shows_that_they_cannot_be_reached(world: World) -> None:
    await world.member("ada")
    world.platform.outcomes = [Unreachable()]
    await send(world, "one", ADA, Lane.ANSWER, member=await member_id(world))
    await world.settle()
    assert await state(world) is None


@pytest.mark.parametrize("lane", [Lane.URGE, Lane.REMINDER, Lane.DROP])
async def test_the_rest_is_let_go_for_who_cannot_be_reached(world: World, lane: Lane) -> None:
    ada, told = await world.member("ada"), listen(world)
    world.platform.outcomes = [Unreachable()]
    await send(world, "one", ADA, lane, settled="told")
    await world.settle()
    assert await state(world) is None
    assert told == [("one", "unreachable")]
    await ada.says("/help")
    await world.settle()
    assert ada.reads() == []


@pytest.mark.parametrize(
    ("outcome", "why"), [(Unreachable(), "unreachable "), (Gone(), "gone "), (HERE, "50013 ")], ids=str
)
async def test_a_place_that_is_no_communitys_is_for_the_operator(world: World, outcome: Outcome, why: str) -> None:
    told = listen(world)
    world.platform.outcomes = [outcome]
    await send(world, "one", NOWHERE, settled="told")
    await world.settle()
    found = await row(world, "one")
    assert found is not None
    assert found["state"] == State.DEAD
    assert found["why"].startswith(why)
    assert told == [("one", "dead")]


async def test_a_place_that_has_moved_is_followed_there_and_remembered(world: World) -> None:
    new = Place("test", "newtown")
    world.platform.outcomes = [Moved(new)]
    await send(world, "one")
    await world.settle()
    assert texts(world, new) == ["one"]
    async with world.house.store.reading() as tx:
        (posts,) = (await communities.load(tx, world.community.id)).posts
    assert posts.place == new


async def test_what_is_refused_is_buried_under_a_reference(world: World, caplog: pytest.LogCaptureFixture) -> None:
    told = listen(world)
    world.platform.outcomes = [Refused("50035")]
    await send(world, "one", settled="told")
    await world.settle()
    found = await row(world, "one")
    assert found is not None
    assert found["state"] == State.DEAD
    record = next(each for each in caplog.records if each.message == "delivery-dead")
    assert found["why"] == f"50035 {record.reference}"  # pyright: ignore[reportAttributeAccessIssue]
    assert told == [("one", "dead")]


@pytest.mark.parametrize("before", [[], [Retry(timedelta(0))]])
async def test_an_answer_of_which_nobody_knows_is_sent_again_and_says_so(world: World, before: list[Outcome]) -> None:
    world.platform.outcomes = [*before, Unknown(), Unknown()]
    await send(world, "one", lane=Lane.ANSWER)
    for _ in range(4):
        await world.moves(seconds=10)
    assert len(texts(world)) == 1
    assert texts(world)[0].startswith("You may have had this already.")
    assert texts(world)[0].count("You may") == 1
    assert texts(world)[0].endswith("\n\none")


async def test_an_edit_of_which_nobody_knows_is_done_again_and_says_nothing(world: World) -> None:
    await send(world, "one", DESK, Lane.DESK)
    await world.settle()
    async with world.house.store.transaction() as tx:
        await Outbox(tx, world.clock.now()).edit("one", Reply("two"))
    world.platform.outcomes = [Unknown()]
    await world.settle()
    assert texts(world, DESK) == ["two"]


async def test_what_has_no_room_for_saying_so_is_sent_again_as_it_is(world: World) -> None:
    long = "x" * TEXT
    world.platform.outcomes = [Unknown()]
    async with world.house.store.transaction() as tx:
        await Outbox(tx, world.clock.now()).send(TOWN, Reply(long), name="one", lane=Lane.ANSWER)
    await world.settle()
    assert texts(world) == [long]


async def test_an_answer_of_which_nobody_ever_knows_is_buried(world: World) -> None:
    world.platform.outcomes = [Unknown()] * TRIES
    await send(world, "one", lane=Lane.ANSWER)
    await world.settle()
    assert await state(world) == State.DEAD


@pytest.mark.parametrize("lane", [Lane.REMINDER, Lane.DROP, Lane.POST])
async def test_what_nobody_waits_for_is_let_go_when_nobody_knows(world: World, lane: Lane) -> None:
    told = listen(world)
    world.platform.outcomes = [Unknown()]
    await send(world, "one", lane=lane, settled="told")
    await world.settle()
    assert await state(world) is None
    assert texts(world) == []
    assert told == [("one", "unknown")]


async def test_a_platform_that_says_stop_is_left_alone_and_health_shows_it(world: World) -> None:
    world.house.health.set("test", connected=True)
    world.platform.outcomes = [Stop("401")]
    await send(world, "one")
    await world.sender.drain()
    assert await state(world) == State.WAITING
    assert world.house.health.platforms == {"test": False}
    world.dispatch.connected("test", yes=True)
    assert world.house.health.platforms == {"test": False}
    world.sender.start()
    await world.sender.stop(5)
    assert len(world.platform.delivered) == 1


async def test_what_comes_too_late_is_let_go(world: World) -> None:
    told = listen(world)
    await send(world, "one", until=world.clock.now() + SOON, settled="told")
    await send(world, "two", until=world.clock.now() + SOON + SOON, settled="told")
    await world.moves(seconds=31)
    assert texts(world) == ["two"]
    assert sorted(told) == [("one", "expired"), ("two", "sent")]


# -- a place of a community's that is broken


def refusing(world: World, place: Place, outcome: Outcome) -> list[datetime]:
    """Have the platform refuse what is said at `place` until it is mended; return when it was asked to."""
    deliver, asked = world.platform.deliver, list[datetime]()

    async def delivering(what: Any) -> Outcome:
        if what.place == place:
            asked.append(world.clock.now())
            return outcome
        return await deliver(what)

    world.platform.deliver = delivering
    return asked


def mended(world: World) -> None:
    """Let the platform take everything again."""
    world.platform.deliver = type(world.platform).deliver.__get__(world.platform)


@pytest.mark.parametrize("outcome", [HERE, Gone(), Unreachable()], ids=str)
async def test_what_goes_to_a_broken_desk_waits_and_goes_out_once_it_is_mended(world: World, outcome: Outcome) -> None:
    told, began = listen(world), world.clock.now()
    asked = refusing(world, DESK, outcome)
    await send(world, "one", DESK, Lane.DESK, settled="told")
    await world.settle()
    for _ in range(TRIES + 1):  # it counts as no try
        await world.moves(minutes=14, seconds=59)
        await world.moves(seconds=1)
    assert asked == [began + BROKEN_WAIT * each for each in range(TRIES + 2)]
    assert await state(world) == State.WAITING
    assert told == []
    mended(world)
    await world.moves(minutes=15)
    assert texts(world, DESK) == ["one"]
    assert told == [("one", "sent")]


@pytest.mark.parametrize("minute", [0, 7, 59])
async def test_what_goes_to_a_broken_desk_waits_for_a_day_and_is_let_go(world: World, minute: int) -> None:
    told = listen(world)
    asked = refusing(world, DESK, HERE)
    world.clock.move(timedelta(minutes=minute))
    await send(world, "one", DESK, Lane.DESK, settled="told")
    await world.settle()
    while await state(world) is not None:
        assert told == []
        assert world.clock.now() - asked[0] < timedelta(hours=26)
        await world.moves(minutes=1)
    assert told == [("one", "expired")]
    assert asked[-1] == floor_hour(asked[0] + BROKEN_UNTIL)
    assert asked[-1] - asked[0] >= timedelta(hours=24)


async def test_when_it_came_cannot_be_told_from_when_it_is_tried_again_or_let_go(world: World) -> None:
    asked = refusing(world, DESK, HERE)
    world.clock.move(timedelta(minutes=1))
    for minute in range(3):
        await send(world, f"question {minute}", DESK, Lane.DESK)
        await world.moves(minutes=1)
    waiting = [await row(world, f"question {minute}") for minute in range(3)]
    assert len({(each["due_at"], each["until"]) for each in waiting if each}) == 1
    asked.clear()
    await world.moves(minutes=30)
    assert len(set(asked)) == 1
    assert len(asked) == 3


async def test_what_has_its_own_time_waits_no_longer_at_a_broken_place(world: World) -> None:
    told = listen(world)
    refusing(world, TOWN, HERE)
    await send(world, "one", until=world.clock.now() + timedelta(hours=3), settled="told")
    for _ in range(3):
        await world.moves(hours=1)
    assert told == []
    await world.moves(minutes=15)
    assert told == [("one", "expired")]


async def test_a_refusal_of_what_is_said_breaks_no_place_and_stops_nobody(world: World) -> None:
    world.platform.outcomes = [Refused("50035")]
    await send(world, "poison", DESK, Lane.DESK)
    await world.settle()
    await send(world, "one", DESK, Lane.DESK)
    await world.settle()
    assert await state(world, "poison") == State.DEAD
    assert texts(world, DESK) == ["one"]
    async with world.house.store.reading() as tx:
        assert (await communities.load(tx, world.community.id)).takes_questions


async def test_what_waits_at_one_broken_place_holds_up_no_other(world: World) -> None:
    await world.another()
    asked = refusing(world, TOWN, HERE)
    for number in range(40):  # more than a batch
        await send(world, f"town {number}")
    await send(world, "elsewhere", OTHER_TOWN)
    await send(world, "private", ADA, Lane.DROP)
    await send(world, "desk", DESK, Lane.DESK)
    await world.settle()
    assert [texts(world, place) for place in (OTHER_TOWN, ADA, DESK)] == [["elsewhere"], ["private"], ["desk"]]
    assert len(asked) == 40
    await world.moves(minutes=14)
    assert len(asked) == 40
    async with world.house.store.reading() as tx:
        assert [spot.broken for _, spot in await communities.spots_at(tx, ELSEWHERE)] == [(), ()]
    mended(world)
    await world.moves(minutes=1)
    assert len(texts(world)) == 40


async def test_an_edit_that_is_refused_breaks_no_place(world: World) -> None:
    await send(world, "one", DESK, Lane.DESK)
    await world.settle()
    async with world.house.store.transaction() as tx:
        await Outbox(tx, world.clock.now()).edit("one", Reply("two"))
    world.platform.outcomes = [HERE]
    await world.settle()
    async with world.house.store.reading() as tx:
        assert (await communities.load(tx, world.community.id)).takes_questions


async def test_a_thread_that_cannot_be_opened_at_a_broken_desk_is_opened_once_it_is_mended(world: World) -> None:
    world.platform.outcomes = [HERE]
    async with world.house.store.transaction() as tx:
        box = Outbox(tx, world.clock.now())
        assert await box.open_thread(DESK, "A question", name="thread", lane=Lane.DESK)
    await world.settle()
    assert await state(world, "thread") == State.WAITING
    await world.moves(minutes=15)
    assert await state(world, "thread") is None


# -- threads


async def open_thread(world: World, place: Place = TOWN, **rest: Any) -> None:
    """Let people answer below "one", under the name "thread"."""
    async with world.house.store.transaction() as tx:
        box = Outbox(tx, world.clock.now())
        assert await box.open_thread(place, "A title", name="thread", lane=Lane.POST, on="one", **rest)


def refusing_threads(world: World, outcome: Outcome = HERE) -> list[datetime]:
    """Have the platform refuse every thread until it is mended; return when it was asked to."""
    deliver, asked = world.platform.deliver, list[datetime]()

    async def delivering(what: Any) -> Outcome:
        if isinstance(what, OpenThread):
            asked.append(world.clock.now())
            return outcome
        return await deliver(what)

    world.platform.deliver = delivering
    return asked


async def broken(world: World) -> list[str]:
    """What is wrong with the places of the community."""
    async with world.house.store.reading() as tx:
        return [each for spot in (await communities.load(tx, world.community.id)).spots for each in spot.broken]


@pytest.mark.parametrize("sent", ["never", "too late", "not kept", "refused"])
async def test_below_what_was_never_sent_nothing_is_opened(world: World, sent: str) -> None:
    if sent == "too late":
        await send(world, "one", until=world.clock.now() - SOON)
    elif sent != "never":
        world.platform.outcomes = [Refused("50035")] if sent == "refused" else []
        await send(world, "one", keep=sent != "not kept")
    await open_thread(world)
    await world.settle()
    assert await state(world, "thread") is None
    assert not [each for each in world.platform.delivered if isinstance(each, OpenThread)]
    async with world.house.store.reading() as tx:
        assert await Outbox(tx, world.clock.now()).refs("thread") == ()


async def test_a_thread_waits_for_its_message_in_the_subject_that_both_are_of(world: World) -> None:
    asked = refusing(world, TOWN, HERE)
    await send(world, "one", subject="posts")
    await open_thread(world, subject="posts")
    await world.settle()
    assert len(asked) == 1
    mended(world)
    await world.moves(minutes=15)
    *_, opened = world.platform.delivered
    assert isinstance(opened, OpenThread)
    assert opened.on == world.platform.said[TOWN][0][0]
    assert await state(world, "thread") is None


@pytest.mark.parametrize("place", [TOWN, NOWHERE], ids=["a community's place", "nobody's"])
async def test_a_thread_that_is_refused_holds_up_nothing_and_is_let_go_in_its_time(world: World, place: Place) -> None:
    began, asked = world.clock.now(), refusing_threads(world)
    await send(world, "one", place, subject="posts")
    await open_thread(world, place, subject="posts", until=began + timedelta(hours=1))
    await send(world, "two", place, subject="posts")
    await world.settle()
    await send(world, "three", place, subject="posts")
    await world.settle()
    assert texts(world, place) == ["one", "two", "three"]
    assert await broken(world) == []
    for _ in range(5):
        assert await state(world, "thread") == State.WAITING
        await world.moves(minutes=15)
    assert await state(world, "thread") is None
    assert asked == [began + BROKEN_WAIT * each for each in range(5)]
    assert texts(world, place) == ["one", "two", "three"]
    assert await broken(world) == []


async def test_a_thread_that_has_no_time_of_its_own_is_let_go_after_a_day(world: World) -> None:
    asked = refusing_threads(world)
    await send(world, "one")
    await open_thread(world)
    await world.settle()
    for _ in range(26):
        await world.moves(hours=1)
    assert await state(world, "thread") is None
    assert asked[-1] - asked[0] == BROKEN_UNTIL


async def test_a_switch_that_a_thread_lacks_is_found_where_the_platform_names_it(world: World) -> None:
    refusing_threads(world)
    world.platform.missing[TOWN] = ("switch-discord-create_public_threads",)
    await send(world, "one")
    await open_thread(world)
    await world.settle()
    assert await broken(world) == ["switch-discord-create_public_threads"]


async def test_below_what_was_deleted_meanwhile_nothing_is_opened_and_nothing_breaks(world: World) -> None:
    asked = refusing_threads(world, Gone())
    await send(world, "one")
    await open_thread(world)
    await world.settle()
    assert len(asked) == 1
    assert await state(world, "thread") is None
    assert await broken(world) == []


# -- faults


async def test_what_a_settle_hook_does_wrong_undoes_nothing(world: World) -> None:
    async def poison(work: Work, subject: str, fate: str) -> None:
        await work.outbox.send(DESK, Reply("undone"), name="undone", lane=Lane.DESK)
        raise RuntimeError

    world.house.registry.settlers["poison"] = poison
    await send(world, "one", settled="poison")
    await send(world, "two", settled="a hook of a cog that is gone")
    await send(world, "three")
    await world.settle()
    assert sorted(texts(world)) == ["one", "three", "two"]
    assert [await state(world, name) for name in ("one", "two", "three", "undone")] == [None] * 4


async def test_a_row_that_cannot_be_read_stands_in_nobodys_way(world: World) -> None:
    told = listen(world)
    await send(world, "one", settled="told")
    async with world.house.store.transaction() as tx:
        await tx.execute(update(outbox).values(payload=b"\x01garbled"))
    await send(world, "two")
    await world.settle()
    assert texts(world) == ["two"]
    assert await state(world) == State.DEAD
    assert told == [("one", "dead")]


async def test_an_adapter_that_raises_fails_its_own_row_alone(world: World) -> None:
    deliver = world.platform.deliver

    async def fails(what: Any) -> Outcome:
        if what.reply.text == "one":
            raise RuntimeError
        return await deliver(what)

    world.platform.deliver = fails
    await send(world, "one")
    await send(world, "two")
    await world.settle()
    assert texts(world) == ["two"]
    assert await state(world) == State.WAITING


async def test_who_forgets_while_a_message_is_on_its_way_holds_up_nobody_and_leaves_nothing(world: World) -> None:
    ada, deliver = await world.member("ada"), world.platform.deliver
    await send(world, "one", ADA, Lane.DROP, member=await member_id(world))
    await send(world, "two")

    async def delivering(what: Any) -> Outcome:
        world.platform.deliver = deliver
        await ada.says("/forget")
        await ada.taps("Yes, erase everything")
        return await deliver(what)

    world.platform.deliver = delivering
    await world.settle()
    assert texts(world) == ["two"]
    assert [await state(world, name) for name in ("one", "two")] == [None, None]
    async with world.house.store.transaction() as tx:
        assert await Outbox(tx, world.clock.now()).refs("one") == ()


async def test_after_a_restart_what_was_on_its_way_goes_out_and_is_known_to_have_been_tried(world: World) -> None:
    began = world.clock.now()
    await send(world, "one")
    gate, deliver = asyncio.Event(), world.platform.deliver
    reached = asyncio.Event()

    async def hangs(what: Any) -> Outcome:
        reached.set()
        await gate.wait()
        raise AssertionError

    world.platform.deliver = hangs
    draining = asyncio.create_task(world.sender.drain())
    await reached.wait()
    draining.cancel()
    await asyncio.gather(draining, return_exceptions=True)
    assert await state(world) == State.SENDING
    came = asyncio.Event()

    async def delivers(what: Any) -> Outcome:
        came.set()
        return await deliver(what)

    world.platform.deliver = delivers
    again = Sender(world.house, world.platform)
    assert await again.drain() == 0
    again.start()
    await came.wait()
    await again.stop(5)
    assert texts(world) == ["one"]
    assert tried(world) == [began]


async def test_what_could_not_be_settled_is_settled_later_and_not_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settle, faults, done = settling.settle_sent, [OSError()], asyncio.Event()

    async def failing(*rest: Any) -> None:
        if faults:
            raise faults.pop()
        await settle(*rest)
        done.set()

    monkeypatch.setattr(settling, "settle_sent", failing)
    monkeypatch.setattr("bot.sender.AFTER_FAULT", 0.01)
    await send(world, "one")
    world.sender.start()
    await asyncio.wait_for(done.wait(), 5)
    await world.sender.stop(5)
    assert await state(world) is None
    assert [each.message for each in caplog.records if each.levelno >= logging.ERROR] == ["sender-failed"]
    assert texts(world) == ["one"]


async def test_a_sender_that_is_woken_sends_and_one_that_is_stopped_finishes_what_is_in_hand(world: World) -> None:
    world.sender.start()
    reached, gate, deliver = asyncio.Event(), asyncio.Event(), world.platform.deliver

    async def slowly(what: Any) -> Outcome:
        reached.set()
        await gate.wait()
        return await deliver(what)

    world.platform.deliver = slowly
    await send(world, "one")
    world.sender.wake()
    await asyncio.wait_for(reached.wait(), 5)
    stopping = asyncio.create_task(world.sender.stop(5))
    gate.set()
    await stopping
    assert texts(world) == ["one"]
    assert await state(world) is None


# -- lanes, and many at once


def side_by_side(world: World, many: int) -> None:
    """Let so many be on their way at once."""
    world.platform.at_once = many
    world.sender = Sender(world.house, world.platform)


async def fill(world: World, lane: Lane, due: list[datetime]) -> None:
    """Write rows of a lane, each for somebody's own chat, named by lane and number."""
    async with world.house.store.transaction() as tx:
        box = Outbox(tx, world.clock.now())
        for number, at in enumerate(due):
            place = Place("test", f"{lane.name}-{number}", private=True)
            await box.send(place, Reply(lane.name), name=f"{lane.name}-{number}", lane=lane, due=at)


async def test_the_lanes_say_who_goes_first(world: World) -> None:
    side_by_side(world, 1)
    for lane in reversed(Lane):
        await fill(world, lane, [world.clock.now()])
    await world.settle()
    assert [each.reply.text for each in world.platform.delivered if isinstance(each, Send)] == [x.name for x in Lane]


async def test_with_all_lanes_full_for_a_minute_none_starves_and_the_first_goes_first(world: World) -> None:
    rate, now, deliver = 8, world.clock.now(), world.platform.deliver
    ticks = [now + timedelta(seconds=each / rate) for each in range(60 * rate)]
    for lane in Lane:
        await fill(world, lane, ticks if lane == Lane.ANSWER else [now] * 100)
    sent: list[str] = []

    async def delivering(what: Any) -> Outcome:
        if len(sent) < 60 * rate:
            sent.append(what.reply.text)
            world.clock.move(timedelta(seconds=1 / rate))
        return await deliver(what)

    world.platform.deliver = delivering
    side_by_side(world, 2)
    while len(sent) < 60 * rate:
        await world.sender.drain()
    many = Counter(sent)
    assert many["ANSWER"] > 7 / 8 * len(sent)
    for lane in Lane:
        assert many[lane.name] >= len(sent) // (8 * len(Lane))
    first = {lane.name: sent.index(lane.name) for lane in Lane}
    assert max(first.values()) <= 8 * len(Lane)


async def test_what_is_slow_holds_up_nothing_and_a_subject_stays_in_order(world: World) -> None:
    side_by_side(world, 4)
    gate, deliver, order = asyncio.Event(), world.platform.deliver, list[str]()

    async def delivering(what: Any) -> Outcome:
        if what.reply.text == "slow":
            await gate.wait()
        order.append(what.reply.text)
        if len(order) == 50:
            gate.set()
        return await deliver(what)

    world.platform.deliver = delivering
    await send(world, "slow", subject="s", due=world.clock.now() - SOON)
    await send(world, "after", subject="s", due=world.clock.now() - SOON)
    for number in range(50):
        await send(world, f"{number}")
    await world.sender.drain()
    assert order[50:] == ["slow", "after"]
    assert sorted(order[:50]) == sorted(f"{number}" for number in range(50))


async def test_who_wants_to_know_only_of_what_was_not_sent_is_told_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[tuple[str, str]]()

    async def tell(_: Work, name: str, fate: str) -> None:
        told.append((name, fate))

    world.house.registry.settlers["told"] = tell
    monkeypatch.setattr(world.house.registry, "only_unsent", frozenset({"told"}))
    here = Place("test", "ada", private=True)
    for name, place in (("one", here), ("two", TOWN)):
        await send(world, name, place=place, settled="told")
    await world.settle()
    assert told == []
    world.platform.outcomes = [Unreachable()]
    await send(world, "away", place=here, settled="told")
    await world.settle()
    assert [await state(world, name) for name in ("one", "two", "away")] == [None] * 3
    assert told == [("away", "unreachable")]


async def test_never_more_are_on_their_way_than_were_to_be(world: World) -> None:
    side_by_side(world, 3)
    flying, most, deliver = 0, 0, world.platform.deliver

    async def delivering(what: Any) -> Outcome:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        for _ in range(5):
            await asyncio.sleep(0)
        flying -= 1
        return await deliver(what)

    world.platform.deliver = delivering
    await fill(world, Lane.DROP, [world.clock.now()] * 20)
    await world.settle()
    assert most == 3
    assert len(world.platform.delivered) == 20


async def test_an_answer_that_is_written_during_a_drop_goes_before_the_rest_of_it(world: World) -> None:
    side_by_side(world, 2)
    deliver, order = world.platform.deliver, list[str]()

    async def delivering(what: Any) -> Outcome:
        order.append(what.reply.text)
        if len(order) == 5:
            await fill(world, Lane.ANSWER, [world.clock.now()])
            world.sender.wake()
        return await deliver(what)

    world.platform.deliver = delivering
    await fill(world, Lane.DROP, [world.clock.now()] * 20)
    await world.settle()
    assert order.index("ANSWER") <= 8


async def member_id(world: World) -> str:
    """The id of the one member there is."""
    async with world.house.store.reading() as tx:
        return (await tx.execute(select(people.members.c.id))).scalar_one()


async def test_what_has_arrived_is_settled_while_another_is_still_on_its_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, deliver = asyncio.Event(), world.platform.deliver

    async def slow(what: Any) -> Outcome:
        if isinstance(what, Send) and what.reply.text == "one":
            await goes_on.wait()
        return await deliver(what)

    monkeypatch.setattr(world.platform, "deliver", slow)
    told, settled = list[tuple[str, str]](), asyncio.Semaphore(0)

    async def tell(_: Work, name: str, fate: str) -> None:
        told.append((name, fate))
        settled.release()

    world.house.registry.settlers["told"] = tell
    for name in ("one", "two", "three"):
        await send(world, name, settled="told")
    draining = asyncio.create_task(world.sender.drain())
    async with asyncio.timeout(5):
        await settled.acquire()
        await settled.acquire()
    async with world.house.store.transaction():
        pass  # what settled them is committed
    assert (await state(world), await state(world, "two"), await state(world, "three")) == (State.SENDING, None, None)
    goes_on.set()
    assert await draining == 3
    assert await state(world) is None
    assert sorted(told) == [("one", "sent"), ("three", "sent"), ("two", "sent")]
