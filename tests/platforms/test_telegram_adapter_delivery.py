"""The Telegram adapter on the real wire: what it delivers."""

import asyncio
import time
from datetime import timedelta

import pytest

from bot.adapter import (
    Delete,
    Edit,
    Gone,
    Moved,
    OpenThread,
    Outcome,
    Refused,
    Retry,
    Send,
    Sent,
    Stop,
    Unknown,
    Unreachable,
)
from bot.adapters.telegram import Telegram, request
from bot.model import Button, File, Place, Ref, Reply
from tests.platforms.small_core import MOVING
from tests.platforms.telegram import Person, TelegramServer
from tests.platforms.telegram_house import MARKUP, PIXEL, Start, TelegramCore, alone, ask, public


async def test_send_edit_delete(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    chat = server.private(ann)
    sent = await adapter.deliver(Send(alone(ann), Reply(MARKUP, rows=((Button("A", "a"),),)), "n"))
    (message,) = server.messages(chat)
    assert (message.text, message.entities, message.buttons) == (MARKUP, [], {"A": "1:a"})
    assert sent == Sent((Ref(alone(ann), str(message.id)),))
    assert isinstance(sent, Sent)
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
    assert await adapter.deliver(OpenThread(public(plain), "N")) == Refused("400 not-a-forum", here=True)
    assert isinstance(await adapter.deliver(Send(public(forum), Reply("In General."), "n")), Sent)
    assert server.messages(forum)[-1].thread is None


async def test_a_closed_topic_takes_nothing_more(server: TelegramServer, adapter: Telegram) -> None:
    forum = server.add_group("F", forum=True)
    topic = server.add_topic(forum, "T")
    server.close_topic(forum, topic)
    server.join(server.bot, forum, "administrator", can_manage_topics=False)
    said = await adapter.deliver(Send(public(forum, topic.id), Reply("In it."), "n"))
    assert said == Refused("400 topic-closed", here=True)


async def test_long_texts_and_several_files(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    reply = Reply("x" * 4000, files=(File("a.txt", b"a"), File("b.png", PIXEL, "Alt.")))
    sent = await adapter.deliver(Send(alone(ann), reply, "n"))
    first, second, third = server.messages(server.private(ann))
    assert isinstance(sent, Sent)
    assert [ref.message for ref in sent.refs] == [str(m.id) for m in (first, second, third)]
    assert (len(first.text), second.document and second.document.data, third.text) == (4000, b"a", "Alt.")
    server.fail("sendDocument", 500)
    assert await adapter.deliver(Send(alone(ann), reply, "n")) == Unknown()


async def test_a_gif_takes_its_place_below_a_text_that_is_edited(
    server: TelegramServer, adapter: Telegram, ann: Person
) -> None:
    sent = await adapter.deliver(Send(alone(ann), Reply("Wait."), "n"))
    assert isinstance(sent, Sent)
    reply = Reply("Breathe.", ((Button("A", "a"),),), (File("breath.GIF", MOVING, "A circle."),))
    changed = await adapter.deliver(Edit(sent.refs[0], reply))
    first, second = server.messages(server.private(ann))
    assert changed == Sent((sent.refs[0], Ref(alone(ann), str(second.id))))
    assert (first.text, first.buttons) == ("Breathe.", {"A": "1:a"})
    assert (second.text, second.animation, second.buttons) == ("A circle.", ("breath.GIF", MOVING), {})
    assert await adapter.deliver(Edit(Ref(alone(ann), str(second.id)), Reply("x"))) == Refused("400 no-text-to-edit")


async def test_who_cannot_be_reached(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    stranger, group = server.add_user("Stranger"), server.add_group("G")
    hello = Reply("Hello.")
    assert await adapter.deliver(Send(alone(stranger), hello, "n")) == Unreachable()
    server.block(ann)
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Unreachable()
    assert await adapter.deliver(Send(Place("telegram", "99", private=True), hello, "n")) == Unreachable()
    assert await adapter.deliver(Send(Place("telegram", "-99"), hello, "n")) == Gone()
    server.kick_bot(group)
    assert await adapter.deliver(Send(public(group), hello, "n")) == Gone()
    deleted = server.add_group("D")
    server.delete_group(deleted)
    assert await adapter.deliver(Send(public(deleted), hello, "n")) == Gone()


async def test_a_group_that_moved(server: TelegramServer, adapter: Telegram) -> None:
    group = server.add_group("G", supergroup=False)
    new = server.migrate(group)
    assert await adapter.deliver(Send(public(group), Reply("Hello."), "n")) == Moved(public(new))


async def test_not_now(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    hello, soon = Reply("Hello."), timedelta(seconds=5)
    server.fail("sendMessage", 500)
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Retry(soon, "platform")
    server.fail("sendMessage", 401)
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Stop("401")
    await server.go_down()
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Retry(soon, "platform")
    await adapter.stop()
    assert await adapter.deliver(Send(alone(ann), hello, "n")) == Retry(soon, "platform")


def limited(outcome: Outcome, seconds: float, scope: str) -> None:
    """Check that nothing may go out for about so long, a hair of which has passed."""
    assert isinstance(outcome, Retry)
    assert (outcome.scope, outcome.limited, outcome.maybe) == (scope, True, False)
    assert seconds - 1 < outcome.after.total_seconds() <= seconds


async def test_a_429_is_heeded_where_it_is_about(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    bea, group, other, hello = server.add_user("Bea"), server.add_group("G"), server.add_group("O"), Reply("Hello.")
    bea.started = True

    async def refused(place: Place) -> Outcome:
        server.fail("sendMessage", 429, parameters={"retry_after": 7})
        return await adapter.deliver(Send(place, hello, "n"))

    async def silent(place: Place, scope: str) -> None:
        before = len(server.calls("sendMessage"))
        limited(await adapter.deliver(Send(place, hello, "n")), 7, scope)
        assert len(server.calls("sendMessage")) == before

    limited(await refused(public(group)), 7, "place")
    await silent(public(group), "place")
    assert isinstance(await adapter.deliver(Send(public(other), hello, "n")), Sent)
    assert isinstance(await adapter.deliver(Send(alone(ann), hello, "n")), Sent)
    limited(await refused(alone(ann)), 7, "place")  # something else went there just before
    await silent(alone(ann), "place")
    assert isinstance(await adapter.deliver(Send(public(other), hello, "n")), Sent)
    limited(await refused(alone(bea)), 7, "platform")
    await silent(public(other), "platform")
    server.say(bea, server.private(bea), "/streak")
    await core.until(lambda: core.left)
    assert all(not message.from_bot for message in server.messages(server.private(bea)))


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


def crowd(server: TelegramServer, many: int) -> list[Person]:
    """People the bot may write to."""
    people = [server.add_user(f"P{number}") for number in range(many)]
    for person in people:
        person.started = True
    return people


async def test_answers_do_not_wait_behind_a_drop_to_everybody(
    server: TelegramServer, adapter: Telegram, ann: Person
) -> None:
    server.limit()
    people = crowd(server, 31)
    async with asyncio.TaskGroup() as drop:
        sent = [drop.create_task(adapter.deliver(Send(alone(who), Reply("Hello."), "n"))) for who in people]
        asked = time.monotonic()
        await ask(server, ann, "/streak")
        assert time.monotonic() - asked < 0.5
        assert len(server.calls("sendMessage")) < 20
    assert all(isinstance(task.result(), Sent) for task in sent)
    times = [call.time for call in server.calls("sendMessage")]
    assert 0.95 <= times[-1] - times[0] < 1.2


async def test_a_paid_rate_is_a_rate_of_deliveries_alone(server: TelegramServer, start: Start, ann: Person) -> None:
    adapter = await start(rate=1000.0)
    people = crowd(server, 60)
    began = time.monotonic()
    sent = await asyncio.gather(*(adapter.deliver(Send(alone(who), Reply("Hello."), "n")) for who in people))
    assert all(isinstance(each, Sent) for each in sent)
    assert time.monotonic() - began < 1
    await ask(server, ann, "/streak")
    assert [call.params.get("allow_paid_broadcast") for call in server.calls("sendMessage")] == [True] * 60 + [None]


async def test_a_chat_and_a_group_have_limits_of_their_own(
    server: TelegramServer, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    for place in (alone(ann), public(group)):
        for number in range(6):
            assert isinstance(await adapter.deliver(Send(place, Reply(f"{number}"), "n")), Sent)
        limited(await adapter.deliver(Send(place, Reply("6"), "n")), 1, "place")
    await ask(server, ann, "/streak")
