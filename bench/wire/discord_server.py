"""A Discord as fast as it can be, in a process of its own: a gateway that tells of commands, REST that takes answers.

It prints its port, and takes, beside what discord.py asks of it:

    GET /home       where its gateway is, the ids of its server and channel and of the people there
    GET /reset?rate=…&burst=…&delay=…, GET /stats
    GET /run?who=…&command=…&option=…&value=…&times=…&at_once=…&dm=…

`run` has `who` (the client that has identified with the token `who`) told of a command again and again, each time of
another person, `at_once` of them on their way. What is timed is from the frame to the moment when the callback has come
in whole. It answers with the seconds that each took, and all of them together.

The rate is enforced on messages and on the opening of DMs, together, by the generic cell rate algorithm; one too many
is answered 429, for all. `delay` is the round trip in seconds.
"""

import asyncio
import json
import sys
import time
import zlib
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import WSMsgType, web

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from bench.wire.serving import Connection, Limit
from tests.platforms.discord.objects import (
    ALL,
    COMMAND,
    DM,
    EPHEMERAL,
    EVERYONE,
    GUILD_TEXT,
    REPLY,
    Channel,
    Guild,
    Json,
    Role,
    Snowflakes,
    User,
    application,
    new_message,
)

PEOPLE = 100
PAUSE = 0.002  # seconds after an answer: what a client still has to do with it is not part of the next
API = "/api/v10"
STARTS = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
VIA = "Via: 1.1 google\r\n"
# Without them discord.py sends one after the other. Nobody is sent to so often that a channel's own limit matters.
BUCKET = f"{VIA}X-RateLimit-Limit: 1000\r\nX-RateLimit-Remaining: 999\r\nX-RateLimit-Reset-After: 1.0\r\n"
LIMITED = f"{VIA}Retry-After: 1\r\nX-RateLimit-Global: true\r\nX-RateLimit-Scope: global\r\n"
ABSENT = ("threads", "voice_states", "presences", "stage_instances", "guild_scheduled_events", "soundboard_sounds")


class Client:
    """A client that has identified."""

    def __init__(self, ws: web.WebSocketResponse, compress: bool) -> None:
        self._ws = ws
        self._zlib = zlib.compressobj() if compress else None
        self._numbers = count(1)

    def frame(self, event: str, data: Json) -> bytes | str:
        """Return an event as it goes out next: frames have to be told in the order in which they were made."""
        return self.packed({"op": 0, "t": event, "s": next(self._numbers), "d": data})

    def packed(self, payload: Json) -> bytes | str:
        """Return a payload as it goes out next."""
        text = json.dumps(payload)
        if self._zlib is None:
            return text
        return self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)

    async def tell(self, frame: bytes | str) -> None:
        """Send what was packed."""
        await (self._ws.send_str(frame) if isinstance(frame, str) else self._ws.send_bytes(frame))


