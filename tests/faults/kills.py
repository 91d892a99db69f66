"""Things to say and commands on both platforms while the process is killed at any point: what came, to whom, how often.

Each thing to be said names whom it is for, so that one which came to another shows. While the process is dead, more is
written for the next life, and somebody on Telegram types a command. What came is read where they read it.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import app
from bot.clock import Clock
from bot.dispatch import calls
from bot.model import Account, Reply, Server
from bot.outbox import Lane
from bot.settings import Settings
from bot.store import new_id
from bot.texts import Texts
from bot.vault import new_key
from tests.faults.process import OPERATOR, Process, process, until
from tests.platforms.discord import DiscordServer
from tests.platforms.telegram import TelegramServer
from tests.seed import joins, set_up

PEOPLE = 10  # on each platform
LANES = (Lane.ANSWER, Lane.DROP)  # of which one is said again where nobody knows, and the other is not
SAID = re.compile(r"^(.*?)to (\w+): the (\w+) (\d+)$", re.DOTALL)
KEPT = "Thank you for saying so"  # the answer to /contact


@dataclass
class Row:
    """Something to be said, and how often it was on its way when the process was killed."""

    account: Account
    lane: Lane
    killed: int = 0


@dataclass
class Life:
    """All of it. `rows` is all that was to be said, `typed` how often each person on Telegram typed a command."""

    folder: Path
    discord: DiscordServer
    telegram: TelegramServer
    bot: Process
    house: Any
    dice: random.Random
    users: dict[Account, Any] = field(default_factory=dict[Account, Any])
    members: dict[Account, str] = field(default_factory=dict[Account, str])
    rows: dict[str, Row] = field(default_factory=dict[str, Row])
    typed: Counter[Account] = field(default_factory=Counter[Account])
    counts: Counter[str] = field(default_factory=Counter[str])

    # -- what goes on

    async def lives(self, kills: int, within: float) -> None:
        """Start it and kill it so often, each time within so many seconds; then let it come to its end.

        Every third time that is of its start, else of its being connected.
        """
        await self.plans(each=6)
        for number in range(kills):
            await self.plans(each=1)
            self.types()
            readies = self.discord.gateway.readies
            await self.bot.start()
            if number % 3:
                await self.discord.ready(readies + 1)
            await _happens(self.dice.uniform(0, within))
            had = self._had()
            await self.bot.kill()
            self.counts["kills"] += 1
            self.counts["kills while it started"] += self.discord.gateway.readies == readies
            on_their_way = self.bot.rows("SELECT name FROM outbox WHERE state = 'sending'")
            self.counts["kills with something on its way"] += bool(on_their_way)
            self.counts["most that was said in one life"] = max(
                self.counts["most that was said in one life"], had - self.counts["said"]
            )
            self.counts["said"] = had
            for (name,) in on_their_way:
                if name in self.rows:
                    self.rows[name].killed += 1
        await self.bot.start()
        await self.ends()

    async def ends(self) -> None:
        """Let all be said and answered, and stop it."""
        await until(lambda: not self.bot.rows("SELECT 1 FROM outbox WHERE state <> 'dead' LIMIT 1"))
        await until(lambda: not self.telegram.pending)
        assert await self.bot.stop() == 0

    async def plans(self, each: int, **when: Any) -> None:
        """Write what is to be said, so much to somebody in each lane on each platform. The process is dead."""
        async with self.house.store.transaction() as tx:
            work = self.house.work(tx)
            for platform in ("discord", "telegram"):
                here = [account for account in self.users if account.platform == platform]
                for lane in LANES * each:
                    account, name = self.dice.choice(here), f"row-{new_id()}"
                    text = f"to {_who(account)}: the {lane.name} {len(self.rows)}"
                    await work.outbox.send(
                        account.private, Reply(text), name=name, lane=lane, member=self.members[account], **when
                    )
                    self.rows[name] = Row(account, lane)
        await self.house.store.close()  # else what was in its log would not have to be read back from it

    def types(self) -> None:
        """Let somebody on Telegram type a command."""
        account = self.dice.choice([account for account in self.users if account.platform == "telegram"])
        self.telegram.say(self.users[account], self.telegram.private(self.users[account]), "/contact wrote")
        self.typed[account] += 1

    # -- what came of it

    async def check(self) -> None:
        """See that nothing was lost, came to another, or came more often than could be helped."""
        came = {account: self.said_to(account) for account in self.users}
        notice, dead = Texts().say(None, "core", "again"), set(self.bot.rows("SELECT name FROM outbox"))
        for number, (name, row) in enumerate(self.rows.items()):
            text = f"to {_who(row.account)}: the {row.lane.name} {number}"
            mine = [said for said in came[row.account] if said.endswith(text)]
            everywhere = sum(said.endswith(text) for all_of in came.values() for said in all_of)
            assert everywhere == len(mine), f"came to another: {text}"
            self.counts[f"{row.account.platform}: {row.lane.name.lower()}s"] += 1
            if row.account.platform == "discord":
                assert len(mine) == 1, (text, mine)
                continue
            first, *again = mine or [""]
            self.counts["telegram: said again, and said so"] += len(again)
            assert len(again) <= row.killed, (text, mine, row)
            assert all(said.startswith(notice) for said in again), mine
            if not first:
                assert row.killed, f"lost, and was not on its way at a kill: {text}"
                assert row.lane is Lane.DROP or (name,) in dead, f"lost: {text}"
                self.counts["telegram: let go" if row.lane is Lane.DROP else "telegram: given up, and listed"] += 1
            assert row.lane is Lane.ANSWER or not again, mine
        await self._check_commands()
        assert self.discord.check() == []
        assert self.telegram.check() == []

    async def _check_commands(self) -> None:
        """See that each command took effect once, and was answered."""
        store = self.house.store
        async with store.reading() as tx:
            done = Counter(row["member"] for row in await tx.rows(calls))
        await store.close()
        for account, times in self.typed.items():
            answers = sum(KEPT in said for said in self.said_to(account))
            assert done[self.members[account]] == times, (account, times, done)
            assert answers >= times, (account, times, answers)
            self.counts["telegram: commands"] += times
            self.counts["telegram: answers to commands that came twice"] += answers - times

    def said_to(self, account: Account) -> list[str]:
        """Return what the bot said to somebody."""
        user = self.users[account]
        if account.platform == "discord":
            return [m.text for m in self.discord.messages(self.discord.dm(user)) if m.author is self.discord.bot]
        return [m.text for m in self.telegram.messages(self.telegram.private(user)) if m.from_bot]

    def _had(self) -> int:
        return sum(len(self.said_to(account)) for account in self.users)


async def _happens(within: float) -> None:
    """Wait so many seconds: nobody here does anything at a moment that the process could know."""
    await asyncio.sleep(within)


def _who(account: Account) -> str:
    return f"{account.platform}{account.id}"


@asynccontextmanager
async def life(folder: Path, seed: int, first: str = "") -> AsyncGenerator[Life]:
    """Give people on both platforms who have joined; the process is not started. `first` is run in it before all."""
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordServer(patience=60))
        telegram = await stack.enter_async_context(TelegramServer())
        key = new_key()
        bot = await stack.enter_async_context(process(folder, key, first, **discord.settings | telegram.settings))
        settings = Settings(_env_file=None, data_dir=folder, key=key, operator=OPERATOR)  # pyright: ignore[reportCallIssue]
        house = app.build_house(settings, Clock())
        made = Life(folder, discord, telegram, bot, house, random.Random(seed))
        guild = discord.add_guild("Letting go", discord.add_user("owner"))
        for number in range(PEOPLE):
            user = discord.add_user(f"member{number}")
            discord.join(user, guild)
            made.users[Account("discord", str(user.id))] = user
            user = telegram.add_user(f"Member{number}")
            telegram.say(user, telegram.private(user), "hello")
            made.users[Account("telegram", str(user.id))] = user
        telegram.pending.clear()
        await house.store.open()
        async with house.store.transaction() as tx:
            work = house.work(tx)
            community = await set_up(tx, work.vault, Server("discord", str(guild.id)))
            for account in made.users:
                made.members[account] = (await joins(work, account, community)).id
        await house.store.close()
        yield made
