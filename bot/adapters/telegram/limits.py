"""How fast Telegram may be written to, and what is done where it says that it was too fast."""

import asyncio
from datetime import timedelta
from enum import IntEnum
from typing import Literal

from telegram.error import TelegramError

from bot.model import Place
from bot.pace import SLACK, Bucket, Resting, Turns, Usage, Window

OVERALL = 30.0
"""Messages a second in all: "bulk notifications to more than about 30 users per second" are not allowed
(core.telegram.org/bots/faq, "My bot is hitting limits"). With `allow_paid_broadcast` it is 1,000 (sendMessage)."""
CHAT, CHAT_BURST, CHAT_LEFT = 1.0, 20.0, 14
"""Messages a second to one chat: "avoid sending more than one message per second. We may allow short bursts that go
over this limit" (the same page). How long a burst is not said. Of ours, what we say unasked leaves most for answers:
who taps quickly is not made to wait."""
GROUP, GROUP_SECONDS, GROUP_LEFT = 20, 60.0, 5
"""Messages to one group within a minute (the same page), and how many of them are left for answers. Edits count there,
too: it is not said, but seen."""
KEPT = 0.01  # of what there is in all, where others use it too: for what is never heard of
ALL = ""  # what an answer uses of what there is in all; of a group it has the group's id for a name
PATIENCE = 3.0  # seconds that are waited here; what has to wait longer waits in the outbox
MANY = 8192  # chats that are kept; those that have rested long enough are forgotten


class Rank(IntEnum):
    """Who goes first."""

    ANSWER = 0
    DELIVERY = 1


class Limited(TelegramError):
    """Not now: of all, or of this chat, as much was sent as Telegram takes. Nothing was sent."""

    def __init__(self, seconds: float, scope: Literal["place", "platform"]) -> None:
        super().__init__(f"limited for {seconds:.1f} s")
        self.after = timedelta(seconds=seconds)
        self.scope: Literal["place", "platform"] = scope


class _Chat:
    """What one chat takes: so many a second and, where it is a group, so many a minute."""

    __slots__ = ("bucket", "window")

    def __init__(self, *, private: bool) -> None:
        self.bucket = Bucket(CHAT, CHAT_BURST)
        self.window = None if private else Window(GROUP, GROUP_SECONDS)

    def at(self, now: float, rank: Rank, many: int) -> float:
        chat, group = (0, 0) if rank == Rank.ANSWER else (CHAT_LEFT, GROUP_LEFT)
        at = self.bucket.at(now, many, chat)
        return max(at, self.window.at(now, many, group)) if self.window else at

    def take(self, now: float, many: int) -> None:
        self.bucket.take(now, many)
        if self.window:
            self.window.take(now, many)

    def rest(self, until: float) -> None:
        self.bucket.rest(until, CHAT_LEFT)
        if self.window:
            self.window.rest(until)

    def is_full(self, now: float) -> bool:
        return self.bucket.is_full(now) and (self.window is None or self.window.is_full(now))


class Limits:
    """The limits of one bot. An answer goes before all deliveries; both count.

    `rate` is what Telegram takes a second in all. `paid` tells that deliveries have to say that they may cost
    something.

    Where other processes give answers with the same token, each is told of the others' by `usage`, and counts them.
    What was said within the moment that such a word takes is in no count: so answers of one process go out one by one,
    also where the burst would let two go at once. See docs/decisions/0019.
    """

    def __init__(self, rate: float = OVERALL, usage: Usage | None = None) -> None:
        self.paid = rate > OVERALL
        self._shared = usage
        rate *= 1 - KEPT if usage else 1
        self._all = Turns(Bucket(rate, 1 + rate * SLACK), len(Rank), PATIENCE)
        self._answers = Turns(Bucket(rate), 1, PATIENCE) if usage else None
        self._chats: dict[str, _Chat] = {}
        if usage:
            usage.heard = self._heard

    async def may_write(self, place: Place, rank: Rank, many: int) -> None:
        """Wait until `many` messages may be sent to the chat of `place`, and count them there.

        A delivery does not wait: it would hold up others. Raises Limited.
        """
        now = asyncio.get_running_loop().time()
        chat = self._chat(place, now)
        wait = chat.at(now, rank, many) - now
        if wait > (PATIENCE if rank == Rank.ANSWER else 0):
            raise Limited(wait, "place")
        chat.take(now + wait, many)
        if self._shared and not place.private:
            self._shared.tell(place.channel, many)
        if wait > 0:
            await asyncio.sleep(wait)

    async def turn(self, rank: Rank) -> None:
        """Wait until one more message may be sent in all, and count it. Raises Limited."""
        try:
            if rank == Rank.ANSWER and self._answers:
                await self._answers.turn(0)
            await self._all.turn(rank)
        except Resting as error:
            raise Limited(error.seconds, "platform") from None
        if rank == Rank.ANSWER and self._shared:
            self._shared.tell(ALL, 1)

    def refused(self, place: Place, seconds: float) -> Limited:
        """Heed a 429 that came of something sent to `place`: send nothing so long where it is about; return that.

        Telegram does not say what it is about. In a group it is the group's; for somebody's chat it is about that chat
        if something else went there just before, and else about all.
        """
        now = asyncio.get_running_loop().time()
        chat = self._chat(place, now)
        if not place.private or chat.bucket.owes(now):
            chat.rest(now + seconds)
            return Limited(seconds, "place")
        self._all.rest(seconds)
        return Limited(seconds, "platform")

    def _heard(self, name: str, many: int) -> None:
        """Count what another process has told that it used."""
        if name == ALL:
            self._all.used(many)
        else:
            now = asyncio.get_running_loop().time()
            self._chat_of(name, now, private=False).take(now, many)

    def _chat(self, place: Place, now: float) -> _Chat:
        return self._chat_of(place.channel, now, private=place.private)

    def _chat_of(self, channel: str, now: float, *, private: bool) -> _Chat:
        chat = self._chats.get(channel)
        if chat is None:
            if len(self._chats) >= MANY:
                self._forget(now)
            chat = self._chats[channel] = _Chat(private=private)
        return chat

    def _forget(self, now: float) -> None:
        self._chats = {channel: chat for channel, chat in self._chats.items() if not chat.is_full(now)}
