"""What members chose, as it is kept."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ForeignKey

from bot.cog import Cog, Context, Work
from bot.outbox import outbox
from bot.people import Member, members
from bot.store import ID, Row, Sealed, Tx

QUIET = (22, 8)

cog = Cog("settings")

chosen = cog.table(
    "chosen",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("choices", Sealed(256), nullable=False),  # what is not as it is for everybody
)


class Shout(StrEnum):
    """Whether a milestone is told to the community, without a name."""

    ASK = "ask"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class Choices:
    """What a member chose.

    `paused`: nothing comes unasked. `silent`: contacts alone are logged, no check-ins, no reminders. `discreet`: what
    comes shows nothing of itself until it is tapped. `not_checking`: looking at their profile is counted apart.
    `court_order`: there is one, and it outranks every stage. `urge_wait`: minutes until the bot comes back.
    `quiet_from` and `quiet_until`: the hours of their clock between which nothing unasked comes. `country` and
    `region`, as content/crisis.toml has them, or "": for help lines and nothing else. `shout`: a `Shout`.
    """

    paused: bool = False
    silent: bool = False
    discreet: bool = False
    not_checking: bool = False
    court_order: bool = False
    urge_wait: int = 20
    quiet_from: int = QUIET[0]
    quiet_until: int = QUIET[1]
    country: str = ""
    region: str = ""
    shout: str = Shout.ASK

    def is_quiet(self, hour: int) -> bool:
        """Tell whether `hour` (0 to 23) of the member's clock is among the quiet ones."""
        return (hour - self.quiet_from) % 24 < (self.quiet_until - self.quiet_from) % 24


async def load(tx: Tx, member: Member) -> Choices:
    """Return what a member chose."""
    row = await tx.row(chosen, member=member.id)
    return Choices(**row["choices"]) if row else Choices()


CAREFUL = ("paused", "silent", "discreet", "court_order")  # what either side of a member has chosen stays chosen


@cog.merges(chosen)
def merged(mine: Row, theirs: Row) -> Row:
    """What is more careful wins; the country is the other's where there is none; for the rest theirs counts first."""
    kept, other = mine["choices"], theirs["choices"]
    careful = {name: True for name in CAREFUL if kept.get(name) or other.get(name)}
    country = {} if "country" in kept else {name: other[name] for name in ("country", "region") if name in other}
    told = min(
        (each.get("shout", Shout.ASK) for each in (kept, other)), key=[Shout.NEVER, Shout.ASK, Shout.ALWAYS].index
    )
    shout = {} if told == Shout.ASK else {"shout": told}
    return {"choices": {name: value for name, value in kept.items() if name != "shout"} | country | careful | shout}


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Where either has paused, nothing that is on its way unasked goes out."""
    if any([(await load(work.tx, each)).paused for each in (kept, gone)]):
        await work.drop_unasked(outbox.c.member == kept.id, "paused")
    await work.drop_unasked(outbox.c.member == gone.id, "unreachable")


async def change(ctx: Context, **changed: Any) -> Choices:
    """Change what is given of the choices of the member who calls; return them all."""
    now, usual = replace(await load(ctx.tx, ctx.me), **changed), asdict(Choices())
    kept = {name: value for name, value in asdict(now).items() if value != usual[name]}
    await ctx.tx.upsert(chosen, member=ctx.me.id, choices=kept)
    return now
