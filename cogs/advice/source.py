"""What a deck is: deck.toml in its folder says whom to credit, what its pieces may carry, and how many it wants."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.content import NotToml, Remark, tables
from bot.errors import DeclarationError
from cogs.advice.deck import SOURCE
from cogs.stage import Stage, Whom

CREDIT = 1000  # characters: a message has to hold it, with what stands around it


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wanted(_Strict):
    """How many pieces of these stages together somebody may read at least, those for anybody among them."""

    stages: tuple[Stage, ...]
    whom: Whom = Field(alias="for")
    least: int = Field(ge=1)


class OfStage(_Strict):
    """How many pieces a stage wants at least, and for whom alone it is."""

    least: int = Field(1, ge=1)
    only_for: Whom | None = None


class Source(_Strict):
    """A deck as its deck.toml has it. `teachings` is what its pieces carry: a number, and a few words on it.

    `carried` is by how many pieces each is to be carried at least, `heavy` those that are hard to hear, `only_for` whom
    alone some are for; a letter there stands for every teaching that begins with it.
    """

    name: str = Field(min_length=1, max_length=100)
    credit: str = Field(min_length=1, max_length=CREDIT)
    teachings: dict[str, Annotated[str, Field(max_length=60)]] = Field(min_length=1)
    carried: int = Field(1, ge=1)
    heavy: tuple[str, ...] = ()
    only_for: dict[Whom, tuple[str, ...]] = {}
    stages: dict[Stage, OfStage] = {}
    wanted: tuple[Wanted, ...] = ()

    def whom(self, teaching: str) -> Whom | None:
        """Return for whom alone a teaching is, or None."""
        return next((whom for whom, those in self.only_for.items() if {teaching, teaching[:1]} & set(those)), None)


@cache
def load(folder: Path) -> Source:
    """Return what a deck is, read once. Raises DeclarationError, by file and line, where that is not to be made out."""
    source, wrong = examine(folder)
    if source is None:
        raise DeclarationError("\n".join(map(str, wrong)))
    return source


def examine(folder: Path) -> tuple[Source | None, list[Remark]]:
    """Return what a deck is, or None and why its deck.toml does not say."""
    file = folder / SOURCE
    try:
        source = Source.model_validate(tables(file)[0].values)
        wrong = [Remark(file, line_of(file, path), what) for path, what in _strangers(source)]
        return (None, wrong) if wrong else (source, [])
    except NotToml as error:
        return None, [error.remark]
    except ValidationError as error:
        found = [(each["loc"], each["msg"]) for each in error.errors(include_url=False, include_input=False)]
        return None, [Remark(file, line_of(file, loc), f"{'.'.join(map(str, loc))}: {what}") for loc, what in found]


def _strangers(source: Source) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield where a deck speaks of teachings that it has not."""
    known = source.teachings.keys() | {each[:1] for each in source.teachings}
    for path, those in ((("heavy",), source.heavy), *((("only_for", w), t) for w, t in source.only_for.items())):
        for teaching in those:
            if teaching not in known:
                yield path, f"{'.'.join(path)}: there is no teaching {teaching}"


def namesakes(decks: Iterable[Path]) -> Iterator[Remark]:
    """Yield where a deck is called as an earlier one is: whoever chooses one of them tells them apart by that."""
    first: dict[str, Path] = {}
    for deck in decks:
        source, _ = examine(deck)
        if source and (before := first.setdefault(source.name.casefold(), deck)) is not deck:
            file = deck / SOURCE
            yield Remark(file, line_of(file, ("name",)), f"{before / SOURCE} is called {source.name} already")


def line_of(file: Path, path: Sequence[str | int]) -> int:
    """Return the line of what `path` leads to in a TOML file, or of the nearest that is there around it."""
    found, line, nth = tables(file), 1, 0
    for depth, part in enumerate(path):
        if isinstance(part, int):
            nth = part
        before = ".".join(each for each in path[:depth] if isinstance(each, str))
        these = [table for table in found if table.name == before]
        if these:
            line = these[min(nth, len(these) - 1)].at(str(part))
    return line
