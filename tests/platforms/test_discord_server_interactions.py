"""The Discord server under an unpatched discord.py: commands, buttons, menus and forms."""

import io
from typing import Any

import discord
import pytest

from tests.platforms.discord import Permission
from tests.platforms.discord_client import Harbour, write


async def test_command_with_typed_options_ephemeral_answer_and_followup(harbour: Harbour) -> None:
    asked = await harbour.server.command(harbour.ann, harbour.desk, "ask", text="Why?", n=3, mood="Fine")
    assert asked.ephemeral
    assert asked.message is not None
    assert asked.message.text == "Heard.\nAsked\nWhy? 3 5"
    assert asked.message.buttons == {"Again": "1:again", "Page": "https://example.org/"}
    await harbour.server.wait_for(lambda: asked.followups)
    assert [m.text for m in asked.followups] == ["And this."]
    assert harbour.server.messages(harbour.desk) == []
    assert asked.wire["locale"] == "de"
    with pytest.raises(KeyError):
        harbour.server.command(harbour.ann, harbour.desk, "nothing")
    with pytest.raises(KeyError):
        harbour.server.command(harbour.ann, harbour.desk, "ask", text="x", other=1)
    with pytest.raises(ValueError, match="required"):
        harbour.server.command(harbour.ann, harbour.desk, "ask")
    with pytest.raises(ValueError, match="type 4"):
        harbour.server.command(harbour.ann, harbour.desk, "ask", text="x", n="3")


async def test_subcommand_resolves_a_channel_and_the_client_knows_its_permissions(harbour: Harbour) -> None:
    shut = harbour.server.add_channel(harbour.guild, "shut", overwrites={harbour.guild: (0, Permission.SEND_MESSAGES)})
    for place, may in ((harbour.desk, True), (shut, False)):
        done = await harbour.server.command(harbour.owner, harbour.desk, "setup desk", place=place)
        assert done.message is not None
        assert done.message.text == f"{place.id} {may}"
        assert not done.ephemeral
    assert [m.text for m in harbour.server.messages(harbour.desk)] == [f"{harbour.desk.id} True", f"{shut.id} False"]
    assert "setup" not in harbour.server.commands(harbour.ann, harbour.server.dm(harbour.ann))


async def test_an_ephemeral_answer_is_out_of_the_channels_reach(harbour: Harbour) -> None:
    asked = await harbour.server.command(harbour.ann, harbour.desk, "ask", text="x")
    assert asked.message is not None
    message = harbour.channel().get_partial_message(asked.message.id)
    for call in (message.fetch(), message.edit(content="y"), message.delete()):
        with pytest.raises(discord.NotFound) as refused:
            await call
        assert refused.value.code == 10008
    assert asked.message.content == "Heard."


async def test_deferred_answer_is_filled_in(harbour: Harbour) -> None:
    later = await harbour.server.command(harbour.ann, harbour.server.dm(harbour.ann), "slow")
    assert later.deferred
    assert later.ephemeral
    assert later.message is None
    harbour.bot.go.set()
    assert (await later.filled()).text == "Here."


