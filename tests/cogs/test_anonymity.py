"""What the database must not tell of who asks, even to somebody who reads all that is plain in it."""

import base64
import hashlib
import json
import logging
import re
from dataclasses import asdict
from typing import Any

import pytest
from prometheus_client import generate_latest
from sqlalchemy import Table, select, text

from bot import communities, people, search
from bot.dispatch import calls
from bot.due import due
from bot.model import Account, Place, Reply
from bot.observe import METRICS, Format
from bot.outbox import PAYLOADS, outbox
from cogs.questions import askers, block, blocks, drafts, questions, watch, yours
from tests.harness import DESK, Person, World

ID, NAME, LOCALE, ZONE = "777000111222333444", "Zuzumark", "xh-ZA", "Antarctica/Troll"
WHO = (ID, NAME, LOCALE, ZONE)
QUESTION, FURTHER, DROPPED, ANSWER = "questionmark-zuzu", "furthermark-zuzu", "droppedmark-zuzu", "answermark-zuzu"
WORDS = (QUESTION, FURTHER, DROPPED, ANSWER)
STEWARD = Account("test", "ann", locale="en")


@pytest.mark.sqlite
async def test_no_table_keeps_the_order_in_which_its_rows_were_written(world: World) -> None:
    async with world.house.store.reading() as tx:
        made = (await tx.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))).all()
    # Their rows are numbered by the random ids of what is public: tests/bot/test_search.py
    indexes = [name for name, _ in made if search.is_index(name)]
    assert [
        name for name, sql in made if "WITHOUT ROWID" not in sql and name not in ("alembic_version", *indexes)
    ] == []
    assert len(made) > 10


async def test_everybody_has_a_row_for_questions_equally_long(world: World) -> None:
    await world.member("bob")
    ada = await world.member("ada")
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    async with world.house.store.reading() as tx:
        asked = (await tx.execute(select(askers.c.asked))).scalars().all()
    assert len(asked) == 2
    assert len({len(each) for each in asked}) == 1


async def test_nothing_is_left_of_having_written_a_question(world: World) -> None:
    ada = await world.member("ada")
    for last in ("Cancel", "Send"):
        await ada.says("/ask Is it me?")
        await ada.taps(last)
        async with world.house.store.reading() as tx:
            assert await tx.rows(drafts) == []
            assert await tx.rows(due, due.c.job == "questions.drop_draft") == []


async def test_what_a_coach_does_keeps_no_text_beside_the_question(world: World) -> None:
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    async with world.house.store.reading() as tx:
        assert {row["reply"] for row in await tx.rows(calls, calls.c.member.is_(None))} == {None}


async def test_texts_of_one_question_are_equally_long_wherever_they_are_kept(world: World) -> None:
    ada, bob = await world.member("ada"), await world.member("bob")
    await ada.says(f"/ask {'long ' * 300}")
    await bob.says("/ask Why?")
    async with world.house.store.reading() as tx:
        drafted = (await tx.execute(select(drafts.c.text))).scalars().all()
        replied = (await tx.execute(select(calls.c.reply).where(calls.c.reply.is_not(None)))).scalars().all()
    assert len({len(each) for each in drafted}) == 1
    assert len({len(each) for each in replied}) == 1


# -- canaries: somebody whose every mark is planted uses all there is of questions


def forms(mark: str) -> list[bytes]:
    """Return what a mark may look like: as it is, in hexadecimal, base64, hashed, and as a number."""
    raw = mark.encode()
    digest = hashlib.sha256(raw)
    coded = [base64.b64encode(raw).rstrip(b"=")[:-1], base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1]]
    found = [raw, raw.hex().encode(), *coded, digest.digest(), digest.hexdigest().encode()]
    found += [base64.b64encode(digest.digest()).rstrip(b"=")]
    return found + ([int(mark).to_bytes(8, "big"), int(mark).to_bytes(8, "little")] if mark.isdecimal() else [])


def left(where: bytes, *marks: str) -> list[str]:
    """Return the marks that stand there in any form."""
    return [mark for mark in marks if any(form in where for form in forms(mark))]


def files(world: World) -> bytes:
    """Return the bytes of the database, and of its log."""
    return b"".join(file.read_bytes() for file in sorted(world.path.parent.glob(f"{world.path.name}*")))


def said_at(world: World, place: Place) -> bytes:
    """Return everything that was ever delivered there."""
    here = [each for each in world.platform.delivered if place in (getattr(each, "place", None), _ref_at(each))]
    return json.dumps([asdict(each) for each in here], default=str).encode()


def _ref_at(delivery: object) -> Place | None:
    ref = getattr(delivery, "ref", None)
    return ref.place if ref else None


