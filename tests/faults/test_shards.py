"""Processes that are connected to Discord for some shards each: who answers, who takes over, and who begins when."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.vault import new_key
from tests import postgres
from tests.faults.process import Process, process
from tests.platforms.discord import Channel, DiscordServer, Guild, Shard, User
from tests.platforms.telegram import TelegramServer

N = 4
EVERY = 0.5  # seconds, where Discord has 5
QUICK = f"""
from bot.adapters.discord import connection
connection.EVERY = {EVERY}
"""
TAKEN_OVER = 10.0  # seconds

database_server = postgres.own_server


@dataclass
class Town:
    """A Discord with a server on each shard, somebody in all of them, and processes that have not begun."""

    key: str
    server: DiscordServer
    ann: User
    guilds: list[Guild]
    desks: list[Channel]
    processes: list[Process]

    def connected(self) -> list[int]:
        """The shards that somebody is connected for."""
        return sorted(session.shard.number for session in self.server.gateway.live())

    async def all_connected(self, within: float = 60) -> None:
        await self.server.wait_for(lambda: self.connected() == [*range(N)], within=within)

    async def all_answered(self) -> None:
        """See that a command in each server, and in somebody's own chat, is answered, and by one process."""
        for channel in (*self.desks, self.server.dm(self.ann)):
            asked = await self.server.command(self.ann, channel, "help")
            answers = [r for r in self.server.requests if r.path.startswith(f"/interactions/{asked.id}/")]
            assert [answer.status // 100 for answer in answers] == [2]

    def check(self) -> None:
        """See that Discord had nothing to refuse, and that commands were told to it once."""
        assert [identify for identify in self.server.gateway.identifies if identify.early] == []
        assert len([r for r in self.server.requests if r.method == "PUT" and r.path.endswith("/commands")]) == 1
        assert self.server.check() == []


@asynccontextmanager
async def town(folder: Path, *options: str, **more: Any) -> AsyncGenerator[Town]:
    """A process for each of `options`, which is what stands behind --shards, or nothing."""
    key = new_key()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            DiscordServer(patience=60, shards=N, max_concurrency=1, identify_every=EVERY)
        )
        ann = server.add_user("Ann")
        guilds = [server.add_guild(f"Guild {n}", ann, shard=Shard(n, N)) for n in range(N)]
        processes = list[Process]()
        for number, option in enumerate(options):
            own = folder / str(number)
            own.mkdir()
            words = ("--shards", option) if option else ()
            settings: dict[str, Any] = server.settings | more
            processes.append(await stack.enter_async_context(process(own, key, QUICK, words, **settings)))
        yield Town(key, server, ann, guilds, [server.add_channel(guild, "desk") for guild in guilds], processes)


async def starts(made: Process) -> None:
    """Start a process that may have nothing to do, and wait until it has."""
    await made.start()
    await made.has_started()


async def health(folder: Path) -> Any:
    """Ask a process how it is."""
    address = re.findall(r"bot\.app started .*?address=(\S+)", log(folder))[-1]
    async with aiohttp.ClientSession() as session, session.get(f"{address}/healthz") as answer:
        return await answer.json()


def log(folder: Path) -> str:
    """Return what a process has logged."""
    return (folder / "log").read_text()


@pytest.mark.sqlite
async def test_one_process_with_all_shards_answers_everywhere_and_is_well_when_all_are_connected(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, "0-3/4") as here:
        (bot,) = here.processes
        await bot.start()
        await here.server.wait_for(lambda: len(here.server.gateway.live()) >= 2)
        some = here.connected()
        was = await health(tmp_path / "0")
        assert (was["discord"], len(some) < N) == (False, True)
        await here.all_connected()
        await here.all_answered()
        assert (await health(tmp_path / "0"))["discord"]
        assert await bot.stop() == 0
        here.check()


@postgres.needed
async def test_of_processes_with_ranges_each_answers_its_own_and_another_takes_over_what_one_leaves(
    database_server: str, tmp_path: Path
) -> None:
    url = await postgres.fresh(database_server)
    async with town(tmp_path, "0-1/4", "2-3/4", "2-3/4", "0-3/4", database_url=url) as here:
        first, second, same, wider = here.processes
        await starts(first)  # it makes the schema
        await second.start()
        await here.all_connected()
        for other in (same, wider):
            await starts(other)
        await here.all_answered()
        assert here.server.gateway.readies == N
        await second.kill()
        await here.server.wait_for(lambda: here.connected() == [0, 1])
        await here.all_connected(TAKEN_OVER)
        await here.all_answered()
        await first.kill()
        await here.server.wait_for(lambda: len(here.connected()) < N)
        await here.all_connected(TAKEN_OVER)
        await here.all_answered()
        for number in (2, 3):
            assert (await health(tmp_path / str(number)))["discord"]
        assert [await each.stop() for each in (same, wider)] == [0, 0]
        assert here.server.gateway.readies == 2 * N
        here.check()


@postgres.needed
async def test_a_process_that_divides_discord_in_another_way_does_not_start_beside_others(
    database_server: str, tmp_path: Path
) -> None:
    url = await postgres.fresh(database_server)
    async with town(tmp_path, "0-3/4", "0-1/8", "", database_url=url) as here:
        bot, *others = here.processes
        await bot.start()
        await here.all_connected()
        for number, other in enumerate(others, 1):
            await other.start()
            assert await asyncio.wait_for(other.ended(), 30) == 2
            told = log(tmp_path / str(number))
            assert "Another process is connected to Discord for a part of 4 in all" in told
            assert "Traceback" not in told
        async with TelegramServer() as telegram:
            (tmp_path / "telegram").mkdir()
            where = telegram.settings | {"database_url": url}
            async with process(tmp_path / "telegram", here.key, **where) as elsewhere:
                await starts(elsewhere)  # it has nothing to do with Discord
                assert await elsewhere.stop() == 0
        assert await bot.stop() == 0
        await others[1].start()
        await here.server.wait_for(lambda: here.server.gateway.readies > N)
        await here.all_answered()
        assert await others[1].stop() == 0
        here.check()
