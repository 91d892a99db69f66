"""The Telegram adapter against a server that speaks Telegram's wire protocol, with a small core behind it."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from bot.adapter import (
    Delete,
    Edit,
    Gone,
    ListedCommand,
    Moved,
    OpenThread,
    Refused,
    Retry,
    Send,
    Sent,
    Stop,
    Unknown,
    Unreachable,
)
from bot.adapters.telegram import Telegram, Webhook, client, request
from bot.clock import Clock
from bot.errors import SetupError
from bot.model import Account, Button, Call, File, Happening, Link, Menu, Option, Place, Ref, Reply, Role
from tests.platforms.telegram_server import TelegramServer
from tests.platforms.telegram_wire import Chat, Message, Person

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e366"
    "0000000049454e44ae426082"
)
MARKUP = "<b>5 < 6</b> & _all_ *of* `it` [x](y)"
PUBLIC = ("", "tip", "desk.take", "answer", "form.cancel")
WORDS = {
    "text-only": "I read words only.",
    "unknown-command": "That button is too old.",
    "in-private": "That is between us.",
    "open-chat": "Open",
    "cancel": "Stop what was begun",
}


class House:
    """A core: every Call takes effect once, its Reply is kept until it is given, and a form is asked field by field."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.effects: list[str] = []
        self.kept: dict[str, Reply | None] = {}
        self.done: set[str] = set()
        self.put_off: list[tuple[Call, Reply]] = []
        self.happenings: list[Happening] = []
        self.states: list[bool] = []
        self.asked: dict[str, list[str]] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self._news = asyncio.Event()

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something told to the core makes `true` hold."""
        async with asyncio.timeout(5):
            while not true():
                self._news.clear()
                await self._news.wait()

    def listing(self, locale: str) -> tuple[ListedCommand, ...]:
        assert locale == "en"
        return (
            ListedCommand("join", "Begin", (), True, Role.ANYONE),
            ListedCommand("streak", "See it", (), True, Role.MEMBER),
            ListedCommand("tip", "A tip for all", (), False, Role.ANYONE),
            ListedCommand("answer", "Answer", (), False, Role.COACH),
        )

    def private(self, action: str) -> bool:
        return action not in PUBLIC

    def opens_form(self, action: str) -> bool:
        return action == "ask"

    async def handle(self, call: Call, *, modals: bool) -> Reply | None:
        assert not modals
        self.calls.append(call)
        self._news.set()
        if call.id in self.done:
            return None
        if call.id not in self.kept:
            self.effects.append(call.action)
            self.kept[call.id] = self.run(call)
        await self.gate.wait()
        return self.kept[call.id]

    def run(self, call: Call) -> Reply | None:
        """What each action answers."""
        if call.account.id in self.asked and not call.action:
            answers = self.asked[call.account.id]
            answers.append(call.text)
            if len(answers) < 2:
                return Reply("And for how long?")
            return Reply(f"{self.asked.pop(call.account.id)}")
        match call.action:
            case "join":
                return Reply("Welcome.", rows=((Button("I agree", "join.agree"), Link("Why", "https://example.org")),))
            case "join.agree":
                return Reply("Agreed.", rows=((Button("I agree", "join.agree"),),), edit=True)
            case "daily":
                return Reply(
                    "When?", rows=((Menu("Hour", "daily.at", (Option("8", "Morning"), Option("20", "Eve"))),),)
                )
            case "ask":
                self.asked[call.account.id] = []
                return Reply("What is it?")
            case "form.cancel":
                return Reply("Stopped." if self.asked.pop(call.account.id, None) is not None else "Nothing to stop.")
            case "export":
                return Reply("All of it.", files=(File("export.json", b'{"a": 1}'),))
            case "card":
                return Reply("Day 5.", files=(File("card.png", PIXEL, "A card."),))
            case "tip":
                rows = (
                    (Button("Mine", "desk.mine", ["2"]), Button("All", "desk.take"), Button("Dated", "d", ["a-b"])),
                )
                return Reply("A tip.", rows=rows)
            case "nothing":
                return None
            case _:
                return Reply(f"{call.action}|{'|'.join(call.args)}|{call.text}")

    def given(self, call: Call) -> None:
        self.done.add(call.id)
        self._news.set()

    async def later(self, call: Call, reply: Reply) -> None:
        self.put_off.append((call, reply))
        self._news.set()

    async def happened(self, happening: Happening) -> None:
        self.happenings.append(happening)
        self._news.set()

    def words(self, key: str, locale: str | None, **values: str | int) -> str:
        return WORDS[key] if locale in (None, "en") else f"{locale}: {WORDS[key]}"

    def connected(self, platform: str, yes: bool) -> None:
        assert platform == "telegram"
        self.states.append(yes)
        self._news.set()


Start = Callable[..., Awaitable[Telegram]]


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    """A server; whatever a test made pass must be as the Bot API describes it."""
    async with TelegramServer() as server:
        yield server
        assert server.check() == []


@pytest.fixture
async def core() -> House:
    """What the adapter speaks to."""
    return House()


@pytest.fixture
async def start(server: TelegramServer, core: House) -> AsyncIterator[Start]:
    """Start an adapter; all that were started are stopped at the end."""
    started: list[Telegram] = []

    async def start(**more: Any) -> Telegram:
        settings: dict[str, Any] = {"token": server.token, "clock": Clock(), "api_url": server.api_url} | more
        adapter = Telegram(core, **settings)
        started.append(adapter)
        await adapter.start()
        return adapter

    yield start
    core.gate.set()
    for adapter in started:
        await adapter.stop()


@pytest.fixture
async def adapter(start: Start, core: House) -> Telegram:
    """A connected adapter."""
    adapter = await start()
    await core.until(lambda: core.states[-1:] == [True])
    return adapter


@pytest.fixture
def ann(server: TelegramServer) -> Person:
    """Someone the bot may write to."""
    ann = server.add_user("Ann", language_code="en")
    ann.started = True
    return ann


async def ask(server: TelegramServer, user: Person, text: str, chat: Chat | None = None) -> Message:
    """Say something and return what the bot answers there."""
    chat = chat or server.private(user)
    server.say(user, chat, text)
    return await server.next_message(chat)


def alone(user: Person) -> Place:
    """Someone's private place."""
    return Place("telegram", str(user.id), private=True)


