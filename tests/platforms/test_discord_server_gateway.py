"""The Discord server under an unpatched discord.py: connecting, losing the connection, resuming."""

import asyncio
import sys

import discord
import pytest

from tests.platforms.discord import DiscordServer
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
