"""Who is on the preview page, where each of them may speak, and what there is to choose from."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.model import Account, Button, Link, Menu, Option, Place, Reply, Role, Row, Server, place_value

NAME = "preview"
SERVER = Server(NAME, "preview")

ROBIN, SAM, VISITOR, ROWAN, NOOR = (
    Account(NAME, name.lower(), name) for name in ("Robin", "Sam", "Visitor", "Rowan", "Noor")
)
PEOPLE = {account.id: account for account in (ROBIN, SAM, VISITOR, ROWAN, NOOR)}
DESK, TOWN = Place(NAME, "desk"), Place(NAME, "town")
COACHES = frozenset({ROWAN.id, NOOR.id})
PLACES = (DESK, TOWN, *(account.private for account in PEOPLE.values()))


@dataclass(frozen=True, slots=True)
class Pane:
    """A part of the page: who may speak in it, and where; `place` is None for each one's own private chat."""

    id: str
    people: tuple[Account, ...]
    place: Place | None = None

    def place_of(self, account: Account) -> Place:
        """Return where `account` speaks in this pane."""
        return self.place or account.private


PANES = {
    pane.id: pane
    for pane in (
        Pane("robin", (ROBIN,)),
        Pane("sam", (SAM, VISITOR, ROWAN, NOOR)),
        Pane("desk", (ROWAN, NOOR), DESK),
        Pane("town", (ROBIN, SAM, VISITOR, ROWAN, NOOR), TOWN),
    )
}


def roles(account: Account, at: Place | Server) -> frozenset[Role]:
    """Return what `account` is: whoever is on the page is in its server, which Rowan runs; Rowan and Noor may write at
    the desk.
    """
    found = {Role.ANYONE, Role.MEMBER}
    if account.id == ROWAN.id:
        found.add(Role.OWNER)
    if isinstance(at, Place) and at.channel == DESK.channel and account.id in COACHES:
        found.add(Role.COACH)
    return frozenset(found)


def seat_of(account: str, place: str) -> tuple[Account, Place]:
    """Return who and where; raises LookupError where that person does not speak there."""
    channel, _, thread = place.partition("/")
    for pane in PANES.values():
        for person in pane.people:
            at = pane.place_of(person)
            if (person.id, at.channel) == (account, channel):
                return person, replace(at, thread=thread or None)
    raise LookupError("no such seat")


def listed(reply: Reply, named: Callable[[Place], str]) -> Reply:
    """Return `reply` with the page's places, as they are `named`, and people as its menus' options.

    There are no roles on the page: such a menu is left out.
    """
    return replace(reply, rows=tuple(tuple(_item(item, named) for item in row) for row in reply.rows if _shown(row)))


def _item(item: Button | Link | Menu, named: Callable[[Place], str]) -> Button | Link | Menu:
    if not isinstance(item, Menu) or item.kind == "option":
        return item
    if item.kind == "channel":
        options = tuple(Option(place_value(place), named(place)) for place in (DESK, TOWN))
    else:
        options = tuple(Option(account.id, account.name) for account in PEOPLE.values())
    return replace(item, kind="option", options=options)


def _shown(row: Row) -> bool:
    return not any(isinstance(item, Menu) and item.kind == "role" for item in row)
