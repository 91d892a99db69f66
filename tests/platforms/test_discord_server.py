"""The Discord server, driven by a real, unpatched discord.py."""

import asyncio
import io
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands

from tests.platforms import conformance
from tests.platforms import discord_wire as wire
from tests.platforms.discord_server import DiscordServer
from tests.platforms.discord_wire import Channel, Guild, Permission, User


class Bot(discord.Client):
    """A small bot of the kind that the server is made for. What the tests change is in `on`."""

    def __init__(self) -> None:
        intents = discord.Intents.none()
        intents.guilds = True
        super().__init__(intents=intents, guild_ready_timeout=0)
        self.tree = app_commands.CommandTree(self)
        self.pressed: dict[str, Callable[[discord.Interaction], Any]] = {}
        self.seen: list[int] = []
        self.resumed = 0
        self.tree.command(name="ask", description="Ask")(ask)
        self.tree.command(name="slow", description="Take your time")(slow)
        self.tree.command(name="write", description="Open a form")(write)
        group = app_commands.Group(name="setup", description="Set up", guild_only=True)
        group.command(name="desk", description="Where coaches sit")(desk)
        self.tree.add_command(group)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.seen.append(interaction.id)
        custom_id = (interaction.data or {}).get("custom_id")
        if run := self.pressed.get(str(custom_id)):
            await run(interaction)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The client's own waits five seconds before it identifies again."""

    async def on_resumed(self) -> None:
        self.resumed += 1


@app_commands.choices(mood=[app_commands.Choice(name="Fine", value=5), app_commands.Choice(name="Awful", value=1)])
async def ask(interaction: discord.Interaction, text: str, n: int = 1, mood: int = 3) -> None:
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Again", custom_id="1:again", style=discord.ButtonStyle.primary))
    view.add_item(discord.ui.Button(label="Page", url="https://example.org/"))
    view.stop()
    embed = discord.Embed(title="Asked", description=f"{text} {n} {mood}")
    await interaction.response.send_message("Heard.", embed=embed, view=view, ephemeral=True)
    await interaction.followup.send("And this.", ephemeral=True)


async def slow(interaction: discord.Interaction) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    await interaction.client.go.wait()  # type: ignore[attr-defined]
    await interaction.edit_original_response(content="Here.")


async def write(interaction: discord.Interaction) -> None:
    modal = discord.ui.Modal(title="A form", custom_id="1:form")
    modal.add_item(discord.ui.Label(text="Words", component=discord.ui.TextInput(custom_id="words", max_length=20)))
    options = [discord.SelectOption(label="Red", value="r"), discord.SelectOption(label="Blue", value="b")]
    modal.add_item(discord.ui.Label(text="Colour", component=discord.ui.Select(custom_id="c", options=options)))
    await interaction.response.send_modal(modal)


async def desk(interaction: discord.Interaction, place: discord.TextChannel) -> None:
    may = interaction.guild and interaction.guild.me and place.permissions_for(interaction.guild.me).send_messages
    await interaction.response.send_message(f"{place.id} {may}")


class World:
    """The server, one guild with people in it, and the bot connected to it."""

    def __init__(self, server: DiscordServer, bot: Bot) -> None:
        self.server, self.bot = server, bot
        self.owner: User = server.add_user("Olive Owner")
        self.guild: Guild = server.add_guild("Harbour", self.owner)
        self.ann: User = server.add_user("Ann", locale="de")
        server.join(self.ann, self.guild)
        self.desk: Channel = server.add_channel(self.guild, "desk")

    def channel(self) -> discord.PartialMessageable:
        return self.bot.get_partial_messageable(self.desk.id)


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with DiscordServer() as server:
        monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
        bot = Bot()
        bot.go = asyncio.Event()  # type: ignore[attr-defined]
        world = World(server, bot)
        async with bot:
            await bot.login(server.token)
            await bot.tree.sync()
            running = asyncio.create_task(bot.connect())
            await server.ready()
            await bot.wait_until_ready()
            yield world
            await bot.close()
            await running
        assert server.check() == []


def test_the_specification_is_asked() -> None:
    if not conformance.available():
        pytest.skip("the specifications are not here")
    assert conformance.discord("POST", "/channels/1/messages", {"content": "x" * 5000}, 200, {})
    assert conformance.telegram("sendMessage", {"chat_id": 1}, "Message", {})


