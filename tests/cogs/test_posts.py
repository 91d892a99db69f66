"""The daily posts: any number of places, each with an hour, days and stages of its own; seen, moved, left out."""

from datetime import timedelta

import pytest

from bot import communities
from bot.adapter import Delivery, OpenThread, Outcome, Refused, Retry, Send, Unreachable
from bot.communities import Community, Spot
from bot.model import Account, Call, Happening, Menu, Place, Reply, Role, Server
from cogs.posts import plan_all
from cogs.posts.store import plan_of
from cogs.stage import Whom
from tests.cogs.test_advice import DECK, piece_in
from tests.harness import ELSEWHERE, HOME, OTHER_TOWN, TOWN, Person, World

NEWS = Place("test", "news")
TITLES = {piece.title for piece in DECK}


@pytest.fixture
async def ann(world: World) -> Person:
    """Who runs the community; the posts are planned, as at a start."""
    world.platform.owners["ann"] = HOME
    async with world.house.store.transaction() as tx:
        await plan_all(world.house.work(tx))
    return world.person("ann", TOWN)


async def here(world: World) -> Community:
    """Return the community as it stands."""
    async with world.house.store.reading() as tx:
        return await communities.load(tx, world.community.id)


async def spot(world: World, place: Place = TOWN) -> Spot:
    """Return a place for posts."""
    return next(each for each in (await here(world)).posts if each.place == place)


async def at_town(ann: Person) -> Reply:
    """Look at what comes in the town's channel."""
    await ann.says("/posts")
    return await ann.chooses((await spot(ann.world)).key)


async def adds(ann: Person, channel: str) -> Reply:
    """Choose a further place."""
    await ann.says("/posts")
    return await ann.chooses(channel, "channel")


def ahead(reply: Reply) -> list[str]:
    """The lines of what comes next."""
    return reply.text.partition("Next:\n")[2].splitlines()


def dates(reply: Reply) -> list[str]:
    """The values by which what comes next is chosen."""
    menus = [item for row in reply.rows for item in row if isinstance(item, Menu)]
    return [option.value for menu in menus if menu.label == "The next ones" for option in menu.options]


def came(world: World, place: Place = TOWN) -> list[str]:
    """The titles of what was posted."""
    return [piece_in(reply.text).title for reply in world.platform.at(place)]


# -- what comes


async def test_a_place_has_one_post_a_day_for_anybody_and_nothing_heavy(world: World, ann: Person) -> None:
    await world.moves(hours=21)
    for _ in range(5):
        await world.moves(days=1)
    pieces = [piece_in(reply.text) for reply in world.platform.at(TOWN)]
    assert len({piece.id for piece in pieces}) == 6
    assert all(piece.whom is Whom.ANY and not piece.heavy and not piece.moment for piece in pieces)
    labels = [item.label for row in world.platform.at(TOWN)[0].rows for item in row]
    assert labels == ["Read yours in private", "Help lines"]


async def test_it_is_planned_once_however_often_the_bot_starts(world: World, ann: Person) -> None:
    async with world.house.store.transaction() as tx:
        await plan_all(world.house.work(tx))
    await world.moves(hours=21)
    async with world.house.store.transaction() as tx:
        await plan_all(world.house.work(tx))
    await world.moves(hours=1)
    assert len(came(world)) == 1


async def test_one_that_is_late_comes_once_and_one_that_is_too_late_is_left(world: World, ann: Person) -> None:
    await world.moves(hours=21 + 2)
    assert len(came(world)) == 1
    await world.moves(hours=22 + 4)
    assert len(came(world)) == 1
    await world.moves(hours=20)
    assert len(came(world)) == 2


async def test_after_days_there_is_no_heap_of_them(world: World, ann: Person) -> None:
    await world.moves(hours=21 + 24 * 5 + 1)
    assert len(came(world)) == 1


async def test_while_all_is_halted_nothing_comes_and_its_piece_comes_after_that(world: World, ann: Person) -> None:
    (first, *_) = ahead(await at_town(ann))
    await ann.says("/halt")
    await world.moves(hours=21)
    assert came(world) == []
    await ann.says("/resume_all")
    await world.moves(days=1)
    assert first.endswith(came(world)[0])