def public(chat: Chat, thread: int | None = None) -> Place:
    """A group, or a topic of it."""
    return Place("telegram", str(chat.id), None if thread is None else str(thread))


# ------------------------------------------------------------------------------------------------ what people do


async def test_a_command_is_answered(server: TelegramServer, core: House, adapter: Telegram, ann: Person) -> None:
    answer = await ask(server, ann, f"/streak  {MARKUP} ")
    assert (answer.text, answer.entities) == (f"streak||{MARKUP}", [])
    await core.until(lambda: core.done)
    (call,) = core.calls
    assert call.account == Account("telegram", str(ann.id), "Ann", "en")
    assert (call.place, call.community, call.message, call.reply_to) == (alone(ann), None, None, None)
    assert core.done == {call.id}


async def test_words_alone_arrive_as_they_were_typed(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    assert (await ask(server, ann, f"  {MARKUP}")).text == f"||  {MARKUP}"


async def test_a_button_edits_its_message(server: TelegramServer, core: House, adapter: Telegram, ann: Person) -> None:
    message = await ask(server, ann, "/join")
    assert message.buttons == {"I agree": "1:join.agree", "Why": "https://example.org"}
    press = server.press(ann, message, "I agree")
    assert set(await press.answered()) == {"callback_query_id"}
    await server.wait_for(lambda: message.edited)
    assert message.text == "Agreed."
    assert core.calls[-1].message == Ref(alone(ann), str(message.id))
    # Pressed again nothing changes, and that is as good as done.
    server.press(ann, message, "I agree")
    await core.until(lambda: len(core.done) == 3)
    assert len([m for m in server.messages(server.private(ann)) if m.from_bot]) == 1


async def test_a_press_is_acknowledged_while_its_handler_works(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    message = await ask(server, ann, "/join")
    core.gate.clear()
    await server.press(ann, message, "I agree").answered()
    assert not message.edited


async def test_a_press_that_is_too_old_still_counts(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    message = await ask(server, ann, "/join")
    server.press(ann, message, "I agree").expire()
    await server.wait_for(lambda: message.edited)


async def test_an_answer_takes_the_place_of_a_message_that_is_gone(
    server: TelegramServer, adapter: Telegram, ann: Person
) -> None:
    message = await ask(server, ann, "/join")
    server.fail("editMessageText", 400, description="Bad Request: message to edit not found")
    server.press(ann, message, "I agree")
    assert (await server.next_message(server.private(ann), after=message)).text == "Agreed."


async def test_a_menu_is_buttons(server: TelegramServer, core: House, adapter: Telegram, ann: Person) -> None:
    message = await ask(server, ann, "/daily")
    assert message.buttons == {"Morning": "1:daily.at:8", "Eve": "1:daily.at:20"}
    server.press(ann, message, "Eve")
    assert (await server.next_message(server.private(ann), after=message)).text == "daily.at|20|"


async def test_a_button_of_another_time_says_so(server: TelegramServer, core: House, adapter: Telegram) -> None:
    bo = server.add_user("Bo", language_code="de")
    bo.started = True
    message = await ask(server, bo, "/join")
    markup = {"inline_keyboard": [[{"text": "Old", "callback_data": "0:gone"}]]}
    message.markup, message.wire = markup, message.wire | {"reply_markup": markup}
    answer = await server.press(bo, message, "Old").answered()
    assert answer["text"] == "de: That button is too old."
    assert len(core.calls) == 1


async def test_a_form_is_asked_field_by_field(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    assert (await ask(server, ann, "/ask")).text == "What is it?"
    assert (await ask(server, ann, "I miss them")).text == "And for how long?"
    assert (await ask(server, ann, "a week")).text == "['I miss them', 'a week']"
    await ask(server, ann, "/ask")
    assert (await ask(server, ann, "/cancel")).text == "Stopped."


@pytest.mark.parametrize(
    ("typed", "action", "args"),
    [
        ("/start", "join", ()),
        ("/start streak", "streak", ()),
        ("/start nosuch", "join", ()),
        ("/start cancel", "form.cancel", ()),
        ("/start 1-desk--mine-2", "desk.mine", ("2",)),
        ("/start 2-desk--mine-2", "join", ()),
    ],
)
async def test_start(
    typed: str, action: str, args: tuple[str, ...], server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    await ask(server, ann, typed)
    assert (core.calls[-1].action, core.calls[-1].args, core.calls[-1].text) == (action, args, "")


async def test_what_has_no_words_is_told_so(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    server.post(ann, server.private(ann), {"contact": {"phone_number": "1", "first_name": "X"}})
    assert (await server.next_message(server.private(ann))).text == "I read words only."
    assert core.calls == []


async def test_what_is_not_said_to_the_bot_is_let_be(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    chat, group = server.private(ann), server.add_group("G", bot="administrator")
    server.join(ann, group)
    said = server.message(server.say(ann, chat, "/nothing") or {})
    server.emit("edited_message", said.wire)
    server.edit(ann, said, "/streak")
    server.post(ann, chat, {"pinned_message": said.wire})
    server.say(ann, chat, "/streak@somebody_else_bot")
    robot = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    tip = server.message(server.say(ann, group, "/tip@somebody_else_bot") or {}).wire
    tip = tip | {"text": "/tip", "entities": [{"type": "bot_command", "offset": 0, "length": 4}]}
    server.emit("message", tip | {"from": robot})
    server.emit("message", tip | {"sender_chat": group.wire})
    server.say(ann, group, "chatting")
    server.say(ann, group, "/ban")
    server.post(ann, group, {"text": "/tip", "entities": [{"type": "bold", "offset": 0, "length": 4}]})
    await ask(server, ann, "/join")
    assert [call.action for call in core.calls] == ["nothing", "join"]
    assert len([m for m in (*server.messages(chat), *server.messages(group)) if m.from_bot]) == 1


async def test_files(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    message = await ask(server, ann, "/export")
    assert message.document
    assert (message.document.name, message.document.data, message.text) == ("export.json", b'{"a": 1}', "All of it.")
    message = await ask(server, ann, "/card")
    assert message.photo
    assert (message.photo.data, message.text) == (PIXEL, "Day 5.\n\nA card.")


async def test_one_persons_calls_stay_in_order_and_others_do_not_wait(
    server: TelegramServer, core: House, start: Start, ann: Person
) -> None:
    bo = server.add_user("Bo")
    for text in ("one", "two"):
        server.say(ann, server.private(ann), text)
    server.say(bo, server.private(bo), "three")
    core.gate.clear()
    await start()
    await core.until(lambda: len(core.calls) == 2)
    assert [call.text for call in core.calls] == ["one", "three"]
    core.gate.set()
    await core.until(lambda: len(core.done) == 3)
    assert [m.text for m in server.messages(server.private(ann)) if m.from_bot] == ["||one", "||two"]


# ------------------------------------------------------------------------------------------------------- groups


async def test_a_public_command_is_answered_below_it(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G", forum=True)
    server.join(ann, group)
    topic = server.add_topic(group, "T")
    said = server.message(server.say(ann, group, f"/TIP@{server.bot_name.upper()} x", thread=topic) or {})
    answer = await server.next_message(group)
    assert (answer.text, answer.reply_to, answer.thread) == ("A tip.", said.id, topic.id)
    assert (core.calls[0].place, core.calls[0].community) == (public(group, topic.id), str(group.id))
    assert core.calls[0].text == "x"
    server.press(ann, answer, "All")
    answered = await server.next_message(group, after=answer)
    assert (answered.text, answered.reply_to, answered.thread) == ("desk.take||", answer.id, topic.id)


async def test_an_answer_to_the_bots_message_is_heard_in_a_group(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group)
    tip = await ask(server, ann, "/tip", group)
    server.say(ann, group, "as I see it", reply_to=tip)
    await core.until(lambda: len(core.calls) == 2)
    assert (core.calls[1].action, core.calls[1].text) == ("", "as I see it")
    assert core.calls[1].reply_to == Ref(public(group), str(tip.id))


async def test_talk_in_a_topic_that_the_bot_opened_is_not_said_to_it(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G", forum=True)
    server.join(ann, group)
    opened = await adapter.deliver(OpenThread(public(group), "Question"))
    assert isinstance(opened, Sent)
    topic = group.topics[int(opened.refs[0].place.thread or 0)]
    server.say(ann, group, "between us", reply_to=topic.root, thread=topic)
    server.say(ann, group, "/tip", thread=topic)
    await core.until(lambda: core.calls)
    assert [call.action for call in core.calls] == ["tip"]


@pytest.mark.parametrize("may_delete", [True, False])
async def test_a_private_command_in_a_group_is_taken_out_of_it(
    may_delete: bool, server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G", bot="administrator" if may_delete else "member")
    server.join(ann, group)
    said = server.message(server.say(ann, group, "/streak secret") or {})
    answer = await server.next_message(group)
    assert answer.text == "That is between us."
    assert answer.buttons == {"Open": f"https://t.me/{server.bot_name}?start=streak"}
    assert said.deleted is may_delete
    assert core.calls == []


async def test_a_private_button_in_a_group_opens_the_private_chat(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group)
    tip = await ask(server, ann, "/tip", group)
    answers = [await server.press(ann, tip, label).answered() for label in ("Mine", "Dated")]
    link = f"https://t.me/{server.bot_name}?start="
    assert [answer["url"] for answer in answers] == [f"{link}1-desk--mine-2", f"{link}join"]
    assert [call.action for call in core.calls] == ["tip"]


# ----------------------------------------------------------------------------------------- once, and never lost


async def test_an_update_delivered_twice_takes_effect_once(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    update = server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.done)
    server.repeat(update or {})
    await core.until(lambda: len(core.calls) == 2)
    await ask(server, ann, "/join")
    assert core.effects == ["streak", "join"]
    assert len([m for m in server.messages(server.private(ann)) if m.from_bot]) == 2


async def test_a_batch_comes_again_after_a_crash_and_is_answered_once(
    server: TelegramServer, core: House, start: Start, ann: Person, monkeypatch: pytest.MonkeyPatch
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
    assert sorted(core.effects) == ["nothing", "streak"]
    assert len([m for m in server.messages(server.private(ann)) if m.from_bot]) == 1


async def test_the_offset_waits_for_the_whole_batch(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
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
    core: House,
    adapter: Telegram,
    ann: Person,
) -> None:
    server.fail("sendMessage", status, parameters=parameters)
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.put_off)
    ((call, reply),) = core.put_off
    assert (call.action, reply.text, core.done) == ("streak", "streak||", set())
    await server.wait_for(lambda: not server.pending)


async def test_an_answer_that_may_be_lost_is_left_for_later(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    server.drop("sendMessage")
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.put_off)


async def test_whoever_blocked_the_bot_is_not_answered_but_noted(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    server.fail("sendMessage", 403)
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.happenings)
    server.block(ann)
    await core.until(lambda: len(core.happenings) == 2)
    server.unblock(ann)
    await ask(server, ann, "/streak")
    assert core.happenings == [Happening("blocked", Account("telegram", str(ann.id), "Ann", "en"))] * 2
    assert core.put_off == []


async def test_one_bad_update_stops_no_other(
    server: TelegramServer,
    core: House,
    adapter: Telegram,
    ann: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(core, "words", lambda *_: 1 / 0)
    server.post(ann, server.private(ann), {"contact": {"phone_number": "1", "first_name": "X"}})
    assert (await ask(server, ann, "/streak")).text == "streak||"
    assert ("telegram.update_failed", "ZeroDivisionError") in [(r.msg, r.__dict__.get("error")) for r in caplog.records]


# ------------------------------------------------------------------------------------------------ the connection


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
    assert menus == {"default": everything, "all_private_chats": everything, "all_group_chats": ["tip", "cancel"]}
    await start()
    assert len(server.calls("setMyCommands")) == 3


async def test_a_start_during_an_outage_connects_when_it_is_over(
    server: TelegramServer, core: House, start: Start, ann: Person
) -> None:
    await server.go_down()
    await start()
    assert core.states == [False]
    await server.come_back()
    assert (await ask(server, ann, "/streak")).text == "streak||"
    assert core.states == [False, True]


async def test_an_outage_and_its_end(server: TelegramServer, core: House, adapter: Telegram, ann: Person) -> None:
    await server.go_down()
    await core.until(lambda: core.states == [False, True, False])
    server.say(ann, server.private(ann), "/streak")
    await server.come_back()
    assert (await server.next_message(server.private(ann))).text == "streak||"
    assert core.states == [False, True, False, True]


async def test_another_process_with_the_same_token(
    server: TelegramServer, core: House, adapter: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.SLOWEST == 30
    monkeypatch.setattr(client, "SLOWEST", 0.3)
    await server.wait_for(lambda: server.calls("getUpdates")[-1].params["timeout"] == client.POLL)
    async with aiohttp.ClientSession() as other:
        await other.post(f"{server.base_url}{server.token}/getUpdates")
        await core.until(lambda: core.states == [False, True, False])
        await core.until(lambda: core.states[-1])
    failed = max(i for i, r in enumerate(server.calls("getUpdates")) if r.status == 409)
    before, after = server.calls("getUpdates")[failed], server.calls("getUpdates")[failed + 2]
    assert after.time - before.time >= 0.3


async def test_a_stop_during_a_long_poll_is_quick(server: TelegramServer, adapter: Telegram) -> None:
    await server.wait_for(lambda: server.calls("getUpdates")[-1].params["timeout"] == client.POLL)
    async with asyncio.timeout(1):
        await adapter.stop()


async def test_a_stop_finishes_what_is_in_hand(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    core.gate.clear()
    server.say(ann, server.private(ann), "/streak")
    await core.until(lambda: core.calls)
    stopping = asyncio.create_task(adapter.stop())
    core.gate.set()
    await stopping
    assert len(core.done) == 1
    assert [m.text for m in server.messages(server.private(ann)) if m.from_bot] == ["streak||"]


async def test_a_webhook(server: TelegramServer, core: House, start: Start, ann: Person) -> None:
    app, port = web.Application(), unused_port()
    address = f"http://127.0.0.1:{port}/telegram"
    adapter = await start(webhook=Webhook(address, "s3cret"))
    app.add_routes(adapter.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        await core.until(lambda: core.states == [False, True])
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


async def test_a_webhook_that_telegram_refuses(server: TelegramServer, start: Start) -> None:
    server.fail("setWebhook", 400, description="Bad Request: bad webhook: HTTPS url must be provided for webhook")
    with pytest.raises(SetupError, match="UNSENT_TELEGRAM_WEBHOOK_URL"):
        await start(webhook=Webhook("http://example.org", "x"))


# -------------------------------------------------------------------------------------------------- deliveries


async def test_send_edit_delete(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    chat = server.private(ann)
    sent = await adapter.deliver(Send(alone(ann), Reply(MARKUP, rows=((Button("A", "a"),),)), "n"))
    (message,) = server.messages(chat)
    assert (message.text, message.entities, message.buttons) == (MARKUP, [], {"A": "1:a"})
    assert sent == Sent((Ref(alone(ann), str(message.id)),))
    ref = sent.refs[0]
    for _ in range(2):
        assert await adapter.deliver(Edit(ref, Reply("New."))) == Sent((ref,))
    assert (message.text, message.buttons) == ("New.", {})
    for _ in range(2):
        assert await adapter.deliver(Delete(ref)) == Sent()
    assert server.messages(chat) == []
    assert await adapter.deliver(Edit(ref, Reply("New."))) == Gone()


async def test_topics(server: TelegramServer, adapter: Telegram) -> None:
    forum, plain = server.add_group("F", forum=True), server.add_group("P")
    opened = await adapter.deliver(OpenThread(public(forum), "N" * 200))
    assert isinstance(opened, Sent)
    place = opened.refs[0].place
    assert isinstance(await adapter.deliver(Send(place, Reply("In it."), "n")), Sent)
    assert str(server.messages(forum)[-1].thread) == place.thread
    server.delete_topic(forum, int(place.thread or 0))
    assert await adapter.deliver(Send(place, Reply("In it."), "n")) == Gone()
    assert await adapter.deliver(OpenThread(public(plain), "N")) == Refused("400 not-a-forum")


async def test_long_texts_and_several_files(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    reply = Reply("x" * 4000, files=(File("a.txt", b"a"), File("b.png", PIXEL, "Alt.")))
    sent = await adapter.deliver(Send(alone(ann), reply, "n"))
    first, second, third = server.messages(server.private(ann))
    assert isinstance(sent, Sent)
    assert [ref.message for ref in sent.refs] == [str(m.id) for m in (first, second, third)]
    assert (len(first.text), second.document and second.document.data, third.text) == (4000, b"a", "Alt.")
    server.fail("sendDocument", 500)
    assert await adapter.deliver(Send(alone(ann), reply, "n")) == Unknown()


async def test_who_cannot_be_reached(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    stranger, group = server.add_user("Stranger"), server.add_group("G")
    hello = Reply("Hello.")
    assert await adapter.deliver(Send(alone(stranger), hello, "n")) == Unreachable()
    server.block(ann)
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Unreachable()
    assert await adapter.deliver(Send(Place("telegram", "99", private=True), hello, "n")) == Unreachable()
    assert await adapter.deliver(Send(Place("telegram", "-99"), hello, "n")) == Gone()
    server.kick_bot(group)
    assert await adapter.deliver(Send(public(group), hello, "n")) == Refused("403")


async def test_a_group_that_moved(server: TelegramServer, adapter: Telegram) -> None:
    group = server.add_group("G", supergroup=False)
    new = server.migrate(group)
    assert await adapter.deliver(Send(public(group), Reply("Hello."), "n")) == Moved(public(new))


async def test_not_now(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    group, hello, soon = server.add_group("G"), Reply("Hello."), timedelta(seconds=5)
    for place, scope in ((alone(ann), "platform"), (public(group), "place")):
        server.fail("sendMessage", 429, parameters={"retry_after": 7})
        assert await adapter.deliver(Send(place, hello, "n")) == Retry(timedelta(seconds=7), scope, limited=True)
    server.fail("sendMessage", 500)
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Retry(soon, "platform")
    server.fail("sendMessage", 401)
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Stop("401")
    await server.go_down()
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Retry(soon, "platform")
    await adapter.stop()
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Retry(soon, "platform")


async def test_what_may_have_been_sent_is_unknown(
    server: TelegramServer, adapter: Telegram, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, hello = server.private(ann), Reply("Hello.")
    server.drop("sendMessage")
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Unknown()
    server.garble("sendMessage")
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Unknown()
    monkeypatch.setattr(request, "READ", 0.05)
    server.delay("sendMessage", held := asyncio.Event(), after=True)
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Unknown()
    held.set()
    assert len(server.messages(chat)) == 3
    ref = Ref(alone(ann), str(server.messages(chat)[0].id))
    server.drop("editMessageText")
    server.drop("deleteMessage")
    for what in (Edit(ref, Reply("New.")), Delete(ref)):
        assert await adapter.deliver(what) == Retry(timedelta(seconds=5), "platform")
        assert isinstance(await adapter.deliver(what), Sent)


async def test_answers_do_not_wait_behind_a_drop_to_everybody(
    server: TelegramServer, core: House, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    async with asyncio.TaskGroup() as drop:
        for number in range(26):
            drop.create_task(adapter.deliver(Send(public(group), Reply(f"{number}"), f"{number}")))
        asked = time.monotonic()
        await ask(server, ann, "/streak")
        assert time.monotonic() - asked < 0.5
        assert len(server.messages(group)) < 20
    sent = [r.time for r in server.calls("sendMessage") if r.params["chat_id"] == group.id]
    assert sent[-1] - sent[0] >= 0.9


async def test_authority_is_what_telegram_says_now(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    group = server.add_group("G", forum=True)
    place, account = public(group), Account("telegram", str(ann.id))
    coach, owner = frozenset({Role.COACH}), frozenset({Role.COACH, Role.OWNER})
    assert await adapter.authority(account, place) == frozenset()
    for status, roles in (("member", coach), ("restricted", coach), ("administrator", owner), ("left", frozenset())):
        server.join(ann, group, status)
        assert await adapter.authority(account, place) == roles
    assert await adapter.authority(Account("telegram", str(server.owner(group).id)), place) == owner
    assert await adapter.authority(account, alone(ann)) == frozenset()
    server.fail("getChatMember", 500)
    assert await adapter.authority(Account("telegram", str(server.owner(group).id)), place) == frozenset()


async def test_what_the_bot_lacks(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    needs = frozenset({"send", "threads", "delete", "history"})
    forum, group = server.add_group("F", forum=True), server.add_group("G")
    assert await adapter.missing(public(forum), needs) == frozenset()
    assert await adapter.missing(public(group), needs) == {"threads", "delete"}
    server.join(server.bot, group, "restricted")
    assert await adapter.missing(public(group), needs) == {"send", "threads", "delete"}
    server.kick_bot(group)
    assert await adapter.missing(public(group), needs) == needs
    assert await adapter.missing(alone(ann), needs) == {"threads"}


# ------------------------------------------------------------------------------------------------------ silence


async def test_nothing_personal_is_in_any_log(
    server: TelegramServer, core: House, start: Start, caplog: pytest.LogCaptureFixture
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
        await core.until(lambda count=count: len(core.put_off) == count)
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
