"""A Discord on loopback: REST v10 and gateway, for an unpatched discord.py, in this process or in another.

    async with DiscordServer() as server:
        guild = server.add_guild("Harbour", owner := server.add_user("Olive"))
        desk = server.add_channel(guild, "desk")
        ...  # start a bot with server.api_url, server.gateway_url, server.token
        await server.ready()
        asked = await server.command(owner, desk, "ask", text="How long?")
        assert asked.message.text == "Sent."

What a person does (`command`, `press`, `choose`, `submit`) returns an Interaction at once; awaiting it waits for the
bot's answer. Everything else on the test's side acts at once, and shows the bot what Discord would show it.
"""

import asyncio
import base64
import json
import re
import secrets
import time
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self, TypeVar

from aiohttp import BodyPartReader, WSMsgType, web

from tests.platforms import conformance
from tests.platforms import discord_wire as wire
from tests.platforms.discord_wire import (
    EPHEMERAL,
    LOADING,
    Channel,
    Guild,
    Json,
    Message,
    Modal,
    Refused,
    Role,
    User,
)
from tests.platforms.discord_wire import Permission as P

T = TypeVar("T")
API = "/api/v10"
_WITH_MESSAGE = (wire.REPLY, wire.UPDATE)  # the callbacks whose answer holds the message
GUILDS, GUILD_MEMBERS, GUILD_MESSAGES, DIRECT_MESSAGES = 1, 1 << 1, 1 << 9, 1 << 12  # intents
INTERACTION_LIFE = 15 * 60.0


# ---------------------------------------------------------------- the gateway


@dataclass(eq=False)
class Session:
    """What the gateway keeps of a client between its connections."""

    id: str
    intents: int
    seq: int = 0
    events: deque[tuple[int, Json]] = field(default_factory=lambda: deque[tuple[int, Json]](maxlen=2000))
    line: "Line | None" = None


class Line:
    """One connection. What is put goes out in order: payloads, or an int, which closes it with that code."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.BaseTransport | None, compress: bool) -> None:
        self.ws, self.transport = ws, transport
        self.session: Session | None = None
        self.closed_here = False
        self._queue: asyncio.Queue[Json | int] = asyncio.Queue()
        self._zlib = zlib.compressobj() if compress else None
        self.writer = asyncio.create_task(self._write())

    def put(self, item: Json | int) -> None:
        self._queue.put_nowait(item)

    async def _write(self) -> None:
        while True:
            item = await self._queue.get()
            if isinstance(item, int):
                self.closed_here = True
                await self.ws.close(code=item)
                return
            text = json.dumps(item)
            try:
                if self._zlib is None:
                    await self.ws.send_str(text)
                else:
                    await self.ws.send_bytes(self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH))
            except ConnectionError:
                return


class Gateway:
    """The websocket side: sessions, heartbeats, resuming."""

    def __init__(self, server: "DiscordServer") -> None:
        self._server = server
        self.sessions: dict[str, Session] = {}
        self.lines: set[Line] = set()
        self.readies = self.resumes = 0

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Talk with one client until either side closes."""
        compress = request.query.get("compress")
        if compress not in (None, "zlib-stream"):
            return web.Response(status=400, text=f"this server does not speak {compress}")
        ws = web.WebSocketResponse(max_msg_size=0)
        await ws.prepare(request)
        line = Line(ws, request.transport, compress is not None)
        self.lines.add(line)
        line.put({"op": 10, "d": {"heartbeat_interval": int(self._server.heartbeat_interval * 1000)}, "s": None})
        try:
            async for frame in ws:
                if frame.type is WSMsgType.TEXT and (code := self._receive(line, frame.data)):
                    line.put(code)
        finally:
            self.lines.discard(line)
            line.writer.cancel()
            if line.session and line.session.line is line:
                line.session.line = None
                if ws.close_code in (1000, 1001) and not line.closed_here:
                    self.sessions.pop(line.session.id, None)  # a client that says goodbye ends its session
            self._server.touch()
        return ws

    def _receive(self, line: Line, text: str) -> int | None:
        """Take one payload; returns the code to close with, if it was wrong."""
        try:
            payload = json.loads(text)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            return 4002
        if op == 1:
            line.put({"op": 11, "d": None})
        elif op == 2:
            return 4005 if line.session else self._identify(line, data)
        elif op == 6:
            return 4005 if line.session else self._resume(line, data)
        elif line.session is None:
            return 4003
        elif op == 8:
            self._members(line.session, data)
        elif op not in (3, 4):
            return 4001
        return None

    def _identify(self, line: Line, data: Json) -> int | None:
        server = self._server
        if data.get("token") != server.token:
            return 4004
        session = Session(secrets.token_hex(16), data.get("intents", 0), line=line)
        self.sessions[session.id] = line.session = session
        guilds = [g for g in server.guilds.values() if server.bot.id in g.members]
        ready = {
            "v": 10, "user": server.bot.wire() | {"mfa_enabled": False, "verified": True, "email": None},
            "guilds": [{"id": str(g.id), "unavailable": True} for g in guilds], "session_id": session.id,
            "resume_gateway_url": server.gateway_url, "application": {"id": str(server.bot.id), "flags": 0},
            "private_channels": [], "relationships": [], "session_type": "normal",
        }  # fmt: skip
        self.emit(session, "READY", ready)
        if session.intents & GUILDS:
            for guild in guilds:
                self.emit(session, "GUILD_CREATE", server.whole(guild, session.intents))
        self.readies += 1
        server.touch()
        return None

    def _resume(self, line: Line, data: Json) -> int | None:
        if data.get("token") != self._server.token:
            return 4004
        session, seq = self.sessions.get(data.get("session_id", "")), data.get("seq") or 0
        lost = session is not None and session.events and session.events[0][0] > seq + 1
        if session is None or lost:
            line.put({"op": 9, "d": False})
            return None
        if seq > session.seq:
            return 4007
        line.session, session.line = session, line
        for number, payload in session.events:
            if number > seq:
                line.put(payload)
        self.emit(session, "RESUMED", {"_trace": []})
        self.resumes += 1
        self._server.touch()
        return None

    def _members(self, session: Session, data: Json) -> None:
        guild = self._server.guilds[int(data["guild_id"])]
        members = [guild.member(self._server.users[i]) for i in guild.members]
        chunk = {"guild_id": data["guild_id"], "members": members, "chunk_index": 0, "chunk_count": 1,
                 "nonce": data.get("nonce")}  # fmt: skip
        self.emit(session, "GUILD_MEMBERS_CHUNK", chunk)

    def emit(self, session: Session, event: str, data: Json) -> None:
        """Tell one session, now or when it resumes."""
        session.seq += 1
        payload: Json = {"op": 0, "t": event, "s": session.seq, "d": data}
        session.events.append((session.seq, payload))
        if session.line:
            session.line.put(payload)

    def dispatch(self, event: str, data: Json, intent: int = 0) -> None:
        """Tell every session that asked for it; the disconnected ones are told when they resume."""
        for session in self.sessions.values():
            if not intent or session.intents & intent:
                self.emit(session, event, data)

    def live(self) -> list[Session]:
        """The sessions that are connected."""
        return [s for s in self.sessions.values() if s.line]


