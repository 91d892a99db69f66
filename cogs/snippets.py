"""Passages that the coaches of a community have ready, and what the deck teaches: found by word, to put into an answer.

A passage belongs to the desk; who wrote it is not kept. It is sealed, so it is searched as it is read: there are few.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from rapidfuzz import fuzz, process
from sqlalchemy import Column, ColumnElement, ForeignKey, func, select

from bot import communities
from bot.cog import Answer, Arg, Cog, Context, Work
from bot.communities import Community
from bot.errors import UserError
from bot.model import MENU_LABEL, Button, Field, Form, Menu, Option, Reply, Role, Row
from bot.search import WORD, telling
from bot.store import ID, Holds, Sealed, new_id
from bot.store import Row as Kept
from cogs.advice import whose
from cogs.advice.deck import load

TITLE, LENGTH = 60, 2000
MOST = 200  # of a community: so many are opened in a few milliseconds
SHOWN = 10  # at once
TYPED = 100
WORDS = 8  # of what was typed that are looked for
NEAR = 85  # of 100: how alike two words are of which one is mistyped, or spelt in another country's way
LONG = 5  # letters from which on that is looked at
TEACHING = "t-"  # what the ids of teachings begin with

cog = Cog("snippets")

passages = cog.table(
    "snippets",
    Column("id", ID, primary_key=True),
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("passage", Sealed(1024), nullable=False),  # title and text
    holds=Holds.NOTHING,  # the desk's; nobody's that could be told
)


@dataclass(frozen=True)
class Passage:
    """What can be put into an answer: written by coaches, or a teaching of the deck. An id has at most 16 characters.

    `named` and `said` are the words of title and text.
    """

    id: str
    title: str
    text: str
    named: frozenset[str]
    said: frozenset[str]

    @property
    def taught(self) -> bool:
        """Whether it is a teaching."""
        return self.id.startswith(TEACHING)


async def found(ctx: Context, words: str) -> list[tuple[str, str, str]]:
    """Return the passages of this desk, then the teachings, that have the words, the best first: id, title and text.

    Where none has all of them it is those that have any. Without words it is every passage, by title. A button can
    carry the id.
    """
    return [(each.id, each.title, each.text) for each in await _found(ctx, words)]


async def text_of(ctx: Context, id: str) -> str | None:
    """Return the text of a passage of this desk, or of a teaching, to put into an answer; None where it is gone."""
    passage = await _one(ctx, id)
    return passage.text if passage else None


@cog.command(private=False, access=Role.COACH, writes=False)
async def snippets(ctx: Context, words: Annotated[str | None, Arg(max=TYPED)] = None) -> Reply:
    """List the passages, or all that has these words."""
    if not words:
        return await _page(ctx, 0)
    hits = await _found(ctx, words)
    menus = _menus(ctx, [each for each in hits if not each.taught][:SHOWN], [each for each in hits if each.taught])
    return Reply(ctx.t("found" if hits else "nothing"), (*menus, _doors(ctx)))


@cog.action("page", private=False, access=Role.COACH, writes=False)
async def page(ctx: Context, number: int) -> Reply:
    """Show another part of the list."""
    return await _page(ctx, number, edit=True)


@cog.action("show", private=False, access=Role.COACH, writes=False)
async def show(ctx: Context, id: str) -> Reply:
    """Show one whole, to be copied."""
    return _shown(ctx, await _needed(ctx, id))


@cog.form("add", Field("title", max=TITLE), Field("text", long=True, max=LENGTH), private=False, access=Role.COACH)
async def add(ctx: Context, title: Annotated[str, Arg(max=TITLE)], text: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Keep another passage."""
    count = select(func.count()).select_from(passages).where(passages.c.community == ctx.here.id)
    if (await ctx.tx.execute(count)).scalar_one() >= MOST:
        raise UserError("full", most=MOST)
    id, passage = new_id(), {"title": title, "text": text}
    await ctx.tx.insert(passages, id=id, community=ctx.here.id, passage=passage)
    return _shown(ctx, _passage(id, **passage))


async def open_edit(ctx: Context) -> Answer:
    """Open the form with a passage in it."""
    kept = await _needed(ctx, ctx.call.args[0] if ctx.call.args else "")
    return Form(
        "edit",
        (Field("title", max=TITLE, value=kept.title), Field("text", long=True, max=LENGTH, value=kept.text)),
        "snippets.edit",
        (kept.id,),
    )


@cog.form("edit", private=False, access=Role.COACH, before=open_edit)
async def edit(
    ctx: Context, id: str, title: Annotated[str, Arg(max=TITLE)], text: Annotated[str, Arg(max=LENGTH)]
) -> Reply:
    """Put other words in the place of a passage."""
    passage = {"title": title, "text": text}
    if not await ctx.tx.update(passages, {"id": id}, _here(ctx), passage=passage):
        raise UserError("gone")
    return _shown(ctx, _passage(id, **passage), edit=True)


@cog.action("ask", private=False, access=Role.COACH, writes=False)
async def ask(ctx: Context, id: str) -> Reply:
    """Ask once whether a passage is to go: nobody else has it."""
    kept = await _needed(ctx, id)
    buttons = (Button(ctx.t("yes-remove"), "snippets.remove", [id]), Button(ctx.t("keep"), "snippets.keep", [id]))
    return Reply(ctx.t("sure", title=kept.title), (buttons,), edit=True)


@cog.action("keep", private=False, access=Role.COACH, writes=False)
async def keep(ctx: Context, id: str) -> Reply:
    """Leave it."""
    return _shown(ctx, await _needed(ctx, id), edit=True)


