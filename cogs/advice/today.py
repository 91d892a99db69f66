"""Today's piece: chosen once a day, given on demand or with the daily one, with what can be said of it below."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cog import Context, Work
from bot.model import Button, Reply, Row
from bot.people import Member
from bot.texts import Speaker
from cogs import crisis, shouts, stage, streaks, urges
from cogs.advice import rules, store, whose
from cogs.advice.deck import Moment, Piece
from cogs.advice.rules import Reader
from cogs.advice.store import COUNTED, Felt, Reading, cog, keep, load

PAUSE = "advice.pause"
MORE = 2  # pieces a day, besides today's
EARLY = 3  # the day on which what was done says more than its number
STALE = 2  # days after which a milestone is not told any more


@cog.command()
async def advice(ctx: Context) -> Reply:
    """Give today's piece: the same one all day, unless something happened that there is one for."""
    piece, reading = await todays(ctx, ctx.me, await load(ctx.tx, ctx.me))
    await keep(ctx.tx, ctx.me, replace(reading, opened=True))
    return below(ctx.texts.speaker(ctx.locale, "advice"), piece, reading)


@cog.action("another")
async def another(ctx: Context, number: int) -> Reply:
    """Give one more, the first or the second of the day; a second tap shows the same one again."""
    say = ctx.texts.speaker(ctx.locale, "advice")
    reading = await load(ctx.tx, ctx.me)
    if reading.day != ctx.today.isoformat():
        return await advice(ctx)
    deck, at = await whose.pieces_of(ctx, ctx.me), max(number - 1, 0)
    given = reading.more[at : at + 1]
    if piece := next((each for each in deck if each.id in given), None):
        return below(say, piece, reading)
    if not given and len(reading.more) >= MORE:
        return Reply(say("enough"), ((Button(say("urge"), "urge"), Button(say("core.ask-a-coach"), "ask")),))
    ledger = await streaks.entries(ctx.tx, ctx.me)
    piece, reading = await give(ctx, deck, reading, await reader_of(ctx, ctx.me, reading, ledger))
    reading = replace(reading, more=[*reading.more[:at], piece.id, *reading.more[at + 1 :]])
    await keep(ctx.tx, ctx.me, reading)
    return below(say, piece, reading)


@cog.action("felt")
async def felt(ctx: Context, how: Felt, piece: str) -> Reply:
    """Keep what they say of a piece, and count it for all; saying it again changes nothing, the other changes it.

    It may be of a deck that they read before. Of one that is in no deck nothing is kept, and today's is given.
    """
    found = await whose.known(ctx, ctx.me, piece)
    if found is None:
        given = await advice(ctx)
        return replace(given, text="\n\n".join([ctx.t("piece-gone"), given.text]))
    reading = await load(ctx.tx, ctx.me)
    before = reading.felt.get(piece)
    if before != how:
        changes = {COUNTED[how]: 1} | ({COUNTED[Felt(before)]: -1} if before else {})
        await store.count(ctx.tx, piece, **changes)
        reading = replace(reading, felt=reading.felt | {piece: how})
        await keep(ctx.tx, ctx.me, reading)
    said = ctx.t("advice.felt-helped" if how is Felt.HELPED else "advice.felt-not")
    milestone = await milestone_of_today(ctx, reading) if reading.piece == piece else None
    heard, offers = await shouted(ctx, ctx.me, milestone)
    say = ctx.texts.speaker(ctx.locale, "advice")
    return replace(below(say, found, reading, milestone, heard, last=said, rows=offers), edit=True)


async def shouted(work: Work, member: Member, milestone: str | None) -> tuple[str, tuple[Row, ...]]:
    """Return what is said below a milestone of whether the community is told, with the buttons to it."""
    return await shouts.below(work, member) if milestone else ("", ())


