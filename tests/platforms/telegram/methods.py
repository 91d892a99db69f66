"""How a method of the Bot API is declared, and what methods share: finding what a call names, sending, editing."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.platforms.telegram.basics import ApiError, Json, bad
from tests.platforms.telegram.objects import BOT_ID, PRESENT, Chat, Message, Topic, Upload
from tests.platforms.telegram.params import checked_markup, requests
from tests.platforms.telegram.state import State

Run = Callable[[Any, Json], Any]


class Method(NamedTuple):
    """A method: `run(server, parameters)` gives the result, at once or when awaited."""

    name: str
    run: Run
    result: str | None
    """The Bot API type of the result; None: True."""


class Methods(dict[str, Method]):
    """The methods of one module by lower-case name: so Telegram looks them up."""

    def add(self, name: str, result: str | None = None) -> Callable[[Run], Run]:
        """Declare a method of the Bot API."""

        def declare(run: Run) -> Run:
            self[name.lower()] = Method(name, run, result)
            return run

        return declare


def chat_for(state: State, p: Json, key: str = "chat_id", *, write: bool = True) -> Chat:
    """The chat a call names, if the bot may go there (`write`: may say something there)."""
    if p.get(key) in (None, ""):
        raise bad(f"{key} is empty")
    chat = state.chats.get(p[key])
    if chat is None:
        raise bad("chat not found")
    if chat.moved_to is not None:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": chat.moved_to},
        )
    if person := chat.person:
        if not person.started and not write:
            raise bad("chat not found")
        if write and person.deactivated:
            raise ApiError(403, "Forbidden: user is deactivated")
        if write and not person.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        if write and person.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return chat
    if chat.deleted and not chat.is_channel:
        raise ApiError(403, "Forbidden: the group chat was deleted")
    status, kind = chat.members.get(BOT_ID, "left"), f"{chat.kind} chat"
    if status == "kicked" or chat.deleted:
        raise ApiError(403, f"Forbidden: bot was kicked from the {kind}")
    if status not in PRESENT:
        raise ApiError(403, f"Forbidden: bot is not a member of the {kind}")
    return chat


def message_for(p: Json, chat: Chat, missing: str) -> Message:
    """The message a call names; `missing` is Telegram's complaint when it is not there."""
    message = chat.messages.get(p.get("message_id", 0))
    if message is None:
        raise bad(missing)
    return message


def topic_for(state: State, p: Json, chat: Chat) -> Topic | None:
    """The topic a message is to go to, None for none."""
    if p.get("message_thread_id") is None:
        return None
    topic = chat.topics.get(p["message_thread_id"])
    if topic is None:
        raise bad("message thread not found")
    if topic.closed and not (chat.members[BOT_ID] == "administrator" and chat.may(state.bot, "can_manage_topics")):
        raise bad("TOPIC_CLOSED")
    return topic


def forum_for(state: State, p: Json) -> Chat:
    """The forum a call names, if the bot may manage its topics."""
    chat = chat_for(state, p)
    if not chat.forum:
        raise bad("the chat is not a forum")
    if chat.members[BOT_ID] != "administrator" or not chat.may(state.bot, "can_manage_topics"):
        raise bad("not enough rights to create a topic")
    return chat


def say_as_bot(
    state: State, p: Json, content: Callable[[], Json], upload: Upload | None = None, what: str = "messages"
) -> Message:
    """What every sending method does; `content` makes what is special to it once the place is known good.

    `what` it is decides which permission that takes in a group.
    """
    chat = chat_for(state, p)
    if chat.is_channel and not chat.may(state.bot, f"can_send_{what}"):
        raise bad("need administrator rights in the channel chat")
    if not chat.person and not chat.may(state.bot, f"can_send_{what}"):
        raise bad(f"not enough rights to send {'text messages' if what == 'messages' else what} to the chat")
    topic = topic_for(state, p, chat)
    asked: Json = p.get("reply_parameters") or {}
    reply_to = chat.messages.get(asked.get("message_id", 0))
    if asked and not reply_to and not asked.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    markup = checked_markup(p.get("reply_markup"))
    if markup and requests(markup) and not chat.person:
        raise bad("BUTTON_TYPE_INVALID")
    shown = {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}
    message = state.post_message(chat, state.bot, content() | shown, reply_to=reply_to, topic=topic)
    message.markup, message.upload = markup, upload
    return message


def upload_for(state: State, p: Json, key: str) -> tuple[Upload, Json]:
    """The file a call sends, new or known by its file_id, and its Document object."""
    given = p.get(key)
    if isinstance(given, Upload):
        if not given.data:
            raise bad("file must be non-empty")
        return given, state.add_file(given)
    if given in state.files:
        upload = state.files[given][0]
        return upload, state.add_file(upload)
    raise bad(f"there is no {key} in the request" if not given else "wrong file identifier/HTTP URL specified")


def own_message(state: State, p: Json) -> Message:
    """The message a call edits, if the bot may."""
    message = message_for(p, chat_for(state, p), "message to edit not found")
    if message.chat.is_channel and not message.chat.may(state.bot, "can_send_messages"):
        raise bad("need administrator rights in the channel chat")
    if not message.from_bot or (message.markup and "inline_keyboard" not in message.markup):
        raise bad("message can't be edited")
    return message


def rewrite(message: Message, p: Json, change: Json, clear: tuple[str, ...] = ()) -> Json:
    """Put `change` and the keyboard of `p` (none: no keyboard) into a message; returns the message."""
    markup = checked_markup(p.get("reply_markup"), inline_only=True)
    wire = {k: v for k, v in message.wire.items() if k not in ("reply_markup", *clear)} | change
    wire |= {"reply_markup": markup} if markup else {}
    if {**wire, "edit_date": 0} == {**message.wire, "edit_date": 0}:
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        )
    message.wire, message.markup = wire | {"edit_date": int(time.time())}, markup
    return message.wire
