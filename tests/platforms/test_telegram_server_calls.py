"""The Telegram server under an unpatched `telegram.Bot`: calls, and what goes wrong with them."""

import asyncio
import datetime
import time
from collections.abc import Iterator

import aiohttp
import pytest
import telegram
from telegram.error import InvalidToken, NetworkError, RetryAfter

from tests.platforms import conformance
from tests.platforms.telegram import Chat, Json, TelegramServer


async def test_bot_knows_itself(server: TelegramServer, bot: telegram.Bot) -> None:
    assert (await bot.get_me()).username == server.bot_name
    assert [(r.method, r.status) for r in server.requests] == [("getMe", 200), ("getMe", 200)]


async def test_wrong_token_and_unknown_method(server: TelegramServer, bot: telegram.Bot) -> None:
    stranger = telegram.Bot("123456:wrong", base_url=server.base_url)
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()
    with pytest.raises(telegram.error.EndPointNotFound):
        await bot.do_api_request("makeCoffee")


@pytest.mark.parametrize("how", ["query", "form", "json", "multipart"])
async def test_every_way_to_send_parameters(server: TelegramServer, dm: Chat, how: str) -> None:
    params: Json = {"chat_id": str(dm.id), "text": "é & ü", "reply_markup": '{"force_reply": true}'}
    body: Json = {}
    if how == "multipart":
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in params.items():
            form.add_field(name, value)
        body = {"data": form}
    else:
        body = {"query": {"params": params}, "form": {"data": params}, "json": {"json": params}}[how]
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.base_url}{server.token}/SENDMESSAGE", **body) as r,
    ):
        assert (await r.json())["result"]["text"] == "é & ü"
    assert server.messages(dm)[-1].force_reply
    assert server.requests[-1].params == {"chat_id": dm.id, "text": "é & ü", "reply_markup": {"force_reply": True}}


async def test_outage_and_comeback_keep_all_that_is_known(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    await bot.send_message(dm.id, "before")
    url = server.api_url
    polling = asyncio.create_task(bot.get_updates(timeout=30))
    await server.wait_for(lambda: server.calls("getUpdates"))
    await server.go_down()
    with pytest.raises(NetworkError):
        await polling
    with pytest.raises(NetworkError):
        await bot.send_message(dm.id, "during")
    assert dm.person
    server.say(dm.person, dm, "anyone there?")
    await server.come_back()
    assert server.api_url == url
    await bot.send_message(dm.id, "after")
    assert [m.text for m in server.messages(dm)] == ["/start", "before", "anyone there?", "after"]
    assert [u.message and u.message.text for u in await bot.get_updates()] == ["anyone there?"]


async def test_faults_without_effect(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    server.fail("sendMessage", 429, parameters={"retry_after": 7})
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(dm.id, "x")
    assert caught.value.retry_after == datetime.timedelta(seconds=7)
    for status in (500, 502):
        server.fail("sendMessage", status, when=lambda p: p["text"] == "x")
        await bot.send_message(dm.id, "spared")
        with pytest.raises(NetworkError):
            await bot.send_message(dm.id, "x")
    server.drop("sendMessage", after=False)
    with pytest.raises(NetworkError):
        await bot.send_message(dm.id, "x")
    await bot.send_message(dm.id, "at last")
    assert [m.text for m in server.messages(dm)[1:]] == ["spared", "spared", "at last"]
    assert [r.status for r in server.calls("sendMessage")] == [429, 200, 500, 200, 502, 0, 200]


async def test_faults_after_the_effect(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    server.drop("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(dm.id, "dropped")
    server.garble("sendMessage")
    with pytest.raises(telegram.error.TelegramError, match="Invalid server response"):
        await bot.send_message(dm.id, "garbled")
    assert [m.text for m in server.messages(dm)[1:]] == ["dropped", "garbled"]
    assert [r.status for r in server.calls("sendMessage")] == [0, 200]


@pytest.mark.parametrize("after", [False, True])
async def test_delay(server: TelegramServer, bot: telegram.Bot, dm: Chat, after: bool) -> None:
    go = asyncio.Event()
    server.delay("sendMessage", go, after=after)
    sending = asyncio.create_task(bot.send_message(dm.id, "slow"))
    await server.wait_for(lambda: len(server.messages(dm)) == 2 if after else server.calls("sendMessage"))
    assert len(server.messages(dm)) == 1 + after
    assert not sending.done()
    go.set()
    assert (await sending).text == "slow"


async def test_limits(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    async def refused_for(chat: Chat) -> int:
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(chat.id, "x")
        wait = caught.value.retry_after
        assert isinstance(wait, datetime.timedelta)
        return wait.seconds

    group = server.add_group("Friends")
    server.limit(overall=9, chat=2, group_per_minute=1)
    await bot.send_message(dm.id, "1")
    await bot.send_message(dm.id, "2")
    assert await refused_for(dm) == 1
    await bot.send_message(group.id, "1")
    assert await refused_for(group) >= 58
    server.limit(overall=3, chat=9, group_per_minute=9)
    assert await refused_for(dm) == 1
    assert len(server.messages(dm)) == 3


async def test_waiting_gives_up(server: TelegramServer, dm: Chat) -> None:
    with pytest.raises(TimeoutError, match="the last calls were"):
        await server.next_message(dm, within=0.01)


@pytest.mark.skipif(not conformance.available(), reason="needs the Bot API specification")
async def test_check_finds_what_is_wrong(dm: Chat, server: TelegramServer) -> None:
    assert dm.person
    server.say(dm.person, dm, "hi")
    server.pending[0]["message"].pop("date")
    async with aiohttp.ClientSession() as session:
        for method, params in (("getUpdates", {}), ("sendMessage", {"chat_id": dm.id, "text": "x", "colour": "red"})):
            await session.post(f"{server.base_url}{server.token}/{method}", json=params)
        await session.post(f"{server.base_url}{server.token}/sendMessage", json={"chat_id": [], "text": "x"})
    complaints = server.check()
    assert any("date" in line for line in complaints)
    assert any("colour" in line for line in complaints)
    assert any("broke the server" in line for line in complaints)
    server._broken.clear()
    server.requests.clear()
    server._delivered.clear()


async def test_takes_a_drop_to_many(server: TelegramServer, dm: Chat) -> None:
    """It must be no bottleneck: far under the 1,500 messages a second it takes on an idle machine, it is one."""
    url, count = f"{server.base_url}{server.token}/sendMessage", 600

    async def send(session: aiohttp.ClientSession, numbers: Iterator[int]) -> None:
        for number in numbers:
            async with session.post(url, data={"chat_id": dm.id, "text": f"Day {number}"}) as answer:
                assert answer.status == 200
                await answer.read()

    async with aiohttp.ClientSession() as session:
        numbers, started = iter(range(count)), time.perf_counter()
        await asyncio.gather(*(send(session, numbers) for _ in range(50)))
    assert count / (time.perf_counter() - started) > 300
    assert len({m.text for m in server.messages(dm)}) == count + 1
