"""A plan comes back at its hour, if that is wanted: at most one note a day, at an hour the member chose."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time
from typing import Annotated

from babel.dates import get_day_names

from bot import clock
from bot.cog import Arg, Context, DueRow, Work
from bot.errors import UserError
from bot.model import Account, Button, Menu, Option, Reply
from bot.people import Member
from bot.store import new_id
from bot.texts import Speaker
from cogs import crisis, settings, unasked
from cogs.streaks.rules import Trigger
from cogs.streaks.store import Back, Days, Line, Plan, cog, keep_plan, lines, plan_for, plans_of

PLAN_BACK = "streaks.plan_back"
unasked.AT_AN_HOUR.add(PLAN_BACK)
USUAL = {
    Trigger.LONELY: 20,
    Trigger.NIGHT: 23,
    Trigger.ALCOHOL: 21,
    Trigger.DATE: 9,
    Trigger.SAW: 18,
    Trigger.THEY_WROTE: 18,
    Trigger.ANGER: 19,
    Trigger.OTHER: 20,
}


def button(ctx: Context, trigger: Trigger, plan: Plan) -> Button:
    """Return the button that asks when to be reminded of a plan."""
    return Button(ctx.t("change-reminder" if plan.back else "remind"), "streaks.remind", [trigger])


def times(ctx: Context, back: Back) -> str:
    """Return in words when a plan comes back."""
    hour = f"{back.hour:02}:00"
    if back.days is Days.EVERY:
        return ctx.t("back-every", hour=hour)
    first = next_time(ctx.now, back, ctx.me)
    return ctx.t("back-on", day=_name(ctx, back.days), hour=hour, next=ctx.written(first.astimezone(ctx.me.tz).date()))


def next_time(after: datetime, back: Back, member: Member) -> datetime:
    """Return the first instant later than `after` at which a plan comes back, by the member's clock and days."""
    at = clock.next_at(after, time(back.hour), member.tz)
    while back.days is not Days.EVERY and _weekday(at, member) is not back.days:
        at = clock.next_at(at, time(back.hour), member.tz)
    return at


def usual_hour(ledger: Iterable[Line], trigger: Trigger, member: Member) -> int:
    """Return the hour of the member's clock (0 to 23) at which `trigger` mostly came, else a likely one.

    Only what was written on the day itself tells the hour. Of hours equally often, the last one counts.
    """
    written = sorted(
        each.at for each in ledger if each.entry.trigger is trigger and each.entry.day == _day(each, member)
    )
    hours = [at.astimezone(member.tz).hour for at in reversed(written)]
    return Counter(hours).most_common(1)[0][0] if hours else USUAL[trigger]


@cog.action("remind", writes=False)
async def remind(ctx: Context, trigger: Trigger) -> Reply:
    """Ask at which hour; a likely one comes first."""
    await _plan(ctx, trigger)
    hour = usual_hour(await lines(ctx.tx, ctx.me), trigger, ctx.me)
    first = Button(ctx.t("at-hour", hour=f"{hour:02}:00"), "streaks.remind_at", [trigger, hour])
    menu = Menu(ctx.t("choose-hour"), "streaks.remind_at", unasked.HOURS, (trigger,))
    no = Button(ctx.t("no-reminder"), "streaks.no_reminder", [trigger])
    return Reply(ctx.t("ask-hour"), ((first, no), (menu,), (crisis.button(ctx.t),)), edit=True)


@cog.action("remind_at")
async def remind_at(ctx: Context, trigger: Trigger, hour: Annotated[int, Arg(min=0, max=23)]) -> Reply:
    """Let the plan come back at an hour, on every day or on those chosen before."""
    back = (await _plan(ctx, trigger)).back
    return await _keep(ctx, trigger, replace(back, hour=hour) if back else Back(new_id(), hour, Days.EVERY))


@cog.action("remind_on")
async def remind_on(ctx: Context, trigger: Trigger, days: Days) -> Reply:
    """Let the plan come back on every day or on one of the week, at the hour that was chosen."""
    back = (await _plan(ctx, trigger)).back
    return await _keep(ctx, trigger, replace(back, days=days)) if back else await remind(ctx, trigger)


@cog.action("no_reminder")
async def no_reminder(ctx: Context, trigger: Trigger) -> Reply:
    """Let the plan not come back; it stays."""
    plan = await _plan(ctx, trigger)
    if plan.back is not None:
        await keep_plan(ctx, trigger, replace(plan, back=None))
        await ctx.due.cancel(PLAN_BACK, plan.back.key)
    again = Button(ctx.t("remind"), "streaks.remind", [trigger])
    return Reply(ctx.t("not-reminding"), ((again, crisis.button(ctx.t)),), edit=True)


