"""kill -9 again and again, at any point: what came, to whom, how often.

    .venv/bin/python bench/kills.py [kills] [seed]

The process is the real one, the platforms speak the real wire: see tests/faults/kills.py. What was counted is printed.
"""

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.faults.kills import life

KILLS, SEED = 1_000, 1
WITHIN = 0.5  # seconds


async def main(kills: int, seed: int) -> None:
    """Kill it; fail where something was lost, came to another, or came more often than could be helped."""
    begun = time.perf_counter()
    with TemporaryDirectory() as folder:
        async with life(Path(folder), seed) as made:
            await made.lives(kills, WITHIN)
            await made.check()
    print(f"{kills:,} kills in {time.perf_counter() - begun:.0f} s")
    for what, number in sorted(made.counts.items()):
        print(f"  {what}: {number:,}")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    asyncio.run(main(*(given + [KILLS, SEED][len(given) :])))
