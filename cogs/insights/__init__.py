"""When urges and contacts came, and how the days were: one picture and three sentences, from enough of them alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from babel import Locale
from babel.dates import format_date, get_day_names

from bot import pictures
from bot.cog import Cog, Context, Work
from bot.model import Button, File, Reply
from bot.people import Member
from bot.pictures import Count, Insights
from cogs import checkins, crisis, streaks, urges
from cogs.checkins import Mood
from cogs.insights import rules
from cogs.insights.rules import CHECKINS, CONTACTS, HOURS, URGES, WEEK, Moment
from cogs.streaks import Trigger

DAYS = timedelta(days=83)  # that the moods go back
SHORT = 6  # characters below a bar: see Insights
EACH = 4  # hours from one that is named to the next

cog = Cog("insights")


class Style(StrEnum):
    """How the picture looks."""

    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True)
class Found:
    """What there is of a member: all urges, all contacts and what set them off, the moods of the last twelve weeks."""

    urges: list[Moment]
    contacts: list[Moment]
    triggers: list[Trigger]
    moods: dict[date, Mood]

    @property
    def shown(self) -> tuple[list[Moment], list[Moment]]:
        """The urges and the contacts that are enough to be shown."""
        return (
            self.urges if len(self.urges) >= URGES else [],
            self.contacts if len(self.contacts) >= CONTACTS else [],
        )


@cog.command(writes=False)
async def insights(ctx: Context) -> Reply:
    """Show what there is to see."""
    return await show(ctx, Style.DARK)


@cog.action("show", writes=False)
async def show(ctx: Context, style: Style) -> Reply:
    """Draw it, and say it."""
    found = await _found(ctx)
    text = "\n".join([_urges(ctx, found), _contacts(ctx, found), _moods(ctx, found)])
    if not any(found.shown) and len(found.moods) < CHECKINS:
        return Reply(text, ((Button(ctx.t("check-in"), "checkin"), crisis.button(ctx.t)),))
    shown = _picture(ctx, found, style)
    picture = await ctx.tx.aside(lambda: pictures.draw_insights(shown))
    others = tuple(Button(ctx.t(f"as-{each}"), "insights.show", [each]) for each in Style if each is not style)
    return Reply(text, ((*others, crisis.button(ctx.t)),), (File("insights.png", picture, _alt(ctx, found)),))


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Let no picture that was drawn of anybody stay in memory: whose is whose is not known there."""
    pictures.insights_card.cache_clear()


async def _found(ctx: Context) -> Found:
    tz, day_start = ctx.me.tz, ctx.me.day_start
    lapses = await streaks.lapses(ctx.tx, ctx.me, ctx.today)
    moods = (await checkins.load(ctx.tx, ctx.me)).moods
    return Found(
        [rules.moment(at, tz, day_start) for at in await urges.came(ctx.tx, ctx.me)],
        [rules.moment_of(each.entry.day, each.at, tz, day_start) for each in lapses],
        [each.entry.trigger for each in lapses if each.entry.trigger is not None],
        {day: mood for day, mood in moods.items() if ctx.today - DAYS <= day <= ctx.today},
    )


# -- in words


def _urges(ctx: Context, found: Found) -> str:
    if len(found.urges) < URGES:
        return ctx.t("urges-few", count=len(found.urges), needed=URGES)
    claim, values = _when(ctx, found.urges)
    return ctx.t(f"urges-{claim}", **values)


def _contacts(ctx: Context, found: Found) -> str:
    count = len(found.contacts)
    if count < CONTACTS:
        return ctx.t("contacts-few", count=count, needed=CONTACTS)
    set_off = rules.majority(found.triggers, count)
    if set_off is None or set_off[0] is Trigger.OTHER:
        claim, values = _when(ctx, found.contacts)
        return ctx.t(f"contacts-{claim}", **values)
    trigger, here = set_off
    many = "all" if here == count else "some"
    return ctx.t("contacts-because", count=count, here=here, many=many, what=ctx.t(f"by-{trigger}"))


def _when(ctx: Context, moments: Sequence[Moment]) -> tuple[str, dict[str, str | int]]:
    """Return what can be said of when they came. Nothing is "most" that is not more than half."""
    peak, span = rules.peak(moments), rules.span(moments)
    day = "no-day" if peak is None else "most" if peak.most else "more"
    values: dict[str, str | int] = {
        "count": len(moments),
        "here": peak.count if peak else 0,
        "day": _weekdays(ctx)[peak.weekday] if peak else "",
        "all": "yes" if peak and peak.all else "no",
        "begin": _hour(span.begin) if span else "",
        "end": _hour(span.end) if span else "",
        "all_hours": "yes" if span and span.all else "no",
    }
    return f"{day}-hours" if span else day, values


