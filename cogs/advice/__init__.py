"""One piece of advice a day: on demand, by DM at the member's own hour, and as the channel's daily post."""

from datetime import datetime, time

from sqlalchemy import JSON, Column, ForeignKey, select

from bot import clock, communities
from bot.cog import DueRow, Work
from bot.communities import Community, Purpose
from bot.due import due
from bot.model import Button, Reply
from bot.store import ID, Holds
from cogs import crisis
from cogs.advice import hard, proof, rhythm, source, store, today
from cogs.advice.deck import Piece, load
from cogs.advice.drop import DROP, GRACE, OFF, daily, plan, set_daily
from cogs.advice.rules import Reader, choose
from cogs.advice.store import cog, feedback, readings
from cogs.advice.today import text_of
from cogs.stage import Road, Stage, Whom

__all__ = [
    "DROP",
    "GRACE",
    "OFF",
    "cog",
    "daily",
    "feedback",
    "hard",
    "plan",
    "plan_post",
    "read_deck",
    "readings",
    "rhythm",
    "sample",
    "set_daily",
    "store",
    "today",
]

POST = "advice.post"

cog.checks(proof.check)
cog.shows(proof.show)
cog.covers(proof.coverage)
cog.samples(proof.samples)

posted = cog.table(
    "posted",
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("had", JSON, nullable=False),
    holds=Holds.NOTHING,
)


@cog.start
async def read_deck(work: Work) -> None:
    """Read the deck. Raises DeclarationError where it is not right: better now than to whoever asks for advice."""
    load(work.deck)
    source.load(work.deck)


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
    at, then = clock.newest(
        row.at, work.now, lambda after: clock.next_at(after, time(community.posts_hour), community.tz)
    )
    if work.now <= at + GRACE and not community.halted:
        kept = await work.tx.row(posted, posted.c.community == community.id)
        had: list[str] = kept["had"] if kept else []
        piece = _for_all(work, community, had)
        had = [piece.id] if piece.id in had else [*had, piece.id]
        await work.tx.upsert(posted, community=community.id, had=had)
        today = clock.day_of(work.now, community.tz)
        name = f"post-{community.id}-{today.isoformat()}"
        await work.post(community, _post(work, community, piece), name=name, until=at + GRACE)
    return then


def sample(work: Work, community: Community) -> str:
    """Return what a daily post could say."""
    return _post(work, community, _for_all(work, community, [])).text


def _for_all(work: Work, community: Community, had: list[str]) -> Piece:
    """Choose a piece that is right for whoever reads along."""
    pieces = load(work.deck)
    shared = [piece for piece in pieces if piece.whom is Whom.ANY and not piece.heavy and not piece.moment]
    road = Road(work.dice.choice((Stage.SPACE, Stage.HEALING)))
    today = clock.day_of(work.now, community.tz)
    return choose(shared, Reader(road, today, community.posts_hour, had=had), work.dice)


def _post(work: Work, community: Community, piece: Piece) -> Reply:
    say = work.texts.speaker(community.locale, "advice")
    rows = ((Button(say("read-in-private"), "advice"), crisis.button(say)),)
    return Reply("\n\n".join(filter(None, [text_of(say, piece), piece.talk])), rows)
