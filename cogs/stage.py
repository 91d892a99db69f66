"""Where a member stands on the article's road, and whom the road is for: what advice is drawn for."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, ForeignKey

from bot.cog import Cog, Context
from bot.model import Button, Menu, Option, Reply
from bot.people import Member, members
from bot.store import ID, Sealed, Tx

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
    """Move to a stage. "They reached out" asks first what it was: most of what they do is not that."""
    if to is not Stage.REACHED_OUT:
        return await _moved(ctx, to)
    choices = (
        (Button(ctx.t("about-us"), "stage.about_us"),),
        (Button(ctx.t("something-smaller"), "stage.smaller"),),
    )
    return Reply(ctx.t("what-was-it"), choices, edit=True)


@cog.action("about_us")
async def about_us(ctx: Context) -> Reply:
    """They said, unasked, that they want to talk about the two of them."""
    return await _moved(ctx, Stage.REACHED_OUT)


@cog.action("smaller", writes=False)
async def smaller(ctx: Context) -> Reply:
    """A practical message, a like or a birthday wish moves nobody."""
    return Reply(ctx.t("stay"), edit=True)


async def load(tx: Tx, member: Member) -> Road:
    """Return where the member stands."""
    row = await tx.row(roads, roads.c.member == member.id)
    return Road(Stage(row["road"]["stage"]), Whom(row["road"]["whom"])) if row else Road()


async def set_whom(ctx: Context, whom: Whom) -> None:
    """Note whom the road is for."""
    await _keep(ctx, Road((await load(ctx.tx, ctx.me)).stage, whom))


async def _moved(ctx: Context, to: Stage) -> Reply:
    await _keep(ctx, Road(to, (await load(ctx.tx, ctx.me)).whom))
    return Reply(ctx.t("moved", stage=ctx.t(f"name-{to}")), ((Button(ctx.t("thought"), "advice"),),), edit=True)


async def _keep(ctx: Context, road: Road) -> None:
    await ctx.tx.upsert(roads, member=ctx.me.id, road={"stage": road.stage, "whom": road.whom})
