"""Questions in flight while the process is killed every few seconds: each is answered, once, and to its own asker.

    .venv/bin/python bench/questions_kill.py [questions] [seconds between two kills, at most] [seed]

All have asked before the first is answered: so many are in flight. The process is the real one, with its minute in
which an answer can be taken back; the platforms speak the real wire: see tests/faults/desk.py. What was counted is
printed.
"""

import asyncio
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.faults.desk import desk

QUESTIONS, SECONDS, SEED = 1_000, 8, 1
COACHES = 6, 4  # on Discord and on Telegram


async def main(many: int, seconds: int, seed: int) -> None:
    """Let it be killed; fail where an answer was lost, came twice unsaid, or came to another."""
    begun, dice = time.perf_counter(), random.Random(seed)
    with TemporaryDirectory() as folder:
        async with desk(Path(folder), many, seed, coaches=COACHES) as made:
            await made.goes_on(None, lambda: dice.uniform(1, seconds), together=True)
            await made.check()
    print(f"{many:,} questions in {time.perf_counter() - begun:.0f} s")
    for what, number in sorted(made.counts.items()):
        print(f"  {what}: {number:,}")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    asyncio.run(main(*(given + [QUESTIONS, SECONDS, SEED][len(given) :])))
