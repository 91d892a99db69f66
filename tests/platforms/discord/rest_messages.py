"""REST: messages in channels."""

from typing import TYPE_CHECKING

from tests.platforms.discord.limits import Form, Refused
from tests.platforms.discord.objects import ALL, FORUMS, Channel, Json
from tests.platforms.discord.objects import Permission as P
from tests.platforms.discord.rest import Call, Routes, known_message, seen_channel

if TYPE_CHECKING:
    from tests.platforms.discord.server import DiscordServer

routes = Routes()


@routes.on("GET", "/channels/#/messages")
def get_messages(server: "DiscordServer", call: Call, channel_id: int) -> list[Json]:
    channel, query = seen_channel(server, channel_id), call.query
    limit = int(query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise Refused(400, 50035, "Invalid Form Body")
    if not channel.permissions(server.bot) & P.READ_MESSAGE_HISTORY:
        return []
    every = server.messages(channel)
    if "after" in query:
        found = [m for m in every if m.id > int(query["after"])][:limit]
    elif "around" in query:
        before = [m for m in every if m.id < int(query["around"])][-(limit // 2) :]
        found = [*before, *(m for m in every if m.id >= int(query["around"]))][:limit]
    else:
        found = [m for m in every if m.id < int(query.get("before", 1 << 63))][-limit:]
    return [m.wire for m in reversed(found)]


@routes.on("GET", "/channels/#/messages/#")
def get_message(server: "DiscordServer", call: Call, channel: int, message: int) -> Json:
    return known_message(server, seen_channel(server, channel, P.READ_MESSAGE_HISTORY), message).wire


@routes.on("POST", "/channels/#/messages")
def post_message(server: "DiscordServer", call: Call, channel_id: int) -> Json:
    channel, body = seen_channel(server, channel_id), call.body
    may_post(server, channel, call)
    # A nonce comes back in this answer alone: Discord does not keep it with the message.
    nonce = {"nonce": body["nonce"]} if body.get("nonce") is not None else {}
    key = (channel.id, str(body.get("nonce")))
    if nonce and body.get("enforce_nonce") and key in server.nonces:
        when, message_id = server.nonces[key]
        if server.clock() - when < server.nonce_window:
            # One that was deleted since is not made again: Discord answers Unknown Message.
            return known_message(server, channel, message_id).wire | nonce
    message = server.post(channel, server.bot, body, call.files, **reference(server, channel, body))
    if nonce:
        server.nonces[key] = (server.clock(), message.id)
    return message.wire | nonce


def may_post(server: "DiscordServer", channel: Channel, call: Call) -> None:
    """Refuse what the bot may not send here."""
    if person := channel.recipient:
        if not person.dms_open or not any({person.id, server.bot.id} <= set(g.members) for g in server.guilds.values()):
            raise Refused(403, 50007, "Cannot send messages to this user")
        return
    if channel.type in FORUMS:
        raise Refused(400, 50008, "Cannot send messages in a non-text channel")
    if channel.locked:
        check_active(channel)
        if not channel.permissions(server.bot) & P.MANAGE_THREADS:
            raise Refused(403, 160005, "Thread is locked")
    needs = P.SEND_MESSAGES_IN_THREADS if channel.parent else P.SEND_MESSAGES
    needs |= P.EMBED_LINKS if call.body.get("embeds") else 0
    seen_channel(server, channel.id, needs | (P.ATTACH_FILES if call.files else 0))


def check_active(channel: Channel) -> None:
    """Refuse to change anything in an archived thread."""
    if channel.archived:
        raise Refused(400, 50083, "Thread is archived")


def reference(server: "DiscordServer", channel: Channel, body: Json) -> Json:
    """What makes a message a reply to another."""
    if not (given := body.get("message_reference")):
        return {}
    answered = server.posts[channel.id].get(int(given["message_id"]))
    if answered is None:
        if given.get("fail_if_not_exists", True):
            form = Form()
            form.wrong("message_reference", "Unknown message")
            form.done()
        return {}
    reference = {"type": 0, "channel_id": str(channel.id), "message_id": str(answered.id)}
    return {"type": 19, "message_reference": reference, "referenced_message": answered.wire}


@routes.on("PATCH", "/channels/#/messages/#")
def patch_message(server: "DiscordServer", call: Call, channel: int, message_id: int) -> Json:
    message = known_message(server, seen_channel(server, channel), message_id)
    if message.author is not server.bot:
        raise Refused(403, 50005, "Cannot edit a message authored by another user")
    check_active(message.channel)
    return server.edit(message, call.body, call.files).wire


@routes.on("DELETE", "/channels/#/messages/#")
def delete_message(server: "DiscordServer", call: Call, channel_id: int, message_id: int) -> None:
    channel = seen_channel(server, channel_id)
    message = known_message(server, channel, message_id)
    check_active(channel)
    if message.author is not server.bot:
        seen_channel(server, channel_id, P.MANAGE_MESSAGES if channel.guild else ALL + 1)
    server.delete(message)
