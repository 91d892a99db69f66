"""The Telegram adapter on the real wire: choosing places and people."""

from dataclasses import replace

import pytest

from bot.adapter import Edit, Send, Sent
from bot.adapters.telegram import Telegram
from bot.model import Happening, Ref, Reply, Server
from tests.platforms.telegram import Chat, Message, Person, TelegramServer
from tests.platforms.telegram_house import Start, TelegramCore, alone, ask, public


@pytest.fixture
def group(server: TelegramServer, ann: Person) -> Chat:
    """A group that both Ann and the bot are in."""
    group = server.add_group("Coaches")
    server.join(ann, group)
    return group


async def opens(server: TelegramServer, user: Person, message: Message, label: str) -> Message:
    """Press a menu's button; return what asks for the choice."""
    server.press(user, message, label)
    return await server.next_message(server.private(user), after=max(m.id for m in server.messages(message.chat)))


async def shares(server: TelegramServer, user: Person, label: str, chosen: Chat | Person) -> list[str]:
    """Choose with the keyboard; return the two messages that the bot says to it."""
    server.share(user, label, chosen)
    first = await server.next_message(server.private(user))
    return [first.text, (await server.next_message(server.private(user), after=first)).text]


async def test_a_menu_of_places_or_people_is_one_button_and_one_of_roles_is_none(
    server: TelegramServer, adapter: Telegram, ann: Person
) -> None:
    assert (await ask(server, ann, "/menus")).buttons == {
        "Desk": "c1:desk.channel:0",
        "Coach": "m1:desk.member:2",
        "Posts": "c1:desk.own:3",
        "Done": "1:desk.done",
    }
    alone = await ask(server, ann, "/roles")
    assert (alone.text, alone.markup) == ("Type them.", None)


async def test_a_group_is_chosen_among_those_that_the_bot_is_in(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person, group: Chat
) -> None:
    elsewhere = server.add_group("Elsewhere", bot="left")
    server.join(ann, elsewhere)
    message = await ask(server, ann, "/menus")
    asking = await opens(server, ann, message, "Desk")
    assert (asking.text, asking.reply_to, server.asks(ann)) == (
        "Which place?",
        message.id,
        ["Some group", "Some channel"],
    )
    with pytest.raises(ValueError, match="not among"):
        server.share(ann, "Some group", elsewhere)
    assert await shares(server, ann, "Some group", group) == ["Noted.", f"desk.channel|0|{group.id}|"]
    assert server.asks(ann) == []
    call = core.calls[-1]
    assert (call.place, call.account.id, call.message, call.args) == (
        alone(ann),
        str(ann.id),
        None,
        ("0", str(group.id)),
    )
    await core.until(lambda: call.id in core.done)


async def test_a_channel_is_chosen_among_those_where_whoever_chooses_may_post(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person, group: Chat
) -> None:
    channel, other = (server.add_channel(name) for name in ("News", "Other"))
    server.join(ann, other)
    server.join(ann, channel, "administrator", can_promote_members=False)
    await opens(server, ann, await ask(server, ann, "/menus"), "Desk")
    for label, chosen in (("Some channel", other), ("Some channel", group), ("Some group", channel)):
        with pytest.raises(ValueError, match="not among"):
            server.share(ann, label, chosen)
    assert await shares(server, ann, "Some channel", channel) == ["Noted.", f"desk.channel|0|{channel.id}|"]
    assert (server.asks(ann), core.calls[-1].args) == ([], ("0", str(channel.id)))


