"""The names that coaches sign with, and the list of them: never their accounts."""

import re
from typing import Annotated

from sqlalchemy import Column, ForeignKey, LargeBinary

from bot import people
from bot.cog import Arg, Cog, Context, Work
from bot.communities import communities
from bot.errors import UserError
from bot.model import JSON, Account, Button, Reply, Role
from bot.people import Member
from bot.store import ID, Holds, Sealed
from bot.vault import INDEX_BYTES

LENGTH = 32
SIGNATURE = re.compile(r"[^\W\d_][^\W_]*(?:[ '’-][^\W_]+)*")  # words, as a name has them: no handle, no link

cog = Cog("coaches")

signatures = cog.table(
    "signatures",
    Column("key", LargeBinary(INDEX_BYTES), primary_key=True),  # of the account, in an index of its own
    Column("community", ID, ForeignKey(communities.c.id, ondelete="CASCADE"), nullable=False),
    Column("name", LargeBinary(INDEX_BYTES), nullable=False, unique=True),  # of the signature, without capitals
    Column("signature", Sealed(144), nullable=False),
    holds=Holds.HOOKS,
)


@cog.command(private=False, access=Role.COACH)
async def sign(ctx: Context, name: Annotated[str | None, Arg(max=LENGTH)] = None) -> Reply:
    """Choose the name under one's answers; without `name`, show it."""
    _only_at_the_desk(ctx)
    if name is None:
        mine = await signature(ctx)
        unsign = ((Button(ctx.t("unsign"), "coaches.unsign"),),)
        return Reply(ctx.t("signed", name=mine), unsign) if mine else Reply(ctx.t("unsigned"))
    if not SIGNATURE.fullmatch(name):
        raise UserError("odd")
    key = _key(ctx, ctx.call.account)
    folded = ctx.vault.index("signature", f"{ctx.community.id}:{name.casefold()}")
    if await ctx.tx.row(signatures, signatures.c.name == folded, signatures.c.key != key):
        raise UserError("taken", name=name)
    await ctx.tx.upsert(signatures, key=key, community=ctx.community.id, name=folded, signature=name)
    return Reply(ctx.t("signed", name=name))


@cog.action("unsign", private=False, access=Role.COACH)
async def unsign(ctx: Context) -> Reply:
    """Sign as nobody in particular."""
    _only_at_the_desk(ctx)
    await ctx.tx.delete(signatures, signatures.c.key == _key(ctx, ctx.call.account))
    return Reply(ctx.t("unsigned"), edit=True)


@cog.command(access=Role.ANYONE, writes=False)
async def coaches(ctx: Context) -> Reply:
    """List the names under which answers come."""
    rows = await ctx.tx.rows(signatures, signatures.c.community == ctx.community.id)
    names = "\n".join(f"• {name}" for name in sorted((row["signature"] for row in rows), key=str.casefold))
    return Reply("\n\n".join([ctx.t("here", names=names) if rows else ctx.t("nobody"), ctx.t("never-first")]))


async def signature(ctx: Context) -> str | None:
    """Return the name that whoever calls signs with, or None."""
    row = await ctx.tx.row(signatures, signatures.c.key == _key(ctx, ctx.call.account))
    return row["signature"] if row else None


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Delete the signature of a member who is a coach too."""
    if found := await people.load(work.tx, member.id):
        await work.tx.delete(signatures, signatures.c.key == _key(work, found[1]))


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return the signature of a member who is a coach too."""
    found = await people.load(work.tx, member.id)
    row = await work.tx.row(signatures, signatures.c.key == _key(work, found[1])) if found else None
    return {"signature": row["signature"]} if row else {}


def _only_at_the_desk(ctx: Context) -> None:
    if not ctx.community.is_desk(ctx.call.place):
        raise UserError("core.only-coach")


def _key(work: Work, account: Account) -> bytes:
    return work.vault.index("coach", f"{work.community.id}:{account.platform}:{account.id}")
