"""People and places: who is on this Discord, in which guilds, and who may do what where."""

from collections.abc import Iterable, Mapping

from tests.platforms.discord.gateway import GUILD_MEMBERS, GUILDS
from tests.platforms.discord.objects import DM, EVERYONE, GUILD_TEXT, Channel, Guild, Role, User
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
        self, name: str, owner: User, *, everyone: int = EVERYONE, bot_permissions: int = P.CREATE_PRIVATE_THREADS
    ) -> Guild:
        """A server that the bot is in, holding a role of its own with `bot_permissions`."""
        guild = Guild(self.new_id(), name, owner)
        self.guilds[guild.id] = guild
        guild.roles.append(Role(guild.id, "@everyone", everyone, 0))
        guild.roles.append(own := Role(self.new_id(), self.bot.name, bot_permissions, 1))
        guild.members = {owner.id: [], self.bot.id: [own]}
        for session in self.gateway.sessions.values():
            if session.intents & GUILDS:
                self.gateway.emit(session, "GUILD_CREATE", self.gateway.whole(guild, session.intents))
        return guild

    def add_role(self, guild: Guild, name: str, permissions: int = 0) -> Role:
        role = Role(self.new_id(), name, permissions, len(guild.roles))
        guild.roles.append(role)
        self.gateway.dispatch("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role.wire()}, GUILDS)
        return role

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
            self.gateway.dispatch(event, channel.wire(), GUILDS)

    def set_overwrite(self, channel: Channel, target: Role | User | Guild, allow: int = 0, deny: int = 0) -> None:
        """Change what a role, a person or everyone may do in a channel."""
        channel.overwrites[target.id] = (isinstance(target, User), allow, deny)
        self.gateway.dispatch("CHANNEL_UPDATE", channel.wire(), GUILDS)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel or a thread, with its threads and messages."""
        for thread in [c for c in self.channels.values() if c.parent is channel]:
            self.delete_channel(thread)
        del self.channels[channel.id]
        for message_id in self.posts.pop(channel.id):
            del self._messages[message_id]
        self.gateway.dispatch("THREAD_DELETE" if channel.parent else "CHANNEL_DELETE", channel.wire(), GUILDS)
        self.touch()

    def join(self, user: User, guild: Guild, roles: Iterable[Role] = ()) -> None:
        """Enter a guild with these roles; one who is there already has their roles changed to these."""
        event = "GUILD_MEMBER_UPDATE" if user.id in guild.members else "GUILD_MEMBER_ADD"
        guild.members[user.id] = list(roles)
        self.gateway.dispatch(event, guild.member(user) | {"guild_id": str(guild.id)}, GUILD_MEMBERS)

    def leave(self, user: User, guild: Guild) -> None:
        """Leave a guild, or be thrown out of it."""
        del guild.members[user.id]
        self.gateway.dispatch("GUILD_MEMBER_REMOVE", {"guild_id": str(guild.id), "user": user.wire()}, GUILD_MEMBERS)

    def kick_bot(self, guild: Guild) -> None:
        """Throw the bot out of a guild."""
        del guild.members[self.bot.id]
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, GUILDS)

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
