"""What a picture costs: milliseconds a card, and how long the event loop waits while twenty are drawn at once.

    .venv/bin/python bench/cards.py [times]

Every card has numbers of its own, so that none comes out of the cache. The ratio is to the card of a community.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.pictures import (
    Count,
    Day,
    Figure,
    Insights,
    Streak,
    card,
    draw,
    draw_insights,
    draw_streak,
    insights_card,
    streak_card,
)

Drawing = Callable[[], Coroutine[object, object, bytes]]

TIMES, AT_ONCE, ROUNDS = 40, 20, 5
TARGET_MS, TARGET_LAG_MS = 20.0, 10.0

STREAK = Streak(
    days=Figure("47", "days"),
    ring=2 / 15,
    milestone="13 days to day 60",
    lines=("since 8 January", "longest: 61 days", "61 of 64 days held", "12 days not checking", "9 urges waited out"),
    calendar=tuple(Day) * 14,
    first_weekday=3,
    months=((0, "Dec"), (20, "January"), (51, "February"), (79, "March")),
    legend=tuple((day, f"{day}") for day in Day),
)
INSIGHTS = Insights(
    hours=tuple(Count("" if hour % 4 else f"{hour:02}:00", hour % 5, hour % 2) for hour in range(24)),
    weekdays=tuple(Count(name, len(name) + 5, 2) for name in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
    no_counts="",
    moods=tuple(None if day % 7 == 3 else day % 5 + 1 for day in range(84)),
    no_moods="",
    levels=("awful", "hard", "so-so", "okay", "good"),
    months=STREAK.months,
    legend=("urges", "contacts"),
)
KINDS = {
    "streak, dark": STREAK,
    "streak, light": replace(STREAK, light=True),
    "streak, discreet": replace(STREAK, discreet=True),
}

fresh = count(100)


def figures() -> list[Figure]:
    """Return the figures of a community, other ones each time."""
    return [
        Figure(f"{next(fresh)}", "days held together"),
        Figure("40", "urges ridden out"),
        Figure("23", "questions answered"),
    ]


def another(streak: Streak) -> Streak:
    """Return the same streak with other numbers each time."""
    return replace(streak, days=Figure(f"{next(fresh)}", "days"))


def others(insights: Insights) -> Insights:
    """Return the same insights with other words each time."""
    return replace(insights, legend=("urges", f"contacts {next(fresh)}"))


def drawn(kinds: Mapping[str, Callable[[], object]], times: int) -> dict[str, tuple[float, float]]:
    """Return the milliseconds that each kind takes at the median, by the clock and of the processor.

    The kinds take turns, so that whatever else the machine does slows all of them alike.
    """
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for _ in range(times + 1):
        for name, one in kinds.items():
            clock, processor = time.perf_counter(), time.thread_time()
            one()
            took[name].append((time.perf_counter() - clock, time.thread_time() - processor))
    warm = {name: zip(*each[1:], strict=True) for name, each in took.items()}  # the first one reads the fonts
    return {name: tuple(statistics.median(column) * 1000 for column in columns) for name, columns in warm.items()}


async def lag_ms(each: Drawing | None) -> float:
    """Return how long the loop waited at worst while twenty were drawn, or for half a second where nothing is."""
    worst, done = 0.0, False

    async def watch() -> None:
        nonlocal worst
        while not done:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            worst = max(worst, time.perf_counter() - began - 0.001)

    watching = asyncio.create_task(watch())
    await (asyncio.gather(*(each() for _ in range(AT_ONCE))) if each else asyncio.sleep(0.5))
    done = True
    await watching
    return worst * 1000


def lags(each: Drawing | None) -> str:
    """Return the least and the median of the worst waits of some rounds: what else the machine does only adds to it."""
    worst = [asyncio.run(lag_ms(each)) for _ in range(ROUNDS)]
    return f"{min(worst):6.1f} ms {statistics.median(worst):6.1f} ms"


def main() -> None:
    """Print both numbers of each kind beside the target."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    alone: dict[str, Callable[[], object]] = {"community": lambda: card(figures(), "Quiet Harbour")}
    together: dict[str, Drawing] = {"community": lambda: draw(figures(), "Quiet Harbour")}
    for name, kind in KINDS.items():
        alone[name] = lambda kind=kind: streak_card(another(kind))
        together[name] = lambda kind=kind: draw_streak(another(kind))
    alone["insights"] = lambda: insights_card(others(INSIGHTS))
    together["insights"] = lambda: draw_insights(others(INSIGHTS))
    took = drawn(alone, times)
    base = took["community"][1]
    print(f"{times} cards of each kind: median by the clock, and of the processor, which is compared")
    print(f"{AT_ONCE} at once, {ROUNDS} times: the loop's worst wait, at the least and at the median")
    print(f"{'target':17} {TARGET_MS:6.1f} ms                       {TARGET_LAG_MS:6.1f} ms")
    print(f"{'nothing drawn':17} {'':30} {lags(None)}")
    for name, (clock, processor) in took.items():
        print(f"{name:17} {clock:6.1f} ms {processor:6.1f} ms  {processor / base:5.2f} x  {lags(together[name])}")


if __name__ == "__main__":
    main()
