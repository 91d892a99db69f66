"""The gateway: the websocket on which Discord tells a bot what happens. Sessions, heartbeats, resuming."""

import asyncio
import json
import secrets
import time
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from aiohttp import WSMsgType, web

from tests.platforms.discord.objects import Guild, Json, Snowflakes

if TYPE_CHECKING:
    from tests.platforms.discord.server import DiscordServer

GUILDS, GUILD_MEMBERS, GUILD_MESSAGES, DIRECT_MESSAGES = 1, 1 << 1, 1 << 9, 1 << 12  # intents


class Shard(NamedTuple):
    """Which of how many parts of the guilds a session is told of; DMs come on the first."""

    number: int = 0
    count: int = 1

    def has(self, guild_id: int | None) -> bool:
        return ((guild_id or 0) >> 22) % self.count == self.number


WHOLE = Shard()


class Identify(NamedTuple):
    """An IDENTIFY that came; `early` tells that it was refused, as one of its bucket was there just before."""

    shard: Shard
    time: float
    early: bool


@dataclass(eq=False)
class Session:
    """What the gateway keeps of a client between its connections."""

    id: str
    intents: int
    shard: Shard = WHOLE
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


STARTS, DAY = 1000, 86_400.0


class Gateway:
    """The websocket side: sessions, heartbeats, resuming."""

    def __init__(self, server: "DiscordServer") -> None:
        self._server = server
        self.sessions: dict[str, Session] = {}
        self.lines: set[Line] = set()
        self.identifies: list[Identify] = []
        self.readies = self.resumes = 0
        self.used = 0  # of the 1,000 a day, by those who were here before
        self.resets = time.monotonic() + DAY

    def starts_left(self) -> tuple[int, float]:
        """How many IDENTIFYs are taken until when, by time.monotonic."""
        now = time.monotonic()
        if now >= self.resets:
            self.used, self.resets = 0, now + DAY
        return max(0, STARTS - self.used - sum(i.time >= self.resets - DAY for i in self.identifies)), self.resets

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
        shard = Shard(*data.get("shard", ()))
        if not 0 <= shard.number < shard.count:
            return 4010
        if self._is_early(shard):
            line.put({"op": 9, "d": False})
            return None
        session = Session(secrets.token_hex(16), data.get("intents", 0), shard, line=line)
        self.sessions[session.id] = line.session = session
        guilds = [g for g in server.guilds.values() if server.bot.id in g.members and shard.has(g.id)]
        ready = {
            "v": 10, "user": server.bot.wire() | {"mfa_enabled": False, "verified": True, "email": None},
            "guilds": [{"id": str(g.id), "unavailable": True} for g in guilds], "session_id": session.id,
            "resume_gateway_url": server.gateway_url, "application": {"id": str(server.bot.id), "flags": 0},
            "private_channels": [], "relationships": [], "session_type": "normal", "shard": shard,
        }  # fmt: skip
        self.emit(session, "READY", ready)
        if session.intents & GUILDS:
            for guild in guilds:
                self.emit(session, "GUILD_CREATE", self.whole(guild, session.intents))
        self.readies += 1
        server.touch()
        return None

    def _is_early(self, shard: Shard) -> bool:
        """Count an IDENTIFY; tell whether another one of its bucket was taken too short a time before."""
        now, buckets = time.monotonic(), self._server.max_concurrency
        same = (i for i in self.identifies if not i.early and (i.shard.number - shard.number) % buckets == 0)
        early = any(now - i.time < self._server.identify_every for i in same)
        self.identifies.append(Identify(shard, now, early))
        self._server.touch()
        return early

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

    def whole(self, guild: Guild, intents: int) -> Json:
        """The guild as GUILD_CREATE gives it: with its channels, active threads and the members the bot may know."""
        mine = [c for c in self._server.channels.values() if c.guild is guild]
        threads = [c for c in mine if c.parent and not c.archived and self._server.sees(c)]
        known = guild.members if intents & GUILD_MEMBERS else (self._server.bot.id,)
        return guild.wire() | {
            "joined_at": Snowflakes.time(guild.id), "large": False, "unavailable": False,
            "member_count": len(guild.members), "members": [guild.member(self._server.users[i]) for i in known],
            "channels": [c.wire() for c in mine if not c.parent], "threads": [c.wire() for c in threads],
            "voice_states": [], "presences": [], "stage_instances": [], "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }  # fmt: skip

    def emit(self, session: Session, event: str, data: Json) -> None:
        """Tell one session, now or when it resumes."""
        session.seq += 1
        payload: Json = {"op": 0, "t": event, "s": session.seq, "d": data}
        session.events.append((session.seq, payload))
        if session.line:
            session.line.put(payload)

    def dispatch(self, event: str, data: Json, intent: int = 0, guild: Guild | None = None) -> None:
        """Tell every session of the guild's shard (without one: the first) that asked for it; those that are not
        connected are told when they resume."""
        for session in self.told(guild):
            if not intent or session.intents & intent:
                self.emit(session, event, data)

    def told(self, guild: Guild | None) -> list[Session]:
        """The sessions that hear of a guild or, without one, of DMs."""
        return [s for s in self.sessions.values() if s.shard.has(guild.id if guild else None)]

    def live(self) -> list[Session]:
        """The sessions that are connected."""
        return [s for s in self.sessions.values() if s.line]