async def test_a_channel_that_the_bot_is_not_in_lets_it_post_there_and_nothing_else(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    channel = server.add_channel("News", "left", owner=ann)
    await opens(server, ann, await ask(server, ann, "/menus"), "Posts")
    assert await shares(server, ann, "Some channel", channel) == ["Noted.", f"desk.own|3|{channel.id}|"]
    member = channel.member(server.bot)
    assert [right for right, may in member.items() if right.startswith("can_") and may] == ["can_post_messages"]
    assert core.happenings == [Happening("changed", server=Server("telegram", str(channel.id)))]
    assert isinstance(await adapter.deliver(Send(public(channel), Reply("Hello."), "n")), Sent)


async def test_each_menu_of_a_message_is_asked_for_by_itself(
    server: TelegramServer, adapter: Telegram, ann: Person, group: Chat
) -> None:
    message = await ask(server, ann, "/menus")
    await opens(server, ann, message, "Posts")
    assert await shares(server, ann, "Some group", group) == ["Noted.", f"desk.own|3|{group.id}|"]


async def test_a_person_is_chosen(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    bo = server.add_user("Bo")
    asking = await opens(server, ann, await ask(server, ann, "/menus"), "Coach")
    assert asking.text == "Whom?"
    with pytest.raises(ValueError, match="not among"):
        server.share(ann, "Coach", server.bot)
    assert await shares(server, ann, "Coach", bo) == ["Noted.", f"desk.member|2|{bo.id}|"]


async def test_what_was_asked_before_a_restart_can_be_chosen_after_it(
    server: TelegramServer, core: TelegramCore, start: Start, ann: Person, group: Chat
) -> None:
    before = await start()
    await opens(server, ann, await ask(server, ann, "/menus"), "Desk")
    await before.stop()
    server.share(ann, "Some group", group)
    await start()
    await core.until(lambda: core.calls[-1].action == "desk.channel" and core.calls[-1].id in core.done)
    assert core.calls[-1].args == ("0", str(group.id))
    assert server.messages(server.private(ann))[-1].text == f"desk.channel|0|{group.id}|"


@pytest.mark.parametrize("edited", [True, False])
async def test_a_menu_that_is_gone_is_chosen_from_no_more(
    edited: bool, server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person, group: Chat
) -> None:
    message = await ask(server, ann, "/menus")
    await opens(server, ann, message, "Desk")
    if edited:
        assert isinstance(await adapter.deliver(Edit(Ref(alone(ann), str(message.id)), Reply("Done."))), Sent)
    else:
        server.remove(message)
    assert await shares(server, ann, "Some group", group) == ["Noted.", "That button is too old."]
    assert server.asks(ann) == []
    assert [call.action for call in core.calls] == ["menus"]


async def test_a_channel_that_was_asked_for_before_a_restart_can_be_chosen_after_it(
    server: TelegramServer, core: TelegramCore, start: Start, ann: Person
) -> None:
    before = await start()
    channel = server.add_channel("News", owner=ann)
    await opens(server, ann, await ask(server, ann, "/menus"), "Posts")
    await before.stop()
    server.share(ann, "Some channel", channel)
    await start()
    await core.until(lambda: core.calls[-1].action == "desk.own" and core.calls[-1].id in core.done)
    assert core.calls[-1].args == ("3", str(channel.id))


async def test_a_place_is_never_taken_for_a_person(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person, group: Chat
) -> None:
    asking = await opens(server, ann, await ask(server, ann, "/menus"), "Coach")
    request = (asking.markup or {})["keyboard"][0][0]["request_users"]["request_id"]
    server.post(ann, server.private(ann), {"chat_shared": {"request_id": request, "chat_id": group.id}})
    first = await server.next_message(server.private(ann))
    assert (await server.next_message(server.private(ann), after=first)).text == "That button is too old."
    assert [call.action for call in core.calls] == ["menus"]


async def test_a_choice_that_cannot_be_taken_now_can_be_made_again(
    server: TelegramServer, adapter: Telegram, ann: Person, group: Chat
) -> None:
    await opens(server, ann, await ask(server, ann, "/menus"), "Desk")
    server.fail("sendMessage", 502)
    server.share(ann, "Some group", group)
    await server.wait_for(lambda: server.calls("sendMessage")[-1].status == 502)
    assert await shares(server, ann, "Some group", group) == ["Noted.", f"desk.channel|0|{group.id}|"]


async def test_in_a_group_its_own_place_is_what_is_chosen(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    forum = server.add_group("Forum", forum=True)
    server.join(ann, forum)
    topic = server.add_topic(forum, "Desk")
    server.say(ann, forum, f"/menus@{server.bot_name}", thread=topic)
    message = await server.next_message(forum)
    assert list(message.buttons) == ["Desk: here", "Coach", "Posts: here", "Done"]
    server.press(ann, message, "Desk: here")
    answer = await server.next_message(forum, after=message)
    assert answer.text == f"desk.channel|0|{forum.id}/{topic.id}|"
    assert core.calls[-1].message == Ref(public(forum, topic.id), str(message.id))
    # What is not for all is chosen in private, as every private button of a group is answered there.
    answered = await server.press(ann, message, "Posts: here").answered()
    assert answered["url"] == f"https://t.me/{server.bot_name}?start=c1-desk--own-3"
    assert len(core.calls) == 2


async def test_an_edit_in_a_group_offers_its_own_place_too(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person, group: Chat
) -> None:
    tip = await ask(server, ann, "/tip", group)
    menus = await core.run(replace(core.calls[0], action="menus"))
    assert isinstance(menus, Reply)
    await adapter.deliver(Edit(Ref(public(group), str(tip.id)), menus))
    assert list(tip.buttons) == ["Desk: here", "Coach", "Posts: here", "Done"]


async def test_a_person_is_chosen_in_private_when_asked_for_in_a_group(
    server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person, group: Chat
) -> None:
    message = await ask(server, ann, f"/menus@{server.bot_name}", group)
    answered = await server.press(ann, message, "Coach").answered()
    link = f"https://t.me/{server.bot_name}?start="
    assert answered["url"] == f"{link}m1-desk--member-2"
    assert [call.action for call in core.calls] == ["menus"]
    strayed = await ask(server, ann, f"/start@{server.bot_name} m1-desk--member-2", group)
    assert strayed.buttons == {"Open": f"{link}join"}
    offered = await ask(server, ann, f"/start {answered['url'].removeprefix(link)}")
    assert (offered.text, offered.buttons) == ("That is between us.", {"Choose it": "m1:desk.member:2"})
    await opens(server, ann, offered, "Choose it")
    assert await shares(server, ann, "Choose it", ann) == ["Noted.", f"desk.member|2|{ann.id}|"]


@pytest.mark.parametrize("forged", ["c2-desk--own", "x1-desk--own", "m1-", f"c1-{'a' * 61}"])
async def test_a_start_payload_that_is_no_menu_is_the_way_in(
    forged: str, server: TelegramServer, core: TelegramCore, adapter: Telegram, ann: Person
) -> None:
    await ask(server, ann, f"/start {forged}")
    assert [call.action for call in core.calls] == ["join"]
