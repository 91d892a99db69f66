"""Fifty who ask, eight who coach, restarts, all delivered twice: every answer comes once, and to its asker."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.adapter import Delivery, Outcome, Retry, Send, Sent, Unreachable
from bot.model import Button, Call, Form, Ref, Reply
from bot.sender import BATCH
from cogs.questions import questions
from cogs.questions.store import State
from tests.cogs.test_desk import named
from tests.harness import DESK, Person, World, new_world

ASKERS, COACHES, STEPS = 50, 8, 250
PRESSED = (
    "Claim",
    "Release",
    "Ask back",
    "More",
    "Undo",
    "Next",
    "Pass",
    "I'm worried",
    "Send it all the same",
    "Urgent",
)


@dataclass
class Walk:
    """One walk: `going` is what goes, by text, to whom; `back` what was taken back or never went."""

    world: World
    dice: random.Random
    askers: list[Person]
    coaches: list[Person]
    going: dict[str, str] = field(default_factory=dict[str, str])
    lines: dict[str, str] = field(default_factory=dict[str, str])  # the id in the Undo button, and what it takes back
    written: int = 0

    def text(self, what: str) -> str:
        """Return a text that nobody else writes."""
        self.written += 1
        return f"{what}-{self.written}."

    async def twice(self, who: Person, call: Call) -> Reply | Form | None:
        """Make a Call, which is often delivered again."""
        id = self.text(who.account.id)
        answer = await who.calls(call, id=id)
        if self.dice.random() < 0.3:
            await who.calls(call, id=id)
            who.last = answer
        return answer

    async def asks(self) -> None:
        """Somebody asks."""
        who = self.dice.choice(self.askers)
        await who.says(f"/ask {self.text(f'question of {who.account.id}')}")
        send = who.buttons.get("Send")
        if send:
            await self.twice(who, Call("", who.account, who.place, None, send.action, send.args))

    async def coaches_on(self) -> None:
        """A coach does something with what stands at the desk."""
        who, standing = self.dice.choice(self.coaches), self.world.platform.said.get(DESK, [])
        if not standing:
            return
        ref, reply = self.dice.choice(standing)
        what = self.dice.choice(("answer", "answer", "press", "press", "change", "queue"))
        if what == "queue":
            reply, ref = await who.says("/queue"), None
        for _ in range(self.dice.randint(1, 4)):
            buttons = [item for row in reply.rows for item in row if isinstance(item, Button)]
            if what == "answer":
                button = next(
                    (each for each in buttons if each.action in ("questions.answer", "questions.anyway")), None
                )
            elif what == "change":
                button = next((each for each in buttons if each.action == "questions.change"), None)
            else:
                button = self.dice.choice([each for each in buttons if each.label in PRESSED] or [None])
            if button is None:
                return
            shown = await self.presses(who, button, ref)
            if not isinstance(shown, Reply):
                return
            reply = shown

    async def presses(self, who: Person, button: Button, ref: Ref | None) -> Reply | None:
        """Press a button; where it opens a form, fill that in. Keep the books."""
        taken = button.args[1] if button.action in ("questions.undo", "questions.change") else ""
        answer = await self.twice(who, Call("", who.account, who.place, None, button.action, button.args, message=None))
        if isinstance(answer, Reply) and button.action == "questions.insist":
            await self.note(answer)
        if button.action == "questions.undo" and isinstance(answer, Reply) and answer.text.startswith("Taken back"):
            self.going.pop(self.lines[taken], None)
        if not isinstance(answer, Form):
            return answer
        if button.action == "questions.change" and answer.submit != "questions.change":
            self.going.pop(self.lines[taken], None)  # it is held
        if self.dice.random() < 0.15:
            return None  # they close it
        text = self.text("words")
        values = {each.name: text for each in answer.fields}
        sent = await self.twice(who, Call("", who.account, who.place, None, answer.submit, answer.args, values))
        if isinstance(sent, Reply) and sent.text.startswith("It is changed."):
            self.going[text] = self.going.pop(self.lines[taken])
            self.lines[taken] = text
        elif isinstance(sent, Reply):
            await self.note(sent)
        return sent if isinstance(sent, Reply) else None

    async def note(self, sent: Reply) -> None:
        """Note what is going out, and to whom."""
        undo = next(
            (i for row in sent.rows for i in row if isinstance(i, Button) and i.action == "questions.undo"), None
        )
        if undo is None:
            return
        async with self.world.house.store.reading() as tx:
            row = await tx.row(questions, questions.c.id == undo.args[0])
        assert row is not None
        text = next(each for each in sent.text.split() if each.startswith("words-"))
        self.going[text], self.lines[undo.args[1]] = row["asker"]["address"], text

    async def dies(self) -> None:
        """The process dies while something is on its way, of which some has arrived; another one starts."""
        world = self.world
        async with world.house.store.transaction() as tx:
            batch = await world.sender.claims.take(tx, world.clock.now(), BATCH)
        for _, what in batch:
            if isinstance(what, Send) and self.dice.random() < 0.5:
                await world.platform.deliver(what)
        world.restart()
        await world.sender.take_up()


def once(deliver: Callable[[Delivery], Awaitable[Outcome]], walk: Walk) -> Callable[[Delivery], Awaitable[Outcome]]:
    """Take what has a nonce once, as Discord does; be down now and then, and not reach somebody."""
    taken: dict[str, Outcome] = {}

    async def delivering(what: Delivery) -> Outcome:
        if isinstance(what, Send) and what.nonce in taken:
            return taken[what.nonce]
        chance = walk.dice.random()
        if chance < 0.1:
            return Retry(timedelta(seconds=30))
        if chance < 0.15 and isinstance(what, Send) and what.place.private:
            return Unreachable()
        outcome = await deliver(what)
        if isinstance(what, Send) and isinstance(outcome, Sent):
            taken[what.nonce] = outcome
        return outcome

    return delivering


@pytest.mark.parametrize("seed", range(3))
async def test_no_answer_is_lost_none_goes_to_another_none_comes_twice(seed: int) -> None:
    dice = random.Random(seed)
    with TemporaryDirectory() as folder:
        async with new_world(Path(folder)) as world:
            coaches = await named(world, *(f"coach{number}" for number in range(COACHES)))
            askers = [await world.member(f"asker{number}") for number in range(ASKERS)]
            walk = Walk(world, dice, askers, coaches)
            deliver = world.platform.deliver
            world.platform.deliver = once(deliver, walk)
            for _ in range(STEPS):
                chance = dice.random()
                if chance < 0.25:
                    await walk.asks()
                elif chance < 0.75:
                    await walk.coaches_on()
                elif chance < 0.95:
                    await world.moves(seconds=dice.choice((5, 30, 61, 600, 1900)))
                else:
                    await walk.dies()
            world.platform.deliver = deliver
            for _ in range(2):
                await world.moves(hours=13)
                for who in askers:
                    await who.says("/help")
            await world.settle()
            had = [
                (word, who.account.id)
                for who in askers
                for said in who.reads()
                for word in said.split()
                if word.startswith("words-")
            ]
            assert len(walk.going) >= 20
            assert sorted(had) == sorted(walk.going.items())
            async with world.house.store.reading() as tx:
                assert not await tx.rows(questions, questions.c.state == State.ANSWERING)
