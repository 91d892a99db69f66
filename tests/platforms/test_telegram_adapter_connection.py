"""The Telegram adapter on the real wire: starting, stopping, outages, the webhook, the log."""

import asyncio
import logging
from datetime import datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from bot.adapters.telegram import Telegram, Webhook, client
from bot.clock import Clock
from bot.errors import SetupError
from tests.platforms.telegram import Person, TelegramServer
from tests.platforms.telegram_house import Start, TelegramCore, ask


async def test_a_wrong_token_is_said_plainly(server: TelegramServer, start: Start) -> None:
    with pytest.raises(SetupError, match="UNSENT_TELEGRAM_TOKEN") as raised:
        await start(token="123:WRONG")
    assert "WRONG" not in f"{raised.value!r} {raised.value.__cause__!r}"


async def test_the_menus_are_set_once(server: TelegramServer, start: Start) -> None:
    await (await start()).stop()
    menus = {
        (r.params.get("scope") or {"type": "default"})["type"]: [c["command"] for c in r.params["commands"]]
        for r in server.calls("setMyCommands")
    }
    everything = ["join", "streak", "tip", "cancel"]
    assert menus == {
        "default": everything,
        "all_private_chats": everything,
        "all_group_chats": ["tip", "cancel"],
        "all_chat_administrators": ["setup", "tip", "cancel"],
    }
    await start()
    assert len(server.calls("setMyCommands")) == 4


async def test_a_start_during_an_outage_connects_when_it_is_over(
    server: TelegramServer, core: TelegramCore, start: Start, ann: Person
) -> None:
    await server.go_down()
    await start()
    assert core.link == [False]
    await server.come_back()
    assert (await ask(server, ann, "/streak")).text == "streak||"
    assert core.link == [False, True]


