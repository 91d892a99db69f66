"""A check-in: how today is, in one tap, with a line if one wants to say more.

One a day, and it can be changed. A day without one is unknown: nothing is said about it. It asks by itself only at the
hour that somebody chose for it.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated

from sqlalchemy import Column, ForeignKey

from bot import clock
from bot.cog import Answer, Arg, Cog, Context, DueRow, Work
from bot.errors import UserError
from bot.model import Account, Button, Field, Form, Menu, Reply, Row
from bot.people import Member, members
from bot.store import ID, Sealed, Tx
from bot.store import Row as Stored
from bot.texts import Speaker
from cogs import crisis, screening, settings, unasked

LINE = 280  # characters
SIZE = 4096  # bytes: how much there is shows in such steps alone, and years of taps are within the first two
SHOWN = 7  # of the last ones
REMIND, OFF = "checkins.remind", "off"

cog = Cog("checkins")
unasked.AT_AN_HOUR.add(REMIND)

checkins = cog.table(
    "checkins",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("said", Sealed(SIZE), nullable=False),  # by day the mood, by day the line, the hour at which it asks
)


class Mood(StrEnum):
    """How a day can be, from 1 to 5."""

    AWFUL = "awful"
    HARD = "hard"
    SO_SO = "so-so"
    OKAY = "okay"
    GOOD = "good"

    @property
    def number(self) -> int:
        """Return 1 for the first to 5 for the last."""
        return list(Mood).index(self) + 1

    @classmethod
    def _missing_(cls, value: object) -> "Mood | None":
        return next((each for each in cls if str(each.number) == value), None)


@dataclass(frozen=True)
class Said:
    """What a member said of their days (local dates); `hour` is when of their clock they are asked, or None."""

    moods: dict[date, Mood] = field(default_factory=dict[date, Mood], repr=False)
    lines: dict[date, str] = field(default_factory=dict[date, str], repr=False)
    hour: int | None = None


@cog.command()
async def checkin(ctx: Context, mood: Mood | None = None) -> Reply:
    """Ask how today is, or keep what was said at once."""
    if mood is not None:
        return await keep(ctx, mood)
    return await _silent(ctx) or _of(ctx, await load(ctx.tx, ctx.me), ctx.today)


@cog.action("show", writes=False)
async def show(ctx: Context) -> Reply:
    """Show today's in place of what led here."""
    return replace(await _silent(ctx) or _of(ctx, await load(ctx.tx, ctx.me), ctx.today), edit=True)


@cog.action("keep")
async def keep(ctx: Context, mood: Mood) -> Reply:
    """Keep how today is; pressing another one changes it."""
    if silent := await _silent(ctx):
        return silent
    said = await load(ctx.tx, ctx.me)
    said = await _keep(ctx, replace(said, moods=said.moods | {ctx.today: mood}))
    return replace(_of(ctx, said, ctx.today, ctx.t("kept", mood=mood)), edit=True)


async def open_line(ctx: Context) -> Answer:
    """Ask for the line, with the one that there is."""
    if silent := await _silent(ctx):
        return silent
    said = await load(ctx.tx, ctx.me)
    day = next((each for each in said.moods if ctx.call.args == (each.isoformat(),)), None)
    if day is None:
        return _of(ctx, said, ctx.today)
    return Form("line", (Field("line", long=True, max=LINE, value=said.lines.get(day, "")),), "checkins.line")


@cog.form("line", before=open_line)
async def keep_line(ctx: Context, day: date, line: Annotated[str, Arg(max=LINE)]) -> Reply:
    """Keep a line at the day that it was begun for, whatever day it is by now."""
    if silent := await _silent(ctx):
        return silent
    said = await load(ctx.tx, ctx.me)
    if day not in said.moods:
        return replace(_of(ctx, said, ctx.today), edit=True)
    said = await _keep(ctx, replace(said, lines=said.lines | {day: line}))
    kept = replace(_of(ctx, said, day, ctx.t("line-kept")), edit=True)
    return await screening.beside_kept(ctx, line, kept, "checkins.line", day.isoformat())