async def test_a_halt_takes_back_what_is_about_to_go_out(world: World, ann: Person) -> None:
    (first, *_) = ahead(await at_town(ann))
    world.clock.move(timedelta(hours=21))
    world.scheduler.wake()
    await world.scheduler.tick()
    await ann.says("/halt")
    await world.settle()
    assert came(world) == []
    await ann.says("/resume_all")
    await world.moves(days=1)
    assert first.endswith(came(world)[0])


async def test_what_nobody_knows_to_have_arrived_does_not_come_again(world: World, ann: Person) -> None:
    (first, second, *_) = ahead(await at_town(ann))
    world.platform.outcomes = [Retry(timedelta(hours=9), maybe=True)]
    await world.moves(hours=21)
    await world.moves(hours=9)
    await world.moves(hours=15)
    assert [second.endswith(title) for title in came(world)] == [False]
    assert first.endswith(came(world)[0])


# -- what is shown of it


async def test_the_next_five_are_what_comes(world: World, ann: Person) -> None:
    shown = await at_town(ann)
    lines = ahead(shown)
    assert shown.text.startswith("#town\n\nWhen: every day at 09:00 (UTC)\nAbout: Giving space, Letting go\n")
    assert [line.rpartition(": ")[0] for line in lines] == [
        "Thu, 5 Mar, 09:00",
        "Fri, 6 Mar, 09:00",
        "Sat, 7 Mar, 09:00",
        "Sun, 8 Mar, 09:00",
        "Mon, 9 Mar, 09:00",
    ]
    await world.moves(hours=21)
    for _ in range(4):
        await world.moves(days=1)
    assert [line.split(": ", 1)[1] for line in lines] == came(world)


async def test_a_test_is_seen_by_who_asks_and_by_nobody_else(world: World, ann: Person) -> None:
    (first, *_) = ahead(await at_town(ann))
    await ann.taps("See it as it comes")
    assert first.endswith(piece_in(ann.seen.text).title)
    assert "Read yours in private" in ann.labels
    assert world.platform.said == {}


async def test_one_is_moved_and_comes_then_alone(world: World, ann: Person) -> None:
    shown = await at_town(ann)
    (first, second, *_) = ahead(shown)
    await ann.chooses(dates(shown)[0])
    assert first.split(": ", 1)[1] in ann.seen.text
    moved = await ann.chooses("18")
    assert moved.text.startswith("It comes on Thursday, 5 March, 18:00.")
    await ann.taps("A day later")
    assert ann.seen.text.startswith("It comes on Friday, 6 March, 18:00.")
    await world.moves(hours=21)
    assert came(world) == []
    await world.moves(hours=24)
    assert first.endswith(came(world)[0])
    await world.moves(hours=9)
    assert second.endswith(came(world)[1])
    await world.moves(hours=15)
    assert len(came(world)) == 3


async def test_one_is_not_moved_to_what_is_over(world: World, ann: Person) -> None:
    shown = await at_town(ann)
    before = (await spot(world)).plan
    await ann.chooses(dates(shown)[0])
    seen = ann.last
    for _ in range(2):
        ann.last = seen
        await ann.taps("A day earlier")
        assert ann.seen.text == "That moment is over. Choose a later one."
    assert (await spot(world)).plan == before


async def test_one_is_left_out_and_its_thought_comes_with_the_next(world: World, ann: Person) -> None:
    shown = await at_town(ann)
    (first, *_) = ahead(shown)
    await ann.chooses(dates(shown)[0])
    await ann.taps("Leave it out")
    assert ann.seen.text.startswith("Nothing comes on Thursday, 5 March, 09:00.")
    assert [line[:3] for line in ahead(ann.seen)] == ["Fri", "Sat", "Sun", "Mon", "Tue"]
    await world.moves(hours=21)
    assert came(world) == []
    await world.moves(days=1)
    assert first.endswith(came(world)[0])


