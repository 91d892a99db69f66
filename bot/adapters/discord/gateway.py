"""What the gateway tells of servers, channels and threads: handed on as happenings, and next to nothing of it kept.

Of the intents there is GUILDS alone, which needs nobody's leave. With it a bot hears of everything here. Of members it
hears of itself, in GUILD_MEMBER_UPDATE and THREAD_MEMBERS_UPDATE; nobody tells it that a person left.
"""

from collections.abc import Iterable
from typing import Any, Protocol

import discord
from discord.gateway import DiscordWebSocket
from discord.state import ConnectionState

from bot.adapters.discord.calls import NAME, Heard
from bot.model import Happening, Place, Server
from bot.shards import UNDIVIDED, Shards

FORUMS = (discord.ChannelType.forum.value, discord.ChannelType.media.value)


class Hears(Protocol):
    """What is done with what a connection hears. Nobody waits for it."""

    def take(self, heard: Heard) -> None:
        """Answer one interaction."""
        ...

    def told(self, happening: Happening) -> None:
        """Hand on what the gateway told."""
        ...

    def connected(self, yes: bool, shard: int = 0) -> None:
        """Note what the gateway tells of the connection."""
        ...


class Known:
    """Which channel is in which server, and which are forums: so much that nobody has to ask for it at each message.

    It is told by the shards that this process is connected for, of which `shards` are all that it may be.
    """

    def __init__(self, shards: Shards = UNDIVIDED) -> None:
        self.forums: set[int] = set()
        self._shards = shards
        self._begun: set[int] = set()
        self._servers: set[int] = set()
        self._awaited: set[int] = set()  # those of whose channels nothing was told yet
        self._channels: dict[int, int] = {}

    def server(self, channel: int) -> int | None:
        """Return the id of the server that `channel` is in, None where nothing was told of that channel."""
        return self._channels.get(channel)

    @property
    def complete(self) -> bool:
        """Whether all servers were told of: a channel that is not known then is none that the bot could use."""
        return len(self._begun) == self._shards.count and not self._awaited

    def begin(self, servers: Iterable[int], shard: int = 0) -> set[int]:
        """Begin a shard anew with these servers, their channels still to come; return those that it has no more."""
        before = {server for server in self._servers if self._shards.of(server) == shard}
        for channel in [channel for channel, server in self._channels.items() if server in before]:
            self.drop_channel(channel)
        now = set(servers)
        self._servers = self._servers - before | now
        self._awaited = self._awaited - before | now
        self._begun.add(shard)
        return before - now

    def end(self, shard: int) -> None:
        """Note that nothing is told by a shard until it begins anew: what there is may be another thing by then."""
        self._begun.discard(shard)

    def add_server(self, server: int, channels: Iterable[dict[str, Any]]) -> bool:
        """Take a server in with its channels; tell whether it is one that nobody waited for."""
        for channel in channels:
            self.add_channel(server, channel)
        new = server not in self._awaited
        self._servers.add(server)
        self._awaited.discard(server)
        return new

    def add_channel(self, server: int, channel: dict[str, Any]) -> None:
        """Take a channel in, as Discord describes it."""
        found = int(channel["id"])
        self._channels[found] = server
        if channel["type"] in FORUMS:
            self.forums.add(found)

    def drop_channel(self, channel: int) -> None:
        """Forget a channel."""
        self._channels.pop(channel, None)
        self.forums.discard(channel)

    def drop_server(self, server: int) -> None:
        """Forget a server."""
        for channel in [channel for channel, where in self._channels.items() if where == server]:
            self.drop_channel(channel)
        self._servers.discard(server)
        self._awaited.discard(server)

    def lose_server(self, server: int) -> None:
        """Wait for a server that is out of order on Discord's side."""
        self._awaited.add(server)


