"""Who may do what where, asked of Discord each time: what the gateway told may be old."""

import asyncio
from dataclasses import dataclass

import discord

from bot.adapter import Gone, Look, Need
from bot.adapters.discord.calls import NAME
from bot.adapters.discord.delivery import FAULTS
from bot.adapters.discord.gateway import Known
from bot.adapters.discord.limits import Down, Limited, at_once
from bot.model import Place, Role, Server

ASK_FOR = 5.0  # seconds: somebody waits for the answer
UNKNOWN = (discord.DiscordException, Down, Limited, *FAULTS, ValueError)

NO_SUCH_CHANNEL, NO_SUCH_SERVER, NO_SUCH_MEMBER, NO_SUCH_USER, NO_ACCESS = 10003, 10004, 10007, 10013, 50001

# https://docs.discord.com/developers/topics/permissions: what each need takes in each kind of place, in the order in
# which somebody would switch it on. Own messages are edited and deleted without any. In an archived thread that takes
# another right, to get it out of the archive: in a forum every message is in such a thread some day. To open a thread
# takes the first right of "threads", to say something in it the second: where the bot lacks that one, mostly all do.
IN_A_CHANNEL: dict[Need, tuple[str, ...]] = {
    "send": ("send_messages", "embed_links"),
    "files": ("attach_files",),
    "history": ("read_message_history",),
    "threads": ("create_public_threads", "send_messages_in_threads"),
    "delete": (),
}
IN_A_FORUM: dict[Need, tuple[str, ...]] = {
    "send": ("create_posts", "send_messages_in_threads", "embed_links"),
    "files": ("attach_files",),
    "history": ("read_message_history",),
    "threads": (),  # whatever is said there is one
    "delete": ("manage_threads",),  # takes the post away, and not only what it says
}
IN_A_THREAD: dict[Need, tuple[str, ...]] = {
    "send": ("send_messages_in_threads", "embed_links"),
    "files": ("attach_files",),
    "history": ("read_message_history",),
    "threads": (),  # there are none within a thread
    "delete": (),
}
ORDER = (
    "view_channel",
    "send_messages",
    "create_posts",
    "send_messages_in_threads",
    "embed_links",
    "attach_files",
    "read_message_history",
    "manage_threads",
    "create_public_threads",
)
SAME = {"create_posts": "send_messages"}  # one bit, under another name in a forum's settings
TIMED_OUT, TAG_REQUIRED = "timeout", "require_tag"  # no permissions, and in the way all the same


@dataclass(frozen=True, slots=True)
class Found:
    """A place, and a member of its server. `thread` is None where there is none, or it is `hidden` from the bot."""

    guild: discord.Guild
    member: discord.Member
    channel: discord.abc.GuildChannel
    thread: discord.Thread | None
    hidden: bool

    @property
    def allowed(self) -> discord.Permissions:
        """What the member may do there, without regard to a time-out.

        By the rules in Discord's documentation, each permission by itself: `permissions_for` takes others away with
        some, and would name three switches where one is off.
        """
        allowed = self.member.guild_permissions
        if self.guild.owner_id == self.member.id or allowed.administrator:
            return discord.Permissions.all()
        everyone, *roles = self.member.roles
        for targets in ([everyone], roles, [self.member]):
            allow, deny = discord.Permissions(), discord.Permissions()
            for more, less in (self.channel.overwrites_for(target).pair() for target in targets):
                allow, deny = allow | more, deny | less
            allowed.handle_overwrite(allow.value, deny.value)
        return allowed

    @property
    def is_open(self) -> bool:
        """Whether everybody in the server may read there."""
        if self.hidden or (self.thread is not None and self.thread.is_private()):
            return False
        everyone = self.guild.default_role
        if everyone.permissions.administrator:
            return True
        allow, deny = self.channel.overwrites_for(everyone).pair()
        return not deny.view_channel and (allow.view_channel or everyone.permissions.view_channel)


async def authority(
    client: discord.Client, known: Known, user: str, at: Place | Server, coach: str | None
) -> frozenset[Role]:
    """Return who `user` is at `at`: see `bot.adapter.Adapter`. OWNER is who may manage the server."""
    if isinstance(at, Place) and at.private:
        return frozenset()
    roles: set[Role] = set()
    try:
        with at_once():
            async with asyncio.timeout(ASK_FOR):
                guild = await _guild(client, known, at)
                member = await _member(guild, int(user))
                roles.add(Role.ANYONE)
                if member is None:
                    return frozenset(roles)
                roles.add(Role.MEMBER)
                timed_out, member.timed_out_until = member.is_timed_out(), None
                if member.guild_permissions.manage_guild:
                    roles.add(Role.OWNER)  # also of a channel that the bot does not see: to set that right
                if isinstance(at, Place) and not timed_out and _holds(member, coach):
                    found = await _found(guild, member, at)
                    if await _may_write(found):
                        roles.add(Role.COACH)
    except UNKNOWN:
        pass
    return frozenset(roles)


