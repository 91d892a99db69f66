"""What passes between a platform and a feature: plain frozen values.

Ids, names and texts of people are never in a repr, so that no log and no traceback can show them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal

from bot import wire

JSON = dict[str, Any]

FIELD_LABEL = 45  # Discord: TextInput label, and a modal's title, 1-45 characters
FIELD_TEXT = 4000  # Discord: TextInput max_length, 1-4000
FORM_FIELDS = 5  # Discord: a modal holds 1-5 components
BUTTON_LABEL = 80  # Discord: button label, at most 80 characters
MENU_OPTIONS = 25  # Discord: a string select holds at most 25 options
MENU_LABEL = 100  # Discord: select option label and placeholder
ONE_ID = "9" * 20  # Discord: snowflakes are of 64 bits; Telegram's ids are shorter
PLACE_ID = f"{ONE_ID}/{ONE_ID}"
ROWS = 5  # Discord: at most 5 action rows in a message
ROW_BUTTONS = 5  # Discord: at most 5 buttons in a row
TEXT = 4000  # Telegram: 4096 UTF-16 units after entities; Discord: 4096 characters of embed description

MenuKind = Literal["option", "channel", "role", "member"]


class Role(StrEnum):
    """Who may do something. Each stands for itself: a coach need not be a member."""

    ANYONE = "anyone"
    MEMBER = "member"
    COACH = "coach"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is said: a channel, perhaps a thread of it, or (`private`) one person's own chat with the bot.

    For a private place `channel` is the person's account id, whatever the platform calls their chat.
    """

    platform: str
    channel: str = field(repr=False)
    thread: str | None = field(default=None, repr=False)
    private: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """What people come into and somebody runs: a Discord server, a Telegram group or channel."""

    platform: str
    id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """A person as one platform knows them. `locale` is the platform's hint at their language, or None."""

    platform: str
    id: str = field(repr=False)
    name: str = field(default="", repr=False)
    locale: str | None = field(default=None, repr=False)

    @property
    def private(self) -> Place:
        """This person's own chat with the bot."""
        return Place(self.platform, self.id, private=True)


@dataclass(frozen=True, slots=True)
class Ref:
    """A message that was sent, so that it can be edited, deleted or answered."""

    place: Place
    message: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """Something a person did: a command, a press, a choice, a submitted form, or words in a private chat.

    `id` is unique on its platform and the same when the platform delivers the event again. `action` is a command's
    name, an action's `cog.name`, or "" for words alone. `args` come from an id, `values` are named (a command's
    options, a form's fields), `text` is what was typed after a command, or the words themselves. `message` is the one
    whose button it was. `attached` says that a picture, a recording or a file came instead of words: it is not read.
    `server` is the id of the server or group that it was made in or, in private, is about (a name, never authority),
    else None. `runs` tells whether whoever calls runs the server that it was made in, where the platform says so with
    the Call itself; None where it has to be asked.
    """

    id: str = field(repr=False)
    account: Account
    place: Place
    server: str | None = field(default=None, repr=False)
    action: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    values: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    message: Ref | None = None
    reply_to: Ref | None = None
    text: str = field(default="", repr=False)
    attached: bool = False
    runs: bool | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """What a platform tells us unasked.

    - "blocked": `account` cannot be written to any more.
    - "left": `account` is not in `server` any more.
    - "removed": the bot is not in `server` any more.
    - "changed": what the bot may do in `server` may be another now: it was let in, or a right, channel, thread changed.
    - "gone": `place` was deleted.
    - "moved": `server` has become `now` (a Telegram group became a supergroup).
    - "warned": `platform` finds fault with the bot, which whoever runs communities there has to know. `why` is the key
      of a text in core.ftl that says so, and what can be done.
    """

    kind: Literal["blocked", "left", "removed", "changed", "gone", "moved", "warned"]
    account: Account | None = None
    server: Server | None = None
    place: Place | None = None
    now: Server | None = None
    platform: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """Pressing it makes a Call of `action` with `args`. Raises ValueError where its id would not fit."""

    label: str
    action: str
    args: tuple[str, ...] = ()

    def __init__(self, label: str, action: str, args: tuple[object, ...] | list[object] = ()) -> None:
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "action", action)
        object.__setattr__(self, "args", tuple(str(arg) for arg in args))
        _within("a button's label", label, BUTTON_LABEL)
        wire.pack(action, self.args)

    @property
    def id(self) -> str:
        """The id that goes through the platform."""
        return wire.pack(self.action, self.args)


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: `value` comes back as the last argument of the Call."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Menu:
    """A choice of one; choosing makes a Call of `action` with `args` and, as the last argument, what was chosen.

    Of up to 25 `options` that is the option's value. The other kinds have none, the platform lists what there is: of
    a "channel" it is the place as "channel", or "channel/thread" in a thread or a topic (`chosen_place` reads it), of a
    "role" its id, of a "member" the account's id. These are names, never authority: what may be done with a place is
    asked of the platform there. Telegram and the preview page have no roles: there the menu is left out, and a feature
    offers another way beside it. On Telegram places and people are chosen in private, and the answer always stands
    below the choice; in a group a channel menu offers that place alone, and a member menu leads to the private chat.
    """

    label: str
    action: str
    options: tuple[Option, ...] = ()
    args: tuple[str, ...] = ()
    kind: MenuKind = "option"

    def __post_init__(self) -> None:
        _within("a menu's label", self.label, MENU_LABEL)
        if self.kind != "option":
            if self.options:
                raise ValueError(f"a {self.kind} menu has no options of its own")
            wire.pack(self.action, [*self.args, PLACE_ID if self.kind == "channel" else ONE_ID])
        elif not 1 <= len(self.options) <= MENU_OPTIONS:
            raise ValueError(f"a menu of {len(self.options)} options; 1 to {MENU_OPTIONS} are possible")
        for option in self.options:
            _within("an option's label", option.label, MENU_LABEL)
            wire.pack(self.action, [*self.args, option.value])

    @property
    def id(self) -> str:
        """The id of the menu itself, without a choice."""
        return wire.pack(self.action, self.args)


