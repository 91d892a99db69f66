"""The Discord adapter on the real wire: starting, what comes in, how it is answered, what is logged."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.adapter import OpenThread, Retry, Sent
from bot.adapters.discord.client import PAUSES
from bot.errors import SetupError
from bot.model import Account, Button, Call, Place, Ref, Reply
from tests.platforms.discord import Permission
from tests.platforms.discord_house import LISTED, House, open_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        await house.run()
        yield house


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapters.discord.answers.DEFER_AFTER", 0.02)
    monkeypatch.setattr("bot.adapters.discord.answers.MODAL_WITHIN", 0.02)


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the adapter itself has logged."""
    return [record for record in caplog.records if record.name.startswith("bot.")]


# ---------------------------------------------------------------- starting and stopping


async def test_a_wrong_token_is_told_plainly_and_not_named() -> None:
    async with open_house() as house:
        bot = house.adapter(token="a-wrong-token")
        with pytest.raises(SetupError, match="UNSENT_DISCORD_TOKEN") as refused:
            await bot.start()
        assert "a-wrong-token" not in str(refused.value)
        await bot.stop()


async def test_commands_are_told_once_until_they_change(house: House) -> None:
    def told() -> int:
        return len([r for r in house.server.requests if r.method == "PUT" and r.path.endswith("/commands")])

    assert told() == 1
    await house.restart()
    assert told() == 1
    house.core.listed = LISTED[:2]
    await house.restart()
    assert told() == 2
    assert set(house.server.commands(house.mia, house.desk)) == {"mood", "ask"}


async def test_it_starts_while_discord_is_down_and_connects_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapters.discord.client.PAUSES", (0.05, 0.05))
    async with open_house() as house:
        await house.server.go_down()
        await house.bot.start()
        assert await house.bot.deliver(house.to(house.mia)) == Retry(timedelta(seconds=5), "platform")
        await house.server.come_back()
        await house.core.until(lambda: house.core.link[-1:] == [True])
        assert isinstance(await house.bot.deliver(house.to(house.mia)), Sent)


async def test_a_session_that_discord_ends_for_good_is_begun_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(house.bot._pauses, 0, 0.05)
    house.server.disconnect(4004)
    await house.core.until(lambda: house.core.link[-2:] == [False, True])
    await house.server.ready(times=2)
    assert house.bot._pauses[0] == PAUSES[0]  # the next pause is a short one again
    assert isinstance(await house.bot.deliver(house.to(house.mia)), Sent)


async def test_why_discord_ends_a_session_for_good_is_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.server.disconnect(4011)  # it has too many servers for one connection
    await house.core.until(lambda: house.core.link[-1:] == [False])
    await house.core.until(lambda: bool(ours(caplog)))
    assert [(record.msg, record.__dict__["why"]) for record in ours(caplog)] == [("discord.connection", "4011")]


async def test_stopping_is_quick_in_an_outage(house: House) -> None:
    await house.server.go_down()
    await house.core.until(lambda: house.core.link[-1:] == [False])
    async with asyncio.timeout(1):
        await house.bot.stop()


async def test_stopping_takes_no_more_and_waits_for_no_one_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch, hurried: None
) -> None:
    monkeypatch.setattr("bot.adapters.discord.client.FINISH_WITHIN", 0.05)
    await house.server.command(house.mia, house.desk, "slow")
    stopping = asyncio.create_task(house.bot.stop())
    await asyncio.wait({stopping}, timeout=0)
    house.server.command(house.mia, house.desk, "board")
    await stopping
    assert [call.action for call in house.core.calls] == ["slow"]
    assert house.core.cut_short
    assert house.core.given_to == []


async def test_commands_that_discord_refuses_do_not_keep_it_offline() -> None:
    async with open_house() as house:
        house.server.fail("PUT", "/commands", 403)
        await house.run()
        assert house.memory.kept == {}


