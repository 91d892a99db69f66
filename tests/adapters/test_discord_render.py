"""What the bot says, as Discord shows it."""

import re

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapter import ListedCommand, ListedParam
from bot.adapters.discord import commands, render
from bot.adapters.discord.ids import plain
from bot.model import Button, Field, File, Form, Link, Menu, MenuKind, Option, Reply, Role

PLAIN = "plain, with (brackets) & co.: it's 10:30, 5-1 = 4 > 3"
YES, NO = Option("y", "Yes"), Option("n", "No")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (PLAIN, PLAIN),
        ("• one\n• two 🌱\n\nthree", "• one\n• two 🌱\n\nthree"),
        ("-5 days, #1, >>", "-5 days, #1, >>"),
        ("*a* _b_ ~c~ `d` |e|", r"\*a\* \_b\_ \~c\~ \`d\` \|e\|"),
        (r"a\b", r"a\\b"),
        ("# big\n## less\n-# small", "\\# big\n\\## less\n\\-# small"),
        ("- item\n  + item\n> said\n>>> all", "\\- item\n  \\+ item\n\\> said\n\\>>> all"),
        ("1. first\n12. later\n1.5 hours", "1\\. first\n12\\. later\n1.5 hours"),
        ("[bank](https://evil.example)", r"\[bank](https://evil.example)"),
        ("<@123> <#1> </help:1>", r"\<@123> \<#1> \</help:1>"),
        (":broken_heart: at 10:30:00", r"\:broken\_heart: at 10:30:00"),
        ("see https://example.org/a_b_*c*, and _this_", r"see https://example.org/a_b_*c*, and \_this\_"),
    ],
)
def test_markup_is_shown_as_written(text: str, shown: str) -> None:
    assert render.escape(text) == shown


@given(st.text(alphabet="ab \n\\*_~`|<[:#>-+1.", max_size=60))
def test_escaping_adds_backslashes_and_nothing_else(text: str) -> None:
    assert re.sub(r"\\([^0-9A-Za-z\s])", r"\1", render.escape(text)) == text


@given(st.text(alphabet="a*\\\n_", min_size=1, max_size=4000))
def test_every_text_fits(text: str) -> None:
    built = render.message(Reply(text))
    embedded = [embed.description or "" for embed in built.embeds]
    assert len(built.content or "") <= 2000
    assert all(1 <= len(part) <= 4096 for part in embedded)
    assert sum(map(len, embedded)) <= 6000
    parts = [part for part in (built.content, *embedded) if part]
    assert "".join(parts) == render.escape(text)
    assert all((len(part) - len(part.rstrip("\\"))) % 2 == 0 for part in parts)


def test_the_longest_text_of_nothing_but_markup_fits() -> None:
    built = render.message(Reply("a" + "*" * 3999))
    assert [len(built.content or ""), *(len(embed.description or "") for embed in built.embeds)] == [1999, 4096, 1904]


def test_a_long_text_is_an_embed_and_an_edit_goes_either_way() -> None:
    short, long = render.message(Reply("a" * 2000)), render.message(Reply("a" * 2001))
    assert (short.content, short.embeds) == ("a" * 2000, [])
    assert (long.content, [embed.description for embed in long.embeds]) == (None, ["a" * 2001])
    assert short.replacing() == {"content": "a" * 2000, "embeds": [], "view": None, "attachments": []}
    assert long.replacing()["content"] is None


async def test_rows_become_components_that_nobody_holds() -> None:
    menu = Menu("Whom?", "people.pick", (YES, NO), ("7",))
    rows = ((Button("Yes", "streak.set", ("1",)), Link("More", "https://example.org/")), (menu,))
    view = render.message(Reply("Hm?", rows)).view
    assert view is not None
    assert view.is_finished()
    first, second = view.to_components()
    assert [(c["label"], c.get("custom_id"), c.get("url")) for c in first["components"]] == [
        ("Yes", "1:streak.set:1", None),
        ("More", None, "https://example.org/"),
    ]
    (select,) = second["components"]
    assert (select["custom_id"], select["placeholder"]) == ("1:people.pick:7", "Whom?")
    assert [(o["value"], o["label"]) for o in select["options"]] == [("y", "Yes"), ("n", "No")]


async def test_no_two_ids_of_a_message_are_alike_and_each_can_be_read_back() -> None:
    menus = tuple((Menu(f"Countries {half}", "crisis.country", (YES, NO)),) for half in "ab")
    rows = (*menus, (Button("Help", "crisis"), Button("Lines", "crisis"), Link("More", "https://example.org/")))
    view = render.message(Reply("Hm?", rows)).view
    assert view is not None
    ids = [item["custom_id"] for row in view.to_components() for item in row["components"] if "custom_id" in item]
    assert ids == ["1:crisis.country", "2|1:crisis.country", "1:crisis", "2|1:crisis"]
    assert [plain(id) for id in ids] == ["1:crisis.country", "1:crisis.country", "1:crisis", "1:crisis"]


