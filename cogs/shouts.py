"""The shout: a milestone told to the community, if a member wants that; roughly, late, and under no name of theirs.

An ex may read along. So it says no date and no number of days, comes two to nine days later at an hour drawn once, and
hangs from no member: whose it is, is sealed in its own row until it is out, and then known to nobody. That it was told
needs no memory: an offer stands for shorter than the earliest shout takes.
"""

import random
import tomllib
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache

from sqlalchemy import Column, ForeignKey, String

from bot import clock, communities, people
from bot.cog import Cog, Context, DueRow, Work
from bot.communities import Community
from bot.model import JSON, MENU_LABEL, MENU_OPTIONS, Button, Menu, Option, Reply, Row
from bot.people import Member
from bot.store import ID, Holds, Sealed, Tx, new_id
from bot.texts import CONTENT, DEFAULT
from cogs import crisis, settings, streaks, totals
from cogs.settings import Shout

MARKED = (7, 30, 90, 180, 365)  # days
OFFERED = 1  # days after a milestone for which it can be told: fewer than SOON
SOON, LATE = 2, 9  # days until it is out
AGAIN = (1, 3)  # days it waits where another one has come that day
WAKING = range(9, 21)  # hours of the community's clock
GRACE = timedelta(hours=3)
OUT = "shouts.out"
TRIES = 100
FILE = "aliases.toml"

cog = Cog("shouts")

shouts = cog.table(
    "shouts",
    Column("id", ID, primary_key=True),
    Column("shout", Sealed(512), nullable=False),  # whose, in which community, under which name, of which run
    holds=Holds.HOOKS,
)

shouted = cog.table(
    "shouted",
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("day", String(10), nullable=False),  # by the community's clock, of the last one
    holds=Holds.NOTHING,
)

aliases = cog.table(
    "aliases",
    Column("alias", String(64), primary_key=True),  # has been out, and never is again: so nobody has to be remembered
    holds=Holds.NOTHING,
)


class Name(StrEnum):
    """Under which name it comes."""

    ANOTHER = "another"
    NONE = "none"


@dataclass(frozen=True)
class Pending:
    """A shout that is not out yet: the milestone (`days`) of the run since a day. `alias` may be "", for no name."""

    id: str
    member: str
    community: str
    alias: str
    days: int
    since: date


async def arrange(work: Work, member: Member) -> None:
    """Plan a shout for the milestone that a member has just reached, where they chose that once and for all."""
    if (await settings.load(work.tx, member)).shout != Shout.ALWAYS:
        return
    reached, theirs = await _reached(work, member), await communities.of(work.tx, member.id)
    if reached is not None and len(theirs) == 1 and await _is_possible(work, theirs[0]):
        await plan(work, member, theirs[0], *reached)


async def below(work: Work, member: Member) -> tuple[str, tuple[Row, ...]]:
    """Return what stands below a milestone that a member is told of: that it will be out, the offer, or nothing."""
    reached, say = await _reached(work, member), work.texts.speaker(member.locale, "shouts")
    if reached is None or (await settings.load(work.tx, member)).shout == Shout.NEVER:
        return "", ()
    pending = await _mine(work.tx, member)
    if pending is not None and (pending.days, pending.since) == reached:
        return say("coming"), ((Button(say("see"), "shouts.tell"),),)
    if not any([await _is_possible(work, each) for each in await communities.of(work.tx, member.id)]):
        return "", ()
    return say("offer"), ((Button(say("tell"), "shouts.tell"), Button(say("never"), "shouts.never")),)


@cog.action("tell")
async def tell(ctx: Context, community: str | None = None) -> Reply:
    """Plan the shout, and show what will be read; who belongs to several communities chooses one."""
    reached, pending = await _reached(ctx, ctx.me), await _mine(ctx.tx, ctx.me)
    if pending is not None and reached in (None, (pending.days, pending.since)):
        return await _shown(ctx, pending)
    theirs = await communities.of(ctx.tx, ctx.me.id)
    places = [each for each in theirs if await _is_possible(ctx, each)]
    if community is not None:
        places = [each for each in places if each.id == community]
    if reached is None or not places:
        return Reply(ctx.t("not-now"))
    if community is None and len(theirs) > 1:
        options = tuple(Option(each.id, each.name[:MENU_LABEL]) for each in places[:MENU_OPTIONS])
        return Reply(ctx.t("which"), ((Menu(ctx.t("choose"), "shouts.tell", options),),))
    return await _shown(ctx, await plan(ctx, ctx.me, places[0], *reached))


