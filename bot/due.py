"""Work that is due at an instant: one indexed row each, never a job in the scheduler's memory."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String

from bot.people import members
from bot.store import ID, Instant, Tx, table

WAKE = "due"

due = table(
    "due",
    Column("job", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),  # an id, or a name in the outbox
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), index=True),
    Column("at", Instant, nullable=False, index=True),
)


class Due:
    """What is due later, inside one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def at(self, job: str, key: str, when: datetime, *, member: str | None = None) -> None:
        """Have `job` (a cog's due handler, "advice.drop") done for `key` at `when`; an earlier plan is replaced."""
        await self._tx.upsert(due, job=job, key=key, member=member, at=when)
        self._tx.notes.add(WAKE)

    async def when(self, job: str, key: str) -> datetime | None:
        """Return when `job` is planned for `key`, or None."""
        row = await self._tx.row(due, job=job, key=key)
        return row["at"] if row else None

    async def cancel(self, job: str, key: str) -> bool:
        """Drop the plan; tell whether there was one."""
        return await self._tx.delete(due, job=job, key=key) > 0

    async def forget(self, key: str) -> None:
        """Drop every plan for `key`."""
        await self._tx.delete(due, key=key)
