"""Linking accounts: a code from one, typed on the other, a day in which either stops it, and then one member."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import codes, people
from bot.adapter import Unreachable
from bot.dispatch import calls
from bot.model import Call, Happening, Reply
from bot.observe import Format
from bot.people import Linked, accounts, members
from cogs.advice import readings
from cogs.link.store import MOST, TRIES, joins, made
from cogs.questions import questions
from tests.cogs.test_privacy import files
from tests.harness import DESK, HOME, TOWN, Person, World
from tests.zipped import unzipped

AGREE = "I'm 18 or over, and I agree"
NOTE = "There is a note for you.\n\n"
OVER = "That code has run out: each is good for 10 minutes. Type /link on the other side for a new one."
UNKNOWN = (
    "That code isn't known to me: it may be mistyped, or a newer one was made since. Look once more, or type /link on "
    "the other side for a new one."
)


@pytest.fixture
def world(world: World) -> World:
    """A world with two more platforms."""
    world.also("telegram")
    world.also("discord")
    return world


async def made_by(person: Person) -> str:
    """Make a code; return it."""
    return (await person.says("/link")).text.split()[0]


async def entered(person: Person, code: str) -> Reply:
    """Type a code; return what it would do."""
    return await person.says(f"/link {code}")


async def begun(one: Person, other: Person) -> None:
    """Let `other` type a code of the first one's, and agree."""
    await entered(other, await made_by(one))
    await other.taps(AGREE if AGREE in other.labels else "Yes, link them")
    assert "It is noted." in other.seen.text


async def linked(world: World, one: Person, other: Person) -> None:
    """Link two, and let the day pass."""
    await begun(one, other)
    await a_day_passes(world)


async def a_day_passes(world: World) -> None:
    """Let a day pass, hour by hour: what is due comes in time."""
    for _ in range(24):
        await world.moves(hours=1)


async def member_of(world: World, person: Person) -> str | None:
    """Return the id of the member who speaks there."""
    async with world.house.store.reading() as tx:
        found = await people.find(tx, world.house.vault, person.account)
    return found.id if found else None


async def accounts_of(world: World, person: Person) -> list[Linked]:
    """Return the accounts of whoever speaks there."""
    async with world.house.store.reading() as tx:
        return await people.linked(tx, await member_of(world, person) or "")


async def count(world: World, table: object = members) -> int:
    """Return how many rows a table has."""
    async with world.house.store.reading() as tx:
        return len(await tx.rows(table))  # pyright: ignore[reportArgumentType]


def notes(person: Person) -> list[str]:
    """Return what they were told about their accounts, without its first line."""
    return [text.removeprefix(NOTE) for text in person.reads() if text.startswith(NOTE)]


async def test_a_stranger_becomes_another_account_of_the_member_after_a_day(world: World) -> None:
    ada, tel = await world.member("ada", last="28"), world.person("tel", platform="telegram")
    told = await entered(tel, await made_by(ada))
    assert "Telegram, can read it. /forget erases it." in told.text  # the consent of this platform, in these words
    assert "It takes effect in 24 hours." in told.text
    assert tel.labels == [AGREE, "Under 18", "Details", "Cancel"]
    assert await count(world) == 1  # nothing is kept before they agree
    await tel.taps(AGREE)
    await world.settle()
    assert ada.reads()[0].startswith(
        "There is a note for you.\n\nA link was begun between your account here and one on"
    )
    assert "Day" not in (await tel.says("/streak")).text
    await world.moves(hours=23, minutes=59)
    assert await count(world) == 2
    await world.moves(minutes=1)
    assert await count(world) == 1
    assert (await tel.says("/streak")).text == (await ada.says("/streak")).text
    assert (await tel.says("/streak")).text.startswith("Day 29.")
    assert notes(ada)[-1].startswith("Your accounts are linked now")
    assert notes(tel)[-1].startswith("Your accounts are linked now")
    await tel.says("/contact wrote")
    assert (await ada.says("/streak")).text.startswith("Today is where it begins.")