async def test_command_with_typed_options_ephemeral_answer_and_followup(world: World) -> None:
    asked = await world.server.command(world.ann, world.desk, "ask", text="Why?", n=3, mood="Fine")
    assert asked.ephemeral
    assert asked.message is not None
    assert asked.message.text == "Heard.\nAsked\nWhy? 3 5"
    assert asked.message.buttons == {"Again": "1:again", "Page": "https://example.org/"}
    await world.server.wait_for(lambda: asked.followups)
    assert [m.text for m in asked.followups] == ["And this."]
    assert world.server.messages(world.desk) == []
    assert asked.wire["locale"] == "de"
    with pytest.raises(KeyError):
        world.server.command(world.ann, world.desk, "nothing")
    with pytest.raises(KeyError):
        world.server.command(world.ann, world.desk, "ask", text="x", other=1)
    with pytest.raises(ValueError, match="required"):
        world.server.command(world.ann, world.desk, "ask")
    with pytest.raises(ValueError, match="type 4"):
        world.server.command(world.ann, world.desk, "ask", text="x", n="3")


async def test_subcommand_resolves_a_channel_and_the_client_knows_its_permissions(world: World) -> None:
    shut = world.server.add_channel(world.guild, "shut", overwrites={world.guild: (0, Permission.SEND_MESSAGES)})
    for place, may in ((world.desk, True), (shut, False)):
        done = await world.server.command(world.owner, world.desk, "setup desk", place=place)
        assert done.message is not None
        assert done.message.text == f"{place.id} {may}"
        assert not done.ephemeral
    assert [m.text for m in world.server.messages(world.desk)] == [f"{world.desk.id} True", f"{shut.id} False"]
    assert "setup" not in world.server.commands(world.ann, world.server.dm(world.ann))


async def test_an_ephemeral_answer_is_out_of_the_channels_reach(world: World) -> None:
    asked = await world.server.command(world.ann, world.desk, "ask", text="x")
    assert asked.message is not None
    message = world.channel().get_partial_message(asked.message.id)
    for call in (message.fetch(), message.edit(content="y"), message.delete()):
        with pytest.raises(discord.NotFound) as refused:
            await call
        assert refused.value.code == 10008
    assert asked.message.content == "Heard."


async def test_deferred_answer_is_filled_in(world: World) -> None:
    later = await world.server.command(world.ann, world.server.dm(world.ann), "slow")
    assert later.deferred
    assert later.ephemeral
    assert later.message is None
    world.bot.go.set()  # type: ignore[attr-defined]
    assert (await later.filled()).text == "Here."


