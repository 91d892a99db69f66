"""Questions and answers on Discord and on Telegram while the process is killed again and again: who had what.

Half of those who ask are on Discord, half on Telegram, and so are the coaches: one desk is a channel, the other a
group. Whoever got no answer to a press tries again, as people do; on Discord they see that the bot is away, and press
when it is there. What came is read where they read it.
"""

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice, takewhile
from pathlib import Path
from typing import Any, TypeVar

from bot import communities
from bot.communities import Purpose
from bot.model import Account, Place, Server
from bot.texts import Texts
from bot.vault import new_key
from cogs.questions import questions
from cogs.questions.store import State
from tests.faults.process import Process, database, process, until
from tests.platforms.discord import DiscordServer, Permission
from tests.platforms.discord.screen import Message as Shown
from tests.platforms.telegram import TelegramServer
from tests.seed import joins, set_up

ASKED, REPLY, MORE = re.compile(r"\bask-(\d+)\b"), re.compile(r"\breply-(\d+)-[a-j]+\b"), re.compile(r"\bmore-(\d+)\b")
SENT = "One question an hour"  # is said to who asks once more: it was sent after all
TRY = 5.0  # seconds after which somebody presses again: Discord says after three that nothing came
STALE = 3.0  # seconds until a coach looks at a question again that one has just answered
LETTERS = str.maketrans("0123456789", "abcdefghij")
AT_ONCE = 8  # who do something at the same moment
FURTHER = 0.25  # of those who had an answer ask on
T = TypeVar("T")
NOT_NOW = TimeoutError, LookupError, ValueError  # nothing came; what was to be pressed is not there any more
SEE, WRITE = Permission.VIEW_CHANNEL, Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES
QUICKLY = "from datetime import timedelta\nfrom cogs.questions import answering\nanswering.UNDO = timedelta(seconds=1)"
UNLIMITED = """
from bot.adapters.discord import limits as discord
from bot.adapters.telegram import limits
discord.RATE = discord.OPENS = limits.CHAT_BURST = 10_000.0
limits.GROUP = 10_000
"""
"""What comes within days is said within seconds: what the platforms take within a minute would hold it up."""


class OnDiscord:
    """Somebody on Discord, who types in the town and reads their DMs."""

    def __init__(self, server: DiscordServer, user: Any, channel: Any) -> None:
        self.server, self.user, self.channel = server, user, channel
        self.reads = server.dm(user)

    @property
    def account(self) -> Account:
        """Who they are."""
        return Account("discord", str(self.user.id))

    async def asks(self, text: str) -> bool:
        """Ask; tell whether it was said that the coaches have it."""
        await is_there(self.server)
        opened = await self._soon(self.server.command(self.user, self.channel, "ask"))
        if opened.modal is None:
            return SENT in (await self._done(opened)).text
        shown = await self._done(self.server.submit(self.user, opened.modal, {"question": text}))
        return SENT in shown.text or await self._sends(shown)

    async def asks_on(self, text: str) -> bool:
        """Follow up on the last answer; tell whether it was said that the coaches have it."""
        await is_there(self.server)
        last = next(m for m in reversed(self.server.messages(self.reads)) if "Follow up" in m.buttons)
        opened = await self._soon(self.server.press(self.user, last, "Follow up"))
        if opened.modal is None:  # it waits already, or an answer is on its way
            return "is with the coaches" in (await _answer(self.server, opened)).text
        return await self._sends(await self._done(self.server.submit(self.user, opened.modal, {"more": text})))

    async def _sends(self, shown: Any) -> bool:
        return "goes to the coaches" in (await self._done(self.server.press(self.user, shown, "Send"))).text

    async def _done(self, interaction: Any) -> Any:
        return await _answer(self.server, interaction)

    async def _soon(self, interaction: Any) -> Any:
        return await _soon(self.server, interaction)

    def had(self) -> list[str]:
        """Return what was said in their DMs."""
        return [m.text for m in self.server.messages(self.reads) if m.author is self.server.bot]