class State(ConnectionState[Any]):
    """discord.py's state without its picture of each server.

    It keeps every channel and every role: 33 MB at a thousand servers with 30 and 20 of them, where this takes 3
    (`bench/communities.py`). Rights are asked of Discord each time, so nothing would ever read them;
    interactions bring all that is asked of them.
    """

    def __init__(self, known: Known, hears: Hears, shard: int, **options: Any) -> None:
        self._known = known
        self._hears = hears
        self._shard = shard
        self.opening: DiscordWebSocket | None = None  # what is about to be a session, or is one
        super().__init__(**options)

    def _update_references(self, ws: DiscordWebSocket) -> None:
        self.opening = ws
        super()._update_references(ws)

    def parse_ready(self, data: Any) -> None:
        """A session begins; what it says of servers are the ids of those on its shard alone."""
        for server in self._known.begin((int(guild["id"]) for guild in data["guilds"]), self._shard):
            self._tell("removed", server)
        bare: Any = {**data, "guilds": []}
        super().parse_ready(bare)

    def parse_interaction_create(self, data: Any) -> None:
        """Somebody did something."""
        self._hears.take(Heard(data, self))

    def parse_guild_create(self, data: Any) -> None:
        """One of the servers that READY named, one that is in order again, or, unlike these, one that was joined."""
        server = int(data["id"])
        if data.get("unavailable"):
            self._known.lose_server(server)
        elif self._known.add_server(server, data["channels"]):
            self._tell("changed", server)

    def parse_guild_delete(self, data: Any) -> None:
        """The bot was thrown out or the server deleted; or Discord itself has trouble with it, which passes."""
        server = int(data["id"])
        if data.get("unavailable"):
            self._known.lose_server(server)
        else:
            self._known.drop_server(server)
            self._tell("removed", server)

    def parse_guild_update(self, data: Any) -> None:
        """A name, an owner: nothing that the bot may do is another."""

    def parse_guild_role_create(self, data: Any) -> None:
        """Roles carry rights, @everyone too."""
        self._tell("changed", int(data["guild_id"]))

    parse_guild_role_update = parse_guild_role_create
    parse_guild_role_delete = parse_guild_role_create

    def parse_guild_member_update(self, data: Any) -> None:
        """Without the intent for members it comes of the bot alone: its roles, its time-out."""
        self._tell("changed", int(data["guild_id"]))

    def parse_channel_create(self, data: Any) -> None:
        """A channel was made or, in the same words, its rights were changed."""
        self._known.add_channel(int(data["guild_id"]), data)
        self._tell("changed", int(data["guild_id"]))

    parse_channel_update = parse_channel_create

    def parse_channel_delete(self, data: Any) -> None:
        """Of the threads in it nothing is told."""
        self._known.drop_channel(int(data["id"]))
        self._gone(Place(NAME, data["id"]))

    def parse_thread_create(self, data: Any) -> None:
        """A thread was opened, or is one that the bot was let into. Nothing can be set up in one that is brand new."""
        if not data.get("newly_created"):
            self._tell("changed", int(data["guild_id"]))

    def parse_thread_update(self, data: Any) -> None:
        """Archived, locked, taken out of the archive, renamed. It comes of threads too that nothing was told of."""
        self._tell("changed", int(data["guild_id"]))

    def parse_thread_delete(self, data: Any) -> None:
        """Of a private thread it does not come where the bot may not manage threads."""
        self._gone(Place(NAME, data["parent_id"], data["id"]))

    def parse_thread_list_sync(self, data: Any) -> None:
        """The bot has come to see channels that it did not: the event that brought it about was told."""

    parse_thread_member_update = parse_thread_list_sync  # its own settings in a thread

    def parse_thread_members_update(self, data: Any) -> None:
        """Without the intent for members it comes of the bot alone: it was let into a thread, or put out of it."""
        self._tell("changed", int(data["guild_id"]))

    def _tell(self, kind: Any, server: int) -> None:
        self._hears.told(Happening(kind, server=Server(NAME, str(server))))

    def _gone(self, place: Place) -> None:
        self._hears.told(Happening("gone", place=place))
