"""Asking: the form, what the coaches will see, and only then Send. What is said further goes the same way."""

from dataclasses import asdict, replace
from typing import Annotated

from bot import clock, communities
from bot.cog import Answer, Arg, Context
from bot.communities import Community
from bot.errors import UserError
from bot.model import MENU_LABEL, MENU_OPTIONS, Button, Field, Form, Menu, Option, Reply, clip, length
from bot.store import Row, new_id
from cogs import crisis, screening
from cogs.questions import aliases, arriving, desk, marks, tallies, watch
from cogs.questions.asked import asked_by, keep_asked
from cogs.questions.draft import Draft, First, Topic, draft_of, gone, keep
from cogs.questions.limits import FOLLOWED, refused, refused_further
from cogs.questions.plain import plain
from cogs.questions.store import (
    ALIASES,
    CLOSING,
    DROP_DRAFT,
    FIRST_LOOK,
    LENGTH,
    STILL,
    UNANSWERED,
    Line,
    Said,
    State,
    add_line,
    aliases_at,
    card_of,
    cog,
    drafts,
    drop_line,
    mine,
    move_on,
    questions,
    rules_of,
    set_card,
    thread,
)

MARKED = 280  # characters of what may give them away, so that a question as long as can be is still one message


# -- a question


async def open_ask(ctx: Context) -> Answer:
    """Open the form, for the coaches of the one community that can be meant, or ask of which."""
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    if why := await refused(ctx, theirs):
        return why
    return _form("ask", theirs[0].id) if len(theirs) == 1 else await _which(ctx, theirs, plain(ctx.call.text))


async def preview(ctx: Context, text: str) -> Reply:
    """Show what the coaches would see of `text`, or ask whose coaches; only Send sends it.

    It stands below what was there, and asks whether they shall see it first. It is not screened: whoever calls this has
    done so, found that it sounds like danger, and shown the help lines.
    """
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    if why := await refused(ctx, theirs):
        return why
    if len(theirs) > 1:
        return await _which(ctx, theirs, plain(text))
    draft = await _new(ctx, text, theirs[0])
    await keep(ctx, draft)
    reply = await _shown(ctx, draft, theirs[0])
    return Reply("\n\n".join([ctx.t("ask-first"), reply.text]), (_first(ctx, draft), *reply.rows))


@cog.action("see")
async def see(ctx: Context, source: str, id: str) -> Reply:
    """Show what the coaches would see of something that was written elsewhere; see Cog.reads."""
    read = next((each.readers[source] for each in ctx.cogs if source in each.readers), None)
    text = await read(ctx, id) if read else None
    return await preview(ctx, text) if text else Reply(ctx.t("written-gone"), ((crisis.button(ctx.t),),))


async def _which(ctx: Context, theirs: list[Community], text: str) -> Reply:
    """Ask whose coaches are meant, with a draft where there is a text already."""
    if text:
        await keep(ctx, Draft(new_id(), text, None))
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
    silent = await watch.closed_at(ctx.tx, taking)
    if answering := [each for each in taking if each.id not in silent]:
        return answering
    return Reply(ctx.t("silent" if silent else _why_closed(theirs)), ((crisis.button(ctx.t),),))


@cog.command(form=open_ask)
async def ask(ctx: Context, question: Annotated[str, Arg(max=LENGTH)], community: str | None = None) -> Reply:
    """Show what the coaches will see, before anything is sent."""
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    return await refused(ctx, theirs[:1]) or await _begun(ctx, question, theirs[0])


@cog.action("to")
async def to(ctx: Context, community: str) -> Reply:
    """Choose whose coaches a question is for that was typed already."""
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    draft = await draft_of(ctx)
    if draft is None or draft.community is not None:
        return Reply(ctx.t("sent-or-gone"), edit=True)
    return await refused(ctx, theirs[:1]) or await _begun(ctx, draft.text, theirs[0])


async def _begun(ctx: Context, text: str, community: Community) -> Reply:
    """Keep a new draft of a question, and show it."""
    return await show(ctx, await _new(ctx, text, community), community)


async def _new(ctx: Context, text: str, community: Community) -> Draft:
    return Draft(new_id(), words(text), community.id, await _alias(ctx, community.id))


async def _alias(ctx: Context, community: str) -> str:
    """Return a name for a question: one that its asker never had, and under which none stands at this desk now."""
    return aliases.pick(ctx.dice, {*(await asked_by(ctx.tx, ctx.me)).aliases, *await aliases_at(ctx.tx, community)})


def words(text: str, most: int = LENGTH) -> str:
    """Return a text as nothing but its words. Raises UserError where there are none, or more than `most` characters."""
    said = plain(text)
    if not said:
        raise UserError("core.form-text-only")
    if length(said) > most:
        raise UserError("core.form-too-long", length=length(said), max=most)
    return said


