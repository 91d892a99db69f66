"""The names that coaches sign with, and the list of them: never their accounts."""

import re
from typing import Annotated

from sqlalchemy import Column, ColumnElement, ForeignKey, LargeBinary

from bot import communities, people
from bot.cog import Arg, Cog, Context, Work
from bot.communities import Community
from bot.errors import UserError
from bot.model import JSON, Button, Reply, Role
from bot.people import Member
from bot.store import ID, Holds, Sealed
from bot.vault import INDEX_BYTES

LENGTH = 32
SIGNATURE = re.compile(r"[^\W\d_][^\W_]*(?:[ '’-][^\W_]+)*")  # words, as a name has them: no handle, no link

cog = Cog("coaches")

signatures = cog.table(
    "signatures",
    Column("key", LargeBinary(INDEX_BYTES), primary_key=True),  # of the account, in an index of its own
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), nullable=False),
    Column("name", LargeBinary(INDEX_BYTES), nullable=False, unique=True),  # of the signature, without capitals
    Column("signature", Sealed(144), nullable=False),
    holds=Holds.HOOKS,
)


@cog.command(private=False, access=Role.COACH)
async def sign(ctx: Context, name: Annotated[str | None, Arg(max=LENGTH)] = None) -> Reply:
    """Choose the name under one's answers; without `name`, show it."""
    if name is None:
        mine = await signature(ctx)
        unsign = ((Button(ctx.t("unsign"), "coaches.unsign"),),)
        return Reply(ctx.t("signed", name=mine), unsign) if mine else Reply(ctx.t("unsigned"))
    if not SIGNATURE.fullmatch(name):
        raise UserError("odd")
    own = key(ctx)
    folded = ctx.vault.index("signature", f"{ctx.here.id}:{name.casefold()}")
    if await ctx.tx.row(signatures, signatures.c.name == folded, signatures.c.key != own):
        raise UserError("taken", name=name)
    await ctx.tx.upsert(signatures, key=own, community=ctx.here.id, name=folded, signature=name)
    return Reply(ctx.t("signed", name=name))


@cog.action("unsign", private=False, access=Role.COACH)
async def unsign(ctx: Context) -> Reply:
    """Sign as nobody in particular."""
    await ctx.tx.delete(signatures, signatures.c.key == key(ctx))
    return Reply(ctx.t("unsigned"), edit=True)


@cog.command(access=Role.ANYONE, writes=False)
async def coaches(ctx: Context) -> Reply:
    """List the names under which answers come, of this community or of all that the member belongs to."""
    theirs = await ctx.communities()
    if not theirs:
        raise UserError("core.no-community")
    lists = [await _list(ctx, each, named=len(theirs) > 1) for each in theirs]
    return Reply("\n\n".join([*lists, ctx.t("never-first")]))


async def signature(ctx: Context) -> str | None:
    """Return the name that whoever calls signs with, or None."""
    row = await ctx.tx.row(signatures, signatures.c.key == key(ctx))
    return row["signature"] if row else None


async def signed_by(work: Work, community: str) -> list[tuple[bytes, str]]:
    """Return the coaches of a community who sign with a name, by it: each one's key, and the name."""
    rows = await work.tx.rows(signatures, signatures.c.community == community)
    return sorted(((row["key"], row["signature"]) for row in rows), key=lambda each: each[1].casefold())


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Delete the signatures of a member who is a coach too."""
    await work.tx.delete(signatures, await _of(work, member))


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return the signatures of a member who is a coach too."""
    rows = await work.tx.rows(signatures, await _of(work, member))
    return {"signatures": [row["signature"] for row in rows]} if rows else {}


async def _list(ctx: Context, community: Community, *, named: bool) -> str:
    names = "\n".join(f"• {name}" for _, name in await signed_by(ctx, community.id))
    text = ctx.t("here", names=names) if names else ctx.t("nobody")
    return f"{community.name}\n{text}" if named else text


async def _of(work: Work, member: Member) -> ColumnElement[bool]:
    accounts = await people.accounts_of(work.tx, member)
    keys = [key for each in accounts for key in await communities.coach_keys(work.tx, work.vault, each)]
    return signatures.c.key.in_(keys)


def key(ctx: Context) -> bytes:
    """Return the blind index of whoever calls as a coach of this community."""
    return communities.coach_key(ctx.vault, ctx.here.id, ctx.call.account)
