"""The Discord adapter: one connection, kept up; what comes in, what goes out, who may do what."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import Any, Protocol

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.adapter import Core, Delivery, Gone, ListedCommand, Look, Need, Outcome, Retry, Turn, every_turn
from bot.adapters.discord import rights
from bot.adapters.discord.answers import answer
from bot.adapters.discord.calls import COMMAND, COMPONENT, NAME, SUBMIT
from bot.adapters.discord.commands import Tree
from bot.adapters.discord.delivery import AFTER_FAULT, Budget, Sender, tracing
from bot.adapters.discord.gateway import Known, State
from bot.clock import Clock
from bot.errors import SetupError
from bot.model import Account, Happening, Place, Role, Server

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

    Only one process may be connected to the gateway, or each would be told of everything: `turn` says when it is this
    one. One that does not listen delivers and asks only, as one does whose turn it is not.
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
        turn: Turn = every_turn,
        listens: bool = True,
    ) -> None:
        self._core = core
        self._token = token
        self._memory = memory
        self._clock = clock
        self._api_url = api_url
        self._gateway_url = gateway_url
        self._turn = turn
        self._listens = listens
        self._known = Known()
        self._changing: dict[Happening, bool] = {}
        self._client: _Client | None = None
        self._connection: asyncio.Task[None] | None = None
        self._in_hand: set[asyncio.Task[Any]] = set()
        self._closing = False
        self._pause = PAUSES[0]

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
        self._connection = asyncio.create_task(self._stay_connected())

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
        if self._connection is not None:
            self._connection.cancel()
            await asyncio.wait({self._connection})
        self._core.connected(NAME, False)

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

    async def told(self, happening: Happening) -> None:
        """Hand on what the gateway told. What comes again while the core is busy with it is told once more in all."""
        task = asyncio.current_task()
        if self._closing or task is None:
            return
        if happening in self._changing:
            self._changing[happening] = True
            return
        self._in_hand.add(task)
        try:
            await self._guarded("discord.happening", self._tell(happening))
        finally:
            self._in_hand.discard(task)

    async def _tell(self, happening: Happening) -> None:
        again = True
        try:
            while again:
                self._changing[happening] = False
                await self._core.happened(happening)
                again = self._changing[happening]
        finally:
            del self._changing[happening]

    async def take(self, interaction: discord.Interaction) -> None:
        """Answer one interaction."""
        task = asyncio.current_task()
        if self._closing or task is None or interaction.type not in (COMMAND, COMPONENT, SUBMIT):
            return
        self._in_hand.add(task)
        try:
            await self._guarded("discord.interaction", answer(self._core, interaction))
        finally:
            self._in_hand.discard(task)

    def connected(self, yes: bool) -> None:
        """Note what the gateway tells of the connection."""
        if yes:
            self._pause = PAUSES[0]
        self._core.connected(NAME, yes and not self._closing)

    async def _login(self) -> "_Client":
        client = _Client(self, self._known, self._clock, self._core.listing("en-US"))
        try:
            async with asyncio.timeout(LOGIN_WITHIN):
                await client.login(self._token)
        except BaseException:
            await client.close()
            raise
        self._client = client
        return client

    async def _stay_connected(self) -> None:
        while not self._closing:
            await self._guarded("discord.connection", self._connect())
            self.connected(False)
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, PAUSES[1])

    async def _connect(self) -> None:
        client = self._client
        if client is None or client.is_closed():
            client = await self._login()
        if not self._listens:
            self.connected(True)
            await asyncio.Event().wait()
        await self._turn(self._listen)

    async def _listen(self) -> None:
        """Be connected to the gateway until that ends, or our turn."""
        client = self._client
        if client is None or client.is_closed():
            client = await self._login()
        await self._guarded("discord.commands", self._sync(client.tree))
        try:
            await client.connect()
        except asyncio.CancelledError:
            if client.ws and not self._closing:  # what is in hand is answered all the same
                await self._guarded("discord.leave", client.ws.close(code=1000))
            raise

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
        _log.error(event, extra={"platform": NAME, "outcome": outcome, "error": type(error).__name__})


class _Client(discord.Client):
    """Hands on what it hears."""

    def __init__(self, adapter: Discord, known: Known, clock: Clock, commands: Iterable[ListedCommand]) -> None:
        self._known = known
        budget = Budget(clock)
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0,
            max_ratelimit_timeout=LONGEST_WAIT,
            http_trace=tracing(budget),
        )
        self.sender = Sender(self, known, clock, budget)
        self.tree = Tree(self, commands)
        self._adapter = adapter

    def _get_state(self, **options: Any) -> State:
        # As discord.py's own AutoShardedClient puts another state in this one's place.
        return State(
            self._known,
            dispatch=self.dispatch,
            handlers=self._handlers,
            hooks=self._hooks,
            http=self.http,
            **options,
        )

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self._adapter.take(interaction)

    async def on_happening(self, happening: Happening) -> None:
        await self._adapter.told(happening)

    async def on_ready(self) -> None:
        self._adapter.connected(True)

    async def on_resumed(self) -> None:
        self._adapter.connected(True)

    async def on_disconnect(self) -> None:
        self._adapter.connected(False)
