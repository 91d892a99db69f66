"""The first answer to an interaction, which somebody waits for: on the shortest way.

discord.py has the message sent back that Discord made of it, and reads it. Nobody needs that here; and no limit is kept
for these requests, as none is on them ("Global Rate Limit" in Discord's documentation).
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
import discord
from discord.http import MultipartParameters, Route, json_or_text
from discord.webhook.async_ import interaction_message_response_params
from yarl import URL

from bot.adapters.discord.limits import Budget, seconds
from bot.adapters.discord.render import Rendered

JSON = {"Content-Type": "application/json"}
TRIES = 4  # after a 429 or a 5xx
FIRST_WAIT = 1.0  # seconds, doubled each time, where Discord does not say how long
KINDS = discord.InteractionResponseType


class Callbacks:
    """Gives first answers through `connector`, which is somebody else's to close.

    Each raises discord.HTTPException where Discord says no, and aiohttp.ClientError, OSError or ValueError where
    nobody knows what became of it.
    """

    def __init__(self, connector: aiohttp.BaseConnector, budget: Budget) -> None:
        self._session = aiohttp.ClientSession(
            connector=connector, connector_owner=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        self._budget = budget
        self._mentions = discord.AllowedMentions.none()

    async def close(self) -> None:
        """Give no more."""
        await self._session.close()

    async def say(self, to: discord.Interaction, message: Rendered, *, hidden: bool) -> None:
        """Answer with a new message, `hidden` from all others."""
        await self._message(to, KINDS.channel_message, flags=_flags(hidden), **message.new())

    async def replace(self, to: discord.Interaction, message: Rendered) -> None:
        """Put it in the place of the message that was pressed."""
        await self._message(to, KINDS.message_update, **message.replacing())

    async def open(self, to: discord.Interaction, modal: discord.ui.Modal) -> None:
        """Open a modal."""
        await self._give(to, _made(KINDS.modal, modal.to_dict()))

    async def think(self, to: discord.Interaction, *, hidden: bool) -> None:
        """Show that an answer will come: a message that stands for it, `hidden` from all others."""
        await self._give(to, _made(KINDS.deferred_channel_message, {"flags": _flags(hidden).value}))

    async def take(self, to: discord.Interaction) -> None:
        """Take a press, of which nothing is shown yet."""
        await self._give(to, _made(KINDS.deferred_message_update))

    async def _message(self, to: discord.Interaction, kind: KINDS, **message: Any) -> None:
        with interaction_message_response_params(
            type=kind.value, previous_allowed_mentions=self._mentions, **message
        ) as made:
            await self._give(to, made)

    async def _give(self, to: discord.Interaction, made: MultipartParameters) -> None:
        url = URL(f"{Route.BASE}/interactions/{to.id}/{to.token}/callback", encoded=True)
        wait = FIRST_WAIT
        for left in reversed(range(TRIES)):
            body, head = _body(made)
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


def _made(kind: KINDS, data: Mapping[str, Any] | None = None) -> MultipartParameters:
    return MultipartParameters({"type": kind.value, "data": data}, None, None)


def _body(made: MultipartParameters) -> tuple[bytes | aiohttp.FormData, dict[str, str]]:
    """Return what is sent, from the beginning: it may have been sent before."""
    if not made.multipart:
        return json.dumps(made.payload).encode(), JSON
    for file in made.files or ():
        file.reset()
    form = aiohttp.FormData(quote_fields=False)
    for part in made.multipart:
        form.add_field(**part)
    return form, {}
