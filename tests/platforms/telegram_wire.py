"""What Telegram keeps and how it looks on the wire: people, chats, messages, and the methods a bot may call on them.

`World` holds the state and answers one decoded call at a time; it knows nothing of HTTP, of updates waiting to be
fetched or of faults. Those are in `telegram_server`.
"""

import hashlib
import html
import itertools
import json
import mimetypes
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Json = dict[str, Any]

BOT_ID = 123456
TOKEN = f"{BOT_ID}:AA{'x' * 33}"
BOT_NAME = "unsent_test_bot"
PRESENT = ("creator", "administrator", "member", "restricted")
TOPIC_COLOUR = 7322096


def words(names: str) -> tuple[str, ...]:
    """Names, written in a row."""
    return tuple(names.split())


INTEGERS = words(
    "cache_time chat_id direct_messages_topic_id from_chat_id icon_color limit max_connections message_id "
    "message_thread_id offset timeout user_id"
)
FLAGS = words(
    "allow_paid_broadcast disable_content_type_detection disable_notification drop_pending_updates has_spoiler "
    "protect_content return_bots show_alert show_caption_above_media"
)
OBJECTS = words(
    "allowed_updates caption_entities commands entities link_preview_options message_ids reply_markup "
    "reply_parameters scope"
)


class ApiError(Exception):
    """An answer other than ok: HTTP status, Telegram's description, its `parameters`."""

    def __init__(self, status: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


def bad(what: str) -> ApiError:
    """A 400 that says `what`."""
    return ApiError(400, f"Bad Request: {what}")


class Upload(NamedTuple):
    """A file: its name and its bytes."""

    name: str
    data: bytes


# --------------------------------------------------------------------------------------------- parameters and text


def decode(name: str, value: Any) -> Any:
    """A parameter as it came (form string or JSON value) into the value it stands for; what cannot be is left as is."""
    if not isinstance(value, str):
        return value
    if name in INTEGERS and re.fullmatch(r"-?\d+", value):
        return int(value)
    if name in FLAGS and value.lower() in ("true", "false", "1", "0"):
        return value.lower() in ("true", "1")
    if name in OBJECTS:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def u16(text: str) -> int:
    """The length of `text` in UTF-16 code units, which is how Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


_PIECE = re.compile(
    r"(?P<text>[^<&]+)|(?P<ref>&(?:#(?P<dec>\d+)|#x(?P<hex>[0-9a-fA-F]+)|(?P<name>lt|gt|amp|quot)\b);?)"
    r"|</(?P<end>[^\s>]*)\s*(?P<closed>>?)"
    r"|<(?P<start>[^\s>]*)(?P<attrs>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)(?P<opened>>?)|(?P<amp>&)"
)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w.-]+)))?")
_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}


def _entity_kind(tag: str, attrs: dict[str, str], at: int) -> Json:
    """The entity that a start tag stands for, without its place; {} when the tag is taken but marks nothing."""
    if tag in _SIMPLE:
        language = attrs.get("class", "").removeprefix("language-") if tag == "code" else ""
        return {"type": _SIMPLE[tag]} | ({"language": language} if language else {})
    if tag == "span":
        if attrs.get("class") != "tg-spoiler":
            raise bad(f'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset {at}')
        return {"type": "spoiler"}
    if tag == "a":
        url = attrs.get("href", "")
        return {"type": "text_link", "url": url} if re.match(r"(https?|tg|tel|mailto):", url) else {}
    if tag == "blockquote":
        return {"type": "expandable_blockquote" if "expandable" in attrs else "blockquote"}
    if tag == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": attrs.get("emoji-id", "")}
    raise bad(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {at}')


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Telegram's HTML into plain text and entities, in Telegram's order; ApiError with Telegram's words when wrong."""
    out: list[str] = []
    size = 0
    stack: list[tuple[str, Json, int]] = []
    found: list[Json] = []
    for piece in _PIECE.finditer(source):
        if piece["start"] is not None:
            at = len(source[: piece.start()].encode())
            tag = piece["start"].lower()
            if piece.end("start") == len(source):
                raise bad(f"can't parse entities: Unclosed start tag at byte offset {at}")
            attrs = {
                m[1].lower(): html.unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(piece["attrs"])
            }
            stack.append((tag, _entity_kind(tag, attrs, at), size))
            if not piece["opened"]:
                raise bad(f'can\'t parse entities: Unclosed start tag "{tag}" at byte offset {at}')
        elif piece["end"] is not None:
            at = len(source[: piece.start()].encode())
            if not stack:
                raise bad(f"can't parse entities: Unexpected end tag at byte offset {at}")
            if not piece["closed"]:
                raise bad(f"can't parse entities: Unclosed end tag at byte offset {at}")
            tag, kind, start = stack.pop()
            if piece["end"].lower() not in ("", tag):
                raise bad(
                    f"can't parse entities: Unmatched end tag at byte offset {at}, "
                    f'expected "</{tag}>", found "</{piece["end"]}>"'
                )
            if tag == "code" and stack and stack[-1][0] == "pre" and stack[-1][2] == start:
                stack[-1][1].update({k: v for k, v in kind.items() if k == "language"})
            elif kind and size > start:
                kept = {k: v for k, v in kind.items() if k != "language" or tag == "pre"}
                found.append({**kept, "offset": start, "length": size - start})
        else:
            if piece["dec"] or piece["hex"]:
                text = chr(int(piece["dec"] or piece["hex"], 10 if piece["dec"] else 16))
            else:
                text = html.unescape(f"&{piece['name']};") if piece["name"] else piece[0]
            out.append(text)
            size += u16(text)
    if stack:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{stack[-1][0]}\"")
    return "".join(out), found


