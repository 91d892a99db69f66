"""How the days and the ledger are told."""

from datetime import date, timedelta
from enum import StrEnum

from bot.cog import Context
from bot.errors import UserError
from bot.model import Button, Reply, Row
from cogs import crisis, settings
from cogs.streaks import rules
from cogs.streaks.rules import Entry, Standing, standing
from cogs.streaks.store import OLDEST, entries


class When(StrEnum):
    """The days that are one tap away."""

    TODAY = "today"
    YESTERDAY = "yesterday"

    def of(self, ctx: Context) -> date:
        """Return the day."""
        return ctx.today - timedelta(days=self is When.YESTERDAY)


def numbers(ctx: Context, now: Standing) -> str:
    """Return the numbers in words. A zero is never among them."""
    say = ctx.texts.speaker(ctx.locale, "streaks")
    if now.aside is not None:
        lines = [say("aside", since=ctx.written(now.aside))]
    elif now.days:
        lines = [say("days-anew" if now.anew else "days", days=now.days, since=ctx.written(now.since))]
    else:
        lines = [say("begins")]
    if now.held and (now.of > now.days or now.aside is not None):
        lines.append(say("held", held=now.held, of=now.of))
    if now.best > now.days or (now.best and now.aside is not None):
        lines.append(say("best", best=now.best))
    return "\n".join(lines)


async def all_numbers(ctx: Context, ledger: list[Entry]) -> str | None:
    """Return the numbers, the next milestone, if it is wanted the days without looking, and what other cogs tell.

    None before it begins.
    """
    now = standing(ledger, ctx.today)
    if now is None:
        return None
    say = ctx.texts.speaker(ctx.locale, "streaks")
    lines = [numbers(ctx, now)]
    looking = rules.not_checking(ledger, ctx.today) if (await settings.load(ctx.tx, ctx.me)).not_checking else None
    if now.aside is None and looking is not None:
        lines.append(say("not-checking", days=looking.days) if looking.days else say("not-checking-begins"))
    if now.aside is None and now.days:
        lines.append(say("next", days=rules.next_milestone(now.days)))
    lines += [line for cog in ctx.cogs for tell in cog.tellers if (line := await tell(ctx))]
    return "\n".join(lines)


async def recounted(ctx: Context, said: str, row: Row) -> Reply:
    """Return what was done, and what the ledger comes to now."""
    now = standing(await entries(ctx.tx, ctx.me), ctx.today)
    if now is None:
        asked = ask_begin(ctx)
        return Reply(f"{said}\n\n{asked.text}", (row, *asked.rows), edit=True)
    return Reply(f"{said}\n\n{numbers(ctx, now)}", (row,), edit=True)


def ask_begin(ctx: Context) -> Reply:
    """Return the question that begins a streak."""
    days = tuple(Button(ctx.t(f"streaks.{each}"), "streaks.begin", [each]) for each in When)
    other = Button(ctx.t("streaks.another-day"), "streaks.begin_day")
    return Reply(ctx.t("streaks.ask-last-contact"), ((*days, other),))


def doors(ctx: Context, now: Standing) -> tuple[Row, ...]:
    """Return what stands below the days."""
    thought, ledger = Button(ctx.t("streaks.thought"), "advice"), Button(ctx.t("streaks.ledger"), "history")
    if now.aside is not None:
        return ((Button(ctx.t("streaks.count-again"), "stage"), thought), (ledger, crisis.button(ctx.t)))
    urge, told = Button(ctx.t("streaks.urge"), "urge"), Button(ctx.t("streaks.log-contact"), "contact")
    picture = Button(ctx.t("streaks.as-picture"), "streaks.card", ["dark"])
    return ((urge, told), (thought, ledger, picture, crisis.button(ctx.t)))


def past(ctx: Context, day: date) -> date:
    """Return `day`. Raises UserError where it has not come yet, or is out of reach."""
    if not ctx.today - OLDEST <= day <= ctx.today:
        raise UserError("streaks.not-past")
    return day
