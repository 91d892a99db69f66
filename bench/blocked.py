"""Ten thousand members in a row who have blocked the bot, and one behind them who has not.

    .venv/bin/python bench/blocked.py [members]

The platform is in memory: what is measured is what the outbox makes of it. See tests/faults/test_blocked.py.
"""

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.faults.test_blocked import hold_up_nobody
from tests.harness import new_world

MANY = 10_000


async def main(many: int) -> None:
    """Fail where one was tried twice, or somebody was forgotten."""
    begun = time.perf_counter()
    with TemporaryDirectory() as folder:
        async with new_world(Path(folder)) as world:
            await hold_up_nobody(world, many)
    print(f"{many:,} who had blocked the bot, and one who had not, in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY))
