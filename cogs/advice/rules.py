"""Which piece, for whom, when. Pure: no clock, no database."""

import random
from calendar import isleap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cogs.advice.deck import Moment, Piece
from cogs.stage import Road, Stage, Whom

HEAVY_AFTER_LAPSE = timedelta(days=3)
DAYS = {1: Moment.DAY_1, 3: Moment.DAY_3, 7: Moment.DAY_7, 30: Moment.DAY_30}
ACUTE = frozenset({Moment.LAPSE, Moment.URGE_NIGHT, Moment.THEY_WROTE})  # they go before what the day had already
NIGHT = (22, 8)  # local hours between which nothing heavy is said
AFTER_URGE = timedelta(days=1)
HARD_FOR_ALL = frozenset({"12-24", "12-25", "12-26", "12-31", "01-01", "02-14"})  # public holidays are not known here
FARTHEST = 3  # how far what was said of others like it moves a piece: eight times as likely, or as unlikely


@dataclass(frozen=True)
class Reader:
    """What decides the choice.

    `days` is the streak, or None; `lapse` and `they_wrote` are the last such days; `hard` are the dates that are hard
    for them ("03-14"). `had` are the pieces of this cycle, `last` is the one they had last; `felt` tells of a piece
    whether it helped.
    """

    road: Road
    today: date
    hour: int
    days: int | None = None
    lapse: date | None = None
    they_wrote: date | None = None
    had: Collection[str] = field(default_factory=frozenset[str])
    last: str | None = None
    urge_at_night: bool = False
    hard: Collection[str] = field(default_factory=frozenset[str])
    felt: Mapping[str, bool] = field(default_factory=dict[str, bool])


def choose(deck: Sequence[Piece], reader: Reader, dice: random.Random) -> Piece:
    """Return a piece for the reader: a moment's first, else any that is right for them, none of them had.

    Where they have had all that is right for them now, the next cycle begins, with another one than the last.
    """
    fit = fitting(deck, reader)
    for had in (reader.had, (reader.last,), ()):
        left = [piece for piece in fit if piece.id not in had]
        for moment in (*moments(reader), None):
            among = [piece for piece in left if piece.moment is moment]
            if among:
                return dice.choices(among, _weights(deck, among, reader.felt))[0]
    raise LookupError("the deck has no piece for space that anybody may read")  # deck.read refuses such a deck


def after(deck: Sequence[Piece], had: Sequence[str], piece: Piece) -> list[str]:
    """Return what a reader has had of each stage's cycle once they have had `piece`: again, it begins the next one."""
    if piece.id in had:
        stage = {each.id for each in deck if each.stage is piece.stage}
        had = [each for each in had if each not in stage]
    return [*had, piece.id]


def still_right(deck: Sequence[Piece], reader: Reader, id: str | None, met: Collection[Moment]) -> Piece | None:
    """Return the piece of that id if it is right for the reader all the same, later that day; else None.

    It is not where they stand elsewhere now, where it would be heavy now, where its day is not the day any more, or
    where something happened (it is not among the moments `met` when it was chosen) that there is a piece for.
    """
    fit, now = fitting(deck, reader), moments(reader)
    piece = next((each for each in fit if each.id == id), None)
    if piece is None or (piece.moment in DAYS.values() and piece.moment not in now):
        return None
    happened = ACUTE.intersection(now).difference(met)
    meant_for_it = any(each.moment in happened and each.id not in reader.had for each in fit)
    return None if meant_for_it else piece


def fitting(deck: Sequence[Piece], reader: Reader) -> list[Piece]:
    """Return what the reader may be given now, of any moment.

    A stage without a piece for this reader on any day (the apology is for one side alone) falls to `space`.
    """
    tender = _tender(reader)
    for stage in (reader.road.stage, Stage.SPACE):
        of_stage = (piece for piece in deck if piece.stage is stage and piece.whom in (reader.road.whom, Whom.ANY))
        fit = [piece for piece in of_stage if not (piece.heavy and tender)]
        if any(piece.moment is None for piece in fit):
            return fit
    return []


def moments(reader: Reader) -> list[Moment]:
    """Return the moments that are now, the most pressing first."""
    yesterday = reader.today - timedelta(days=1)
    lapsed = reader.lapse is not None and reader.lapse >= yesterday
    now = {
        Moment.LAPSE: lapsed,
        Moment.URGE_NIGHT: reader.urge_at_night,
        Moment.THEY_WROTE: reader.they_wrote is not None and reader.they_wrote >= yesterday,
        Moment.HOLIDAY: is_hard(reader.today, reader.hard),
    }
    found = [moment for moment, is_now in now.items() if is_now]
    return found if lapsed or reader.days not in DAYS else [*found, DAYS[reader.days]]


def is_hard(day: date, hard: Collection[str]) -> bool:
    """Tell whether `day` is hard for everybody, or one of the dates in `hard` ("03-14"), or the eve of one."""
    eve = day + timedelta(days=1)
    return not (_names(day) | _names(eve)).isdisjoint(hard) or f"{day:%m-%d}" in HARD_FOR_ALL


def is_urge_at_night(now: datetime, urge: datetime | None) -> bool:
    """Tell whether the last urge, within a day, came at night, or it is night now. Both are of the reader's clock."""
    return urge is not None and now - urge <= AFTER_URGE and (_is_night(urge.hour) or _is_night(now.hour))


def _names(day: date) -> set[str]:
    leap_day = {"02-29"} if (day.month, day.day) == (2, 28) and not isleap(day.year) else set[str]()
    return {f"{day:%m-%d}"} | leap_day


def _is_night(hour: int) -> bool:
    return hour >= NIGHT[0] or hour < NIGHT[1]


def _tender(reader: Reader) -> bool:
    return _is_night(reader.hour) or (reader.lapse is not None and reader.today - reader.lapse <= HEAVY_AFTER_LAPSE)


def _weights(deck: Sequence[Piece], among: Sequence[Piece], felt: Mapping[str, bool]) -> list[float]:
    """Return how likely each is: more like what helped, less like what did not; never out of reach."""
    told = [(piece, 1 if felt[piece.id] else -1) for piece in deck if piece.id in felt]
    likings = (sum(liking for other, liking in told if _alike(piece, other)) for piece in among)
    return [2.0 ** max(-FARTHEST, min(FARTHEST, liking)) for liking in likings]


def _alike(piece: Piece, other: Piece) -> bool:
    """Tell whether two pieces share a teaching, a moment, or one side that they are for."""
    moment = piece.moment is not None and piece.moment is other.moment
    side = piece.whom is not Whom.ANY and piece.whom is other.whom
    return moment or side or not set(piece.teachings).isdisjoint(other.teachings)