@cog.action("remove", private=False, access=Role.COACH)
async def remove(ctx: Context, id: str) -> Reply:
    """Let a passage go."""
    await ctx.tx.delete(passages, passages.c.id == id, _here(ctx))
    return Reply(ctx.t("removed"), (_doors(ctx),), edit=True)


async def hand_over(work: Work, old: Community, new: Community) -> None:
    """Let the passages of a community belong to another one, which it becomes part of."""
    await work.tx.execute(passages.update().where(passages.c.community == old.id).values(community=new.id))


async def _page(ctx: Context, number: int, *, edit: bool = False) -> Reply:
    kept = await _found(ctx, "")
    first = min(max(number, 0), max(len(kept) - 1, 0) // SHOWN) * SHOWN
    turns = [Button(ctx.t("back"), "snippets.page", [first // SHOWN - 1])] if first else []
    if len(kept) > first + SHOWN:
        turns.append(Button(ctx.t("on"), "snippets.page", [first // SHOWN + 1]))
    menus = _menus(ctx, kept[first : first + SHOWN], [])
    text = ctx.t("all", count=len(kept)) if kept else ctx.t("none-yet")
    return Reply(text, (*menus, *((tuple(turns),) if turns else ()), _doors(ctx)), edit=edit)


def _menus(ctx: Context, *kinds: list[Passage]) -> list[Row]:
    """Return a menu for the passages, and one for the teachings, where there are any."""
    rows: list[Row] = []
    for label, each in zip(("passages", "teachings"), kinds, strict=True):
        options = tuple(Option(one.id, one.title[:MENU_LABEL]) for one in each[:SHOWN])
        if options:
            rows.append((Menu(ctx.t(label), "snippets.show", options),))
    return rows


def _shown(ctx: Context, shown: Passage, *, edit: bool = False) -> Reply:
    """Return it whole; what coaches wrote can be changed."""
    change = (
        Button(ctx.t("edit"), "snippets.edit", [shown.id]),
        Button(ctx.t("remove"), "snippets.ask", [shown.id]),
    )
    rows = () if shown.taught else (change,)
    return Reply(ctx.t("one", title=shown.title, text=shown.text), rows, edit=edit)


def _doors(ctx: Context) -> Row:
    return (Button(ctx.t("add"), "snippets.add"),)


async def _needed(ctx: Context, id: str) -> Passage:
    """Return a passage or a teaching. Raises UserError where it is gone."""
    passage = await _one(ctx, id)
    if passage is None:
        raise UserError("gone")
    return passage


async def _one(ctx: Context, id: str) -> Passage | None:
    if id.startswith(TEACHING):
        return next((each for each in _taught(ctx) if each.id == id), None)
    row = await ctx.tx.row(passages, passages.c.id == id, _here(ctx))
    return _read(row) if row else None


async def _found(ctx: Context, words: str) -> list[Passage]:
    mine = [_read(row) for row in await ctx.tx.rows(passages, _here(ctx))]
    typed = telling(_folded(words))[:WORDS]
    if not typed:
        return sorted(mine, key=lambda each: (each.title.casefold(), each.id))
    return [*best(typed, mine), *best(typed, _taught(ctx))]


def best(typed: list[str], among: Sequence[Passage]) -> list[Passage]:
    """Return those that have every word that was typed, or else any, the best first; titles count more than texts."""
    known = frozenset[str]().union(*(each.named | each.said for each in among))
    meant = [(word, _meant(word, known)) for word in typed]
    scores = [(tuple(_score(*each, passage) for each in meant), passage) for passage in among]
    every = [(score, each) for score, each in scores if all(score)]
    some = every or [(score, each) for score, each in scores if any(score)]
    return [each for _, each in sorted(some, key=lambda hit: (-sum(hit[0]), hit[1].title.casefold(), hit[1].id))]


def _score(word: str, meant: frozenset[str], passage: Passage) -> int:
    if word in passage.named:
        return 4
    if meant & passage.named:
        return 3
    return 2 if word in passage.said else int(not meant.isdisjoint(passage.said))


def _meant(word: str, known: frozenset[str]) -> frozenset[str]:
    """Return the words that begin with this one, or are it but for a slip."""
    begin = {each for each in known if each.startswith(word)}
    if len(word) < LONG:
        return frozenset(begin)
    near = process.extract(word, known, scorer=fuzz.ratio, score_cutoff=NEAR, limit=None)
    return frozenset(begin | {each for each, *_ in near})


def _taught(ctx: Context) -> tuple[Passage, ...]:
    """Return what the deck of this desk's community teaches."""
    return _teachings(whose.of_community(ctx, ctx.here))


@cache
def _teachings(deck: Path) -> tuple[Passage, ...]:
    """Return the pieces of a deck as what can be quoted. Theirs are names, of which a button carries what is left."""
    return tuple(
        _passage(TEACHING + sha256(piece.id.encode()).hexdigest()[:12], piece.title, piece.body) for piece in load(deck)
    )


def _read(row: Kept) -> Passage:
    return _passage(row["id"], **row["passage"])


def _passage(id: str, title: str, text: str) -> Passage:
    named, said = (frozenset(WORD.findall(_folded(each))) for each in (title, text))
    return Passage(id, title, text, named, said)


def _folded(text: str) -> str:
    """Return `text` without case and accents."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _here(ctx: Context) -> ColumnElement[bool]:
    return passages.c.community == ctx.here.id
