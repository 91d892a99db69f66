"""Logs cannot tell on anybody: marks planted wherever a library or we ourselves might print them never come through."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Literal

import pytest

from bot import observe
from bot.observe import FIELDS, Format, Health, set_up_logs

MARK = "Zuzu-4711"
OURS = ("bot", "bot.sender", "cogs.questions")
FOREIGN = ("aiosqlite", "sqlalchemy.engine", "discord.gateway", "telegram.Bot", "asyncio", "bots", "cogsworth", "root")
Kind = Literal["human", "json"]


@pytest.fixture(params=["human", "json"])
def out(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Where every log of the process goes, at DEBUG."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", stream)
    set_up_logs("DEBUG", request.param)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:] = before
    root.setLevel(level)


class MarkedError(Exception):
    """An error that says what it should not."""


def plant(log: logging.Logger) -> None:
    """Log the mark in every way there is."""
    log.debug(f"a message about {MARK}")
    log.info("a message about %s", MARK)
    log.warning("%(who)s", {"who": MARK})
    log.error(MARK)
    log.info("an-event", extra={"who": MARK, "text": MARK})
    log.info("an-event", stack_info=True)
    try:
        raise MarkedError(MARK)
    except MarkedError:
        log.exception("it-failed")
        log.debug(MARK, exc_info=True)
    try:
        try:
            raise KeyError(MARK)
        except KeyError as inner:
            raise MarkedError(f"because of {MARK}") from inner
    except MarkedError:
        log.critical("it-failed-again", exc_info=True)


@pytest.mark.parametrize("name", [*OURS, *FOREIGN])
def test_no_mark_comes_through(out: io.StringIO, name: str) -> None:
    log = logging.getLogger(f"{name}.planted")
    level = log.level
    log.setLevel(logging.DEBUG)  # SQLAlchemy keeps its own quiet
    plant(log)
    log.setLevel(level)
    # The thread of a connection that an earlier test has closed may still have a word to say.
    lines = [line for line in out.getvalue().splitlines() if ".planted" in line]
    assert len(lines) == 9
    assert MARK not in out.getvalue()
    assert MARK.casefold() not in out.getvalue().casefold()
    assert sum("MarkedError" in line for line in lines) == 3
    assert ("an-event" in out.getvalue()) == (name in OURS)


def test_a_warning_tells_nothing_but_that_it_was_one(out: io.StringIO) -> None:
    logging.captureWarnings(capture=False)
    logging.captureWarnings(capture=True)  # once more: the fixture's went with the phase it was in
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(MARK, UserWarning, stacklevel=1)
    assert "py.warnings" in out.getvalue()
    assert MARK not in out.getvalue()


def test_what_is_on_the_list_is_told(out: io.StringIO) -> None:
    fields = {name: f"{name}-value" for name in FIELDS}
    logging.getLogger("bot.sender").info("an-event", extra=fields)
    assert [name for name, value in fields.items() if value not in out.getvalue()] == []
    logging.getLogger("discord").info("an-event", extra=fields)
    assert [name for name, value in fields.items() if value in out.getvalue().splitlines()[1]] == []


def test_where_it_failed_is_told_of_our_own(out: io.StringIO) -> None:
    try:
        raise MarkedError
    except MarkedError:
        logging.getLogger("bot").exception("it-failed")
    assert "test_where_it_failed_is_told_of_our_own" in out.getvalue()


@pytest.mark.parametrize("name", ["httpx", "httpcore", "apscheduler", "alembic"])
def test_loggers_that_print_tokens_or_every_beat_are_quiet(out: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("a request to https://example.org/bot123:TOKEN")
    assert out.getvalue() == ""
    logging.getLogger(name).warning("a request to https://example.org/bot123:TOKEN")
    assert "TOKEN" not in out.getvalue()


def test_json_is_one_object_a_line() -> None:
    record = logging.LogRecord("bot.x", logging.INFO, "", 1, "an-event", (), None)
    record.count = 3
    line = json.loads(Format("json").format(record))
    assert line["event"] == "an-event"
    assert line["count"] == 3
    assert set(line) == {"time", "level", "logger", "event", "count"}


def test_health_is_what_was_said_last() -> None:
    health = Health()
    assert health.platforms == {}
    health.set("discord", connected=False)
    health.set("telegram", connected=True)
    health.set("discord", connected=True)
    assert health.platforms == {"discord": True, "telegram": True}


def test_what_is_stopped_is_not_well_however_often_it_connects() -> None:
    health = Health()
    health.set("discord", connected=True)
    health.stop("discord")
    health.stop("telegram")
    health.set("discord", connected=True)
    assert health.platforms == {"discord": False, "telegram": False}


def test_metrics_know_no_people() -> None:
    labels = {name for metric in observe.METRICS.collect() for sample in metric.samples for name in sample.labels}
    assert labels <= {"platform", "action", "outcome", "le"}