# ---------------------------------------------------------------- what is kept of calls


class Recorded(NamedTuple):
    """One REST call. Status 0: the connection was closed without an answer."""

    method: str
    path: str
    body: Any
    status: int
    answer: Any
    time: float


class Call(NamedTuple):
    """One REST call as a route gets it."""

    body: Json
    query: Mapping[str, str]
    files: list[tuple[str, str, bytes]]  # field, filename, what is in it


@dataclass
class Fault:
    """Something that goes wrong with the next `times` calls that match."""

    method: str
    path: re.Pattern[str]
    times: int
    kind: str
    wait: float | asyncio.Event = 0.0
    status: int = 0
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(eq=False)
class Interaction:
    """What a person did, and what came of it. Awaiting it waits for the bot's first answer."""

    server: "DiscordServer" = field(repr=False)
    id: int
    token: str
    type: int
    user: User
    channel: Channel
    made: float
    wire: Json = field(repr=False)
    source: int | None = None  # the message whose component it was
    kind: int | None = None  # the callback type that answered it
    modal: Modal | None = None
    updated: bool = False
    original: int | None = None
    flags: int = 0
    own: list[int] = field(default_factory=list[int])

    def __await__(self) -> Generator[Any, Any, Self]:
        yield from self.server.wait_for(lambda: self.answered, what=f"answer to {self.wire['data']}").__await__()
        return self

    async def filled(self) -> Message:
        """Wait until there is an answer to read: a deferred one has been filled in. Returns it."""
        return await self.server.wait_for(lambda: self.message)

    @property
    def answered(self) -> bool:
        return self.kind is not None

    @property
    def deferred(self) -> bool:
        return self.kind in (wire.DEFER, wire.DEFER_UPDATE)

    @property
    def ephemeral(self) -> bool:
        """Whether only this person sees the answer."""
        return bool((self.message.flags if self.message else self.flags) & EPHEMERAL)

    @property
    def message(self) -> Message | None:
        """The answer as it stands now; None before there is one, while it is "thinking", and after it is deleted."""
        found = self.server.message(self.original) if self.original else None
        return None if found is None or found.flags & LOADING else found

    @property
    def followups(self) -> list[Message]:
        found = (self.server.message(i) for i in self.own)
        return [m for m in found if m]


# ---------------------------------------------------------------- REST


class Route(NamedTuple):
    """How a call is answered: `run(server, call, *parts of the path)` gives the JSON."""

    method: str
    pattern: re.Pattern[str]
    template: str
    status: int
    run: Callable[..., Any]


ROUTES: list[Route] = []


def route(method: str, template: str, status: int = 200) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Serve `method` on `template`, where # is an id and * anything else; a None answer is a 204."""
    pattern = re.compile(template.replace("#", r"(\d+)").replace("*", "([^/]+)"))

    def add(run: Callable[..., Any]) -> Callable[..., Any]:
        ROUTES.append(Route(method, pattern, template, status, run))
        return run

    return add


