"""The Telegram adapter on the real wire: who somebody is in a group, what a group is, and what the bot lacks there."""

from datetime import timedelta

import pytest

from bot.adapter import Delete, Edit, Gone, Look, Need, OpenThread, Refused, Send, Sent
from bot.adapters.telegram import Telegram
from bot.model import Account, File, Place, Ref, Reply, Role, Server
from tests.platforms.telegram import Chat, Person, TelegramServer
from tests.platforms.telegram_house import PIXEL, Start, alone, public

ANYONE = frozenset({Role.ANYONE})
MEMBER = ANYONE | {Role.MEMBER}
COACH = MEMBER | {Role.COACH}
OWNER = MEMBER | {Role.OWNER}
NEEDS: frozenset[Need] = frozenset({"send", "files", "delete", "threads", "history"})


@pytest.fixture
def group(server: TelegramServer) -> Chat:
    """A group that the bot is a plain member of."""
    return server.add_group("Desk")


def of(chat: Chat) -> Server:
    """A group as the core knows it."""
    return Server("telegram", str(chat.id))


def account(person: Person) -> Account:
    """Somebody's account."""
    return Account("telegram", str(person.id))


@pytest.mark.parametrize(
    ("status", "rights", "there", "in_it"),
    [
        ("member", {}, COACH, MEMBER),
        ("restricted", {"can_send_messages": True}, COACH, MEMBER),
        ("restricted", {}, MEMBER, MEMBER),
        ("restricted", {"is_member": False, "can_send_messages": True}, ANYONE, ANYONE),
        ("administrator", {}, COACH | OWNER, OWNER),
        ("left", {}, ANYONE, ANYONE),
        ("kicked", {}, ANYONE, ANYONE),
    ],
)
async def test_authority_is_what_telegram_says_now(
    status: str,
    rights: dict[str, bool],
    there: frozenset[Role],
    in_it: frozenset[Role],
    server: TelegramServer,
    adapter: Telegram,
    ann: Person,
    group: Chat,
) -> None:
    for _ in range(2):
        assert await adapter.authority(account(ann), public(group)) == ANYONE
        server.join(ann, group, status, **rights)
        assert await adapter.authority(account(ann), public(group)) == there
        assert await adapter.authority(account(ann), public(group), "a role") == there - {Role.COACH}
        assert await adapter.authority(account(ann), of(group)) == in_it
        server.join(ann, group, "left")


async def test_a_group_belongs_to_who_made_it(server: TelegramServer, adapter: Telegram, group: Chat) -> None:
    assert await adapter.authority(account(server.owner(group)), public(group)) == COACH | OWNER


async def test_where_the_others_may_not_write_administrators_alone_can_coach(
    server: TelegramServer, adapter: Telegram, ann: Person, group: Chat
) -> None:
    group.permissions["can_send_messages"] = False
    server.join(ann, group)
    assert await adapter.authority(account(ann), public(group)) == MEMBER
    server.join(ann, group, "restricted", can_send_messages=True)
    assert await adapter.authority(account(ann), public(group)) == MEMBER
    server.join(ann, group, "administrator")
    assert await adapter.authority(account(ann), public(group)) == COACH | OWNER


@pytest.mark.parametrize("why", ["user not found", "member not found", "PARTICIPANT_ID_INVALID"])
async def test_of_somebody_telegram_does_not_find_nothing_is_known(
    why: str, server: TelegramServer, adapter: Telegram, ann: Person, group: Chat
) -> None:
    server.fail("getChatMember", 400, description=f"Bad Request: {why}")
    assert await adapter.authority(account(ann), of(group)) == frozenset()


async def test_where_telegram_cannot_tell_nobody_is_anybody(
    server: TelegramServer, adapter: Telegram, group: Chat
) -> None:
    owner = account(server.owner(group))
    for method, status, words in (
        ("getChatMember", 500, None),
        ("getChatMember", 400, "Bad Request: CHAT_ADMIN_REQUIRED"),
        ("getChatMember", 400, "Bad Request: chat not found"),
    ):
        server.fail(method, status, description=words)
        assert await adapter.authority(owner, of(group)) == frozenset()
    assert await adapter.authority(owner, Server("telegram", "name")) == frozenset()
    assert await adapter.authority(owner, owner.private) == frozenset()
    server.kick_bot(group)
    assert await adapter.authority(owner, public(group)) == frozenset()


