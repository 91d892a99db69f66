"""The whole of Unsent, once: set up, join, streak, advice, post, ask, answer, halt, forget. The same everywhere."""

import base64
import json
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot import communities
from bot.due import due
from bot.observe import CALLS, Format
from bot.vault import new_key
from cogs import faq
from tests.platforms import conformance
from tests.scenario.on_both import both
from tests.scenario.on_discord import discord
from tests.scenario.on_preview import preview
from tests.scenario.on_telegram import telegram, telegram_by_webhook
from tests.scenario.stage import Stage
from tests.zipped import unzipped

LETTER = "Markletter: please come back"
LINE = "Markline: their birthday is near"
PASSAGE = "Markpassage: a date is a day like others."
PUBLISHED = "Markpublished: what do I do on their birthday?"
QUESTION = "Markquestion: should I write to them on their birthday?"
ANSWER = "Markanswer: let the day pass, and write it here instead."
FURTHER = "Markfurther: and if they write first?"
AGAIN = "Markagain: then let a day pass first."

NOTE = "Marknote: they asked the same in spring"
TIP = "Marktip: I walk around the block first"

ELSEWHERE = {"community_link"}  # done by the setting that has two platforms

Setting = Callable[[Path, str], AbstractAsyncContextManager[Stage]]


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Return all that was logged at DEBUG, by anybody, as our log would show it."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join(Format("json").format(record) for record in caplog.records)


