"""The Discord adapter on the real wire: what it delivers."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.adapter import Delete, Edit, Gone, OpenThread, Refused, Retry, Send, Sent, Stop, Unreachable
from bot.adapters.discord import delivery, limits
from bot.model import Account, Button, File, Happening, Place, Ref, Reply
from tests.platforms.discord import FORUM, GUILD_NEWS, MEDIA
from tests.platforms.discord.objects import NEWS_THREAD, PUBLIC_THREAD
from tests.platforms.discord_house import House, open_house
from tests.platforms.small_core import MOVING


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        await house.run()
        yield house


# ---------------------------------------------------------------- what goes out


async def test_the_same_nonce_twice_is_one_message(house: House) -> None:
    send = house.to(house.mia)
    first, second = await house.bot.deliver(send), await house.bot.deliver(send)
    (message,) = house.server.messages(house.server.dm(house.mia))
    assert first == second == Sent((Ref(send.place, str(message.id)),))
    assert [(r.body["nonce"], r.body["enforce_nonce"]) for r in house.posts()] == [(send.nonce, True)] * 2
    assert [r.body["allowed_mentions"] for r in house.posts()] == [{"parse": []}] * 2
    assert len(house.posts("/users/@me/channels")) == 1


async def test_the_way_to_many_people_is_asked_for_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("RATE", "OPENS"):
        monkeypatch.setattr(limits, limit, 10_000.0)
    async with open_house() as house:
        await house.run()
        people = [house.server.add_user(f"Person {n}") for n in range(140)]
        for person in people:
            house.server.join(person, house.guild)
        for person in [*people, *people]:
            assert isinstance(await house.bot.deliver(house.to(person)), Sent)
        assert len(house.posts("/users/@me/channels")) == 140
        monkeypatch.setattr(delivery, "DMS", 140)  # full: whoever was first is forgotten
        await house.bot.deliver(house.to(house.mia))
        await house.bot.deliver(house.to(people[1]))
        await house.bot.deliver(house.to(people[0]))
        assert len(house.posts("/users/@me/channels")) == 142


# ---------------------------------------------------------------- how fast


async def test_discord_is_asked_no_faster_than_it_takes_and_answers_go_first(house: House) -> None:
    since = len(house.server.requests)
    many = [asyncio.create_task(house.bot.deliver(house.at(house.desk, str(n)))) for n in range(100)]
    await house.server.wait_for(lambda: len(house.server.requests) > since)
    assert await house.bot.authority(Account("discord", str(house.mia.id)), Place("discord", str(house.desk.id)))
    before = len(house.posts())
    assert all(isinstance(outcome, Sent) for outcome in await asyncio.gather(*many))
    assert before < 20
    times = [asked.time for asked in house.server.requests[since:]]
    assert max(sum(first <= at < first + 1 for at in times) for first in times) <= limits.RATE * 1.1
    assert times[-1] - times[0] > 0.9 * len(times) / limits.RATE


async def test_private_channels_are_opened_slowly(house: House) -> None:
    people = [house.server.add_user(f"Person {n}") for n in range(20)]
    for person in people:
        house.server.join(person, house.guild)
    await asyncio.gather(*(house.bot.deliver(house.to(person)) for person in people))
    opened = [asked.time for asked in house.server.requests if asked.path.endswith("/users/@me/channels")]
    assert len(opened) == 20
    assert opened[-1] - opened[0] > 0.9 * (20 - limits.OPENS) / limits.OPENS


async def test_what_was_tried_long_ago_is_looked_up_before_it_is_sent_again() -> None:
    async with open_house(nonce_window=0.0) as house:
        await house.run()
        for text in (" short ", "long *ago* " * 300):
            send = house.to(house.mia, text)
            first = await house.bot.deliver(send)
            tried = replace(send, tried=house.clock.now() - timedelta(minutes=3))
            assert await house.bot.deliver(tried) == first
        assert len(house.server.messages(house.server.dm(house.mia))) == 2
        other = house.to(house.mia, "another", tried=house.clock.now() - timedelta(minutes=3))
        assert isinstance(await house.bot.deliver(other), Sent)
        assert len(house.server.messages(house.server.dm(house.mia))) == 3


@pytest.mark.parametrize("fault", ["drop", "garble"])
async def test_what_was_taken_without_an_answer_is_tried_again_and_sent_once(house: House, fault: str) -> None:
    send = house.at(house.desk)
    getattr(house.server, fault)("POST", "/messages")
    assert await house.bot.deliver(send) == Retry(timedelta(seconds=5), "platform", maybe=True)
    assert isinstance(await house.bot.deliver(send), Sent)
    assert len(house.server.messages(house.desk)) == 1


async def test_closed_dms_are_unreachable(house: House) -> None:
    house.server.close_dms(house.mia)
    assert await house.bot.deliver(house.to(house.mia)) == Unreachable()
    house.server.open_dms(house.mia)
    assert isinstance(await house.bot.deliver(house.to(house.mia)), Sent)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (429, {"retry_after": 7.5, "global": False}, Retry(timedelta(seconds=7.5), "place", limited=True)),
        (429, {"retry_after": 2.5, "global": True}, Retry(timedelta(seconds=2.5), "platform", limited=True)),
        (500, {}, Retry(timedelta(seconds=5), "platform", maybe=True)),
        (503, {}, Retry(timedelta(seconds=5), "platform", maybe=True)),
        (401, {}, Stop("401")),
        (403, {"code": 20026}, Retry(timedelta(hours=1), limited=True)),
        (403, {"code": 40003}, Retry(timedelta(minutes=10), limited=True)),
        (403, {"code": 50278}, Unreachable()),
        (403, {"code": 50001}, Refused("50001")),
        (403, {"code": 50013}, Refused("50013")),
        (404, {"code": 10003}, Gone()),
        (400, {"code": 50035}, Refused("50035")),
    ],
)
async def test_every_refusal_has_its_outcome_at_once(
    house: House, status: int, body: dict[str, Any], outcome: object
) -> None:
    house.server.fail("POST", "/messages", status, json={"message": "played", "code": 0, **body})
    assert await house.bot.deliver(house.to(house.mia)) == outcome
    assert len(house.posts()) == 1


@pytest.mark.parametrize(
    ("code", "name", "rest"),
    [(40003, "opened_too_many", timedelta(minutes=10)), (20026, "flagged", timedelta(hours=1))],
)
async def test_where_no_private_channel_may_be_opened_the_rest_goes_on_and_it_is_told_once(
    house: House, caplog: pytest.LogCaptureFixture, code: int, name: str, rest: timedelta
) -> None:
    ada, ben = house.owner, house.server.add_user("Ben")
    house.server.join(ben, house.guild)
    assert isinstance(await house.bot.deliver(house.to(ada)), Sent)
    house.server.fail("POST", "/users/@me/channels", 403, json={"message": "played", "code": code})
    assert await house.bot.deliver(house.to(house.mia)) == Retry(rest, limited=True)
    opened = len(house.posts("/users/@me/channels"))
    later = await house.bot.deliver(house.to(ben))
    assert isinstance(later, Retry)
    assert (later.scope, later.limited) == ("row", True)
    assert timedelta(0) < later.after <= rest
    for known in (house.to(ada), house.at(house.desk)):
        assert isinstance(await house.bot.deliver(known), Sent)
    assert len(house.posts("/users/@me/channels")) == opened
    (told,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert (told.message, told.__dict__["why"]) == (f"discord.{name}", code)
    warned = [happening for happening in house.core.happenings if happening.kind == "warned"]
    assert warned == [Happening("warned", platform="discord", why=f"warned-discord-{name}")]
    house.clock.move(rest)
    assert isinstance(await house.bot.deliver(house.to(ben)), Sent)


async def test_a_wall_before_the_api_stops_the_whole_platform(house: House) -> None:
    house.server.fail("POST", "/messages", 429, json="error code: 1015", headers={"Retry-After": "1800"})
    outcome = await house.bot.deliver(house.to(house.mia))
    assert outcome == Retry(timedelta(minutes=30), "platform", limited=True)
    house.server.requests.pop()  # Discord's own specification knows nothing of it


async def test_an_outage_asks_for_patience_and_ends(house: House) -> None:
    send = house.to(house.mia)
    await house.server.go_down()
    assert await house.bot.deliver(send) == Retry(timedelta(seconds=5), "platform", maybe=True)
    await house.server.come_back()
    assert isinstance(await house.bot.deliver(send), Sent)


async def test_a_delivery_that_hangs_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapters.discord.limits.TRY_FOR", 0.05)
    never = asyncio.Event()
    house.server.delay("POST", "/messages", never)
    assert await house.bot.deliver(house.at(house.desk)) == Retry(timedelta(seconds=5), "platform", maybe=True)
    never.set()


async def test_a_place_that_cannot_be_is_refused(house: House) -> None:
    nowhere = Send(Place("discord", "desk"), Reply("Hello."), "n")
    assert await house.bot.deliver(nowhere) == Refused("ValueError")
    gone = Send(Place("discord", "1"), Reply("Hello."), "n")
    assert await house.bot.deliver(gone) == Gone()


async def test_a_gif_is_one_when_it_is_sent_and_when_it_takes_the_place_of_a_text(house: House) -> None:
    moving = Reply("Breathe.", ((Button("More", "mood.more"),),), (File("breath.gif", MOVING, "A circle."),))
    sent = await house.bot.deliver(Send(Place("discord", str(house.desk.id)), moving, "n"))
    assert isinstance(sent, Sent)
    for reply, there in ((moving, True), (Reply("And now?"), False), (moving, True)):
        assert await house.bot.deliver(Edit(sent.refs[0], reply)) == sent
        (message,) = house.server.messages(house.desk)
        assert dict(message.files) == ({"breath.gif": MOVING} if there else {})
        attached = [(each["content_type"], each["description"]) for each in message.wire["attachments"]]
        assert attached == ([("image/gif", "A circle.")] if there else [])


async def test_a_message_is_edited_and_deleted(house: House) -> None:
    sent = await house.bot.deliver(house.at(house.desk))
    assert isinstance(sent, Sent)
    (ref,) = sent.refs
    changed = Reply("Answered.", ((Button("More", "mood.more"),),), (File("a.txt", b"x"),))
    assert await house.bot.deliver(Edit(ref, changed)) == sent
    (message,) = house.server.messages(house.desk)
    assert (message.text, list(message.buttons), dict(message.files)) == ("Answered.", ["More"], {"a.txt": b"x"})
    assert await house.bot.deliver(Edit(ref, Reply("Closed."))) == sent
    (message,) = house.server.messages(house.desk)
    assert (message.text, message.buttons, dict(message.files)) == ("Closed.", {}, {})
    assert await house.bot.deliver(Delete(ref)) == Sent()
    assert house.server.messages(house.desk) == []
    assert await house.bot.deliver(Delete(ref)) == Gone()
    assert await house.bot.deliver(Edit(ref, changed)) == Gone()


async def test_a_thread_on_a_message_is_opened_once(house: House) -> None:
    sent = await house.bot.deliver(house.at(house.desk))
    assert isinstance(sent, Sent)
    desk = Place("discord", str(house.desk.id))
    opened = await house.bot.deliver(OpenThread(desk, "Question 7", sent.refs[0]))
    assert opened == Sent((Ref(replace(desk, thread=sent.refs[0].message), sent.refs[0].message),))
    assert await house.bot.deliver(OpenThread(desk, "Question 7", sent.refs[0])) == opened


@pytest.mark.parametrize(("kind", "thread"), [(0, PUBLIC_THREAD), (GUILD_NEWS, NEWS_THREAD)], ids=["text", "news"])
async def test_people_answer_below_a_message_in_a_thread_of_its_own(house: House, kind: int, thread: int) -> None:
    channel = house.server.add_channel(house.guild, "posts", kind)
    place = Place("discord", str(channel.id))
    sent = await house.bot.deliver(Send(place, Reply("A question."), "n"))
    assert isinstance(sent, Sent)
    for nonce, on in (("a", sent.refs[0]), ("b", None)):
        opened = await house.bot.deliver(OpenThread(place, "A question", on))
        assert isinstance(opened, Sent)
        below = house.server.channels[int(opened.refs[0].place.thread or "")]
        assert (below.parent, below.type, str(below.id) == sent.refs[0].message) == (channel, thread, on is not None)
        assert isinstance(await house.bot.deliver(Send(opened.refs[0].place, Reply("As I see it."), nonce)), Sent)
        assert [message.text for message in house.server.messages(below)] == ["As I see it."]
    assert [message.text for message in house.server.messages(channel)] == ["A question."]
    assert not house.posts("/crosspost")


@pytest.mark.parametrize("kind", [FORUM, MEDIA, "thread"], ids=str)
async def test_in_a_thread_people_answer_right_below_and_nothing_is_opened(house: House, kind: int | str) -> None:
    channel = house.desk if kind == "thread" else house.server.add_channel(house.guild, "posts", int(kind))
    place = Place("discord", str(channel.id))
    if kind == "thread":
        place = replace(place, thread=str(house.server.add_thread(channel, "Aside", house.owner).id))
    sent = await house.bot.deliver(Send(place, Reply("A question."), "n"))
    assert isinstance(sent, Sent)
    before = len(house.server.requests)
    assert await house.bot.deliver(OpenThread(place, "A question", sent.refs[0])) == sent
    assert len(house.server.requests) == before


async def test_below_a_message_that_is_gone_nothing_is_opened(house: House) -> None:
    sent = await house.bot.deliver(house.at(house.desk))
    assert isinstance(sent, Sent)
    await house.bot.deliver(Delete(sent.refs[0]))
    assert await house.bot.deliver(OpenThread(sent.refs[0].place, "x", sent.refs[0])) == Gone()


@pytest.mark.parametrize(("code", "kind"), [(160006, 0), (160007, GUILD_NEWS), (160006, FORUM)])
async def test_as_many_threads_as_a_server_may_have_is_about_the_place(house: House, code: int, kind: int) -> None:
    place = Place("discord", str(house.server.add_channel(house.guild, "posts", kind).id))
    house.server.fail("POST", "/threads", 400, json={"message": "Too many.", "code": code})
    do = Send(place, Reply("x"), "n") if kind == FORUM else OpenThread(place, "x")
    assert await house.bot.deliver(do) == Refused(str(code), here=True)


async def test_a_thread_alone_is_found_again_while_it_is_empty(house: House) -> None:
    desk = Place("discord", str(house.desk.id))
    house.server.drop("POST", "/threads")
    assert await house.bot.deliver(OpenThread(desk, "Question 7")) == Retry(
        timedelta(seconds=5), "platform", maybe=True
    )
    (thread,) = [c for c in house.server.channels.values() if c.parent is house.desk]
    opened = await house.bot.deliver(OpenThread(desk, "Question 7"))
    inside = replace(desk, thread=str(thread.id))
    assert opened == Sent((Ref(inside, str(thread.id)),))
    assert isinstance(await house.bot.deliver(Send(inside, Reply("In here."), "n")), Sent)
    assert [m.text for m in house.server.messages(thread)] == ["In here."]
    again = await house.bot.deliver(OpenThread(desk, "Question 7"))
    assert isinstance(again, Sent)
    assert again != opened


async def test_a_threads_name_is_cut_to_what_discord_takes(house: House) -> None:
    await house.bot.deliver(OpenThread(Place("discord", str(house.desk.id)), "a" * 150))
    (thread,) = [c for c in house.server.channels.values() if c.parent is house.desk]
    assert thread.name == "a" * 100


async def test_a_thread_is_found_again_whatever_the_gateway_has_told() -> None:
    async with open_house() as house:
        house.server.delay("PUT", "/commands", never := asyncio.Event())
        await house.bot.start()
        desk = Place("discord", str(house.desk.id))
        opened = await house.bot.deliver(OpenThread(desk, "Question 7"))
        assert isinstance(opened, Sent)
        assert await house.bot.deliver(OpenThread(desk, "Question 7")) == opened
        assert house.server.gateway.readies == 0
        never.set()
        await house.server.ready()


async def test_no_thread_is_opened_where_there_can_be_none(house: House) -> None:
    forum = house.server.add_channel(house.guild, "forum", FORUM)
    assert await house.bot.deliver(OpenThread(Place("discord", str(forum.id)), "Question 7")) == Refused(
        "threads in a ForumChannel"
    )


async def test_a_channels_own_limit_is_waited_for_within(house: House) -> None:
    house.server.per_channel = (2, 0.2)
    outcomes = [await house.bot.deliver(house.at(house.desk, str(n))) for n in range(5)]
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert [message.text for message in house.server.messages(house.desk)] == ["0", "1", "2", "3", "4"]
