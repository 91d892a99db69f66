"""A Discord on loopback: REST v10 and gateway, for an unpatched discord.py, in this process or in another."""

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from aiohttp import web

from tests.platforms import conformance
from tests.platforms.discord import rest_channels, rest_guilds, rest_interactions, rest_messages
from tests.platforms.discord.acting import Acting
from tests.platforms.discord.faults import Faults
from tests.platforms.discord.gateway import Gateway
from tests.platforms.discord.limits import Refused
from tests.platforms.discord.people import People
from tests.platforms.discord.rates import Rates
from tests.platforms.discord.rest import Call, read
from tests.platforms.discord.state import Recorded, State

API = "/api/v10"
ROUTES = [*rest_guilds.routes, *rest_channels.routes, *rest_messages.routes, *rest_interactions.routes]


class DiscordServer(People, Acting, Faults, Rates):
    """See the package. The settings may be changed while it runs."""

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
        shards: int = 1,
        max_concurrency: int = 1,
        identify_every: float = 0.0,
    ) -> None:
        """`port` 0 takes a free one. `clock` is what nonces, deadlines and rate limits go by. `deadline`: seconds to
        answer an interaction in. `patience`: how long the waits of a test hold out. `per_second` (50 there) and
        `per_channel` (5 in 5.0 seconds) switch the rate limits on. `shards` and
        `max_concurrency` are what GET /gateway/bot says; an IDENTIFY is refused within `identify_every` seconds (5
        there) of another one of its bucket."""
        State.__init__(self, clock, patience)
        Faults.__init__(self)
        Rates.__init__(self, per_second, per_channel)
        self.port, self.nonce_window, self.deadline = port, nonce_window, deadline
        self.heartbeat_interval = heartbeat_interval
        self.shards, self.max_concurrency, self.identify_every = shards, max_concurrency, identify_every
        self.nonces: dict[tuple[int, str], tuple[float, int]] = {}
        self.bot = self.add_user("Unsent")
        self.bot.bot = True
        head = base64.urlsafe_b64encode(str(self.bot.id).encode()).decode().rstrip("=")
        self.token = token or f"{head}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"
        self.gateway = Gateway(self)
        self._runner: web.ServerRunner | None = None

    # ------------------------------------------------------------ up and down

    @property
    def settings(self) -> dict[str, str]:
        """What turns Discord on for an Unsent that is to speak with this one; see bot.settings."""
        return {"discord_token": self.token, "discord_api_url": self.api_url, "discord_gateway_url": self.gateway_url}

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

    async def ready(self, times: int = 0) -> None:
        """Wait until a client is connected and was told READY, or until READY was told `times` times in all."""
        await self.wait_for(
            lambda: self.gateway.readies >= times if times else self.gateway.live(), what="client that is ready"
        )

    async def resumed(self, times: int = 1) -> None:
        """Wait until sessions were resumed `times` times in all."""
        await self.wait_for(lambda: self.gateway.resumes >= times, what="resumed session")

    def disconnect(self, code: int | None = None, shard: int | None = None) -> None:
        """Close every gateway connection, or that of one shard, with `code`; None breaks them without a word."""
        for line in list(self.gateway.lines):
            if shard is not None and (line.session is None or line.session.shard.number != shard):
                continue
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

    # ------------------------------------------------------------ a call comes in

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/gateway":
            return await self.gateway.serve(request)
        method, path = request.method, request.path.removeprefix(API)
        body, files = await read(request)
        if delay := self.next_fault(method, path, delays=True):
            await (asyncio.sleep(delay.wait) if isinstance(delay.wait, float | int) else delay.wait.wait())
        fault = self.next_fault(method, path, delays=False)
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
            if limited := self.limited(method, template, path, self.clock(), headers, free=with_token):
                return 429, limited
            answer = run(self, call, *(int(p) if p.isdecimal() else p for p in parts.groups()))
        except Refused as refused:
            return refused.status, refused.body
        return (204 if answer is None else status), answer

    def check(self) -> list[str]:
        """What the specification has against the calls so far, and against the answers; those played by `fail` too."""
        found = (conformance.discord(*r[:5]) for r in self.requests if r.status)
        return [line for lines in found for line in lines]
