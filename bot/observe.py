"""Logs that cannot tell on anybody, metrics without people, and health.

A log line of ours is an event's fixed name and fields from an allow-list. Of other libraries' lines only the level, the
logger and an exception's type pass: aiosqlite, SQLAlchemy, discord and telegram print values at DEBUG.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Histogram

OURS = ("bot", "cogs")
EVENT = re.compile(r"[a-z]+([._-][a-z]+)*")  # a fixed name: a sentence could hold anything
FIELDS = (
    "action",
    "platform",
    "outcome",
    "lane",
    "error",
    "reference",
    "count",
    "seconds",
    "job",
    "signal",
    "address",
    "why",
)

METRICS = CollectorRegistry()
CALLS = Counter("unsent_calls", "Calls that took effect.", ["platform", "action"], registry=METRICS)
CALL_SECONDS = Histogram(
    "unsent_call_seconds",
    "From a Call to its Reply.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 3),
    registry=METRICS,
)
CALL_ERRORS = Counter("unsent_call_errors", "Calls that failed by our fault.", ["platform"], registry=METRICS)
DELIVERIES = Counter(
    "unsent_deliveries", "Outbox rows by what came of them.", ["platform", "outcome"], registry=METRICS
)


class Format(logging.Formatter):
    """One line a record, for people or as JSON, from the allow-list alone."""

    def __init__(self, form: Literal["human", "json"]) -> None:
        super().__init__()
        self._json = form == "json"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Neither the arguments of a message nor the text of an exception is ever in it."""
        ours = record.name.partition(".")[0] in OURS
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        if ours:
            line["event"] = record.msg if EVENT.fullmatch(str(record.msg)) else "not-an-event"
            line |= {name: value for name in FIELDS if (value := record.__dict__.get(name)) is not None}
        if record.exc_info and record.exc_info[0]:
            line["error"] = _fault(record.exc_info[0].__name__, record.exc_info[1])
            if ours:
                line["at"] = [
                    f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(record.exc_info[2])[-8:]
                ]
        if self._json:
            return json.dumps(line, default=str)
        rest = " ".join(f"{k}={v}" for k, v in line.items() if k not in ("time", "level", "logger", "event"))
        return " ".join(filter(None, [line["time"], line["level"], line["logger"], line.get("event"), rest]))


def _fault(name: str, error: BaseException | None) -> str:
    """Return the type of `error`, and SQLite's own name for it where it has one, such as SQLITE_FULL."""
    code: object = getattr(getattr(error, "orig", error), "sqlite_errorname", None)
    return f"{name} {code}" if isinstance(code, str) else name


def set_up_logs(level: str, form: Literal["human", "json"]) -> None:
    """Send every logger of the process through Format, to standard error, at `level`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Format(form))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "apscheduler", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


class Health:
    """Which platforms are well: connected, and not stopped. A platform is asked about from the moment it is named.

    One that is connected in several parts is connected when each part is that was named.
    """

    def __init__(self) -> None:
        self._connected: dict[str, dict[str, bool]] = {}
        self._stopped: set[str] = set()

    def set(self, platform: str, *, connected: bool, part: str = "") -> None:
        """Note whether `platform`, or that part of it, is connected now."""
        self._connected.setdefault(platform, {})[part] = connected

    def stop(self, platform: str) -> None:
        """Note that nothing goes out on `platform` any more, connected or not: only a restart makes it well."""
        self._connected.setdefault(platform, {})
        self._stopped.add(platform)

    @property
    def platforms(self) -> Mapping[str, bool]:
        """Every platform, and whether it is well."""
        return {name: all(parts.values()) and name not in self._stopped for name, parts in self._connected.items()}