class OnTelegram:
    """Somebody on Telegram, in their private chat."""

    def __init__(self, server: TelegramServer, user: Any) -> None:
        self.server, self.user, self.chat = server, user, server.private(user)

    @property
    def account(self) -> Account:
        """Who they are."""
        return Account("telegram", str(self.user.id))

    async def asks(self, text: str) -> bool:
        """Ask; tell whether it was said that the coaches have it."""
        shown = await self._says(f"/ask {text}")
        return SENT in shown.text or await self._sends(shown)

    async def asks_on(self, text: str) -> bool:
        """Follow up on the last answer; tell whether it was said that the coaches have it."""
        last = next(m for m in reversed(self.server.messages(self.chat)) if "Follow up" in m.buttons)
        since = self._last()
        self.server.press(self.user, last, "Follow up")
        asked = await self._next(since)
        if "is with the coaches" in asked.text:
            return True
        return await self._sends(await self._says(text))

    async def _sends(self, shown: Any) -> bool:
        self.server.press(self.user, shown, "Send")

        def said() -> str:
            now = self.chat.messages[shown.id].text
            return now if "goes to the coaches" in now or "sent already, or it is gone" in now else ""

        return "goes to the coaches" in await self.server.wait_for(said, within=2 * TRY)

    async def _says(self, text: str) -> Any:
        since = self._last()
        self.server.say(self.user, self.chat, text)
        return await self._next(since)

    def _last(self) -> int:
        return max(self.chat.messages, default=0)

    async def _next(self, since: int) -> Any:
        """Return the next message that is no answer of a coach's, which may come at any moment."""

        def first() -> Any:
            came = (m for m in self.chat.messages.values() if m.id > since and m.from_bot)
            return next((m for m in came if not REPLY.search(m.text)), None)

        return await self.server.wait_for(first, within=2 * TRY)

    def had(self) -> list[str]:
        """Return what was said in their chat."""
        return [m.text for m in self.server.messages(self.chat) if m.from_bot]


async def is_there(server: DiscordServer) -> None:
    """Wait until the bot is there, as one sees."""
    await server.wait_for(lambda: bool(server.gateway.live()), within=60)


async def _soon(server: DiscordServer, interaction: Any) -> Any:
    """Return what comes of it. Raises TimeoutError where nothing does: also at once, when the bot goes away."""

    async def comes() -> Any:
        return await interaction

    async def goes() -> None:
        await server.wait_for(lambda: not server.gateway.live(), within=TRY)

    waits = asyncio.create_task(comes()), asyncio.create_task(goes())
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if waits[0].done():
            return waits[0].result()
        raise TimeoutError
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _answer(server: DiscordServer, interaction: Any) -> Any:
    """Return the message that answers, new or changed. Raises what `_soon` does."""

    async def answered() -> Any:
        await interaction
        return server.message(interaction.source) if interaction.updated else await interaction.filled()

    return await _soon(server, answered())


Asker = OnDiscord | OnTelegram