def render_html(text: str, entities: list[Json]) -> str:
    """Plain text and entities back into HTML; what Telegram finds by itself (links, commands) is not marked."""
    tags = {"text_link": "a", "custom_emoji": "tg-emoji", "expandable_blockquote": "blockquote"} | {
        kind: tag for tag, kind in reversed(_SIMPLE.items())
    }
    attrs = {
        "text_link": lambda e: f' href="{html.escape(e["url"])}"',
        "custom_emoji": lambda e: f' emoji-id="{e["custom_emoji_id"]}"',
        "expandable_blockquote": lambda e: " expandable",
    }
    marks: list[tuple[tuple[int, int, int, int], str]] = []
    for index, e in enumerate(entities):
        tag = tags.get(e["type"], "blockquote" if e["type"] == "blockquote" else "")
        if tag:
            end = e["offset"] + e["length"]
            opening = f"<{tag}{attrs.get(e['type'], lambda e: '')(e)}>"
            marks.append(((e["offset"], 1, -end, index), opening))
            marks.append(((end, 0, -e["offset"], -index), f"</{tag}>"))
    units, out, done = text.encode("utf-16-le"), [], 0
    for (at, *_), mark in sorted(marks):
        out += [html.escape(units[done * 2 : at * 2].decode("utf-16-le"), quote=False), mark]
        done = at
    return "".join([*out, html.escape(units[done * 2 :].decode("utf-16-le"), quote=False)])


_FOUND_ALONE = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)'])|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w/<>])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/<>])"
    r"|(?<!\w)(?P<mention>@[A-Za-z]\w{3,31})\b|(?<!\w)(?P<hashtag>\#\w*[^\W\d]\w*)"
)


def with_found(text: str, entities: list[Json]) -> list[Json]:
    """`entities` and those that Telegram finds in `text` by itself, where it finds them: not in code or links."""
    closed = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in ("code", "pre", "text_link")]
    out = list(entities)
    for hit in _FOUND_ALONE.finditer(text):
        start, size = u16(text[: hit.start()]), u16(hit[0])
        if not any(a < start + size and start < b for a, b in closed):
            out.append({"type": hit.lastgroup, "offset": start, "length": size})
    return sorted(out, key=lambda e: (e["offset"], -e["length"]))


def formatted(p: Json, key: str, limit: int) -> tuple[str, list[Json]]:
    """The text under `key` as Telegram stores it: parsed, trimmed, within `limit`. Returns plain text and entities."""
    source = p.get(key) or ""
    if not isinstance(source, str):
        raise bad(f"{key} must be a string")
    mode = str(p.get("parse_mode") or "").lower()
    if mode not in ("", "html"):
        raise bad("unsupported parse_mode")
    given = p.get("entities" if key == "text" else "caption_entities") or []
    text, entities = parse_html(source) if mode else (source, given)
    lead = u16(text) - u16(text.lstrip())
    text = text.strip()
    size = u16(text)
    kept: list[Json] = []
    for e in entities:
        start, end = max(e["offset"] - lead, 0), min(e["offset"] + e["length"] - lead, size)
        if end > start:
            kept.append({**e, "offset": start, "length": end - start})
    if size > limit:
        raise bad("message is too long" if key == "text" else "message caption is too long")
    return text, with_found(text, kept)


