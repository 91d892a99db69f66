"""What /export gives: everything, in files that a person can open, and none that a chat cannot take."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import LargeBinary

from bot import people
from bot.clock import zone
from bot.model import File, Reply
from bot.store import Holds, Sealed, metadata, new_id
from cogs import streaks, urges
from cogs.privacy import sheets
from tests.cogs.test_privacy import ID, WORDS, personal, uses_everything
from tests.harness import DESK, World
from tests.test_docs import PRIVACY, rows
from tests.zipped import rows as read
from tests.zipped import unzipped

DISCORD, TELEGRAM = 10 * 1024 * 1024, 50 * 1000 * 1000  # bytes of a file that each takes
LISBON = zone("Europe/Lisbon")


def same(column: str, value: str | bool) -> str:
    """Tell a value as it is."""
    return str(value)


@pytest.fixture
async def files(world: World) -> dict[str, bytes]:
    """What Ada is given, who has used everything."""
    ada = personal(world)
    await uses_everything(world, ada, world.person("rowan", DESK), await world.member("another"))
    return unzipped((await ada.says("/export")).files[0].data)


async def test_one_file_holds_all_of_them_in_an_order(files: dict[str, bytes]) -> None:
    names = list(files)
    assert names[:2] == ["README.txt", "unsent.json"]
    assert names[-2:] == ["pictures/days-dark.png", "pictures/days-light.png"]
    assert {"days.csv", "letters.csv", "urges.csv", "questions.csv", "notes.csv", "plans.csv", "you.csv"} < set(names)


async def test_the_page_says_what_each_file_is(files: dict[str, bytes]) -> None:
    told = files["README.txt"].decode()
    assert "as it was on 5 March 2026, 10:00" in told
    assert "(Europe/Lisbon)" in told
    for name in set(files) - {"README.txt"}:
        assert re.search(rf"^{re.escape(name)}\n    \S", told, re.MULTILINE), name


async def test_a_sheet_can_be_read_by_a_person(files: dict[str, bytes]) -> None:
    days = read(files["days.csv"])
    assert (days[0]["Day"], days[0]["What"], days[0]["What set it off"]) == ("2026-03-03", "It began to count", "")
    assert {(row["Day"], row["Written down"], row["What"], row["What set it off"]) for row in days[1:]} == {
        ("2026-03-05", "2026-03-05 08:00+00:00", "I wrote", "The night"),
        ("2026-03-05", "2026-03-05 08:00+00:00", "I looked at their profile", ""),
    }
    assert [row["Note"] for row in read(files["notes.csv"])] == ["note-zuzu"]
    (plan,) = read(files["plans.csv"])
    assert len(plan.pop("Number of the reminder")) == 16
    assert plan == {
        "What sets it off": "The night",
        "When …": "plan-zuzu",
        "I will …": "call Sam",
        "Hour at which I remind you of it": "21",
        "On which days": "every day",
    }
    assert read(files["check-ins.csv"]) == [
        {
            "Day": "2026-03-05",
            "How it was, from 1 (awful) to 5 (good)": "2",
            "Your line about it": "checkin-zuzu",
            "Hour at which I ask": "",
        }
    ]
    (letter,) = read(files["letters.csv"])
    assert (letter["Message"], letter["Kept beyond thirty days"]) == ("letter-zuzu", "no")
    asked = read(files["questions.csv"])
    assert {row["Question"] for row in asked} == {WORDS[0], f"{WORDS[0]} again"}
    assert {row["Whose coaches it was for"] for row in asked} == {"Harbour"}
    assert {row["Where it stands"] for row in asked} == {"Answered", "Waiting for an answer"}
    assert read(files["communities.csv"])[0]["Community"] == "Harbour"
    assert read(files["accounts.csv"])[0]["Your id there"] == ID


async def test_every_head_has_its_words(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        if name.endswith(".csv"):
            assert [head for row in read(data) for head in row if not head[0].isupper()] == [], name


async def test_instants_are_told_by_the_clock_of_whoever_they_are_of(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/zone Asia/Kolkata")
    await ada.opens("/urge")
    await ada.fills(letter="2026-03-04")
    files = unzipped((await ada.says("/export")).files[0].data)
    assert read(files["letters.csv"])[0]["Written"] == "2026-03-04 17:30+05:30"
    assert json.loads(files["unsent.json"])["letters"][0]["letter"]["at"] == "2026-03-04T12:00:00+00:00"


async def test_every_column_is_in_it_or_left_out_for_a_reason(files: dict[str, bytes]) -> None:
    exported = json.loads(files["unsent.json"])
    left_out = rows(PRIVACY, "## What `/export` leaves out")
    assert all(len(why) > 10 for (why,) in left_out.values())
    for table in metadata.sorted_tables:
        if table.info["holds"] is Holds.NOTHING:
            continue
        there = {column for row in exported.get(table.name, []) for column in row}
        for column in table.columns:
            named = f"{table.name}.{column.name}" in left_out
            assert (column.name in there) != named, f"{table.name}.{column.name}"
            if isinstance(column.type, LargeBinary) and not isinstance(column.type, Sealed):
                assert named, f"{table.name}.{column.name} finds a row, and tells nothing"


async def test_every_table_is_a_sheet_or_there_is_a_reason(world: World) -> None:
    only_there = rows(PRIVACY, "## What is in `unsent.json` alone")
    hooked = {"stewards": "set_up", "named_coaches": "coaches", "choosers": "places"}  # as the feature calls them
    spaces = [cog.name for cog in world.house.registry.cogs]
    for table in metadata.sorted_tables:
        if table.info["holds"] is not Holds.NOTHING:
            name = hooked.get(table.name, table.name)
            shown = any(world.house.texts.has(space, f"kept-{name}") for space in spaces)
            assert shown != (name in only_there), name


async def test_no_blind_index_and_no_account_but_their_own_is_in_it(world: World) -> None:
    ada, rowan = personal(world), world.person("rowan", DESK)
    bob = await world.member("bob-4712")
    await bob.says("/ask Bob asks")
    await bob.taps("Send")
    await uses_everything(world, ada, rowan, await world.member("another"))
    indexes: set[bytes] = set()
    async with world.house.store.reading() as tx:
        for table in metadata.sorted_tables:
            blind = [
                each
                for each in table.columns
                if isinstance(each.type, LargeBinary) and not isinstance(each.type, Sealed)
            ]
            indexes |= {row[each.name] for row in await tx.rows(table) for each in blind if row[each.name]}
    assert indexes
    for name, data in unzipped((await ada.says("/export")).files[0].data).items():
        assert not [each for each in indexes if each in data or each.hex().encode() in data], name
        assert not [each for each in (b"bob", b"Bob", b"rowan") if each in data], name


async def test_the_same_is_packed_the_same(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/streak")
    first = (await ada.says("/export")).files[0].data
    assert (await ada.says("/export")).files[0].data == first


async def test_who_has_nothing_yet_is_given_what_there_is(world: World) -> None:
    eve = world.person("eve")
    await eve.says("/join")
    await eve.taps("I'm 18 or over, and I agree")
    files = unzipped((await eve.says("/export")).files[0].data)
    assert "pictures/days-dark.png" not in files
    assert "days.csv" not in files
    assert read(files["you.csv"])[0]["Time zone"] == "UTC"


async def test_a_picture_that_waits_to_be_given_is_named_and_not_repeated(world: World) -> None:
    ada = await world.member("ada")
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
        assert member is not None
        reply = Reply("Later.", files=(File("card.png", b"\x89PNG" * 1000),))
        await world.house.work(tx).outbox.send(ada.place, reply, name="later", lane=0, member=member.id)  # pyright: ignore[reportArgumentType]
    exported = json.loads(unzipped((await ada.says("/export")).files[0].data)["unsent.json"])
    assert exported["outbox"][0]["payload"]["reply"]["files"] == [{"name": "card.png", "alt": ""}]


# -- sheets


@given(st.text())
@example("=1+1")
@example("@SUM(A1)")
@example(" -3")
@example("\t=1")
@example("'=1")
@example('=HYPERLINK("https://example.org","x")')
def test_no_cell_is_a_formula_and_every_word_can_be_read(text: str) -> None:
    written = sheets.sheet([{"text": text}], str, same, UTC)
    assert written.startswith(b"\xef\xbb\xbf")
    (row,) = read(written) or [{"text": ""}]
    shown = row["text"]
    assert shown.removeprefix("'") == text or shown == text
    assert not shown.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not shown.startswith(("\t", "\r", "\n"))


def test_numbers_dates_and_lists_stay_what_they_are() -> None:
    row = {"n": -3, "day": date(2026, 3, 4).isoformat(), "had": ["a", "b"], "no": None, "never": "0001-01-01"}
    row |= {"at": datetime(2026, 7, 4, 23, 30, tzinfo=UTC).isoformat()}
    (found,) = read(sheets.sheet([row], str, same, LISBON))
    assert found == {
        "day": "2026-03-04",
        "at": "2026-07-05 00:30+01:00",
        "n": "-3",
        "had": "a, b",
        "no": "",
        "never": "",
    }


@given(st.lists(st.integers(0, 300), max_size=40), st.integers(310, 900))
def test_no_part_is_too_long_and_nothing_is_lost(lengths: list[int], most: int) -> None:
    kept = {"a": ["x" * each for each in lengths], "b": ["y" * each for each in reversed(lengths)], "c": {"one": 1}}
    parts = sheets.parts(kept, most)
    for name in ("a", "b"):
        assert [row for part in parts for row in part.get(name, [])] == kept[name]
    assert [part["c"] for part in parts if "c" in part] == [[{"one": 1}]]
    assert all(sum(len(sheets.to_json(row)) for rows in part.values() for row in rows) <= most for part in parts)


@given(st.lists(st.binary(max_size=3000), max_size=12))
def test_every_zip_has_room_and_holds_its_files(several: list[bytes]) -> None:
    named = [(f"{number}.bin", data) for number, data in enumerate(several)]
    bundles = [sheets.zipped(each) for each in sheets.pack(named, 5000)]
    assert all(len(each) <= 5000 for each in bundles)
    assert [pair for each in bundles for pair in unzipped(each).items()] == named


# -- much


async def many(world: World, name: str, days: int, letters: int = 0, of: str = "") -> None:
    """Have somebody log something on each of so many days, and keep letters as long as they can be, of such signs."""
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, world.person(name).account)
        assert member is not None
        for number in range(days):
            at = world.clock.now() - timedelta(days=number)
            entry = {"kind": "looked", "day": at.date().isoformat(), "at": at.isoformat(timespec="minutes")}
            await tx.insert(streaks.contacts, id=new_id(), member=member.id, entry=entry | {"trigger": "they_wrote"})
        for number in range(letters):
            at = world.clock.now() - timedelta(days=number)
            text = "".join(world.house.dice.choices(of, k=urges.LENGTH))
            kept = {"at": at.isoformat(timespec="seconds"), "keep": True, "text": text}
            await tx.insert(urges.unsent, id=new_id(), member=member.id, letter=kept)


async def test_ten_years_of_days_are_one_small_file(world: World) -> None:
    ada = await world.member("ada")
    await many(world, "ada", 3652)
    (file,) = (await ada.says("/export")).files
    assert len(file.data) < DISCORD // 10
    assert len(read(unzipped(file.data)["days.csv"])) == 3653
