"""What somebody has asked: where it stands, and all they can do with it; nothing of it tells the desk who they are."""

import pytest

from bot import communities
from bot.adapter import Unreachable
from bot.model import Account, Call, Menu, Place, Reply, Server
from bot.outbox import outbox, sent
from cogs.questions import block, desks, lines, move, questions
from cogs.questions.store import State, askers, card_of, desk_names
from cogs.questions.tallies import tallies
from tests.harness import DESK, HOME, TOWN, Person, World

OWNER = Account("test", "ann", locale="en")


async def asked(world: World, text: str = "Should I write to her?", name: str = "ada") -> tuple[Person, Person]:
    """Somebody has asked; a coach looks at it."""
    ada, rowan = await world.member(name), world.person("rowan", DESK)
    await ada.says(f"/ask {text}")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    return ada, rowan


async def answers(world: World, rowan: Person, text: str) -> None:
    """Answer the question last seen at the desk."""
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer=text)
    await world.moves(seconds=61)


async def looks(world: World, ada: Person) -> Reply:
    """Open the newest of one's questions."""
    listed = await ada.says("/questions")
    (menu,) = [item for row in listed.rows for item in row if isinstance(item, Menu)]
    return await ada.chooses(menu.options[0].value)


async def row_of(world: World) -> dict[str, object]:
    """Return the one question there is."""
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(questions)
    return row


async def stewarded(world: World) -> None:
    """Let somebody be responsible."""
    async with world.house.store.transaction() as tx:
        await communities.set_steward(tx, world.house.vault, world.community.id, OWNER)


# -- where it stands


async def test_who_asked_nothing_is_told_so(world: World) -> None:
    ada = await world.member("ada")
    assert "haven't asked anything" in (await ada.says("/questions")).text
    assert ada.labels == ["Ask a coach", "Help lines"]


async def test_the_newest_comes_first(world: World) -> None:
    ada, _ = await asked(world, "The first?")
    await world.moves(hours=1)
    await ada.says("/ask The second?")
    await ada.taps("Send")
    listed = (await ada.says("/questions")).text
    assert listed.index("The second?") < listed.index("The first?")
    assert "• The first? · waiting" in listed


async def test_it_stands_where_it_is_said_to_stand(world: World) -> None:
    ada, rowan = await asked(world)
    assert "Where it stands: waiting." in (await looks(world, ada)).text
    async with world.house.store.transaction() as tx:
        row = (await tx.rows(questions))[0]
        until = world.clock.now().replace(hour=13)
        await tx.update(questions, {"id": row["id"]}, claimed_until=until)
    assert "Where it stands: a coach is on it." in (await looks(world, ada)).text
    await world.moves(hours=2)
    assert "Where it stands: waiting." in (await looks(world, ada)).text
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait a day.")
    seen = await looks(world, ada)
    assert "an answer is on its way" in seen.text
    assert "Wait a day." not in seen.text  # it can still be taken back
    await world.moves(seconds=61)
    seen = await looks(world, ada)
    assert "Where it stands: answered. 30 days after it is closed, all of it is destroyed" in seen.text
    assert "You asked:\nShould I write to her?\n\nA coach of this community:\nWait a day." in seen.text


async def test_what_could_not_be_delivered_says_so_and_is_read_here(world: World) -> None:
    ada, rowan = await asked(world)
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait a day.")
    world.platform.outcomes = [Unreachable(), Unreachable()]
    await world.moves(seconds=61)
    async with world.house.store.reading() as tx:
        assert (await tx.rows(outbox, outbox.c.state == "held")) != []
    async with world.house.store.reading() as tx:
        row = (await tx.rows(questions))[0]
    listed = await ada.calls(Call("", ada.account, ada.place, None, "questions.open", (row["id"],)))
    assert isinstance(listed, Reply)
    assert "it could not be delivered to you" in listed.text
    assert "Wait a day." in listed.text


async def test_nobody_elses_is_shown_or_touched(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "No.")
    bea = await world.member("bea")
    assert "haven't asked" in (await bea.says("/questions")).text
    bea.last = await looks(world, ada)
    for label in [label for label in ada.labels if label in {*DEEDS}]:
        answer = await bea.taps(label)
        assert isinstance(answer, Reply)
        assert answer.text == "This question is not here any more."
        bea.last = ada.last
    row = await row_of(world)
    assert (card_of(row).thanked, card_of(row).rating, row["state"]) == (False, None, State.ANSWERED)


