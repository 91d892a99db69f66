"""After a contact: what was held comes first. What set it off, a note and a plan are offered, and asked by nobody."""

from typing import Annotated

from bot.cog import Answer, Arg, Context
from bot.model import Button, Field, Form, Menu, Option, Reply, Row
from cogs import crisis, screening, settings
from cogs.streaks import plans, rules
from cogs.streaks.rules import LAPSES, Entry, Kind, Trigger, standing
from cogs.streaks.store import (
    HALF_PLAN,
    NOTE,
    Line,
    Plan,
    change,
    cog,
    keep_plan,
    line,
    note_of,
    plan_for,
    plans_of,
    set_note,
)

HalfPlan = Annotated[str, Arg(max=HALF_PLAN)]


async def answer(ctx: Context, line: Line, ledger: list[Entry]) -> Reply:
    """Return what is said to the entry that was just written into the ledger."""
    id, entry = line.id, line.entry
    now = standing(ledger, ctx.today)
    say = ctx.texts.speaker(ctx.locale, "streaks")
    if entry.kind not in LAPSES:
        first = (Button(say("why"), "streaks.why", [id]),) if entry.kind is Kind.LOOKED else ()
        return Reply(say(f"noted-{entry.kind}"), _rows(ctx, id, *first), edit=True)
    ordered = (await settings.load(ctx.tx, ctx.me)).court_order
    if now is not None and now.aside is not None and not ordered:
        return Reply(say("noted-aside"), _rows(ctx, id), edit=True)
    if ordered or rules.may_frighten(ledger, entry):
        helped = (Button(say("afraid"), "crisis.afraid"),)
        rest = (_enough(ctx), Button(ctx.t("core.ask-a-coach"), "ask"), Button(say("undo"), "streaks.undo", [id]))
        return Reply(say("frightening"), (helped, rest), edit=True)
    text = say("lapse-held", held=now.held, of=now.of) if now and now.held else say("lapse-first")
    return Reply(text, _rows(ctx, id, _enough(ctx), Button(say("why"), "streaks.why", [id])), edit=True)


@cog.action("enough", writes=False)
async def enough(ctx: Context) -> Reply:
    """Leave it at that."""
    return Reply(ctx.t("good-night"), ((crisis.button(ctx.t),),), edit=True)


@cog.action("why", writes=False)
async def why(ctx: Context, entry: str) -> Reply:
    """Ask what set it off."""
    await line(ctx, entry)
    options = tuple(Option(each, ctx.t(f"trigger-{each}")) for each in Trigger)
    menu = Menu(ctx.t("choose-trigger"), "streaks.because", options, (entry,))
    return Reply(ctx.t("ask-trigger"), ((menu,), (_enough(ctx), crisis.button(ctx.t))), edit=True)


@cog.action("because")
async def because(ctx: Context, entry: str, trigger: Trigger) -> Reply:
    """Note what set it off, and offer a plan for the next time; one that is there already is shown."""
    await change(ctx, entry, trigger=trigger)
    plan = await plan_for(ctx.tx, ctx.me, trigger)
    text = ctx.t("have-plan", when=plan.when, will=plan.will) if plan else ctx.t("offer-plan")
    make = Button(ctx.t("change-plan" if plan else "make-plan"), "streaks.plan", [trigger])
    remind = (plans.button(ctx, trigger, plan),) if plan else ()
    return Reply(text, ((make, *remind, _enough(ctx)), _helped(ctx)), edit=True)


async def open_plan(ctx: Context) -> Answer:
    """Ask for the two halves of a plan, with those that there are."""
    known = next((each for each in Trigger if each in ctx.call.args), None)
    plan = await plan_for(ctx.tx, ctx.me, known) if known else None
    when, will = (plan.when, plan.will) if plan else ("", "")
    return Form(
        "plan", (Field("when", max=HALF_PLAN, value=when), Field("will", max=HALF_PLAN, value=will)), "streaks.plan"
    )


@cog.form("plan", before=open_plan)
async def plan(ctx: Context, trigger: Trigger, when: HalfPlan, will: HalfPlan) -> Reply:
    """Keep the plan; a reminder of the one before is now of this."""
    before = await plan_for(ctx.tx, ctx.me, trigger)
    now = Plan(when, will, before.back if before else None)
    await keep_plan(ctx, trigger, now)
    row = (plans.button(ctx, trigger, now), _enough(ctx), *_helped(ctx))
    kept = Reply(ctx.t("plan-kept", when=when, will=will), (row,))
    return await screening.beside_kept(ctx, f"{when}\n{will}", kept, "streaks.plan", trigger)


@cog.reads("plan")
async def written_plan(ctx: Context, trigger: str) -> str | None:
    """Return the plan for a trigger in one sentence."""
    plan = next((plan for each, plan in (await plans_of(ctx.tx, ctx.me)).items() if each == trigger), None)
    return ctx.t("streaks.as-sentence", when=plan.when, will=plan.will) if plan else None


async def open_note(ctx: Context) -> Answer:
    """Ask for the note, with the one that there is."""
    text = await note_of(ctx, ctx.call.args[0]) if ctx.call.args else ""
    return Form("note", (Field("note", long=True, max=NOTE, value=text),), "streaks.note")


@cog.form("note", before=open_note)
async def note(ctx: Context, entry: str, note: Annotated[str, Arg(max=NOTE)]) -> Reply:
    """Keep a note at an entry."""
    await set_note(ctx, entry, note)
    undo = Button(ctx.t("undo"), "streaks.former_note", [entry])
    row = (undo, Button(ctx.t("to-entry"), "streaks.open", [entry]), crisis.button(ctx.t))
    return await screening.beside_kept(ctx, note, Reply(ctx.t("note-kept"), (row,)), "streaks.note", entry)


@cog.reads("note")
async def written_note(ctx: Context, entry: str) -> str | None:
    """Return the note at an entry."""
    return await note_of(ctx, entry) or None


def _rows(ctx: Context, id: str, *first: Button) -> tuple[Row, ...]:
    say = ctx.texts.speaker(ctx.locale, "streaks")
    undo = Button(say("undo"), "streaks.undo", [id])
    more = (Button(say("other-day"), "streaks.move", [id]), Button(say("add-note"), "streaks.note", [id]))
    return ((*first, undo), more, _helped(ctx))


def _helped(ctx: Context) -> Row:
    return (Button(ctx.t("core.ask-a-coach"), "ask"), crisis.button(ctx.t))


def _enough(ctx: Context) -> Button:
    return Button(ctx.t("streaks.enough"), "streaks.enough")
