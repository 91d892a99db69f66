"""What an Update means to us. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

from bot import wire
from bot.adapters.telegram import choosing, rights
from bot.model import Account, Call, Happening, Menu, Place, Ref, Server, place_value

PLATFORM = "telegram"
ALLOWED = ("message", "callback_query", "my_chat_member", "chat_member")
START = "join"
CANCEL = "form.cancel"
LINKED_ID = re.compile(r"[A-Za-z0-9]{1,32}")
NEGATIVE = re.compile(r"^n(?=\d+$)")  # how the "-" of a number stands in a start link


@dataclass(frozen=True, slots=True)
class Heard:
    """A Call, the message it was made with (typed, or the one with the button), and the query of a press.

    `told` is the start payload that leads to the same press in a private chat.
    """

    call: Call
    message: int = field(repr=False)
    query: str | None = field(default=None, repr=False)
    told: str = field(default=START, repr=False)


@dataclass(frozen=True, slots=True)
class Unnamed:
    """An administrator said something to the bot in a group, but remains anonymous: `call` has nobody's account."""

    call: Call
    message: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class OldButton:
    """Someone pressed a button whose id we do not read (any more)."""

    account: Account
    query: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """Someone opened a menu of places or people in private, and is `asked` for the choice."""

    account: Account
    query: str = field(repr=False)
    message: int = field(repr=False)
    asked: choosing.Asking


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Someone opened a menu in a group that only a private chat can show; the start payload `told` leads there."""

    query: str = field(repr=False)
    told: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Offered:
    """Someone came to the private chat to choose from `menu`, whose label is not known here."""

    account: Account
    menu: Menu


@dataclass(frozen=True, slots=True)
class Shared:
    """Someone chose a place or a person, as `value`. What for is still to be found out by `request`."""

    update: str = field(repr=False)
    account: Account
    request: int
    kind: str
    value: str = field(repr=False)


Event = Heard | Unnamed | OldButton | Opened | Elsewhere | Offered | Shared | Happening


def read(update: Update, me: User, listed: Mapping[str, str], takes_replies: Callable[[str], bool]) -> Event | None:
    """Return what an update means, or None where it is nothing to us.

    `listed` has the names of all commands, and what a start link to each may name (`ListedCommand.link`).
    `takes_replies` is Core's.
    """
    if update.callback_query:
        return _pressed(str(update.update_id), update.callback_query)
    if update.my_chat_member:
        return _stands(update.my_chat_member)
    if update.chat_member:
        return _left(update.chat_member)
    if update.message:
        return _noted(update.message, me) or _said(str(update.update_id), update.message, me, listed, takes_replies)
    return None


def payload(packed: str) -> str:
    """Return the start payload that stands for a button's id, or for `join` where none can."""
    told = packed.replace(".", "--", 1).replace(":", "-")
    return told if wire.START_PAYLOAD.fullmatch(told) and _packed(told) == packed else START


def _packed(told: str) -> str:
    return told.replace("--", ".", 1).replace("-", ":")


def _started(told: str, private: bool, listed: Mapping[str, str]) -> tuple[str, tuple[str, ...], str | None]:
    """Return what a start link asks for: a command, its arguments, and the id of the server that it is about.

    A link is opened before anything is read: it never presses a button.
    """
    if told == "cancel":
        return CANCEL, (), None
    name, _, id = told.partition("-")
    if private and LINKED_ID.fullmatch(id):
        match listed.get(name):
            case "community":
                return name, (id,), None
            case "server":
                return name, (), NEGATIVE.sub("-", id)
            case _:
                pass
    action, args = wire.unpack(_packed(told)) or (told, ())
    return action if action in listed and not args else START, (), None


def _account(user: User) -> Account:
    return Account(PLATFORM, str(user.id), user.first_name, user.language_code)


def _pressed(update: str, query: CallbackQuery) -> Event | None:
    account, message = _account(query.from_user), query.message
    if message is None or query.data is None:
        return None
    private = message.chat.type == ChatType.PRIVATE
    if private:
        place, server = account.private, None
    else:
        thread = _thread(message) if isinstance(message, Message) else None
        place, server = _group(message.chat.id, thread), str(message.chat.id)
    if menu := choosing.menu(query.data, "-"):
        if private:
            asked = choosing.asking(message, query.data) if isinstance(message, Message) else None
            if asked is None:
                return OldButton(account, query.id)
            return Opened(account, query.id, message.message_id, asked)
        if menu.kind == "member":
            return Elsewhere(query.id, payload(query.data))
        action, args = menu.action, (*menu.args, place_value(place))
    elif meant := wire.unpack(query.data):
        action, args = meant
    else:
        return OldButton(account, query.id)
    ref = Ref(place, str(message.message_id))
    call = Call(update, account, place, server, action, args, message=ref)
    return Heard(call, message.message_id, query.id, payload(query.data))


