"""What Discord bears: requests a second, private channels opened, refusals; and what it says when that was too much."""

import json
import logging
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp

from bot.adapters.discord.calls import NAME
from bot.clock import Clock
from bot.pace import SLACK, Bucket, Turns

log = logging.getLogger(__name__)

TRY_FOR = 10.0  # seconds
RATE = 50.0
"""Requests a second in all, but for what answers an interaction (Discord's documentation, "Global Rate Limit")."""
OPENS = 10.0
"""Private channels opened a second at most. Discord names no number, and flags bots that open many: it is ours."""
LONGEST = 24 * 60 * 60.0  # seconds that a 429 is believed
REFUSED, REFUSED_WITHIN = 5_000, timedelta(minutes=10)  # half of what Discord bears; the rest is for answers

_at_once: ContextVar[bool] = ContextVar("at_once", default=False)
_delivers: ContextVar[bool] = ContextVar("delivers", default=False)


class Limited(Exception):
    """Discord asks to wait `after` seconds; `everywhere` with all, or with this route alone."""

    def __init__(self, after: float, everywhere: bool) -> None:
        super().__init__()
        self.after = after
        self.everywhere = everywhere


class Down(Exception):
    """Discord itself has trouble (5xx)."""


@contextmanager
def at_once(*, delivers: bool = False) -> Generator[None]:
    """Within, a 429 raises Limited and a 5xx Down, where discord.py would sleep and try again up to five times.

    What `delivers` waits until nobody else has something to ask.
    """
    tokens = _at_once.set(True), _delivers.set(delivers)
    try:
        yield
    finally:
        _at_once.reset(tokens[0])
        _delivers.reset(tokens[1])


class Budget:
    """How many requests Discord has refused of late: it shuts out an address with 10,000 within ten minutes.

    So many members who have blocked the bot would do. (Discord's documentation, "Invalid Request Limit".)
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused: deque[datetime] = deque()
        self._told = datetime.min.replace(tzinfo=UTC)

    def note(self, status: int) -> None:
        """Count an answer that counts."""
        if status not in (401, 403, 429):
            return
        now = self._clock.now()
        self._refused.append(now)
        if len(self._refused) >= REFUSED and not timedelta(0) <= now - self._told < REFUSED_WITHIN:
            self._told = now
            log.warning("discord.refused_too_many", extra={"platform": NAME, "outcome": "rests", "count": REFUSED})

    def rest(self) -> timedelta | None:
        """Return how long nothing is to be asked that may be refused, None where there is room."""
        now = self._clock.now()
        while self._refused and not timedelta(0) <= now - self._refused[0] < REFUSED_WITHIN:
            self._refused.popleft()
        return None if len(self._refused) < REFUSED else self._refused[0] + REFUSED_WITHIN - now


class Pace:
    """How fast Discord is asked. What somebody waits for goes before all deliveries; both count."""

    def __init__(self) -> None:
        self._all = Turns(Bucket(RATE, 1 + RATE * SLACK), 2, TRY_FOR)
        self._opens = Turns(Bucket(OPENS, OPENS), 1, TRY_FOR)

    async def turn(self, method: str, path: str) -> None:
        """Wait until a request may be made, and count it."""
        if "/interactions/" in path or "/webhooks/" in path:
            return
        if method == "POST" and path.endswith("/users/@me/channels"):
            await self._opens.turn(0)
        await self._all.turn(1 if _delivers.get() else 0)


def tracing(budget: Budget) -> aiohttp.TraceConfig:
    """Return what makes `at_once` work, paces, and lets `budget` count, for `Client(http_trace=...)`."""
    pace = Pace()

    async def wait(_: aiohttp.ClientSession, __: SimpleNamespace, seen: aiohttp.TraceRequestStartParams) -> None:
        await pace.turn(seen.method, seen.url.path)

    async def note(_: aiohttp.ClientSession, __: SimpleNamespace, seen: aiohttp.TraceRequestEndParams) -> None:
        budget.note(seen.response.status)

    config = aiohttp.TraceConfig()
    config.on_request_start.append(wait)
    config.on_request_end.append(note)
    config.on_request_end.append(_answered)
    return config


async def _answered(_: aiohttp.ClientSession, __: SimpleNamespace, seen: aiohttp.TraceRequestEndParams) -> None:
    response = seen.response
    if not _at_once.get():
        return
    if response.status >= 500:
        raise Down
    if response.status == 429:
        try:
            told: dict[str, Any] = json.loads(await response.read())
            raise Limited(seconds(told["retry_after"]), told.get("global", False))
        except (ValueError, TypeError, KeyError):  # not from the API but from what stands before it: it stops all
            raise Limited(seconds(response.headers.get("Retry-After"), 60), everywhere=True) from None


def seconds(told: Any, instead: float | None = None) -> float:
    """Return how long a 429 says to wait, at most a day, `instead` where it says nothing that is a time.

    Raises ValueError or TypeError where there is no `instead`.
    """
    try:
        wait = float(told)
        if not wait >= 0:
            raise ValueError("no time")
    except (ValueError, TypeError):
        if instead is None:
            raise
        wait = instead
    return min(wait, LONGEST)
