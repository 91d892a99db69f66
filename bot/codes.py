"""One-time codes that somebody reads in one place and types in another; only a keyed hash of one is kept."""

import re
import secrets
from datetime import datetime, timedelta

LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"  # none that looks like another, no words by chance
LENGTH = 8
CODE = re.compile(f"[{LETTERS}]{{{LENGTH}}}")
WITHIN = timedelta(hours=1)


def new() -> str:
    """Return a code that nobody guesses: one of 28^8."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read(text: str) -> str | None:
    """Return the code in what somebody typed, in capitals and without spaces; None where it cannot be one."""
    typed = "".join(text.split()).upper()
    return typed if CODE.fullmatch(typed) else None


class Tries:
    """How many wrong codes each account has typed within the hour.

    In memory: who has not joined leaves no row, an error undoes what its transaction wrote, and with so many codes it
    is no more than a second fence.
    """

    def __init__(self) -> None:
        self._wrong: dict[bytes, list[datetime]] = {}

    def wrong(self, who: bytes, now: datetime) -> int:
        """Return how many wrong ones `who`, a blind index, has typed within the hour before `now`."""
        self._wrong = {
            each: kept for each, at in self._wrong.items() if (kept := [one for one in at if one > now - WITHIN])
        }
        return len(self._wrong.get(who, ()))

    def add(self, who: bytes, now: datetime) -> None:
        """Note a wrong one."""
        self._wrong.setdefault(who, []).append(now)
