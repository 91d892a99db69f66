"""What happens to communities in life, on the wire: places break and are mended, groups move, people leave."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import communities
from bot.communities import Community
from bot.model import Account, Place, Server
from bot.vault import new_key
from tests.scenario.on_discord import SEE, WRITE, DiscordStage, OnDiscord, discord
from tests.scenario.on_telegram import OnTelegram, TelegramStage, telegram
from tests.scenario.stage import Stage
from tests.seed import set_up

QUESTION = "Does it end, some day?"
HOUR = 18  # of the daily post; it is noon
WITHIN = 3.0  # seconds, of what does not come yet


class Trouble(ABC):
    """Something that happens to the desk, and is mended. `told` is what is named to whoever set the community up."""

    told: str
    mended_is_told = True

    @abstractmethod
    def set_the_stage(self, folder: Path) -> AbstractAsyncContextManager[Stage]:
        """Open a community, with a member in it, whose desk is well."""

    @abstractmethod
    def holds(self, stage: Any, go_on: asyncio.Event) -> None:
        """Keep what is sent to the desk on its way until `go_on` is set."""

    @abstractmethod
    def strikes(self, stage: Any) -> None:
        """Let it happen."""

    @abstractmethod
    async def heals(self, stage: Any) -> None:
        """Mend it."""


class OnDiscordsSide(Trouble):
    """What happens on Discord, to a channel of the community's own server."""

    def set_the_stage(self, folder: Path) -> AbstractAsyncContextManager[Stage]:
        return open_on_discord(folder)

    def holds(self, stage: DiscordStage, go_on: asyncio.Event) -> None:
        stage.server.delay("POST", f"/channels/{stage.coach.place.id}/messages", go_on)


class DiscordKick(OnDiscordsSide):
    """The bot is thrown out. Whoever runs the server shares another one with it: else no message could reach them."""

    told = "• I was taken out of there. Let me in again."

    def strikes(self, stage: DiscordStage) -> None:
        stage.server.add_guild("Elsewhere", stage.owner.user).members[stage.member.user.id] = []
        stage.server.kick_bot(stage.guild)

    async def heals(self, stage: DiscordStage) -> None:
        stage.guild.members[stage.server.bot.id] = []
        stage.server.find_guild(stage.guild)


class DiscordChannelGone(OnDiscordsSide):
    """The desk's channel is deleted: another one is chosen, and what waited is brought there."""

    told = "• It was deleted, or I can't see it any more."
    mended_is_told = False

    def strikes(self, stage: DiscordStage) -> None:
        stage.server.delete_channel(stage.desk)

    async def heals(self, stage: DiscordStage) -> None:
        ann, overwrites = stage.owner, stage.desk.overwrites
        again = stage.server.add_channel(stage.guild, "desk-again")
        again.overwrites |= overwrites
        await stage.begins()
        assert f"To mend in #desk:\n{self.told}" in ann.seen
        await ann.chooses("Change one thing", "Where the coaches sit")
        await ann.chooses("Where the coaches sit", again)
        stage.coach = OnDiscord(stage.server, stage.coach.user, again, again)


class DiscordMute(OnDiscordsSide):
    """The bot may not write at the desk any more."""

    told = "• Send Messages"

    def strikes(self, stage: DiscordStage) -> None:
        stage.server.set_overwrite(stage.desk, stage.server.bot, SEE, WRITE & ~SEE)

    async def heals(self, stage: DiscordStage) -> None:
        stage.server.set_overwrite(stage.desk, stage.server.bot, WRITE)


class DiscordLock(OnDiscordsSide):
    """The desk is a thread, and is put into the archive for good."""

    told = "• Manage Threads"

    def set_the_stage(self, folder: Path) -> AbstractAsyncContextManager[Stage]:
        return open_on_discord(folder, in_a_thread=True)

    def strikes(self, stage: DiscordStage) -> None:
        stage.server.archive(stage.coach.place, locked=True)

    async def heals(self, stage: DiscordStage) -> None:
        stage.coach.place.locked = False
        stage.server.archive(stage.coach.place)


class OnTelegramsSide(Trouble):
    """What happens on Telegram, to the coaches' own group."""

    def set_the_stage(self, folder: Path) -> AbstractAsyncContextManager[Stage]:
        return open_on_telegram(folder)

    def holds(self, stage: TelegramStage, go_on: asyncio.Event) -> None:
        stage.server.delay("sendMessage", go_on, when=lambda params: str(params["chat_id"]) == str(stage.desk.id))

    async def heals(self, stage: TelegramStage) -> None:
        stage.server.join(stage.server.bot, stage.desk, "administrator")


class TelegramKick(OnTelegramsSide):
    """The bot is thrown out."""

    told = "• I was taken out of there. Let me in again."

    def strikes(self, stage: TelegramStage) -> None:
        stage.server.kick_bot(stage.desk)


class TelegramMute(OnTelegramsSide):
    """The bot is no administrator any more, and may not write."""

    told = "• Administrators: make me one"

    def strikes(self, stage: TelegramStage) -> None:
        stage.server.join(stage.server.bot, stage.desk, "restricted")


