"""Sending a tip: the form, what the coaches will see, and only then Send. Whose it was is known to nobody then."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from bot import communities
from bot.cog import Answer, Arg, Context, DueRow, Work
from bot.communities import Community
from bot.model import MENU_LABEL, MENU_OPTIONS, Button, Field, Form, Menu, Option, Reply, clip
from cogs import crisis, screening
from cogs.questions import answering, asking, limits, rules_of
from cogs.questions.asked import asked_by, keep_asked
from cogs.questions.plain import plain
from cogs.tips import desk, store
from cogs.tips.store import A_DAY, LENGTH, State, Tip, cog, draft_of, drop, drop_draft, keep_draft


async def open_tip(ctx: Context) -> Answer:
    """Open the form, for the one community that can be meant, or ask for which."""
    theirs = await _theirs(ctx)
    if isinstance(theirs, Reply):
        return theirs
    if why := await _refused(ctx, theirs):
        return why
    if len(theirs) == 1:
        return _form("tip", theirs[0].id)
    options = tuple(Option(each.id, clip(each.name, MENU_LABEL)) for each in theirs[:MENU_OPTIONS])
    typed = plain(ctx.call.text)
    if typed:
        await keep_draft(ctx, ctx.me, asking.words(typed, LENGTH))
    return Reply(ctx.t("which"), ((Menu(ctx.t("which-one"), "tips.to" if typed else "tip", options),),))


@cog.command(form=open_tip)
async def tip(ctx: Context, text: Annotated[str, Arg(max=LENGTH)], community: str | None = None) -> Reply:
    """Show what the coaches will see, before anything is sent."""
    theirs = await _theirs(ctx)
    if isinstance(theirs, Reply):
        return theirs
    return await _refused(ctx, theirs[:1]) or await _begun(ctx, text, theirs[0])


@cog.action("to")
async def to(ctx: Context, community: str) -> Reply:
    """Choose for whom a tip is that was typed already."""
    theirs, draft = await _theirs(ctx), await draft_of(ctx.tx, ctx.me)
    if isinstance(theirs, Reply):
        return theirs
    if draft is None or draft.community:
        return _gone(ctx)
    return await _refused(ctx, theirs[:1]) or await _begun(ctx, draft.text, theirs[0])


async def open_edit(ctx: Context) -> Answer:
    """Open the form with the draft in it."""
    draft = await draft_of(ctx.tx, ctx.me, ctx.call.args[0]) if ctx.call.args else None
    return _form("tips.edit", draft.id, value=draft.text) if draft else replace(_gone(ctx), edit=False)


@cog.form("edit", before=open_edit)
async def edit(ctx: Context, draft: str, text: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Put the edited text in the place of the draft."""
    kept = await draft_of(ctx.tx, ctx.me, draft)
    if kept is None or not kept.community:
        return _gone(ctx)
    return await _begun(ctx, text, await communities.load(ctx.tx, kept.community), id=kept.id)


@cog.action("cancel")
async def cancel(ctx: Context, draft: str) -> Reply:
    """Drop the draft."""
    if await draft_of(ctx.tx, ctx.me, draft):
        await drop_draft(ctx, ctx.me)
    return Reply(ctx.t("questions.cancelled"), edit=True)


@cog.action("seen", writes=False)
async def seen(ctx: Context) -> Reply:
    """Say what anonymity covers here, and what it does not."""
    return Reply(ctx.t("seen", operator=ctx.operator or ctx.t("join.preview-operator")), ((crisis.button(ctx.t),),))


@cog.action("send")
async def send(ctx: Context, draft: str) -> Reply:
    """Send the draft to the desk, once, and give its writer the code that takes it away."""
    kept = await draft_of(ctx.tx, ctx.me, draft)
    if kept is None or not kept.community:
        return _gone(ctx)
    community = {each.id: each for each in await communities.of(ctx.tx, ctx.me.id)}.get(kept.community)
    if community is None or not _takes(community):
        return Reply(ctx.t(_why_not([community] if community else [])), ((crisis.button(ctx.t),),), edit=True)
    if why := await _refused(ctx, [community]):
        return why
    await _count(ctx)
    sent, code = await store.send(ctx, kept, community)
    await desk.post(ctx, community, sent)
    minutes = (await rules_of(ctx.tx, community.id)).jitter
    return Reply(ctx.t("sent", minutes=minutes, code=code), ((crisis.button(ctx.t),),), edit=True)