async def test_the_first_followup_fills_a_deferred_answer_and_files_go_along(world: World) -> None:
    async def card(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send("Card", file=discord.File(io.BytesIO(b"one"), "one.png"))
        await interaction.followup.send("More")
        await interaction.delete_original_response()

    async def at_once(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(file=discord.File(io.BytesIO(b"two"), "two.png"))

    asked = await world.server.command(world.ann, world.desk, "ask", text="x")
    assert asked.message is not None
    world.bot.pressed["1:again"] = card
    pressed = world.server.press(world.ann, asked.message, "Again")
    filled = await pressed.filled()
    assert (filled.text, filled.files, filled.ephemeral) == ("Card", {"one.png": b"one"}, True)
    await world.server.wait_for(lambda: pressed.message is None)
    assert [(m.text, m.ephemeral) for m in pressed.followups] == [("More", False)]
    world.bot.pressed["1:again"] = at_once
    pressed = await world.server.press(world.ann, asked.message, "Again")
    assert pressed.message is not None
    assert pressed.message.files == {"two.png": b"two"}


async def test_button_edits_its_message_and_may_be_pressed_on_an_old_screen(world: World) -> None:
    async def again(interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="Changed.", view=None)

    world.bot.pressed["1:again"] = again
    asked = await world.server.command(world.ann, world.desk, "ask", text="x")
    before = asked.message
    assert before is not None
    pressed = await world.server.press(world.ann, before, "Again")
    assert pressed.updated
    assert pressed.message is not None
    assert (pressed.message.id, pressed.message.content, pressed.message.buttons) == (before.id, "Changed.", {})
    assert asked.message == pressed.message
    assert (await world.server.press(world.ann, before, "Again")).updated
    with pytest.raises(KeyError):
        world.server.press(world.ann, pressed.message, "Again")
    with pytest.raises(ValueError, match="cannot be pressed"):
        world.server.press(world.ann, before, "Page")


async def test_modal_from_a_button_is_submitted_with_its_message(world: World) -> None:
    got: list[Any] = []

    async def submitted(interaction: discord.Interaction) -> None:
        assert interaction.message is not None
        got.append((interaction.message.id, interaction.data))
        await interaction.response.edit_message(content="Kept.", view=None)

    world.bot.pressed |= {"1:again": write, "1:form": submitted}
    asked = await world.server.command(world.ann, world.desk, "ask", text="x")
    assert asked.message is not None
    opened = await world.server.press(world.ann, asked.message, "1:again")
    assert opened.modal is not None
    assert (opened.modal.title, [f.label for f in opened.modal.fields]) == ("A form", ["Words", "Colour"])
    with pytest.raises(ValueError, match="Words"):
        world.server.submit(world.ann, opened.modal, {"Words": "x" * 21, "c": "Red"})
    with pytest.raises(ValueError, match="Colour"):
        world.server.submit(world.ann, opened.modal, {"Words": "x"})
    sent = await world.server.submit(world.ann, opened.modal, {"Words": "hello", "Colour": "Blue"})
    assert sent.updated
    message_id, data = got[0]
    assert message_id == asked.message.id
    inner = [c["component"] for c in data["components"]]
    assert [(c["custom_id"], c.get("value", c.get("values"))) for c in inner] == [("words", "hello"), ("c", ["b"])]


async def test_menus_take_options_and_people(world: World) -> None:
    got: list[Any] = []

    async def chosen(interaction: discord.Interaction) -> None:
        got.append(interaction.data)
        await interaction.response.defer()

    world.bot.pressed |= {"pick": chosen, "who": chosen}
    view = discord.ui.View()
    options = [discord.SelectOption(label="Red", value="r"), discord.SelectOption(label="Blue", value="b")]
    view.add_item(discord.ui.Select(custom_id="pick", options=options))
    view.add_item(discord.ui.UserSelect(custom_id="who"))
    view.stop()
    await world.channel().send("Choose", view=view)
    message = await world.server.next_message(world.desk)
    assert (await world.server.choose(world.ann, message, "pick", ["Blue"])).deferred
    await world.server.choose(world.ann, message, "who", [world.owner])
    assert got[0]["values"] == ["b"]
    assert got[1]["resolved"]["users"][str(world.owner.id)]["global_name"] == "Olive Owner"
    with pytest.raises(ValueError, match="2 chosen"):
        world.server.choose(world.ann, message, "pick", ["Red", "Blue"])


async def test_answering_twice_late_or_wrongly_is_refused(world: World) -> None:
    codes: list[int] = []

    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("One")
        again = discord.Interaction(data=raw[0], state=interaction._state)  # a second process, so to say
        with pytest.raises(discord.HTTPException) as refused:
            await again.response.send_message("Two")
        codes.append(refused.value.code)
        world.server.touch()

    async def late(interaction: discord.Interaction) -> None:
        world.server.deadline = -1.0
        with pytest.raises(discord.NotFound) as refused:
            await interaction.response.send_message("Late")
        codes.append(refused.value.code)
        world.server.touch()

    async def modal_after_modal(interaction: discord.Interaction) -> None:
        with pytest.raises(discord.HTTPException) as refused:
            await write(interaction)
        codes.append(refused.value.code)
        world.server.touch()

    form = await world.server.command(world.ann, world.desk, "write")
    assert form.modal is not None
    world.bot.pressed = {"1:form": modal_after_modal}
    world.server.submit(world.ann, form.modal, {"words": "x", "c": "r"})
    await world.server.wait_for(lambda: codes == [50035])
    asked = await world.server.command(world.ann, world.desk, "ask", text="x")
    assert asked.message is not None
    raw: list[Any] = []
    world.bot.pressed = {"1:again": twice}
    press = world.server.press(world.ann, asked.message, "Again")
    raw.append(press.wire)
    await world.server.wait_for(lambda: codes == [50035, 40060])
    world.bot.pressed = {"1:again": late}
    world.server.press(world.ann, asked.message, "Again")
    await world.server.wait_for(lambda: codes == [50035, 40060, 10062])


async def test_dm_with_a_nonce_twice_is_one_message_for_a_while(world: World) -> None:
    dm = await (await world.bot.fetch_user(world.ann.id)).create_dm()
    first = await dm.send("Day 5.", nonce="drop-1")
    assert (await dm.send("Day 5.", nonce="drop-1")).id == first.id
    seen = world.server.messages(world.server.dm(world.ann))
    assert [(m.text, m.nonce) for m in seen] == [("Day 5.", "drop-1")]
    assert (await dm.fetch_message(first.id)).nonce is None
    world.server.nonce_window = 0.0
    assert (await dm.send("Day 5.", nonce="drop-1")).id != first.id


async def test_a_deleted_message_is_not_made_again_by_its_nonce(world: World) -> None:
    await (await world.channel().send("x", nonce="n")).delete()
    with pytest.raises(discord.NotFound) as refused:
        await world.channel().send("x", nonce="n")
    assert refused.value.code == 10008


async def test_closed_dms_and_people_without_a_shared_server_answer_50007(world: World) -> None:
    dm = await (await world.bot.fetch_user(world.ann.id)).create_dm()
    world.server.close_dms(world.ann)
    with pytest.raises(discord.Forbidden) as refused:
        await dm.send("x")
    assert refused.value.code == 50007
    world.server.open_dms(world.ann)
    await dm.send("x")
    world.server.leave(world.ann, world.guild)
    with pytest.raises(discord.Forbidden):
        await dm.send("x")


async def test_refusals_have_discords_codes(world: World) -> None:
    async def code(call: Any) -> int:
        with pytest.raises(discord.HTTPException) as refused:
            await call
        return refused.value.code

    server, channel = world.server, world.channel()
    assert await code(channel.send("")) == 50006
    assert await code(channel.send("x" * 2001)) == 50035
    assert await code(channel.send(embed=discord.Embed(description="x" * 4097))) == 50035
    assert await code(channel.send(embeds=[discord.Embed(description="x" * 4000)] * 2)) == 50035
    assert await code(channel.fetch_message(1)) == 10008
    assert await code(world.bot.fetch_channel(1)) == 10003
    theirs = server.say(world.ann, world.desk, "mine")
    assert await code(channel.get_partial_message(theirs.id).edit(content="x")) == 50005
    assert await code(channel.get_partial_message(theirs.id).delete()) == 50013
    server.set_overwrite(world.desk, world.guild, deny=Permission.SEND_MESSAGES)
    assert await code(channel.send("x")) == 50013
    server.set_overwrite(world.desk, world.guild, deny=Permission.VIEW_CHANNEL)
    assert await code(channel.send("x")) == 50001
    guild = await world.bot.fetch_guild(world.guild.id)
    server.leave(world.ann, world.guild)
    assert await code(guild.fetch_member(world.ann.id)) == 10007
    server.kick_bot(world.guild)
    assert await code(world.bot.fetch_guild(world.guild.id)) == 10004
    server.delete_channel(world.desk)
    assert await code(channel.send("x")) == 10003


def _rows(*rows: int) -> dict[str, Any]:
    """A message with rows of so many buttons."""
    names = iter(range(100))
    rows_of = [[BUTTON | {"custom_id": str(next(names))} for _ in range(n)] for n in rows]
    return {"components": [{"type": 1, "components": row} for row in rows_of]}


def _button(**changes: Any) -> dict[str, Any]:
    return {"components": [{"type": 1, "components": [BUTTON | changes]}]}


def _menu(options: int) -> dict[str, Any]:
    menu = {"type": 3, "custom_id": "a", "options": [{"label": "x", "value": str(n)} for n in range(options)]}
    return {"components": [{"type": 1, "components": [menu]}]}


def _modal(title: int, inputs: int) -> dict[str, Any]:
    fields = [{"type": 18, "label": "x", "component": INPUT | {"custom_id": str(n)}} for n in range(inputs)]
    return {"title": "x" * title, "custom_id": "a", "components": fields}


def _command(name: str, description: int) -> dict[str, Any]:
    return {"name": name, "description": "x" * description}


BUTTON = {"type": 2, "style": 1, "label": "x", "custom_id": "a"}
INPUT = {"type": 4, "style": 1}


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (wire.check_message, _button(label="x" * 80), _button(label="x" * 81)),
        (wire.check_message, _button(custom_id="x" * 100), _button(custom_id="x" * 101)),
        (wire.check_message, _rows(1, 1), {"components": _rows(1)["components"] * 2}),
        (wire.check_message, _rows(5), _rows(6)),
        (wire.check_message, _rows(1, 1, 1, 1, 1), _rows(1, 1, 1, 1, 1, 1)),
        (wire.check_message, _menu(25), _menu(26)),
        (wire.check_modal, _modal(45, 1), _modal(46, 1)),
        (wire.check_modal, _modal(1, 5), _modal(1, 6)),
        (wire.check_commands, [_command("ask", 1)], [_command("Ask", 1)]),
        (wire.check_commands, [_command("x" * 32, 1)], [_command("x" * 33, 1)]),
        (wire.check_commands, [_command("ask", 100)], [_command("ask", 101)]),
        (wire.check_commands, [_command("ask", 1), _command("b", 1)], [_command("ask", 1)] * 2),
    ],
)
def test_limits_of_discord(check: Callable[[Any], None], good: Any, bad: Any) -> None:
    check(good)
    with pytest.raises(wire.Refused) as refused:
        check(bad)
    assert refused.value.body["code"] == 50035


