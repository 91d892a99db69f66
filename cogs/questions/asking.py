"""Asking: the form, what the coaches will see, and only then Send."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated

from bot import clock, communities
from bot.cog import Answer, Arg, Context, DueRow, Work
from bot.communities import Community
from bot.errors import UserError
from bot.model import MENU_LABEL, MENU_OPTIONS, Button, Field, Form, Menu, Option, Reply
from bot.store import Row, new_id
from cogs import crisis, screening
from cogs.questions import desk
from cogs.questions.desk import clip
from cogs.questions.store import (
    DRAFT_KEPT,
    DROP_DRAFT,
    LENGTH,
    Card,
    State,
    asked_by,
    cog,
    drafts,
    keep_asked,
    open_of,
    questions,
)

OPEN = 3  # questions a member may have waiting at once


async def open_ask(ctx: Context) -> Answer:
    """Open the form, for the coaches of the one community that can be meant, or ask of which."""
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    if await open_of(ctx.tx, ctx.me) >= OPEN:
        return Reply(ctx.t("enough-open", open=OPEN), ((crisis.button(ctx.t),),))
    return _form("ask", theirs[0].id) if len(theirs) == 1 else await _which(ctx, theirs, ctx.call.text)


async def preview(ctx: Context, text: str) -> Reply:
    """Show what the coaches would see of `text`, or ask whose coaches; only Send sends it.

    It stands below what was there, and is not screened: whoever calls this has done so.
    """
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    if await open_of(ctx.tx, ctx.me) >= OPEN:
        return Reply(ctx.t("enough-open", open=OPEN), ((crisis.button(ctx.t),),))
    if len(theirs) > 1:
        return await _which(ctx, theirs, text)
    return replace(await _preview(ctx, text, theirs[0]), edit=False)


@cog.action("see")
async def see(ctx: Context, source: str, id: str) -> Reply:
    """Show what the coaches would see of something that was written elsewhere; see Cog.reads."""
    read = next((each.readers[source] for each in ctx.cogs if source in each.readers), None)
    text = await read(ctx, id) if read else None
    return await preview(ctx, text) if text else Reply(ctx.t("written-gone"), ((crisis.button(ctx.t),),))


async def _which(ctx: Context, theirs: list[Community], text: str) -> Reply:
    """Ask whose coaches are meant, with a draft where there is a text already."""
    if text:
        await _keep_draft(ctx, text, None)
    options = tuple(Option(each.id, clip(each.name, MENU_LABEL)) for each in theirs[:MENU_OPTIONS])
    return Reply(ctx.t("which-coaches"), ((Menu(ctx.t("coaches-of"), "questions.to" if text else "ask", options),),))


async def _asked_of(ctx: Context) -> list[Community] | Reply:
    """Return the communities whose coaches can be asked, or why there are none."""
    theirs = await ctx.communities()
    mine = await communities.ids_of(ctx.tx, ctx.me.id)
    if theirs and not any(each.id in mine for each in theirs):
        join = Button(ctx.t("core.join"), "join", [theirs[0].id])
        return Reply(ctx.t("join-here-first", name=theirs[0].name), ((join,),))
    taking = [each for each in theirs if each.takes_questions]
    if taking:
        return taking
    return Reply(ctx.t(_why_closed(theirs)), ((crisis.button(ctx.t),),))


@cog.command(form=open_ask)
async def ask(ctx: Context, question: Annotated[str, Arg(max=LENGTH)], community: str | None = None) -> Reply:
    """Show what the coaches will see, before anything is sent."""
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    return screening.beside(ctx.t, question, await _preview(ctx, question, theirs[0]))


@cog.action("to")
async def to(ctx: Context, community: str) -> Reply:
    """Choose whose coaches a question is for that was typed already."""
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    draft = await ctx.tx.row(drafts, drafts.c.member == ctx.me.id, drafts.c.community.is_(None))
    if draft is None:
        return Reply(ctx.t("sent-or-gone"), edit=True)
    return screening.beside(ctx.t, draft["text"], await _preview(ctx, draft["text"], theirs[0]))


async def _preview(ctx: Context, question: str, community: Community) -> Reply:
    """Show what the coaches will see, and whose they are where there could be others."""
    draft = await _keep_draft(ctx, question, community.id)
    rows = (
        (
            Button(ctx.t("send"), "questions.send", [draft]),
            Button(ctx.t("edit"), "questions.edit", [draft]),
            Button(ctx.t("core.cancel"), "questions.cancel", [draft]),
        ),
        (crisis.button(ctx.t),),
    )
    several = len(await communities.ids_of(ctx.tx, ctx.me.id)) > 1
    whose = ctx.t("coaches-of-one", name=community.name) if several else ctx.t("coaches-here")
    return Reply(ctx.t("preview", coaches=whose, text=question), rows, edit=True)


async def _keep_draft(ctx: Context, question: str, community: str | None) -> str:
    draft = new_id()
    await ctx.tx.upsert(drafts, member=ctx.me.id, id=draft, text=question, community=community)
    await ctx.due.at(DROP_DRAFT, ctx.me.id, ctx.now + DRAFT_KEPT, member=ctx.me.id)
    return draft


async def open_edit(ctx: Context) -> Answer:
    """Open the form with the draft in it."""
    draft = await _draft(ctx, ctx.call.args[0] if ctx.call.args else "")
    if draft is None:
        return Reply(ctx.t("sent-or-gone"), ((crisis.button(ctx.t),),))
    return _form("questions.edit", draft["id"], value=draft["text"])


@cog.form("edit", before=open_edit)
async def edit(ctx: Context, draft: str, question: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Put the edited question in the place of the draft, for the same coaches."""
    kept = await _draft(ctx, draft)
    if kept is None or kept["community"] is None:
        return Reply(ctx.t("sent-or-gone"), ((crisis.button(ctx.t),),), edit=True)
    return screening.beside(
        ctx.t, question, await _preview(ctx, question, await communities.load(ctx.tx, kept["community"]))
    )