async def test_a_lost_connection_shows_and_comes_back(house: House) -> None:
    house.server.disconnect()
    await house.core.until(lambda: house.core.link[-2:] == [False, True])
    await house.server.resumed()


async def test_stopping_lets_what_is_in_hand_finish(house: House, hurried: None) -> None:
    asked = await house.server.command(house.mia, house.desk, "slow")
    stopping = asyncio.create_task(house.bot.stop())
    house.core.gate.set()
    await stopping
    assert asked.message is not None
    assert asked.message.text == "At last."
    assert house.core.link[-1] is False


# ---------------------------------------------------------------- what comes in


async def test_a_command_is_a_call_and_its_answer_ephemeral(house: House, caplog: pytest.LogCaptureFixture) -> None:
    asked = await house.server.command(
        house.mia, house.desk, "mood", mood=3, day="2025-01-31", size="Many", line="so so"
    )
    (call,) = house.core.calls
    assert (call.id, call.action, call.args, call.text) == (str(asked.id), "mood", (), "")
    assert call.account == Account("discord", str(house.mia.id), "Mia", "de")
    assert call.place == Place("discord", str(house.desk.id))
    assert call.server == str(house.guild.id)
    assert call.message is None
    assert call.values == {"mood": "3", "day": "2025-01-31", "size": "9", "line": "so so"}
    assert asked.ephemeral
    assert not asked.deferred
    assert asked.message is not None
    assert asked.message.text.startswith("Kept:")
    await house.core.until(lambda: house.core.given_to == [call])
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_what_is_said_again_is_hidden_where_it_has_to_be(house: House) -> None:
    said = Reply("The same.", ((Button("More", "mood.more", (1,)),),))

    async def same(call: Call) -> Reply:
        return said

    house.core.answers("pick", same)
    house.core.answers("board", same)
    asked = [await house.server.command(house.mia, house.desk, name) for name in ("pick", "board", "pick", "board")]
    assert [each.ephemeral for each in asked] == [True, False, True, False]
    assert {each.message.content for each in asked if each.message} == {"The same."}
    first, second, third, fourth = (sent.body for sent in house.posts("/callback"))
    assert (first, second) == (third, fourth)
    assert first["data"]["components"] == second["data"]["components"] != []


async def test_in_the_bots_own_chat_nothing_needs_to_be_hidden(house: House) -> None:
    asked = await house.server.command(house.mia, house.server.dm(house.mia), "mood", mood=3)
    (call,) = house.core.calls
    assert call.place == call.account.private
    assert call.server is None
    assert not asked.ephemeral
    assert house.server.messages(house.server.dm(house.mia)) == [asked.message]


async def test_a_call_tells_whether_who_makes_it_runs_the_server(house: House) -> None:
    lead = house.server.add_user("Lou")
    role = house.server.add_role(house.guild, "Leads", Permission.MANAGE_GUILD)
    house.server.join(lead, house.guild, [role])
    for user in (house.mia, lead, house.owner):
        await house.server.command(user, house.desk, "mood", mood=3)
    await house.server.command(lead, house.server.dm(lead), "mood", mood=3)
    house.server.set_role(house.guild, role, 0)
    await house.server.command(lead, house.desk, "mood", mood=3)
    assert [call.runs for call in house.core.calls] == [False, True, True, None, False]


async def test_a_thread_is_a_place_of_its_channel(house: House) -> None:
    opened = await house.bot.deliver(OpenThread(Place("discord", str(house.desk.id)), "Question 7"))
    assert isinstance(opened, Sent)
    (ref,) = opened.refs
    await house.server.command(house.mia, house.server.channels[int(ref.message)], "mood", mood=3)
    assert house.core.calls[0].place == ref.place


async def test_a_public_answer_is_for_all_and_pings_nobody(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "board")
    assert not asked.ephemeral
    assert asked.message is not None
    assert asked.message.content == rf"\<@{house.mia.id}> @everyone \*asks\*"
    (sent,) = house.posts("/callback")
    assert sent.body["data"]["allowed_mentions"] == {"parse": []}


