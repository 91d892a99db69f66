"""The three platforms as one stage: the same person types, presses, fills in and reads on each of them."""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import App
from bot.settings import Settings
from tests.harness import StillClock
from tests.platforms.discord import DiscordServer
from tests.platforms.telegram import TelegramServer

OPERATOR = "Ann (ann@example.org)"
PATIENCE = 30.0  # seconds: far more than anything takes, also on a busy machine


class Actor(ABC):
    """A person on a platform. `seen` is the text of the answer they look at."""

    seen: str = ""

    @abstractmethod
    async def says(self, command: str) -> None:
        """Type a command and wait for the answer."""

    @abstractmethod
    async def taps(self, label: str) -> None:
        """Press a button of the message looked at, and wait for what comes of it."""

    @abstractmethod
    async def fills(self, **values: str) -> None:
        """Fill in what was asked for, and wait for the answer."""

    @abstractmethod
    async def finds(self, text: str) -> None:
        """Wait until a message with `text` stands where they read, and look at it."""

    @abstractmethod
    async def file(self) -> bytes:
        """Return the file in the answer looked at."""


class Stage(ABC):
    """One platform with Unsent on it: a member who may be followed, a coach at the desk, a clock."""

    member: Actor
    coach: Actor
    marks: list[str]  # what may be nowhere but in the member's own chat
    app: App
    clock: StillClock

    @abstractmethod
    def desk_payloads(self) -> str:
        """Return everything that was ever sent to the desk, as it went over the wire."""

    def check(self) -> list[str]:
        """Return what the platform's specification says against the traffic."""
        return []

    async def moves(self, **by: float) -> None:
        """Let time pass."""
        self.clock.move(timedelta(**by))
        self.app.wake()
        await self.app.scheduler.tick()


def settings(folder: Path, key: str, **more: Any) -> Settings:
    """Return settings that touch nothing outside `folder` and listen on any free port."""
    return Settings(
        **{"_env_file": None, "data_dir": folder, "key": key, "operator": OPERATOR, "web": "127.0.0.1:0", **more}
    )


# -- Discord


class OnDiscord(Actor):
    """Someone in a server's channel; private answers are ephemeral, what comes unasked arrives by DM."""

    def __init__(self, server: DiscordServer, user: Any, channel: Any, reads: Any) -> None:
        self.server, self.user, self.channel, self.reads = server, user, channel, reads
        self.message: Any = None
        self.modal: Any = None

    async def says(self, command: str) -> None:
        """Use a slash command."""
        await self._done(self.server.command(self.user, self.channel, command.removeprefix("/")))

    async def taps(self, label: str) -> None:
        """Press a button."""
        await self._done(self.server.press(self.user, self.message, label))

    async def fills(self, **values: str) -> None:
        """Submit the modal."""
        await self._done(self.server.submit(self.user, self.modal, values))

    async def finds(self, text: str) -> None:
        """Look for it in the channel they read."""
        self._look(await self.server.wait_for(lambda: self._latest(text), what=text))

    async def file(self) -> bytes:
        """Return the attachment."""
        return next(iter(self.message.files.values()))

    async def _done(self, interaction: Any) -> None:
        await interaction
        self.modal = interaction.modal
        if self.modal is None:
            answer = await interaction.filled() if not interaction.updated else self.server.message(interaction.source)
            self._look(answer)

    def _look(self, message: Any) -> None:
        self.message, self.seen = message, message.text

    def _latest(self, text: str) -> Any:
        return next((m for m in reversed(self.server.messages(self.reads)) if text in m.text), None)


class DiscordStage(Stage):
    """A Discord server with a channel for everybody and one for coaches."""

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        owner = server.add_user("owner")
        guild = server.add_guild("Letting go", owner)
        town, self.desk = server.add_channel(guild, "town"), server.add_channel(guild, "desk")
        ada, rowan = server.add_user("Markada"), server.add_user("rowan")
        for user in (ada, rowan):
            server.join(user, guild)
        self.member = OnDiscord(server, ada, town, server.dm(ada))
        self.coach = OnDiscord(server, rowan, self.desk, self.desk)
        self.marks = [str(ada.id), "Markada", str(server.dm(ada).id)]

    def desk_payloads(self) -> str:
        """Return what was posted to or edited in the desk."""
        return repr([r.body for r in self.server.requests if f"/channels/{self.desk.id}/" in r.path])

    def check(self) -> list[str]:
        """Return what Discord's specification says."""
        return self.server.check()


