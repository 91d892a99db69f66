"""The deck: pieces of advice, read from content/<locale>/advice/*.toml and checked as they are read."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.errors import DeclarationError
from cogs.stage import Stage, Whom

TITLE, BODY, TRY = 60, (300, 600), 140  # characters; docs/writing-content.md


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


def read(folder: Path) -> tuple[Piece, ...]:
    """Return every piece of a deck. Raises DeclarationError, naming the file and the piece, where one is not right."""
    pieces = tuple(piece for file in sorted(folder.glob("*.toml")) for piece in _file(file))
    ids = [piece.id for piece in pieces]
    if twice := {id for id in ids if ids.count(id) > 1}:
        raise DeclarationError(f"{folder}: {', '.join(sorted(twice))}: an id stands for one piece")
    if not any(piece.stage is Stage.SPACE and piece.whom is Whom.ANY and not piece.moment for piece in pieces):
        raise DeclarationError(f"{folder}: the stage space needs a piece for anybody, on any day")
    return pieces


def _file(file: Path) -> list[Piece]:
    try:
        with file.open("rb") as opened:
            data = tomllib.load(opened)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{file}: {error}") from None
    return [
        _piece(f"{file}: {raw.get('id', 'a piece without an id')}", data.get("stage", ""), raw) for raw in data["piece"]
    ]


def _piece(where: str, stage: str, raw: dict[str, Any]) -> Piece:
    try:
        piece = Piece(
            raw["id"],
            Stage(stage),
            tuple(raw["teachings"]),
            Whom(raw["for"]),
            raw["title"],
            " ".join(raw["body"].split()),
            raw["try"],
            raw.get("talk", ""),
            raw.get("heavy", False),
            Moment(raw["moment"]) if "moment" in raw else None,
        )
    except KeyError as error:
        raise DeclarationError(f"{where}: {error.args[0]} is missing") from None
    except ValueError as error:
        raise DeclarationError(f"{where}: {error}") from None
    if unknown := raw.keys() - {"id", "teachings", "for", "title", "body", "try", "talk", "heavy", "moment"}:
        raise DeclarationError(f"{where}: there is no field {', '.join(sorted(unknown))}")
    if len(piece.title) > TITLE or len(piece.attempt) > TRY or not BODY[0] <= len(piece.body) <= BODY[1]:
        raise DeclarationError(
            f"{where}: a title has at most {TITLE} characters (this one {len(piece.title)}), a body {BODY[0]} to "
            f"{BODY[1]} (this one {len(piece.body)}), what to try at most {TRY} (this one {len(piece.attempt)})"
        )
    return piece