@cog.action("rename")
async def rename(ctx: Context, shout: str, name: Name) -> Reply:
    """Draw another name for a shout that is not out yet, or leave the name away."""
    pending = await _mine(ctx.tx, ctx.me, shout)
    if pending is None:
        return Reply(ctx.t("gone"), edit=True)
    alias = await draw(ctx, pending.community, pending.alias) if name is Name.ANOTHER else ""
    pending = replace(pending, alias=alias)
    await ctx.tx.update(shouts, {"id": pending.id}, shout=_sealed(pending))
    return replace(await _shown(ctx, pending), edit=True)


@cog.action("take_back")
async def take_back(ctx: Context, shout: str) -> Reply:
    """Take a shout back that is not out yet."""
    pending = await _mine(ctx.tx, ctx.me, shout)
    if pending is None:
        return Reply(ctx.t("gone"), edit=True)
    await _drop(ctx, pending)
    return Reply(ctx.t("taken-back"), edit=True)


@cog.action("never")
async def never(ctx: Context) -> Reply:
    """Do not ask any more; what is not out yet does not come."""
    await settings.change(ctx, shout=Shout.NEVER)
    if pending := await _mine(ctx.tx, ctx.me):
        await _drop(ctx, pending)
    return Reply(ctx.t("stopped"))


async def plan(work: Work, member: Member, community: Community, days: int, since: date) -> Pending:
    """Plan a member's shout for a milestone, in the place of one that waits: that is of another run, or long ago.

    When it is out is drawn now and written in the due row alone.
    """
    if old := await _mine(work.tx, member):
        await _drop(work, old)
    pending = Pending(new_id(), member.id, community.id, await draw(work, community.id), days, since)
    await work.tx.insert(shouts, id=pending.id, shout=_sealed(pending))
    at = some_day(work.now, community, SOON, LATE, work.dice)
    await work.due.at(OUT, pending.id, at)  # of no member: whose is sealed
    return pending


@cog.due("out")
async def out(work: Work, row: DueRow) -> datetime | None:
    """Let it be out, unless something has come in between; then it silently does not happen.

    Where the community has had one today, or it is too late for the hour that was drawn, it waits for another day.
    """
    kept = await work.tx.row(shouts, shouts.c.id == row.key)
    if kept is None:
        return None
    pending = _opened(kept)
    community = await _where(work, pending)
    if community is None:
        await work.tx.delete(shouts, shouts.c.id == pending.id)
        return None
    today = clock.day_of(work.now, community.tz).isoformat()
    if work.now > row.at + GRACE or await work.tx.row(
        shouted, shouted.c.community == community.id, shouted.c.day == today
    ):
        return some_day(work.now, community, *AGAIN, work.dice)
    await work.tx.delete(shouts, shouts.c.id == pending.id)
    await work.tx.upsert(shouted, community=community.id, day=today)
    taken = bool(pending.alias) and not await give_out(work.tx, pending.alias)
    reply = Reply(words(work, community, replace(pending, alias="") if taken else pending))
    await work.post(community, reply, name=f"shout-{community.id}-{today}", until=work.now + GRACE)
    return None


def words(work: Work, community: Community, pending: Pending) -> str:
    """Return what the community reads."""
    say = work.texts.speaker(community.locale, "shouts")
    return say("post", who=pending.alias or say("somebody"), past=say(f"past-{pending.days}"))


def some_day(now: datetime, community: Community, soon: int, late: int, dice: random.Random) -> datetime:
    """Return a waking instant of the community's clock, `soon` to `late` days from `now` and never sooner."""
    day, earliest = now.astimezone(community.tz).date(), now + timedelta(days=soon)
    at = time(dice.choice(WAKING), dice.randrange(60))
    first = soon + (datetime.combine(day + timedelta(days=soon), at, community.tz) < earliest)
    return datetime.combine(day + timedelta(days=dice.randint(first, late)), at, community.tz)


