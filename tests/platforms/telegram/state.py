"""What a Telegram keeps, and how a test waits for it to change."""

import asyncio
import hashlib
import itertools
import mimetypes
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.platforms.telegram.basics import Json
from tests.platforms.telegram.objects import BOT_ID, BOT_NAME, Chat, Message, Person, Topic, Upload

T = TypeVar("T")
TOPIC_COLOUR = 7322096


@dataclass
class Request:
    """One call of the bot, listed when it arrives and completed when it is answered.

    `status` is None until then, and 0 when the connection was dropped; `result` is what Telegram holds the result to
    be, or the whole answer when it is an error; `time` is `time.monotonic()` at arrival.
    """

    method: str
    params: Json
    status: int | None = None
    result: Any = None
    time: float = field(default_factory=time.monotonic)
    host: str = ""  # by which name the server was called: it tells two bots apart


class State:
    """People, chats, messages, files and what the bot set; the calls so far. Methods and people change it."""

    def __init__(self) -> None:
        wire = {"id": BOT_ID, "is_bot": True, "first_name": "Unsent", "username": BOT_NAME}
        self.bot = Person(wire)
        self.people: dict[int, Person] = {BOT_ID: self.bot}
        self.chats: dict[int, Chat] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        """What setMyCommands set, by scope ("default", "chat:-100…", "chat_member:-100…:42") and language (or "")."""
        self.descriptions: dict[tuple[str, str], str] = {}
        self.files: dict[str, tuple[Upload, str]] = {}
        """By file_id: the file, and the path it is downloaded from."""
        self.presses: dict[str, list[Json]] = {}
        """By id of each callback query that may still be answered: its answers."""
        self.actions: list[tuple[int, str]] = []
        """What sendChatAction showed: chat id and action."""
        # Telegram counts the messages of all private chats and basic groups together, each supergroup and channel by
        # itself.
        self._ids = itertools.count(1)
        self.requests: list[Request] = []
        self._watchers: list[asyncio.Future[None]] = []

    def emit(self, kind: str, payload: Json) -> Json | None:
        """Something the bot may hear of; returns the update if it does."""
        raise NotImplementedError

    def new_chat(self, chat_id: int, kind: str, **more: Any) -> Chat:
        """A chat that is there from now on."""
        ids = itertools.count(1) if kind in ("supergroup", "channel") else self._ids
        chat = self.chats[chat_id] = Chat(chat_id, kind, ids=ids, **more)
        return chat

    def post_message(
        self, chat: Chat, sender: Person, content: Json, *, reply_to: Message | None = None, topic: Topic | None = None
    ) -> Message:
        """Put a message into a chat."""
        wire = {"message_id": next(chat.ids), "chat": chat.wire, "date": int(time.time())}
        # In a channel it is the channel that speaks: "from" is "empty for messages sent to channels".
        wire |= {"sender_chat": chat.wire} if chat.is_channel else {"from": sender.wire}
        if topic:
            wire |= {"message_thread_id": topic.id, "is_topic_message": True}
        # In a topic, what answers nothing answers the message that opened the topic: so Telegram says.
        answered = reply_to or (topic.root if topic else None)
        if answered:
            wire["reply_to_message"] = {k: v for k, v in answered.wire.items() if k != "reply_to_message"}
        message = Message(chat, wire | content, sender.id, reply_to=reply_to.id if reply_to else None)
        chat.messages[message.id] = message
        if sender is not self.bot:
            chat.last_from_person = message.id
        return message

    def set_status(self, chat: Chat, person: Person, status: str, by: Person, **rights: bool) -> None:
        """Change what `person` is in `chat`, and tell the bot where it would be told."""
        if chat.is_channel and person is self.bot and status not in ("administrator", "left", "kicked"):
            raise ValueError("a bot is an administrator of a channel, or is not in it")  # USER_BOT, says Telegram
        old = chat.member(person)
        chat.members[person.id], chat.rights[person.id] = status, rights
        new, ours = chat.member(person), person is self.bot
        if old != new and (ours or chat.members.get(BOT_ID) == "administrator"):
            change = {"chat": chat.wire, "from": by.wire, "date": int(time.time())}
            both = {"old_chat_member": old, "new_chat_member": new}
            self.emit("my_chat_member" if ours else "chat_member", change | both)

    def open_topic(self, chat: Chat, by: Person, name: str, colour: int = TOPIC_COLOUR) -> Topic:
        """Make a topic in a forum."""
        content = {"forum_topic_created": {"name": name, "icon_color": colour}}
        root = self.post_message(chat, by, content)
        root.wire |= {"message_thread_id": root.id, "is_topic_message": True}
        chat.topics[root.id] = Topic(root.id, name, root)
        return chat.topics[root.id]

    def drop_topic(self, chat: Chat, topic_id: int) -> None:
        """Delete a topic and all in it."""
        del chat.topics[topic_id]
        for message in [m for m in chat.messages.values() if m.thread == topic_id]:
            self.remove(message)

    def remove(self, message: Message) -> None:
        """Delete a message."""
        message.deleted = True
        del message.chat.messages[message.id]

    def add_file(self, upload: Upload) -> Json:
        """Keep a file; returns its Document object."""
        number = len(self.files) + 1
        unique = hashlib.sha256(upload.data).hexdigest()[:16]
        file_id = f"BQAC{number:04}{unique}"
        self.files[file_id] = (upload, f"documents/file_{number}{mimetypes.guess_extension(upload.mime) or ''}")
        size = len(upload.data)
        wire = {"file_name": upload.name, "mime_type": upload.mime, "file_id": file_id, "file_unique_id": unique}
        return wire | {"file_size": size}

    async def wait_for(self, predicate: Callable[[], T | None], within: float = 5.0) -> T:
        """Wait until `predicate` holds, trying it whenever something happened here; returns what it returned."""
        try:
            async with asyncio.timeout(within):
                while not (value := predicate()):
                    watcher = asyncio.get_running_loop().create_future()
                    self._watchers.append(watcher)
                    await watcher
                return value
        except TimeoutError:
            last = [(r.method, r.status) for r in self.requests[-5:]]
            raise TimeoutError(f"not within {within} s; the last calls were {last}") from None

    def touch(self) -> None:
        """Something changed: let who waits look again."""
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)
