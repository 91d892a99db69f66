"""A simulated year: every member has every date exactly one daily piece, or it is noted why there was none.

No post is missing or doubled in any channel.

    .venv/bin/python bench/year.py [members] [days] [seed] [channels]

Two hundred members in forty zones, random restarts and outages, zones and stages that change, pauses, silence: see
tests/faults/year.py. The time is moved, not slept.
"""

import asyncio
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.faults.year import Year

MEMBERS, DAYS, SEED, CHANNELS = 200, 365, 1, 30

HAS = {"asked", "cycles", "late", "missed", "moved", "no post in time", "posted", "read", "sent", "slipped in"}


async def main(many: int, days: int, seed: int, channels: int) -> None:
    """Simulate; fail where something came twice, or did not and nobody knows why."""
    begun = time.perf_counter()
    with TemporaryDirectory() as folder:
        year = Year(Path(folder), random.Random(seed))
        await year.lives(many, days, channels)
    year.check()
    if lacking := HAS - year.counts.keys():  # else nothing is shown of them
        raise SystemExit(f"nothing of {', '.join(sorted(lacking))} came up: take more days, or another seed")
    print(f"{many} members, {days} days in {time.perf_counter() - begun:.0f} s: " + ", ".join(sorted(told(year))))


def told(year: Year) -> list[str]:
    """Return what happened how often."""
    return [f"{what} {count:,}" for what, count in year.counts.items()]


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    asyncio.run(main(*(given + [MEMBERS, DAYS, SEED, CHANNELS][len(given) :])))
