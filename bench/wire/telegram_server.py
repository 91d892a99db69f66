"""A Bot API as fast as it can be, in a process of its own, that enforces a rate: it needs the standard library alone.

It prints its port, and takes `GET /reset?rate=…&burst=…&delay=…&typing=…` and `GET /stats`. The rate is enforced on
messages by the generic cell rate algorithm: `burst` at once, then `rate` a second; one too many is answered 429.
`delay` is the round trip in seconds. With `typing`, so many people a second type "/streak", by getUpdates, and the time
until their answer comes in is taken.
"""

import asyncio
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from bench.wire.serving import Connection, Limit

CHAT = re.compile(rb'chat_id(?:"\s*:\s*|=|"\r\n\r\n)"?(-?\d+)')
PEOPLE = 20
ME = {"id": 1, "is_bot": True, "first_name": "Unsent", "username": "unsent_bot"}


class Telegram:
    """What it knows, and has counted since the last reset."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.polling: list[Protocol] = []
        self.number = 0
        self.heard = asyncio.Event()
        self.typing: asyncio.Task[None] | None = None
        self.reset()

    def reset(self, rate: float = 0, burst: float = 1, delay: float = 0, typing: float = 0) -> None:
        """Begin anew. A rate of 0 enforces none."""
        self.limit, self.delay = Limit(rate, burst), delay
        self.first = self.last = 0.0
        self.taken = self.refused = 0
        self.asked: dict[int, float] = {}
        self.answered: list[float] = []
        self.heard.clear()
        if self.typing:
            self.typing.cancel()
        self.typing = asyncio.get_running_loop().create_task(self.types(typing)) if typing else None

    def message(self, body: bytes) -> tuple[int, Any]:
        """Take a message, or refuse it."""
        now = time.monotonic()
        if not self.limit.takes():
            self.refused += 1
            return 429, {"ok": False, "error_code": 429, "description": "", "parameters": {"retry_after": 1}}
        self.taken += 1
        self.first, self.last = self.first or now, now
        found = CHAT.search(body)
        chat = int(found.group(1)) if found else 0
        if (asked := self.asked.pop(chat, None)) is not None:
            self.answered.append(now - asked)
        self.number += 1
        shown = {"id": chat, "type": "private", "first_name": "Ann"}
        message = {"message_id": self.number, "date": int(time.time()), "chat": shown, "from": ME, "text": "Hello."}
        return 200, {"ok": True, "result": message}

    async def types(self, typing: float) -> None:
        """Let people type, one after the other, once somebody listens."""
        await self.heard.wait()
        while True:
            for person in range(1, PEOPLE + 1):
                await asyncio.sleep(1 / typing)
                self.number += 1
                shown = {"id": person, "is_bot": False, "first_name": "Ann", "language_code": "en"}
                chat = {"id": person, "type": "private", "first_name": "Ann"}
                marks = [{"type": "bot_command", "offset": 0, "length": 7}]
                said = {"message_id": self.number, "date": int(time.time()), "chat": chat, "from": shown}
                self.updates.append(
                    {"update_id": self.number, "message": said | {"text": "/streak", "entities": marks}}
                )
                self.asked[person] = time.monotonic()
                self.bring()

    def bring(self) -> None:
        """Hand over the updates to who waits for them."""
        if self.polling and self.updates:
            self.polling.pop().answer(200, {"ok": True, "result": self.updates})
            self.updates = []


class Protocol(Connection):
    """One connection."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__()
        self.telegram = telegram

    def connection_lost(self, exc: Exception | None) -> None:
        """Hand nothing more over here."""
        if self in self.telegram.polling:
            self.telegram.polling.remove(self)

    def called(self, method: str, target: str, body: bytes) -> None:
        """Answer one request."""
        telegram, parts = self.telegram, urlsplit(target)
        match parts.path.rsplit("/", 1)[-1].lower():
            case "sendmessage" | "editmessagetext" | "sendphoto":
                status, answer = telegram.message(body)
                if telegram.delay:
                    asyncio.get_running_loop().call_later(telegram.delay, self.answer, status, answer)
                else:
                    self.answer(status, answer)
            case "getupdates":
                telegram.polling.append(self)
                telegram.heard.set()
                if b"timeout=0" in body or b"timeout" not in body:
                    telegram.polling.remove(self)
                    self.answer(200, {"ok": True, "result": []})
                telegram.bring()
            case "getme":
                self.answer(200, {"ok": True, "result": ME})
            case "reset":
                telegram.reset(**{name: float(value) for name, value in parse_qsl(parts.query)})
                self.answer(200, {})
            case "stats":
                self.answer(
                    200,
                    {
                        "taken": telegram.taken,
                        "refused": telegram.refused,
                        "seconds": telegram.last - telegram.first,
                        "answered": telegram.answered,
                    },
                )
            case _:
                self.answer(200, {"ok": True, "result": True})


async def main() -> None:
    """Serve until standard input ends."""
    telegram = Telegram()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(telegram), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
