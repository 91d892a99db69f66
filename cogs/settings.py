"""What a member chose: what comes unasked, what is counted, what outranks everything; and the pause."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ForeignKey

from bot.cog import Cog, Context
from bot.errors import UserError
from bot.model import Button, Menu, Option, Reply, Row
from bot.outbox import outbox
from bot.people import Member, members
from bot.store import ID, Sealed, Tx

WAITS = (5, 10, 20, 30, 45, 60)  # minutes

cog = Cog("settings")

chosen = cog.table(
    "chosen",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("choices", Sealed(256), nullable=False),
)


@dataclass(frozen=True)
class Choices:
    """What a member chose. `paused`: nothing comes unasked; `not_checking`: looking at their profile is counted apart;
    `court_order`: there is one, and it outranks every stage; `urge_wait`: minutes until the bot comes back.
    """

    paused: bool = False
    not_checking: bool = False
    court_order: bool = False
    urge_wait: int = 20  # minutes


class Change(StrEnum):
    """What can be switched."""

    NOT_CHECKING_ON = "not_checking_on"
    NOT_CHECKING_OFF = "not_checking_off"
    COURT_ORDER_ON = "court_order_on"
    COURT_ORDER_OFF = "court_order_off"


@cog.command(writes=False)
async def settings(ctx: Context) -> Reply:
    """Show what stands, and switch one thing."""
    return _shown(ctx, await load(ctx.tx, ctx.me))


@cog.action("switch")
async def switch(ctx: Context, what: Change) -> Reply:
    """Switch one thing."""
    name, _, on = what.rpartition("_")
    return replace(_shown(ctx, await _change(ctx, **{name: on == "on"})), edit=True)


@cog.action("wait")
async def wait(ctx: Context, minutes: int) -> Reply:
    """Choose how long an urge is waited out."""
    if minutes not in WAITS:
        raise UserError("core.unknown-command")
    return replace(_shown(ctx, await _change(ctx, urge_wait=minutes)), edit=True)


@cog.command()
async def pause(ctx: Context) -> Reply:
    """Let nothing come unasked any more, until it is resumed."""
    await _change(ctx, paused=True)
    await ctx.outbox.drop_unasked(outbox.c.member == ctx.me.id)
    return Reply(ctx.t("paused"), ((Button(ctx.t("go-on"), "resume"),),))


@cog.command()
async def resume(ctx: Context) -> Reply:
    """Let it come again."""
    await _change(ctx, paused=False)
    return Reply(ctx.t("resumed"), edit=True)


async def load(tx: Tx, member: Member) -> Choices:
    """Return what a member chose."""
    row = await tx.row(chosen, chosen.c.member == member.id)
    return Choices(**row["choices"]) if row else Choices()


async def _change(ctx: Context, **changed: Any) -> Choices:
    now = replace(await load(ctx.tx, ctx.me), **changed)
    await ctx.tx.upsert(chosen, member=ctx.me.id, choices=asdict(now))
    return now


def _shown(ctx: Context, now: Choices) -> Reply:
    on = {name: "yes" if getattr(now, name) else "no" for name in ("paused", "not_checking", "court_order")}
    lines = [*(ctx.t(f"is-{name}", on=each) for name, each in on.items()), ctx.t("is-wait", minutes=now.urge_wait)]
    switches = [f"{name}_{'off' if on[name] == 'yes' else 'on'}" for name in ("not_checking", "court_order")]
    options = tuple(Option(each, ctx.t(each)) for each in switches)
    pause = Button(ctx.t("go-on"), "resume") if now.paused else Button(ctx.t("stop-all"), "pause")
    zone = Button(ctx.t("change-zone"), "zone")
    waits = tuple(Option(str(each), ctx.t("minutes", minutes=each)) for each in WAITS)
    menus: tuple[Row, ...] = (
        (Menu(ctx.t("change"), "settings.switch", options),),
        (Menu(ctx.t("change-wait"), "settings.wait", waits),),
    )
    return Reply("\n".join(lines), (*menus, (pause, zone)))
