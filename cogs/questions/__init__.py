"""Anonymous questions: asked by a member, answered at the desk, carried back; the desk never learns by whom."""

from cogs.questions import (
    answering,
    arriving,
    blocking,
    claiming,
    ends,
    mine,
    passages,
    publishing,
    queue,
    tallies,
    tending,
    watch,
    yours,
)
from cogs.questions.asking import preview
from cogs.questions.blocking import block, blocks
from cogs.questions.desk import close, hand_over, move
from cogs.questions.limits import OPEN
from cogs.questions.store import (
    LENGTH,
    DeskRules,
    State,
    askers,
    cog,
    desks,
    drafts,
    lines,
    questions,
    rules_of,
    set_rules,
)

__all__ = [
    "LENGTH",
    "OPEN",
    "DeskRules",
    "State",
    "answering",
    "arriving",
    "askers",
    "block",
    "blocking",
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
    "set_rules",
    "tallies",
    "tending",
    "watch",
    "yours",
]
