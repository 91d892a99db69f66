"""Every kind of place that posts go to, on the real wire and with all of Unsent behind it.

A post is said and answered below; a place that is lost is noted as broken, told once, and taken up again.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot import communities
from bot.adapters.discord import Discord
from bot.adapters.telegram import Telegram
from bot.communities import GONE, REFUSED, REMOVED, Purpose
from bot.model import Account, Place, Ref, Reply, Server
from bot.outbox import Lane, Outbox
from bot.outbox import outbox as outbox_rows
from bot.sender import Sender
from tests.harness import World
from tests.platforms.discord import FORUM, GUILD_NEWS, MEDIA, Channel, DiscordServer, Guild, Permission
from tests.platforms.discord_house import Shelf
from tests.platforms.telegram import Chat, TelegramServer
from tests.platforms.telegram_house import public

ANN = Account("test", "ann", locale="en")
Loses = Callable[[Any, Any], None]


@dataclass
class Town:
    """A community whose posts go to a place on a platform, and who set it up, elsewhere."""

    world: World
    sender: Sender
    place: Place = field(default_factory=lambda: Place("test", "none"))

    async def posts_go(self, place: Place, server: Server) -> None:
        """Let posts go there."""
        self.place = place
        async with self.world.house.store.transaction() as tx:
            community = self.world.community
            await communities.set_place(tx, community, Purpose.POSTS, place, server, name="#posts")
            await communities.set_steward(tx, self.world.house.vault, community.id, ANN)

    async def post(self, text: str, *, answered: bool = False) -> None:
        """Post something, `answered` below, and let happen what follows."""
        async with self.world.house.store.transaction() as tx:
            now = self.world.clock.now()
            outbox = Outbox(tx, now)
            await outbox.send(self.place, Reply(text), name=text, lane=Lane.POST, subject="posts")
            if answered:
                about = {"on": text, "subject": "posts", "lane": Lane.POST, "until": now + timedelta(hours=1)}
                await outbox.open_thread(self.place, f"About {text}", name=f"{text}:thread", **about)
        await self.settle()

    async def refs(self, name: str) -> tuple[Ref, ...]:
        """Where it stands that was said, or opened, under a name."""
        async with self.world.house.store.transaction() as tx:
            return await Outbox(tx, self.world.clock.now()).refs(name)

    async def waits(self) -> list[str]:
        """The names of what is still to be said, or can't be."""
        async with self.world.house.store.reading() as tx:
            return [row["name"] for row in await tx.rows(outbox_rows)]

    async def settle(self, **by: float) -> None:
        """Let so much time pass, and deliver all that is due."""
        await self.world.moves(**by)
        while await self.sender.drain():
            pass
        await self.world.settle()

    async def broken(self) -> tuple[str, ...]:
        """What is wrong with the place."""
        async with self.world.house.store.reading() as tx:
            return next(spot.broken for _, spot in await communities.spots_at(tx, self.place))

    @property
    def told(self) -> list[str]:
        """What Ann was told of it."""
        return [reply.text for reply in self.world.platform.at(ANN.private)]


# -- Telegram


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server
        assert server.check() == []


@pytest.fixture
async def town(world: World, server: TelegramServer) -> AsyncIterator[Town]:
    """A community with a Telegram."""
    adapter = Telegram(world.dispatch, token=server.token, clock=world.clock, api_url=server.api_url)
    world.house.adapters["telegram"] = adapter
    await adapter.start()
    yield Town(world, Sender(world.house, adapter))
    await adapter.stop()


def kicks(server: TelegramServer, chat: Chat) -> None:
    server.kick_bot(chat)


def deletes(server: TelegramServer, chat: Chat) -> None:
    server.delete_group(chat)


def takes_the_right(server: TelegramServer, chat: Chat) -> None:
    server.join(server.bot, chat, "administrator", can_post_messages=False)


def deletes_the_topic(server: TelegramServer, chat: Chat) -> None:
    server.delete_topic(chat, next(iter(chat.topics)))


