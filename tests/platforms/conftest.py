"""What the tests here begin with. `server` is a Telegram; a Discord comes with those who are on it, as `harbour`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import telegram
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.adapters.telegram import Telegram
from bot.clock import Clock
from tests.platforms.discord import DiscordServer
from tests.platforms.discord_client import Bot, Harbour
from tests.platforms.telegram import Chat, Person, TelegramServer
from tests.platforms.telegram_house import Start, TelegramCore


@pytest.fixture
async def harbour(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Harbour]:
    """A Discord and a connected bot; whatever a test made pass must be as Discord describes it."""
    async with DiscordServer() as server:
        monkeypatch.setattr(Route, "BASE", server.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
        bot = Bot()
        harbour = Harbour(server, bot)
        async with bot:
            await bot.login(server.token)
            await bot.tree.sync()
            running = asyncio.create_task(bot.connect())
            await server.ready()
            await bot.wait_until_ready()
            yield harbour
            await bot.close()
            await running
        assert server.check() == []


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    """A Telegram; whatever a test made pass must be as the Bot API describes it."""
    async with TelegramServer() as server:
        yield server
        assert server.check() == []


@pytest.fixture
async def core() -> TelegramCore:
    """What the adapter speaks to."""
    return TelegramCore()


@pytest.fixture
async def start(server: TelegramServer, core: TelegramCore) -> AsyncIterator[Start]:
    """Start an adapter; all that were started are stopped at the end."""
    started: list[Telegram] = []

    async def start(**more: Any) -> Telegram:
        settings: dict[str, Any] = {"token": server.token, "clock": Clock(), "api_url": server.api_url} | more
        adapter = Telegram(core, **settings)
        started.append(adapter)
        await adapter.start()
        return adapter

    yield start
    core.gate.set()
    for adapter in started:
        await adapter.stop()


@pytest.fixture
async def adapter(start: Start, core: TelegramCore) -> Telegram:
    """A connected adapter."""
    adapter = await start()
    await core.until(lambda: core.link[-1:] == [True])
    return adapter


@pytest.fixture
def ann(server: TelegramServer) -> Person:
    """Someone the bot may write to."""
    ann = server.add_user("Ann", language_code="en")
    ann.started = True
    return ann


@pytest.fixture
async def bot(server: TelegramServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[telegram.Bot]:
    """The real client, as anyone uses it."""
    # Without it the client warns that `retry_after` will not stay a number.
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    bot = telegram.Bot(server.token, base_url=server.base_url, base_file_url=server.base_file_url)
    async with bot:
        yield bot


@pytest.fixture
def ben(server: TelegramServer) -> Person:
    """Someone who wrote to the bot; the update is fetched and done with."""
    ben = server.add_user("Ben", username="ben_k", language_code="en")
    server.say(ben, server.private(ben), "/start")
    server.pending.clear()
    return ben


@pytest.fixture
def dm(server: TelegramServer, ben: Person) -> Chat:
    """His chat with the bot."""
    return server.private(ben)


@pytest.fixture
def forum(server: TelegramServer) -> Chat:
    """A group with topics, where the bot is an administrator."""
    forum = server.add_group("Desk", forum=True)
    server.pending.clear()
    return forum
