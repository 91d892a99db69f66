"""Both wire protocols in one Unsent: a group joined to a server's community, asked there and answered here."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.platforms.discord import DiscordServer
from tests.platforms.telegram import TelegramServer
from tests.scenario.on_discord import DiscordStage
from tests.scenario.on_telegram import TelegramStage
from tests.scenario.stage import GROUP, PATIENCE, SERVER, Stage, running, settings


class BothStage(Stage):
    """A member on Telegram; whoever runs the community, and the coaches' desk, on Discord."""

    def __init__(self, asking: TelegramStage, answering: DiscordStage) -> None:
        self.asking, self.answering = asking, answering
        self.owner, self.member, self.coach = answering.owner, asking.member, answering.coach
        self.reader, self.desk, self.town = answering.reader, answering.desk, answering.town
        self.coaches, self.coaches_menu, self.off = answering.coaches, answering.coaches_menu, answering.off
        self.marks, self.ids = asking.marks, asking.ids + answering.ids

    async def mends(self) -> None:
        """Mend it on Discord."""
        await self.answering.mends()

    async def links(self) -> None:
        """Make a code here, enter it in the group, say yes here; let the post go there, too; look up how to join."""
        await self.owner.says("/community_link")
        await self.owner.taps("Make a code")
        code = self.owner.seen.split()[0]
        there = self.asking.owner
        await self.asking.in_town("/community_link")
        await self.asking.goes_aside()
        await there.taps("I have a code")
        await there.fills(code=f" {code[:4]} {code[4:].lower()}")
        assert f'This makes the group part of "{SERVER}"' in there.seen
        await there.taps("Yes, ask them")
        assert f'Whoever runs "{SERVER}" has an hour to say yes; /setup here shows when they have.' in there.seen
        await self.owner.finds(f'The group "{GROUP}" asks to become part of "{SERVER}"')
        await self.owner.taps("Join them")
        assert f'"{GROUP}" is part of "{SERVER}" now.' in self.owner.seen
        await self.asking.begins()
        await there.chooses("Change one thing", "The daily posts")
        await there.chooses("A further place", self.asking.town)
        assert f"The daily thought is posted in {GROUP}." in there.seen
        await there.chooses("Change something", "The hour")
        await there.chooses("The hour", "18:00")
        self.reader = self.asking.reader
        await self.begins()
        await self.owner.chooses("Change one thing", "How people join")

    async def joins(self, invitation: str) -> None:
        """Open the link that was printed."""
        await self.asking.joins(invitation)

    def desk_payloads(self) -> str:
        """Return what was posted to or edited in the desk."""
        return self.answering.desk_payloads()

    def check(self) -> list[str]:
        """Return what both specifications say."""
        return self.asking.check() + self.answering.check()


@asynccontextmanager
async def both(folder: Path, key: str) -> AsyncGenerator[BothStage]:
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
        )
        async with running(stage, wanted):
            await answering.ready()
            yield stage
