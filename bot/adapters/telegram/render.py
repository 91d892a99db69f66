"""A Reply as Telegram shows it: plain text without entities, so that nothing typed by anybody is ever markup."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot import wire
from bot.model import Button, File, Link, Menu, Reply, Row

CAPTION = 1024  # Telegram: a caption is at most 1024 UTF-16 units
MENTION = re.compile(r"(?<!\w)@(?=\w)")  # not the one inside an e-mail address
PER_ROW = ((10, 3), (18, 2))  # the longest label of a menu, and how many of its buttons a phone then shows side by side


@dataclass(frozen=True, slots=True)
class Part:
    """One message: its text, or a file with its caption, and the keyboard below."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None
    file: File | None = None


def parts(reply: Reply) -> tuple[Part, ...]:
    """Return the messages that make up a reply, in order; the keyboard is on the one that holds the text."""
    first, *rest = reply.files or (None,)
    if first is None or not _fits(reply.text):
        return text_part(reply), *file_parts(reply.files)
    both = f"{reply.text}\n\n{first.alt}" if first.alt else reply.text
    return Part(both if _fits(both) else reply.text, keyboard(reply.rows), first), *file_parts(rest)


def text_part(reply: Reply) -> Part:
    """Return the message that holds the text alone."""
    return Part(reply.text, keyboard(reply.rows))


def file_parts(files: tuple[File, ...] | list[File]) -> tuple[Part, ...]:
    """Return one message for each file; what a picture shows is its caption, as Telegram has no hidden text for it."""
    return tuple(Part(file.alt if _fits(file.alt) else "", file=file) for file in files)


def keyboard(rows: tuple[Row, ...]) -> InlineKeyboardMarkup | None:
    """Return the buttons under a message, or None where there are none."""
    buttons = [line for row in rows for line in _lines(row) if line]
    return InlineKeyboardMarkup(buttons) if buttons else None


def _lines(row: Row) -> Iterator[list[InlineKeyboardButton]]:
    if row and isinstance(menu := row[0], Menu):
        buttons = [
            InlineKeyboardButton(option.label, callback_data=wire.pack(menu.action, [*menu.args, option.value]))
            for option in menu.options
        ]
        longest = max(len(option.label) for option in menu.options)
        count = next((count for length, count in PER_ROW if longest <= length), 1)
        yield from (buttons[at : at + count] for at in range(0, len(buttons), count))
    else:
        yield [_button(item) for item in row if not isinstance(item, Menu)]


def _button(item: Button | Link) -> InlineKeyboardButton:
    if isinstance(item, Link):
        return InlineKeyboardButton(item.label, url=item.url)
    return InlineKeyboardButton(item.label, callback_data=item.id)


def unmentioned(text: str) -> str:
    """Return `text` so that no "@name" in it notifies anybody: Telegram makes mentions of them by itself."""
    return MENTION.sub("@\u2060", text)


def _fits(text: str) -> bool:
    return len(text.encode("utf-16-le")) // 2 <= CAPTION
