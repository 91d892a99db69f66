"""How fast something may be done: token buckets, and turns from one of them. Times are seconds of a monotonic clock."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

TOGETHER = 0.01  # seconds whose turns are given at once
SLACK = 0.03  # seconds: what timers and our own work may be late and is made up for; nobody else's burst is needed
IN_USE = 0.1  # of the seconds between two turns: what a turn may take from being given to being used


class Bucket:
    """A token bucket of `burst` tokens, filled with `rate` a second: within s seconds at most `burst + rate * s`.

    A burst of 1.5 lets one go, and the next as soon as half a token is there again: nothing goes out side by side, and
    a timer that fires late costs nothing. It is kept as the time at which the bucket is full again (the generic cell
    rate algorithm), so a bucket that is full needs no keeping.
    """

    __slots__ = ("_burst", "_every", "_full", "_rests")

    def __init__(self, rate: float, burst: float = 1.0) -> None:
        self._every = 1 / rate
        self._burst = burst
        self._full = self._rests = float("-inf")

    def at(self, now: float, many: int = 1, leave: int = 0) -> float:
        """Return when `many` tokens can be taken and `leave` are left; where the burst is smaller, when it is full."""
        return max(now, self._rests, self._full + (min(many + leave, self._burst) - self._burst) * self._every)

    def take(self, now: float, many: int = 1) -> None:
        """Take `many` tokens, also where they are not there yet."""
        self._full = max(now, self._full) + many * self._every

    def rest(self, until: float, leave: int = 0) -> None:
        """Have nothing before `until`, and then one token more than `leave`."""
        self._rests = max(self._rests, until)
        self._full = max(self._full, until + (self._burst - 1 - leave) * self._every)

    def is_full(self, now: float) -> bool:
        """Tell whether it is as if nothing had ever been taken."""
        return self._full <= now

    def owes(self, now: float) -> bool:
        """Tell whether more than one token is missing: something else went out just before the last."""
        return self._full - now > self._every


class Window:
    """At most `most` within any `seconds`."""

    __slots__ = ("_most", "_rests", "_seconds", "_taken")

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._taken: deque[float] = deque(maxlen=most)
        self._rests = float("-inf")

    def at(self, now: float, many: int = 1, leave: int = 0) -> float:
        """Return when `many` more may be done and `leave` after them; where that is never allowed, when `most` may."""
        now = max(now, self._rests)
        spare = self._most - len(self._taken)
        need = min(many + leave, self._most) - spare
        return now if need <= 0 else max(now, self._taken[need - 1] + self._seconds)

    def take(self, now: float, many: int = 1) -> None:
        """Count `many`, done at `now` or to be done then; as late as what was counted before, where that is later."""
        self._taken.extend([max(now, self._taken[-1]) if self._taken else now] * many)

    def rest(self, until: float) -> None:
        """Have nothing done before `until`."""
        self._rests = max(self._rests, until)

    def is_full(self, now: float) -> bool:
        """Tell whether it is as if nothing had ever been done."""
        return self._rests <= now and (not self._taken or self._taken[-1] + self._seconds <= now)


class Resting(Exception):
    """It is not worth waiting for a turn: there is none for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no turn for {seconds:.1f} s")
        self.seconds = seconds


class Turns:
    """Gives tokens of a bucket to whoever waits: to those of a lower rank first, and within a rank as they came.

    The first rank is given each token when it is there, the others those of a hundredth of a second together: to wake
    up for each, and have the other side woken up, costs as much as what is done then.
    """

    def __init__(self, bucket: Bucket, ranks: int, patience: float) -> None:
        self._bucket = bucket
        self._patience = patience
        self._waiting: tuple[deque[asyncio.Future[None]], ...] = tuple(deque() for _ in range(ranks))
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, rank: int) -> None:
        """Wait for a turn. Raises Resting where the bucket rests for longer than `patience` seconds."""
        now = asyncio.get_running_loop().time()
        at = self._bucket.at(now)
        if at - now > self._patience:
            raise Resting(at - now)
        if at <= now and not any(self._waiting):
            self._bucket.take(now)
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[rank].append(waiter)
        self._set_timer(rank, at, now)
        await waiter

    def used(self, many: int) -> None:
        """Count what somebody else has used just now, also where it was not there to be given."""
        self._bucket.take(asyncio.get_running_loop().time(), many)

    def rest(self, seconds: float) -> None:
        """Give no turns for so long; who waits is told, where that is longer than `patience`."""
        now = asyncio.get_running_loop().time()
        self._bucket.rest(now + seconds)
        if self._bucket.at(now) - now > self._patience:
            for waiters in self._waiting:
                for waiter in waiters:
                    if not waiter.done():
                        waiter.set_exception(Resting(seconds))
                waiters.clear()

    def _give(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        for rank, waiters in enumerate(self._waiting):
            while waiters and self._bucket.at(now) <= now:
                waiter = waiters.popleft()
                if not waiter.done():
                    self._bucket.take(now)
                    waiter.set_result(None)
            if waiters:
                self._set_timer(rank, self._bucket.at(now), now)
                return

    def _set_timer(self, rank: int, at: float, now: float) -> None:
        when = at if rank == 0 else max(at, now + TOGETHER)
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._give)


class Usage:
    """What several processes use of one thing: `tell` the others what was used here; `heard` is called with theirs.

    Both are given a name, without a space in it, of what was used, and how much of it.
    """

    def __init__(self, tell: Callable[[str, int], object]) -> None:
        self.tell = tell
        self.heard: Callable[[str, int], object] = _nobody


def _nobody(_name: str, _many: int) -> None:
    """Stand in for whoever counts what others use."""


Ask = Callable[[str, float], Awaitable[float]]
"""Take what has this name for so many seconds, and return 0; or, where somebody has it, how long that lasts."""


class Spaced:
    """Turns at what has a name, of which there is one in so many seconds: in this process, or wherever `ask` counts."""

    def __init__(self, ask: Ask | None = None) -> None:
        self._ask = ask or self._take
        self._waiting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free: dict[str, float] = {}

    async def turn(self, name: str, seconds: float) -> None:
        """Wait for a turn at `name`, to be used at once: then there is none for `seconds`. Raises what `ask` raises."""
        slack, loop = seconds * IN_USE, asyncio.get_running_loop()
        async with self._waiting[name]:
            while True:
                asked = loop.time()
                wait = await self._ask(name, seconds + slack)
                if wait <= 0 and loop.time() - asked <= slack:
                    return
                await asyncio.sleep(wait)

    async def _take(self, name: str, seconds: float) -> float:
        now = asyncio.get_running_loop().time()
        free = self._free.get(name, now)
        if free <= now:
            self._free[name] = now + seconds
        return max(0.0, free - now)
