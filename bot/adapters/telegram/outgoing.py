"""What goes out to Telegram: answers and deliveries, paced."""

import logging
from pathlib import PurePath
from typing import Any

from aiolimiter import AsyncLimiter
from telegram import Bot, InputFile, LinkPreviewOptions, Message, ReplyParameters

from bot.adapter import Delete, Delivery, Edit, OpenThread, Outcome, Send, Sent, Unknown
from bot.adapters.telegram.outcomes import is_done, outcome
from bot.adapters.telegram.render import Here, Part, file_parts, keyboard, parts, unmentioned
from bot.adapters.telegram.request import FAULTS, Lost, Rejected
from bot.model import Call, Place, Ref, Reply

log = logging.getLogger(__name__)

EVERYTHING = 30  # Telegram: about 30 messages a second in all
DELIVERIES = 25  # a second: the rest is for answers, which must not stand in line behind a drop to everybody
TOPIC_NAME = 128  # Telegram: createForumTopic, 1-128 characters
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Outgoing:
    """Says things through a Bot, no faster than Telegram allows and with no burst."""

    def __init__(self, bot: Bot, here: Here) -> None:
        self._bot = bot
        self._here = here
        self._everything = AsyncLimiter(1, 1 / EVERYTHING)
        self._deliveries = AsyncLimiter(1, 1 / DELIVERIES)

    async def deliver(self, what: Delivery) -> Outcome:
        """Do one delivery; see Adapter. Raises nothing."""
        if isinstance(what, Send) and what.tried:
            return Unknown()  # Telegram has no idempotency key, and a bot cannot read what it has said
        place = what.place if isinstance(what, Send | OpenThread) else what.ref.place
        await self._deliveries.acquire()
        try:
            return await self._do(what)
        except FAULTS as error:
            came = outcome(error, place, again=isinstance(what, Edit | Delete))
            fields = {"platform": "telegram", "outcome": type(came).__name__, "error": type(error).__name__}
            log.info("telegram.delivery_failed", extra=fields)
            return came

    async def answer(self, call: Call, reply: Reply, to: int) -> None:
        """Give the answer to a Call, in a group below the message `to`. Raises FAULTS."""
        if reply.edit and call.message:
            try:
                await self.edit(call.message, reply)
            except Rejected as error:
                if error.code != 400:
                    raise
            else:
                return
        await self.send(call.place, reply, None if call.place.private else to)

    async def send(self, place: Place, reply: Reply, to: int | None = None) -> tuple[Ref, ...]:
        """Say a reply, in answer to the message `to` if it is still there; returns what was sent. Raises FAULTS."""
        return await self._say(place, parts(reply, None if place.private else self._here), to)

    async def post(self, place: Place, part: Part, to: int | None) -> Message:
        """Send one message, in answer to the message `to` if it is still there. Raises FAULTS."""
        shared: dict[str, Any] = {
            "message_thread_id": None if place.thread is None else int(place.thread),
            "reply_parameters": None if to is None else ReplyParameters(to, allow_sending_without_reply=True),
            "reply_markup": part.keyboard,
        }
        async with self._everything:
            if part.file is None:
                text = part.text if place.private else unmentioned(part.text)
                return await self._bot.send_message(place.channel, text, link_preview_options=NO_PREVIEW, **shared)
            file, shared["caption"] = InputFile(part.file.data, filename=part.file.name), part.text or None
            match PurePath(part.file.name).suffix.lower():
                case ".png":
                    return await self._bot.send_photo(place.channel, file, **shared)
                case ".gif":
                    return await self._bot.send_animation(place.channel, file, **shared)
                case _:
                    return await self._bot.send_document(
                        place.channel, file, disable_content_type_detection=True, **shared
                    )

    async def edit(self, ref: Ref, reply: Reply) -> tuple[Ref, ...]:
        """Put a reply in the place of a message, its files below; returns the message and theirs. Raises FAULTS."""
        here = None if ref.place.private else self._here
        try:
            async with self._everything:
                await self._bot.edit_message_text(
                    reply.text if ref.place.private else unmentioned(reply.text),
                    chat_id=ref.place.channel,
                    message_id=int(ref.message),
                    reply_markup=keyboard(reply.rows, here),
                    link_preview_options=NO_PREVIEW,
                )
        except Rejected as error:
            if not is_done(error):
                raise
        return ref, *await self._say(ref.place, file_parts(reply.files))

    async def _do(self, what: Delivery) -> Sent:
        match what:
            case Send():
                return Sent(await self.send(what.place, what.reply))
            case Edit():
                return Sent(await self.edit(what.ref, what.reply))
            case Delete():
                try:
                    await self._bot.delete_message(what.ref.place.channel, int(what.ref.message))
                except Rejected as error:
                    if not is_done(error):
                        raise
                return Sent()
            case OpenThread(on=Ref() as on):
                return Sent((on,))  # whatever is said here can be answered below it
            case OpenThread():
                topic = await self._bot.create_forum_topic(what.place.channel, what.name[:TOPIC_NAME])
                thread = str(topic.message_thread_id)
                return Sent((Ref(Place(what.place.platform, what.place.channel, thread), thread),))

    async def _say(self, place: Place, pieces: tuple[Part, ...], to: int | None = None) -> tuple[Ref, ...]:
        said: list[Ref] = []
        for part in pieces:
            try:
                message = await self.post(place, part, to)
            except FAULTS as error:
                if said:
                    # Trying again would repeat what has arrived; the caller knows what is to be done then.
                    raise Lost("partly sent") from error
                raise
            said.append(Ref(place, str(message.message_id)))
        return tuple(said)
