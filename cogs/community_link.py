"""Joining a group to a community elsewhere: a code from one side, entered on the other, and both say yes."""

from datetime import timedelta
from typing import Annotated

from sqlalchemy import Column, ForeignKey, LargeBinary

from bot import codes, communities
from bot.adapter import Look
from bot.cog import Arg, Asking, Cog, Context
from bot.communities import Community
from bot.errors import UserError
from bot.model import Button, Field, Reply, Role, Server
from bot.outbox import Lane
from bot.store import ID, Holds, Instant, Row, Sealed, new_id
from bot.vault import INDEX_BYTES
from cogs import faq, posts, questions, snippets, tips

VALID = timedelta(hours=1)

cog = Cog("community_link")

links = cog.table(
    "links",
    Column("code", LargeBinary(INDEX_BYTES), primary_key=True),
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), nullable=False),
    Column("until", Instant, nullable=False),
    Column("claim", Sealed),  # the server that asks to be joined, and its name
    holds=Holds.NOTHING,
)


async def look_here(asking: Asking) -> Look | None:
    """Ask what the server or group is called that the Call is about."""
    server = asking.args.get("server") or asking.call.server
    found = await asking.look(Server(asking.call.place.platform, server)) if server else None
    return found if isinstance(found, Look) else None


@cog.command(access=Role.OWNER, link="server", asks=look_here)
async def community_link(ctx: Context) -> Reply:
    """Offer both ways: to make a code here, or to enter the one that was made elsewhere."""
    if not isinstance(ctx.found, Look):
        raise UserError("setup.cannot-tell")
    enter = Button(ctx.t("have-code"), "community_link.enter", [ctx.found.server.id])
    if ctx.community is None or not ctx.community.can_be_joined:
        return Reply(ctx.t("only-enter"), ((enter,),))
    if waiting := await _claim_on(ctx, ctx.community):
        return _ask(ctx, ctx.community, waiting)
    return Reply(ctx.t("first"), ((Button(ctx.t("make-code"), "community_link.make", [ctx.community.id]), enter),))


@cog.action("make", access=Role.OWNER)
async def make(ctx: Context, community: str) -> Reply:
    """Make a code that joins one group, once, within the hour; an earlier one is void."""
    await ctx.tx.delete(links, links.c.community == ctx.here.id)
    code = codes.new()
    await ctx.tx.insert(links, code=ctx.vault.index("link", code), community=ctx.here.id, until=ctx.now + VALID)
    return Reply(ctx.t("code", code=code), edit=True)


@cog.form("enter", Field("code", max=20), access=Role.OWNER)
async def enter(ctx: Context, server: str, code: Annotated[str, Arg(max=20)]) -> Reply:
    """Show what the code would join this group to, for whoever runs it to say yes."""
    community = await _meant(ctx, code, server)
    code = codes.read(code) or ""
    yes = Button(ctx.t("yes-ask"), "community_link.claim", [server, code])
    text = ctx.t("confirm", name=community.name, responsible=community.responsible)
    return Reply(text, ((yes, Button(ctx.t("core.cancel"), "community_link.no")),), edit=True)


@cog.action("claim", access=Role.OWNER, asks=look_here)
async def claim(ctx: Context, server: str, code: str) -> Reply:
    """Ask the other side, on behalf of this group."""
    if not isinstance(ctx.found, Look):
        raise UserError("setup.cannot-tell")
    community = await _meant(ctx, code, server)
    platform = ctx.call.place.platform
    claim = {"platform": platform, "server": server, "name": ctx.found.server_name}
    await ctx.tx.update(links, {"code": ctx.vault.index("link", code)}, claim=claim)
    if steward := await communities.steward(ctx.tx, community.id):
        waiting = await _claim_on(ctx, community)
        reply = _ask(ctx, community, waiting) if waiting else None
        if reply:
            await ctx.outbox.send(steward.private, reply, name=f"link-{new_id()}", lane=Lane.DESK, keep=False)
    return Reply(ctx.t("asked", name=community.name), edit=True)


@cog.action("no", access=Role.ANYONE, writes=False)
async def no(ctx: Context) -> Reply:
    """Leave everything as it is."""
    return Reply(ctx.t("left"), edit=True)


@cog.action("refuse", access=Role.OWNER)
async def refuse(ctx: Context, community: str) -> Reply:
    """Do not join the group that asks; the code is void."""
    await ctx.tx.delete(links, links.c.community == ctx.here.id)
    return Reply(ctx.t("left"), edit=True)


@cog.action("accept", access=Role.OWNER)
async def accept(ctx: Context, community: str, group: str) -> Reply:
    """Join the group that asks. Its own community, if it had one, becomes part of this."""
    waiting = await _claim_on(ctx, ctx.here)
    if waiting is None or waiting["claim"]["server"] != group:
        raise UserError("no-such-code")
    server = Server(waiting["claim"]["platform"], waiting["claim"]["server"])
    old = await communities.at(ctx.tx, server)
    if old is not None and old.id != ctx.here.id:
        if old.homes != (server,):
            raise UserError("not-alone")
        if not await questions.hand_over(ctx, old, ctx.here):
            raise UserError("still-waiting")
        await faq.hand_over(ctx, old, ctx.here)
        await snippets.hand_over(ctx, old, ctx.here)
        await tips.hand_over(ctx, old, ctx.here)
        await communities.merge(ctx.tx, old, ctx.here)
    await communities.add_home(ctx.tx, ctx.here.id, server)
    await posts.plan_for(ctx, await communities.load(ctx.tx, ctx.here.id))
    await ctx.tx.delete(links, links.c.community == ctx.here.id)
    return Reply(ctx.t("joined", group=waiting["claim"]["name"], name=ctx.here.name), edit=True)


async def _meant(ctx: Context, code: str, server: str) -> Community:
    """Return the community that a code is for. Raises UserError where it is for none, or for this one.

    Where another server asks by it already, it is for none: who says yes has been shown that one.
    """
    typed = codes.read(code)
    row = await ctx.tx.row(links, links.c.code == ctx.vault.index("link", typed)) if typed else None
    if row is None or row["until"] < ctx.now or (row["claim"] and row["claim"]["server"] != server):
        raise UserError("no-such-code")
    if ctx.community is not None and ctx.community.id == row["community"]:
        raise UserError("same-place")
    return await communities.load(ctx.tx, row["community"])


async def _claim_on(ctx: Context, community: Community) -> Row | None:
    """Return the link on which a group asks to be joined to a community, or None."""
    rows = await ctx.tx.rows(links, links.c.community == community.id, links.c.until >= ctx.now)
    return next((row for row in rows if row["claim"]), None)


def _ask(ctx: Context, community: Community, waiting: Row) -> Reply:
    buttons = (
        Button(ctx.t("accept"), "community_link.accept", [community.id, waiting["claim"]["server"]]),
        Button(ctx.t("refuse"), "community_link.refuse", [community.id]),
    )
    return Reply(ctx.t("asks", group=waiting["claim"]["name"], name=community.name), (buttons,))
