"""How a feature declares itself, and all that it is given."""

from bot.cog.feature import Cog, Stats
from bot.cog.given import Answer, Asking, Context, DueRow, Fate, Work
from bot.cog.handler import Arg, Handler, Param

__all__ = ["Answer", "Arg", "Asking", "Cog", "Context", "DueRow", "Fate", "Handler", "Param", "Stats", "Work"]
