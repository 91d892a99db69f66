"""Where a member stands on the article's road, and whom the road is for: what advice is drawn for."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, ForeignKey

from bot.cog import Cog, Context
from bot.model import Button, Menu, Option, Reply
from bot.people import Member, members
from bot.store import ID, Sealed, Tx
from cogs import crisis, settings, streaks

cog = Cog("stage")

roads = cog.table(
    "roads",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("road", Sealed(96), nullable=False),  # stage, whom
)


class Stage(StrEnum):
    """The six stages of the road, in their order."""

    REALITY = "reality"
    APOLOGY = "apology"
    SPACE = "space"
    HEALING = "healing"
    REACHED_OUT = "reached_out"
    REBUILDING = "rebuilding"


class Whom(StrEnum):
    """Whom a piece is for, and what a member says of themselves."""

    CHEATED = "cheated"
    WAS_CHEATED_ON = "was_cheated_on"
    ANY = "any"


OF_CONTACT = frozenset({Stage.APOLOGY, Stage.REACHED_OUT, Stage.REBUILDING})  # not to be entered under a court order
SET_ASIDE = frozenset({Stage.REACHED_OUT, Stage.REBUILDING})  # the two talk: there is nothing to count


@dataclass(frozen=True)
class Road:
    """Where a member stands. Until they say, it is the stage in which no contact begins."""

    stage: Stage = Stage.SPACE
    whom: Whom = Whom.ANY


@cog.command(writes=False)
async def stage(ctx: Context) -> Reply:
    """Show where the member stands, and let them move."""
    road = await load(ctx.tx, ctx.me)
    options = tuple(Option(each, ctx.t(f"is-{each}")) for each in Stage)
    return Reply(ctx.t("here", stage=ctx.t(f"name-{road.stage}")), ((Menu(ctx.t("move"), "stage.set", options),),))


@cog.action("set")
async def move(ctx: Context, to: Stage) -> Reply:
    """Move to a stage. "They reached out" asks first what it was: most of what they do is not that.

    Going back from where the streak is set aside is asked about once: it counts again from today.
    """
    if await _barred(ctx, to):
        return _court_order(ctx)
    if to is Stage.REACHED_OUT:
        choices = (
            (Button(ctx.t("about-us"), "stage.about_us"),),
            (Button(ctx.t("something-smaller"), "stage.smaller"),),
        )
        return Reply(ctx.t("what-was-it"), choices, edit=True)
    if to not in SET_ASIDE and await streaks.is_aside(ctx):
        choices = ((Button(ctx.t("count-again"), "stage.back", [to]), Button(ctx.t("stay-here"), "stage.stay")),)
        return Reply(ctx.t("ask-back"), choices, edit=True)
    return await _moved(ctx, to)


@cog.action("about_us")
async def about_us(ctx: Context) -> Reply:
    """They said, unasked, that they want to talk about the two of them."""
    return _court_order(ctx) if await _barred(ctx, Stage.REACHED_OUT) else await _moved(ctx, Stage.REACHED_OUT)


@cog.action("smaller", writes=False)
async def smaller(ctx: Context) -> Reply:
    """A practical message, a like or a birthday wish moves nobody."""
    return Reply(ctx.t("stay"), edit=True)


@cog.action("back")
async def back(ctx: Context, to: Stage) -> Reply:
    """Go back to a stage in which the days count, from today on."""
    if to in SET_ASIDE or await _barred(ctx, to):
        return await move(ctx, to)
    await streaks.start_again(ctx)
    return await _moved(ctx, to)


@cog.action("stay", writes=False)
async def stay(ctx: Context) -> Reply:
    """Leave it as it is."""
    return Reply(ctx.t("stayed"), edit=True)


async def load(tx: Tx, member: Member) -> Road:
    """Return where the member stands. A court order outranks every stage that speaks of contact."""
    road = await _kept(tx, member)
    if road.stage in OF_CONTACT and (await settings.load(tx, member)).court_order:
        return Road(Stage.SPACE, road.whom)
    return road


async def set_whom(ctx: Context, whom: Whom) -> None:
    """Note whom the road is for."""
    await _keep(ctx, Road((await _kept(ctx.tx, ctx.me)).stage, whom))


async def _moved(ctx: Context, to: Stage) -> Reply:
    aside = to in SET_ASIDE and await streaks.set_aside(ctx)
    await _keep(ctx, Road(to, (await _kept(ctx.tx, ctx.me)).whom))
    text = ctx.t("moved-aside" if aside else "moved", stage=ctx.t(f"name-{to}"))
    return Reply(text, ((Button(ctx.t("thought"), "advice"), Button(ctx.t("days"), "streak")),), edit=True)


async def _barred(ctx: Context, to: Stage) -> bool:
    return to in OF_CONTACT and (await settings.load(ctx.tx, ctx.me)).court_order


def _court_order(ctx: Context) -> Reply:
    return Reply(ctx.t("court-order"), ((crisis.button(ctx.t),),), edit=True)


async def _kept(tx: Tx, member: Member) -> Road:
    row = await tx.row(roads, roads.c.member == member.id)
    return Road(Stage(row["road"]["stage"]), Whom(row["road"]["whom"])) if row else Road()


async def _keep(ctx: Context, road: Road) -> None:
    await ctx.tx.upsert(roads, member=ctx.me.id, road={"stage": road.stage, "whom": road.whom})
