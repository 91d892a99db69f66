"""Messages, from the bot or from a person: written, checked, kept and told."""

import mimetypes
from typing import Any

from tests.platforms.discord.gateway import DIRECT_MESSAGES, GUILD_MESSAGES
from tests.platforms.discord.limits import Refused, check_message
from tests.platforms.discord.objects import (
    COMPONENTS_V2,
    LOADING,
    Channel,
    Files,
    Json,
    Snowflakes,
    User,
    new_message,
    stored_components,
    stored_embeds,
)
from tests.platforms.discord.screen import Message
from tests.platforms.discord.state import State


class Messages(State):
    """What is done to messages, whoever does it."""

    def post(
        self,
        channel: Channel,
        author: User,
        body: Json,
        files: Files,
        flags: int = 0,
        message_id: int = 0,
        **more: Any,
    ) -> Message:
        """Make a message; an ephemeral one is kept apart. `more` is added to the object."""
        payload = new_message(message_id or self.new_id(), channel, author, flags) | more
        message = Message(payload, int(payload["id"]), author, channel, body.get("nonce"))
        message = self._write(message, body, files)
        if not message.ephemeral:
            channel.last, channel.posted, channel.archived = message.id, channel.posted + 1, False
        self._tell("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, body: Json, files: Files) -> Message:
        """Change what `body` names, and no more. A message that was loading is then there."""
        filled = message.wire | {"flags": message.flags & ~LOADING}
        if not message.flags & LOADING:
            filled["edited_timestamp"] = Snowflakes.time(self.new_id())
        message = self._write(Message(filled, message.id, message.author, message.channel, message.nonce,
                                      message.files), body, files)  # fmt: skip
        self._tell("MESSAGE_UPDATE", message)
        return message

    def _write(self, message: Message, body: Json, files: Files) -> Message:
        """Put the content of `body` into a message, check it, and keep it in its place."""
        if message.channel.id not in self.channels:
            raise Refused(404, 10003, "Unknown Channel")
        payload = dict(message.wire)
        payload["flags"] |= (body.get("flags") or 0) & (COMPONENTS_V2 | 1 << 2 | 1 << 12)
        given: Json = {
            k: body[k] or ([] if k != "content" else "") for k in ("content", "embeds", "components") if k in body
        }
        kept = payload["attachments"]
        if body.get("attachments") is not None:
            kept = [a for a in kept if a["id"] in {str(x["id"]) for x in body["attachments"]}]
        if not payload["flags"] & LOADING:
            check_message(payload | given | {"nonce": body.get("nonce")}, len(kept) + len(files))
        if "embeds" in given:
            given["embeds"] = stored_embeds(given["embeds"])
        if "components" in given:
            given["components"] = stored_components(given["components"])
        told = {f"files[{a['id']}]": a.get("description") for a in body.get("attachments") or ()}
        new = [self._attachment(name, data, told.get(field), message) for field, name, data in files]
        payload |= given | {"attachments": kept + new}
        held = dict(message.files) | {name: data for _, name, data in files}
        held = {a["filename"]: held[a["filename"]] for a in payload["attachments"]}
        message = Message(payload, message.id, message.author, message.channel, message.nonce, held)
        self._messages[message.id] = message
        if not message.ephemeral:
            self.posts[message.channel.id][message.id] = message
        return message

    def _attachment(self, name: str, data: bytes, told: str | None, message: Message) -> Json:
        url = f"http://127.0.0.1:{self.port}/attachments/{message.channel.id}/{message.id}/{name}"
        made = {"id": str(self.new_id()), "filename": name, "size": len(data), "url": url, "proxy_url": url}
        more = {"description": told, "content_type": mimetypes.guess_type(name)[0]}
        return made | {key: value for key, value in more.items() if value}

    def _tell(self, event: str, message: Message) -> None:
        if not message.ephemeral:
            guild = message.channel.guild
            self.gateway.dispatch(
                event,
                message.wire | ({"guild_id": str(guild.id)} if guild else {}),
                GUILD_MESSAGES if guild else DIRECT_MESSAGES,
                guild,
            )
        self.touch()

    def delete(self, message: Message) -> None:
        """Take a message away."""
        del self._messages[message.id]
        if not message.ephemeral:
            del self.posts[message.channel.id][message.id]
            guild = message.channel.guild
            ids = {"id": str(message.id), "channel_id": str(message.channel.id)}
            ids |= {"guild_id": str(guild.id)} if guild else {}
            self.gateway.dispatch("MESSAGE_DELETE", ids, GUILD_MESSAGES if guild else DIRECT_MESSAGES, guild)
        self.touch()
