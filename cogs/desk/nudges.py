"""When the desk is reminded: each full hour of the community's clock is looked at, as long as something waits.

One message stands at each desk at most, the newest, and goes when it is not true any more. At night nobody is called.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from hashlib import sha256

from bot import clock, communities, notices
from bot.cog import DueRow, Work
from bot.communities import Community, Spot
from bot.model import Button, Reply
from bot.outbox import Lane
from bot.store import Row
from bot.texts import Speaker
from cogs.desk.cog import cog
from cogs.questions import rules_of, watch
from cogs.questions.watch import Watch

MORNING, EVENING, NIGHT = time(8), time(19), time(22)  # by the community's clock
AGAIN = timedelta(hours=4)  # until it is reminded once more, whatever of
SILENT = timedelta(hours=72)  # without an answer, while something waits: then nothing new is taken

Waiting = Sequence[tuple[Row, datetime]]
Name = Callable[[Community, Spot], str]


@cog.due("look")
async def look(work: Work, row: DueRow) -> datetime | None:
    """See what waits at a community's desk: remind it, or close it where it does not answer."""
    try:
        community = await communities.load(work.tx, row.key)
    except LookupError:
        return None
    watched, waiting = await watch.of(work.tx, community.id), await watch.waiting_at(work.tx, community.id)
    if not watched.closed:
        await _take(work, community, _shut)
    if not waiting or not community.desks:
        await _take(work, community, _nudge)
        return None
    if not community.halted and not community.is_out_of_order:
        quiet = work.now - max(waiting[0][1], watched.since or waiting[0][1])
        if community.asks and not watched.closed and quiet >= SILENT:
            await _close(work, community)
        await _remind(work, community, watched, waiting)
    return watch.next_look(work.now, community)


@cog.start
async def start(work: Work) -> None:
    """Have it looked after what waited before anything was looked after."""
    for community in await watch.waited_at(work.tx):
        await watch.waits(work, await communities.load(work.tx, community))


def what_waits(say: Speaker, since: Sequence[datetime], now: datetime, key: str = "waits") -> str:
    """Return how many wait, and in coarse words how long the oldest of them has, which is the first."""
    if not since:
        return say("nothing-waits")
    unit, days = watch.waited(now, since[0])
    return say(key, count=len(since), oldest=say("questions.waited", unit=unit, days=days))


# -- reminding


async def _remind(work: Work, community: Community, watched: Watch, waiting: Waiting) -> None:
    local = work.now.astimezone(community.tz)
    day = local.date().isoformat()
    if not MORNING <= local.time() < NIGHT or watched.digest == day:
        return
    say = work.texts.speaker(None, "desk")
    if local.time() >= EVENING:
        await watch.change(work.tx, community.id, digest=day)
        parts = [what_waits(say, [since for _, since in waiting], work.now)]
        if given := watched.given_on(local.date()):
            parts.append(say("given-today", count=given))
        await _say(work, community, say("evening", what="\n".join(parts)))
        return
    rules, hour = await rules_of(work.tx, community.id), clock.floor_hour(work.now)
    late = {
        "unclaimed": _late(work, [each for each in waiting if not _claimed(work, each[0])], rules.unclaimed_hours),
        "unanswered": _late(work, waiting, rules.unanswered_hours),
    }
    if not any(late.values()):
        await _take(work, community, _nudge)
        return
    if watched.nudged is None or work.now - watched.nudged >= AGAIN:
        await watch.change(work.tx, community.id, nudged=hour)
        told = [what_waits(say, since, work.now, f"late-{what}") for what, since in late.items() if since]
        await _say(work, community, "\n".join(told))


def _late(work: Work, waiting: Waiting, hours: int) -> list[datetime]:
    """Return since when those wait that have for so many hours or more; 0: nobody is reminded of any."""
    return [since for _, since in waiting if hours and work.now - since >= timedelta(hours=hours)]


def _claimed(work: Work, row: Row) -> bool:
    return row["claimed_until"] is not None and row["claimed_until"] > work.now


async def _say(work: Work, community: Community, text: str) -> None:
    """Have it said at each desk, in the place of what was said before."""
    say = work.texts.speaker(None, "desk")
    await _take(work, community, _nudge)
    buttons = (Button(say("queue"), "queue"),)  # not the next one: that would stand where the reminder is taken away
    for spot in community.desks:
        await work.outbox.send(spot.place, Reply(text, (buttons,)), name=_nudge(community, spot), lane=Lane.DESK)


async def _take(work: Work, community: Community, name: Name) -> None:
    """Take from each desk what stands there under a name."""
    instead = Reply(work.texts.say(None, "desk", "over"))
    for spot in community.desks:
        await work.outbox.withdraw(name(community, spot), instead)


# -- a desk that does not answer


async def _close(work: Work, community: Community) -> None:
    """Take no new questions, and say so: at the desk, and once to whoever set the community up, not at night."""
    await watch.change(work.tx, community.id, closed=True)
    local = work.now.astimezone(community.tz)
    due = None if MORNING <= local.time() < NIGHT else clock.next_at(work.now, MORNING, community.tz)
    say = work.texts.speaker(None, "desk")
    again = Button(say("open-again"), "desk.back")
    for spot in community.desks:
        name = _shut(community, spot)
        await work.outbox.send(spot.place, Reply(say("closed"), ((again,),)), name=name, lane=Lane.DESK, due=due)

    def words(locale: str | None) -> Reply:
        tell = work.texts.speaker(locale, "desk")
        button = Button(tell("open-again"), "desk.open", [community.id])
        return Reply(tell("closed-told", community=community.name), ((button,),))

    await notices.tell(work.tx, work.outbox, work.vault, community.id, words, name=f"shut-{community.id}", due=due)


def _nudge(community: Community, spot: Spot) -> str:
    return f"nudge-{community.id}-{_at(spot)}"


def _shut(community: Community, spot: Spot) -> str:
    return f"shut-{community.id}-{_at(spot)}"


def _at(spot: Spot) -> str:
    return sha256(f"{spot.server.platform}:{spot.server.id}".encode()).hexdigest()[:8]
