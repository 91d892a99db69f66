"""The Telegram server under an unpatched `telegram.Bot`: messages, buttons, the menu."""

import io
from typing import Any

import pytest
import telegram
from telegram import (
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestChat,
    KeyboardButtonRequestUsers,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from tests.platforms.small_core import MOVING
from tests.platforms.telegram import Chat, Person, TelegramServer
from tests.platforms.telegram_house import KEYBOARD, PIXEL, some


async def test_send_edit_delete(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    sent = await bot.send_message(dm.id, "Hello", reply_markup=KEYBOARD)
    seen = await server.next_message(dm)
    assert (seen.id, seen.text, seen.edited) == (sent.message_id, "Hello", False)
    assert seen.buttons == {"Claim": "1:claim", "Site": "https://example.org"}
    with pytest.raises(BadRequest, match="is not modified"):
        await bot.edit_message_text("Hello", dm.id, sent.message_id, reply_markup=KEYBOARD)
    edited = await bot.edit_message_text("Hello again", dm.id, sent.message_id)
    assert isinstance(edited, telegram.Message)
    assert (seen.text, seen.buttons, seen.edited) == ("Hello again", {}, True)
    await bot.edit_message_reply_markup(dm.id, sent.message_id, reply_markup=KEYBOARD)
    assert list(seen.buttons) == ["Claim", "Site"]
    assert server.calls("sendMessage")[0].result["text"] == "Hello"
    await bot.delete_message(dm.id, sent.message_id)
    assert seen.deleted
    assert seen not in server.messages(dm)
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await bot.delete_message(dm.id, sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("x", dm.id, sent.message_id)
    assert await bot.delete_messages(dm.id, [server.messages(dm)[0].id, 4040])
    assert server.messages(dm) == []


async def test_what_telegram_refuses(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    long_data = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="é" * 33)]])
    mine = server.messages(dm)[0].id
    refusals: list[tuple[str, Any]] = [
        ("Message text is empty", bot.send_message(dm.id, "")),
        ("Text must be non-empty", bot.send_message(dm.id, "<b> </b>", parse_mode=ParseMode.HTML)),
        ("Message is too long", bot.send_message(dm.id, "x" * 4097)),
        ("Message is too long", bot.send_message(dm.id, "😀" * 2049)),
        ("Button_data_invalid", bot.send_message(dm.id, "x", reply_markup=long_data)),
        ("Chat not found", bot.send_message(4040, "x")),
        ("Message thread not found", bot.send_message(dm.id, "x", message_thread_id=9)),
        ("Message to be replied not found", bot.send_message(dm.id, "x", reply_parameters=ReplyParameters(4040))),
        ("Message can't be edited", bot.edit_message_text("x", dm.id, mine)),
        ("Query is too old", bot.answer_callback_query("4040")),
        ("Wrong file_id", bot.get_file("4040")),
        ("Image_process_failed", bot.send_photo(dm.id, b"no picture")),
        ("Bot_command_invalid", bot.set_my_commands([("Streak", "yours")])),
    ]
    for words, call in refusals:
        with pytest.raises(BadRequest, match=f"(?i){words}"):
            await call
    assert len(server.messages(dm)) == 1
    await bot.send_message(dm.id, "x", reply_parameters=ReplyParameters(4040, allow_sending_without_reply=True))
    await bot.send_message(dm.id, f"<b>{'x' * 4096}</b>", parse_mode=ParseMode.HTML)
    assert len(server.messages(dm)) == 3


