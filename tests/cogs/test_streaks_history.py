"""The ledger, read and corrected: what is changed can be had back for a day, and everything is counted anew."""

from datetime import timedelta

import pytest

from bot.model import ROWS, TEXT, Call, Menu, Reply, length
from cogs.streaks import store
from cogs.streaks.rules import Kind, Trigger
from tests.harness import Person, World

MARK = "Zuzuquartz"


async def taps(person: Person, label: str) -> str:
    """Press, and read the answer."""
    answer = await person.taps(label)
    assert isinstance(answer, Reply)
    return answer.text


async def opens_entry(person: Person, title: str) -> Reply:
    """Open the entry of that title in /history."""
    shown = await person.says("/history")
    menus = [item for row in shown.rows for item in row if isinstance(item, Menu)]
    (id,) = (option.value for option in menus[0].options if option.label == title)
    return await person.chooses(id)


async def days(person: Person) -> str:
    """What /streak begins with."""
    last = person.last
    text = (await person.says("/streak")).text.splitlines()[0]
    person.last = last
    return text


async def test_the_entries_stand_with_the_newest_first(world: World) -> None:
    ada = await world.member("ada", last="28")
    for typed in ("looked", "wrote 3 days ago", "they_wrote 400 days ago", "answered yesterday"):
        await ada.says(f"/contact {typed}")
    assert (await ada.says("/history")).text.splitlines() == [
        "What you logged, the newest first:",
        "Wednesday, 4 March: I looked at their profile",
        "Tuesday, 3 March: I answered",
        "Sunday, 1 March: I wrote",
        "Wednesday, 4 February: It began to count",
    ]
    assert ada.labels == ["Open one", "Move the beginning", "Help lines"]


async def test_there_are_ten_on_a_page(world: World) -> None:
    ada = await world.member("ada", last="40")
    for ago in range(24):
        await ada.says(f"/contact wrote {ago}")
    seen = (await ada.says("/history")).text.splitlines()[1:]
    assert len(seen) == 10
    assert ada.labels == ["Open one", "Older", "Move the beginning", "Help lines"]
    for label, count in (("Older", 10), ("Older", 5)):
        page = (await taps(ada, label)).splitlines()[1:]
        assert len(page) == count
        seen += page
    assert len(set(seen)) == 25
    assert ada.labels == ["Open one", "Newer", "Move the beginning", "Help lines"]
    assert (await taps(ada, "Newer")).splitlines()[1:] == seen[10:20]


async def test_before_anything_was_logged_it_is_asked_where_it_begins(world: World) -> None:
    ada = world.person("ada")
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Skip", "No"):
        await ada.taps(label)
    assert (await ada.says("/history")).text == "When were you last in contact?"


async def test_what_it_was_is_changed_and_changed_back(world: World) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/contact wrote 3 days ago")
    await opens_entry(ada, "Sunday, 1 March: I wrote")
    said = (await ada.chooses("they_wrote")).text
    assert said.startswith("It says now: Sunday, 1 March: They wrote.\n\nDay 10.")
    assert await days(ada) == "Day 10. The last contact was on Sunday, 22 February."
    assert (await taps(ada, "Undo")).startswith("Taken back.\n\nDay 3.")
    assert (await days(ada)).startswith("Day 3.")


async def test_a_correction_may_lower_what_was_shown(world: World) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/contact they_wrote 2 days ago")
    await opens_entry(ada, "Monday, 2 March: They wrote")
    assert (await ada.chooses("answered")).text.endswith(
        "Day 2. The last contact was on Monday, 2 March.\n9 of 10 days held in all.\nYour longest stretch: 7 days."
    )


async def test_the_beginning_is_moved_back_and_a_contact_then_fits(world: World) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/history")
    assert (await taps(ada, "Move the beginning")).startswith("Sunday, 22 February: It began to count")
    await ada.opens("Another day")
    assert "Day 61." in (await ada.fills(day="61 days ago")).text
    undo = ada.seen
    await ada.says("/contact wrote 20 days ago")
    assert (await ada.says("/streak")).text.splitlines()[1] == "60 of 61 days held in all."
    ada.last = undo
    assert "Day 10." in await taps(ada, "Undo")


