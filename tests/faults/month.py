"""Weeks of a desk: people ask, coaches answer, time moved and not slept; who was promised what, and what came of it.

The process stops and begins anew on the same file, the platform is out, chats are closed, desks come and go. Every
promise is counted by what people read, and by a book that is kept beside it; not by what the program says of itself.
"""

import random
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import func, select

from bot import communities
from bot.adapter import Delivery, Edit, Outcome, Retry, Send, Sent, Unreachable
from bot.communities import Purpose
from bot.due import due
from bot.model import Account, Button, Call, Form, Place, Reply
from bot.outbox import State as Stands
from bot.outbox import outbox
from bot.sender import BATCH, Sender
from cogs.faq import published
from cogs.questions import desks, move, questions
from cogs.questions.store import OPEN_STATES, State
from cogs.questions.tallies import RATED, RATINGS, tallies
from tests.harness import DESK, ELSEWHERE, OTHER_DESK, TOWN, Double, Person, World, new_world

BEGINS = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
KEPT_DAYS, JITTER = 3, 10
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPEN, STILL_AFTER, ANSWERED_FOR, UNANSWERED_FOR, LEASE, LATE = 3, DAY, 7 * DAY, 14 * DAY, 31, 3 * HOUR
SILENT, CHANGED_FOR = 3 * DAY, timedelta(minutes=16)
LETTERS = str.maketrans("01234567", "bcdfghjk")  # that spell nothing, nor a number that somebody could be rung up by
MARK = re.compile(r"\b(?:ask|reply|back|word|note|more|pub)-\d+(?:-[b-k]+)?\b")
TOLD = re.compile(r"\b(?:reply|back|word)-(\d+)-[b-k]+\b")
UNTIL = re.compile(r"has it, until about (\d\d):(\d\d) UTC")
FATES = ("Delivered.", "They can't be reached.", "It could not be delivered", "It may or may not have arrived.")
STEWARD = Account("test", "steward")
PRESSES = ("claim", "release", "hand", "more", "urgent", "next", "pass", "worried", "passages", "insist", "give")


@dataclass
class Question:
    """A question, as the book knows it. `over` is when it was closed, and `gone` when nothing of it may be left."""

    number: int
    who: str
    id: str
    asked: datetime
    sealed: bytes = field(repr=False)
    told: list[datetime] = field(default_factory=list[datetime])  # when coaches wrote to its asker
    last: datetime = BEGINS  # that anything was said which its asker knows of
    came: datetime = BEGINS  # when anything came to its asker
    blurred: bool = False  # something was taken back: when it was answered first is not known any more
    over: datetime | None = None
    by_hand: bool = False  # closed by a coach, or taken back by its asker
    gone: datetime | None = None


@dataclass
class Watched(Double):
    """The platform in memory: some chats are closed, and for a while all of it is out. It takes a nonce once."""

    closed: set[str] = field(default_factory=set[str])
    out: bool = False
    taken: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    came: list[tuple[Place, Reply, bool]] = field(default_factory=list[tuple[Place, Reply, bool]])
    missed: list[Reply] = field(default_factory=list[Reply])

    async def deliver(self, what: Delivery) -> Outcome:
        """Take it, unless there is a reason not to."""
        if self.out:
            return Retry(timedelta(seconds=60), scope="platform")
        if isinstance(what, Send) and what.nonce in self.taken:
            return self.taken[what.nonce]
        if isinstance(what, Send) and what.place.private and what.place.channel in self.closed:
            self.missed.append(what.reply)
            return Unreachable()
        outcome = await super().deliver(what)
        if isinstance(what, Send):
            self.came.append((what.place, what.reply, True))
            if isinstance(outcome, Sent):
                self.taken[what.nonce] = outcome
        elif isinstance(what, Edit):
            self.came.append((what.ref.place, what.reply, False))
        return outcome


