"""kill -9 at a hundred points that nobody chose: nothing is lost, and nothing comes to another or needlessly twice.

bench/kills.py goes on longer.
"""

from pathlib import Path

import pytest

from tests.faults.kills import life

KILLS = 50  # each time: a hundred in all
WITHIN = 0.15  # seconds


@pytest.mark.parametrize("seed", [1, 2])
async def test_whenever_it_is_killed_all_comes_and_comes_once(tmp_path: Path, seed: int) -> None:
    async with life(tmp_path, seed) as made:
        await made.lives(KILLS, WITHIN)
        await made.check()
    assert made.counts["kills"] == KILLS
    assert made.counts["kills while it started"] > 0
    assert made.counts["kills with something on its way"] > KILLS / 5
