"""Members in a row who have blocked the bot, on Discord and on Telegram, and some behind them who have not.

All have a daily thought that is due. What was refused, and who had theirs when, is read where the platforms have it.
"""

import re
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.model import Account, Server
from bot.people import accounts
from bot.vault import new_key
from cogs import advice
from tests.faults.drops import THOUGHT
from tests.faults.process import Process, database, process, until
from tests.platforms.discord import DiscordServer
from tests.platforms.telegram import TelegramServer
from tests.seed import joins, set_up

PLATFORMS = "discord", "telegram"
COUNTS = 401, 403, 429  # docs.discord.com/developers/topics/rate-limits, "Invalid Request Limit"
WITHIN = 600  # seconds
DM = re.compile(r"/channels/(\d+)/messages$")


@dataclass
class Blocked:
    """All of it. The process is not started. `away` have blocked the bot, `here` have not."""

    folder: Path
    key: str
    discord: DiscordServer
    telegram: TelegramServer
    bot: Process
    away: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    here: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])

    def had(self) -> dict[str, list[int]]:
        """Return how many thoughts each of those had who have not blocked the bot."""
        texts = {
            "discord": [[m.text for m in self.discord.messages(self.discord.dm(u))] for u in self.here["discord"]],
            "telegram": [
                [m.text for m in self.telegram.messages(self.telegram.private(u))] for u in self.here["telegram"]
            ],
        }
        return {name: [sum(THOUGHT in text for text in each) for each in found] for name, found in texts.items()}

    def refused(self) -> dict[str, Counter[int]]:
        """Return how often each of those who have blocked the bot was written to in vain."""
        whose = {self.discord.dm(user).id: user.id for user in self.away["discord"]}
        on_discord = (
            whose[int(found[1])]
            for r in self.discord.requests
            if r.method == "POST" and r.status == 403 and (found := DM.search(r.path))
        )
        on_telegram = (int(r.params["chat_id"]) for r in self.telegram.calls("sendMessage") if r.status == 403)
        return {"discord": Counter(on_discord), "telegram": Counter(on_telegram)}

    def counted(self) -> int:
        """Return how many answers there were that Discord counts, within the ten minutes in which there were most."""
        at = [r.time for r in self.discord.requests if r.status in COUNTS]
        first, most = 0, 0
        for last, now in enumerate(at):
            while now - at[first] > WITHIN:
                first += 1
            most = max(most, last - first + 1)
        return most

    def is_said(self, ahead: timedelta = timedelta(0)) -> bool:
        """Tell whether nothing is to be said any more, by a clock that is so much ahead of ours."""
        by = (time.time() + ahead.total_seconds()) * 1000
        return not self.bot.rows("SELECT 1 FROM outbox LIMIT 1") and not self.bot.rows(
            f"SELECT 1 FROM due WHERE at <= {by}"
        )

    async def rests(self, times: int) -> None:
        """Wait until Discord is let be for the so manieth time and nothing is on its way there, or all was said."""
        await until(lambda: self.is_said() or self.log().count("discord.refused_too_many") == times)
        await until(lambda: not self.bot.rows("SELECT 1 FROM outbox WHERE state = 'sending'"))

    def log(self) -> str:
        """Return what it logged."""
        return self.bot.log()

    async def noted(self) -> dict[str, int]:
        """Return how many are noted as out of reach on each platform. The process has ended."""
        async with database(self.folder, self.key) as work:
            rows = await work.tx.rows(accounts)
        return dict(Counter(row["platform"] for row in rows if row["reach"]["unreachable"]))


@asynccontextmanager
async def blocked(folder: Path, away: int, here: int, first: str = "", **more: str) -> AsyncGenerator[Blocked]:
    """Give so many on each platform who have blocked the bot, and behind them so many who have not.

    `first` is run in the process before it is Unsent; `more` settings are its.
    """
    key = new_key()
    async with (
        DiscordServer(patience=60) as discord,
        TelegramServer() as telegram,
        process(folder, key, first, **discord.settings | telegram.settings | more) as bot,
    ):
        made = Blocked(folder, key, discord, telegram, bot)
        guild, group = discord.add_guild("Letting go", discord.add_user("owner")), telegram.add_group("Letting go")
        users = [discord.add_user(f"member{number}") for number in range(away + here)]
        persons = [telegram.add_user(f"Member{number}") for number in range(away + here)]
        for user, person in zip(users, persons, strict=True):
            discord.join(user, guild)
            telegram.say(person, telegram.private(person), "hello")
            telegram.join(person, group)
        for user, person in zip(users[:away], persons[:away], strict=True):
            discord.close_dms(user)
            telegram.block(person)
        telegram.pending.clear()  # so long ago that Telegram tells of it no more
        made.away = {"discord": users[:away], "telegram": persons[:away]}
        made.here = {"discord": users[away:], "telegram": persons[away:]}
        async with database(folder, key) as work:
            community = await set_up(work.tx, work.vault, Server("discord", str(guild.id)))
            other = await set_up(work.tx, work.vault, Server("telegram", str(group.id)))
            for number, user in enumerate(users + persons):
                platform, home = ("discord", community) if number < away + here else ("telegram", other)
                member = await joins(work, Account(platform, str(user.id)), home)
                state = {"hour": work.now.hour, "day": None, "piece": None, "had": []}
                await work.tx.upsert(advice.readings, member=member.id, state=state)
                at = work.now - timedelta(minutes=2 if number % (away + here) < away else 1)
                await work.due.at(advice.DROP, member.id, at, member=member.id)
        yield made
