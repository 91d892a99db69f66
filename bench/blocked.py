"""Ten thousand members on each platform who have blocked the bot, and ten behind them who have not.

    .venv/bin/python bench/blocked.py [members]

All have a daily thought that is due. The process, the database and the wire are real, at the pace at which Discord and
Telegram are written to; the platforms are the servers of tests/platforms. Discord takes nineteen minutes: a private
channel is opened ten times a second. It fails where one was tried twice or not noted as out of reach, somebody behind
them was forgotten, or Discord refused more within ten minutes than it is to. See tests/faults/test_blocked.py.
"""

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.adapters.discord.client import AT_ONCE
from bot.adapters.discord.limits import REFUSED
from tests.faults.blocked import PLATFORMS, blocked

MANY, BEHIND = 10_000, 10
LOOK = 2.0  # seconds
LONGEST = 3600.0


async def main(many: int) -> None:
    """Let them be written to, and print who had what when."""
    with TemporaryDirectory() as folder:
        async with blocked(Path(folder), many, BEHIND) as made:
            begun, waited = time.perf_counter(), dict[str, float]()
            await made.bot.start()
            async with asyncio.timeout(LONGEST):
                while len(waited) < len(PLATFORMS) or not made.is_said():
                    await asyncio.sleep(LOOK)
                    had = made.had()
                    for name in PLATFORMS:
                        if all(had[name]):
                            waited.setdefault(name, time.perf_counter() - begun)
            took = time.perf_counter() - begun
            assert await made.bot.stop() == 0
            assert made.had() == {name: [1] * BEHIND for name in PLATFORMS}
            for name, refused in made.refused().items():
                assert sorted(refused.values()) == [1] * many, name
            assert await made.noted() == dict.fromkeys(PLATFORMS, many)
            most = made.counted()
            assert most <= REFUSED + AT_ONCE, most
    for name, seconds in sorted(waited.items()):
        print(f"{name}: {many:,} who had blocked the bot, asked once; all behind them had theirs after {seconds:.0f} s")
    print(f"Discord refused {most:,} within ten minutes at most; it was over after {took:.0f} s")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY))
