"""What one can do here: every command, once, by whom it is for; and the next thing to press."""

import re

from bot.model import Reply
from tests.harness import World


async def test_every_command_is_listed_once_under_whom_it_is_for(world: World) -> None:
    seen = await world.person("eve").says("/help")
    listed = re.findall(r"^/(\w+) · (.+)$", seen.text, re.MULTILINE)
    commands = {each.name: each for each in world.dispatch.listing("en")}
    assert sorted(name for name, _ in listed) == sorted(commands)
    assert dict(listed) == {name: each.short for name, each in commands.items()}
    parts = seen.text.split("\n\n")
    groups = {part.splitlines()[0]: re.findall(r"^/(\w+)", part, re.MULTILINE) for part in parts[1:]}
    assert set(groups["For anyone"]) == {name for name, each in commands.items() if each.role == "anyone"}
    assert set(groups["For you, once you have joined"]) == {n for n, each in commands.items() if each.role == "member"}


async def test_a_stranger_is_shown_the_door_and_a_member_a_person(world: World) -> None:
    eve, ada = world.person("eve"), await world.member("ada")
    await eve.says("/help")
    assert eve.labels == ["Join", "Help lines"]
    joined = await eve.taps("Join")
    assert isinstance(joined, Reply)
    assert "runs this" in joined.text
    await ada.says("/help")
    assert ada.labels == ["Ask a coach", "Help lines"]


async def test_every_button_of_help_leads_somewhere(world: World) -> None:
    for person in (world.person("eve"), await world.member("ada")):
        help = await person.says("/help")
        for label in list(person.buttons):
            person.last = help
            answer = await person.taps(label)
            assert answer is not None
            assert "I don't know that one" not in getattr(answer, "text", "")
