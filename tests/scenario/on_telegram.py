"""The stage on the Bot API's wire protocol, by polling and by a webhook."""

import re
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.platforms.telegram import Person, TelegramServer
from tests.scenario.stage import ASIDE, GROUP, PATIENCE, Actor, Stage, running, settings

SAYING = ("sendMessage", "sendDocument", "sendPhoto", "sendAnimation", "editMessageText")
LINK = re.compile(r"https://t\.me/\S+")


class OnTelegram(Actor):
    """Someone in their private chat with the bot, or in a group."""

    def __init__(self, server: TelegramServer, user: Any, chat: Any) -> None:
        self.server, self.user, self.chat, self.left = server, user, chat, chat

    async def says(self, command: str, **options: str) -> None:
        """Send a message."""
        text = " ".join([command, *options.values()])
        await self._after(lambda: self.server.say(self.user, self.chat, text))

    async def taps(self, label: str) -> None:
        """Press an inline button."""
        await self._after(lambda: self.server.press(self.user, self.message, label))

    async def chooses(self, menu: str, what: Any) -> None:
        """Press the option, or the menu, and then choose with the keyboard that asks for it."""
        if isinstance(what, str):
            await self.taps(what)
            return
        await self.taps(menu)
        label = menu if isinstance(what, Person) else "A channel" if what.is_channel else "A group"
        await self._after(lambda: self.server.share(self.user, label, what), messages=2)

    async def fills(self, **values: str) -> None:
        """Answer each question with a message: in a group, as a reply to it."""
        for value in values.values():
            asked = None if self.chat.id > 0 else self.message
            await self._after(lambda v=value, a=asked: self.server.say(self.user, self.chat, v, reply_to=a))

    async def looks_aside(self, label: str) -> None:
        """Press it, and go where the link leads that Telegram opens."""
        self.left, before = self.chat, len(self._opened())
        self.server.press(self.user, self.message, label)
        (link,) = await self.server.wait_for(lambda: self._opened()[before:], PATIENCE)
        await self.opens(link)

    def comes_back(self) -> None:
        """Look at the group again."""
        self.chat = self.left

    def _opened(self) -> list[str]:
        """Every link that a press has opened."""
        answered = (call.params.get("url") for call in self.server.calls("answerCallbackQuery"))
        return [link for link in answered if link]

    async def answers(self, text: str) -> None:
        """Reply to the message with the question, without a press before."""
        await self._after(lambda: self.server.say(self.user, self.chat, text, reply_to=self.message))

    async def opens(self, link: str) -> None:
        """Open a link that leads to the private chat, and go there."""
        self.chat = self.server.private(self.user)
        await self._after(lambda: self.server.open_link(self.user, link))

    async def finds(self, text: str) -> None:
        """Look for it in the chat."""
        self._look(await self.server.wait_for(lambda: self._latest(self.chat, text), PATIENCE))

    async def hears(self, text: str) -> None:
        """Wait for it in the private chat, wherever they are."""
        await self.server.wait_for(lambda: self._latest(self.server.private(self.user), text), PATIENCE)

    async def reads(self) -> str:
        """Return what the bot said in the chat."""
        return "\n\n".join(message.text for message in self.server.messages(self.chat) if message.from_bot)

    async def file(self) -> bytes:
        """Return the document."""
        return self.message.document.data

    async def _after(self, act: Callable[[], Any], messages: int = 1) -> None:
        before = len(self._said())
        act()
        said = await self.server.wait_for(lambda: self._said()[before + messages - 1 :], PATIENCE)
        self._look(next(message for message in reversed(said) if message is not None))

    def _said(self) -> list[Any]:
        """Every message the bot sent here or edited here, in the order it did; None for one that is gone."""
        done = [
            call.result["message_id"]
            for call in self.server.requests
            if call.method in SAYING and call.status == 200 and int(call.params["chat_id"]) == self.chat.id
        ]
        there = {message.id: message for message in self.server.messages(self.chat)}
        return [there.get(id) for id in done]

    def _latest(self, chat: Any, text: str) -> Any:
        return next((m for m in reversed(self.server.messages(chat)) if m.from_bot and text in m.text), None)

    def _look(self, message: Any) -> None:
        self.message, self.seen = message, message.text


class TelegramStage(Stage):
    """A group for everybody, whose admin also runs that of the coaches, and a private chat."""

    off = "Administrators, the bot: Delete messages"
    owner: OnTelegram
    member: OnTelegram

    def __init__(self, server: TelegramServer) -> None:
        self.server = server
        ann = server.add_user("Markkeeper")
        ada = server.add_user("Markada", username="markada_user", language_code="en")
        self.coaches = server.add_user("Rowan")
        self.town, self.desk = server.add_group(GROUP, owner=ann), server.add_group("Coaches", owner=ann)
        server.join(server.bot, self.desk, "administrator", can_delete_messages=False)
        server.join(self.coaches, self.desk)
        server.join(ada, self.town)
        self.owner = OnTelegram(server, ann, self.town)
        self.member = OnTelegram(server, ada, server.private(ada))
        self.coach = OnTelegram(server, self.coaches, self.desk)
        self.reader = OnTelegram(server, ada, self.town)
        self.marks = [str(ada.id), "Markada", "markada_user"]
        self.ids = [str(ann.id), "Markkeeper", str(self.coaches.id)]

    async def in_town(self, command: str) -> None:
        """Type it in the group."""
        self.owner.chat = self.town
        await self.owner.says(command)

    async def begins(self, command: str = "/setup") -> None:
        """Type it in the group, and go on in private."""
        await self.in_town(command)
        await self.goes_aside()

    async def asks_for_help(self) -> None:
        """Type it in the group, and go on in private."""
        await self.in_town("/help")
        await self.goes_aside()

    async def goes_aside(self) -> None:
        """Let the owner follow the link that leads from the group to the private chat."""
        await self.owner.opens(self.owner.message.buttons[ASIDE])

    async def mends(self) -> None:
        """Let the bot delete messages at the desk."""
        self.server.join(self.server.bot, self.desk, "administrator")
        await self.owner.hears("works again")

    async def joins(self, invitation: str) -> None:
        """Open the link that was printed."""
        await self.member.opens(LINK.findall(invitation)[0])

    def desk_payloads(self) -> str:
        """Return what was sent to or edited in the desk."""
        return repr([r.params for r in self.server.requests if str(r.params.get("chat_id")) == str(self.desk.id)])

    def check(self) -> list[str]:
        """Return what the Bot API's specification says."""
        return self.server.check()


@asynccontextmanager
async def telegram(folder: Path, key: str, **more: str) -> AsyncGenerator[TelegramStage]:
    """Set the stage on the Bot API's wire protocol."""
    async with TelegramServer() as server:
        stage = TelegramStage(server)
        wanted = settings(folder, key, telegram_token=server.token, telegram_api_url=server.api_url, **more)
        async with running(stage, wanted):
            yield stage


@asynccontextmanager
async def telegram_by_webhook(folder: Path, key: str) -> AsyncGenerator[TelegramStage]:
    """Set the same stage with updates that Telegram brings."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    webhook = {"telegram_webhook_url": f"http://{address}/telegram", "telegram_webhook_secret": "only-telegram-knows"}
    async with telegram(folder, key, web=address, **webhook) as stage:
        yield stage
