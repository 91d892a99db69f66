"""What is kept of what members read, and what is counted of the pieces."""

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Integer, String

from bot.cog import Cog, Stats, Work
from bot.people import Member, members
from bot.store import ID, Holds, Row, Sealed, Tx
from cogs.advice import whose

SIZE = 4096  # bytes: how much somebody has read, and said of it, is not told by the length
HARD = 5  # dates at most that are hard for somebody
ALWAYS = ("hour", "day", "piece", "had")  # kept even where they are as for everybody

cog = Cog("advice")

readings = cog.table(
    "readings",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("state", Sealed(SIZE), nullable=False),  # a Reading
)

feedback = cog.table(
    "feedback",
    Column("piece", String(64), primary_key=True),
    Column("given", Integer, nullable=False, default=0),  # how often, to members
    Column("helped", Integer, nullable=False, default=0),
    Column("not_for_me", Integer, nullable=False, default=0),
    holds=Holds.NOTHING,
)


class Felt(StrEnum):
    """What a member says of a piece."""

    HELPED = "helped"
    NOT = "not"


COUNTED = {Felt.HELPED: "helped", Felt.NOT: "not_for_me"}


@dataclass(frozen=True)
class Reading:
    """What a member reads, and when it comes.

    `hour` is that of the daily piece, or None; `weekday` (Monday is 0) where it comes once a week; `keeps` says that
    they answered that it is to come each day, and are not asked again. `at` is the instant it is planned for, `on` the
    date of that, by the clock they had then; `given` the date of the last that was sent, `log` what came of the last
    dates (an Outcome, or a Fate).

    `seen` is the last day of use that was known at the last piece, `silent` how many pieces came on later days, `slow`
    the weekday on which it comes because of that, `told` the date and the Step that was said last (and the hour at
    which it came, where it ended with that).

    `day` is the member's day, `piece` what is today's, `brought` by the daily piece or not, `opened` on demand or not,
    `met` the moments that it was chosen in, `more` what they had besides on that day. `had` is what they had in the
    cycle of each stage, `ended` the cycle that the last piece ended by beginning the next, `felt` what they said of
    pieces, `milestone` the one told last, `hard` the dates that are hard for them ("03-14").
    """

    hour: int | None = None
    day: str | None = None
    piece: str | None = None
    had: list[str] = field(default_factory=list[str])
    ended: list[str] = field(default_factory=list[str])
    weekday: int | None = None
    keeps: bool = False
    at: str | None = None
    on: str | None = None
    given: str | None = None
    log: dict[str, str] = field(default_factory=dict[str, str])
    seen: str | None = None
    silent: int = 0
    slow: int | None = None
    told: list[str] = field(default_factory=list[str])
    brought: bool = False
    opened: bool = False
    met: list[str] = field(default_factory=list[str])
    more: list[str] = field(default_factory=list[str])
    felt: dict[str, str] = field(default_factory=dict[str, str])
    milestone: list[str | int] = field(default_factory=list[str | int])
    hard: list[str] = field(default_factory=list[str])

    @property
    def last_given(self) -> date | None:
        """The date of the last piece that was sent by itself."""
        return date.fromisoformat(self.given) if self.given else None


USUAL = asdict(Reading())


async def load(tx: Tx, member: Member) -> Reading:
    """Return what a member reads."""
    row = await tx.row(readings, member=member.id)
    return Reading(**row["state"]) if row else Reading()


async def keep(tx: Tx, member: Member, reading: Reading) -> None:
    """Keep what a member reads."""
    state: Row = {name: value for name, value in asdict(reading).items() if name in ALWAYS or value != USUAL[name]}
    await tx.upsert(readings, member=member.id, state=state)


@cog.merges(readings)
def merged(mine: Row, theirs: Row) -> Row:
    """What either has had, and said of it, is theirs; it comes at their own hour and on their own days, or else at the
    other's. Whoever answered on either side that it is to come each day is not asked again: it is one person.
    """
    mine, theirs = mine["state"], theirs["state"]
    had, hard = ([*dict.fromkeys([*mine.get(name, []), *theirs.get(name, [])])] for name in ("had", "hard"))
    said = {"hard": hard[:HARD], "felt": theirs.get("felt", {}) | mine.get("felt", {})}
    comes = {name: theirs[name] for name in ("hour", "weekday") if mine.get("hour") is None and name in theirs}
    state = mine | {"had": had} | {name: value for name, value in said.items() if value} | comes
    each_day = state.get("weekday") is None and (mine.get("keeps") or theirs.get("keeps"))
    return {"state": state | ({"keeps": True} if each_day else {})}


async def count(tx: Tx, piece: str, **by: int) -> None:
    """Add to what is counted of a piece: `given`, `helped`, `not_for_me`. Nothing of it says who."""
    await tx.add(feedback, {"piece": piece}, **by)


@cog.stats
async def stats(work: Work) -> Stats:
    """Return of each piece how often it was given, and what was said of it; where there are several decks, in which."""
    say = work.texts.speaker(None, "advice")
    pieces = sorted(await work.tx.rows(feedback), key=lambda row: (-row["given"], row["piece"]))
    names = ("piece", "given", "helped", "not_for_me")
    if not whose.are_several(work):
        return Stats(say("stats"), tuple(say(f"stats-{name}") for name in names), [_counts(row) for row in pieces])
    decks = whose.decks_with(work)
    head = tuple(say(f"stats-{name}") for name in (*names, "deck"))
    return Stats(say("stats"), head, [(*_counts(row), ", ".join(decks.get(row["piece"], ()))) for row in pieces])


def _counts(row: Row) -> tuple[str | int, ...]:
    return row["piece"], row["given"], row["helped"], row["not_for_me"]
