"""What the servers share: HTTP as fast as it can be, and a rate that is enforced. The standard library is enough."""

import asyncio
import json
import re
import time
from typing import Any

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


class Limit:
    """The generic cell rate algorithm: `burst` at once, then `rate` a second. A rate of 0 lets everything through."""

    def __init__(self, rate: float = 0, burst: float = 1) -> None:
        self._every, self._burst = (1 / rate if rate else 0.0), burst
        self._full = 0.0

    def takes(self) -> bool:
        """Tell whether there is room for one more; then it is taken."""
        if self.wait() > 0:
            return False
        self._full = max(self._full, time.monotonic()) + self._every
        return True

    def wait(self) -> float:
        """Return the seconds until there is room for one more."""
        return max(0.0, self._full - time.monotonic() - (self._burst - 1) * self._every)


class Connection(asyncio.Protocol):
    """One connection: each request that has come in whole goes to `called`."""

    def __init__(self) -> None:
        self._buffer = b""

    def called(self, method: str, target: str, body: bytes) -> None:
        """Answer one request."""
        raise NotImplementedError

    def connection_made(self, transport: Any) -> None:
        """Keep the transport."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what is whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            if CHUNKED.search(head):
                stop = self._buffer.find(b"0\r\n\r\n", end + 4)
                if stop < 0:
                    return
                stop += 5
            else:
                length = LENGTH.search(head)
                stop = end + 4 + (int(length.group(1)) if length else 0)
                if len(self._buffer) < stop:
                    return
            body, self._buffer = self._buffer[end + 4 : stop], self._buffer[stop:]
            method, target, _ = head.split(b" ", 2)
            self.called(method.decode(), target.decode(), body)

    def answer(self, status: int, answer: Any, more: str = "") -> None:
        """Send an answer, None for one without a body; `more` are lines of its head."""
        body = b"" if answer is None else json.dumps(answer).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        self.transport.write(head.encode() + body)
