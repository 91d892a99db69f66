"""The desk: how a question stands there, and what becomes of it when the desk itself changes.

A community may have several desks: each question stands at all of them, and is changed and taken away at all of them.
What stands is found by what its subject in the outbox begins with, so a place that is a desk no more is found too.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from bot import clock, communities
from bot.cog import Context, DueRow, Work
from bot.communities import Community
from bot.model import TEXT, Button, Reply, clip, length
from bot.model import Row as Buttons
from bot.outbox import Lane, outbox, sent
from bot.people import Member
from bot.store import Row
from bot.texts import Speaker
from cogs.questions import blocking, tallies, watch
from cogs.questions.asked import rows_of
from cogs.questions.store import (
    OPEN_STATES,
    TAKEN_BACK,
    TOLD,
    Card,
    Line,
    Said,
    State,
    card_of,
    carried,
    claim_of,
    cog,
    desk_name,
    desk_names,
    drafts,
    questions,
    rules_of,
    thread,
    waits_since,
)

QUOTED = 120  # characters of the question shown above its answer
LEAST = 60  # characters of an earlier part of the thread: less of it says nothing
SHOWN = {Said.FOLLOW_UP, Said.NOTE, *TOLD}
HOUR = timedelta(hours=1)
WAITS = "questions.waits"


# -- the desk itself changes


async def move(work: Work, community: Community) -> None:
    """Let what stands at a community's desks, of every feature, stand at those that there are now (Cog.moved)."""
    for moved in (moved for each in work.cogs for moved in each.movers):
        await moved(work, community)


async def close(work: Work, community: Community) -> None:
    """Let every feature end what waits at a community's desks: nobody sits there any more (Cog.closed)."""
    for closed in (closed for each in work.cogs for closed in each.closers):
        await closed(work, community)


@cog.moved
async def follow(work: Work, community: Community) -> None:
    """Let what is open stand at the community's desks as they are now, and nowhere else."""
    for row in await at(work, community, OPEN_STATES):
        await arrange(work, community, row)


async def hand_over(work: Work, old: Community, new: Community) -> bool:
    """Let a community's questions belong to another one, and what is counted of them, and who may ask none for a while.

    False where some wait for its own coaches.
    """
    if await at(work, old, (State.WAITING, State.BACK)):
        return False
    await work.tx.execute(questions.update().where(questions.c.community == old.id).values(community=new.id))
    await work.tx.execute(drafts.update().where(drafts.c.community == old.id).values(community=new.id))
    await blocking.hand_over(work, old, new)
    await tallies.hand_over(work, old, new)
    return True


async def at(work: Work, community: Community, states: Sequence[State]) -> list[Row]:
    return await work.tx.rows(questions, questions.c.community == community.id, questions.c.state.in_(states))


async def arrange(work: Work, community: Community, row: Row) -> None:
    """Take a question from where there is no desk any more, and have it said at each desk where it is not yet."""
    await leave(work, community, desk_names(row["id"]), gone(work))
    await post(work, community, row)


async def leave(work: Work, community: Community, names: str, instead: Reply) -> None:
    """Take what stands under subjects that begin with `names` from where there is no desk of the community's any more.

    Where the platform does not let it be deleted, it is changed to `instead`.
    """
    for name in await work.outbox.names(names):
        place = await work.outbox.where(name)
        if place is not None and not community.is_desk(place):
            await work.outbox.withdraw(name, instead)


# -- a question comes, and goes


async def post(work: Work, community: Community, row: Row) -> None:
    """Have a question said at every desk of its community, where it is not yet.

    It comes at a random moment of the next minutes, which does not tell when it was asked; what is urgent at once.
    """
    await say(work, community, row, await moment_of(work, row))
    await work.due.at(WAITS, row["id"], _longer(work.now))
    await watch.waits(work, community)


async def say(work: Work, community: Community, row: Row, at: datetime | None) -> None:
    """Have a question said at every desk of its community where it is not yet; `at`: see Outbox.send."""
    reply = await standing(work, row)
    for desk in community.desks:
        name = desk_name(row["id"], desk.server)
        await work.outbox.send(desk.place, reply, name=name, lane=Lane.DESK, due=at, settled="questions.posted")


def moment(work: Work, jitter: int) -> datetime | None:
    """Return a random moment of the next `jitter` minutes, or None: at once."""
    return work.now + timedelta(minutes=work.dice.uniform(0, jitter)) if jitter else None


async def moment_of(work: Work, row: Row) -> datetime | None:
    """Return a random moment at which something comes to the desk that its asker does now, or None: at once."""
    return moment(work, 0 if card_of(row).urgent else (await rules_of(work.tx, row["community"])).jitter)


