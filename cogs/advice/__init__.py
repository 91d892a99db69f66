"""One piece of advice a day: on demand, and by DM at the member's own hour. Where all read it: cogs/posts."""

from collections.abc import Sequence
from pathlib import Path

from bot.errors import DeclarationError
from cogs.advice import hard, proof, rhythm, source, store, today, whose
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
    "read_decks",
    "readings",
    "rhythm",
    "set_daily",
    "store",
    "text_of",
    "today",
    "whose",
]

cog.checks(proof.check)
cog.shows(proof.show)
cog.covers(proof.coverage)
cog.samples(proof.samples)


@cog.loads
def read_decks(decks: Sequence[Path]) -> None:
    """Read the decks. Raises DeclarationError where one is not right: better now than to whoever asks for advice."""
    wrong: list[str] = []
    for deck in decks:
        for read in (load, source.load):
            try:
                read(deck)
            except DeclarationError as error:
                wrong.append(str(error))
    wrong += map(str, [] if wrong else source.namesakes(decks))
    if wrong:
        raise DeclarationError("\n".join(wrong))
