"""Acting as a person, and seeing what they see."""

import itertools
import re
import time
from dataclasses import dataclass

from tests.platforms.telegram.basics import Json
from tests.platforms.telegram.objects import (
    ANONYMOUS,
    BOT_ID,
    BOT_NAME,
    CHANNEL_RIGHTS,
    GROUP_RIGHTS,
    PRESENT,
    Chat,
    Message,
    Person,
    Topic,
    chat_member,
)
from tests.platforms.telegram.params import requests
from tests.platforms.telegram.people import People
from tests.platforms.telegram.state import State
from tests.platforms.telegram.text import with_found

START = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What may follow in a start link."""


@dataclass
class Press:
    """A pressed button."""

    state: State
    query: Json
    """The CallbackQuery as the bot gets it."""
    update: Json | None
    """The update that carries it; None when the bot asked for none of the kind."""
    answers: list[Json]
    """The parameters of each answerCallbackQuery so far."""

    async def answered(self, within: float = 5.0) -> Json:
        """Wait until the bot answers; returns the parameters of its first answer."""
        return await self.state.wait_for(lambda: next(iter(self.answers), None), within)

    def expire(self) -> None:
        """From now on this query is too old to be answered."""
        self.state.presses.pop(self.query["id"], None)


def _wanted(asked: Json, whose: str) -> list[str]:
    """The rights that a request for a chat asks of the "user", or for the "bot"."""
    rights: Json = asked.get(f"{whose}_administrator_rights") or {}
    return [right for right, wanted in rights.items() if wanted]


class Acting(People):
    """What a person does (each returns at once), and what there is to read."""

    def __init__(self) -> None:
        super().__init__()
        self._query_ids = itertools.count(520_000_000_000_000_001)

    def say(
        self,
        user: Person,
        chat: Chat,
        text: str,
        reply_to: Message | int | None = None,
        thread: Topic | int | None = None,
    ) -> Json | None:
        """Someone writes; returns the update, None when privacy mode or allowed_updates keep it from the bot."""
        entities = with_found(text, [])
        return self.post(user, chat, {"text": text} | ({"entities": entities} if entities else {}), reply_to, thread)

    def post(
        self,
        user: Person,
        chat: Chat,
        content: Json,
        reply_to: Message | int | None = None,
        thread: Topic | int | None = None,
    ) -> Json | None:
        """Someone sends any kind of message: `content` is what is special to it, as in {"document": add_file(…)}."""
        may = chat.may(user, "can_send_messages") if chat.is_channel else self._is_in(user, chat)
        if user.blocked or (chat.person not in (None, user)) or (not chat.person and not may):
            raise ValueError(f"{user.wire['first_name']} cannot write there")
        answered = chat.messages[reply_to] if isinstance(reply_to, int) else reply_to
        thread = answered.thread if answered and thread is None else thread
        topic = chat.topics[thread] if isinstance(thread, int) else thread
        message = self.post_message(chat, user, content, reply_to=answered, topic=topic)
        if chat.person:
            user.started = True
        self.touch()
        kind = "channel_post" if chat.is_channel else "message"
        return self.emit(kind, message.wire) if self._hears(message, answered) else None

    def say_anonymously(self, chat: Chat, text: str, reply_to: Message | None = None) -> Json | None:
        """An administrator who remains anonymous writes in a group; returns the update, as `say` does."""
        entities = with_found(text, [])
        content: Json = {"text": text, "sender_chat": chat.wire} | ({"entities": entities} if entities else {})
        message = self.post_message(chat, Person(ANONYMOUS), content, reply_to=reply_to)
        self.touch()
        return self.emit("message", message.wire) if self._hears(message, reply_to) else None

    def open_link(self, user: Person, link: str) -> Json | None:
        """Someone opens a link to the bot and presses Start; returns the update. ValueError for any other address."""
        address, _, payload = link.partition("?start=")
        if address != f"https://t.me/{BOT_NAME}" or not START.fullmatch(payload):
            raise ValueError("that does not start the bot")
        return self.say(user, self.private(user), f"/start {payload}")

    def _is_in(self, user: Person, chat: Chat) -> bool:
        return chat.members.get(user.id) in PRESENT

    def _hears(self, message: Message, answered: Message | None) -> bool:
        """Whether the bot gets a message: in groups, as a member, commands that may be its own and answers to it."""
        chat = message.chat
        if chat.person or chat.members.get(BOT_ID) == "administrator":
            return True
        if chat.members.get(BOT_ID) not in PRESENT:
            return False
        if answered and answered.from_bot:
            return True
        first: Json = message.entities[0] if message.entities else {"type": ""}
        if first["type"] != "bot_command" or first["offset"]:
            return False
        _, _, whose = message.text[: first["length"]].partition("@")
        return whose.lower() in ("", BOT_NAME.lower())

    def edit(self, user: Person, message: Message | int, text: str, chat: Chat | None = None) -> Json | None:
        """Someone edits what they wrote (by id: in `chat`, their private one unless given); returns the update."""
        if isinstance(message, int):
            message = (chat or self.private(user)).messages[message]
        if message.author != user.id:
            raise ValueError("not their message")
        entities = with_found(text, [])
        wire = {k: v for k, v in message.wire.items() if k != "entities"} | ({"entities": entities} if entities else {})
        message.wire = wire | {"text": text, "edit_date": int(time.time())}
        answered = message.chat.messages.get(message.reply_to or 0)
        return self.emit("edited_message", message.wire) if self._hears(message, answered) else None

    def press(self, user: Person, message: Message, button: str) -> Press:
        """Someone presses a button, named by its label or its callback data."""
        rows = (message.markup or {}).get("inline_keyboard", [])
        data = [b["callback_data"] for row in rows for b in row if "callback_data" in b]
        by_label = [b["callback_data"] for row in rows for b in row if b["text"] == button and "callback_data" in b]
        if message.deleted or not (by_label or button in data):
            raise LookupError(f"no button {button!r}; there are {message.buttons}")
        query = {
            "id": str(next(self._query_ids)),
            "from": user.wire,
            "message": message.wire,
            "chat_instance": str(message.chat.id * 7),
            "data": by_label[0] if by_label else button,
        }
        answers = self.presses[query["id"]] = []
        return Press(self, query, self.emit("callback_query", query), answers)

    def asks(self, user: Person) -> list[str]:
        """The labels on the reply keyboard in someone's chat with the bot that ask for a chat or for people."""
        return [label for label, _, _ in self._requests(user)]

    def share(self, user: Person, label: str, chosen: Chat | Person) -> Json | None:
        """Someone presses a button of the reply keyboard and chooses; returns the update. LookupError where no such
        button is shown, ValueError for a choice that a client would not offer. What a button asks for that the bot may
        do in the chat it is given."""
        found = next(((kind, asked) for name, kind, asked in self._requests(user) if name == label), None)
        if found is None:
            raise LookupError(f"no button {label!r}; there are {self.asks(user)}")
        kind, asked = found
        if (kind == "request_chat") != isinstance(chosen, Chat) or not self._is_offered(user, asked, chosen):
            raise ValueError("that is not among what is offered")
        shared: Json = {"request_id": asked["request_id"]}
        if isinstance(chosen, Chat):
            self._grant(user, asked, chosen)
            content: Json = {"chat_shared": shared | {"chat_id": chosen.id}}
        else:
            content = {"users_shared": shared | {"users": [{"user_id": chosen.id}]}}
        return self.post(user, self.private(user), content)

    def _requests(self, user: Person) -> list[tuple[str, str, Json]]:
        """What the reply keyboard asks for: the last one sent, unless it was taken away since."""
        markups = [m.markup for m in self.private(user).messages.values() if m.markup and m.from_bot]
        last = next((m for m in reversed(markups) if "keyboard" in m or "remove_keyboard" in m), {})
        return requests(last)

    def _is_offered(self, user: Person, asked: Json, chosen: Chat | Person) -> bool:
        if isinstance(chosen, Person):
            return asked.get("user_is_bot", chosen.wire["is_bot"]) == chosen.wire["is_bot"]
        if chosen.person or not self._is_in(user, chosen) or asked["chat_is_channel"] != chosen.is_channel:
            return False
        # "for basic group and supergroup chats only", says TDLib of a request's bot_is_member
        if asked.get("bot_is_member") and not chosen.is_channel and chosen.members.get(BOT_ID) not in PRESENT:
            return False
        theirs, ours = (_wanted(asked, whose) for whose in ("user", "bot"))
        lacks = [right for right in ours if not self._bot_may(chosen, right)]
        return all(chosen.may(user, right) for right in (*theirs, *(["can_promote_members"] if lacks else [])))

    def _bot_may(self, chat: Chat, right: str) -> bool:
        return chat.members.get(BOT_ID) == "administrator" and chat.may(self.bot, right)

    def _grant(self, user: Person, asked: Json, chat: Chat) -> None:
        """Make the bot an administrator with the rights that a button asks for, where it is none with those."""
        wanted = _wanted(asked, "bot")
        if all(self._bot_may(chat, right) for right in wanted):
            return
        member = chat_member(self.bot, "administrator", CHANNEL_RIGHTS if chat.is_channel else GROUP_RIGHTS)
        had = [right for right in member if right.startswith("can_") and self._bot_may(chat, right)]
        off = {right: False for right in member if right.startswith("can_") and right not in (*wanted, *had)}
        self.set_status(chat, self.bot, "administrator", by=user, **off)

    def messages(self, chat: Chat) -> list[Message]:
        """What stands in a chat, oldest first."""
        return list(chat.messages.values())

    def message(self, update_or_wire: Json) -> Message:
        """The message that an update, or a Message object, speaks of."""
        wire = update_or_wire.get("message", update_or_wire.get("edited_message", update_or_wire))
        return self.chats[wire["chat"]["id"]].messages[wire["message_id"]]

    async def next_message(self, chat: Chat, after: Message | int | None = None, within: float = 5.0) -> Message:
        """Wait for the bot's first message after `after`, which is the last thing a person sent there if not given."""
        since = chat.last_from_person if after is None else after if isinstance(after, int) else after.id
        return await self.wait_for(
            lambda: next((m for m in chat.messages.values() if m.from_bot and m.id > since), None), within
        )
