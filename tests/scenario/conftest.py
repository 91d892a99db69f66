"""What the scenarios begin with."""

import pytest

from bot.adapters.telegram import limits


@pytest.fixture(autouse=True)
def _days_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A story of weeks is told in seconds: what Telegram takes of a chat within a minute would hold it up."""
    monkeypatch.setattr(limits, "CHAT_BURST", 10_000.0)
    monkeypatch.setattr(limits, "GROUP", 10_000)
