"""The first answer to an interaction, which somebody waits for: on the shortest way.

discord.py has the message sent back that Discord made of it, and reads it. Nobody needs that here; and no limit is kept
for these requests, as none is on them ("Global Rate Limit" in Discord's documentation).
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import aiohttp
import discord
from discord.http import MultipartParameters, Route, json_or_text
from discord.webhook.async_ import interaction_message_response_params
from yarl import URL

from bot.adapters.discord.calls import Heard
from bot.adapters.discord.limits import Budget, seconds
from bot.adapters.discord.render import Rendered

JSON = {"Content-Type": "application/json"}
TRIES = 4  # after a 429 or a 5xx
FIRST_WAIT = 1.0  # seconds, doubled each time, where Discord does not say how long
KINDS = discord.InteractionResponseType

Body = tuple[bytes | aiohttp.FormData, dict[str, str]]  # and its head


class Callbacks:
    """Gives first answers through `connector`, which is somebody else's to close. How long it may take, callers say.

    Each raises discord.HTTPException where Discord says no, and aiohttp.ClientError, OSError or ValueError where
    nobody knows what became of it.
    """

    def __init__(self, connector: aiohttp.BaseConnector, budget: Budget) -> None:
        self._session = aiohttp.ClientSession(
            connector=connector,
            connector_owner=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
        )
        self._budget = budget
        self._mentions = discord.AllowedMentions.none()

    async def close(self) -> None:
        """Give no more."""
        await self._session.close()

    async def say(self, to: Heard, message: Rendered, *, hidden: bool) -> None:
        """Answer with a new message, `hidden` from all others. What is said again is sent as it was before."""
        if hidden not in message.ready:
            with self._made(KINDS.channel_message, flags=_flags(hidden), **message.new()) as made:
                if made.multipart:
                    await self._give(to, partial(_body, made))
                    return
                message.ready[hidden] = json.dumps(made.payload).encode()
        await self._give(to, partial(_plain, message.ready[hidden]))

    async def replace(self, to: Heard, message: Rendered) -> None:
        """Put it in the place of the message that was pressed."""
        with self._made(KINDS.message_update, **message.replacing()) as made:
            await self._give(to, partial(_body, made))

    async def open(self, to: Heard, modal: discord.ui.Modal) -> None:
        """Open a modal."""
        await self._give(to, _data(KINDS.modal, modal.to_dict()))

    async def think(self, to: Heard, *, hidden: bool) -> None:
        """Show that an answer will come: a message that stands for it, `hidden` from all others."""
        await self._give(to, _data(KINDS.deferred_channel_message, {"flags": _flags(hidden).value}))

    async def take(self, to: Heard) -> None:
        """Take a press, of which nothing is shown yet."""
        await self._give(to, _data(KINDS.deferred_message_update))

    def _made(self, kind: KINDS, **message: Any) -> MultipartParameters:
        return interaction_message_response_params(type=kind.value, previous_allowed_mentions=self._mentions, **message)

    async def _give(self, to: Heard, made: Callable[[], Body]) -> None:
        url = URL(f"{Route.BASE}/interactions/{to.id}/{to.token}/callback", encoded=True)
        wait = FIRST_WAIT
        for left in reversed(range(TRIES)):
            body, head = made()
            async with self._session.post(url, data=body, headers=head) as answer:
                self._budget.note(answer.status)
                if answer.status < 300:
                    return
                told = await json_or_text(answer)
                if left == 0 or (answer.status != 429 and answer.status < 500):
                    raise discord.HTTPException(answer, told)
            await asyncio.sleep(seconds(told.get("retry_after") if isinstance(told, dict) else None, wait))
            wait *= 2


def _flags(hidden: bool) -> discord.MessageFlags:
    return discord.MessageFlags(ephemeral=hidden)


def _data(kind: KINDS, data: Mapping[str, Any] | None = None) -> Callable[[], Body]:
    return partial(_plain, json.dumps({"type": kind.value, "data": data}).encode())


def _plain(body: bytes) -> Body:
    return body, JSON


def _body(made: MultipartParameters) -> Body:
    """Return what is sent, from the beginning: it may have been sent before."""
    if not made.multipart:
        return _plain(json.dumps(made.payload).encode())
    for file in made.files or ():
        file.reset()
    form = aiohttp.FormData(quote_fields=False)
    for part in made.multipart:
        form.add_field(**part)
    return form, {}
