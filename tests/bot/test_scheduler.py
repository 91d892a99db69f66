"""What is due is done, late or not, once; what fails is tried again; and nothing is asked while nothing is due."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from bot.cog import DueRow, Work
from bot.due import Due
from bot.model import Reply
from bot.outbox import Lane
from bot.scheduler import BATCH
from tests.harness import NOON, TOWN, World, counted

SOON = timedelta(minutes=5)


def job(world: World, run: Any) -> None:
    """Have `run` be the job "tiny.job"."""
    world.house.registry.jobs["tiny.job"] = run


def noting(world: World, again: timedelta | None = None) -> list[tuple[str, datetime, datetime]]:
    """Have the job noted: its key, when it was due, when it was done."""
    done: list[tuple[str, datetime, datetime]] = []

    async def run(work: Work, row: DueRow) -> datetime | None:
        done.append((row.key, row.at, work.now))
        return None if again is None else work.now + again

    job(world, run)
    return done


async def plan(world: World, *keys: str, at: datetime = NOON + SOON) -> None:
    """Plan the job."""
    async with world.house.store.transaction() as tx:
        for key in keys:
            await Due(tx).at("tiny.job", key, at)


async def planned(world: World, key: str) -> datetime | None:
    """When the job is due."""
    async with world.house.store.reading() as tx:
        return await Due(tx).when("tiny.job", key)


async def test_what_is_due_is_done_at_its_time_and_once(world: World) -> None:
    done = noting(world)
    await plan(world, "a")
    await world.moves(minutes=4, seconds=59)
    assert done == []
    await world.moves(seconds=1)
    await world.moves(minutes=5)
    assert done == [("a", NOON + SOON, NOON + SOON)]
    assert await planned(world, "a") is None


async def test_what_is_late_is_done_as_late(world: World) -> None:
    done = noting(world)
    await plan(world, "a")
    await world.moves(days=3)
    assert done == [("a", NOON + SOON, NOON + timedelta(days=3))]


async def test_what_is_due_again_is_done_again(world: World) -> None:
    done = noting(world, again=SOON)
    await plan(world, "a")
    for _ in range(3):
        await world.moves(minutes=5)
    assert [at for _, at, _ in done] == [NOON + SOON, NOON + 2 * SOON, NOON + 3 * SOON]


async def test_a_plan_replaces_an_earlier_one_and_can_be_dropped(world: World) -> None:
    done = noting(world)
    await plan(world, "a", "b")
    await plan(world, "a", at=NOON + 2 * SOON)
    async with world.house.store.transaction() as tx:
        assert await Due(tx).cancel("tiny.job", "b")
        assert not await Due(tx).cancel("tiny.job", "b")
    await world.moves(minutes=5)
    assert done == []
    await world.moves(minutes=5)
    assert [key for key, _, _ in done] == ["a"]


async def test_a_job_that_plans_itself_anew_has_the_last_word(world: World) -> None:
    async def run(work: Work, row: DueRow) -> None:
        await work.due.at("tiny.job", row.key, work.now + 3 * SOON)

    job(world, run)
    await plan(world, "a")
    await world.moves(minutes=5)
    assert await planned(world, "a") == NOON + 4 * SOON


async def test_a_row_that_fails_is_undone_and_tried_in_an_hour_and_the_others_go_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[str] = []

    async def run(work: Work, row: DueRow) -> None:
        tries.append(row.key)
        await work.outbox.send(TOWN, Reply(row.key), name=f"{row.key}-{len(tries)}", lane=Lane.POST)
        if row.key == "poison":
            raise RuntimeError

    job(world, run)
    await plan(world, "a", "poison", "z")
    await world.moves(minutes=5)
    assert sorted(tries) == ["a", "poison", "z"]
    assert sorted(reply.text for reply in world.platform.at(TOWN)) == ["a", "z"]
    assert [record.message for record in caplog.records] == ["due-failed"]
    assert await planned(world, "poison") == NOON + SOON + timedelta(hours=1)
    await world.moves(minutes=59)
    assert len(tries) == 3
    await world.moves(minutes=1)
    assert tries[3:] == ["poison"]


async def test_a_job_that_another_transaction_came_in_between_is_done_again_at_once(world: World) -> None:
    tries: list[str] = []

    async def run(work: Work, row: DueRow) -> None:
        tries.append(row.key)
        if len(tries) == 1:
            between = Exception()
            between.sqlstate = "40001"  # type: ignore[attr-defined]
            raise DBAPIError("", None, between)

    job(world, run)
    await plan(world, "a")
    await world.moves(minutes=5)
    await world.settle()  # SQLite, which cannot meet this, does it at the next beat
    assert tries == ["a", "a"]
    assert await planned(world, "a") is None


async def test_a_job_of_a_cog_that_is_gone_is_dropped(world: World) -> None:
    await plan(world, "a")
    await world.moves(minutes=5)
    assert await planned(world, "a") is None


async def test_more_than_a_batch_is_done_in_one_beat(world: World) -> None:
    done = noting(world)
    await plan(world, *(str(number) for number in range(2 * BATCH + 1)))
    await world.moves(minutes=5)
    assert len({key for key, _, _ in done}) == len(done) == 2 * BATCH + 1


@pytest.mark.sqlite
async def test_nothing_is_asked_of_the_database_while_nothing_is_due(world: World) -> None:
    await plan(world, "a", at=NOON + timedelta(seconds=20))
    await world.scheduler.tick()
    with counted() as statements:
        for _ in range(19):
            world.clock.move(timedelta(seconds=1))
            await world.scheduler.tick()
        assert statements == []
        world.clock.move(timedelta(seconds=1))
        await world.scheduler.tick()
        assert statements != []


async def test_what_another_process_planned_is_found_within_half_a_minute(world: World) -> None:
    done = noting(world)
    await world.scheduler.tick()
    world.house.store.listeners.clear()
    await plan(world, "a", at=NOON + timedelta(seconds=1))
    world.clock.move(timedelta(seconds=30))
    await world.scheduler.tick()
    assert len(done) == 1


async def test_what_is_planned_wakes_the_heart(world: World) -> None:
    done = noting(world)
    await world.scheduler.tick()
    await plan(world, "a", at=NOON + timedelta(seconds=1))
    world.clock.move(timedelta(seconds=1))
    await world.scheduler.tick()
    assert len(done) == 1


async def test_a_beat_that_fails_does_not_stop_the_heart(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = noting(world)
    await plan(world, "a", at=NOON)

    def fails() -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(world.house.store, "write", fails)
        await world.scheduler.tick()
        await world.scheduler.tidy()
        patched.setattr(world.house.store, "trim", fails)
        await world.scheduler.trim()
    assert [record.message for record in caplog.records] == ["tick-failed", "tidy-failed", "trim-failed"]
    await world.scheduler.tick()
    assert len(done) == 1


async def test_the_heart_is_started_and_stopped(world: World) -> None:
    world.scheduler.start()
    await world.scheduler.stop()
    await world.scheduler.stop()


async def test_each_beat_empties_the_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    emptied = asyncio.Event()

    async def trim() -> None:
        emptied.set()

    monkeypatch.setattr(world.house.store, "trim", trim)
    world.scheduler.start()
    await asyncio.wait_for(emptied.wait(), 10)
    await world.scheduler.stop()
