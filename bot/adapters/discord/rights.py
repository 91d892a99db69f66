"""Who may do what in a channel, asked of Discord each time: what the gateway told may be old."""

import asyncio

import discord

from bot.adapter import Need
from bot.adapters.discord.delivery import FAULTS, Down, Limited, at_once
from bot.model import Place, Role

ASK_FOR = 5.0  # seconds: somebody waits for the answer
UNKNOWN = (discord.DiscordException, Down, Limited, *FAULTS, ValueError)


async def authority(client: discord.Client, user: str, place: Place) -> frozenset[Role]:
    """Return COACH for whoever reads and writes in `place`, OWNER for whoever manages its server; else nothing."""
    if place.private:
        return frozenset()
    roles: set[Role] = set()
    try:
        with at_once():
            async with asyncio.timeout(ASK_FOR):
                member = await _member(client, int(user), place)
                if member.guild_permissions.manage_guild:
                    roles.add(Role.OWNER)  # also of a channel that the bot does not see: to set that right
                found = await _permissions(member, place)
    except UNKNOWN:
        return frozenset(roles)
    if found.view_channel and _may_send(found, place):
        roles.add(Role.COACH)
    return frozenset(roles)


async def missing(client: discord.Client, place: Place, needs: frozenset[Need]) -> frozenset[Need]:
    """Return which of `needs` the bot lacks in `place`; all of them where that cannot be told."""
    if place.private:
        return needs & {"threads"}
    try:
        with at_once():
            async with asyncio.timeout(ASK_FOR):
                found = await _permissions(await _member(client, client.user.id if client.user else 0, place), place)
    except UNKNOWN:
        return needs
    has: dict[Need, bool] = {
        # What is longer than a plain message is an embed, which Discord drops without a word where it is not allowed.
        # For threads discord.py cannot tell: it derives it from what is allowed in the channel itself.
        "send": found.view_channel and _may_send(found, place) and (found.embed_links or place.thread is not None),
        "threads": found.create_public_threads and found.send_messages_in_threads,
        "delete": found.manage_messages,
        "history": found.read_message_history,
    }
    return frozenset(need for need in needs if not has[need])


async def _member(client: discord.Client, user: int, place: Place) -> discord.Member:
    channel_id = int(place.channel)
    channel = client.get_channel(channel_id) or await client.fetch_channel(channel_id)
    if not isinstance(channel, discord.abc.GuildChannel):
        raise discord.InvalidData("not a channel of a server")
    guild = await client.fetch_guild(channel.guild.id, with_counts=False)
    return await guild.fetch_member(user)


async def _permissions(member: discord.Member, place: Place) -> discord.Permissions:
    channel = await member.guild.fetch_channel(int(place.channel))
    return channel.permissions_for(member)


def _may_send(found: discord.Permissions, place: Place) -> bool:
    return found.send_messages_in_threads if place.thread else found.send_messages
