"""What was published: kept readable, since it is public and to be found; nothing ties it to whoever asked.

The question it was made of and whose that was are destroyed in their time, and nothing here leads to them. What takes a
text down is the code that its asker was given, of which only a keyed hash is kept.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Column, ColumnElement, ForeignKey, LargeBinary, SmallInteger, String, Text

from bot import clock, codes, communities
from bot.cog import Cog, DueRow, Work
from bot.communities import Community
from bot.errors import UserError
from bot.model import TEXT, Button, Reply, length
from bot.search import Index, telling
from bot.store import ID, SCRUB, Holds, Row, Tx, new_id
from bot.texts import Speaker
from bot.vault import INDEX_BYTES, Vault
from cogs import crisis, shouts

ROOM = TEXT - 400  # of question and answer together: one message holds them, and who answered, where and when
SIGNED = 64
OUT = "faq.out"
SOON, LATE = 0, 1  # days until it is out, at an hour that is drawn: so it does not tell when its asker said yes
GRACE = timedelta(hours=3)
TRIED = timedelta(days=1)  # how long the places for posts are tried
ALIKE = 2  # telling words that two questions share at least

cog = Cog("faq")

published = cog.table(
    "published",
    Column("id", ID, primary_key=True),
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("signed", String(SIGNED)),
    Column("day", String(10)),  # on which it came out, by the community's clock; none until then
    Column("code", LargeBinary(INDEX_BYTES), nullable=False, unique=True),  # that takes it down
    Column("places", SmallInteger, nullable=False, default=0),  # in how many it was posted
    holds=Holds.NOTHING,  # it outlives its asker by their consent, and is nobody's that could be told
)

index = Index(published)


@dataclass(frozen=True)
class Published:
    """A question with its answer, as everybody reads them. `signed` is the name of who answered, or None."""

    id: str
    community: str
    question: str
    answer: str
    signed: str | None
    day: date


def check(question: str, answer: str) -> None:
    """Raise UserError, saying by how much, where a question and its answer do not fit in one message together."""
    if (both := length(question) + length(answer)) > ROOM:
        raise UserError("faq.too-long", length=both, max=ROOM)


async def publish(work: Work, community: Community, question: str, answer: str, signed: str | None) -> str:
    """Publish a question and its answer in their final wording; return the code that takes them down again.

    Within two days they are found by anybody, and posted in the community. `signed` is the coach's name, or None. The
    code is kept nowhere: it has to be given to the asker now. Raises UserError where they do not fit, as `check`.
    """
    check(question, answer)
    id, code = new_id(), codes.new()
    await work.tx.insert(
        published,
        id=id,
        community=community.id,
        question=question,
        answer=answer,
        signed=signed,
        code=_code(work.vault, code),
    )
    await work.due.at(OUT, id, shouts.some_day(work.now, community, SOON, LATE, work.dice))
    return code


@cog.takes_down
async def remove(work: Work, code: str) -> bool:
    """Take down what a code is for, here and where it was posted; False where it is for nothing."""
    typed = codes.read(code)
    row = await work.tx.row(published, published.c.code == _code(work.vault, typed)) if typed else None
    if row is None:
        return False
    community = await communities.load(work.tx, row["community"])
    gone = Reply(work.texts.say(community.locale, "faq", "post-gone"))
    for number in range(row["places"]):
        await work.outbox.delete(f"{_post(row['id'])}-{number}", gone)
    await work.due.cancel(OUT, row["id"])
    await index.drop(work.tx, row["id"])
    await work.tx.delete(published, published.c.id == row["id"])
    work.tx.notes.add(SCRUB)
    return True


async def similar(tx: Tx, community: Community, text: str, limit: int = 3) -> list[Published]:
    """Return what was published in a community that may be about the same as `text`, the nearest first."""
    words = set(telling(text))
    found = await search(tx, [community.id], text, limit=limit * 4)
    return [each for each in found if len(words & set(telling(f"{each.question} {each.answer}"))) >= ALIKE][:limit]


async def search(tx: Tx, theirs: list[str], words: str, *, limit: int) -> list[Published]:
    """Return what was published in communities (by their ids) and has these words, the best first."""
    return [_read(row) for row in await index.find(tx, words, *_out_in(theirs), limit=limit)]


async def newest(tx: Tx, theirs: list[str], *, limit: int) -> list[Published]:
    """Return what was published last in communities, by their ids."""
    order = (published.c.day.desc(), published.c.id)
    return [_read(row) for row in await tx.rows(published, *_out_in(theirs), order_by=order, limit=limit)]


async def one(tx: Tx, id: str) -> Published | None:
    """Return what was published under an id, or None."""
    row = await tx.row(published, published.c.id == id, published.c.day.is_not(None))
    return _read(row) if row else None


async def hand_over(work: Work, old: Community, new: Community) -> None:
    """Let what was published in a community belong to another one, which it becomes part of."""
    await work.tx.execute(published.update().where(published.c.community == old.id).values(community=new.id))


def words(say: Speaker, shown: Published) -> str:
    """Return a question and its answer as everybody reads them. `say` speaks any cog's words."""
    by = say("faq.by", name=shown.signed) if shown.signed else say("faq.by-nobody")
    return say("faq.one", question=shown.question, answer=shown.answer, by=by)


@cog.due("out")
async def out(work: Work, row: DueRow) -> datetime | None:
    """Let it be out. While all is halted, or too late for the hour that was drawn, it waits for another."""
    kept = await work.tx.row(published, published.c.id == row.key)
    if kept is None:
        return None
    community = await communities.load(work.tx, kept["community"])
    if community.halted or work.now > row.at + GRACE:
        return shouts.some_day(work.now, community, SOON, LATE, work.dice)
    today = clock.day_of(work.now, community.tz).isoformat()
    await work.tx.update(published, {"id": kept["id"]}, day=today, places=len(community.boards))
    await index.put(work.tx, kept["id"], f"{kept['question']}\n{kept['answer']}")
    say, shown = work.texts.speaker(community.locale, "faq"), _read(kept | {"day": today})
    reply = Reply(words(say, shown), ((Button(say("more"), "faq"), crisis.button(say)),))
    await work.post(community, reply, name=_post(shown.id), until=work.now + TRIED)
    return None


def _read(row: Row) -> Published:
    shown = {name: row[name] for name in ("id", "community", "question", "answer", "signed")}
    return Published(**shown, day=date.fromisoformat(row["day"]))


def _out_in(theirs: list[str]) -> tuple[ColumnElement[bool], ...]:
    return published.c.community.in_(theirs), published.c.day.is_not(None)


def _code(vault: Vault, code: str) -> bytes:
    return vault.index("published", code)


def _post(id: str) -> str:
    return f"faq-{id}"
