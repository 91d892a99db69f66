"""A real PostgreSQL for tests: Debian's binaries, on a socket in a folder of its own, for as long as the tests take.

With UNSENT_TEST_DATABASE=postgresql every world of the harness has its database there instead of in a file.
"""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import inspect, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store import KEY_CHECK, Store, meta, metadata

# Nothing has to survive the tests, so nothing waits for the disk.
HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "autovacuum=off")


CHOICE, SERVER = "UNSENT_TEST_DATABASE", "UNSENT_TEST_SERVER"
MADE: dict[str, Path] = {}  # the databases there are, and whose each is: the path of a world
CLEAR: dict[str | None, str] = {}  # what empties each of them


def is_chosen() -> bool:
    """Tell whether worlds have their databases here."""
    return os.environ.get(CHOICE) == "postgresql"


def at(path: Path) -> tuple[str, bool]:
    """Return the address of the database of the world at `path`, and whether it is to be written anew.

    A world that is opened again finds what it left there. A database whose world is gone is given to the next one.
    """
    if path.exists():
        return _address(path.read_text()), False
    name = next((each for each, whose in MADE.items() if whose == path or not whose.exists()), None)
    MADE[name or (name := f"{os.environ.get('PYTEST_XDIST_WORKER', 'world')}_{len(MADE)}")] = path
    path.write_text(name)
    return _address(name), True


async def clear(store: Store) -> None:
    """Make the database of `store`, if it is not there yet, and leave no row in it but what checks the key."""
    name = make_url(store.url).database
    if name not in CLEAR:
        admin = create_async_engine(os.environ[SERVER], isolation_level="AUTOCOMMIT")
        async with admin.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await admin.dispose()
        await store.open()
        async with store.reading() as tx:
            there = set(await tx.run(lambda connection: inspect(connection).get_table_names()))
        tables = [table.name for table in reversed(metadata.sorted_tables) if table.name in there]
        CLEAR[name] = "; ".join(f"DELETE FROM {each}" for each in tables if each != meta.name)
    key = f"DELETE FROM {meta.name} WHERE name <> '{KEY_CHECK}'"
    async with store.transaction() as tx:
        await tx.execute(text(f"DO $$ BEGIN {CLEAR[name]}; {key}; END $$"))


async def fresh(server: str) -> str:
    """Return the address of a database on `server` that is not there before."""
    admin = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text("DROP DATABASE IF EXISTS a_test WITH (FORCE)"))
        await connection.execute(text("CREATE DATABASE a_test"))
    await admin.dispose()
    return make_url(server).set(database="a_test").render_as_string(hide_password=False)


def _address(name: str) -> str:
    return make_url(os.environ[SERVER]).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def own_server() -> Generator[str]:
    """A server for the tests of one module, whatever the worlds are in; see `needed`."""
    bin = binaries()
    assert bin is not None
    with server(bin) as url:
        yield url


def binaries() -> Path | None:
    """Return the folder with PostgreSQL's programs, or None where there are none."""
    found = [Path(which).resolve().parent] if (which := shutil.which("initdb")) else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((each for each in found if (each / "initdb").exists() and (each / "postgres").exists()), None)


@contextmanager
def server(bin: Path, *settings: str) -> Generator[str]:
    """Run a server; give the address of its first database, for SQLAlchemy."""
    folder = Path(mkdtemp(prefix="unsent-pg-"))
    # It refuses to run as root: then it is run as the user that its package made.
    as_other = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    if as_other:
        shutil.chown(folder, "postgres")

    def run(*command: str) -> None:
        subprocess.run([*as_other, *command], check=True, capture_output=True, cwd=folder)

    try:
        run(f"{bin}/initdb", "-D", f"{folder}/data", "-U", "unsent", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = " ".join(f"-c {each}" for each in (*HASTE, *settings))
        listens = f"-k {folder} -c listen_addresses="
        run(f"{bin}/pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", f"{listens} {options}", "start")
        try:
            yield f"postgresql+asyncpg://unsent@/postgres?host={folder}"
        finally:
            run(f"{bin}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


needed = pytest.mark.skipif(binaries() is None and os.environ.get("CI") != "true", reason="there is no PostgreSQL")
