"""One member on several platforms, with one ledger: a code from here, typed there, and after a day they are one."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from bot import codes, communities, people
from bot.cog import Arg, Context, DueRow, Work
from bot.communities import Community
from bot.errors import UserError
from bot.model import Button, Field, Reply, Role, Row
from bot.people import Linked, Member
from bot.store import SCRUB
from cogs import join, settings
from cogs.link import joining
from cogs.link.joining import stop, tell, when
from cogs.link.store import CODE, DROP, MOST, TOLD, TRIES, VALID, cog, made, waiting

__all__ = ["cog"]


@dataclass(frozen=True)
class _Offer:
    """What a code leads to: who made it, and through which account."""

    code: str
    maker: Member
    account: Linked


@cog.command(access=Role.ANYONE)
async def link(ctx: Context, code: Annotated[str | None, Arg(max=40)] = None) -> Reply:
    """Make a code, or say what the one that was typed would do."""
    if code is not None:
        return await _entered(ctx, code)
    if ctx.member is None:
        return Reply(ctx.t("stranger"), ((Button(ctx.t("core.join"), "join"),),))
    if await waiting(ctx.tx, ctx.me.id):
        return await unlink(ctx)
    if len(await people.linked(ctx.tx, ctx.me.id)) >= MOST:
        raise UserError("enough", most=MOST)
    await ctx.tx.delete(made, made.c.member == ctx.me.id)
    fresh = codes.new()
    index, by = ctx.vault.index(CODE, fresh), {"account": ctx.me.account, "used": False}
    await ctx.tx.insert(made, code=index, member=ctx.me.id, until=ctx.now + VALID, made=by)
    await ctx.due.at(DROP, ctx.me.id, ctx.now + VALID + TOLD, member=ctx.me.id)
    minutes = int(VALID.total_seconds() // 60)
    return Reply(ctx.t("code", code=fresh, minutes=minutes), ((Button(ctx.t("have-code"), "link.enter"),),))


@cog.form("enter", Field("code", max=40))
async def enter(ctx: Context, code: Annotated[str, Arg(max=40)]) -> Reply:
    """Say what a code would do."""
    return await _entered(ctx, code)


@cog.action("agree", access=Role.ANYONE)
async def agree(ctx: Context, code: str) -> Reply:
    """Take in somebody who has agreed to it just now, so that this account can become one of the other's."""
    if ctx.member is not None:  # by now; a second tap, or they have joined meanwhile
        return await _entered(ctx, code)
    offer = await _offer(ctx, code)
    here = await _here(ctx)
    await join.take_in(ctx, here.zone if here else "UTC")
    return await _begin(ctx, offer)


@cog.action("claim")
async def claim(ctx: Context, code: str) -> Reply:
    """Let this member and the one who made the code be one, in a day."""
    if await waiting(ctx.tx, ctx.me.id):  # a second tap
        return replace(await unlink(ctx), edit=True)
    return await _begin(ctx, await _offer(ctx, code))


@cog.action("no", access=Role.ANYONE, writes=False)
async def no(ctx: Context) -> Reply:
    """Leave everything as it is."""
    return Reply(ctx.t("left-as-it-is"), edit=True)


@cog.action("stop")
async def stop_it(ctx: Context) -> Reply:
    """Stop what waits."""
    if not await joining.call_off(ctx, ctx.me):
        return Reply(ctx.t("nothing-waits"), edit=True)
    await tell(ctx, ctx.me, "told-stopped", but=ctx.me.account)
    return Reply(ctx.t("stopped"), edit=True)


@cog.command(writes=False)
async def unlink(ctx: Context) -> Reply:
    """Show which accounts are linked and what waits, and let one leave."""
    theirs, waits = await settings.names(ctx), await waiting(ctx.tx, ctx.me.id)
    parts: list[str] = []
    rows: list[Row] = []
    if waits is not None:
        parts.append(ctx.t("link.waits", when=when(ctx, ctx.me, waits.at)))
        rows.append((stop(ctx.t),))
    if len(theirs) > 1:
        parts.append("\n".join([ctx.t("link.accounts"), *(f"• {name}" for name in theirs.values())]))
        rows.append(
            tuple(Button(ctx.t("link.take-out", account=name), "link.ask", [id]) for id, name in theirs.items())
        )
    return Reply("\n\n".join(parts) or ctx.t("link.only-one"), tuple(rows))


@cog.action("ask", writes=False)
async def ask(ctx: Context, account: str) -> Reply:
    """Ask once whether an account is to leave."""
    name = (await settings.names(ctx)).get(account)
    if name is None:
        raise UserError("not-linked")
    buttons = (Button(ctx.t("yes-take-out"), "link.part", [account]), Button(ctx.t("core.cancel"), "link.no"))
    return Reply(ctx.t("ask-take-out", account=name), (buttons,), edit=True)


