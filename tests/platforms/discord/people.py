"""People and places: who is on this Discord, in which guilds, and who may do what where."""

from collections.abc import Iterable, Mapping

from tests.platforms.discord.gateway import GUILD_MEMBERS, GUILDS, WHOLE, Shard
from tests.platforms.discord.objects import (
    DM,
    EVERYONE,
    GUILD_NEWS,
    GUILD_TEXT,
    NEWS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    Channel,
    Guild,
    Json,
    Role,
    User,
)
from tests.platforms.discord.objects import Permission as P
from tests.platforms.discord.state import State


class People(State):
    """What a test says of people and places; the bot is told what Discord would tell it."""

    def add_user(self, name: str, *, locale: str = "en-US") -> User:
        """Someone with an account. To share a server with the bot they have to join one."""
        user = User(self.new_id(), name, locale)
        self.users[user.id] = user
        return user

    def add_guild(
        self,
        name: str,
        owner: User,
        *,
        everyone: int = EVERYONE,
        bot_permissions: int = P.CREATE_PRIVATE_THREADS,
        shard: Shard = WHOLE,
    ) -> Guild:
        """A server that the bot is in, holding a role of its own with `bot_permissions`; its id is one of `shard`."""
        guild = Guild(self.new_id(shard), name, owner)
        self.guilds[guild.id] = guild
        guild.roles.append(Role(guild.id, "@everyone", everyone, 0))
        guild.roles.append(own := Role(self.new_id(), self.bot.name, bot_permissions, 1))
        guild.members = {owner.id: [], self.bot.id: [own]}
        for session in self.gateway.told(guild):
            if session.intents & GUILDS:
                joined = self.gateway.whole(guild, session.intents)
                del joined["unavailable"]  # so Discord tells it from one that is back, or was there all along
                self.gateway.emit(session, "GUILD_CREATE", joined)
        return guild

    def add_role(self, guild: Guild, name: str, permissions: int = 0) -> Role:
        role = Role(self.new_id(), name, permissions, len(guild.roles))
        guild.roles.append(role)
        self.gateway.dispatch("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role.wire()}, GUILDS, guild)
        return role

    def set_role(self, guild: Guild, role: Role, permissions: int) -> None:
        """Change what a role may do; the first of a guild is @everyone."""
        role.permissions = permissions
        self.gateway.dispatch("GUILD_ROLE_UPDATE", {"guild_id": str(guild.id), "role": role.wire()}, GUILDS, guild)

    def delete_role(self, guild: Guild, role: Role) -> None:
        guild.roles.remove(role)
        for held in guild.members.values():
            held[:] = [r for r in held if r is not role]
        self.gateway.dispatch("GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": str(role.id)}, GUILDS, guild)

    def add_channel(
        self,
        guild: Guild,
        name: str,
        type: int = GUILD_TEXT,
        overwrites: Mapping[Role | User | Guild, tuple[int, int]] | None = None,
    ) -> Channel:
        """A channel; `overwrites` are (allow, deny) for a role, a person, or everyone (the guild)."""
        channel = Channel(self.new_id(), type, name, guild)
        for target, (allow, deny) in (overwrites or {}).items():
            channel.overwrites[target.id] = (isinstance(target, User), allow, deny)
        self.put_channel(channel, "CHANNEL_CREATE")
        return channel

    def put_channel(self, channel: Channel, event: str) -> None:
        """Keep a new channel, thread or DM, and tell of it as `event`."""
        self.channels[channel.id] = channel
        self.posts[channel.id] = {}
        if channel.guild:
            self.tell_channel(event, channel, {"newly_created": True} if channel.parent else {})

    def add_thread(self, parent: Channel, name: str, owner: User, *, private: bool = False) -> Channel:
        """A thread that a person opens; a private one holds them alone."""
        kind = PRIVATE_THREAD if private else NEWS_THREAD if parent.type == GUILD_NEWS else PUBLIC_THREAD
        thread = Channel(self.new_id(), kind, name, parent.guild, parent=parent, owner=owner, members={owner.id})
        self.put_channel(thread, "THREAD_CREATE")
        return thread

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Put a thread into the archive; out of a locked one only a moderator takes it."""
        thread.archived, thread.locked = True, locked
        self.tell_channel("THREAD_UPDATE", thread)

    def let_in(self, user: User, thread: Channel) -> None:
        """Take a person, or the bot, into a thread."""
        thread.members.add(user.id)
        if user is self.bot:
            self.tell_channel("THREAD_CREATE", thread, {"member": thread.member(user)})
            self._tell_thread_member(thread, {"added_members": [thread.member(user)]})

    def put_out(self, user: User, thread: Channel) -> None:
        """Take a person, or the bot, out of a thread again."""
        thread.members.discard(user.id)
        if user is self.bot:
            self._tell_thread_member(thread, {"removed_member_ids": [str(user.id)]})

    def sees(self, channel: Channel) -> bool:
        """Whether the bot sees a channel or a thread."""
        return bool(channel.permissions(self.bot) & P.VIEW_CHANNEL)

    def tell_channel(self, event: str, channel: Channel, more: Json | None = None) -> None:
        """Tell of a channel; of a thread only where the bot sees it."""
        if not channel.parent or self.sees(channel):
            self.gateway.dispatch(event, channel.wire() | (more or {}), GUILDS, channel.guild)

    def _tell_thread_member(self, thread: Channel, more: Json) -> None:
        ids = {"id": str(thread.id), "guild_id": str(thread.guild.id) if thread.guild else None}
        self.gateway.dispatch(
            "THREAD_MEMBERS_UPDATE", ids | {"member_count": len(thread.members)} | more, GUILDS, thread.guild
        )

    def set_overwrite(self, channel: Channel, target: Role | User | Guild, allow: int = 0, deny: int = 0) -> None:
        """Change what a role, a person or everyone may do in a channel."""
        channel.overwrites[target.id] = (isinstance(target, User), allow, deny)
        self.gateway.dispatch("CHANNEL_UPDATE", channel.wire(), GUILDS, channel.guild)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel or a thread, with its messages; of the threads of a channel nothing is told."""
        for gone in [c for c in self.channels.values() if channel in (c, c.parent)]:
            del self.channels[gone.id]
            for message_id in self.posts.pop(gone.id):
                del self._messages[message_id]
        if not channel.parent:
            self.gateway.dispatch("CHANNEL_DELETE", channel.wire(), GUILDS, channel.guild)
        elif self.sees(channel):
            told = ("id", "guild_id", "parent_id", "type")
            self.gateway.dispatch(
                "THREAD_DELETE", {k: v for k, v in channel.wire().items() if k in told}, GUILDS, channel.guild
            )
        self.touch()

    def join(self, user: User, guild: Guild, roles: Iterable[Role] = ()) -> None:
        """Enter a guild with these roles; one who is there already has their roles changed to these."""
        event = "GUILD_MEMBER_UPDATE" if user.id in guild.members else "GUILD_MEMBER_ADD"
        guild.members[user.id] = list(roles)
        self._tell_member(event, user, guild)

    def time_out(self, user: User, guild: Guild, until: str | None) -> None:
        """Let a person, or the bot, only read until then (ISO 8601); None ends it."""
        guild.timed_out.pop(user.id, None)
        if until is not None:
            guild.timed_out[user.id] = until
        self._tell_member("GUILD_MEMBER_UPDATE", user, guild)

    def _tell_member(self, event: str, user: User, guild: Guild) -> None:
        """Tell of a member; of itself a bot is told whatever it asked for."""
        intent = 0 if user is self.bot else GUILD_MEMBERS
        self.gateway.dispatch(event, guild.member(user) | {"guild_id": str(guild.id)}, intent, guild)

    def leave(self, user: User, guild: Guild) -> None:
        """Leave a guild, or be thrown out of it."""
        del guild.members[user.id]
        self.gateway.dispatch(
            "GUILD_MEMBER_REMOVE", {"guild_id": str(guild.id), "user": user.wire()}, GUILD_MEMBERS, guild
        )

    def kick_bot(self, guild: Guild) -> None:
        """Throw the bot out of a guild."""
        del guild.members[self.bot.id]
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, GUILDS, guild)

    def lose_guild(self, guild: Guild) -> None:
        """Discord has trouble with a guild: the bot is told that it is not there for now."""
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id), "unavailable": True}, GUILDS, guild)

    def find_guild(self, guild: Guild) -> None:
        """The trouble is over."""
        for session in self.gateway.told(guild):
            self.gateway.emit(session, "GUILD_CREATE", self.gateway.whole(guild, session.intents))

    def close_dms(self, user: User) -> None:
        """The person takes no more DMs from the bot."""
        user.dms_open = False

    def open_dms(self, user: User) -> None:
        user.dms_open = True

    def dm(self, user: User) -> Channel:
        """The DM channel of a person and the bot."""
        if user.id not in self._dms:
            self._dms[user.id] = Channel(self.new_id(), DM, recipient=user)
            self.put_channel(self._dms[user.id], "CHANNEL_CREATE")
        return self._dms[user.id]