@cog.reads("line")
async def written(ctx: Context, day: str) -> str | None:
    """Return the line at a day."""
    lines = (await load(ctx.tx, ctx.me)).lines
    return next((line for each, line in lines.items() if each.isoformat() == day), None)


@cog.action("no_line")
async def no_line(ctx: Context, day: date) -> Reply:
    """Remove the line; the mood stays."""
    said = await load(ctx.tx, ctx.me)
    said = await _keep(ctx, replace(said, lines={each: line for each, line in said.lines.items() if each != day}))
    return replace(_of(ctx, said, day, ctx.t("line-removed")), edit=True)


@cog.action("last", writes=False)
async def last(ctx: Context) -> Reply:
    """Look back at the last ones, the newest first. Days without one are passed over."""
    said = await load(ctx.tx, ctx.me)
    days = sorted(said.moods, reverse=True)[:SHOWN]
    text = "\n".join([ctx.t("last-are" if days else "none-yet"), *(_day(ctx, said, day) for day in days)])
    return Reply(text, ((Button(ctx.t("back"), "checkins.show"), crisis.button(ctx.t)),), edit=True)


# -- being asked


@cog.action("ask", writes=False)
async def ask(ctx: Context) -> Reply:
    """Say whether it asks each day, and offer the hours."""
    return _asks(ctx, (await load(ctx.tx, ctx.me)).hour)


@cog.action("hour")
async def choose_hour(ctx: Context, hour: str) -> Reply:
    """Ask each day at this hour of their clock ("0" to "23"), or not at all ("off")."""
    if hour != OFF and not (hour.isdecimal() and int(hour) < len(unasked.HOURS)):
        raise UserError("core.unknown-command")
    chosen = None if hour == OFF else int(hour)
    if chosen is not None and (silent := await _silent(ctx)):
        return silent
    await _keep(ctx, replace(await load(ctx.tx, ctx.me), hour=chosen))
    await plan(ctx, ctx.me)
    reply = _asks(ctx, chosen)
    if chosen is None:
        return reply
    also = [ctx.t("unasked.turns")] if await unasked.shares(ctx, ctx.me) else []
    also += [ctx.t("paused")] if (await settings.load(ctx.tx, ctx.me)).paused else []
    return replace(reply, text="\n".join([reply.text, *also]))


@cog.rezoned
async def plan(work: Work, member: Member) -> None:
    """Plan the next question for the hour that was chosen, as the member's clock is now."""
    hour = (await load(work.tx, member)).hour
    if hour is None:
        await work.due.cancel(REMIND, member.id)
    else:
        await work.due.at(REMIND, member.id, clock.next_at(work.now, time(hour), member.tz), member=member.id)


@cog.due_for_member("remind")
async def remind(work: Work, row: DueRow, member: Member, account: Account) -> datetime | None:
    """Ask how today is, at the hour that was chosen, unless it was said already."""
    said = await load(work.tx, member)
    if (hour := said.hour) is None:
        return None
    at, then = clock.newest(row.at, work.now, lambda after: clock.next_at(after, time(hour), member.tz))
    today = member.today(work.now)
    if today not in said.moods and await unasked.has_the_day(work, member, REMIND, row.key):
        say = work.texts.speaker(member.locale, "checkins")
        await unasked.say(
            work,
            member,
            account.private,
            Reply(say("ask"), (_moods(say),)),
            name=f"checkin-{member.id}-{today.isoformat()}",
            stop=Button(say("stop"), "checkins.hour", [OFF]),
            show=Button(say("ask"), "checkins.show"),
            chosen=True,
            planned=at,
        )
    return then