@dataclass
class Month:
    """The simulation, and the book."""

    folder: Path
    dice: random.Random
    now: datetime = BEGINS
    world: World = field(init=False)
    platform: Watched = field(default_factory=Watched)
    askers: dict[str, Person] = field(default_factory=dict[str, Person])
    coaches: list[Person] = field(default_factory=list[Person])
    counts: Counter[str] = field(default_factory=Counter[str])
    written: int = 0
    spoke: datetime = BEGINS  # when a coach last wrote to anybody
    book: dict[int, Question] = field(default_factory=dict[int, Question])
    asked_last: dict[str, datetime] = field(default_factory=dict[str, datetime])
    aliases: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    alias_of: dict[int, str] = field(default_factory=dict[int, str])
    blocked: dict[str, datetime] = field(default_factory=dict[str, datetime])
    going: dict[str, str] = field(default_factory=dict[str, str])  # what goes, and to whom
    lines: dict[str, str] = field(default_factory=dict[str, str])  # the id in a button, and what it would take back
    had: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])  # what came to whom, how often
    settled: dict[str, datetime] = field(default_factory=dict[str, datetime])  # when it came
    missed: dict[str, datetime] = field(default_factory=dict[str, datetime])  # when it could not come, first
    sent: dict[str, datetime] = field(default_factory=dict[str, datetime])  # when a coach sent it
    still: Counter[int] = field(default_factory=Counter[int])
    unanswered: Counter[int] = field(default_factory=Counter[int])
    yes: set[str] = field(default_factory=set[str])
    reported: set[str] = field(default_factory=set[str])
    shown_steward: Counter[str] = field(default_factory=Counter[str])
    ratings: dict[int, int] = field(default_factory=dict[int, int])
    shut: dict[str, list[datetime]] = field(default_factory=dict[str, list[datetime]])  # when a chat was closed, opened
    back: datetime = BEGINS  # when the platform is there again
    two_desks: bool = False
    slow: list[tuple[datetime, datetime]] = field(default_factory=list[tuple[datetime, datetime]])  # when nothing ran

    # -- running

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[World]:
        """Begin anew on the same file."""
        ids = random.Random(self.dice.random())

        def token_hex(size: int) -> str:
            return ids.randbytes(size).hex()

        with patch("secrets.token_hex", token_hex):  # what a seed has found, it finds again
            async with new_world(self.folder) as world:
                world.platform = world.house.adapters["test"] = self.platform
                world.sender = Sender(world.house, self.platform)
                await world.sender.take_up()
                world.clock.at = self.now
                self.world = world
                for person in (*self.askers.values(), *self.coaches):
                    person.world = world
                yield world
                self.now = world.clock.at

    async def lives(self, askers: int, coaches: int, days: int, events: int) -> None:
        """Let so many people ask and answer for so many days, and do so many things in them."""
        end, pause = self.now + timedelta(days=days), timedelta(days=days) / events
        async with self.running() as world:
            await self.begins(world, askers, coaches)
        while self.now < end:
            until = min(self.now + timedelta(hours=self.dice.uniform(6, 72)), end)
            async with self.running() as world:
                happens = self.now
                while self.now < until:
                    await self.goes_to(world, min(happens, until))
                    if self.now < until:
                        await self.looks(world)
                        await self.happen(world)
                        happens = self.now + pause * self.dice.expovariate(1)
                await self.dies(world)
            self.counts["restarts"] += 1
            if self.dice.random() < 0.3:
                begun, self.now = self.now, self.now + timedelta(hours=self.dice.choice((0.2, 1, 5)))
                self.slow.append((begun, self.now))
        self.platform.out = False
        async with self.running() as world:
            for who in self.askers:
                await self.awake(who)
            await self.goes_to(world, self.now + 2 * HOUR)
            await self.check(world)

    async def begins(self, world: World, askers: int, coaches: int) -> None:
        """Let them join."""
        async with world.house.store.transaction() as tx:
            kept = {"jitter": JITTER, "kept_days": KEPT_DAYS}
            await tx.upsert(desks, community=world.community.id, **kept)
            await communities.set_steward(tx, world.house.vault, world.community.id, STEWARD)
            for number in range(coaches):
                who = Account("test", f"coach{number}")
                await communities.name_coach(tx, world.house.vault, world.community.id, who, coach=True)
        for number in range(coaches):
            self.platform.coaches.add(f"coach{number}")
            person = world.person(f"coach{number}", DESK)
            await person.says(f"/sign Coach {chr(65 + number)}")
            self.coaches.append(person)
        for number in range(askers):
            self.askers[f"mark{number}"] = await world.member(f"mark{number}")

    async def goes_to(self, world: World, then: datetime) -> None:
        """Let what is due happen when it is due, until `then`."""
        while True:
            async with world.house.store.reading() as tx:
                first = (await tx.execute(select(func.min(due.c.at)))).scalar_one()
                waits = select(func.min(outbox.c.due_at)).where(outbox.c.state == Stands.WAITING)
                out = None if self.platform.out else (await tx.execute(waits)).scalar_one()
            at = min(each for each in (first, out, then) if each is not None)
            self.now = world.clock.at = max(self.now, min(at, then))
            await self.settles(world)
            if self.now >= then:
                return
            if at <= self.now:  # it could not be done now
                self.now = world.clock.at = min(self.now + timedelta(minutes=1), then)

    async def settles(self, world: World) -> None:
        """Do and send what is due, and let it be read."""
        await world.settle()
        self.reads()

    async def dies(self, world: World) -> None:
        """Let the process be killed with things on their way, of which some have arrived."""
        async with world.house.store.transaction() as tx:
            batch = await world.sender.claims.take(tx, world.clock.now(), BATCH)
        for _, what in batch:
            if isinstance(what, Send) and self.dice.random() < 0.5:
                await self.platform.deliver(what)
        self.reads()

    # -- reading

    def reads(self) -> None:
        """Read what came, and see that nobody reads what they should not."""
        came, self.platform.came = self.platform.came, []
        for place, reply, new in came:
            text = reply.text
            if place.private and place.channel == STEWARD.id:
                self.shown_steward.update(set(TOLD_MARK.findall(text)) if new else ())
            elif place.private:
                self.reads_private(place.channel, text, new=new)
            else:
                self.reads_public(place, reply)
        for reply in self.platform.missed:
            for mark in TOLD_MARK.findall(reply.text):
                self.missed.setdefault(mark, self.now)
        self.platform.missed.clear()

    def reads_private(self, who: str, text: str, *, new: bool) -> None:
        """Read what came to somebody: it is about their own questions alone."""
        for mark in MARK.findall(text):
            if not mark.startswith("pub"):
                number = int(mark.split("-")[1])
                assert self.book[number].who == who, (who, text)
        for mark in TOLD_MARK.findall(text):
            self.had[who, mark] += new
            if not new:  # it was changed there
                self.had[who, mark] = max(self.had[who, mark], 1)
            self.settled.setdefault(mark, self.now)
            self.book[int(mark.split("-")[1])].came = self.now
        asked = re.search(r"ask-(\d+)", text)
        if asked and "It still waits" in text:
            self.still[int(asked[1])] += 1
            question = self.book[int(asked[1])]
            early = STILL_AFTER - HOUR - timedelta(seconds=1)
            assert self.now - question.asked >= early, (question, self.now)
            held = self.was_shut(who, question.asked, self.now)
            late = self.now - question.asked > STILL_AFTER + HOUR
            assert held or not late or self.was_down(question.asked, 26 * HOUR), (question, self.now)
            self.counts["still waits"] += 1
        if asked and "Two weeks have gone by" in text:
            self.unanswered[int(asked[1])] += 1
            self.counts["closed unanswered"] += 1

    def reads_public(self, place: Place, reply: Reply) -> None:
        """Read what came where coaches sit, or everybody: it names nobody, and says no more than it may."""
        text = repr(reply)
        assert "mark" not in text.casefold(), text
        if place == TOWN:
            return
        if place in (DESK, OTHER_DESK):
            self.reads_desk(reply.text)

    def reads_desk(self, text: str) -> None:
        """Read how a question stands now."""
        if found := UNTIL.search(text):
            minutes = int(found[1]) * 60 + int(found[2]) - self.now.hour * 60 - self.now.minute
            assert 0 <= minutes % 1440 <= LEASE, (text, self.now)
        asked = re.search(r"\bask-(\d+)\b", text)
        if asked and int(asked[1]) not in self.alias_of and (question := self.book.get(int(asked[1]))):
            self.meets(question, text.partition("\n")[0].partition(" · ")[0])
        told = list(TOLD.finditer(text))
        if any(fate in text for fate in FATES) and told:
            mark = told[-1][0]
            # Nothing is tried where a chat is known to be closed.
            since = self.settled[mark] if "Delivered." in text else self.missed.get(mark, self.sent[mark])
            assert self.now - since >= LATE, (mark, text, self.now)
            self.counts["fates shown"] += 1

    def meets(self, question: Question, alias: str) -> None:
        """Note under which name a question came: its asker never had it, and none that stands there has it."""
        assert alias not in self.aliases.setdefault(question.who, set()), alias
        here = {
            self.alias_of[each.number] for each in self.book.values() if each.number in self.alias_of and not each.gone
        }
        assert alias not in here, alias
        self.aliases[question.who].add(alias)
        self.alias_of[question.number] = alias

    def was_down(self, since: datetime, within: timedelta) -> bool:
        """Tell whether nothing ran, or came through, at some time since then."""
        return any(begun < since + within and end > since for begun, end in self.slow) or self.platform.out

    def was_shut(self, who: str, since: datetime, until: datetime) -> bool:
        """Tell whether nothing could reach somebody at some time between the two."""
        times = [*self.shut.get(who, []), datetime.max.replace(tzinfo=UTC)]
        return any(begun <= until and end >= since for begun, end in zip(times[::2], times[1::2], strict=False))

    def text(self, what: str, number: int | None = None) -> str:
        """Return a mark that nothing else has."""
        self.written += 1
        mark = f"{self.written:o}".translate(LETTERS)
        return f"{what}-{number}-{mark}" if number is not None else f"{what}-{mark}"

    # -- what happens

    async def happen(self, world: World) -> None:
        """Let somebody do something."""
        chance = self.dice.random()
        self.platform.out = self.platform.out and self.now < self.back
        if chance < 0.3:
            await self.asks(world, self.dice.choice(list(self.askers)))
        elif chance < 0.55:
            await self.asker_does(world)
        elif chance < 0.94:
            await self.coach_does(world)
        elif chance < 0.95:
            await self.desk_changes(world)
        elif chance < 0.96:
            self.platform.out, until = True, self.now + timedelta(hours=self.dice.choice((1, 6, 20)))
            self.slow.append((self.now, until + HOUR))
            self.back = until
            self.counts["outages"] += 1
        else:
            await self.leaves(world, self.dice.choice(list(self.askers)))
        self.reads()
        await self.looks(world)

    async def asks(self, world: World, who: str) -> None:
        """Ask, and see that a refusal is due, and no refusal is."""
        person = await self.awake(who)
        mine, rows = {each.id for each in self.book.values() if each.who == who}, await self.rows(world)
        open_now = sum(rows[id]["state"] in OPEN_STATES for id in mine & rows.keys())
        last = self.asked_last.get(who)
        refused = {
            "questions of yours are waiting": open_now >= OPEN,
            "One question an hour": last is not None and self.now < last + HOUR,
            "take no questions": who in self.blocked and self.now < self.blocked[who],
        }
        number = len(self.book) + 1
        reply = await person.says(f"/ask Should I write to them? ask-{number}")
        if "have not answered for three days" in reply.text:
            assert self.now - self.spoke >= SILENT - HOUR, (self.spoke, self.now)
            self.counts["refused by a silent desk"] += 1
            return
        assert ("Send" in person.labels) != any(refused.values()), (reply.text, refused)
        if "Send" not in person.labels:
            assert any(due and words in reply.text for words, due in refused.items()), (reply.text, refused)
            self.counts["refused"] += 1
            return
        if self.dice.random() < 0.1:
            await person.taps("Cancel")
            return
        sent = await person.taps("Send")
        assert isinstance(sent, Reply)
        assert "goes to the coaches" in sent.text, sent
        (id,) = (await self.rows(world)).keys() - rows.keys()
        with closing(sqlite3.connect(world.path)) as file:
            sealed = file.execute("SELECT text FROM questions WHERE id = ?", (id,)).fetchone()[0]
        self.book[number] = Question(number, who, id, self.now, bytes(sealed), last=self.now)
        self.asked_last[who] = self.now
        self.counts["asked"] += 1

    async def awake(self, who: str) -> Person:
        """Return somebody whose chat is open; where it was closed, they say so: what waits for them comes then."""
        person = self.askers[who]
        if who in self.platform.closed:
            self.platform.closed.discard(who)
            self.shut[who].append(self.now)
            await person.says("/help")
        return person

    async def rows(self, world: World) -> dict[str, Any]:
        """Return where each question stands, by its id."""
        about = select(questions.c.id, questions.c.state, questions.c.claimed_until)
        async with world.house.store.reading() as tx:
            return {row["id"]: row for row in (await tx.execute(about)).mappings()}

    async def presses(self, person: Person, action: str, *args: str, **values: str) -> Reply | Form | None:
        """Press a button, or send a form with `values`; now and then it is delivered twice."""
        call = Call("", person.account, person.place, None, f"questions.{action}", args, values)
        id = self.text(f"press-{person.account.id}")
        answer = await person.calls(call, id=id)
        if self.dice.random() < 0.2:
            await person.calls(call, id=id)
            person.last = answer
        self.counts[action] += 1
        return answer

    async def asker_does(self, world: World) -> None:
        """Somebody does something with a question of theirs."""
        kept = [each for each in self.book.values() if each.gone is None]
        if not kept:
            return
        question = self.dice.choice(kept)
        number, id, person = question.number, question.id, await self.awake(question.who)
        what = self.dice.choices(
            ("follow", "thank", "rate", "reported", "withdrawn", "forgotten", "publish", "close chat", "questions"),
            (5, 2, 3, 1, 1, 1, 5, 3, 2),
        )[0]
        match what:
            case "follow":
                form = await self.presses(person, "follow", id)
                if isinstance(form, Form):
                    text = self.text("more", number)
                    await self.presses(person, "follow", id, more=f"And then? {text}")
                    sent = await person.taps("Send")
                    if isinstance(sent, Reply) and "goes to the coaches" in sent.text:
                        question.last, question.told, question.blurred = self.now, [], True
            case "rate":
                rating = self.dice.choice(RATINGS)
                reply = await self.presses(person, "rate", id, str(rating))
                if isinstance(reply, Reply) and "It is counted" in reply.text:
                    self.ratings[number] = rating
            case "reported":
                mine = [mark for mark, who in self.going.items() if who == question.who and f"-{number}-" in mark]
                mine = [mark for mark in mine if self.had[question.who, mark]]
                line = next((line for line, mark in self.lines.items() if mark in mine), None)
                if line:
                    reply = await self.presses(person, "reported", id, line)
                    if isinstance(reply, Reply) and "is shown it now" in reply.text:
                        self.reported.add(self.lines[line])
            case "withdrawn":
                reply = await self.presses(person, "withdrawn", id)
                if isinstance(reply, Reply) and "It is withdrawn" in reply.text:
                    self.ends(question)
                    if not await self.row(world, question):
                        question.gone = self.now
            case "forgotten":
                await self.presses(person, "forgotten", id)
                if not await self.row(world, question):
                    self.ends(question)
                    question.gone = self.now
            case "publish":
                await self.decides(person, question)
            case "close chat":
                self.platform.closed.add(question.who)
                self.shut.setdefault(question.who, []).append(self.now)
            case "questions":
                await person.says("/questions")
                assert question.over or f"ask-{number}" in person.seen.text or not await self.row(world, question)
            case _:
                await self.presses(person, "thank", id)

    async def decides(self, person: Person, question: Question) -> None:
        """Say yes, or no, to what they are asked whether it may be published."""
        for _, reply in self.platform.said.get(person.account.private, []):
            buttons = [item for row in reply.rows for item in row if isinstance(item, Button)]
            button = next((each for each in buttons if each.action == "questions.may"), None)
            if button is not None and button.args[0] == question.id:
                answer = self.dice.choice(("may", "may_not"))
                shown = await self.presses(person, answer, *button.args)
                if isinstance(shown, Reply) and "It will be published within two days" in shown.text:
                    self.yes |= {mark for mark in MARK.findall(reply.text) if mark.startswith("pub")}

    def ends(self, question: Question) -> None:
        """Note that a question is over by hand: what has not come does not come."""
        question.over = question.over or self.now
        question.by_hand = True
        self.lets_go(question)

    def lets_go(self, question: Question) -> None:
        """Expect nothing more of what has not come."""
        for mark in [mark for mark in self.going if mark.split("-")[1] == str(question.number)]:
            if not self.had[question.who, mark]:
                del self.going[mark]

    async def row(self, world: World, question: Question) -> Any:
        """Return where it stands, or None."""
        return (await self.rows(world)).get(question.id)

    async def coach_does(self, world: World) -> None:
        """A coach does something with what stands at a desk."""
        place = OTHER_DESK if self.two_desks and self.dice.random() < 0.4 else DESK
        who = self.dice.choice(self.coaches)
        who.place, who.shown = place, None
        standing = [each for each in self.platform.said.get(place, []) if re.search(r"\bask-\d+", each[1].text)]
        if not standing:
            return
        _, reply = self.dice.choice(standing)
        number = int(re.findall(r"\bask-(\d+)", reply.text)[0])
        question = self.book[number]
        what = self.dice.choices(
            ("answer", "back", "press", "note", "word", "shut", "keep_out", "publish", "undo", "change", "queue"),
            (12, 2, 5, 1, 1.5, 1, 0.3, 2, 2, 5, 1),
        )[0]
        match what:
            case "answer" | "back":
                await self.answers(who, question, what)
                if self.dice.random() < 0.35:  # and thinks again
                    await self.goes_to(world, self.now + timedelta(minutes=self.dice.choice((0.5, 0.5, 5, 5, 14))))
                    await self.changes(who, question)
            case "note":
                await self.presses(who, "note", question.id, text=f"Mind this. {self.text('note', number)}")
            case "word":
                await self.closes(who, question)
            case "shut":
                await self.presses(who, "shut", question.id)
                await self.is_closed(who, question)
            case "keep_out":
                shown = await self.presses(who, "keep_out", question.id, "7")
                if isinstance(shown, Reply) and "can ask nothing here" in shown.text:
                    self.blocked[question.who] = self.now.replace(minute=0, second=0, microsecond=0) + 7 * DAY
            case "publish":
                form = await self.presses(who, "publish", question.id)
                if isinstance(form, Form):
                    text = self.text("pub", number)
                    await self.presses(who, "publish", question.id, question=f"Write? {text}", answer=f"Wait. {text}")
            case "undo":
                await self.takes_back(who, question)
            case "change":
                await self.changes(who, question)
            case "queue":
                await who.says("/queue")
                await self.presses(who, "next")
            case _:
                await self.presses_any(who, question, reply)
        if who.last is not None:
            assert "mark" not in repr(who.last).casefold(), who.last

    async def answers(self, who: Person, question: Question, what: str) -> None:
        """Write to the asker."""
        form = await self.presses(who, "anyway" if what == "answer" else "back", question.id)
        if isinstance(form, Form):
            await self.writes(who, question, form)

    async def writes(self, who: Person, question: Question, form: Form) -> None:
        """Fill in the form with what goes to the asker."""
        what = "back" if form.submit == "questions.back" else "reply"
        text, name = self.text(what, question.number), form.fields[0].name
        sent = await self.presses(who, form.submit.removeprefix("questions."), *form.args, **{name: f"Wait. {text}"})
        while isinstance(sent, Reply):
            buttons = {item.action: item for row in sent.rows for item in row if isinstance(item, Button)}
            if undo := buttons.get("questions.undo"):
                self.lines[undo.args[1]] = text
                if "Going out in" in sent.text:
                    self.going[text] = question.who
                    self.sent[text] = self.spoke = self.now
                    question.told.append(self.now)
                    question.last = self.now
                    self.counts["going"] += 1
                return
            insist = buttons.get("questions.insist")
            sent = await self.presses(who, "insist", *insist.args) if insist and self.dice.random() < 0.5 else None

    async def takes_back(self, who: Person, question: Question) -> None:
        """Take back what goes out just now."""
        mine = [line for line, mark in self.lines.items() if mark.split("-")[1] == str(question.number)]
        if not mine:
            return
        mark = self.lines[mine[-1]]
        shown = await self.presses(who, "undo", question.id, mine[-1])
        if isinstance(shown, Reply) and shown.text.startswith("Taken back"):
            self.is_taken_back(question, mark)

    def is_taken_back(self, question: Question, mark: str) -> None:
        """Note that something does not go out."""
        assert not self.had[question.who, mark], mark
        self.going.pop(mark, None)
        question.blurred = True
        self.counts["taken back"] += 1

    async def changes(self, who: Person, question: Question) -> None:
        """Word anew what a coach wrote last: what has not gone out is taken back, the rest changes for its asker."""
        mine = [line for line, mark in self.lines.items() if mark.split("-")[1] == str(question.number)]
        if not mine:
            return
        line, old = mine[-1], self.lines[mine[-1]]
        form = await self.presses(who, "change", question.id, line)
        if not isinstance(form, Form):
            return
        assert old in (form.fields[0].value or ""), (form, old)
        if form.submit != "questions.change":
            self.is_taken_back(question, old)
            await self.writes(who, question, form)
            return
        new = self.text(old.partition("-")[0], question.number)
        shown = await self.presses(who, "change", question.id, line, answer=f"Wait. {new}")
        if not (isinstance(shown, Reply) and shown.text.startswith("It is changed")):
            return
        assert self.now - self.sent[old] <= CHANGED_FOR, (old, self.now)
        self.lines[line], self.sent[new] = new, self.sent[old]
        for since in (self.settled, self.missed):
            if old in since:
                since[new] = since[old]
        if old in self.going:
            self.going[new] = question.who
            if not self.had[question.who, old]:
                del self.going[old]
        self.counts["changed"] += 1

    async def closes(self, who: Person, question: Question) -> None:
        """Close it, with a word."""
        text = self.text("word", question.number)
        await self.presses(who, "word", question.id, text=f"Be well. {text}")
        if await self.is_closed(who, question):
            self.going[text] = question.who
            self.sent[text] = self.now

    async def is_closed(self, who: Person, question: Question) -> bool:
        """Note, once, that a coach has closed a question; tell whether it was this time."""
        row = await self.row(who.world, question)
        if row is None or row["state"] != State.CLOSED or question.over is not None:
            return False
        question.over, question.by_hand = self.now, True
        self.counts["closed by a coach"] += 1
        return True

    async def presses_any(self, who: Person, question: Question, reply: Reply) -> None:
        """Press a button, and one more of what that shows."""
        action = self.dice.choice(PRESSES)
        args = (question.id, "anyone") if action == "give" else (question.id,)
        if action in ("next", "insist"):
            args = () if action == "next" else (question.id, "nothing")
        await self.presses(who, action, *args)

    async def desk_changes(self, world: World) -> None:
        """A second desk is added, or taken away."""
        async with world.house.store.transaction() as tx:
            if self.two_desks:
                await communities.clear_place(tx, world.community, Purpose.DESK, ELSEWHERE)
            else:
                await communities.set_place(tx, world.community, Purpose.DESK, OTHER_DESK, ELSEWHERE, name="#other")
            world.community = await communities.load(tx, world.community.id)
            await move(world.house.work(tx), world.community)
        self.two_desks = not self.two_desks
        self.counts["desks changed"] += 1

    async def leaves(self, world: World, who: str) -> None:
        """Somebody erases everything, and joins anew: the pause of a block is theirs still."""
        person = await self.awake(who)
        await person.says("/forget")
        await person.taps("Yes, erase everything")
        for question in self.book.values():
            if question.who == who and question.gone is None:
                self.ends(question)
                question.gone = self.now
        self.asked_last.pop(who, None)
        self.aliases.pop(who, None)
        self.askers[who] = await world.member(who)
        self.counts["erased"] += 1

    # -- the book

    async def looks(self, world: World) -> None:
        """Compare the book with what there is."""
        rows = await self.rows(world)
        for question in self.book.values():
            row = rows.get(question.id)
            if question.gone is not None:
                assert row is None, question
                continue
            if row is not None:
                assert row["claimed_until"] is None or row["claimed_until"] > self.now - timedelta(minutes=2), row
            slack = HOUR + (6 * HOUR if self.was_down(self.now - DAY, DAY) else timedelta(0))
            if question.over is None and (row is None or row["state"] == State.CLOSED):
                kept = UNANSWERED_FOR if not question.told and not question.blurred else ANSWERED_FOR
                assert self.now - question.last >= kept - HOUR, (question, self.now)
                question.over = self.now
                self.counts["closed by itself"] += 1
            if question.over is None:
                since = max(question.last, question.came)
                assert self.now - since <= UNANSWERED_FOR + slack, (question, self.now)
                if row["state"] == State.ANSWERED:
                    assert self.now - since <= ANSWERED_FOR + slack, (question, self.now)
            elif row is None:
                assert question.by_hand or self.now - question.over >= KEPT_DAYS * DAY - HOUR - DAY, question
                question.gone = self.now
                self.counts["destroyed"] += 1
                if question.who in self.platform.closed:  # what waited for them is destroyed with the rest
                    self.lets_go(question)
            else:
                assert self.now - question.over <= KEPT_DAYS * DAY + slack, (question, self.now)

    async def check(self, world: World) -> None:
        """See that every promise was held."""
        await self.looks(world)
        for mark, who in self.going.items():
            assert self.had[who, mark] == 1, (
                mark,
                self.book[int(mark.split("-")[1])],
                self.sent[mark],
                self.shut.get(who),
            )
        assert set(self.had.values()) <= {0, 1}, [each for each, often in self.had.items() if often > 1]
        assert {mark for (_, mark), often in self.had.items() if often} >= set(self.going)
        for question in self.book.values():
            assert self.still[question.number] <= 1, question
            assert self.unanswered[question.number] <= 1, question
            first = min(filter(None, [*question.told[:1], question.over]), default=self.now)
            due_by = question.asked + STILL_AFTER + 2 * HOUR
            if not question.blurred and first > due_by and not self.was_shut(question.who, due_by - 3 * HOUR, first):
                assert self.still[question.number] == 1 or question.over == question.gone, question
        assert self.reported == set(self.shown_steward), self.reported ^ set(self.shown_steward)
        assert set(self.shown_steward.values()) <= {1}
        async with world.house.store.reading() as tx:
            out = {mark for row in await tx.rows(published) for mark in MARK.findall(row["question"])}
            rated = {row["what"]: row["count"] for row in await tx.rows(tallies) if row["what"].startswith(RATED)}
        assert out == self.yes, out ^ self.yes
        said = {mark for reply in self.platform.at(TOWN) for mark in MARK.findall(reply.text)}
        assert said <= self.yes, said
        wanted = Counter(f"{RATED}-{rating}" for rating in self.ratings.values())
        assert {what: number for what, number in rated.items() if number} == wanted
        await self.nothing_left(world)

    async def nothing_left(self, world: World) -> None:
        """See that nothing of what is gone is left: in the file, at a desk."""
        await world.house.store.scrub()
        raw = b"".join(path.read_bytes() for path in sorted(self.folder.glob("unsent.sqlite*")))
        gone = [each for each in self.book.values() if each.gone]
        for question in gone:
            assert question.id.encode() not in raw, question
            assert question.sealed[:48] not in raw, question
            for place in (DESK, OTHER_DESK):
                for reply in self.platform.at(place):
                    assert f"ask-{question.number}\n" not in f"{reply.text}\n", (question, reply.text)
                    assert question.id not in repr(reply), (question, reply)
        kept = [each for each in self.book.values() if not each.gone]
        assert all(each.id.encode() in raw for each in kept)
        self.counts |= Counter({"gone without a trace": len(gone), "still there": len(kept)})


TOLD_MARK = re.compile(r"\b(?:reply|back|word)-\d+-[b-k]+\b")
