"""What every platform's adapter is, and what passes through it."""

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from bot.model import Account, Call, Form, Happening, Option, Place, Ref, Reply, Role, Server


@dataclass(frozen=True, slots=True)
class Send:
    """Say `reply` in `place`. `nonce` (at most 25 characters, Discord's limit) is the same at every try.

    `tried` is when a try began that may have been taken, else None: a platform that can look it up does so, and says
    Unknown where it cannot.
    """

    place: Place
    reply: Reply
    nonce: str
    tried: datetime | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `reply` in the place of what was sent."""

    ref: Ref
    reply: Reply


@dataclass(frozen=True, slots=True)
class Delete:
    """Take back what was sent."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class OpenThread:
    """Open a thread called `name` in `place` or, with `on`, let people answer below that message.

    That takes a thread on it where the platform has such threads, and nothing where it can be answered as it is.
    """

    place: Place
    name: str = field(repr=False)
    on: Ref | None = None


Delivery = Send | Edit | Delete | OpenThread


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there. The refs find it again; a Delete has none.

    An OpenThread's has the thread as its place or, where there was nothing to open, is that of the message itself.
    """

    refs: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now. `scope` is what has to wait: this row, this place, or the whole platform.

    `limited` tells a rate limit, which never counts as a try, from a fault, which does. `maybe` says that this try may
    have been taken: the next one is told when it was (`Send.tried`).
    """

    after: timedelta
    scope: Literal["row", "place", "platform"] = "row"
    limited: bool = False
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The person cannot be written to (blocked, left, closed DMs, deleted): nothing is sent until they speak again."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The place, or the message to edit or delete, is not there any more."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The place has another id now (a Telegram group became a supergroup)."""

    place: Place


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform says no for good. `why` is its code or name, never a text that quotes what was sent.

    `here` tells that it is not about what was said: a right is missing, and nothing of the kind is taken in this place.
    """

    why: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have been taken, and there is no way to look."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing more may go out on this platform until an operator has looked. `why` as in Refused."""

    why: str


Listening = Callable[[], Coroutine[Any, Any, None]]
Turn = Callable[[Listening], Coroutine[Any, Any, None]]
"""Lets an adapter listen for as long as it is this process's turn, and again whenever it is; see `every_turn`."""


async def every_turn(listen: Listening) -> None:
    """Listen: where there is one process, it is always its turn."""
    await listen()


Turns = Callable[[str], Turn]
"""Gives the turn of each part of a platform that one process at a time listens to, by the name of the part."""


def every_part(_: str) -> Turn:
    """Return the turn that is always this process's."""
    return every_turn


Spacing = Callable[[str, float], Coroutine[Any, Any, None]]
"""Waits for a turn at what has this name, of which there is one in so many seconds, whichever process it is of."""


async def unspaced(_name: str, _seconds: float) -> None:
    """Return at once: nobody else is there, and nothing was before."""


Outcome = Sent | Retry | Unreachable | Gone | Moved | Refused | Unknown | Stop

Need = Literal["send", "files", "threads", "delete", "history"]
"""What the bot is to do at a place. "threads" is to let people answer below what it says there."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a platform says of a place, or of a server, now.

    `name` is what people there call it ("#desk"), `server_name` what they call its server or group. Each of `missing`
    is the key of a text in core.ftl ("switch-discord-send_messages") that names one switch as the platform's own
    settings do. `open` tells whether everybody in the server may read there. `start` is what a start link on this
    platform begins with, or empty where there are none. `one_way` tells that nobody can write to the bot there, who
    would be known by it (a Telegram channel): it can be read, its buttons pressed, and no coaches can sit there.
    """

    server: Server
    name: str = field(repr=False)
    server_name: str = field(repr=False)
    missing: tuple[str, ...] = ()
    open: bool = False
    start: str = ""
    one_way: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message as it looks on a platform: its text, without the marks that only escape, and the labels below it.

    `boxed` says that the text stands in a box of its own (Discord: an embed).
    """

    text: str
    rows: tuple[tuple[str, ...], ...] = ()
    boxed: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """Something that Unsent says to somebody some day, and how it looks on every platform, by the platform's name."""

    heading: str
    title: str
    facts: tuple[str, ...]
    reply: Reply
    drawn: Mapping[str, Sequence[Drawn]]


