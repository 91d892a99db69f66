"""A Discord server with a channel and two people, a small core, and the bot between them."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.adapter import ListedCommand, ListedParam, Send
from bot.adapters.discord import Discord
from bot.clock import Clock
from bot.model import Account, Button, Call, Field, File, Form, Menu, MenuKind, Option, Place, Reply, Role
from tests.platforms.discord import Channel, DiscordServer, User
from tests.platforms.small_core import SmallCore

FEW, MANY = Option("1", "Few"), Option("9", "Many")
QUESTION = Form(
    "Your question",
    (Field("text", "What is it?", long=True, max=500, value="How"), Field("see", "Who?", choices=(FEW, MANY))),
    "ask.send",
    ("7",),
)
MOOD = (
    ListedParam("mood", "From 1 to 5", "number", required=True, min=1, max=5),
    ListedParam("day", "Which day", "date", required=False),
    ListedParam("size", "How much", "choice", required=False, choices=(FEW, MANY)),
    ListedParam("line", "A line", "text", required=False, free=True, max=500),
)
LISTED = (
    ListedCommand("mood", "Say how today is.", MOOD, private=True, role=Role.MEMBER),
    ListedCommand("ask", "Ask a coach.", (), private=True, role=Role.MEMBER),
    ListedCommand("pick", "Choose.", (), private=True, role=Role.MEMBER),
    ListedCommand("slow", "Take your time.", (), private=True, role=Role.MEMBER),
    ListedCommand("quiet", "Say nothing.", (), private=True, role=Role.MEMBER),
    ListedCommand("board", "Say it to all.", (), private=False, role=Role.ANYONE),
)
Handler = Callable[[Call], Awaitable[Reply | Form | None]]


class DiscordCore(SmallCore):
    """Answers a few commands; whatever is called slow waits for the gate."""

    platform = "discord"
    public = ("board", "board.take", "board.slow")
    forms = ("ask", "ask.slow")

    def __init__(self, listed: tuple[ListedCommand, ...] = LISTED) -> None:
        super().__init__(listed)
        self.cut_short = False
        self._handlers: dict[str, Handler] = {
            "mood": self._mood,
            "mood.more": self._more,
            "mood.pick": self._pick,
            "pick": self._menus,
            "mood.card": self._card,
            "ask": self._ask,
            "ask.send": self._send,
            "ask.slow": self._slow_form,
            "slow": self._slow,
            "board.slow": self._slow,
            "mood.slow": self._slow,
            "quiet": self._quiet,
            "mood.quiet": self._quiet,
            "board": self._board,
            "board.take": self._take,
            "mood.leak": self._take,
        }

    def answers(self, action: str, handler: Handler) -> None:
        """Have it answered in another way."""
        self._handlers[action] = handler

    async def run(self, call: Call) -> Reply | Form | None:
        return await self._handlers.get(call.action, self._unknown)(call)

    async def _mood(self, call: Call) -> Reply:
        menu = Menu("How much?", "mood.pick", (FEW, MANY), ("7",))
        rows = ((Button("More", "mood.more", (1,)), Button("Card", "mood.card"), Button("Slow", "mood.slow"),
                 Button("Quiet", "mood.quiet"), Button("Form", "ask")), (menu,))  # fmt: skip
        return Reply(f"Kept: {sorted(call.values.items())}", rows)

    async def _more(self, call: Call) -> Reply:
        return Reply(
            "more " * 500 if call.args == ("1",) else "less", ((Button("Less", "mood.more", (2,)),),), edit=True
        )

    async def _menus(self, call: Call) -> Reply:
        kinds: tuple[MenuKind, ...] = ("channel", "role", "member")
        menus = tuple((Menu(f"Which {kind}?", "mood.pick", (), (kind,), kind),) for kind in kinds)
        return Reply("Choose.", menus)

    async def _pick(self, call: Call) -> Reply:
        return Reply(f"Picked {call.args}", edit=True)

    async def _card(self, call: Call) -> Reply:
        return Reply("Yours.", files=(File("card.txt", b"27 of 28", alt="A card"),))

    async def _ask(self, call: Call) -> Form:
        return QUESTION

    async def _send(self, call: Call) -> Reply:
        return Reply(f"Sent {call.args} {sorted(call.values.items())}", edit=True)

    async def _slow(self, call: Call) -> Reply:
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cut_short = True
            raise
        return Reply("At last.", ((Button("More", "mood.more", (1,)),),), edit=call.action != "mood.slow")

    async def _slow_form(self, call: Call) -> Form:
        await self.gate.wait()
        return QUESTION

    async def _quiet(self, call: Call) -> None:
        return None

    async def _board(self, call: Call) -> Reply:
        text = f"<@{call.account.id}> @everyone *asks*"
        rows = ((Button("Take", "board.take"), Button("Leak", "mood.leak"), Button("Slow", "board.slow")),)
        return Reply(text, rows)

    async def _take(self, call: Call) -> Reply:
        return Reply("Taken.", edit=True)

    async def _unknown(self, call: Call) -> Reply:
        return Reply(f"No {call.action} here.")


class Shelf:
    """A Memory that outlives an adapter."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def put(self, name: str, value: str) -> None:
        self.kept[name] = value


class House:
    """A server with a channel, two people in it, and the bot, running."""

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        self.memory = Shelf()
        self.clock = Clock()
        self.core = DiscordCore()
        self.owner = server.add_user("Olive")
        self.guild = server.add_guild("Harbour", self.owner)
        self.desk = server.add_channel(self.guild, "desk")
        self.mia = server.add_user("Mia", locale="de")
        server.join(self.mia, self.guild)
        self.bot = self.adapter()

    def adapter(self, token: str | None = None, **more: Any) -> Discord:
        server = self.server
        return Discord(
            self.core,
            token=token or server.token,
            memory=self.memory,
            clock=self.clock,
            api_url=server.api_url,
            gateway_url=server.gateway_url,
            **more,
        )

    async def run(self) -> None:
        await self.bot.start()
        await self.core.until(lambda: self.core.link[-1:] == [True])

    async def restart(self) -> None:
        """Another process, as far as anything that is kept in memory goes."""
        await self.bot.stop()
        self.core = DiscordCore(self.core.listed)
        self.bot = self.adapter()
        await self.run()

    def to(self, user: User, text: str = "Hello.", **more: Any) -> Send:
        return Send(Account("discord", str(user.id)).private, Reply(text), secrets.token_hex(8), **more)

    def at(self, channel: Channel, text: str = "Hello.", **more: Any) -> Send:
        return Send(Place("discord", str(channel.id)), Reply(text), secrets.token_hex(8), **more)

    def posts(self, what: str = r"/messages") -> list[Any]:
        return [r for r in self.server.requests if r.method == "POST" and r.path.endswith(what)]


@asynccontextmanager
async def open_house(**settings: Any) -> AsyncIterator[House]:
    async with DiscordServer(**settings) as server:
        house = House(server)
        try:
            yield house
        finally:
            await house.bot.stop()
        assert server.check() == []