def closes_the_topic(server: TelegramServer, chat: Chat) -> None:
    server.close_topic(chat, next(iter(chat.topics.values())))


@pytest.mark.parametrize(
    ("kind", "loses", "broken"),
    [
        ("channel", kicks, GONE),
        ("channel", deletes, GONE),
        ("channel", takes_the_right, "switch-telegram-channel_post_messages"),
        ("group", kicks, GONE),
        ("group", deletes, GONE),
        ("topic", deletes_the_topic, REFUSED),
        ("topic", closes_the_topic, REFUSED),
    ],
)
async def test_what_is_lost_on_telegram_is_noted_and_told_once(
    kind: str, loses: Loses, broken: str, server: TelegramServer, town: Town
) -> None:
    if kind == "channel":
        chat = server.add_channel("News")
    else:
        chat = server.add_group("Town", forum=kind == "topic")
        server.join(server.bot, chat, "administrator", can_manage_topics=False)
    thread = server.add_topic(chat, "Posts").id if kind == "topic" else None
    await town.posts_go(public(chat, thread), Server("telegram", str(chat.id)))
    await town.post("One.")
    assert server.messages(chat)[-1].text == "One."
    loses(server, chat)
    await town.post("Two.")
    await town.post("Three.")
    await town.settle(minutes=15)
    assert await town.broken() == (broken,)
    (told,) = town.told
    assert "I can't post in #posts any more" in told
    assert "Two." not in [message.text for message in server.messages(chat)]


@pytest.mark.parametrize("kind", ["channel", "group", "topic"])
async def test_a_post_on_telegram_can_be_answered_below_as_it_is(kind: str, server: TelegramServer, town: Town) -> None:
    chat = server.add_channel("News") if kind == "channel" else server.add_group("Town", forum=kind == "topic")
    thread = server.add_topic(chat, "Posts").id if kind == "topic" else None
    await town.posts_go(public(chat, thread), Server("telegram", str(chat.id)))
    await town.post("One.", answered=True)
    message = server.messages(chat)[-1]
    assert (message.text, message.thread) == ("One.", thread)
    assert await town.refs("One.:thread") == await town.refs("One.") == (Ref(town.place, str(message.id)),)
    assert (await town.waits(), await town.broken()) == ([], ())


@pytest.mark.parametrize(
    ("loses", "broken"), [(kicks, REMOVED), (takes_the_right, "switch-telegram-channel_post_messages")]
)
async def test_what_a_channel_loses_is_heard_of_before_anything_is_posted(
    loses: Loses, broken: str, server: TelegramServer, town: Town
) -> None:
    channel = server.add_channel("News")
    await town.posts_go(public(channel), Server("telegram", str(channel.id)))
    await server.wait_for(lambda: not server.pending)
    loses(server, channel)
    await server.wait_for(lambda: not server.pending)  # Telegram lets go of what was dealt with
    await town.settle()
    assert await town.broken() == (broken,)
    assert len(town.told) == 1


@pytest.mark.parametrize("loses", [kicks, takes_the_right])
async def test_a_channel_that_lets_the_bot_post_again_hears_what_waited(
    loses: Loses, server: TelegramServer, town: Town
) -> None:
    channel = server.add_channel("News")
    await town.posts_go(public(channel), Server("telegram", str(channel.id)))
    loses(server, channel)
    await town.post("One.")
    assert len(town.told) == 1
    server.join(server.bot, channel, "administrator")
    await server.wait_for(lambda: not server.pending)
    await town.settle()
    assert await town.broken() == ()
    assert town.told[1:] == [town.told[-1]]
    assert "Posting in #posts works again" in town.told[-1]
    assert [message.text for message in server.messages(channel)] == ["One."]


# -- Discord


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server
        assert server.check() == []


