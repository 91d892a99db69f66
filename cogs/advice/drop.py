"""The piece that comes each day, or each week, at an hour the member chose; and what silence does to it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated

from babel.dates import get_day_names

from bot import clock, communities, people
from bot.cog import Arg, Context, DueRow, Fate, Work
from bot.model import Account, Button, Menu, Option, Reply, Row
from bot.outbox import Lane
from bot.people import Member
from bot.texts import Speaker
from cogs import settings, shouts, streaks, unasked
from cogs.advice import rhythm, store, whose
from cogs.advice.rhythm import SLOW_AFTER, Outcome, Step, date_of
from cogs.advice.store import Reading, cog, keep, load
from cogs.advice.today import PAUSE, below, give, milestone, milestone_of_today, reader_of, shouted, todays
from cogs.streaks import Days

GRACE = timedelta(hours=3)  # later than that a piece is skipped, and the next one comes on time
LATE = timedelta(minutes=15)  # later than that it is noted as late
DROP = "advice.drop"
OFF = "off"
USUAL_HOUR = 8


@cog.command()
async def daily(ctx: Context, hour: Annotated[int | None, Arg(min=0, max=23)] = None) -> Reply:
    """Choose the hour of the daily piece and how often it comes, or turn it off."""
    if hour is not None:
        return await set_daily(ctx, str(hour))
    return _shown(ctx, await load(ctx.tx, ctx.me))


@cog.action("daily")
async def set_daily(ctx: Context, hour: str) -> Reply:
    """Keep the hour ("0" to "23", or "off")."""
    chosen = int(hour) if hour.isdecimal() and int(hour) < 24 else None
    await plan(ctx, chosen)
    return replace(_shown(ctx, await load(ctx.tx, ctx.me)), edit=True)


@cog.action("rhythm")
async def set_rhythm(ctx: Context, days: Days, hour: int | None = None) -> Reply:
    """Keep how often it comes; each day, it then comes until they change it. `hour` is that of one that has ended."""
    reading = await load(ctx.tx, ctx.me)
    weekday = None if days is Days.EVERY else list(Days).index(days) - 1
    chosen = reading.hour if reading.hour is not None else hour
    chosen = USUAL_HOUR if chosen is None or not 0 <= chosen < 24 else chosen
    reading = replace(reading, weekday=weekday, keeps=weekday is None, slow=None)
    await keep(ctx.tx, ctx.me, await _planned(ctx, ctx.me, reading, chosen))
    return Reply(_says(ctx, await load(ctx.tx, ctx.me)), edit=hour is None)


@cog.action("pause")
async def pause(ctx: Context) -> Reply:
    """Let it not come any more; the piece that this stands below stays where it is."""
    before = await load(ctx.tx, ctx.me)
    await plan(ctx, None)
    return Reply(ctx.t("daily-off"), () if before.hour is None else ((_again(ctx.t, before.weekday, before.hour),),))


async def plan(ctx: Context, hour: int | None) -> None:
    """Plan the daily piece of the member who calls for this hour of theirs; None turns it off."""
    await keep(ctx.tx, ctx.me, await _planned(ctx, ctx.me, await load(ctx.tx, ctx.me), hour))


@cog.rezoned
async def replan(work: Work, member: Member) -> None:
    """Plan the daily piece for the hour that was chosen, as the member's clock is now."""
    reading = await load(work.tx, member)
    await keep(work.tx, member, await _planned(work, member, reading, reading.hour))


async def _planned(work: Work, member: Member, reading: Reading, hour: int | None) -> Reading:
    """Plan it for `hour`, or not at all; return the reading with that in it, and what was due before then noted."""
    if hour is None:
        await work.due.cancel(DROP, member.id)
        return replace(reading, hour=None, at=None, on=None, weekday=None, keeps=False, slow=None, told=[])
    at = rhythm.next_at(work.now, hour, member.tz, reading.weekday, reading.last_given)
    await work.due.at(DROP, member.id, at, member=member.id)
    day = date_of(at, hour, member.tz)
    if reading.on is not None:
        reading = rhythm.passed(reading, date.fromisoformat(reading.on), day, Outcome.MOVED)
    return replace(reading, hour=hour, at=at.isoformat(), on=day.isoformat())


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Plan the daily piece where it is the other one's that goes on."""
    mine, other = await load(work.tx, kept), await load(work.tx, gone)
    if mine.hour is None and other.hour is not None:
        at = rhythm.next_at(work.now, other.hour, kept.tz, other.weekday, mine.last_given)
        await work.due.at(DROP, kept.id, at, member=kept.id)


