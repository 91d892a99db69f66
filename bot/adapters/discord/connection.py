"""A connection to the gateway: one shard's, or all there is. What it hears it hands on."""

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import discord

from bot.adapter import Spacing
from bot.adapters.discord.gateway import Hears, Known, State
from bot.shards import Shards

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds from one IDENTIFY to the next of the same bucket: docs.discord.com, "Session Start Limit Object"
FEW = 0.1  # of all IDENTIFYs that Discord takes in a day: who starts it by hand never gets there
ASKED = 60.0  # seconds until Discord is asked again how many are left
SHORTEST = 1.0  # seconds until it is asked anew where it should have counted anew by now


def options() -> dict[str, Any]:
    """Return what discord.py is told of each client, whether it is connected or not."""
    return {
        "intents": discord.Intents(guilds=True),
        "allowed_mentions": discord.AllowedMentions.none(),
        "max_messages": None,
        "chunk_guilds_at_startup": False,
        "guild_ready_timeout": 0,
    }


@dataclass
class Starts:
    """How many IDENTIFYs Discord still takes of all there may be until `resets`, by the loop's clock, as of `asked`."""

    left: int
    total: int
    resets: float
    buckets: int
    asked: float


class FewStarts(Exception):
    """A session may not begin anew now: Connection.connect waits until it may."""


class Identifying:
    """When a shard may IDENTIFY: one of each bucket in EVERY seconds, and Discord says how many buckets there are.

    Of this process one of a bucket at a time tries: who would have to wait for longer has no connection open meanwhile,
    which discord.py gives a minute to be of use.

    Discord also says how many times it takes that until it counts anew, once a day. Where there are none left, it takes
    the token away. So the last tenth of them is spread over the time until then, and those that all shards of this
    process need to begin once more are kept until it has come.
    """

    def __init__(self, shards: Shards, spacing: Spacing) -> None:
        self._spacing = spacing
        self._to_begin = set(shards.ids)
        self._starts: Starts | None = None
        self._asking = asyncio.Lock()
        self._queues: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def queue(self, client: discord.Client, shard: int) -> asyncio.Lock:
        """Return where a shard stands in line. Raises what discord.py does where Discord does not say how many."""
        return self._queues[shard % (await self._ask(client)).buckets]

    async def starts(self, client: discord.Client, shard: int) -> None:
        """Wait while so few IDENTIFYs are left that this shard's has to. Raises as `queue` does."""
        while True:
            wait, enough = self._wait(await self._ask(client), shard)
            if not wait:
                return
            await asyncio.sleep(wait)
            self._starts = None
            if enough:
                return

    async def check(self, client: discord.Client, shard: int) -> None:
        """Raise FewStarts where `starts` would wait, and what that raises."""
        if self._wait(await self._ask(client), shard)[0]:
            raise FewStarts

    async def turn(self, client: discord.Client, shard: int) -> None:
        """Wait for a turn, to be used at once. The shard has stood in line."""
        starts = await self._ask(client)
        await self._spacing(f"identify-{shard % starts.buckets}", EVERY)
        starts.left -= 1
        self._to_begin.discard(shard)

    async def _ask(self, client: discord.Client) -> Starts:
        async with self._asking:
            loop = asyncio.get_running_loop()
            if self._starts is None or loop.time() > self._starts.asked + ASKED:
                _, _, limit = await client.http.get_bot_gateway()
                now = loop.time()
                resets = now + limit["reset_after"] / 1000
                self._starts = Starts(limit["remaining"], limit["total"], resets, limit["max_concurrency"], now)
            return self._starts

    def _wait(self, starts: Starts, shard: int) -> tuple[float, bool]:
        """Return for how many seconds a shard has to wait, and whether it may begin then without asking again."""
        need = len(self._to_begin | {shard})
        if starts.left >= max(need + 1, starts.total * FEW):
            return 0.0, True
        until = max(SHORTEST, starts.resets - asyncio.get_running_loop().time())
        log.warning("discord.few_starts", extra={"platform": "discord", "count": starts.left, "seconds": round(until)})
        return until * min(1.0, need / max(1, starts.left)), starts.left > need


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
        self._checked = False  # whether the next session may begin
        several: dict[str, Any] = {"shard_id": shard, "shard_count": shards.count} if shards.count > 1 else {}
        super().__init__(**options(), **several)

    def _get_state(self, **options: Any) -> State:
        # As discord.py's own AutoShardedClient puts another state in this one's place.
        self.http = self._client.http
        self._gateway = State(
            self._known,
            self._hears,
            self._shard,
            dispatch=self.dispatch,
            handlers=self._handlers,
            hooks=self._hooks,
            http=self.http,
            **options,
        )
        return self._gateway

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
            await self._identifying.starts(self._client, self._shard)
            self._checked = True
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
        try:
            if not self._checked:  # a session that could not be resumed
                await self._identifying.check(self._client, self._shard)
            self._checked = False
            await self._identifying.turn(self._client, self._shard)
        except BaseException:
            if self._gateway.opening is not None:  # discord.py would leave it open, with a thread that keeps it so
                await self._gateway.opening.close()
            raise
        self._leave_queue()

    def _leave_queue(self) -> None:
        queue, self._queue = self._queue, None
        if queue is not None:
            queue.release()

    async def on_ready(self) -> None:
        self._hears.connected(True, self._shard)

    async def on_resumed(self) -> None:
        self._hears.connected(True, self._shard)

    async def on_disconnect(self) -> None:
        self._hears.connected(False, self._shard)
