"""Weeks of a desk: ten who coach, fifty who ask, restarts, outages, desks that come and go; every promise is counted.

    .venv/bin/python bench/month.py [askers] [coaches] [days] [events] [seed]

The time is moved, not slept: see tests/faults/month.py.
"""

import asyncio
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.faults.month import Month

ASKERS, COACHES, DAYS, EVENTS, SEED = 50, 10, 31, 3_000, 1


async def main(askers: int, coaches: int, days: int, events: int, seed: int) -> None:
    """Simulate; fail where a promise was not held."""
    begun = time.perf_counter()
    with TemporaryDirectory() as folder:
        month = Month(Path(folder), random.Random(seed))
        await month.lives(askers, coaches, days, events)
    print(f"{askers} askers, {coaches} coaches, {days} days in {time.perf_counter() - begun:.0f} s")
    for what, number in sorted(month.counts.items()):
        print(f"  {what}: {number:,}")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    asyncio.run(main(*(given + [ASKERS, COACHES, DAYS, EVENTS, SEED][len(given) :])))
