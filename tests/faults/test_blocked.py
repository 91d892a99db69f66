"""Thousands in a row who have blocked the bot: each is tried once, and whoever comes after them has theirs.

bench/blocked.py has ten thousand on each platform.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.adapter import Outcome, Retry, Unreachable
from bot.adapters.discord import limits
from bot.adapters.discord.client import AT_ONCE
from bot.model import Account, Place, Reply, Role, Server
from bot.outbox import Lane, Outbox, outbox
from tests.faults.blocked import blocked
from tests.faults.process import until
from tests.faults.town import MOVED, UNPACED, WATCHFUL, moves
from tests.harness import World
from tests.platforms.discord_house import open_house
from tests.seed import joins

MANY = 1_000
AWAY, HERE, BEARS = 120, 5, 40
FEW = f"from bot.adapters.discord import limits\nlimits.REFUSED = {BEARS}\n"
REST = timedelta(minutes=10, seconds=1)


async def test_many_who_cannot_be_reached_hold_up_nobody(world: World) -> None:
    await hold_up_nobody(world, MANY)


async def hold_up_nobody(world: World, many: int) -> None:
    """Let so many be written to in vain, and then somebody who is there."""
    deliver, tried = world.platform.deliver, list[str]()

    async def blocked(what: object) -> Outcome:
        place: Place = what.place  # type: ignore[attr-defined]
        tried.append(place.channel)
        return Unreachable() if place.channel.startswith("gone") else await deliver(what)  # type: ignore[arg-type]

    world.platform.deliver = blocked
    async with world.house.store.transaction() as tx:
        work = world.house.work(tx)
        box = Outbox(tx, world.clock.now())
        for number in range(many):
            account = Account("test", f"gone{number}")
            member = await joins(work, account, world.community)
            await box.send(account.private, Reply("Hello."), name=f"d{number}", lane=Lane.DROP, member=member.id)
        last = Account("test", "ada")
        member = await joins(work, last, world.community)
        await box.send(last.private, Reply("Hello, Ada."), name="last", lane=Lane.POST, member=member.id)
    await world.settle()
    assert len(tried) == len(set(tried)) == many + 1
    assert [reply.text for reply in world.platform.at(last.private)] == ["Hello, Ada."]
    async with world.house.store.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(outbox))).scalar_one() == 0


async def test_what_comes_meanwhile_does_not_wait_until_it_is_known_who_has_left(world: World) -> None:
    deliver, asked, answered = world.platform.deliver, asyncio.Event(), asyncio.Event()

    async def blocked(what: Any) -> Outcome:
        return Unreachable() if what.place.channel == "gone" else await deliver(what)

    async def slow(account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        asked.set()
        await answered.wait()
        return frozenset()

    async def says(account: Account) -> None:
        async with world.house.store.transaction() as tx:
            work = world.house.work(tx)
            member = await joins(work, account, world.community)
            await work.outbox.send(
                account.private, Reply("Hello."), name=account.id, lane=Lane.ANSWER, member=member.id
            )

    world.platform.deliver, world.platform.authority = blocked, slow
    await says(Account("test", "gone"))
    draining = asyncio.create_task(world.sender.drain())
    await asked.wait()
    ada = Account("test", "ada")
    await says(ada)
    world.sender.wake()
    await until(lambda: world.platform.at(ada.private), within=5)
    assert not draining.done()
    answered.set()
    assert await draining == 2


async def test_discord_is_left_in_peace_before_it_shuts_us_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REFUSED", 3)
    async with open_house() as house:
        await house.run()
        house.server.close_dms(house.mia)
        for _ in range(3):
            assert await house.bot.deliver(house.to(house.mia)) == Unreachable()
        asked = len(house.server.requests)
        outcome = await house.bot.deliver(house.to(house.mia))
        assert isinstance(outcome, Retry)
        assert (outcome.scope, outcome.limited) == ("platform", True)
        assert timedelta(minutes=9) < outcome.after <= timedelta(minutes=10)
        assert len(house.server.requests) == asked


@pytest.mark.sqlite
async def test_who_has_blocked_the_bot_is_asked_once_and_whoever_comes_behind_them_has_theirs(tmp_path: Path) -> None:
    async with blocked(tmp_path, AWAY, HERE, UNPACED + FEW + WATCHFUL + MOVED, telegram_rate="1000") as made:
        rests, before = 0, 0
        await made.bot.start()
        while not made.is_said(REST * rests):
            rests += 1
            await made.rests(rests)
            refused = made.refused()["discord"].total()
            assert refused - before <= BEARS + AT_ONCE
            before = refused
            moves(tmp_path, REST * rests)
        assert rests > 1
        assert made.had() == {"discord": [1] * HERE, "telegram": [1] * HERE}
        whole = made.refused()
        assert [sorted(each.values()) for each in whole.values()] == [[1] * AWAY] * 2
        moves(tmp_path, timedelta(days=1))
        await until(lambda: min(min(each) for each in made.had().values()) > 1)
        await until(lambda: made.is_said(timedelta(days=1)))
        assert made.refused() == whole
        assert await made.bot.stop() == 0
        assert await made.noted() == {"discord": AWAY, "telegram": AWAY}
