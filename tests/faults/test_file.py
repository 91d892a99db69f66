"""The file: its disk is full, another program holds it, it is damaged. It is said, nothing is lost, nothing deleted."""

import asyncio
import resource
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.vault import new_key
from tests.faults.process import process, until
from tests.faults.town import MOVED, Town, moves, town

ROOM = 8192  # bytes, in which no change of any size fits
IMPATIENT = "from bot import engines, sender\nengines.BUSY_MS, sender.IDLE = 200, 0.2"
FULL = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({ROOM}, -1))"

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.skipif(sys.platform != "linux", reason="limits another process, as Linux can"),
]


def room(town: Town, bytes: int) -> None:
    """Let the process write no file beyond so many bytes, -1 for any: so it finds a disk that is full."""
    resource.prlimit(town.bot.pid, resource.RLIMIT_FSIZE, (bytes, -1))


async def logged(town: Town, *words: str) -> None:
    """Wait until all of that stands in the log, of which nobody tells."""
    await until(lambda: all(word in town.log() for word in words))


async def _happens() -> None:
    await asyncio.sleep(0.05)


async def test_a_full_disk_is_said_and_what_was_to_be_said_comes_when_there_is_room(tmp_path: Path) -> None:
    async with town(tmp_path, 12) as here:
        await here.plans(after=timedelta(seconds=2))
        await here.bot.start()
        await here.is_up()
        here.says(0, "/contact wrote")
        await here.hears(0, "Thank you for saying so")
        room(here, ROOM)
        here.says(1, "/contact wrote")
        sorry = await here.hears(1, "went wrong")
        await logged(here, "bot.sender sender-failed", "SQLITE_IOERR_WRITE")
        assert sorry.split()[-1].strip(".") in here.log()
        assert (await here.health())["store"] is False
        room(here, -1)
        await here.server.wait_for(lambda: all(here.greeted()), within=60)
        here.says(1, "/contact wrote")
        await here.hears(1, "Thank you for saying so")
        assert (await here.health())["well"] is True
        assert await here.bot.stop() == 0
        assert max(here.greeted()) == 1
    assert_whole(tmp_path)


async def test_a_start_on_a_full_disk_says_so_and_loses_nothing(tmp_path: Path) -> None:
    async with town(tmp_path, 3, FULL) as full:
        await full.plans()
        before = (tmp_path / "unsent.sqlite").stat()
        await full.bot.start()
        assert await full.bot.ended() == 2
        assert "The database cannot be used (OperationalError: disk I/O error). Is the disk full" in full.log()
        assert "Traceback" not in full.log()
        assert (tmp_path / "unsent.sqlite").stat().st_ino == before.st_ino
        assert_whole(tmp_path)
        wanted = {"telegram_token": full.server.token, "telegram_api_url": full.server.api_url}
        async with process(tmp_path, full.key, **wanted) as bot:
            await bot.start()
            await full.server.wait_for(lambda: full.greeted() == [1, 1, 1], within=60)
            assert await bot.stop() == 0


async def test_what_another_program_holds_is_waited_for(tmp_path: Path) -> None:
    async with town(tmp_path, 12, IMPATIENT + MOVED) as here:
        await here.plans(after=timedelta(hours=1))
        await here.bot.start()
        await here.is_up()
        with closing(sqlite3.connect(tmp_path / "unsent.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            here.says(1, "/contact wrote")
            await here.hears(1, "went wrong")
            moves(tmp_path, timedelta(hours=1))
            await logged(here, "bot.sender sender-failed", "SQLITE_BUSY")
            assert (await here.health())["store"] is False
            other.execute("ROLLBACK")
        await here.server.wait_for(lambda: all(here.greeted()), within=60)
        here.says(1, "/contact wrote")
        await here.hears(1, "Thank you for saying so")
        assert (await here.health())["well"] is True
        assert await here.bot.stop() == 0
        assert max(here.greeted()) == 1


async def test_a_start_on_what_another_program_holds_says_so(tmp_path: Path) -> None:
    async with town(tmp_path, 3, IMPATIENT) as here:
        await here.plans()
        with closing(sqlite3.connect(tmp_path / "unsent.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await here.bot.start()
            assert await here.bot.ended() == 2
            other.execute("ROLLBACK")
        assert "The database cannot be used (OperationalError: database is locked)" in here.log()
        assert "Traceback" not in here.log()
        await here.bot.start()
        await here.server.wait_for(lambda: here.greeted() == [1, 1, 1], within=60)


def no_database(file: Path) -> None:
    """Write over its head."""
    with file.open("r+b") as opened:
        opened.write(b"\xff" * 4096)


def cut(file: Path) -> None:
    """Lose its second half."""
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2 // 4096 * 4096)


@pytest.mark.parametrize("damage", [no_database, cut])
async def test_a_damaged_file_is_said_and_never_touched(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    async with town(tmp_path, 3) as here:
        file = tmp_path / "unsent.sqlite"
        with closing(sqlite3.connect(file)) as opened:
            opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        damage(file)
        before = file.read_bytes()
        await here.bot.start()
        assert await here.bot.ended() == 2
        assert "The database cannot be used (DatabaseError: " in here.log()
        assert "Nothing was deleted" in here.log()
        assert "Traceback" not in here.log()
        assert file.read_bytes() == before


async def test_what_is_damaged_within_is_named_in_the_log_and_by_health(tmp_path: Path) -> None:
    async with town(tmp_path, 3) as here:
        await here.plans()
        file = tmp_path / "unsent.sqlite"
        with closing(sqlite3.connect(file)) as opened:
            (page,) = opened.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'").fetchone()
            opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with file.open("r+b") as opened:
            opened.seek((page - 1) * 4096)
            opened.write(b"\xff" * 4096)
        await here.bot.start()
        await logged(here, "bot.sender", "SQLITE_CORRUPT")
        if "bot.app started" in here.log():
            assert (await here.health())["store"] is False
        await here.bot.kill()
        before = file.read_bytes()
        assert "The database is damaged. Nothing was deleted." in await here.bot.types("check", status=2)
        assert file.read_bytes() == before


async def test_a_first_start_that_is_killed_leaves_what_the_next_can_use(tmp_path: Path) -> None:
    async with process(tmp_path, new_key()) as bot:
        for _ in range(8):
            await bot.start()
            await _happens()
            await bot.kill()
        await bot.start()
        await bot.has_started()
        assert await bot.stop() == 0
    assert_whole(tmp_path)


def assert_whole(folder: Path) -> None:
    """See that the file is whole."""
    with closing(sqlite3.connect(folder / "unsent.sqlite")) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
