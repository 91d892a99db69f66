"""Whether a desk still answers: since when it has not, whether it takes nothing new for that, when it was reminded.

What is planned and kept here is of a community and to the hour: of no question can be read when it was asked.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, SmallInteger, String, select

from bot import clock, communities
from bot.cog import Work
from bot.communities import Community
from bot.store import ID, Holds, Instant, Row, Tx
from cogs.questions import yours
from cogs.questions.plain import waiting
from cogs.questions.store import State, cog, questions, thread, waits_since

LOOK = "desk.look"  # due for a community: see cogs/desk

watches = cog.table(
    "desk_watches",
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("since", Instant),  # rounded to the hour: the last answer, or when it was opened again
    Column("closed", Boolean, nullable=False),
    Column("nudged", Instant),  # when the desk was last reminded, to the hour
    Column("digest", String(10)),  # the day of the last evening's
    Column("day", String(10)),  # by the community's clock,
    Column("given", SmallInteger, nullable=False),  # and how many answers were given on it
    holds=Holds.NOTHING,
)


@dataclass(frozen=True)
class Watch:
    """How it is with a desk; see the table."""

    since: datetime | None = None
    closed: bool = False
    nudged: datetime | None = None
    digest: str | None = None
    day: str | None = None
    given: int = 0

    def given_on(self, day: date) -> int:
        """Return how many answers were given on a day by the community's clock: that of the last one, or none."""
        return self.given if self.day == day.isoformat() else 0


async def of(tx: Tx, community: str) -> Watch:
    """Return how it is with a community's desk."""
    row = await tx.row(watches, watches.c.community == community)
    return Watch(**{name: value for name, value in row.items() if name != "community"}) if row else Watch()


async def change(tx: Tx, community: str, **changes: Any) -> None:
    """Change how it is with a community's desk."""
    await tx.upsert(watches, community=community, **asdict(replace(await of(tx, community), **changes)))


async def waits(work: Work, community: Community) -> None:
    """Have it looked after each hour what waits at a desk, from the next one on, until nothing does."""
    if await work.due.when(LOOK, community.id) is None:
        await work.due.at(LOOK, community.id, next_look(work.now, community))


def next_look(now: datetime, community: Community) -> datetime:
    """Return the next full hour on the community's clock."""
    local = now.astimezone(community.tz)
    return now + timedelta(hours=1) - (local - clock.floor_hour(local))


async def answered(work: Work, row: Row, coach: str, by: int = 1) -> None:
    """Note that a coach (a key in hexadecimal) has answered a question, or with -1 that it was taken back.

    It is when the answer is sent that counts, not what becomes of it: else one could tell by the numbers.
    """
    community = await communities.load(work.tx, row["community"])
    day, now = work.now.astimezone(community.tz).date(), await of(work.tx, community.id)
    await yours.answered(work, community.id, coach, by)
    given = max(now.given_on(day) + by, 0)
    await change(work.tx, community.id, day=day.isoformat(), given=given)
    if by > 0:
        await spoke(work, community.id)
    else:
        await waits(work, community)


async def spoke(work: Work, community: str) -> None:
    """Note that a coach has said something to somebody who asked."""
    await change(work.tx, community, since=clock.floor_hour(work.now))
    await reopen(work, community)


async def reopen(work: Work, community: str) -> bool:
    """Take questions again at a desk that was closed because it did not answer; tell whether it was.

    A sign of life is an answer, a claim, or that somebody says so.
    """
    if not (await of(work.tx, community)).closed:
        return False
    await change(work.tx, community, closed=False, since=clock.floor_hour(work.now))
    await work.due.at(LOOK, community, work.now)
    return True


async def waiting_at(tx: Tx, community: str) -> list[tuple[Row, datetime]]:
    """Return the questions that wait for a coach at a desk, and since when: since they were asked, or added to."""
    rows = await tx.rows(questions, questions.c.community == community, questions.c.state == State.WAITING)
    found = [(row, waits_since(row, await thread(tx, row["id"]))) for row in rows]
    return sorted(found, key=lambda each: each[1])


async def waited_at(tx: Tx) -> list[str]:
    """Return the ids of the communities at whose desks something waits."""
    found = select(questions.c.community).where(questions.c.state == State.WAITING).distinct()
    return sorted((await tx.execute(found)).scalars())


async def closed_at(tx: Tx, asked: list[Community]) -> set[str]:
    """Return the ids of those communities whose desk takes nothing new because it has not answered."""
    ids = [each.id for each in asked]
    return {row["community"] for row in await tx.rows(watches, watches.c.community.in_(ids), watches.c.closed)}


def waited(now: datetime, since: datetime) -> tuple[str, int]:
    """Return in coarse words how long something has waited, as the end of a text's key; and the days it may need."""
    key, days = waiting((now - since) / timedelta(hours=1))
    return key.removeprefix("waiting-"), days
