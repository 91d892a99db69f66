"""What the bot says, as Discord shows it: Reply and Form to discord.py's values. No I/O."""

import re
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

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

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message, ready once: sending uses its files up."""

    content: str | None
    embeds: list[discord.Embed]
    view: ui.View | None
    files: list[discord.File]

    def new(self) -> dict[str, Any]:
        """Return the arguments with which discord.py sends it as a new message."""
        given = {"content": self.content, "embeds": self.embeds, "view": self.view, "files": self.files}
        return {name: value for name, value in given.items() if value}

    def replacing(self) -> dict[str, Any]:
        """Return the arguments with which discord.py puts it in the place of another, of which nothing is left."""
        return {"content": self.content, "embeds": self.embeds, "view": self.view, "attachments": self.files}


def message(reply: Reply) -> Rendered:
    """Return `reply` as a message.

    The text is plain content where it fits, which is easier to read and to copy on a phone and needs no permission
    to embed; longer, it is an embed's description.
    """
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
    rows: dict[int, list[str]] = {}
    for item in made.view.children if made.view else []:
        rows.setdefault(item.row or 0, []).append(
            getattr(item, "label", None) or getattr(item, "placeholder", "") or ""
        )
    below = tuple(tuple(rows[row]) for row in sorted(rows))
    *first, last = [Drawn(_ESCAPE.sub(r"\1", text), boxed=boxed) for text, boxed in texts] or [Drawn("")]
    return [*first, replace(last, rows=below)]


def modal(form: Form) -> ui.Modal:
    """Return `form` as a modal, its fields under their names."""
    built = ui.Modal(title=form.title, custom_id=form.id, timeout=None)
    for field in form.fields:
        built.add_item(ui.Label(text=field.label or field.name, component=_input(field)))
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


def _view(rows: tuple[Row, ...]) -> ui.View | None:
    if not any(rows):
        return None
    view = ui.View(timeout=None)
    ids = apart(item.id for row in rows for item in row if not isinstance(item, Link))
    for index, row in enumerate(rows):
        for item in row:
            view.add_item(_link(item, index) if isinstance(item, Link) else _component(item, next(ids), index))
    view.stop()  # else discord.py holds it; what is pressed is found by its id alone
    return view


def _link(item: Link, row: int) -> ui.Item[ui.View]:
    return ui.Button(label=item.label, url=item.url, row=row)


def _component(item: Button | Menu, id: str, row: int) -> ui.Item[ui.View]:
    match item:
        case Button():
            return ui.Button(label=item.label, custom_id=id, row=row)
        case Menu(kind="channel"):
            return ui.ChannelSelect(placeholder=item.label, custom_id=id, channel_types=list(CHANNEL_TYPES), row=row)
        case Menu(kind="role"):
            return ui.RoleSelect(placeholder=item.label, custom_id=id, row=row)
        case Menu(kind="member"):
            return ui.UserSelect(placeholder=item.label, custom_id=id, row=row)
        case Menu():
            options = [discord.SelectOption(label=option.label, value=option.value) for option in item.options]
            return ui.Select(placeholder=item.label, custom_id=id, options=options, row=row)


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
