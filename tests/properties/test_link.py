"""Linking, joining, leaving and forgetting in any order leave everything whole."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import people
from bot.clock import day_of
from bot.due import due
from bot.people import accounts, members
from bot.store import metadata
from cogs import streaks
from cogs.questions import questions
from cogs.streaks.rules import Entry, Kind, standing
from cogs.streaks.store import notes
from tests.cogs.test_link import AGREE, entered, member_of
from tests.harness import Person, World, new_world

PEOPLE = (("ada", "test"), ("tel", "telegram"), ("ida", "test"), ("tom", "telegram"))
STEPS = st.one_of(
    st.tuples(st.just("link"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("stop"), st.integers(0, 3)),
    st.tuples(st.just("unlink"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("forget"), st.integers(0, 3)),
    st.tuples(st.just("join"), st.integers(0, 3)),
    st.tuples(st.just("log"), st.integers(0, 3), st.sampled_from(["wrote", "looked", "they_wrote", "unavoidable"])),
    st.tuples(st.just("passes"), st.sampled_from([1, 13, 25])),
)


@dataclass
class Naive:
    """What ought to be: whose each account is, and every ledger, merged without thinking."""

    of: dict[int, int | None] = field(default_factory=lambda: dict.fromkeys(range(4), None))
    ledgers: dict[int, list[Entry]] = field(default_factory=dict[int, list[Entry]])
    waits: dict[int, tuple[int, Any]] = field(default_factory=dict[int, tuple[int, Any]])  # who stays: who goes, when
    made: int = 0

    def new(self, account: int) -> None:
        """Let an account be a member of its own."""
        self.made += 1
        self.of[account], self.ledgers[self.made] = self.made, []

    def waiting(self, member: int | None) -> int | None:
        """Return who stays, of the join that a member waits for."""
        return next((stays for stays, (goes, _) in self.waits.items() if member in (stays, goes)), None)

    def accounts(self, member: int | None) -> list[int]:
        """Return the accounts of a member."""
        return [account for account, each in self.of.items() if each is not None and each == member]

    def passes(self, now: Any) -> None:
        """Let what is due take effect."""
        for stays, (goes, at) in list(self.waits.items()):
            if at <= now:
                del self.waits[stays]
                self.ledgers[stays] += self.ledgers.pop(goes)
                self.of = {account: stays if each == goes else each for account, each in self.of.items()}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_any_order_leaves_everything_whole(steps: list[tuple[Any, ...]]) -> None:
    asyncio.run(_lives(steps))


async def _lives(steps: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder:
        async with new_world(Path(folder)) as world:
            world.also("telegram")
            persons = [world.person(name, platform=platform) for name, platform in PEOPLE]
            naive = Naive()
            for step in steps:
                await _does(world, persons, naive, step)
                await _is_whole(world, persons, naive)


async def _does(world: World, persons: list[Person], naive: Naive, step: tuple[Any, ...]) -> None:
    what, *args = step
    if what == "passes":
        await world.moves(hours=args[0])
        naive.passes(world.clock.now())
        return
    who = persons[args[0]]
    mine = naive.of[args[0]]
    today = day_of(world.clock.now(), UTC)
    match what:
        case "join":
            await who.says("/join")
            if AGREE in who.labels:
                await who.taps(AGREE)
                await who.taps("Skip")
                await who.taps("Yesterday")
                naive.new(args[0])
                naive.ledgers[naive.made].append(Entry(Kind.START, today - timedelta(days=1)))
        case "log" if mine is not None:
            await who.says(f"/contact {args[1]}")
            naive.ledgers[mine].append(Entry(Kind(args[1]), today))
        case "forget":
            await who.says("/forget")
            if mine is not None:
                await who.taps("Yes, erase everything")
                if (waits := naive.waiting(mine)) is not None:
                    del naive.waits[waits]
                naive.of = {account: None if each == mine else each for account, each in naive.of.items()}
        case "stop":
            seen = await who.says("/unlink")
            waits = naive.waiting(mine) if mine is not None else None
            assert (waits is not None) == ("Stop it" in who.labels), seen
            if waits is not None:
                await who.taps("Stop it")
                del naive.waits[waits]
        case "unlink" if mine is not None:
            theirs = naive.accounts(mine)
            await who.says("/unlink")
            if len(theirs) > 1:
                buttons = [label for label in who.labels if label.startswith("Take out")]
                assert len(buttons) == len(theirs)
                await who.taps(buttons[args[1] % len(buttons)])
                await who.taps("Yes, take it out")
                (gone,) = [each for each in theirs if await member_of(world, persons[each]) is None]
                naive.of[gone] = None
        case "link" if mine is not None:
            other, theirs = persons[args[1]], naive.of[args[1]]
            free = naive.waiting(mine) is None and (theirs is None or naive.waiting(theirs) is None)
            text = (await who.says("/link")).text
            code = text.split()[0]
            assert ("It is good once" in text) == (naive.waiting(mine) is None)
            await entered(other, code)
            agrees = {AGREE, "Yes, link them"} & set(other.labels)
            assert bool(agrees) == (free and theirs != mine), (other.seen, naive)
            if agrees:
                await other.taps(agrees.pop())
                if theirs is None:
                    naive.new(args[1])
                naive.waits[mine] = (naive.of[args[1]] or 0, world.clock.now() + timedelta(hours=24))
        case _:
            pass


async def _is_whole(world: World, persons: list[Person], naive: Naive) -> None:
    """Every account has one member, no row hangs from nobody, and the numbers are those of the merged ledgers."""
    async with world.house.store.reading() as tx:
        known = set((await tx.execute(select(members.c.id))).scalars())
        for table, column in people.owned_tables():
            owners = set((await tx.execute(select(column).where(column.is_not(None)))).scalars())
            assert owners <= known, table.name
            await tx.rows(table)  # all that is sealed can be opened where it is
        asked = await tx.rows(questions)
        assert {row["asker"]["member"] for row in asked} <= known
        assert {row["member"] for row in await tx.rows(accounts)} == known
        planned = await tx.rows(due)
        waits = await tx.rows(metadata.tables["joins"])
        noted = await tx.rows(notes)
    assert noted == []
    assert len(known) == len({each for each in naive.of.values() if each is not None})
    assert len(waits) == 2 * len(naive.waits)
    assert {row["waits"]["other"] for row in waits} == {row["member"] for row in waits}
    assert sum(row["job"] == "link.join" for row in planned) == len(naive.waits)
    ids = [await member_of(world, person) for person in persons]
    for one in range(4):
        for other in range(4):
            assert (ids[one] == ids[other] and ids[one] is not None) == (
                naive.of[one] is not None and naive.of[one] == naive.of[other]
            )
    for account, member in naive.of.items():
        if member is None:
            continue
        async with world.house.store.reading() as tx:
            found = await people.find(tx, world.house.vault, persons[account].account)
            assert found is not None
            ledger = await streaks.entries(tx, found)
        today = found.today(world.clock.now())
        assert standing(ledger, today) == standing(naive.ledgers[member], today)
        assert {(each.kind, each.day) for each in ledger} == {(each.kind, each.day) for each in naive.ledgers[member]}
