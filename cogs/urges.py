"""The urge to write to them: it is written here instead, sealed; after a wait the bot comes back, once.

An urge that was waited out counts for good: no lapse lowers that number. A letter that was not sent can be read again
and burned; after thirty days it burns by itself unless it is to be kept. Nothing of it comes back unasked.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from babel.dates import format_datetime
from sqlalchemy import Column, ForeignKey

from bot import clock, communities, pictures
from bot.cog import Answer, Cog, Context, DueRow, Work
from bot.model import MENU_OPTIONS, Account, Button, Field, File, Form, Menu, Option, Reply, Row
from bot.outbox import Lane
from bot.people import Member, members
from bot.store import ID, SCRUB, Sealed, Tx, new_id
from bot.store import Row as Stored
from bot.texts import Speaker
from cogs import crisis, screening, settings, streaks, totals, unasked

LENGTH = 3000
SIZE = 4096  # bytes: a letter is not told by its length
KEPT = timedelta(days=30)
BACK, BURN = "urges.back", "urges.burn"
THINGS = 11  # short things to do, in content/, besides breathing
BREATHE = "breathe"
ROUNDS = 10_000  # orders to do them in; the buttons carry which one it is, so that nothing is written for it

cog = Cog("urges")

urges = cog.table(
    "urges",
    Column("id", ID, primary_key=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("urge", Sealed(128), nullable=False),  # when it came, what came of it
)

unsent = cog.table(
    "letters",
    Column("id", ID, primary_key=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("letter", Sealed(SIZE), nullable=False),  # when it was written, whether it is to be kept, the words
)


class Fate(StrEnum):
    """What came of an urge."""

    WAITING = "waiting"
    PASSED = "passed"
    SENT = "sent"


async def open_urge(ctx: Context) -> Answer:
    """Ask for the message, here instead of there."""
    return Form("urge", (Field("letter", long=True, max=LENGTH, required=False),), "urge")


@cog.command(form=open_urge)
async def urge(ctx: Context, letter: str = "") -> Reply:
    """Keep what they wanted to send, and come back after a wait."""
    id, wait = new_id(), timedelta(minutes=(await settings.load(ctx.tx, ctx.me)).urge_wait)
    await ctx.tx.insert(
        urges, id=id, member=ctx.me.id, urge={"at": ctx.now.isoformat(timespec="seconds"), "fate": Fate.WAITING}
    )
    if letter:
        kept = {"at": ctx.now.isoformat(timespec="seconds"), "keep": False, "text": letter}
        await ctx.tx.insert(unsent, id=id, member=ctx.me.id, letter=kept)
        await ctx.due.at(BURN, id, ctx.now + KEPT, member=ctx.me.id)
    await ctx.due.at(BACK, ctx.me.id, ctx.now + wait, member=ctx.me.id)
    reply = _while_waiting(ctx, "kept" if letter else "waiting", wait, burn=True)
    return await screening.beside_kept(ctx, letter, reply, "urges.letter", id)


@cog.reads("letter")
async def written(ctx: Context, letter: str) -> str | None:
    """Return a letter that was not sent."""
    row = await _letter(ctx, letter)
    return row["letter"]["text"] if row else None


@cog.action("thing", writes=False)
async def thing(ctx: Context, seed: int | None = None, number: int = 0) -> Reply:
    """Offer the next short thing to do in the round of `seed`; a button from before there were rounds begins one."""
    seed = ctx.dice.randrange(ROUNDS) if seed is None else seed
    things = in_order(seed)
    key = things[number % len(things)]
    files: tuple[File, ...] = ()
    if key == BREATHE:
        files = (File("breathe.gif", await ctx.tx.aside(pictures.draw_breath), ctx.t("breathe-shows")),)
    return Reply(ctx.t(key), (_doors(ctx, seed, (number + 1) % len(things)),), files)


@cog.due_for_member("back")
async def back(work: Work, row: DueRow, member: Member, account: Account) -> datetime | None:
    """Come back once, as was said, to whoever it is still waiting for."""
    if not await _waiting(work.tx, member):
        return None
    say = work.texts.speaker(member.locale, "urges")
    reply = await unasked.veiled(work, member, _back(say), Button(say("urge"), "urges.back"))
    name = f"urge-{member.id}-{row.at.isoformat(timespec='seconds')}"
    await work.outbox.send(account.private, reply, name=name, lane=Lane.URGE, member=member.id)
    return None


@cog.action("back", writes=False)
async def show_back(ctx: Context) -> Reply:
    """Show the question that came without showing itself."""
    reply = _back(ctx.t) if await _waiting(ctx.tx, ctx.me) else Reply(ctx.t("settled-before"))
    return replace(reply, edit=True)


def _back(say: Speaker) -> Reply:
    answers = tuple(Button(say(f"urges.is-{each}"), f"urges.{each}") for each in ("passed", "still", "sent"))
    return Reply(say("urges.back"), (answers, (crisis.button(say),)))


@cog.action("passed")
async def passed(ctx: Context) -> Reply:
    """Count it among those that were waited out."""
    if not await _settle(ctx, Fate.PASSED):
        return Reply(ctx.t("settled-before"), edit=True)
    for community in await communities.ids_of(ctx.tx, ctx.me.id):
        await totals.add(ctx, community, "urges")
    return Reply(ctx.t("passed", count=await ridden(ctx.tx, ctx.me)), ((crisis.button(ctx.t),),), edit=True)


@cog.action("still")
async def still(ctx: Context) -> Reply:
    """Wait once more."""
    if not await _waiting(ctx.tx, ctx.me):
        return Reply(ctx.t("settled-before"), edit=True)
    wait = timedelta(minutes=(await settings.load(ctx.tx, ctx.me)).urge_wait)
    await ctx.due.at(BACK, ctx.me.id, ctx.now + wait, member=ctx.me.id)
    return _while_waiting(ctx, "once-more", wait)


@cog.action("sent")
async def sent(ctx: Context) -> Reply:
    """They wrote after all: what was held comes first, as after any contact."""
    settled = await _settle(ctx, Fate.SENT)
    return await streaks.wrote(ctx) if settled else Reply(ctx.t("settled-before"), edit=True)


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Come back when it was promised, to either of them; the earlier of two."""
    promised = [at for each in (kept, gone) if (at := await work.due.when(BACK, each.id))]
    if promised:
        await work.due.at(BACK, kept.id, min(promised), member=kept.id)