@cog.merges(checkins)
def merged(mine: Stored, theirs: Stored) -> Stored:
    """The days of both, their own where both have one; it asks at their own hour, or else at the other's."""
    kept, other = mine["said"], theirs["said"]
    lines = {day: line for day, line in other["lines"].items() if day not in kept["moods"]} | kept["lines"]
    hour = other["hour"] if kept["hour"] is None else kept["hour"]
    return {"said": {"moods": other["moods"] | kept["moods"], "lines": lines, "hour": hour}}


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Plan the question where it is the other one's that goes on."""
    hours = [(await load(work.tx, each)).hour for each in (kept, gone)]
    if hours[0] is None and hours[1] is not None:
        await work.due.at(REMIND, kept.id, clock.next_at(work.now, time(hours[1]), kept.tz), member=kept.id)


# -- what is kept


async def load(tx: Tx, member: Member) -> Said:
    """Return what a member said of their days."""
    row = await tx.row(checkins, member=member.id)
    if row is None:
        return Said()
    said = row["said"]
    return Said(
        {date.fromisoformat(day): Mood(str(number)) for day, number in said["moods"].items()},
        {date.fromisoformat(day): line for day, line in said["lines"].items()},
        said["hour"],
    )


async def _keep(ctx: Context, said: Said) -> Said:
    kept = {
        "moods": {day.isoformat(): mood.number for day, mood in said.moods.items()},
        "lines": {day.isoformat(): line for day, line in said.lines.items()},
        "hour": said.hour,
    }
    await ctx.tx.upsert(checkins, member=ctx.me.id, said=kept)
    return said


# -- how it is told


def _of(ctx: Context, said: Said, day: date, first: str = "") -> Reply:
    """Return what was said of a day, below `first`, and what can be done; the question where nothing was said yet."""
    doors: list[Button] = [Button(ctx.t("last-days"), "checkins.last")] if said.moods else []
    doors += [Button(ctx.t("ask-each-day" if said.hour is None else "when-asked"), "checkins.ask")]
    rows: tuple[Row, ...] = (_moods(ctx.t),) if day == ctx.today else ()
    if day not in said.moods:
        return Reply(ctx.t("ask"), (*rows, (*doors, crisis.button(ctx.t))))
    line: Row = (Button(ctx.t("change-line" if day in said.lines else "add-line"), "checkins.line", [day]),)
    line += (Button(ctx.t("remove-line"), "checkins.no_line", [day]),) if day in said.lines else ()
    coach = (Button(ctx.t("core.ask-a-coach"), "ask"),) if said.moods[day] in (Mood.AWFUL, Mood.HARD) else ()
    text = "\n\n".join(filter(None, [first, _day(ctx, said, day)]))
    return Reply(text, (*rows, line, (*doors, *coach, crisis.button(ctx.t))))


def _day(ctx: Context, said: Said, day: date) -> str:
    shown, mood = ctx.written(day), ctx.t(f"is-{said.moods[day]}")
    if day not in said.lines:
        return ctx.t("day", day=shown, mood=mood)
    return ctx.t("day-line", day=shown, mood=mood, line=said.lines[day])


def _moods(say: Speaker) -> Row:
    return tuple(Button(say(f"mood-{each}"), "checkins.keep", [each]) for each in Mood)


def _asks(ctx: Context, hour: int | None) -> Reply:
    text = ctx.t("not-asked") if hour is None else ctx.t("asked", hour=f"{hour:02}:00")
    menu = Menu(ctx.t("choose-hour"), "checkins.hour", unasked.HOURS)
    stop = () if hour is None else (Button(ctx.t("stop"), "checkins.hour", [OFF]),)
    return Reply(text, ((menu,), (*stop, Button(ctx.t("back"), "checkins.show"), crisis.button(ctx.t))), edit=True)


async def _silent(ctx: Context) -> Reply | None:
    """Return what is said in silent mode, in which contacts alone are logged; None where it is off."""
    if not (await settings.load(ctx.tx, ctx.me)).silent:
        return None
    return Reply(ctx.t("silent"), ((Button(ctx.t("to-settings"), "settings"), crisis.button(ctx.t)),))