TROUBLES = [DiscordKick, DiscordChannelGone, DiscordMute, DiscordLock, TelegramKick, TelegramMute]


@pytest.mark.parametrize("trouble", [each() for each in TROUBLES], ids=lambda each: type(each).__name__)
async def test_what_breaks_is_told_once_and_what_waited_goes_out_when_it_is_mended(
    trouble: Trouble, tmp_path: Path
) -> None:
    async with trouble.set_the_stage(tmp_path) as stage:
        ada, ann = stage.member, stage.owner
        go_on = asyncio.Event()
        trouble.holds(stage, go_on)
        await asks(stage)
        trouble.strikes(stage)
        go_on.set()
        await ann.hears(trouble.told)

        await ada.says("/ask")
        assert "Questions can't reach the coaches just now" in ada.seen
        await ada.says("/streak")
        assert "Day 1." in ada.seen
        assert QUESTION not in await stage.coach.reads()

        await trouble.heals(stage)
        await stage.coach.finds(QUESTION)
        if trouble.mended_is_told:
            await ann.hears("works again. What still waited goes out now.")
        assert (await ann.reads()).count("I can't write to the coaches' desk") == 1
        await answers(stage)
        await ada.finds("It does.")
        assert stage.check() == []


@pytest.mark.parametrize("trouble", [DiscordMute(), TelegramKick()], ids=lambda each: type(each).__name__)
async def test_where_a_desk_is_broken_the_daily_post_goes_on(trouble: Trouble, tmp_path: Path) -> None:
    async with trouble.set_the_stage(tmp_path) as stage:
        trouble.strikes(stage)
        await stage.owner.hears(trouble.told)
        await stage.moves(hours=6)
        await stage.reader.finds("Today: ")


async def test_a_thread_in_the_archive_is_taken_out_of_it_for_the_question_and_for_the_answer(tmp_path: Path) -> None:
    async with open_on_discord(tmp_path, in_a_thread=True) as stage:
        stage.server.archive(stage.coach.place)
        await asks(stage)
        await stage.coach.finds(QUESTION)
        stage.server.archive(stage.coach.place)
        await answers(stage)
        await stage.coach.finds("It has gone out.")
        assert await stage.owner.reads() == ""


async def test_a_post_waits_for_a_right_of_which_telegram_tells_nothing(tmp_path: Path) -> None:
    async with open_on_telegram(tmp_path) as stage:
        stage.town.permissions["can_send_messages"] = False
        await stage.moves(hours=6)
        await stage.owner.hears("I can't post in #town any more:\n• Permissions: Send messages")
        await asks(stage)
        await stage.coach.finds(QUESTION)
        stage.town.permissions["can_send_messages"] = True
        assert "Today: " not in await stage.reader.reads()
        await stage.moves(minutes=15)
        await stage.reader.finds("Today: ")
        await stage.app.scheduler.tidy()
        await stage.owner.hears("works again")
        assert (await stage.owner.reads()).count("I can't post") == 1


async def test_a_group_that_becomes_a_supergroup_keeps_its_community_and_what_is_on_its_way(tmp_path: Path) -> None:
    async with open_on_telegram(tmp_path, supergroups=False) as stage:
        go_on = asyncio.Event()
        OnTelegramsSide.holds(TelegramKick(), stage, go_on)
        await asks(stage)
        await stage.server.wait_for(lambda: [r for r in stage.server.calls("sendMessage") if r.status is None])
        stage.coach.chat, stage.reader.chat = stage.server.migrate(stage.desk), stage.server.migrate(stage.town)
        go_on.set()
        await stage.coach.finds(QUESTION)
        await answers(stage)
        await stage.member.finds("It does.")
        await stage.coach.finds("It has gone out.")
        await stage.moves(hours=6)
        await stage.reader.finds("Today: ")
        assert await stage.owner.reads() == ""
        assert stage.check() == []


async def test_a_question_from_before_a_group_became_a_supergroup_can_be_answered_after_it(tmp_path: Path) -> None:
    # Not every client lets buttons be pressed that stand above the move: the question has to come once more.
    async with open_on_telegram(tmp_path, supergroups=False) as stage:
        await asks(stage)
        await stage.coach.finds(QUESTION)
        stage.coach.chat = stage.server.migrate(stage.desk)
        async with asyncio.timeout(WITHIN):
            await stage.coach.finds(QUESTION)
        await answers(stage)
        await stage.member.finds("It does.")


async def test_who_leaves_on_telegram_keeps_what_is_theirs_and_belongs_there_no_more(tmp_path: Path) -> None:
    async with open_on_telegram(tmp_path) as stage:
        ada = stage.member
        stage.server.leave(ada.user, stage.town)
        await is_outside(stage)
        await ada.taps("Join")
        await ada.taps("Join it, too")
        assert "Harbour" in ada.seen  # it says that they are not there
        stage.server.join(ada.user, stage.town)
        await comes_back(stage)


