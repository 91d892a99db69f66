"""Some weeks of many people's daily pieces, with restarts, outages, moves: one for each date, or a reason why not.

bench/year.py goes on for a year, with two hundred.
"""

import random
from pathlib import Path

import pytest

from tests.faults.year import Year


@pytest.mark.parametrize(("many", "days", "seed"), [(40, 36, 1), (12, 90, 2)])
async def test_every_date_has_one_piece_or_a_reason_and_nothing_comes_twice(
    tmp_path: Path, many: int, days: int, seed: int
) -> None:
    year = Year(tmp_path, random.Random(seed))
    await year.lives(many, days, channels=6)
    year.check()
    # Weeks need not have it all; that a year has is for bench/year.py to see.
    assert {"cycles", "posted", "sent"} <= year.counts.keys(), year.counts