def _shared(update: str, account: Account, message: Message) -> Shared | None:
    if chat := message.chat_shared:
        return Shared(update, account, chat.request_id, choosing.CHANNEL, str(chat.chat_id))
    if (several := message.users_shared) and several.users:
        return Shared(update, account, several.request_id, choosing.MEMBER, str(several.users[0].user_id))
    return None


def _stands(change: ChatMemberUpdated) -> Happening | None:
    """Return what it means that the bot itself is something else in a chat than it was."""
    if change.chat.type == ChatType.PRIVATE:
        blocked = change.new_chat_member.status == ChatMemberStatus.BANNED
        return Happening("blocked", _account(change.from_user)) if blocked else None
    return Happening("changed" if rights.is_in(change.new_chat_member) else "removed", server=_server(change.chat.id))


def _left(change: ChatMemberUpdated) -> Happening | None:
    """Return what it means that somebody else is; Telegram tells it to administrators alone."""
    member = change.new_chat_member
    return None if rights.is_in(member) else Happening("left", _account(member.user), _server(change.chat.id))


def _noted(message: Message, me: User) -> Happening | None:
    """Return what Telegram's own note in a group tells."""
    if message.migrate_to_chat_id:
        # The note in the new group, migrate_from_chat_id, says the same once more.
        return Happening("moved", server=_server(message.chat.id), now=_server(message.migrate_to_chat_id))
    if (gone := message.left_chat_member) and gone.id != me.id:
        return Happening("left", _account(gone), _server(message.chat.id))
    return None


def _said(
    update: str, message: Message, me: User, listed: Mapping[str, str], takes_replies: Callable[[str], bool]
) -> Event | None:
    user = message.from_user
    unnamed = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    if user is None or message.chat.type == ChatType.CHANNEL:
        return None
    if not unnamed and (user.is_bot or message.sender_chat):
        return None
    account, private = _account(user), message.chat.type == ChatType.PRIVATE
    if shared := _shared(update, account, message):
        return shared
    place = account.private if private else _group(message.chat.id, _thread(message))
    server = None if private else str(message.chat.id)
    answered = _answered(message, place, me)
    args: tuple[str, ...] = ()
    form = _form(message) if answered and not private else ()
    if message.text is None:
        # Without an attachment it is Telegram's own note (a pinned message, a timer), not something that was said.
        if unnamed or not message.effective_attachment or not (private or form):
            return None
        return Heard(
            Call(update, account, place, server, "", form, reply_to=answered, attached=True), message.message_id
        )
    if command := _command(message):
        name, whose, text = command
        if whose not in ("", f"{me.username}".lower()):
            return None
        # In a group a bare /command may be meant for another bot.
        if not (private or whose or name in listed or name == "cancel"):
            return None
        if name == "start":
            if private and (menu := choosing.menu(_packed(text), "-")):
                return Offered(account, menu)
            action, args, about = _started(text, private, listed)
            text, server = "", about or server
        elif name == "cancel":
            action, args = CANCEL, form
        else:
            action = name
    elif private or answered:
        pressed = () if private or form else _pressable(message)
        action, args = next((each for each in pressed if takes_replies(each[0])), ("", form))
        text = message.text
    else:
        return None
    call = Call(update, account, place, server, action, args, reply_to=answered, text=text)
    if unnamed:
        return Unnamed(call, message.message_id) if action or args else None
    return Heard(call, message.message_id)


def _command(message: Message) -> tuple[str, str, str] | None:
    """Return the command that a message begins with: its name, the bot it is for or "", and what follows it."""
    for entity in message.entities:
        if entity.type == MessageEntityType.BOT_COMMAND and entity.offset == 0:
            text = message.text or ""
            name, _, whose = text[1 : entity.length].lower().partition("@")
            return name, whose, text[entity.length :].strip()
    return None


def _answered(message: Message, place: Place, me: User) -> Ref | None:
    """Return the bot's own message that this one answers."""
    earlier = message.reply_to_message
    # Whatever is written in a topic formally answers the note that opened it, and the bot may have opened it.
    if earlier is None or earlier.from_user is None or earlier.from_user.id != me.id or earlier.forum_topic_created:
        return None
    return Ref(place, str(earlier.message_id))


def _form(message: Message) -> tuple[str, ...]:
    """Return which form the bot's message that this one answers asks for: its button that cancels the form tells."""
    return next((args for action, args in _pressable(message) if action == CANCEL), ())


def _pressable(message: Message) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what the buttons do of the message that this one answers."""
    earlier = message.reply_to_message
    for row in earlier.reply_markup.inline_keyboard if earlier and earlier.reply_markup else ():
        for button in row:
            meant = wire.unpack(button.callback_data) if isinstance(button.callback_data, str) else None
            if meant:
                yield meant


def _thread(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None


def _group(chat: int, thread: int | None) -> Place:
    return Place(PLATFORM, str(chat), None if thread is None else str(thread))


def _server(chat: int) -> Server:
    return Server(PLATFORM, str(chat))
