"""Fixtures that many tests share."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot import registry
from bot.texts import Texts
from tests.harness import World, new_world

registry.discover()  # the real cogs' tables are declared before any test declares, and takes back, its own


@pytest.fixture(scope="session")
def texts() -> Texts:
    """All the words, read once."""
    return Texts()


@pytest.fixture
async def world(tmp_path: Path, texts: Texts) -> AsyncGenerator[World]:
    """A running Unsent on a fresh database."""
    async with new_world(tmp_path, texts=texts) as made:
        yield made
