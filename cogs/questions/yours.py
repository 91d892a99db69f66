"""What a coach's answers came to, for that coach alone: how many, how often they were thanked for, whether they helped.

It is sealed below the coach's key, which matches nothing of a member's. What askers said this week is not told before
the next: from one number to the following nobody can tell whose word it was, or when they said it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Column, ForeignKey, LargeBinary

from bot import communities, people
from bot.cog import Work
from bot.model import JSON
from bot.people import Member
from bot.store import ID, Holds, Sealed, Tx
from bot.vault import INDEX_BYTES
from cogs.questions.store import cog

THANKS = "thanks"

yours = cog.table(
    "coach_counts",
    Column("key", LargeBinary(INDEX_BYTES), primary_key=True),  # see communities.coach_key
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("counts", Sealed(256), nullable=False),  # see Counts
    holds=Holds.HOOKS,
)


@dataclass(frozen=True)
class Counts:
    """What one coach's answers came to. `week` is the Monday of the week that `lately` and `fresh` are of.

    `said` and `fresh` are what askers said: "1" it helped, "2" a little, "3" no, THANKS; `fresh` is not in `said` yet.
    """

    week: str = ""
    answers: int = 0
    lately: int = 0
    said: Mapping[str, int] = field(default_factory=dict[str, int])
    fresh: Mapping[str, int] = field(default_factory=dict[str, int])

    def by(self, today: date) -> "Counts":
        """Return them as they are on a day, in whose week nothing may have happened yet."""
        monday = date.fromordinal(today.toordinal() - today.weekday()).isoformat()
        if monday == self.week:
            return self
        # Who changes what they said before it was all forgotten would take away what was never counted here.
        said = {what: number for what, number in _sum(self.said, self.fresh).items() if number > 0}
        return replace(self, week=monday, lately=0, said=said, fresh={})


async def counts_of(tx: Tx, coach: bytes, today: date) -> Counts:
    """Return what a coach's answers have come to, by communities.coach_key; today's date is that of UTC."""
    row = await tx.row(yours, yours.c.key == coach)
    return (Counts(**row["counts"]) if row else Counts()).by(today)


async def answered(work: Work, community: str, coach: str, by: int = 1) -> None:
    """Count an answer of a coach's (a key in hexadecimal) that was sent, or with -1 one that was taken back."""
    now = await counts_of(work.tx, bytes.fromhex(coach), work.now.date())
    lately = max(now.lately + by, 0)
    now = replace(now, answers=max(now.answers + by, 0), lately=lately)
    if by > 0:
        await work.tx.upsert(yours, key=bytes.fromhex(coach), community=community, counts=asdict(now))
    else:
        await _change(work, coach, now)


async def said(work: Work, coach: str, what: str, by: int = 1) -> None:
    """Count what an asker said of an answer of a coach's (THANKS, or a rating), or with -1 that they say it no more.

    Not where nothing is counted for them: they had it forgotten, or their desk became part of another one.
    """
    now = await counts_of(work.tx, bytes.fromhex(coach), work.now.date())
    await _change(work, coach, replace(now, fresh=_sum(now.fresh, {what: by})))


async def forget(tx: Tx, coach: bytes) -> None:
    """Leave nothing of what a coach's answers came to."""
    await tx.delete(yours, yours.c.key == coach)


async def _change(work: Work, coach: str, counts: Counts) -> None:
    await work.tx.update(yours, {"key": bytes.fromhex(coach)}, counts=asdict(counts))


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    sums = {each: one.get(each, 0) + other.get(each, 0) for each in sorted({*one, *other})}
    return {each: number for each, number in sums.items() if number}


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Delete what the answers of a member came to who is a coach too."""
    await work.tx.delete(yours, yours.c.key.in_(await _keys(work, member)))


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return what the answers of a member came to who is a coach too; of ratings those that are told."""
    rows = await work.tx.rows(yours, yours.c.key.in_(await _keys(work, member)))
    told: list[dict[str, Any]] = []
    for row in rows:
        now = Counts(**row["counts"]).by(work.now.date())
        name = (await communities.load(work.tx, row["community"])).name
        told.append({"community": name, "answers": now.answers} | {f"said-{each}": n for each, n in now.said.items()})
    return {"coach_counts": told} if told else {}


async def _keys(work: Work, member: Member) -> list[bytes]:
    accounts = await people.accounts_of(work.tx, member)
    return [key for each in accounts for key in await communities.coach_keys(work.tx, work.vault, each)]