async def look(client: discord.Client, known: Known, at: Place | Server, needs: frozenset[Need]) -> Look | Gone | None:
    """Return what `at` is and what the bot lacks there: see `bot.adapter.Adapter`. None for somebody's own chat."""
    if isinstance(at, Place) and at.private:
        return None
    try:
        with at_once():
            async with asyncio.timeout(ASK_FOR):
                guild = await _guild(client, known, at)
                server = Server(NAME, str(guild.id))
                if isinstance(at, Server):
                    return Look(server, guild.name, guild.name)
                member = await guild.fetch_member(client.user.id if client.user else 0)
                timed_out, member.timed_out_until = member.is_timed_out(), None
                found = await _found(guild, member, at)
                name = found.thread.name if found.thread else f"#{found.channel.name}"
                missing = _missing(found, needs, timed_out=timed_out)
                return Look(server, name, guild.name, missing, open=found.is_open)
    except discord.HTTPException as error:
        if error.code in (NO_SUCH_CHANNEL, NO_SUCH_SERVER, NO_SUCH_MEMBER):
            return Gone()
        # Discord says it of a server that the bot is not in; of a channel that it may not see, `_found` knows better.
        return Gone() if error.code == NO_ACCESS and known.complete else None
    except UNKNOWN:
        return None


async def _guild(client: discord.Client, known: Known, at: Place | Server) -> discord.Guild:
    if isinstance(at, Server):
        server = int(at.id)
    else:
        server = known.server(int(at.channel)) or _in_server(await client.fetch_channel(int(at.channel))).guild.id
    return await client.fetch_guild(server, with_counts=False)


async def _member(guild: discord.Guild, user: int) -> discord.Member | None:
    try:
        return await guild.fetch_member(user)
    except discord.NotFound as error:
        if error.code not in (NO_SUCH_MEMBER, NO_SUCH_USER):
            raise
        return None


async def _found(guild: discord.Guild, member: discord.Member, place: Place) -> Found:
    """Return `place`. Raises discord.NotFound where there is none."""
    channel = await _seen(guild, int(place.channel))
    if channel is None:
        # What the bot may not see is still in the list, with the rights that there are in it.
        listed = discord.utils.get(await guild.fetch_channels(), id=int(place.channel))
        return Found(guild, member, _in_server(listed), None, hidden=False)
    thread = await _seen(guild, int(place.thread)) if place.thread else None
    hidden = place.thread is not None and thread is None
    return Found(guild, member, _in_server(channel), thread if isinstance(thread, discord.Thread) else None, hidden)


async def _seen(guild: discord.Guild, channel: int) -> discord.abc.GuildChannel | discord.Thread | None:
    try:
        return await guild.fetch_channel(channel)
    except discord.Forbidden as error:
        if error.code != NO_ACCESS:
            raise
        return None


def _in_server(channel: object) -> discord.abc.GuildChannel:
    if not isinstance(channel, discord.abc.GuildChannel):
        raise discord.InvalidData("not a channel of a server")
    return channel


async def _may_write(found: Found) -> bool:
    allowed, thread = found.allowed, found.thread
    if not allowed.view_channel or found.hidden:
        return False
    if thread is None:
        return allowed.send_messages
    if thread.is_private() and not allowed.manage_threads:
        try:
            await thread.fetch_member(found.member.id)
        except discord.NotFound:
            return False
    return allowed.send_messages_in_threads


def _holds(member: discord.Member, coach: str | None) -> bool:
    return coach is None or any(role.id == int(coach) for role in member.roles)


def _missing(found: Found, needs: frozenset[Need], *, timed_out: bool) -> tuple[str, ...]:
    allowed, thread = found.allowed, found.thread
    forum = found.channel if isinstance(found.channel, discord.ForumChannel) else None
    in_thread = thread is not None or found.hidden
    takes = IN_A_THREAD if in_thread else IN_A_FORUM if forum else IN_A_CHANNEL
    wanted = {"view_channel"}.union(*(takes[need] for need in needs))
    if found.hidden or (thread and ((thread.is_private() and thread.me is None) or thread.locked)):
        wanted.add("manage_threads")  # else it is not let in, or nothing is taken there
    off = [name for name in ORDER if name in wanted and not getattr(allowed, SAME.get(name, name))]
    if timed_out and not allowed.administrator and needs - {"history"}:
        off.append(TIMED_OUT)
    if forum and not in_thread and forum.flags.require_tag and "send" in needs:
        off.append(TAG_REQUIRED)
    return tuple(f"switch-discord-{name}" for name in off)
