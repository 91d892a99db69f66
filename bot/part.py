"""Which part of all that there is to do is one process's, where others do the rest."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import SetupError
from bot.leases import Leases
from bot.shards import UNDIVIDED, Shards

DISCORD, PREVIEW = "discord", "preview"
SCHEDULER = "scheduler"  # a lease; the others are "listener-" and "sender-", with a platform's name and a part's
LISTENER = "listener-"


@dataclass(frozen=True)
class Part:
    """What one process does, where others do the rest; without anything said, it is all that the settings turn on.

    `without` are platforms that it neither listens nor sends to. A `worker` listens to none: it sends, and does what is
    due. `shards` are those of Discord that it listens to.
    """

    without: frozenset[str] = frozenset()
    worker: bool = False
    shards: Shards = UNDIVIDED

    def listens(self, platform: str) -> bool:
        """Whether people who speak on `platform` are heard."""
        return not self.worker and platform not in self.without

    def parts(self, platform: str) -> list[str]:
        """Return the names of the parts of `platform` that one process at a time listens to; all of it has no name."""
        return [self.shards.name(shard) for shard in self.shards.ids] if platform == DISCORD else [""]

    def leases(self, platforms: Iterable[str]) -> list[str]:
        """Return the names of what this process would do, of what one does at a time. `platforms` are turned on."""
        named = list(platforms)
        sends = [sender(each) for each in named if each not in self.without]
        listens = [listener(each, part) for each in named if self.listens(each) for part in self.parts(each)]
        return [SCHEDULER, *listens, *sends]


WHOLE = Part()


def listener(platform: str, part: str = "") -> str:
    """Return the name of listening to a platform, or to a part of it."""
    return "-".join(filter(None, (f"{LISTENER}{platform}", part)))


def sender(platform: str) -> str:
    """Return the name of sending to a platform."""
    return f"sender-{platform}"


def check_part(part: Part, platforms: Iterable[str], *, is_sqlite: bool) -> None:
    """Raise SetupError where nothing would be left to do of these platforms, or nobody would do the rest."""
    turned_on = set(platforms)
    if part != WHOLE and turned_on <= part.without | {PREVIEW}:
        raise SetupError(
            "With these options there is no platform left. UNSENT_DISCORD_TOKEN and UNSENT_TELEGRAM_TOKEN turn "
            "them on; --no-discord and --no-telegram leave them to another process."
        )
    if part.worker and is_sqlite:
        raise SetupError(
            "A worker works beside others, and only one process can work on SQLite. UNSENT_DATABASE_URL chooses "
            "PostgreSQL: see docs/scaling.md."
        )
    if part.shards != UNDIVIDED and not _hears_discord(part, turned_on):
        raise SetupError(
            "--shards says which part of Discord this process hears, and it hears none of it: leave --shards out, "
            "or --worker and --no-discord, and set UNSENT_DISCORD_TOKEN."
        )
    if not part.shards.whole and is_sqlite:
        raise SetupError(
            "The other shards would be other processes', and only one process can work on SQLite. Write --shards "
            f"{part.shards.all}, or choose PostgreSQL with UNSENT_DATABASE_URL: see docs/scaling.md."
        )


async def check_others(part: Part, platforms: Iterable[str], leases: Leases) -> None:
    """Raise SetupError where others divide Discord in another way: each of us would be told of what theirs are."""
    if not _hears_discord(part, platforms):
        return
    name, count = listener(DISCORD), part.shards.count
    for other in await leases.others(name):
        theirs = int(other.removeprefix(name).partition("/")[2] or 1)
        if theirs != count:
            raise SetupError(
                f"Another process is connected to Discord for a part of {theirs} in all, and this one would be for "
                f"a part of {count}. All have to have the same number behind the / of --shards, which is 1 without "
                "it. Stop the others first; of one that was killed it takes ten seconds until that is noticed."
            )


def _hears_discord(part: Part, platforms: Iterable[str]) -> bool:
    return DISCORD in platforms and part.listens(DISCORD)
