"""The Telegram server under an unpatched `telegram.Bot`: channels, where administrators alone post, in its name."""

from datetime import timedelta

import pytest
import telegram
from telegram import ChatAdministratorRights, KeyboardButton, KeyboardButtonRequestChat, ReplyKeyboardMarkup
from telegram.error import BadRequest, Forbidden

from tests.platforms.telegram import Chat, Person, TelegramServer
from tests.platforms.telegram_house import KEYBOARD, some

POSTING = ChatAdministratorRights(*(False,) * 11, can_post_messages=True)


async def test_a_post_is_the_channels_own(server: TelegramServer, bot: telegram.Bot, ben: Person) -> None:
    channel = server.add_channel("News")
    sent = await bot.send_message(channel.id, "Hello", reply_markup=KEYBOARD)
    assert (sent.from_user, sent.sender_chat, sent.chat.type) == (None, sent.chat, "channel")
    assert (await bot.edit_message_text("Hi", channel.id, sent.message_id, reply_markup=KEYBOARD)).text == "Hi"
    press = server.press(ben, server.messages(channel)[0], "Claim")
    (_, update) = await bot.get_updates()
    assert update.callback_query
    assert (update.callback_query.from_user.id, update.callback_query.message) == (ben.id, sent)
    await update.callback_query.answer(url=f"https://t.me/{server.bot_name}?start=claim")
    assert (await press.answered())["url"].endswith("claim")
    full = await bot.get_chat(channel.id)
    assert (full.title, full.permissions) == ("News", None)


async def test_administrators_alone_post(server: TelegramServer, bot: telegram.Bot, ben: Person) -> None:
    channel = server.add_channel("News")
    server.join(ben, channel)
    with pytest.raises(ValueError, match="cannot write there"):
        server.say(ben, channel, "as I see it")
    server.join(ben, channel, "administrator")
    told = some(server.say(ben, channel, "Good morning"))
    assert told["channel_post"]["sender_chat"] == channel.wire
    assert "from" not in told["channel_post"]
    server.leave(ben, channel)
    assert [m.text for m in server.messages(channel)] == ["Good morning"]  # nobody's coming and going is noted
    with pytest.raises(ValueError, match="administrator of a channel"):
        server.join(server.bot, channel, "member")


async def test_rights(server: TelegramServer, bot: telegram.Bot, ben: Person) -> None:
    channel = server.add_channel("News", can_delete_messages=False, can_edit_messages=False)
    member = await bot.get_chat_member(channel.id, server.bot.id)
    assert isinstance(member, telegram.ChatMemberAdministrator)
    assert (member.can_post_messages, member.can_edit_messages, member.can_pin_messages) == (True, False, None)
    sent = await bot.send_message(channel.id, "x")
    server.join(ben, channel, "administrator")
    theirs = some(server.say(ben, channel, "y"))["channel_post"]["message_id"]
    with pytest.raises(BadRequest, match=r"(?i)message can't be deleted$"):
        await bot.delete_message(channel.id, theirs)
    server.age(server.messages(channel)[0], timedelta(hours=49))
    with pytest.raises(BadRequest, match=r"(?i)message can't be deleted for everyone"):
        await bot.delete_message(channel.id, sent.message_id)
    server.join(server.bot, channel, "administrator", can_post_messages=False)
    for call in (bot.send_message(channel.id, "x"), bot.edit_message_text("y", channel.id, sent.message_id)):
        with pytest.raises(BadRequest, match=r"(?i)need administrator rights in the channel chat"):
            await call
    assert await bot.delete_message(channel.id, theirs)
    with pytest.raises(BadRequest, match=r"(?i)not a forum"):
        await bot.create_forum_topic(channel.id, "T")


async def test_a_channel_that_is_out_of_reach(server: TelegramServer, bot: telegram.Bot) -> None:
    kicked, deleted, outside = server.add_channel("K"), server.add_channel("D"), server.add_channel("O", "left")
    server.kick_bot(kicked)
    server.delete_group(deleted)
    for channel, words in ((kicked, "was kicked from"), (deleted, "was kicked from"), (outside, "is not a member of")):
        with pytest.raises(Forbidden, match=f"bot {words} the channel chat"):
            await bot.send_message(channel.id, "x")
    changes = [u.my_chat_member for u in await bot.get_updates() if u.my_chat_member]
    assert [(c.chat.id, c.chat.type, c.new_chat_member.status) for c in changes] == [
        (kicked.id, "channel", "administrator"),
        (deleted.id, "channel", "administrator"),
        (kicked.id, "channel", "kicked"),
    ]


async def test_a_channel_that_is_chosen_grants_what_was_asked_for(
    server: TelegramServer, bot: telegram.Bot, ben: Person, dm: Chat
) -> None:
    mine, run = server.add_channel("Mine", "left", owner=ben), server.add_channel("Run", can_invite_users=False)
    server.join(ben, run, "administrator", can_promote_members=False)
    one, other = server.add_channel("One", "left"), server.add_channel("Two", can_post_messages=False)
    for channel in (one, other):
        server.join(ben, channel, "administrator", can_promote_members=False)
    asked = KeyboardButtonRequestChat(
        -8, chat_is_channel=True, user_administrator_rights=POSTING, bot_administrator_rights=POSTING
    )
    button = KeyboardButton("Channel", request_chat=asked)
    await bot.send_message(dm.id, "Choose", reply_markup=ReplyKeyboardMarkup([[button]]))
    for channel in (one, other):  # he may not let anybody post there who may not yet
        with pytest.raises(ValueError, match="not among"):
            server.share(ben, "Channel", channel)
    for channel, off in ((mine, {"can_post_messages"}), (run, set[str]())):
        shared = some(server.share(ben, "Channel", channel))["message"]
        assert shared["chat_shared"] == {"request_id": -8, "chat_id": channel.id}
        may = {right for right, held in channel.member(server.bot).items() if right.startswith("can_") and held}
        assert may == off if off else {"can_post_messages", "can_edit_messages", "can_delete_messages"} < may
    more = KeyboardButtonRequestChat(1, chat_is_channel=True, bot_administrator_rights=POSTING)
    keyboard = ReplyKeyboardMarkup([[KeyboardButton("Channel", request_chat=more)]])
    with pytest.raises(BadRequest):  # more for the bot than for whoever chooses
        await bot.send_message(dm.id, "Choose", reply_markup=keyboard)
