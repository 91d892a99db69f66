"""Setting a community up: six steps, each of which can be the last one for today; then one change at a time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import communities
from bot.communities import Community, Step
from bot.model import Account, Button, Call, Form, Happening, Link, Menu, Place, Role, Server
from bot.store import Row, metadata
from cogs.setup import Change
from tests.harness import (
    DESK,
    ELSEWHERE,
    OTHER_TOWN,
    Double,
    Person,
    World,
)
from tests.seed import at_once
from tests.zipped import kept

NEW = Server("test", "new")
NEW_DESK = Place("test", "new-desk")
NEW_BACK = Place("test", "new-back")
NEW_TOWN = Place("test", "new-town")
OFF = "switch-discord-send_messages"
ONLY_OWNER = "That is for whoever runs this place."
AGREE = "I'm 18 or over, and I agree"
STEPS = 6


@pytest.fixture
def liv(world: World) -> Person:
    """Someone who runs a server where nobody has set anything up."""
    return runs_new(world)


def runs_new(world: World, name: str = "liv") -> Person:
    """Someone who runs the new server, and speaks in its town."""
    platform = world.platform
    platform.servers |= {place.channel: NEW for place in (NEW_DESK, NEW_BACK, NEW_TOWN)}
    platform.open.add(NEW_TOWN)
    platform.owners[name] = NEW
    return world.person(name, NEW_TOWN)


async def begins(who: Person) -> None:
    """Say who is responsible."""
    await who.says("/setup")
    await who.opens("I take that on")
    await who.fills(operator="Liv", contact="liv@new.example")


async def seats(who: Person) -> None:
    """Say where the coaches sit."""
    await who.chooses("new-desk", "channel")


async def names(who: Person) -> None:
    """Name a coach, and go on."""
    await who.chooses("rowan", "member")
    await who.taps("Go on")


async def posts(who: Person) -> None:
    """Say where posts go, and when."""
    await who.chooses("new-town", "channel")
    await who.chooses("7")


async def checks(who: Person) -> None:
    """Go on when all is well."""
    await who.taps("Go on")


async def opens(who: Person) -> None:
    """Open."""
    await who.taps("Open")


TAKEN = (begins, seats, names, posts, checks, opens)
WORDS = (
    "Before you let me in",
    "Where do your coaches sit?",
    "Who are your coaches?",
    "Where should the daily thought be posted",
    "Everything I need is switched on",
    "A test post is seen by you alone",
)


async def goes(who: Person, steps: int) -> None:
    """Take the first steps, so many of them."""
    for take in TAKEN[:steps]:
        await take(who)


async def opened(world: World, steps: int = STEPS) -> Person:
    """Take the first steps in the new server, or all; return who did, looking at what comes next."""
    who = runs_new(world)
    await goes(who, steps)
    async with world.house.store.transaction() as tx:
        await at_once(tx, await stands(world))
    await who.says("/setup")
    return who


async def stands(world: World, server: Server = NEW) -> Community:
    """Return the community at a server."""
    async with world.house.store.reading() as tx:
        found = await communities.at(tx, server)
    assert found is not None
    return found


async def everything(world: World) -> dict[str, list[Row]]:
    """Return every row there is, as it is written, but for the ids of Calls."""
    tables = [each for each in metadata.sorted_tables if each.name != "calls"]
    async with world.house.store.reading() as tx:
        found = {each.name: (await tx.execute(select(each))).mappings().all() for each in tables}
    return {name: [dict(row) for row in rows] for name, rows in found.items()}


# -- the way itself


async def test_six_steps_lead_from_nothing_to_open(world: World, liv: Person) -> None:
    before = await everything(world)
    intro = await liv.says("/setup")
    assert "people will write the most private things" in intro.text
    assert await everything(world) == before
    for number, (take, words) in enumerate(zip(TAKEN, WORDS, strict=True), 1):
        assert words in liv.seen.text
        assert number == 1 or f"Step {number} of 6." in liv.seen.text
        await take(liv)
    assert liv.seen.text.startswith("It's open.")
    assert "In New people type /join." in liv.seen.text
    made = await stands(world)
    assert (made.name, made.responsible, made.step, made.asks) == ("New", "Liv (liv@new.example)", Step.DONE, True)
    assert made.desk is not None
    assert (made.desk.place, [spot.place for spot in made.posts]) == (NEW_DESK, [NEW_TOWN])
    assert [(spot.plan or {})["hour"] for spot in made.posts] == [7]


async def test_what_was_set_up_works(world: World) -> None:
    await opened(world)
    eve, rowan = world.person("eve", NEW_TOWN), world.person("rowan", NEW_DESK)
    assert "Liv (liv@new.example) runs this." in (await eve.says("/join")).text
    for label in (AGREE, "Skip", "Skip", "No"):
        await eve.taps(label)
    await eve.says("/ask Is it me?")
    await eve.taps("Send")
    await world.settle()
    assert "Is it me?" in rowan.reads(NEW_DESK)[-1]
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    await world.moves(hours=19, minutes=1)
    assert any("No." in text for text in eve.reads())
    assert len(world.platform.at(NEW_TOWN)) == 1
    assert world.platform.at(DESK) == []


@pytest.mark.parametrize("taken", range(1, STEPS))
async def test_each_step_can_be_left_and_taken_up_again_by_another_who_runs_it(world: World, taken: int) -> None:
    await opened(world, taken)
    world.clock.move(timedelta(days=3))
    mia = runs_new(world, "mia")
    assert "You left off here." in (await mia.says("/setup")).text
    assert f"Step {taken + 1} of 6." in mia.seen.text
    assert WORDS[taken] in mia.seen.text
    for take in TAKEN[taken:]:
        await take(mia)
    assert (await stands(world)).step is Step.DONE


async def test_without_modals_it_is_asked_in_words(world: World, liv: Person) -> None:
    liv.modals = False
    await liv.says("/setup")
    await liv.taps("I take that on")
    assert "A name that members may know" in liv.seen.text
    assert "How to reach them" in (await liv.replies("Liv")).text
    assert "Step 2 of 6." in (await liv.replies("liv@new.example")).text
    for take in TAKEN[1:]:
        await take(liv)
    assert (await stands(world)).responsible == "Liv (liv@new.example)"


async def test_it_can_be_done_in_private_by_the_link_that_the_group_gives(world: World, liv: Person) -> None:
    liv.place, liv.modals = liv.account.private, False
    assert "type it in the server" in (await liv.says("/setup")).text
    await liv.calls(Call("", liv.account, liv.place, "new", "setup"))
    await liv.taps("I take that on")
    await liv.says("Liv")
    await liv.says("liv@new.example")
    for take in TAKEN[1:]:
        await take(liv)
    assert (await stands(world)).step is Step.DONE


async def test_a_start_link_is_printed_where_the_platform_has_them(world: World) -> None:
    world.platform.start_link = "https://chat.example/unsent?start="
    liv = await opened(world)
    await liv.chooses("join")
    link = next(word for word in liv.seen.text.split() if word.startswith("https://"))
    assert link == f"https://chat.example/unsent?start=join-{(await stands(world)).id}"
    eve = world.person("eve")
    await eve.calls(Call("", eve.account, eve.place, None, "join", (link.rpartition("-")[2],)))
    assert "Liv (liv@new.example) runs this." in eve.seen.text


async def test_starting_twice_makes_one_community(world: World, liv: Person) -> None:
    mia = runs_new(world, "mia")
    for who in (liv, mia):
        await who.says("/setup")
        await who.opens("I take that on")
    await liv.fills(operator="Liv", contact="liv@new.example")
    made = await stands(world)
    assert "Step 2 of 6." in (await mia.fills(operator="Mia", contact="mia@new.example")).text
    assert ((await stands(world)).id, (await stands(world)).operator) == (made.id, "Mia")


async def test_no_desk_is_no_questions(world: World, liv: Person) -> None:
    await goes(liv, 1)
    await liv.taps("No coaches here")
    assert "nobody can ask questions here" in liv.seen.text
    assert "Step 4 of 6." in liv.seen.text
    await posts(liv)
    await checks(liv)
    assert "people can join." in liv.seen.text
    await opens(liv)
    made = await stands(world)
    assert (made.step, made.asks) == (Step.DONE, False)
    ada = await world.member("ada", of=(made,))
    assert "No coaches sit here yet" in (await ada.says("/ask")).text


async def test_no_posts_is_no_posts(world: World, liv: Person) -> None:
    await goes(liv, 3)
    await liv.taps("No daily post")
    assert "Step 5 of 6." in liv.seen.text
    await checks(liv)
    await opens(liv)
    await world.moves(hours=24)
    assert world.platform.at(NEW_TOWN) == []


async def test_nobody_can_join_before_it_is_open(world: World) -> None:
    await opened(world, 3)
    assert "has not finished setting me up" in (await world.person("eve", NEW_TOWN).says("/join")).text


async def test_nobody_can_join_where_nothing_is_set_up(world: World, liv: Person) -> None:
    assert "Nobody has set me up here yet" in (await world.person("eve", NEW_TOWN).says("/join")).text


async def test_a_test_post_is_seen_by_one_alone_and_nothing_is_written(world: World) -> None:
    liv = await opened(world, 5)
    before = await everything(world)
    await liv.taps("See a test post")
    assert liv.seen.text.startswith("Only you see this. A daily post looks like this:")
    assert world.dispatch.private("setup.test")
    await world.settle()
    assert world.platform.said == {}
    assert await everything(world) == before
    await liv.taps("Back")
    assert "Step 6 of 6." in liv.seen.text


# -- what is refused, in words


def is_gone(platform: Double, place: Place) -> None:
    """It was deleted."""
    platform.gone.add(place)


def is_silent(platform: Double, place: Place) -> None:
    """The platform says who somebody is, and nothing of places."""

    async def silent(*_: object) -> None:
        return None

    platform.look = silent  # type: ignore[method-assign]


def is_not_theirs(platform: Double, place: Place) -> None:
    """It is in a server that somebody else runs."""
    platform.servers[place.channel] = Server("test", "not-theirs")


def is_anothers(platform: Double, place: Place) -> None:
    """It belongs to another community, though this person runs that server, too."""
    platform.servers[place.channel] = ELSEWHERE
    authority = platform.authority

    async def runs_both(account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        return await authority(account, at, coach) | {Role.OWNER}

    platform.authority = runs_both  # type: ignore[method-assign]


def is_open(platform: Double, place: Place) -> None:
    """Everybody can read there."""
    platform.open.add(place)


REFUSALS = [
    (is_gone, "it is gone, or I'm not in it"),
    (is_silent, "couldn't ask the platform about that place just now"),
    (is_not_theirs, "You don't run that place"),
    (is_anothers, "belongs to another community already"),
]


@pytest.mark.parametrize(("what", "words"), [*REFUSALS, (is_open, "Everybody in New can read #new-desk")])
async def test_a_desk_that_cannot_be_is_refused_in_words(
    world: World, what: Callable[[Double, Place], None], words: str
) -> None:
    await world.another()
    liv = await opened(world, 1)
    what(world.platform, NEW_DESK)
    assert words in (await liv.chooses("new-desk", "channel")).text
    made = await stands(world)
    assert (made.desk, made.step) == (None, Step.DESK)


@pytest.mark.parametrize(("what", "words"), REFUSALS)
async def test_a_place_for_posts_that_cannot_be_is_refused_in_words(
    world: World, what: Callable[[Double, Place], None], words: str
) -> None:
    await world.another()
    liv = await opened(world, 3)
    what(world.platform, NEW_TOWN)
    liv.place = NEW_BACK
    assert words in (await liv.chooses("new-town", "channel")).text
    made = await stands(world)
    assert (made.posts, made.step) == ((), Step.POSTS)


def runs_everything(world: World, who: str) -> None:
    """Let somebody run every server."""
    authority = world.platform.authority

    async def runs(account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        return await authority(account, at, coach) | ({Role.OWNER} if account.id == who else set[Role]())

    world.platform.authority = runs  # type: ignore[method-assign]


async def test_posts_do_not_go_where_the_coaches_alone_are(world: World) -> None:
    apart = Server("test", "apart")
    liv = await opened(world, 1)
    world.platform.servers |= {"staff": apart, "lounge": apart}
    runs_everything(world, "liv")
    await liv.chooses("staff", "channel")
    await names(liv)
    assert "Choose one where the people of this community are." in (await liv.chooses("lounge", "channel")).text
    assert (await stands(world)).posts == ()


async def test_posts_may_go_to_a_channel_that_is_no_group_of_anybodys(world: World) -> None:
    liv = await opened(world, 3)
    world.platform.servers["news"] = Server("test", "news")
    runs_everything(world, "liv")
    assert "The daily thought is posted in #news." in (await liv.chooses("news", "channel")).text
    made = await stands(world)
    assert ([spot.place.channel for spot in made.posts], made.homes) == (["news"], (NEW,))


async def test_coaches_do_not_sit_where_nobody_can_be_told_from_anybody(world: World) -> None:
    liv = await opened(world, 1)
    world.platform.one_way.add(NEW_DESK)
    assert "Nobody can answer in #new-desk" in (await liv.chooses("new-desk", "channel")).text
    assert (await stands(world)).desk is None


async def test_coaches_may_sit_in_a_server_of_their_own(world: World) -> None:
    apart = Server("test", "apart")
    liv = await opened(world, 1)
    world.platform.servers["staff"] = apart
    runs_everything(world, "liv")
    await liv.chooses("staff", "channel")
    made = await stands(world, apart)
    assert (made.name, made.homes) == ("New", (NEW,))
    assert "whoever runs this place" in (await world.person("ann", Place("test", "staff")).says("/setup")).text


async def test_a_silent_platform_makes_nobody_an_owner(world: World) -> None:
    liv = await opened(world)
    world.platform.silent = True
    assert (await liv.says("/setup")).text == ONLY_OWNER


async def test_without_a_coach_it_does_not_go_on(world: World) -> None:
    liv = await opened(world, 2)
    menu = liv.last
    await liv.taps("Go on")
    assert "Name at least one coach first" in liv.seen.text
    assert (await stands(world)).step is Step.COACHES
    liv.last = menu
    await names(liv)
    assert (await stands(world)).step is Step.POSTS


@pytest.mark.parametrize("hour", ["24", "-1", "7.5", "noon", "99999", "²"])
async def test_an_odd_hour_is_not_taken(world: World, hour: str) -> None:
    liv = await opened(world)
    made = await stands(world)
    (before,) = made.posts
    await liv.calls(Call("", liv.account, liv.place, None, "setup.hour", (made.id, before.key, hour)))
    assert "hour" in liv.seen.text
    assert [spot.plan for spot in (await stands(world)).posts] == [before.plan]


@pytest.mark.parametrize("action", ["who", "desk", "open", "change", "check", "hour"])
async def test_a_forged_id_leads_nowhere(world: World, action: str) -> None:
    liv = await opened(world)
    before = await everything(world)
    await liv.calls(Call("", liv.account, liv.place, None, f"setup.{action}", ("00000000", "new-desk")))
    assert "What that belongs to isn't there any more." in liv.seen.text
    await liv.calls(Call("", liv.account, liv.place, None, f"setup.{action}", (world.community.id, "new-desk")))
    assert liv.seen.text == ONLY_OWNER
    assert await everything(world) == before


async def test_a_forged_server_begins_nothing(world: World, liv: Person) -> None:
    apart = Call("", liv.account, liv.place, None, "setup.start", ("apart",), {"operator": "Liv", "contact": "liv"})
    await liv.calls(apart)
    assert liv.seen.text == ONLY_OWNER
    async with world.house.store.reading() as tx:
        assert await communities.at(tx, Server("test", "apart")) is None


async def test_who_does_not_run_the_place_can_do_none_of_it(world: World) -> None:
    await opened(world)
    made = await stands(world)
    await world.another()
    world.platform.owners["mallory"] = ELSEWHERE
    people = [
        world.person("eve", NEW_TOWN),
        await world.member("ada", of=(made,)),
        world.person("rowan", NEW_DESK),
        world.person("mallory", NEW_TOWN),
        world.person("mallory", OTHER_TOWN),
    ]
    given = {
        "community": made.id,
        "server": "new",
        "place": "new-back",
        "role": "mods",
        "person": "eve",
        "hour": "9",
        "key": made.posts[0].key,
    }
    given |= {"what": "asks_close", "operator": "Mallory", "contact": "here", "name": "Mallory's", "where": "Paris"}
    given |= {"platform": "test", "group": "new", "deck": "-"}
    handlers = [each for each in world.house.registry.handlers.values() if each.cog == "setup"]
    assert len(handlers) >= 20
    await people[1].says("/streak")  # a member who is here is noted as such, also where they may not do a thing
    before = await everything(world)
    for who in people:
        for handler in handlers:
            fields = [field.name for field in handler.form.fields] if isinstance(handler.form, Form) else []
            args = tuple(given[param.name] for param in handler.params if param.name not in fields)
            for values in ({}, {name: given[name] for name in fields}):
                call = Call("", who.account, who.place, "new", handler.id, args, values)
                await who.calls(call)
                assert who.seen.text == ONLY_OWNER, handler.id
    assert await everything(world) == before


# -- switches, coaches, the clock


async def test_a_missing_switch_is_named_and_checking_again_mends_it(world: World, liv: Person) -> None:
    world.platform.missing[NEW_DESK] = (OFF,)
    await goes(liv, 1)
    await seats(liv)
    assert "In #new-desk these are still off:\n• Send Messages" in liv.seen.text
    await names(liv)
    await posts(liv)
    assert "To mend in #new-desk:\n• Send Messages" in liv.seen.text
    assert liv.labels == ["Check again", "Go on"]
    await liv.taps("Check again")
    assert "• Send Messages" in liv.seen.text
    world.platform.missing.clear()
    await liv.taps("Check again")
    assert "Everything I need is switched on." in liv.seen.text
    desk = (await stands(world)).desk
    assert desk is not None
    assert desk.broken == ()


async def test_what_is_broken_is_shown_later_and_what_waits_goes_out_when_it_is_mended(world: World) -> None:
    liv = await opened(world)
    ada = await world.member("ada", of=(await stands(world),))
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    world.platform.gone.add(NEW_DESK)
    await liv.says("/setup")
    assert "To mend in #new-desk:\n• It was deleted" in liv.seen.text
    assert "closed until the desk works again" in liv.seen.text
    assert "can't reach the coaches just now" in (await ada.says("/ask")).text
    world.platform.gone.clear()
    await liv.taps("Check again")
    assert "To mend" not in liv.seen.text
    await world.settle()
    assert "Is it me?" in world.platform.at(NEW_DESK)[0].text


async def test_coaches_are_named_and_taken_out_again(world: World) -> None:
    liv = await opened(world, 2)
    step = liv.last
    assert "They are a coach now.\n" in (await liv.chooses("rowan", "member")).text
    assert "One person is named." in liv.seen.text
    assert "they can't write in #new-desk yet" in (await liv.chooses("noor", "member")).text
    assert "2 people are named." in liv.seen.text
    await liv.chooses("rowan", "member")
    assert liv.labels == ["Take them out", "Go on"]
    await liv.taps("Take them out")
    assert "One person is named." in liv.seen.text
    liv.last = step
    await liv.chooses("noor", "member")
    await liv.taps("Take them out")
    assert "Nobody is named yet." in liv.seen.text


async def test_who_is_taken_out_answers_no_more(world: World) -> None:
    liv = await opened(world)
    ada, rowan = await world.member("ada", of=(await stands(world),)), world.person("rowan", NEW_DESK)
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    await liv.chooses("coaches")
    await liv.chooses("rowan", "member")
    await liv.taps("Take them out")
    rowan.reads(NEW_DESK)
    await rowan.taps("Answer")
    assert "for the coaches" in rowan.seen.text


async def test_a_role_makes_coaches_and_none_unmakes_them(world: World) -> None:
    liv = await opened(world, 2)
    world.platform.coaches.add("noor")
    world.platform.roles["noor"] = "mods"
    noor = world.person("noor", NEW_DESK)
    assert "for the coaches" in (await noor.says("/sign Noor")).text
    assert "Whoever has the role is a coach." in (await liv.chooses("mods", "role")).text
    assert "signed Noor" in (await noor.says("/sign Noor")).text
    await liv.taps("Go on")
    assert "Step 4 of 6." in liv.seen.text
    for take in TAKEN[3:]:
        await take(liv)
    assert "Coaches: whoever has the role\n" in (await liv.says("/setup")).text
    await liv.chooses("coaches")
    await liv.taps("No role")
    assert "No role" not in liv.labels
    assert "for the coaches" in (await noor.says("/sign Noor")).text


async def test_wrong_time_sets_the_communitys_clock(world: World) -> None:
    liv = await opened(world, 3)
    await liv.chooses("new-town", "channel")
    assert "It is 12:00 (UTC)" in liv.seen.text
    form = await liv.opens("Wrong time?")
    await liv.fills(where="Nowhere at all")
    assert (await stands(world)).zone == "UTC"
    liv.last = form
    assert "21:00 (Asia/Tokyo)" in (await liv.fills(where="Tokyo")).text
    await liv.chooses("7")
    assert (await stands(world)).zone == "Asia/Tokyo"
    await world.moves(hours=9, minutes=59)
    assert world.platform.at(NEW_TOWN) == []
    await world.moves(minutes=1)
    assert len(world.platform.at(NEW_TOWN)) == 1


# -- what stands, and one change at a time


async def test_setup_shows_what_stands(world: World) -> None:
    liv = await opened(world)
    assert liv.seen.text.splitlines() == [
        "New",
        "",
        "Responsible: Liv (liv@new.example)",
        "Coaches' desk: #new-desk",
        "Coaches: 1 named",
        "Daily posts: #new-town",
        "The clock here: 12:00 (UTC)",
        "Questions: open",
        "The totals, once a week: not posted",
    ]


@pytest.mark.parametrize(
    ("what", "values", "line"),
    [
        (Change.WHO, {"operator": "Mia", "contact": "mia@new.example"}, "Responsible: Mia (mia@new.example)"),
        (Change.NAME, {"name": "Harbour Light"}, "Harbour Light"),
    ],
)
async def test_what_is_written_can_be_changed(world: World, what: Change, values: dict[str, str], line: str) -> None:
    liv = await opened(world)
    await liv.chooses(what)
    await liv.opens("Write it")
    await liv.fills(**values)
    assert line in liv.seen.text.splitlines()


@pytest.mark.parametrize(
    ("what", "line"),
    [
        (Change.ASKS_CLOSE, "Questions: closed"),
        (Change.WEEKLY_ON, "The totals, once a week: posted"),
    ],
)
async def test_a_switch_is_turned_and_turned_back(world: World, what: Change, line: str) -> None:
    liv = await opened(world)
    before = liv.seen.text
    await liv.chooses(what)
    assert line in liv.seen.text.splitlines()
    await liv.chooses({Change.ASKS_CLOSE: "asks_open", Change.WEEKLY_ON: "weekly_off"}[what])
    assert liv.seen.text == f"Done.\n\n{before}"


async def test_from_what_stands_it_goes_to_the_posts(world: World) -> None:
    liv = await opened(world)
    await liv.chooses("posts")
    assert "#new-town: every day at 07:00" in liv.seen.text
    await liv.chooses("new-back", "channel")
    assert "The daily thought is posted in #new-back." in liv.seen.text
    assert "Daily posts: #new-town, #new-back" in (await liv.says("/setup")).text


async def test_closing_the_questions_closes_them(world: World) -> None:
    liv = await opened(world)
    ada = await world.member("ada", of=(await stands(world),))
    await liv.chooses("asks_close")
    assert "No coaches sit here yet" in (await ada.says("/ask")).text
    await liv.chooses("asks_open")
    assert isinstance(await ada.opens("/ask"), Form)


async def test_every_change_leads_somewhere_and_back(world: World) -> None:
    liv = await opened(world)
    overview = liv.seen
    menu = next(item for row in overview.rows for item in row if isinstance(item, Menu))
    for option in menu.options:
        liv.last = overview
        shown = await liv.chooses(option.value)
        assert "I don't know" not in shown.text
        assert any(item for row in shown.rows for item in row if isinstance(item, Button | Link | Menu))
        if "Back" in liv.labels:
            await liv.taps("Back")
            assert liv.seen.text.startswith("New\n")


async def test_without_a_desk_questions_cannot_be_opened(world: World) -> None:
    liv = await opened(world)
    await liv.chooses("desk")
    await liv.taps("No coaches here")
    assert "Coaches' desk: none" in liv.seen.text
    assert "Questions: closed" in liv.seen.text
    await liv.chooses("asks_open")
    assert "Choose where the coaches sit first" in liv.seen.text
    assert not (await stands(world)).asks


async def test_without_a_coach_questions_cannot_be_opened(world: World, liv: Person) -> None:
    await goes(liv, 1)
    await liv.taps("No coaches here")
    for take in TAKEN[3:]:
        await take(liv)
    await liv.says("/setup")
    await liv.chooses("desk")
    await liv.chooses("new-desk", "channel")
    await liv.says("/setup")
    await liv.chooses("asks_open")
    assert "Name at least one coach first" in liv.seen.text
    assert not (await stands(world)).asks


async def test_moving_the_desk_brings_along_what_waits_and_leaves_what_is_answered(world: World) -> None:
    liv = await opened(world)
    ada = await world.member("ada", of=(await stands(world),))
    rowan = world.person("rowan", NEW_DESK)
    for text in ("The first?", "The second?"):
        await ada.says(f"/ask {text}")
        await ada.taps("Send")
        await world.moves(hours=1)
    rowan.last = next(reply for reply in world.platform.at(NEW_DESK) if "The first?" in reply.text)
    await rowan.opens("Answer")
    await rowan.fills(answer="One.")
    await world.moves(seconds=61)
    await liv.chooses("desk")
    await liv.chooses("new-back", "channel")
    await world.settle()
    assert ["The first?" in reply.text for reply in world.platform.at(NEW_DESK)] == [True]
    rowan.place = NEW_BACK
    assert ["The second?" in text for text in rowan.reads(NEW_BACK)] == [True]
    await rowan.opens("Answer")
    await rowan.fills(answer="Two.")
    await world.moves(seconds=61)
    assert "Two." in ada.reads()[-1]


async def test_a_desk_that_is_given_up_keeps_no_question_and_its_asker_is_told(world: World) -> None:
    liv = await opened(world)
    ada = await world.member("ada", of=(await stands(world),))
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    await liv.chooses("desk")
    await liv.taps("No coaches here")
    await world.settle()
    assert world.platform.at(NEW_DESK) == []
    assert "You asked: “Is it me?”" in ada.reads()[-1]


async def test_a_desk_moved_within_its_server_keeps_the_role(world: World) -> None:
    liv = await opened(world, 2)
    await liv.chooses("mods", "role")
    await liv.taps("Go on")
    for take in TAKEN[3:]:
        await take(liv)
    await liv.says("/setup")
    await liv.chooses("desk")
    await liv.chooses("new-back", "channel")
    assert "Coaches: whoever has the role" in liv.seen.text


# -- who is kept


async def test_who_is_responsible_is_told_when_something_breaks(world: World) -> None:
    await opened(world)
    mia = runs_new(world, "mia")
    await mia.says("/setup")
    await mia.chooses("weekly_on")
    told = Happening("removed", server=NEW)
    await world.dispatch.happened(told)
    await world.settle()
    assert "A note about New." in world.platform.at(Account("test", "liv").private)[0].text
    assert mia.reads() == []
    await mia.says("/setup")
    await mia.chooses("who")
    await mia.opens("Write it")
    await mia.fills(operator="Mia", contact="mia@new.example")
    await world.dispatch.happened(told)
    await world.settle()
    assert "A note about New." in mia.reads()[0]


async def test_export_says_it_and_forget_forgets_it(world: World) -> None:
    await opened(world)
    made = await stands(world)
    for name, what in (("liv", "set_up"), ("rowan", "coaches")):
        who = await world.member(name, of=(made,))
        data = kept((await who.says("/export")).files[0].data)
        assert made.name in data[what]
        await who.says("/forget")
        await who.taps("Yes, erase everything")
    async with world.house.store.reading() as tx:
        assert await communities.steward(tx, made.id) is None
        assert await communities.count_coaches(tx, made.id) == 0
    assert (await stands(world)).responsible == "Liv (liv@new.example)"
