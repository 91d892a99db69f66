"""Discord's shards: its servers in so many parts, and which of these a process is connected for."""

import re
from dataclasses import dataclass

MOST = 9999  # shards: a name in `leases` has 32 characters. Discord has at most 2,500 servers in each
WRITTEN = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?/([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards `first` to `last`, both included, of `count`; with nothing said, the one that has every server."""

    first: int = 0
    last: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shards":
        """Return what `text` says: 0-3/16, or 5/16. Raises ValueError with a sentence that says what to write."""
        found = WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ValueError(
                f"--shards {text} is not understood: write 0-3/16 for the shards 0 to 3 of 16, or 5/16 for one."
            )
        first, last, count = int(found[1]), int(found[2] or found[1]), int(found[3])
        if not 1 <= count <= MOST:
            raise ValueError(f"--shards {text}: behind the / stands how many shards there are in all, 1 to {MOST}.")
        if last >= count:
            raise ValueError(
                f"--shards {text}: of {count} shards the first is 0 and the last {count - 1}. "
                f"All of them are {cls(0, count - 1, count).all}."
            )
        if first > last:
            raise ValueError(f"--shards {text}: the lower number comes first, {last}-{first}/{count}.")
        return cls(first, last, count)

    @property
    def ids(self) -> range:
        """The numbers of these shards."""
        return range(self.first, self.last + 1)

    @property
    def whole(self) -> bool:
        """Whether no server is left to other processes."""
        return self.last - self.first + 1 == self.count

    @property
    def all(self) -> str:
        """How all of them are written, for one process to have."""
        return f"0-{self.count - 1}/{self.count}"

    def of(self, server: int) -> int:
        """Return the shard that the server with this id is on, as Discord counts it."""
        return (server >> 22) % self.count

    def name(self, shard: int) -> str:
        """Return what a shard is called, such as 3/16; the only one there is has no name."""
        return f"{shard}/{self.count}" if self.count > 1 else ""


UNDIVIDED = Shards()
