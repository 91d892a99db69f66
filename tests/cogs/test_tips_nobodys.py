"""Whose a tip was is nowhere: in no row, no file, no log, and with the key neither."""

import json
import logging
import re
from dataclasses import asdict
from datetime import timedelta

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from bot import people
from bot.dispatch import calls
from bot.due import due
from bot.model import Button, Reply
from bot.observe import METRICS, Format
from bot.outbox import outbox
from cogs import questions, tips
from cogs.questions.store import askers
from cogs.tips.store import State
from tests.cogs.test_anonymity import WHO, files, left, planted, said_at
from tests.cogs.test_desk import coach
from tests.cogs.test_link import begun
from tests.cogs.test_tips import TEXT, hours, kept, presses, sends, sends_one
from tests.harness import DESK, TOWN, World
from tests.zipped import unzipped


async def test_a_draft_is_taken_along_and_erased_and_what_was_sent_is_nobodys(world: World) -> None:
    ada, code = await sends(world)
    await ada.says("/tip zuzu draft")
    await world.scheduler.tidy()  # what was answered is not kept any more
    taken = json.loads(unzipped((await ada.says("/export")).files[0].data)["unsent.json"])
    assert taken["tips"] == [{"community": world.community.id, "text": "zuzu draft"}]
    assert TEXT not in json.dumps(taken)
    assert taken["askers"][0]["asked"]["tips"] == ["2026-03-04", 1]
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert "• a tip you had not sent" in ada.seen.text
    await world.settle()
    assert await kept(world) == [(State.WAITING, True)]
    assert TEXT in world.platform.at(DESK)[0].text
    async with world.house.store.reading() as tx:
        assert await tx.rows(askers) == []
    assert "It is taken down" in (await ada.says(f"/unpublish {code}")).text


async def test_nothing_of_a_draft_is_anybody_elses(world: World) -> None:
    ada, bob = await world.member("ada"), await world.member("bob")
    await ada.says("/tip Mine.")
    await bob.says("/forget")
    await bob.taps("Yes, erase everything")
    await ada.taps("Send")
    assert "Thank you" in ada.seen.text


@pytest.mark.parametrize("whose", ["ada", "tel", "both"])
async def test_of_two_who_become_one_a_draft_stays_theirs_and_both_limits_count(world: World, whose: str) -> None:
    world.also("telegram")
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await begun(ada, tel)
    await world.moves(hours=23.5)
    for who in (ada, tel):
        await sends_one(world, who, f"Sent by {who.account.id}")
        if whose in (who.account.id, "both"):
            await who.says(f"/tip Draft of {who.account.id}")
    await world.moves(minutes=30)
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(askers)
        assert row["asked"]["tips"] == ["2026-03-05", 2]
        drafts = await tx.rows(tips.tips, tips.tips.c.state == State.DRAFT)
        assert [each["said"]["writer"] for each in drafts] == [row["member"]]
    expected = "Draft of tel" if whose == "tel" else "Draft of ada"
    assert drafts[0]["said"]["text"] == expected
    (tel if whose == "tel" else ada).last = Reply("Forged", ((Button("Send", "tips.send", [drafts[0]["id"]]),),))
    await (tel if whose == "tel" else ada).taps("Send")
    await world.settle()
    assert any(expected in reply.text for reply in world.platform.at(DESK))


async def test_no_row_of_a_tip_names_anybody_or_the_minute(world: World) -> None:
    world.clock.move(timedelta(minutes=17))
    async with world.house.store.transaction() as tx:
        await questions.set_rules(world.house.work(tx), world.community.id, jitter=0)
    ada = await planted(world)
    await ada.says("/tip tipmark-zuzu")
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
        planned = await tx.rows(due, due.c.job.startswith("tips."))
    assert member is not None
    assert [row["member"] for row in planned] == [None]
    draft = next(button for button in ada.buttons.values() if button.action == "tips.send").args[0]
    await ada.taps("Send")
    async with world.house.store.reading() as tx:
        rows = await tx.rows(outbox, outbox.c.name.startswith("t-"))
        (tip,) = await tx.rows(tips.tips)
        (planned,) = await tx.rows(due, due.c.job.startswith("tips."))
    assert [(row["member"], row["due_at"].minute) for row in rows] == [(None, 0)]
    assert (planned["member"], planned["at"].minute, planned["key"]) == (None, 0, tip["id"])
    assert tip["id"] != draft
    assert tip["said"] == {"text": "tipmark-zuzu"}
    assert left(json.dumps(rows, default=str).encode(), *WHO, member.id, member.account) == []
    assert left(json.dumps(tip, default=str).encode(), *WHO, member.id, member.account) == []


