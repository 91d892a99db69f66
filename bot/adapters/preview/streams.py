"""The streams over which open pages hear that something changed, and ask for it."""

import asyncio
import contextlib
import json
import secrets

from aiohttp import web

from bot.adapters.preview.guard import HEADERS
from bot.adapters.preview.transcript import Transcript
from bot.clock import Clock

PING = 15  # seconds: a stream that is silent for longer may be cut by what stands between
RETRY = 1000  # milliseconds after which a page that lost its stream asks for it again


class Streams:
    """Those that are open. While `open` is false none goes on."""

    def __init__(self, transcript: Transcript, clock: Clock) -> None:
        self._transcript = transcript
        self._clock = clock
        self._boot = secrets.token_hex(4)
        self._changed: set[asyncio.Event] = set()
        self.open = False

    @property
    def version(self) -> str:
        """What a page that is made now has seen, of this process."""
        return f"{self._boot}-{self._transcript.version}"

    def wake(self) -> None:
        """Tell every page what changed, or that it is over."""
        for changed in self._changed:
            changed.set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Tell the page which channels changed since the version it has seen, now and from now on."""
        boot, _, seen = (request.headers.get("Last-Event-ID") or request.query.get("since", "")).partition("-")
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        if boot != self._boot or not seen.isdecimal():
            await response.write(b"event: restart\ndata: {}\n\n")
            return response
        await response.write(f"retry: {RETRY}\n\n".encode())
        version, changed = int(seen), asyncio.Event()
        self._changed.add(changed)
        try:
            while self.open:
                changed.clear()
                places = self._transcript.changed_since(version)
                version = self._transcript.version
                data = json.dumps({"places": places, "now": self._clock.now().isoformat()})
                await response.write(f"id: {self.version}\ndata: {data}\n\n".encode())
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), PING)
        except ConnectionError:
            pass  # the page was closed
        finally:
            self._changed.discard(changed)
        return response