@dataclass(frozen=True, slots=True)
class File:
    """A file to give to the person. `alt` says in words what a picture shows, or is empty."""

    __pydantic_config__: ClassVar[JSON] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}

    name: str
    data: bytes = field(repr=False)
    alt: str = ""


Row = tuple[Button | Link | Menu, ...]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Reply:
    """What the bot says: plain text (each adapter escapes it), rows below it, files.

    `edit` replaces the message whose button was pressed, where there is one. `burn` takes away what the person typed in
    their own chat, once it is answered, where the platform lets a bot do that. Raises ValueError beyond the platforms'
    limits.
    """

    text: str = field(repr=False)
    rows: tuple[Row, ...] = ()
    files: tuple[File, ...] = ()
    edit: bool = False
    burn: bool = False

    def __post_init__(self) -> None:
        _within("a reply's text", self.text, TEXT)
        if len(self.rows) > ROWS:
            raise ValueError(f"{len(self.rows)} rows in a reply; {ROWS} is the limit")
        for row in self.rows:
            if len(row) > (1 if any(isinstance(item, Menu) for item in row) else ROW_BUTTONS):
                raise ValueError(f"a row holds one menu, or up to {ROW_BUTTONS} buttons")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a form asks for. `value` is filled in beforehand where the platform can."""

    name: str
    label: str = ""
    long: bool = False
    max: int = 100
    required: bool = True
    value: str = field(default="", repr=False)
    choices: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Up to five fields; sending it makes a Call of `submit` with `args` and the fields as `values`."""

    title: str
    fields: tuple[Field, ...]
    submit: str
    args: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _within("a form's title", self.title, FIELD_LABEL)
        if not 1 <= len(self.fields) <= FORM_FIELDS:
            raise ValueError(f"a form of {len(self.fields)} fields; 1 to {FORM_FIELDS} are possible")
        for item in self.fields:
            if item.label:  # else the registry gives it one from content/
                _within(f"the label of field {item.name}", item.label, FIELD_LABEL)
            if not 1 <= item.max <= FIELD_TEXT:
                raise ValueError(f"field {item.name} takes {item.max} characters; 1 to {FIELD_TEXT} are possible")
            if len(item.choices) > MENU_OPTIONS:
                raise ValueError(f"field {item.name} has more than {MENU_OPTIONS} choices")
        wire.pack(self.submit, self.args)

    @property
    def id(self) -> str:
        """The id that goes through the platform."""
        return wire.pack(self.submit, self.args)


def place_value(place: Place) -> str:
    """Return how a channel menu names `place`: "channel", or "channel/thread"."""
    return place.channel if place.thread is None else f"{place.channel}/{place.thread}"


def chosen_place(platform: str, value: str) -> Place:
    """Return the place that a channel menu's `value` names."""
    channel, _, thread = value.partition("/")
    return Place(platform, channel, thread or None)


def length(text: str) -> int:
    """Return how long platforms say a text is: in UTF-16 units, of which an emoji has two."""
    return len(text.encode("utf-16-le")) // 2


def clip(text: str, room: int) -> str:
    """Return a text of at most `room` characters, as `length` counts them; what is cut ends in "…"."""
    if length(text) <= room:
        return text
    return text.encode("utf-16-le")[: 2 * (room - 1)].decode("utf-16-le", "ignore") + "…"


def _within(what: str, text: str, limit: int) -> None:
    if not 1 <= length(text) <= limit:
        raise ValueError(f"{what} is {length(text)} characters; 1 to {limit} are possible")
