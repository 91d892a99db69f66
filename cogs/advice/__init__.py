"""One piece of advice a day: on demand, by DM at the member's own hour, and as the channel's daily post."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Annotated

from babel.dates import format_date
from sqlalchemy import JSON, Column, ForeignKey, select

from bot import clock, communities, people
from bot.cog import Arg, Cog, Context, DueRow, Work
from bot.communities import Community, Purpose
from bot.due import due
from bot.model import Button, Menu, Option, Reply
from bot.outbox import Lane
from bot.people import Member, members
from bot.store import ID, Holds, Row, Sealed, Tx
from bot.texts import Speaker
from cogs import crisis, settings, shouts, stage, streaks, unasked, urges
from cogs.advice import deck as decks
from cogs.advice.deck import Piece
from cogs.advice.rules import Reader, choose
from cogs.stage import Road, Stage, Whom

EARLY = 3  # the day on which what was done says more than its number
STALE = 2  # days after which a milestone is not told any more
GRACE = timedelta(hours=3)  # later than that a piece is skipped, and the next one comes on time
DROP, POST = "advice.drop", "advice.post"
OFF = "off"

cog = Cog("advice")

readings = cog.table(
    "readings",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("state", Sealed, nullable=False),  # hour of the drop or None, today's piece and its day, what they have had
)

posted = cog.table(
    "posted",
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("had", JSON, nullable=False),
    holds=Holds.NOTHING,
)


@cog.command()
async def advice(ctx: Context) -> Reply:
    """Give today's piece: the same one all day."""
    piece = await _todays(ctx, ctx.me)
    return Reply(_text(ctx.texts.speaker(ctx.locale, "advice"), piece), ((crisis.button(ctx.t),),))


@cog.command()
async def daily(ctx: Context, hour: Annotated[int | None, Arg(min=0, max=23)] = None) -> Reply:
    """Choose the hour of the daily piece, or turn it off."""
    if hour is not None:
        return await set_daily(ctx, str(hour))
    state = await _state(ctx.tx, ctx.me)
    menu = Menu(ctx.t("daily-menu"), "advice.daily", (*unasked.HOURS, Option(OFF, ctx.t("daily-none"))))
    return Reply("\n".join([_daily(ctx, state["hour"]), *_closed(ctx)]), ((menu,),))


@cog.action("daily")
async def set_daily(ctx: Context, hour: str) -> Reply:
    """Keep the hour ("0" to "23", or "off")."""
    chosen = int(hour) if hour.isdecimal() and int(hour) < 24 else None
    await plan(ctx, chosen)
    return Reply("\n".join([_daily(ctx, chosen), *_closed(ctx)]), edit=True)


async def plan(ctx: Context, hour: int | None) -> None:
    """Plan the daily piece of the member who calls for this hour of theirs; None turns it off."""
    await _keep(ctx.tx, ctx.me, await _state(ctx.tx, ctx.me) | {"hour": hour})
    await replan(ctx, ctx.me)


@cog.rezoned
async def replan(work: Work, member: Member) -> None:
    """Plan the daily piece for the hour that was chosen, as the member's clock is now."""
    hour = (await _state(work.tx, member))["hour"]
    if hour is None:
        await work.due.cancel(DROP, member.id)
    else:
        await work.due.at(DROP, member.id, clock.next_at(work.now, time(hour), member.tz), member=member.id)


@cog.merges(readings)
def merged(mine: Row, theirs: Row) -> Row:
    """The pieces that either has had are theirs; it comes at their own hour, or at the other's where they have none."""
    mine, theirs = mine["state"], theirs["state"]
    had = list(dict.fromkeys([*mine["had"], *theirs["had"]]))
    return {"state": mine | {"had": had, "hour": theirs["hour"] if mine["hour"] is None else mine["hour"]}}


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Plan the daily piece where it is the other one's that goes on."""
    hours = [(await _state(work.tx, each))["hour"] for each in (kept, gone)]
    if hours[0] is None and hours[1] is not None:
        at = clock.next_at(work.now, time(hours[1]), kept.tz)
        await work.due.at(DROP, kept.id, at, member=kept.id)


