"""What is kept can be taken along, and is gone when it is to be gone: from the very bytes of the database."""

import json
import random
from pathlib import Path

from sqlalchemy import select

from bot import people
from bot.adapter import Unreachable
from bot.model import Button, Call, Place, Reply
from bot.outbox import Lane, State, outbox
from bot.store import Holds, metadata
from cogs import questions, shouts, unasked
from tests.harness import DESK, Person, World
from tests.zipped import unzipped

CROWD = 200
ID, NAME = "ada-4711-zuzu", "Ada Zuzulela"
WORDS = ("question-zuzu", "answer-zuzu", "draft-zuzu", "half-zuzu", "tip-zuzu")


def personal(world: World) -> Person:
    """Ada, whose every mark can be told apart."""
    ada = world.person(ID)
    object.__setattr__(ada.account, "name", NAME)
    return ada


async def uses_everything(world: World, ada: Person, rowan: Person, other: Person) -> None:
    """Leave something in every table that a person can leave something in. `other` is about to be linked with them."""
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "I cheated", "Yesterday", "Morning"):
        await ada.taps(label)
    await world.moves(hours=20)  # the daily thought arrives
    await ada.says("/zone Europe/Lisbon")
    await ada.says("/contact wrote")
    await ada.taps("What set it off?")
    await ada.chooses("night")
    await ada.taps("Make a plan")
    await ada.fills(when="plan-zuzu", will="call Sam")
    await ada.taps("Remind me of it")
    await ada.chooses("21")
    await ada.says("/contact looked")
    await ada.taps("A private note")
    await ada.fills(note="note-zuzu")
    await ada.opens("/urge")
    await ada.fills(letter="letter-zuzu")
    await ada.says("/settings")
    await ada.chooses("court_order_on")
    await ada.chooses("court_order_off")
    await ada.says("/stage")
    await ada.chooses("healing")
    await comes_unasked(world, ada)
    await ada.says("/checkin hard")
    await ada.taps("Say more")
    await ada.fills(line="checkin-zuzu")
    await shouts_later(world, ada)
    await ada.says("/advice")
    await asks(world, ada, WORDS[0])
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer=WORDS[1])
    await world.moves(hours=1)
    await asks(world, ada, f"{WORDS[0]} again")
    await world.moves(hours=1)
    await ada.opens("/ask")
    await ada.fills(question=WORDS[2])
    await ada.says(f"/tip {WORDS[4]}")
    code = (await ada.says("/link")).text.split()[0]
    await other.says(f"/link {code}")
    await other.taps("Yes, link them")
    ada.modals = False
    await ada.says("/ask")
    twice = Call("late", ada.account, ada.place, None, "streak")
    await world.dispatch.later(twice, Reply("half-zuzu"))
    async with world.house.store.transaction() as tx:
        row = await tx.row(metadata.tables["questions"], metadata.tables["questions"].c.state == "waiting")
        assert row is not None
        await questions.block(world.house.work(tx), row, 7)


async def comes_unasked(world: World, person: Person) -> None:
    """Have something come to them that they did not ask for."""
    async with world.house.store.transaction() as tx:
        work, button = world.house.work(tx), Button("Stop", "streak")
        member = await people.find(tx, world.house.vault, person.account)
        assert member is not None
        assert await unasked.say(work, member, person.place, Reply("Here."), name="note", stop=button, show=button)


async def shouts_later(world: World, person: Person) -> None:
    """Have a milestone of theirs wait until the community is told."""
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, person.account)
        assert member is not None
        await shouts.plan(world.house.work(tx), member, world.community, 7, member.today(world.clock.now()))


async def asks(world: World, person: Person, text: str) -> None:
    """Ask a question."""
    await person.opens("/ask")
    await person.fills(question=text)
    await person.taps("Send")
    await world.settle()


