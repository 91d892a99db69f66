"""Whose deck is which: what a community has chosen, and so what its members read. Every deck has been read by then."""

from pathlib import Path

from bot import communities
from bot.cog import Context, Work
from bot.communities import Community
from bot.people import Member
from cogs.advice import source
from cogs.advice.deck import Piece, load

USUAL = "-"  # stands for the deck that is usual, among the names of the others: none of those begins so


def are_several(work: Work) -> bool:
    """Tell whether there is more than one deck."""
    return any(deck != work.deck for deck in work.decks.values())


def choices(work: Work) -> dict[str, str]:
    """Return what every deck is called, each once, by what `named` takes; the usual one is first."""
    others = [name for name, deck in work.decks.items() if deck != work.deck]
    return {USUAL: title(work, None)} | {name: title(work, name) for name in others}


def title(work: Work, chosen: str | None) -> str:
    """Return what the deck is called that a community reads which has chosen this one, or none."""
    return source.load(_deck(work, chosen)).name


def named(work: Work, choice: str) -> str | None:
    """Return what a community keeps that chose one of `choices`. Raises LookupError where there is no such deck."""
    if choice != USUAL and choice not in work.decks:
        raise LookupError("no such deck")
    return None if choice == USUAL else choice


def is_gone(work: Work, community: Community) -> bool:
    """Tell whether the deck that a community has chosen is there no more: the usual one is read then."""
    return community.deck is not None and community.deck not in work.decks


def of_community(work: Work, community: Community) -> Path:
    """Return the deck of a community: what it has chosen, where that is there, else the usual one."""
    return _deck(work, community.deck)


async def of_member(work: Work, member: Member) -> Path:
    """Return the deck that a member reads: that of all their communities, else the usual one."""
    if not are_several(work):
        return work.deck
    found = {_deck(work, name) for name in await communities.decks_of(work.tx, member.id)}
    return found.pop() if len(found) == 1 else work.deck


async def pieces_of(work: Work, member: Member) -> tuple[Piece, ...]:
    """Return the pieces of the deck that a member reads."""
    return load(await of_member(work, member))


async def known(work: Work, member: Member, id: str) -> Piece | None:
    """Return the piece of that id in the deck that a member reads, else in any: they may have had it before another
    deck was chosen. None where it is in none.
    """
    decks = dict.fromkeys([await of_member(work, member), work.deck, *work.decks.values()])
    return next((piece for deck in decks for piece in load(deck) if piece.id == id), None)


def decks_with(work: Work) -> dict[str, list[str]]:
    """Return what the decks are called that each piece is in, by its id."""
    found: dict[str, list[str]] = {}
    for deck in dict.fromkeys([work.deck, *work.decks.values()]):
        for piece in load(deck):
            found.setdefault(piece.id, []).append(source.load(deck).name)
    return found


async def about(ctx: Context) -> list[Path]:
    """Return the decks that apply to who calls, each once: what they read, and those of the community that the Call is
    about, or of all theirs.
    """
    if not are_several(ctx):
        return [ctx.deck]
    read = [await of_member(ctx, ctx.member)] if ctx.member else []
    there = [of_community(ctx, each) for each in await ctx.communities()]
    return list(dict.fromkeys([*read, *there])) or [ctx.deck]


def _deck(work: Work, name: str | None) -> Path:
    return work.deck if name is None else work.decks.get(name, work.deck)
