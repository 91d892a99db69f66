"""REST: the bot's answers to what people did."""

from typing import TYPE_CHECKING

from tests.platforms.discord.interaction import Interaction
from tests.platforms.discord.limits import Form, Refused, check_modal
from tests.platforms.discord.objects import (
    DEFER,
    DEFER_UPDATE,
    EPHEMERAL,
    LOADING,
    MODAL,
    REPLY,
    SUBMIT,
    UPDATE,
    Files,
    Json,
    stored_components,
)
from tests.platforms.discord.rest import Call, Routes
from tests.platforms.discord.screen import Message, Modal

if TYPE_CHECKING:
    from tests.platforms.discord.server import DiscordServer

routes = Routes()
_WITH_MESSAGE = (REPLY, UPDATE)  # the callbacks whose answer holds the message
INTERACTION_LIFE = 15 * 60.0


@routes.on("POST", "/interactions/#/*/callback")
def callback(server: "DiscordServer", call: Call, interaction_id: int, token: str) -> Json | None:
    found = server.interactions.get(token)
    if found is None or found.id != interaction_id or server.clock() - found.made > server.deadline:
        raise Refused(404, 10062, "Unknown interaction")
    if found.answered:
        raise Refused(400, 40060, "Interaction has already been acknowledged.")
    kind, data = call.body.get("type"), call.body.get("data") or {}
    source = server.message(found.source) if found.source else None
    allowed = {REPLY, DEFER}
    allowed |= {MODAL} if found.type != SUBMIT else set()
    allowed |= {DEFER_UPDATE, UPDATE} if source else set()
    if kind not in allowed:
        form = Form()
        form.wrong("type", f"Value must be one of {sorted(allowed)}.")
        form.done()
    made: Message | None = None
    found.flags = (data.get("flags") or 0) & EPHEMERAL
    if kind == MODAL:
        check_modal(data)
        data = data | {"components": stored_components(data["components"])}
        found.modal = Modal.read(data, found.id)
    elif kind in (REPLY, DEFER):
        loading = kind == DEFER
        made = respond(server, found, {} if loading else data, call.files, found.flags | (LOADING if loading else 0))
    elif source:
        made = server.edit(source, data, call.files) if kind == UPDATE else source
        found.updated = kind == UPDATE
    found.original, found.kind = made.id if made else None, kind
    server.touch()
    if call.query.get("with_response") not in ("1", "true", "True"):
        return None
    about: Json = {"id": str(found.id), "type": found.type, "channel_id": str(found.channel.id)}
    if found.channel.guild:
        about["guild_id"] = str(found.channel.guild.id)
    if made:
        about |= {
            "response_message_id": str(made.id), "response_message_loading": bool(made.flags & LOADING),
            "response_message_ephemeral": made.ephemeral,
        }  # fmt: skip
    answer = {"interaction": about}
    return answer | ({"resource": {"type": kind, "message": made.wire}} if made and kind in _WITH_MESSAGE else {})


def respond(server: "DiscordServer", to: Interaction, body: Json, files: Files, flags: int) -> Message:
    """Post an answer of an interaction."""
    ours = {"application_id": str(server.bot.id), "webhook_id": str(server.bot.id)}
    return server.post(to.channel, server.bot, body, files, flags, **ours)


def told(server: "DiscordServer", application: int, token: str) -> Interaction:
    """The interaction whose webhook this is."""
    found = server.interactions.get(token)
    if found is None or application != server.bot.id or not found.answered:
        raise Refused(404, 10015, "Unknown Webhook")
    if server.clock() - found.made > INTERACTION_LIFE:
        raise Refused(401, 50027, "Invalid Webhook Token")
    return found


def answer_of(server: "DiscordServer", application: int, token: str, which: str | int) -> Message:
    """One of the messages of an interaction: "@original", or by id."""
    found = told(server, application, token)
    wanted = found.original if which == "@original" else which if which in (found.original, *found.own) else None
    message = server.message(int(wanted)) if wanted else None
    if message is None:
        raise Refused(404, 10008, "Unknown Message")
    return message


@routes.on("POST", "/webhooks/#/*")
def follow(server: "DiscordServer", call: Call, application: int, token: str) -> Json:
    found = told(server, application, token)
    waiting = server.message(found.original) if found.original else None
    if waiting and waiting.flags & LOADING:
        return server.edit(waiting, call.body, call.files).wire  # the first followup fills a deferred answer
    message = respond(server, found, call.body, call.files, (call.body.get("flags") or 0) & EPHEMERAL)
    found.own.append(message.id)
    server.touch()
    return message.wire


@routes.on("GET", "/webhooks/#/*/messages/*")
def get_answer(server: "DiscordServer", call: Call, application: int, token: str, which: str | int) -> Json:
    return answer_of(server, application, token, which).wire


@routes.on("PATCH", "/webhooks/#/*/messages/*")
def patch_answer(server: "DiscordServer", call: Call, application: int, token: str, which: str | int) -> Json:
    message = server.edit(answer_of(server, application, token, which), call.body, call.files)
    found = server.interactions[token]
    found.updated = found.updated or message.id == found.source
    server.touch()
    return message.wire


@routes.on("DELETE", "/webhooks/#/*/messages/*")
def delete_answer(server: "DiscordServer", call: Call, application: int, token: str, which: str | int) -> None:
    server.delete(answer_of(server, application, token, which))