# -- letters


@cog.command(writes=False)
async def letters(ctx: Context) -> Reply:
    """List the letters that were not sent."""
    rows = await _letters(ctx)
    if not rows:
        return Reply(ctx.t("no-letters"), ((Button(ctx.t("want-to-write"), "urge"),),))
    options = tuple(Option(row["id"], _when(ctx, row)) for row in rows[:MENU_OPTIONS])
    burn_all = Button(ctx.t("burn-all"), "urges.burn_all")
    return Reply(ctx.t("letters-are", count=len(rows)), ((Menu(ctx.t("read"), "urges.read", options),), (burn_all,)))


@cog.action("read", writes=False)
async def read(ctx: Context, letter: str) -> Reply:
    """Show one letter."""
    row = await _letter(ctx, letter)
    if row is None:
        return Reply(ctx.t("letter-gone"), edit=True)
    keep = "let-burn" if row["letter"]["keep"] else "keep"
    buttons = (
        Button(ctx.t("burn"), "urges.burn", [letter]),
        Button(ctx.t(keep), "urges.keep", [letter]),
        Button(ctx.t("back-to-letters"), "letters"),
    )
    return Reply(f"{_when(ctx, row)}\n\n{row['letter']['text']}", (buttons, (crisis.button(ctx.t),)), edit=True)


@cog.action("keep")
async def keep(ctx: Context, letter: str) -> Reply:
    """Keep a letter beyond its thirty days, or let it burn then after all."""
    row = await _letter(ctx, letter)
    if row is None:
        return Reply(ctx.t("letter-gone"), edit=True)
    keeps = not row["letter"]["keep"]
    await ctx.tx.update(unsent, {"id": letter}, letter=row["letter"] | {"keep": keeps})
    if keeps:
        await ctx.due.cancel(BURN, letter)
    else:
        await ctx.due.at(BURN, letter, ctx.now + KEPT, member=ctx.me.id)
    return await read(ctx, letter)


@cog.action("burn")
async def burn(ctx: Context, letter: str) -> Reply:
    """Burn one letter."""
    await _burn(ctx, letter)
    return replace(await letters(ctx), edit=True)


@cog.action("burn_all")
async def burn_all(ctx: Context) -> Reply:
    """Burn every letter."""
    for row in await _letters(ctx):
        await _burn(ctx, row["id"])
    return Reply(ctx.t("burned-all"), ((crisis.button(ctx.t),),), edit=True)