@pytest.mark.parametrize("typed", ["tomorrow", "2026-03-05", "1999-01-01", "3/4"])
async def test_an_entry_is_moved_to_no_day_that_is_none(world: World, typed: str) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/history")
    await taps(ada, "Move the beginning")
    await ada.opens("Another day")
    await ada.fills(day=typed)
    assert (await days(ada)).startswith("Day 10.")


async def test_what_is_deleted_can_be_had_back_for_a_day_with_all_that_belongs_to_it(world: World) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/contact wrote")
    await ada.opens("A private note")
    await ada.fills(note=MARK)
    await opens_entry(ada, "Wednesday, 4 March: I wrote")
    assert (await taps(ada, "Delete")).startswith("Deleted. Until this time tomorrow you can have it back.\n\nDay 10.")
    deleted = ada.seen
    await world.moves(hours=23)
    ada.last = deleted
    assert (await taps(ada, "Undo")).startswith("It is back.\n\nDay 1.")
    assert MARK in (await opens_entry(ada, "Wednesday, 4 March: I wrote")).text


async def test_after_a_day_what_was_deleted_is_gone_for_good(world: World) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/contact wrote")
    await ada.opens("A private note")
    await ada.fills(note=MARK)
    await opens_entry(ada, "Wednesday, 4 March: I wrote")
    await taps(ada, "Delete")
    deleted = ada.seen
    await world.moves(hours=24)
    ada.last = deleted
    assert "isn't there any more" in await taps(ada, "Undo")
    async with world.house.store.reading() as tx:
        assert [row["entry"]["kind"] for row in await tx.rows(store.contacts)] == ["start"]
        assert await tx.rows(store.notes) == []


async def test_deleting_all_there_is_asks_where_it_begins_and_can_be_undone(world: World) -> None:
    ada = await world.member("ada", last="10")
    await opens_entry(ada, "Sunday, 22 February: It began to count")
    assert (await taps(ada, "Delete")).endswith("When were you last in contact?")
    assert (await taps(ada, "Undo")).startswith("It is back.\n\nDay 10.")


async def test_a_note_is_changed_removed_and_had_back(world: World) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/contact they_wrote")
    await ada.opens("A private note")
    assert (await ada.fills(note="The first")).text == "Kept, for you alone."
    await taps(ada, "Show the entry")
    form = await ada.opens("Change the note")
    assert [field.value for field in form.fields] == ["The first"]
    assert form.fields[0].max == 500
    await ada.fills(note="The second")
    assert "Your note: The first" in await taps(ada, "Undo")
    assert await taps(ada, "Remove the note") == "The note is removed."
    removed = ada.seen
    assert "note" not in (await opens_entry(ada, "Wednesday, 4 March: They wrote")).text
    ada.last = removed
    assert "Your note: The first" in await taps(ada, "Undo")


async def test_a_note_that_was_replaced_a_day_ago_is_gone_for_good(world: World) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/contact they_wrote")
    for note in (MARK, "Something else"):
        ada.last = ada.last if note == MARK else await opens_entry(ada, "Wednesday, 4 March: They wrote")
        await ada.opens("A private note" if note == MARK else "Change the note")
        await ada.fills(note=note)
    replaced = ada.seen
    await world.moves(hours=24)
    async with world.house.store.reading() as tx:
        assert [row["note"] for row in await tx.rows(store.notes)] == [{"text": "Something else"}]
    ada.last = replaced
    assert "isn't there any more" in await taps(ada, "Undo")


async def test_a_note_longer_than_five_hundred_is_not_taken(world: World) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/contact wrote")
    await ada.opens("A private note")
    assert "500 fit" in (await ada.fills(note="x" * 501)).text