@asynccontextmanager
async def discord(folder: Path, key: str) -> AsyncGenerator[Stage]:
    """Set the stage on Discord's wire protocol."""
    async with DiscordServer(patience=PATIENCE) as server:
        stage = DiscordStage(server)
        wanted = settings(
            folder,
            key,
            discord_token=server.token,
            discord_api_url=server.api_url,
            discord_gateway_url=server.gateway_url,
            coaches=f"discord:{stage.desk.id}",
        )
        async with running(stage, wanted):
            await server.ready()
            await server.wait_for(lambda: server.commands(stage.member.user, stage.member.channel))  # type: ignore[attr-defined]
            yield stage


# -- Telegram


class OnTelegram(Actor):
    """Someone in their private chat with the bot, or in the coaches' group."""

    def __init__(self, server: TelegramServer, user: Any, chat: Any) -> None:
        self.server, self.user, self.chat = server, user, chat
        self.message: Any = None

    async def says(self, command: str) -> None:
        """Send a message."""
        await self._after(lambda: self.server.say(self.user, self.chat, command))

    async def taps(self, label: str) -> None:
        """Press an inline button."""
        await self._after(lambda: self.server.press(self.user, self.message, label))

    async def fills(self, **values: str) -> None:
        """Answer each question with a message: in a group, as a reply to it."""
        for value in values.values():
            asked = None if self.chat.id > 0 else self.message
            await self._after(lambda v=value, a=asked: self.server.say(self.user, self.chat, v, reply_to=a))

    async def finds(self, text: str) -> None:
        """Look for it in the chat."""
        self._look(await self.server.wait_for(lambda: self._latest(text), PATIENCE))

    async def file(self) -> bytes:
        """Return the document."""
        return self.message.document.data

    async def _after(self, act: Callable[[], Any]) -> None:
        before = len(self._said())
        act()
        said = await self.server.wait_for(lambda: self._said()[before:], PATIENCE)
        self._look(said[-1])

    def _said(self) -> list[Any]:
        """Every message the bot sent here or edited here, in the order it did."""
        done = [
            call.result["message_id"]
            for call in self.server.requests
            if call.method in ("sendMessage", "sendDocument", "editMessageText")
            and call.status == 200
            and int(call.params["chat_id"]) == self.chat.id
        ]
        return [next(m for m in self.server.messages(self.chat) if m.id == id) for id in done]

    def _latest(self, text: str) -> Any:
        return next((m for m in reversed(self.server.messages(self.chat)) if m.from_bot and text in m.text), None)

    def _look(self, message: Any) -> None:
        self.message, self.seen = message, message.text


class TelegramStage(Stage):
    """A private chat and the coaches' group."""

    def __init__(self, server: TelegramServer) -> None:
        self.server = server
        ada = server.add_user("Markada", username="markada_user", language_code="en")
        rowan = server.add_user("Rowan")
        self.desk = server.add_group("Coaches")
        server.join(rowan, self.desk)
        self.member = OnTelegram(server, ada, server.private(ada))
        self.coach = OnTelegram(server, rowan, self.desk)
        self.marks = [str(ada.id), "Markada", "markada_user"]

    def desk_payloads(self) -> str:
        """Return what was sent to or edited in the desk."""
        return repr([r.params for r in self.server.requests if str(r.params.get("chat_id")) == str(self.desk.id)])

    def check(self) -> list[str]:
        """Return what the Bot API's specification says."""
        return self.server.check()


@asynccontextmanager
async def telegram(folder: Path, key: str, **more: str) -> AsyncGenerator[Stage]:
    """Set the stage on the Bot API's wire protocol."""
    async with TelegramServer() as server:
        stage = TelegramStage(server)
        wanted = settings(
            folder,
            key,
            telegram_token=server.token,
            telegram_api_url=server.api_url,
            coaches=f"telegram:{stage.desk.id}",
            **more,
        )
        async with running(stage, wanted):
            yield stage


@asynccontextmanager
async def telegram_by_webhook(folder: Path, key: str) -> AsyncGenerator[Stage]:
    """Set the same stage with updates that Telegram brings."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    webhook = {"telegram_webhook_url": f"http://{address}/telegram", "telegram_webhook_secret": "only-telegram-knows"}
    async with telegram(folder, key, web=address, **webhook) as stage:
        yield stage


# -- both in one process


class BothStage(Stage):
    """A member on Telegram, the coaches' desk on Discord."""

    def __init__(self, asking: TelegramStage, answering: DiscordStage) -> None:
        self.asking, self.answering = asking, answering
        self.member, self.coach, self.marks = asking.member, answering.coach, asking.marks

    def desk_payloads(self) -> str:
        """Return what was posted to or edited in the desk."""
        return self.answering.desk_payloads()

    def check(self) -> list[str]:
        """Return what both specifications say."""
        return self.asking.check() + self.answering.check()


