"""From what is kept to what a spreadsheet opens, and both into files that a chat takes."""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, cast

from bot.model import JSON

PART = 4 * 1024 * 1024  # bytes of one file: a few fit into a zip, also where they cannot be made smaller
ROOM = 9 * 1024 * 1024  # bytes of one zip. Discord: 10 MiB a file; Telegram: 50 MB from a bot
AROUND = 200  # bytes that a file in a zip takes beside its name and what is in it
STAMP = (1980, 1, 1, 0, 0, 0)  # the first that a zip knows: the same is packed the same
UNIX, OWNER_READS = 3, 0o600 << 16  # wherever it was packed
LEVEL = 6

FIRST = ("day", "at", "asked", "since", "joined")  # columns that a sheet begins with, and is in the order of
LAST = "id"
WHOSE = "member"  # theirs, in every row
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")  # what a spreadsheet would compute, or cut off
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?[+-]\d\d:\d\d")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NEVER = date.min.isoformat()

Row = dict[str, Any]
Tell = Callable[[str, str | bool], str]
"""Given a column and a value, returns the value's words, or the value itself."""


def parts(kept: JSON, most: int = PART) -> list[JSON]:
    """Return `kept` in as many parts as it takes for none to be longer than about `most` bytes of JSON."""
    found: list[JSON] = [{}]
    size = 0
    for name, value in kept.items():
        for row in listed(value):
            takes = len(to_json(row))
            if size and size + takes > most:
                found.append({})
                size = 0
            found[-1].setdefault(name, []).append(row)
            size += takes
    return found


def to_json(value: Any) -> bytes:
    """Return `value` as JSON that people can read too."""
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def rows_of(name: str, value: Any) -> list[Row]:
    """Return the rows of a sheet: of each kept row what is in it, one column a thing; `name` is that of a lone value.

    What is kept by what it is for ("plans" by what sets it off) has a row for each, and that in a column of its name.
    """
    return [row for each in listed(value) for row in _rows(name, each) if row]


def sheet(rows: Sequence[Row], head: Callable[[str], str], tell: Tell, tz: tzinfo) -> bytes:
    """Return the rows as a CSV file with the columns' heads, the earliest first, instants by the clock of `tz`."""
    found = list(dict.fromkeys(column for row in rows for column in row))
    columns = [*(each for each in FIRST if each in found), *(each for each in found if each not in (*FIRST, LAST))]
    columns += [LAST] if LAST in found else []
    cells = [[cell(column, row.get(column), tell, tz) for column in columns] for row in _ordered(rows)]
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    for line in ([harmless(head(column)) for column in columns], *cells):
        lines.writerow(line)  # writerows would keep everybody waiting until it is through
    return out.getvalue().encode("utf-8-sig")  # without the mark, Excel takes it for another encoding


def cell(column: str, value: Any, tell: Tell, tz: tzinfo) -> str | int | float:
    """Return what stands in a cell."""
    match value:
        case None:
            return ""
        case bool():
            return tell(column, value)
        case int() | float():
            return value
        case str():
            return harmless(_told(column, value, tell, tz))
        case list():
            several = cast("list[Any]", value)
            return harmless(", ".join(str(cell(column, each, tell, tz)) for each in several))
        case _:
            return harmless(json.dumps(value, ensure_ascii=False))


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula: with a ' before it, where it would."""
    return f"'{text}" if FORMULA.match(text) else text


def pack(files: Iterable[tuple[str, bytes]], room: int = ROOM) -> list[list[tuple[str, bytes]]]:
    """Return the files for one zip, or for as many as it takes for none to be larger than `room` bytes."""
    several = list(files)
    small = sum(_takes(name, data) for name, data in several) <= room
    bundles: list[list[tuple[str, bytes]]] = [[]]
    size = 0
    for name, data in several:
        takes = _takes(name, data if small else zlib.compress(data, LEVEL))
        if size and size + takes > room:
            bundles.append([])
            size = 0
        bundles[-1].append((name, data))
        size += takes
    return bundles


def zipped(files: list[tuple[str, bytes]]) -> bytes:
    """Return the files as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in files:
            info = zipfile.ZipInfo(name, STAMP)
            info.external_attr, info.create_system = OWNER_READS, UNIX
            bundle.writestr(info, data, zipfile.ZIP_DEFLATED, LEVEL)
    return out.getvalue()


def listed(value: Any) -> list[Any]:
    """Return the rows that a feature has exported, also where it is a lone one."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _rows(name: str, kept: Any) -> list[Row]:
    if not isinstance(kept, dict):
        return [{name: kept}]
    row: Row = {}
    several: list[Row] = []
    for column, value in cast(Row, kept).items():
        if column == WHOSE:
            continue
        if not isinstance(value, dict):
            row[column] = value
            continue
        inner = cast(Row, value)
        if inner and all(isinstance(each, dict) for each in inner.values()):
            several += [{column: what, **each} for what, each in inner.items()]
        else:
            row |= inner
    return [flat for each in [row | each for each in several] or [row] for flat in _flat(each)]


def _flat(row: Row) -> list[Row]:
    """Return a row without others in it: what is kept by day has a row for each day, the rest columns of its own."""
    flat: Row = {}
    days: dict[str, Row] = {}
    for column, value in row.items():
        inner = cast(Row, value) if isinstance(value, dict) else None
        if inner is None:
            flat[column] = value
        elif FIRST[0] not in row and all(DAY.fullmatch(each) for each in inner):
            for day, each in inner.items():
                days.setdefault(day, {FIRST[0]: day})[column] = each
        elif not all(name.isidentifier() for name in inner):
            flat[column] = ", ".join(f"{name}: {each}" for name, each in inner.items())
        else:
            flat |= _flat({f"{column}_{name}": each for name, each in inner.items()})[0]
    return [each | flat for each in days.values()] or [flat]


def _ordered(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [str(row.get(column) or "") for column in FIRST])


def _told(column: str, value: str, tell: Tell, tz: tzinfo) -> str:
    if INSTANT.fullmatch(value):
        return datetime.fromisoformat(value).astimezone(tz).isoformat(" ", "minutes")
    return "" if value == NEVER else tell(column, value)


def _takes(name: str, data: bytes) -> int:
    return len(data) + 2 * len(name.encode()) + AROUND