async def test_an_outage_and_its_end(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    await server.go_down()
    await core.until(lambda: core.link == [False, True, False])
    server.say(ann, server.private(ann), "/streak")
    await server.come_back()
    assert (await server.next_message(server.private(ann))).text == "streak||"
    assert core.link == [False, True, False, True]


async def test_another_process_with_the_same_token(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.SLOWEST == 30
    monkeypatch.setattr(client, "SLOWEST", 0.3)
    await server.wait_for(lambda: server.calls("getUpdates")[-1].params["timeout"] == client.POLL)
    async with aiohttp.ClientSession() as other:
        await other.post(f"{server.base_url}{server.token}/getUpdates")
        await core.until(lambda: core.link == [False, True, False])
        await core.until(lambda: core.link[-1])
    failed = max(i for i, r in enumerate(server.calls("getUpdates")) if r.status == 409)
    before, after = server.calls("getUpdates")[failed], server.calls("getUpdates")[failed + 2]
    assert after.time - before.time >= 0.3


async def test_a_stop_during_a_long_poll_is_quick(server: TelegramServer, adapter: Telegram) -> None:
    await server.wait_for(lambda: server.calls("getUpdates")[-1].params["timeout"] == client.POLL)
    async with asyncio.timeout(1):
        await adapter.stop()


async def test_a_stop_finishes_what_is_in_hand(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    core.gate.clear()
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.calls)
    stopping = asyncio.create_task(adapter.stop())
    core.gate.set()
    await stopping
    assert len(core.done) == 1
    assert [m.text for m in server.messages(server.private(ann)) if m.from_bot] == ["streak||"]


async def test_a_webhook(server: TelegramServer, core: TelegramCore, start: Start, ann: Person) -> None:
    app, port = web.Application(), unused_port()
    address = f"http://127.0.0.1:{port}/telegram"
    adapter = await start(webhook=Webhook(address, "s3cret"))
    app.add_routes(adapter.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        await core.until(lambda: core.link == [False, True])
        core.gate.clear()
        server.say(ann, server.private(ann), "/streak")
        await core.until(lambda: core.calls)
        assert server.pushes == []
        core.gate.set()
        await server.wait_for(lambda: server.pushes)
        assert server.pushes[0][1] == 200
        assert [m.text for m in server.messages(server.private(ann)) if m.from_bot] == ["streak||"]
        async with aiohttp.ClientSession() as forger:
            forged = {"update_id": 1, "message": server.messages(server.private(ann))[0].wire}
            header = "X-Telegram-Bot-Api-Secret-Token"
            for secret, status in ((None, 401), ("s3cre", 401), ("\xfc", 401), ("s3cret", 200)):
                async with forger.post(address, json=forged, headers={header: secret} if secret else {}) as answer:
                    assert answer.status == status
            assert len(core.calls) == 2
            async with forger.post(address, data=b"[", headers={header: "s3cret"}) as answer:
                assert answer.status == 200
            await adapter.stop()
            async with forger.post(address, json=forged, headers={header: "s3cret"}) as answer:
                assert answer.status == 503
        assert server.calls("deleteWebhook") == []
    finally:
        await runner.cleanup()


class Slow(Clock):
    """An hour behind, so that whatever goes wrong now is news."""

    def now(self) -> datetime:
        return super().now() - timedelta(hours=1)


async def test_a_webhook_that_is_not_reached(
    server: TelegramServer, core: TelegramCore, start: Start, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.CHECK == 60
    monkeypatch.setattr(client, "CHECK", 0.01)
    port = unused_port()
    adapter = await start(webhook=Webhook(f"http://127.0.0.1:{port}/telegram", "s3cret"), clock=Slow())
    await core.until(lambda: core.link == [False, True])
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.link == [False, True, False])
    app = web.Application()
    app.add_routes(adapter.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        await core.until(lambda: core.link == [False, True, False, True])
        assert core.done
        server.fail("getWebhookInfo", 500)
        await core.until(lambda: core.link == [False, True, False, True, False, True])
        await server.delete_webhook({})
        await core.until(lambda: core.link == [False, True, False, True, False, True, False])
    finally:
        await runner.cleanup()


async def test_what_went_wrong_before_the_last_update_is_over(
    server: TelegramServer, core: TelegramCore, start: Start, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "CHECK", 0.01)
    ahead = Clock()
    ahead.move(timedelta(hours=1))
    server.say(ann, server.private(ann), "/streak")
    await start(webhook=Webhook(f"http://127.0.0.1:{unused_port()}/telegram", "s3cret"), clock=ahead)
    await server.wait_for(lambda: server.pushes)
    asked = len(server.calls("getWebhookInfo"))
    await server.wait_for(lambda: len(server.calls("getWebhookInfo")) > asked + 1)
    assert core.link == [False, True]


async def test_a_webhook_that_telegram_refuses(server: TelegramServer, start: Start) -> None:
    server.fail("setWebhook", 400, description="Bad Request: bad webhook: HTTPS url must be provided for webhook")
    with pytest.raises(SetupError, match="UNSENT_TELEGRAM_WEBHOOK_URL"):
        await start(webhook=Webhook("http://example.org", "x"))


async def test_nothing_personal_is_in_any_log(
    server: TelegramServer, core: TelegramCore, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await start()
    marked = server.add_user("Markname", username="markuser")
    message = await ask(server, marked, "/join")
    server.press(marked, message, "I agree").expire()
    await ask(server, marked, "marktext")
    for count, fault in enumerate((server.garble, server.drop), 1):
        fault("sendMessage")
        server.say(marked, server.private(marked), "/streak marktext")
        await core.until(lambda count=count: len(core.left) == count)
    server.fail("sendMessage", 400, description="Bad Request: can't parse 'marktext'")
    server.say(marked, server.private(marked), "/streak marktext")
    server.garble("getUpdates")
    await ask(server, marked, "marktext")
    group = server.add_group("markgroup")
    server.join(marked, group)
    await ask(server, marked, "/streak", group)
    records = [record for record in caplog.records if record.name.startswith(("bot.", "telegram", "httpx"))]
    assert {"telegram.answer_failed", "telegram.not_deleted"} <= {record.msg for record in records}
    assert {record.__dict__.get("error") for record in records} == {None, "Lost", "Rejected"}
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for mark in ("mark", str(marked.id), str(group.id), server.token, "https://", "http://"):
        assert mark.lower() not in said.lower()
