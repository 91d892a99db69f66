"""kill -9 while people ask and coaches answer: each question is answered, each answer comes once, to its own asker.

bench/questions_kill.py goes on with a thousand.
"""

import random
from pathlib import Path

from tests.faults.desk import QUICKLY, desk

MANY, KILLS = 40, 4


async def test_questions_and_answers_survive_being_killed(tmp_path: Path) -> None:
    dice = random.Random(1)
    async with desk(tmp_path, MANY, 1, QUICKLY) as made:
        await made.goes_on(KILLS, lambda: dice.uniform(0.5, 2.0))
        await made.check()
    assert made.counts["kills"] >= 3
    assert made.counts["asked on"] > 0