@cog.start
async def bring_along(work: Work) -> None:
    """Have what stands at the desk from when there could be one alone said anew, under the names that there are now."""
    found = [select(each.c.name).where(each.c.name.like(desk_names("%"))) for each in (sent, outbox)]
    ids = {name.split("-")[1] for name in (await work.tx.execute(found[0].union(found[1]))).scalars()}
    for row in (
        await work.tx.rows(questions, questions.c.state.in_(OPEN_STATES), questions.c.id.in_(ids)) if ids else ()
    ):
        await work.outbox.withdraw(desk_names(row["id"]), below(work))
        await post(work, await communities.load(work.tx, row["community"]), row)


async def refresh(work: Work, row: Row, *, but: str | None = None) -> None:
    """Show a question as it is now, wherever it stands, but under the name that is answered with something else."""
    reply = await standing(work, row)
    for name in await work.outbox.names(desk_names(row["id"])):
        if name != but:
            await work.outbox.edit(name, reply)


@cog.due("waits")
async def waits(work: Work, row: DueRow) -> datetime | None:
    """Show that a question has waited longer."""
    kept = await work.tx.row(questions, questions.c.id == row.key, questions.c.state.in_((State.WAITING, State.BACK)))
    if kept is None:
        return None
    await refresh(work, kept)
    return _longer(work.now)


def _longer(now: datetime) -> datetime:
    """Return when the words for how long a question has waited are looked at again: all at the same moments."""
    return clock.floor_hour(now) + timedelta(hours=4 - now.hour % 4)


async def take_back(work: Work, row: Row, *, settled: str | None = None) -> None:
    """Take a question from every desk. `settled` is told what came of each message, by its name."""
    for name in await work.outbox.names(desk_names(row["id"])):
        await work.outbox.delete(name, gone(work), settled=settled)


async def vanish(work: Work, row: Row, *, settled: str | None = None) -> None:
    """Leave nothing of a question, here or at the desks. `settled`: see take_back."""
    await take_back(work, row, settled=settled)
    await work.outbox.forget(carried(row["id"]))
    await work.due.forget(row["id"])
    await work.tx.delete(questions, questions.c.id == row["id"])


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Delete the member's questions, here and at the desks."""
    for row in await rows_of(work.tx, member):
        await vanish(work, row, settled=TAKEN_BACK)


def gone(work: Work) -> Reply:
    """Return what stands, where a message cannot be deleted, in the place of a question that is not there any more."""
    return Reply(work.texts.say(None, "questions", "withdrawn"))


def below(work: Work) -> Reply:
    """Return what stands, where a message cannot be deleted, in the place of one that comes anew."""
    return Reply(work.texts.say(None, "questions", "goes-on-below"))


# -- how it stands


async def seen(ctx: Context, row: Row, short: str, *rows: Buttons) -> Reply:
    """Answer a press: where it was made on a message that stands for the question, that is shown as it is now.

    Elsewhere (on a copy for one coach alone, below words that were typed) it is `short`, in which no word of the asker
    is: what stands there is not taken away with the question.
    """
    if await stands_at(ctx, row["id"]):
        return await standing(ctx, row, *rows, edit=True)
    return Reply(short, rows, edit=True)


async def stands_at(ctx: Context, id: str) -> str | None:
    """Return under which name a question stands at the message whose button was pressed, or None."""
    return await pressed(ctx, desk_names(id))


async def pressed(ctx: Context, names: str) -> str | None:
    """Return the name, of those whose subjects begin with `names`, of the message whose button was pressed, or None."""
    for name in await ctx.outbox.names(names) if ctx.call.message else ():
        if ctx.call.message in await ctx.outbox.refs(name):
            return name
    return None


async def standing(work: Work, row: Row, *rows: Buttons, edit: bool = False) -> Reply:
    """Return a question as coaches see it, with what can be done with it, or with other `rows`."""
    say, said = work.texts.speaker(None, "questions"), await thread(work.tx, row["id"])
    head, foot = _head(say, row, said, work.now), _foot(say, row, said, work.now)
    parts = [row["text"], *(_part(say, line) for line in said if line.kind in SHOWN)]
    room = TEXT - length(head) - length(foot) - 4
    text = "\n\n".join([head, *_fitting(parts, room), *filter(None, [foot])])
    return Reply(text, rows or _buttons(say, row, said, work.now), edit=edit)


def last_told(said: Sequence[Line]) -> Line | None:
    """Return what was last said to the asker, or None."""
    return next((line for line in reversed(said) if line.kind in TOLD), None)


def pending(said: Sequence[Line]) -> Line | None:
    """Return what has not gone out yet of what is said to the asker, the last of it, or None."""
    last = last_told(said)
    return last if last is not None and last.fate is None else None


