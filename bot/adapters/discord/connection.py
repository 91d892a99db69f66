"""A connection to the gateway: one shard's, or all there is. What it hears it hands on."""

import asyncio
from collections import defaultdict
from typing import Any, Protocol

import discord

from bot.adapter import Spacing
from bot.adapters.discord.gateway import Known, State
from bot.model import Happening
from bot.shards import Shards

EVERY = 5.0  # seconds from one IDENTIFY to the next of the same bucket: docs.discord.com, "Session Start Limit Object"


def options() -> dict[str, Any]:
    """Return what discord.py is told of each client, whether it is connected or not."""
    return {
        "intents": discord.Intents(guilds=True),
        "allowed_mentions": discord.AllowedMentions.none(),
        "max_messages": None,
        "chunk_guilds_at_startup": False,
        "guild_ready_timeout": 0,
    }


class Hears(Protocol):
    """What is done with what a connection hears."""

    async def take(self, interaction: discord.Interaction) -> None:
        """Answer one interaction."""
        ...

    async def told(self, happening: Happening) -> None:
        """Hand on what the gateway told."""
        ...

    def connected(self, yes: bool, shard: int = 0) -> None:
        """Note what the gateway tells of the connection."""
        ...


class Identifying:
    """When a shard may IDENTIFY: one of each bucket in EVERY seconds, and Discord says how many buckets there are.

    Of this process one of a bucket at a time tries: who would have to wait for longer has no connection open meanwhile,
    which discord.py gives a minute to be of use.
    """

    def __init__(self, shards: Shards, spacing: Spacing) -> None:
        self._shards = shards
        self._spacing = spacing
        self._buckets = 1 if shards.count == 1 else 0
        self._asking = asyncio.Lock()
        self._queues: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def queue(self, client: discord.Client, shard: int) -> asyncio.Lock:
        """Return where a shard stands in line. Raises what discord.py does where Discord does not say how many."""
        async with self._asking:
            if not self._buckets:
                _, _, limit = await client.http.get_bot_gateway()
                self._buckets = limit["max_concurrency"]
        return self._queues[shard % self._buckets]

    async def turn(self, shard: int) -> None:
        """Wait for a turn, to be used at once. The shard has stood in line."""
        await self._spacing(f"identify-{shard % self._buckets}", EVERY)


class Connection(discord.Client):
    """One connection, which speaks through `client`: that is logged in, and has all that is not the gateway's.

    discord.py's AutoShardedClient takes the shards' troubles one after the other, and begins a session anew where it
    could be resumed; this is its Client, which resumes, once for each shard.
    """

    def __init__(
        self, client: discord.Client, hears: Hears, known: Known, shards: Shards, shard: int, identifying: Identifying
    ) -> None:
        self._client = client
        self._hears = hears
        self._known = known
        self._shard = shard
        self._identifying = identifying
        self._queue: asyncio.Lock | None = None
        several: dict[str, Any] = {"shard_id": shard, "shard_count": shards.count} if shards.count > 1 else {}
        super().__init__(**options(), **several)

    def _get_state(self, **options: Any) -> State:
        # As discord.py's own AutoShardedClient puts another state in this one's place.
        self.http = self._client.http
        return State(
            self._known,
            self._shard,
            dispatch=self.dispatch,
            handlers=self._handlers,
            hooks=self._hooks,
            http=self.http,
            **options,
        )

    def is_closed(self) -> bool:
        """Tell whether nothing more can be said or heard."""
        return self._client.is_closed()

    async def close(self) -> None:
        """Close all: what ends one connection for good is no better for the others."""
        await self._client.close()

    async def connect(self, *, reconnect: bool = True) -> None:
        """Be connected, over all that can be resumed; see discord.Client."""
        await self._async_setup_hook()
        queue = await self._identifying.queue(self._client, self._shard)
        await queue.acquire()
        self._queue = queue
        try:
            await super().connect(reconnect=reconnect)
        finally:
            self._leave_queue()

    async def leave(self) -> None:
        """Say goodbye, where there is somebody to say it to: the session cannot be resumed."""
        if self.ws and self.ws.open:
            await self.ws.close(code=1000)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait until Discord takes an IDENTIFY."""
        await super().before_identify_hook(shard_id, initial=initial)
        await self._identifying.turn(self._shard)
        self._leave_queue()

    def _leave_queue(self) -> None:
        queue, self._queue = self._queue, None
        if queue is not None:
            queue.release()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self._hears.take(interaction)

    async def on_happening(self, happening: Happening) -> None:
        await self._hears.told(happening)

    async def on_ready(self) -> None:
        self._hears.connected(True, self._shard)

    async def on_resumed(self) -> None:
        self._hears.connected(True, self._shard)

    async def on_disconnect(self) -> None:
        self._hears.connected(False, self._shard)
