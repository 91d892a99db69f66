"""What somebody has asked: where it stands, what was said, and all that its asker can do with it."""

import logging
from collections.abc import Iterator

from bot import communities
from bot.cog import Context, Fate, Work
from bot.errors import UserError
from bot.model import MENU_OPTIONS, TEXT, Button, Menu, Option, Reply, clip, length
from bot.model import Row as Buttons
from bot.outbox import Kind, Lane, outbox
from bot.outbox import State as Sending
from bot.store import SCRUB, Row
from bot.texts import Speaker
from cogs import crisis
from cogs.questions import asker, desk, tallies, yours
from cogs.questions.asked import forget_id, rows_of
from cogs.questions.store import (
    DESTROY,
    OPEN_STATES,
    SEEN,
    SHOWN,
    TAKEN_BACK,
    TOLD,
    Line,
    Said,
    State,
    card_of,
    carried,
    close_row,
    cog,
    mine,
    rules_of,
    set_card,
    thread,
)
from cogs.questions.store import questions as table

log = logging.getLogger(__name__)

PAGE = TEXT - 300  # characters of the thread: what stands above and below it is shorter
LABEL = 60  # characters of a question in the list


@cog.command(writes=False)
async def questions(ctx: Context) -> Reply:
    """List what the member has asked, the newest first."""
    rows = (await rows_of(ctx.tx, ctx.me))[::-1]
    doors = (Button(ctx.t("core.ask-a-coach"), "ask"), crisis.button(ctx.t))
    if not rows:
        return Reply(ctx.t("none-asked"), (doors,))
    shown = [(row["id"], clip(desk.quote(row["text"]), LABEL), await _stands(ctx, row)) for row in rows]
    shown = shown[:MENU_OPTIONS]
    text = "\n".join([ctx.t("asked-so-far"), *(f"• {quote} · {state}" for _, quote, state in shown)])
    options = tuple(Option(id, quote) for id, quote, _ in shown)
    return Reply(text, ((Menu(ctx.t("which-one"), "questions.open", options),), doors))


@cog.action("open", writes=False)
async def open_one(ctx: Context, question: str, page: int = 0) -> Reply:
    """Show a question with all that was said of it, the last page first."""
    row = await mine(ctx, question)
    lines = await _lines(ctx, row)
    pages = list(_pages(_told(ctx, row, lines)))
    at = page if 1 <= page <= len(pages) else len(pages)
    turn = tuple(
        Button(ctx.t(key), "questions.open", [question, to])
        for key, to in (("earlier", at - 1), ("later", at + 1))
        if 1 <= to <= len(pages)
    )
    rows = tuple(filter(None, (*_doors_of(ctx, row, lines), turn)))
    last = (Button(ctx.t("all-of-mine"), "questions"), crisis.button(ctx.t))
    text = "\n\n".join([pages[at - 1], *await _closes(ctx, row)])
    return Reply(text, (*rows, last))


@cog.action("read", writes=False)
async def read(ctx: Context, question: str) -> Reply:
    """Show what came for the member who asked, whose chat is to show nothing of itself."""
    row = await mine(ctx, question)
    lines = await _lines(ctx, row)
    said = [line for line in lines if line.kind in TOLD]
    lost = lines[-1].kind is Said.LOST if lines else False
    if not said or lost or (row["state"] == State.WAITING and said[-1].kind is Said.BACK):
        return await open_one(ctx, question)
    return arrives(ctx.t, row, said[-1])


def arrives(say: Speaker, row: Row, line: Line) -> Reply:
    """Return what a coach said, as it comes to whoever asked, with what they can do then."""
    return Reply(asker.words(say, line, desk.quote(row["text"])), doors(say, row["id"]))


def doors(say: Speaker, id: str) -> tuple[Buttons, ...]:
    """Return what stands below an answer: what its asker can do with it."""
    return (
        (
            Button(say("further"), "questions.follow", [id]),
            Button(say("thank"), "questions.thank", [id]),
            Button(say("report"), "questions.report", [id]),
            crisis.button(say),
        ),
    )


