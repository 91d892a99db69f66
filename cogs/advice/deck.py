"""The deck: pieces of advice, read from the *.toml files of a folder and checked as they are read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from bot.content import NotToml, Remark, Table, tables
from bot.errors import DeclarationError
from cogs.stage import Stage, Whom

TITLE, BODY, TRY = 60, (300, 600), 139  # characters; docs/writing-content.md
ID = re.compile(r"[a-z0-9-]{1,40}")
SOURCE = "deck.toml"  # what the deck is: cogs/advice/source.py

Kind = TypeVar("Kind", bound=StrEnum)


class Moment(StrEnum):
    """When a piece that is not for any day is given."""

    LAPSE = "lapse"
    URGE_NIGHT = "urge_night"
    DAY_1 = "day_1"
    DAY_3 = "day_3"
    DAY_7 = "day_7"
    DAY_30 = "day_30"
    HOLIDAY = "holiday"
    THEY_WROTE = "they_wrote"


@dataclass(frozen=True)
class Piece:
    """One piece of advice. `attempt` is the one thing to try today; `talk` a question for the channel, or ""."""

    id: str
    stage: Stage
    teachings: tuple[str, ...]
    whom: Whom
    title: str
    body: str
    attempt: str
    talk: str = ""
    heavy: bool = False
    moment: Moment | None = None


@dataclass(frozen=True)
class Entry:
    """A piece with where it is written."""

    piece: Piece
    file: Path
    table: Table

    def remark(self, field: str, what: str, *, wrong: bool = True) -> Remark:
        """Return a remark on one of its fields."""
        return Remark(self.file, self.table.at(field), what, self.piece.id, wrong)


@cache
def load(folder: Path) -> tuple[Piece, ...]:
    """Return the pieces of a deck, read once. Raises DeclarationError as `read` does."""
    return read(folder)


def read(folder: Path) -> tuple[Piece, ...]:
    """Return every piece of a deck. Raises DeclarationError, naming file, line and piece, where one is not right."""
    entries, wrong = examine(folder)
    usual = ((piece.stage, piece.whom, piece.moment, piece.heavy) for piece in (entry.piece for entry in entries))
    if (Stage.SPACE, Whom.ANY, None, False) not in usual:
        wrong.append(Remark(folder, 1, "the stage space needs a piece for anybody, on any day"))
    if wrong:
        raise DeclarationError("\n".join(map(str, wrong)))
    return tuple(entry.piece for entry in entries)


def examine(folder: Path) -> tuple[list[Entry], list[Remark]]:
    """Return the pieces of a deck that can be read, and all that keeps the others from being read."""
    entries: list[Entry] = []
    wrong: list[Remark] = []
    for file in sorted(folder.glob("*.toml")):
        if file.name != SOURCE:
            for found in _file(file):
                (entries if isinstance(found, Entry) else wrong).append(found)  # pyright: ignore[reportArgumentType]
    first: dict[str, Entry] = {}
    for entry in entries:
        before = first.setdefault(entry.piece.id, entry)
        if before is not entry:
            where = f"{before.file.name}:{before.table.at('id')}"
            wrong.append(entry.remark("id", f"an id stands for one piece, and this one is at {where} already"))
    return entries, wrong


def _file(file: Path) -> Iterator[Entry | Remark]:
    try:
        top, *below = tables(file)
    except NotToml as error:
        yield error.remark
        return
    for unknown in sorted(top.lines.keys() - {"stage", "name"}):
        yield Remark(file, top.at(unknown), f"there is no field {unknown}")
    stage = _choice(Stage, top.values.get("stage"))
    if stage is None:
        yield Remark(file, top.at("stage"), f"stage is one of {', '.join(Stage)}")
    for table in below:
        if table.name == "piece":
            yield from _piece(file, table, stage)
        else:
            yield Remark(file, table.line, f"there is no [{table.name}] here: each piece begins with [[piece]]")


FIELDS = {
    "id": str,
    "teachings": list,
    "for": str,
    "title": str,
    "body": str,
    "try": str,
    "talk": str,
    "heavy": bool,
    "moment": str,
}
OPTIONAL = {"talk", "heavy", "moment"}
TYPES = {str: "a text between quotation marks", list: 'a list of numbers, as ["S01"]', bool: "true or false"}


def _piece(file: Path, table: Table, stage: Stage | None) -> Iterator[Entry | Remark]:
    raw = table.values
    found = list(_shape(raw))
    if not found:
        whom, moment = _choice(Whom, raw["for"]), _choice(Moment, raw.get("moment"))
        body = " ".join(raw["body"].split())
        if not ID.fullmatch(raw["id"]):
            found.append(("id", "an id is at most 40 of a-z, 0-9 and -: buttons carry it"))
        found += _length("title", "the title", raw["title"], 1, TITLE)
        found += _length("body", "the body", body, *BODY)
        found += _length("try", "what to try", raw["try"], 1, TRY)
        if whom is None:
            found.append(("for", f"nobody is called “{raw['for']}”: for is one of {', '.join(Whom)}"))
        if moment is None and "moment" in raw:
            found.append(("moment", f"there is no moment “{raw['moment']}”: it is one of {', '.join(Moment)}"))
        if not found and stage and whom:
            text = (raw["title"], body, raw["try"], raw.get("talk", ""))
            piece = Piece(raw["id"], stage, tuple(raw["teachings"]), whom, *text, raw.get("heavy", False), moment)
            yield Entry(piece, file, table)
    id = raw.get("id", "")
    yield from (Remark(file, table.at(name), what, str(id) or "a piece without an id") for name, what in found)


def _shape(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is missing, unknown, or of another kind, each with the field that it is about."""
    for name, kind in FIELDS.items():
        value = raw.get(name)
        if value is None:
            if name not in OPTIONAL:
                yield name, f"{name} is missing"
        elif not isinstance(value, kind) or (
            isinstance(value, list) and not all(isinstance(each, str) for each in cast("list[object]", value))
        ):
            yield name, f"{name} is {TYPES[kind]}"
        elif not value and name in ("id", "teachings"):
            yield name, f"{name} is empty"
    for name in sorted(raw.keys() - FIELDS.keys()):
        yield name, f"there is no field {name}"


def _length(field: str, called: str, text: str, least: int, most: int) -> Iterator[tuple[str, str]]:
    if not least <= len(text) <= most:
        fits = f"{most} fit" if least == 1 else f"{least} to {most} are right"
        yield field, f"{called} has {len(text)} characters; {fits}"


def _choice(kind: type[Kind], value: object) -> Kind | None:
    return kind(value) if value in tuple(kind) else None
