"""One piece a day: the same all day, right for the reader, on time or not at all, and easy to stop."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapter import Unreachable
from bot.errors import DeclarationError
from bot.model import Reply
from cogs.advice.deck import Moment, Piece, read
from cogs.advice.rules import DAYS, Reader, after, choose, fitting, is_hard, is_urge_at_night, moments
from cogs.stage import Road, Stage, Whom
from tests.harness import Person, World
from tests.zipped import kept

DECK = read(Path(__file__).parents[2] / "content" / "en" / "advice")
TITLES = {piece.title: piece for piece in DECK}
DAY = date(2026, 3, 4)
DICE = st.integers(0, 999).map(random.Random)
AGO = st.none() | st.integers(0, 20).map(lambda n: DAY - timedelta(days=n))
READERS = st.builds(
    Reader,
    st.builds(Road, st.sampled_from(Stage), st.sampled_from(Whom)),
    st.just(DAY),
    st.integers(0, 23),
    st.none() | st.integers(0, 40),
    AGO,
    AGO,
    st.frozensets(st.sampled_from([piece.id for piece in DECK])),
    st.none() | st.sampled_from([piece.id for piece in DECK]),
    st.booleans(),
    st.frozensets(st.dates(date(2024, 1, 1), date(2024, 12, 31)).map("{:%m-%d}".format), max_size=5),
    st.dictionaries(st.sampled_from([piece.id for piece in DECK]), st.booleans(), max_size=30),
)


def piece_in(text: str) -> Piece:
    """The piece that a text gives."""
    return next(piece for title, piece in TITLES.items() if f"{title}\n\n{piece.body}" in text)


# -- the choice


@given(READERS, DICE)
def test_nobody_gets_a_piece_that_is_for_others(reader: Reader, dice: random.Random) -> None:
    piece = choose(DECK, reader, dice)
    assert piece.whom in (reader.road.whom, Whom.ANY)
    assert piece.stage in (reader.road.stage, Stage.SPACE)


@pytest.mark.parametrize(
    ("hour", "lapse", "heavy"),
    [
        *((8, None, True), (21, None, True), (22, None, False), (0, None, False), (7, None, False)),
        *((12, 0, False), (12, 3, False), (12, 4, True)),
    ],
)
def test_nothing_heavy_at_night_or_within_three_days_of_a_lapse(hour: int, lapse: int | None, heavy: bool) -> None:
    since = None if lapse is None else DAY - timedelta(days=lapse)
    had = [piece.id for piece in DECK if not piece.heavy and piece.moment is None]  # nothing light is new
    reader = Reader(Road(Stage.REALITY, Whom.CHEATED), DAY, hour, lapse=since, had=had)
    assert choose(DECK, reader, random.Random(1)).heavy is heavy


@given(READERS, DICE)
def test_a_piece_of_a_moment_is_given_in_that_moment_alone(reader: Reader, dice: random.Random) -> None:
    yesterday = DAY - timedelta(days=1)
    moment = choose(DECK, reader, dice).moment
    if moment is Moment.LAPSE:
        assert reader.lapse is not None
        assert reader.lapse >= yesterday
    elif moment is Moment.THEY_WROTE:
        assert reader.they_wrote is not None
        assert reader.they_wrote >= yesterday
    elif moment is Moment.URGE_NIGHT:
        assert reader.urge_at_night
    elif moment is Moment.HOLIDAY:
        assert {"03-04", "03-05"} & set(reader.hard)
    elif moment is not None:
        assert DAYS[reader.days or 0] is moment


@given(READERS, DICE)
def test_nothing_is_repeated_while_something_is_left(reader: Reader, dice: random.Random) -> None:
    piece = choose(DECK, reader, dice)
    night = reader.hour >= 22 or reader.hour < 8
    tender = night or (reader.lapse is not None and DAY - reader.lapse <= timedelta(days=3))
    left = [
        each
        for each in DECK
        if each.stage is piece.stage
        and each.whom in (reader.road.whom, Whom.ANY)
        and each.moment is None
        and not (each.heavy and tender)
        and each.id not in reader.had
    ]
    assert piece.id not in reader.had or not left


@pytest.mark.parametrize("whom", list(Whom))
@pytest.mark.parametrize("stage", list(Stage))
def test_every_reader_gets_the_whole_deck_before_anything_again(stage: Stage, whom: Whom) -> None:
    had: list[str] = []
    dice = random.Random(3)
    while (piece := choose(DECK, Reader(Road(stage, whom), DAY, 12, had=had), dice)).id not in had:
        had.append(piece.id)
    fit = {each.id for each in DECK if each.stage is stage and each.whom in (whom, Whom.ANY) and not each.moment}
    assert set(had) >= fit


@pytest.mark.parametrize("felt", [{}, {piece.id: number % 2 == 0 for number, piece in enumerate(DECK)}])
@pytest.mark.parametrize("whom", list(Whom))
@pytest.mark.parametrize("stage", list(Stage))
def test_no_piece_comes_twice_within_its_cycle_whatever_was_said_of_it(
    stage: Stage, whom: Whom, felt: dict[str, bool]
) -> None:
    dice, had, last = random.Random(4), list[str](), None
    reader = Reader(Road(stage, whom), DAY, 12)
    fit = {piece.id for piece in fitting(DECK, reader) if piece.moment is None}
    for _ in range(3):
        cycle: list[str] = []
        for _ in fit:
            piece = choose(DECK, Reader(Road(stage, whom), DAY, 12, had=had, last=last, felt=felt), dice)
            assert piece.id != last
            had, last = after(DECK, had, piece), piece.id
            cycle.append(piece.id)
        assert set(cycle) == fit


def test_a_cycle_that_ends_forgets_that_stage_alone() -> None:
    of = {stage: [piece for piece in DECK if piece.stage is stage] for stage in Stage}
    space, healing = of[Stage.SPACE][0], of[Stage.HEALING][0]
    had = after(DECK, after(DECK, [], space), healing)
    assert after(DECK, had, space) == [healing.id, space.id]


def test_what_helped_brings_more_like_it_and_what_did_not_fewer() -> None:
    dice, road = random.Random(5), Road(Stage.HEALING, Whom.WAS_CHEATED_ON)
    theirs = [piece for piece in DECK if piece.stage is Stage.HEALING and piece.whom is Whom.WAS_CHEATED_ON]

    def share(felt: dict[str, bool]) -> int:
        chosen = (choose(DECK, Reader(road, DAY, 12, felt=felt, had=[theirs[0].id]), dice) for _ in range(600))
        return sum(piece.whom is Whom.WAS_CHEATED_ON for piece in chosen)

    neither = share({})
    assert share({theirs[0].id: True}) > neither * 1.2
    assert 0 < share({theirs[0].id: False}) < neither / 1.2


@pytest.mark.parametrize(
    ("day", "hard", "is_one"),
    [
        *(("2026-12-23", [], False), ("2026-12-24", [], True), ("2026-12-26", [], True), ("2026-12-27", [], False)),
        *(("2026-12-31", [], True), ("2027-01-01", [], True), ("2027-01-02", [], False), ("2027-02-14", [], True)),
        *(("2027-02-13", [], False), ("2026-03-04", ["03-05"], True), ("2026-03-05", ["03-05"], True)),
        *(("2026-03-06", ["03-05"], False), ("2026-12-31", ["01-01"], True), ("2028-02-29", ["02-29"], True)),
        *(("2027-02-28", ["02-29"], True), ("2027-02-27", ["02-29"], True), ("2028-02-27", ["02-29"], False)),
        ("2027-03-01", ["02-29"], False),
    ],
)
def test_days_that_are_hard(day: str, hard: list[str], is_one: bool) -> None:
    assert is_hard(date.fromisoformat(day), hard) is is_one


@pytest.mark.parametrize(
    ("now", "urge", "is_one"),
    [
        *(("04T12:00", "03T23:30", True), ("04T12:00", "04T02:00", True), ("04T12:00", "04T10:00", False)),
        *(("04T23:00", "04T15:00", True), ("04T07:59", "03T15:00", True), ("04T12:00", "03T11:59", False)),
        ("04T23:30", "03T23:00", False),
    ],
)
def test_an_urge_at_night_counts_for_a_day(now: str, urge: str, is_one: bool) -> None:
    at, came = (datetime.fromisoformat(f"2026-03-{each}+00:00") for each in (now, urge))
    assert is_urge_at_night(at, came) is is_one
    assert not is_urge_at_night(at, None)


def test_the_most_pressing_moment_goes_first() -> None:
    reader = Reader(Road(Stage.HEALING), DAY, 12, 7, DAY, DAY, (), None, True, ["03-04"])
    assert moments(reader) == [Moment.LAPSE, Moment.URGE_NIGHT, Moment.THEY_WROTE, Moment.HOLIDAY]
    assert moments(replace(reader, lapse=None))[-1] is Moment.DAY_7
    assert choose(DECK, reader, random.Random(1)).moment is Moment.LAPSE


def test_a_deck_without_a_piece_for_anybody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="space needs a piece for anybody"):
        read(tmp_path)


BODY = "b" * 300
PIECE = f'id = "p"\nteachings = ["S01"]\nfor = "any"\ntitle = "T"\nbody = "{BODY}"\ntry = "Try."\n'


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ('title = "T"', f'title = "{"t" * 61}"', "the title has 61 characters; 60 fit"),
        (BODY, "b" * 299, "the body has 299 characters; 300 to 600 are right"),
        (BODY, "b" * 601, "the body has 601 characters; 300 to 600 are right"),
        ('try = "Try."', f'try = "{"t" * 140}"', "what to try has 140 characters; 139 fit"),
        ('title = "T"\n', "", "title is missing"),
        ('for = "any"', 'for = "them"', "them"),
        ('title = "T"', 'title = "T"\nmood = "x"', "no field mood"),
        ('title = "T"', "title = T", "file.toml"),
        ('id = "p"', 'id = "p"\nmoment = "noon"', "noon"),
        ('id = "p"', f'id = "{"p" * 41}"', "an id is at most 40"),
        ('id = "p"', 'id = "p:p"', "an id is at most 40"),
        ('id = "p"', 'id = "p"\nheavy = true', "space needs a piece for anybody"),
    ],
)
def test_a_deck_with_a_mistake_is_refused_by_name(tmp_path: Path, old: str, new: str, names: str) -> None:
    text = f'stage = "space"\n[[piece]]\n{PIECE}'
    (tmp_path / "file.toml").write_text(text)
    assert [piece.id for piece in read(tmp_path)] == ["p"]
    (tmp_path / "file.toml").write_text(text.replace(old, new))
    with pytest.raises(DeclarationError, match=names):
        read(tmp_path)


def test_two_pieces_of_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file.toml").write_text(f'stage = "space"\n[[piece]]\n{PIECE}[[piece]]\n{PIECE}')
    with pytest.raises(DeclarationError, match="p: an id stands for one piece"):
        read(tmp_path)


# -- on demand


async def test_it_is_the_same_piece_all_day_and_another_tomorrow(world: World) -> None:
    ada = await world.member("ada", last="9")
    first = (await ada.says("/advice")).text
    await world.moves(hours=15)
    assert (await ada.says("/advice")).text == first
    await world.moves(hours=9)
    assert (await ada.says("/advice")).text != first


async def test_a_member_reads_the_whole_deck_before_anything_again(world: World) -> None:
    ada = await world.member("ada", last="100")
    fit = {piece.id for piece in DECK if piece.stage is Stage.SPACE and piece.whom is Whom.ANY and not piece.moment}
    had: list[str] = []
    for _ in fit:
        had.append(piece_in((await ada.says("/advice")).text).id)
        await world.moves(days=1)
    assert sorted(had) == sorted(fit)


async def test_after_a_lapse_the_piece_is_for_that(world: World) -> None:
    ada = await world.member("ada", last="9")
    await ada.says("/contact wrote")
    assert piece_in((await ada.says("/advice")).text).moment is Moment.LAPSE


async def test_who_cheated_and_who_was_cheated_on_read_other_things(world: World) -> None:
    ada, bob = await world.member("ada", whom="cheated"), await world.member("bob", whom="was_cheated_on")
    for _ in range(10):
        assert piece_in((await ada.says("/advice")).text).whom is not Whom.WAS_CHEATED_ON
        assert piece_in((await bob.says("/advice")).text).whom is not Whom.CHEATED
        await world.moves(days=1)


async def test_help_lines_and_what_to_try_stand_on_every_piece(world: World) -> None:
    ada = await world.member("ada")
    seen = await ada.says("/advice")
    assert f"Today: {piece_in(seen.text).attempt}" in seen.text
    assert ada.labels == ["Helped", "Not for me", "Another", "Help lines"]


# -- every day


async def daily(world: World, name: str = "ada", hour: int = 20) -> Person:
    """A member who has a thought a day at that hour."""
    person = await world.member(name, last="100")
    assert f"{hour:02}:00 by your clock" in (await person.says(f"/daily {hour}")).text
    return person


async def test_the_daily_piece_comes_at_the_hour_and_is_todays(world: World) -> None:
    ada = await daily(world)
    await world.moves(hours=7, minutes=59)
    assert ada.reads() == []
    await world.moves(minutes=1)
    (text,) = ada.reads()
    assert text.splitlines()[0] == "Your thought for today"
    assert ada.labels == ["Helped", "Not for me", "Another", "Pause", "Help lines"]
    assert text.endswith((await ada.says("/advice")).text)
    for _ in range(3):
        await world.moves(days=1)
    assert len({piece_in(text).id for text in ada.reads()}) == 4


async def test_one_that_was_read_already_does_not_come(world: World) -> None:
    ada = await daily(world)
    await ada.says("/advice")
    await world.moves(hours=8)
    assert ada.reads() == []
    await world.moves(hours=24)
    assert len(ada.reads()) == 1


async def test_late_within_the_grace_it_comes_once(world: World) -> None:
    ada = await daily(world)
    await world.moves(hours=8 + 3)
    assert len(ada.reads()) == 1
    await world.moves(hours=12)
    assert len(ada.reads()) == 1


async def test_later_than_that_it_is_skipped_and_the_next_is_on_time(world: World) -> None:
    ada = await daily(world)
    await world.moves(hours=8 + 3, minutes=1)
    assert ada.reads() == []
    await world.moves(hours=20, minutes=58)
    assert ada.reads() == []
    await world.moves(minutes=1)
    assert len(ada.reads()) == 1


async def test_after_days_away_nothing_bursts(world: World) -> None:
    ada = await daily(world)
    await world.moves(days=10)
    assert len(ada.reads()) <= 1
    await world.moves(hours=8)
    assert len(ada.reads()) == 1


async def test_what_could_not_go_out_in_time_is_let_go(world: World) -> None:
    ada = await daily(world)
    world.clock.move(timedelta(hours=8))
    world.scheduler.wake()
    await world.scheduler.tick()
    await world.moves(hours=3, minutes=1)
    assert ada.reads() == []


async def test_who_cannot_be_reached_gets_none_and_the_next_after_they_speak(world: World) -> None:
    ada = await daily(world)
    world.platform.outcomes = [Unreachable()]
    await world.moves(hours=8)
    for _ in range(3):
        await world.moves(days=1)
    assert len(world.platform.delivered) == 1
    assert "I couldn't write to you last time" in (await ada.says("/daily")).text
    exported = kept((await ada.says("/export")).files[0].data)
    assert exported["readings"][0]["state"]["had"] == []  # none was used up on a closed door
    await world.moves(days=1)
    assert len(ada.reads()) == 1


async def test_the_pause_on_each_piece_stops_them(world: World) -> None:
    ada = await daily(world)
    await world.moves(hours=8)
    ada.reads()
    stopped = await ada.taps("Pause")
    assert isinstance(stopped, Reply)
    assert "No daily thought" in stopped.text
    await world.moves(days=3)
    assert len(ada.reads()) == 1


async def test_the_hour_is_chosen_from_a_menu_too(world: World) -> None:
    ada = await world.member("ada")
    assert "No daily thought" in (await ada.says("/daily")).text
    assert "07:00" in (await ada.chooses("7")).text
    assert "at 07:00" in (await ada.says("/daily")).text
    await ada.chooses("off")
    assert "No daily thought" in (await ada.says("/daily")).text
    assert "from 0 to 23" in (await ada.says("/daily 24")).text


async def test_after_a_change_of_zone_it_comes_at_the_new_hour_and_never_twice_a_day(world: World) -> None:
    ada = await daily(world)
    await ada.says("/zone Asia/Tokyo")  # 21:00 there
    await world.moves(hours=8)
    assert ada.reads() == []
    await world.moves(hours=15)
    assert len(ada.reads()) == 1  # 20:00 in Tokyo
    await ada.says("/zone Europe/London")  # 11:00 of the same day
    await world.moves(hours=9)
    assert len(ada.reads()) == 1
    await world.moves(hours=24)
    assert len(ada.reads()) == 2


async def test_whoever_forgets_is_not_written_to(world: World) -> None:
    ada = await daily(world)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.moves(hours=8)
    assert ada.reads() == []


async def test_a_milestone_rides_the_daily_piece_once_in_a_run(world: World) -> None:
    ada = await world.member("ada", last="6")
    await ada.says("/daily 13")
    await world.moves(hours=2)
    (first,) = ada.reads()
    assert "That was you" not in first
    await world.moves(days=1)
    assert "7 days. That was you, each of them." in ada.reads()[-1]
    await world.moves(days=1)
    assert "That was you" not in ada.reads()[-1]
    assert len(ada.reads()) == 3


async def test_on_day_three_what_was_done_is_said(world: World) -> None:
    ada = await world.member("ada", last="2")
    await ada.opens("/urge")
    await ada.fills(letter="")
    await world.moves(minutes=21)
    ada.reads()
    await ada.taps("It passed")
    await ada.says("/daily 12")
    await world.moves(days=1)
    assert "One urge waited out since Monday. That was you." in ada.reads()[-1]


async def test_a_milestone_of_long_ago_is_not_made_up_for(world: World) -> None:
    ada = await world.member("ada", last="40")
    await ada.says("/daily 13")
    await world.moves(hours=2)
    assert "That was you" not in ada.reads()[-1]


async def test_who_paused_gets_no_daily_piece(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/daily 13")
    await ada.says("/pause")
    await world.moves(hours=2)
    assert ada.reads() == []
    await ada.says("/resume")
    await world.moves(days=1)
    assert len(ada.reads()) == 1
