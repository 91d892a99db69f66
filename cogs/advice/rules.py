"""Which piece, for whom, when. Pure: no clock, no database."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from cogs.advice.deck import Moment, Piece
from cogs.stage import Road, Stage, Whom

HEAVY_AFTER_LAPSE = timedelta(days=3)
DAYS = {1: Moment.DAY_1, 3: Moment.DAY_3, 7: Moment.DAY_7, 30: Moment.DAY_30}
NIGHT = (22, 8)  # local hours between which nothing heavy is said


@dataclass(frozen=True)
class Reader:
    """What decides the choice. `days` is the streak, or None; `lapse` and `they_wrote` are the last such days."""

    road: Road
    today: date
    hour: int
    days: int | None = None
    lapse: date | None = None
    they_wrote: date | None = None
    had: Collection[str] = field(default_factory=frozenset[str])


def choose(deck: Sequence[Piece], reader: Reader, dice: random.Random) -> Piece:
    """Return a piece for the reader: a moment's first, else one they have not had, else any that is right for them.

    A stage without a piece for this reader (the apology is for one side alone) falls to `space`.
    """
    for stage in (reader.road.stage, Stage.SPACE):
        for whom in (reader.road.whom, Whom.ANY):
            fit = [piece for piece in deck if piece.stage is stage and piece.whom in (whom, Whom.ANY)]
            fit = [piece for piece in fit if not (piece.heavy and _tender(reader))]
            now = _moments(reader)
            for among in (
                [piece for piece in fit if piece.moment in now and piece.id not in reader.had],
                [piece for piece in fit if piece.moment is None and piece.id not in reader.had],
                [piece for piece in fit if piece.moment is None],
            ):
                if among:
                    return dice.choice(among)
    raise LookupError("the deck has no piece for space that anybody may read")  # deck.read refuses such a deck


def _moments(reader: Reader) -> set[Moment]:
    yesterday = reader.today - timedelta(days=1)
    found: set[Moment] = set()
    if reader.lapse is not None and reader.lapse >= yesterday:
        found.add(Moment.LAPSE)
    elif reader.days in DAYS:
        found.add(DAYS[reader.days])
    if reader.they_wrote is not None and reader.they_wrote >= yesterday:
        found.add(Moment.THEY_WROTE)
    return found


def _tender(reader: Reader) -> bool:
    night = reader.hour >= NIGHT[0] or reader.hour < NIGHT[1]
    return night or (reader.lapse is not None and reader.today - reader.lapse <= HEAVY_AFTER_LAPSE)