def resting(said: Sequence[Line]) -> State:
    """Return where a question stands, that is not closed, by what was said."""
    last = next((line for line in reversed(said) if line.kind in (*TOLD, Said.FOLLOW_UP)), None)
    if any(line.kind is Said.ANSWER and line.fate is None for line in said):
        return State.ANSWERING
    match last.kind if last else None:
        case Said.ANSWER:
            return State.ANSWERED
        case Said.BACK:
            return State.BACK
        case _:
            return State.WAITING


def waited(say: Speaker, row: Row, said: Sequence[Line], now: datetime) -> str:
    """Return in coarse words how long a question has waited: since it was asked, or since what was said further."""
    unit, days = watch.waited(now, waits_since(row, said))
    return say("waited", unit=unit, days=days)


def by(say: Speaker, name: str | None) -> str:
    """Return what a coach is called at the desk."""
    return name or say("some-coach")


def quote(text: str) -> str:
    """Return the beginning of a text, on one line."""
    return clip(" ".join(text.split()), QUOTED)


def shown(say: Speaker, card: Card, text: str, *, further: bool = False) -> str:
    """Return a question as coaches will see it when it comes, or what is said `further`."""
    if further:
        return f"{say(f'part-{Said.FOLLOW_UP}', name='')}\n{text}"
    return f"{_facts(say, card, say('waited', unit='just-now', days=0))}\n\n{text}"


def _head(say: Speaker, row: Row, said: Sequence[Line], now: datetime) -> str:
    waits = row["state"] in (State.WAITING, State.BACK)
    return _facts(say, card_of(row), waited(say, row, said, now) if waits else "")


def _facts(say: Speaker, card: Card, waited: str) -> str:
    facts = (card.alias or say("desk-nameless"), waited, say("desk-urgent") if card.urgent else "")
    topic = say("desk-topic", topic=say(f"topic-{card.topic}")) if card.topic else ""
    return "\n".join(filter(None, (" · ".join(filter(None, facts)), topic)))


def _part(say: Speaker, line: Line) -> str:
    return f"{say(f'part-{line.kind}', name=by(say, line.name))}\n{line.text}"


def _foot(say: Speaker, row: Row, said: Sequence[Line], now: datetime) -> str:
    told, claim = last_told(said), claim_of(row, now)
    foot: list[str] = []
    if told is not None and told.fate is None:
        foot.append(say("goes-soon", coach=by(say, told.name)))
    elif told is not None:
        foot.append(say(f"fate-{told.told}" if told.told else "gone-out"))
    if row["state"] == State.CLOSED:
        foot.append(say("desk-closed"))
    elif claim is not None:
        foot.append(say("desk-claimed", coach=by(say, claim.name), until=until(row)))
    foot += [say(f"desk-publish-{line.told or 'asked'}") for line in said if line.kind is Said.PUBLISH]
    if card_of(row).thanked:
        foot.append(say("desk-thanked"))
    return "\n".join(foot)


def until(row: Row) -> str:
    """Return until when a question is somebody's, as a clock in UTC shows it: coaches sit anywhere."""
    return f"{row['claimed_until']:%H:%M} UTC"


def _fitting(parts: Sequence[str], room: int) -> list[str]:
    """Return so much of the parts as there is room for: the last one whole, then the first, then the later before the
    earlier.
    """
    left = room - length(parts[-1])
    kept = {len(parts) - 1: parts[-1]}
    for at in (0, *range(len(parts) - 2, 0, -1)):
        if at in kept:
            continue
        cut = clip(parts[at], max(left - 2, 1))
        if length(cut) < min(LEAST, length(parts[at])):
            continue
        kept[at] = cut
        left -= length(cut) + 2
    return [kept[at] for at in sorted(kept)]


def _buttons(say: Speaker, row: Row, said: Sequence[Line], now: datetime) -> tuple[Buttons, ...]:
    id = row["id"]
    if row["state"] == State.CLOSED:
        return ()
    claim = "release" if claim_of(row, now) else "claim"
    answered = row["state"] in (State.ANSWERING, State.ANSWERED)
    first = (
        Button(say(claim), f"questions.{claim}", [id]),
        Button(say("add-answer" if answered else "answer"), "questions.answer", [id]),
        Button(say("ask-back"), "questions.back", [id]),
        Button(say("more"), "questions.more", [id]),
    )
    told = last_told(said)
    if told is None or told.told:
        return (first,)
    change = Button(say("edit"), "questions.change", [id, told.id])
    undo = Button(say("undo"), "questions.undo", [id, told.id])
    return ((undo, change) if told.fate is None else (change,), first)