@cache
def names(locale: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the first and the second words of the names of a language, or of English."""
    file = CONTENT / locale / FILE
    read = tomllib.loads((file if file.exists() else CONTENT / DEFAULT / FILE).read_text(encoding="utf-8"))
    return tuple(read["first"]), tuple(read["second"])


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Let what waits be theirs, and of two the one that is theirs already."""
    mine, other = await _mine(work.tx, kept), await _mine(work.tx, gone)
    if other is not None and mine is None:
        await work.tx.update(shouts, {"id": other.id}, shout=_sealed(replace(other, member=kept.id)))
    elif other is not None:
        await _drop(work, other)


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Drop what a member has not out yet. What is out is nobody's."""
    if pending := await _mine(work.tx, member):
        await _drop(work, pending)


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return what a member has not out yet."""
    pending = await _mine(work.tx, member)
    return {"shouts": [{"name": pending.alias, "milestone": pending.days}] if pending else []}


async def _reached(work: Work, member: Member) -> tuple[int, date] | None:
    """Return the milestone that a member can have told now, and since when their run is; None where there is none."""
    now = streaks.standing(await streaks.entries(work.tx, member), member.today(work.now))
    if now is None or now.aside is not None:
        return None
    days = streaks.milestone(now.days)
    return (days, now.since) if days in MARKED and now.days - days <= OFFERED else None


async def _is_possible(work: Work, community: Community) -> bool:
    """Tell whether something of nobody's can be told in a community: there is a place, and enough have a streak."""
    if not community.posts or community.halted:
        return False
    with_streak = 0
    for row in await work.tx.rows(communities.memberships, communities.memberships.c.community == community.id):
        found = await people.load(work.tx, row["member"])
        if found is not None:
            ledger = await streaks.entries(work.tx, found[0])
            with_streak += streaks.standing(ledger, found[0].today(work.now)) is not None
        if with_streak == totals.PEOPLE:
            return True
    return False


async def _where(work: Work, pending: Pending) -> Community | None:
    """Return where a shout can still be out, now that its hour has come; None where something came in between."""
    found = await people.load(work.tx, pending.member)
    theirs = {each.id: each for each in await communities.of(work.tx, pending.member)}
    community = theirs.get(pending.community)
    if found is None or community is None or not await _is_possible(work, community):
        return None
    chosen = await settings.load(work.tx, found[0])
    now = streaks.standing(await streaks.entries(work.tx, found[0]), found[0].today(work.now))
    holds = now is not None and now.aside is None and now.since == pending.since and now.days >= pending.days
    return community if holds and not chosen.paused and chosen.shout != Shout.NEVER else None


async def _mine(tx: Tx, member: Member, id: str | None = None) -> Pending | None:
    """Return the shout of a member's that is not out yet, of that id where one is given. Only opening all tells."""
    rows = await tx.rows(shouts, *([shouts.c.id == id] if id else []))
    return next((each for each in map(_opened, rows) if each.member == member.id), None)


async def _drop(work: Work, pending: Pending) -> None:
    await work.tx.delete(shouts, shouts.c.id == pending.id)
    await work.due.cancel(OUT, pending.id)


async def draw(work: Work, community: str, but: str = "") -> str:
    """Return a name that was never out, other than `but`, in a community's language; "" where none is found."""
    try:
        locale = (await communities.load(work.tx, community)).locale
    except LookupError:
        return ""
    first, second = names(work.texts.locale(locale))
    for _ in range(TRIES):
        alias = f"{work.dice.choice(first)} {work.dice.choice(second)}"
        if alias != but and not await work.tx.row(aliases, aliases.c.alias == alias):
            return alias
    return ""


async def give_out(tx: Tx, alias: str) -> bool:
    """Let a name be out, for good; False where it was out before: then it must not be again."""
    return await tx.insert_new(aliases, alias=alias)


def is_name(work: Work, community: Community, alias: str) -> bool:
    """Tell whether `alias` is one of the names of a community's language."""
    first, second = names(work.texts.locale(community.locale))
    one, _, two = alias.partition(" ")
    return one in first and two in second


async def _shown(ctx: Context, pending: Pending) -> Reply:
    try:
        community = await communities.load(ctx.tx, pending.community)
    except LookupError:
        return Reply(ctx.t("gone"))
    text = ctx.t("preview", community=community.name, text=words(ctx, community, pending))
    names = (("another", Name.ANOTHER), ("nameless", Name.NONE))
    rename = tuple(Button(ctx.t(key), "shouts.rename", [pending.id, name]) for key, name in names)
    back = Button(ctx.t("take-back"), "shouts.take_back", [pending.id])
    return Reply(text, (rename, (back, crisis.button(ctx.t))))


def _sealed(pending: Pending) -> JSON:
    return {
        "member": pending.member,
        "community": pending.community,
        "alias": pending.alias,
        "days": pending.days,
        "since": pending.since.isoformat(),
    }


def _opened(row: JSON) -> Pending:
    kept = row["shout"]
    since = date.fromisoformat(kept["since"])
    return Pending(row["id"], kept["member"], kept["community"], kept["alias"], kept["days"], since)