PROCESS = """
import asyncio, os, discord, yarl
discord.http.Route.BASE = os.environ["API"]
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["GATEWAY"])
class Bot(discord.Client):
    async def setup_hook(self):
        tree = discord.app_commands.CommandTree(self)
        @tree.command(name="ask", description="Ask")
        async def ask(interaction: discord.Interaction):
            await interaction.response.send_message("From afar.")
        await tree.sync()
Bot(intents=discord.Intents(guilds=True), guild_ready_timeout=0).run(os.environ["TOKEN"], log_handler=None)
"""


async def test_a_bot_in_another_process_is_killed_and_comes_again() -> None:
    async with DiscordServer(patience=20.0) as server:
        world = World(server, Bot())
        env = {"API": server.api_url, "GATEWAY": server.gateway_url, "TOKEN": server.token}
        for times in (1, 2):
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROCESS, env=env)
            await server.ready(times)
            done = await server.command(world.ann, world.desk, "ask")
            assert done.message is not None
            assert done.message.text == "From afar."
            process.kill()
            await process.wait()
            await server.wait_for(lambda: not server.gateway.live())
        assert server.check() == []


async def test_a_wrong_token_is_refused(world: World) -> None:
    async with Bot() as other:
        with pytest.raises(discord.LoginFailure):
            await other.login("wrong")