async def test_another_thought_comes_instead(world: World, ann: Person) -> None:
    shown = await at_town(ann)
    lines = ahead(shown)
    await ann.chooses(dates(shown)[1])
    await ann.taps("Another thought")
    after = ahead(await at_town(ann))
    assert after[0] == lines[0]
    assert [line.split(": ", 1)[1] for line in after[1:4]] == [line.split(": ", 1)[1] for line in lines[2:5]]


async def test_a_button_of_one_that_is_out_says_so(world: World, ann: Person) -> None:
    shown = await at_town(ann)
    await ann.chooses(dates(shown)[0])
    await world.moves(hours=21)
    await ann.taps("Leave it out")
    assert "That one is not to come any more" in ann.seen.text


async def test_a_post_that_goes_out_is_in_nobodys_way(world: World, ann: Person) -> None:
    before = await here(world)
    await world.moves(hours=21)
    assert len(came(world)) == 1
    assert await here(world) == before  # else what is pressed at that moment would have to be pressed again


# -- what can be changed


async def test_hour_days_clock_and_stages_are_its_own(world: World, ann: Person) -> None:
    await at_town(ann)
    await ann.chooses("hour")
    await ann.chooses("20")
    await ann.chooses("zone")
    await ann.opens("Wrong time?")
    await ann.fills(where="Berlin")
    await ann.chooses("days")
    for day in ("✓ Monday", "✓ Tuesday", "✓ Saturday", "✓ Sunday"):
        await ann.taps(day)
    await ann.taps("Back")
    await ann.chooses("stages")
    await ann.taps("Rebuilding")
    await ann.taps("✓ Letting go")
    await ann.taps("✓ Giving space")
    await ann.taps("Back")
    assert "When: Wed, Thu, Fri at 20:00 (Europe/Berlin)\nAbout: Rebuilding\n" in ann.seen.text
    assert ahead(ann.seen)[0].startswith("Wed, 4 Mar, 20:00: ")
    await world.moves(hours=7)
    assert {piece_in(reply.text).stage for reply in world.platform.at(TOWN)} == {"rebuilding"}
    await world.moves(days=2)
    await world.moves(days=3)
    assert len(came(world)) == 2


async def test_a_day_and_something_to_post_have_to_stay(world: World, ann: Person) -> None:
    await at_town(ann)
    await ann.chooses("days")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"):
        await ann.taps(f"✓ {day}")
    seen = ann.last
    await ann.taps("✓ Sunday")
    assert ann.seen.text == "One day has to stay. To end it: Post here no more."
    ann.last = seen
    await ann.taps("Back")
    await ann.chooses("stages")
    await ann.taps("✓ Letting go")
    await ann.taps("✓ Giving space")
    assert "Then nothing would be left to post" in ann.seen.text
    assert plan_of(await spot(world)).stages == ["space"]


async def test_an_hour_that_is_over_begins_tomorrow(world: World, ann: Person) -> None:
    await at_town(ann)
    await ann.chooses("hour")
    await ann.chooses("11")
    await world.settle()
    assert came(world) == []
    await world.moves(hours=23)
    assert len(came(world)) == 1


async def test_another_hour_on_the_day_of_a_post_makes_no_second_one(world: World, ann: Person) -> None:
    await world.moves(hours=21)
    await at_town(ann)
    await ann.chooses("hour")
    await ann.chooses("15")
    await world.moves(hours=6)
    assert len(came(world)) == 1
    await world.moves(hours=24)
    assert len(came(world)) == 2


async def test_the_question_can_be_left_away(world: World, ann: Person) -> None:
    talks = {piece.title: piece.talk for piece in DECK if piece.talk}
    for what in ("talk-off", "talk-on"):
        await at_town(ann)
        await ann.chooses(what)
        with_it = 0
        for _ in range(30):
            await world.moves(hours=24)
        for reply in world.platform.at(TOWN):
            talk = talks.get(piece_in(reply.text).title)
            with_it += bool(talk and talk in reply.text)
        assert bool(with_it) is (what == "talk-on")