@dataclass
class Desk:
    """All of it. `promised` is what a coach was told is going out; `unknown` what was on its way on Telegram at a kill,
    to those who asked and to the desk.
    """

    folder: Path
    key: str
    discord: DiscordServer
    telegram: TelegramServer
    bot: Process
    dice: random.Random
    askers: dict[int, Asker] = field(default_factory=dict[int, Asker])
    discord_coaches: list[Any] = field(default_factory=list[Any])
    telegram_coaches: list[Any] = field(default_factory=list[Any])
    channel: Any = None
    group: Any = None
    asked: set[int] = field(default_factory=set[int])
    asks_on: dict[int, int] = field(default_factory=dict[int, int])  # who asked on, after how many answers
    promised: set[str] = field(default_factory=set[str])
    unknown: Counter[str] = field(default_factory=Counter[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    of: dict[tuple[int, int], int | None] = field(
        default_factory=dict[tuple[int, int], int | None]
    )  # which message it is
    together: bool = False  # whether no coach answers before all have asked
    readies: int = 0  # so often it was connected before it was last started
    further: set[int] = field(default_factory=set[int])  # who will ask on
    busy: dict[int, float] = field(default_factory=dict[int, float])  # with what a coach is, or just was, until when

    # -- what goes on

    async def goes_on(self, kills: int | None, every: Callable[[], float], *, together: bool = False) -> None:
        """Let all ask and be answered, and kill the process so often (None: until the end), after so many seconds.

        Where they ask `together`, no coach answers before all have asked.
        """
        self.together = together
        await self.bot.start()
        await self.is_up()
        async with asyncio.TaskGroup() as group:
            killing = group.create_task(self.kills(kills, every))
            asking = [group.create_task(self.works(part)) for part in range(AT_ONCE)]
            coaching = [group.create_task(self.coaches_on(user)) for user in self.discord_coaches]
            coaching += [group.create_task(self.replies(user)) for user in self.telegram_coaches]
            await asyncio.wait(asking, return_when=asyncio.FIRST_EXCEPTION)
            killing.cancel()
            await self.dies()
            await self.is_up()
            await until(self.is_over, within=120)
            for each in coaching:
                each.cancel()
        assert await self.bot.stop() == 0

    async def kills(self, times: int | None, every: Callable[[], float]) -> None:
        """Kill the process, at any point, and start it again."""
        for number in count() if times is None else range(times):
            if number % 4 != 3:  # else while it starts
                await self.is_up()
            await self.happens(every())
            await self.dies()

    async def dies(self) -> None:
        """Kill it, note what was on its way, and start it again."""
        await self.bot.kill()
        self.counts["kills"] += 1
        on_their_way = self.bot.rows("SELECT platform, lane FROM outbox WHERE state = 'sending' AND kind = 'send'")
        self.counts["on their way at a kill"] += len(on_their_way)
        for platform, lane in on_their_way:
            self.unknown[f"{platform} {'answers' if lane == 0 else 'desk'}"] += 1
        in_flight = self.bot.rows("SELECT count(*) FROM questions WHERE state IN ('waiting', 'answering')")[0][0]
        self.counts["most in flight at a kill"] = max(self.counts["most in flight at a kill"], in_flight)
        self.readies = self.discord.gateway.readies
        await self.bot.start()

    async def is_up(self) -> None:
        """Wait until it is connected again."""
        await self.discord.wait_for(lambda: self.discord.gateway.readies > self.readies, within=60)

    async def works(self, part: int) -> None:
        """Let every eighth of those who ask do so, and later ask on; until all of them had all their answers."""
        mine = [number for number in self.askers if number % AT_ONCE == part]
        for number in mine:
            who = self.askers[number]
            await self.until_done(lambda who=who, number=number: who.asks(f"Should I write? ask-{number}"))
            self.asked.add(number)
        while not all(self.is_answered(number) for number in mine) or self.further & set(mine):
            for number in [each for each in mine if each in self.further and self.is_answered(each)]:
                had, who = len(self.had(number)), self.askers[number]
                await self.until_done(lambda who=who, number=number: who.asks_on(f"And then? more-{number}"))
                self.asks_on[number] = had
                self.further.discard(number)
                self.counts["asked on"] += 1
            await self.happens(1.0)

    async def coaches_on(self, user: Any) -> None:
        """Answer, in the channel, what has no answer yet."""
        while True:
            standing = self.open_of(self.discord.messages(self.channel))
            if not standing:
                await self.happens(1.0)
                continue
            number = self.dice.choice(list(standing))
            self.busy[number] = time.monotonic() + 2 * TRY
            with suppress(*NOT_NOW):
                await is_there(self.discord)
                opened = await _soon(self.discord, self.discord.press(user, standing[number], "Answer"))
                if opened.modal is None:  # another has it, and may have been cut off
                    claimed = await _answer(self.discord, opened)
                    opened = await _soon(self.discord, self.discord.press(user, claimed, "Answer anyway"))
                if opened.modal is not None:
                    text = self.reply_to(number)
                    self.counts["answers written"] += 1
                    submitted = self.discord.submit(user, opened.modal, {"answer": f"Let it wait. {text}"})
                    if "Going out in" in (await _answer(self.discord, submitted)).text:
                        self.promised.add(text)
            self.busy[number] = time.monotonic() + STALE

    async def replies(self, user: Any) -> None:
        """Answer, in the group, what has no answer yet: by a reply to it."""
        while True:
            standing = self.open_of(self.telegram.messages(self.group))
            if not standing:
                await self.happens(1.0)
                continue
            number = self.dice.choice(list(standing))
            self.busy[number] = time.monotonic() + 2 * TRY
            text = self.reply_to(number)
            self.counts["answers written"] += 1
            since = max(self.group.messages, default=0)
            self.telegram.say(user, self.group, f"Let it wait. {text}", reply_to=standing[number])
            with suppress(*NOT_NOW):
                answer = await self.telegram.wait_for(partial(self.answer_to, text, since), within=2 * TRY)
                if "Going out in" in answer:
                    self.promised.add(text)
            self.busy[number] = time.monotonic() + STALE

    # -- what stands where

    def open_of(self, messages: Iterable[Any]) -> dict[int, Any]:
        """Return some questions that wait for an answer and nobody is busy with, each with its last message: where it
        came twice only that one is changed.
        """
        now, last = time.monotonic(), dict[int, Any]()
        if self.together and len(self.asked) < len(self.askers):
            return last
        for message in messages:
            key = message.channel.id if isinstance(message, Shown) else message.chat.id, message.id
            if key not in self.of:
                asked = ASKED.search(message.text)
                self.of[key] = int(asked[1]) if asked else None
            if (number := self.of[key]) is not None:
                last[number] = message
        numbers = self.dice.sample(sorted(last), len(last))
        free = (each for each in numbers if self.busy.get(each, 0) < now and "Answer" in last[each].buttons)
        return {number: last[number] for number in islice(free, AT_ONCE)}

    def reply_to(self, number: int) -> str:
        """Return words that nobody has used yet. Of digits alone, in the thousands, they would be a phone number."""
        each = str(next(self.numbers)).translate(LETTERS)
        return f"reply-{number}-{each}"

    def answer_to(self, text: str, since: int) -> str | None:
        """Return what the bot said in the group, after the message `since`, to words of a coach's there, or None."""
        latest = takewhile(lambda m: m.id > since, reversed(self.group.messages.values()))
        said = (m.text for m in latest if m.from_bot and text in m.text)
        return next((each for each in said if "Going out in" in each or "Nothing has gone out" in each), None)

    def had(self, number: int) -> set[str]:
        """Return the answers that somebody has had."""
        return {found[0] for said in self.askers[number].had() for found in REPLY.finditer(said)}

    def is_answered(self, number: int) -> bool:
        """Tell whether somebody had an answer to their last words."""
        return len(self.had(number)) > self.asks_on.get(number, 0)

    def is_over(self) -> bool:
        """Tell whether nothing waits and nothing is on its way any more, and everybody has had an answer."""
        waits = self.bot.rows("SELECT 1 FROM questions WHERE state != 'answered' UNION SELECT 1 FROM outbox LIMIT 1")
        return not waits and all(map(self.is_answered, self.askers))

    # -- waiting

    async def happens(self, within: float) -> None:
        """Wait so many seconds: nobody here does anything at a moment that the process could know."""
        await asyncio.sleep(within)

    async def until_done(self, what: Callable[[], Awaitable[bool]]) -> None:
        """Try until it is done."""
        while True:
            with suppress(*NOT_NOW):
                if await what():
                    return
            self.counts["tried again"] += 1
            await self.happens(0.2)

    # -- what came of it

    async def check(self) -> None:
        """See that every answer came once, at its own asker, or twice where that could not be known, and said so."""
        notice, twice, came = Texts().say(None, "core", "again"), Counter[str](), Counter[str]()
        for number, who in self.askers.items():
            replies = Counter[str]()
            for said in who.had():
                assert "ask-" not in said or set(ASKED.findall(said)) == {f"{number}"}, (number, said)
                for found in REPLY.finditer(said):
                    assert found[1] == f"{number}", (number, said)
                    replies[found[0]] += 1
                    if replies[found[0]] > 1:
                        assert said.startswith(notice), said
            assert self.is_answered(number), number
            came += Counter(replies.keys())
            here = who.account.platform
            twice[here] += replies.total() - len(replies)
        assert self.promised <= came.keys(), self.promised - came.keys()
        assert twice["discord"] == 0, twice
        assert twice["telegram"] <= self.unknown["telegram answers"], (twice, self.unknown)
        at_desks = {
            "discord": [m.text for m in self.discord.messages(self.channel) if m.buttons],
            "telegram": [m.text for m in self.telegram.messages(self.group) if m.from_bot and m.buttons],
        }
        for platform, texts in at_desks.items():
            standing = Counter(int(found[1]) for each in texts if (found := ASKED.search(each)))
            more = standing.total() - len(standing)
            assert standing.keys() == self.askers.keys(), (platform, self.askers.keys() ^ standing.keys())
            assert more <= (self.unknown["telegram desk"] if platform == "telegram" else 0), (platform, more, standing)
            self.counts[f"questions twice at the desk on {platform}"] = more
        async with database(self.folder, self.key) as work:
            rows = await work.tx.rows(questions)
        states = Counter(row["state"] for row in rows)
        assert states == {State.ANSWERED: len(self.askers)}, states
        self.counts |= Counter({
            "questions": len(self.askers),
            "answers promised": len(self.promised),
            "answers that came": len(came),
            "twice on Discord": twice["discord"],
            "twice on Telegram, said so": twice["telegram"],
            "answers on their way on Telegram at a kill": self.unknown["telegram answers"],
        })  # fmt: skip
        on_discord, on_telegram = self.discord.requests, self.telegram.requests
        on_discord[:] = telling(on_discord, lambda r: (f"{r[0]} {_path(r[1])} {r[3]}", (r[2], r[4])))
        on_telegram[:] = telling(on_telegram, lambda r: (f"{r.method} {r.status}", (r.params, r.result)))
        assert self.discord.check() == []
        assert self.telegram.check() == []


def telling(calls: Sequence[T], parts: Callable[[T], tuple[str, Any]]) -> list[T]:
    """Return of the calls that are alike but for their words and numbers the first and the longest.

    `parts` gives what a call is, and what is in it. The specifications are about what is in a call, and how long it may
    be: the others would say nothing more.
    """
    first, longest = dict[Any, T](), dict[Any, tuple[int, T]]()
    for call in calls:
        what, within = parts(call)
        alike, size = (what, _shape(within)), len(repr(within))
        first.setdefault(alike, call)
        if size > longest.get(alike, (0, call))[0]:
            longest[alike] = size, call
    return [*first.values(), *(call for _, call in longest.values())]


def _path(path: str) -> str:
    return re.sub(r"[^/]*\d[^/]*", "#", path)


def _shape(value: Any) -> Any:
    match value:
        case dict():
            return tuple((key, _shape(each)) for key, each in value.items())
        case list() | tuple():
            return tuple(dict.fromkeys(map(_shape, value)))
        case str() if value[:1] in ("{", "["):
            with suppress(ValueError):
                return _shape(json.loads(value))
            return False
        case str():
            return value == ""
        case bool() | None:
            return value
        case _:
            return type(value)


@asynccontextmanager
async def desk(
    folder: Path, many: int, seed: int, first: str = "", coaches: tuple[int, int] = (3, 2)
) -> AsyncGenerator[Desk]:
    """Give so many who will ask, half of them on each platform, and so many coaches on Discord and on Telegram; the
    process is not started.
    """
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordServer(patience=2 * TRY))
        telegram = await stack.enter_async_context(TelegramServer())
        key, dice = new_key(), random.Random(seed)
        bot = await stack.enter_async_context(
            process(folder, key, f"{UNLIMITED}\n{first}", **discord.settings | telegram.settings)
        )
        made = Desk(folder, key, discord, telegram, bot, dice)
        guild = discord.add_guild("Letting go", discord.add_user("owner"))
        role = discord.add_role(guild, "Coaches")
        town = discord.add_channel(guild, "town")
        let_in = {guild: (0, SEE), role: (WRITE, 0), discord.bot: (SEE | WRITE, 0)}
        made.channel = discord.add_channel(guild, "desk", overwrites=let_in)
        made.group = telegram.add_group("Coaches")
        for number in range(many):
            if number % 2:
                user = telegram.add_user(f"Member{number}")
                telegram.say(user, telegram.private(user), "hello")
                made.askers[number] = OnTelegram(telegram, user)
            else:
                user = discord.add_user(f"member{number}")
                discord.join(user, guild)
                made.askers[number] = OnDiscord(discord, user, town)
        made.further = {number for number in made.askers if dice.random() < FURTHER}
        for number in range(coaches[0]):
            user = discord.add_user(f"coach{number}")
            discord.join(user, guild, [role])
            made.discord_coaches.append(user)
        for number in range(coaches[1]):
            user = telegram.add_user(f"Coach{number}")
            telegram.join(user, made.group)
            made.telegram_coaches.append(user)
        telegram.pending.clear()
        here, there = Server("discord", str(guild.id)), Server("telegram", str(made.group.id))
        named = [Account("telegram", str(user.id)) for user in made.telegram_coaches]
        async with database(folder, key) as work:
            at = Place("discord", str(made.channel.id))
            community = await set_up(work.tx, work.vault, here, desk=at, role=str(role.id), coaches=named)
            at = Place("telegram", str(made.group.id))
            await communities.set_place(work.tx, community, Purpose.DESK, at, there, name="Coaches")
            for who in made.askers.values():
                await joins(work, who.account, community)
        yield made