async def test_history_edits_files_threads_and_forums(world: World) -> None:
    channel = world.channel()
    sent = [await channel.send(str(n)) for n in range(5)]
    assert [m.content async for m in channel.history(limit=2)] == ["4", "3"]
    assert [m.content async for m in channel.history(limit=2, after=sent[0])] == ["1", "2"]
    assert [m.content async for m in channel.history(limit=3, around=sent[2])] == ["3", "2", "1"]
    await sent[0].edit(content="zero")
    await sent[1].delete()
    await channel.send("card", file=discord.File(io.BytesIO(b"\x89PNG"), "card.png"))
    seen = world.server.messages(world.desk)
    assert [m.text for m in seen] == ["zero", "2", "3", "4", "card"]
    assert seen[-1].files == {"card.png": b"\x89PNG"}
    home = world.bot.get_channel(world.desk.id)
    assert isinstance(home, discord.TextChannel)
    thread = await home.get_partial_message(sent[2].id).create_thread(name="On two")
    await thread.send("inside")
    assert [m.text for m in world.server.messages(world.server.channels[thread.id])] == ["inside"]
    await home.create_thread(name="Alone", type=discord.ChannelType.private_thread)
    board = world.server.add_channel(world.guild, "questions", wire.FORUM)
    forum = await world.bot.fetch_channel(board.id)
    assert isinstance(forum, discord.ForumChannel)
    made = await forum.create_thread(name="Question 1", content="Why?")
    assert world.server.messages(world.server.channels[made.thread.id])[0].text == "Why?"


async def test_played_errors_are_met_by_the_clients_own_retries(world: World) -> None:
    world.server.fail("POST", r"/messages$", 429)
    await world.channel().send("after 429")
    world.server.fail("POST", r"/messages$", 403, json={"message": "no", "code": 50001})
    with pytest.raises(discord.Forbidden):
        await world.channel().send("refused")
    assert [r.status for r in world.server.requests if r.path.endswith("/messages")] == [429, 200, 403]


async def test_rate_limits_are_told_and_obeyed(world: World) -> None:
    world.server.per_channel = (5, 0.1)
    began = time.monotonic()
    for n in range(11):
        await world.channel().send(str(n))
    assert time.monotonic() - began > 0.1
    assert len(world.server.messages(world.desk)) == 11
    world.server.per_channel, world.server.per_second = None, 0
    assert 429 not in {r.status for r in world.server.requests}


