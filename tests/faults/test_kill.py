"""kill -9 at the worst moments: nothing is lost, and nothing is said twice that need not be."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.model import Server
from bot.vault import new_key
from tests.faults.drops import AT_ONCE, on_discord, on_telegram
from tests.faults.process import process, written
from tests.faults.town import BRISK
from tests.platforms.discord import DiscordServer
from tests.platforms.telegram import TelegramServer
from tests.zipped import unzipped

MEMBERS = 200


@pytest.mark.parametrize("kill_at", [20, 75, 130])
async def test_a_drop_on_discord_reaches_everyone_once(tmp_path: Path, kill_at: int) -> None:
    async with DiscordServer(patience=60) as server:
        key, had = await on_discord(server, tmp_path, MEMBERS)
        async with process(tmp_path, key, BRISK, **server.settings) as bot:
            await bot.start()
            await server.wait_for(lambda: sum(had()) >= kill_at)
            await bot.kill()
            assert sum(had()) < MEMBERS
            await bot.start()
            await server.wait_for(lambda: all(had()))
            assert await bot.stop() == 0
        assert had() == [1] * MEMBERS
        assert server.check() == []


async def test_a_drop_on_telegram_leaves_only_what_was_in_flight_unknown(tmp_path: Path) -> None:
    async with TelegramServer() as server:
        key, had = await on_telegram(server, tmp_path, MEMBERS)
        async with process(tmp_path, key, **server.settings) as bot:
            await bot.start()
            await server.wait_for(lambda: sum(had()) >= 70, within=60)
            await bot.kill()
            before, unknown = sum(had()), in_flight(tmp_path)
            await bot.start()
            await server.wait_for(lambda: sum(had()) >= MEMBERS - unknown, within=60)
            assert await bot.stop() == 0
        assert before < MEMBERS
        assert 0 < unknown <= AT_ONCE
        assert max(had()) == 1
        assert server.check() == []


async def test_the_reply_to_a_command_comes_after_the_restart(tmp_path: Path) -> None:
    key = new_key()
    async with (
        TelegramServer() as server,
        process(tmp_path, key, **server.settings, log_level="DEBUG") as bot,
    ):
        ada, group = server.add_user("Markada", username="markada_user"), server.add_group("Letting go")
        server.join(ada, group)
        await written(tmp_path, key, Server("telegram", str(group.id)))
        chat = server.private(ada)
        await bot.start()
        server.say(ada, chat, "/join")
        consent = await server.next_message(chat, within=30)
        assert "Ann (ann@example.org) runs this" in consent.text
        server.press(ada, consent, "I'm 18 or over, and I agree")
        await server.wait_for(lambda: "Which of these" in consent_now(server, chat))

        server.delay("sendMessage", asyncio.Event())  # committed, and the reply never gets further than this
        server.say(ada, chat, "/contact wrote")
        await server.wait_for(lambda: [r for r in server.calls("sendMessage") if r.status is None])
        await bot.kill()
        asked = len(server.messages(chat))
        await bot.start()
        reply = await server.wait_for(lambda: server.messages(chat)[asked:], within=30)
        assert "Thank you for saying so" in reply[0].text
        server.say(ada, chat, "/export")
        exported = await server.wait_for(lambda: [m for m in server.messages(chat) if m.document], within=30)
        assert unzipped(exported[0].document.data)["unsent.json"].count(b'"wrote"') == 1
        assert sum("Thank you for saying so" in m.text for m in server.messages(chat)) == 1
        secret = (str(ada.id), "arkada", "wrote", server.token.partition(":")[2])
    logged = (tmp_path / "log").read_text()
    assert logged.count("bot.app started") == 2
    assert not [mark for mark in secret if mark in logged]


def in_flight(folder: Path) -> int:
    """Count the rows that were on their way when the process died."""
    with closing(sqlite3.connect(folder / "unsent.sqlite")) as database:
        return database.execute("SELECT count(*) FROM outbox WHERE state = 'sending'").fetchone()[0]


def consent_now(server: TelegramServer, chat: object) -> str:
    """Return what the first message says now."""
    return next(m.text for m in server.messages(chat) if m.from_bot)  # type: ignore[arg-type]


async def test_sigterm_finishes_what_is_in_flight_within_ten_seconds(tmp_path: Path) -> None:
    async with TelegramServer() as server:
        key, had = await on_telegram(server, tmp_path, MEMBERS)
        async with process(tmp_path, key, **server.settings) as bot:
            await bot.start()
            await server.wait_for(lambda: sum(had()) >= 40, within=60)
            asked = time.monotonic()
            assert await bot.stop() == 0
            assert time.monotonic() - asked < 10
            await bot.start()
            await server.wait_for(lambda: sum(had()) == MEMBERS, within=60)
            assert await bot.stop() == 0


async def test_a_second_run_on_the_same_data_is_refused(tmp_path: Path) -> None:
    key = new_key()
    async with TelegramServer() as server:
        settings = server.settings
        async with process(tmp_path, key, **settings) as first, process(tmp_path, key, anew=True, **settings) as second:
            await first.start()
            await server.wait_for(lambda: server.calls("getUpdates"), within=30)
            await second.start()
            assert await second.ended() == 2
    assert "Another Unsent is running" in (tmp_path / "log").read_text()
