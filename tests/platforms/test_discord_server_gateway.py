"""The Discord server under an unpatched discord.py: connecting, losing the connection, resuming."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import discord
import pytest
import yarl

from tests.platforms.discord import DiscordServer, Shard
from tests.platforms.discord_client import Bot, Harbour

PROCESS = """
import asyncio, os, discord, yarl
discord.http.Route.BASE = os.environ["API"]
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["GATEWAY"])
class Bot(discord.Client):
    async def setup_hook(self):
        tree = discord.app_commands.CommandTree(self)
        @tree.command(name="ask", description="Ask")
        async def ask(interaction: discord.Interaction):
            await interaction.response.send_message("From afar.")
        await tree.sync()
Bot(intents=discord.Intents(guilds=True), guild_ready_timeout=0).run(os.environ["TOKEN"], log_handler=None)
"""


async def test_a_bot_in_another_process_is_killed_and_comes_again() -> None:
    async with DiscordServer(patience=20.0) as server:
        harbour = Harbour(server, Bot())
        env = {"API": server.api_url, "GATEWAY": server.gateway_url, "TOKEN": server.token}
        for times in (1, 2):
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROCESS, env=env)
            await server.ready(times)
            done = await server.command(harbour.ann, harbour.desk, "ask")
            assert done.message is not None
            assert done.message.text == "From afar."
            process.kill()
            await process.wait()
            await server.wait_for(lambda: not server.gateway.live())
        assert server.check() == []


async def test_a_wrong_token_is_refused(harbour: Harbour) -> None:
    async with Bot() as other:
        with pytest.raises(discord.LoginFailure):
            await other.login("wrong")


async def test_events_missed_while_disconnected_are_replayed(harbour: Harbour) -> None:
    harbour.server.disconnect(4000)
    missed = harbour.server.command(harbour.ann, harbour.desk, "ask", text="lost?")
    await harbour.server.resumed()
    assert (await missed).message is not None
    assert harbour.server.gateway.readies == 1
    assert harbour.bot.resumed == 1
    harbour.server.ask_reconnect()
    await harbour.server.resumed(2)
    harbour.server.disconnect()
    await harbour.server.resumed(3)


async def test_a_forgotten_session_is_begun_anew(harbour: Harbour) -> None:
    harbour.server.gateway.sessions.clear()
    harbour.server.disconnect(4000)
    await harbour.server.ready(2)
    assert harbour.server.gateway.resumes == 0


async def test_an_event_can_come_twice(harbour: Harbour) -> None:
    asked = await harbour.server.command(harbour.ann, harbour.desk, "slow")
    harbour.server.repeat(asked)
    await harbour.server.wait_for(lambda: [r.status for r in harbour.server.requests][-1] == 400)
    assert harbour.bot.seen == [asked.id] * 2


async def test_an_outage_and_the_comeback(harbour: Harbour) -> None:
    kept = await harbour.channel().send("before")
    await harbour.server.go_down()
    with pytest.raises((discord.DiscordException, OSError)):
        await asyncio.wait_for(harbour.channel().send("during"), 0.2)
    await harbour.server.come_back()
    await harbour.server.resumed()
    assert (await harbour.channel().fetch_message(kept.id)).content == "before"


async def test_each_shard_is_told_of_its_own_servers_and_the_first_of_direct_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with pointed_at(monkeypatch) as server:
        owner = server.add_user("Olive")
        guilds = [server.add_guild(f"Guild {n}", owner, shard=Shard(n % 3, 3)) for n in range(6)]
        seen: dict[int, list[str]] = {}
        async with AsyncExitStack() as stack:
            for number in range(3):
                client = await stack.enter_async_context(connected(server, number, 3, seen))
                assert sorted(g.id for g in client.guilds) == [g.id for g in guilds if (g.id >> 22) % 3 == number]
            seen.clear()
            for guild in guilds:
                channel = server.add_channel(guild, "desk")
                server.command(owner, channel, "ask", text="where?")
            server.command(owner, server.dm(owner), "ask", text="here?")
            for number in range(3):
                await server.wait_for(lambda n=number: len(seen.get(n, ())) >= (5 if n == 0 else 4))
            told = ["CHANNEL_CREATE", "INTERACTION_CREATE"] * 2
            assert seen == {0: [*told, "INTERACTION_CREATE"], 1: told, 2: told}


async def test_an_identify_that_comes_too_soon_after_another_of_its_bucket_is_refused_and_noted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with pointed_at(monkeypatch, shards=4, max_concurrency=2, identify_every=60) as server:
        async with AsyncExitStack() as stack:
            for number in (0, 1):
                await stack.enter_async_context(connected(server, number, 4, {}))
            bot = Bot(shard_id=2, shard_count=4)
            await stack.enter_async_context(bot)
            await bot.login(server.token)
            count, _, limit = await bot.http.get_bot_gateway()
            assert (count, limit["max_concurrency"], limit["remaining"]) == (4, 2, 998)
            running = asyncio.create_task(bot.connect())
            await server.wait_for(lambda: len(server.gateway.identifies) >= 3)
            await bot.close()
            await running
        came = [(i.shard.number, i.early) for i in server.gateway.identifies]
        assert (came[:2], set(came[2:])) == ([(0, False), (1, False)], {(2, True)})
        assert server.gateway.readies == 2


async def test_a_shard_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with pointed_at(monkeypatch) as server, Bot(shard_id=4, shard_count=4) as bot:
        await bot.login(server.token)
        with pytest.raises(discord.ConnectionClosed) as closed:
            await bot.connect()
        assert closed.value.code == 4010


@asynccontextmanager
async def pointed_at(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> AsyncIterator[DiscordServer]:
    """A Discord, for all bots in this process."""
    async with DiscordServer(**settings) as server:
        monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
        yield server


@asynccontextmanager
async def connected(server: DiscordServer, shard: int, count: int, seen: dict[int, list[str]]) -> AsyncIterator[Bot]:
    """A bot that is connected for one shard, and notes in `seen` what that is told."""

    class Seeing(Bot):
        async def on_socket_event_type(self, event: str) -> None:
            seen.setdefault(shard, []).append(event)

    async with Seeing(shard_id=shard, shard_count=count) as bot:
        await bot.login(server.token)
        if shard == 0:
            await bot.tree.sync()
        running = asyncio.create_task(bot.connect())
        await bot.wait_until_ready()
        yield bot
        await bot.close()
        await running