async def test_the_global_limit_answers_429_with_its_scope(world: World) -> None:
    world.server.per_second = 2
    session = world.bot.http._HTTPClient__session  # type: ignore[attr-defined]
    headers = {"Authorization": f"Bot {world.server.token}"}
    for _ in range(2):
        async with session.get(f"{world.server.api_url}/users/@me", headers=headers) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "application/json"
    async with session.get(f"{world.server.api_url}/users/@me", headers=headers) as answer:
        assert answer.status == 429
        assert answer.headers["X-RateLimit-Global"] == "true"
        assert answer.headers["Via"]
        assert (await answer.json())["global"] is True
    world.server.per_second = None


async def test_a_500_is_tried_again(world: World) -> None:
    world.server.fail("POST", r"/messages$", 502)
    await world.channel().send("x")
    assert [r.status for r in world.server.requests if r.path.endswith("/messages")] == [502, 200]


async def test_a_drop_after_the_effect_leaves_the_message(world: World) -> None:
    for after, stands in ((True, 1), (False, 1)):
        world.server.drop("POST", r"/messages$", after=after)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await asyncio.wait_for(world.bot.http.send_message(world.desk.id, params=_text("x")), 0.5)
        assert len(world.server.messages(world.desk)) == stands
        assert world.server.requests[-1].status == 0


async def test_an_answer_can_be_garbled_and_delayed(world: World) -> None:
    world.server.garble("POST", r"/messages$")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        await world.channel().send("x")
    gate = asyncio.Event()
    world.server.delay("POST", r"/messages$", gate)
    sending = asyncio.create_task(world.channel().send("y"))
    await world.bot.fetch_channel(world.desk.id)
    assert [m.text for m in world.server.messages(world.desk)] == ["x"]
    gate.set()
    await sending
    assert [m.text for m in world.server.messages(world.desk)] == ["x", "y"]


async def test_events_missed_while_disconnected_are_replayed(world: World) -> None:
    world.server.disconnect(4000)
    missed = world.server.command(world.ann, world.desk, "ask", text="lost?")
    await world.server.resumed()
    assert (await missed).message is not None
    assert world.server.gateway.readies == 1
    assert world.bot.resumed == 1
    world.server.ask_reconnect()
    await world.server.resumed(2)
    world.server.disconnect()
    await world.server.resumed(3)


async def test_a_forgotten_session_is_begun_anew(world: World) -> None:
    world.server.gateway.sessions.clear()
    world.server.disconnect(4000)
    await world.server.ready(2)
    assert world.server.gateway.resumes == 0


async def test_an_event_can_come_twice(world: World) -> None:
    asked = await world.server.command(world.ann, world.desk, "slow")
    world.server.repeat(asked)
    await world.server.wait_for(lambda: [r.status for r in world.server.requests][-1] == 400)
    assert world.bot.seen == [asked.id] * 2


async def test_an_outage_and_the_comeback(world: World) -> None:
    kept = await world.channel().send("before")
    await world.server.go_down()
    with pytest.raises((discord.DiscordException, OSError)):
        await asyncio.wait_for(world.channel().send("during"), 0.2)
    await world.server.come_back()
    await world.server.resumed()
    assert (await world.channel().fetch_message(kept.id)).content == "before"


async def test_a_held_call_does_not_hold_up_the_end(world: World) -> None:
    world.server.delay("POST", r"/messages$", asyncio.Event())
    sending = asyncio.create_task(world.channel().send("never"))
    await world.bot.fetch_channel(world.desk.id)
    began = time.monotonic()
    await world.server.go_down()
    assert time.monotonic() - began < 1.0
    sending.cancel()
    assert world.server.messages(world.desk) == []


async def test_waiting_for_what_does_not_come_says_so(world: World) -> None:
    with pytest.raises(TimeoutError, match="no message in desk"):
        await world.server.next_message(world.desk, within=0.01)


async def test_several_hundred_messages_a_second(world: World) -> None:
    began = time.perf_counter()
    channels = [world.server.add_channel(world.guild, f"c{n}") for n in range(10)]
    await asyncio.gather(*(world.bot.get_partial_messageable(c.id).send(str(n)) for c in channels for n in range(30)))
    rate = 300 / (time.perf_counter() - began)
    assert sum(len(world.server.messages(c)) for c in channels) == 300
    assert rate > 200  # about 1,000 on two idle cores, with the client in the same process


def _text(text: str) -> Any:
    return discord.http.handle_message_parameters(text)