@asynccontextmanager
async def both(folder: Path, key: str) -> AsyncGenerator[Stage]:
    """Set the stage on both wire protocols, in one Unsent."""
    async with TelegramServer() as asking, DiscordServer(patience=PATIENCE) as answering:
        stage = BothStage(TelegramStage(asking), DiscordStage(answering))
        wanted = settings(
            folder,
            key,
            telegram_token=asking.token,
            telegram_api_url=asking.api_url,
            discord_token=answering.token,
            discord_api_url=answering.api_url,
            discord_gateway_url=answering.gateway_url,
            coaches=f"discord:{stage.answering.desk.id}",
        )
        async with running(stage, wanted):
            await answering.ready()
            yield stage


# -- the preview page


class OnPreview(Actor):
    """Someone on the preview page, by the requests that the page itself makes."""

    def __init__(self, stage: "PreviewStage", account: str, place: str) -> None:
        self.stage, self.account, self.place = stage, account, place
        self.message: Any = None
        self.form: Any = None

    async def says(self, command: str) -> None:
        """Type a command."""
        await self._done("say", text=command)

    async def taps(self, label: str) -> None:
        """Press a button."""
        buttons = [item for row in self.message["rows"] for item in row]
        button = next(item for item in buttons if item["label"] == label)
        await self._done("press", message=self.message["id"], id=button["id"])

    async def fills(self, **values: str) -> None:
        """Send the form."""
        opened_on = self.message["id"] if self.message else None
        await self._done("submit", form=self.form["id"], values=values, message=opened_on)

    async def finds(self, text: str) -> None:
        """Look for it in the pane."""
        url = f"{self.stage.url}/preview/events"
        async with asyncio.timeout(PATIENCE), self.stage.session.get(url) as events:
            while True:
                found = [each for each in await self._messages() if text in each["text"]]
                if found:
                    self.message, self.seen = found[-1], found[-1]["text"]
                    return
                await events.content.readuntil(b"\n\n")

    async def file(self) -> bytes:
        """Return the file below the answer."""
        async with self.stage.session.get(f"{self.stage.url}{self.message['files'][0]['url']}") as got:
            return await got.read()

    async def _done(self, what: str, **more: Any) -> None:
        body = {"account": self.account, "place": self.place, **more}
        before = {each["id"]: each for each in await self._messages()}
        url = f"{self.stage.url}/preview/api/{what}"
        async with self.stage.session.post(url, json=body) as response:
            assert response.status == 200, await response.text()
            self.form = (await response.json()).get("form")
        if self.form is None:
            new = [each for each in await self._messages() if before.get(each["id"]) != each and not each["by"]]
            self.message, self.seen = new[-1], new[-1]["text"]

    async def _messages(self) -> list[Any]:
        query = {"account": self.account, "place": self.place}
        async with self.stage.session.get(f"{self.stage.url}/preview/api/messages", params=query) as response:
            return (await response.json())["messages"]


class PreviewStage(Stage):
    """The local page."""

    session: aiohttp.ClientSession
    url: str

    def __init__(self) -> None:
        self.member = OnPreview(self, "robin", "robin")
        self.coach = OnPreview(self, "rowan", "desk")
        self.marks = ["robin", "Robin"]
        self.desk: list[Any] = []

    def desk_payloads(self) -> str:
        """Return what was ever delivered to the desk."""
        return repr(self.desk)


@asynccontextmanager
async def preview(folder: Path, key: str) -> AsyncGenerator[Stage]:
    """Set the stage on the preview page."""
    stage = PreviewStage()
    async with running(stage, settings(folder, key)):
        page: Any = stage.app.house.adapters["preview"]
        deliver = page.deliver

        async def recorded(what: Any) -> Any:
            if getattr(getattr(what, "place", None) or what.ref.place, "channel", "") == "desk":
                stage.desk.append([getattr(what, "reply", None) and (what.reply.text, what.reply.rows)])
            return await deliver(what)

        page.deliver = recorded
        assert stage.app.web is not None
        stage.url = stage.app.web.address
        async with aiohttp.ClientSession(headers={"X-Unsent-Token": page.token}) as stage.session:
            yield stage


@asynccontextmanager
async def running(stage: Stage, wanted: Settings) -> AsyncGenerator[None]:
    """Run Unsent for a stage, with a clock that stands still."""
    stage.clock = StillClock()
    stage.app = App(wanted, stage.clock)
    async with stage.app.running():
        yield
