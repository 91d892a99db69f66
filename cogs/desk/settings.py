"""How a desk is kept: chosen by whoever runs the community, by taps, from /setup on."""

from enum import StrEnum

from bot.cog import Context
from bot.errors import UserError
from bot.model import Button, Menu, Option, Reply, Role
from cogs.desk.cog import cog
from cogs.questions import rules_of, set_rules

CHOICES = {
    "jitter": (0, 5, 10),  # minutes
    "kept_days": (0, 7, 30),
    "unclaimed_hours": (0, 4, 8),  # 0: no reminder
    "unanswered_hours": (0, 24, 48),
}


class Rule(StrEnum):
    """What can be chosen; see DeskRules."""

    JITTER = "jitter"
    KEPT = "kept_days"
    UNCLAIMED = "unclaimed_hours"
    UNANSWERED = "unanswered_hours"


@cog.action("settings", access=Role.OWNER, writes=False)
async def settings(ctx: Context, community: str) -> Reply:
    """Show how the desk is kept, and what can be chosen instead."""
    return await shown(ctx)


@cog.action("rule", access=Role.OWNER)
async def rule(ctx: Context, community: str, which: Rule, value: int) -> Reply:
    """Choose one of it. Raises UserError for what was not offered."""
    if value not in CHOICES[which]:
        raise UserError("core.unknown-command")
    await set_rules(ctx, ctx.here.id, **{which: value})
    return await shown(ctx)


async def shown(ctx: Context) -> Reply:
    """Return how the desk is kept, with a menu for each."""
    say, rules = ctx.texts.speaker(ctx.locale, "desk"), await rules_of(ctx.tx, ctx.here.id)
    lines = [say(f"rule-{_word(each)}", value=getattr(rules, each)) for each in Rule]
    rows = [
        (
            Menu(
                say(f"menu-{_word(each)}"),
                "desk.rule",
                tuple(Option(str(value), say(f"option-{_word(each)}", value=value)) for value in CHOICES[each]),
                (ctx.here.id, each),
            ),
        )
        for each in Rule
    ]
    back = (Button(say("setup.back"), "setup.resume", [ctx.here.id]),)
    return Reply("\n".join([say("rules"), "", *lines]), (*rows, back), edit=True)


def _word(rule: Rule) -> str:
    return rule.partition("_")[0]