def checked_markup(markup: Any, inline_only: bool = False) -> Json | None:
    """`reply_markup` as Telegram takes it, or ApiError."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise bad("can't parse reply keyboard markup JSON object")
    if "inline_keyboard" not in markup:
        if inline_only:
            raise bad("inline keyboard expected")
        return markup
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    for button in buttons:
        if not button.get("text"):
            raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
        if "callback_data" in button:
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise bad("BUTTON_DATA_INVALID")
        elif "url" in button:
            if not re.match(r"(https?|tg)://\S+$", button["url"]):
                raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
        elif len(button) == 1:
            raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(buttons) > 100:
        raise bad("reply markup is too long")
    return markup if buttons else None


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG or a JPEG; ApiError for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) > 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data.startswith(b"\xff\xd8") and (frame := re.search(rb"\xff[\xc0-\xc2]..\x08(..)(..)", data, re.DOTALL)):
        return int.from_bytes(frame[2], "big"), int.from_bytes(frame[1], "big")
    raise bad("IMAGE_PROCESS_FAILED")


# ------------------------------------------------------------------------------------------ people, chats, messages


@dataclass(eq=False)
class Person:
    """Someone with a Telegram account, or the bot itself."""

    wire: Json
    started: bool = False
    """Whether they ever wrote to the bot: it may not write first."""
    blocked: bool = False
    deactivated: bool = False

    @property
    def id(self) -> int:
        return self.wire["id"]


@dataclass(eq=False)
class Topic:
    """A topic of a forum; its id is that of the message that made it."""

    id: int
    name: str
    root: "Message"
    closed: bool = False


@dataclass(eq=False)
class Chat:
    """A private chat (`person` set), a basic group or a supergroup."""

    id: int
    kind: str
    title: str = ""
    forum: bool = False
    person: Person | None = None
    members: dict[int, str] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, "Message"] = field(default_factory=dict)
    pinned: int | None = None
    moved_to: int | None = None
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    last_from_person: int = 0

    @property
    def wire(self) -> Json:
        """The Chat object."""
        if self.person:
            names = {k: v for k, v in self.person.wire.items() if k in ("first_name", "username")}
            return {"id": self.id, "type": "private", **names}
        return {"id": self.id, "type": self.kind, "title": self.title} | ({"is_forum": True} if self.forum else {})


@dataclass(eq=False)
class Message:
    """A message as those in the chat see it now. `wire` is replaced, never changed, so what was sent stays as sent."""

    chat: Chat
    wire: Json
    markup: Json | None = None
    upload: Upload | None = None
    reply_to: int | None = None
    deleted: bool = False

    @property
    def id(self) -> int:
        return self.wire["message_id"]

    @property
    def from_bot(self) -> bool:
        return self.wire["from"]["id"] == BOT_ID

    @property
    def text(self) -> str:
        """Text or caption, plain."""
        return self.wire.get("text", self.wire.get("caption", ""))

    @property
    def entities(self) -> list[Json]:
        return self.wire.get("entities", self.wire.get("caption_entities", []))

    @property
    def html(self) -> str:
        return render_html(self.text, self.entities)

    @property
    def buttons(self) -> dict[str, str]:
        """Label to callback data, or to the address it opens, in the order they stand."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return {b["text"]: b.get("callback_data", b.get("url", "")) for row in rows for b in row}

    @property
    def force_reply(self) -> bool:
        return bool((self.markup or {}).get("force_reply"))

    @property
    def keyboard(self) -> list[list[Any]] | None:
        """The rows of a reply keyboard; None without one."""
        return (self.markup or {}).get("keyboard")

    @property
    def document(self) -> Upload | None:
        return self.upload if "document" in self.wire else None

    @property
    def photo(self) -> Upload | None:
        return self.upload if "photo" in self.wire else None

    @property
    def thread(self) -> int | None:
        return self.wire.get("message_thread_id")

    @property
    def edited(self) -> bool:
        return "edit_date" in self.wire


