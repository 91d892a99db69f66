"""Interactions: each becomes a Call, and what the core says to it is given back in time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
import discord

from bot.adapter import Core
from bot.adapters.discord import calls, render
from bot.adapters.discord.callbacks import Callbacks
from bot.adapters.discord.calls import Heard
from bot.model import Call, Form, Reply

DEFER_AFTER = 1.5  # seconds; Discord waits three for a first answer
MODAL_WITHIN = 2.5  # a modal can only be the first answer: nothing may be said before it, and the words need their way
GIVE_WITHIN = 10.0  # then the answer goes another way
ALREADY_ACKNOWLEDGED = 40060

LOST = (aiohttp.ClientError, OSError, ValueError)  # ValueError: JSON cut short on the way
NOT_GIVEN = (discord.DiscordException, *LOST)

_log = logging.getLogger(__name__)


async def answer(core: Core, heard: Heard, callbacks: Callbacks) -> None:
    """Let the core handle what was `heard`, and give its answer, at once or deferred, or leave it to the outbox."""
    call = calls.call(heard)
    if call is None:
        words = Reply(core.words("discord-old-button", heard.locale))
        async with asyncio.timeout(GIVE_WITHIN):
            await callbacks.say(heard, render.message(words), hidden=heard.server is not None)
        return
    await _Answer(core, heard, callbacks, call).give()


class _Answer:
    """What becomes of one interaction."""

    def __init__(self, core: Core, heard: Heard, callbacks: Callbacks, call: Call) -> None:
        self._core = core
        self._heard = heard
        self._callbacks = callbacks
        self._call = call
        self._private = call.place.private or core.private(call.action)
        self._hidden = (self._private or core.quiet(call.action)) and not call.place.private
        # What is for one person is never put into a message that others see.
        self._editable = heard.on_hidden is not None and (not self._hidden or heard.on_hidden)
        self._acknowledged = False
        self._placeholder = False  # the first answer stands for what is still to come, and is replaced by it

    async def give(self) -> None:
        """Have it handled, and give what comes of that."""
        answer, lost = await self._handled()
        if isinstance(answer, Form) and self._acknowledged:
            return  # it was too late for a modal, and that was said
        lost = lost or await self._attempt(lambda: self._give(answer))
        if lost is None:
            self._core.given(self._call)
            return
        extra = {"platform": calls.NAME, "outcome": "not given", "error": type(lost).__name__}
        _log.warning("discord.answer", extra=extra)
        if isinstance(answer, Reply) and self._private:
            await self._core.later(self._call, answer)

    async def _handled(self) -> tuple[Reply | Form | None, Exception | None]:
        """Return what the core says. Where it takes long, time was asked for meanwhile: return what went wrong then."""
        opens_form = self._core.opens_form(self._call.action)
        slow: list[asyncio.Future[Exception | None]] = []
        timer = asyncio.get_running_loop().call_later(
            MODAL_WITHIN if opens_form else DEFER_AFTER,
            lambda: slow.append(
                asyncio.ensure_future(self._attempt(self._say_slow if opens_form else self._acknowledge))
            ),
        )
        try:
            answer = await self._core.handle(self._call, modals=True)
            return answer, await slow[0] if slow else None
        finally:
            timer.cancel()
            for each in slow:
                each.cancel()

    async def _attempt(self, act: Callable[[], Awaitable[None]]) -> Exception | None:
        try:
            async with asyncio.timeout(GIVE_WITHIN):
                await act()
        except NOT_GIVEN as error:
            return error
        return None

    async def _give(self, answer: Reply | Form | None) -> None:
        heard, callbacks = self._heard, self._callbacks
        match answer:
            case None:
                if not self._acknowledged:
                    await self._acknowledge()
                if self._placeholder:
                    await heard.full().delete_original_response()
            case Form():
                await self._first(lambda: callbacks.open(heard, render.modal(answer)))
            case Reply() if self._placeholder or (self._acknowledged and answer.edit and self._editable):
                await heard.full().edit_original_response(**render.message(answer).replacing())
            case Reply() if self._acknowledged:
                await heard.full().followup.send(ephemeral=self._hidden, **render.message(answer).new())
            case Reply(edit=True) if self._editable:
                await self._first(lambda: callbacks.replace(heard, render.message(answer)))
            case Reply():
                await self._first(lambda: self._say(answer))

    async def _acknowledge(self) -> None:
        """Ask for time: below a message without a sign, so that it can be edited as well as answered."""
        if self._heard.on_hidden is None:
            await self._first(lambda: self._callbacks.think(self._heard, hidden=self._hidden))
            self._placeholder = True
        else:
            await self._first(lambda: self._callbacks.take(self._heard))

    async def _say_slow(self) -> None:
        words = self._core.words("discord-slow", self._call.account.locale)
        await self._first(lambda: self._say(Reply(words)))
        self._placeholder = True

    async def _say(self, reply: Reply) -> None:
        await self._callbacks.say(self._heard, render.message(reply), hidden=self._hidden)

    async def _first(self, respond: Callable[[], Awaitable[object]]) -> None:
        """Give the one first answer; once more where the connection broke, for Discord may not have seen it."""
        try:
            try:
                await respond()
            except LOST:
                await respond()
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:  # else it was taken: nobody but us can give it
                raise
        self._acknowledged = True
