"""The Discord server under an unpatched discord.py: messages, DMs, threads, and what is refused."""

import asyncio
import io
import time
from typing import Any

import discord
import pytest

from tests.platforms.discord import FORUM, GUILD_NEWS, MEDIA, Permission
from tests.platforms.discord_client import Harbour


async def test_dm_with_a_nonce_twice_is_one_message_for_a_while(harbour: Harbour) -> None:
    dm = await (await harbour.bot.fetch_user(harbour.ann.id)).create_dm()
    first = await dm.send("Day 5.", nonce="drop-1")
    assert (await dm.send("Day 5.", nonce="drop-1")).id == first.id
    seen = harbour.server.messages(harbour.server.dm(harbour.ann))
    assert [(m.text, m.nonce) for m in seen] == [("Day 5.", "drop-1")]
    assert (await dm.fetch_message(first.id)).nonce is None
    harbour.server.nonce_window = 0.0
    assert (await dm.send("Day 5.", nonce="drop-1")).id != first.id


async def test_a_deleted_message_is_not_made_again_by_its_nonce(harbour: Harbour) -> None:
    await (await harbour.channel().send("x", nonce="n")).delete()
    with pytest.raises(discord.NotFound) as refused:
        await harbour.channel().send("x", nonce="n")
    assert refused.value.code == 10008


async def test_closed_dms_and_people_without_a_shared_server_answer_50007(harbour: Harbour) -> None:
    dm = await (await harbour.bot.fetch_user(harbour.ann.id)).create_dm()
    harbour.server.close_dms(harbour.ann)
    with pytest.raises(discord.Forbidden) as refused:
        await dm.send("x")
    assert refused.value.code == 50007
    harbour.server.open_dms(harbour.ann)
    await dm.send("x")
    harbour.server.leave(harbour.ann, harbour.guild)
    with pytest.raises(discord.Forbidden):
        await dm.send("x")


async def test_refusals_have_discords_codes(harbour: Harbour) -> None:
    async def code(call: Any) -> int:
        with pytest.raises(discord.HTTPException) as refused:
            await call
        return refused.value.code

    server, channel = harbour.server, harbour.channel()
    assert await code(channel.send("")) == 50006
    assert await code(channel.send("x" * 2001)) == 50035
    assert await code(channel.send(embed=discord.Embed(description="x" * 4097))) == 50035
    assert await code(channel.send(embeds=[discord.Embed(description="x" * 4000)] * 2)) == 50035
    assert await code(channel.fetch_message(1)) == 10008
    assert await code(harbour.bot.fetch_channel(1)) == 10003
    theirs = server.say(harbour.ann, harbour.desk, "mine")
    assert await code(channel.get_partial_message(theirs.id).edit(content="x")) == 50005
    assert await code(channel.get_partial_message(theirs.id).delete()) == 50013
    server.set_overwrite(harbour.desk, harbour.guild, deny=Permission.SEND_MESSAGES)
    assert await code(channel.send("x")) == 50013
    server.set_overwrite(harbour.desk, harbour.guild, deny=Permission.VIEW_CHANNEL)
    assert await code(channel.send("x")) == 50001
    guild = await harbour.bot.fetch_guild(harbour.guild.id)
    server.leave(harbour.ann, harbour.guild)
    assert await code(guild.fetch_member(harbour.ann.id)) == 10007
    server.kick_bot(harbour.guild)
    assert await code(harbour.bot.fetch_guild(harbour.guild.id)) == 10004
    server.delete_channel(harbour.desk)
    assert await code(channel.send("x")) == 10003


async def test_history_edits_files_threads_and_forums(harbour: Harbour) -> None:
    channel = harbour.channel()
    sent = [await channel.send(str(n)) for n in range(5)]
    assert [m.content async for m in channel.history(limit=2)] == ["4", "3"]
    assert [m.content async for m in channel.history(limit=2, after=sent[0])] == ["1", "2"]
    assert [m.content async for m in channel.history(limit=3, around=sent[2])] == ["3", "2", "1"]
    await sent[0].edit(content="zero")
    await sent[1].delete()
    await channel.send("card", file=discord.File(io.BytesIO(b"\x89PNG"), "card.png"))
    seen = harbour.server.messages(harbour.desk)
    assert [m.text for m in seen] == ["zero", "2", "3", "4", "card"]
    assert seen[-1].files == {"card.png": b"\x89PNG"}
    home = harbour.bot.get_channel(harbour.desk.id)
    assert isinstance(home, discord.TextChannel)
    thread = await home.get_partial_message(sent[2].id).create_thread(name="On two")
    await thread.send("inside")
    assert [m.text for m in harbour.server.messages(harbour.server.channels[thread.id])] == ["inside"]
    await home.create_thread(name="Alone", type=discord.ChannelType.private_thread)
    board = harbour.server.add_channel(harbour.guild, "questions", FORUM)
    forum = await harbour.bot.fetch_channel(board.id)
    assert isinstance(forum, discord.ForumChannel)
    made = await forum.create_thread(name="Question 1", content="Why?")
    assert harbour.server.messages(harbour.server.channels[made.thread.id])[0].text == "Why?"


async def test_announcement_and_media_channels(harbour: Harbour) -> None:
    news = await harbour.bot.fetch_channel(harbour.server.add_channel(harbour.guild, "news", GUILD_NEWS).id)
    assert isinstance(news, discord.TextChannel)
    assert news.is_news()
    sent = await news.send("Good morning")
    on = await sent.create_thread(name="On it")
    alone = await news.create_thread(name="Alone", type=discord.ChannelType.news_thread)
    assert (on.id, on.is_news(), alone.is_news()) == (sent.id, True, True)
    home = await harbour.bot.fetch_channel(harbour.desk.id)
    assert isinstance(home, discord.TextChannel)
    for channel, kind in (
        (news, discord.ChannelType.public_thread),
        (news, discord.ChannelType.private_thread),
        (home, discord.ChannelType.news_thread),
    ):
        with pytest.raises(discord.HTTPException, match="Cannot execute action on this channel type"):
            await channel.create_thread(name="x", type=kind)
    media = await harbour.bot.fetch_channel(harbour.server.add_channel(harbour.guild, "pictures", MEDIA).id)
    assert isinstance(media, discord.ForumChannel)
    assert media.is_media()
    made = await media.create_thread(name="Picture 1", content="Look.")
    assert not made.thread.is_news()
    with pytest.raises(discord.HTTPException, match="non-text channel"):
        await harbour.bot.get_partial_messageable(media.id).send("x")


async def test_waiting_for_what_does_not_come_says_so(harbour: Harbour) -> None:
    with pytest.raises(TimeoutError, match="no message in desk"):
        await harbour.server.next_message(harbour.desk, within=0.01)


async def test_several_hundred_messages_a_second(harbour: Harbour) -> None:
    began = time.process_time()  # of this process: what else the machine does is no fault of the server's
    channels = [harbour.server.add_channel(harbour.guild, f"c{n}") for n in range(10)]
    await asyncio.gather(*(harbour.bot.get_partial_messageable(c.id).send(str(n)) for c in channels for n in range(30)))
    rate = 300 / (time.process_time() - began)
    assert sum(len(harbour.server.messages(c)) for c in channels) == 300
    assert rate > 200  # about 1,000 on two idle cores, with the client in the same process