async def test_who_left_on_discord_is_noticed_by_what_does_not_arrive(tmp_path: Path) -> None:
    async with open_on_discord(tmp_path) as stage:
        ada = stage.member
        await ada.says("/daily")
        await ada.chooses("Choose an hour", "14:00")
        stage.server.leave(ada.user, stage.guild)
        await stage.moves(hours=2)
        await stage.server.wait_for(lambda: refused(stage, ada.place))
        await is_outside(stage)
        stage.server.join(ada.user, stage.guild)
        await comes_back(stage)


async def is_outside(stage: Any) -> None:
    """See that the member's days are there, and that no coaches are theirs."""
    ada = stage.member
    await ada.says("/streak")
    assert "Day 1." in ada.seen
    async with asyncio.timeout(WITHIN):  # it is found out beside all else
        while "You haven't joined Harbour yet" not in ada.seen:
            await ada.says("/ask")


async def comes_back(stage: Any) -> None:
    """Let the member come in once more, and ask."""
    ada = stage.member
    await ada.says("/ask")
    await ada.taps("Join")
    await ada.taps("Join it, too")
    await asks(stage)
    await stage.coach.finds(QUESTION)
    assert stage.check() == []


def refused(stage: DiscordStage, dm: Any) -> bool:
    """Tell whether a message to somebody was refused."""
    return any(f"/channels/{dm.id}/messages" in r.path and r.status == 403 for r in stage.server.requests)


async def answers(stage: Stage) -> None:
    """Let the coach answer, and the minute pass in which that can be taken back."""
    await stage.calm()
    await stage.coach.taps("Answer")
    await stage.calm()
    await stage.coach.fills(answer="It does.")
    await stage.moves(seconds=61)


async def asks(stage: Stage) -> None:
    """Let the member send the question."""
    await stage.member.says("/ask")
    await stage.member.fills(question=QUESTION)
    await stage.member.taps("Send")
    assert "without your name" in stage.member.seen


async def comes_in(stage: Stage, community: Community) -> None:
    """Let the member join, a day after their last contact and without a daily thought."""
    await stage.joins(f"https://t.me/unsent_test_bot?start=join-{community.id}")
    await stage.member.taps("I'm 18 or over, and I agree")
    for label in ("Skip", "Yesterday", "No"):
        await stage.member.taps(label)
    assert "Day 1." in stage.member.seen


@asynccontextmanager
async def open_on_discord(folder: Path, *, in_a_thread: bool = False) -> AsyncGenerator[Any]:
    """Open a community on Discord; its member speaks with the bot in their own chat."""
    async with discord(folder, new_key()) as stage:
        server, ada, channel = stage.server, stage.member, str(stage.desk.id)
        server.set_overwrite(stage.desk, server.bot, WRITE)
        thread = server.add_thread(stage.desk, "Coaches", stage.coach.user) if in_a_thread else None
        if thread:
            stage.coach = OnDiscord(server, stage.coach.user, thread, thread)
        stage.member = OnDiscord(server, ada.user, ada.place, ada.place)
        made = await seeded(
            stage,
            Server("discord", str(stage.guild.id)),
            desk=Place("discord", channel, str(thread.id) if thread else None),
            role=str(stage.coaches.id),
            posts=Place("discord", str(stage.town.id)),
            steward=Account("discord", str(stage.owner.user.id)),
        )
        await comes_in(stage, made)
        yield stage


@asynccontextmanager
async def open_on_telegram(folder: Path, *, supergroups: bool = True) -> AsyncGenerator[Any]:
    """Open a community on Telegram, whose owner looks at their own chat."""
    async with telegram(folder, new_key()) as stage:
        server, ann, ada = stage.server, stage.owner.user, stage.member.user
        if not supergroups:
            stage.town, stage.desk = (server.add_group(name, supergroup=False, owner=ann) for name in ("Town", "Desk"))
            server.join(ada, stage.town)
            server.join(stage.coaches, stage.desk)
            stage.coach.chat, stage.reader.chat = stage.desk, stage.town
        server.join(server.bot, stage.desk, "administrator")
        stage.owner = OnTelegram(server, ann, server.private(ann))
        ann.started = True
        made = await seeded(
            stage,
            Server("telegram", str(stage.town.id)),
            desk=Place("telegram", str(stage.desk.id)),
            desk_server=Server("telegram", str(stage.desk.id)),
            coaches=[Account("telegram", str(stage.coaches.id))],
            posts=Place("telegram", str(stage.town.id)),
            steward=Account("telegram", str(ann.id)),
        )
        await comes_in(stage, made)
        yield stage


async def seeded(stage: Stage, server: Server, **more: Any) -> Community:
    """Write a community that /setup would leave so, and plan its post."""
    house = stage.app.house
    async with house.store.transaction() as tx:
        made = await set_up(tx, house.vault, server, posts_hour=HOUR, **more)
        for cog in house.registry.cogs:
            for start in cog.starters:
                await start(house.work(tx))
        return await communities.load(tx, made.id)