@cog.due("drop")
async def drop(work: Work, row: DueRow) -> datetime | None:
    """Send the daily piece, chosen now. One that is too late, cannot arrive, or was read already is skipped."""
    found = await people.load(work.tx, row.key)
    if found is None:
        return None
    member, account = found
    state = await _state(work.tx, member)
    today = member.today(work.now)
    read_already = state["day"] == today.isoformat()
    halted = await communities.is_halted_for(work.tx, member.id) or (await settings.load(work.tx, member)).paused
    wanted = not (halted or member.unreachable or read_already)
    if wanted and work.now <= row.at + GRACE:
        say = work.texts.speaker(member.locale, "advice")
        piece = _text(say, await _todays(work, member))
        if milestone := await _milestone(work, member):
            await shouts.arrange(work, member)
        dropped = await _dropped(work, member, say("drop-first-line"), milestone, piece)
        reply = await unasked.veiled(work, member, dropped, Button(say("advice"), "advice.show"))
        name = f"drop-{member.id}-{today.isoformat()}"
        await work.outbox.send(
            account.private, reply, name=name, lane=Lane.DROP, member=member.id, until=row.at + GRACE
        )
    return clock.next_at(max(work.now, row.at), time(state["hour"]), member.tz)


@cog.action("show")
async def show(ctx: Context) -> Reply:
    """Show the piece that came today without showing itself, with the milestone that it brought."""
    say = ctx.texts.speaker(ctx.locale, "advice")
    piece = _text(say, await _todays(ctx, ctx.me))
    told = (await _state(ctx.tx, ctx.me)).get("milestone", [])
    today = ctx.today.isoformat()
    milestone = await _words(ctx, ctx.me, told[1]) if told[2:] == [today] else None
    return replace(await _dropped(ctx, ctx.me, None, milestone, piece), edit=True)


async def _dropped(work: Work, member: Member, first: str | None, milestone: str | None, piece: str) -> Reply:
    """Return the daily piece with what stands around it; below a milestone, whether the community is told."""
    say = work.texts.speaker(member.locale, "advice")
    told, rows = await shouts.below(work, member) if milestone else ("", ())
    text = "\n\n".join(filter(None, [first, milestone, told, piece]))
    return Reply(text, (*rows, (Button(say("stop"), "advice.daily", [OFF]), crisis.button(say))))


@cog.start
async def plan_posts(work: Work) -> None:
    """Plan the daily post of every community that has a place for posts and no plan."""
    planned = select(due.c.key).where(due.c.job == POST)
    wanted = select(communities.places.c.community).where(
        communities.places.c.purpose == Purpose.POSTS, communities.places.c.community.not_in(planned)
    )
    for row in (await work.tx.execute(wanted.distinct())).all():
        await plan_post(work, await communities.load(work.tx, row.community))


async def plan_post(work: Work, community: Community) -> None:
    """Plan a community's daily post for its hour; without a place for posts there is none."""
    if community.posts:
        at = clock.next_at(work.now, time(community.posts_hour), community.tz)
        await work.due.at(POST, community.id, at)
    else:
        await work.due.cancel(POST, community.id)


@cog.due("post")
async def post(work: Work, row: DueRow) -> datetime | None:
    """Post the day's piece in the community's channels."""
    try:
        community = await communities.load(work.tx, row.key)
    except LookupError:
        return None
    if not community.posts:
        return None
    if work.now <= row.at + GRACE and not community.halted:
        kept = await work.tx.row(posted, posted.c.community == community.id)
        had: list[str] = kept["had"] if kept else []
        piece = _for_all(work, community, had)
        had = [piece.id] if piece.id in had else [*had, piece.id]
        await work.tx.upsert(posted, community=community.id, had=had)
        today = clock.day_of(work.now, community.tz)
        name = f"post-{community.id}-{today.isoformat()}"
        await work.post(community, _post(work, community, piece), name=name, until=row.at + GRACE)
    return clock.next_at(max(work.now, row.at), time(community.posts_hour), community.tz)