def _doors_of(ctx: Context, row: Row, lines: list[Line]) -> tuple[Buttons, ...]:
    id, say, state = row["id"], ctx.t, row["state"]
    answered = any(line.kind in TOLD for line in lines)
    first: list[Button] = []
    if state not in (State.CLOSED, State.ANSWERING):
        first.append(Button(say("further"), "questions.follow", [id]))
    if answered and not card_of(row).thanked:
        first.append(Button(say("thank"), "questions.thank", [id]))
    if answered:
        first.append(Button(say("report"), "questions.report", [id]))
    last = [Button(say("forget-one"), "questions.forget", [id])]
    if state in OPEN_STATES:
        last.insert(0, Button(say("withdraw"), "questions.withdraw", [id]))
    return tuple(first), (_ratings(say, id) if answered else ()), tuple(last)


def _ratings(say: Speaker, id: str) -> Buttons:
    return tuple(Button(say(f"rate-{each}"), "questions.rate", [id, each]) for each in tallies.RATINGS)


async def _stands(ctx: Context, row: Row) -> str:
    """Return where a question stands, in words: as it is, also where an answer does not get through."""
    state = row["state"]
    stuck = await ctx.tx.rows(
        outbox,
        outbox.c.subject.startswith(carried(row["id"]), autoescape=True),
        outbox.c.state.in_((Sending.HELD, Sending.DEAD)),
        limit=1,
    )
    if stuck and state != State.CLOSED:
        return ctx.t("stands-undelivered")
    if state == State.WAITING and row["claimed_until"] and row["claimed_until"] > ctx.now:
        return ctx.t("stands-claimed")
    return ctx.t(f"stands-{state}")


async def _lines(ctx: Context, row: Row) -> list[Line]:
    """Return what was said of a question, without what a coach may still take back."""
    lines = [line for line in await thread(ctx.tx, row["id"]) if line.kind in SEEN]
    leaving = await ctx.tx.rows(
        outbox,
        outbox.c.subject.startswith(carried(row["id"]), autoescape=True),
        outbox.c.kind == Kind.SEND,
        outbox.c.state == Sending.WAITING,
        outbox.c.due_at > ctx.now,
        limit=1,
    )
    if leaving and lines and lines[-1].kind in TOLD:
        return lines[:-1]
    return lines


def _told(ctx: Context, row: Row, lines: list[Line]) -> Iterator[str]:
    yield "\n".join([ctx.t("you-asked"), row["text"]])
    for line in lines:
        if line.kind not in TOLD:
            yield "\n".join([ctx.t("added-lost" if line.kind is Said.LOST else "you-added"), line.text])
        else:
            yield "\n".join([f"{asker.signed(ctx.t, line)}:", line.text])


def _pages(parts: Iterator[str]) -> Iterator[str]:
    """Yield the parts together, as many as a message holds; each of them fits one."""
    page = ""
    for part in parts:
        if page and length(page) + 2 + length(part) > PAGE:
            yield page
            page = ""
        page = f"{page}\n\n{part}" if page else part
    yield page


async def _closes(ctx: Context, row: Row) -> list[str]:
    """Return where a question stands, and until when it is kept: to the day where that is known."""
    stands = await _stands(ctx, row)
    if row["state"] == State.CLOSED and (at := await ctx.due.when(DESTROY, row["id"])):
        day = ctx.texts.date(ctx.locale, at.astimezone(ctx.me.tz).date(), "EEEE, d MMMM")
        return [ctx.t("kept-until", state=stands, day=day)]
    days = (await rules_of(ctx.tx, row["community"])).kept_days
    return [ctx.t("kept-for", state=stands, days=days) if days else ctx.t("kept-not", state=stands)]


# -- thank, rate


