"""Choosing a place or a person on Telegram, where a bot can list neither, and only a private chat can ask for one.

What can ask for a chat or a person is a reply keyboard; what is shared then comes with the keyboard's 32-bit number and
nothing else, perhaps to another process than the one that asked. A message cannot have such a keyboard and buttons of
its own. So a menu is one button under its message. Pressing it shows the keyboard, whose number is that of the message
and says which of its menus it is for. What is shared is answered with a reply to that message: Telegram hands back what
was replied to as it stands now, buttons and all, and on the button is the menu's id. Nothing is remembered in between,
and a menu that is no longer there cannot be answered any more.

A place is a group or a channel, and a keyboard's button asks for one of the two. So there are two, and the number of
the second is that of the first, inverted. Of a channel nobody can ask that the bot is in it, but that it may post:
where it may not yet, Telegram offers whoever chooses to let it (KeyboardButtonRequestChat).
"""

from contextlib import suppress
from dataclasses import dataclass, field

from telegram import (
    ChatAdministratorRights,
    KeyboardButton,
    KeyboardButtonRequestChat,
    KeyboardButtonRequestUsers,
    Message,
    ReplyKeyboardMarkup,
)

from bot import wire
from bot.model import ROWS, Menu

CHANNEL, MEMBER = "c", "m"
"""Before a menu's id on its button: pressing it chooses nothing yet."""


POSTING = ChatAdministratorRights(*(False,) * 11, can_post_messages=True)


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for: a CHANNEL or a MEMBER, for the menu of that label."""

    kind: str
    label: str
    request: int = field(repr=False)

    def keyboard(self, group: str, channel: str) -> ReplyKeyboardMarkup:
        """Return what asks for it; `group` and `channel` are the labels of the buttons for a place."""
        if self.kind == CHANNEL:
            in_it = KeyboardButtonRequestChat(self.request, chat_is_channel=False, bot_is_member=True)
            posts = KeyboardButtonRequestChat(
                ~self.request,
                chat_is_channel=True,
                user_administrator_rights=POSTING,
                bot_administrator_rights=POSTING,
            )
            buttons = [KeyboardButton(group, request_chat=in_it), KeyboardButton(channel, request_chat=posts)]
        else:
            person = KeyboardButtonRequestUsers(self.request, user_is_bot=False)
            buttons = [KeyboardButton(self.label, request_users=person)]
        return ReplyKeyboardMarkup([buttons], resize_keyboard=True, one_time_keyboard=True)


def data(menu: Menu) -> str:
    """Return what the button of a channel or member menu carries; it fits, as there is room for what is chosen."""
    return (CHANNEL if menu.kind == "channel" else MEMBER) + menu.id


def menu(data: str, label: str) -> Menu | None:
    """Return the menu whose button carries `data`, with any label; None where it is not such a button."""
    meant = wire.unpack(data[1:]) if data[:1] in (CHANNEL, MEMBER) else None
    if meant:
        with suppress(ValueError):  # forged, and longer than a menu can be
            return Menu(label, meant[0], args=meant[1], kind="channel" if data[0] == CHANNEL else "member")
    return None


def asking(message: Message, data: str) -> Asking | None:
    """Return what to ask for, of the menu whose button on `message` carries `data`."""
    for at, (carried, label) in enumerate(_menus(message)):
        if carried == data:
            return Asking(data[0], label, message.message_id * ROWS + at)
    return None


def opener(request: int) -> int:
    """Return the number of the message that has the menu for which `request` was made."""
    return max(request, ~request) // ROWS


def asked(message: Message | None, request: int, kind: str) -> Menu | None:
    """Return the menu on `message` for which `request` was made, if it is still there and takes a choice of `kind`."""
    found = _menus(message) if message else []
    carried, label = found[at] if (at := max(request, ~request) % ROWS) < len(found) else ("", "")
    return menu(carried, label) if carried.startswith(kind) else None


def _menus(message: Message) -> list[tuple[str, str]]:
    """Return what the menus' buttons on a message carry, and their labels."""
    buttons = [b for row in message.reply_markup.inline_keyboard for b in row] if message.reply_markup else []
    carried = [(b.callback_data, b.text) for b in buttons if isinstance(b.callback_data, str)]
    return [(data, label) for data, label in carried if menu(data, label)]
