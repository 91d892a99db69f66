"""When the posts of a place come, and which piece each of them brings. Pure: no clock, no database."""

import heapq
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot import clock
from cogs.advice.deck import Piece
from cogs.stage import Stage, Whom

AHEAD = 5  # posts that whoever runs the place can see, move and leave out beforehand
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Coming:
    """A post that is to come: the date that it is planned for, and the instant at which it comes, in UTC."""

    on: date
    at: datetime


@dataclass(frozen=True)
class Plan:
    """What comes at a place, and when.

    `hour` is by the clock of `zone`, or of the community's where that is None; `days` are weekdays (Monday is 0);
    `stages` say what the pieces are about, and with `talk` a piece's question stands below it. `queue` holds the ids of
    the pieces that come next: what is left of a round, in which each comes once, and maybe the round after it.

    `came` is the last date that was dealt with, or None at first, and nothing comes of those up to `last`, whose hour
    was over when it was chosen; `skipped` are later ones on which nothing comes, or nothing more; `moved` says of a
    date at which instant its post comes instead, and `out` which piece is on its way.
    """

    hour: int = 9
    zone: str | None = None
    days: list[int] = field(default_factory=lambda: list(range(7)))
    stages: list[str] = field(default_factory=lambda: [Stage.SPACE.value, Stage.HEALING.value])
    talk: bool = True
    queue: list[str] = field(default_factory=list[str])
    came: str | None = None
    last: str | None = None
    skipped: list[str] = field(default_factory=list[str])
    moved: dict[str, str] = field(default_factory=dict[str, str])
    out: dict[str, str] = field(default_factory=dict[str, str])


# -- when


def begun(plan: Plan, now: datetime, tz: tzinfo) -> Plan:
    """Return the plan from now on: a date whose hour is over when it was chosen is dealt with, it is not late."""
    today = now.astimezone(tz).date()
    over = today if _at(plan, today, tz) <= now else today - A_DAY
    last = max(over.isoformat(), plan.came or "")
    return replace(plan, last=last, moved={on: at for on, at in plan.moved.items() if _instant(at) > now})


def coming(plan: Plan, tz: tzinfo) -> Iterator[Coming]:
    """Yield the posts to come, the first one first, without end. The plan has begun."""
    moved = (Coming(date.fromisoformat(on), _instant(at)) for on, at in plan.moved.items())
    return heapq.merge(sorted(moved, key=_by_time), _as_usual(plan, tz), key=_by_time)


def taken(plan: Plan, posts: Iterable[Coming]) -> Plan:
    """Return the plan once these posts, the first of those to come, are dealt with."""
    for each in posts:
        on = each.on.isoformat()
        if on in plan.moved:
            moved = {day: at for day, at in plan.moved.items() if day != on}
            skipped = [*plan.skipped, on] if on > (plan.came or "") else plan.skipped
            plan = replace(plan, moved=moved, skipped=skipped)
        else:
            plan = replace(plan, came=on, last=on, skipped=[day for day in plan.skipped if day > on])
    return plan


def left_out(plan: Plan, on: date) -> Plan:
    """Return the plan without the post of that date; what it would have brought comes with the next one."""
    day = on.isoformat()
    moved = {each: at for each, at in plan.moved.items() if each != day}
    return replace(plan, moved=moved, skipped=[each for each in plan.skipped if each != day] + [day])


def moved(plan: Plan, on: date, at: datetime) -> Plan:
    """Return the plan with the post of that date at another instant."""
    return replace(plan, moved=plan.moved | {on.isoformat(): at.astimezone(UTC).isoformat()})


def at_hour(on: date, hour: int, tz: tzinfo) -> datetime:
    """Return when a clock in `tz` shows that hour on that date, in UTC; see `clock.next_at` for the odd ones."""
    return datetime.combine(on, time(hour), tz).astimezone(UTC)


def _as_usual(plan: Plan, tz: tzinfo) -> Iterator[Coming]:
    assert plan.last is not None  # noqa: S101 # see begun
    last = date.fromisoformat(plan.last)
    at = _at(plan, last - A_DAY, tz)
    while True:
        at = clock.next_at(at, time(plan.hour), tz)
        on = clock.date_of(at, time(plan.hour), tz)
        day = on.isoformat()
        if on > last and on.weekday() in plan.days and day not in plan.skipped and day not in plan.moved:
            yield Coming(on, at)


def _at(plan: Plan, on: date, tz: tzinfo) -> datetime:
    return at_hour(on, plan.hour, tz)


def _instant(at: str) -> datetime:
    return datetime.fromisoformat(at)


def _by_time(each: Coming) -> datetime:
    return each.at


# -- which


def fitting(deck: Sequence[Piece], stages: Iterable[str]) -> list[Piece]:
    """Return the pieces that are right for whoever reads along: for everybody, of no moment, and not heavy."""
    of_stages = (piece for piece in deck if piece.stage in set(stages))
    return [piece for piece in of_stages if piece.whom is Whom.ANY and not piece.heavy and piece.moment is None]


def filled(plan: Plan, deck: Sequence[Piece], dice: random.Random) -> Plan:
    """Return the plan with at least so many pieces in its queue as are shown ahead; without what the deck lost."""
    fit = [piece.id for piece in fitting(deck, plan.stages)]
    queue = [each for each in plan.queue if each in fit]
    while fit and len(queue) < AHEAD:
        following = dice.sample(fit, len(fit))
        queue += sorted(following, key=set(queue).__contains__)  # what is still to come does not come again at once
    return replace(plan, queue=queue)


def restaged(plan: Plan, deck: Sequence[Piece], stages: list[str], dice: random.Random) -> Plan:
    """Return the plan with pieces of other stages; what came in this round already waits for the next."""
    had = {piece.id for piece in fitting(deck, plan.stages)}.difference(plan.queue)
    fit = [piece.id for piece in fitting(deck, stages) if piece.id not in had]
    return filled(replace(plan, stages=stages, queue=dice.sample(fit, len(fit))), deck, dice)


def another(plan: Plan, piece: str) -> Plan:
    """Return the plan with that piece as late as it can be, in this round or the next."""
    place = plan.queue.index(piece)
    rest = [*plan.queue[:place], *plan.queue[place + 1 :]]
    return replace(plan, queue=rest if piece in rest else [*rest, piece])


def sent(plan: Plan, on: date) -> Plan:
    """Return the plan once the first piece of its queue is on its way as the post of that date."""
    return replace(plan, queue=plan.queue[1:], out=plan.out | {on.isoformat(): plan.queue[0]})


def settled(plan: Plan, on: str, *, arrived: bool) -> Plan:
    """Return the plan once it is known what came of the post of that date; what did not arrive comes next."""
    piece = plan.out.get(on)
    back = [piece] if piece and not arrived and piece not in plan.queue[:AHEAD] else []
    return replace(plan, queue=[*back, *plan.queue], out={day: each for day, each in plan.out.items() if day != on})