DEEDS = ("Follow up", "Thank", "Report", "It helped", "A little", "No", "Forget this one now")


async def test_long_threads_have_pages(world: World) -> None:
    ada, rowan = await asked(world, "q" * 3000)
    await answers(world, rowan, "a" * 3000)
    seen = await looks(world, ada)
    assert "a" * 3000 in seen.text
    answer = await ada.taps("Earlier")
    assert isinstance(answer, Reply)
    assert "q" * 3000 in answer.text
    assert "Later" in ada.labels


# -- follow up


async def test_a_follow_up_is_shown_first_and_goes_to_the_desk_under_the_same_name(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Wait a day.")
    ada.reads()
    assert ada.labels == ["Follow up", "Thank", "Report", "Help lines"]
    await ada.opens("Follow up")
    shown = await ada.fills(more="I live in Leeds. And if she writes?")
    assert "‘Leeds’" in shown.text
    await ada.taps("Send")
    await world.settle()
    (last,) = world.platform.at(DESK)
    further = "They added:\nI live in Leeds. And if she writes?"
    assert further in shown.text
    assert f"\n\n{further}" in last.text
    assert last.text.startswith(f"{card_of(await row_of(world)).alias} · came just now\n\nShould I write to her?")
    assert "Where it stands: waiting." in (await looks(world, ada)).text
    await answers(world, rowan, "Then wait two.")
    assert "Then wait two." in ada.reads()[-1]
    assert "Wait a day." in (await looks(world, ada)).text


async def test_one_addition_at_a_time(world: World) -> None:
    ada, _ = await asked(world)
    await looks(world, ada)
    await ada.opens("Follow up")
    await ada.fills(more="She wrote just now.")
    await ada.taps("Send")
    await looks(world, ada)
    answer = await ada.taps("Follow up")
    assert isinstance(answer, Reply)
    assert "When they have answered, you can add more." in answer.text
    async with world.house.store.reading() as tx:
        assert len(await tx.rows(lines)) == 1


async def test_what_a_coach_has_written_and_not_sent_does_not_show(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Wait a day.")
    ada.reads()
    await ada.opens("Follow up")
    await ada.fills(more="And if she writes?")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    await rowan.opens("Answer")
    assert "Nothing has gone out." in (await rowan.fills(answer="Write to me: rowan@example.org")).text
    answer = await looks(world, ada) and await ada.taps("Follow up")
    assert isinstance(answer, Reply)
    assert "When they have answered, you can add more." in answer.text


async def test_a_follow_up_is_screened_and_can_be_seen_first(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Wait a day.")
    ada.reads()
    await ada.opens("Follow up")
    assert (await ada.fills(more="I want to kill myself")).text.startswith("I'm glad you wrote that here")
    await ada.taps("Yes, first")
    await ada.taps("Send")
    await world.settle()
    assert " · urgent\n" in world.platform.at(DESK)[-1].text


async def test_who_is_blocked_adds_nothing(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Wait a day.")
    async with world.house.store.transaction() as tx:
        await block(world.house.work(tx), (await tx.rows(questions))[0], 7)
    ada.reads()
    answer = await ada.taps("Follow up")
    assert isinstance(answer, Reply)
    assert "take no questions from you" in answer.text


async def test_to_what_is_closed_nothing_is_added(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Wait a day.")
    ada.reads()
    arrived = ada.last
    await world.moves(days=8)
    ada.last = arrived
    answer = await ada.taps("Follow up")
    assert isinstance(answer, Reply)
    assert "With /ask you can begin a new one." in answer.text


# -- thank, rate


async def test_thanks_are_shown_at_the_desk_at_a_random_moment(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Wait a day.")
    async with world.house.store.transaction() as tx:
        await tx.upsert(desks, community=world.community.id, jitter=10)
    ada.reads()
    await ada.taps("Thank")
    await world.settle()
    assert "thank you" not in world.platform.at(DESK)[-1].text
    await world.moves(minutes=10)
    assert world.platform.at(DESK)[-1].text.endswith("They said thank you.")


async def test_a_rating_is_counted_once_and_may_be_another(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Wait a day.")
    await looks(world, ada)
    here = ada.last
    for label, kept in (("It helped", {"rated-1": 1}), ("It helped", {"rated-1": 1}), ("No", {"rated-3": 1})):
        ada.last = here
        await ada.taps(label)
        async with world.house.store.reading() as tx:
            rated = {row["what"]: row["count"] for row in await tx.rows(tallies) if row["what"].startswith("rated")}
        assert {what: count for what, count in rated.items() if count} == kept
    before = len(world.platform.delivered)
    await world.settle()
    assert len(world.platform.delivered) == before  # the desk is not told


async def test_of_what_has_no_answer_nothing_is_said(world: World) -> None:
    ada, _ = await asked(world)
    seen = await looks(world, ada)
    assert not {"Thank", "Report", "It helped"} & set(ada.labels)
    assert "Withdraw" in ada.labels
    assert "waiting" in seen.text


# -- withdraw, forget


async def test_what_is_withdrawn_vanishes_at_the_desk_too_after_one_question(world: World) -> None:
    ada, _ = await asked(world)
    await looks(world, ada)
    sure = await ada.taps("Withdraw")
    assert isinstance(sure, Reply)
    assert "vanishes at the coaches' too" in sure.text
    assert len(world.platform.at(DESK)) == 1
    await ada.taps("Yes, withdraw it")
    await world.settle()
    assert world.platform.at(DESK) == []
    assert "haven't asked anything" in (await ada.says("/questions")).text


async def test_an_answer_that_can_be_taken_back_does_not_come_any_more(world: World) -> None:
    ada, rowan = await asked(world)
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait a day.")
    await looks(world, ada)
    await ada.taps("Withdraw")
    await ada.taps("Yes, withdraw it")
    await world.moves(minutes=2)
    assert ada.reads() == []
    assert world.platform.at(DESK) == []


async def test_what_was_answered_is_kept_by_whoever_withdraws_a_follow_up(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Wait a day.")
    ada.reads()
    await ada.opens("Follow up")
    await ada.fills(more="And then?")
    await ada.taps("Send")
    await world.settle()
    await looks(world, ada)
    await ada.taps("Withdraw")
    await ada.taps("Yes, withdraw it")
    await world.settle()
    assert world.platform.at(DESK) == []
    seen = await looks(world, ada)
    assert "Wait a day." in seen.text
    assert "Where it stands: closed. On Friday, 3 April all of it is destroyed" in seen.text


async def test_forgetting_one_leaves_nothing_of_it_and_all_of_the_others(world: World) -> None:
    ada, rowan = await asked(world, "question-zuzu?")
    await answers(world, rowan, "answer-zuzu")
    id = str((await row_of(world))["id"])
    await world.moves(hours=1)
    await ada.says("/ask Another?")
    await ada.taps("Send")
    await world.settle()
    listed = await ada.says("/questions")
    assert "question-zuzu?" in listed.text
    await ada.chooses(id)
    await ada.taps("Forget this one now")
    await ada.taps("Yes, forget it")
    await world.settle()
    await world.scheduler.tidy()
    assert "question-zuzu?" not in (await ada.says("/questions")).text
    assert ["Another?" in reply.text for reply in world.platform.at(DESK)] == [True]
    async with world.house.store.reading() as tx:
        assert await tx.rows(lines) == []
        assert await tx.rows(sent, sent.c.name.contains(id)) == await tx.rows(outbox) == []
        (row,) = await tx.rows(askers)
    assert len(row["asked"]["ids"]) == 1
    raw = b"".join(file.read_bytes() for file in world.path.parent.glob("unsent.sqlite*"))
    assert not [word for word in (id, "question-zuzu", desk_names(id)) if word.encode() in raw]


# -- report


async def test_a_report_goes_to_whoever_is_responsible_after_one_question_and_never_to_the_desk(world: World) -> None:
    await stewarded(world)
    ada, rowan = await asked(world)
    await answers(world, rowan, "Write to me instead.")
    ada.reads()
    sure = await ada.taps("Report")
    assert isinstance(sure, Reply)
    assert "Ann (ann@example.org) is responsible here" in sure.text
    await world.settle()
    assert world.platform.at(OWNER.private) == []
    at_desk = world.platform.at(DESK)
    confirm = ada.last
    await ada.taps("Yes, show it")
    ada.last = confirm
    await ada.taps("Yes, show it")
    assert "was reported already" in ada.seen.text
    await world.settle()
    (told,) = world.platform.at(OWNER.private)
    assert "Should I write to her?" in told.text
    assert "Write to me instead." in told.text
    assert "ada" not in told.text.casefold().replace("dada", "")
    assert world.platform.at(DESK) == at_desk


async def test_the_longest_report_is_two_messages(world: World) -> None:
    await stewarded(world)
    ada, rowan = await asked(world, "q" * 3000)
    await answers(world, rowan, "a" * 3000)
    ada.reads()
    await ada.taps("Report")
    await ada.taps("Yes, show it")
    await world.settle()
    assert ["q" * 3000 in each.text for each in world.platform.at(OWNER.private)] == [True, False]


async def test_where_nobody_could_be_told_it_says_so(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Write to me instead.")
    ada.reads()
    answer = await ada.taps("Report")
    assert isinstance(answer, Reply)
    assert "You can reach Ann (ann@example.org) yourself" in answer.text
    assert "Help lines" in ada.labels


async def test_a_report_that_does_not_get_through_is_not_called_delivered(world: World) -> None:
    await stewarded(world)
    ada, rowan = await asked(world)
    await answers(world, rowan, "Write to me instead.")
    ada.reads()
    await ada.taps("Report")
    await ada.taps("Yes, show it")
    world.platform.outcomes = [Unreachable()]
    await world.settle()
    assert "could not be delivered" in ada.reads()[-1]


async def test_of_several_answers_the_one_is_chosen(world: World) -> None:
    await stewarded(world)
    ada, rowan = await asked(world)
    await answers(world, rowan, "The kind one.")
    ada.reads()
    await ada.opens("Follow up")
    await ada.fills(more="And then?")
    await ada.taps("Send")
    await world.settle()
    await answers(world, rowan, "The other one.")
    ada.reads()
    which = await ada.taps("Report")
    assert isinstance(which, Reply)
    (menu,) = [item for row in which.rows for item in row if isinstance(item, Menu)]
    assert [option.label for option in menu.options] == ["The kind one.", "The other one."]
    await ada.chooses(menu.options[1].value)
    await ada.taps("Yes, show it")
    await world.settle()
    told = "\n".join(each.text for each in world.platform.at(OWNER.private))
    assert ("The kind one." in told, "The other one." in told) == (False, True)


# -- discreet


@pytest.mark.parametrize("discreet", [True, False])
async def test_in_discreet_mode_an_answer_shows_nothing_until_it_is_tapped(world: World, discreet: bool) -> None:
    ada, rowan = await asked(world)
    if discreet:
        await ada.says("/settings")
        await ada.chooses("discreet_on")
    await answers(world, rowan, "Wait a day.")
    assert ("Wait a day." in ada.reads()[-1]) is not discreet
    if discreet:
        assert ada.labels == ["Show it"]
        bea = await world.member("bea")
        bea.last = ada.last
        refused = await bea.taps("Show it")
        assert isinstance(refused, Reply)
        assert refused.text == "This question is not here any more."
        await ada.taps("Show it")
        assert "Wait a day." in ada.seen.text
        assert ada.labels == ["Follow up", "Thank", "Report", "Help lines"]


async def test_a_desk_that_moves_takes_along_what_was_added(world: World) -> None:
    ada, _ = await asked(world, "The question?")
    await looks(world, ada)
    await ada.opens("Follow up")
    await ada.fills(more="She wrote just now.")
    await ada.taps("Send")
    await world.settle()
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, communities.Purpose.DESK, TOWN, HOME, name="#other")
        await move(world.house.work(tx), await communities.load(tx, world.community.id))
    await world.settle()
    assert world.platform.at(DESK) == []
    (there,) = world.platform.at(TOWN)
    assert "The question?\n\nThey added:\nShe wrote just now." in there.text


# -- what is said further and does not arrive


LOST = "That could not reach the coaches. The fault is ours, not yours. Your question stands as it did before."


async def adds(ada: Person, text: str) -> None:
    """Say something further of the question whose answer was last seen, or that is open."""
    await ada.opens("Follow up")
    await ada.fills(more=text)
    await ada.taps("Send")


@pytest.mark.parametrize(("answered", "stands"), [(True, "answered"), (False, "waiting")])
async def test_what_was_added_and_does_not_arrive_is_told_and_leaves_the_question_as_it_was(
    world: World, answered: bool, stands: str
) -> None:
    ada, rowan = await asked(world)
    if answered:
        await answers(world, rowan, "Wait a day.")
    await world.settle()
    before = world.platform.at(DESK)
    await looks(world, ada)
    world.platform.refuses = {DESK}
    await adds(ada, "And if she writes?")
    await world.settle()
    world.platform.refuses = set()
    assert world.platform.at(DESK) == before
    told = ada.reads()[-1]
    assert LOST in told
    assert "You added:\n\nAnd if she writes?\n\n" in told
    assert "You asked" not in told
    assert ada.labels == ["Send it again", "Help lines"]
    shown = (await looks(world, ada)).text
    assert f"Where it stands: {stands}." in shown
    assert "You added, and it did not reach the coaches:\nAnd if she writes?" in shown
    ada.reads()
    form = await ada.opens("Send it again")
    assert form.fields[0].value == "And if she writes?"
    await ada.fills(more="And if she writes?")
    await ada.taps("Send")
    await world.settle()
    (there,) = world.platform.at(DESK)
    assert there.text.count("They added:\nAnd if she writes?") == 1
    assert "did not reach" not in (await looks(world, ada)).text
    await answers(world, rowan, "Then wait two.")
    assert "Then wait two." in ada.reads()[-1]


async def test_what_did_not_arrive_is_shown_to_no_coach(world: World) -> None:
    ada, rowan = await asked(world)
    await looks(world, ada)
    world.platform.refuses = {DESK}
    await adds(ada, "And if she writes?")
    await world.settle()
    (there,) = world.platform.at(DESK)
    assert "And if she writes?" not in there.text
    rowan.reads(DESK)
    await rowan.says("/queue")
    await rowan.taps("Next")
    assert "Should I write to her?" in rowan.seen.text
    assert "And if she writes?" not in rowan.seen.text


async def test_in_discreet_mode_the_tap_shows_what_did_not_arrive(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan, "Wait a day.")
    await ada.says("/settings")
    await ada.chooses("discreet_on")
    await looks(world, ada)
    world.platform.refuses = {DESK}
    await adds(ada, "And if she writes?")
    await world.settle()
    assert LOST not in ada.reads()[-1]
    await ada.taps("Show it")
    assert "You added, and it did not reach the coaches:\nAnd if she writes?" in ada.seen.text


@pytest.mark.parametrize("lost", ["one", "the other", "both"])
async def test_where_one_desk_takes_what_was_added_it_has_arrived(world: World, lost: str) -> None:
    there = world.also("other")
    home, place = Server("other", "there"), Place("other", "coaches")
    there.servers["coaches"] = home
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, communities.Purpose.DESK, place, home, name="#coaches")
    ada, _ = await asked(world)
    await looks(world, ada)
    world.platform.refuses = {DESK} if lost != "the other" else set()
    there.refuses = {place} if lost != "one" else set()
    await adds(ada, "And if she writes?")
    await world.settle()
    await world.settle()
    assert (LOST in "".join(ada.reads())) == (lost == "both")
    texts = [reply.text for reply in (*world.platform.at(DESK), *there.at(place))]
    assert len(texts) == 2
    assert ["They added:" in text for text in texts] == [lost != "both"] * 2
    await looks(world, ada)
    await ada.taps("Withdraw")
    await ada.taps("Yes, withdraw it")
    await world.settle()
    assert (world.platform.at(DESK), there.at(place)) == ([], [])


async def test_a_question_that_never_stood_there_is_closed_with_what_was_added(world: World) -> None:
    async with world.house.store.transaction() as tx:
        await tx.upsert(desks, community=world.community.id, jitter=10)
    ada = await world.member("ada")
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await looks(world, ada)
    await adds(ada, "She wrote just now.")
    world.platform.refuses = {DESK}
    await world.moves(minutes=11)
    (told,) = ada.reads()
    assert "You asked: “Is it me?”" in told
    assert (await row_of(world))["state"] == State.CLOSED


async def test_what_arrived_is_not_lost_when_the_desk_moves_to_where_nothing_arrives(world: World) -> None:
    there = world.also("other")
    home, place = Server("other", "there"), Place("other", "coaches")
    there.servers["coaches"] = home
    ada, _ = await asked(world)
    await looks(world, ada)
    await adds(ada, "And if she writes?")
    await world.settle()
    there.refuses = {place}
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, communities.Purpose.DESK, place, home, name="#coaches")
        await move(world.house.work(tx), await communities.load(tx, world.community.id))
    await world.settle()
    assert ada.reads() == []
    assert "They added:" in world.platform.at(DESK)[-1].text
