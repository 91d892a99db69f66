"""Who may not ask a community's coaches for a while: an account, by a key that matches nothing elsewhere.

The key is made of a community's id and an account's. Whose account it is nobody knows, so it cannot be made anew when
that community becomes part of another one: the row says then which it was made in, and is looked for by that as well.
"""

from datetime import datetime, timedelta

from sqlalchemy import Column, ForeignKey, LargeBinary, func, select

from bot import clock, communities, people
from bot.cog import DueRow, Work
from bot.communities import Community
from bot.model import JSON, Account
from bot.people import Member
from bot.store import ID, Holds, Instant, Row, Tx
from bot.vault import INDEX_BYTES, Vault
from cogs.questions.store import cog

UNBLOCK = "questions.unblock"

blocks = cog.table(
    "blocks",
    Column("key", LargeBinary(INDEX_BYTES), primary_key=True),  # of a community and an account
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("until", Instant, nullable=False),  # rounded to the hour
    Column("made_in", ID),  # the community that the key is of, where it has become part of this one
    holds=Holds.HOOKS,
)


async def blocked(tx: Tx, vault: Vault, community: str, account: Account) -> datetime | None:
    """Return until when an account may not ask a community's coaches, or None where it may."""
    here = blocks.c.community == community
    former = (
        await tx.execute(select(blocks.c.made_in).where(here, blocks.c.made_in.is_not(None)).distinct())
    ).scalars()
    keys = [_key(vault, each, account) for each in (community, *former)]
    return max((row["until"] for row in await tx.rows(blocks, here, blocks.c.key.in_(keys))), default=None)


async def block(work: Work, row: Row, days: int) -> None:
    """Let the asker of a question ask this community's coaches nothing for so many days, from no account of theirs.

    It outlives what is erased of them, and ends by itself.
    """
    who, until = row["asker"], clock.floor_hour(work.now) + timedelta(days=days)
    theirs = {each.account for each in await people.linked(work.tx, who["member"])}
    for account in theirs | {Account(who["platform"], who["address"])}:
        key = _key(work.vault, row["community"], account)
        await work.tx.upsert(blocks, key=key, community=row["community"], until=until)
    await _plan(work, row["community"])


async def hand_over(work: Work, old: Community, new: Community) -> None:
    """Let who is blocked in a community be blocked for as long in another one, which it becomes part of."""
    theirs = blocks.update().where(blocks.c.community == old.id)
    await work.tx.execute(theirs.values(community=new.id, made_in=func.coalesce(blocks.c.made_in, old.id)))
    await work.due.cancel(UNBLOCK, old.id)
    await _plan(work, new.id)


@cog.due("unblock")
async def unblock(work: Work, row: DueRow) -> datetime | None:
    """Let those ask again whose time is over."""
    await work.tx.delete(blocks, blocks.c.until <= work.now)
    return await _next(work.tx, row.key)


async def _plan(work: Work, community: str) -> None:
    if (at := await _next(work.tx, community)) is not None:
        await work.due.at(UNBLOCK, community, at)


async def _next(tx: Tx, community: str) -> datetime | None:
    """Return when the first block of a community's ends, or None."""
    return (await tx.execute(select(func.min(blocks.c.until)).where(blocks.c.community == community))).scalar_one()


def _key(vault: Vault, community: str, account: Account) -> bytes:
    return vault.index("block", f"{community}:{account.platform}:{account.id}")


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return until when the coaches of which community take no questions of the member's."""
    accounts = await people.accounts_of(work.tx, member)
    rows: list[dict[str, str]] = []
    for id in (await work.tx.execute(select(communities.communities.c.id))).scalars().all():
        ends = [await blocked(work.tx, work.vault, id, each) for each in accounts]
        rows += [{"community": id, "until": until.isoformat()} for until in ends if until]
    return {"blocks": rows} if rows else {}
