"""A Reply as Telegram shows it: plain text without entities, so that nothing typed by anybody is ever markup."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove

from bot import wire
from bot.adapter import Drawn
from bot.adapters.telegram import choosing
from bot.model import Button, File, Link, Menu, Reply, Row

CAPTION = 1024  # Telegram: a caption is at most 1024 UTF-16 units
MENTION = re.compile(r"(?<!\w)@(?=\w)")  # not the one inside an e-mail address
PER_ROW = {10: 3, 18: 2}  # by the longest label among them, how many buttons a phone shows side by side

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
Here = Callable[[str], str]
"""Makes of a menu's label that of a button which chooses the place where it stands."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message: its text, or a file with its caption, and the keyboard below."""

    text: str
    keyboard: Keyboard | None = None
    file: File | None = None


def parts(reply: Reply, here: Here | None = None) -> tuple[Part, ...]:
    """Return the messages that make up a reply, in order; the keyboard is on the one that holds the text.

    `here` is given where others read along.
    """
    first, *rest = reply.files or (None,)
    if first is None or not _fits(reply.text):
        return Part(reply.text, keyboard(reply.rows, here)), *file_parts(reply.files)
    both = f"{reply.text}\n\n{first.alt}" if first.alt else reply.text
    return Part(both if _fits(both) else reply.text, keyboard(reply.rows, here), first), *file_parts(rest)


def drawn(reply: Reply) -> list[Drawn]:
    """Return how `reply` looks in a chat: a message for each part, and the labels below it."""
    return [
        Drawn(part.text, tuple(tuple(button.text for button in row) for row in _inline(part.keyboard)))
        for part in parts(reply)
    ]


def _inline(board: Keyboard | None) -> Iterable[Iterable[InlineKeyboardButton]]:
    return board.inline_keyboard if isinstance(board, InlineKeyboardMarkup) else ()


def file_parts(files: tuple[File, ...] | list[File]) -> tuple[Part, ...]:
    """Return one message for each file; what a picture shows is its caption, as Telegram has no hidden text for it."""
    return tuple(Part(file.alt if _fits(file.alt) else "", file=file) for file in files)


def keyboard(rows: tuple[Row, ...], here: Here | None = None) -> InlineKeyboardMarkup | None:
    """Return the buttons under a message, or None where there are none.

    A long menu is not paged: the message is all that is kept of it, and would hold the page that is shown alone. Its
    25 options fill a phone's screen once or twice, and scroll with the message.
    """
    buttons = [line for row in rows for line in _lines(row, here) if line]
    return InlineKeyboardMarkup(buttons) if buttons else None


def _lines(row: Row, here: Here | None) -> Iterator[list[InlineKeyboardButton]]:
    match row:
        case (Menu(kind="option") as menu,):
            line: list[InlineKeyboardButton] = []
            for option in menu.options:
                data = wire.pack(menu.action, [*menu.args, option.value])
                button = InlineKeyboardButton(option.label, callback_data=data)
                if not _side_by_side([*line, button]):
                    yield line
                    line = []
                line.append(button)
            yield line
        case (Menu(kind="channel" | "member") as menu,):
            label = here(menu.label) if here and menu.kind == "channel" else menu.label
            yield [InlineKeyboardButton(label, callback_data=choosing.data(menu))]
        case _:
            yield [_button(item) for item in row if not isinstance(item, Menu)]


def _side_by_side(buttons: list[InlineKeyboardButton]) -> bool:
    longest = max(len(button.text) for button in buttons)
    return len(buttons) <= next((count for length, count in PER_ROW.items() if longest <= length), 1)


def _button(item: Button | Link) -> InlineKeyboardButton:
    if isinstance(item, Link):
        return InlineKeyboardButton(item.label, url=item.url)
    return InlineKeyboardButton(item.label, callback_data=item.id)


def unmentioned(text: str) -> str:
    """Return `text` so that no "@name" in it notifies anybody: Telegram makes mentions of them by itself."""
    return MENTION.sub("@\u2060", text)


def _fits(text: str) -> bool:
    return len(text.encode("utf-16-le")) // 2 <= CAPTION