@pytest.mark.parametrize("kind", Kind)
async def test_an_entry_shows_all_that_can_be_done_and_keeps_within_a_message(world: World, kind: Kind) -> None:
    ada = await world.member("ada", last="300")
    async with world.house.store.transaction() as tx:
        (row,) = await tx.rows(store.contacts)
        entry = row["entry"] | {"kind": kind, "trigger": Trigger.THEY_WROTE, "day": "2025-09-24"}
        await tx.insert(store.contacts, id="a" * 16, member=row["member"], entry=entry)
        await tx.insert(store.notes, id="a" * 16, member=row["member"], note={"text": "\U0001f494" * 250})
        plan = {"when": "\U0001f494" * 60, "will": "\U0001f494" * 60}
        await tx.insert(store.plans, member=row["member"], plans={Trigger.THEY_WROTE: plan})
    shown = await ada.says("/history")
    title = next(line for line in shown.text.splitlines() if line.startswith("Wednesday, 24 September 2025"))
    entry_shown = await opens_entry(ada, title)
    assert length(entry_shown.text) < TEXT
    assert len(entry_shown.rows) <= ROWS
    told = kind not in (Kind.START, Kind.ASIDE)
    assert ada.labels == [
        *(["It was something else"] if told else []),
        *("It was another day", "Change the note", "Remove the note", "Remind me of it", "Delete", "What I logged"),
    ]


async def test_nobody_reads_or_changes_the_entry_of_anybody_else(world: World) -> None:
    ada, bob = await world.member("ada", last="5"), await world.member("bob", last="7")
    await ada.says("/contact wrote")
    await ada.opens("A private note")
    await ada.fills(note=MARK)
    mine = await opens_entry(ada, "Wednesday, 4 March: I wrote")
    for label in ("It was another day", "Remove the note", "Delete"):
        bob.last = mine
        assert "isn't there any more" in await taps(bob, label), label
    bob.last = mine
    assert "isn't there any more" in (await bob.chooses("they_wrote")).text
    bob.last = mine
    form = await bob.opens("Change the note")
    assert form.fields[0].value == ""
    assert "isn't there any more" in (await bob.fills(note="Mine now")).text
    await ada.says("/contact they_wrote")
    await opens_entry(ada, "Wednesday, 4 March: I wrote")
    deleted = await ada.taps("Delete")
    bob.last = deleted
    assert "isn't there any more" in await taps(bob, "Undo")
    assert (await days(bob)).startswith("Day 7.")
    assert (await days(ada)).startswith("Day 5.")


async def test_what_begins_or_sets_aside_becomes_nothing_else_by_a_forged_press(world: World) -> None:
    ada = await world.member("ada", last="5")
    await ada.says("/contact they_wrote")
    await opens_entry(ada, "Wednesday, 4 March: They wrote")
    menus = [item for row in ada.seen.rows for item in row if isinstance(item, Menu)]
    for kind in ("aside", "start"):
        await ada.calls(Call("", ada.account, ada.place, None, "streaks.become", (*menus[0].args, kind)))
        assert (await days(ada)).startswith("Day 5.")


async def test_the_whole_ledger_is_sealed_and_erased_with_everything(world: World) -> None:
    ada = await world.member("ada", last="10")
    await ada.says("/contact wrote")
    await ada.opens("A private note")
    await ada.fills(note=MARK)
    await taps(ada, "Show the entry")
    await ada.says("/contact answered yesterday")
    await taps(ada, "What set it off?")
    await ada.chooses("anger")
    await ada.opens("Make a plan")
    await ada.fills(when=MARK, will=MARK)
    files = [file.read_bytes() for file in world.path.parent.glob("unsent.sqlite*")]
    assert files
    told = [file.replace(b"unanswered_hours", b"") for file in files]  # a column of the desk's
    assert not any(word in file for file in told for word in (MARK.encode(), b"anger", b"answered"))
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    async with world.house.store.reading() as tx:
        assert [await tx.rows(table) for table in (store.contacts, store.notes, store.plans)] == [[], [], []]


async def test_no_entry_tells_by_its_length_what_it_is(world: World) -> None:
    await world.member("ada", last="10")
    async with world.house.store.transaction() as tx:
        (row,) = await tx.rows(store.contacts)
        at = (world.clock.now() + timedelta(minutes=1)).isoformat(timespec="minutes")
        for number, kind in enumerate(Kind):
            for trigger in (None, *Trigger):
                entry = {"kind": kind, "day": "2026-03-04", "at": at} | ({"trigger": trigger} if trigger else {})
                await tx.insert(store.contacts, id=f"{number}-{trigger}", member=row["member"], entry=entry)
        sealed = (await tx.execute(store.contacts.select())).mappings().all()
    assert len(sealed) > len(Kind) * len(Trigger)
    assert len({len(each["entry"]) for each in sealed}) == 1
