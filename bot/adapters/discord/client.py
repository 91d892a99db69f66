"""The Discord adapter: its connections, kept up; what comes in, what goes out, who may do what."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, Protocol

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.adapter import (
    Core,
    Delivery,
    Gone,
    Look,
    Need,
    Outcome,
    Retry,
    Spacing,
    Turns,
    every_part,
    unspaced,
)
from bot.adapters.discord import rights
from bot.adapters.discord.answers import answer
from bot.adapters.discord.callbacks import Callbacks
from bot.adapters.discord.calls import COMMAND, COMPONENT, NAME, SUBMIT, Heard
from bot.adapters.discord.commands import Tree
from bot.adapters.discord.connection import Connection, Identifying, options
from bot.adapters.discord.delivery import AFTER_FAULT, Sender
from bot.adapters.discord.gateway import Known
from bot.adapters.discord.limits import Budget, tracing
from bot.clock import Clock
from bot.errors import SetupError
from bot.model import Account, Happening, Place, Role, Server
from bot.shards import UNDIVIDED, Shards

COMMANDS = "discord.commands"  # the name under which the hash of what Discord was told is remembered
LOGIN_WITHIN = 10.0
FINISH_WITHIN = 8.0
AT_ONCE = 32  # of 50 a second in all: a round trip may take more than half a second
PAUSES = (5.0, 300.0)  # between connections, doubling; Discord takes away the token of a bot that identifies too often
LONGEST_WAIT = 30.0  # for a rate limit, within discord.py; the least that it takes

REFUSED = (
    "Discord refuses the token in UNSENT_DISCORD_TOKEN. Open your application on discord.com/developers/applications, "
    "choose Bot, then Reset Token, and put the new one into UNSENT_DISCORD_TOKEN."
)

_log = logging.getLogger(__name__)

# It never speaks aloud: no warning that it cannot.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class Memory(Protocol):
    """Keeps a few named words between two starts."""

    async def get(self, name: str) -> str | None:
        """Return what was put under `name`, or None."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Keep `value` under `name`, in the place of what was there."""
        ...


