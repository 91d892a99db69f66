"""People on Telegram who have joined, what is to be said to each of them, and the process that says it."""

import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.model import Account, Reply, Server
from bot.outbox import Lane
from bot.vault import new_key
from tests.faults.process import Process, database, process
from tests.platforms.telegram import TelegramServer
from tests.seed import joins, set_up

HURRIED = """
from datetime import timedelta
from bot import sender, settling
from bot.adapters.discord import delivery, limits
from bot.adapters.telegram import client, outcomes, request
outcomes.PAUSE = delivery.AFTER_FAULT = settling.FIRST_WAIT = timedelta(seconds=0.05)
outcomes.DEFAULT_LIMIT = 0.2
settling.LONGEST_WAIT = timedelta(seconds=0.2)
settling.TRIES, sender.IDLE = 100, 0.5
request.READ, limits.TRY_FOR, client.SLOWEST = 0.5, 1.0, 0.2
"""
"""What takes seconds takes a moment, and nothing is given up."""

UNPACED = """
from bot.adapters.discord import limits
limits.RATE = limits.OPENS = 10_000.0
"""
"""Discord is written to as fast as it goes; see UNSENT_TELEGRAM_RATE for Telegram."""

BRISK = """
from bot.adapters.discord import limits
limits.RATE, limits.OPENS = 100.0, 40.0
"""
"""Discord is written to four times as fast as it is otherwise."""

WATCHFUL = """
from bot import sender
sender.IDLE = 0.2
"""
"""The outbox is looked at all the time: nobody tells of a clock that was set."""

MOVED = """
from datetime import UTC, datetime, timedelta
from pathlib import Path
from bot import clock
ahead = Path("ahead")
clock.Clock.now = lambda self: datetime.now(UTC) + timedelta(seconds=float(ahead.read_text()) if ahead.exists() else 0)
"""
"""The clock is ahead by the seconds that stand in a file."""


def moves(folder: Path, ahead: timedelta) -> None:
    """Set the clock of a process that was MOVED: so much ahead of ours."""
    new = folder / "ahead.new"
    new.write_text(str(ahead.total_seconds()))
    new.replace(folder / "ahead")


@dataclass
class Town:
    """All of it. The process is not started; `users` are who has joined."""

    folder: Path
    key: str
    server: TelegramServer
    bot: Process
    users: list[Any]
    members: list[str]

    async def plans(
        self, lane: Lane = Lane.ANSWER, *, whose: Iterable[int] | None = None, after: timedelta = timedelta(0)
    ) -> None:
        """Write what is to be said, to each of them or `whose`, that long from now. The process is not running."""
        async with database(self.folder, self.key) as work:
            for number in range(len(self.users)) if whose is None else whose:
                place = Account("telegram", str(self.users[number].id)).private
                text, name = f"Hello, number {number}.", f"hello-{number}"
                member, due = self.members[number], work.now + after
                await work.outbox.send(place, Reply(text), name=name, lane=lane, member=member, due=due)

    def had(self, number: int) -> list[str]:
        """Return what the bot said to one of them."""
        chat = self.server.private(self.users[number])
        return [m.text for m in self.server.messages(chat) if m.from_bot]

    def greeted(self) -> list[int]:
        """Return how often what was planned for each of them has come; fail where it came to another."""
        had = [[text for text in self.had(number) if "Hello, number" in text] for number in range(len(self.users))]
        assert all(f"number {number}." in text for number, texts in enumerate(had) for text in texts), had
        return [len(texts) for texts in had]

    def says(self, number: int, text: str) -> None:
        """Let one of them type something."""
        self.server.say(self.users[number], self.server.private(self.users[number]), text)

    async def hears(self, number: int, text: str, within: float = 30) -> str:
        """Wait until one of them has heard something with `text` in it; return the last such."""
        heard = await self.server.wait_for(lambda: [t for t in self.had(number) if text in t], within=within)
        return heard[-1]

    async def is_up(self, times: int = 1) -> None:
        """Wait until it has asked for news so often."""
        await self.server.wait_for(lambda: len(self.server.calls("getUpdates")) >= times, within=60)

    def log(self) -> str:
        """Return what it logged."""
        return self.bot.log()

    async def health(self) -> Any:
        """Ask it how it is."""
        address = re.findall(r"bot\.app started .*?address=(\S+)", self.log())[-1]
        async with aiohttp.ClientSession() as session, session.get(f"{address}/healthz") as answer:
            return await answer.json()


@asynccontextmanager
async def town(folder: Path, people: int, first: str = "", **more: str) -> AsyncGenerator[Town]:
    """Give so many people who have joined. `first` is run in the process before it is Unsent; `more` settings are its.

    With `data_dir` it has the database there, in place of `folder`, where it is written: it has to be brought.
    """
    key = new_key()
    async with TelegramServer() as server:
        users = [server.add_user(f"Member{number}") for number in range(people)]
        for user in users:
            server.say(user, server.private(user), "hello")
        group = server.add_group("Letting go")
        server.pending.clear()
        async with database(folder, key) as work:
            community = await set_up(work.tx, work.vault, Server("telegram", str(group.id)))
            members = [(await joins(work, Account("telegram", str(user.id)), community)).id for user in users]
        async with process(folder, key, first, **server.settings | more) as bot:
            yield Town(folder, key, server, bot, users, members)
