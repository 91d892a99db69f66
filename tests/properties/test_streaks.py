"""What a ledger comes to: ten thousand of them, recounted on a calendar."""

import random
from datetime import timedelta

from cogs.streaks.rules import Entry, Kind, not_checking, standing
from tests.cogs.test_streaks_rules import DAY, recount, recount_looks


def ledger(dice: random.Random) -> list[Entry]:
    """A ledger as people keep them: mostly few entries, some on one day, some that nobody would write."""
    span = dice.choice((3, 10, 60, 400))
    return [
        Entry(dice.choice(list(Kind)), DAY - timedelta(days=dice.randint(-2, span)))
        for _ in range(dice.choice((0, 1, 2, 3, 5, 8, 20)))
    ]


def test_the_numbers_of_ten_thousand_ledgers_are_those_of_a_recount_day_by_day() -> None:
    dice = random.Random(4)
    for number in range(10_000):
        entries = ledger(dice)
        now, looking = standing(entries, DAY), not_checking(entries, DAY)
        assert now == recount(entries, DAY), (number, entries)
        assert (looking.days if looking else None) == recount_looks(entries, DAY), (number, entries)
        if now is not None:
            assert 0 <= now.days <= now.best <= now.held <= now.of, (number, entries)