async def test_two_tips_of_one_writer_share_no_value_and_are_equally_long(world: World) -> None:
    ada = await world.member("ada")
    await sends_one(world, ada, "The same.")
    await sends_one(world, ada, "The same.")
    await sends_one(world, ada, "Another one, and longer. " * 30)
    async with world.house.store.reading() as tx:
        rows = (await tx.execute(select(tips.tips))).mappings().all()
        asked = (await tx.execute(select(askers.c.asked))).scalars().all()
    for name in ("id", "said", "code"):
        assert len({row[name] for row in rows}) == 3
    assert len({len(row["said"]) for row in rows}) == 1
    await world.member("bob")
    async with world.house.store.reading() as tx:
        assert {len(each) for each in (await tx.execute(select(askers.c.asked))).scalars()} == {len(asked[0])}


async def test_what_a_coach_does_keeps_no_text_beside_the_tip(world: World) -> None:
    await sends(world)
    await presses(coach(world, "rowan"), "Publish with an alias", "Another name", "Back", "Publish", "Publish")
    async with world.house.store.reading() as tx:
        assert {row["reply"] for row in await tx.rows(calls, calls.c.member.is_(None))} == {None}


async def test_the_same_tip_from_two_platforms_arrives_as_the_same(world: World) -> None:
    world.also("other")
    ada, bea = await world.member("ada"), await world.member("bea", platform="other")
    await ada.says("/tip It’s “hard” —\r\nand gets easier.\u200b")
    await ada.taps("Send")
    await bea.says('/tip It\'s "hard" --\nand gets easier.')
    await bea.taps("Send")
    await world.settle()
    plain = {re.sub(r"[0-9a-f]{16}", "#", repr(asdict(reply))) for reply in world.platform.at(DESK)}
    assert (len(world.platform.at(DESK)), len(plain)) == (2, 1)


@pytest.mark.parametrize("end", ["taken back", "declined", "out", "destroyed"])
@pytest.mark.sqlite
async def test_no_mark_of_whoever_wrote_it_is_anywhere(
    world: World, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    caplog.set_level(logging.DEBUG)
    ada, rowan = await planted(world), world.person("rowan", DESK)
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
    assert member is not None
    who, words = (*WHO, member.id, member.account), ("tipmark-zuzu", "droppedmark-zuzu")
    await ada.says(f"/tip {words[1]}")
    await ada.taps("Cancel")
    await ada.says(f"/tip {words[1]}")
    await ada.opens("Edit")
    await ada.fills(text=words[0])
    assert left(files(world), *WHO, *words) == []
    await ada.taps("Send")
    code = ada.seen.text.split()[-1]
    await world.settle()
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(tips.tips)
    assert left(said_at(world, DESK), words[0]) == [words[0]]
    assert left(files(world), *WHO, *words, code) == []
    assert row["code"] in files(world)

    await presses(rowan, "Publish with an alias")
    if end == "taken back":
        await ada.says(f"/unpublish {code}")
    elif end == "declined":
        await presses(rowan, "Decline", "Yes, decline it")
    elif end == "destroyed":
        await world.moves(days=30)
    else:
        await rowan.taps("Publish")
        await hours(world)
        assert left(said_at(world, TOWN), words[0]) == [words[0]]
        assert left(said_at(world, TOWN), *who) == []
        await ada.says(f"/unpublish {code}")
    if end != "destroyed":  # by whom nobody waits for
        assert row["code"] not in files(world)
    await world.settle()
    await world.scheduler.tidy()
    assert left(said_at(world, DESK), *who, words[1]) == []
    assert left(files(world), *WHO, *words, code, row["id"]) == []
    assert row["code"] not in files(world)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.scheduler.tidy()
    assert left(files(world), *who, *words, code, row["id"]) == []
    assert [reply for place in (DESK, TOWN) for reply in world.platform.at(place)] == []
    logged = "\n".join(Format("json").format(record) for record in caplog.records).encode()
    assert left(logged, *who, *words, code, row["id"]) == []
    assert left(generate_latest(METRICS), *who, *words, row["id"]) == []