# -- a draft, of a question or of what is said further


async def show(ctx: Context, draft: Draft, community: Community) -> Reply:
    """Keep a draft, and show what the coaches will see of it, whose they are where there could be others.

    Where it sounds like danger the help lines come first, and whether coaches shall see it first is asked: no is as
    good as no answer. That it did is kept nowhere.
    """
    await keep(ctx, draft)
    reply, first = await _shown(ctx, draft, community), () if draft.urgent else _first(ctx, draft)
    return screening.beside(ctx.t, draft.text, reply, *first, asks="questions.ask-first")


def _first(ctx: Context, draft: Draft) -> tuple[Button, ...]:
    return tuple(Button(ctx.t(each), "questions.first", [draft.id, each]) for each in First)


async def _shown(ctx: Context, draft: Draft, community: Community) -> Reply:
    rows: list[tuple[Button | Menu, ...]] = [
        (
            Button(ctx.t("send"), "questions.send", [draft.id]),
            Button(ctx.t("edit"), "questions.edit", [draft.id]),
            Button(ctx.t("core.cancel"), "questions.cancel", [draft.id]),
        )
    ]
    if not draft.follows:
        options = tuple(Option(each, ctx.t(f"topic-{each}")) for each in Topic)
        rows.append((Menu(ctx.t("topic"), "questions.topic", options, (draft.id,)),))
    rows.append((Button(ctx.t("what-is-seen"), "questions.seen"), crisis.button(ctx.t)))
    several = len(await communities.ids_of(ctx.tx, ctx.me.id)) > 1
    whose = ctx.t("coaches-of-one", name=community.name) if several else ctx.t("coaches-here")
    seen = desk.shown(ctx.texts.speaker(None, "questions"), draft.card, draft.text, further=bool(draft.follows))
    hours = await tallies.usual(ctx.tx, community.id)
    wait = ctx.t(f"takes-{hours}" if hours else "takes-unknown")
    parts = [ctx.t("preview", coaches=whose), seen, *marked(ctx, draft.text), ctx.t("preview-last", wait=wait)]
    return Reply("\n\n".join(parts), tuple(rows), edit=True)


def marked(ctx: Context, text: str, told: str = "questions.preview-marks") -> list[str]:
    """Return what may give the writer of a text away, in the words `told`; none where nothing was found."""
    found = marks.quoted(marks.marks(text, marks.regions()), text, MARKED)
    return [ctx.t(told, quotes=", ".join(ctx.t("questions.quoted", text=each) for each in found))] if found else []


@cog.action("seen", writes=False)
async def seen(ctx: Context) -> Reply:
    """Say what anonymity here covers, and what it does not."""
    return Reply(ctx.t("seen", operator=ctx.operator or ctx.t("join.preview-operator")), ((crisis.button(ctx.t),),))


@cog.action("topic")
async def topic(ctx: Context, draft: str, topic: Topic) -> Reply:
    """Say what a question is about."""
    return await _changed(ctx, draft, topic=topic)


@cog.action("first")
async def first(ctx: Context, draft: str, first: First) -> Reply:
    """Let coaches see a question first, or like any other."""
    kept = await draft_of(ctx, draft)
    if kept is None or kept.community is None:
        return gone(ctx)
    chosen = replace(kept, urgent=first is First.YES)
    await keep(ctx, chosen)
    return await _shown(ctx, chosen, await communities.load(ctx.tx, kept.community))


async def _changed(ctx: Context, id: str, **changes: str) -> Reply:
    kept = await draft_of(ctx, id)
    if kept is None or kept.community is None:
        return gone(ctx)
    return await show(ctx, replace(kept, **changes), await communities.load(ctx.tx, kept.community))


async def open_edit(ctx: Context) -> Answer:
    """Open the form with the draft in it."""
    draft = await draft_of(ctx, ctx.call.args[0] if ctx.call.args else "")
    return _form("questions.edit", draft.id, value=draft.text) if draft else replace(gone(ctx), edit=False)


