"""Anonymous questions: asked by a member, answered at the desk, carried back; the desk never learns by whom."""

from cogs.questions import answering, claiming, ends, mine, passages, publishing, queue, tending
from cogs.questions.asking import preview
from cogs.questions.desk import close, hand_over, move
from cogs.questions.limits import OPEN
from cogs.questions.store import LENGTH, State, askers, block, blocks, cog, desks, drafts, lines, questions, rules_of

__all__ = [
    "LENGTH",
    "OPEN",
    "State",
    "answering",
    "askers",
    "block",
    "blocks",
    "claiming",
    "close",
    "cog",
    "desks",
    "drafts",
    "ends",
    "hand_over",
    "lines",
    "mine",
    "move",
    "passages",
    "preview",
    "publishing",
    "questions",
    "queue",
    "rules_of",
    "tending",
]
