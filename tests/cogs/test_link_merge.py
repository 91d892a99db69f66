"""What becomes of all that two members have when they become one: each table, each number, and nothing left behind."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import people
from bot.store import Row, metadata
from cogs import advice, urges
from cogs.questions import questions
from tests.cogs.test_link import a_day_passes, begun, linked, member_of
from tests.cogs.test_privacy import comes_unasked, shouts_later
from tests.harness import NOON, World
from tests.zipped import unzipped


@dataclass(frozen=True)
class Case:
    """Two rows of a table with one row for each member, without that member, and what becomes of them."""

    mine: Row | None
    theirs: Row | None
    both: Row | None


def state(**given: Any) -> Row:
    """Return a member's readings."""
    return {"state": {"hour": None, "day": None, "piece": None, "had": []} | given}


A, B = "a" * 16, "b" * 16
EARLIER = (NOON - timedelta(hours=2)).isoformat(timespec="seconds")
CASES: dict[str, list[Case]] = {
    "chosen": [
        Case({"choices": {"urge_wait": 5}}, {"choices": {"urge_wait": 60}}, {"choices": {"urge_wait": 5}}),
        Case(None, {"choices": {"urge_wait": 60}}, {"choices": {"urge_wait": 60}}),
        Case({"choices": {"silent": True}}, None, {"choices": {"silent": True}}),
        *(
            Case({"choices": mine}, {"choices": theirs}, {"choices": {flag: True}})
            for flag in ("paused", "silent", "discreet", "court_order")
            for mine, theirs in (({flag: True}, {}), ({}, {flag: True}), ({flag: True}, {flag: True}))
        ),
        Case({"choices": {}}, {"choices": {"not_checking": True}}, {"choices": {}}),
        Case({"choices": {"shout": "always"}}, {"choices": {}}, {"choices": {}}),
        Case({"choices": {"shout": "always"}}, {"choices": {"shout": "never"}}, {"choices": {"shout": "never"}}),
        Case({"choices": {"shout": "always"}}, {"choices": {"shout": "always"}}, {"choices": {"shout": "always"}}),
        Case(
            {"choices": {"country": "IE"}},
            {"choices": {"country": "CH", "region": "Bern"}},
            {"choices": {"country": "IE"}},
        ),
        Case(
            {"choices": {}},
            {"choices": {"country": "CH", "region": "Bern"}},
            {"choices": {"country": "CH", "region": "Bern"}},
        ),
    ],
    "roads": [
        Case(
            {"road": {"stage": "space", "whom": "any"}},
            {"road": {"stage": "healing", "whom": "cheated"}},
            {"road": {"stage": "space", "whom": "any"}},
        ),
        Case(None, {"road": {"stage": "healing", "whom": "any"}}, {"road": {"stage": "healing", "whom": "any"}}),
    ],
    "readings": [
        Case(state(hour=8, had=["x", "y"]), state(hour=20, had=["y", "z"]), state(hour=8, had=["x", "y", "z"])),
        Case(
            state(day="2026-03-04", piece="x", had=["x"]),
            state(hour=20, day="2026-03-04", piece="z", had=["z"]),
            state(hour=20, day="2026-03-04", piece="x", had=["x", "z"]),
        ),
        Case(None, state(hour=20, had=["z"]), state(hour=20, had=["z"])),
        Case(state(), state(hour=20, keeps=True), state(hour=20, keeps=True)),
        Case(state(), state(hour=20, weekday=4), state(hour=20, weekday=4)),
        Case(state(hour=8), state(hour=20, keeps=True), state(hour=8, keeps=True)),
        Case(state(hour=8, keeps=True), state(hour=20, weekday=4), state(hour=8, keeps=True)),
        Case(state(hour=8, weekday=4), state(hour=20, keeps=True), state(hour=8, weekday=4)),
    ],
    "plans": [
        Case(
            {"plans": {"night": {"when": "a", "will": "b"}}},
            {"plans": {"night": {"when": "c", "will": "d"}, "date": {"when": "e", "will": "f"}}},
            {"plans": {"night": {"when": "a", "will": "b"}, "date": {"when": "e", "will": "f"}}},
        ),
        Case(None, {"plans": {"date": {"when": "e", "will": "f"}}}, {"plans": {"date": {"when": "e", "will": "f"}}}),
    ],
    "askers": [
        Case(  # the list is as it was written before there was more than the ids
            {"asked": [A]},
            {"asked": {"ids": [B], "last": EARLIER, "aliases": ["Quiet Harbour"]}},
            {"asked": {"ids": [A, B], "last": EARLIER, "aliases": ["Quiet Harbour"]}},
        ),
    ],
    "drafts": [
        Case(
            {"id": A, "text": "Mine?", "about": None, "community": None},
            {"id": B, "text": "Theirs?", "about": None, "community": None},
            {"id": A, "text": "Mine?", "about": None, "community": None},
        ),
        Case(
            None,
            {"id": B, "text": "Theirs?", "about": None, "community": None},
            {"id": B, "text": "Theirs?", "about": None, "community": None},
        ),
    ],
    "spoken": [
        Case({"last": "2026-03-02"}, {"last": "2026-03-03"}, {"last": "2026-03-03"}),
        Case({"last": "2026-03-04"}, {"last": "2026-03-03"}, {"last": "2026-03-04"}),
    ],
    "checkins": [
        Case(
            {"said": {"moods": {"2026-03-01": 1, "2026-03-02": 2}, "lines": {"2026-03-02": "a"}, "hour": 8}},
            {"said": {"moods": {"2026-03-01": 5, "2026-03-03": 3}, "lines": {"2026-03-03": "b"}, "hour": 9}},
            {
                "said": {
                    "moods": {"2026-03-01": 1, "2026-03-02": 2, "2026-03-03": 3},
                    "lines": {"2026-03-02": "a", "2026-03-03": "b"},
                    "hour": 8,
                }
            },
        ),
        Case(
            {"said": {"moods": {"2026-03-01": 1}, "lines": {}, "hour": None}},
            {"said": {"moods": {"2026-03-01": 5}, "lines": {"2026-03-01": "not of that"}, "hour": 20}},
            {"said": {"moods": {"2026-03-01": 1}, "lines": {}, "hour": 20}},
        ),
    ],
    "joins": [],  # gone once it has taken effect
    "memberships": [],  # one for each member and community: see below
}


