"""A draft, of a question or of what is said further: what is not sent yet, and kept for an hour."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.cog import Context, DueRow, Work
from bot.model import Reply
from bot.store import Row
from cogs import crisis
from cogs.questions.store import (
    DRAFT_KEPT,
    DROP_DRAFT,
    Card,
    cog,
    drafts,
)


class Topic(StrEnum):
    """What a question is about, if its asker says so."""

    LAPSE = "lapse"
    URGE = "urge"
    WROTE = "wrote"
    TIES = "ties"
    CHEATING = "cheating"
    HEALING = "healing"
    ELSE = "else"


class First(StrEnum):
    """Whether coaches shall see it before the others."""

    YES = "yes-first"
    NO = "no"


@dataclass(frozen=True)
class Draft:
    """What is not sent yet. `alias` is whom coaches will see, `follows` the question that it says something further of.

    `community` is None until it is known whose coaches are meant.
    """

    id: str
    text: str = field(repr=False)
    community: str | None
    alias: str = field(default="", repr=False)
    topic: str | None = None
    urgent: bool = False
    follows: str | None = field(default=None, repr=False)

    @property
    def card(self) -> Card:
        """What stands with it at the desk."""
        return Card(self.alias, self.topic, self.urgent)


@cog.due("drop_draft")
async def drop_draft(work: Work, row: DueRow) -> datetime | None:
    """Drop a draft that was not sent within the hour."""
    await work.tx.delete(drafts, drafts.c.member == row.key)
    return None


async def keep(ctx: Context, draft: Draft) -> None:
    about = {"topic": draft.topic, "urgent": draft.urgent, "alias": draft.alias, "follows": draft.follows}
    kept = {"id": draft.id, "text": draft.text, "community": draft.community, "about": about}
    await ctx.tx.upsert(drafts, member=ctx.me.id, **kept)
    await ctx.due.at(DROP_DRAFT, ctx.me.id, ctx.now + DRAFT_KEPT, member=ctx.me.id)


async def draft_of(ctx: Context, id: str | None = None) -> Draft | None:
    """Return the draft of the member who calls, the one of that id or any, or None."""
    row = await ctx.tx.row(drafts, drafts.c.member == ctx.me.id, *(() if id is None else (drafts.c.id == id,)))
    about: Row = (row["about"] or {}) if row else {}
    return Draft(row["id"], row["text"], row["community"], **about) if row else None


def gone(ctx: Context) -> Reply:
    return Reply(ctx.t("sent-or-gone"), ((crisis.button(ctx.t),),), edit=True)
