"""What goes out to Telegram: answers and deliveries, paced."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from telegram import Bot, InputFile, LinkPreviewOptions, Message, ReplyParameters
from yarl import URL

from bot.adapter import Delete, Delivery, Edit, OpenThread, Outcome, Send, Sent, Unknown
from bot.adapters.telegram.limits import Limits, Rank
from bot.adapters.telegram.outcomes import DEFAULT_LIMIT, is_done, outcome
from bot.adapters.telegram.render import Here, Part, file_parts, keyboard, parts, unmentioned
from bot.adapters.telegram.request import FAULTS, Lost, Rejected, Request
from bot.model import Call, Place, Ref, Reply

log = logging.getLogger(__name__)

TOPIC_NAME = 128  # Telegram: createForumTopic, 1-128 characters
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
SHORT_NO_PREVIEW = NO_PREVIEW.to_dict()


class Outgoing:
    """Says things through a Bot, no faster than `limits` allow."""

    def __init__(self, bot: Bot, request: Request, here: Here, limits: Limits) -> None:
        self._bot = bot
        self._request = request
        self._url = URL(f"{bot.base_url}/sendMessage", encoded=True)
        self._here = here
        self._limits = limits

    async def deliver(self, what: Delivery) -> Outcome:
        """Do one delivery; see Adapter. Raises nothing."""
        if isinstance(what, Send) and what.tried:
            return Unknown()  # Telegram has no idempotency key, and a bot cannot read what it has said
        place = what.place if isinstance(what, Send | OpenThread) else what.ref.place
        try:
            with self._heeding(place):
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
        return await self._say(place, parts(reply, None if place.private else self._here), Rank.ANSWER, to)

    async def post(self, place: Place, part: Part, to: int | None) -> Message:
        """Send one message, in answer to the message `to` if it is still there. Raises FAULTS."""
        with self._heeding(place):
            await self._limits.may_write(place, Rank.ANSWER, 1)
            return await self._post(place, part, Rank.ANSWER, to)

    async def edit(self, ref: Ref, reply: Reply) -> tuple[Ref, ...]:
        """Put a reply in the place of a message, its files below; returns the message and theirs. Raises FAULTS."""
        with self._heeding(ref.place):
            return await self._edit(ref, reply, Rank.ANSWER)

    @contextmanager
    def _heeding(self, place: Place) -> Generator[None]:
        """Heed a 429 that comes of what is said to `place`: it becomes a Limited."""
        try:
            yield
        except Rejected as error:
            if error.code != 429:
                raise
            raise self._limits.refused(place, error.retry_after or DEFAULT_LIMIT) from None

    async def _post(self, place: Place, part: Part, rank: Rank, to: int | None) -> Message:
        shared: dict[str, Any] = {
            "message_thread_id": None if place.thread is None else int(place.thread),
            "reply_parameters": None if to is None else ReplyParameters(to, allow_sending_without_reply=True),
            "reply_markup": part.keyboard,
            "allow_paid_broadcast": self._is_paid(rank),
        }
        await self._limits.turn(rank)
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
                return await self._bot.send_document(place.channel, file, disable_content_type_detection=True, **shared)

    async def _edit(self, ref: Ref, reply: Reply, rank: Rank) -> tuple[Ref, ...]:
        here = None if ref.place.private else self._here
        if not ref.place.private:
            await self._limits.may_write(ref.place, rank, 1)
        await self._limits.turn(rank)
        try:
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
        return ref, *await self._say(ref.place, file_parts(reply.files), rank)

    async def _do(self, what: Delivery) -> Sent:
        match what:
            case Send():
                here = None if what.place.private else self._here
                return Sent(await self._say(what.place, parts(what.reply, here), Rank.DELIVERY))
            case Edit():
                return Sent(await self._edit(what.ref, what.reply, Rank.DELIVERY))
            case Delete():
                await self._limits.turn(Rank.DELIVERY)
                try:
                    await self._bot.delete_message(what.ref.place.channel, int(what.ref.message))
                except Rejected as error:
                    if not is_done(error):
                        raise
                return Sent()
            case OpenThread(on=Ref() as on):
                return Sent((on,))  # whatever is said here can be answered below it
            case OpenThread():
                await self._limits.turn(Rank.DELIVERY)
                topic = await self._bot.create_forum_topic(what.place.channel, what.name[:TOPIC_NAME])
                thread = str(topic.message_thread_id)
                return Sent((Ref(Place(what.place.platform, what.place.channel, thread), thread),))

    async def _send(self, place: Place, part: Part, rank: Rank, to: int | None) -> int:
        """Send one message; return its id. Most have no file, and the short way is enough for them."""
        if part.file is not None:
            return (await self._post(place, part, rank, to)).message_id
        await self._limits.turn(rank)
        call: dict[str, Any] = {
            "chat_id": place.channel,
            "text": part.text if place.private else unmentioned(part.text),
            "link_preview_options": SHORT_NO_PREVIEW,
            "message_thread_id": None if place.thread is None else int(place.thread),
            "reply_parameters": None if to is None else {"message_id": to, "allow_sending_without_reply": True},
            "reply_markup": None if part.keyboard is None else part.keyboard.to_dict(),
            "allow_paid_broadcast": self._is_paid(rank),
        }
        return await self._request.message(self._url, call)

    def _is_paid(self, rank: Rank) -> bool | None:
        return True if self._limits.paid and rank == Rank.DELIVERY else None

    async def _say(self, place: Place, pieces: tuple[Part, ...], rank: Rank, to: int | None = None) -> tuple[Ref, ...]:
        said: list[Ref] = []
        if pieces:
            await self._limits.may_write(place, rank, len(pieces))
        for part in pieces:
            try:
                with self._heeding(place):
                    message = await self._send(place, part, rank, to)
            except FAULTS as error:
                if said:
                    # Trying again would repeat what has arrived; the caller knows what is to be done then.
                    raise Lost("partly sent") from error
                raise
            said.append(Ref(place, str(message)))
        return tuple(said)
