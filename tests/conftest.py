"""What many tests share: how they are spread over processes, and the world."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot import registry
from bot.texts import Texts
from tests import postgres
from tests.harness import World, new_world, the_texts

sys.dont_write_bytecode = False  # else each process compiles all tests anew, which takes longer than many of them
registry.discover()  # the real cogs' tables are declared before any test declares, and takes back, its own


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run a few files in this process: others would take longer to start. A folder goes to all processors."""
    paths = [Path(str(arg).partition("::")[0]) for arg in config.args]
    return 0 if all(path.is_file() for path in paths) else None


def pytest_configure(config: pytest.Config) -> None:
    """Start the database of all worlds, where it is to be PostgreSQL: one server for every process."""
    if not postgres.is_chosen() or postgres.SERVER in os.environ:
        return
    bin = postgres.binaries()
    if bin is None:
        pytest.exit(f"{postgres.CHOICE} says postgresql, and there is none: apt install postgresql", returncode=1)
    running = ExitStack()
    os.environ[postgres.SERVER] = running.enter_context(postgres.server(bin))
    config.add_cleanup(running.close)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is SQLite's alone, where the worlds are in PostgreSQL."""
    skip = pytest.mark.skip(reason="of SQLite's files, or of the trips to its thread")
    for item in items if postgres.is_chosen() else []:
        if item.get_closest_marker("sqlite"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def texts() -> Texts:
    """All the words, read once."""
    return the_texts()


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one world after the other: so many folders would have to be cleared away."""
    return tmp_path_factory.mktemp("world")


@pytest.fixture
def ground(grounds: Path) -> Path:
    """An empty folder."""
    for left in grounds.iterdir():
        left.unlink()
    return grounds


@pytest.fixture
async def world(ground: Path, texts: Texts) -> AsyncGenerator[World]:
    """A running Unsent on a fresh database."""
    async with new_world(ground, texts=texts) as made:
        yield made