@cog.form("edit", before=open_edit)
async def edit(ctx: Context, draft: str, question: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Put the edited text in the place of the draft, for the same coaches."""
    return await _changed(ctx, draft, text=words(question))


@cog.action("cancel")
async def cancel(ctx: Context, draft: str) -> Reply:
    """Drop the draft."""
    if await ctx.tx.delete(drafts, drafts.c.member == ctx.me.id, drafts.c.id == draft):
        await ctx.due.cancel(DROP_DRAFT, ctx.me.id)
    return Reply(ctx.t("cancelled"), edit=True)


# -- Send


@cog.action("send")
async def send(ctx: Context, draft: str) -> Reply:
    """Send the draft to the desk, once."""
    kept = await draft_of(ctx, draft)
    if kept is None or kept.community is None:
        return gone(ctx)
    community = {each.id: each for each in await communities.of(ctx.tx, ctx.me.id)}.get(kept.community)
    if community is None or not community.takes_questions:
        raise UserError(_why_closed([community] if community else []))
    if not kept.follows and await watch.closed_at(ctx.tx, [community]):
        return Reply(ctx.t("silent"), ((crisis.button(ctx.t),),), edit=True)
    why = await refused_further(ctx, kept.follows) if kept.follows else await refused(ctx, [community])
    if why:
        return why
    await ctx.tx.delete(drafts, drafts.c.member == ctx.me.id)
    await ctx.due.cancel(DROP_DRAFT, ctx.me.id)
    if kept.follows:
        await _send_further(ctx, kept, kept.follows)
        return Reply(ctx.t("sent-further"), ((crisis.button(ctx.t),),), edit=True)
    await _send_first(ctx, kept, community)
    minutes = 0 if kept.urgent else (await rules_of(ctx.tx, community.id)).jitter
    said = ctx.t("sent-within", minutes=minutes) if minutes else ctx.t("sent")
    return Reply(said, ((Button(ctx.t("my-questions"), "questions"), crisis.button(ctx.t)),), edit=True)


async def _send_first(ctx: Context, draft: Draft, community: Community) -> None:
    id, account, hour = new_id(), ctx.call.account, clock.floor_hour(ctx.now)
    asked = await asked_by(ctx.tx, ctx.me)
    if draft.alias in {"", *asked.aliases, *await aliases_at(ctx.tx, community.id)}:  # somebody was quicker
        draft = replace(draft, alias=await _alias(ctx, community.id))
    row: Row = {
        "id": id,
        "community": community.id,
        "state": State.WAITING,
        "asked": hour,
        "asker": {"member": ctx.me.id, "platform": account.platform, "address": account.id},
        "text": draft.text,
        "card": asdict(draft.card),
        "claim": None,
        "claimed_until": None,
    }
    await ctx.tx.insert(questions, **row)
    names = (*asked.aliases, draft.alias)[-ALIASES:]
    await keep_asked(ctx.tx, ctx.me, replace(asked, ids=(*asked.ids, id), last=ctx.now, aliases=names))
    await ctx.due.at(STILL, id, hour + FIRST_LOOK)
    await ctx.due.at(CLOSING, id, hour + UNANSWERED)
    await desk.post(ctx, community, row)


def _form(submit: str, *args: str, value: str = "") -> Form:
    return Form("ask", (Field("question", long=True, max=LENGTH, value=value),), submit, args)


def _why_closed(theirs: list[Community]) -> str:
    if any(each.halted for each in theirs):
        return "halted"
    return "broken" if any(each.is_out_of_order for each in theirs) else "no-desk"


# -- what is said further


async def open_follow(ctx: Context) -> Answer:
    """Open the form for something further of a question, with what did not arrive, unless that has to wait."""
    question = ctx.call.args[0] if ctx.call.args else ""
    if why := await refused_further(ctx, question):
        return why
    value = "".join([line.text for line in await _lost(ctx, question)])
    return Form("follow", (Field("more", long=True, max=LENGTH, value=value),), "questions.follow", (question,))


@cog.form("follow", before=open_follow)
async def follow(ctx: Context, question: str, more: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Show what the coaches will see of it, before anything is sent."""
    row = await mine(ctx, question)
    draft = Draft(new_id(), words(more), row["community"], card_of(row).alias, follows=question)
    if why := await refused_further(ctx, question):
        return why
    return replace(await show(ctx, draft, await communities.load(ctx.tx, row["community"])), edit=False)


async def _send_further(ctx: Context, draft: Draft, id: str) -> None:
    row = await mine(ctx, id)
    for lost in await _lost(ctx, id):
        await drop_line(ctx.tx, lost)
    await add_line(ctx, id, Said.FOLLOW_UP, draft.text)
    if not await move_on(ctx.tx, id, State.WAITING, *FOLLOWED):
        raise UserError("further-later")
    await ctx.due.at(CLOSING, id, clock.floor_hour(ctx.now) + UNANSWERED)
    row = await set_card(ctx.tx, row | {"state": State.WAITING}, urgent=draft.urgent)
    await arriving.further(ctx, row)


async def _lost(ctx: Context, id: str) -> list[Line]:
    """Return what was said further of a question and did not arrive: one line at most."""
    return [line for line in await thread(ctx.tx, id) if line.kind is Said.LOST]
