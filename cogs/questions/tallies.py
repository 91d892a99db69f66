"""What is counted of a community's questions, coarsely and of nobody: how long answers take, how they did."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, String

from bot import communities
from bot.cog import Stats, Work
from bot.store import ID, Holds, Row, Tx
from cogs.questions.store import cog

HOURS = (1, 3, 6, 12, 20, 30, 48, 72)  # an answer took up to so many; longer ones are counted as LONGER
LONGER = 999
ENOUGH = 5  # answers; of fewer no time is told, and nothing is printed
RATINGS = (1, 2, 3)  # it helped, a little, no
TOOK, RATED, UNANSWERED = "took", "rated", "unanswered"

tallies = cog.table(
    "tallies",
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
    holds=Holds.NOTHING,
)


async def count(tx: Tx, community: str, what: str, by: int = 1) -> None:
    """Count one more of `what`, or so many."""
    await tx.add(tallies, {"community": community, "what": what}, count=by)


async def answered(work: Work, row: Row) -> None:
    """Count how long the first answer to a question has taken."""
    asked: datetime = row["asked"]
    hours = (work.now - asked).total_seconds() / 3600
    await count(work.tx, row["community"], f"{TOOK}-{next((each for each in HOURS if hours <= each), LONGER)}")


async def usual(tx: Tx, community: str) -> int | None:
    """Return within how many hours half of a community's answers came, one of HOURS or LONGER; None: too few have."""
    found = {each["what"]: each["count"] for each in await tx.rows(tallies, tallies.c.community == community)}
    took = [(hours, found.get(f"{TOOK}-{hours}", 0)) for hours in (*HOURS, LONGER)]
    total, so_far = sum(number for _, number in took), 0
    if total < ENOUGH:
        return None
    for hours, number in took:
        so_far += number
        if 2 * so_far >= total:
            return hours
    return LONGER


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