async def test_two_members_become_one_with_both_ledgers(world: World) -> None:
    ada = await world.member("ada", last="28")
    tel = await world.member("tel", last="9", platform="telegram")
    told = await entered(tel, await made_by(ada))
    assert "become one person here, with one ledger" in told.text
    assert tel.labels == ["Yes, link them", "Cancel"]
    await tel.taps("Yes, link them")
    await world.moves(hours=24)
    assert await count(world) == 1
    seen = (await ada.says("/streak")).text
    assert seen == (await tel.says("/streak")).text
    assert seen.startswith("Day 10. The last contact was on Monday, 23 February.\n28 of 29 days held in all.")


async def test_the_code_is_kept_as_a_hash_and_is_nowhere_else(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ada = await world.member("ada-4711-zuzu")
    tel = world.person("tel-4711-zuzu", platform="telegram")
    await begun(ada, tel)
    fresh = await made_by(await world.member("bob-zuzu"))
    raw = files(world)
    said = "\n".join(Format("json").format(record) for record in caplog.records)
    for mark in (fresh, "4711-zuzu", "bob-zuzu"):
        assert mark.encode() not in raw
        assert mark not in said
    await world.moves(hours=24)
    async with world.house.store.reading() as tx:
        assert await tx.rows(joins) == []
        assert await tx.rows(made) == []
    raw = files(world)
    assert b"zuzu" not in raw


# -- what can go wrong with a code


async def test_a_code_is_good_for_ten_minutes(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    code = await made_by(ada)
    await world.moves(minutes=10)
    assert "This code was made on" in (await entered(tel, code)).text
    await world.moves(seconds=1)
    assert await tel.taps(AGREE) == Reply(OVER)
    assert (await entered(tel, code)).text == OVER
    assert await count(world) == 1
    await world.moves(hours=1)
    assert (await entered(tel, code)).text == UNKNOWN
    assert await count(world, made) == 0


async def test_a_code_is_good_once(world: World) -> None:
    ada, tel, eve = await world.member("ada"), world.person("tel", platform="telegram"), world.person("eve")
    code = await made_by(ada)
    await entered(eve, code)
    await entered(tel, code)
    await tel.taps(AGREE)
    used = await eve.taps(AGREE)
    assert isinstance(used, Reply)
    assert used.text.startswith("That code was used already, and each is good once.")
    assert await member_of(world, eve) is None


async def test_a_newer_code_makes_the_older_void(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    old, new = await made_by(ada), await made_by(ada)
    assert (await entered(tel, old)).text == UNKNOWN
    assert "This code was made on" in (await entered(tel, f" {new[:4].lower()} {new[4:]} ")).text


async def test_a_code_is_not_for_whoever_made_it(world: World) -> None:
    ada = await world.member("ada")
    assert (await entered(ada, await made_by(ada))).text == (
        "You made that code in this very account. Type it on the other platform, in my private chat there."
    )


async def test_what_is_no_code_is_said_and_is_no_try(world: World) -> None:
    ada = await world.member("ada")
    for typed in ("please", "AAAA-2222", "B" * 9, "BCDF1234"):
        for _ in range(TRIES):
            assert (await entered(ada, typed)).text.startswith("A code is 8 letters and digits")
    assert (await entered(ada, codes.new())).text == UNKNOWN


@pytest.mark.parametrize("joined", [True, False])
async def test_after_five_wrong_codes_an_account_waits_for_an_hour(world: World, joined: bool) -> None:
    ada = await world.member("ada")
    eve = await world.member("eve", platform="telegram") if joined else world.person("eve", platform="telegram")
    for _ in range(TRIES):
        assert (await entered(eve, codes.new())).text == UNKNOWN
    code = await made_by(ada)
    assert (await entered(eve, code)).text.startswith("Too many codes were wrong. Wait for an hour")
    assert "This code was made on" in (await entered(world.person("tel", platform="telegram"), code)).text
    await world.moves(hours=1)
    assert "This code was made on" in (await entered(eve, await made_by(ada))).text


async def test_the_form_takes_a_code_as_well(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    tel.modals = False
    code = await made_by(ada)
    await tel.says("/link")
    await tel.taps("I have a code")
    assert "This code was made on" in (await tel.says(code)).text


async def test_a_stranger_is_told_how(world: World) -> None:
    tel = world.person("tel", platform="telegram")
    assert "Type /link there: it gives you a code." in (await tel.says("/link")).text
    assert tel.labels == ["Join"]
    assert await count(world) == 0


async def test_the_same_platform_is_said_and_works(world: World) -> None:
    ada, ida = await world.member("ada", last="7"), world.person("ida")
    assert "You are on the same platform here." in (await entered(ida, await made_by(ada))).text
    await ida.taps(AGREE)
    await world.moves(hours=24)
    assert (await ida.says("/streak")).text.startswith("Day 8.")
    assert "• another platform 1\n" in (await ida.says("/unlink")).text.replace(" (this one)", "")


async def test_what_is_linked_is_not_linked_again(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await linked(world, ada, tel)
    assert (await entered(tel, await made_by(ada))).text.startswith("That code is from an account that is linked")


async def test_four_accounts_fit(world: World) -> None:
    ada = await world.member("ada")
    for number in range(MOST - 1):
        await linked(world, ada, world.person(f"tel-{number}", platform="telegram"))
    assert len(await accounts_of(world, ada)) == MOST
    assert (await ada.says("/link")).text.startswith("You have 4 accounts linked, which is as many as fit.")
    bob, code = await world.member("bob"), await made_by(await world.member("eve"))
    assert (await entered(ada, code)).text.startswith("Together that would be more than 4 accounts")
    assert (await entered(ada, await made_by(bob))).text.startswith("Together that would be more than 4 accounts")


# -- the day in between


async def test_either_side_stops_it_with_one_tap(world: World) -> None:
    for number, stops in enumerate(("maker", "other")):
        one = await world.member(f"one-{number}")
        other = await world.member(f"other-{number}", last="3", platform="telegram")
        await begun(one, other)
        await world.settle()
        who, told = (one, other) if stops == "maker" else (other, one)
        if who is one:
            one.reads()
        buttons = who.seen
        stopped = await who.taps("Stop it")
        assert isinstance(stopped, Reply)
        assert stopped.text.startswith("It is stopped, and nothing was linked.")
        who.last = buttons
        assert isinstance(again := await who.taps("Stop it"), Reply)
        assert again.text.startswith("Nothing waits any more.")
        await a_day_passes(world)
        assert notes(told)[-1].startswith("A link that waited was stopped")
        assert await member_of(world, one) != await member_of(world, other)
    assert await count(world, joins) == 0


async def test_unlink_shows_what_waits_and_stops_it(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await begun(ada, tel)
    for person in (tel, ada):
        assert "on Thursday, 12:00 another account and this one become one" in (await person.says("/unlink")).text
        assert person.labels == ["Stop it"]
    assert (await ada.says("/link")).text == (await ada.says("/unlink")).text
    await ada.taps("Stop it")
    assert (await ada.says("/unlink")).text.startswith("Nothing is linked")
    assert (await tel.says("/unlink")).text.startswith("Nothing is linked")
    async with world.house.store.reading() as tx:
        tables = people.metadata.tables
        jobs = [row["job"] for row in await tx.rows(tables["due"]) if row["member"]]
    assert [job for job in jobs if job != "privacy.silence"] == ["link.drop_code"]  # that one stands for everybody
    await world.moves(days=2)
    assert await count(world) == 2


async def test_a_second_tap_changes_nothing(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await entered(tel, await made_by(ada))
    agreed = tel.seen
    await tel.taps(AGREE)
    tel.last = agreed
    again = await tel.taps(AGREE)
    assert isinstance(again, Reply)
    assert again.text.startswith("A link waits for its time")
    bob, bel = await world.member("bob"), await world.member("bel", platform="telegram")
    await entered(bel, await made_by(bob))
    agreed = bel.seen
    await bel.taps("Yes, link them")
    bel.last = agreed
    again = await bel.taps("Yes, link them")
    assert isinstance(again, Reply)
    assert again.text.startswith("A link waits for its time")
    assert await count(world, joins) == 4


async def test_both_entering_each_others_codes_is_one_link(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", last="3", platform="telegram")
    codes = await made_by(ada), await made_by(tel)
    await entered(tel, codes[0])
    await entered(ada, codes[1])
    await tel.taps("Yes, link them")
    again = await ada.taps("Yes, link them")
    assert isinstance(again, Reply)
    assert again.text.startswith("A link waits for its time")
    assert (await entered(ada, codes[1])).text.startswith("A link waits for its time")
    await world.moves(hours=24)
    assert await member_of(world, ada) == await member_of(world, tel)


async def test_a_third_one_waits_until_the_first_has_taken_effect(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    code = await made_by(await world.member("dee", platform="discord"))
    dis = world.person("dis", platform="discord")
    await entered(dis, await made_by(ada))
    stale = dis.seen
    await begun(ada, tel)
    dis.last = stale
    assert isinstance(answer := await dis.taps(AGREE), Reply)
    assert "isn't known to me" in answer.text  # a newer one was made
    assert (await entered(ada, code)).text.startswith("A link waits for its time")
    await world.moves(hours=24)
    await linked(world, tel, dis)
    assert {each.account.platform for each in await accounts_of(world, ada)} == {"test", "telegram", "discord"}
    assert (await dis.says("/streak")).text == (await ada.says("/streak")).text


async def test_both_are_told_once_more_but_not_at_night(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await begun(ada, tel)
    await world.moves(hours=19, minutes=59)  # 07:59
    assert len(notes(ada)) == 1
    await world.moves(minutes=1)
    for person in (ada, tel):
        assert notes(person)[-1].startswith("A link still waits: on Thursday, 12:00 another account")
        assert person.labels == ["Stop it"]
    await ada.taps("Stop it")
    await world.moves(hours=24)
    assert await member_of(world, ada) != await member_of(world, tel)


async def test_after_a_night_without_power_it_takes_effect_and_nothing_more_is_said(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await begun(ada, tel)
    await world.settle()
    await world.moves(hours=30)
    assert [each[:13] for each in notes(tel)] == ["Your accounts"]
    assert await member_of(world, ada) == await member_of(world, tel)


async def test_in_discreet_mode_nothing_shows_until_it_is_tapped(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await ada.says("/settings")
    await ada.chooses("discreet_on")
    await begun(ada, tel)
    await world.settle()
    assert ada.reads() == ["Something is here for you."]
    await ada.taps("Show it")
    assert ada.labels == ["Stop it"]
    await world.moves(hours=24)
    await tel.says("/settings")
    assert "Discreet mode: on" in tel.seen.text
    assert tel.reads()[-1] == "Something is here for you."


@pytest.mark.parametrize("who", ["maker", "other"])
async def test_forgetting_in_between_ends_it(world: World, who: str) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", last="3", platform="telegram")
    await begun(ada, tel)
    goes, stays = (ada, tel) if who == "maker" else (tel, ada)
    await goes.says("/forget")
    assert "linked accounts" not in goes.seen.text
    await goes.taps("Yes, erase everything")
    async with world.house.store.reading() as tx:
        told = [(row["subject"], row["step"]) for row in await tx.rows(people.metadata.tables["outbox"])]
    assert len({subject for subject, _ in told}) == 1
    assert sorted(step for _, step in told) == ([1, 2] if who == "other" else [1])  # one after the other
    await a_day_passes(world)
    assert notes(stays)[-1].startswith("A link that waited was stopped")
    assert await count(world) == 1
    assert await count(world, joins) == 0
    assert (await stays.says("/streak")).text.startswith("Day ")
    assert "once you have joined" in (await goes.says("/streak")).text


async def test_a_code_of_somebody_who_was_erased_leads_nowhere(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await entered(tel, await made_by(ada))
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert await tel.taps(AGREE) == Reply(UNKNOWN)
    assert await count(world) == 0


async def test_who_left_before_pressing_yes_is_asked_to_agree_first(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await entered(tel, await made_by(ada))
    asked = tel.seen
    await tel.says("/forget")
    await tel.taps("Yes, erase everything")
    tel.last = asked
    assert isinstance(answer := await tel.taps("Yes, link them"), Reply)
    assert "once you have joined" in answer.text
    assert await count(world) == 1


async def test_who_joined_before_agreeing_is_told_what_becomes_of_both(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await entered(tel, await made_by(ada))
    asked = tel.seen
    await tel.says("/join")
    await tel.taps(AGREE)
    tel.last = asked
    await tel.taps(AGREE)
    assert "become one person here, with one ledger" in tel.seen.text
    assert await count(world, joins) == 0


# -- taking an account out


async def test_an_account_leaves_at_once_and_the_ledger_stays(world: World) -> None:
    for number, leaving in enumerate(("here", "there")):
        one = await world.member(f"one-{number}", last="6")
        other = world.person(f"other-{number}", platform="telegram")
        await linked(world, one, other)
        goes, stays = other, one
        speaks = goes if leaving == "here" else stays
        await speaks.says("/unlink")
        await speaks.taps(f"Take out Telegram{' (this one)' if leaving == 'here' else ''}")
        assert "as if it had never joined" in speaks.seen.text
        before = await count(world, calls)
        await speaks.taps("Yes, take it out")
        assert await count(world, calls) == before + (leaving == "there")  # no Call names who is a stranger again
        assert speaks.seen.text.startswith("This account is taken out." if leaving == "here" else "It is taken out")
        await world.settle()
        assert "once you have joined" in (await goes.says("/streak")).text
        assert (await stays.says("/streak")).text.startswith("Day 7.")
        told = notes(goes if leaving == "there" else stays)[-1]
        assert told.startswith("This account was taken out" if leaving == "there" else "One of your accounts was taken")
        assert len(await accounts_of(world, stays)) == 1
        assert (await stays.says("/unlink")).text.startswith("Nothing is linked")


async def test_a_thought_on_its_way_to_the_account_that_leaves_is_not_used_up(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await linked(world, ada, tel)
    mine = {each.account.id: each.id for each in await accounts_of(world, ada)}
    await ada.says("/settings")
    await ada.calls(Call("", ada.account, ada.place, None, "settings.where", (mine["tel"],)))
    await ada.says("/daily 13")
    world.clock.move(timedelta(hours=1))
    world.scheduler.wake()
    await world.scheduler.tick()
    await ada.calls(Call("", ada.account, ada.place, None, "link.part", (mine["tel"],)))
    await world.settle()
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(readings)
    assert (row["state"]["had"], list(row["state"]["log"].values())) == ([], ["unreachable"])
    await world.moves(hours=24)
    assert "Your thought for today" in ada.reads()[-1]


async def test_the_last_account_is_not_taken_out(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await linked(world, ada, tel)
    mine = {each.account.id: each.id for each in await accounts_of(world, ada)}
    for first, again in (("tel", "That account isn't one of yours any more."), ("ada", "That is the only account")):
        await ada.calls(Call("", ada.account, ada.place, None, "link.part", (mine["tel"],)))
        seen = await ada.calls(Call("", ada.account, ada.place, None, "link.part", (mine[first],)))
        assert isinstance(seen, Reply)
        assert seen.text.startswith(again)
    assert (await ada.says("/streak")).text.startswith("Day 6.")


async def test_nobody_takes_out_an_account_of_somebody_else(world: World) -> None:
    ada, tel, eve = await world.member("ada"), world.person("tel", platform="telegram"), await world.member("eve")
    await linked(world, ada, tel)
    mine = [each.id for each in await accounts_of(world, ada)]
    for action in ("link.part", "link.ask", "settings.where"):
        for id in mine:
            seen = await eve.calls(Call("", eve.account, eve.place, None, action, (id,)))
            assert isinstance(seen, Reply)
            assert seen.text.startswith("That account isn't one of yours")
    assert len(await accounts_of(world, ada)) == 2


@pytest.mark.sqlite
async def test_nothing_of_an_account_that_left_is_in_the_files(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await linked(world, ada, tel)
    await tel.says("/ask Why, for-zuzu?")
    await tel.taps("Send")
    await world.settle()
    async with world.house.store.reading() as tx:
        lookup = people.lookup(world.house.vault, tel.account)
        row = (await tx.execute(select(accounts).where(accounts.c.lookup == lookup))).mappings().one()
    assert row["lookup"] in files(world)
    await ada.says("/unlink")
    await ada.taps("Take out Telegram")
    await ada.taps("Yes, take it out")
    await world.settle()
    await world.house.store.scrub()
    raw = files(world)
    for mark in (row["lookup"], row["reach"], row["id"].encode()):
        assert mark not in raw
    async with world.house.store.reading() as tx:
        assert "tel" not in {row["asker"]["address"] for row in await tx.rows(questions)}


async def test_an_answer_finds_the_account_that_stayed(world: World) -> None:
    ada, tel, rowan = await world.member("ada"), world.person("tel", platform="telegram"), world.person("rowan", DESK)
    await linked(world, ada, tel)
    for text in ("Is it me?", "Is it them?"):
        await tel.says(f"/ask {text}")
        if "Join" in tel.labels:
            await tel.taps("Join")
        await tel.taps("Send")
        await world.moves(hours=1)
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="It is on its way.")
    await tel.says("/unlink")
    await tel.taps("Take out Telegram (this one)")
    await tel.taps("Yes, take it out")
    await world.moves(minutes=2)
    assert "It is on its way." in ada.reads()[-1]
    rowan.shown, rowan.last = world.platform.said[DESK][0]
    await rowan.opens("Answer")
    await rowan.fills(answer="It is later.")
    await world.moves(minutes=2)
    assert "It is later." in ada.reads()[-1]
    assert not [text for text in tel.reads() if "It is" in text]


async def test_an_answer_comes_where_it_was_asked_after_linking(world: World) -> None:
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    tel = await world.member("tel", platform="telegram")
    for person in (tel, ada):
        await person.says(f"/ask {person.account.id} asks")
        await person.taps("Send")
    await linked(world, ada, tel)
    for shown in list(world.platform.said[DESK]):
        rowan.shown, rowan.last = shown
        if "What waits" not in rowan.labels:  # a reminder
            await rowan.opens("Answer")
            await rowan.fills(answer="Answered.")
    await world.moves(minutes=2)
    assert next(text for text in tel.reads() if "Answered." in text).count("tel asks") == 1
    assert next(text for text in ada.reads() if "Answered." in text).count("ada asks") == 1
    kept = unzipped((await ada.says("/export")).files[0].data)["unsent.json"].decode()
    assert "tel asks" in kept
    assert "ada asks" in kept
    await tel.says("/forget")
    await tel.taps("Yes, erase everything")
    await world.moves(hours=1)  # until the reminder is looked after
    assert world.platform.at(DESK) == []
    assert await count(world, questions) == 0


# -- everything, from either


async def test_forget_erases_the_whole_member_and_the_other_account_is_told(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await linked(world, ada, tel)
    await tel.says("/forget")
    assert "It takes all your linked accounts with it." in tel.seen.text
    await tel.taps("Yes, erase everything")
    assert "Your other accounts are nobody's now, too." in tel.seen.text
    assert await count(world) == 0
    await world.settle()
    assert notes(ada)[-1].startswith("Everything kept of you was erased, with /forget from another of your accounts.")
    assert "once you have joined" in (await ada.says("/streak")).text
    async with world.house.store.reading() as tx:
        for table in people.metadata.sorted_tables:
            if table.name in ("outbox", "sent", "accounts", "due"):
                rows = [row for row in await tx.rows(table) if row.get("job") not in ("advice.post", "totals.week")]
                assert rows == [], table.name
    assert world.house.store.to_scrub


async def test_who_cannot_be_told_of_it_is_not_kept_for_it(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await linked(world, ada, tel)
    world.platform.outcomes.append(Unreachable())
    await tel.says("/forget")
    await tel.taps("Yes, erase everything")
    await world.settle()
    async with world.house.store.reading() as tx:
        assert await tx.rows(people.metadata.tables["outbox"]) == []


# -- where it comes


async def wants_daily(person: Person) -> None:
    """Choose the morning."""
    await person.says("/daily 8")


async def test_it_comes_to_the_first_account_until_another_is_chosen(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await wants_daily(ada)
    await ada.says("/settings")
    assert "Where it comes" not in [option.label for row in ada.seen.rows for item in row for option in options(item)]
    await linked(world, ada, tel)
    thoughts = [sum("Your thought for today" in text for text in each.reads()) for each in (ada, tel)]
    assert thoughts == [1, 0]
    assert "What I send unasked comes to another platform" in (await tel.says("/settings")).text
    assert "Where it comes" in [option.label for row in tel.seen.rows for item in row for option in options(item)]
    await tel.chooses("where")
    chosen = next(each.id for each in await accounts_of(world, tel) if each.account.platform == "telegram")
    assert "What I send unasked comes to Telegram (this one)" in (await tel.chooses(chosen)).text
    await a_day_passes(world)
    thoughts = [sum("Your thought for today" in text for text in each.reads()) for each in (ada, tel)]
    assert thoughts == [1, 1]


def options(item: object) -> tuple[object, ...]:
    """Return the options of a menu."""
    return getattr(item, "options", ())


async def test_while_the_chosen_one_cannot_be_reached_it_comes_to_the_other(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await linked(world, ada, tel)
    await wants_daily(ada)
    await world.dispatch.happened(Happening("blocked", account=ada.account))
    await a_day_passes(world)
    assert sum("Your thought for today" in text for text in tel.reads()) == 1
    await ada.says("/streak")  # and is back
    await a_day_passes(world)
    assert sum("Your thought for today" in text for text in ada.reads()) == 1
    assert sum("Your thought for today" in text for text in tel.reads()) == 1


async def test_after_the_chosen_one_has_left_it_comes_to_one_that_stayed(world: World) -> None:
    ada, tel = await world.member("ada"), world.person("tel", platform="telegram")
    await wants_daily(ada)
    await linked(world, ada, tel)
    await ada.says("/unlink")
    await ada.taps("Take out another platform (this one)")
    await ada.taps("Yes, take it out")
    before = len(ada.reads())
    await a_day_passes(world)
    assert len([text for text in tel.reads() if "Your thought for today" in text]) == 1
    assert len(ada.reads()) == before


async def test_who_leaves_a_server_is_still_there_with_another_account(world: World) -> None:
    ada, tel = await world.member("ada"), await world.member("ida", of=())
    await linked(world, ada, tel)
    world.platform.left.add(("ada", HOME))
    await world.dispatch.happened(Happening("left", account=ada.account, server=HOME))
    async with world.house.store.reading() as tx:
        assert len(await tx.rows(people.metadata.tables["memberships"])) == 1
    world.platform.left.add(("ida", HOME))
    await world.dispatch.happened(Happening("left", account=tel.account, server=HOME))
    async with world.house.store.reading() as tx:
        assert await tx.rows(people.metadata.tables["memberships"]) == []


async def test_an_account_that_is_spoken_from_in_a_channel_is_told_in_private(world: World) -> None:
    ada, ida = await world.member("ada"), world.person("ida", TOWN)
    await begun(ada, ida)
    await world.settle()
    assert world.platform.at(ida.account.private)[0].text.startswith("There is a note for you.")