class Adapter(Protocol):
    """One platform: it turns events into Calls for dispatch, Replies and deliveries into messages, and no more."""

    name: str
    at_once: int  # deliveries side by side: enough for the platform's own rate, however long each is on its way

    async def start(self) -> None:
        """Connect, and go on connecting in the background. Raises SetupError where the token is refused."""
        ...

    async def stop(self) -> None:
        """Take no more events, finish those in hand, disconnect."""
        ...

    async def deliver(self, what: Delivery) -> Outcome:
        """Do one thing on the platform and say what came of it. Raises nothing."""
        ...

    async def authority(self, account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        """Ask the platform now who `account` is there; empty where it cannot tell.

        ANYONE whenever it has answered, MEMBER who is in the server or group, OWNER who runs that, COACH who may read
        and write in a place and, where `coach` names a role of its server, has that.
        """
        ...

    async def look(self, at: Place | Server, needs: frozenset[Need]) -> Look | Gone | None:
        """Ask the platform now what `at` is, and which switches are off that the bot needs there for `needs`.

        Gone where there is no such place or the bot is not in its server, None where the platform cannot tell.
        """
        ...


@dataclass(frozen=True, slots=True)
class ListedParam:
    """A command's parameter in one language. `free` takes all the rest of what was typed; it is the last."""

    name: str
    help: str
    kind: Literal["text", "number", "choice", "date"]
    required: bool
    free: bool = False
    choices: tuple[Option, ...] = ()
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True)
class ListedCommand:
    """A command in one language, as a platform's own menu shows it. `role` is who may use it.

    `help` says what it does and who sees the answer, `short` only the first. `link` says what a start link to it may
    name: nothing, the id of a "community" (it becomes the Call's only argument), or of a "server" (the Call's server).
    """

    name: str
    help: str
    params: tuple[ListedParam, ...]
    private: bool
    role: Role
    short: str = ""
    link: Literal["", "community", "server"] = ""


@dataclass(frozen=True, eq=False)
class Listing:
    """Every command, in the words of `locale`. It equals itself alone: what is made of one can be kept with it."""

    locale: str
    commands: tuple[ListedCommand, ...]

    def __iter__(self) -> Iterator[ListedCommand]:
        """Go through them, in the order of their names."""
        return iter(self.commands)


class Core(Protocol):
    """All that an adapter knows of the rest of Unsent."""

    def listing(self, locale: str) -> Listing:
        """Return every command, in the words of `locale`, or of English where it has none."""
        ...

    def private(self, action: str) -> bool:
        """Tell whether the answer to `action` is for one person alone (an unknown action's is)."""
        ...

    def quiet(self, action: str) -> bool:
        """Tell whether the answer to `action`, where it is not private, is still for one person where that can be."""
        ...

    def takes_replies(self, action: str) -> bool:
        """Tell whether words that answer a message with a button of `action` are what its form asks for."""
        ...

    def opens_form(self, action: str) -> bool:
        """Tell whether `action` may be answered with a Form, so that nothing may be said before it."""
        ...

    async def handle(self, call: Call, *, modals: bool) -> Reply | Form | None:
        """Let a Call take effect, once, and return what to say; None says nothing. Raises nothing.

        With `modals` a Form comes back for the adapter to show; without, its fields are asked for one by one. Words
        in a group that answer such a question have as `args` those of its "form.cancel" button.
        """
        ...

    def given(self, call: Call) -> None:
        """Note that the answer to `call` has reached the platform: it need not be kept any longer."""
        ...

    async def later(self, call: Call, reply: Reply) -> None:
        """Leave an answer that the platform does not take now to the outbox."""
        ...

    async def start_payload(self, call: Call) -> str:
        """Return the payload of the start link that leads, in private, to the command that `call` makes in a group.

        It is the command's name or, where that has a `link`, "name-id"; [A-Za-z0-9_-], a "-" before digits is an "n".
        """
        ...

    async def happened(self, happening: Happening) -> None:
        """Take note of what a platform told unasked. Raises nothing."""
        ...

    def words(self, key: str, locale: str | None, **values: str | int) -> str:
        """Return the text `key` of content/<locale>/core.ftl, in English where `locale` has none."""
        ...

    def connected(self, platform: str, yes: bool, part: str = "") -> None:
        """Say whether the platform, or a part of it, is connected now: health shows whether all of it is."""
        ...