async def test_a_thread_is_opened_below_each_where_that_is_wanted(world: World, ann: Person) -> None:
    await at_town(ann)
    await ann.chooses("threads-on")
    await world.moves(hours=21)
    (opened,) = [each for each in world.platform.delivered if isinstance(each, OpenThread)]
    ((ref, reply),) = world.platform.said[TOWN]
    piece = piece_in(reply.text)
    assert (opened.place, opened.on, opened.name) == (TOWN, ref, piece.talk or piece.title)


async def test_below_a_post_that_did_not_arrive_no_thread_is_opened(world: World, ann: Person) -> None:
    await at_town(ann)
    await ann.chooses("threads-on")
    world.platform.outcomes = [Refused("50035")]
    await world.moves(hours=21)
    await world.moves(hours=4)
    assert not [each for each in world.platform.delivered if isinstance(each, OpenThread)]


# -- any number of places


async def test_each_place_has_its_own_order_and_hour(world: World, ann: Person) -> None:
    assert "The daily thought is posted in #news." in (await adds(ann, "news")).text
    await ann.chooses("hour")
    await ann.chooses("20")
    assert "#town: every day at 09:00\n#news: every day at 20:00" in (await ann.says("/posts")).text
    for _ in range(60):
        for hours in (8, 13, 3):
            await world.moves(hours=hours)
    for place in (TOWN, NEWS):
        titles = came(world, place)
        assert len(titles) == len(set(titles)) == 60
    assert came(world) != came(world, NEWS)


async def test_thirty_places_are_all_to_be_found(world: World, ann: Person) -> None:
    for number in range(30):
        await adds(ann, f"channel-{number}")
    found: set[str] = set()
    shown = await ann.says("/posts")
    for _ in range(2):
        (menu,) = [item for row in shown.rows for item in row if isinstance(item, Menu) and item.kind == "option"]
        found |= {option.label for option in menu.options[:-1]}
        shown = await ann.chooses(menu.options[-1].value)
    assert found == {"#town"} | {f"#channel-{number}" for number in range(30)}
    assert "#town: every day" in shown.text
    await world.moves(hours=21)
    assert {place.channel for place in world.platform.said} == {name.removeprefix("#") for name in found}


async def test_a_place_that_is_there_already_stays_as_it_is(world: World, ann: Person) -> None:
    before = await here(world)
    await adds(ann, "town")
    assert await here(world) == before


async def test_where_nothing_is_to_come_any_more_nothing_does(world: World, ann: Person) -> None:
    await adds(ann, "news")
    await at_town(ann)
    await ann.chooses("remove")
    await ann.taps("Yes, no more")
    assert ann.seen.text.startswith("Nothing is posted in #town any more.")
    await world.moves(hours=21)
    assert (came(world), len(came(world, NEWS))) == ([], 1)