def sample(work: Work, community: Community) -> str:
    """Return what a daily post could say."""
    return _post(work, community, _for_all(work, community, [])).text


def _for_all(work: Work, community: Community, had: list[str]) -> Piece:
    """Choose a piece that is right for whoever reads along."""
    pieces = decks.load(work.deck)
    shared = [piece for piece in pieces if piece.whom is Whom.ANY and not piece.heavy and not piece.moment]
    road = Road(work.dice.choice((Stage.SPACE, Stage.HEALING)))
    today = clock.day_of(work.now, community.tz)
    return choose(shared, Reader(road, today, community.posts_hour, had=had), work.dice)


def _post(work: Work, community: Community, piece: Piece) -> Reply:
    say = work.texts.speaker(community.locale, "advice")
    rows = ((Button(say("read-in-private"), "advice"), crisis.button(say)),)
    return Reply("\n\n".join(filter(None, [_text(say, piece), piece.talk])), rows)


async def _milestone(work: Work, member: Member) -> str | None:
    """Return what is said to a milestone that was reached since the last piece; each is told once in a run."""
    now = streaks.standing(await streaks.entries(work.tx, member), member.today(work.now))
    if now is None or now.aside is not None:
        return None
    state, reached = await _state(work.tx, member), streaks.milestone(now.days)
    told = [now.since.isoformat(), reached]
    if not reached or now.days - reached > STALE or state.get("milestone", [])[:2] == told:
        return None
    await _keep(work.tx, member, state | {"milestone": [*told, member.today(work.now).isoformat()]})
    return await _words(work, member, reached)


async def _words(work: Work, member: Member, reached: int) -> str | None:
    """Return what is said to a milestone; None where nothing is counted any more."""
    now = streaks.standing(await streaks.entries(work.tx, member), member.today(work.now))
    if now is None or now.aside is not None:
        return None
    say, count = work.texts.speaker(member.locale, "advice"), await urges.ridden(work.tx, member, now.since)
    if reached == EARLY and count:
        since = format_date(now.since, "EEEE", locale=work.texts.locale(member.locale))
        return say("milestone-urges", count=count, since=since)
    return say("milestone", days=reached)


async def _todays(work: Work, member: Member) -> Piece:
    """Return the member's piece of the day, choosing it if need be."""
    state, today = await _state(work.tx, member), member.today(work.now)
    road = await stage.load(work.tx, member)
    mine = {piece.id: piece for piece in decks.load(work.deck) if piece.whom in (road.whom, Whom.ANY)}
    if state["day"] == today.isoformat() and state["piece"] in mine:
        return mine[state["piece"]]
    ledger = await streaks.entries(work.tx, member)
    now = streaks.standing(ledger, today)
    they_wrote = max((entry.day for entry in ledger if entry.kind is streaks.Kind.THEY_WROTE), default=None)
    reader = Reader(
        road,
        today,
        work.now.astimezone(member.tz).hour,
        now.days if now else None,
        streaks.last_lapse(ledger),
        they_wrote,
        frozenset(state["had"]),
    )
    piece = choose(decks.load(work.deck), reader, work.dice)
    had = [piece.id] if piece.id in state["had"] else [*state["had"], piece.id]
    await _keep(work.tx, member, state | {"day": today.isoformat(), "piece": piece.id, "had": had})
    return piece


async def _state(tx: Tx, member: Member) -> Row:
    row = await tx.row(readings, readings.c.member == member.id)
    return row["state"] if row else {"hour": None, "day": None, "piece": None, "had": []}


async def _keep(tx: Tx, member: Member, state: Row) -> None:
    await tx.upsert(readings, member=member.id, state=state)


def _text(say: Speaker, piece: Piece) -> str:
    return f"{piece.title}\n\n{piece.body}\n\n{say('try', what=piece.attempt)}"


def _daily(ctx: Context, hour: int | None) -> str:
    say = ctx.texts.speaker(ctx.locale, "advice")
    return say("daily-off") if hour is None else say("daily-on", hour=f"{hour:02}:00")


def _closed(ctx: Context) -> list[str]:
    return [ctx.t("cannot-reach")] if ctx.me.unreachable else []
