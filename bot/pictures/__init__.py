"""Pictures: cards with numbers and the words for them, to be read on a phone at night; and one that moves."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.pictures.breath import breath
from bot.pictures.figures import Figure, card
from bot.pictures.insights import Count, Insights, insights_card
from bot.pictures.streak import Day, Streak, streak_card
from bot.pictures.waits import Span, Waits, waits_card

__all__ = [
    "Count",
    "Day",
    "Figure",
    "Insights",
    "Span",
    "Streak",
    "Waits",
    "breath",
    "card",
    "draw",
    "draw_breath",
    "draw_insights",
    "draw_streak",
    "draw_waits",
    "insights_card",
    "streak_card",
    "waits_card",
]

# Drawing holds the interpreter for milliseconds at a time. One card after another is as fast as many at once, and keeps
# the loop waiting for 6 ms at worst instead of 40.
_one_by_one = ThreadPoolExecutor(1, "pictures")


async def draw(figures: Sequence[Figure], caption: str = "") -> bytes:
    """Return what `card` does, drawn in a thread, so that nobody who is typing waits for it. Raises as `card` does."""
    return await asyncio.get_running_loop().run_in_executor(_one_by_one, card, figures, caption)


async def draw_streak(streak: Streak) -> bytes:
    """Return what `streak_card` does, drawn in the same thread. Raises as it does."""
    return await asyncio.get_running_loop().run_in_executor(_one_by_one, streak_card, streak)


async def draw_breath() -> bytes:
    """Return what `breath` does, drawn in the same thread the first time."""
    return await asyncio.get_running_loop().run_in_executor(_one_by_one, breath)


async def draw_insights(insights: Insights) -> bytes:
    """Return what `insights_card` does, drawn in the same thread. Raises as it does."""
    return await asyncio.get_running_loop().run_in_executor(_one_by_one, insights_card, insights)


async def draw_waits(waits: Waits) -> bytes:
    """Return what `waits_card` does, drawn in the same thread. Raises as it does."""
    return await asyncio.get_running_loop().run_in_executor(_one_by_one, waits_card, waits)
