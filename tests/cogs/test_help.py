"""What one can do here: every command, once, by whom it is for; and the next thing to press."""

import re
from typing import Any

import pytest

from bot import driver
from bot.model import Reply, Role
from tests.harness import DESK, HOME, OTHER_DESK, TOWN, World

GROUPS = {
    "For anyone": Role.ANYONE,
    "For you, once you have joined": Role.MEMBER,
    "For coaches": Role.COACH,
    "For whoever runs this place": Role.OWNER,
}


def listed(help: Reply) -> dict[str, dict[str, str]]:
    """The groups that are shown, with the commands of each and what they do."""
    parts = [part for part in help.text.split("\n\n") if part.splitlines()[0] in GROUPS]
    return {part.splitlines()[0]: dict(re.findall(r"^/(\w+) · (.+)$", part, re.MULTILINE)) for part in parts}


async def test_everybody_is_shown_what_they_can_do_here_and_nothing_else(world: World) -> None:
    world.platform.owners["ann"] = HOME
    ada = await world.member("ada")
    seen = {
        "a stranger": listed(await world.person("eve").says("/help")),
        "a member": listed(await ada.says("/help")),
        "a coach": listed(await world.person("rowan", DESK).says("/help")),
        "who runs it": listed(await world.person("ann", TOWN).says("/help")),
    }
    anyone, member, coach, owner = GROUPS
    assert {who: list(groups) for who, groups in seen.items()} == {
        "a stranger": [anyone],
        "a member": [anyone, member],
        "a coach": [anyone, coach],
        "who runs it": [anyone, owner],
    }
    commands = world.dispatch.listing("en")
    for groups in seen.values():
        for title, shown in groups.items():
            assert shown == {each.name: each.short for each in commands if each.role is GROUPS[title]}


async def test_at_the_desk_of_another_community_a_coach_is_none(world: World) -> None:
    await world.another()
    world.platform.coaches.add("pia")  # may write there, and nobody named her
    assert "For coaches" not in listed(await world.person("pia", OTHER_DESK).says("/help"))
    assert "For coaches" in listed(await world.person("rowan", OTHER_DESK).says("/help"))


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


@pytest.mark.sqlite
@pytest.mark.parametrize("command", ["/help", "/crisis", "/join"])
async def test_what_somebody_looks_for_first_is_read_without_a_trip_to_sqlites_thread(
    world: World, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    people = [world.person("eve"), world.person("eve", TOWN), await world.member("ada"), world.person("ada", TOWN)]
    await people[2].says("/streak")  # who has come today is noted once
    trip, trips = driver.Connection.trip, list[str]()

    async def counted(self: driver.Connection, run: Any) -> Any:
        trips.append(command)
        return await trip(self, run)

    monkeypatch.setattr(driver.Connection, "trip", counted)
    for person in people:
        await person.says(command)
    assert trips == []