@cog.due_for_member("plan_back")
async def plan_back(work: Work, row: DueRow, member: Member, account: Account) -> datetime | None:
    """Bring a plan back at its hour, at most three hours late; then on its next day again.

    Where another note has that day, it comes a day later.
    """
    plan = (await _by_key(work, member, row.key))[1]
    if plan is None or (back := plan.back) is None:
        return None
    at, then = clock.newest(row.at, work.now, lambda after: next_time(after, back, member))
    if work.now <= at + unasked.GRACE and not await unasked.has_the_day(work, member, PLAN_BACK, row.key):
        return clock.next_at(max(work.now, at), time(back.hour), member.tz)
    say = work.texts.speaker(member.locale, "streaks")
    show = Button(say("remind"), "streaks.plan_show", [row.key])
    name = f"plan-{row.key}-{member.today(work.now).isoformat()}"
    reply, stop = _back(say, plan), _stop(say, row.key)
    await unasked.say(work, member, account.private, reply, name=name, stop=stop, show=show, chosen=True, planned=at)
    return then


@cog.action("plan_show", writes=False)
async def plan_show(ctx: Context, key: str) -> Reply:
    """Show the plan that came back without showing itself."""
    plan = (await _by_key(ctx, ctx.me, key))[1]
    if plan is None:
        raise UserError("streaks.plan-gone")
    reply = _back(ctx.t, plan)
    return replace(reply, rows=(*reply.rows, (_stop(ctx.t, key), crisis.button(ctx.t))), edit=True)


@cog.action("plan_stop")
async def plan_stop(ctx: Context, key: str) -> Reply:
    """Let the plan that came back not come back any more."""
    trigger = (await _by_key(ctx, ctx.me, key))[0]
    if trigger is None:
        return Reply(ctx.t("not-reminding"), ((crisis.button(ctx.t),),), edit=True)
    return await no_reminder(ctx, trigger)


@cog.action("helped", writes=False)
async def helped(ctx: Context) -> Reply:
    """Be glad with them. Nothing of it is kept."""
    return Reply(ctx.t("it-helped"), ((crisis.button(ctx.t),),), edit=True)


@cog.action("not_now", writes=False)
async def not_now(ctx: Context) -> Reply:
    """Leave it at that; what else there is for such an hour stands below. Nothing of it is kept."""
    return Reply(ctx.t("no-plan-now"), ((Button(ctx.t("urge"), "urge"), crisis.button(ctx.t)),), edit=True)


@cog.rezoned
async def replan(work: Work, member: Member) -> None:
    """Let the member's plans come back at the same hours of their other clock."""
    for plan in (await plans_of(work.tx, member)).values():
        if plan.back is not None:
            at = next_time(work.now, plan.back, member)
            await work.due.at(PLAN_BACK, plan.back.key, at, member=member.id)


async def _keep(ctx: Context, trigger: Trigger, back: Back) -> Reply:
    await keep_plan(ctx, trigger, replace(await _plan(ctx, trigger), back=back))
    await ctx.due.at(PLAN_BACK, back.key, next_time(ctx.now, back, ctx.me), member=ctx.me.id)
    chosen = await settings.load(ctx.tx, ctx.me)
    said = [ctx.t("kept"), times(ctx, back)]
    said += [ctx.t("unasked.turns")] if await unasked.shares(ctx, ctx.me) else []
    said += [ctx.t("reminders-off")] if chosen.paused or chosen.silent else []
    said += [ctx.t("advice.cannot-reach")] if ctx.me.unreachable else []
    options = tuple(Option(each, _name(ctx, each)) for each in Days)
    menu = Menu(ctx.t("choose-days"), "streaks.remind_on", options, (trigger,))
    change = Button(ctx.t("choose-hour"), "streaks.remind", [trigger])
    no = Button(ctx.t("no-reminder"), "streaks.no_reminder", [trigger])
    return Reply(" ".join(said), ((menu,), (change, no, crisis.button(ctx.t))), edit=True)


async def _plan(ctx: Context, trigger: Trigger) -> Plan:
    """Return the plan for `trigger`. Raises UserError where there is none."""
    plan = await plan_for(ctx.tx, ctx.me, trigger)
    if plan is None:
        raise UserError("streaks.plan-gone")
    return plan


async def _by_key(work: Work, member: Member, key: str) -> tuple[Trigger, Plan] | tuple[None, None]:
    """Return the plan that comes back under `key`, and what it is for; None where there is none any more."""
    kept = await plans_of(work.tx, member)
    found = ((trigger, plan) for trigger, plan in kept.items() if plan.back is not None and plan.back.key == key)
    return next(found, (None, None))


def _back(say: Speaker, plan: Plan) -> Reply:
    answers = (Button(say("helped"), "streaks.helped"), Button(say("not-now"), "streaks.not_now"))
    return Reply(say("plan-back", when=plan.when, will=plan.will), (answers,))


def _stop(say: Speaker, key: str) -> Button:
    return Button(say("stop-reminding"), "streaks.plan_stop", [key])


def _name(ctx: Context, days: Days) -> str:
    if days is Days.EVERY:
        return ctx.t("every-day")
    return get_day_names("wide", locale=ctx.texts.locale(ctx.locale))[list(Days).index(days) - 1]


def _weekday(at: datetime, member: Member) -> Days:
    return list(Days)[clock.day_of(at, member.tz, member.day_start).weekday() + 1]


def _day(line: Line, member: Member) -> object:
    return clock.day_of(line.at, member.tz, member.day_start)
