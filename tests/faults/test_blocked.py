"""Thousands in a row who have blocked the bot: each is tried once, and whoever comes after them has theirs.

bench/blocked.py has ten thousand.
"""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.adapter import Outcome, Retry, Unreachable
from bot.adapters.discord import delivery
from bot.model import Account, Place, Reply
from bot.outbox import Lane, Outbox, outbox
from tests.harness import World
from tests.platforms.discord_house import open_house
from tests.seed import joins

MANY = 1_000


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


async def test_discord_is_left_in_peace_before_it_shuts_us_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "REFUSED", 3)
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