async def test_a_look_at_a_group_and_at_its_topics(server: TelegramServer, adapter: Telegram, group: Chat) -> None:
    forum = server.add_group("Forum", forum=True)
    topic = server.add_topic(forum, "Questions")
    start = f"https://t.me/{server.bot_name}?start="
    for at in (of(forum), public(forum), public(forum, topic.id)):
        seen = await adapter.look(at, NEEDS)
        assert seen == Look(of(forum), "Forum", "Forum", open=True, start=start)
    seen = await adapter.look(of(group), frozenset())
    assert seen == Look(of(group), "Desk", "Desk", open=True, start=start)


async def test_a_look_at_what_is_not_there(server: TelegramServer, adapter: Telegram, ann: Person, group: Chat) -> None:
    gone = [Place("telegram", "-99"), Server("telegram", "name"), Server("telegram", str(ann.id))]
    kicked, deleted, left = (server.add_group(name) for name in "KDL")
    server.kick_bot(kicked)
    server.delete_group(deleted)
    server.join(server.bot, left, "left")
    for at in (*gone, of(kicked), public(deleted), of(left)):
        assert await adapter.look(at, NEEDS) == Gone()
    server.join(server.bot, group, "restricted", is_member=False)
    assert await adapter.look(of(group), NEEDS) == Gone()


async def test_a_look_that_telegram_does_not_answer(
    server: TelegramServer, adapter: Telegram, ann: Person, group: Chat
) -> None:
    assert await adapter.look(alone(ann), NEEDS) is None
    for method in ("getChat", "getChatMember"):
        server.fail(method, 500)
        assert await adapter.look(of(group), NEEDS) is None
    basic = server.add_group("B", supergroup=False)
    server.migrate(basic)
    assert await adapter.look(of(basic), NEEDS) is None


async def test_a_look_before_the_bot_knows_itself(server: TelegramServer, start: Start, group: Chat) -> None:
    server.fail("getMe", 500)
    adapter = await start()
    assert await adapter.look(of(group), NEEDS) is None


TEXT, PICTURE, PAPER = Reply("x"), Reply("x", files=(File("a.png", PIXEL),)), Reply("x", files=(File("a.txt", b"a"),))


@pytest.mark.parametrize(
    ("need", "status", "right", "reply"),
    [
        ("send", "member", "send_messages", TEXT),
        ("files", "member", "send_photos", PICTURE),
        ("files", "member", "send_documents", PAPER),
        ("send", "restricted", "own_send_messages", TEXT),
        ("files", "restricted", "own_send_photos", PICTURE),
        ("files", "restricted", "own_send_documents", PAPER),
    ],
)
async def test_a_permission_that_is_off_is_named_and_needed(
    need: Need, status: str, right: str, reply: Reply, server: TelegramServer, adapter: Telegram, group: Chat
) -> None:
    needs: frozenset[Need] = frozenset({"send", "files", "history"})
    off = f"can_{right.removeprefix('own_')}"
    sending = dict.fromkeys(("can_send_messages", "can_send_photos", "can_send_documents"), True)
    server.join(server.bot, group, status, **(sending | {off: False} if status == "restricted" else {}))
    group.permissions[off] = status == "restricted"
    seen = await adapter.look(public(group), needs)
    assert isinstance(seen, Look)
    assert seen.missing == (f"switch-telegram-{right}",)
    other = await adapter.look(public(group), needs - {need})
    assert isinstance(other, Look)
    assert other.missing == ()
    send = Send(public(group), reply, "n")
    assert await adapter.deliver(send) == Refused("400 no-rights", here=True)
    # An administrator may whatever the others may not.
    server.join(server.bot, group, "administrator")
    assert isinstance(await adapter.deliver(send), Sent)
    seen = await adapter.look(public(group), needs)
    assert isinstance(seen, Look)
    assert seen.missing == ()


