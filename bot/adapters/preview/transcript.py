"""What each place of the preview shows, and to whom. In memory only, and pure: no clock, no web."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.model import File, Place, Ref, Reply, Row

KEEP = 500  # entries a channel: enough to look back on, small enough to forget about
NONCES = 5000  # the outbox tries a row again within hours, never thousands of rows later


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, or (`heading`) the opening of a thread, whose id is the thread's.

    `by` is the account that said it, or "" for Unsent; `only` the one account that sees it, or None for all.
    """

    id: str
    place: Place
    at: datetime
    by: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    rows: tuple[Row, ...] = ()
    files: tuple[File, ...] = ()
    only: str | None = field(default=None, repr=False)
    edited: bool = False
    heading: bool = False

    @property
    def ref(self) -> Ref:
        """Where it can be found again."""
        return Ref(self.place, self.id)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it stands in a pane: `day` is set on the first of a day, `under` are a thread's messages."""

    entry: Entry
    day: date | None
    under: tuple[Entry, ...] = ()


class Transcript:
    """What was said in `places`, the newest `keep` entries of each.

    `version` grows with every change, so that a page can ask what changed since it last looked.
    """

    def __init__(self, places: Iterable[Place], keep: int = KEEP) -> None:
        self.version = 0
        self._places = frozenset(places)
        self._keep = keep
        self._entries: dict[str, list[Entry]] = {place.channel: [] for place in self._places}
        self._changed: dict[str, int] = {}
        self._nonces: dict[str, Ref] = {}

    def knows(self, place: Place) -> bool:
        """Tell whether `place` is one of ours, its thread included."""
        if replace(place, thread=None) not in self._places:
            return False
        return place.thread is None or any(e.heading and e.id == place.thread for e in self._entries[place.channel])

    def holds(self, ref: Ref) -> bool:
        """Tell whether a message is still there."""
        return _index(self._entries.get(ref.place.channel, []), ref) is not None

    def heard(self, place: Place, at: datetime, by: str, text: str, only: str | None = None) -> Entry:
        """Add what a person said. `place` must be one that `knows` says yes to."""
        return self._add(Entry(_new_id(), place, at, by, text, only=only))

    def post(self, place: Place, at: datetime, reply: Reply, only: str | None = None) -> Entry:
        """Add what Unsent says. `place` must be one that `knows` says yes to."""
        return self._add(Entry(_new_id(), place, at, text=reply.text, rows=reply.rows, files=reply.files, only=only))

    def once(self, nonce: str, place: Place, at: datetime, reply: Reply) -> Ref:
        """Add what Unsent says, or find what was added under the same `nonce`."""
        if nonce not in self._nonces:
            self._nonces[nonce] = self.post(place, at, reply).ref
            if len(self._nonces) > NONCES:
                del self._nonces[next(iter(self._nonces))]
        return self._nonces[nonce]

    def open_thread(self, place: Place, at: datetime, name: str, on: Ref | None) -> Ref:
        """Open a thread in `place`, below the message `on` where that is there. The ref has the thread as its place."""
        thread = _new_id()
        entry = Entry(thread, replace(place, thread=thread), at, text=name, heading=True)
        return self._add(entry, after=on).ref

    def edit(self, ref: Ref, reply: Reply) -> bool:
        """Put `reply` in the place of a message. False where the message is not there."""
        entries = self._entries.get(ref.place.channel, [])
        at = _index(entries, ref)
        if at is None:
            return False
        entries[at] = replace(entries[at], text=reply.text, rows=reply.rows, files=reply.files, edited=True)
        self.touch(ref.place.channel)
        return True

    def delete(self, ref: Ref) -> bool:
        """Take a message away. False where it is not there."""
        entries = self._entries.get(ref.place.channel, [])
        at = _index(entries, ref)
        if at is None:
            return False
        del entries[at]
        self.touch(ref.place.channel)
        return True

    def find(self, channel: str, message: str, viewer: str) -> Entry | None:
        """Return the message that `viewer` sees in `channel`, or None."""
        return next((e for e in self.seen(channel, viewer) if e.id == message and not e.heading), None)

    def seen(self, channel: str, viewer: str) -> list[Entry]:
        """Return all that `viewer` sees in `channel`, in order, threads' messages among the others."""
        return [entry for entry in self._entries[channel] if entry.only in (None, viewer)]

    def shown(self, channel: str, viewer: str) -> list[Shown]:
        """Return what `viewer` sees in `channel` as a pane shows it: threads folded under their headings."""
        seen = self.seen(channel, viewer)
        open_threads = {entry.id for entry in seen if entry.heading}
        pane: list[Shown] = []
        day: date | None = None
        for entry in seen:
            if not entry.heading and entry.place.thread in open_threads:
                continue
            # A thread stands below the message it is on, which may be days older than what follows.
            new_day = entry.at.date() if day is None or entry.at.date() > day else None
            day = new_day or day
            under = tuple(e for e in seen if not e.heading and e.place.thread == entry.id) if entry.heading else ()
            pane.append(Shown(entry, new_day, under))
        return pane

    def file(self, message: str, index: int) -> File | None:
        """Return a file by the id of its message, or None."""
        for entries in self._entries.values():
            for entry in entries:
                if entry.id == message and index < len(entry.files):
                    return entry.files[index]
        return None

    def touch(self, channel: str) -> None:
        """Note that `channel` changed now."""
        self.version += 1
        self._changed[channel] = self.version

    def changed_since(self, version: int) -> list[str]:
        """Return the channels that changed after `version`."""
        return sorted(channel for channel, at in self._changed.items() if at > version)

    def _add(self, entry: Entry, after: Ref | None = None) -> Entry:
        entries = self._entries[entry.place.channel]
        at = None if after is None else _index(entries, after)
        entries.insert(len(entries) if at is None else at + 1, entry)
        del entries[: -self._keep]
        self.touch(entry.place.channel)
        return entry


def _index(entries: list[Entry], ref: Ref) -> int | None:
    return next((n for n, entry in enumerate(entries) if entry.ref == ref), None)


def _new_id() -> str:
    # Random, not counted: a ref that outlived a restart must never find another message.
    return secrets.token_hex(8)
