"""What is kept of linking: codes that wait to be typed, and joins that wait until they take effect."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ForeignKey, LargeBinary

from bot.cog import Cog
from bot.people import members
from bot.store import ID, Instant, Sealed, Tx
from bot.vault import INDEX_BYTES

CODE = "account-link"  # the index that codes are found by
VALID = timedelta(minutes=10)
TOLD = timedelta(hours=1)  # so long a code that is over is told from one that never was
WAIT = timedelta(hours=24)  # two minutes with somebody's unlocked phone open nothing
REMIND = timedelta(hours=12)
TRIES = 5  # wrong codes from one account within the hour
MOST = 4  # accounts a member
JOIN, REMINDER, DROP = "link.join", "link.remind", "link.drop_code"

cog = Cog("link")

made = cog.table(
    "link_codes",
    Column("code", LargeBinary(INDEX_BYTES), primary_key=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("until", Instant, nullable=False),
    Column("made", Sealed(64), nullable=False),  # by which account, whether it was used
)

joins = cog.table(
    "joins",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("waits", Sealed(128), nullable=False),  # for whom, from when, whether it is this one who stays
)


@dataclass(frozen=True)
class Waits:
    """A join as one of its two sides has it: the member on the other side, and when it takes effect.

    `stays`: the code was made here, and the other one becomes part of this member.
    """

    other: str
    at: datetime
    stays: bool


async def waiting(tx: Tx, member: str) -> Waits | None:
    """Return the join that a member waits for, or None."""
    row = await tx.row(joins, member=member)
    return (
        Waits(row["waits"]["other"], datetime.fromisoformat(row["waits"]["at"]), row["waits"]["stays"]) if row else None
    )


async def wait(tx: Tx, member: str, waits: Waits) -> None:
    """Let a member wait for a join."""
    kept = {"other": waits.other, "at": waits.at.isoformat(timespec="seconds"), "stays": waits.stays}
    await tx.insert(joins, member=member, waits=kept)
