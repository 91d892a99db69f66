"""What a platform is as a stage: the same people type, press, choose, fill in and read on each of them."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.app import App
from bot.outbox import State, outbox
from bot.settings import Settings
from tests.harness import StillClock

OPERATOR = "Ann (ann@example.org)"
SERVER, GROUP = "Letting go", "Evening circle"  # what the places are called
ASIDE = "Open our chat"  # on the button that leads from a group to the private chat
PATIENCE = 30.0  # seconds: far more than anything takes, also on a busy machine


class Actor(ABC):
    """A person on a platform. `seen` is the text of the `message` they look at."""

    seen: str = ""
    message: Any = None

    @abstractmethod
    async def says(self, command: str, **options: str) -> None:
        """Type a command and wait for the answer."""

    @abstractmethod
    async def taps(self, label: str) -> None:
        """Press a button of the message looked at, and wait for what comes of it."""

    @abstractmethod
    async def chooses(self, menu: str, what: Any) -> None:
        """Choose from a menu of the message looked at: an option by its label, or a place, a role, a person."""

    @abstractmethod
    async def fills(self, **values: str) -> None:
        """Fill in what was asked for, and wait for the answer."""

    async def looks_aside(self, label: str) -> None:
        """Press a button at the desk that is answered in private, and go there."""
        await self.taps(label)

    def comes_back(self) -> None:
        """Go back to the desk from there."""
        return

    async def answers(self, text: str) -> None:
        """Answer the question looked at, where it stands at the desk."""
        await self.taps("Answer")
        await self.fills(answer=text)

    @abstractmethod
    async def finds(self, text: str) -> None:
        """Wait until a message with `text` stands where they read, and look at it."""

    @abstractmethod
    async def hears(self, text: str) -> None:
        """Wait until a message with `text` stands where they read, and go on looking at what they look at."""

    @abstractmethod
    async def reads(self) -> str:
        """Return all that stands where they read."""

    @abstractmethod
    async def file(self) -> bytes:
        """Return the file in the answer looked at."""


class Stage(ABC):
    """One platform with Unsent on it, not yet set up: who runs the place, a member, a coach, all who read along.

    `desk`, `town` and `coaches` are what the owner chooses in menus: where coaches sit, where all read, who coaches.
    """

    owner: Actor
    member: Actor
    coach: Actor
    reader: Actor
    desk: Any
    town: Any
    coaches: Any
    coaches_menu: str = "A person"
    off: str = ""  # the switch that the desk lacks, as the platform's settings name it
    marks: list[str]  # what may be nowhere but in the member's own chat
    ids: list[str]  # of whoever runs the place and coaches: in no file and no log either
    app: App
    clock: StillClock

    async def in_town(self, command: str) -> None:
        """Let the owner type a command where everybody reads."""
        await self.owner.says(command)

    async def begins(self, command: str = "/setup") -> None:
        """Let the owner type it, and go where it is answered."""
        await self.in_town(command)

    async def asks_for_help(self) -> None:
        """Let the owner type /help there, and go where it is answered."""
        await self.in_town("/help")

    async def mends(self) -> None:
        """Let the owner switch on what is off, and hear that it was noted."""
        raise NotImplementedError  # where nothing is

    async def links(self) -> None:
        """Let the owner join what else there is to the community."""
        return

    async def joins(self, invitation: str) -> None:
        """Let the member come in, as `invitation` says."""
        await self.member.says("/join")

    @abstractmethod
    def desk_payloads(self) -> str:
        """Return everything that was ever sent to the desk, as it went over the wire."""

    def check(self) -> list[str]:
        """Return what the platform's specification says against the traffic."""
        return []

    async def calm(self) -> None:
        """Wait until all that is due has been said: what is edited meanwhile would be taken for an answer."""
        due = outbox.c.due_at <= self.clock.now(), outbox.c.state.in_((State.WAITING, State.SENDING))
        async with asyncio.timeout(PATIENCE):
            while await self._count(*due):
                self.app.wake()

    async def _count(self, *where: Any) -> int:
        async with self.app.house.store.reading() as tx:
            return len((await tx.execute(select(outbox.c.id).where(*where))).all())

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


@asynccontextmanager
async def running(stage: Stage, wanted: Settings) -> AsyncGenerator[None]:
    """Run Unsent for a stage, with a clock that stands still."""
    stage.clock = StillClock()
    stage.app = App(wanted, stage.clock)
    async with stage.app.running():
        yield
