"""Two processes on one PostgreSQL: one dies, or is stopped, and the other goes on. Nothing is lost, or said twice."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGSTOP

from sqlalchemy import func, select

from bot.outbox import State, outbox
from tests import postgres
from tests.faults.drops import AT_ONCE, Had, on_discord, on_telegram
from tests.faults.process import Process, database, process
from tests.platforms.discord import DiscordServer
from tests.platforms.telegram import TelegramServer
from tests.platforms.telegram.state import Request

MEMBERS = 300
TAKEN_OVER = 10.0  # seconds
FIRST, SECOND = "127.0.0.1", "localhost"  # by what each of them calls the platform

pytestmark = postgres.needed
database_server = postgres.own_server


@dataclass
class Drop:
    """A thought on its way to everybody by the first of two processes, the second one running beside it."""

    telegram: TelegramServer
    folder: Path
    key: str
    url: str
    first: Process
    second: Process
    had: Had

    def sent_by(self, host: str, since: float) -> list[Request]:
        """What one of the two asked the platform to say since then."""
        return [each for each in self.telegram.calls("sendMessage") if each.host == host and each.time > since]

    async def count(self, state: State) -> int:
        """Count the rows in this state."""
        async with database(self.folder, self.key, self.url) as work:
            found = select(func.count()).where(outbox.c.state == state)
            return (await work.tx.execute(found)).scalar_one()

    async def emptied(self) -> None:
        """Wait until nothing is left to be sent: whatever was said may have been among what is unknown."""
        async with asyncio.timeout(60):
            while await self.count(State.SENDING) + await self.count(State.WAITING):  # noqa: ASYNC110
                await asyncio.sleep(0.2)


@asynccontextmanager
async def drop(database_server: str, tmp_path: Path) -> AsyncGenerator[Drop]:
    """Begin the drop."""
    url = await postgres.fresh(database_server)
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(TelegramServer())
        key, had = await on_telegram(telegram, tmp_path, MEMBERS, url)
        shared = {"telegram_token": telegram.token, "database_url": url}
        first, second = [
            await stack.enter_async_context(
                process(folder, key, telegram_api_url=telegram.api_url.replace(FIRST, host), **shared)
            )
            for folder, host in zip(folders, (FIRST, SECOND), strict=True)
        ]
        made = Drop(telegram, tmp_path, key, url, first, second, had)
        await first.start()
        await telegram.wait_for(lambda: made.sent_by(FIRST, 0), within=60)
        await second.start()
        await second.has_started()
        assert sum(made.had()) < MEMBERS
        yield made


async def test_when_the_holder_is_killed_another_one_goes_on_within_ten_seconds(
    database_server: str, tmp_path: Path
) -> None:
    async with drop(database_server, tmp_path) as going:
        assert going.sent_by(SECOND, 0) == []
        await going.first.kill()
        unknown = await going.count(State.SENDING)
        before = sum(going.had())
        assert 0 < unknown <= AT_ONCE
        await going.telegram.wait_for(lambda: going.sent_by(SECOND, 0), within=TAKEN_OVER)
        ann = next(user for user in going.telegram.people.values() if not user.wire["is_bot"])
        going.telegram.say(ann, going.telegram.private(ann), "/help")  # and it is heard by the other one, too
        await going.telegram.wait_for(lambda: sum(going.had()) >= MEMBERS - unknown, within=60)
        await going.emptied()
        await going.telegram.wait_for(
            lambda: [each for each in going.telegram.messages(going.telegram.private(ann)) if "/crisis" in each.text],
            within=TAKEN_OVER,
        )
        assert await going.second.stop() == 0
        assert before < MEMBERS
        assert max(going.had()) == 1
        assert going.telegram.check() == []


async def test_a_holder_that_was_stopped_sends_nothing_once_another_one_has_taken_over(
    database_server: str, tmp_path: Path
) -> None:
    async with drop(database_server, tmp_path) as going:
        going.first.tell(SIGSTOP)
        stopped, unknown = time.monotonic(), await going.count(State.SENDING)
        await going.telegram.wait_for(lambda: going.sent_by(SECOND, 0), within=TAKEN_OVER)
        await asyncio.sleep(max(0, 8 - (time.monotonic() - stopped)))
        going.first.tell(SIGCONT)
        continued = time.monotonic()
        await going.telegram.wait_for(lambda: sum(going.had()) >= MEMBERS - unknown, within=60)
        await going.emptied()
        assert going.sent_by(FIRST, continued) == []
        assert going.first.logged("bot.leases lease-lost")
        assert max(going.had()) == 1
        assert await going.first.stop() == await going.second.stop() == 0


async def test_on_discord_nobody_is_told_twice_and_one_at_a_time_listens(database_server: str, tmp_path: Path) -> None:
    url = await postgres.fresh(database_server)
    async with DiscordServer(patience=60) as server:
        key, had = await on_discord(server, tmp_path, MEMBERS, url)
        shared = server.settings | {"database_url": url}
        folders = [tmp_path / "first", tmp_path / "second"]
        for folder in folders:
            folder.mkdir()
        async with process(folders[0], key, **shared) as first, process(folders[1], key, **shared) as second:
            await first.start()
            await server.wait_for(lambda: sum(had()) >= 1)
            await second.start()
            await second.has_started()
            assert len(server.gateway.live()) == 1
            await first.kill()
            assert sum(had()) < MEMBERS
            await server.wait_for(lambda: all(had()))
            assert await second.stop() == 0
        assert had() == [1] * MEMBERS
        assert server.check() == []


async def test_a_worker_sends_what_another_process_wrote_and_listens_to_nobody(
    database_server: str, tmp_path: Path
) -> None:
    url = await postgres.fresh(database_server)
    async with TelegramServer() as telegram:
        key, had = await on_telegram(telegram, tmp_path, 20, url)
        shared = telegram.settings | {"database_url": url}
        async with process(tmp_path, key, options=("--worker",), **shared) as worker:
            await worker.start()
            await telegram.wait_for(lambda: len(telegram.calls("sendMessage")) == len(had()), within=60)
            assert await worker.stop() == 0
        assert telegram.calls("getUpdates") == []
        assert telegram.calls("deleteWebhook") == telegram.calls("setMyCommands") == []
