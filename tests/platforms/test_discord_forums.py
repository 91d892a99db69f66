"""The Discord adapter on the real wire: a forum, where each thing that is said is a post of its own; and archives."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapter import Delete, Edit, Gone, OpenThread, Refused, Retry, Send, Sent
from bot.model import Button, File, Place, Ref, Reply
from tests.platforms.discord import FORUM, MEDIA, Channel, Permission
from tests.platforms.discord.objects import EVERYONE
from tests.platforms.discord_house import House, open_house

QUESTION = "Question 7\nHow long does it take?"
P = Permission


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        await house.run()
        yield house


@pytest.fixture(params=[FORUM, MEDIA], ids=["forum", "media"])
def forum(house: House, request: pytest.FixtureRequest) -> Channel:
    return house.server.add_channel(house.guild, "questions", request.param)


def posts(house: House) -> list[Channel]:
    return [channel for channel in house.server.channels.values() if channel.parent]


async def posted(house: House, forum: Channel, text: str = QUESTION) -> tuple[Ref, Channel]:
    """Say something in the forum; returns its ref and the post."""
    sent = await house.bot.deliver(house.at(forum, text))
    assert isinstance(sent, Sent)
    (ref,) = sent.refs
    return ref, house.server.channels[int(ref.message)]


def manage_threads(house: House) -> None:
    house.server.set_role(house.guild, house.guild.roles[0], EVERYONE | P.MANAGE_THREADS)


# ---------------------------------------------------------------- posts


async def test_what_is_said_in_a_forum_is_a_post(house: House, forum: Channel) -> None:
    reply = Reply(QUESTION, ((Button("Take", "board.take"),),), (File("a.txt", b"x"),))
    sent = await house.bot.deliver(Send(Place("discord", str(forum.id)), reply, "n"))
    (post,) = posts(house)
    assert sent == Sent((Ref(Place("discord", str(forum.id), str(post.id)), str(post.id)),))
    assert post.name == "Question 7"
    (message,) = house.server.messages(post)
    assert (message.id, message.text, list(message.buttons)) == (post.id, QUESTION, ["Take"])
    assert dict(message.files) == {"a.txt": b"x"}
    (asked,) = house.posts("/threads")
    assert asked.body["message"]["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize(
    ("text", "name"), [("a" * 150, "a" * 100), ("\n  *Seven* \nmore", "*Seven*"), ("b" * 99 + " cd", "b" * 99)]
)
async def test_a_posts_title_is_its_first_line_as_it_is_written(
    house: House, forum: Channel, text: str, name: str
) -> None:
    _, post = await posted(house, forum, text)
    assert post.name == name


async def test_in_a_post_it_is_said_as_in_any_thread(house: House, forum: Channel) -> None:
    ref, post = await posted(house, forum)
    answer = Send(ref.place, Reply("Long."), "n")
    assert await house.bot.deliver(answer) == await house.bot.deliver(answer)
    assert [message.text for message in house.server.messages(post)] == [QUESTION, "Long."]
    assert await house.bot.deliver(Edit(ref, Reply("Answered."))) == Sent((ref,))
    assert [message.text for message in house.server.messages(post)] == ["Answered.", "Long."]


async def test_a_post_that_was_opened_without_an_answer_is_found_and_opened_once(house: House, forum: Channel) -> None:
    send = house.at(forum, QUESTION)
    house.server.drop("POST", "/threads")
    assert await house.bot.deliver(send) == Retry(timedelta(seconds=5), "platform", maybe=True)
    (post,) = posts(house)
    again = await house.bot.deliver(replace(send, tried=house.clock.now()))
    assert again == Sent((Ref(Place("discord", str(forum.id), str(post.id)), str(post.id)),))
    assert posts(house) == [post]


async def test_what_was_tried_in_a_forum_is_not_mistaken_for_what_is_like_it(house: House, forum: Channel) -> None:
    other = house.server.add_channel(house.guild, "elsewhere", FORUM)
    await posted(house, other)
    await posted(house, forum, "Question 7\nSomething else.")
    ref, _ = await posted(house, forum)
    house.server.delete(house.server.posts[int(ref.message)][int(ref.message)])  # its first message is not there
    theirs = house.server.add_thread(forum, "Question 7", house.owner)
    house.server.post(theirs, house.owner, {"content": QUESTION}, [], message_id=theirs.id)
    before = len(posts(house))
    assert isinstance(await house.bot.deliver(house.at(forum, QUESTION, tried=house.clock.now())), Sent)
    assert len(posts(house)) == before + 1
    later = house.clock.now() + timedelta(minutes=1)  # the one that is there is older than the try
    assert isinstance(await house.bot.deliver(house.at(forum, QUESTION, tried=later)), Sent)
    assert len(posts(house)) == before + 2


async def test_what_was_never_tried_is_not_looked_for(house: House, forum: Channel) -> None:
    await posted(house, forum)
    await posted(house, forum)
    assert len(posts(house)) == 2
    assert not [r for r in house.server.requests if r.path.endswith("/threads/active")]


async def test_a_post_is_taken_away_with_all_that_was_said_in_it(house: House, forum: Channel) -> None:
    manage_threads(house)
    ref, post = await posted(house, forum)
    answer = await house.bot.deliver(Send(ref.place, Reply("Long."), "n"))
    assert isinstance(answer, Sent)
    assert await house.bot.deliver(Delete(answer.refs[0])) == Sent()
    assert [message.text for message in house.server.messages(post)] == [QUESTION]
    assert await house.bot.deliver(Delete(ref)) == Sent()
    assert posts(house) == []
    assert await house.bot.deliver(Delete(ref)) == Gone()


async def test_a_post_in_a_forum_that_is_gone_is_gone(house: House, forum: Channel) -> None:
    ref, _ = await posted(house, forum)
    house.server.delete_channel(forum)
    assert await house.bot.deliver(house.at(forum)) == Gone()
    assert await house.bot.deliver(Edit(ref, Reply("Taken."))) == Gone()


# ---------------------------------------------------------------- which kind a channel is


async def test_which_channel_is_a_forum_is_asked_once(house: House, forum: Channel) -> None:
    for n in range(3):
        await posted(house, forum, str(n))
        assert isinstance(await house.bot.deliver(house.at(house.desk, str(n))), Sent)
    asked = [r.path for r in house.server.requests if r.method == "GET" and r.path.startswith("/channels/")]
    assert asked == [f"/channels/{forum.id}"]  # of the desk the gateway told that it is none


async def test_before_the_gateway_tells_it_is_asked_once_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_house() as house:
        forum = house.server.add_channel(house.guild, "questions", FORUM)
        house.server.delay("PUT", "/commands", connect := asyncio.Event())
        await house.bot.start()
        for n in range(3):
            await posted(house, forum, str(n))
            assert isinstance(await house.bot.deliver(house.at(house.desk, str(n))), Sent)
        asked = [
            r.path for r in house.server.requests if r.path in (f"/channels/{forum.id}", f"/channels/{house.desk.id}")
        ]
        assert asked == [f"/channels/{forum.id}", f"/channels/{house.desk.id}"]
        monkeypatch.setattr("bot.adapters.discord.delivery.CHANNELS", 2)  # full: whichever was first is forgotten
        quay = house.server.add_channel(house.guild, "quay")
        for channel in (quay, house.desk, forum):
            await house.bot.deliver(house.at(channel))
        asked = [r.path for r in house.server.requests if r.path == f"/channels/{forum.id}"]
        assert len(asked) == 2
        connect.set()
        await house.server.ready()


# ---------------------------------------------------------------- archives


async def test_what_is_in_the_archive_is_taken_out_to_be_changed(house: House, forum: Channel) -> None:
    ref, post = await posted(house, forum)
    house.server.archive(post)
    assert await house.bot.deliver(Edit(ref, Reply("Taken."))) == Sent((ref,))
    assert (post.archived, house.server.messages(post)[0].text) == (False, "Taken.")
    house.server.archive(post)
    assert await house.bot.deliver(Delete(ref)) == Sent()
    assert (post.archived, house.server.messages(post)) == (False, [])


async def test_what_is_locked_is_changed_by_who_manages_threads_alone(house: House, forum: Channel) -> None:
    ref, post = await posted(house, forum)
    answer = Send(ref.place, Reply("Long."), "n")
    for what in (Edit(ref, Reply("Taken.")), answer, Delete(ref)):
        house.server.archive(post, locked=True)
        assert await house.bot.deliver(what) == Refused("50013", here=True)
    post.archived = False
    assert await house.bot.deliver(answer) == Refused("160005", here=True)
    manage_threads(house)
    for what in (Edit(ref, Reply("Taken.")), answer):
        house.server.archive(post, locked=True)
        assert isinstance(await house.bot.deliver(what), Sent)
        assert (post.archived, post.locked) == (False, True)
    assert [message.text for message in house.server.messages(post)] == ["Taken.", "Long."]


async def test_a_thread_elsewhere_comes_out_of_the_archive_too(house: House) -> None:
    opened = await house.bot.deliver(OpenThread(Place("discord", str(house.desk.id)), "Question 7"))
    assert isinstance(opened, Sent)
    said = await house.bot.deliver(Send(opened.refs[0].place, Reply("Here."), "n"))
    assert isinstance(said, Sent)
    thread = house.server.channels[int(opened.refs[0].message)]
    house.server.archive(thread)
    assert await house.bot.deliver(Delete(said.refs[0])) == Sent()
    assert house.server.messages(thread) == []
