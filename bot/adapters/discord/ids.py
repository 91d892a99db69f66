"""What Discord asks of ids: in one message no two may be alike ("Component custom id cannot be duplicated")."""

import re
from collections.abc import Iterable, Iterator
from itertools import count


def apart(ids: Iterable[str]) -> Iterator[str]:
    """Yield the ids of one message so that no two are alike: the second of the same is "2|" and the id, and so on."""
    seen: dict[str, Iterator[int]] = {}
    for id in ids:
        number = next(seen.setdefault(id, count(1)))
        yield id if number == 1 else f"{number}|{id}"


def plain(custom_id: str) -> str:
    """Return the id that `apart` was given."""
    return re.sub(r"^\d+\|", "", custom_id)
