"""Where a member stands on the article's road, and whom the road is for: what advice is drawn for."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ForeignKey

from bot.cog import Cog, Context
from bot.model import Button, Menu, Option, Reply
from bot.people import Member, members
from bot.store import ID, Sealed, Tx, new_id
from cogs import crisis, settings, streaks
from cogs.streaks import Turn

cog = Cog("stage")

roads = cog.table(
    "roads",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("road", Sealed(512), nullable=False),  # stage, whom, the last move so that it can be undone
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
NO_TURN = Turn()


@dataclass(frozen=True)
class Move:
    """The last move: where from, when, and what it changed in the ledger. `id` comes with its Undo."""

    id: str
    stage: Stage
    at: datetime
    turn: Turn


@dataclass(frozen=True)
class Road:
    """Where a member stands. Until they say, it is the stage in which no contact begins."""

    stage: Stage = Stage.SPACE
    whom: Whom = Whom.ANY
    last: Move | None = field(default=None, compare=False)


@cog.command(writes=False)
async def stage(ctx: Context) -> Reply:
    """Show where the member stands and whom the road is for, and let them change both."""
    road = await load(ctx.tx, ctx.me)
    stages = tuple(Option(each, ctx.t(f"is-{each}")) for each in Stage)
    whose = tuple(Option(each, ctx.t(f"whom-{each}")) for each in Whom)
    menus = ((Menu(ctx.t("move"), "stage.set", stages),), (Menu(ctx.t("change-whom"), "stage.whom", whose),))
    return Reply(ctx.t("here", stage=ctx.t(f"name-{road.stage}"), whom=road.whom), menus)


@cog.action("whom")
async def change_whom(ctx: Context, whom: Whom) -> Reply:
    """Change whom the road is for."""
    await set_whom(ctx, whom)
    return replace(await stage(ctx), edit=True)


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
    return await _moved(ctx, to, await streaks.start_again(ctx))


@cog.action("undo")
async def undo(ctx: Context, move: str) -> Reply:
    """Have the stage and the ledger as they were before the last move; once, and for a day."""
    road = await _kept(ctx.tx, ctx.me)
    last = _undoable(ctx, road)
    if last is None or last.id != move:
        return Reply(ctx.t("undone-before", stage=await _name(ctx)), (_doors(ctx),), edit=True)
    if await _barred(ctx, last.stage):
        return _court_order(ctx)
    await streaks.turn_back(ctx, last.turn)
    await _keep(ctx, Road(last.stage, road.whom))
    return Reply(ctx.t("undone", stage=await _name(ctx)), (_doors(ctx),), edit=True)


@cog.action("stay", writes=False)
async def stay(ctx: Context) -> Reply:
    """Leave it as it is."""
    return Reply(ctx.t("stayed"), edit=True)


async def load(tx: Tx, member: Member) -> Road:
    """Return where the member stands. A court order outranks every stage that speaks of contact."""
    road = await _kept(tx, member)
    if road.stage in OF_CONTACT and (await settings.load(tx, member)).court_order:
        return replace(road, stage=Stage.SPACE)
    return road


async def set_whom(ctx: Context, whom: Whom) -> None:
    """Note whom the road is for."""
    await _keep(ctx, replace(await _kept(ctx.tx, ctx.me), whom=whom))


async def _moved(ctx: Context, to: Stage, turn: Turn = NO_TURN) -> Reply:
    if to in SET_ASIDE:
        turn = await streaks.set_aside(ctx)
    road = await _kept(ctx.tx, ctx.me)
    if (to, turn) != (road.stage, NO_TURN):  # a second tap leaves the first one's Undo as it is
        road = Road(to, road.whom, Move(new_id(), road.stage, ctx.now, turn))
        await _keep(ctx, road)
    aside = to in SET_ASIDE and turn != NO_TURN
    text = ctx.t("moved-aside" if aside else "moved", stage=ctx.t(f"name-{to}"))
    last = _undoable(ctx, road)
    back = (Button(ctx.t("undo"), "stage.undo", [last.id]),) if last else ()
    return Reply(text, ((*_doors(ctx), *back),), edit=True)


def _doors(ctx: Context) -> tuple[Button, ...]:
    return (Button(ctx.t("thought"), "advice"), Button(ctx.t("days"), "streak"))


def _undoable(ctx: Context, road: Road) -> Move | None:
    return road.last if road.last and ctx.now - road.last.at < streaks.KEPT else None


async def _name(ctx: Context) -> str:
    return ctx.t(f"stage.name-{(await load(ctx.tx, ctx.me)).stage}")


async def _barred(ctx: Context, to: Stage) -> bool:
    return to in OF_CONTACT and (await settings.load(ctx.tx, ctx.me)).court_order


def _court_order(ctx: Context) -> Reply:
    return Reply(ctx.t("court-order"), ((crisis.button(ctx.t),),), edit=True)


async def _kept(tx: Tx, member: Member) -> Road:
    row = await tx.row(roads, member=member.id)
    if row is None:
        return Road()
    road: dict[str, Any] = row["road"]
    return Road(Stage(road["stage"]), Whom(road["whom"]), _move(road["last"]) if "last" in road else None)


async def _keep(ctx: Context, road: Road) -> None:
    kept: dict[str, Any] = {"stage": road.stage, "whom": road.whom}
    if road.last is not None:
        kept["last"] = asdict(road.last) | {"at": road.last.at.isoformat()}
    await ctx.tx.upsert(roads, member=ctx.me.id, road=kept)


def _move(kept: dict[str, Any]) -> Move:
    turn = Turn(*(tuple(kept["turn"][name]) for name in ("wrote", "took_out")))
    return Move(kept["id"], Stage(kept["stage"]), datetime.fromisoformat(kept["at"]), turn)
