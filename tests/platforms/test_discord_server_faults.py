"""The Discord server under an unpatched discord.py: errors, losses and delays that a test plays."""

import asyncio
import time
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import handle_message_parameters

from tests.platforms.discord_client import Harbour


async def test_played_errors_are_met_by_the_clients_own_retries(harbour: Harbour) -> None:
    harbour.server.fail("POST", r"/messages$", 429)
    await harbour.channel().send("after 429")
    harbour.server.fail("POST", r"/messages$", 403, json={"message": "no", "code": 50001})
    with pytest.raises(discord.Forbidden):
        await harbour.channel().send("refused")
    assert [r.status for r in harbour.server.requests if r.path.endswith("/messages")] == [429, 200, 403]


async def test_a_500_is_tried_again(harbour: Harbour) -> None:
    harbour.server.fail("POST", r"/messages$", 502)
    await harbour.channel().send("x")
    assert [r.status for r in harbour.server.requests if r.path.endswith("/messages")] == [502, 200]


async def test_a_drop_after_the_effect_leaves_the_message(harbour: Harbour) -> None:
    for after, stands in ((True, 1), (False, 1)):
        harbour.server.drop("POST", r"/messages$", after=after)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await asyncio.wait_for(harbour.bot.http.send_message(harbour.desk.id, params=_text("x")), 0.5)
        assert len(harbour.server.messages(harbour.desk)) == stands
        assert harbour.server.requests[-1].status == 0


async def test_an_answer_can_be_garbled_and_delayed(harbour: Harbour) -> None:
    harbour.server.garble("POST", r"/messages$")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        await harbour.channel().send("x")
    gate = asyncio.Event()
    harbour.server.delay("POST", r"/messages$", gate)
    sending = asyncio.create_task(harbour.channel().send("y"))
    await harbour.bot.fetch_channel(harbour.desk.id)
    assert [m.text for m in harbour.server.messages(harbour.desk)] == ["x"]
    gate.set()
    await sending
    assert [m.text for m in harbour.server.messages(harbour.desk)] == ["x", "y"]


async def test_a_held_call_does_not_hold_up_the_end(harbour: Harbour) -> None:
    harbour.server.delay("POST", r"/messages$", asyncio.Event())
    sending = asyncio.create_task(harbour.channel().send("never"))
    await harbour.bot.fetch_channel(harbour.desk.id)
    began = time.monotonic()
    await harbour.server.go_down()
    assert time.monotonic() - began < 1.0
    sending.cancel()
    assert harbour.server.messages(harbour.desk) == []


def _text(text: str) -> Any:
    return handle_message_parameters(text)
