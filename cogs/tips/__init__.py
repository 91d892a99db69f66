"""Tips: something that helped a member, for others; read by coaches, and published by them, under nobody's name."""

from cogs.tips import desk, sending
from cogs.tips.desk import hand_over
from cogs.tips.store import A_DAY, LENGTH, State, cog, tips, waiting

__all__ = ["A_DAY", "LENGTH", "State", "cog", "desk", "hand_over", "sending", "tips", "waiting"]
