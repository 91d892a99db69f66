"""The Discord adapter on the real wire: who may do what where, and which switches are off that the bot needs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapter import Delete, Edit, Gone, Look, Need, OpenThread, Outcome, Refused, Send, Sent
from bot.model import Account, File, Place, Reply, Role, Server
from tests.platforms.discord import FORUM, MEDIA, Channel, Permission
from tests.platforms.discord.objects import EVERYONE, GUILD_NEWS
from tests.platforms.discord_house import House, open_house

NEEDS: frozenset[Need] = frozenset[Need]({"send", "files", "threads", "delete", "history"})
NOBODY, PERSON = {Role.ANYONE}, {Role.ANYONE, Role.MEMBER}
P = Permission


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        await house.run()
        house.server.set_role(house.guild, house.guild.roles[0], EVERYONE | P.MANAGE_THREADS)
        yield house


def spot(house: House, kind: str) -> tuple[Place, Channel]:
    """A place of a kind, and the channel whose rights it has."""
    parent = house.desk
    if kind == "news":
        parent = house.server.add_channel(house.guild, "news", GUILD_NEWS)
    elif kind in ("forum", "post"):
        parent = house.server.add_channel(house.guild, "questions", FORUM)
    elif kind in ("media", "media post"):
        parent = house.server.add_channel(house.guild, "pictures", MEDIA)
    elif kind == "news thread":
        parent = house.server.add_channel(house.guild, "news", GUILD_NEWS)
    if kind not in ("thread", "private thread", "post", "media post", "news thread"):
        return Place("discord", str(parent.id)), parent
    thread = house.server.add_thread(parent, "Aside", house.owner, private=kind == "private thread")
    return Place("discord", str(parent.id), str(thread.id)), parent


async def seen(house: House, place: Place, needs: frozenset[Need] = NEEDS) -> tuple[str, ...]:
    """The switches that are off there."""
    found = await house.bot.look(place, needs)
    assert isinstance(found, Look)
    return tuple(key.removeprefix("switch-discord-") for key in found.missing)


async def says(house: House, place: Place) -> Outcome:
    return await house.bot.deliver(Send(place, Reply("Hello."), "n"))


async def says_much(house: House, place: Place) -> Outcome:
    return await house.bot.deliver(Send(place, Reply("much " * 500), "n"))


async def shows(house: House, place: Place) -> Outcome:
    return await house.bot.deliver(Send(place, Reply("Look.", files=(File("a.png", b"x"),)), "n"))


async def opens(house: House, place: Place) -> Outcome:
    return await house.bot.deliver(OpenThread(place, "Question 7"))


async def opens_below(house: House, place: Place) -> Outcome:
    sent = await says(house, place)
    assert isinstance(sent, Sent)
    return await house.bot.deliver(OpenThread(place, "Question 7", sent.refs[0]))


async def opens_and_says(house: House, place: Place) -> Outcome:
    opened = await opens(house, place)
    assert isinstance(opened, Sent)
    return await says(house, opened.refs[0].place)


# ---------------------------------------------------------------- what the bot lacks

Doing = Callable[[House, Place], Awaitable[Outcome]]


@pytest.mark.parametrize(
    ("kind", "off", "switch", "do", "code"),
    [
        ("text", P.VIEW_CHANNEL, "view_channel", says, "50001"),
        ("text", P.SEND_MESSAGES, "send_messages", says, "50013"),
        ("text", P.EMBED_LINKS, "embed_links", says_much, "50013"),
        ("text", P.ATTACH_FILES, "attach_files", shows, "50013"),
        ("text", P.CREATE_PUBLIC_THREADS, "create_public_threads", opens, "50013"),
        ("text", P.CREATE_PUBLIC_THREADS, "create_public_threads", opens_below, "50013"),
        ("text", P.SEND_MESSAGES_IN_THREADS, "send_messages_in_threads", opens_and_says, "50013"),
        ("news", P.VIEW_CHANNEL, "view_channel", says, "50001"),
        ("news", P.SEND_MESSAGES, "send_messages", says, "50013"),
        ("news", P.EMBED_LINKS, "embed_links", says_much, "50013"),
        ("news", P.ATTACH_FILES, "attach_files", shows, "50013"),
        ("news", P.CREATE_PUBLIC_THREADS, "create_public_threads", opens_below, "50013"),
        ("news", P.SEND_MESSAGES_IN_THREADS, "send_messages_in_threads", opens_and_says, "50013"),
        ("forum", P.VIEW_CHANNEL, "view_channel", says, "50001"),
        ("forum", P.SEND_MESSAGES, "create_posts", says, "50013"),
        ("forum", P.EMBED_LINKS, "embed_links", says_much, "50013"),
        ("forum", P.ATTACH_FILES, "attach_files", shows, "50013"),
        ("media", P.VIEW_CHANNEL, "view_channel", says, "50001"),
        ("media", P.SEND_MESSAGES, "create_posts", says, "50013"),
        ("media", P.EMBED_LINKS, "embed_links", says_much, "50013"),
        ("media", P.ATTACH_FILES, "attach_files", shows, "50013"),
        ("thread", P.VIEW_CHANNEL, "view_channel", says, "50001"),
        ("thread", P.SEND_MESSAGES_IN_THREADS, "send_messages_in_threads", says, "50013"),
        ("thread", P.EMBED_LINKS, "embed_links", says_much, "50013"),
        ("thread", P.ATTACH_FILES, "attach_files", shows, "50013"),
        ("post", P.SEND_MESSAGES_IN_THREADS, "send_messages_in_threads", says, "50013"),
        ("media post", P.SEND_MESSAGES_IN_THREADS, "send_messages_in_threads", says, "50013"),
        ("news thread", P.VIEW_CHANNEL, "view_channel", says, "50001"),
        ("news thread", P.SEND_MESSAGES_IN_THREADS, "send_messages_in_threads", says, "50013"),
        ("news thread", P.EMBED_LINKS, "embed_links", says_much, "50013"),
        ("news thread", P.ATTACH_FILES, "attach_files", shows, "50013"),
        ("private thread", P.VIEW_CHANNEL, "view_channel", says, "50001"),
        ("private thread", P.SEND_MESSAGES_IN_THREADS, "send_messages_in_threads", says, "50013"),
        ("private thread", P.MANAGE_THREADS, "manage_threads", says, "50001"),
    ],
)
async def test_each_switch_that_is_off_is_named_and_needed(
    house: House, kind: str, off: Permission, switch: str, do: Doing, code: str
) -> None:
    place, parent = spot(house, kind)
    assert await seen(house, place) == ()
    house.server.set_overwrite(parent, house.guild, deny=off)
    assert await seen(house, place) == (switch,)
    assert await do(house, place) == Refused(code, here=True)


@pytest.mark.parametrize(
    ("kind", "off"),
    [
        ("text", ("create_public_threads",)),
        ("news", ("create_public_threads",)),
        ("forum", ()),
        ("media", ()),
        ("thread", ()),
        ("post", ()),
        ("news thread", ()),
    ],
)
async def test_only_where_a_thread_is_opened_a_message_that_is_answered_needs_more(
    house: House, kind: str, off: tuple[str, ...]
) -> None:
    place, parent = spot(house, kind)
    house.server.set_overwrite(parent, house.guild, deny=P.CREATE_PUBLIC_THREADS)
    assert await seen(house, place, frozenset({"send", "threads"})) == off
    assert await seen(house, place, frozenset({"send"})) == ()
    sent = await says(house, place)
    assert isinstance(sent, Sent)
    opened = await house.bot.deliver(OpenThread(place, "Question 7", sent.refs[0]))
    assert opened == (Refused("50013", here=True) if off else sent)


async def test_without_the_history_what_may_have_been_said_is_said_twice(house: House) -> None:
    house.server.nonce_window = 0.0
    send = house.at(house.desk, tried=house.clock.now() - timedelta(minutes=3))
    await house.bot.deliver(send)
    house.server.set_overwrite(house.desk, house.guild, deny=P.READ_MESSAGE_HISTORY)
    assert await seen(house, send.place) == ("read_message_history",)
    assert isinstance(await house.bot.deliver(send), Sent)
    assert len(house.server.messages(house.desk)) == 2


async def test_without_the_history_a_post_that_may_be_there_cannot_be_found(house: House) -> None:
    place, forum = spot(house, "forum")
    send = house.at(forum, tried=house.clock.now())
    await house.bot.deliver(send)
    house.server.set_overwrite(forum, house.guild, deny=P.READ_MESSAGE_HISTORY)
    assert await seen(house, place) == ("read_message_history",)
    assert await house.bot.deliver(send) == Refused("50013", here=True)


async def test_without_writing_in_posts_an_archived_one_cannot_be_edited(house: House) -> None:
    place, forum = spot(house, "forum")
    posted = await says(house, place)
    assert isinstance(posted, Sent)
    house.server.archive(house.server.channels[int(posted.refs[0].message)])
    house.server.set_overwrite(forum, house.guild, deny=P.SEND_MESSAGES_IN_THREADS)
    assert await seen(house, place, frozenset({"send"})) == ("send_messages_in_threads",)
    assert await house.bot.deliver(Edit(posted.refs[0], Reply("Taken."))) == Refused("50013", here=True)


async def test_without_managing_threads_a_post_stays_behind_empty(house: House) -> None:
    place, forum = spot(house, "forum")
    posted = await says(house, place)
    assert isinstance(posted, Sent)
    house.server.set_overwrite(forum, house.guild, deny=P.MANAGE_THREADS)
    assert await seen(house, place, NEEDS - {"delete"}) == ()
    assert await seen(house, place) == ("manage_threads",)
    assert await house.bot.deliver(Delete(posted.refs[0])) == Sent()
    post = house.server.channels[int(posted.refs[0].message)]
    assert house.server.messages(post) == []


async def test_a_locked_thread_is_opened_by_who_manages_threads_alone(house: House) -> None:
    place, parent = spot(house, "thread")
    house.server.archive(house.server.channels[int(place.thread or "")], locked=True)
    assert await seen(house, place) == ()
    house.server.set_overwrite(parent, house.guild, deny=P.MANAGE_THREADS)
    assert await seen(house, place) == ("manage_threads",)
    assert await says(house, place) == Refused("50013", here=True)


async def test_a_private_thread_that_the_bot_was_let_into_needs_no_more(house: House) -> None:
    place, parent = spot(house, "private thread")
    house.server.set_overwrite(parent, house.guild, deny=P.MANAGE_THREADS)
    found = await house.bot.look(place, NEEDS)
    assert isinstance(found, Look)
    assert found.name == "#desk"  # its own name is not for the bot to see
    house.server.let_in(house.server.bot, house.server.channels[int(place.thread or "")])
    assert await seen(house, place) == ()
    assert isinstance(await says(house, place), Sent)


@pytest.mark.parametrize("kind", ["forum", "media"])
async def test_a_forum_that_wants_tags_is_told(house: House, kind: str) -> None:
    place, forum = spot(house, kind)
    forum.require_tag = True
    assert await seen(house, place) == ("require_tag",)
    assert await says(house, place) == Refused("40067", here=True)
    _, posts = spot(house, "post")
    posts.require_tag = True
    assert await seen(house, Place("discord", str(posts.id)), frozenset({"history"})) == ()


async def test_a_bot_that_is_timed_out_is_told_and_nothing_else(house: House) -> None:
    place, _ = spot(house, "text")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    house.server.time_out(house.server.bot, house.guild, tomorrow.isoformat())
    assert await seen(house, place) == ("timeout",)
    assert await seen(house, place, frozenset({"history"})) == ()
    assert await says(house, place) == Refused("50013", here=True)
    house.server.time_out(house.server.bot, house.guild, None)
    assert await seen(house, place) == ()


async def test_all_that_is_off_is_named_in_the_order_of_switching_it_on(house: House) -> None:
    house.server.set_overwrite(house.desk, house.guild, deny=(1 << 50) - 1)
    assert await seen(house, Place("discord", str(house.desk.id))) == (
        "view_channel",
        "send_messages",
        "send_messages_in_threads",
        "embed_links",
        "attach_files",
        "read_message_history",
        "create_public_threads",
    )
    assert await seen(house, Place("discord", str(house.desk.id)), frozenset()) == ("view_channel",)


async def test_what_is_allowed_to_the_bot_itself_or_by_a_role_counts(house: House) -> None:
    place, desk = spot(house, "text")
    role = house.server.add_role(house.guild, "Helpers")
    house.server.join(house.server.bot, house.guild, [role])
    house.server.set_overwrite(desk, house.guild, deny=P.SEND_MESSAGES | P.EMBED_LINKS)
    house.server.set_overwrite(desk, role, allow=P.SEND_MESSAGES)
    assert await seen(house, place) == ("embed_links",)
    house.server.set_overwrite(desk, house.server.bot, allow=P.EMBED_LINKS, deny=P.SEND_MESSAGES)
    assert await seen(house, place) == ("send_messages",)
    house.server.set_role(house.guild, role, P.ADMINISTRATOR)
    assert await seen(house, place) == ()


# ---------------------------------------------------------------- what a place is


async def test_a_place_says_where_it_is_and_what_it_is_called(house: House) -> None:
    server, home = Server("discord", str(house.guild.id)), "Harbour"
    for kind, name in (
        ("text", "#desk"),
        ("news", "#news"),
        ("forum", "#questions"),
        ("media", "#pictures"),
        ("thread", "Aside"),
        ("post", "Aside"),
        ("news thread", "Aside"),
    ):
        place, _ = spot(house, kind)
        assert await house.bot.look(place, NEEDS) == Look(server, name, home, open=True)
    assert await house.bot.look(server, NEEDS) == Look(server, home, home)
    assert await house.bot.look(Account("discord", "1").private, NEEDS) is None


@pytest.mark.parametrize("kind", ["text", "news", "forum", "media", "thread"])
async def test_whether_everybody_reads_a_place_follows_the_rights_of_everybody(house: House, kind: str) -> None:
    place, channel = spot(house, kind)
    everybody, bot = house.guild.id, house.server.bot.id

    async def is_open() -> bool:
        found = await house.bot.look(place, NEEDS)
        assert isinstance(found, Look)
        return found.open

    assert await is_open()
    channel.overwrites |= {everybody: (False, 0, int(P.VIEW_CHANNEL)), bot: (True, int(P.VIEW_CHANNEL), 0)}
    assert not await is_open()
    house.server.set_role(house.guild, house.guild.roles[0], EVERYONE & ~P.VIEW_CHANNEL)
    channel.overwrites[everybody] = (False, int(P.VIEW_CHANNEL), 0)
    assert await is_open()
    del channel.overwrites[everybody]
    assert not await is_open()


async def test_a_private_thread_is_for_those_who_are_in_it(house: House) -> None:
    place, _ = spot(house, "private thread")
    found = await house.bot.look(place, NEEDS)
    assert isinstance(found, Look)
    assert not found.open


async def test_what_is_not_there_is_gone(house: House) -> None:
    place, desk = spot(house, "thread")
    house.server.delete_channel(house.server.channels[int(place.thread or "")])
    assert await house.bot.look(place, NEEDS) == Gone()
    house.server.delete_channel(desk)
    assert await house.bot.look(Place("discord", str(desk.id)), NEEDS) == Gone()
    assert await house.bot.look(Place("discord", "1"), NEEDS) == Gone()
    assert await house.bot.look(Server("discord", "1"), NEEDS) == Gone()


async def test_where_the_bot_was_thrown_out_all_is_gone(house: House) -> None:
    place, _ = spot(house, "text")
    house.server.kick_bot(house.guild)
    await house.core.until(lambda: house.core.happenings[-1:] and house.core.happenings[-1].kind == "removed")
    assert await house.bot.look(place, NEEDS) == Gone()
    assert await house.bot.look(Server("discord", str(house.guild.id)), NEEDS) == Gone()


async def test_what_discord_cannot_tell_is_not_said(house: House) -> None:
    place, server = Place("discord", str(house.desk.id)), Server("discord", str(house.guild.id))
    for at, path in ((place, "/channels/"), (place, "/members/"), (place, "/guilds/"), (server, "/guilds/")):
        house.server.fail("GET", path, 503)
        assert await house.bot.look(at, NEEDS) is None
    house.server.fail("GET", "/guilds/", 429)
    assert await house.bot.look(server, NEEDS) is None
    assert await house.bot.look(Place("discord", "desk"), NEEDS) is None
    await house.server.go_down()
    assert await house.bot.look(place, NEEDS) is None
    await house.server.come_back()


async def test_while_servers_are_still_to_come_a_place_out_of_sight_is_not_gone() -> None:
    async with open_house() as house:
        house.server.set_overwrite(house.desk, house.guild, deny=P.VIEW_CHANNEL)
        place = Place("discord", str(house.desk.id))
        assert await house.bot.look(place, NEEDS) is None  # not even started
        assert await house.bot.authority(Account("discord", str(house.mia.id)), place) == set()
        await house.run()
        assert await seen(house, place) == ("view_channel",)
        house.server.lose_guild(house.guild)
        other = house.server.add_guild("Quay", house.owner)
        await house.core.until(lambda: house.core.happenings)
        hidden = house.server.add_channel(other, "hidden", overwrites={other: (0, P.VIEW_CHANNEL)})
        await house.core.until(lambda: len(house.core.happenings) == 2)
        house.server.kick_bot(other)
        await house.core.until(lambda: len(house.core.happenings) == 3)
        assert await house.bot.look(Place("discord", str(hidden.id)), NEEDS) is None


# ---------------------------------------------------------------- who somebody is


async def test_authority_is_what_the_platform_says_now(house: House) -> None:
    server, place = house.server, Place("discord", str(house.desk.id))
    mia, olive = Account("discord", str(house.mia.id)), Account("discord", str(house.owner.id))
    stranger = Account("discord", str(server.add_user("Ned").id))
    assert await house.bot.authority(mia, place) == PERSON | {Role.COACH}
    assert await house.bot.authority(olive, place) == PERSON | {Role.COACH, Role.OWNER}
    assert await house.bot.authority(stranger, place) == NOBODY
    assert await house.bot.authority(mia, mia.private) == set()
    house.desk.overwrites[house.guild.id] = (False, 0, P.VIEW_CHANNEL)  # the gateway tells nothing of it
    assert await house.bot.authority(mia, place) == PERSON
    role = server.add_role(house.guild, "Keeper", P.MANAGE_GUILD)
    server.join(house.mia, house.guild, [role])
    assert await house.bot.authority(mia, place) == PERSON | {Role.OWNER}
    house.desk.overwrites[server.bot.id] = (True, P.VIEW_CHANNEL, 0)
    assert await house.bot.authority(mia, place) == PERSON | {Role.OWNER}
    server.leave(house.mia, house.guild)
    assert await house.bot.authority(mia, place) == NOBODY


async def test_in_a_server_nobody_is_a_coach(house: House) -> None:
    server = Server("discord", str(house.guild.id))
    assert await house.bot.authority(Account("discord", str(house.mia.id)), server) == PERSON
    assert await house.bot.authority(Account("discord", str(house.owner.id)), server) == PERSON | {Role.OWNER}
    assert await house.bot.authority(Account("discord", "1"), server) == NOBODY  # an account that was deleted


async def test_where_discord_cannot_tell_nobody_is_anybody(house: House) -> None:
    olive = Account("discord", str(house.owner.id))
    place, server = Place("discord", str(house.desk.id)), Server("discord", str(house.guild.id))
    house.server.fail("GET", "/members/", 500)
    assert await house.bot.authority(olive, place) == set()
    house.server.fail("GET", "/members/", 429)
    assert await house.bot.authority(olive, server) == set()
    house.server.kick_bot(house.guild)  # of who is in there, nothing is told to a bot that is not
    assert await house.bot.authority(olive, server) == set()
    assert await house.bot.authority(olive, place) == set()


async def test_a_coach_has_the_role_and_may_write(house: House) -> None:
    server, mia = house.server, Account("discord", str(house.mia.id))
    role = server.add_role(house.guild, "Coaches")
    place, coach = Place("discord", str(house.desk.id)), str(role.id)
    olive = Account("discord", str(house.owner.id))
    assert await house.bot.authority(olive, place, coach) == PERSON | {Role.OWNER}
    assert await house.bot.authority(mia, place, coach) == PERSON
    server.join(house.mia, house.guild, [role])
    assert await house.bot.authority(mia, place, coach) == PERSON | {Role.COACH}
    server.set_overwrite(house.desk, house.guild, deny=P.READ_MESSAGE_HISTORY | P.SEND_MESSAGES_IN_THREADS)
    assert await house.bot.authority(mia, place, coach) == PERSON | {Role.COACH}
    server.time_out(house.mia, house.guild, (datetime.now(UTC) + timedelta(days=1)).isoformat())
    assert await house.bot.authority(mia, place, coach) == PERSON
    server.time_out(house.mia, house.guild, None)
    server.set_overwrite(house.desk, house.guild, deny=P.SEND_MESSAGES)
    assert await house.bot.authority(mia, place, coach) == PERSON


async def test_a_coach_in_a_thread_writes_in_threads(house: House) -> None:
    mia = Account("discord", str(house.mia.id))
    place, desk = spot(house, "thread")
    house.server.set_overwrite(desk, house.guild, deny=P.SEND_MESSAGES)
    assert await house.bot.authority(mia, place) == PERSON | {Role.COACH}
    house.server.set_overwrite(desk, house.guild, deny=P.SEND_MESSAGES_IN_THREADS)
    assert await house.bot.authority(mia, place) == PERSON


async def test_a_coach_in_a_private_thread_is_in_it_or_manages_threads(house: House) -> None:
    mia = Account("discord", str(house.mia.id))
    place, desk = spot(house, "private thread")
    thread = house.server.channels[int(place.thread or "")]
    assert await house.bot.authority(mia, place) == PERSON | {Role.COACH}
    house.server.let_in(house.server.bot, thread)
    house.server.set_overwrite(desk, house.guild, deny=P.MANAGE_THREADS)
    assert await house.bot.authority(mia, place) == PERSON
    house.server.let_in(house.mia, thread)
    assert await house.bot.authority(mia, place) == PERSON | {Role.COACH}
    house.server.put_out(house.server.bot, thread)  # what the bot does not see, it cannot vouch for
    assert await house.bot.authority(mia, place) == PERSON
