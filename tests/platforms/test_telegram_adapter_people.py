"""The Telegram adapter on the real wire: what people do in private."""

import pytest

from bot.adapters.telegram import Telegram
from bot.model import Account, Ref
from tests.platforms.small_core import MOVING
from tests.platforms.telegram import Person, TelegramServer
from tests.platforms.telegram_house import MARKUP, PIXEL, Start, TelegramCore, alone, ask

FILE = {"file_id": "f", "file_unique_id": "u"}
SIZE = {"width": 1, "height": 1}
WORDLESS = {
    "contact": {"phone_number": "1", "first_name": "X"},
    "photo": [FILE | SIZE],
    "document": FILE,
    "voice": FILE | {"duration": 1},
    "sticker": FILE | SIZE | {"type": "regular", "is_animated": False, "is_video": False},
}


async def test_a_command_is_answered(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    answer = await ask(server, ann, f"/streak  {MARKUP} ")
    assert (answer.text, answer.entities) == (f"streak||{MARKUP}", [])
    await core.until(lambda: core.done)
    (call,) = core.calls
    assert call.account == Account("telegram", str(ann.id), "Ann", "en")
    assert (call.place, call.server, call.message, call.reply_to) == (alone(ann), None, None, None)
    assert core.done == {call.id}


async def test_words_alone_arrive_as_they_were_typed(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    assert (await ask(server, ann, f"  {MARKUP}")).text == f"||  {MARKUP}"


async def test_what_is_to_leave_no_trace_is_taken_out_of_the_chat(
    server: TelegramServer, adapter: Telegram, ann: Person
) -> None:
    chat = server.private(ann)
    typed = server.say(ann, chat, "/letter I miss you")
    assert (await server.next_message(chat)).text == "Kept."
    await server.wait_for(
        lambda: typed["message"]["message_id"] not in [message.id for message in server.messages(chat)]
    )
    server.fail("deleteMessage", 400, description="Bad Request: message can't be deleted")
    kept = server.say(ann, chat, "/letter I miss you still")
    await server.wait_for(lambda: len(server.calls("deleteMessage")) == 2)
    assert kept["message"]["message_id"] in [message.id for message in server.messages(chat)]


async def test_a_button_edits_its_message(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
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
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    message = await ask(server, ann, "/join")
    core.gate.clear()
    await server.press(ann, message, "I agree").answered()
    assert not message.edited


async def test_a_press_that_is_too_old_still_counts(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
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


async def test_a_menu_is_buttons(server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person) -> None:
    message = await ask(server, ann, "/daily")
    assert message.buttons == {"Morning": "1:daily.at:8", "Eve": "1:daily.at:20"}
    server.press(ann, message, "Eve")
    assert (await server.next_message(server.private(ann), after=message)).text == "daily.at|20|"


async def test_a_button_of_another_time_says_so(server: TelegramServer, core: TelegramCore, adapter: Telegram) -> None:
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
    ("typed", "action", "args", "about"),
    [
        ("/start", "join", (), None),
        ("/start streak", "streak", (), None),
        ("/start nosuch", "join", (), None),
        ("/start cancel", "form.cancel", (), None),
        ("/start 1-streak", "streak", (), None),
        ("/start 1-streak-2", "join", (), None),
        ("/start 1-desk--mine-2", "join", (), None),
        ("/start 2-streak", "join", (), None),
        ("/start join-c0ffee", "join", ("c0ffee",), None),
        (f"/start join-{'a' * 32}", "join", ("a" * 32,), None),
        (f"/start join-{'a' * 33}", "join", (), None),
        ("/start join-", "join", (), None),
        ("/start setup-n1001", "setup", (), "-1001"),
        ("/start setup-1001", "setup", (), "1001"),
        ("/start setup-an1", "setup", (), "an1"),
        ("/start setup-n1-2", "join", (), None),
        ("/start streak-c0ffee", "join", (), None),
        ("/start nosuch-c0ffee", "join", (), None),
    ],
)
async def test_start(
    typed: str,
    action: str,
    args: tuple[str, ...],
    about: str | None,
    server: TelegramServer,
    core: TelegramCore,
    adapter: Telegram,
    ann: Person,
) -> None:
    await ask(server, ann, typed)
    call = core.calls[-1]
    assert (call.action, call.args, call.server, call.text) == (action, args, about, "")


async def test_a_start_link_that_is_typed_in_a_group_is_the_way_in(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group)
    strayed = await ask(server, ann, f"/start@{server.bot_name} setup-n1001", group)
    assert strayed.buttons == {"Open": f"https://t.me/{server.bot_name}?start=join"}
    assert core.calls == []


@pytest.mark.parametrize("kind", WORDLESS)
async def test_what_has_no_words_is_a_call_that_says_so_and_nothing_of_it_is_read(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person, kind: str
) -> None:
    server.post(ann, server.private(ann), {kind: WORDLESS[kind], "caption": "/ask Is it me?"})
    assert (await server.next_message(server.private(ann))).text == "I read words only."
    (call,) = core.calls
    assert (call.attached, call.action, call.args, call.text, call.values) == (True, "", (), "", {})
    assert call.place == alone(ann)


async def test_a_picture_that_answers_a_form_in_a_group_is_told_so_and_any_other_is_let_be(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    group = server.add_group("G")
    server.join(ann, group)
    tip = await ask(server, ann, f"/tip@{server.bot_name}", group)
    server.post(ann, group, {"photo": WORDLESS["photo"]}, reply_to=tip)
    markup = {"inline_keyboard": [[{"text": "Cancel", "callback_data": "1:form.cancel:abc"}]]}
    tip.markup, tip.wire = markup, tip.wire | {"reply_markup": markup}
    server.post(ann, group, {"photo": WORDLESS["photo"]}, reply_to=tip)
    assert (await server.next_message(group, after=tip)).text == "I read words only."
    assert [(call.attached, call.args) for call in core.calls] == [(False, ()), (True, ("abc",))]


async def test_of_what_is_forwarded_or_marked_up_the_words_alone_are_taken(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    link = {"type": "text_link", "offset": 0, "length": 4, "url": "https://example.org/ann"}
    origin = {"type": "hidden_user", "sender_user_name": "Zuzu", "date": 1_700_000_000}
    server.post(ann, server.private(ann), {"text": "Here it is.", "entities": [link], "forward_origin": origin})
    assert (await server.next_message(server.private(ann))).text == "||Here it is."
    (call,) = core.calls
    assert (call.text, call.attached, call.reply_to) == ("Here it is.", False, None)


async def test_what_is_not_said_to_the_bot_is_let_be(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
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
    server.emit("message", tip | {"sender_chat": server.add_group("A channel").wire})
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


async def test_a_gif_moves_with_its_words_and_buttons(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    message = await ask(server, ann, "/breath")
    assert message.animation == ("breath.gif", MOVING)
    assert message.text == "Breathe.\n\nA circle."
    assert message.buttons == {"Again": "1:breath", "Done": "1:join.agree"}


@pytest.mark.parametrize(("label", "text"), [("Again", "Breathe.\n\nA circle."), ("Done", "Agreed.")])
async def test_what_would_edit_a_gif_is_said_below_it(
    label: str, text: str, server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    message = await ask(server, ann, "/breath")
    server.press(ann, message, label)
    said = await server.next_message(server.private(ann), after=message)
    assert (said.text, said.animation is not None) == (text, label == "Again")
    await core.until(lambda: len(core.done) == 2)
    assert (message.text, message.edited) == ("Breathe.\n\nA circle.", False)


async def test_one_persons_calls_stay_in_order_and_others_do_not_wait(
    server: TelegramServer, core: TelegramCore, start: Start, ann: Person
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
