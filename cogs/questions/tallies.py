"""What is counted of a community's questions, coarsely and of nobody: how long answers take, how they did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Column, ForeignKey, Integer, String

from bot import communities
from bot.cog import Stats, Work
from bot.communities import Community
from bot.store import ID, Holds, Row, Tx
from cogs.questions.store import cog

HOURS = (1, 3, 6, 12, 20, 30, 48, 72)  # an answer took up to so many; longer ones are counted as LONGER
LONGER = 999
ENOUGH = 5  # answers; of fewer no time is told, and nothing is printed
RATINGS = (1, 2, 3)  # it helped, a little, no
TOOK, RATED, UNANSWERED = "took", "rated", "unanswered"
WEEKS = 12  # that are shown
KEPT = timedelta(weeks=53)  # of a week's
OVER = timedelta(hours=12)  # after its end a week is shown: by then the desk knows what became of its last answer
PRUNE = "desk.prune"  # due for a community: see cogs/desk

tallies = cog.table(
    "tallies",
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
    holds=Holds.NOTHING,
)


@dataclass(frozen=True)
class Week:
    """How long the answers of one week took: how many came within so many hours, by HOURS and LONGER."""

    monday: date
    took: Mapping[int, int]

    @property
    def answers(self) -> int:
        """How many there were."""
        return sum(self.took.values())


async def count(tx: Tx, community: str, what: str, by: int = 1) -> None:
    """Count one more of `what`, or so many."""
    await tx.add(tallies, {"community": community, "what": what}, count=by)


async def answered(work: Work, row: Row) -> None:
    """Count how long the first answer to a question has taken, in all and in this week (of UTC)."""
    asked: datetime = row["asked"]
    hours = within((work.now - asked).total_seconds() / 3600)
    await count(work.tx, row["community"], f"{TOOK}-{hours}")
    await count(work.tx, row["community"], f"{TOOK}-{_week(work.now.date())}-{hours}")
    await prune(work, row["community"])
    await work.due.at(PRUNE, row["community"], datetime.combine(work.now.date(), time(), UTC) + KEPT)


def within(hours: float) -> int:
    """Return as what an answer is counted that took so long: one of HOURS, or LONGER."""
    return next((each for each in HOURS if hours <= each), LONGER)


def percentile(took: Mapping[int, int], percent: int) -> int | None:
    """Return within how many hours so many percent (1 to 100) of the answers came, one of HOURS or LONGER.

    It is that of the answer at that place, counted from the quickest (the nearest rank). None: there are none.
    """
    total, so_far = sum(took.values()), 0
    for hours in (*HOURS, LONGER):
        so_far += took.get(hours, 0)
        if total and 100 * so_far >= percent * total:
            return hours
    return None


async def usual(tx: Tx, community: str) -> int | None:
    """Return within how many hours half of a community's answers came, one of HOURS or LONGER; None: too few have."""
    found = {each["what"]: each["count"] for each in await tx.rows(tallies, tallies.c.community == community)}
    took = {hours: found.get(f"{TOOK}-{hours}", 0) for hours in (*HOURS, LONGER)}
    return percentile(took, 50) if sum(took.values()) >= ENOUGH else None


async def weeks(tx: Tx, community: str, now: datetime) -> list[Week]:
    """Return the last WEEKS weeks that are over, the oldest first: also those in which nothing was answered."""
    found = {each["what"]: each["count"] for each in await tx.rows(tallies, tallies.c.community == community)}
    this = (now - OVER).date()
    mondays = [this - timedelta(days=this.weekday(), weeks=ago) for ago in range(WEEKS, 0, -1)]
    return [
        Week(
            monday,
            {
                hours: number
                for hours in (*HOURS, LONGER)
                if (number := found.get(f"{TOOK}-{_week(monday)}-{hours}", 0))
            },
        )
        for monday in mondays
    ]


async def prune(work: Work, community: str) -> None:
    """Drop what was counted of weeks that are over a year ago."""
    last = _week((work.now - KEPT).date())
    rows = await work.tx.rows(tallies, tallies.c.community == community, tallies.c.what.startswith(f"{TOOK}-"))
    old = [each["what"] for each in rows if each["what"].count("-") == 2 and each["what"].split("-")[1] <= last]
    await work.tx.delete(tallies, tallies.c.community == community, tallies.c.what.in_(old))


async def hand_over(work: Work, old: Community, new: Community) -> None:
    """Add what was counted of a community to what is of another one, which it becomes part of."""
    for each in await work.tx.rows(tallies, tallies.c.community == old.id):
        await count(work.tx, new.id, each["what"], each["count"])
    await work.tx.delete(tallies, tallies.c.community == old.id)
    planned = [await work.due.when(PRUNE, each.id) for each in (old, new)]
    if last := max(filter(None, planned), default=None):
        await work.due.at(PRUNE, new.id, last)
    await work.due.cancel(PRUNE, old.id)


def _week(day: date) -> str:
    """Return the name of the week that a day is in, by ISO 8601: "2026W10"."""
    year, week, _ = day.isocalendar()
    return f"{year}W{week:02}"


@cog.stats
async def stats(work: Work) -> Stats:
    """Return what was said of answers, and how many questions had none: of communities with enough of each."""
    say = work.texts.speaker(None, "questions")
    rows: list[tuple[str | int, ...]] = []
    for community in sorted({each["community"] for each in await work.tx.rows(tallies)}):
        found = {each["what"]: each["count"] for each in await work.tx.rows(tallies, tallies.c.community == community)}
        said = [found.get(f"{RATED}-{rating}", 0) for rating in RATINGS]
        shown = said if sum(said) >= ENOUGH else [""] * len(said)
        alone = found.get(UNANSWERED, 0)
        name = (await communities.load(work.tx, community)).name
        rows.append((name, *shown, alone if alone >= ENOUGH else ""))
    head = tuple(say(f"stats-{each}") for each in ("community", "helped", "a-little", "no", "unanswered"))
    return Stats(say("stats"), head, rows)
