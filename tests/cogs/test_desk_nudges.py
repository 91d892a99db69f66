"""A desk is reminded of what waits: once in a while, never at night, and with one message that stands there."""

from datetime import UTC, datetime

import pytest

from bot import communities
from bot.adapter import Delete, Send
from bot.communities import Purpose
from bot.due import due
from bot.model import Button, Reply, Server
from cogs.desk import nudges
from cogs.questions import desks, watch
from tests.cogs.test_desk_numbers import answers, asks, looks
from tests.harness import DESK, OTHER_DESK, World


def reminders(world: World) -> list[str]:
    """Return the reminders that stand at the desk."""
    return [reply.text for reply in world.platform.at(DESK) if "What waits" in labels(reply)]


def labels(reply: Reply) -> list[str]:
    """Return what can be pressed."""
    return [item.label for row in reply.rows for item in row if isinstance(item, Button)]


def said(world: World) -> int:
    """Return how many reminders were ever said at the desk."""
    return sum(isinstance(each, Send) and "What waits" in labels(each.reply) for each in world.platform.delivered)


async def begins(world: World, hour: int, minute: int = 0, zone: str = "UTC") -> None:
    """Let it be an hour of that day, by the clock of UTC, and the community in a zone."""
    world.clock.at = datetime(2026, 3, 4, hour, minute, tzinfo=UTC)
    async with world.house.store.transaction() as tx:
        await communities.change(tx, world.community.id, zone=zone)


async def rules(world: World, **chosen: int) -> None:
    """Choose when the desk is reminded."""
    async with world.house.store.transaction() as tx:
        await tx.upsert(desks, community=world.community.id, **chosen)


async def hours(world: World, number: int) -> None:
    """Let hours pass, one by one as they do."""
    for _ in range(number):
        await world.moves(hours=1)


async def test_the_desk_is_reminded_of_what_nobody_has_for_four_hours(world: World) -> None:
    await begins(world, 9, 20)
    await asks(world)
    await hours(world, 3)
    assert reminders(world) == []
    await hours(world, 1)
    assert reminders(world) == ["One question is nobody's yet. It has waited some hours."]
    rowan = world.person("rowan", DESK)
    rowan.reads(DESK)
    assert rowan.labels == ["What waits"]
    await rowan.taps("What waits")
    assert rowan.labels == ["Next"]
    assert not rowan.seen.edit


async def test_it_is_reminded_once_in_four_hours_and_one_message_stands_there(world: World) -> None:
    await begins(world, 8)
    await asks(world)
    await asks(world, "bob")
    await hours(world, 4)
    assert reminders(world) == ["2 questions are nobody's yet. The oldest has waited some hours."]
    await hours(world, 3)
    assert said(world) == 1
    await hours(world, 1)
    assert (said(world), len(reminders(world))) == (2, 1)
    assert sum(isinstance(each, Delete) for each in world.platform.delivered) == 1


async def test_what_somebody_has_is_nobodys_no_more_when_their_time_is_over(world: World) -> None:
    await begins(world, 9)
    await asks(world)
    await hours(world, 3)
    await world.moves(minutes=40)
    rowan = world.person("rowan", DESK)
    looks(world, rowan)
    await rowan.taps("Claim")
    await world.moves(minutes=20)
    assert said(world) == 0
    await hours(world, 1)
    assert said(world) == 1


async def test_the_desk_is_reminded_of_what_has_no_answer_for_a_day(world: World) -> None:
    await begins(world, 9)
    await rules(world, unclaimed_hours=0)
    await asks(world)
    await hours(world, 9)
    assert said(world) == 0
    await hours(world, 15)  # over the evening, to nine o'clock
    assert reminders(world) == ["One question has no answer yet. It has waited since yesterday."]


async def test_nothing_is_said_at_night_and_what_waits_is_said_in_the_morning(world: World) -> None:
    await begins(world, 22, 30)
    await asks(world)
    await hours(world, 9)
    assert said(world) == 0
    await hours(world, 1)  # half past eight
    assert reminders(world) == ["One question is nobody's yet. It has waited some hours."]


