"""A year of silence, whatever happens in it: and of a hundred thousand, and in every byte."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from bot.due import due
from bot.people import members
from bot.scheduler import Scheduler
from bot.store import new_id
from cogs.privacy import silence
from cogs.privacy.silence import SILENCE
from tests.cogs.test_privacy import CROWD, ID, NAME, WORDS, crowd, files, personal, uses_everything
from tests.cogs.test_silence import DAY, YEAR, begin, goes_on, there, warnings
from tests.harness import DESK, NOON, Person, World, new_world
from tests.properties.test_privacy import marks


async def test_a_start_with_a_hundred_thousand_members_takes_no_time(world: World) -> None:
    async with world.house.store.transaction() as tx:
        rows = [
            {"id": new_id(), "joined": NOON - timedelta(hours=n % 9000), "terms": 1, "profile": b""}
            for n in range(100_000)
        ]
        await tx.execute(insert(members), rows)
        began = perf_counter()
        await silence.begin(world.house.work(tx))
        took = perf_counter() - began
        assert (
            await tx.execute(select(func.count()).select_from(due).where(due.c.job == SILENCE))
        ).scalar_one() == 100_000
        began = perf_counter()
        await silence.begin(world.house.work(tx))
        again = perf_counter() - began
    assert max(took, again) < 10  # seconds: a hundred times what it takes is still too little for one by one


async def test_after_the_year_nothing_of_the_person_is_left_in_the_bytes(world: World) -> None:
    ada, rowan = personal(world), world.person("rowan", DESK)
    dice = random.Random(7)
    await uses_everything(world, ada, rowan, await world.member("another"))
    await ada.says("/daily")
    await ada.chooses("off")
    await goes_on(world, days=366)
    await crowd(world, dice, 0)
    await world.scheduler.tidy()
    assert not world.house.store.to_scrub
    before = await marks(world)
    raw = files(world)
    before = {mark: value for mark, value in before.items() if "#" not in mark or value in raw}
    assert {mark.partition(".")[0] for mark in before} >= {"members", "accounts", "contacts", "askers"}
    await goes_on(world, days=33)
    assert await there(world, ada) is None
    await world.scheduler.tidy()
    raw = files(world)
    assert [mark for mark, value in before.items() if value in raw] == []
    assert [word for word in (ID, NAME, *WORDS) if word.encode() in raw] == []
    (closed,) = world.platform.at(DESK)
    assert closed.text.startswith("Nothing was answered here for three days")
    async with world.house.store.reading() as tx:
        assert len(await tx.rows(members)) == CROWD // 2 - CROWD // 8


# -- whatever happens


@dataclass
class Life:
    """What happened to somebody, as they would tell it."""

    world: World
    ada: Person
    used: datetime = NOON
    away: timedelta = timedelta(0)  # since then, that Unsent was off
    times: int = 0  # since then, that it was
    warned: datetime | None = None  # since then, when the warning arrived
    up: timedelta = timedelta(0)  # that it ran since
    noted: datetime = NOON

    async def note(self) -> None:
        """See that what has become of them is right."""
        now = self.world.clock.now()
        self.up, self.noted = self.up + now - self.noted, now
        if warnings(self.world) > self.warnings:
            self.warnings, self.warned, self.up = warnings(self.world), now, timedelta(0)
        if await self.kept():
            assert now - self.used <= timedelta(days=366 + 1 + 31) + self.away + DAY * self.times
        else:
            assert now - self.used >= YEAR
            assert self.warned is not None
            assert now - self.warned >= timedelta(days=30)
            assert self.up >= timedelta(days=29)

    warnings: int = 0

    async def kept(self) -> bool:
        """Tell whether they are still there."""
        return await there(self.world, self.ada) is not None

    async def runs(self, days: float) -> None:
        """Let Unsent run so long."""
        await goes_on(self.world, self.note, days=days)

    async def is_off(self, days: float) -> None:
        """Let the machine be off so long, and start anew on the same database."""
        self.world.clock.move(timedelta(days=days))
        self.noted = self.world.clock.now()
        self.away += timedelta(days=days)
        self.times += 1
        self.world.scheduler = Scheduler(self.world.house, self.world.dispatch)
        await begin(self.world)
        await self.runs(0)

    async def comes_by(self) -> None:
        """Do something."""
        await self.ada.says("hello")
        self.used, self.away, self.times, self.warned = self.world.clock.now(), timedelta(0), 0, None


RUNS = st.tuples(st.just("runs"), st.sampled_from([0.5, 1, 10, 27, 31, 90, 200, 364, 366, 367]))
OFF = st.tuples(st.just("is_off"), st.sampled_from([0, 0.03, 0.5, 3, 29, 31, 100, 400]))
USES = st.tuples(st.just("comes_by"), st.just(0))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(RUNS, RUNS, OFF, USES), min_size=2, max_size=9))
@example([("runs", 367), ("is_off", 400), ("runs", 31)])
@example([("runs", 366), ("comes_by", 0), ("is_off", 400), ("runs", 31)])  # warned, here again, and off for long
@example([("runs", 364), ("is_off", 3), ("is_off", 100), ("runs", 27), ("comes_by", 0), ("runs", 366), ("runs", 31)])
@example([("runs", 367), ("runs", 27), ("comes_by", 0), ("runs", 364), ("runs", 31), ("runs", 1)])
async def test_nobody_is_erased_without_a_year_and_a_warning_nor_kept_for_much_longer(
    events: list[tuple[str, float]],
) -> None:
    with TemporaryDirectory() as folder:
        async with new_world(Path(folder)) as world:
            life = Life(world, await world.member("ada"))
            await life.comes_by()
            for what, days in events:
                await (life.comes_by() if what == "comes_by" else getattr(life, what)(days))
                if not await life.kept():
                    return
