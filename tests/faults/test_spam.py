"""Discord finds fault with whom the bot writes to: nobody new is written to for a while, and who runs it is told."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.discord.client import AT_ONCE
from bot.model import Account, Place, Reply, Server
from bot.outbox import Lane
from bot.vault import new_key
from tests.faults.process import OPERATOR, Process, database, process, until
from tests.faults.town import MOVED, UNPACED, WATCHFUL, moves
from tests.platforms.discord import Channel, DiscordServer, User
from tests.seed import joins, set_up

OPEN = r"/users/@me/channels$"
MEMBERS = 40
TOO_FAST, FLAGGED = 40003, 20026
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.sqlite


@dataclass
class Town:
    """Who has joined; who set up both communities, and was written to before; the town's channel; and the process."""

    folder: Path
    server: DiscordServer
    members: list[User]
    ann: User
    channel: Channel
    bot: Process

    def had(self, user: User) -> list[str]:
        """Return what somebody was written."""
        return [m.text for m in self.server.messages(self.server.dm(user))]

    def greeted(self, text: str) -> list[int]:
        """Return how often each member was written that."""
        return [self.had(user).count(text) for user in self.members]

    def opened(self) -> int:
        """Return how often a private channel was asked for."""
        return sum(r.path.endswith("/users/@me/channels") for r in self.server.requests)

    async def moves(self, ahead: timedelta) -> None:
        """Set the clock, and wait until whatever is due by then was said or put off."""
        moves(self.folder, ahead)

        def nothing_is_due() -> bool:
            now = (time.time() + ahead.total_seconds()) * 1000
            return not self.bot.rows(f"SELECT 1 FROM outbox WHERE due_at <= {now} LIMIT 1")

        await until(nothing_is_due)

    async def told(self, times: int) -> str:
        """Wait until Ann was told something so often; return the last."""
        return (await self.server.wait_for(lambda: self.notes()[times - 1 :]))[-1]

    def notes(self) -> list[str]:
        """Return what Ann was told."""
        return [text for text in self.had(self.ann) if "A note" in text]


@asynccontextmanager
async def town(folder: Path) -> AsyncGenerator[Town]:
    """Give a town where something is to be said to Ann now, and to all, and in the channel, each hour from then."""
    async with DiscordServer(patience=60) as server:
        owner, ann = server.add_user("owner"), server.add_user("ann")
        guilds = [server.add_guild(name, owner) for name in ("Letting go", "Elsewhere")]
        members = [server.add_user(f"member{number}") for number in range(MEMBERS)]
        for user in (ann, *members):
            server.join(user, guilds[0])
        channel, key = server.add_channel(guilds[0], "town"), new_key()
        steward = Account("discord", str(ann.id))
        async with database(folder, key) as work:
            for guild in guilds:
                home = Server("discord", str(guild.id))
                community = await set_up(work.tx, work.vault, home, name=guild.name, steward=steward)
                if guild is guilds[0]:
                    ids = [(await joins(work, Account("discord", str(u.id)), community)).id for u in members]
            send, here = work.outbox.send, Place("discord", str(channel.id))
            await send(steward.private, Reply("now"), name="now", lane=Lane.POST)
            for hour in (1, 2, 3):
                due = {"due": work.now + HOUR * hour, "until": work.now + DAY * 3}
                for user, member in zip(members, ids, strict=True):
                    place, name = Account("discord", str(user.id)).private, f"{hour}-{member}"
                    await send(place, Reply(f"hour {hour}"), name=name, lane=Lane.DROP, member=member, **due)
                for place in (steward.private, here):
                    await send(place, Reply(f"hour {hour}"), name=f"{hour}-{place.channel}", lane=Lane.POST, **due)
        async with process(folder, key, UNPACED + WATCHFUL + MOVED, **server.settings) as bot:
            made = Town(folder, server, members, ann, channel, bot)
            await bot.start()
            await server.wait_for(lambda: "now" in made.had(ann))
            yield made
            assert await bot.stop() == 0
        assert server.check() == []


def find_fault(server: DiscordServer, code: int, times: int) -> None:
    """Let nobody be written to anew, so many times."""
    server.fail("POST", OPEN, 403, times, json={"message": "played", "code": code})


async def test_who_set_communities_up_hears_once_a_day_that_too_many_were_written_to(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        find_fault(here.server, TOO_FAST, 1)
        await here.moves(HOUR)
        assert "begin too many private conversations" in await here.told(1)
        assert here.notes()[0].count(OPERATOR) == 1
        await here.moves(HOUR + timedelta(minutes=10))
        await here.server.wait_for(lambda: all(here.greeted("hour 1")))
        find_fault(here.server, TOO_FAST, 1)
        await here.bot.kill()  # whom it has written to is not remembered
        await here.bot.start()
        await here.moves(HOUR * 2)
        await here.bot.logs("discord.opened_too_many", times=2)
        await here.moves(HOUR * 2 + timedelta(minutes=10))
        await here.server.wait_for(lambda: all(here.greeted("hour 2")))
        assert len(here.notes()) == 1
        find_fault(here.server, TOO_FAST, 1)
        await here.bot.kill()
        await here.bot.start()
        await here.moves(HOUR + DAY)
        await here.bot.logs("discord.opened_too_many", times=3)
        await here.moves(HOUR + DAY + timedelta(minutes=10))
        await here.told(2)
        await here.server.wait_for(lambda: all(here.greeted("hour 3")))
        assert [set(here.greeted(f"hour {hour}")) for hour in (1, 2, 3)] == [{1}] * 3
        assert len(here.notes()) == 2


async def test_in_quarantine_nobody_new_is_asked_for_and_the_rest_goes_on(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        before = here.opened()
        find_fault(here.server, FLAGGED, AT_ONCE)  # all that are on their way at once
        await here.moves(HOUR)
        assert "https://dis.gd/app-quarantine" in await here.told(1)
        await here.server.wait_for(lambda: [m.text for m in here.server.messages(here.channel)] == ["hour 1"])
        await here.server.wait_for(lambda: "hour 1" in here.had(here.ann))
        assert 0 < here.opened() - before <= AT_ONCE
        here.server.clear_faults()
        assert here.greeted("hour 1") == [0] * MEMBERS
        await here.moves(HOUR * 2)
        await here.server.wait_for(lambda: all(here.greeted("hour 1")) and all(here.greeted("hour 2")))
        assert [set(here.greeted(f"hour {hour}")) for hour in (1, 2)] == [{1}] * 2
        assert len(here.notes()) == 1
