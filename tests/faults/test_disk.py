"""A disk that is full to the last byte, which is another thing than a file that may not grow (test_file.py).

SQLite needs room for the log beside its file as well, and for the index of that, which it maps into memory: a page that
found no room there would kill the process.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.disk import FILE, disk
from tests.faults.process import until
from tests.faults.test_file import IMPATIENT, assert_whole, logged
from tests.faults.town import MOVED, moves, town

LOG = f"{FILE}-wal"

pytestmark = pytest.mark.sqlite


async def test_a_disk_without_a_free_byte_is_said_and_what_was_to_be_said_comes_when_there_is_room(
    tmp_path: Path,
) -> None:
    async with (
        disk(tmp_path) as there,
        town(tmp_path, 12, there.enter + IMPATIENT + MOVED, data_dir=str(there.path)) as here,
    ):
        await here.plans(after=timedelta(hours=1))
        there.takes(tmp_path)
        await here.bot.start()
        await here.bot.has_started()
        here.says(0, "/contact wrote")
        await here.hears(0, "Thank you for saying so")
        await until(lambda: there.size(LOG) == 0)  # what stands in the log leaves room when it goes
        with there.full():
            here.says(1, "/contact wrote")
            sorry = await here.hears(1, "went wrong")
            moves(tmp_path, timedelta(hours=1))
            await logged(here, "bot.sender sender-failed", "SQLITE_FULL")
            assert sorry.split()[-1].strip(".") in here.log()
            health = await here.health()
            assert (health["store"], health["well"]) == (False, False)
            assert sum(here.greeted()) == 0
        await here.server.wait_for(lambda: all(here.greeted()), within=60)
        here.says(1, "/contact wrote")
        await here.hears(1, "Thank you for saying so")
        assert (await here.health())["well"] is True
        assert await here.bot.stop() == 0
        assert here.greeted() == [1] * 12
        assert_whole(there.gives(tmp_path / "after"))


async def test_a_start_without_a_free_byte_says_so_and_loses_nothing(tmp_path: Path) -> None:
    async with disk(tmp_path) as there, town(tmp_path, 3, there.enter, data_dir=str(there.path)) as here:
        await here.plans()
        there.takes(tmp_path)
        with there.full():
            await here.bot.start()
            assert await here.bot.ended() == 2
            assert "The database cannot be used (OperationalError: " in here.log()
            assert "Is the disk full" in here.log()
            assert "Traceback" not in here.log()
        await here.bot.start()
        await here.server.wait_for(lambda: here.greeted() == [1, 1, 1], within=60)
        assert await here.bot.stop() == 0
        assert_whole(there.gives(tmp_path / "after"))