@pytest.fixture
async def city(world: World, discord: DiscordServer) -> AsyncIterator[Town]:
    """A community with a Discord."""
    adapter = Discord(
        world.dispatch,
        token=discord.token,
        memory=Shelf(),
        clock=world.clock,
        api_url=discord.api_url,
        gateway_url=discord.gateway_url,
    )
    world.house.adapters["discord"] = adapter
    await adapter.start()
    await discord.ready()
    yield Town(world, Sender(world.house, adapter))
    await adapter.stop()


KINDS = [0, GUILD_NEWS, FORUM, MEDIA, "thread", "news thread"]


def spot(discord: DiscordServer, kind: int | str) -> tuple[Channel, Place]:
    """A place of a kind: a channel, or a thread in a text or an announcement channel."""
    guild = discord.add_guild("Harbour", discord.add_user("Olive"))
    if isinstance(kind, int):
        channel = discord.add_channel(guild, "posts", kind)
        return channel, Place("discord", str(channel.id))
    parent = discord.add_channel(guild, "posts", GUILD_NEWS if kind == "news thread" else 0)
    thread = discord.add_thread(parent, "Posts", guild.owner)
    return thread, Place("discord", str(parent.id), str(thread.id))


def home(channel: Channel) -> Guild:
    """The guild that a channel is in."""
    assert channel.guild is not None
    return channel.guild


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_a_post_on_discord_is_answered_in_a_thread_of_its_own_or_where_it_stands(
    kind: int | str, discord: DiscordServer, city: Town
) -> None:
    channel, place = spot(discord, kind)
    await city.posts_go(place, Server("discord", str(home(channel).id)))
    await city.post("One.", answered=True)
    (said,), (below,) = await city.refs("One."), await city.refs("One.:thread")
    threads = [each for each in discord.channels.values() if each.parent is channel]
    if kind in (0, GUILD_NEWS):
        assert below == Ref(Place("discord", place.channel, said.message), said.message)
        assert [(each.name, str(each.id)) for each in threads] == [("About One.", said.message)]
    else:
        assert below == said
        assert len(threads) == (kind in (FORUM, MEDIA))
    assert (await city.waits(), await city.broken()) == ([], ())


@pytest.mark.parametrize("kind", [0, GUILD_NEWS], ids=str)
async def test_where_no_threads_may_be_opened_posts_go_on(kind: int, discord: DiscordServer, city: Town) -> None:
    channel, place = spot(discord, kind)
    discord.set_overwrite(channel, home(channel), deny=Permission.CREATE_PUBLIC_THREADS)
    await city.posts_go(place, Server("discord", str(home(channel).id)))
    for text in ("One.", "Two.", "Three."):
        await city.post(text, answered=True)
    assert [message.text for message in discord.messages(channel)] == ["One.", "Two.", "Three."]
    assert len(await city.waits()) == 3
    for _ in range(5):
        await city.settle(minutes=15)
    assert await city.waits() == []
    assert not [each for each in discord.channels.values() if each.parent is channel]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("how", ["deleted", "thrown out", "a right"])
async def test_what_is_lost_on_discord_is_noted_and_told_once(
    kind: int | str, how: str, discord: DiscordServer, city: Town
) -> None:
    channel, place = spot(discord, kind)
    guild = home(channel)
    await city.posts_go(place, Server("discord", str(guild.id)))
    await city.post("One.")
    assert await city.broken() == ()
    switch = {FORUM: "create_posts", MEDIA: "create_posts", "thread": "send_messages_in_threads"}
    broken = (GONE,)
    match how:
        case "deleted":
            discord.delete_channel(channel)
        case "thrown out":
            discord.kick_bot(guild)
        case _:
            off = Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS
            discord.set_overwrite(
                channel.parent or channel, guild, deny=off if isinstance(kind, str) else Permission.SEND_MESSAGES
            )
            key = "thread" if isinstance(kind, str) else kind
            broken = (f"switch-discord-{switch.get(key, 'send_messages')}",)
    await city.post("Two.")
    await city.post("Three.")
    await city.settle(minutes=15)
    assert await city.broken() == broken
    (told,) = city.told
    assert "I can't post in #posts any more" in told