@cog.due("drop")
async def drop_late(work: Work, row: DueRow) -> datetime | None:
    """Drop a draft that was not sent within the hour."""
    await drop(work.tx, row.key, State.DRAFT)
    return None


@cog.reads("draft")
async def read(ctx: Context, id: str) -> str | None:
    """Return a tip that the member who calls has not sent, so that a coach can be asked about it instead."""
    draft = await draft_of(ctx.tx, ctx.me, id)
    return draft.text if draft else None


# -- who may send one


async def _theirs(ctx: Context) -> list[Community] | Reply:
    """Return the communities that a tip can be for, or why there are none."""
    theirs = await ctx.communities()
    mine = await communities.ids_of(ctx.tx, ctx.me.id)
    if theirs and not any(each.id in mine for each in theirs):
        join = Button(ctx.t("core.join"), "join", [theirs[0].id])
        return Reply(ctx.t("join-here-first", name=theirs[0].name), ((join,),))
    taking = [each for each in theirs if _takes(each)]
    return taking or Reply(ctx.t(_why_not(theirs)), ((crisis.button(ctx.t),),))


def _takes(community: Community) -> bool:
    return community.takes_questions and bool(community.posts)


def _why_not(theirs: list[Community]) -> str:
    if any(each.halted for each in theirs):
        return "halted"
    if any(each.asks and each.desk and not each.is_out_of_order for each in theirs):
        return "no-posts"
    return "no-desk"


async def _refused(ctx: Context, theirs: list[Community]) -> Reply | None:
    """Return why no tip can be sent now and when one can, or None."""
    why, (day, count) = None, (await asked_by(ctx.tx, ctx.me)).tips
    if len(theirs) == 1 and (until := await limits.blocked_until(ctx, theirs[0].id)):
        why = ctx.t("blocked", day=limits.day_after(ctx, until))
    elif day == ctx.now.date().isoformat() and count >= A_DAY:
        why = ctx.t("enough", most=A_DAY)
    return Reply(why, ((crisis.button(ctx.t),),)) if why else None


async def _count(ctx: Context) -> None:
    """Count one more of today's, in the member's own row: sealed, and as long as everybody's."""
    asked, today = await asked_by(ctx.tx, ctx.me), ctx.now.date().isoformat()
    count = asked.tips[1] if asked.tips[0] == today else 0
    await keep_asked(ctx.tx, ctx.me, replace(asked, tips=(today, count + 1)))


# -- what the coaches will see


async def _begun(ctx: Context, text: str, community: Community, *, id: str = "") -> Reply:
    """Keep a draft, and show what the coaches will see of it, whose they are where there could be others.

    Where it sounds like danger the help lines come first, and a coach can be asked instead. Nothing keeps that it did.
    """
    draft = await keep_draft(ctx, ctx.me, asking.words(text, LENGTH), community.id, id=id)
    return await screening.beside_kept(ctx, draft.text, await _shown(ctx, draft, community), "tips.draft", draft.id)


async def _shown(ctx: Context, draft: Tip, community: Community) -> Reply:
    several = len(await communities.ids_of(ctx.tx, ctx.me.id)) > 1
    whose = ctx.t("questions.coaches-of-one", name=community.name) if several else ctx.t("questions.coaches-here")
    why = answering.refused(draft.text)
    parts = [
        ctx.t("preview", coaches=whose),
        desk.shown(ctx.texts.speaker(None, "tips"), draft),
        *asking.marked(ctx, draft.text),
        *([ctx.t("cannot-be-out", why=why)] if why else []),
        ctx.t("preview-last"),
    ]
    first = (
        Button(ctx.t("questions.send"), "tips.send", [draft.id]),
        Button(ctx.t("questions.edit"), "tips.edit", [draft.id]),
        Button(ctx.t("core.cancel"), "tips.cancel", [draft.id]),
    )
    last = Button(ctx.t("questions.what-is-seen"), "tips.seen"), crisis.button(ctx.t)
    return Reply("\n\n".join(parts), (first, last), edit=True)


def _form(submit: str, *args: str, value: str = "") -> Form:
    return Form("tip", (Field("text", long=True, max=LENGTH, value=value),), submit, args)


def _gone(ctx: Context) -> Reply:
    return Reply(ctx.t("questions.sent-or-gone"), ((crisis.button(ctx.t),),), edit=True)
