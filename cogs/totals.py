"""What a community comes to, together: totals once a week, of five people or more, and of nobody alone.

Days are added up week by week, seven a person at most: whoever comes, goes or has everything erased changes no number
by more than a week of theirs, among those of four others. Between two Mondays the numbers stand still.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import JSON, Column, ForeignKey

from bot import clock, communities, people, pictures
from bot.cog import Cog, Context, DueRow, Work
from bot.communities import Community
from bot.errors import UserError
from bot.model import File, Reply, Role
from bot.pictures import Figure
from bot.store import ID, Holds, Row
from cogs import streaks

MOST = 10  # Discord: at most 10 files in a message
PEOPLE = 5  # with a streak; of fewer nothing is counted and nothing shown
WEEK = "totals.week"
AT, MONDAY = time(5), 0
GRACE = timedelta(hours=3)
COUNTED = ("days", "urges", "answered")

cog = Cog("totals")

totals = cog.table(
    "totals",
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("counted", JSON, nullable=False),  # so far, days through which date
    Column("shown", JSON),  # as of the last Monday, where there were enough people
    holds=Holds.NOTHING,
)


@cog.command(private=False, access=Role.ANYONE, writes=False)
async def community(ctx: Context) -> Reply:
    """Show what the community has come to, in one picture and one sentence."""
    theirs = await ctx.communities()
    if not theirs or (ctx.community is None and not ctx.call.place.private):  # all there would see whose member asks
        raise UserError("core.no-community")
    replies: list[Reply] = []
    for each in theirs[:MOST]:
        row = await ctx.tx.row(totals, totals.c.community == each.id)
        replies.append(await _shown(ctx, each, row["shown"] if row else None))
    if len(replies) == 1:
        return replies[0]
    text = "\n\n".join(f"{each.name}\n{reply.text}" for each, reply in zip(theirs, replies, strict=False))
    return Reply(text, files=tuple(file for reply in replies for file in reply.files))


async def plan(work: Work, community: Community) -> None:
    """Count each week from now on, on Monday morning by the community's clock."""
    await _row(work, community)
    await work.due.at(WEEK, community.id, _next(work.now, community))


async def add(work: Work, community: str, what: str) -> None:
    """Count one more of `what`, "urges" or "answered"; it is shown from the next Monday on."""
    row = await _row(work, await communities.load(work.tx, community))
    counted = row["counted"] | {what: row["counted"][what] + 1}
    await work.tx.update(totals, {"community": community}, counted=counted)


@cog.due("week")
async def week(work: Work, row: DueRow) -> datetime | None:
    """Add up the week, and post what it comes to where that is wanted."""
    try:
        community = await communities.load(work.tx, row.key)
    except LookupError:
        return None
    counted = (await _row(work, community))["counted"]
    through, last = date.fromisoformat(counted["through"]), clock.day_of(work.now, community.tz) - timedelta(days=1)
    after = max(through, last - timedelta(days=7))
    held = [await streaks.held_between(work, each, after, last) for each in await _here_since(work, community, after)]
    counts = [days for days in held if days is not None]
    enough = len(counts) >= PEOPLE
    if enough:
        counted["days"] += sum(counts)
    counted["through"] = max(through, last).isoformat()
    shown = {each: counted[each] for each in COUNTED} if enough else None
    await work.tx.update(totals, {"community": community.id}, counted=counted, shown=shown)
    if community.weekly and shown and not community.halted and work.now <= row.at + GRACE:
        name = f"totals-{community.id}-{last.isoformat()}"
        await work.post(community, await _shown(work, community, shown), name=name, until=row.at + GRACE)
    return _next(max(work.now, row.at), community)


async def _here_since(work: Work, community: Community, day: date) -> list[people.Member]:
    """Return the members who belonged to the community on `day` already."""
    memberships = communities.memberships
    before = datetime.combine(day + timedelta(days=1), time(), community.tz)
    rows = await work.tx.rows(memberships, memberships.c.community == community.id, memberships.c.since < before)
    found = [await people.load(work.tx, row["member"]) for row in rows]
    return [each[0] for each in found if each is not None]


async def _row(work: Work, community: Community) -> Row:
    row = await work.tx.row(totals, community=community.id)
    if row is None:
        through = clock.day_of(work.now, community.tz) - timedelta(days=1)
        counted = dict.fromkeys(COUNTED, 0) | {"through": through.isoformat()}
        await work.tx.insert(totals, community=community.id, counted=counted, shown=None)
        row = {"community": community.id, "counted": counted, "shown": None}
    return row


async def _shown(work: Work, community: Community, shown: Row | None) -> Reply:
    say = work.texts.speaker(community.locale, "totals")
    counts = {each: shown[each] for each in COUNTED if shown[each]} if shown else {}
    if not counts:
        return Reply(say("not-yet", people=PEOPLE))
    sentence = say(
        "together", what=say("and").join(say(f"count-{each}", count=count) for each, count in counts.items())
    )
    figures = [Figure(f"{count:,}", say(f"label-{each}", count=count)) for each, count in counts.items()]
    drawn = await work.tx.aside(lambda: pictures.draw(figures, community.name))
    picture = File("together.png", drawn, sentence)
    return Reply(sentence, files=(picture,))


def _next(now: datetime, community: Community) -> datetime:
    at = clock.next_at(now, AT, community.tz)
    while at.astimezone(community.tz).weekday() != MONDAY:
        at = clock.next_at(at, AT, community.tz)
    return at
