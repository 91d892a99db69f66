"""What the outbox says: sent, edited, deleted, and what came of it."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import discord
from discord.utils import time_snowflake

from bot.adapter import (
    Delete,
    Delivery,
    Edit,
    Gone,
    OpenThread,
    Outcome,
    Refused,
    Retry,
    Send,
    Sent,
    Stop,
    Unreachable,
)
from bot.adapters.discord import limits, render
from bot.adapters.discord.calls import NAME
from bot.adapters.discord.gateway import Known
from bot.adapters.discord.limits import Budget, Down, Limited, at_once
from bot.clock import Clock
from bot.model import Happening, Place, Ref

log = logging.getLogger(__name__)

AFTER_FAULT = timedelta(seconds=5)
NONCE_HOLDS = timedelta(minutes=2)  # Discord says "a few minutes"
SKEW = timedelta(seconds=10)  # between our clock and theirs
LOOK_BACK = 200  # messages
DMS = 10_000  # people whose channel is remembered
THREAD_NAME = 100
CHANNELS = 1_000  # whose kind is remembered

CANNOT_REACH = {50007, 50278, 10013}  # closed or blocked, no server in common, no such user
GONE = {10003, 10008}  # unknown channel, unknown message
HAS_THREAD = 160004
ARCHIVED = 50083
NO_PERMISSION = 50013
# It is the place: no access, no permission, tags are required, an archive or a lock that only Manage Threads opens, as
# many threads and posts as a server may have that are not in the archive (160007: in announcement channels).
HERE = {50001, NO_PERMISSION, 40067, ARCHIVED, 160005, 160006, 160007}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why no private channel may be opened for a while: the event in the log, and the key of what people are told."""

    event: str
    words: str
    rest: timedelta


SHUT = {
    40003: Fault("discord.opened_too_many", "warned-discord-opened_too_many", timedelta(minutes=10)),
    20026: Fault("discord.flagged", "warned-discord-flagged", timedelta(hours=1)),
}
"""By Discord's code: it opened them too fast, or is quarantined, which is taken for spam.

A quarantined bot can write to nobody whom it has not written to before, and join no server; all else it still may.
"""

FAULTS = (
    aiohttp.ClientError,
    OSError,
    json.JSONDecodeError,  # an answer cut short on the way
    RuntimeError,  # aiohttp's way to say that the session was closed meanwhile
)


class Shut(Exception):
    """No private channel is to be opened for `after`."""

    def __init__(self, after: timedelta) -> None:
        super().__init__()
        self.after = after


Tell = Callable[[Happening], Awaitable[None]]


