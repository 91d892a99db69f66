"""People, groups and topics: who is on this Telegram, and who may do what where."""

import itertools
from datetime import timedelta

from tests.platforms.telegram.basics import Json
from tests.platforms.telegram.objects import BOT_ID, PRESENT, Chat, Message, Person, Topic
from tests.platforms.telegram.state import State


class People(State):
    """What a test says of people and groups; the bot is told what Telegram would tell it."""

    def __init__(self) -> None:
        super().__init__()
        self._person_ids = itertools.count(6_100_000_001)
        self._group_ids = itertools.count(4_000_000_001)

    def add_user(self, first_name: str, username: str | None = None, language_code: str | None = None) -> Person:
        """Someone new; the bot may not write to them before they wrote to it."""
        wire: Json = {"id": next(self._person_ids), "is_bot": False, "first_name": first_name}
        wire |= {k: v for k, v in (("username", username), ("language_code", language_code)) if v}
        person = self.people[wire["id"]] = Person(wire)
        self.new_chat(person.id, "private", person=person)
        return person

    def private(self, user: Person) -> Chat:
        """Their chat with the bot."""
        return self.chats[user.id]

    def add_group(
        self,
        title: str,
        forum: bool = False,
        supergroup: bool = True,
        bot: str | None = None,
        owner: Person | None = None,
    ) -> Chat:
        """A group to which its owner (made when not given) adds the bot, as `bot` (administrator in a forum).

        As on Telegram, a bot that is an administrator reads everything; a member has privacy mode on.
        """
        owner = owner or self.add_user("Owner")
        number = next(self._group_ids)
        kind = "supergroup" if supergroup or forum else "group"
        chat = self.new_chat(-1_000_000_000_000 - number if kind == "supergroup" else -number, kind)
        chat.title, chat.forum = title, forum
        chat.members[owner.id] = "creator"
        self.set_status(chat, self.bot, bot or ("administrator" if forum else "member"), by=owner)
        self._service(chat, owner, {"new_chat_members": [self.bot.wire]})
        return chat

    def add_channel(self, title: str, bot: str = "administrator", owner: Person | None = None, **rights: bool) -> Chat:
        """A channel of which its owner (made when not given) makes the bot an administrator, or leaves it out ("left").

        `rights` are those of the bot that are off.
        """
        owner = owner or self.add_user("Owner")
        chat = self.new_chat(-1_000_000_000_000 - next(self._group_ids), "channel", title=title)
        chat.members[owner.id] = "creator"
        if bot != "left":
            self.set_status(chat, self.bot, bot, by=owner, **rights)
        return chat

    def owner(self, group: Chat) -> Person:
        """Who made a group or a channel."""
        return next(self.people[i] for i, status in group.members.items() if status == "creator")

    def join(self, user: Person, group: Chat, status: str = "member", **rights: bool) -> None:
        """Bring someone into a group, or change what they are in it (also the bot: `server.bot`).

        `rights` are those that are not as usual: an administrator has all of them, who is restricted none.
        """
        here = group.members.get(user.id) in PRESENT
        self.set_status(group, user, status, by=user if not here else self.owner(group), **rights)
        if not here:
            self._service(group, user, {"new_chat_members": [user.wire]})

    def leave(self, user: Person, group: Chat) -> None:
        """Someone leaves."""
        self.set_status(group, user, "left", by=user)
        self._service(group, user, {"left_chat_member": user.wire})

    def kick_bot(self, group: Chat) -> None:
        """The owner throws the bot out."""
        self.set_status(group, self.bot, "kicked", by=self.owner(group))

    def delete_group(self, group: Chat) -> None:
        """The owner deletes a group. Telegram tells the bot nothing that can be relied on."""
        group.deleted = True
        self.touch()

    def age(self, message: Message, by: timedelta) -> None:
        """Make a message older than it is."""
        message.wire = message.wire | {"date": message.wire["date"] - int(by.total_seconds())}

    def block(self, user: Person) -> None:
        """They block the bot."""
        user.blocked = True
        self._blocked(user, "member", "kicked")

    def unblock(self, user: Person) -> None:
        """They let the bot write again."""
        user.blocked = False
        self._blocked(user, "kicked", "member")

    def _blocked(self, user: Person, old: str, new: str) -> None:
        chat = self.private(user)
        chat.members[BOT_ID] = old
        self.set_status(chat, self.bot, new, by=user)

    def deactivate(self, user: Person) -> None:
        """Their account is gone."""
        user.deactivated = True

    def add_topic(self, group: Chat, name: str) -> Topic:
        """The owner opens a topic in a forum."""
        topic = self.open_topic(group, self.owner(group), name)
        self.emit("message", topic.root.wire)
        return topic

    def close_topic(self, group: Chat, topic: Topic) -> None:
        """The owner closes a topic: administrators who manage topics alone write there now."""
        topic.closed = True
        message = self.post_message(group, self.owner(group), {"forum_topic_closed": {}}, topic=topic)
        self.emit("message", message.wire)

    def delete_topic(self, group: Chat, topic: Topic | int) -> None:
        """A topic goes, with all in it. Telegram tells the bot nothing."""
        self.drop_topic(group, topic if isinstance(topic, int) else topic.id)
        self.touch()

    def migrate(self, group: Chat) -> Chat:
        """A basic group becomes a supergroup, with another id; returns it."""
        owner = self.owner(group)
        new = self.new_chat(-1_000_000_000_000 - next(self._group_ids), "supergroup", members=dict(group.members))
        new.title = group.title
        group.moved_to = new.id
        self._service(group, owner, {"migrate_to_chat_id": new.id})
        self._service(new, owner, {"migrate_from_chat_id": group.id})
        return new

    def _service(self, chat: Chat, by: Person, content: Json) -> None:
        if chat.is_channel:
            return  # it says nothing of who comes and goes
        message = self.post_message(chat, by, content)
        if chat.members.get(BOT_ID) in PRESENT:
            self.emit("message", message.wire)