@pytest.mark.parametrize("setting", [discord, telegram, telegram_by_webhook, both, preview])
async def test_the_whole_way(setting: Setting, tmp_path: Path, logs: Callable[[], str]) -> None:
    before = called()
    async with setting(tmp_path, new_key()) as stage:
        ada, ann, rowan = stage.member, stage.owner, stage.coach
        await set_up(stage)
        await stage.links()

        await stage.joins(ann.seen)
        assert "Ann (Markcontact) runs this" in ada.seen
        await ada.taps("I'm 18 or over, and I agree")
        await ada.taps("I cheated")
        await ada.taps("Another day")
        await ada.fills(day="5")
        await ada.taps("Morning")
        assert "Day 5." in ada.seen
        assert "12:00 by my clock" in ada.seen

        await ada.says("/streak")
        assert "Day 5. The last contact was on Friday, 27 February." in ada.seen

        await ada.says("/urge")
        await ada.fills(letter=LETTER)
        assert "Kept, not sent. Back at 12:20." in ada.seen
        await stage.moves(minutes=21)
        await ada.finds("Still there?")
        await ada.taps("It passed")
        assert "That is one, and it stays yours." in ada.seen
        await ada.says("/letters")
        assert "One message you did not send." in ada.seen
        await ada.taps("Burn all")
        assert "All of them are burned." in ada.seen

        await ada.says("/contact", what="looked")
        assert "Noted. It doesn't touch your days." in ada.seen
        await ada.says("/history")
        assert "I looked at their profile" in ada.seen
        await ada.says("/zone")
        await ada.fills(where="UTC")
        assert "It's 12:20 for you now." in ada.seen or "It's 12:21 for you now." in ada.seen
        await ada.says("/daily")
        await ada.chooses("Choose an hour", "07:00")
        assert "One thought a day, at 07:00 by your clock." in ada.seen
        await ada.says("/crisis")
        assert "I'm glad you looked here." in ada.seen
        await ada.chooses("My country (M to U)", "United States")
        assert "988" in ada.seen
        await ada.says("/privacy")
        assert "/forget" in ada.seen
        await ada.says("/stage")
        assert "Giving space" in ada.seen
        await ada.says("/settings")
        assert "An urge is waited out for 20 minutes" in ada.seen
        await ada.says("/checkin")
        await ada.taps("Hard")
        await ada.taps("Say more")
        await ada.fills(line=LINE)
        assert f"Wednesday, 4 March: hard.\n“{LINE}”" in ada.seen
        await ada.says("/checkin", mood="okay")
        assert "Wednesday, 4 March: okay." in ada.seen
        await ada.says("/insights")
        assert "From 5 urges on I can say when they come: there is one so far." in ada.seen
        await ada.says("/link")
        assert "On the other platform, open my private chat and type /link and this code" in ada.seen
        await ada.says("/unlink")
        assert "Nothing is linked: this account stands by itself." in ada.seen
        await ada.says("/pause")
        assert "Nothing comes unasked now" in ada.seen
        await ada.says("/resume")
        assert "It comes again" in ada.seen

        await ada.says("/advice")
        assert "Today: " in ada.seen

        assert "Today: " not in await stage.reader.reads()
        await looks_ahead(stage)
        assert "Today: " not in await stage.reader.reads()
        await stage.moves(hours=6)
        await stage.reader.finds("Today: ")

        await rowan.says("/sign", name="Rowan")
        assert "Your answers are signed Rowan." in rowan.seen
        await rowan.says("/snippets", words="birthday")
        assert "This has your words in it:" in rowan.seen
        await rowan.says("/snippets")
        await rowan.taps("Add a passage")
        await rowan.fills(title="A hard date", text=PASSAGE)
        assert PASSAGE in rowan.seen
        await ada.says("/ask")
        await ada.fills(question=QUESTION)
        assert "Coaches will see only this" in ada.seen
        await ada.chooses("What it is about (if you like)", "Children or other ties")
        assert "About: Children or other ties" in ada.seen
        await ada.taps("Send")
        assert "without your name" in ada.seen
        await stage.moves(minutes=11)

        await rowan.finds(QUESTION)
        await rowan.taps("Claim")
        assert "Rowan has it" in rowan.seen
        await rowan.taps("Release")
        assert "Rowan has it" not in rowan.seen
        await stage.calm()
        await rowan.says("/desk")
        assert "One question waits. It came just now." in rowan.seen
        await stage.calm()
        await rowan.says("/queue")
        assert "One question waits." in rowan.seen
        await stage.calm()
        await rowan.taps("Next")
        assert QUESTION in rowan.seen
        await stage.calm()
        await rowan.taps("Answer")
        await stage.calm()
        await rowan.fills(answer=ANSWER)
        assert "Going out in 60 seconds, signed: Rowan" in rowan.seen
        await stage.calm()
        await rowan.finds("It goes out within a minute, signed Rowan.")
        await rowan.taps("More")
        await rowan.taps("Note")
        await rowan.fills(text=NOTE)
        await rowan.finds(NOTE)
        await stage.moves(seconds=61)
        await ada.finds(ANSWER)
        assert "Rowan, a coach of this community" in ada.seen
        await rowan.finds("It has gone out.")
        await ada.taps("Thank")
        assert "The coaches will see it." in ada.seen
        await ada.taps("It helped")
        assert "It is counted" in ada.seen

        await ada.says("/questions")
        await ada.chooses("Look at one", QUESTION)
        assert "Where it stands: answered." in ada.seen
        await ada.taps("Follow up")
        await ada.fills(more=FURTHER)
        assert "They added:" in ada.seen
        await ada.taps("Send")
        await stage.moves(minutes=11)
        await rowan.finds(FURTHER)
        await stage.calm()
        await rowan.answers(AGAIN)
        assert "Going out in 60 seconds, signed: Rowan" in rowan.seen
        assert AGAIN in rowan.seen
        await stage.calm()
        await stage.moves(seconds=61)
        await ada.finds(AGAIN)
        await ada.says("/questions")
        await ada.chooses("Look at one", QUESTION)
        await ada.taps("Report")
        await ada.chooses("The answer", ANSWER)
        assert "is responsible here" in ada.seen
        await ada.taps("Yes, show it")
        assert "is shown it now, in private" in ada.seen

        await ada.says("/help")
        assert "For you, once you have joined" in ada.seen
        assert "/halt" not in ada.seen
        await ada.says("/coaches")
        assert "• Rowan" in ada.seen
        assert "No coach will ever message you directly." in ada.seen
        await ada.says("/about")
        assert "by Zan, founder of Magnet of Success" in ada.seen
        await ada.says("/community")
        assert "There is nothing to show yet." in ada.seen

        await stage.in_town("/halt")
        assert "Everything unasked has stopped" in ann.seen
        await ada.says("/ask")
        assert "Questions are closed here for now" in ada.seen
        await stage.in_town("/resume_all")
        assert "It goes on." in ann.seen

        await stage.moves(hours=14)
        await rowan.finds("Delivered.")
        await ada.finds("Your thought for today")
        await stage.calm()
        await rowan.says("/desk")
        await rowan.looks_aside("Mine")
        assert "2 answers of yours have gone out" in rowan.seen
        assert "Only you see this." in rowan.seen
        await rowan.taps("Forget these")
        assert "They are forgotten." in rowan.seen
        rowan.comes_back()

        code = await publish(stage)
        await stage.reader.finds(PUBLISHED)
        await ada.says("/faq", words="birthday")
        await ada.chooses("Open one", f"1. {PUBLISHED}")
        assert f"{PUBLISHED}\n\n{ANSWER}" in ada.seen
        await ada.says("/unpublish", code=code)
        assert "It is taken down" in ada.seen

        await ada.says("/tip")
        await ada.fills(text=TIP)
        assert f"A tip\n\n{TIP}" in ada.seen
        await ada.taps("Send")
        assert "Thank you, for whoever it will help." in ada.seen
        code = ada.seen.split()[-1]
        await stage.moves(minutes=11)
        await rowan.finds(TIP)
        await stage.calm()
        await rowan.taps("Publish with an alias")
        assert "It comes out within two days" in rowan.seen
        await stage.calm()
        await rowan.taps("Publish")
        await stage.calm()
        await comes_out(stage, "tips.out")
        await stage.reader.finds(TIP)
        await stage.calm()
        assert TIP not in await rowan.reads()
        await ada.says("/unpublish", code=code)
        assert "It is taken down" in ada.seen
        await stage.calm()
        assert TIP not in await stage.reader.reads()

        await ada.says("/export")
        files = unzipped(await ada.file())
        exported = json.loads(files["unsent.json"])
        assert exported["questions"][0]["text"] == QUESTION
        assert exported["question_lines"][0]["text"] == ANSWER
        assert QUESTION in files["questions.csv"].decode("utf-8-sig")
        assert files["pictures/days-dark.png"].startswith(b"\x89PNG")

        await ada.says("/questions")
        await ada.chooses("Look at one", QUESTION)
        await ada.taps("Forget this one now")
        await ada.taps("Yes, forget it")
        assert "It is forgotten" in ada.seen

        await ada.says("/forget")
        await ada.taps("Yes, erase everything")
        assert "is erased" in ada.seen

        used = {action for action, times in called().items() if times > before.get(action, 0)}
        assert {each.id for each in stage.app.house.registry.commands} - used <= ELSEWHERE

        desk, marks, ids = stage.desk_payloads(), stage.marks, stage.ids
        assert QUESTION in desk
        assert not [mark for mark in marks if mark in desk]
        complaints = stage.check()

    assert not [
        mark
        for mark in (
            *marks,
            *ids,
            QUESTION,
            ANSWER,
            FURTHER,
            AGAIN,
            NOTE,
            LETTER,
            LINE,
            PASSAGE,
            PUBLISHED,
            TIP,
            "Markcontact",
        )
        if mark in logs()
    ]
    assert complaints == []
    assert not _left(tmp_path, (*marks, *ids, QUESTION, ANSWER, FURTHER, AGAIN, NOTE, LINE, PASSAGE, PUBLISHED, TIP))