class Discord:
    """Implements `bot.adapter.Adapter`. It reads nobody's messages: it hears of commands, presses and forms alone.

    Only one process may be connected to the gateway for a shard, or each would be told of everything on it: `turns`
    says when it is this one. One that does not listen delivers and asks only, as one does whose turn it is not.
    """

    name = NAME
    at_once = AT_ONCE

    def __init__(
        self,
        core: Core,
        *,
        token: str,
        memory: Memory,
        clock: Clock,
        api_url: str | None = None,
        gateway_url: str | None = None,
        shards: Shards = UNDIVIDED,
        turns: Turns = every_part,
        spacing: Spacing = unspaced,
        listens: bool = True,
    ) -> None:
        self._core = core
        self._token = token
        self._memory = memory
        self._clock = clock
        self._api_url = api_url
        self._gateway_url = gateway_url
        self._shards = shards
        self._turns = turns
        self._identifying = Identifying(shards, spacing)
        self._listens = listens
        self._known = Known(shards)
        self._changing: dict[Happening, bool] = {}
        self._client: _Client | None = None
        self._logging_in = asyncio.Lock()
        self._connections: list[asyncio.Task[None]] = []
        self._in_hand: set[asyncio.Task[Any]] = set()
        self._closing = False
        self._pauses = dict.fromkeys(shards.ids, PAUSES[0])

    async def start(self) -> None:
        """Log in, and go on connecting in the background. Raises SetupError where the token is refused."""
        if self._api_url:
            Route.BASE = self._api_url
        if self._gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self._gateway_url)
        try:
            await self._login()
        except discord.LoginFailure:
            raise SetupError(REFUSED) from None
        except (discord.DiscordException, aiohttp.ClientError, OSError, ValueError) as error:
            self._note("discord.login", "not now", error)
        self._connections = [asyncio.create_task(self._stay_connected(shard)) for shard in self._shards.ids]

    async def stop(self) -> None:
        """Take no more interactions, finish those in hand, disconnect."""
        self._closing = True
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=FINISH_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        for shard in self._shards.ids:
            self.connected(False, shard)

    async def deliver(self, what: Delivery) -> Outcome:
        """Do one thing on Discord and say what came of it. Raises nothing."""
        if self._client is None or self._client.is_closed():
            return Retry(AFTER_FAULT, "platform")
        return await self._client.sender.deliver(what)

    async def authority(self, account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        """Ask Discord now who `account` is there: see `bot.adapter.Adapter`. OWNER is who may manage the server."""
        if self._client is None:
            return frozenset()
        return await rights.authority(self._client, self._known, account.id, at, coach)

    async def look(self, at: Place | Server, needs: frozenset[Need]) -> Look | Gone | None:
        """Ask Discord now what `at` is, and which permissions the bot lacks there: see `bot.adapter.Adapter`."""
        if self._client is None:
            return None
        return await rights.look(self._client, self._known, at, needs)

    def told(self, happening: Happening) -> None:
        """Hand on what the gateway told. What comes again while the core is busy with it is told once more in all."""
        if self._closing:
            return
        if happening in self._changing:
            self._changing[happening] = True
            return
        self._changing[happening] = True
        self._begin("discord.happening", self._tell(happening))

    async def _tell(self, happening: Happening) -> None:
        try:
            while self._changing[happening]:
                self._changing[happening] = False
                await self._core.happened(happening)
        finally:
            del self._changing[happening]

    def take(self, heard: Heard) -> None:
        """Answer one interaction."""
        if self._closing or self._client is None or heard.data["type"] not in (COMMAND, COMPONENT, SUBMIT):
            return
        self._begin("discord.interaction", answer(self._core, heard, self._client.callbacks))

    def _begin(self, event: str, work: Awaitable[None]) -> None:
        task = asyncio.create_task(self._guarded(event, work))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    def connected(self, yes: bool, shard: int = 0) -> None:
        """Note what the gateway tells of a connection."""
        if yes:
            self._pauses[shard] = PAUSES[0]
        self._core.connected(NAME, yes and not self._closing, self._shards.name(shard))

    async def _login(self) -> "_Client":
        async with self._logging_in:
            if self._client is not None and not self._client.is_closed():
                return self._client
            client = _Client(self._known, self._clock, self._core)
            try:
                async with asyncio.timeout(LOGIN_WITHIN):
                    await client.login(self._token)
            except BaseException:
                await client.close()
                raise
            self._client = client
            return client

    async def _stay_connected(self, shard: int) -> None:
        while not self._closing:
            await self._guarded("discord.connection", self._connect(shard))
            self.connected(False, shard)
            await asyncio.sleep(self._pauses[shard])
            self._pauses[shard] = min(self._pauses[shard] * 2, PAUSES[1])

    async def _connect(self, shard: int) -> None:
        await self._login()
        if not self._listens:
            self.connected(True, shard)
            await asyncio.Event().wait()
        await self._turns(self._shards.name(shard))(lambda: self._listen(shard))

    async def _listen(self, shard: int) -> None:
        """Be connected to the gateway until that ends, or our turn."""
        client = await self._login()
        if shard == 0:  # so that of all processes one does it
            await self._guarded("discord.commands", self._sync(client.tree))
        connection = Connection(client, self, self._known, self._shards, shard, self._identifying)
        client.connections.add(connection)
        try:
            await connection.connect()
        finally:
            client.connections.discard(connection)
            self._known.end(shard)
            if not self._closing:  # what is in hand is answered all the same
                await self._guarded("discord.leave", connection.leave())

    async def _sync(self, tree: Tree) -> None:
        """Tell Discord the commands, where they are not those that it was told last."""
        fingerprint = tree.fingerprint()
        if await self._memory.get(COMMANDS) != fingerprint:
            await tree.sync()
            await self._memory.put(COMMANDS, fingerprint)

    async def _guarded(self, event: str, work: Awaitable[None]) -> None:
        """Await `work`: one that fails never stops the others."""
        try:
            await work
        except Exception as error:  # noqa: BLE001
            self._note(event, "failed", error)

    def _note(self, event: str, outcome: str, error: Exception) -> None:
        told: dict[str, str] = {"platform": NAME, "outcome": outcome, "error": type(error).__name__}
        if isinstance(error, discord.ConnectionClosed):
            told["why"] = str(error.code)
        _log.error(event, extra=told)


class _Client(discord.Client):
    """Is logged in, for all that is not the gateway's; what is, `connections` are connected to."""

    def __init__(self, known: Known, clock: Clock, core: Core) -> None:
        budget, connector = Budget(clock), aiohttp.TCPConnector(limit=0)
        super().__init__(
            **options(), max_ratelimit_timeout=LONGEST_WAIT, http_trace=tracing(budget), connector=connector
        )
        self.callbacks = Callbacks(connector, budget)
        self.sender = Sender(self, known, clock, budget, core.happened)
        self.tree = Tree(self, core.listing("en-US"))
        self.connections: set[Connection] = set()
        self._leaves = False

    def is_closed(self) -> bool:
        """Tell whether nothing more can be said or heard."""
        return self._leaves or super().is_closed()

    async def close(self) -> None:
        """Close it, and its connections."""
        self._leaves = True
        await asyncio.gather(*(connection.leave() for connection in self.connections), return_exceptions=True)
        await self.callbacks.close()
        await super().close()