async def test_document_photo_animation_copy_and_download(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    sent = await bot.send_document(
        dm.id, io.BytesIO(b"{}"), filename="you.json", caption="<b>All</b> of it", parse_mode=ParseMode.HTML
    )
    seen = server.messages(dm)[-1]
    assert seen.document == ("you.json", b"{}")
    assert (seen.text, seen.html) == ("All of it", "<b>All</b> of it")
    assert sent.document
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"{}"
    await bot.edit_message_caption(dm.id, sent.message_id, caption="Everything")
    assert (seen.text, seen.html) == ("Everything", "Everything")
    photo = await bot.send_photo(dm.id, PIXEL)
    assert [(p.width, p.height) for p in photo.photo] == [(1, 1)]
    for data, moves in ((MOVING, (2, 3)), (PIXEL, None)):
        moving = await bot.send_animation(dm.id, io.BytesIO(data), filename="breath.gif", caption="Breathe")
        assert (moving.animation and (moving.animation.width, moving.animation.height)) == moves
        assert moving.document
        assert server.messages(dm)[-1].animation == (("breath.gif", data) if moves else None)
    copy = await bot.copy_message(dm.id, dm.id, sent.message_id)
    assert (server.messages(dm)[-1].id, server.messages(dm)[-1].document) == (copy.message_id, ("you.json", b"{}"))
    assert dm.person
    update = some(server.post(dm.person, dm, {"document": server.messages(dm)[-1].wire["document"]}))
    assert "text" not in update["message"]


async def test_callback_is_answered(server: TelegramServer, bot: telegram.Bot, ben: Person, dm: Chat) -> None:
    await bot.send_message(dm.id, "Take it?", reply_markup=KEYBOARD)
    shown = await server.next_message(dm)
    with pytest.raises(LookupError):
        server.press(ben, shown, "Site")
    press = server.press(ben, shown, "Claim")
    (update,) = await bot.get_updates()
    assert update.callback_query
    assert update.callback_query.data == "1:claim"
    await update.callback_query.answer("Done", show_alert=True)
    answer = await press.answered()
    assert (answer["text"], answer["show_alert"]) == ("Done", True)
    late = server.press(ben, shown, "1:claim")
    late.expire()
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await bot.answer_callback_query(late.query["id"])


async def test_people_write_answer_and_edit(server: TelegramServer, bot: telegram.Bot, ben: Person, dm: Chat) -> None:
    asked = await bot.send_message(dm.id, "Who?", reply_markup=ForceReply())
    server.say(ben, dm, "/ask@unsent_test_bot how long", reply_to=asked.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
        await bot.edit_message_text("What?", dm.id, asked.message_id)
    server.edit(ben, server.messages(dm)[-1], "/ask when")
    said, edited = await bot.get_updates()
    assert said.message
    assert said.message.reply_to_message
    assert said.message.reply_to_message.message_id == asked.message_id
    assert said.message.parse_entities(["bot_command"]).popitem()[1] == "/ask@unsent_test_bot"
    assert edited.edited_message
    assert edited.edited_message.text == "/ask when"


async def test_profile_and_menu(server: TelegramServer, bot: telegram.Bot, dm: Chat, forum: Chat) -> None:
    scope = telegram.BotCommandScopeChat(dm.id)
    await bot.set_my_commands([("streak", "Your count")], language_code="en")
    await bot.set_my_commands([("help", "All there is")], scope=scope)
    assert [c.command for c in await bot.get_my_commands(scope=scope)] == ["help"]
    await bot.delete_my_commands(scope=scope)
    assert list(server.commands) == [("default", "en")]
    await bot.set_my_description("What you did not send")
    await bot.set_my_short_description("Unsent")
    assert server.descriptions == {("description", ""): "What you did not send", ("short_description", ""): "Unsent"}
    assert (await bot.get_chat(dm.id)).username == "ben_k"
    assert (await bot.get_chat(forum.id)).is_forum
    assert (await bot.get_chat_member(forum.id, dm.id)).status == "left"
    assert {m.status for m in await bot.get_chat_administrators(forum.id)} == {"creator", "administrator"}
    await bot.send_chat_action(dm.id, "typing")
    assert server.actions == [(dm.id, "typing")]


async def test_a_reply_keyboard_asks_for_chats_and_people(
    server: TelegramServer, bot: telegram.Bot, ben: Person, dm: Chat, forum: Chat
) -> None:
    server.join(ben, forum)
    server.pending.clear()
    chat = KeyboardButton("Group", request_chat=KeyboardButtonRequestChat(7, chat_is_channel=False, bot_is_member=True))
    people = KeyboardButton("Person", request_users=KeyboardButtonRequestUsers(8))
    sent = await bot.send_message(dm.id, "Choose", reply_markup=ReplyKeyboardMarkup([[chat, people]]))
    assert server.asks(ben) == ["Group", "Person"]
    shared = some(server.share(ben, "Group", forum))["message"]
    assert shared["chat_shared"] == {"request_id": 7, "chat_id": forum.id}
    shared = some(server.share(ben, "Person", ben))["message"]
    assert shared["users_shared"] == {"request_id": 8, "users": [{"user_id": ben.id}]}
    assert [u.message.message_id for u in await bot.get_updates() if u.message] == [
        sent.message_id + 1,
        sent.message_id + 2,
    ]
    for label, chosen in (("Group", dm), ("Group", server.add_group("G")), ("Group", ben), ("Person", forum)):
        with pytest.raises(ValueError, match="not among"):
            server.share(ben, label, chosen)
    refusals: list[tuple[Chat, list[KeyboardButton]]] = [
        (forum, [people]),
        (dm, [people, people]),
        (dm, [KeyboardButton("x", request_users=KeyboardButtonRequestUsers(2**31))]),
        (dm, [KeyboardButton("x", request_users=KeyboardButtonRequestUsers(1, max_quantity=11))]),
    ]
    for where, buttons in refusals:
        with pytest.raises(BadRequest):
            await bot.send_message(where.id, "x", reply_markup=ReplyKeyboardMarkup([buttons]))
    await bot.send_message(dm.id, "Thanks", reply_markup=ReplyKeyboardRemove())
    with pytest.raises(LookupError):
        server.share(ben, "Person", ben)


async def test_a_reply_hands_back_what_it_answers_with_its_buttons(bot: telegram.Bot, dm: Chat) -> None:
    sent = await bot.send_message(dm.id, "Which?", reply_markup=KEYBOARD)
    reply = await bot.send_message(dm.id, "This", reply_parameters=ReplyParameters(sent.message_id))
    assert reply.reply_to_message
    assert reply.reply_to_message.reply_markup == KEYBOARD
