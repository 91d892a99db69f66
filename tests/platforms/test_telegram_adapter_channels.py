"""The Telegram adapter on the real wire: channels, what is pressed below their posts, and what becomes of them."""

from datetime import timedelta

import pytest

from bot.adapter import Delete, Edit, Gone, OpenThread, Refused, Send, Sent
from bot.adapters.telegram import Telegram
from bot.model import Account, Button, File, Happening, Menu, Ref, Reply, Server
from tests.platforms.telegram import Chat, Message, Person, TelegramServer
from tests.platforms.telegram_house import PIXEL, TelegramCore, ask, public


@pytest.fixture
def channel(server: TelegramServer, adapter: Telegram) -> Chat:
    """A channel where the bot may post, and nothing else."""
    return server.add_channel("News", can_edit_messages=False, can_delete_messages=False)


def of(chat: Chat) -> Server:
    """A channel as the core knows it."""
    return Server("telegram", str(chat.id))


async def post(server: TelegramServer, adapter: Telegram, channel: Chat, *buttons: Button | Menu) -> Message:
    """Post something with these buttons, each in a row of its own."""
    reply = Reply("A question for all.", tuple((button,) for button in buttons))
    assert isinstance(await adapter.deliver(Send(public(channel), reply, "n")), Sent)
    return server.messages(channel)[-1]


async def test_a_post_is_sent_changed_and_taken_back(server: TelegramServer, adapter: Telegram, channel: Chat) -> None:
    place = public(channel)
    sent = await adapter.deliver(Send(place, Reply("One.", ((Button("A", "a"),),)), "n"))
    (message,) = server.messages(channel)
    assert (message.text, message.buttons, message.from_bot) == ("One.", {"A": "1:a"}, True)
    assert "from" not in message.wire
    assert sent == Sent((Ref(place, str(message.id)),))
    for _ in range(2):
        assert await adapter.deliver(Edit(sent.refs[0], Reply("Two."))) == sent
    assert (message.text, message.buttons) == ("Two.", {})
    assert await adapter.deliver(OpenThread(place, "A title", sent.refs[0])) == sent
    for _ in range(2):
        assert await adapter.deliver(Delete(sent.refs[0])) == Sent()
    assert await adapter.deliver(Edit(sent.refs[0], Reply("Three."))) == Gone()
    picture = Reply("Four.", files=(File("a.png", PIXEL, "Alt."),))
    assert isinstance(await adapter.deliver(Send(place, picture, "m")), Sent)
    (message,) = server.messages(channel)
    assert (message.text, message.photo and message.photo.data) == ("Four.\n\nAlt.", PIXEL)


async def test_a_public_button_below_a_post_is_a_call_from_there(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, channel: Chat, ann: Person
) -> None:
    message = await post(server, adapter, channel, Button("All", "desk.take", ["7"]))
    press = server.press(ann, message, "All")
    assert (await press.answered()).get("url") is None
    answer = await server.next_message(channel, after=message)
    assert (answer.text, answer.reply_to) == ("desk.take|7|", message.id)
    (call,) = core.calls
    assert (call.account.id, call.place, call.server) == (str(ann.id), public(channel), str(channel.id))
    assert (call.action, call.args, call.message) == ("desk.take", ("7",), Ref(public(channel), str(message.id)))


async def test_a_private_button_below_a_post_opens_the_private_chat(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, channel: Chat, ann: Person
) -> None:
    buttons = (Button("Join", "join"), Button("Mine", "desk.mine", ["2"]))
    message = await post(server, adapter, channel, *buttons)
    answers = [await server.press(ann, message, label).answered() for label in ("Join", "Mine")]
    link = f"https://t.me/{server.bot_name}?start="
    assert [answer["url"] for answer in answers] == [f"{link}join", f"{link}1-desk--mine-2"]
    assert core.calls == []
    server.open_link(ann, answers[0]["url"])
    assert (await server.next_message(server.private(ann))).text == "Welcome."
    assert server.messages(channel) == [message]


async def test_a_menu_of_places_below_a_post_chooses_the_channel(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, channel: Chat, ann: Person
) -> None:
    message = await post(server, adapter, channel, Menu("Desk", "desk.channel", (), ("0",), "channel"))
    assert list(message.buttons) == ["Desk: here"]
    server.press(ann, message, "Desk: here")
    await core.until(lambda: core.calls)
    assert core.calls[0].args == ("0", str(channel.id))


async def test_what_is_posted_by_others_is_not_said_to_the_bot(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, channel: Chat, ann: Person
) -> None:
    message = await post(server, adapter, channel)
    owner = server.owner(channel)
    assert server.say(owner, channel, f"/tip@{server.bot_name}") is None  # it asks for none of that
    assert server.say(owner, channel, "as I see it", reply_to=message) is None
    await ask(server, ann, "/streak")
    assert [call.action for call in core.calls] == ["streak"]


async def test_what_becomes_of_the_bot_in_a_channel_is_told(
    server: TelegramServer, core: TelegramCore, adapter: Telegram
) -> None:
    channel = server.add_channel("News")
    server.join(server.bot, channel, "administrator", can_post_messages=False)
    server.join(server.bot, channel, "administrator")
    server.join(server.bot, channel, "left")
    server.join(server.bot, channel, "administrator")
    server.kick_bot(channel)
    await core.until(lambda: len(core.happenings) == 6)
    kinds = ("changed", "changed", "changed", "removed", "changed", "removed")
    assert core.happenings == [Happening(kind, server=of(channel)) for kind in kinds]


async def test_who_reads_a_channel_no_more_has_left_it(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, channel: Chat, ann: Person
) -> None:
    server.join(ann, channel)
    server.leave(ann, channel)
    await core.until(lambda: len(core.happenings) == 2)
    assert core.happenings[1] == Happening("left", Account("telegram", str(ann.id), "Ann", "en"), of(channel))
    assert server.messages(channel) == []


async def test_where_the_bot_may_not_post_or_is_not_any_more_nothing_arrives(
    server: TelegramServer, adapter: Telegram, channel: Chat
) -> None:
    sent = await adapter.deliver(Send(public(channel), Reply("One."), "n"))
    assert isinstance(sent, Sent)
    server.join(server.bot, channel, "administrator", can_post_messages=False)
    assert await adapter.deliver(Send(public(channel), Reply("Two."), "m")) == Refused("400 no-rights", here=True)
    server.kick_bot(channel)
    for what in (Send(public(channel), Reply("Two."), "m"), Edit(sent.refs[0], Reply("Two.")), Delete(sent.refs[0])):
        assert await adapter.deliver(what) == Gone()
    deleted = server.add_channel("Old")
    server.delete_group(deleted)
    assert await adapter.deliver(Send(public(deleted), Reply("Two."), "m")) == Gone()


async def test_what_stands_longer_than_two_days_is_taken_back_with_the_right_to_delete_what_others_posted(
    server: TelegramServer, adapter: Telegram, channel: Chat
) -> None:
    for hours, outcome in ((47, Sent()), (48, Refused("400 cannot-be-deleted"))):
        sent = await adapter.deliver(Send(public(channel), Reply("x"), "n"))
        assert isinstance(sent, Sent)
        server.age(server.messages(channel)[-1], timedelta(hours=hours))
        assert await adapter.deliver(Delete(sent.refs[0])) == outcome
    server.join(server.bot, channel, "administrator")
    assert await adapter.deliver(Delete(sent.refs[0])) == Sent()
