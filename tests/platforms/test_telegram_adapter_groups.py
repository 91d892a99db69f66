"""The Telegram adapter on the real wire: what people do in groups."""

import pytest

from bot.adapter import OpenThread, Send, Sent
from bot.adapters.telegram import Telegram
from bot.model import Button, Ref, Reply
from tests.platforms.telegram import Person, TelegramServer
from tests.platforms.telegram_house import TelegramCore, ask, public


async def test_a_public_command_is_answered_below_it(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
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
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group)
    tip = await ask(server, ann, "/tip", group)
    server.say(ann, group, "as I see it", reply_to=tip)
    await core.until(lambda: len(core.calls) == 2)
    assert (core.calls[1].action, core.calls[1].text) == ("", "as I see it")
    assert core.calls[1].reply_to == Ref(public(group), str(tip.id))


async def test_an_answer_to_a_forms_question_in_a_group_says_which_form_it_is_for(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group)
    for form in ("f1", "f2"):
        buttons = (Button("Skip", "form.skip", [form]), Button("Cancel", "form.cancel", [form]))
        await adapter.deliver(Send(public(group), Reply("A line", (buttons,)), form))
    first, second = server.messages(group)[-2:]
    server.say(ann, group, "to the second", reply_to=second)
    server.say(ann, group, "to the first", reply_to=first)
    server.say(ann, group, "/cancel", reply_to=first)
    server.say(ann, group, "/cancel")
    await core.until(lambda: len(core.calls) == 4)
    assert [(call.action, call.args, call.text) for call in core.calls] == [
        ("", ("f2",), "to the second"),
        ("", ("f1",), "to the first"),
        ("form.cancel", ("f1",), ""),
        ("form.cancel", (), ""),
    ]


async def test_talk_in_a_topic_that_the_bot_opened_is_not_said_to_it(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
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
    may_delete: bool, server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
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
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group)
    tip = await ask(server, ann, "/tip", group)
    answers = [await server.press(ann, tip, label).answered() for label in ("Mine", "Dated")]
    link = f"https://t.me/{server.bot_name}?start="
    assert [answer["url"] for answer in answers] == [f"{link}1-desk--mine-2", f"{link}join"]
    assert [call.action for call in core.calls] == ["tip"]