async def planted(world: World) -> Person:
    """Return a member of whom all is a mark."""
    ada = world.person(ID, locale=LOCALE)
    object.__setattr__(ada.account, "name", NAME)
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "I cheated", "Yesterday", "No"):
        await ada.taps(label)
    await ada.says(f"/zone {ZONE}")
    return ada


async def test_no_mark_of_whoever_asks_is_anywhere(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with world.house.store.transaction() as tx:
        await communities.set_steward(tx, world.house.vault, world.community.id, STEWARD)
    ada, rowan = await planted(world), world.person("rowan", DESK)
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
    assert member is not None
    who = (*WHO, member.id, member.account)

    await ada.says(f"/ask {DROPPED}")
    await ada.taps("Cancel")
    await ada.says(f"/ask {QUESTION}")
    await ada.chooses("healing")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer=ANSWER)
    await world.moves(seconds=61)
    ada.reads()
    await ada.opens("Follow up")
    await ada.fills(more=FURTHER)
    await ada.taps("Send")
    await world.settle()
    ada.reads()
    arrived = ada.last
    await ada.taps("Thank")
    await ada.taps("It helped")
    ada.last = arrived
    await ada.taps("Report")
    await ada.taps("Yes, show it")
    await world.settle()
    async with world.house.store.transaction() as tx:
        (row,) = await tx.rows(questions)
        await block(world.house.work(tx), row, 7)
    assert left(said_at(world, DESK), QUESTION, FURTHER, ANSWER) == [QUESTION, FURTHER, ANSWER]
    assert left(said_at(world, DESK), *who, DROPPED) == []
    assert left(said_at(world, STEWARD.private), QUESTION, ANSWER) == [QUESTION, ANSWER]
    assert left(said_at(world, STEWARD.private), *who, DROPPED) == []
    assert left(files(world), *WHO, *WORDS) == []

    listed = await ada.says("/questions")
    await ada.chooses(row["id"])
    assert QUESTION in listed.text
    await ada.taps("Forget this one now")
    await ada.taps("Yes, forget it")
    await world.settle()
    await world.scheduler.tidy()
    assert left(files(world), *WHO, *WORDS, row["id"]) == []
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.settle()
    await world.scheduler.tidy()
    assert left(files(world), *who, *WORDS, row["id"]) == []
    assert world.platform.at(DESK) == []

    logged = "\n".join(Format("json").format(record) for record in caplog.records).encode()
    assert left(logged, *who, *WORDS, row["id"]) == []
    assert left(generate_latest(METRICS), *who, *WORDS, row["id"]) == []


@pytest.mark.sqlite
async def test_the_log_of_the_last_changes_ties_no_member_to_a_question_once_it_is_emptied(world: World) -> None:
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
    assert member is not None
    log = world.path.with_name(f"{world.path.name}-wal")

    async def tied() -> bool:
        """Tell whether what was just done ties them, and whether a second later nothing does."""
        async with world.house.store.reading() as tx:
            (id,) = (await tx.execute(select(questions.c.id))).scalars()
        both = [each.encode() for each in (id, member.id)]
        before = [each in log.read_bytes() for each in both]
        await world.scheduler.trim()
        assert log.read_bytes() == b""
        return all(before)

    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    assert await tied()
    await world.settle()
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    await world.moves(seconds=61)
    await world.scheduler.trim()
    ada.reads()
    answer = ada.seen
    await ada.taps("Thank")
    assert await tied()
    ada.last = answer
    await ada.opens("Follow up")
    await ada.fills(more="And if she writes?")
    await ada.taps("Send")
    assert await tied()


async def test_no_row_of_a_question_on_its_way_names_anybody_or_the_minute(world: World) -> None:
    world.clock.move(world.clock.now().replace(minute=17) - world.clock.now())
    ada = await planted(world)
    await ada.says(f"/ask {QUESTION}")
    await ada.taps("Send")
    async with world.house.store.reading() as tx:
        rows = await tx.rows(outbox, outbox.c.name.startswith("q-"))
        (asked,) = await tx.rows(questions)
    assert [(row["member"], row["due_at"].minute) for row in rows] == [(None, 0)]
    assert left(json.dumps([row["payload"] for row in rows]).encode(), *WHO) == []
    assert PAYLOADS.validate_python(rows[0]["payload"]).place == DESK
    assert asked["asked"].minute == 0


async def test_the_same_question_from_two_platforms_arrives_as_the_same(world: World) -> None:
    world.also("other")
    ada, bea = await world.member("ada"), await world.member("bea", platform="other")
    await ada.says("/ask It’s “hard” —\r\nisn’t it?\u200b")
    await ada.taps("Send")
    await bea.says("/ask It's \"hard\" --\nisn't it?")
    await bea.taps("Send")
    await world.settle()
    replies = [repr(asdict(reply)) for reply in world.platform.at(DESK)]
    plain = {re.sub(r"\w+ \w+ · |[0-9a-f]{16}", "#", reply) for reply in replies}
    assert (len(replies), len(plain)) == (2, 1)