@pytest.mark.parametrize(
    ("zone", "asked", "morning"),
    [
        ("Asia/Kolkata", 17, datetime(2026, 3, 5, 2, 30, tzinfo=UTC)),
        ("America/New_York", 4, datetime(2026, 3, 4, 13, tzinfo=UTC)),
    ],
)
async def test_the_night_is_the_communitys(world: World, zone: str, asked: int, morning: datetime) -> None:
    await begins(world, asked, 0, zone)
    await asks(world)
    while said(world) == 0:
        await world.moves(minutes=30)
    assert world.clock.now() == morning


async def test_in_the_evening_one_message_says_it_all_and_then_it_is_quiet(world: World) -> None:
    await begins(world, 12)
    await asks(world)
    await answers(world, world.person("rowan", DESK))
    await world.moves(minutes=58, seconds=59)
    await asks(world, "bob")
    await hours(world, 5)
    assert said(world) == 1
    await hours(world, 1)
    assert reminders(world) == [
        "Good evening.\nOne question waits. It has waited some hours.\nOne was answered today. Thank you."
    ]
    await hours(world, 12)
    assert said(world) == 2
    await hours(world, 1)
    assert said(world) == 3


async def test_an_evening_without_anything_that_waits_is_quiet(world: World) -> None:
    await begins(world, 12)
    await asks(world)
    await answers(world, world.person("rowan", DESK))
    await hours(world, 12)
    assert said(world) == 0


async def test_the_evenings_message_comes_also_where_its_hour_was_missed(world: World) -> None:
    await begins(world, 18)
    await asks(world)
    await world.moves(hours=2, minutes=40)
    assert reminders(world) == ["Good evening.\nOne question waits. It has waited some hours."]


async def test_a_reminder_goes_when_nothing_waits_any_more(world: World) -> None:
    await begins(world, 8)
    await asks(world)
    await hours(world, 4)
    await answers(world, world.person("rowan", DESK))
    await hours(world, 1)
    assert (said(world), reminders(world)) == (1, [])


async def test_no_reminder_is_wanted(world: World) -> None:
    await begins(world, 8)
    await rules(world, unclaimed_hours=0, unanswered_hours=0)
    await asks(world)
    await hours(world, 10)
    assert said(world) == 0


async def test_halted_is_quiet(world: World) -> None:
    await begins(world, 8)
    await asks(world)
    async with world.house.store.transaction() as tx:
        await communities.halt(tx, world.community.id, halted=True)
    await hours(world, 12)
    assert said(world) == 0


async def test_what_is_planned_tells_no_time_and_is_there_only_while_something_waits(world: World) -> None:
    await begins(world, 9, 17)

    async def planned() -> list[tuple[datetime, str | None]]:
        async with world.house.store.reading() as tx:
            return [(row["at"], row["member"]) for row in await tx.rows(due) if row["job"] == watch.LOOK]

    assert await planned() == []
    await asks(world)
    await world.moves(minutes=11)
    assert await planned() == [(datetime(2026, 3, 4, 10, tzinfo=UTC), None)]
    await asks(world, "bob")
    assert len(await planned()) == 1
    rowan = world.person("rowan", DESK)
    await answers(world, rowan)
    await world.moves(hours=1)
    await answers(world, rowan)
    await world.moves(hours=1)
    assert await planned() == []
    async with world.house.store.reading() as tx:
        row = await watch.of(tx, world.community.id)
    assert row.since is not None
    assert (row.since.minute, row.since.second) == (0, 0)


async def test_two_desks_are_both_reminded_and_a_start_looks_after_what_waited_before(world: World) -> None:
    await begins(world, 8)
    async with world.house.store.transaction() as tx:
        server = Server("test", "apart")
        await communities.set_place(tx, world.community, Purpose.DESK, OTHER_DESK, server, name="#apart")
    await asks(world)
    async with world.house.store.transaction() as tx:
        work = world.house.work(tx)
        await work.due.cancel(watch.LOOK, world.community.id)
        await nudges.start(work)
    await hours(world, 4)
    assert len(reminders(world)) == 1
    assert len([reply for reply in world.platform.at(OTHER_DESK) if "What waits" in labels(reply)]) == 1