@cog.action("thank")
async def thank(ctx: Context, question: str) -> Reply:
    """Let the desk see a thank-you, once: it comes there like a question, at a moment that tells nothing."""
    row = await _answered(ctx, question)
    if not card_of(row).thanked:
        row = await set_card(ctx.tx, row, thanked=True)
        if coach := await _coach(ctx, row):
            await yours.said(ctx, coach, yours.THANKS)
        await show_later(ctx, row)
    return Reply(ctx.t("thanked"), (_ratings(ctx.t, question), (crisis.button(ctx.t),)))


@cog.action("rate")
async def rate(ctx: Context, question: str, helped: int) -> Reply:
    """Say whether the answer helped: it is counted with all the others', and seen by nobody as theirs."""
    row = await _answered(ctx, question)
    if helped not in tallies.RATINGS:
        raise UserError("core.unknown-command")
    before = card_of(row).rating
    if before != helped:
        coach, whose = await _coach(ctx, row), card_of(row).rated
        await set_card(ctx.tx, row, rating=helped, rated=coach)
        await tallies.count(ctx.tx, row["community"], f"{tallies.RATED}-{helped}")
        if coach:
            await yours.said(ctx, coach, str(helped))
        if before is not None:
            await tallies.count(ctx.tx, row["community"], f"{tallies.RATED}-{before}", -1)
        if before is not None and whose:
            await yours.said(ctx, whose, str(before), -1)
    return Reply(ctx.t(f"rated-{helped}"), ((Button(ctx.t("all-of-mine"), "questions"), crisis.button(ctx.t)),))


async def _coach(ctx: Context, row: Row) -> str | None:
    """Return whose answer is the last of those that its asker can see, as in Claim, or None."""
    return next((line.coach for line in reversed(await _lines(ctx, row)) if line.kind in TOLD and line.coach), None)


async def show_later(work: Work, row: Row) -> None:
    """Have a question shown at the desk as it is now: at a random moment, as whatever its asker does."""
    jitter = (await rules_of(work.tx, row["community"])).jitter
    await work.due.at(SHOWN, row["id"], desk.moment(work, jitter) or work.now)


async def _answered(ctx: Context, question: str) -> Row:
    """Return a question of the member who calls. Raises UserError where no coach has said anything of it."""
    row = await mine(ctx, question)
    if not any(line.kind in TOLD for line in await _lines(ctx, row)):
        raise UserError("no-answer-yet")
    return row


# -- withdraw, forget


@cog.action("withdraw", writes=False)
async def withdraw(ctx: Context, question: str) -> Reply:
    """Ask once whether to take a question back."""
    await mine(ctx, question)
    yes = Button(ctx.t("withdraw-yes"), "questions.withdrawn", [question])
    return Reply(ctx.t("withdraw-sure"), ((yes, Button(ctx.t("keep-it"), "questions.open", [question])),))


@cog.action("withdrawn")
async def withdrawn(ctx: Context, question: str) -> Reply:
    """Take a question back from the desk. What was answered already its asker keeps for a while, what was not goes."""
    row = await mine(ctx, question)
    if row["state"] not in OPEN_STATES:
        raise UserError("withdraw-late")
    if any(line.kind in TOLD for line in await _lines(ctx, row)):
        await desk.take_back(ctx, row, settled=TAKEN_BACK)
        await ctx.outbox.forget(carried(question))
        await close_row(ctx, row)
    else:
        await _forget(ctx, row)
    return Reply(ctx.t("withdrawn-now"), (_after(ctx),), edit=True)


@cog.action("forget", writes=False)
async def forget_one(ctx: Context, question: str) -> Reply:
    """Ask once whether to forget a question."""
    await mine(ctx, question)
    yes = Button(ctx.t("forget-yes"), "questions.forgotten", [question])
    return Reply(ctx.t("forget-sure"), ((yes, Button(ctx.t("keep-it"), "questions.open", [question])),))


@cog.action("forgotten")
async def forgotten(ctx: Context, question: str) -> Reply:
    """Leave nothing of a question, here or at the desk."""
    await _forget(ctx, await mine(ctx, question))
    return Reply(ctx.t("forgotten-now"), (_after(ctx),), edit=True)