async def test_two_questions_of_one_asker_share_no_value_but_the_hour_and_the_community(world: World) -> None:
    ada = await world.member("ada")
    for text_ in ("The same?", "The same?"):
        await ada.says(f"/ask {text_}")
        await ada.taps("Send")
        await world.moves(hours=1)
    async with world.house.store.reading() as tx:
        one, two = (await tx.execute(select(questions))).mappings().all()
    shared = {name for name in one if one[name] is not None and one[name] == two[name]}
    assert shared <= {"community", "state"}
    assert {len(one[name]) == len(two[name]) for name in ("asker", "text", "card")} == {True}


# -- canaries: a coach whose every mark is planted, and the numbers of a desk


COACH_ID, COACH_NAME, SIGNED, NOTED = "888000111222333555", "Yolomark", "Signmark Zuzu", "notemark-zuzu"
COACH = (COACH_ID, COACH_NAME, SIGNED)


async def planted_coach(world: World) -> Person:
    """Return a coach of whom all is a mark, who signs."""
    world.platform.coaches.add(COACH_ID)
    rowan = world.person(COACH_ID, DESK)
    object.__setattr__(rowan.account, "name", COACH_NAME)
    async with world.house.store.transaction() as tx:
        await communities.name_coach(tx, world.house.vault, world.community.id, rowan.account, coach=True)
    await rowan.says(f"/sign {SIGNED}")
    return rowan


async def plain(world: World, *of: Table) -> list[dict[str, Any]]:
    """Return the rows of tables as they are in the file: what is sealed stays so."""
    async with world.house.store.reading() as tx:
        return [dict(row) for each in of for row in (await tx.execute(select(each))).mappings()]


async def test_the_numbers_of_a_desk_name_neither_coach_nor_asker(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.clock.move(world.clock.now().replace(minute=17) - world.clock.now())
    ada, rowan = await planted(world), await planted_coach(world)
    key = communities.coach_key(world.house.vault, world.community.id, rowan.account)
    await ada.says(f"/ask {QUESTION}")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    await rowan.taps("Claim")
    await rowan.opens("Answer")
    await rowan.fills(answer=ANSWER)
    await world.moves(seconds=61)
    rowan.reads(DESK)
    await rowan.taps("More")
    await rowan.opens("Note")
    await rowan.fills(text=NOTED)
    ada.reads()
    await ada.taps("Thank")
    await ada.taps("It helped")
    await rowan.says("/desk")
    mine = await rowan.taps("Mine")
    assert isinstance(mine, Reply)
    assert left(mine.text.encode(), *WHO, QUESTION) == []

    (counts,) = await plain(world, yours.yours)
    assert set(counts) == {"key", "community", "counts"}
    assert isinstance(counts["counts"], bytes)
    assert left(counts["counts"], "answers", "lately", "said", "fresh", "thanks", "week", "2026-03-02") == []
    assert counts["key"] == key
    assert key not in {value for each in await plain(world, people.accounts, calls, blocks) for value in each.values()}
    guesses = [f"{world.community.id}:test:{COACH_ID}", f"test:{COACH_ID}", COACH_ID]
    hashed = [made(each.encode()).digest() for each in guesses for made in (hashlib.sha256, hashlib.md5)]
    assert [each for each in hashed if key in each or each in key] == []
    (watched,) = await plain(world, watch.watches)
    assert set(watched) == {"community", "since", "closed", "nudged", "digest", "day", "given"}
    assert (watched["since"].minute, watched["given"], watched["day"]) == (0, 1, "2026-03-04")

    await world.moves(hours=2)
    await ada.says(f"/ask {FURTHER}")
    await ada.taps("Send")
    for _ in range(80):
        await world.moves(hours=1)
    (watched,) = await plain(world, watch.watches)
    assert (watched["closed"], watched["nudged"].minute) == (True, 0)
    assert left(files(world), *WHO, *WORDS, *COACH, NOTED) == []

    (rowan := world.person(COACH_ID, DESK)).reads(DESK)
    await rowan.says("/desk")
    await rowan.taps("Mine")
    await rowan.taps("Forget these")
    await rowan.says("/sign")
    await rowan.taps("Sign as nobody in particular")
    async with world.house.store.transaction() as tx:
        await communities.name_coach(tx, world.house.vault, world.community.id, rowan.account, coach=False)
    await world.house.store.scrub()
    assert [form for form in (key, key.hex().encode(), base64.b64encode(key)[:-2]) if form in files(world)] == []
    logged = "\n".join(Format("json").format(record) for record in caplog.records).encode()
    for each in (logged, generate_latest(METRICS)):
        assert left(each, *WHO, *WORDS, *COACH, NOTED, key.hex()) == []
