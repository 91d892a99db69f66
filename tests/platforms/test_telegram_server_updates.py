"""The Telegram server under an unpatched `telegram.Bot`: polling and the webhook."""

import asyncio
import time

import pytest
import telegram
from aiohttp import web
from telegram.error import Conflict

from tests.platforms.telegram import Chat, Person, TelegramServer
from tests.platforms.telegram_house import some


async def test_updates_come_again_until_a_later_offset(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    assert dm.person
    first, second = some(server.say(dm.person, dm, "one")), some(server.say(dm.person, dm, "two"))
    for _ in range(2):
        assert [u.update_id for u in await bot.get_updates()] == [first["update_id"], second["update_id"]]
    assert [u.update_id for u in await bot.get_updates(limit=1)] == [first["update_id"]]
    assert [u.update_id for u in await bot.get_updates(offset=second["update_id"])] == [second["update_id"]]
    assert await bot.get_updates(offset=second["update_id"] + 1) == ()
    server.repeat(second)
    again = await bot.get_updates(offset=second["update_id"] + 1)
    assert [u.update_id for u in again] == [second["update_id"]]
    assert await bot.get_updates(offset=second["update_id"] + 1) == ()


async def test_negative_offset_forgets_all_before(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    assert dm.person
    for text in ("one", "two", "three"):
        server.say(dm.person, dm, text)
    assert [u.message and u.message.text for u in await bot.get_updates(offset=-1)] == ["three"]
    assert len(server.pending) == 1


async def test_long_poll_is_woken(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    assert dm.person
    polling = asyncio.create_task(bot.get_updates(timeout=30))
    await server.wait_for(lambda: server.calls("getUpdates"))
    started = time.monotonic()
    server.say(dm.person, dm, "now")
    assert len(await polling) == 1
    assert time.monotonic() - started < 2


async def test_older_of_two_polls_is_told(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    assert dm.person
    older = asyncio.create_task(bot.get_updates(timeout=30))
    await server.wait_for(lambda: server.calls("getUpdates"))
    async with telegram.Bot(server.token, base_url=server.base_url) as second:
        newer = asyncio.create_task(second.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await older
        server.say(dm.person, dm, "hello")
        assert len(await newer) == 1


async def test_allowed_updates(server: TelegramServer, bot: telegram.Bot, ben: Person, forum: Chat) -> None:
    server.join(ben, forum)
    assert [u for u in server.pending if "chat_member" in u] == []
    await bot.get_updates(offset=-1, allowed_updates=["chat_member"])
    server.leave(ben, forum)
    last = server.pending[-1]["chat_member"]
    assert (last["old_chat_member"]["status"], last["new_chat_member"]["status"]) == ("member", "left")


async def test_webhook_has_secret_order_retry_and_repeat(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    assert dm.person
    got: list[tuple[str | None, int]] = []
    server.webhook_retry = 0.001

    async def receive(request: web.BaseRequest) -> web.Response:
        update = await request.json()
        got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update["update_id"]))
        return web.Response(status=500 if len(got) == 1 else 200)

    runner = web.ServerRunner(web.Server(receive))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    server.say(dm.person, dm, "dropped")
    await bot.set_webhook(url, secret_token="quiet", drop_pending_updates=True)
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    first, second = some(server.say(dm.person, dm, "one")), some(server.say(dm.person, dm, "two"))
    await server.wait_for(lambda: not server.pending)
    server.repeat(second)
    await server.wait_for(lambda: len(got) == 4)
    ids = [first["update_id"], first["update_id"], second["update_id"], second["update_id"]]
    assert got == [("quiet", i) for i in ids]
    info = await bot.get_webhook_info()
    assert (info.url, info.last_error_message) == (url, "Wrong response from the webhook: 500 Internal Server Error")
    await bot.delete_webhook()
    assert await bot.get_updates() == ()
    await runner.cleanup()