async def test_a_place_of_another_communitys_is_refused(world: World, ann: Person) -> None:
    await world.another()
    world.platform.owners["ann"] = ELSEWHERE
    authority = world.platform.authority

    async def runs_both(account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        return await authority(account, at, coach) | ({Role.OWNER} if account.id == "ann" else set[Role]())

    world.platform.authority = runs_both  # type: ignore[method-assign]
    await adds(ann, OTHER_TOWN.channel)
    assert "belongs to another community" in ann.seen.text


# -- who may


async def test_whoever_does_not_run_the_place_changes_nothing_at_any_press(world: World, ann: Person) -> None:
    world.platform.servers["news"] = apart = Server("test", "apart")
    world.platform.owners["ann"] = apart
    authority = world.platform.authority
    runs = {"ann": {HOME, apart}, "bea": {HOME}}

    async def by(account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        server = at if isinstance(at, Server) else world.platform.server_of(at)
        owner = {Role.OWNER} if server in runs.get(account.id, set()) else set[Role]()
        return (await authority(account, at, coach) - {Role.OWNER}) | owner

    world.platform.authority = by  # type: ignore[method-assign]
    await adds(ann, "news")
    news, before, plans = await spot(world, NEWS), await here(world), [each.plan for each in (await here(world)).posts]
    bea, eve = world.person("bea", TOWN), world.person("eve", TOWN)
    given = {"community": before.id, "key": news.key, "hour": "8", "day": "1", "stage": "reality", "on": "739680"}
    given |= {"way": "later", "what": "threads-on", "where": "Paris", "place": "news"}
    handlers = [
        each for each in world.house.registry.handlers.values() if each.cog == "posts" and "key" in names(each.params)
    ]
    assert len(handlers) >= 12
    for who, words in ((bea, "You don't run that place."), (eve, "whoever runs this place")):
        for handler in handlers:
            fields = {"where": "Paris"} if handler.form else {}
            args = tuple(given[name] for name in names(handler.params) if name not in fields)
            await who.calls(Call("", who.account, who.place, "home", handler.id, args, fields))
            assert words in who.seen.text, handler.id
    assert await here(world) == before
    assert [each.plan for each in (await here(world)).posts] == plans


def names(params: object) -> list[str]:
    """The names of a handler's parameters."""
    return [each.name for each in params]  # type: ignore[attr-defined]


async def test_a_forged_key_leads_nowhere(world: World, ann: Person) -> None:
    await at_town(ann)
    for action in ("posts.place", "posts.see", "posts.remove"):
        await ann.calls(Call("", ann.account, ann.place, "home", action, (world.community.id, "nothing")))
        assert "Nothing is posted there any more." in ann.seen.text


# -- what breaks


def refuses(world: World, place: Place, outcome: Outcome | None) -> None:
    """Let the platform take nothing at one place, or everything again."""
    takes = type(world.platform).deliver

    async def deliver(what: Delivery) -> Outcome:
        refused = outcome if isinstance(what, Send) and what.place == place else None
        return refused or await takes(world.platform, what)

    world.platform.deliver = deliver  # type: ignore[method-assign]


async def test_who_chose_the_place_is_told_once_and_it_picks_up_again(world: World, ann: Person) -> None:
    await world.member("bea")
    world.platform.owners["bea"] = HOME
    bea = world.person("bea", TOWN)
    await adds(bea, "news")
    (first, *_) = ahead(bea.seen)
    world.platform.missing[NEWS] = ("switch-discord-send_messages",)
    refuses(world, NEWS, Refused("50013", here=True))
    for hours in (21, 4, 20, 4, 20, 4):
        await world.moves(hours=hours)
    told = [text for text in bea.reads() if "#news" in text]
    assert len(told) == 1
    assert "Send Messages" in told[0]
    assert ann.reads() == []
    assert (await spot(world, NEWS)).broken
    refuses(world, NEWS, None)
    world.platform.missing.clear()
    await world.dispatch.happened(Happening("changed", server=HOME))
    await world.moves(hours=20)
    assert first.endswith(came(world, NEWS)[0])
    assert len([text for text in bea.reads() if "#news" in text]) == 2


@pytest.mark.parametrize("outcome", [Unreachable(), Refused("50013", here=True)])
async def test_one_place_that_is_broken_holds_up_no_other(
    world: World, ann: Person, outcome: Unreachable | Refused
) -> None:
    await adds(ann, "news")
    refuses(world, TOWN, outcome)
    await world.moves(hours=21)
    for _ in range(3):
        await world.moves(hours=24)
    assert (len(came(world)), len(came(world, NEWS))) == (0, 4)


async def test_forgetting_forgets_who_chose_a_place(world: World, ann: Person) -> None:
    await world.member("bea")
    world.platform.owners["bea"] = HOME
    bea = world.person("bea", TOWN)
    await adds(bea, "news")
    bea.place = bea.account.private
    await bea.says("/forget")
    await bea.taps("Yes, erase everything")
    async with world.house.store.reading() as tx:
        assert await tx.rows(communities.choosers) == []
    assert len((await here(world)).posts) == 2


# -- to read one's own


async def test_below_a_post_one_reads_ones_own_or_joins(world: World, ann: Person) -> None:
    ada = await world.member("ada")
    await world.moves(hours=21)
    for who, words in ((ada, "Today: "), (world.person("eve", TOWN), "once you have joined")):
        who.reads(TOWN)
        await who.taps("Read yours in private")
        assert words in who.seen.text, who.seen.text
        assert ("Join" in who.labels) is (who is not ada)
