"""The whole of Unsent, once: join, streak, advice, ask, answer, forget. The same on every platform."""

import base64
import json
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.observe import Format
from bot.vault import new_key
from tests.platforms import conformance
from tests.scenario.stages import Stage, both, discord, preview, telegram, telegram_by_webhook

QUESTION = "Markquestion: should I write to them on their birthday?"
ANSWER = "Markanswer: let the day pass, and write it here instead."

Setting = Callable[[Path, str], AbstractAsyncContextManager[Stage]]


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Return all that was logged at DEBUG, by anybody, as our log would show it."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join(Format("json").format(record) for record in caplog.records)


@pytest.mark.parametrize("setting", [discord, telegram, telegram_by_webhook, both, preview])
async def test_the_whole_way(setting: Setting, tmp_path: Path, logs: Callable[[], str]) -> None:
    async with setting(tmp_path, new_key()) as stage:
        ada, rowan = stage.member, stage.coach

        await ada.says("/join")
        assert "Ann (ann@example.org) runs this" in ada.seen
        await ada.taps("I'm 18 or over, and I agree")
        await ada.taps("I cheated")
        await ada.taps("Another day")
        await ada.fills(day="5")
        await ada.taps("Morning")
        assert "Day 5." in ada.seen
        assert "12:00 by my clock" in ada.seen

        await ada.says("/streak")
        assert "Day 5. The last contact was on Friday, 27 February." in ada.seen

        await ada.says("/advice")
        assert "Today: " in ada.seen

        await ada.says("/ask")
        await ada.fills(question=QUESTION)
        assert "Coaches will see only this" in ada.seen
        await ada.taps("Send")
        assert "without your name" in ada.seen

        await rowan.finds(QUESTION)
        await rowan.taps("Answer")
        await rowan.fills(answer=ANSWER)
        assert "It goes out in 60 seconds" in rowan.seen
        await stage.moves(seconds=61)
        await ada.finds(ANSWER)
        await rowan.finds("Delivered.")

        await stage.moves(hours=20)
        await ada.finds("Your thought for today")

        await ada.says("/export")
        kept = json.loads(await ada.file())
        assert kept["questions"][0]["text"] == QUESTION
        assert kept["questions"][0]["answer"] == ANSWER

        await ada.says("/forget")
        await ada.taps("Yes, erase everything")
        assert "is erased" in ada.seen

        desk, marks = stage.desk_payloads(), stage.marks
        assert QUESTION in desk
        assert not [mark for mark in marks if mark in desk]
        complaints = stage.check()

    assert not [mark for mark in (*marks, QUESTION, ANSWER) if mark in logs()]
    assert complaints == []
    assert not _left(tmp_path, (*marks, QUESTION, ANSWER))


def test_the_specifications_are_at_hand() -> None:
    if not conformance.available():
        pytest.skip("the platforms' specifications are not here")


def _left(folder: Path, marks: tuple[str, ...]) -> list[str]:
    """Return the marks that stand, in any form, in the bytes of the files in `folder`."""
    left = b"".join(file.read_bytes() for file in folder.iterdir())
    return [mark for mark in marks if any(form in left for form in _forms(mark))]


def _forms(mark: str) -> list[bytes]:
    raw = mark.encode()
    forms = [
        raw,
        raw.hex().encode(),
        base64.b64encode(raw).rstrip(b"=")[:-1],
        base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1],
    ]
    return forms + ([int(mark).to_bytes(8, "big"), int(mark).to_bytes(8, "little")] if mark.isdecimal() else [])
