"""REST: channels, DMs and threads."""

from typing import TYPE_CHECKING

from tests.platforms.discord.limits import Form, Refused, check_message
from tests.platforms.discord.objects import (
    FORUMS,
    GUILD_NEWS,
    NEWS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    Channel,
    Json,
)
from tests.platforms.discord.objects import Permission as P
from tests.platforms.discord.rest import Call, Routes, known_message, known_user, seen_channel

if TYPE_CHECKING:
    from tests.platforms.discord.server import DiscordServer

routes = Routes()


@routes.on("POST", "/users/@me/channels")
def open_dm(server: "DiscordServer", call: Call) -> Json:
    return server.dm(known_user(server, int(call.body["recipient_id"]))).wire()


@routes.on("GET", "/channels/#")
def get_channel(server: "DiscordServer", call: Call, channel: int) -> Json:
    found = seen_channel(server, channel)
    return found.wire() | ({"member": found.member(server.bot)} if server.bot.id in found.members else {})


@routes.on("PATCH", "/channels/#")
def patch_channel(server: "DiscordServer", call: Call, channel_id: int) -> Json:
    channel = seen_channel(server, channel_id)
    waking = call.body == {"archived": False} and not channel.locked
    needs = P.SEND_MESSAGES_IN_THREADS if waking else P.MANAGE_THREADS
    seen_channel(server, channel_id, needs if channel.parent else P.MANAGE_CHANNELS)
    channel.name = call.body.get("name", channel.name)
    channel.archived = call.body.get("archived", channel.archived)
    channel.locked = call.body.get("locked", channel.locked)
    server.tell_channel("THREAD_UPDATE" if channel.parent else "CHANNEL_UPDATE", channel)
    server.touch()
    return channel.wire()


@routes.on("DELETE", "/channels/#")
def delete_channel(server: "DiscordServer", call: Call, channel_id: int) -> Json:
    channel = seen_channel(server, channel_id)
    seen_channel(server, channel_id, P.MANAGE_THREADS if channel.parent else P.MANAGE_CHANNELS)
    server.delete_channel(channel)
    return channel.wire()


@routes.on("POST", "/channels/#/typing")
def typing(server: "DiscordServer", call: Call, channel: int) -> None:
    seen_channel(server, channel, P.SEND_MESSAGES)


@routes.on("POST", "/channels/#/threads", 201)
def post_thread(server: "DiscordServer", call: Call, channel_id: int) -> Json:
    body = call.body
    kind = body.get("type", PRIVATE_THREAD)
    private = kind == PRIVATE_THREAD
    first: Json | None = body.get("message")
    forum = seen_channel(server, channel_id).type in FORUMS
    if forum != (first is not None):
        raise Refused(400, 50035, "Invalid Form Body")
    news = seen_channel(server, channel_id).type == GUILD_NEWS
    if not forum and news != (kind == NEWS_THREAD):
        raise Refused(400, 50024, "Cannot execute action on this channel type")
    needs = P.SEND_MESSAGES if forum else P.CREATE_PRIVATE_THREADS if private else P.CREATE_PUBLIC_THREADS
    parent = seen_channel(server, channel_id, needs)
    if first is not None:
        if parent.require_tag and not body.get("applied_tags"):
            raise Refused(400, 40067, "A tag is required to create a forum post in this channel")
        seen_channel(server, channel_id, P.EMBED_LINKS if first.get("embeds") else 0)
        seen_channel(server, channel_id, P.ATTACH_FILES if call.files else 0)
        check_message(first, len(call.files))
    thread = open_thread(server, server.new_id(), parent, body, PUBLIC_THREAD if forum else kind)
    if first is None:
        return thread.wire()
    message = server.post(thread, server.bot, first, call.files, message_id=thread.id)  # it has the thread's id
    return thread.wire() | {"message": message.wire}


@routes.on("POST", "/channels/#/messages/#/threads", 201)
def post_thread_on(server: "DiscordServer", call: Call, channel_id: int, message_id: int) -> Json:
    parent = seen_channel(server, channel_id, P.CREATE_PUBLIC_THREADS)
    message = known_message(server, parent, message_id)
    if message.id in server.channels:
        raise Refused(400, 160004, "A thread has already been created for this message")
    return open_thread(
        server, message.id, parent, call.body, NEWS_THREAD if parent.type == GUILD_NEWS else PUBLIC_THREAD
    ).wire()


def open_thread(server: "DiscordServer", thread_id: int, parent: Channel, body: Json, type: int) -> Channel:
    """Make a thread as `body` describes it, opened by the bot."""
    form = Form()
    form.size("name", body.get("name"), 100, 1)
    form.done()
    made = {"parent": parent, "owner": server.bot, "members": {server.bot.id}}
    thread = Channel(thread_id, type, body["name"], parent.guild, **made)
    server.put_channel(thread, "THREAD_CREATE")
    server.touch()
    return thread


@routes.on("PUT", "/channels/#/thread-members/#")
def add_to_thread(server: "DiscordServer", call: Call, channel: int, user: int) -> None:
    server.let_in(known_user(server, user), seen_channel(server, channel, P.SEND_MESSAGES_IN_THREADS))


@routes.on("GET", "/channels/#/thread-members/#")
def get_thread_member(server: "DiscordServer", call: Call, channel: int, user: int) -> Json:
    thread = seen_channel(server, channel)
    if user not in thread.members:
        raise Refused(404, 10007, "Unknown Member")
    return thread.member(known_user(server, user))
