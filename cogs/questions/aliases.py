"""Names of two words under which questions stand at the desk, from content/<locale>/aliases.toml."""

import random
import tomllib
from collections.abc import Collection
from functools import cache

from bot.texts import CONTENT, DEFAULT

FILE = "aliases.toml"
TRIES = 32  # beyond which it is quicker to look at all that are left


@cache
def names(locale: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the first and the second words of the names of a language, or of English where it has none."""
    file = CONTENT / locale / FILE
    read = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if "desk" not in read:
        read = tomllib.loads((CONTENT / DEFAULT / FILE).read_text(encoding="utf-8"))
    return tuple(read["desk"]["first"]), tuple(read["desk"]["second"])


def pick(dice: random.Random, taken: Collection[str], locale: str = DEFAULT) -> str:
    """Return a name that is not in `taken`, each of those left as likely as any other.

    `taken` are those that stand at the desk and those that the asker had. Where every name is taken, another first word
    comes before it, as often as is needed. `dice` has to be one that nobody can foresee.
    """
    first, second = names(locale)
    taken = frozenset(taken)
    for _ in range(TRIES):
        name = f"{dice.choice(first)} {dice.choice(second)}"
        if name not in taken:
            return name
    left = [name for one in first for two in second if (name := f"{one} {two}") not in taken]
    if left:
        return dice.choice(left)
    while name in taken:  # pyright: ignore[reportPossiblyUnbound]
        name = f"{dice.choice(first)} {name}"
    return name
