"""The Telegram adapter on the real wire: every call takes effect once and no answer is lost."""

import pytest

from bot.adapters.telegram import Telegram, client
from bot.model import Account, Call, Form, Happening, Reply
from tests.platforms.telegram import Person, TelegramServer
from tests.platforms.telegram_house import Start, TelegramCore, ask


async def test_an_update_delivered_twice_takes_effect_once(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    update = server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.done)
    server.repeat(update or {})
    await core.until(lambda: len(core.calls) == 2)
    await ask(server, ann, "/join")
    assert [call.action for call in core.effects] == ["streak", "join"]
    assert len([m for m in server.messages(server.private(ann)) if m.from_bot]) == 2


async def test_a_batch_comes_again_after_a_crash_and_is_answered_once(
    server: TelegramServer, core: TelegramCore, start: Start, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "FINISH", 0.01)
    bo = server.add_user("Bo")
    server.say(bo, server.private(bo), "/nothing")
    server.say(ann, server.private(ann), "/streak")
    core.gate.clear()
    first = await start()
    await core.until(lambda: len(core.calls) == 2)
    await first.stop()
    assert core.done == set()
    assert len(server.pending) == 2
    core.gate.set()
    await start()
    assert (await server.next_message(server.private(ann))).text == "streak||"
    await server.wait_for(lambda: not server.pending)
    assert sorted(call.action for call in core.effects) == ["nothing", "streak"]
    assert len([m for m in server.messages(server.private(ann)) if m.from_bot]) == 1


async def test_the_offset_waits_for_the_whole_batch(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    core.gate.clear()
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.calls)
    asked = len(server.calls("getUpdates"))
    server.say(ann, server.private(ann), "/join")
    assert len(server.pending) == 2
    core.gate.set()
    await core.until(lambda: len(core.done) == 2)
    await server.wait_for(lambda: not server.pending)
    assert len(server.calls("getUpdates")) > asked


@pytest.mark.parametrize(
    ("status", "parameters"), [(429, None), (500, None), (502, None), (401, None), (400, {"migrate_to_chat_id": -5})]
)
async def test_an_answer_that_is_not_taken_now_is_left_for_later(
    status: int,
    parameters: dict[str, int] | None,
    server: TelegramServer,
    core: TelegramCore,
    adapter: Telegram,
    ann: Person,
) -> None:
    server.fail("sendMessage", status, parameters=parameters)
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.left)
    ((call, reply),) = core.left
    assert (call.action, reply.text, core.done) == ("streak", "streak||", set())
    await server.wait_for(lambda: not server.pending)


async def test_an_answer_that_may_be_lost_is_left_for_later(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    server.drop("sendMessage")
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.left)


async def test_whoever_blocked_the_bot_is_not_answered_but_noted(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    server.fail("sendMessage", 403)
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.happenings)
    server.block(ann)
    await core.until(lambda: len(core.happenings) == 2)
    server.unblock(ann)
    await ask(server, ann, "/streak")
    assert core.happenings == [Happening("blocked", Account("telegram", str(ann.id), "Ann", "en"))] * 2
    assert core.left == []


async def test_one_bad_update_stops_no_other(
    server: TelegramServer,
    core: TelegramCore,
    adapter: Telegram,
    ann: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handle = core.handle

    async def handles_words(call: Call, *, modals: bool) -> Reply | Form | None:
        return await handle(call, modals=modals) if not call.attached else 1 / 0  # pyright: ignore[reportReturnType]

    monkeypatch.setattr(core, "handle", handles_words)
    server.post(ann, server.private(ann), {"contact": {"phone_number": "1", "first_name": "X"}})
    assert (await ask(server, ann, "/streak")).text == "streak||"
    assert ("telegram.update_failed", "ZeroDivisionError") in [(r.msg, r.__dict__.get("error")) for r in caplog.records]
