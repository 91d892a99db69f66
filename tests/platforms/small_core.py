"""A core for the adapters to speak to, without a database: what the doubles of both platforms have in common."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.adapter import ListedCommand, Listing
from bot.model import Call, Form, Happening, Reply

MOVING = bytes.fromhex("474946383761020003008000000000000000002c00000000020003000008060001081c1810003b")
"""A GIF, 2 x 3."""


class SmallCore:
    """Does what the real one does: each Call takes effect once, and its answer is kept. What it answers is in `run`."""

    platform: str
    public: tuple[str, ...]
    """The actions that are answered to all."""
    forms: tuple[str, ...]
    """The actions that may be answered with a form."""
    quiets: tuple[str, ...] = ()
    """The public actions that are answered to one person alone where that can be."""
    replied: tuple[str, ...] = ()
    """The actions whose forms words fill that answer their message."""

    def __init__(self, listed: tuple[ListedCommand, ...]) -> None:
        self.listed = listed
        self.calls: list[Call] = []
        self.effects: list[Call] = []
        self.given_to: list[Call] = []
        self.left: list[tuple[Call, Reply]] = []
        self.happenings: list[Happening] = []
        self.link: list[bool] = []
        self.parts: dict[str, bool] = {}
        self.gate = asyncio.Event()
        self.refuse: Exception | None = None
        self._kept: dict[str, Reply | Form | None] = {}
        self._pulse = asyncio.Event()

    async def run(self, call: Call) -> Reply | Form | None:
        """The answer to a Call."""
        raise NotImplementedError

    async def until(self, found: Callable[[], Any]) -> None:
        """Wait until something told to the core makes `found` give something true."""
        async with asyncio.timeout(8):
            while not found():
                await self._pulse.wait()

    def _touch(self) -> None:
        self._pulse.set()
        self._pulse = asyncio.Event()

    def listing(self, locale: str) -> Listing:
        return Listing(locale, self.listed)

    def private(self, action: str) -> bool:
        return action not in self.public

    def quiet(self, action: str) -> bool:
        return action in self.quiets

    def takes_replies(self, action: str) -> bool:
        return action in self.replied

    def opens_form(self, action: str) -> bool:
        return action in self.forms

    async def handle(self, call: Call, *, modals: bool) -> Reply | Form | None:
        self.calls.append(call)
        self._touch()
        if self.refuse is not None:
            raise self.refuse
        if call.id not in self._kept:
            self.effects.append(call)
            self._kept[call.id] = await self.run(call)
        return self._kept[call.id]

    def given(self, call: Call) -> None:
        self.given_to.append(call)
        self._touch()

    async def later(self, call: Call, reply: Reply) -> None:
        self.left.append((call, reply))
        self._touch()

    async def start_payload(self, call: Call) -> str:
        return call.action

    async def happened(self, happening: Happening) -> None:
        self.happenings.append(happening)
        self._touch()

    def words(self, key: str, locale: str | None, **values: str | int) -> str:
        return f"{key} in {locale}"

    def connected(self, platform: str, yes: bool, part: str = "") -> None:
        assert platform == self.platform
        self.link.append(yes)
        self.parts[part] = yes
        self._touch()