@cog.due_for_member("drop")
async def drop(work: Work, row: DueRow, member: Member, account: Account) -> datetime | None:
    """Send the daily piece, chosen now. One that is too late, cannot arrive, or was read already is skipped."""
    reading = rhythm.heard(await load(work.tx, member), member.seen)
    if (hour := reading.hour) is None:
        return None
    first = datetime.fromisoformat(reading.at) if reading.at else row.at  # a fault may have put the row off
    day = date.fromisoformat(reading.on) if reading.on else date_of(first, hour, member.tz)

    def following(after: datetime) -> datetime:
        return rhythm.next_at(after, hour, member.tz, reading.weekday, reading.last_given)

    at, _ = clock.newest(first, work.now, following)
    if at != first:
        reading = rhythm.passed(reading, day, newest := date_of(at, hour, member.tz), Outcome.MISSED)
        day = newest
    outcome = await _why_not(work, member, reading, at, day)
    if outcome is None:
        reading = await _send(work, member, account, reading, at, day)
        outcome = Outcome.LATE if work.now - at > LATE else Outcome.SENT
    reading = rhythm.noted(reading, day, outcome)
    if reading.hour is None:
        await keep(work.tx, member, reading)
        return None
    then = following(max(work.now, at))
    next_day = date_of(then, hour, member.tz)
    reading = rhythm.passed(reading, day, next_day, Outcome.MISSED)
    await keep(work.tx, member, replace(reading, at=then.isoformat(), on=next_day.isoformat()))
    return then


async def _why_not(work: Work, member: Member, reading: Reading, at: datetime, day: date) -> Outcome | None:
    """Return why nothing is to come, or None."""
    if reading.slow not in (None, day.weekday()):
        return Outcome.WEEKLY
    if work.now > at + GRACE:
        return Outcome.MISSED
    if (await settings.load(work.tx, member)).paused:
        return Outcome.PAUSED
    if await communities.is_halted_for(work.tx, member.id):
        return Outcome.HALTED
    if member.unreachable:
        return Outcome.UNREACHABLE
    read = reading.day == member.today(work.now).isoformat() and not reading.brought
    return Outcome.READ if read else None


async def _send(work: Work, member: Member, account: Account, reading: Reading, at: datetime, day: date) -> Reading:
    """Have it said; return the reading after it."""
    say = work.texts.speaker(member.locale, "advice")
    ledger = await streaks.entries(work.tx, member)
    deck = await whose.pieces_of(work, member)
    piece, reading = await give(work, deck, reading, await reader_of(work, member, reading, ledger))
    told, reading = await milestone(work, member, reading, ledger)
    said, hour = rhythm.step(reading), reading.hour
    reading = replace(rhythm.sent(reading, day, said), brought=True)
    last, rows = _asked(work, say, member, said, day, hour)
    if told:
        await shouts.arrange(work, member)
    heard, offers = await shouted(work, member, told)
    reply = below(say, piece, reading, say("drop-first-line"), told, heard, last=last, rows=(*offers, *rows))
    veil = await unasked.veiled(work, member, reply, Button(say("advice"), "advice.show"))
    await work.outbox.send(
        account.private,
        veil,
        name=f"drop-{member.id}-{day.isoformat()}",
        lane=Lane.DROP,
        member=member.id,
        until=at + GRACE,
        settled=DROP,
        keep=False,
    )
    return reading


@cog.settled("drop", sent=False)
async def settled(work: Work, subject: str, fate: Fate) -> None:
    """Note where one did not arrive, or was dropped before it went; it is then as if it had not been sent."""
    _, key, on = subject.split("-", 2)
    found = await people.load(work.tx, key)
    if found is None:
        return
    member, day = found[0], date.fromisoformat(on)
    reading = await load(work.tx, member)
    if fate != "unknown" and reading.given == on:
        reading = await _unsent(work, member, reading, day)
    await keep(work.tx, member, rhythm.noted(reading, day, fate))


