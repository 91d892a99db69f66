"""What is said to whoever asked, in private and in their language; in discreet mode a line that shows nothing."""

from datetime import datetime

from bot.cog import Work
from bot.model import Button, Reply
from bot.outbox import Lane
from bot.store import Row
from bot.texts import Speaker
from cogs import unasked
from cogs.questions.store import Line, asker_of, carried, private


async def speaker(work: Work, row: Row) -> Speaker:
    """Return how a question's asker is spoken to."""
    member = await asker_of(work.tx, row)
    return work.texts.speaker(member.locale if member else None, "questions")


async def veiled(work: Work, row: Row, reply: Reply) -> Reply:
    """Return what is said to a question's asker as it is sent: in discreet mode it is shown once it is tapped."""
    member = await asker_of(work.tx, row)
    if member is None:
        return reply
    show = Button(work.texts.say(member.locale, "questions", "read"), "questions.read", [row["id"]])
    return await unasked.veiled(work, member, reply, show)


def signed(say: Speaker, line: Line) -> str:
    """Return how the coach who said something is named to the asker."""
    return say("signed-by", name=line.name) if line.name else say("signed-by-nobody")


def words(say: Speaker, line: Line, question: str) -> str:
    """Return what a coach said as it comes to the asker, with the `question` as it is quoted there."""
    return say(f"arrives-{line.kind}", question=question, answer=line.text, coach=signed(say, line))


async def tell(work: Work, row: Row, reply: Reply, what: str, *, due: datetime | None = None) -> None:
    """Have something said to a question's asker, in order with its answers; `what` it is once."""
    await work.outbox.send(
        private(row),
        await veiled(work, row, reply),
        name=f"q-{row['id']}-{what}",
        lane=Lane.ANSWER,
        subject=carried(row["id"]),
        due=due,
        keep=False,
    )