async def test_one_member_on_both(tmp_path: Path, logs: Callable[[], str]) -> None:
    async with both(tmp_path, new_key()) as stage:
        there, here = stage.asking.member, stage.answering.member
        await set_up(stage)
        await stage.links()
        await stage.joins(stage.owner.seen)
        for label in ("I'm 18 or over, and I agree", "I cheated", "Yesterday", "No"):
            await there.taps(label)
        await there.says("/link")
        code = there.seen.split()[0]

        await here.says("/link", code=f"{code[:4]} {code[4:].lower()}")
        assert "This code was made on Telegram." in here.seen
        assert "and Discord, can read it" in " ".join(here.seen.split())
        await here.taps("I'm 18 or over, and I agree")
        assert "It is noted. On Thursday, 12:00 they become one." in here.seen
        await there.hears("A link was begun between your account here and one on Discord.")
        await here.hears("A link was begun between your account here and one on Telegram.")
        await here.says("/streak")
        assert "Day" not in here.seen

        await stage.moves(hours=24)
        for person in (here, there):
            await person.hears("Your accounts are linked now, with one ledger for all.")
            await person.says("/streak")
        assert here.seen == there.seen
        assert "Day 2. The last contact was on Tuesday, 3 March." in here.seen
        await here.says("/contact", what="wrote")
        await there.says("/streak")
        assert "Today is where it begins." in there.seen

        await there.says("/unlink")
        await there.taps("Take out Discord")
        await there.taps("Yes, take it out")
        await here.hears("This account was taken out from another of yours")
        await here.says("/streak")
        assert "once you have joined" in here.seen
        complaints = stage.check()
        await stage.app.house.store.scrub()

    marks = (*stage.marks, *stage.answering.marks, code)
    assert not [mark for mark in marks if mark in logs()]
    assert complaints == []
    assert not _left(tmp_path, marks)


@pytest.mark.parametrize("setting", [discord, telegram, preview])
async def test_a_place_that_everybody_reads_is_no_desk(setting: Setting, tmp_path: Path) -> None:
    async with setting(tmp_path, new_key()) as stage:
        ann = stage.owner
        await stage.begins()
        await ann.taps("I take that on")
        await ann.fills(operator="Ann", contact="Markcontact")
        asked = ann.message
        await ann.chooses("Where the coaches sit", stage.town)
        assert "questions are for coaches alone" in ann.seen
        ann.message = asked
        await ann.chooses("Where the coaches sit", stage.desk)
        assert "Step 3 of 6." in ann.seen


@pytest.mark.parametrize("setting", [discord, telegram, preview])
async def test_whoever_runs_the_place_is_shown_how(setting: Setting, tmp_path: Path) -> None:
    async with setting(tmp_path, new_key()) as stage:
        await stage.asks_for_help()
        assert "For whoever runs this place\n/community" in stage.owner.seen
        assert "/setup · " in stage.owner.seen


