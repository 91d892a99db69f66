"""What a person did with the bot, and what came of it."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from tests.platforms.discord.objects import DEFER, DEFER_UPDATE, EPHEMERAL, LOADING, Channel, Json, User
from tests.platforms.discord.screen import Message, Modal

if TYPE_CHECKING:
    from tests.platforms.discord.state import State


@dataclass(eq=False)
class Interaction:
    """What a person did, and what came of it. Awaiting it waits for the bot's first answer."""

    server: "State" = field(repr=False)
    id: int
    token: str
    type: int
    user: User
    channel: Channel
    made: float
    wire: Json = field(repr=False)
    source: int | None = None  # the message whose component it was
    kind: int | None = None  # the callback type that answered it
    modal: Modal | None = None
    updated: bool = False
    original: int | None = None
    flags: int = 0
    own: list[int] = field(default_factory=list[int])

    def __await__(self) -> Generator[Any, Any, Self]:
        yield from self.server.wait_for(lambda: self.answered, what=f"answer to {self.wire['data']}").__await__()
        return self

    async def filled(self) -> Message:
        """Wait until there is an answer to read: a deferred one has been filled in. Returns it."""
        return await self.server.wait_for(lambda: self.message)

    @property
    def answered(self) -> bool:
        return self.kind is not None

    @property
    def deferred(self) -> bool:
        return self.kind in (DEFER, DEFER_UPDATE)

    @property
    def ephemeral(self) -> bool:
        """Whether only this person sees the answer."""
        return bool((self.message.flags if self.message else self.flags) & EPHEMERAL)

    @property
    def message(self) -> Message | None:
        """The answer as it stands now; None before there is one, while it is "thinking", and after it is deleted."""
        found = self.server.message(self.original) if self.original else None
        return None if found is None or found.flags & LOADING else found

    @property
    def followups(self) -> list[Message]:
        found = (self.server.message(i) for i in self.own)
        return [m for m in found if m]
