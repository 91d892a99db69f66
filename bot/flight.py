"""What is on its way: so much at once, and what came of it taken in batches. It knows nothing of what it carries."""

import asyncio
from collections.abc import Coroutine
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

FIRST = 32  # begin; then two more may be on their way for each that comes back
LINGER = 0.08  # seconds after which a batch is whole, however few have come back


class Flight(Generic[K, V]):
    """At most `most` on their way, each with something (`K`) that is given back with what came of it (`V`).

    It begins with few. Where all began at once, they would wait for their connections together, and then arrive
    together, however well they were paced.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = min(FIRST, most)
        self._flying: dict[asyncio.Task[V], K] = {}
        self._back: list[tuple[K, V]] = []
        self._whole = asyncio.Event()
        self._lingering: asyncio.TimerHandle | None = None

    @property
    def room(self) -> int:
        """How many more may start. What has come back counts until it is taken: nobody has noted yet that it has."""
        return max(0, self._open - len(self._flying) - len(self._back))

    @property
    def is_over(self) -> bool:
        """Whether nothing is on its way, and nothing has come back that was not taken."""
        return not self._flying and not self._back

    def start(self, what: K, work: Coroutine[object, object, V]) -> None:
        """Let something begin. `work` raises nothing."""
        task = asyncio.create_task(work)
        if not self._flying:
            self._open = min(FIRST, self._most)
        self._flying[task] = what
        task.add_done_callback(self._land)

    def take(self) -> list[tuple[K, V]]:
        """Return what has come back since the last time, in the order in which it came."""
        back, self._back = self._back, []
        if self._lingering:
            self._lingering.cancel()
            self._lingering = None
        return back

    def wake(self) -> None:
        """Let who waits for a batch go on at once."""
        self._whole.set()

    async def batch(self) -> None:
        """Wait until a batch has come back, which is half of what was on its way, or somebody calls `wake`."""
        await self._whole.wait()
        self._whole.clear()

    async def end(self, *, cancel: bool) -> None:
        """Wait until nothing is on its way, or break it off; what came of the rest is still to be taken."""
        tasks = list(self._flying)
        for task in tasks:
            if cancel:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _land(self, task: asyncio.Task[V]) -> None:
        what = self._flying.pop(task)
        self._open = min(self._open + 2, self._most)
        if task.cancelled():
            return
        self._back.append((what, task.result()))
        if len(self._back) >= len(self._flying):
            self._whole.set()
        elif self._lingering is None:
            self._lingering = asyncio.get_running_loop().call_later(LINGER, self._whole.set)