_RIGHTS = words(
    "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members can_promote_members "
    "can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories can_pin_messages "
    "can_manage_topics"
)
_PERMISSIONS = words(
    "can_send_messages can_send_audios can_send_documents can_send_photos can_send_videos can_send_video_notes "
    "can_send_voice_notes can_send_polls can_send_other_messages can_add_web_page_previews can_react_to_messages "
    "can_edit_tag can_change_info can_invite_users can_pin_messages can_manage_topics"
)


def chat_member(person: Person, status: str) -> Json:
    """The ChatMember object of `person` with `status`."""
    out: Json = {"status": status, "user": person.wire}
    if status == "creator":
        out["is_anonymous"] = False
    elif status == "administrator":
        out |= {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys(_RIGHTS, True)
    elif status == "restricted":
        out |= {"is_member": True, "until_date": 0} | dict.fromkeys(_PERMISSIONS, False)
    elif status == "kicked":
        out["until_date"] = 0
    return out


# ------------------------------------------------------------------------------------------------------- the methods

Method = Callable[[Any, Json], Any]
METHODS: dict[str, tuple[str, Method, str | None]] = {}
"""By lower-case name, as Telegram looks them up: the name, what runs, the Bot API type of the result (None: True)."""


def method(name: str, result: str | None = None) -> Callable[[Method], Method]:
    """Declare a method of the Bot API."""

    def declare(run: Method) -> Method:
        METHODS[name.lower()] = (name, run, result)
        return run

    return declare


class World:
    """All that Telegram knows, and the methods that read and change it."""

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
        # Telegram counts the messages of all private chats and basic groups together, each supergroup by itself.
        self._ids = itertools.count(1)

    def emit(self, kind: str, payload: Json) -> Json | None:
        """Something the bot may hear of; returns the update if it does."""
        raise NotImplementedError

    # -- state that methods and people share

    def new_chat(self, chat_id: int, kind: str, **more: Any) -> Chat:
        """A chat that is there from now on."""
        ids = itertools.count(1) if kind == "supergroup" else self._ids
        chat = self.chats[chat_id] = Chat(chat_id, kind, ids=ids, **more)
        return chat

    def post_message(
        self, chat: Chat, sender: Person, content: Json, *, reply_to: Message | None = None, topic: Topic | None = None
    ) -> Message:
        """Put a message into a chat."""
        wire = {"message_id": next(chat.ids), "from": sender.wire, "chat": chat.wire, "date": int(time.time())}
        if topic:
            wire |= {"message_thread_id": topic.id, "is_topic_message": True}
        # In a topic, what answers nothing answers the message that opened the topic: so Telegram says.
        answered = reply_to or (topic.root if topic else None)
        if answered:
            wire["reply_to_message"] = {k: v for k, v in answered.wire.items() if k != "reply_to_message"}
        message = Message(chat, wire | content, reply_to=reply_to.id if reply_to else None)
        chat.messages[message.id] = message
        if sender is not self.bot:
            chat.last_from_person = message.id
        return message

    def set_status(self, chat: Chat, person: Person, status: str, by: Person) -> None:
        """Change what `person` is in `chat`, and tell the bot where it would be told."""
        old = chat.members.get(person.id, "left")
        chat.members[person.id] = status
        ours = person is self.bot
        if old != status and (ours or chat.members.get(BOT_ID) == "administrator"):
            change = {"chat": chat.wire, "from": by.wire, "date": int(time.time())}
            both = {"old_chat_member": chat_member(person, old), "new_chat_member": chat_member(person, status)}
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
        self.files[file_id] = (upload, f"documents/file_{number}{mimetypes.guess_extension(_mime(upload)) or ''}")
        size = len(upload.data)
        wire = {"file_name": upload.name, "mime_type": _mime(upload), "file_id": file_id, "file_unique_id": unique}
        return wire | {"file_size": size}

    # -- what methods lean on

    def chat_for(self, p: Json, key: str = "chat_id", *, write: bool = True) -> Chat:
        """The chat a call names, if the bot may go there (`write`: may say something there)."""
        if p.get(key) in (None, ""):
            raise bad(f"{key} is empty")
        chat = self.chats.get(p[key])
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
        status, kind = chat.members.get(BOT_ID, "left"), f"{chat.kind} chat"
        if status == "kicked":
            raise ApiError(403, f"Forbidden: bot was kicked from the {kind}")
        if status not in PRESENT:
            raise ApiError(403, f"Forbidden: bot is not a member of the {kind}")
        return chat

    def message_for(self, p: Json, chat: Chat, missing: str) -> Message:
        """The message a call names; `missing` is Telegram's complaint when it is not there."""
        message = chat.messages.get(p.get("message_id", 0))
        if message is None:
            raise bad(missing)
        return message

    def topic_for(self, p: Json, chat: Chat) -> Topic | None:
        """The topic a message is to go to, None for none."""
        if p.get("message_thread_id") is None:
            return None
        topic = chat.topics.get(p["message_thread_id"])
        if topic is None:
            raise bad("message thread not found")
        if topic.closed and chat.members[BOT_ID] != "administrator":
            raise bad("TOPIC_CLOSED")
        return topic

    def forum_for(self, p: Json) -> Chat:
        """The forum a call names, if the bot may manage its topics."""
        chat = self.chat_for(p)
        if not chat.forum:
            raise bad("the chat is not a forum")
        if chat.members[BOT_ID] != "administrator":
            raise bad("not enough rights to manage topics")
        return chat

    def say_as_bot(self, p: Json, content: Callable[[], Json], upload: Upload | None = None) -> Message:
        """What every sending method does; `content` makes what is special to it once the place is known good."""
        chat = self.chat_for(p)
        topic = self.topic_for(p, chat)
        asked: Json = p.get("reply_parameters") or {}
        reply_to = chat.messages.get(asked.get("message_id", 0))
        if asked and not reply_to and not asked.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        markup = checked_markup(p.get("reply_markup"))
        shown = {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}
        message = self.post_message(chat, self.bot, content() | shown, reply_to=reply_to, topic=topic)
        message.markup, message.upload = markup, upload
        return message

    def upload_for(self, p: Json, key: str) -> tuple[Upload, Json]:
        """The file a call sends, new or known by its file_id, and its Document object."""
        given = p.get(key)
        if isinstance(given, Upload):
            if not given.data:
                raise bad("file must be non-empty")
            return given, self.add_file(given)
        if given in self.files:
            upload = self.files[given][0]
            return upload, self.add_file(upload)
        raise bad(f"there is no {key} in the request" if not given else "wrong file identifier/HTTP URL specified")

    def own_message(self, p: Json) -> Message:
        """The message a call edits, if the bot may."""
        message = self.message_for(p, self.chat_for(p), "message to edit not found")
        if not message.from_bot or (message.markup and "inline_keyboard" not in message.markup):
            raise bad("message can't be edited")
        return message

    def rewrite(self, message: Message, p: Json, change: Json, clear: tuple[str, ...] = ()) -> Json:
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

    # -- the methods, as the Bot API names them

    @method("getMe", "User")
    def get_me(self, p: Json) -> Json:
        can = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return self.bot.wire | can | {"can_connect_to_business": False, "has_main_web_app": False}

    @method("getChat", "ChatFullInfo")
    def get_chat(self, p: Json) -> Json:
        chat = self.chat_for(p, write=False)
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
        pinned = chat.messages.get(chat.pinned or 0)
        more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, True)}
        return chat.wire | more | ({"pinned_message": pinned.wire} if pinned else {})

    @method("getChatMember", "ChatMember")
    def get_chat_member(self, p: Json) -> Json:
        chat, person = self.chat_for(p, write=False), self.people.get(p.get("user_id", 0))
        if person is None:
            raise bad("member not found")
        if chat.person:
            return chat_member(person, "member")
        return chat_member(person, chat.members.get(person.id, "left"))

    @method("getChatAdministrators", "Array of ChatMember")
    def get_chat_administrators(self, p: Json) -> list[Json]:
        chat = self.chat_for(p, write=False)
        if chat.person:
            raise bad("there are no administrators in the private chat")
        found = [(self.people[i], status) for i, status in chat.members.items() if status in PRESENT[:2]]
        return [chat_member(person, status) for person, status in found]

    def _scope(self, p: Json) -> tuple[str, str]:
        scope = p.get("scope") or {"type": "default"}
        if "chat_id" in scope:
            self.chat_for({"chat_id": decode("chat_id", scope["chat_id"])}, write=False)
        where = [str(scope[k]) for k in ("type", "chat_id", "user_id") if k in scope]
        return ":".join(where), p.get("language_code") or ""

    @method("setMyCommands")
    def set_my_commands(self, p: Json) -> bool:
        commands = p.get("commands")
        if not isinstance(commands, list):
            raise bad("can't parse commands JSON object")
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch(r"/?[a-z0-9_]{1,32}", command.get("command", "")):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= u16(command.get("description", "")) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._scope(p)] = commands
        return True

    @method("getMyCommands", "Array of BotCommand")
    def get_my_commands(self, p: Json) -> list[Json]:
        return self.commands.get(self._scope(p), [])

    @method("deleteMyCommands")
    def delete_my_commands(self, p: Json) -> bool:
        self.commands.pop(self._scope(p), None)
        return True

    def _describe(self, p: Json, key: str, limit: int) -> bool:
        text = p.get(key) or ""
        if u16(text) > limit:
            raise bad(f"{key} is too long")
        self.descriptions[key, p.get("language_code") or ""] = text
        return True

    @method("setMyDescription")
    def set_my_description(self, p: Json) -> bool:
        return self._describe(p, "description", 512)

    @method("setMyShortDescription")
    def set_my_short_description(self, p: Json) -> bool:
        return self._describe(p, "short_description", 120)

    @method("sendMessage", "Message")
    def send_message(self, p: Json) -> Json:
        def content() -> Json:
            if not p.get("text"):
                raise bad("message text is empty")
            text, entities = formatted(p, "text", 4096)
            if not text:
                raise bad("text must be non-empty")
            return {"text": text} | ({"entities": entities} if entities else {})

        return self.say_as_bot(p, content).wire

    def _captioned(self, p: Json) -> Json:
        text, entities = formatted(p, "caption", 1024)
        return ({"caption": text} if text else {}) | ({"caption_entities": entities} if entities else {})

    @method("sendDocument", "Message")
    def send_document(self, p: Json) -> Json:
        self.chat_for(p)
        caption = self._captioned(p)
        upload, document = self.upload_for(p, "document")
        return self.say_as_bot(p, lambda: {"document": document} | caption, upload).wire

    @method("sendPhoto", "Message")
    def send_photo(self, p: Json) -> Json:
        self.chat_for(p)
        caption = self._captioned(p)
        upload, document = self.upload_for(p, "photo")
        width, height = picture_size(upload.data)
        size = {k: document[k] for k in ("file_id", "file_unique_id", "file_size")} | {"width": width, "height": height}
        return self.say_as_bot(p, lambda: {"photo": [size]} | caption, upload).wire

    @method("copyMessage", "MessageId")
    def copy_message(self, p: Json) -> Json:
        source = self.message_for(p, self.chat_for(p, "from_chat_id", write=False), "message to copy not found")
        kinds = ("text", "entities", "document", "photo", "caption", "caption_entities")
        content = {k: v for k, v in source.wire.items() if k in kinds}
        if not content:
            raise bad("message can't be copied")
        if "caption" in p and "text" not in content:
            content = {k: v for k, v in content.items() if not k.startswith("caption")} | self._captioned(p)
        return {"message_id": self.say_as_bot(p, lambda: content, source.upload).id}

    @method("sendChatAction")
    def send_chat_action(self, p: Json) -> bool:
        chat = self.chat_for(p)
        if not p.get("action"):
            raise bad("wrong parameter action in request")
        self.actions.append((chat.id, p["action"]))
        return True

    @method("editMessageText", "Message")
    def edit_message_text(self, p: Json) -> Json:
        message = self.own_message(p)
        if "text" not in message.wire:
            raise bad("there is no text in the message to edit")
        text, entities = formatted(p, "text", 4096)
        if not text:
            raise bad("message text is empty" if not p.get("text") else "text must be non-empty")
        change = {"text": text} | ({"entities": entities} if entities else {})
        return self.rewrite(message, p, change, clear=("entities",))

    @method("editMessageCaption", "Message")
    def edit_message_caption(self, p: Json) -> Json:
        message = self.own_message(p)
        if "document" not in message.wire and "photo" not in message.wire:
            raise bad("there is no caption in the message to edit")
        return self.rewrite(message, p, self._captioned(p), clear=("caption", "caption_entities"))

    @method("editMessageReplyMarkup", "Message")
    def edit_message_reply_markup(self, p: Json) -> Json:
        return self.rewrite(self.own_message(p), p, {})

    def _may_delete(self, message: Message) -> bool:
        chat = message.chat
        return bool(message.from_bot or chat.person or chat.members[BOT_ID] == "administrator")

    @method("deleteMessage")
    def delete_message(self, p: Json) -> bool:
        message = self.message_for(p, self.chat_for(p), "message to delete not found")
        if not self._may_delete(message):
            raise bad("message can't be deleted")
        self.remove(message)
        return True

    @method("deleteMessages")
    def delete_messages(self, p: Json) -> bool:
        chat, ids = self.chat_for(p), p.get("message_ids")
        if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
            raise bad("message identifiers are not specified" if not ids else "too many message identifiers specified")
        found = [chat.messages[i] for i in dict.fromkeys(ids) if i in chat.messages]
        if not all(self._may_delete(m) for m in found):
            raise bad("message can't be deleted")
        for message in found:
            self.remove(message)
        return True

    @method("answerCallbackQuery")
    def answer_callback_query(self, p: Json) -> bool:
        answers = self.presses.get(str(p.get("callback_query_id")))
        if answers is None:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if u16(p.get("text") or "") > 200:
            raise bad("MESSAGE_TOO_LONG")
        answers.append(p)
        return True

    @method("createForumTopic", "ForumTopic")
    def create_forum_topic(self, p: Json) -> Json:
        chat, name = self.forum_for(p), p.get("name") or ""
        if not 1 <= u16(name) <= 128:
            raise bad("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
        colour = p.get("icon_color", TOPIC_COLOUR)
        topic = self.open_topic(chat, self.bot, name, colour)
        return {"message_thread_id": topic.id, "name": name, "icon_color": colour}

    def _known_topic(self, p: Json) -> tuple[Chat, Topic]:
        chat = self.forum_for(p)
        topic = chat.topics.get(p.get("message_thread_id", 0))
        if topic is None:
            raise bad("TOPIC_ID_INVALID")
        return chat, topic

    def _close(self, p: Json, closed: bool) -> bool:
        chat, topic = self._known_topic(p)
        if topic.closed is closed:
            raise bad("TOPIC_NOT_MODIFIED")
        topic.closed = closed
        self.post_message(chat, self.bot, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, topic=topic)
        return True

    @method("closeForumTopic")
    def close_forum_topic(self, p: Json) -> bool:
        return self._close(p, closed=True)

    @method("reopenForumTopic")
    def reopen_forum_topic(self, p: Json) -> bool:
        return self._close(p, closed=False)

    @method("editForumTopic")
    def edit_forum_topic(self, p: Json) -> bool:
        chat, topic = self._known_topic(p)
        if not p.get("name") or p["name"] == topic.name:
            raise bad("TOPIC_NOT_MODIFIED")
        topic.name = p["name"]
        self.post_message(chat, self.bot, {"forum_topic_edited": {"name": topic.name}}, topic=topic)
        return True

    @method("deleteForumTopic")
    def delete_forum_topic(self, p: Json) -> bool:
        chat, topic = self._known_topic(p)
        self.drop_topic(chat, topic.id)
        return True

    @method("pinChatMessage")
    def pin_chat_message(self, p: Json) -> bool:
        chat = self.chat_for(p)
        message = self.message_for(p, chat, "message to pin not found")
        if not chat.person and chat.members[BOT_ID] != "administrator":
            raise bad("not enough rights to manage pinned messages in the chat")
        chat.pinned = message.id
        return True

    @method("getFile", "File")
    def get_file(self, p: Json) -> Json:
        if p.get("file_id") not in self.files:
            raise bad("wrong file_id or the file is temporarily unavailable")
        upload, path = self.files[p["file_id"]]
        unique = hashlib.sha256(upload.data).hexdigest()[:16]
        size = len(upload.data)
        return {"file_id": p["file_id"], "file_unique_id": unique, "file_size": size, "file_path": path}

    @method("leaveChat")
    def leave_chat(self, p: Json) -> bool:
        chat = self.chat_for(p)
        if chat.person:
            raise bad("chat member status can't be changed in private chats")
        self.set_status(chat, self.bot, "left", by=self.bot)
        return True


def _mime(upload: Upload) -> str:
    return mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
