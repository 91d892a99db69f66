"""The ledger, to be read and corrected. All is computed from it, so a correction may also lower what was shown."""

from datetime import date

from bot.cog import Context
from bot.errors import UserError
from bot.model import Button, Field, Menu, Option, Reply
from cogs import crisis
from cogs.streaks import plans, store
from cogs.streaks.rules import ENDS, Kind
from cogs.streaks.shown import When, ask_begin, past, recounted
from cogs.streaks.store import Line, cog, line, lines, note_of, plan_for

PAGE = 10
TOLD = frozenset(Kind) - {Kind.START, Kind.ASIDE}  # what happened; the other two come with where one stands


@cog.command(writes=False)
async def history(ctx: Context) -> Reply:
    """List the entries."""
    return await show_page(ctx, 0)


@cog.action("page", writes=False)
async def show_page(ctx: Context, page: int) -> Reply:
    """List the entries, the newest first, ten at a time."""
    ledger = await lines(ctx.tx, ctx.me)
    if not ledger:
        return ask_begin(ctx)
    last = (len(ledger) - 1) // PAGE
    page = min(max(page, 0), last)
    here = ledger[page * PAGE : (page + 1) * PAGE]
    options = tuple(Option(each.id, _title(ctx, each)) for each in here)
    turns = [Button(ctx.t("newer"), "streaks.page", [page - 1])] if page else []
    turns += [Button(ctx.t("older"), "streaks.page", [page + 1])] if page < last else []
    begun = [each.id for each in ledger if each.entry.kind in ENDS][-1:]
    turns += [Button(ctx.t("move-beginning"), "streaks.move", [id]) for id in begun]
    text = "\n".join([ctx.t("entries"), *(option.label for option in options)])
    return Reply(
        text, ((Menu(ctx.t("choose-entry"), "streaks.open", options),), (*turns, crisis.button(ctx.t))), edit=True
    )


@cog.action("open", writes=False)
async def open_entry(ctx: Context, entry: str) -> Reply:
    """Show one entry with all that belongs to it, and what can be done with it."""
    found, note = await line(ctx, entry), await note_of(ctx, entry)
    parts, remind = [_title(ctx, found)], tuple[Button, ...]()
    if found.entry.trigger is not None:
        plan = await plan_for(ctx.tx, ctx.me, found.entry.trigger)
        if plan is not None:
            parts.append(ctx.t("your-plan", when=plan.when, will=plan.will))
            parts += [plans.times(ctx, plan.back)] if plan.back else []
            remind = (plans.button(ctx, found.entry.trigger, plan),)
    parts += [ctx.t("your-note", note=note)] if note else []
    options = tuple(Option(each, ctx.t(f"what-{each}")) for each in Kind if each in TOLD)
    other = ((Menu(ctx.t("was-else"), "streaks.become", options, (entry,)),),) if found.entry.kind in TOLD else ()
    change_note = (Button(ctx.t("change-note" if note else "add-note"), "streaks.note", [entry]),)
    no_note = (Button(ctx.t("remove-note"), "streaks.no_note", [entry]),) if note else ()
    rest = (*remind, Button(ctx.t("delete"), "streaks.delete", [entry]), _back(ctx))
    move = Button(ctx.t("other-day"), "streaks.move", [entry])
    return Reply("\n".join(parts), (*other, (move, *change_note, *no_note), rest), edit=True)


@cog.action("become")
async def become(ctx: Context, entry: str, what: Kind) -> Reply:
    """Change what it was."""
    before = await line(ctx, entry)
    if not {what, before.entry.kind} <= TOLD:
        raise UserError("core.unknown-command")
    await store.change(ctx, entry, kind=what)
    return await _changed(ctx, before)


@cog.action("move", writes=False)
async def move(ctx: Context, entry: str) -> Reply:
    """Ask which day it was."""
    days = tuple(Button(ctx.t(each), "streaks.moved", [entry, each]) for each in When)
    other = Button(ctx.t("another-day"), "streaks.move_day", [entry])
    return Reply(
        f"{_title(ctx, await line(ctx, entry))}\n\n{ctx.t('ask-day')}", ((*days, other, _back(ctx)),), edit=True
    )


@cog.action("moved")
async def moved(ctx: Context, entry: str, when: When) -> Reply:
    """Move it to today or yesterday."""
    return await _changed(ctx, await store.change(ctx, entry, day=when.of(ctx)))


@cog.form("move_day", Field("day", max=40))
async def move_day(ctx: Context, entry: str, day: date) -> Reply:
    """Move it to another day."""
    return await _changed(ctx, await store.change(ctx, entry, day=past(ctx, day)))


@cog.action("put")
async def put(ctx: Context, entry: str, kind: Kind, day: date) -> Reply:
    """Take a change back: have it as it was."""
    await store.change(ctx, entry, kind=kind, day=past(ctx, day))
    return await recounted(ctx, ctx.t("undone"), (_back(ctx), crisis.button(ctx.t)))


@cog.action("delete")
async def delete(ctx: Context, entry: str) -> Reply:
    """Delete it; for a day it can be had back."""
    await store.take_out(ctx, entry)
    undo = Button(ctx.t("undo"), "streaks.restore", [entry])
    return await recounted(ctx, ctx.t("deleted"), (undo, _back(ctx), crisis.button(ctx.t)))


@cog.action("restore")
async def restore(ctx: Context, entry: str) -> Reply:
    """Have it back."""
    await store.bring_back(ctx, entry)
    return await recounted(ctx, ctx.t("restored"), (_back(ctx), crisis.button(ctx.t)))


@cog.action("no_note")
async def no_note(ctx: Context, entry: str) -> Reply:
    """Remove the note."""
    await store.set_note(ctx, entry, "")
    undo = Button(ctx.t("undo"), "streaks.former_note", [entry])
    return Reply(ctx.t("note-removed"), ((undo, Button(ctx.t("to-entry"), "streaks.open", [entry])),), edit=True)


@cog.action("former_note")
async def former_note(ctx: Context, entry: str) -> Reply:
    """Have the note before this one back."""
    await store.swap_note(ctx, entry)
    return await open_entry(ctx, entry)


async def _changed(ctx: Context, before: Line) -> Reply:
    """Say what it is now, and offer to take that back."""
    undo = Button(ctx.t("undo"), "streaks.put", [before.id, before.entry.kind, before.entry.day])
    said = ctx.t("changed", entry=_title(ctx, await line(ctx, before.id)))
    return await recounted(ctx, said, (undo, _back(ctx), crisis.button(ctx.t)))


def _title(ctx: Context, found: Line) -> str:
    what, day = ctx.t(f"what-{found.entry.kind}"), ctx.written(found.entry.day)
    if found.entry.trigger is None:
        return ctx.t("title", day=day, what=what)
    return ctx.t("title-because", day=day, what=what, trigger=ctx.t(f"trigger-{found.entry.trigger}"))


def _back(ctx: Context) -> Button:
    return Button(ctx.t("to-history"), "history")
