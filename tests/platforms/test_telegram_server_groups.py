"""The Telegram server under an unpatched `telegram.Bot`: groups and topics, and who cannot be written to."""

from datetime import timedelta

import pytest
import telegram
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.platforms.telegram import Chat, Person, TelegramServer
from tests.platforms.telegram_house import some


async def test_topics(server: TelegramServer, bot: telegram.Bot, ben: Person, forum: Chat) -> None:
    server.join(ben, forum)
    topic = await bot.create_forum_topic(forum.id, "Question 12")
    thread = topic.message_thread_id
    sent = await bot.send_message(forum.id, "Anyone?", message_thread_id=thread)
    assert sent.is_topic_message
    assert server.messages(forum)[-1].thread == thread
    assert server.messages(forum)[-1].reply_to is None
    update = some(server.say(ben, forum, "I will", thread=thread))
    assert update["message"]["reply_to_message"]["message_id"] == thread
    await bot.pin_chat_message(forum.id, sent.message_id)
    assert (await bot.get_chat(forum.id)).pinned_message == sent
    await bot.edit_forum_topic(forum.id, thread, name="Answered")
    await bot.close_forum_topic(forum.id, thread)
    assert (forum.topics[thread].name, forum.topics[thread].closed) == ("Answered", True)
    with pytest.raises(BadRequest, match=r"(?i)topic_not_modified"):
        await bot.close_forum_topic(forum.id, thread)
    await bot.delete_forum_topic(forum.id, thread)
    assert [m for m in server.messages(forum) if m.thread] == []
    theirs = server.add_topic(forum, "Off")
    server.delete_topic(forum, theirs)
    with pytest.raises(BadRequest, match=r"(?i)message thread not found"):
        await bot.send_message(forum.id, "x", message_thread_id=theirs.id)


async def test_privacy_mode(server: TelegramServer, bot: telegram.Bot, ben: Person) -> None:
    group = server.add_group("Friends")
    server.join(ben, group)
    ours = await bot.send_message(group.id, "Hello")
    assert server.say(ben, group, "just talking") is None
    assert server.say(ben, group, "see /help") is None
    assert server.say(ben, group, "/help@other_bot") is None
    assert server.say(ben, group, "/help")
    assert server.say(ben, group, "/help@unsent_test_bot")
    assert server.say(ben, group, "yes", reply_to=ours.message_id)
    assert [u["message"].get("text") for u in server.pending if "text" in u.get("message", {})] == [
        "/help",
        "/help@unsent_test_bot",
        "yes",
    ]
    with pytest.raises(BadRequest, match=r"(?i)message can't be deleted"):
        await bot.delete_message(group.id, server.messages(group)[-1].id)


async def test_nobody_to_speak_to(server: TelegramServer, bot: telegram.Bot, ben: Person, dm: Chat) -> None:
    async def refused(chat: Chat, words: str) -> None:
        with pytest.raises(Forbidden, match=words):
            await bot.send_message(chat.id, "x")

    await refused(server.private(server.add_user("Stranger")), "bot can't initiate conversation with a user")
    server.block(ben)
    await refused(dm, "bot was blocked by the user")
    server.unblock(ben)
    await bot.send_message(dm.id, "back")
    server.deactivate(ben)
    await refused(dm, "user is deactivated")
    group = server.add_group("Friends")
    server.kick_bot(group)
    await refused(group, "bot was kicked from the supergroup chat")
    left = server.add_group("Others", supergroup=False)
    await bot.leave_chat(left.id)
    await refused(left, "bot is not a member of the group chat")
    changes = [u.my_chat_member for u in await bot.get_updates() if u.my_chat_member]
    assert [(c.chat.id, c.new_chat_member.status) for c in changes] == [
        (dm.id, "kicked"),
        (dm.id, "member"),
        (group.id, "member"),
        (group.id, "kicked"),
        (left.id, "member"),
        (left.id, "left"),
    ]


async def test_group_that_moved(server: TelegramServer, bot: telegram.Bot) -> None:
    old = server.add_group("Friends", supergroup=False)
    new = server.migrate(old)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(old.id, "x")
    assert caught.value.new_chat_id == new.id
    sent = await bot.send_message(new.id, "x")
    assert sent.chat.type == "supergroup"
    told = [u.message for u in await bot.get_updates() if u.message]
    assert (told[-2].migrate_to_chat_id, told[-1].migrate_from_chat_id) == (new.id, old.id)


async def test_rights(server: TelegramServer, bot: telegram.Bot, ben: Person, forum: Chat) -> None:
    server.join(ben, forum)
    sent = await bot.send_message(forum.id, "x")
    ours = server.messages(forum)[-1]
    update = some(server.say(ben, forum, "y"))
    theirs = update["message"]["message_id"]
    server.join(server.bot, forum, "administrator", can_delete_messages=False, can_manage_topics=False)
    with pytest.raises(BadRequest, match=r"(?i)not enough rights to create a topic"):
        await bot.create_forum_topic(forum.id, "T")
    with pytest.raises(BadRequest, match=r"(?i)message can't be deleted$"):
        await bot.delete_message(forum.id, theirs)
    server.age(ours, timedelta(hours=49))
    with pytest.raises(BadRequest, match=r"(?i)message can't be deleted for everyone"):
        await bot.delete_message(forum.id, sent.message_id)
    server.join(server.bot, forum, "administrator")
    assert await bot.delete_messages(forum.id, [sent.message_id, theirs])
    server.join(server.bot, forum, "member")
    forum.permissions["can_send_messages"] = False
    permissions = (await bot.get_chat(forum.id)).permissions
    assert permissions
    assert (permissions.can_send_messages, permissions.can_send_photos) == (False, True)
    with pytest.raises(BadRequest, match=r"(?i)not enough rights to send text messages"):
        await bot.send_message(forum.id, "x")


async def test_who_remains_anonymous_is_nobody(server: TelegramServer, bot: telegram.Bot, forum: Chat) -> None:
    server.say_anonymously(forum, "/help")
    (update,) = await bot.get_updates()
    assert update.message
    assert update.message.from_user
    assert (update.message.from_user.username, update.message.sender_chat) == ("GroupAnonymousBot", update.message.chat)


async def test_a_group_that_was_deleted(server: TelegramServer, bot: telegram.Bot, forum: Chat) -> None:
    server.delete_group(forum)
    with pytest.raises(Forbidden, match="the group chat was deleted"):
        await bot.get_chat(forum.id)