async def test_what_is_off_for_all_is_switched_on_before_what_is_off_for_the_bot(
    server: TelegramServer, adapter: Telegram, group: Chat
) -> None:
    server.join(server.bot, group, "restricted")
    group.permissions |= dict.fromkeys(group.permissions, False)
    seen = await adapter.look(public(group), frozenset[Need]({"files"}))
    assert isinstance(seen, Look)
    rights = ("send_photos", "send_documents", "own_send_photos", "own_send_documents")
    assert seen.missing == tuple(f"switch-telegram-{right}" for right in rights)


@pytest.mark.parametrize(
    ("need", "status", "rights", "off"),
    [
        ("delete", "member", {}, ("administrator", "delete_messages")),
        ("delete", "administrator", {"can_delete_messages": False}, ("delete_messages",)),
    ],
)
async def test_a_right_of_administrators_is_named_and_needed(
    need: Need, status: str, rights: dict[str, bool], off: tuple[str, ...], server: TelegramServer, adapter: Telegram
) -> None:
    forum = server.add_group("F", forum=True)
    sent = await adapter.deliver(Send(public(forum), Reply("x"), "n"))
    assert isinstance(sent, Sent)
    server.age(server.messages(forum)[-1], timedelta(hours=48))
    server.join(server.bot, forum, status, **rights)
    # As an administrator it may send, so what is off there does not matter.
    forum.permissions["can_send_messages"] = False
    seen = await adapter.look(public(forum), frozenset[Need]({need, "send"}))
    assert isinstance(seen, Look)
    assert seen.missing == tuple(f"switch-telegram-{right}" for right in off)
    delete = Delete(sent.refs[0])
    assert await adapter.deliver(delete) == Refused("400 cannot-be-deleted")
    server.join(server.bot, forum, "administrator")
    assert isinstance(await adapter.deliver(delete), Sent)


async def test_to_be_answered_below_what_it_says_takes_nothing(
    server: TelegramServer, adapter: Telegram, group: Chat
) -> None:
    for chat in (group, server.add_group("F", forum=True, bot="member"), server.add_channel("C")):
        seen = await adapter.look(public(chat), frozenset[Need]({"send", "threads"}))
        assert isinstance(seen, Look)
        assert seen.missing == ()
        sent = await adapter.deliver(Send(public(chat), Reply("x"), "n"))
        assert isinstance(sent, Sent)
        before = len(server.requests)
        assert await adapter.deliver(OpenThread(public(chat), "A title", sent.refs[0])) == sent
        assert len(server.requests) == before


async def test_a_topic_of_its_own_takes_topics_and_the_right_to_manage_them(
    server: TelegramServer, adapter: Telegram, group: Chat
) -> None:
    forum = server.add_group("F", forum=True)
    assert isinstance(await adapter.deliver(OpenThread(public(forum), "T")), Sent)
    server.join(server.bot, forum, "administrator", can_manage_topics=False)
    assert await adapter.deliver(OpenThread(public(forum), "T")) == Refused("400 no-rights", here=True)
    for chat in (group, server.add_channel("C")):
        assert await adapter.deliver(OpenThread(public(chat), "T")) == Refused("400 not-a-forum", here=True)


async def test_for_two_days_the_bot_deletes_what_it_said_by_itself(
    server: TelegramServer, adapter: Telegram, group: Chat
) -> None:
    for hours, done in ((47, Sent()), (48, Refused("400 cannot-be-deleted"))):
        sent = await adapter.deliver(Send(public(group), Reply("x"), "n"))
        assert isinstance(sent, Sent)
        server.age(server.messages(group)[-1], timedelta(hours=hours))
        assert await adapter.deliver(Delete(Ref(public(group), sent.refs[0].message))) == done


# -- channels


async def test_a_channel_is_a_place_that_all_read_and_a_server_of_its_own(
    server: TelegramServer, adapter: Telegram
) -> None:
    channel = server.add_channel("News")
    start = f"https://t.me/{server.bot_name}?start="
    for at in (of(channel), public(channel)):
        seen = await adapter.look(at, NEEDS)
        assert seen == Look(of(channel), "News", "News", open=True, start=start, one_way=True)


