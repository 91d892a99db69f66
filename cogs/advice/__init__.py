"""One piece of advice a day: on demand, and by DM at the member's own hour. Where all read it: cogs/posts."""

from bot.cog import Work
from cogs.advice import hard, proof, rhythm, source, store, today
from cogs.advice.deck import Piece, load
from cogs.advice.drop import DROP, GRACE, OFF, daily, plan, set_daily
from cogs.advice.store import cog, feedback, readings
from cogs.advice.today import text_of

__all__ = [
    "DROP",
    "GRACE",
    "OFF",
    "Piece",
    "cog",
    "daily",
    "feedback",
    "hard",
    "load",
    "plan",
    "read_deck",
    "readings",
    "rhythm",
    "set_daily",
    "store",
    "text_of",
    "today",
]

cog.checks(proof.check)
cog.shows(proof.show)
cog.covers(proof.coverage)
cog.samples(proof.samples)


@cog.start
async def read_deck(work: Work) -> None:
    """Read the deck. Raises DeclarationError where it is not right: better now than to whoever asks for advice."""
    load(work.deck)
    source.load(work.deck)
