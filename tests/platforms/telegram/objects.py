"""Telegram's objects as they look on the wire: people, chats, topics, messages, files."""

import itertools
import mimetypes
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.platforms.telegram.basics import Json, words
from tests.platforms.telegram.text import render_html

BOT_ID = 123456
BOT_NAME = "unsent_test_bot"
ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""Who stands as the sender of what an administrator writes who remains anonymous."""
PRESENT = ("creator", "administrator", "member", "restricted")


class Upload(NamedTuple):
    """A file: its name and its bytes."""

    name: str
    data: bytes

    @property
    def mime(self) -> str:
        """Its type, going by its name."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


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
    """A private chat (`person` set), a basic group, a supergroup or a channel."""

    id: int
    kind: str
    title: str = ""
    forum: bool = False
    person: Person | None = None
    deleted: bool = False
    members: dict[int, str] = field(default_factory=dict)
    rights: dict[int, Json] = field(default_factory=dict)
    """What members may or may not, where that is not as usual for what they are."""
    permissions: Json = field(default_factory=lambda: dict.fromkeys(_PERMISSIONS, True))
    """What may be done by those who are no administrators."""
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, "Message"] = field(default_factory=dict)
    pinned: int | None = None
    moved_to: int | None = None
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    last_from_person: int = 0

    @property
    def is_channel(self) -> bool:
        return self.kind == "channel"

    @property
    def wire(self) -> Json:
        """The Chat object."""
        if self.person:
            names = {k: v for k, v in self.person.wire.items() if k in ("first_name", "username")}
            return {"id": self.id, "type": "private", **names}
        return {"id": self.id, "type": self.kind, "title": self.title} | ({"is_forum": True} if self.forum else {})

    def member(self, person: Person) -> Json:
        """The ChatMember object of `person`."""
        own = CHANNEL_RIGHTS if self.is_channel else GROUP_RIGHTS
        return chat_member(person, self.members.get(person.id, "left"), own) | self.rights.get(person.id, {})

    def may(self, person: Person, right: str) -> bool:
        """Whether `person`, who is here, has a right: of an administrator, or to send something."""
        member = self.member(person)
        if self.is_channel:  # administrators alone say something there, with one right for whatever it is
            needed = "can_post_messages" if right.startswith("can_send") else right
            return member["status"] == "creator" or bool(member.get(needed))
        if member["status"] == "creator" or (member["status"] == "administrator" and right.startswith("can_send")):
            return True
        if member["status"] == "administrator":
            return member[right]
        return right in self.permissions and self.permissions[right] and member.get(right, True)


@dataclass(eq=False)
class Message:
    """A message as those in the chat see it now. `wire` is replaced, never changed, so what was sent stays as sent."""

    chat: Chat
    wire: Json
    author: int
    """Whose it is, also where Telegram does not say that: in a channel."""
    markup: Json | None = None
    upload: Upload | None = None
    reply_to: int | None = None
    deleted: bool = False

    @property
    def id(self) -> int:
        return self.wire["message_id"]

    @property
    def from_bot(self) -> bool:
        return self.author == BOT_ID

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
    def animation(self) -> Upload | None:
        return self.upload if "animation" in self.wire else None

    @property
    def document(self) -> Upload | None:
        return self.upload if "document" in self.wire and not self.animation else None

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
    "can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
)
GROUP_RIGHTS = words("can_pin_messages can_manage_topics")
CHANNEL_RIGHTS = words("can_post_messages can_edit_messages can_manage_direct_messages")
_PERMISSIONS = words(
    "can_send_messages can_send_audios can_send_documents can_send_photos can_send_videos can_send_video_notes "
    "can_send_voice_notes can_send_polls can_send_other_messages can_add_web_page_previews can_react_to_messages "
    "can_edit_tag can_change_info can_invite_users can_pin_messages can_manage_topics"
)


def chat_member(person: Person, status: str, own: tuple[str, ...] = GROUP_RIGHTS) -> Json:
    """The ChatMember object of `person` with `status`; `own` are an administrator's rights in that kind of chat."""
    out: Json = {"status": status, "user": person.wire}
    if status == "creator":
        out["is_anonymous"] = False
    elif status == "administrator":
        out |= {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys((*_RIGHTS, *own), True)
    elif status == "restricted":
        out |= {"is_member": True, "until_date": 0} | dict.fromkeys(_PERMISSIONS, False)
    elif status == "kicked":
        out["until_date"] = 0
    return out
