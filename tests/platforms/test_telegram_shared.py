"""Two processes that speak for one Telegram bot: one sends a drop, the other one answers. Both keep its one rate."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest

from bot.adapter import Send
from bot.leases import Leases
from bot.model import Reply
from bot.store import Store
from bot.vault import Vault, new_key, parse_keys
from tests import postgres
from tests.platforms.telegram import TelegramServer
from tests.platforms.telegram_house import Start, TelegramCore, alone

RATE = 30
SECONDS = 8
TICK, LATE = 0.005, 0.015  # seconds
AGAIN = 2.0  # seconds until all is as before, where something was refused

database_server = postgres.own_server


@pytest.fixture
async def lines(database_server: str) -> AsyncGenerator[tuple[Leases, Leases]]:
    """What two processes have on one database to tell each other."""
    url, key = await postgres.fresh(database_server), new_key()
    async with AsyncExitStack() as stack:
        made: list[Leases] = []
        for name in ("sender-telegram", "listener-telegram"):
            store = Store(url, Vault(parse_keys(key)))
            stack.push_async_callback(store.close)
            await store.open()
            made.append(Leases(store, (name,), lambda _: None))
            stack.push_async_callback(made[-1].stop)
            await made[-1].start()
        yield made[0], made[1]


@postgres.needed
@pytest.mark.parametrize("part", [0.0, 0.1, 0.5])
async def test_a_drop_and_answers_of_another_process_use_the_rate_and_no_more(
    server: TelegramServer, start: Start, core: TelegramCore, lines: tuple[Leases, Leases], part: float
) -> None:
    sender, _ = [
        await start(rate=float(RATE), usage=line.usage("telegram"), listens=listens)
        for line, listens in zip(lines, (False, True), strict=True)
    ]
    await core.until(lambda: core.link[-1:] == [True])
    people = [server.add_user(f"P{number}") for number in range((SECONDS + 1) * RATE * 2)]
    for person in people:
        person.started = True
    server.limit(overall=RATE)
    began = time.monotonic()

    async def drop() -> None:
        while time.monotonic() < began + SECONDS:
            await sender.deliver(Send(alone(people.pop()), Reply("Hello."), "n"))

    async def asks() -> None:
        number = 0
        while part and time.monotonic() < began + SECONDS:
            number += 1
            who = people.pop()
            server.say(who, server.private(who), "/streak")
            await asyncio.sleep(max(0.0, began + number / (RATE * part) - time.monotonic()))

    held_up = list[float]()

    async def watch() -> None:
        """Note for how long this process was given no time: it is not tested how busy the machine is."""
        while (now := time.monotonic()) < began + SECONDS:
            await asyncio.sleep(TICK)
            if (late := time.monotonic() - now - TICK) > LATE:
                held_up.append(late)

    async with asyncio.TaskGroup() as group:
        group.create_task(watch())
        for each in (asks, *[drop] * sender.at_once):
            group.create_task(each())
    await core.until(lambda: len(core.given_to) + len(core.left) >= len(core.calls))
    said = [call for call in server.calls("sendMessage") if call.time < began + SECONDS and call.status == 200]
    refused = [call for call in server.calls("sendMessage") if call.status != 200]
    assert len(refused) <= len(held_up)
    assert len(core.calls) == pytest.approx(RATE * part * SECONDS, abs=2)
    assert len(said) >= 0.98 * RATE * (SECONDS - sum(held_up) - AGAIN * len(refused))