def called() -> dict[str, float]:
    """Return how often each command and action was called so far, on all platforms."""
    found: dict[str, float] = {}
    for sample in (sample for metric in CALLS.collect() for sample in metric.samples if sample.name.endswith("_total")):
        found[sample.labels["action"]] = found.get(sample.labels["action"], 0) + sample.value
    return found


async def publish(stage: Stage) -> str:
    """Publish a question of somebody's, and wait until it is out; return the code that takes it down."""
    house = stage.app.house
    async with house.store.transaction() as tx:
        (row,) = await tx.rows(communities.communities)
        community = await communities.load(tx, row["id"])
        code = await faq.publish(house.work(tx), community, PUBLISHED, ANSWER, "Rowan")
    await comes_out(stage, "faq.out")
    return code


async def looks_ahead(stage: Stage) -> None:
    """Look at what is posted next, see it alone, and have a thread below it."""
    ann = stage.owner
    await stage.begins("/posts")
    where = ann.seen.partition(": every day at 18:00")[0].splitlines()[-1]
    await ann.chooses("Choose one", where)
    assert "When: every day at 18:00 (UTC)" in ann.seen
    first = next(line for line in ann.seen.splitlines() if line.startswith("Wed, 4 Mar, 18:00: "))
    await ann.chooses("Change something", "Open a thread below each")
    assert "in a thread of its own" in ann.seen
    await ann.chooses("The next ones", first)
    assert "Today: " in ann.seen
    await ann.taps("A day later")
    assert "It comes on Thursday, 5 March, 18:00." in ann.seen
    await ann.taps("A day earlier")
    assert "It comes on Wednesday, 4 March, 18:00." in ann.seen
    await ann.taps("Back")
    await ann.taps("See it as it comes")
    assert "Today: " in ann.seen


async def comes_out(stage: Stage, job: str) -> None:
    """Let time pass until what was planned is out."""
    async with stage.app.house.store.reading() as tx:
        (at,) = (row["at"] for row in await tx.rows(due, due.c.job == job))
    await stage.moves(seconds=(at - stage.clock.now()).total_seconds())


async def set_up(stage: Stage) -> None:
    """Go the six steps, left after the second and taken up again; the answer looked at says how people join."""
    ann = stage.owner
    await stage.begins()
    assert "people will write the most private things of their lives to me" in ann.seen
    await ann.taps("I take that on")
    await ann.fills(operator="Ann", contact="Markcontact")
    assert "Ann (Markcontact) is responsible." in ann.seen
    assert "Step 2 of 6. Where do your coaches sit?" in " ".join(ann.seen.split())

    await ann.chooses("Where the coaches sit", stage.desk)
    assert "Questions go to" in ann.seen
    assert stage.off in ann.seen
    assert "Step 3 of 6." in ann.seen

    await stage.begins()
    assert "You left off here." in ann.seen
    assert "Step 3 of 6." in ann.seen
    await ann.chooses(stage.coaches_menu, stage.coaches)
    assert "is a coach." in ann.seen or "They are a coach now." in ann.seen
    await ann.taps("Go on")
    assert "Step 4 of 6." in ann.seen
    await ann.chooses("Where posts go", stage.town)
    assert "The daily thought is posted in" in ann.seen
    await ann.chooses("The hour", "18:00")
    assert "it comes at 18:00." in ann.seen

    assert "Step 5 of 6." in ann.seen
    if stage.off:
        assert f":\n• {stage.off}\n\nThe switches are in" in ann.seen
        await stage.mends()
        await ann.taps("Check again")
    assert "Everything I need is switched on." in ann.seen
    await ann.taps("Go on")
    assert "Step 6 of 6." in ann.seen
    await ann.taps("See a test post")
    assert "Only you see this." in ann.seen
    assert "Today: " in ann.seen
    assert "Today: " not in await stage.reader.reads()
    await ann.taps("Back")
    await ann.taps("Open")
    assert "It's open." in ann.seen


def test_the_specifications_are_at_hand() -> None:
    if not conformance.available():
        pytest.skip("the platforms' specifications are not here")


def _left(folder: Path, marks: tuple[str, ...]) -> list[str]:
    """Return the marks that stand, in any form, in the bytes of the files in `folder`."""
    left = b"".join(file.read_bytes() for file in folder.iterdir())
    return [mark for mark in marks if any(form in left for form in _forms(mark))]


def _forms(mark: str) -> list[bytes]:
    raw = mark.encode()
    forms = [
        raw,
        raw.hex().encode(),
        base64.b64encode(raw).rstrip(b"=")[:-1],
        base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1],
    ]
    return forms + ([int(mark).to_bytes(8, "big"), int(mark).to_bytes(8, "little")] if mark.isdecimal() else [])