async def test_the_first_followup_fills_a_deferred_answer_and_files_go_along(harbour: Harbour) -> None:
    async def card(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send("Card", file=discord.File(io.BytesIO(b"one"), "one.png"))
        await interaction.followup.send("More")
        await interaction.delete_original_response()

    async def at_once(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(file=discord.File(io.BytesIO(b"two"), "two.png"))

    asked = await harbour.server.command(harbour.ann, harbour.desk, "ask", text="x")
    assert asked.message is not None
    harbour.bot.pressed["1:again"] = card
    pressed = harbour.server.press(harbour.ann, asked.message, "Again")
    filled = await pressed.filled()
    assert (filled.text, filled.files, filled.ephemeral) == ("Card", {"one.png": b"one"}, True)
    await harbour.server.wait_for(lambda: pressed.message is None)
    assert [(m.text, m.ephemeral) for m in pressed.followups] == [("More", False)]
    harbour.bot.pressed["1:again"] = at_once
    pressed = await harbour.server.press(harbour.ann, asked.message, "Again")
    assert pressed.message is not None
    assert pressed.message.files == {"two.png": b"two"}


async def test_button_edits_its_message_and_may_be_pressed_on_an_old_screen(harbour: Harbour) -> None:
    async def again(interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="Changed.", view=None)

    harbour.bot.pressed["1:again"] = again
    asked = await harbour.server.command(harbour.ann, harbour.desk, "ask", text="x")
    before = asked.message
    assert before is not None
    pressed = await harbour.server.press(harbour.ann, before, "Again")
    assert pressed.updated
    assert pressed.message is not None
    assert (pressed.message.id, pressed.message.content, pressed.message.buttons) == (before.id, "Changed.", {})
    assert asked.message == pressed.message
    assert (await harbour.server.press(harbour.ann, before, "Again")).updated
    with pytest.raises(KeyError):
        harbour.server.press(harbour.ann, pressed.message, "Again")
    with pytest.raises(ValueError, match="cannot be pressed"):
        harbour.server.press(harbour.ann, before, "Page")


async def test_modal_from_a_button_is_submitted_with_its_message(harbour: Harbour) -> None:
    got: list[Any] = []

    async def submitted(interaction: discord.Interaction) -> None:
        assert interaction.message is not None
        got.append((interaction.message.id, interaction.data))
        await interaction.response.edit_message(content="Kept.", view=None)

    harbour.bot.pressed |= {"1:again": write, "1:form": submitted}
    asked = await harbour.server.command(harbour.ann, harbour.desk, "ask", text="x")
    assert asked.message is not None
    opened = await harbour.server.press(harbour.ann, asked.message, "1:again")
    assert opened.modal is not None
    assert (opened.modal.title, [f.label for f in opened.modal.fields]) == ("A form", ["Words", "Colour"])
    with pytest.raises(ValueError, match="Words"):
        harbour.server.submit(harbour.ann, opened.modal, {"Words": "x" * 21, "c": "Red"})
    with pytest.raises(ValueError, match="Colour"):
        harbour.server.submit(harbour.ann, opened.modal, {"Words": "x"})
    sent = await harbour.server.submit(harbour.ann, opened.modal, {"Words": "hello", "Colour": "Blue"})
    assert sent.updated
    message_id, data = got[0]
    assert message_id == asked.message.id
    inner = [c["component"] for c in data["components"]]
    assert [(c["custom_id"], c.get("value", c.get("values"))) for c in inner] == [("words", "hello"), ("c", ["b"])]


async def test_menus_take_options_and_people(harbour: Harbour) -> None:
    got: list[Any] = []

    async def chosen(interaction: discord.Interaction) -> None:
        got.append(interaction.data)
        await interaction.response.defer()

    harbour.bot.pressed |= {"pick": chosen, "who": chosen}
    view = discord.ui.View()
    options = [discord.SelectOption(label="Red", value="r"), discord.SelectOption(label="Blue", value="b")]
    view.add_item(discord.ui.Select(custom_id="pick", options=options))
    view.add_item(discord.ui.UserSelect(custom_id="who"))
    view.stop()
    await harbour.channel().send("Choose", view=view)
    message = await harbour.server.next_message(harbour.desk)
    assert (await harbour.server.choose(harbour.ann, message, "pick", ["Blue"])).deferred
    await harbour.server.choose(harbour.ann, message, "who", [harbour.owner])
    assert got[0]["values"] == ["b"]
    assert got[1]["resolved"]["users"][str(harbour.owner.id)]["global_name"] == "Olive Owner"
    with pytest.raises(ValueError, match="2 chosen"):
        harbour.server.choose(harbour.ann, message, "pick", ["Red", "Blue"])


async def test_answering_twice_late_or_wrongly_is_refused(harbour: Harbour) -> None:
    codes: list[int] = []

    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("One")
        again = discord.Interaction(data=raw[0], state=interaction._state)  # a second process, so to say
        with pytest.raises(discord.HTTPException) as refused:
            await again.response.send_message("Two")
        codes.append(refused.value.code)
        harbour.server.touch()

    async def late(interaction: discord.Interaction) -> None:
        harbour.server.deadline = -1.0
        with pytest.raises(discord.NotFound) as refused:
            await interaction.response.send_message("Late")
        codes.append(refused.value.code)
        harbour.server.touch()

    async def modal_after_modal(interaction: discord.Interaction) -> None:
        with pytest.raises(discord.HTTPException) as refused:
            await write(interaction)
        codes.append(refused.value.code)
        harbour.server.touch()

    form = await harbour.server.command(harbour.ann, harbour.desk, "write")
    assert form.modal is not None
    harbour.bot.pressed = {"1:form": modal_after_modal}
    harbour.server.submit(harbour.ann, form.modal, {"words": "x", "c": "r"})
    await harbour.server.wait_for(lambda: codes == [50035])
    asked = await harbour.server.command(harbour.ann, harbour.desk, "ask", text="x")
    assert asked.message is not None
    raw: list[Any] = []
    harbour.bot.pressed = {"1:again": twice}
    press = harbour.server.press(harbour.ann, asked.message, "Again")
    raw.append(press.wire)
    await harbour.server.wait_for(lambda: codes == [50035, 40060])
    harbour.bot.pressed = {"1:again": late}
    harbour.server.press(harbour.ann, asked.message, "Again")
    await harbour.server.wait_for(lambda: codes == [50035, 40060, 10062])
