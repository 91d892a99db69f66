"""The stage on the preview page, by the requests that the page itself makes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import PREVIEW, Memory, build_house
from bot.clock import Clock
from tests.scenario.stage import PATIENCE, Actor, Stage, running, settings


class OnPreview(Actor):
    """Someone on the preview page."""

    def __init__(self, stage: "PreviewStage", account: str, place: str) -> None:
        self.stage, self.account, self.place = stage, account, place
        self.form: Any = None

    async def says(self, command: str, **options: str) -> None:
        """Type a command."""
        await self._done("say", text=" ".join([command, *options.values()]))

    async def taps(self, label: str) -> None:
        """Press a button."""
        await self._done("press", message=self.message["id"], id=self._item(label)["id"])

    async def chooses(self, menu: str, what: Any) -> None:
        """Choose an option: places and people are listed as such."""
        found = self._item(menu)
        value = next(option["value"] for option in found["options"] if option["label"] == what)
        await self._done("choose", message=self.message["id"], id=found["id"], value=value)

    async def fills(self, **values: str) -> None:
        """Send the form."""
        opened_on = self.message["id"] if self.message else None
        await self._done("submit", form=self.form["id"], values=values, message=opened_on)

    async def finds(self, text: str) -> None:
        """Look for it in the pane."""
        self._look(await self._await(text))

    async def hears(self, text: str) -> None:
        """Wait for it in the pane."""
        await self._await(text)

    async def reads(self) -> str:
        """Return what stands in the pane."""
        return "\n\n".join(each["text"] for each in await self._messages())

    async def file(self) -> bytes:
        """Return the file below the answer."""
        async with self.stage.session.get(f"{self.stage.url}{self.message['files'][0]['url']}") as got:
            return await got.read()

    async def _await(self, text: str) -> Any:
        url = f"{self.stage.url}/preview/events"
        async with asyncio.timeout(PATIENCE), self.stage.session.get(url) as events:
            while True:
                found = [each for each in await self._messages() if text in each["text"]]
                if found:
                    return found[-1]
                await events.content.readuntil(b"\n\n")

    async def _done(self, what: str, **more: Any) -> None:
        body = {"account": self.account, "place": self.place, **more}
        before = {each["id"]: each for each in await self._messages()}
        url = f"{self.stage.url}/preview/api/{what}"
        async with self.stage.session.post(url, json=body) as response:
            assert response.status == 200, await response.text()
            self.form = (await response.json()).get("form")
        if self.form is None:
            new = [each for each in await self._messages() if before.get(each["id"]) != each and not each["by"]]
            self._look(new[-1])

    async def _messages(self) -> list[Any]:
        query = {"account": self.account, "place": self.place}
        async with self.stage.session.get(f"{self.stage.url}/preview/api/messages", params=query) as response:
            return (await response.json())["messages"]

    def _item(self, label: str) -> Any:
        return next(item for row in self.message["rows"] for item in row if item["label"] == label)

    def _look(self, message: Any) -> None:
        self.message, self.seen = message, message["text"]


class PreviewStage(Stage):
    """The local page, as if nobody had ever set it up: nothing is ever switched off there."""

    session: aiohttp.ClientSession
    url: str

    def __init__(self) -> None:
        self.owner = OnPreview(self, "rowan", "town")
        self.member = OnPreview(self, "robin", "robin")
        self.coach = OnPreview(self, "rowan", "desk")
        self.reader = OnPreview(self, "sam", "town")
        self.desk, self.town, self.coaches = "Coaches' desk", "Community", "Rowan"
        self.marks, self.ids = ["robin", "Robin"], []
        self.said: list[Any] = []

    def desk_payloads(self) -> str:
        """Return what was ever delivered to the desk."""
        return repr(self.said)


@asynccontextmanager
async def preview(folder: Path, key: str) -> AsyncGenerator[PreviewStage]:
    """Set the stage on the preview page."""
    stage, wanted = PreviewStage(), settings(folder, key)
    house = build_house(wanted, Clock())
    await house.store.open()
    await Memory(house.store).put(PREVIEW, "")
    await house.store.close()
    async with running(stage, wanted):
        page: Any = stage.app.house.adapters["preview"]
        deliver = page.deliver

        async def recorded(what: Any) -> Any:
            if getattr(getattr(what, "place", None) or what.ref.place, "channel", "") == "desk":
                stage.said.append([getattr(what, "reply", None) and (what.reply.text, what.reply.rows)])
            return await deliver(what)

        page.deliver = recorded
        assert stage.app.web is not None
        stage.url = stage.app.web.address
        async with aiohttp.ClientSession(headers={"X-Unsent-Token": page.token}) as stage.session:
            yield stage
