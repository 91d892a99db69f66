"""Weeks of a desk, with restarts, an outage, desks that come and go: every promise of a question is counted.

bench/month.py goes on longer.
"""

import random
from pathlib import Path

from tests.faults.month import Month


async def test_every_promise_of_a_question_is_held(tmp_path: Path) -> None:
    month = Month(tmp_path, random.Random(2))
    await month.lives(50, 10, 31, 250)
    assert {
        *("asked", "going", "taken back", "changed", "fates shown"),
        *("destroyed", "closed by a coach", "closed by itself", "erased"),
    } <= month.counts.keys()
