"""What goes wrong with calls when a test wants it to, and the rate limits."""

import asyncio
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.platforms.telegram.basics import ApiError, Json
from tests.platforms.telegram.state import Request

SENDING = frozenset({"sendMessage", "sendDocument", "sendPhoto", "copyMessage"})
"""Methods that the rate limits count."""
DESCRIPTIONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests: retry after {retry_after}",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass
class Fault:
    """Something that goes wrong with the next `times` calls of `method` ("*": any) that `when` accepts."""

    method: str
    kind: str
    times: int
    when: Callable[[Json], bool]
    after: bool = False
    status: int = 0
    description: str = ""
    parameters: Json | None = None
    until: float | asyncio.Event = 0.0
    body: str | None = None


class Faults:
    """Faults waiting for the calls that they are for, and the limits that are enforced."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._limits: tuple[int, int, int] | None = None
        self._sent: dict[tuple[str, int], deque[float]] = defaultdict(deque)

    def fail(
        self,
        method: str,
        status: int,
        times: int = 1,
        description: str | None = None,
        parameters: Json | None = None,
        when: Callable[[Json], bool] = lambda params: True,
    ) -> None:
        """Refuse the next `times` calls, with no effect. A 429 has `retry_after` 1 unless `parameters` say else."""
        if status == 429 and parameters is None:
            parameters = {"retry_after": 1}
        words = description or DESCRIPTIONS[status].format(**(parameters or {}))
        self._faults.append(Fault(method, "fail", times, when, False, status, words, parameters))

    def delay(
        self,
        method: str,
        until: float | asyncio.Event,
        times: int = 1,
        after: bool = False,
        when: Callable[[Json], bool] = lambda params: True,
    ) -> None:
        """Hold the next `times` calls for seconds or until an event; `after`: the effect is taken, the answer held."""
        self._faults.append(Fault(method, "delay", times, when, after, until=until))

    def drop(
        self, method: str, times: int = 1, after: bool = True, when: Callable[[Json], bool] = lambda params: True
    ) -> None:
        """Close the connection of the next `times` calls unanswered, after the effect or (`after=False`) without it."""
        self._faults.append(Fault(method, "drop", times, when, after))

    def garble(
        self,
        method: str,
        times: int = 1,
        when: Callable[[Json], bool] = lambda params: True,
        body: str | None = None,
    ) -> None:
        """Cut the answer of the next `times` calls in half, or answer with `body`; they take effect."""
        self._faults.append(Fault(method, "garble", times, when, body=body))

    def clear_faults(self) -> None:
        """Let everything go right again."""
        self._faults.clear()

    def take(self, record: Request) -> dict[str, Fault]:
        """The faults that this call meets, at most one of each kind."""
        out: dict[str, Fault] = {}
        for fault in self._faults:
            if fault.method in ("*", record.method) and fault.kind not in out and fault.when(record.params):
                out[fault.kind] = fault
                fault.times -= 1
        self._faults = [fault for fault in self._faults if fault.times > 0]
        return out

    def limit(self, overall: int = 30, chat: int = 1, group_per_minute: int = 20) -> None:
        """Enforce rate limits from now on: messages a second in all and to one chat, and a minute to one group."""
        self._limits = (overall, chat, group_per_minute)

    def check_limits(self, record: Request) -> None:
        """Count a call; ApiError if it is one too many."""
        if self._limits is None or record.method not in SENDING:
            return
        chat_id, now = record.params.get("chat_id", 0), time.monotonic()
        overall, chat, group = self._limits
        # A sender that keeps exactly to the second must not fail by a hair of jitter on the way.
        windows = [(("all", 0), overall, 0.95), (("chat", chat_id), chat, 0.95)]
        if isinstance(chat_id, int) and chat_id < 0:
            windows.append((("group", chat_id), group, 59.0))
        for key, most, seconds in windows:
            sent = self._sent[key]
            while sent and sent[0] <= now - seconds:
                sent.popleft()
            if len(sent) >= most:
                wait = max(1, math.ceil(sent[0] + seconds - now))
                raise ApiError(429, f"Too Many Requests: retry after {wait}", {"retry_after": wait})
        for key, _, _ in windows:
            self._sent[key].append(now)
