"""What goes wrong with calls, when a test wants it to."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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


class Faults:
    """Faults waiting for the calls that they are for: a method, and a pattern to be found in the path."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

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

    def clear_faults(self) -> None:
        """Let everything go right again."""
        self._faults.clear()

    def _fault(self, method: str, path: str, times: int, kind: str, **more: Any) -> None:
        self._faults.append(Fault(method, re.compile(path), times, kind, **more))

    def next_fault(self, method: str, path: str, *, delays: bool) -> Fault | None:
        """The fault that a call meets, which is then used up once: a delay, or one of the others."""
        for fault in self._faults:
            if (fault.kind == "delay") is delays and fault.method == method and fault.path.search(path):
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
                return fault
        return None
