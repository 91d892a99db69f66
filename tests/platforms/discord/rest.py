"""REST: how a call is read, how its route is declared, and how routes find what a path names."""

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import BodyPartReader, web

from tests.platforms.discord.limits import Refused
from tests.platforms.discord.objects import Channel, Files, Guild, Json, User
from tests.platforms.discord.objects import Permission as P
from tests.platforms.discord.screen import Message

if TYPE_CHECKING:
    from tests.platforms.discord.server import DiscordServer


class Call(NamedTuple):
    """One REST call as a route gets it."""

    body: Json
    query: Mapping[str, str]
    files: Files


async def read(request: web.BaseRequest) -> tuple[Any, Files]:
    """The JSON of a call and the files beside it."""
    if request.content_type.startswith("multipart/"):
        body: Any = {}
        files: Files = []
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise TypeError("Discord nests no multipart bodies")
            if part.name == "payload_json":
                body = json.loads(await part.text())
            else:
                files.append((part.name or "", part.filename or "", bytes(await part.read())))
        return body, files
    raw = await request.read()
    return (json.loads(raw) if raw else {}), []


class Route(NamedTuple):
    """How a call is answered: `run(server, call, *parts of the path)` gives the JSON."""

    method: str
    pattern: re.Pattern[str]
    template: str
    status: int
    run: Callable[..., Any]


class Routes(list[Route]):
    """The routes of one module."""

    def on(self, method: str, template: str, status: int = 200) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Serve `method` on `template`, where # is an id and * anything else; a None answer is a 204."""
        pattern = re.compile(template.replace("#", r"(\d+)").replace("*", "([^/]+)"))

        def add(run: Callable[..., Any]) -> Callable[..., Any]:
            self.append(Route(method, pattern, template, status, run))
            return run

        return add


def check_own(server: "DiscordServer", application: int) -> None:
    """Refuse an application that is not the bot's own."""
    if application != server.bot.id:
        raise Refused(403, 20012, "You are not authorized to perform this action on this application")


def known_user(server: "DiscordServer", user_id: int) -> User:
    """Anybody who has an account."""
    if user_id not in server.users:
        raise Refused(404, 10013, "Unknown User")
    return server.users[user_id]


def known_guild(server: "DiscordServer", guild_id: int) -> Guild:
    """A guild that the bot is in."""
    guild = server.guilds.get(guild_id)
    if guild is None or server.bot.id not in guild.members:
        raise Refused(404, 10004, "Unknown Guild")
    return guild


def seen_channel(server: "DiscordServer", channel_id: int, needs: int = 0) -> Channel:
    """A channel that the bot sees, and where it may do what it `needs`."""
    channel = server.channels.get(channel_id)
    if channel is None:
        raise Refused(404, 10003, "Unknown Channel")
    may = channel.permissions(server.bot)
    if not may & P.VIEW_CHANNEL:
        raise Refused(403, 50001, "Missing Access")
    if may & needs != needs:
        raise Refused(403, 50013, "Missing Permissions")
    return channel


def known_message(server: "DiscordServer", channel: Channel, message_id: int) -> Message:
    """A message that stands in a channel."""
    if message_id not in server.posts[channel.id]:
        raise Refused(404, 10008, "Unknown Message")
    return server.posts[channel.id][message_id]