def test_every_table_with_one_row_for_each_member_is_spoken_of() -> None:
    """A new one fails here until somebody has thought about what becomes of it."""
    keyed = {table.name for table, column in people.owned_tables() if column.name in table.primary_key.columns}
    assert keyed == set(CASES)


@pytest.mark.parametrize(
    ("table", "case"),
    [
        pytest.param(name, case, id=f"{name}-{number}")
        for name, each in CASES.items()
        for number, case in enumerate(each)
    ],
)
async def test_what_becomes_of_it(world: World, table: str, case: Case) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform=world.also("telegram").name)
    owned = metadata.tables[table]
    async with world.house.store.transaction() as tx:
        for person, row in ((ada, case.mine), (tel, case.theirs)):
            member = await people.find(tx, world.house.vault, person.account)
            assert member is not None
            await tx.delete(owned, owned.c.member == member.id)
            if row is not None:
                await tx.insert(owned, member=member.id, **row)
    await begun(ada, tel)
    await world.moves(hours=24)
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(owned)
    assert row.pop("member") == await member_of(world, ada) == await member_of(world, tel)
    assert row == case.both


async def kept(world: World, name: str) -> list[Row]:
    """Return the rows of a table."""
    async with world.house.store.reading() as tx:
        return await tx.rows(metadata.tables[name])


@pytest.fixture
def world(world: World) -> World:
    """A world with another platform."""
    world.also("telegram")
    return world


async def test_the_communities_of_both_are_theirs(world: World) -> None:
    there = await world.another()
    ada = await world.member("ada")
    tel = await world.member("tel", platform="telegram", of=(there, world.community))
    await linked(world, ada, tel)
    mine = await member_of(world, ada)
    assert sorted((row["member"], row["community"]) for row in await kept(world, "memberships")) == sorted(
        (mine, each.id) for each in (there, world.community)
    )


async def test_all_that_has_an_id_of_its_own_is_kept_by_that_id(world: World) -> None:
    ada, tel = await world.member("ada", last="9"), await world.member("tel", last="4", platform="telegram")
    for person in (ada, tel):
        name = person.account.id
        await person.says("/contact looked")
        await person.taps("A private note")
        await person.fills(note=f"note of {name}")
        await person.opens("/urge")
        await person.fills(letter=f"letter of {name}")
        await person.says(f"/ask question of {name}")
        await person.taps("Send")
    await ada.says("/contact unavoidable")
    names = ("contacts", "notes", "urges", "letters", "questions")
    before = {name: {row["id"] for row in await kept(world, name)} for name in names}
    await begun(ada, tel)
    await world.moves(hours=24)
    after = {name: {row["id"] for row in await kept(world, name)} for name in names}
    assert after == before  # both looked, and both have a note of it: neither is dropped
    mine = await member_of(world, ada)
    assert {row["member"] for name in names[:4] for row in await kept(world, name)} == {mine}
    assert {row["asker"]["member"] for row in await kept(world, "questions")} == {mine}
    assert {row["asker"]["address"] for row in await kept(world, "questions")} == {"ada", "tel"}
    assert "letter of tel" in unzipped((await ada.says("/export")).files[0].data)["unsent.json"].decode()