@cog.action("part")
async def part(ctx: Context, account: str) -> Reply:
    """Let an account of theirs leave, at once: it is as if it had never joined; all that was kept stays theirs."""
    theirs = {each.id: each for each in await people.linked(ctx.tx, ctx.me.id)}
    leaves = theirs.pop(account, None)
    if leaves is None:
        raise UserError("not-linked")
    if not theirs:
        raise UserError("last-one")
    stays = theirs.get(ctx.me.at or "") or min(theirs.values(), key=lambda each: each.unreachable)
    for run in (run for each in ctx.cogs for run in each.parters):
        await run(ctx, ctx.me, leaves.account, stays.account)
    await ctx.leave(leaves.account.private, ctx.me.id)
    await ctx.tx.delete(made, made.c.member == ctx.me.id)
    await people.speak_at(ctx.tx, ctx.me, stays.id)
    await people.part(ctx.tx, leaves.id)
    here = account == ctx.me.account
    if not (here and ctx.call.place.private):
        await joining.tell_nobodys(ctx, leaves.account, "told-taken-out")
    await tell(ctx, ctx.me, "told-one-less", but=ctx.me.account)
    ctx.tx.notes.add(SCRUB)
    if here:
        ctx.member = None
    return Reply(ctx.t("taken-out-here" if here else "taken-out"), edit=True)


@cog.due("drop_code")
async def drop_code(work: Work, row: DueRow) -> datetime | None:
    """Drop a code that is over."""
    await work.tx.delete(made, made.c.member == row.key, made.c.until < work.now)
    return None


async def _entered(ctx: Context, typed: str) -> Reply:
    """Say what a code would do, for whoever typed it to agree or not."""
    if ctx.member is not None and await waiting(ctx.tx, ctx.me.id):
        return replace(await unlink(ctx), edit=True)
    offer = await _offer(ctx, typed)
    platform = offer.account.account.platform
    parts = [ctx.t("made-on", platform=ctx.t("settings.on", platform=platform))]
    if platform == ctx.call.account.platform:
        parts.append(ctx.t("same-platform"))
    no = Button(ctx.t("core.cancel"), "link.no")
    if ctx.member is not None:
        parts += [ctx.t("what-becomes"), ctx.t("in-a-day")]
        yes = Button(ctx.t("yes-link"), "link.claim", [offer.code])
        return Reply("\n\n".join(parts), ((yes, no),), edit=True)
    here = await _here(ctx)
    parts += [ctx.t("becomes-another"), ctx.t("in-a-day"), join.consent(ctx, here)]
    rest = (Button(ctx.t("join.under"), "join.under"), Button(ctx.t("join.details"), "privacy"), no)
    return Reply("\n\n".join(parts), ((Button(ctx.t("join.agree"), "link.agree", [offer.code]),), rest), edit=True)


async def _here(ctx: Context) -> Community | None:
    """Return the community whose people somebody who has not joined agrees to have theirs kept by, or None."""
    return ctx.community if ctx.community and ctx.community.can_be_joined else await communities.only(ctx.tx)


async def _offer(ctx: Context, typed: str) -> _Offer:
    """Return what a code leads to. Raises UserError, saying what to do, where it leads nowhere for whoever calls."""
    who = people.lookup(ctx.vault, ctx.call.account)
    if ctx.tries.wrong(who, ctx.now) >= TRIES:
        raise UserError("too-many-tries")
    code = codes.read(typed)
    if code is None:
        raise UserError("not-a-code", length=codes.LENGTH)
    row = await ctx.tx.row(made, made.c.code == ctx.vault.index(CODE, code))
    if row is None:
        ctx.tries.add(who, ctx.now)
        raise UserError("no-such-code")
    if row["made"]["used"]:
        raise UserError("code-used")
    theirs = await people.linked(ctx.tx, row["member"])
    account = next((each for each in theirs if each.id == row["made"]["account"]), None)
    maker = await people.load(ctx.tx, row["member"])
    if row["until"] < ctx.now or account is None or maker is None:
        raise UserError("code-over", minutes=int(VALID.total_seconds() // 60))
    if ctx.member and ctx.me.id == maker[0].id:
        raise UserError("own-code" if ctx.me.account == account.id else "linked-already")
    if await waiting(ctx.tx, maker[0].id):
        raise UserError("one-waits-there")
    mine = len(await people.linked(ctx.tx, ctx.me.id)) if ctx.member else 1
    if len(theirs) + mine > MOST:
        raise UserError("too-many", most=MOST)
    return _Offer(code, maker[0], account)


async def _begin(ctx: Context, offer: _Offer) -> Reply:
    """Let it wait for a day, and tell both sides."""
    await ctx.tx.update(
        made, {"code": ctx.vault.index(CODE, offer.code)}, made={"account": offer.account.id, "used": True}
    )
    at = await joining.begin(ctx, offer.maker, ctx.me)
    here, there = ctx.call.account.platform, offer.account.account.platform
    for member, platform in ((offer.maker, here), (ctx.me, there)):
        say = ctx.texts.speaker(member.locale, "link")
        values = {"platform": say("settings.on", platform=platform), "when": when(ctx, member, at)}
        but = ctx.me.account if ctx.call.place.private else None
        await tell(ctx, member, "told-begun", ((stop(say),),), but=but, values=values)
    return Reply(ctx.t("begun", when=when(ctx, ctx.me, at)), ((stop(ctx.t),),), edit=True)
