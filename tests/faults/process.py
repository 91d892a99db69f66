"""Unsent as a process of its own, to be killed; and a database with a community, and members whose piece is due."""

import asyncio
import atexit
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from functools import cache
from pathlib import Path
from shutil import rmtree
from subprocess import PIPE
from tempfile import mkdtemp
from typing import Any

from bot import app, communities, people
from bot.clock import Clock
from bot.cog import Work
from bot.model import Account, Server
from bot.settings import Settings
from cogs import advice
from tests.seed import set_up

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]

ROOT = Path(__file__).parent.parent.parent
OPERATOR = "The operator (operator@example.org)"


class Process:
    """`unsent run` with these settings. `first` is Python that is run before it, in the same process.

    It is forked from one that has imported all of it (tests/faults/forking.py): a start costs a tenth of what it would.
    `anew` starts an interpreter each time, as an operator does.
    """

    def __init__(
        self,
        folder: Path,
        key: str,
        first: str = "",
        options: Iterable[str] = (),
        *,
        anew: bool = False,
        **settings: str,
    ) -> None:
        self._env = {name: value for name, value in os.environ.items() if not name.startswith("UNSENT_")} | {
            "UNSENT_DATA_DIR": str(folder),
            "UNSENT_KEY": key,
            "UNSENT_OPERATOR": OPERATOR,
            "UNSENT_WEB": "127.0.0.1:0",
            "PYTHONPATH": str(ROOT),
            **{f"UNSENT_{name.upper()}": value for name, value in settings.items()},
        }
        self._folder = folder
        self._first = first
        self._options = tuple(options)
        self._anew = anew
        self._line: Line | None = None
        self._end: asyncio.Task[int] | None = None
        self.pid = 0

    async def start(self) -> None:
        """Start it; what it logs goes to a file beside the database."""
        if self._anew:
            program = ("-c", f"{self._first}\nfrom bot.cli import main\nmain()") if self._first else ("-m", "bot")
            with (self._folder / "log").open("ab") as log:
                running = await asyncio.create_subprocess_exec(
                    *(sys.executable, *program, "run", *self._options),
                    env=self._env,
                    cwd=self._folder,
                    stdout=log,
                    stderr=log,
                )
            self.pid, self._end = running.pid, asyncio.create_task(running.wait())
            return
        if self._line is None:
            self._line = await _forks()
        self.pid, self._end = await self._starts(self._line, "log", "run", *self._options)

    async def types(self, *words: str, status: int = 0) -> str:
        """Type `unsent` and these words, beside it; return what is printed, once it has ended with `status`."""
        line = await _forks()
        _, end = await self._starts(line, "typed", *words)
        assert await end == status
        line[1].close()
        printed = self._folder / "typed"
        text = printed.read_text()
        printed.unlink()
        return text

    async def _starts(self, line: Line, log: str, *words: str) -> tuple[int, asyncio.Task[int]]:
        reader, writer = line
        wanted = {
            "env": self._env,
            "cwd": str(self._folder),
            "log": str(self._folder / log),
            "first": self._first,
            "words": words,
        }
        writer.write(f"{json.dumps(wanted)}\n".encode())
        pid = int(await reader.readline())

        async def ended() -> int:
            return int(await reader.readline())

        return pid, asyncio.create_task(ended())

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def logged(self, event: str) -> bool:
        """Tell whether it, or one before it in the same folder, has logged `event`."""
        return f" {event}" in self.log()

    def log(self) -> str:
        """Return what it, and those before it in the same folder, have logged."""
        file = self._folder / "log"
        return file.read_text() if file.exists() else ""

    def rows(self, statement: str) -> list[Any]:
        """Ask its file, which is only read: what is in the log beside it is for a process to find."""
        where = f"file:{self._folder / 'unsent.sqlite'}?mode=ro"
        with closing(sqlite3.connect(where, uri=True, timeout=10)) as file:
            return file.execute(statement).fetchall()

    async def has_started(self, times: int = 1) -> None:
        """Wait until it, or those before it in the same folder, have said so often that all of it is there."""
        await self.logs("bot.app started", times)

    async def logs(self, event: str, times: int = 1) -> None:
        """Wait until it, or those before it in the same folder, have logged `event` so often."""
        await until(lambda: self.log().count(f" {event}") >= times)

    async def ended(self) -> int:
        """Wait until it has ended by itself; return its exit status."""
        assert self._end is not None
        return await asyncio.shield(self._end)

    async def kill(self) -> None:
        """Kill it where it stands: kill -9."""
        await self._ends(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to stop; return its exit status."""
        return await self._ends(signal.SIGTERM)

    async def close(self) -> None:
        """Kill it, and let go of what it is forked from."""
        await self.kill()
        if self._line is not None:
            self._line[1].close()

    async def _ends(self, how: signal.Signals) -> int:
        if self._end is None:
            return 0
        if not self._end.done():
            self.tell(how)
        return await self.ended()


@cache
def _socket() -> str:
    """Return where to connect for processes; what starts them is started once, and ends with us."""
    path = str(Path(mkdtemp(prefix="unsent-")) / "forks")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    forks = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.forking", path], env=env, cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    assert forks.stdout is not None
    assert forks.stdout.readline() == b"ready\n"
    atexit.register(_end, forks, Path(path).parent)
    return path


def _end(forks: "subprocess.Popen[bytes]", folder: Path) -> None:
    forks.communicate()
    rmtree(folder)


async def until(holds: Callable[[], object], within: float = 60) -> None:
    """Wait until something holds that nobody tells of, as of a file."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 # nobody tells of it
            await asyncio.sleep(0.02)


async def _forks() -> Line:
    return await asyncio.open_unix_connection(await asyncio.to_thread(_socket))


@asynccontextmanager
async def process(
    folder: Path, key: str, first: str = "", options: Iterable[str] = (), *, anew: bool = False, **settings: str
) -> AsyncGenerator[Process]:
    """Give a process that is not started yet, and is gone at the end; see Process."""
    made = Process(folder, key, first, options, anew=anew, **settings)
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def database(folder: Path, key: str, url: str | None = None) -> AsyncGenerator[Work]:
    """Give what works on a database, new or of a process that has ended, in one transaction."""
    where = {"data_dir": folder, "database_url": url}
    settings = Settings(_env_file=None, key=key, operator=OPERATOR, **where)  # pyright: ignore
    house = app.build_house(settings, Clock())
    await house.store.open()
    async with house.store.transaction() as tx:
        yield house.work(tx)
    await house.store.close()


async def written(folder: Path, key: str, server: Server, due: Iterable[Account] = (), url: str | None = None) -> None:
    """Write a community at `server` into a new database, and members of it whose daily piece was due a minute ago."""
    async with database(folder, key, url) as work:
        tx = work.tx
        community = await set_up(tx, work.vault, server)
        for account in due:
            member = await people.join(tx, work.vault, account, zone="UTC", now=work.now)
            await communities.enter(tx, member.id, community.id, work.now)
            state = {"hour": 8, "day": None, "piece": None, "had": []}
            await tx.insert(advice.readings, member=member.id, state=state)
            await work.due.at(advice.DROP, member.id, work.now - timedelta(minutes=1), member=member.id)
