"""What the bot says, as Discord shows it: Reply and Form to discord.py's values. No I/O."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from weakref import WeakKeyDictionary

import discord
from discord import ui

from bot.adapter import Drawn
from bot.adapters.discord.ids import apart
from bot.model import Button, Field, File, Form, Link, Menu, Reply, Row

CONTENT = 2000  # a message's content
DESCRIPTION = 4096  # an embed's description
ALT = 1024  # an attachment's description
CHANNEL_TYPES = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.news_thread,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
)
"""What a channel menu offers: where messages can be written, or threads opened."""
KINDS = discord.ComponentType
ONE = {"min_values": 1, "max_values": 1}
MENUS = {
    "option": KINDS.select,
    "channel": KINDS.channel_select,
    "role": KINDS.role_select,
    "member": KINDS.user_select,
}

# Of a text behind a line break: what stands at the beginning of a line stands behind one. It begins with a class of
# characters, which alone makes it quick. An address is left as it is, or a backslash would become part of it; inside an
# address Discord reads no markup.
_MARKUP = re.compile(
    r"[\nh\\*_~`|<\[:](?:"
    r"(?P<keep>(?<=h)ttps?://[^\s<>]+)"
    r"|(?<=\n)[ \t]*(?:[-+](?=[ #])|\#(?=\#{0,2}[ ])|>(?=>{0,2}[ ])|\d+\.(?=[ ]))"
    r"|(?<=:)(?<!\d:)(?=\w+:)"
    r"|(?<![\nh:])"
    r")"
)

_ready: WeakKeyDictionary[Reply, "Rendered"] = WeakKeyDictionary()  # for as long as somebody has the reply

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message, ready once: sending uses its files up."""

    content: str | None
    embeds: list[discord.Embed]
    view: ui.View | None
    files: list[discord.File]
    ready: dict[bool, bytes] = field(default_factory=dict[bool, bytes])  # how it was said before; see Callbacks.say

    def new(self) -> dict[str, Any]:
        """Return the arguments with which discord.py sends it as a new message."""
        given = {"content": self.content, "embeds": self.embeds, "view": self.view, "files": self.files}
        return {name: value for name, value in given.items() if value}

    def replacing(self) -> dict[str, Any]:
        """Return the arguments with which discord.py puts it in the place of another, of which nothing is left."""
        return {"content": self.content, "embeds": self.embeds, "view": self.view, "attachments": self.files}


def message(reply: Reply) -> Rendered:
    """Return `reply` as a message. One that is said again and again (of /help, say) is made ready once.

    The text is plain content where it fits, which is easier to read and to copy on a phone and needs no permission
    to embed; longer, it is an embed's description.
    """
    if reply.files:  # sending uses them up
        return _message(reply)
    made = _ready.get(reply)
    if made is None:
        made = _ready[reply] = _message(reply)
    return made


def _message(reply: Reply) -> Rendered:
    content, descriptions = _laid_out(escape(reply.text))
    embeds = [discord.Embed(description=text) for text in descriptions]
    return Rendered(content, embeds, _view(reply.rows), [_file(file) for file in reply.files])


def drawn(reply: Reply) -> list[Drawn]:
    """Return how `reply` looks: a box for each embed, and the labels below the last of it."""
    made = message(reply)
    texts = [
        *([(made.content, False)] if made.content else []),
        *((each.description or "", True) for each in made.embeds),
    ]
    below = tuple(tuple(item.label for item in row) for row in reply.rows if row)
    *first, last = [Drawn(_ESCAPE.sub(r"\1", text), boxed=boxed) for text, boxed in texts] or [Drawn("")]
    return [*first, replace(last, rows=below)]


def modal(form: Form) -> ui.Modal:
    """Return `form` as a modal, its fields under their names."""
    built = ui.Modal(title=form.title, custom_id=form.id, timeout=None)
    for each in form.fields:
        built.add_item(ui.Label(text=each.label or each.name, component=_input(each)))
    built.stop()  # else discord.py holds it until the process ends, under an id that two people can share
    return built


def escape(text: str) -> str:
    """Return `text` so that Discord shows it as it is written: no markup, mentions, masked links or :shortcodes:."""
    return _MARKUP.sub(_escaped, f"\n{text}")[1:]


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found["keep"] else f"{found[0][:-1]}\\{found[0][-1]}"


def _laid_out(text: str) -> tuple[str | None, list[str]]:
    if len(text) <= CONTENT:
        return text, []
    if len(text) <= DESCRIPTION:
        return None, [text]
    # Text that is mostly markup doubles when it is escaped, to 8,000 at most: 2,000 and an embed total of 6,000.
    content, rest = _cut(text, CONTENT)
    first, second = _cut(rest, DESCRIPTION)
    return content, [part for part in (first, second) if part]


def _cut(text: str, at: int) -> tuple[str, str]:
    head = text[:at]
    if (len(head) - len(head.rstrip("\\"))) % 2:
        at -= 1  # the backslash belongs to what follows
    return text[:at], text[at:]


class _Components(ui.View):
    """Buttons and menus, ready to be sent.

    discord.py's own view is made to hear what is pressed, and takes several times as long to make. Nothing is heard
    here: what is pressed is found by its id, also after a restart.
    """

    timeout: Any = None  # discord.py asks for it

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def to_components(self) -> list[dict[str, Any]]:
        """Return them as they are sent."""
        return self._rows

    def is_finished(self) -> bool:
        """Tell that nothing is heard."""
        return True

    def is_dispatchable(self) -> bool:
        """Tell that discord.py need not hold it."""
        return False

    def has_components_v2(self) -> bool:
        """Tell that it is a view and no layout."""
        return False


def _view(rows: tuple[Row, ...]) -> ui.View | None:
    ids = apart(item.id for row in rows for item in row if not isinstance(item, Link))
    made = [
        {"type": KINDS.action_row.value, "components": [_component(item, ids) for item in row]} for row in rows if row
    ]
    return _Components(made) if made else None


def _component(item: Button | Link | Menu, ids: Iterator[str]) -> dict[str, Any]:
    match item:
        case Link():
            style = discord.ButtonStyle.link.value
            return {"type": KINDS.button.value, "style": style, "label": item.label, "url": item.url}
        case Button():
            style = discord.ButtonStyle.secondary.value
            return {"type": KINDS.button.value, "style": style, "label": item.label, "custom_id": next(ids)}
        case Menu():
            menu = {"type": MENUS[item.kind].value, "placeholder": item.label, "custom_id": next(ids)} | ONE
            if item.kind == "channel":
                return menu | {"channel_types": [each.value for each in CHANNEL_TYPES]}
            options = [{"label": option.label, "value": option.value} for option in item.options]
            return menu | ({"options": options} if options else {})


def _input(field: Field) -> ui.Item[ui.View]:
    if field.choices:
        options = [
            discord.SelectOption(label=option.label, value=option.value, default=option.value == field.value)
            for option in field.choices
        ]
        return ui.Select(custom_id=field.name, options=options, required=field.required)
    return ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.paragraph if field.long else discord.TextStyle.short,
        default=field.value[: field.max] or None,
        required=field.required,
        max_length=field.max,
    )


def _file(file: File) -> discord.File:
    return discord.File(BytesIO(file.data), filename=file.name, description=file.alt[:ALT] or None)