async def crowd(world: World, dice: random.Random, first: int) -> None:
    """Have a hundred others, each with a day and a thought, of whom some change it and some leave."""
    ids: list[str] = []
    async with world.house.store.transaction() as tx:
        tables = metadata.tables
        for number in range(first, first + CROWD // 2):
            account = world.person(f"other-{number}").account
            member = await people.join(tx, world.house.vault, account, zone="UTC", now=world.clock.now())
            entry = {"kind": "start", "day": f"2026-02-{dice.randint(1, 28):02}", "at": "2026-03-01T00:00:00+00:00"}
            await tx.insert(tables["contacts"], id=f"c{number}", member=member.id, entry=entry)
            state = {
                "hour": None,
                "day": None,
                "piece": None,
                "had": [f"piece-{n}" for n in range(dice.randint(0, 40))],
            }
            await tx.insert(tables["readings"], member=member.id, state=state)
            ids.append(member.id)
    for member in dice.sample(ids, CROWD // 8):
        async with world.house.store.transaction() as tx:
            await people.erase(tx, member)


def files(world: World) -> bytes:
    """The bytes of all files of the database."""
    return b"".join(file.read_bytes() for file in sorted(Path(world.path.parent).glob(f"{world.path.name}*")))


async def among_many(world: World) -> Person:
    """Return Ada, who has used everything, among many."""
    ada, rowan, other = personal(world), world.person("rowan", DESK), await world.member("another")
    dice = random.Random(7)
    await crowd(world, dice, 0)
    await uses_everything(world, ada, rowan, other)
    await crowd(world, dice, CROWD)
    return ada


async def test_a_half_filled_form_is_forgotten_too(world: World) -> None:
    ada = await world.member("ada")
    ada.modals = False
    await ada.says("/ask")
    async with world.house.store.reading() as tx:
        forms = metadata.tables["forms"]
        (key,) = (await tx.execute(select(forms.c.key))).scalars().all()
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert key not in files(world)


async def test_who_is_forgotten_is_a_stranger_and_may_come_back(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert "once you have joined" in (await ada.says("/streak")).text
    await world.moves(days=2)
    assert ada.reads() == []
    await ada.says("/join")
    assert "I'm 18 or over, and I agree" in ada.labels


async def test_forget_says_what_was_there_and_what_it_cannot_reach(world: World) -> None:
    ada = await among_many(world)
    await ada.says("/forget")
    seen = await ada.taps("Yes, erase everything")
    assert isinstance(seen, Reply)
    assert seen.text == (
        "Everything kept of you is erased. With your account and what you chose, this is gone:\n\n"
        "• what you said of your days\n"
        "• 3 entries in your ledger\n"
        "• a question you had not sent\n"
        "• one message you did not send\n"
        "• your plans for the next time\n"
        "• which thoughts you have had\n"
        "• one urge to write\n"
        "• one private note\n"
        "• 2 questions, here and at the coaches'\n"
        "• a tip you had not sent\n\n"
        "What I cannot reach: this chat itself, which you can delete; what others have read and remember; what you "
        "agreed to have published and tips that you sent, which your code for each takes down with /unpublish; backups "
        "until they expire; and, if coaches take no questions from you for now, that they don't, until that ends. If "
        "you ever want to come back, /join is there."
    )


async def test_forget_lists_nothing_of_what_there_was_none(world: World) -> None:
    eve = world.person("eve")
    await eve.says("/join")
    await eve.taps("I'm 18 or over, and I agree")
    await eve.says("/forget")
    seen = await eve.taps("Yes, erase everything")
    assert isinstance(seen, Reply)
    assert seen.text.startswith("Everything kept of you is erased, and so is your account.\n\n")
    assert "•" not in seen.text


async def test_what_was_on_its_way_to_them_goes_too(world: World) -> None:
    ada, rowan = await world.member("zuzu"), world.person("rowan", DESK)  # a name that no random id spells
    await asks(world, ada, "Well?")
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="Yes.")
    world.platform.outcomes = [Unreachable()]
    await world.moves(seconds=61)
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
        assert member is not None
        later = {"name": "later", "lane": Lane.REMINDER, "member": member.id}
        await world.house.work(tx).outbox.send(ada.place, Reply("Later."), **later)
        assert {row["state"] for row in await tx.rows(outbox) if "zuzu" in repr(row)} == {State.HELD, State.WAITING}
    await ada.calls(Call("", ada.account, ada.place, None, "privacy.erase"))
    async with world.house.store.reading() as tx:
        assert [row for row in await tx.rows(outbox) if "zuzu" in repr(row) or "Yes." in repr(row)] == []
    await world.settle()
    assert ada.reads() == []


async def test_forget_asks_once_and_can_be_left(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/forget")
    assert ada.labels == ["Yes, erase everything", "Keep it", "A copy first"]
    kept = await ada.taps("Keep it")
    assert isinstance(kept, Reply)
    assert kept.text == "Everything is as it was."
    assert (await ada.says("/streak")).text.startswith("Day 5. ")


async def test_an_answer_that_waits_is_not_carried_after_forget(world: World) -> None:
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    await asks(world, ada, "Well?")
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="Yes.")
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.moves(minutes=5)
    assert ada.reads() == []
    assert world.platform.at(DESK) == []


async def test_the_export_holds_everything_a_person_gave(world: World) -> None:
    ada = await among_many(world)
    seen = await ada.says("/export")
    assert [file.name for file in seen.files] == ["unsent.zip"]
    kept = json.loads(unzipped(seen.files[0].data)["unsent.json"])
    text = json.dumps(kept)
    for word in (
        ID,
        "letter-zuzu",
        "checkin-zuzu",
        "note-zuzu",
        "plan-zuzu",
        "night",
        "Europe/Lisbon",
        "cheated",
        "healing",
        "2026-03-03",
        "2026-03-05",
        *WORDS,
    ):
        assert word in text, word
    assert {entry["entry"]["kind"] for entry in kept["contacts"]} == {"start", "wrote", "looked"}
    assert kept["readings"][0]["state"]["hour"] == 8
    assert [each["text"] for each in kept["questions"]] == [WORDS[0], f"{WORDS[0]} again"]
    assert kept["question_lines"][0]["text"] == WORDS[1]
    assert kept["shouts"][0]["milestone"] == 7
    assert set(kept) == {table.name for table, _ in people.owned_tables()} | {
        "members",
        "questions",
        "question_lines",
        "blocks",
        "shouts",
        "tips",
    }
    assert "other-" not in text


async def test_the_export_holds_nothing_of_anybody_else(world: World) -> None:
    ada, bob = await world.member("ada"), await world.member("bob", last="9")
    await asks(world, bob, "Bob asks")
    for data in unzipped((await ada.says("/export")).files[0].data).values():
        assert b"bob" not in data.lower()


async def test_every_table_says_what_it_holds_and_is_reached() -> None:
    assert people.unreached_tables() == []
    assert {table.name for table in metadata.sorted_tables if table.info["holds"] is Holds.NOTHING} == {
        "meta",
        "aliases",
        "communities",
        "desk_watches",
        "desks",
        "feedback",
        "homes",
        "leases",
        "links",
        "places",
        "published",
        "shouted",
        "snippets",
        "tallies",
        "totals",
    }
    assert {table.name for table in metadata.sorted_tables if table.info["holds"] is Holds.HOOKS} == {
        "blocks",
        "choosers",
        "coach_counts",
        "named_coaches",
        "question_lines",
        "questions",
        "shouts",
        "signatures",
        "stewards",
        "tips",
    }


async def test_the_privacy_page_speaks_to_anybody_and_names_who_answers_for_it(world: World) -> None:
    eve = world.person("eve")
    seen = await eve.says("/privacy")
    assert "Kim (kim@example.org) runs this and answers for it" in seen.text
    assert "/forget erases it" in seen.text
    assert Place("test", "eve", private=True) == eve.place
    await eve.taps("Back")
    assert "I'm 18 or over, and I agree" in eve.labels
