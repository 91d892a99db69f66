"""The stage on Discord's wire protocol."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.platforms.discord import DiscordServer, Permission
from tests.scenario.stage import PATIENCE, SERVER, Actor, Stage, running, settings

SEE, WRITE = Permission.VIEW_CHANNEL, Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES


class OnDiscord(Actor):
    """Someone in a server's channel; private answers are ephemeral, what comes unasked arrives by DM."""

    def __init__(self, server: DiscordServer, user: Any, channel: Any, reads: Any) -> None:
        self.server, self.user, self.channel, self.place = server, user, channel, reads
        self.modal: Any = None

    async def says(self, command: str, **options: str) -> None:
        """Use a slash command."""
        await self._done(self.server.command(self.user, self.channel, command.removeprefix("/"), **options))

    async def taps(self, label: str) -> None:
        """Press a button."""
        await self._done(self.server.press(self.user, self.message, label))

    async def chooses(self, menu: str, what: Any) -> None:
        """Choose in a select menu."""
        await self._done(self.server.choose(self.user, self.message, menu, [what]))

    async def fills(self, **values: str) -> None:
        """Submit the modal."""
        await self._done(self.server.submit(self.user, self.modal, values))

    async def finds(self, text: str) -> None:
        """Look for it in the channel they read."""
        self._look(await self.server.wait_for(lambda: self._latest(text), what=text))

    async def hears(self, text: str) -> None:
        """Wait for it in the channel they read."""
        await self.server.wait_for(lambda: self._latest(text), what=text)

    async def reads(self) -> str:
        """Return what stands in the channel they read, while there is one; ephemeral answers do not."""
        there = self.place.id in self.server.channels
        return "\n\n".join(message.text for message in self.server.messages(self.place)) if there else ""

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
        return next((m for m in reversed(self.server.messages(self.place)) if text in m.text), None)


class DiscordStage(Stage):
    """A server with a channel for everybody and one for coaches, who have a role; one who may manage the server."""

    coaches_menu = "A role"
    off = "Send Messages"

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        self.guild = server.add_guild(SERVER, server.add_user("founder"))
        self.coaches = server.add_role(self.guild, "Coaches")
        keepers = server.add_role(self.guild, "Keepers", Permission.MANAGE_GUILD)
        self.town = server.add_channel(self.guild, "town")
        let_in = {self.guild: (0, SEE), self.coaches: (WRITE, 0), keepers: (WRITE, 0), server.bot: (SEE, WRITE & ~SEE)}
        self.desk = server.add_channel(self.guild, "desk", overwrites=let_in)
        ann, ada, rowan = (server.add_user(name) for name in ("Markkeeper", "Markada", "rowan"))
        for user, roles in ((ann, [keepers]), (ada, []), (rowan, [self.coaches])):
            server.join(user, self.guild, roles)
        self.owner = OnDiscord(server, ann, self.town, server.dm(ann))
        self.member = OnDiscord(server, ada, self.town, server.dm(ada))
        self.coach = OnDiscord(server, rowan, self.desk, self.desk)
        self.reader = OnDiscord(server, ada, self.town, self.town)
        self.marks = [str(ada.id), "Markada", str(server.dm(ada).id)]
        self.ids = [str(ann.id), "Markkeeper", str(rowan.id)]

    async def mends(self) -> None:
        """Let the bot write at the desk."""
        self.server.set_overwrite(self.desk, self.server.bot, allow=WRITE)
        await self.owner.hears("works again")

    def desk_payloads(self) -> str:
        """Return what was posted to or edited in the desk."""
        return repr([r.body for r in self.server.requests if f"/channels/{self.desk.id}/" in r.path])

    def check(self) -> list[str]:
        """Return what Discord's specification says."""
        return self.server.check()


@asynccontextmanager
async def discord(folder: Path, key: str) -> AsyncGenerator[DiscordStage]:
    """Set the stage on Discord's wire protocol."""
    async with DiscordServer(patience=PATIENCE) as server:
        stage = DiscordStage(server)
        wanted = settings(
            folder,
            key,
            discord_token=server.token,
            discord_api_url=server.api_url,
            discord_gateway_url=server.gateway_url,
        )
        async with running(stage, wanted):
            await server.ready()
            yield stage