class Discord:
    """Who is there, who listens, and what was counted since the last reset."""

    def __init__(self) -> None:
        self._ids = Snowflakes()
        self.bot = User(self.new_id(), "Unsent", bot=True)
        owner = User(self.new_id(), "Olive")
        self.guild = Guild(self.new_id(), "Harbour", owner)
        self.guild.roles.append(Role(self.guild.id, "@everyone", EVERYONE, 0))
        self.people = [User(self.new_id(), f"Person {number}") for number in range(PEOPLE)]
        self.guild.members = {user.id: [] for user in (owner, self.bot, *self.people)}
        self.channel = Channel(self.new_id(), GUILD_TEXT, "town", self.guild)
        self.clients: dict[str, Client] = {}
        self.waiting: dict[str, asyncio.Future[float]] = {}
        self.gateway = ""
        self.reset()

    def new_id(self) -> int:
        """Return a new id."""
        return self._ids.make(time.time())

    def reset(self, rate: float = 0, burst: float = 1, delay: float = 0) -> None:
        """Begin anew. A rate of 0 enforces none."""
        self.limit, self.delay = Limit(rate, burst), delay
        self.taken = self.refused = self.messages = 0
        self.first = self.last = 0.0

    def takes(self) -> bool:
        """Tell whether there is room for one more request; then it is counted."""
        if not self.limit.takes():
            self.refused += 1
            return False
        self.taken += 1
        self.last = time.monotonic()
        self.first = self.first or self.last
        return True

    # -- the gateway

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Talk with one client."""
        ws = web.WebSocketResponse(max_msg_size=0)
        await ws.prepare(request)
        client, who = Client(ws, request.query.get("compress") == "zlib-stream"), ""
        await client.tell(client.packed({"op": 10, "d": {"heartbeat_interval": 40_000}, "s": None}))
        async for frame in ws:
            if frame.type is not WSMsgType.TEXT:
                continue
            said = json.loads(frame.data)
            if said["op"] == 1:
                await client.tell(client.packed({"op": 11, "d": None}))
            elif said["op"] == 2:
                who = said["d"]["token"]
                await client.tell(client.frame("READY", self.ready()))
                await client.tell(client.frame("GUILD_CREATE", self.whole()))
                self.clients[who] = client
        if self.clients.get(who) is client:
            del self.clients[who]
        return ws

    def ready(self) -> Json:
        """What a client is told first."""
        return {
            "v": 10, "user": self.bot.wire(), "guilds": [{"id": str(self.guild.id), "unavailable": True}],
            "session_id": "one", "resume_gateway_url": self.gateway, "private_channels": [], "relationships": [],
            "application": {"id": str(self.bot.id), "flags": 0}, "session_type": "normal",
        }  # fmt: skip

    def whole(self) -> Json:
        """The one server there is."""
        return dict.fromkeys(ABSENT, ()) | self.guild.wire() | {
            "joined_at": Snowflakes.time(self.guild.id), "large": False, "unavailable": False,
            "member_count": len(self.guild.members), "members": [self.guild.member(self.bot)],
            "channels": [self.channel.wire()],
        }  # fmt: skip

    # -- commands

    async def run(
        self, who: str, command: str, times: str, at_once: str, option: str = "", value: str = "", dm: str = ""
    ) -> dict[str, Any]:
        """Have a client told of a command, so many times."""
        while who not in self.clients:  # noqa: ASYNC110 # it is about to connect
            await asyncio.sleep(0.01)
        data: Json = {"id": str(self.new_id()), "name": command, "type": 1, "resolved": {}}
        data["options"] = [{"name": option, "type": 3, "value": value}] if option else []
        client, taken, numbers, side = self.clients[who], list[float](), count(), int(at_once)

        async def one_after_the_other(first: int) -> None:
            own = self.people[first::side]
            while (number := next(numbers)) < int(times):
                taken.append(await self.told(client, own[number // side % len(own)], data, dm=bool(dm)))
                if side == 1:
                    await asyncio.sleep(PAUSE)

        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for first in range(side):
                group.create_task(one_after_the_other(first))
        return {"taken": taken, "seconds": time.perf_counter() - begun}

    async def told(self, client: Client, user: User, data: Json, *, dm: bool) -> float:
        """Tell a client of one command; return the seconds until its answer was there."""
        id = self.new_id()
        token = f"{id:x}"
        frame = client.frame("INTERACTION_CREATE", self.interaction(id, token, user, data, dm=dm))
        answered = self.waiting[token] = asyncio.get_running_loop().create_future()
        begun = time.perf_counter()
        await client.tell(frame)
        return await answered - begun

    def interaction(self, id: int, token: str, user: User, data: Json, *, dm: bool) -> Json:
        """A command as a client is told of it."""
        guild, may = str(self.guild.id), str(int(ALL if dm else EVERYONE))
        # A DM's channel has an id of its own; here it is that of the person.
        channel = Channel(user.id, DM, recipient=user) if dm else self.channel
        about: Json = {
            "id": str(id), "application_id": str(self.bot.id), "type": COMMAND, "data": data, "version": 1,
            "token": token, "channel": channel.wire() | {"permissions": may}, "channel_id": str(channel.id),
            "app_permissions": may, "locale": "en-US", "entitlements": [], "attachment_size_limit": 10_485_760,
            "context": int(dm), "authorizing_integration_owners": {"0": "0" if dm else guild},
        }  # fmt: skip
        if dm:
            return about | {"user": user.wire()}
        return about | {
            "guild_id": guild, "guild_locale": "en-US", "guild": {"id": guild, "locale": "en-US", "features": []},
            "member": self.guild.member(user) | {"permissions": may},
        }  # fmt: skip


class Rest(Connection):
    """One connection of REST."""

    def __init__(self, discord: Discord) -> None:
        super().__init__()
        self.discord = discord

    def called(self, method: str, target: str, body: bytes) -> None:
        """Answer one request."""
        discord, parts = self.discord, urlsplit(target)
        query = dict(parse_qsl(parts.query))
        match method, parts.path.removeprefix(API).strip("/").split("/"):
            case "POST", ["interactions", id, token, "callback"]:
                came = time.perf_counter()
                made = self.callback(id, body)
                self.answer(*((200, made) if query.get("with_response") == "1" else (204, None)))
                if answered := discord.waiting.pop(token, None):
                    answered.set_result(came)
            case "POST", ["users", "@me", "channels"]:
                to = json.loads(body)["recipient_id"]
                recipient = User(int(to), "Ann").wire()
                self.counted({"id": to, "type": DM, "flags": 0, "last_message_id": None, "recipients": [recipient]})
            case "POST", ["channels", channel, "messages"]:
                where = Channel(int(channel), DM)
                if self.counted(new_message(discord.new_id(), where, discord.bot)):
                    discord.messages += 1
            case "GET", ["gateway", "bot"]:
                self.answer(200, {"url": discord.gateway, "shards": 1, "session_start_limit": STARTS})
            case "GET", ["guilds", _]:
                self.answer(200, discord.guild.wire())
            case "GET", ["guilds", _, "members", id]:
                self.answer(200, discord.guild.member(next(each for each in discord.people if str(each.id) == id)))
            case "GET", ["users", "@me"]:
                self.answer(200, discord.bot.wire() | {"mfa_enabled": False, "verified": True, "email": None})
            case "GET", ["oauth2", "applications", "@me"]:
                self.answer(200, application(discord.bot))
            case "PUT", ["applications", _, "commands"]:
                self.answer(200, [self.registered(each) for each in json.loads(body)])
            case "GET", ["home"]:
                people = [str(user.id) for user in discord.people]
                home = {"gateway": discord.gateway, "guild": str(discord.guild.id), "people": people}
                self.answer(200, home | {"channel": str(discord.channel.id)})
            case "GET", ["reset"]:
                discord.reset(**{name: float(value) for name, value in query.items()})
                self.answer(200, {})
            case "GET", ["stats"]:
                took = discord.last - discord.first
                counted = {"taken": discord.taken, "messages": discord.messages, "refused": discord.refused}
                self.answer(200, counted | {"seconds": took})
            case "GET", ["run"]:
                running = asyncio.get_running_loop().create_task(discord.run(**query))
                running.add_done_callback(lambda task: self.answer(200, task.result()))
            case _:
                self.answer(404, {"code": 0, "message": "404: Not Found"})

    def counted(self, made: Json) -> bool:
        """Answer what the rate is enforced on; tell whether there was room."""
        taken = self.discord.takes()
        limited = {"message": "You are being rate limited.", "retry_after": self.discord.limit.wait(), "global": True}
        kind = f"X-RateLimit-Bucket: {'messages' if 'author' in made else 'dms'}\r\n"
        what = (200, made, BUCKET + kind) if taken else (429, limited, LIMITED)
        if self.discord.delay:
            asyncio.get_running_loop().call_later(self.discord.delay, self.answer, *what)
        else:
            self.answer(*what)
        return taken

    def callback(self, id: str, body: bytes) -> Json:
        """The answer to a callback: with the message that was made."""
        discord, said = self.discord, json.loads(body)
        data: Json = said.get("data") or {}
        made = new_message(discord.new_id(), discord.channel, discord.bot, (data.get("flags") or 0) & EPHEMERAL)
        made |= {"content": data.get("content") or ""}
        about = {"id": id, "type": COMMAND, "channel_id": str(discord.channel.id), "response_message_id": made["id"]}
        resource = {"resource": {"type": said["type"], "message": made}} if said["type"] == REPLY else {}
        return {"interaction": about | {"guild_id": str(discord.guild.id)}} | resource

    def registered(self, command: Json) -> Json:
        """A command as Discord keeps it."""
        ids = {"id": str(self.discord.new_id()), "application_id": str(self.discord.bot.id), "version": "1"}
        return {"default_member_permissions": None, "dm_permission": True, "nsfw": False} | command | ids


async def main() -> None:
    """Serve until standard input ends."""
    discord, loop = Discord(), asyncio.get_running_loop()
    runner = web.ServerRunner(web.Server(discord.serve), shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    discord.gateway = f"ws://127.0.0.1:{runner.addresses[0][1]}/gateway"
    server = await loop.create_server(lambda: Rest(discord), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