class Sender:
    """Carries deliveries out with one client. What whoever runs communities has to know of it is handed to `tell`."""

    def __init__(self, client: discord.Client, known: Known, clock: Clock, budget: Budget, tell: Tell) -> None:
        self._client = client
        self._budget = budget
        self._known = known
        self._clock = clock
        self._tell = tell
        self._shut: tuple[datetime, datetime] | None = None  # from when until when none is opened
        self._dms: dict[str, int] = {}
        self._kinds: dict[int, discord.ForumChannel | None] = {}

    async def deliver(self, what: Delivery) -> Outcome:
        """Do it, and say what came of it. Raises nothing."""
        place = what.ref.place if isinstance(what, Edit | Delete) else what.place
        if (rest := self._budget.rest()) is not None:
            return Retry(rest, "platform", limited=True)
        try:
            with at_once(delivers=True):
                async with asyncio.timeout(limits.TRY_FOR):
                    return await self._do_awake(what, place)
        except Limited as limit:
            return Retry(timedelta(seconds=limit.after), "platform" if limit.everywhere else "place", limited=True)
        except discord.RateLimited as limit:
            return Retry(timedelta(seconds=limit.retry_after), "place", limited=True)
        except Shut as shut:
            return Retry(shut.after, limited=True)
        except discord.HTTPException as error:
            return await self._shuts(error.code) if error.code in SHUT else _refusal(error, place)
        except (Down, *FAULTS):
            return Retry(AFTER_FAULT, "platform", maybe=True)
        except (ValueError, discord.DiscordException) as error:
            return Refused(type(error).__name__)  # an id that is no number, a channel of an unknown kind

    async def _shuts(self, code: int) -> Outcome:
        """Open no private channel for a while. What needs none goes on: desks, and who was written to before."""
        fault = SHUT[code]
        if self._rests() is None:
            now = self._clock.now()
            self._shut = now, now + fault.rest
            log.error(fault.event, extra={"platform": NAME, "outcome": "rests", "why": code})
            await self._tell(Happening("warned", platform=NAME, why=fault.words))
        return Retry(fault.rest, limited=True)

    def _rests(self) -> timedelta | None:
        """Return how long no private channel is to be opened, None where one may be."""
        now = self._clock.now()
        return self._shut[1] - now if self._shut and self._shut[0] <= now < self._shut[1] else None

    async def _do_awake(self, what: Delivery, place: Place) -> Outcome:
        try:
            return await self._do(what)
        except discord.HTTPException as error:
            if error.code != ARCHIVED or place.thread is None:
                raise
        await (await self._thread(place.thread)).edit(archived=False)
        return await self._do(what)

    async def _do(self, what: Delivery) -> Outcome:
        match what:
            case Send():
                return await self._send(what)
            case Edit(ref, reply):
                message = (await self._channel(ref.place)).get_partial_message(int(ref.message))
                await message.edit(**render.message(reply).replacing())
                return Sent((ref,))
            case Delete(ref):
                if ref.message != ref.place.thread or not await self._closed(ref.message):
                    await (await self._channel(ref.place)).get_partial_message(int(ref.message)).delete()
                return Sent()
            case OpenThread():
                return await self._open_thread(what)

    async def _send(self, what: Send) -> Outcome:
        """Say it: in a forum or a media channel as a post of its own, elsewhere as a message.

        What is said in an announcement channel stands there alone: it is not published to the channels that follow it.
        """
        forum = await self._forum(what.place)
        if forum is not None:
            return await self._post(forum, what)
        channel = await self._channel(what.place)
        rendered = render.message(what.reply)
        now = self._clock.now()
        # Our clock may have been set back since: then nobody knows how long ago it was, nor when for them.
        if what.tried is not None and not timedelta(0) <= now - what.tried <= NONCE_HOLDS:
            since = what.tried - SKEW if what.tried <= now else None
            async for message in channel.history(limit=LOOK_BACK, after=since):
                if message.author.id == self._me and (message.nonce == what.nonce or _same(message, rendered)):
                    return Sent((Ref(what.place, str(message.id)),))
        # discord.py sends enforce_nonce with every nonce: the same nonce twice is one message.
        message = await channel.send(nonce=what.nonce, **rendered.new())
        return Sent((Ref(what.place, str(message.id)),))

    async def _post(self, forum: discord.ForumChannel, what: Send) -> Outcome:
        """Open a post. That takes no nonce: what may have been taken is looked up, however short a time ago."""
        name, rendered = title(what.reply.text), render.message(what.reply)
        post = None
        if what.tried is not None:
            for thread in await self._opened(forum, name):
                if thread.id >= time_snowflake(what.tried - SKEW) and _same(await _first(thread), rendered):
                    post = thread.id
        if post is None:
            post = (await forum.create_thread(name=name, **rendered.new())).thread.id
        return Sent((Ref(Place(what.place.platform, what.place.channel, thread=str(post)), str(post)),))

    async def _open_thread(self, what: OpenThread) -> Outcome:
        """Open a thread. In one there can be none: a message there, as that of a post, is answered right below it."""
        if what.on is not None and what.on.place.thread is not None:
            return Sent((what.on,))
        channel = await self._client.fetch_channel(int(what.place.channel))
        if not isinstance(channel, discord.TextChannel):
            return Refused(f"threads in a {type(channel).__name__}")
        name = what.name[:THREAD_NAME]
        if what.on is not None:
            try:
                thread_id = (await channel.get_partial_message(int(what.on.message)).create_thread(name=name)).id
            except discord.HTTPException as error:
                if error.code != HAS_THREAD:
                    raise
                thread_id = int(what.on.message)  # a message's thread has its id: an earlier try opened it
        else:
            thread = await self._empty(channel, name)
            kind = discord.ChannelType.news_thread if channel.is_news() else discord.ChannelType.public_thread
            thread = thread or await channel.create_thread(name=name, type=kind)
            thread_id = thread.id
        opened = Place(what.place.platform, what.place.channel, thread=str(thread_id))
        return Sent((Ref(opened, str(thread_id)),))

    async def _opened(self, channel: discord.TextChannel | discord.ForumChannel, name: str) -> list[discord.Thread]:
        """Return our own threads of this name in `channel` that are not archived."""
        active = await channel.guild.active_threads()
        ours = [thread for thread in active if thread.parent_id == channel.id and thread.owner_id == self._me]
        return [thread for thread in ours if thread.name == name]

    async def _empty(self, channel: discord.TextChannel, name: str) -> discord.Thread | None:
        """Return a thread that an earlier try opened: ours, of this name, with nothing in it yet."""
        for thread in await self._opened(channel, name):
            async for _ in thread.history(limit=1):
                break
            else:
                return thread
        return None

    async def _closed(self, post: str) -> bool:
        """Take a whole post away; tell whether that was allowed."""
        try:
            await (await self._thread(post)).delete()
        except discord.Forbidden as error:
            if error.code != NO_PERMISSION:
                raise
            return False
        return True

    async def _thread(self, thread: str) -> discord.Thread:
        found = await self._client.fetch_channel(int(thread))
        if not isinstance(found, discord.Thread):
            raise discord.InvalidData("not a thread")
        return found

    async def _forum(self, place: Place) -> discord.ForumChannel | None:
        """Return the forum that `place` is, None for anything else."""
        if place.private or place.thread is not None:
            return None
        channel = int(place.channel)
        if self._known.server(channel) is not None and channel not in self._known.forums:
            return None
        if channel not in self._kinds:
            found = await self._client.fetch_channel(channel)
            if len(self._kinds) >= CHANNELS:
                del self._kinds[next(iter(self._kinds))]
            self._kinds[channel] = found if isinstance(found, discord.ForumChannel) else None
        return self._kinds[channel]

    async def _channel(self, place: Place) -> discord.PartialMessageable:
        if not place.private:
            return self._client.get_partial_messageable(int(place.thread or place.channel))
        if place.channel not in self._dms:
            if (rest := self._rests()) is not None:
                raise Shut(rest)
            dm = await self._client.create_dm(discord.Object(int(place.channel)))
            if len(self._dms) >= DMS:
                del self._dms[next(iter(self._dms))]
            self._dms[place.channel] = dm.id
        return self._client.get_partial_messageable(self._dms[place.channel])

    @property
    def _me(self) -> int | None:
        return self._client.user.id if self._client.user else None


def title(text: str) -> str:
    """Return what a post is called that says `text`: its first line, as much of it as Discord takes."""
    return text.strip().partition("\n")[0][:THREAD_NAME].rstrip()


async def _first(thread: discord.Thread) -> discord.Message | None:
    """Return the message that a post began with, None where it was taken away."""
    try:
        return await thread.fetch_message(thread.id)
    except discord.NotFound:
        return None


def _same(message: discord.Message | None, rendered: render.Rendered) -> bool:
    """Tell whether `message` says what `rendered` would; Discord strips the space around a text."""
    if message is None:
        return False
    said = [message.content, *(embed.description or "" for embed in message.embeds)]
    wanted = [rendered.content or "", *(embed.description or "" for embed in rendered.embeds)]
    return [text.strip() for text in said] == [text.strip() for text in wanted]


def _refusal(error: discord.HTTPException, place: Place) -> Outcome:
    if error.status == 401:
        return Stop("401")
    if error.code in GONE:
        return Gone()
    if place.private and error.code in CANNOT_REACH:
        return Unreachable()
    return Refused(str(error.code or error.status), here=not place.private and error.code in HERE)
