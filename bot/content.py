"""Reading content/ for those who write it: what is wrong in it, by file and line. No feature, no settings."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

BANNED = "banned.toml"

HEADER = re.compile(r"\s*\[(\[)?\s*([^\[\]]+?)\s*\]")
KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*=\s*(.*)")
AT_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True)
class Content:
    """What is to be read: content/ as a whole or None, a deck of advice, the day it is, and other decks beside it."""

    folder: Path | None
    deck: Path
    today: date
    others: tuple[Path, ...] = ()

    @property
    def decks(self) -> tuple[Path, ...]:
        """Every deck that is to be read."""
        return self.deck, *self.others


@dataclass(frozen=True)
class Remark:
    """One thing to be said of a file. `line` counts from 1; `id` is which entry; a note is not `wrong`."""

    file: Path
    line: int
    what: str
    id: str = ""
    wrong: bool = True

    def __str__(self) -> str:
        where = self.file.relative_to(Path.cwd()) if self.file.is_relative_to(Path.cwd()) else self.file
        return ": ".join(filter(None, [f"{where}:{self.line}", "" if self.wrong else "note", self.id, self.what]))


@dataclass(frozen=True)
class Shown:
    """One entry as it is read in a terminal: under which heading, whom it is for and so on, and its paragraphs."""

    heading: str
    title: str
    facts: tuple[str, ...]
    paragraphs: tuple[str, ...]


class NotToml(ValueError):
    """A file that cannot be read at all; `remark` says why."""

    def __init__(self, remark: Remark) -> None:
        super().__init__(str(remark))
        self.remark = remark


@dataclass(frozen=True)
class Table:
    """A table of a TOML file: its dotted name ("" for what stands above all others), its values, and their lines."""

    name: str
    line: int
    values: Mapping[str, Any]
    lines: dict[str, int] = field(default_factory=dict[str, int])

    def at(self, key: str) -> int:
        """Return the line of a value, or that of the table where it has none."""
        return self.lines.get(key, self.line)


def tables(file: Path) -> list[Table]:
    """Return the tables of a TOML file in their order, each with a header of its own. Raises NotToml."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise NotToml(Remark(file, 1, f"it cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError:
        raise NotToml(Remark(file, 1, "it is not text in UTF-8")) from None
    try:
        return list(_tables(text))
    except tomllib.TOMLDecodeError as error:
        at = AT_LINE.search(str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        raise NotToml(Remark(file, line, f"it is not TOML: {error}")) from None


@lru_cache(maxsize=64)  # a check looks at a file from several sides; it is known again by what is in it
def _tables(text: str) -> tuple[Table, ...]:
    data = tomllib.loads(text)
    return tuple(_split(text, data))


def _split(text: str, data: Mapping[str, Any]) -> Iterator[Table]:
    seen: dict[str, int] = {}
    here = Table("", 1, data)
    open_until = ""
    for number, line in enumerate(text.splitlines(), 1):
        if open_until:
            open_until = "" if open_until in line else open_until
        elif header := HEADER.match(line):
            yield here
            name = ".".join(part.strip(" \"'") for part in header[2].split("."))
            if header[1]:
                seen[name] = seen.get(name, -1) + 1
            here = Table(name, number, _inside(data, name, seen))
        elif key := KEY.match(line):
            here.lines.setdefault(key[1].strip("\"'"), number)
            quotes = key[2][:3]
            if quotes in ('"""', "'''") and quotes not in key[2][3:]:
                open_until = quotes
    yield here


def _inside(data: Mapping[str, Any], name: str, seen: Mapping[str, int]) -> Mapping[str, Any]:
    """Return the values of a table by its name; of a list of tables, the one that `seen` has come to."""
    value: Any = data
    path = ""
    for part in name.split("."):
        path = f"{path}.{part}" if path else part
        value = value[part]
        if isinstance(value, list):
            value = cast("list[Any]", value)[seen.get(path, 0)]
    return value


def strings(value: object) -> Iterator[str]:
    """Yield the texts in a value: itself, or what a list holds. A table within is a table of its own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from strings(each)


@cache
def banned(file: Path, *groups: str) -> Mapping[str, re.Pattern[str]]:
    """Return what is never said, by why, of these groups of a banned.toml; nothing where there is no such file."""
    if not file.exists():
        return {}
    listed = tomllib.loads(file.read_text(encoding="utf-8"))
    return {why: re.compile(words, re.IGNORECASE) for group in groups for why, words in listed[group].items()}


def harsh(words: Mapping[str, re.Pattern[str]], texts: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each thing in `texts` that is never said."""
    return (what for text in texts for _, what in found_in(words, text))


def found_in(words: Mapping[str, re.Pattern[str]], text: str) -> Iterator[tuple[int, str]]:
    """Yield where in `text` something stands that is never said, as an index, and a sentence about it."""
    for why, pattern in words.items():
        if found := pattern.search(text):
            yield found.start(), f"“{found[0]}” is never said here ({why})"


def table_of(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table of the file, empty where there is none. Raises ValueError where it is something else."""
    table: object = data.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"{name} is a table")
    return cast("dict[str, Any]", table)


def only_fields(what: str, value: object, known: set[str]) -> None:
    """Raise ValueError where `value` is no table or has keys beyond those that are known."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} is a table")
    if unknown := cast("dict[str, object]", value).keys() - known:
        raise ValueError(f"{what} has no field {', '.join(sorted(unknown))}")