async def test_places_roles_and_people_are_native_menus() -> None:
    kinds: tuple[MenuKind, ...] = ("channel", "role", "member")
    view = render.message(Reply("Hm?", tuple((Menu(f"Which {k}?", "a.b", (), (k,), k),) for k in kinds))).view
    assert view is not None
    assert view.is_finished()
    selects = [row["components"][0] for row in view.to_components()]
    assert [(s["type"], s["custom_id"], s["placeholder"]) for s in selects] == [
        (8, "1:a.b:channel", "Which channel?"),
        (6, "1:a.b:role", "Which role?"),
        (5, "1:a.b:member", "Which member?"),
    ]
    assert all(s["min_values"] == s["max_values"] == 1 for s in selects)
    # Text and announcement channels, the threads of either, private threads, forums and media channels.
    assert sorted(selects[0]["channel_types"]) == [0, 5, 10, 11, 12, 15, 16]


def test_a_file_goes_with_what_it_shows() -> None:
    (file,) = render.message(Reply("Yours.", files=(File("card.png", b"png", alt="27 of 28 days"),))).files
    assert (file.filename, file.description, file.fp.read()) == ("card.png", "27 of 28 days", b"png")


async def test_a_form_is_a_modal_with_its_fields_filled_in() -> None:
    form = Form(
        "Your question",
        (
            Field("text", "What is it?", long=True, max=1000, value="How long"),
            Field("see", "May others read it?", choices=(YES, NO), value="n", required=False),
        ),
        "questions.send",
        ("7",),
    )
    built = render.modal(form)
    assert built.is_finished()
    payload = built.to_dict()
    assert (payload["custom_id"], payload["title"]) == ("1:questions.send:7", "Your question")
    text, see = (row["component"] for row in payload["components"])
    assert [row["label"] for row in payload["components"]] == ["What is it?", "May others read it?"]
    assert (text["custom_id"], text["style"], text["max_length"], text["required"], text["value"]) == (
        "text", discord.TextStyle.paragraph.value, 1000, True, "How long",
    )  # fmt: skip
    assert (see["custom_id"], see["required"]) == ("see", False)
    assert [(o["value"], o["default"]) for o in see["options"]] == [("y", False), ("n", True)]


def test_a_command_declares_its_options_natively() -> None:
    listed = ListedCommand(
        "mood",
        "Say how today is.",
        (
            ListedParam("day", "Which day", "date", required=False),
            ListedParam("mood", "From 1 to 5", "number", required=True, min=1, max=5),
            ListedParam("why", "What it was", "choice", required=False, choices=(YES, NO)),
            ListedParam("line", "A line", "text", required=False, free=True, max=500),
        ),
        private=True,
        role=Role.OWNER,
    )
    tree = commands.Tree(discord.Client(intents=discord.Intents.none()), [listed])
    (declared,) = tree.get_commands()
    assert isinstance(declared, discord.app_commands.Command)
    payload = declared.to_dict(tree)
    assert (payload["name"], payload["description"]) == ("mood", "Say how today is.")
    assert payload["contexts"] == [0, 1]
    assert payload["integration_types"] == [0]
    assert payload["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    mood, day, why, line = payload["options"]  # those that are required come first
    assert (mood["name"], mood["type"], mood["required"], mood["min_value"], mood["max_value"]) == (
        "mood", 4, True, 1, 5,
    )  # fmt: skip
    assert (day["name"], day["type"], day["required"], day["description"]) == ("day", 3, False, "Which day")
    assert [(c["name"], c["value"]) for c in why["choices"]] == [("Yes", "y"), ("No", "n")]
    assert (line["type"], line["max_length"]) == (3, 500)


def test_the_fingerprint_changes_with_the_words_and_not_with_the_order() -> None:
    def fingerprint(*listed: ListedCommand) -> str:
        return commands.Tree(discord.Client(intents=discord.Intents.none()), listed).fingerprint()

    one = ListedCommand("one", "First.", (), private=True, role=Role.MEMBER)
    two = ListedCommand("two", "Second.", (), private=True, role=Role.MEMBER)
    changed = ListedCommand("two", "Another.", (), private=True, role=Role.MEMBER)
    assert fingerprint(one, two) == fingerprint(two, one)
    assert fingerprint(one, two) != fingerprint(one, changed)