@cog.due("burn")
async def burn_due(work: Work, row: DueRow) -> datetime | None:
    """Burn a letter that was not to be kept."""
    await work.tx.delete(unsent, unsent.c.id == row.key)
    work.tx.notes.add(SCRUB)
    return None


async def ridden(tx: Tx, member: Member, since: date | None = None) -> int:
    """Return how many urges a member has waited out, in all or since a day of theirs."""
    rows = await tx.rows(urges, member=member.id)
    passed = [row["urge"] for row in rows if row["urge"]["fate"] == Fate.PASSED]
    days = (clock.day_of(datetime.fromisoformat(each["at"]), member.tz, member.day_start) for each in passed)
    return len(passed) if since is None else sum(day >= since for day in days)


async def came(tx: Tx, member: Member) -> list[datetime]:
    """Return the instants at which a member's urges came, in no order."""
    return [datetime.fromisoformat(row["urge"]["at"]) for row in await tx.rows(urges, member=member.id)]


async def last_at(tx: Tx, member: Member) -> datetime | None:
    """Return when a member's last urge came, whatever came of it; None where there was none."""
    rows = await tx.rows(urges, member=member.id)
    return max((datetime.fromisoformat(row["urge"]["at"]) for row in rows), default=None)


@cog.tells
async def tell(ctx: Context) -> str | None:
    """Say how many urges were waited out."""
    count = await ridden(ctx.tx, ctx.me)
    return ctx.t("urges.ridden", count=count) if count else None


async def _waiting(tx: Tx, member: Member) -> list[Stored]:
    rows = await tx.rows(urges, member=member.id)
    return [row for row in rows if row["urge"]["fate"] == Fate.WAITING]


async def _settle(ctx: Context, fate: Fate) -> bool:
    """Note what came of the urge that was waited for; earlier ones that were never answered went with it."""
    waiting = sorted(await _waiting(ctx.tx, ctx.me), key=lambda row: row["urge"]["at"])
    await ctx.due.cancel(BACK, ctx.me.id)
    for row in waiting[:-1]:
        await ctx.tx.delete(urges, urges.c.id == row["id"])
    for row in waiting[-1:]:
        await ctx.tx.update(urges, {"id": row["id"]}, urge=row["urge"] | {"fate": fate})
    return bool(waiting)


async def _letters(ctx: Context) -> list[Stored]:
    rows = await ctx.tx.rows(unsent, member=ctx.me.id)
    return sorted(rows, key=lambda row: row["letter"]["at"], reverse=True)


async def _letter(ctx: Context, id: str) -> Stored | None:
    return await ctx.tx.row(unsent, id=id, member=ctx.me.id)


async def _burn(ctx: Context, id: str) -> None:
    if await ctx.tx.delete(unsent, id=id, member=ctx.me.id):
        await ctx.due.cancel(BURN, id)
        ctx.tx.notes.add(SCRUB)


def _while_waiting(ctx: Context, key: str, wait: timedelta, *, burn: bool = False) -> Reply:
    at, seed = ctx.wall_clock(ctx.now + wait, ctx.me.tz), ctx.dice.randrange(ROUNDS)
    text = f"{ctx.t(key, time=at)} {ctx.t(in_order(seed)[0])}"
    return Reply(text, (_doors(ctx, seed, 1),), edit=not burn, burn=burn)


def in_order(seed: int) -> list[str]:
    """Return all things to do, each once, in an order of their own for each `seed`; what follows the last is the first.

    A glass of water comes first, in few words, and breathing early: it needs nothing at hand. It is not first, for the
    answer to /urge is kept in the database until it is given, and would take the picture there.
    """
    dice = Random(seed)  # noqa: S311 - it does no harm to guess it
    water, *others = [f"thing-{number}" for number in range(1, THINGS + 1)]
    things = [water, *dice.sample(others, len(others))]
    things.insert(dice.randint(1, 3), BREATHE)
    return things


def _doors(ctx: Context, seed: int, number: int) -> Row:
    return (
        Button(ctx.t("another-thing"), "urges.thing", [seed, number]),
        Button(ctx.t("core.ask-a-coach"), "ask"),
        crisis.button(ctx.t),
    )


def _when(ctx: Context, row: Stored) -> str:
    at = datetime.fromisoformat(row["letter"]["at"]).astimezone(ctx.me.tz)
    return format_datetime(at, "EEE d MMM, HH:mm", locale=ctx.texts.locale(ctx.locale))
