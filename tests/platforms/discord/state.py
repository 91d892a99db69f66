"""What a Discord keeps, and how a test waits for it to change."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple, TypeVar

from tests.platforms.discord.gateway import WHOLE, Gateway, Shard
from tests.platforms.discord.interaction import Interaction
from tests.platforms.discord.objects import Channel, Guild, Json, Snowflakes, User
from tests.platforms.discord.screen import Message

T = TypeVar("T")


class Recorded(NamedTuple):
    """One REST call. Status 0: the connection was closed without an answer."""

    method: str
    path: str
    body: Any
    status: int
    answer: Any
    time: float


class State:
    """People, guilds, channels, messages, interactions; the calls so far; and the gateway that tells of changes."""

    bot: User
    gateway: Gateway
    port: int
    """Set by the server, which has them."""

    def __init__(self, clock: Callable[[], float], patience: float) -> None:
        """`clock` is what everything here goes by; `patience`: how long the waits of a test hold out."""
        self.clock, self.patience = clock, patience
        self._ids = Snowflakes()
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.posts: dict[int, dict[int, Message]] = {}
        """By channel; without the ephemeral ones."""
        self.registered: dict[int, dict[str, Json]] = {0: {}}
        """The commands by name, by guild; 0: everywhere."""
        self.interactions: dict[str, Interaction] = {}
        self.requests: list[Recorded] = []
        self._messages: dict[int, Message] = {}
        self._dms: dict[int, Channel] = {}
        self._pulse = asyncio.Event()

    def new_id(self, shard: Shard = WHOLE) -> int:
        """An id for what is made now or, so that it is one of `shard`, some milliseconds later."""
        later = (self._ids.make(self.clock() + milliseconds / 1000) for milliseconds in count())
        return next(made for made in later if shard.has(made))

    def message(self, message_id: int) -> Message | None:
        """A message as it stands now, an ephemeral one too; None if there is no such."""
        return self._messages.get(message_id)

    def messages(self, channel: Channel) -> list[Message]:
        """What stands in a channel, oldest first; ephemeral messages do not."""
        return list(self.posts[channel.id].values())

    def touch(self) -> None:
        """Something changed: let those who wait look again."""
        self._pulse.set()
        self._pulse = asyncio.Event()

    async def wait_for(self, predicate: Callable[[], T | None], *, within: float | None = None, what: str = "") -> T:
        """Wait until `predicate` gives something true, and return it; TimeoutError, with the last calls, if not."""
        try:
            async with asyncio.timeout(within or self.patience):
                while not (found := predicate()):
                    await self._pulse.wait()
                return found
        except TimeoutError:
            last = [f"{r.method} {r.path} {r.status}" for r in self.requests[-5:]]
            raise TimeoutError(f"no {what or 'sign of it'}; the last calls were {last}") from None