@pytest.mark.parametrize(
    ("status", "rights", "found"),
    [
        ("member", {}, MEMBER),
        ("administrator", {}, OWNER),
        ("administrator", {"can_post_messages": False}, OWNER),
        ("left", {}, ANYONE),
        ("kicked", {}, ANYONE),
    ],
)
async def test_who_runs_a_channel_owns_it_and_nobody_coaches_there(
    status: str,
    rights: dict[str, bool],
    found: frozenset[Role],
    server: TelegramServer,
    adapter: Telegram,
    ann: Person,
) -> None:
    channel = server.add_channel("News")
    server.join(ann, channel, status, **rights)
    for at in (of(channel), public(channel)):
        assert await adapter.authority(account(ann), at) == found
        assert await adapter.authority(account(server.owner(channel)), at) == OWNER


@pytest.mark.parametrize(
    ("need", "right", "reply"),
    [
        ("send", "post_messages", TEXT),
        ("files", "post_messages", PICTURE),
        ("files", "post_messages", PAPER),
        ("delete", "delete_messages", TEXT),
    ],
)
async def test_a_right_that_is_off_in_a_channel_is_named_and_needed(
    need: Need, right: str, reply: Reply, server: TelegramServer, adapter: Telegram
) -> None:
    channel = server.add_channel("News")
    sent = await adapter.deliver(Send(public(channel), reply, "n"))
    assert isinstance(sent, Sent)
    server.age(server.messages(channel)[-1], timedelta(hours=48))
    server.join(server.bot, channel, "administrator", **{f"can_{right}": False})
    seen = await adapter.look(public(channel), frozenset[Need]({need, "history", "threads"}))
    assert isinstance(seen, Look)
    assert seen.missing == (f"switch-telegram-channel_{right}",)
    other = await adapter.look(public(channel), NEEDS - {"send", "files"} if need != "delete" else NEEDS - {need})
    assert isinstance(other, Look)
    assert other.missing == ()
    if need == "delete":
        assert await adapter.deliver(Delete(sent.refs[0])) == Refused("400 cannot-be-deleted")
    else:
        assert await adapter.deliver(Send(public(channel), reply, "m")) == Refused("400 no-rights", here=True)
    server.join(server.bot, channel, "administrator")
    assert isinstance(await adapter.deliver(Send(public(channel), reply, "m")), Sent)
    assert await adapter.deliver(Delete(sent.refs[0])) == Sent()


async def test_who_may_post_changes_it_and_for_two_days_takes_it_back(
    server: TelegramServer, adapter: Telegram
) -> None:
    off = {"can_edit_messages": False, "can_delete_messages": False}
    channel = server.add_channel("News", **off)
    sent = await adapter.deliver(Send(public(channel), Reply("x"), "n"))
    assert isinstance(sent, Sent)
    (message,) = server.messages(channel)
    assert await adapter.deliver(Edit(sent.refs[0], Reply("y"))) == sent
    assert message.text == "y"
    server.join(server.bot, channel, "administrator", can_post_messages=False, **off)
    assert await adapter.deliver(Edit(sent.refs[0], Reply("z"))) == Refused("400 no-rights", here=True)
    assert await adapter.deliver(Delete(sent.refs[0])) == Refused("400 cannot-be-deleted")
    server.join(server.bot, channel, "administrator", **off)
    assert await adapter.deliver(Delete(sent.refs[0])) == Sent()
    assert server.messages(channel) == []


async def test_a_channel_that_the_bot_is_not_in_is_gone(server: TelegramServer, adapter: Telegram, ann: Person) -> None:
    outside, kicked, deleted = server.add_channel("O", "left"), server.add_channel("K"), server.add_channel("D")
    server.kick_bot(kicked)
    server.delete_group(deleted)
    for channel in (outside, kicked, deleted):
        assert await adapter.look(public(channel), NEEDS) == Gone()
        assert await adapter.deliver(Send(public(channel), TEXT, "n")) == Gone()
        assert await adapter.authority(account(ann), of(channel)) == frozenset()


@pytest.mark.parametrize("why", ["member list is inaccessible", "CHAT_ADMIN_REQUIRED"])
async def test_a_public_channel_that_the_bot_is_not_in_can_be_seen_and_is_gone_all_the_same(
    why: str, server: TelegramServer, adapter: Telegram, group: Chat
) -> None:
    for chat, seen in ((server.add_channel("News"), Gone()), (group, None)):
        server.fail("getChatMember", 400, description=f"Bad Request: {why}")
        assert await adapter.look(public(chat), NEEDS) == seen