def below(
    say: Speaker,
    piece: Piece,
    reading: Reading,
    *first: str | None,
    last: str | None = None,
    rows: tuple[Row, ...] = (),
) -> Reply:
    """Return a piece between `first` and `last`, with what can be done about it below; `rows` stand in between."""
    buttons = [Button(say(f"is-{how}"), "advice.felt", [how, piece.id]) for how in Felt]
    if (number := len(reading.more) + 1) <= MORE:
        buttons.append(Button(say("another"), "advice.another", [number]))
    stopped = any(isinstance(item, Button) and item.action == PAUSE for row in rows for item in row)
    pause = () if reading.hour is None or stopped else (Button(say("pause"), PAUSE),)
    return Reply(
        "\n\n".join(filter(None, [*first, text_of(say, piece), last])),
        (tuple(buttons), *rows, (*pause, crisis.button(say))),
    )


def text_of(say: Speaker, piece: Piece) -> str:
    """Return a piece as it is read. `say` may be any cog's."""
    return f"{piece.title}\n\n{piece.body}\n\n{say('advice.try', what=piece.attempt)}"


async def todays(work: Work, member: Member, reading: Reading) -> tuple[Piece, Reading]:
    """Return the member's piece of the day, chosen now if need be, and their reading with it."""
    reader = await reader_of(work, member, reading, await streaks.entries(work.tx, member))
    deck = await whose.pieces_of(work, member)
    if reading.day == reader.today.isoformat():
        piece = rules.still_right(deck, reader, reading.piece, [Moment(each) for each in reading.met])
        if piece is not None:
            return piece, reading
    return await give(work, deck, reading, reader)


async def give(work: Work, deck: Sequence[Piece], reading: Reading, reader: Reader) -> tuple[Piece, Reading]:
    """Choose a piece of a deck that becomes today's; return it, and the reading with it."""
    piece = rules.choose(deck, reader, work.dice)
    await store.count(work.tx, piece.id, given=1)
    day = reader.today.isoformat()
    had = rules.after(deck, reading.had, piece)
    return piece, replace(
        reading,
        day=day,
        piece=piece.id,
        had=had,
        ended=[each for each in reading.had if each not in had[:-1]],
        met=list(rules.moments(reader)),
        more=reading.more if reading.day == day else [],
        brought=False,
        opened=False,
    )


async def reader_of(work: Work, member: Member, reading: Reading, ledger: list[streaks.Entry]) -> Reader:
    """Return what decides the choice, as it is now."""
    today, local = member.today(work.now), work.now.astimezone(member.tz)
    now = streaks.standing(ledger, today)
    urge = await urges.last_at(work.tx, member)
    return Reader(
        await stage.load(work.tx, member),
        today,
        local.hour,
        now.days if now else None,
        streaks.last_lapse(ledger),
        max((entry.day for entry in ledger if entry.kind is streaks.Kind.THEY_WROTE), default=None),
        reading.had,
        reading.piece,
        rules.is_urge_at_night(local, urge.astimezone(member.tz) if urge else None),
        reading.hard,
        {piece: how == Felt.HELPED for piece, how in reading.felt.items()},
    )


async def milestone(
    work: Work, member: Member, reading: Reading, ledger: list[streaks.Entry]
) -> tuple[str | None, Reading]:
    """Return what is said to a milestone that was reached since the last piece; each is told once in a run."""
    now = streaks.standing(ledger, member.today(work.now))
    if now is None or now.aside is not None:
        return None, reading
    reached = streaks.milestone(now.days)
    told = [now.since.isoformat(), reached]
    if not reached or now.days - reached > STALE or reading.milestone[:2] == told:
        return None, reading
    reading = replace(reading, milestone=[*told, member.today(work.now).isoformat()])
    return await _words(work, member, reached), reading


async def milestone_of_today(ctx: Context, reading: Reading) -> str | None:
    """Return what was said today to a milestone, as it is said now."""
    told = reading.milestone
    return await _words(ctx, ctx.me, int(told[1])) if told[2:] == [ctx.today.isoformat()] else None


async def _words(work: Work, member: Member, reached: int) -> str | None:
    """Return what is said to a milestone; None where nothing is counted any more."""
    now = streaks.standing(await streaks.entries(work.tx, member), member.today(work.now))
    if now is None or now.aside is not None:
        return None
    say, count = work.texts.speaker(member.locale, "advice"), await urges.ridden(work.tx, member, now.since)
    if reached == EARLY and count:
        since = work.texts.date(member.locale, now.since, "EEEE")
        return say("milestone-urges", count=count, since=since)
    return say("milestone", days=reached)