def _moods(ctx: Context, found: Found) -> str:
    trend = rules.trend({day: mood.number for day, mood in found.moods.items()})
    if trend is None:
        return ctx.t("moods-few", count=len(found.moods), needed=CHECKINS)
    first, last = (ctx.t(f"checkins.is-{Mood(str(each))}") for each in (trend.first, trend.last))
    key = "moods-same" if trend.first == trend.last else "moods-changed"
    return ctx.t(key, first=first, last=last, each=trend.each)


def _alt(ctx: Context, found: Found) -> str:
    """Return what the picture shows, in words."""
    lines: list[str] = []
    weekdays = _weekdays(ctx)
    for kind, moments in zip(("urges", "contacts"), found.shown, strict=True):
        if not moments:
            continue
        counts = rules.by_weekday(moments)
        days = [(weekdays[each], counts[each]) for each in _week(ctx)]
        hours = [(_hour(each), rules.by_hour(moments)[each]) for each in _day(ctx)]
        hours += [(ctx.t("hour-unknown"), sum(each.hour is None for each in moments))]
        lines.append(ctx.t(f"alt-{kind}", days=_listed(ctx, days), hours=_listed(ctx, hours)))
    if len(found.moods) >= CHECKINS:
        moods = list(found.moods.values())
        counted = [(ctx.t(f"checkins.is-{each}"), moods.count(each)) for each in Mood]
        last = ctx.t(f"checkins.is-{found.moods[max(found.moods)]}")
        lines.append(ctx.t("alt-moods", moods=_listed(ctx, counted), last=last))
    return "\n".join(lines)


def _listed(ctx: Context, counts: list[tuple[str, int]]) -> str:
    return ", ".join(ctx.t("alt-item", name=name, count=count) for name, count in counts if count)


# -- as a picture


def _picture(ctx: Context, found: Found, style: Style) -> Insights:
    came, lapses = found.shown
    hours: list[Count] = []
    weekdays: list[Count] = []
    if came or lapses:
        urges_at, contacts_at = rules.by_hour(came), rules.by_hour(lapses)
        for number, hour in enumerate(_day(ctx)):
            hours.append(Count("" if number % EACH else _hour(hour), urges_at[hour], contacts_at[hour]))
        if unknown := sum(each.hour is None for each in lapses):
            hours.append(Count("?", 0, unknown))
        names, urges_on, contacts_on = _weekdays(ctx, SHORT), rules.by_weekday(came), rules.by_weekday(lapses)
        weekdays = [Count(names[each], urges_on[each], contacts_on[each]) for each in _week(ctx)]
    first = ctx.today - DAYS
    days = [first + timedelta(days=number) for number in range(DAYS.days + 1)]
    moods = [found.moods[day].number if day in found.moods else None for day in days]
    locale = ctx.texts.locale(ctx.locale)
    months = [(n, format_date(day, "LLL", locale=locale)) for n, day in enumerate(days) if n == 0 or day.day == 1]
    return Insights(
        tuple(hours),
        tuple(weekdays),
        ctx.t("no-counts", urges=URGES),
        tuple(moods) if len(found.moods) >= CHECKINS else (),
        ctx.t("no-moods", needed=CHECKINS),
        tuple(ctx.t(f"checkins.is-{each}") for each in Mood),
        tuple(months),
        (ctx.t("urges"), ctx.t("contacts")),
        light=style is Style.LIGHT,
    )


def _day(ctx: Context) -> list[int]:
    """Return the hours from the one at which the member's day begins: a night is in one piece."""
    return [(ctx.me.day_start + each) % HOURS for each in range(HOURS)]


def _week(ctx: Context) -> list[int]:
    """Return the weekdays from the one that a week begins with for the reader."""
    first = Locale.parse(ctx.texts.locale(ctx.locale), sep="-").first_week_day
    return [(first + each) % WEEK for each in range(WEEK)]


def _weekdays(ctx: Context, longest: int = 60) -> list[str]:
    """Return the names of the weekdays from Monday on: the longest ones of at most so many characters."""
    locale = Locale.parse(ctx.texts.locale(ctx.locale), sep="-")
    names: list[str] = []
    for width in ("wide", "abbreviated", "short", "narrow"):
        known = get_day_names(width, "stand-alone", locale)
        names = [known[each] for each in range(WEEK)]
        if max(map(len, names)) <= longest:
            break
    return names


def _hour(hour: int) -> str:
    return f"{hour:02}:00"