async def _forget(ctx: Context, row: Row) -> None:
    await forget_id(ctx.tx, row)
    await desk.vanish(ctx, row, settled=TAKEN_BACK)
    ctx.tx.notes.add(SCRUB)


def _after(ctx: Context) -> Buttons:
    return Button(ctx.t("all-of-mine"), "questions"), crisis.button(ctx.t)


# -- report


@cog.action("report", writes=False)
async def report(ctx: Context, question: str, line: str = "") -> Reply:
    """Ask whether an answer shall be shown to whoever is responsible; where there are several, which one."""
    row = await mine(ctx, question)
    said = [each for each in await _lines(ctx, row) if each.kind in TOLD]
    if not said:
        raise UserError("no-answer-yet")
    chosen = next((each for each in said if each.id == line), said[0] if len(said) == 1 else None)
    if chosen is None:
        options = tuple(Option(each.id, clip(desk.quote(each.text), LABEL)) for each in said[-MENU_OPTIONS:])
        menu = Menu(ctx.t("which-answer"), "questions.report", options, (question,))
        return Reply(ctx.t("report-which"), ((menu,), _after(ctx)))
    community = await communities.load(ctx.tx, row["community"])
    if await communities.steward(ctx.tx, community.id) is None:
        return Reply(ctx.t("report-nobody", who=community.responsible), (_after(ctx),))
    yes = Button(ctx.t("report-yes"), "questions.reported", [question, chosen.id])
    keep = Button(ctx.t("report-no"), "questions.open", [question])
    return Reply(ctx.t("report-sure", who=community.responsible), ((yes, keep), (crisis.button(ctx.t),)))


@cog.action("reported")
async def reported(ctx: Context, question: str, line: str) -> Reply:
    """Show the question and an answer to whoever is responsible, in private: not who asked, and not at the desk."""
    row = await mine(ctx, question)
    said = next((each for each in await _lines(ctx, row) if each.id == line and each.kind in TOLD), None)
    if said is None:
        raise UserError("no-answer-yet")
    community = await communities.load(ctx.tx, row["community"])
    steward = await communities.steward(ctx.tx, community.id)
    if steward is None:
        return Reply(ctx.t("report-nobody", who=community.responsible), (_after(ctx),), edit=True)
    if line in card_of(row).reported:
        return Reply(ctx.t("report-sent-already"), (_after(ctx),), edit=True)
    await set_card(ctx.tx, row, reported=(*card_of(row).reported, line))
    say = ctx.texts.speaker(steward.locale, "questions")
    parts = [
        say("report-question", community=community.name, question=row["text"]),
        say("report-answer", coach=asker.signed(say, said), answer=said.text),
    ]
    whole = "\n\n".join(parts)
    name = f"q-{question}-report-{len(card_of(row).reported) + 1}"
    for number, text in enumerate([whole] if length(whole) <= TEXT else parts):
        await ctx.outbox.send(
            steward.private,
            Reply(text),
            name=name if number == 0 else f"{name}b",
            subject=name,
            lane=Lane.DESK,
            settled="questions.report_settled" if number == 0 else None,
            keep=False,
        )
    return Reply(ctx.t("report-sent", who=community.responsible), (_after(ctx),), edit=True)


@cog.settled("report_settled")
async def report_settled(work: Work, subject: str, fate: Fate) -> None:
    """Tell whoever reported an answer where that did not get through, and how else it can."""
    if fate == "sent":
        return
    log.error("report-not-delivered", extra={"outcome": fate})
    row = await work.tx.row(table, table.c.id == subject.split("-")[1])
    if row is not None:
        community = await communities.load(work.tx, row["community"])
        say = await asker.speaker(work, row)
        reply = Reply(say("report-lost", who=community.responsible), ((crisis.button(say),),))
        await asker.tell(work, row, reply, f"unreported-{subject.rpartition('-')[2]}")