@pytest.mark.parametrize("both", [False, True])
async def test_a_milestone_that_waits_is_theirs_and_of_two_their_own(world: World, both: bool) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await shouts_later(world, tel)
    if both:
        await shouts_later(world, ada)
    own = [
        row["id"]
        for row in await kept(world, "shouts")
        if not both or row["shout"]["member"] != await member_of(world, tel)
    ]
    await begun(ada, tel)
    await world.moves(hours=24)
    (row,) = await kept(world, "shouts")
    assert row["shout"]["member"] == await member_of(world, ada)
    assert [row["id"]] == own
    assert len([row for row in await kept(world, "due") if row["job"] == "shouts.out"]) == 1


async def test_who_is_asked_each_day_is_asked_on(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await tel.says("/checkin")
    await tel.taps("Ask me each day")
    await tel.chooses("20")
    await begun(ada, tel)
    await world.moves(hours=24)
    (row,) = [row for row in await kept(world, "due") if row["job"] == "checkins.remind"]
    assert row["key"] == row["member"] == await member_of(world, ada)


async def test_the_same_on_the_same_day_is_one_line(world: World) -> None:
    ada, tel = await world.member("ada", last="9"), await world.member("tel", last="9", platform="telegram")
    await tel.says("/contact wrote")
    await tel.taps("What set it off?")
    await tel.chooses("night")
    await ada.says("/contact wrote")
    await tel.says("/contact looked")
    await tel.taps("A private note")
    await tel.fills(note="only theirs")
    await ada.says("/contact looked")
    mine = await member_of(world, ada)
    ids = {row["id"] for row in await kept(world, "contacts") if row["member"] == mine}
    await begun(ada, tel)
    await world.moves(hours=24)
    rows = await kept(world, "contacts")
    assert {row["id"] for row in rows} == ids
    assert [row["entry"]["trigger"] for row in rows if row["entry"]["kind"] == "wrote"] == ["night"]
    looked = next(row["id"] for row in rows if row["entry"]["kind"] == "looked")
    assert [(row["id"], row["note"]["text"]) for row in await kept(world, "notes")] == [(looked, "only theirs")]
    await ada.says("/history")
    assert ada.seen.text.count("\n") == 3


async def test_two_of_one_day_stay_two(world: World) -> None:
    ada, tel = await world.member("ada", last="9"), await world.member("tel", last="9", platform="telegram")
    for person, times in ((ada, 1), (tel, 2)):
        for _ in range(times):
            await person.says("/contact wrote")
            await world.moves(minutes=3)
    await begun(ada, tel)
    await world.moves(hours=24)
    assert Counter(row["entry"]["kind"] for row in await kept(world, "contacts")) == {"start": 1, "wrote": 2}


async def test_what_was_promised_to_either_is_kept(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await begun(ada, tel)
    await tel.says("/daily 13")
    for _ in range(23):
        await world.moves(hours=1)
    await world.moves(minutes=50)
    await tel.opens("/urge")
    await tel.fills(letter="")
    await tel.says("/ask a draft")
    await world.moves(minutes=10)
    mine = await member_of(world, ada)
    planned = {row["job"]: row for row in await kept(world, "due") if row["member"]}
    assert set(planned) == {advice.DROP, urges.BACK, "questions.drop_draft", "privacy.silence"}
    assert {row["key"] for row in planned.values()} == {row["member"] for row in planned.values()} == {mine}
    assert planned[urges.BACK]["at"] == NOON + timedelta(hours=24, minutes=10)
    assert planned["questions.drop_draft"]["at"] == NOON + timedelta(hours=24, minutes=50)
    await world.moves(minutes=10)
    assert "Still there?" in ada.reads()[-1]
    await ada.taps("It passed")
    await world.moves(minutes=50)
    assert "Your thought for today" in ada.reads()[-1]
    assert await kept(world, "drafts") == []


async def test_the_earlier_of_two_promises_counts_and_one_thought_comes(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await ada.says("/daily 13")
    await tel.says("/daily 14")
    await begun(ada, tel)
    for _ in range(23):
        await world.moves(hours=1)
    await world.moves(minutes=45)
    for person in (tel, ada):
        await person.opens("/urge")
        await person.fills(letter="")
        await world.moves(minutes=5)
    await world.moves(minutes=5)
    backs = [row["at"] for row in await kept(world, "due") if row["job"] == urges.BACK]
    assert backs == [NOON + timedelta(hours=24, minutes=5)]
    before = [sum("Your thought for today" in text for text in each.reads()) for each in (ada, tel)]
    await a_day_passes(world)
    after = [sum("Your thought for today" in text for text in each.reads()) for each in (ada, tel)]
    assert sum(after) == sum(before) + 1


async def test_who_answered_on_either_side_that_it_is_to_come_each_day_is_not_asked_again(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await ada.says("/daily 12")
    await tel.says("/daily 20")
    await tel.chooses("every")
    await begun(ada, tel)
    for _ in range(30):
        await world.moves(days=1)
    came = [text for text in ada.reads() if "Your thought for today" in text]
    assert len(came) == 30
    assert not [text for text in came if "still of use" in text]


@pytest.mark.parametrize("paused", [False, True])
async def test_what_was_on_its_way_comes_once_and_not_in_a_pause(world: World, paused: bool) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    for person in (ada, tel):
        await person.says("/daily 12")
    if paused:
        await tel.says("/pause")
    await world.moves(minutes=1)
    await begun(ada, tel)
    await world.moves(hours=24)
    assert [sum("Your thought for today" in text for text in each.reads()) for each in (ada, tel)] == [
        0 if paused else 1,
        0,
    ]


async def test_a_pause_of_either_side_holds(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await ada.says("/daily 13")
    await tel.says("/pause")
    await linked(world, ada, tel)
    before = len(ada.reads())
    await a_day_passes(world)
    assert len(ada.reads()) == before
    assert (await ada.says("/settings")).text.startswith("What comes unasked: paused")


async def test_the_date_goes_back_for_neither(world: World) -> None:
    ada, tel = await world.member("ada", last="9"), await world.member("tel", last="4", platform="telegram")
    await ada.says("/zone Honolulu")
    await tel.says("/zone Kiritimati")
    await world.moves(hours=10)
    await begun(ada, tel)
    await world.moves(hours=23)
    shown = [(await each.says("/streak")).text for each in (tel, ada)]
    assert shown[0].startswith("Day 6.")
    assert shown[1].startswith("Day 10.")  # it is the day before there
    await world.moves(hours=1)
    assert (await ada.says("/streak")).text == (await tel.says("/streak")).text
    assert (await ada.says("/streak")).text.startswith("Day 6.")


async def test_a_zone_that_was_never_chosen_makes_no_day_longer(world: World) -> None:
    ada, tel = await world.member("ada", last="9"), world.person("tel", platform="telegram")
    await ada.says("/zone Los Angeles")
    await world.moves(hours=16)  # in the evening there; tomorrow in UTC
    await begun(ada, tel)
    before = (await ada.says("/streak")).text
    await world.moves(hours=24)
    assert before.startswith("Day 9.")
    assert (await ada.says("/streak")).text.startswith("Day 10.")


async def test_what_comes_unasked_counts_for_both(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await begun(ada, tel)
    await world.moves(hours=23)
    await comes_unasked(world, tel)
    await world.moves(hours=1)
    with pytest.raises(AssertionError):
        await comes_unasked(world, ada)


async def test_what_goes_wrong_half_way_changes_nothing_and_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await begun(ada, tel)
    erase = people.erase

    async def fails(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(people, "erase", fails)
    before = {table.name: await kept(world, table.name) for table, _ in people.owned_tables() if table.name != "due"}
    await world.moves(hours=24)
    after = {table.name: await kept(world, table.name) for table, _ in people.owned_tables() if table.name != "due"}
    for name in set(before) - {"outbox", "sent", "link_codes"}:
        assert after[name] == before[name], name
    monkeypatch.setattr(people, "erase", erase)
    await world.moves(hours=1)
    assert await member_of(world, ada) == await member_of(world, tel)


async def test_two_copies_of_the_file_do_not_tell_whose_questions_changed(world: World) -> None:
    ada, tel, eve = await world.member("ada"), await world.member("tel", platform="telegram"), await world.member("eve")
    for person in (ada, tel, eve):
        await person.says("/ask Why?")
        await person.taps("Send")

    async def sealed() -> set[bytes]:
        async with world.house.store.reading() as tx:
            return set((await tx.execute(select(questions.c.asker))).scalars())

    copies = [await sealed()]
    await linked(world, ada, tel)
    copies.append(await sealed())
    await ada.says("/unlink")
    await ada.taps("Take out Telegram")
    await ada.taps("Yes, take it out")
    copies.append(await sealed())
    assert [len(copy) for copy in copies] == [3, 3, 3]
    assert len(set.union(*copies)) == 9
    assert len({len(each) for each in set.union(*copies)}) == 1