async def _unsent(work: Work, member: Member, reading: Reading, day: date) -> Reading:
    """Return the reading as if the piece of `day` had not been sent; what was read on demand meanwhile stays read."""
    had_ended = reading.hour is None
    reading = rhythm.unsent(reading, day)
    if reading.milestone[2:] == [reading.day]:
        reading = replace(reading, milestone=[])
    if reading.brought and not reading.opened and reading.piece:
        await store.count(work.tx, reading.piece, given=-1)
        had = list(dict.fromkeys([*(each for each in reading.had if each != reading.piece), *reading.ended]))
        reading = replace(reading, day=None, piece=had[-1] if had else None, had=had)
    if not had_ended or reading.hour is None:
        return reading
    reading = await _planned(work, member, reading, reading.hour)
    assert reading.on is not None  # noqa: S101 # it is planned
    return rhythm.passed(reading, day + rhythm.A_DAY, date.fromisoformat(reading.on), Outcome.MISSED)


@cog.action("show")
async def show(ctx: Context) -> Reply:
    """Show the piece that came today without showing itself, with all that it brought."""
    say = ctx.texts.speaker(ctx.locale, "advice")
    piece, reading = await todays(ctx, ctx.me, await load(ctx.tx, ctx.me))
    await keep(ctx.tx, ctx.me, replace(reading, opened=True))
    told, last, rows = await milestone_of_today(ctx, reading), None, ()
    if reading.given and reading.told[:1] == [reading.given]:
        day = date.fromisoformat(reading.given)
        last, rows = _asked(ctx, say, ctx.me, Step(reading.told[1]), day, reading.hour)
    heard, offers = await shouted(ctx, ctx.me, told)
    return replace(below(say, piece, reading, told, heard, last=last, rows=(*offers, *rows)), edit=True)


def _asked(
    work: Work, say: Speaker, member: Member, said: Step | None, day: date, hour: int | None
) -> tuple[str | None, tuple[Row, ...]]:
    """Return what is said to who has been silent, and the answers to it."""
    if said is None:
        return None, ()
    locale, weekday = work.texts.locale(member.locale), list(Days)[day.weekday() + 1]
    name = get_day_names("wide", locale=locale)[day.weekday()]
    hour = USUAL_HOUR if hour is None else hour
    each_day = Button(say("each-day"), "advice.rhythm", [Days.EVERY, hour])
    if said is Step.ASK:
        slow = day + timedelta(days=SLOW_AFTER - rhythm.ASK_AFTER)
        text = say("still-useful", day=work.texts.date(member.locale, slow, "d MMMM"))
        each_week = Button(say("each-week"), "advice.rhythm", [weekday, hour])
        return text, ((each_day, each_week, Button(say("stop"), PAUSE)),)
    if said is Step.SLOW:
        return say("slower", day=name), ((Button(say("each-day-again"), "advice.rhythm", [Days.EVERY, hour]),),)
    return say("ends"), ((_again(say, None, hour),),)


def _again(say: Speaker, weekday: int | None, hour: int) -> Button:
    if weekday is None:
        return Button(say("again"), "advice.daily", [hour])
    return Button(say("again"), "advice.rhythm", [list(Days)[weekday + 1], hour])


def _shown(ctx: Context, reading: Reading) -> Reply:
    say = ctx.texts.speaker(ctx.locale, "advice")
    hours = Menu(say("daily-menu"), "advice.daily", (*unasked.HOURS, Option(OFF, say("daily-none"))))
    names = get_day_names("wide", locale=ctx.texts.locale(ctx.locale))
    options = [Option(Days.EVERY, say("every-day"))]
    options += [Option(each, say("every-week", day=names[number])) for number, each in enumerate(list(Days)[1:])]
    rhythms = ((Menu(say("daily-rhythm"), "advice.rhythm", tuple(options)),),) if reading.hour is not None else ()
    return Reply(_says(ctx, reading), ((hours,), *rhythms, (Button(say("hard"), "advice.hard"),)))


def _says(ctx: Context, reading: Reading) -> str:
    say = ctx.texts.speaker(ctx.locale, "advice")
    hour, weekday = f"{reading.hour or 0:02}:00", reading.slow if reading.weekday is None else reading.weekday
    if reading.hour is None:
        said = say("daily-off")
    elif weekday is None:
        said = say("daily-on", hour=hour)
    else:
        name = get_day_names("wide", locale=ctx.texts.locale(ctx.locale))[weekday]
        said = say("daily-weekly", hour=hour, day=name)
    return "\n".join([said, *([say("cannot-reach")] if ctx.me.unreachable else [])])
