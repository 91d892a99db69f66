"""Anonymous questions: asked by a member, answered at the desk, carried back; the desk never learns by whom."""

from cogs.questions import answering
from cogs.questions.asking import OPEN, preview
from cogs.questions.desk import close, hand_over, move
from cogs.questions.store import LENGTH, State, askers, cog, drafts, lines, questions

__all__ = [
    "LENGTH",
    "OPEN",
    "State",
    "answering",
    "askers",
    "close",
    "cog",
    "drafts",
    "hand_over",
    "lines",
    "move",
    "preview",
    "questions",
]