async def _draft(ctx: Context, id: str) -> Row | None:
    return await ctx.tx.row(drafts, drafts.c.member == ctx.me.id, drafts.c.id == id)


@cog.action("cancel")
async def cancel(ctx: Context, draft: str) -> Reply:
    """Drop the draft."""
    if await ctx.tx.delete(drafts, drafts.c.member == ctx.me.id, drafts.c.id == draft):
        await ctx.due.cancel(DROP_DRAFT, ctx.me.id)
    return Reply(ctx.t("cancelled"), edit=True)


@cog.action("send")
async def send(ctx: Context, draft: str) -> Reply:
    """Send the draft to the desk, once."""
    kept = await _draft(ctx, draft)
    if kept is None:
        return Reply(ctx.t("sent-or-gone"), ((crisis.button(ctx.t),),), edit=True)
    mine = {each.id: each for each in await communities.of(ctx.tx, ctx.me.id)}
    community = mine.get(kept["community"])
    if community is None or community.desk is None or not community.takes_questions:
        raise UserError(_why_closed([community] if community else []))
    await ctx.tx.delete(drafts, drafts.c.member == ctx.me.id)
    if await open_of(ctx.tx, ctx.me) >= OPEN:
        raise UserError("enough-open", open=OPEN)
    await ctx.due.cancel(DROP_DRAFT, ctx.me.id)
    id, account = new_id(), ctx.call.account
    await ctx.tx.insert(
        questions,
        id=id,
        community=community.id,
        state=State.WAITING,
        asked=clock.floor_hour(ctx.now),
        asker={"member": ctx.me.id, "platform": account.platform, "address": account.id},
        text=kept["text"],
        card=asdict(Card()),
    )
    before = await asked_by(ctx.tx, ctx.me)
    await keep_asked(ctx.tx, ctx.me, replace(before, ids=(*before.ids, id), last=ctx.now))
    await desk.post(ctx, community.desk, id, kept["text"])
    return Reply(ctx.t("sent"), ((crisis.button(ctx.t),),), edit=True)


@cog.due("drop_draft")
async def drop_draft(work: Work, row: DueRow) -> datetime | None:
    """Drop a draft that was not sent within the hour."""
    await work.tx.delete(drafts, drafts.c.member == row.key)
    return None


def _form(submit: str, *args: str, value: str = "") -> Form:
    return Form("ask", (Field("question", long=True, max=LENGTH, value=value),), submit, args)


def _why_closed(theirs: list[Community]) -> str:
    if any(each.halted for each in theirs):
        return "halted"
    return "broken" if any(each.is_out_of_order for each in theirs) else "no-desk"