async def test_a_quiet_answer_is_for_one_alone_and_leaves_the_message_of_all_as_it_is(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "board")
    assert asked.message is not None
    before = asked.message.text
    house.core.quiets = ("board.take",)
    pressed = await house.server.press(house.mia, asked.message, "Take")
    assert pressed.ephemeral
    assert asked.message.text == before


async def test_a_button_edits_its_message_from_content_to_embed_and_back(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert asked.message is not None
    pressed = await house.server.press(house.mia, asked.message, "More")
    assert pressed.updated
    assert asked.message.content == ""
    assert asked.message.embeds[0]["description"].startswith("more more")
    call = house.core.calls[-1]
    assert (call.action, call.args) == ("mood.more", ("1",))
    assert call.message == Ref(call.place, str(asked.message.id))
    await house.server.press(house.mia, asked.message, "Less")
    assert (asked.message.content, asked.message.embeds) == ("less", [])


async def test_a_button_can_answer_beside_its_message_with_a_file(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert asked.message is not None
    pressed = await house.server.press(house.mia, asked.message, "Card")
    assert pressed.ephemeral
    assert pressed.message is not None
    assert pressed.message.id != asked.message.id
    assert pressed.message.files == {"card.txt": b"27 of 28"}
    assert pressed.message.wire["attachments"][0]["description"] == "A card"
    assert asked.message.text.startswith("Kept:")


async def test_a_menu_gives_its_choice_as_the_last_argument(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert asked.message is not None
    await house.server.choose(house.mia, asked.message, "1:mood.pick:7", ["Many"])
    assert asked.message.text == "Picked ('7', '9')"


async def test_what_is_private_is_never_put_into_a_public_message(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "board")
    assert asked.message is not None
    leaked = await house.server.press(house.owner, asked.message, "Leak")
    assert leaked.ephemeral
    assert leaked.message is not None
    assert leaked.message.text == "Taken."
    assert "asks" in asked.message.text
    await house.server.press(house.owner, asked.message, "Take")
    assert asked.message.text == "Taken."


async def test_a_form_is_a_modal_and_its_fields_come_back_as_values(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "ask")
    assert asked.modal is not None
    assert [field.label for field in asked.modal.fields] == ["What is it?", "Who?"]
    sent = await house.server.submit(house.mia, asked.modal, {"Who?": "Many"})
    assert sent.ephemeral
    assert sent.message is not None
    assert house.core.calls[-1].values == {"text": "How", "see": "9"}
    assert house.core.calls[-1].args == ("7",)


async def test_a_form_opened_by_a_button_edits_the_message_of_the_button(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert asked.message is not None
    opened = await house.server.press(house.mia, asked.message, "Form")
    assert opened.modal is not None
    sent = await house.server.submit(house.mia, opened.modal, {"text": "Why?", "see": "Few"})
    assert sent.updated
    assert asked.message.text.startswith("Sent")
    assert house.core.calls[-1].message == Ref(house.core.calls[-1].place, str(asked.message.id))


async def test_what_says_nothing_is_acknowledged(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "quiet")
    await house.core.until(lambda: house.core.given_to)
    assert asked.original is not None
    assert house.server.message(asked.original) is None  # Discord wants an answer: it is taken back
    mood = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert mood.message is not None
    await house.server.press(house.mia, mood.message, "Quiet")
    assert mood.message.text.startswith("Kept:")


async def test_a_button_works_after_a_restart(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert asked.message is not None
    await house.restart()
    await house.server.press(house.mia, asked.message, "More")
    assert asked.message.embeds[0]["description"].startswith("more more")


async def test_a_form_on_the_screen_can_be_sent_after_a_restart(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "ask")
    assert asked.modal is not None
    await house.restart()
    sent = await house.server.submit(house.mia, asked.modal, {"Who?": "Few"})
    assert sent.message is not None
    assert sent.message.text.startswith("Sent")


async def test_a_command_that_is_gone_still_reaches_the_core(house: House) -> None:
    house.core.listed = LISTED[:1]
    offered = house.server.commands(house.mia, house.desk)["board"]
    await house.restart()
    data = {"id": offered["id"], "name": "board", "type": 1, "resolved": {}, "options": []}
    asked = await house.server._act(house.mia, house.desk, 2, data)
    assert asked.message is not None
    assert "asks" in asked.message.text


async def test_a_button_of_another_version_is_answered_in_words(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert asked.message is not None
    data = {"component_type": 2, "custom_id": "0:mood.more:1", "id": 2}
    pressed = await house.server._act(house.mia, house.desk, 3, data, asked.message)
    assert pressed.message is not None
    assert pressed.message.text == "discord-old-button in de"
    assert len(house.core.calls) == 1


async def test_one_bad_event_stops_no_other(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.core.refuse = RuntimeError("a secret")
    house.server.command(house.mia, house.desk, "board")
    await house.core.until(lambda: house.core.calls)
    house.core.refuse = None
    assert (await house.server.command(house.mia, house.desk, "board")).message is not None
    (record,) = ours(caplog)
    assert (record.message, record.__dict__["error"]) == ("discord.interaction", "RuntimeError")


# ---------------------------------------------------------------- slow, repeated, lost


async def test_a_slow_command_is_deferred_and_filled_in(house: House, hurried: None) -> None:
    asked = await house.server.command(house.mia, house.desk, "slow")
    assert asked.deferred
    assert asked.ephemeral
    assert asked.message is None
    house.core.gate.set()
    assert (await asked.filled()).buttons == {"More": "1:mood.more:1"}
    assert asked.ephemeral
    await house.core.until(lambda: house.core.given_to)


async def test_a_slow_press_edits_its_message_afterwards(house: House, hurried: None) -> None:
    asked = await house.server.command(house.mia, house.desk, "board")
    assert asked.message is not None
    pressed = await house.server.press(house.mia, asked.message, "Slow")
    assert pressed.deferred
    assert "asks" in asked.message.text
    house.core.gate.set()
    await house.core.until(lambda: len(house.core.given_to) == 2)
    assert asked.message.text == "At last."


async def test_a_slow_press_answers_beside_its_message_afterwards(house: House, hurried: None) -> None:
    asked = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert asked.message is not None
    pressed = await house.server.press(house.mia, asked.message, "Slow")
    house.core.gate.set()
    await house.core.until(lambda: len(house.core.given_to) == 2)
    (answer,) = pressed.followups
    assert (answer.text, answer.ephemeral) == ("At last.", True)


async def test_a_form_that_comes_too_late_is_asked_to_be_tried_again(
    house: House, hurried: None, caplog: pytest.LogCaptureFixture
) -> None:
    asked = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert asked.message is not None
    data = {"component_type": 2, "custom_id": "1:ask.slow", "id": 2}
    pressed = await house.server._act(house.mia, house.desk, 3, data, asked.message)
    assert (pressed.deferred, pressed.modal, pressed.ephemeral) == (False, None, True)
    assert pressed.message is not None
    assert pressed.message.text == "discord-slow in de"
    house.core.gate.set()
    await house.bot.stop()
    assert len(house.core.given_to) == 1
    assert ours(caplog) == []


async def test_an_event_that_comes_twice_is_answered_once(house: House) -> None:
    asked = await house.server.command(house.mia, house.desk, "board")
    house.server.repeat(asked)
    await house.core.until(lambda: len(house.core.given_to) == 2)
    assert house.core.calls[0] == house.core.calls[1]
    assert len(house.core.effects) == 1
    assert len(house.server.messages(house.desk)) == 1


async def test_an_answer_that_was_taken_while_the_line_broke_is_given_once(house: House) -> None:
    house.server.drop("POST", "/callback")
    await house.server.command(house.mia, house.desk, "board")
    await house.core.until(lambda: house.core.given_to)
    assert len(house.server.messages(house.desk)) == 1
    assert house.core.left == []


async def test_an_answer_that_discord_cannot_take_now_is_given_when_it_can(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.discord.callbacks.FIRST_WAIT", 0.01)
    house.server.fail("POST", "/callback", 429)
    house.server.fail("POST", "/callback", 502, times=2)
    asked = await house.server.command(house.mia, house.desk, "board")
    assert asked.message is not None
    assert [sent.status for sent in house.posts("/callback")] == [429, 502, 502, 204]
    await house.core.until(lambda: house.core.given_to)
    assert house.core.left == []


async def test_an_answer_that_discord_will_not_take_for_long_is_left_to_the_outbox_and_not_pressed_on_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.discord.callbacks.FIRST_WAIT", 0.01)
    monkeypatch.setattr("bot.adapters.discord.answers.GIVE_WITHIN", 0.2)
    house.server.fail(
        "POST", "/callback", 429, json={"message": "played", "code": 0, "retry_after": 60, "global": False}
    )
    house.server.command(house.mia, house.desk, "mood", mood=3)
    await house.core.until(lambda: house.core.left)
    assert [sent.status for sent in house.posts("/callback")] == [429]


async def test_a_file_is_whole_when_its_answer_is_given_once_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.discord.callbacks.FIRST_WAIT", 0.01)
    asked = await house.server.command(house.mia, house.desk, "mood", mood=3)
    assert asked.message is not None
    house.server.fail("POST", "/callback", 502)
    pressed = await house.server.press(house.mia, asked.message, "Card")
    assert pressed.message is not None
    assert pressed.message.files == {"card.txt": b"27 of 28"}


async def test_a_private_answer_that_comes_too_late_is_left_to_the_outbox(hurried: None) -> None:
    async with open_house(deadline=-1.0) as house:
        await house.run()
        house.core.gate.set()
        house.server.command(house.mia, house.desk, "mood", mood=3)
        await house.core.until(lambda: house.core.left)
        ((call, reply),) = house.core.left
        assert call.action == "mood"
        assert reply.text.startswith("Kept:")
        assert house.core.given_to == []
        house.server.command(house.mia, house.desk, "board")
        await house.core.until(lambda: len(house.core.calls) == 2)
        await house.bot.stop()
        assert len(house.core.left) == 1


async def test_an_answer_lost_after_its_defer_is_left_to_the_outbox(house: House, hurried: None) -> None:
    await house.server.command(house.mia, house.desk, "slow")
    house.server.fail("PATCH", "/messages/@original", 404, json={"message": "Unknown Webhook", "code": 10015})
    house.core.gate.set()
    await house.core.until(lambda: house.core.left)
    assert house.core.left[0][1].text == "At last."


# ---------------------------------------------------------------- what is written down


async def test_nothing_personal_is_logged(house: House, hurried: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    marked = house.server.add_user("Markedname")
    house.server.join(marked, house.guild)
    asked = await house.server.command(marked, house.desk, "mood", mood=3, line="markedtext")
    assert asked.message is not None
    house.server.fail("PATCH", "/messages/@original", 404, json={"message": "markedtext", "code": 10015})
    await house.server.command(marked, house.desk, "slow")
    house.core.gate.set()
    await house.core.until(lambda: house.core.left)
    house.core.refuse = RuntimeError("markedtext")
    house.server.command(marked, house.desk, "mood", mood=3, line="markedtext")
    await house.core.until(lambda: len(house.core.calls) == 3)
    house.server.close_dms(marked)
    await house.bot.deliver(house.to(marked, "markedtext"))
    await house.bot.stop()
    assert {record.getMessage() for record in ours(caplog)} == {"discord.answer", "discord.interaction"}
    written = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in ours(caplog))
    for mark in ("Markedname", "markedtext", str(marked.id), str(house.desk.id), str(asked.id), house.server.token):
        assert mark not in written
