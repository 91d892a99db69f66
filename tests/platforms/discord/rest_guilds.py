"""REST: the bot itself, its commands, people and guilds."""

import math
import time
from typing import TYPE_CHECKING, Any

from tests.platforms.discord.limits import Refused, check_commands
from tests.platforms.discord.objects import Json, application
from tests.platforms.discord.rest import Call, Routes, check_own, known_guild, known_user

if TYPE_CHECKING:
    from tests.platforms.discord.server import DiscordServer

routes = Routes()


@routes.on("GET", "/users/@me")
def get_me(server: "DiscordServer", call: Call) -> Json:
    return server.bot.wire() | {"mfa_enabled": False, "locale": "en-US", "verified": True}


@routes.on("GET", "/users/#")
def get_user(server: "DiscordServer", call: Call, user_id: int) -> Json:
    return known_user(server, user_id).wire()


@routes.on("GET", "/gateway")
def get_gateway(server: "DiscordServer", call: Call) -> Json:
    return {"url": server.gateway_url}


@routes.on("GET", "/gateway/bot")
def get_gateway_bot(server: "DiscordServer", call: Call) -> Json:
    left, resets = server.gateway.starts_left()
    after = math.ceil((resets - time.monotonic()) * 1000)
    limit = {"total": 1000, "remaining": left, "reset_after": after, "max_concurrency": server.max_concurrency}
    return {"url": server.gateway_url, "shards": server.shards, "session_start_limit": limit}


@routes.on("GET", "/applications/@me")
@routes.on("GET", "/oauth2/applications/@me")
def get_application(server: "DiscordServer", call: Call) -> Json:
    return application(server.bot)


@routes.on("GET", "/applications/#/commands")
def get_commands(server: "DiscordServer", call: Call, application: int, guild: int = 0) -> list[Json]:
    check_own(server, application)
    return list(server.registered.get(guild, {}).values())


@routes.on("PUT", "/applications/#/commands")
def put_commands(server: "DiscordServer", call: Call, application: int, guild: int = 0) -> list[Json]:
    check_own(server, application)
    declared: Any = call.body
    check_commands(declared)
    before = server.registered.get(guild, {})
    version = str(server.new_id())
    server.registered[guild] = {}
    for command in declared:
        name, may = command["name"], command.get("default_member_permissions")
        server.registered[guild][name] = {
            "type": 1, "description": "", **{k: v for k, v in command.items() if v is not None},
            "id": before[name]["id"] if name in before else str(server.new_id()), "version": version,
            "application_id": str(application), "default_member_permissions": None if may is None else str(may),
        } | ({"guild_id": str(guild)} if guild else {})  # fmt: skip
    server.touch()
    return list(server.registered[guild].values())


@routes.on("GET", "/applications/#/guilds/#/commands")
def get_guild_commands(server: "DiscordServer", call: Call, application: int, guild: int) -> list[Json]:
    return get_commands(server, call, application, known_guild(server, guild).id)


@routes.on("PUT", "/applications/#/guilds/#/commands")
def put_guild_commands(server: "DiscordServer", call: Call, application: int, guild: int) -> list[Json]:
    return put_commands(server, call, application, known_guild(server, guild).id)


@routes.on("GET", "/guilds/#")
def get_guild(server: "DiscordServer", call: Call, guild: int) -> Json:
    return known_guild(server, guild).wire()


@routes.on("GET", "/guilds/#/roles")
def get_roles(server: "DiscordServer", call: Call, guild: int) -> list[Json]:
    return [r.wire() for r in known_guild(server, guild).roles]


@routes.on("GET", "/guilds/#/channels")
def get_channels(server: "DiscordServer", call: Call, guild_id: int) -> list[Json]:
    guild = known_guild(server, guild_id)
    return [c.wire() for c in server.channels.values() if c.guild is guild and not c.parent]


@routes.on("GET", "/guilds/#/threads/active")
def get_active_threads(server: "DiscordServer", call: Call, guild_id: int) -> Json:
    guild = known_guild(server, guild_id)
    active = [c for c in server.channels.values() if c.guild is guild and c.parent and not c.archived]
    threads = [c for c in active if server.sees(c)]
    members = [c.member(server.bot) for c in threads if server.bot.id in c.members]
    return {"threads": [c.wire() for c in threads], "members": members, "has_more": False}


@routes.on("GET", "/guilds/#/members/#")
def get_member(server: "DiscordServer", call: Call, guild_id: int, user_id: int) -> Json:
    guild, user = known_guild(server, guild_id), known_user(server, user_id)
    if user.id not in guild.members:
        raise Refused(404, 10007, "Unknown Member")
    return guild.member(user)
