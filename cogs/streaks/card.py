"""The days as a picture: for the member alone, and one without a word that a passer-by could read."""

from datetime import date, timedelta
from enum import StrEnum

from babel import Locale
from babel.dates import format_date

from bot import pictures
from bot.cog import Context, Work
from bot.model import Button, File, Reply
from bot.people import Member
from bot.pictures import Day, Figure, Streak
from cogs import checkins, crisis
from cogs.streaks import rules
from cogs.streaks.rules import Standing, standing
from cogs.streaks.shown import all_numbers, ask_begin
from cogs.streaks.store import cog, entries

DAYS = timedelta(days=83)  # that the calendar goes back
LONGEST, MOST = 60, 5  # characters of a line, and lines: see Streak


class Style(StrEnum):
    """How the card looks."""

    DARK = "dark"
    LIGHT = "light"
    DISCREET = "discreet"


@cog.action("card", writes=False)
async def card(ctx: Context, style: Style) -> Reply:
    """Show the card."""
    file = await _draw(ctx, style, "card.png")
    if file is None:
        return ask_begin(ctx)
    others = tuple(Button(ctx.t(f"card-{each}"), "streaks.card", [each]) for each in Style if each is not style)
    return Reply(ctx.t("card"), ((*others, crisis.button(ctx.t)),), (file,))


@cog.pictures
async def cards(ctx: Context) -> list[File]:
    """Draw the card dark and light."""
    drawn = [await _draw(ctx, style, f"days-{style}.png") for style in (Style.DARK, Style.LIGHT)]
    return [file for file in drawn if file is not None]


async def _draw(ctx: Context, style: Style, name: str) -> File | None:
    """Draw the card; None before anything is counted."""
    ledger = await entries(ctx.tx, ctx.me)
    now, told = standing(ledger, ctx.today), await all_numbers(ctx, ledger)
    if now is None or told is None:
        return None
    milestone = ctx.t("next", days=rules.next_milestone(now.days))
    lines = [line for line in told.splitlines()[1:] if len(line) <= LONGEST and line != milestone]
    first = ctx.today - DAYS
    shown = Streak(
        _figure(ctx, now),
        _ring(now.days),
        milestone,
        tuple(lines[:MOST]),
        tuple(rules.calendar(ledger, first, ctx.today, (await checkins.load(ctx.tx, ctx.me)).moods)),
        (first.weekday() - Locale.parse(ctx.texts.locale(ctx.locale)).first_week_day) % 7,
        _months(ctx, first),
        tuple((each, ctx.t(f"calendar-{each}")) for each in Day),
        light=style is Style.LIGHT,
        discreet=style is Style.DISCREET,
    )
    picture = await ctx.tx.aside(lambda: pictures.draw_streak(shown))
    alt = told if style is not Style.DISCREET else ctx.t("card-days", days=now.days)
    return File(name, picture, alt)


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Let no card that was drawn of anybody stay in memory: whose is whose is not known there."""
    pictures.streak_card.cache_clear()


def _figure(ctx: Context, now: Standing) -> Figure:
    if now.days == 0:
        return Figure(ctx.t("card-today"), ctx.t("card-begins"))
    return Figure(str(now.days), ctx.t("card-unit", days=now.days))


def _ring(days: int) -> float:
    before, after = rules.milestone(days), rules.next_milestone(days)
    return (days - before) / (after - before)


def _months(ctx: Context, first: date) -> tuple[tuple[int, str], ...]:
    days = ((number, first + timedelta(days=number)) for number in range(DAYS.days + 1))
    locale = ctx.texts.locale(ctx.locale)
    return tuple((n, format_date(day, "LLL", locale=locale)) for n, day in days if n == 0 or day.day == 1)
