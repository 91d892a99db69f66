"""The Telegram adapter on the real wire: what people do in groups, and what becomes of groups."""

import pytest

from bot.adapter import OpenThread, Send, Sent
from bot.adapters.telegram import Telegram
from bot.model import Account, Button, Happening, Ref, Reply, Server
from tests.platforms.telegram import Chat, Person, TelegramServer
from tests.platforms.telegram_house import Start, TelegramCore, ask, public


async def test_a_public_command_is_answered_below_it(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G", forum=True)
    server.join(ann, group)
    topic = server.add_topic(group, "T")
    said = server.message(server.say(ann, group, f"/TIP@{server.bot_name.upper()} x", thread=topic) or {})
    answer = await server.next_message(group)
    assert (answer.text, answer.reply_to, answer.thread) == ("A tip.", said.id, topic.id)
    assert (core.calls[0].place, core.calls[0].server) == (public(group, topic.id), str(group.id))
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


async def test_an_answer_to_a_message_whose_button_takes_words_is_what_its_form_asks_for(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group)
    core.replied = ("desk.answer",)
    core.public = (*core.public, "desk.answer")
    buttons = (Button("Claim", "desk.take"), Button("Answer", "desk.answer", ["q1"]))
    await adapter.deliver(Send(public(group), Reply("A question", (buttons,)), "q1"))
    await adapter.deliver(Send(public(group), Reply("Another", ((Button("Claim", "desk.take"),),)), "q2"))
    first, second = server.messages(group)[-2:]
    server.say(ann, group, "to the first", reply_to=first)
    server.say(ann, group, "to the second", reply_to=second)
    await core.until(lambda: len(core.calls) == 2)
    assert [(call.action, call.args, call.text) for call in core.calls] == [
        ("desk.answer", ("q1",), "to the first"),
        ("", (), "to the second"),
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


async def test_the_way_out_of_a_group_leads_to_what_was_asked_for_there(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group, "administrator")
    link = (await ask(server, ann, "/setup", group)).buttons["Open"]
    told = link.removeprefix(f"https://t.me/{server.bot_name}?start=")
    assert told == f"setup-n{-group.id}"
    await ask(server, ann, f"/start {told}")
    assert [(call.action, call.args, call.server) for call in core.calls] == [("setup", (), str(group.id))]


async def test_a_button_that_stands_for_a_command_about_this_group_says_where_it_was_pressed(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group, "administrator")
    tip = await ask(server, ann, "/tip", group)
    answer = await server.press(ann, tip, "Set up").answered()
    assert answer["url"] == f"https://t.me/{server.bot_name}?start=setup-n{-group.id}"


@pytest.mark.parametrize(
    ("typed", "buttons"),
    [("/setup", {"Open": "https://t.me/{bot}?start=setup-n{group}"}), ("/tip", {}), ("/cancel@{bot}", {})],
)
async def test_an_administrator_who_remains_anonymous_is_told_how_to_go_on(
    typed: str, buttons: dict[str, str], server: TelegramServer, core: TelegramCore, adapter: Telegram
) -> None:
    group = server.add_group("G")
    said = server.message(server.say_anonymously(group, typed.format(bot=server.bot_name)) or {})
    answer = await server.next_message(group)
    assert (answer.text, answer.reply_to) == ("Who are you?", said.id)
    assert answer.buttons == {
        label: link.format(bot=server.bot_name, group=-group.id) for label, link in buttons.items()
    }
    assert core.calls == []


async def test_of_what_somebody_anonymous_writes_only_what_the_bot_waits_for_is_answered(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G", bot="administrator")
    server.join(ann, group)
    tip = await ask(server, ann, "/tip", group)
    await adapter.deliver(Send(public(group), Reply("A line", ((Button("Cancel", "form.cancel", ["f1"]),),)), "n"))
    form = server.messages(group)[-1]
    server.say_anonymously(group, "chatting")
    server.say_anonymously(group, "/ban")
    server.say_anonymously(group, "as I see it", reply_to=tip)
    answered = server.message(server.say_anonymously(group, "the line", reply_to=form) or {})
    assert (await server.next_message(group)).reply_to == answered.id
    assert [m.text for m in server.messages(group) if m.from_bot] == ["A tip.", "A line", "Who are you?"]
    assert [call.action for call in core.calls] == ["tip"]


def of(chat: Chat) -> Server:
    """A group as the core knows it."""
    return Server("telegram", str(chat.id))


async def test_what_becomes_of_the_bot_in_a_group_is_told(
    server: TelegramServer, core: TelegramCore, adapter: Telegram
) -> None:
    group = server.add_group("G")
    server.join(server.bot, group, "administrator")
    server.join(server.bot, group, "administrator", can_delete_messages=False)
    server.join(server.bot, group, "restricted")
    server.join(server.bot, group, "restricted", is_member=False)
    server.kick_bot(group)
    await core.until(lambda: len(core.happenings) == 6)
    kinds = ["changed"] * 4 + ["removed"] * 2
    assert core.happenings == [Happening(kind, server=of(group)) for kind in kinds]


async def test_a_group_that_becomes_a_supergroup_is_told_once(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    old = server.add_group("G", supergroup=False)
    new = server.migrate(old)
    await ask(server, ann, "/streak")
    assert core.happenings == [
        Happening("changed", server=of(old)),
        Happening("moved", server=of(old), now=of(new)),
    ]


async def test_a_move_by_somebody_anonymous_is_told_too(
    server: TelegramServer, core: TelegramCore, adapter: Telegram
) -> None:
    group = server.add_group("G", supergroup=False)
    note = server.messages(group)[0].wire | {"sender_chat": group.wire, "migrate_to_chat_id": -100_5}
    note.pop("from")
    server.emit("message", note)
    await core.until(lambda: len(core.happenings) == 2)
    assert core.happenings[1] == Happening("moved", server=of(group), now=Server("telegram", "-1005"))


@pytest.mark.parametrize("bot", ["administrator", "member"])
async def test_who_leaves_is_told(
    bot: str, server: TelegramServer, core: TelegramCore, start: Start, ann: Person
) -> None:
    group = server.add_group("G", bot=bot)
    server.pending.clear()
    await start()
    await core.until(lambda: core.link[-1:] == [True])
    server.join(ann, group)
    server.join(ann, group, "restricted")
    server.leave(ann, group)
    left = Happening("left", Account("telegram", str(ann.id), "Ann", "en"), of(group))
    await ask(server, ann, "/streak")
    # An administrator is told by an update and by the note in the group, everybody else by the note alone.
    assert core.happenings == ([left, left] if bot == "administrator" else [left])


async def test_who_is_thrown_out_is_told(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G", bot="administrator")
    server.join(ann, group)
    server.join(ann, group, "kicked")
    await core.until(lambda: len(core.happenings) == 2)
    assert core.happenings[1] == Happening("left", Account("telegram", str(ann.id), "Ann", "en"), of(group))


async def test_the_note_that_the_bot_left_is_not_about_a_person(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.emit("message", server.messages(group)[0].wire | {"left_chat_member": server.bot.wire})
    await ask(server, ann, "/streak")
    assert [happening.kind for happening in core.happenings] == ["changed"]