class DiscordServer:
    """See the module. The settings may be changed while it runs."""

    def __init__(
        self,
        *,
        port: int = 0,
        token: str | None = None,
        clock: Callable[[], float] = time.time,
        nonce_window: float = 300.0,
        deadline: float = 3.0,
        heartbeat_interval: float = 41.25,
        patience: float = 5.0,
        per_second: int | None = None,
        per_channel: tuple[int, float] | None = None,
    ) -> None:
        """`port` 0 takes a free one. `clock` is what nonces, deadlines and rate limits go by. `deadline`: seconds to
        answer an interaction in. `patience`: how long the waits of a test hold out. `per_second` (50 there) and
        `per_channel` (5 in 5.0 seconds) switch the rate limits on."""
        self.port, self.clock, self.nonce_window, self.deadline = port, clock, nonce_window, deadline
        self.heartbeat_interval, self.patience = heartbeat_interval, patience
        self.per_second, self.per_channel = per_second, per_channel
        self._ids = wire.Snowflakes()
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.bot = self.add_user("Unsent")
        self.bot.bot = True
        head = base64.urlsafe_b64encode(str(self.bot.id).encode()).decode().rstrip("=")
        self.token = token or f"{head}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"
        self.gateway = Gateway(self)
        self.requests: list[Recorded] = []
        self.interactions: dict[str, Interaction] = {}
        self._commands: dict[int, dict[str, Json]] = {0: {}}
        self._messages: dict[int, Message] = {}
        self._posts: dict[int, dict[int, Message]] = {}  # by channel; without the ephemeral ones
        self._dms: dict[int, Channel] = {}
        self._nonces: dict[tuple[int, str], tuple[float, int]] = {}
        self._buckets: dict[str, tuple[float, int]] = {}
        self._faults: list[Fault] = []
        self._pulse = asyncio.Event()
        self._runner: web.ServerRunner | None = None

    # ------------------------------------------------------------ up and down

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{API}"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway"

    async def __aenter__(self) -> Self:
        await self.come_back()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.go_down()

    async def come_back(self) -> None:
        """Start listening, on the same port as before."""
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.05)
        await self._runner.setup()
        # A client may open hundreds of connections at once; those beyond the backlog wait a second for their retry.
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=4096)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def go_down(self) -> None:
        """Stop listening and break every connection. All that happened is kept, sessions too."""
        runner, self._runner = self._runner, None
        if runner is None or runner.server is None:
            return
        for site in list(runner.sites):
            await site.stop()
        for connection in runner.server.connections:
            if connection.transport:
                connection.transport.abort()
        await runner.cleanup()

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

    async def ready(self, times: int = 0) -> None:
        """Wait until a client is connected and was told READY, or until READY was told `times` times in all."""
        await self.wait_for(
            lambda: self.gateway.readies >= times if times else self.gateway.live(), what="client that is ready"
        )

    async def resumed(self, times: int = 1) -> None:
        """Wait until sessions were resumed `times` times in all."""
        await self.wait_for(lambda: self.gateway.resumes >= times, what="resumed session")

    def disconnect(self, code: int | None = None) -> None:
        """Close every gateway connection with `code`; None breaks them without a word."""
        for line in list(self.gateway.lines):
            if code is not None:
                line.put(code)
            elif isinstance(line.transport, asyncio.WriteTransport):
                line.transport.abort()

    def ask_reconnect(self) -> None:
        """Send the reconnect opcode to every client."""
        for line in self.gateway.lines:
            line.put({"op": 7, "d": None})

    def forget_sessions(self) -> None:
        """Disconnected sessions can no longer be resumed."""
        self.gateway.sessions = {s.id: s for s in self.gateway.live()}

    # ------------------------------------------------------------ people and places

    def _new_id(self) -> int:
        return self._ids.make(self.clock())

    def add_user(self, name: str, *, locale: str = "en-US") -> User:
        """Someone with an account. To share a server with the bot they have to join one."""
        user = User(self._new_id(), name, locale)
        self.users[user.id] = user
        return user

    def add_guild(
        self, name: str, owner: User, *, everyone: int = wire.EVERYONE, bot_permissions: int = P.CREATE_PRIVATE_THREADS
    ) -> Guild:
        """A server that the bot is in, holding a role of its own with `bot_permissions`."""
        guild = Guild(self._new_id(), name, owner)
        self.guilds[guild.id] = guild
        guild.roles.append(Role(guild.id, "@everyone", everyone, 0))
        guild.roles.append(own := Role(self._new_id(), self.bot.name, bot_permissions, 1))
        guild.members = {owner.id: [], self.bot.id: [own]}
        for session in self.gateway.sessions.values():
            if session.intents & GUILDS:
                self.gateway.emit(session, "GUILD_CREATE", self.whole(guild, session.intents))
        return guild

    def whole(self, guild: Guild, intents: int) -> Json:
        """The guild as GUILD_CREATE gives it: with its channels, threads and the members the bot may know."""
        mine = [c for c in self.channels.values() if c.guild is guild]
        known = guild.members if intents & GUILD_MEMBERS else (self.bot.id,)
        return guild.wire() | {
            "joined_at": wire.Snowflakes.time(guild.id), "large": False, "unavailable": False,
            "member_count": len(guild.members), "members": [guild.member(self.users[i]) for i in known],
            "channels": [c.wire() for c in mine if not c.parent], "threads": [c.wire() for c in mine if c.parent],
            "voice_states": [], "presences": [], "stage_instances": [], "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }  # fmt: skip

    def add_role(self, guild: Guild, name: str, permissions: int = 0) -> Role:
        role = Role(self._new_id(), name, permissions, len(guild.roles))
        guild.roles.append(role)
        self.gateway.dispatch("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role.wire()}, GUILDS)
        return role

    def add_channel(
        self,
        guild: Guild,
        name: str,
        type: int = wire.GUILD_TEXT,
        overwrites: Mapping[Role | User | Guild, tuple[int, int]] | None = None,
    ) -> Channel:
        """A channel; `overwrites` are (allow, deny) for a role, a person, or everyone (the guild)."""
        channel = Channel(self._new_id(), type, name, guild)
        for target, (allow, deny) in (overwrites or {}).items():
            channel.overwrites[target.id] = (isinstance(target, User), allow, deny)
        self._add_channel(channel, "CHANNEL_CREATE")
        return channel

    def _add_channel(self, channel: Channel, event: str) -> None:
        self.channels[channel.id] = channel
        self._posts[channel.id] = {}
        if channel.guild:
            self.gateway.dispatch(event, channel.wire(), GUILDS)

    def set_overwrite(self, channel: Channel, target: Role | User | Guild, allow: int = 0, deny: int = 0) -> None:
        """Change what a role, a person or everyone may do in a channel."""
        channel.overwrites[target.id] = (isinstance(target, User), allow, deny)
        self.gateway.dispatch("CHANNEL_UPDATE", channel.wire(), GUILDS)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel or a thread, with its threads and messages."""
        for thread in [c for c in self.channels.values() if c.parent is channel]:
            self.delete_channel(thread)
        del self.channels[channel.id]
        for message_id in self._posts.pop(channel.id):
            del self._messages[message_id]
        self.gateway.dispatch("THREAD_DELETE" if channel.parent else "CHANNEL_DELETE", channel.wire(), GUILDS)
        self.touch()

    def join(self, user: User, guild: Guild, roles: Iterable[Role] = ()) -> None:
        """Enter a guild with these roles; one who is there already has their roles changed to these."""
        event = "GUILD_MEMBER_UPDATE" if user.id in guild.members else "GUILD_MEMBER_ADD"
        guild.members[user.id] = list(roles)
        self.gateway.dispatch(event, guild.member(user) | {"guild_id": str(guild.id)}, GUILD_MEMBERS)

    def leave(self, user: User, guild: Guild) -> None:
        """Leave a guild, or be thrown out of it."""
        del guild.members[user.id]
        self.gateway.dispatch("GUILD_MEMBER_REMOVE", {"guild_id": str(guild.id), "user": user.wire()}, GUILD_MEMBERS)

    def kick_bot(self, guild: Guild) -> None:
        """Throw the bot out of a guild."""
        del guild.members[self.bot.id]
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, GUILDS)

    def close_dms(self, user: User) -> None:
        """The person takes no more DMs from the bot."""
        user.dms_open = False

    def open_dms(self, user: User) -> None:
        user.dms_open = True

    def dm(self, user: User) -> Channel:
        """The DM channel of a person and the bot."""
        if user.id not in self._dms:
            self._dms[user.id] = Channel(self._new_id(), wire.DM, recipient=user)
            self._add_channel(self._dms[user.id], "CHANNEL_CREATE")
        return self._dms[user.id]

    # ------------------------------------------------------------ what is to be read

    def message(self, message_id: int) -> Message | None:
        """A message as it stands now, an ephemeral one too; None if there is no such."""
        return self._messages.get(message_id)

    def messages(self, channel: Channel) -> list[Message]:
        """What stands in a channel, oldest first; ephemeral messages do not."""
        return list(self._posts[channel.id].values())

    async def next_message(
        self, channel: Channel, *, after: Message | None = None, within: float | None = None
    ) -> Message:
        """The first message of the bot in a channel newer than `after` (None: the first of all); waits for it. One
        that is still "thinking" does not count."""

        def first() -> Message | None:
            found = (m for m in self.messages(channel) if m.author is self.bot and not m.flags & LOADING)
            return next((m for m in found if m.id > (after.id if after else 0)), None)

        return await self.wait_for(first, within=within, what=f"message in {channel.name or 'the DM'}")

    def commands(self, user: User, channel: Channel) -> dict[str, Json]:
        """The commands that a person is offered in a channel, by name."""
        guild = channel.guild
        if guild is not None and self.bot.id not in guild.members:
            return {}
        offered = self._commands[0] | (self._commands.get(guild.id, {}) if guild else {})
        may = channel.permissions(user)
        return {n: c for n, c in offered.items() if _offered(c, guild is None, may)}

    # ------------------------------------------------------------ what people do

    def say(self, user: User, channel: Channel, text: str) -> Message:
        """Write a message as a person."""
        if not channel.permissions(user) & P.SEND_MESSAGES:
            raise PermissionError(f"{user.name} may not write in {channel.name}")
        return self._post(channel, user, {"content": text}, [])

    def command(self, user: User, channel: Channel, name: str, /, **options: Any) -> Interaction:
        """Run a command ("setup desk" for a subcommand), its options as a client would send them: choices by name or
        value, people, roles and channels as what they are. KeyError for a command or an option that is not offered,
        ValueError for a value that a client would not send."""
        first, *rest = name.split()
        command = self.commands(user, channel)[first]
        resolved: dict[str, Json] = {}
        data: Json = {"id": command["id"], "name": first, "type": 1, "resolved": resolved}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        level, declared = data, command.get("options", [])
        for part in rest:
            sub = {o["name"]: o for o in declared if o["type"] in (1, 2)}[part]
            level["options"] = [{"name": part, "type": sub["type"]}]
            level, declared = level["options"][0], sub.get("options", [])
        level["options"] = self._options(declared, options, resolved, channel)
        return self._act(user, channel, wire.COMMAND, data)

    def press(self, user: User, message: Message, name: str) -> Interaction:
        """Press the button with this label or custom_id, as `message` shows it: a screen may be behind."""
        button = message.find(name)
        if button["type"] != wire.BUTTON or button.get("disabled") or "custom_id" not in button:
            raise ValueError(f"{name!r} cannot be pressed")
        return self._act(user, message.channel, wire.COMPONENT, _component(button), message)

    def choose(self, user: User, message: Message, custom_id: str, values: Iterable[Any]) -> Interaction:
        """Choose from a menu: options by label or value, people, roles and channels as what they are."""
        menu, chosen = message.find(custom_id), list(values)
        data = _component(menu) | {"values": wire.pick(menu, chosen), "resolved": {}}
        for value in chosen:
            self._resolve(value, data["resolved"], message.channel)
        return self._act(user, message.channel, wire.COMPONENT, data, message)

    def submit(self, user: User, modal: Modal, values: Mapping[str, Any]) -> Interaction:
        """Send a form, its values by label or custom_id. ValueError where a client would not let it go."""
        opener = next(i for i in self.interactions.values() if i.id == modal.opened_by)
        if opener.user is not user:
            raise ValueError(f"the form is on {opener.user.name}'s screen")
        data: Json = {"custom_id": modal.custom_id, "components": modal.fill(values), "resolved": {}}
        for value in values.values():
            for one in value if isinstance(value, list | tuple) else [value]:
                self._resolve(one, data["resolved"], opener.channel)
        source = self.message(opener.source) if opener.source else None
        return self._act(user, opener.channel, wire.SUBMIT, data, source)

    def repeat(self, interaction: Interaction) -> None:
        """Deliver the same gateway event again."""
        self.gateway.dispatch("INTERACTION_CREATE", interaction.wire)

    def _options(self, declared: list[Json], given: Json, resolved: Json, channel: Channel) -> list[Json]:
        """The options of a command as sent, typed as declared."""
        if unknown := set(given) - {o["name"] for o in declared}:
            raise KeyError(f"no option {unknown} among {[o['name'] for o in declared]}")
        if missing := {o["name"] for o in declared if o.get("required")} - set(given):
            raise ValueError(f"{missing} required")
        out: list[Json] = []
        for option in declared:
            if option["name"] in given:
                value = _typed(option, given[option["name"]])
                self._resolve(given[option["name"]], resolved, channel)
                out.append({"name": option["name"], "type": option["type"], "value": value})
        return out

    def _resolve(self, value: Any, resolved: dict[str, Json], channel: Channel) -> None:
        """Add what an id stands for to the `resolved` of an interaction."""
        if isinstance(value, User):
            resolved.setdefault("users", {})[str(value.id)] = value.wire()
            if channel.guild and value.id in channel.guild.members:
                member = channel.guild.member(value) | {"permissions": str(channel.permissions(value))}
                resolved.setdefault("members", {})[str(value.id)] = member
        elif isinstance(value, Role):
            resolved.setdefault("roles", {})[str(value.id)] = value.wire()
        elif isinstance(value, Channel):
            resolved.setdefault("channels", {})[str(value.id)] = value.wire() | {"permissions": str(wire.ALL)}

    def _act(self, user: User, channel: Channel, type: int, data: Json, message: Message | None = None) -> Interaction:
        """Tell the bot of an interaction."""
        guild, may = channel.guild, channel.permissions(user)
        if not may & P.VIEW_CHANNEL or channel.recipient not in (None, user):
            raise PermissionError(f"{user.name} does not see {channel.name or 'this DM'}")
        made = self._new_id()
        payload: Json = {
            "id": str(made), "application_id": str(self.bot.id), "type": type, "data": data, "version": 1,
            "token": secrets.token_urlsafe(60), "channel": channel.wire() | {"permissions": str(may)},
            "channel_id": str(channel.id), "app_permissions": str(channel.permissions(self.bot)),
            "locale": user.locale, "entitlements": [], "context": 0 if guild else 1,
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
            "attachment_size_limit": 10_485_760,
        }  # fmt: skip
        if guild:
            payload |= {"guild_id": str(guild.id), "guild_locale": "en-US"}
            payload["guild"] = {"id": str(guild.id), "locale": "en-US", "features": []}
            payload["member"] = guild.member(user) | {"permissions": str(may)}
        else:
            payload["user"] = user.wire()
        if message:
            payload["message"] = (self.message(message.id) or message).wire
        interaction = Interaction(self, made, payload["token"], type, user, channel, self.clock(), payload)
        interaction.source = message.id if message else None
        self.interactions[interaction.token] = interaction
        self.gateway.dispatch("INTERACTION_CREATE", payload)
        return interaction

    # ------------------------------------------------------------ what goes wrong

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        times: int = 1,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer the next `times` calls whose path (without /api/v10) holds the pattern with an error; a 429 says to
        come back in 50 ms unless `json` says otherwise."""
        if json is None:
            json = {"message": f"{status}: played by the test", "code": 0}
            json |= {"retry_after": 0.05, "global": False} if status == 429 else {}
        self._fault(method, path, times, "fail", status=status, json=json, headers=headers or {})

    def delay(self, method: str, path: str, wait: float | asyncio.Event, times: int = 1) -> None:
        """Hold the next matching calls for so many seconds, or until the event is set; then they take effect."""
        self._fault(method, path, times, "delay", wait=wait)

    def drop(self, method: str, path: str, times: int = 1, *, after: bool = True) -> None:
        """Close the connection without an answer: after the call took effect, or before."""
        self._fault(method, path, times, "drop after" if after else "drop before")

    def garble(self, method: str, path: str, times: int = 1) -> None:
        """Let the next matching calls take effect, then answer with half of the JSON."""
        self._fault(method, path, times, "garble")

    def _fault(self, method: str, path: str, times: int, kind: str, **more: Any) -> None:
        self._faults.append(Fault(method, re.compile(path), times, kind, **more))

    def _next_fault(self, method: str, path: str, delays: bool) -> Fault | None:
        for fault in self._faults:
            if (fault.kind == "delay") is delays and fault.method == method and fault.path.search(path):
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
                return fault
        return None

    def check(self) -> list[str]:
        """What the specification has against the calls so far, and against the answers; those played by `fail` too."""
        found = (conformance.discord(*r[:5]) for r in self.requests if r.status)
        return [line for lines in found for line in lines]

    # ------------------------------------------------------------ a call comes in

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/gateway":
            return await self.gateway.serve(request)
        method, path = request.method, request.path.removeprefix(API)
        body, files = await _read(request)
        if delay := self._next_fault(method, path, delays=True):
            await (asyncio.sleep(delay.wait) if isinstance(delay.wait, float | int) else delay.wait.wait())
        fault = self._next_fault(method, path, delays=False)
        kind = fault.kind if fault else ""
        headers: dict[str, str] = {"Via": "1.1 google"}
        if fault and kind == "fail":
            status, answer = fault.status, fault.json
            headers |= fault.headers
        elif kind == "drop before":
            status, answer = 0, None
        else:
            status, answer = self._answer(method, path, Call(body, request.query, files), request.headers, headers)
        recorded = 0 if kind.startswith("drop") else status
        self.requests.append(Recorded(method, path, body or None, recorded, answer, self.clock()))
        self.touch()
        if kind.startswith("drop"):
            if request.transport:
                request.transport.abort()
            return web.Response()
        text = "" if answer is None else json.dumps(answer)
        raw = (text[: len(text) // 2] if kind == "garble" else text).encode()
        if answer is not None:
            # A charset after the type, which aiohttp adds to text, makes clients take the answer for a page.
            headers["Content-Type"] = "application/json"
        return web.Response(status=status, body=raw, headers=headers)

    def _answer(
        self, method: str, path: str, call: Call, asked: Mapping[str, str], headers: dict[str, str]
    ) -> tuple[int, Any]:
        """Find the route and run it; returns status and JSON, and adds to `headers`."""
        try:
            found = ((r, m) for r in ROUTES if r.method == method and (m := r.pattern.fullmatch(path)))
            match = next(found, None)
            if match is None:
                raise Refused(404, 0, "404: Not Found")
            (_, _, template, status, run), parts = match
            with_token = template.startswith(("/interactions/", "/webhooks/"))
            if not with_token and asked.get("Authorization") != f"Bot {self.token}":
                raise Refused(401, 0, "401: Unauthorized")
            if limited := self._limit(method, template, path, headers, free=with_token):
                return 429, limited
            answer = run(self, call, *(int(p) if p.isdecimal() else p for p in parts.groups()))
        except Refused as refused:
            return refused.status, refused.body
        return (204 if answer is None else status), answer

    def _limit(self, method: str, template: str, path: str, headers: dict[str, str], *, free: bool) -> Json | None:
        """Count a call, put the state of its bucket in `headers`; returns the body of a 429 if it is one too many."""
        now = self.clock()
        limit = self.per_channel if (method, template) == ("POST", "/channels/#/messages") else None
        most, window = limit or (1000, 1.0)
        until, used = self._count(path if limit else f"{method} {template}", now, window)
        # Without a limit the client must never come to think that it has to wait.
        remaining = max(most - used, 0) if limit else most - 1
        headers |= {
            "X-RateLimit-Limit": str(most), "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": f"{until:.3f}", "X-RateLimit-Reset-After": f"{until - now:.3f}",
            "X-RateLimit-Bucket": f"{zlib.crc32(f'{method} {template}'.encode()):032x}",
        }  # fmt: skip
        everywhere = False
        if self.per_second and not free:
            end, count = self._count("global", now, 1.0)
            if everywhere := count > self.per_second:
                until = end
        if not everywhere and not (limit and used > most):
            return None
        wait = round(max(until - now, 0.001), 3)
        headers |= {"Retry-After": str(int(wait) + 1), "X-RateLimit-Scope": "global" if everywhere else "user"}
        headers |= {"X-RateLimit-Global": "true"} if everywhere else {}
        return {"message": "You are being rate limited.", "code": 0, "retry_after": wait, "global": everywhere}

    def _count(self, key: str, now: float, window: float) -> tuple[float, int]:
        """Count one more in a bucket; returns when it empties and how many it has had."""
        until, used = self._buckets.get(key, (0.0, 0))
        self._buckets[key] = (until, used + 1) if now < until else (now + window, 1)
        return self._buckets[key]

    # ------------------------------------------------------------ messages, from the bot or from a person

    def _post(
        self,
        channel: Channel,
        author: User,
        body: Json,
        files: list[tuple[str, str, bytes]],
        flags: int = 0,
        **more: Any,
    ) -> Message:
        """Make a message; an ephemeral one is kept apart. `more` is added to the object."""
        payload = wire.new_message(self._new_id(), channel, author, flags) | more
        message = Message(payload, int(payload["id"]), author, channel, body.get("nonce"))
        message = self._write(message, body, files)
        if not message.ephemeral:
            channel.last, channel.posted, channel.archived = message.id, channel.posted + 1, False
        self._tell("MESSAGE_CREATE", message)
        return message

    def _edit(self, message: Message, body: Json, files: list[tuple[str, str, bytes]]) -> Message:
        """Change what `body` names, and no more. A message that was loading is then there."""
        filled = message.wire | {"flags": message.flags & ~LOADING}
        if not message.flags & LOADING:
            filled["edited_timestamp"] = wire.Snowflakes.time(self._new_id())
        message = self._write(Message(filled, message.id, message.author, message.channel, message.nonce,
                                      message.files), body, files)  # fmt: skip
        self._tell("MESSAGE_UPDATE", message)
        return message

    def _write(self, message: Message, body: Json, files: list[tuple[str, str, bytes]]) -> Message:
        """Put the content of `body` into a message, check it, and keep it in its place."""
        if message.channel.id not in self.channels:
            raise Refused(404, 10003, "Unknown Channel")
        payload = dict(message.wire)
        payload["flags"] |= (body.get("flags") or 0) & (wire.COMPONENTS_V2 | 1 << 2 | 1 << 12)
        given = {k: body[k] or ([] if k != "content" else "") for k in ("content", "embeds", "components") if k in body}
        kept = payload["attachments"]
        if body.get("attachments") is not None:
            kept = [a for a in kept if a["id"] in {str(x["id"]) for x in body["attachments"]}]
        if not payload["flags"] & LOADING:
            wire.check_message(payload | given | {"nonce": body.get("nonce")}, len(kept) + len(files))
        if "embeds" in given:
            given["embeds"] = wire.stored_embeds(given["embeds"])
        if "components" in given:
            given["components"] = wire.stored_components(given["components"])
        new = [self._attachment(name, data, message) for _, name, data in files]
        payload |= given | {"attachments": kept + new}
        held = dict(message.files) | {name: data for _, name, data in files}
        held = {a["filename"]: held[a["filename"]] for a in payload["attachments"]}
        message = Message(payload, message.id, message.author, message.channel, message.nonce, held)
        self._messages[message.id] = message
        if not message.ephemeral:
            self._posts[message.channel.id][message.id] = message
        return message

    def _attachment(self, name: str, data: bytes, message: Message) -> Json:
        url = f"http://127.0.0.1:{self.port}/attachments/{message.channel.id}/{message.id}/{name}"
        return {"id": str(self._new_id()), "filename": name, "size": len(data), "url": url, "proxy_url": url}

    def _tell(self, event: str, message: Message) -> None:
        if not message.ephemeral:
            guild = message.channel.guild
            self.gateway.dispatch(
                event,
                message.wire | ({"guild_id": str(guild.id)} if guild else {}),
                GUILD_MESSAGES if guild else DIRECT_MESSAGES,
            )
        self.touch()

    def _delete(self, message: Message) -> None:
        del self._messages[message.id]
        if not message.ephemeral:
            del self._posts[message.channel.id][message.id]
            guild = message.channel.guild
            ids = {"id": str(message.id), "channel_id": str(message.channel.id)}
            ids |= {"guild_id": str(guild.id)} if guild else {}
            self.gateway.dispatch("MESSAGE_DELETE", ids, GUILD_MESSAGES if guild else DIRECT_MESSAGES)
        self.touch()

    # ------------------------------------------------------------ REST: the bot, commands, guilds

    @route("GET", "/users/@me")
    def _me(self, call: Call) -> Json:
        return self.bot.wire() | {"mfa_enabled": False, "locale": "en-US", "verified": True}

    @route("GET", "/users/#")
    def _user(self, call: Call, user_id: int) -> Json:
        return self._known(user_id).wire()

    @route("GET", "/gateway")
    def _gateway(self, call: Call) -> Json:
        return {"url": self.gateway_url}

    @route("GET", "/gateway/bot")
    def _gateway_bot(self, call: Call) -> Json:
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.gateway_url, "shards": 1, "session_start_limit": limit}

    @route("GET", "/applications/@me")
    @route("GET", "/oauth2/applications/@me")
    def _application(self, call: Call) -> Json:
        return wire.application(self.bot)

    @route("GET", "/applications/#/commands")
    def _get_commands(self, call: Call, application: int, guild: int = 0) -> list[Json]:
        self._own(application)
        return list(self._commands.get(guild, {}).values())

    @route("PUT", "/applications/#/commands")
    def _put_commands(self, call: Call, application: int, guild: int = 0) -> list[Json]:
        self._own(application)
        declared: Any = call.body
        wire.check_commands(declared)
        before = self._commands.get(guild, {})
        version = str(self._new_id())
        self._commands[guild] = {}
        for command in declared:
            name, may = command["name"], command.get("default_member_permissions")
            self._commands[guild][name] = {
                "type": 1, "description": "", **{k: v for k, v in command.items() if v is not None},
                "id": before[name]["id"] if name in before else str(self._new_id()), "version": version,
                "application_id": str(application), "default_member_permissions": None if may is None else str(may),
            } | ({"guild_id": str(guild)} if guild else {})  # fmt: skip
        self.touch()
        return list(self._commands[guild].values())

    @route("GET", "/applications/#/guilds/#/commands")
    def _get_guild_commands(self, call: Call, application: int, guild: int) -> list[Json]:
        return self._get_commands(call, application, self._guild(guild).id)

    @route("PUT", "/applications/#/guilds/#/commands")
    def _put_guild_commands(self, call: Call, application: int, guild: int) -> list[Json]:
        return self._put_commands(call, application, self._guild(guild).id)

    @route("GET", "/guilds/#")
    def _get_guild(self, call: Call, guild: int) -> Json:
        return self._guild(guild).wire()

    @route("GET", "/guilds/#/roles")
    def _get_roles(self, call: Call, guild: int) -> list[Json]:
        return [r.wire() for r in self._guild(guild).roles]

    @route("GET", "/guilds/#/channels")
    def _get_channels(self, call: Call, guild_id: int) -> list[Json]:
        guild = self._guild(guild_id)
        return [c.wire() for c in self.channels.values() if c.guild is guild and not c.parent]

    @route("GET", "/guilds/#/members/#")
    def _get_member(self, call: Call, guild_id: int, user_id: int) -> Json:
        guild, user = self._guild(guild_id), self._known(user_id)
        if user.id not in guild.members:
            raise Refused(404, 10007, "Unknown Member")
        return guild.member(user)

    def _own(self, application: int) -> None:
        if application != self.bot.id:
            raise Refused(403, 20012, "You are not authorized to perform this action on this application")

    def _known(self, user_id: int) -> User:
        if user_id not in self.users:
            raise Refused(404, 10013, "Unknown User")
        return self.users[user_id]

    def _guild(self, guild_id: int) -> Guild:
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot.id not in guild.members:
            raise Refused(404, 10004, "Unknown Guild")
        return guild

    # ------------------------------------------------------------ REST: channels and messages

    def _seen(self, channel_id: int, needs: int = 0) -> Channel:
        """A channel that the bot sees, and where it may do what it `needs`."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise Refused(404, 10003, "Unknown Channel")
        may = channel.permissions(self.bot)
        if not may & P.VIEW_CHANNEL:
            raise Refused(403, 50001, "Missing Access")
        if may & needs != needs:
            raise Refused(403, 50013, "Missing Permissions")
        return channel

    def _stands(self, channel: Channel, message_id: int) -> Message:
        if message_id not in self._posts[channel.id]:
            raise Refused(404, 10008, "Unknown Message")
        return self._posts[channel.id][message_id]

    @route("POST", "/users/@me/channels")
    def _open_dm(self, call: Call) -> Json:
        return self.dm(self._known(int(call.body["recipient_id"]))).wire()

    @route("GET", "/channels/#")
    def _get_channel(self, call: Call, channel: int) -> Json:
        return self._seen(channel).wire()

    @route("PATCH", "/channels/#")
    def _patch_channel(self, call: Call, channel_id: int) -> Json:
        found = self.channels.get(channel_id)
        mine = found is not None and found.owner is self.bot
        needs = 0 if mine else P.MANAGE_THREADS if found and found.parent else P.MANAGE_CHANNELS
        channel = self._seen(channel_id, needs)
        channel.name = call.body.get("name", channel.name)
        channel.archived = call.body.get("archived", channel.archived)
        channel.locked = call.body.get("locked", channel.locked)
        self.gateway.dispatch("THREAD_UPDATE" if channel.parent else "CHANNEL_UPDATE", channel.wire(), GUILDS)
        self.touch()
        return channel.wire()

    @route("POST", "/channels/#/typing")
    def _typing(self, call: Call, channel: int) -> None:
        self._seen(channel, P.SEND_MESSAGES)

    @route("GET", "/channels/#/messages")
    def _get_messages(self, call: Call, channel_id: int) -> list[Json]:
        channel, query = self._seen(channel_id), call.query
        limit = int(query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise Refused(400, 50035, "Invalid Form Body")
        if not channel.permissions(self.bot) & P.READ_MESSAGE_HISTORY:
            return []
        every = self.messages(channel)
        if "after" in query:
            found = [m for m in every if m.id > int(query["after"])][:limit]
        elif "around" in query:
            before = [m for m in every if m.id < int(query["around"])][-(limit // 2) :]
            found = [*before, *(m for m in every if m.id >= int(query["around"]))][:limit]
        else:
            found = [m for m in every if m.id < int(query.get("before", 1 << 63))][-limit:]
        return [m.wire for m in reversed(found)]

    @route("GET", "/channels/#/messages/#")
    def _get_message(self, call: Call, channel: int, message: int) -> Json:
        return self._stands(self._seen(channel, P.READ_MESSAGE_HISTORY), message).wire

    @route("POST", "/channels/#/messages")
    def _post_message(self, call: Call, channel_id: int) -> Json:
        channel, body = self._seen(channel_id), call.body
        self._may_post(channel, call)
        # A nonce comes back in this answer alone: Discord does not keep it with the message.
        nonce = {"nonce": body["nonce"]} if body.get("nonce") is not None else {}
        key = (channel.id, str(body.get("nonce")))
        if nonce and body.get("enforce_nonce") and key in self._nonces:
            when, message_id = self._nonces[key]
            if self.clock() - when < self.nonce_window:
                # One that was deleted since is not made again: Discord answers Unknown Message.
                return self._stands(channel, message_id).wire | nonce
        message = self._post(channel, self.bot, body, call.files, **self._reference(channel, body))
        if nonce:
            self._nonces[key] = (self.clock(), message.id)
        return message.wire | nonce

    def _may_post(self, channel: Channel, call: Call) -> None:
        """Refuse what the bot may not send here."""
        if person := channel.recipient:
            if not person.dms_open or not any({person.id, self.bot.id} <= set(g.members) for g in self.guilds.values()):
                raise Refused(403, 50007, "Cannot send messages to this user")
            return
        if channel.type == wire.FORUM:
            raise Refused(400, 50008, "Cannot send messages in a non-text channel")
        if channel.archived and channel.locked:
            raise Refused(400, 50083, "Thread is archived")
        needs = P.SEND_MESSAGES_IN_THREADS if channel.parent else P.SEND_MESSAGES
        needs |= P.EMBED_LINKS if call.body.get("embeds") else 0
        self._seen(channel.id, needs | (P.ATTACH_FILES if call.files else 0))

    def _reference(self, channel: Channel, body: Json) -> Json:
        """What makes a message a reply to another."""
        if not (given := body.get("message_reference")):
            return {}
        answered = self._posts[channel.id].get(int(given["message_id"]))
        if answered is None:
            if given.get("fail_if_not_exists", True):
                form = wire.Form()
                form.wrong("message_reference", "Unknown message")
                form.done()
            return {}
        reference = {"type": 0, "channel_id": str(channel.id), "message_id": str(answered.id)}
        return {"type": 19, "message_reference": reference, "referenced_message": answered.wire}

    @route("PATCH", "/channels/#/messages/#")
    def _patch_message(self, call: Call, channel: int, message_id: int) -> Json:
        message = self._stands(self._seen(channel), message_id)
        if message.author is not self.bot:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        return self._edit(message, call.body, call.files).wire

    @route("DELETE", "/channels/#/messages/#")
    def _delete_message(self, call: Call, channel_id: int, message_id: int) -> None:
        channel = self._seen(channel_id)
        message = self._stands(channel, message_id)
        if message.author is not self.bot:
            self._seen(channel_id, P.MANAGE_MESSAGES if channel.guild else wire.ALL + 1)
        self._delete(message)

    @route("POST", "/channels/#/threads", 201)
    def _post_thread(self, call: Call, channel_id: int) -> Json:
        body = call.body
        private = body.get("type", wire.PRIVATE_THREAD) == wire.PRIVATE_THREAD
        first: Json | None = body.get("message")
        forum = self._seen(channel_id).type == wire.FORUM
        if forum != (first is not None):
            raise Refused(400, 50035, "Invalid Form Body")
        needs = P.SEND_MESSAGES if forum else P.CREATE_PRIVATE_THREADS if private else P.CREATE_PUBLIC_THREADS
        parent = self._seen(channel_id, needs)
        if first is not None:
            wire.check_message(first, len(call.files))
        kind = wire.PUBLIC_THREAD if forum or not private else wire.PRIVATE_THREAD
        thread = self._thread(self._new_id(), parent, body, kind)
        if first is None:
            return thread.wire()
        message = self._post(thread, self.bot, first, call.files)
        return thread.wire() | {"message": message.wire}

    @route("POST", "/channels/#/messages/#/threads", 201)
    def _post_thread_on(self, call: Call, channel_id: int, message_id: int) -> Json:
        parent = self._seen(channel_id, P.CREATE_PUBLIC_THREADS)
        message = self._stands(parent, message_id)
        if message.id in self.channels:
            raise Refused(400, 160004, "A thread has already been created for this message")
        return self._thread(message.id, parent, call.body, wire.PUBLIC_THREAD).wire()

    def _thread(self, thread_id: int, parent: Channel, body: Json, type: int) -> Channel:
        form = wire.Form()
        form.size("name", body.get("name"), 100, 1)
        form.done()
        thread = Channel(thread_id, type, body["name"], parent.guild, parent=parent, owner=self.bot)
        self._add_channel(thread, "THREAD_CREATE")
        self.touch()
        return thread

    @route("PUT", "/channels/#/thread-members/#")
    def _add_to_thread(self, call: Call, channel: int, user: int) -> None:
        self._seen(channel, P.SEND_MESSAGES_IN_THREADS)
        self._known(user)

    # ------------------------------------------------------------ REST: answers to interactions

    @route("POST", "/interactions/#/*/callback")
    def _callback(self, call: Call, interaction_id: int, token: str) -> Json | None:
        found = self.interactions.get(token)
        if found is None or found.id != interaction_id or self.clock() - found.made > self.deadline:
            raise Refused(404, 10062, "Unknown interaction")
        if found.answered:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        kind, data = call.body.get("type"), call.body.get("data") or {}
        source = self.message(found.source) if found.source else None
        allowed = {wire.REPLY, wire.DEFER}
        allowed |= {wire.MODAL} if found.type != wire.SUBMIT else set()
        allowed |= {wire.DEFER_UPDATE, wire.UPDATE} if source else set()
        if kind not in allowed:
            form = wire.Form()
            form.wrong("type", f"Value must be one of {sorted(allowed)}.")
            form.done()
        made: Message | None = None
        found.flags = (data.get("flags") or 0) & EPHEMERAL
        if kind == wire.MODAL:
            wire.check_modal(data)
            data = data | {"components": wire.stored_components(data["components"])}
            found.modal = Modal.read(data, found.id)
        elif kind in (wire.REPLY, wire.DEFER):
            loading = kind == wire.DEFER
            made = self._respond(found, {} if loading else data, call.files, found.flags | (LOADING if loading else 0))
        elif source:
            made = self._edit(source, data, call.files) if kind == wire.UPDATE else source
            found.updated = kind == wire.UPDATE
        found.original, found.kind = made.id if made else None, kind
        self.touch()
        if call.query.get("with_response") not in ("1", "true", "True"):
            return None
        about: Json = {"id": str(found.id), "type": found.type, "channel_id": str(found.channel.id)}
        if found.channel.guild:
            about["guild_id"] = str(found.channel.guild.id)
        if made:
            about |= {
                "response_message_id": str(made.id), "response_message_loading": bool(made.flags & LOADING),
                "response_message_ephemeral": made.ephemeral,
            }  # fmt: skip
        answer = {"interaction": about}
        return answer | ({"resource": {"type": kind, "message": made.wire}} if made and kind in _WITH_MESSAGE else {})

    def _respond(self, to: Interaction, body: Json, files: list[tuple[str, str, bytes]], flags: int) -> Message:
        """Post an answer of an interaction."""
        ours = {"application_id": str(self.bot.id), "webhook_id": str(self.bot.id)}
        return self._post(to.channel, self.bot, body, files, flags, **ours)

    def _told(self, application: int, token: str) -> Interaction:
        """The interaction whose webhook this is."""
        found = self.interactions.get(token)
        if found is None or application != self.bot.id or not found.answered:
            raise Refused(404, 10015, "Unknown Webhook")
        if self.clock() - found.made > INTERACTION_LIFE:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return found

    def _answer_of(self, application: int, token: str, which: str | int) -> Message:
        """One of the messages of an interaction: "@original", or by id."""
        found = self._told(application, token)
        wanted = found.original if which == "@original" else which if which in (found.original, *found.own) else None
        message = self.message(int(wanted)) if wanted else None
        if message is None:
            raise Refused(404, 10008, "Unknown Message")
        return message

    @route("POST", "/webhooks/#/*")
    def _follow(self, call: Call, application: int, token: str) -> Json:
        found = self._told(application, token)
        waiting = self.message(found.original) if found.original else None
        if waiting and waiting.flags & LOADING:
            return self._edit(waiting, call.body, call.files).wire  # the first followup fills a deferred answer
        message = self._respond(found, call.body, call.files, (call.body.get("flags") or 0) & EPHEMERAL)
        found.own.append(message.id)
        self.touch()
        return message.wire

    @route("GET", "/webhooks/#/*/messages/*")
    def _get_answer(self, call: Call, application: int, token: str, which: str | int) -> Json:
        return self._answer_of(application, token, which).wire

    @route("PATCH", "/webhooks/#/*/messages/*")
    def _patch_answer(self, call: Call, application: int, token: str, which: str | int) -> Json:
        message = self._edit(self._answer_of(application, token, which), call.body, call.files)
        found = self.interactions[token]
        found.updated = found.updated or message.id == found.source
        self.touch()
        return message.wire

    @route("DELETE", "/webhooks/#/*/messages/*")
    def _delete_answer(self, call: Call, application: int, token: str, which: str | int) -> None:
        self._delete(self._answer_of(application, token, which))


# ---------------------------------------------------------------- small helpers


async def _read(request: web.BaseRequest) -> tuple[Any, list[tuple[str, str, bytes]]]:
    """The JSON of a call and the files beside it."""
    if request.content_type.startswith("multipart/"):
        body: Any = {}
        files: list[tuple[str, str, bytes]] = []
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise TypeError("Discord nests no multipart bodies")
            if part.name == "payload_json":
                body = json.loads(await part.text())
            else:
                files.append((part.name or "", part.filename or "", bytes(await part.read())))
        return body, files
    raw = await request.read()
    return (json.loads(raw) if raw else {}), []


def _component(item: Json) -> Json:
    """How an interaction names the component that it came from."""
    return {"custom_id": item["custom_id"], "component_type": item["type"], "id": item["id"]}


def _offered(command: Json, in_dm: bool, may: int) -> bool:
    """Whether a person with these permissions is offered a command here."""
    contexts = command.get("contexts")
    if contexts is not None and (1 if in_dm else 0) not in contexts:
        return False
    if in_dm:
        return "guild_id" not in command and (contexts is not None or command.get("dm_permission", True))
    needed = command.get("default_member_permissions")
    return bool(may & P.USE_APPLICATION_COMMANDS) and (needed is None or may & int(needed) == int(needed))


def _typed(option: Json, value: Any) -> Any:
    """An option's value as a client sends it; ValueError for one that it would not take."""
    if choices := option.get("choices"):
        for choice in choices:
            if value in (choice["name"], choice["value"]):
                return choice["value"]
        raise ValueError(f"{option['name']}: {value!r} is not a choice")
    kind = option["type"]
    if kind in (6, 7, 8, 9):
        return str(value.id)
    wanted = {3: str, 4: int, 5: bool, 10: (int, float)}[kind]
    if not isinstance(value, wanted) or (kind != 5 and isinstance(value, bool)):
        raise ValueError(f"{option['name']}: {value!r} is not of type {kind}")
    size = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if kind == 3 else ("min_value", "max_value")
    if not option.get(low, size) <= size <= option.get(high, size):
        raise ValueError(f"{option['name']}: {value!r} is out of bounds")
    return value
