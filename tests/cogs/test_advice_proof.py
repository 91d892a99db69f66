"""What `unsent content check` says of a deck: each mistake made once in a copy of ours, and named by file and line."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import Content
from bot.errors import DeclarationError
from bot.texts import DECK
from cogs.advice import proof, source
from cogs.advice.deck import SOURCE

DAY = date(2026, 3, 4)
ID = "space-being-heard"  # for cheated, S02
NAMED = (ID, "space-the-first-day", "healing-live-meanwhile", "apology-once", "reality-it-takes-two")
SOME = 4  # of the pieces of a file
BEFORE: set[str] = set()  # what is said of a copy that is not spoilt


def said(deck: Path, content: Path | None = None) -> list[str]:
    """All that is said of a deck, as it is printed, without the folder."""
    return [str(remark).removeprefix(f"{deck}/") for remark in proof.check(Content(content, deck, DAY))]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A copy of our deck that can be spoilt."""
    deck = tmp_path / "en" / "advice"
    shutil.copytree(DECK, deck)
    shutil.copy(DECK.parent / "banned.toml", deck.parent)
    return deck


@pytest.fixture
def copy(whole: Path) -> Path:
    """A copy of some of our deck, of every file: each piece is compared with each other, which takes long with all."""
    for file in whole.glob("*.toml"):
        head, *pieces = file.read_text(encoding="utf-8").split("[[piece]]\n")
        named = [any(f'id = "{id}"' in piece for id in NAMED) for piece in pieces]
        kept = [piece for number, piece in enumerate(pieces) if number < SOME or named[number]]
        file.write_text("[[piece]]\n".join([head, *kept]), encoding="utf-8")
    BEFORE.update(said(whole) if not BEFORE else ())
    return whole


def new(deck: Path) -> list[str]:
    """What is said of a spoilt copy that is not said of it before."""
    return [each for each in said(deck) if each not in BEFORE]


def line_of(file: Path, id: str, field: str) -> int:
    """Return the line, from 1, of a field of a piece."""
    lines = file.read_text(encoding="utf-8").splitlines()
    start = lines.index(f'id = "{id}"')
    return next(n for n in range(start, len(lines)) if lines[n].startswith(f"{field} =")) + 1


def write(file: Path, line: int, text: str) -> None:
    """Put `text` in the place of a line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[line - 1] = text
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")


SIXTEEN = "A word and a word. " * 16
MISTAKES = [
    ("title", f'title = "{"t" * 63}"', "the title has 63 characters; 60 fit"),
    ("title", 'title = ""', "the title has 0 characters; 60 fit"),
    ("title", "title = 7", "title is a text between quotation marks"),
    ("title", 'title = "They will come back"', "“They will come back” is never said here (it promises)"),
    ("title", 'title = "Get them back"', "“Get them back” is never said here (it wins somebody back)"),
    ("title", 'title = "Make them miss you"', "“Make them miss” is never said here (it is a trick)"),
    ("title", 'title = "Don’t"', "’ is a curly quotation mark: plain ones are ' and \""),
    ("body", f'body = """{"b " * 149}b"""', "the body has 299 characters; 300 to 600 are right"),
    ("body", f'body = """Be. {"b " * 299}"""', "the body has 601 characters; 300 to 600 are right"),
    ("body", f'body = """{"b " * 160}end."""', "the body has 1 sentence; 2 to 5 are right"),
    ("body", f'body = """{SIXTEEN}"""', "the body has 16 sentences; 2 to 5 are right"),
    ("try", f'try = "{"t" * 140}"', "what to try has 140 characters; 139 fit"),
    ("try", 'try = "Say that you failed."', "“failed” is never said here (it was a test)"),
    (
        "try",
        'try = "Delete all messages."',
        "“Delete all messages” is never said here (it wipes what may be needed)",
    ),
    ("for", 'for = "them"', "nobody is called “them”: for is one of cheated, was_cheated_on, any"),
    ("teachings", "teachings = []", "teachings is empty"),
    ("teachings", 'teachings = "S02"', 'teachings is a list of numbers, as ["S01"]'),
    ("teachings", 'teachings = ["S02", "S99"]', "the deck has no teaching S99"),
    ("teachings", 'teachings = ["S02", "R03"]', "R03 is hard to hear: the piece needs heavy = true"),
]


@pytest.mark.parametrize(("field", "text", "what"), MISTAKES)
def test_a_mistake_in_a_piece_is_named_by_file_line_and_id(copy: Path, field: str, text: str, what: str) -> None:
    line = line_of(copy / "space.toml", ID, field)
    write(copy / "space.toml", line, text)
    found = [each for each in new(copy) if each.startswith("space.toml") and ": note: " not in each]
    assert found == [f"space.toml:{line}: {ID}: {what}"]


ADDED = [
    ('mood = "calm"', "there is no field mood"),
    ('moment = "noon"', "there is no moment “noon”: it is one of lapse, urge_night, day_1, day_3, day_7, day_30, "),
    ('heavy = "yes"', "heavy is true or false"),
    ('talk = "Was it a relapse?"', "“relaps” is never said here (it was a test)"),
]


@pytest.mark.parametrize(("text", "what"), ADDED)
def test_a_line_too_many_is_named(copy: Path, text: str, what: str) -> None:
    line = line_of(copy / "space.toml", ID, "id")
    write(copy / "space.toml", line, f'id = "{ID}"\n{text}')
    (found,) = [each for each in new(copy) if f": {ID}: " in each]
    assert found.startswith(f"space.toml:{line + 1}: {ID}: {what}")


@pytest.mark.parametrize("field", ["teachings", "for", "title", "body", "try"])
def test_a_missing_line_is_named(copy: Path, field: str) -> None:
    write(copy / "space.toml", line_of(copy / "space.toml", ID, field), "")
    begins = line_of(copy / "space.toml", ID, "id") - 1
    assert f"space.toml:{begins}: {ID}: {field} is missing" in new(copy)


@pytest.mark.parametrize(
    ("id", "what"),
    [
        ("healing-being-heard", "an id is space- and then a few words with hyphens between them"),
        ("space", "an id is space- and then a few words with hyphens between them"),
        ("space-Being heard", "an id is at most 40 of a-z, 0-9 and -: buttons carry it"),
        ("space-" + "x" * 35, "an id is at most 40 of a-z, 0-9 and -: buttons carry it"),
    ],
)
def test_an_id_is_of_a_shape(copy: Path, id: str, what: str) -> None:
    line = line_of(copy / "space.toml", ID, "id")
    write(copy / "space.toml", line, f'id = "{id}"')
    assert f"space.toml:{line}: {id}: {what}" in new(copy)


def test_an_id_that_is_there_twice_is_named_with_the_other(copy: Path) -> None:
    first, line = (line_of(copy / "space.toml", id, "id") for id in ("space-the-first-day", ID))
    write(copy / "space.toml", line, 'id = "space-the-first-day"')
    what = f"an id stands for one piece, and this one is at space.toml:{first} already"
    assert f"space.toml:{line}: space-the-first-day: {what}" in new(copy)


@pytest.mark.parametrize(
    ("file", "id", "field", "text", "what"),
    [
        ("space.toml", "space-the-first-day", "teachings", 'teachings = ["R01"]', "for: R01 is for cheated alone"),
        ("healing.toml", "healing-live-meanwhile", "teachings", 'teachings = ["O03"]', "for: O03 is for cheated alone"),
        ("apology.toml", "apology-once", "for", 'for = "any"', "for: the stage apology is for cheated alone"),
        ("apology.toml", "apology-once", "for", 'for = "any"', "for: A03 is for cheated alone"),
    ],
)
def test_a_guard_is_kept(copy: Path, file: str, id: str, field: str, text: str, what: str) -> None:
    write(copy / file, line_of(copy / file, id, field), text)
    about, _, sentence = what.partition(": ")
    assert f"{file}:{line_of(copy / file, id, about)}: {id}: {sentence}" in new(copy)


@pytest.mark.parametrize("moment", ["lapse", "urge_night"])
def test_nothing_heavy_is_for_a_tender_moment(copy: Path, moment: str) -> None:
    line = line_of(copy / "space.toml", "space-the-first-day", "moment")
    write(copy / "space.toml", line, f'moment = "{moment}"\nheavy = true')
    assert f"space.toml:{line}: space-the-first-day: what is heavy is never given at {moment}" in new(copy)


def test_a_stage_without_a_piece_for_anybody_is_named(copy: Path) -> None:
    for file in ("reality.toml", "apology.toml"):
        text = (copy / file).read_text(encoding="utf-8")
        (copy / file).write_text(text.replace('for = "any"', 'for = "was_cheated_on"'), encoding="utf-8")
    found = [each for each in new(copy) if "for anybody" in each]
    assert found == ["reality.toml:1: the stage reality needs a piece for anybody, on any day, that is not heavy"]


def test_a_body_that_is_nearly_anothers_is_named_with_the_other(copy: Path) -> None:
    file, other = copy / "space.toml", "space-the-first-day"
    first, line = (line_of(file, id, "body") for id in (other, ID))
    body = file.read_text(encoding="utf-8").splitlines()[first - 1].removeprefix('body = """').removesuffix('"""')
    head, _, tail = body.partition(". ")
    write(file, line, f'body = """{tail} {head} tonight."""')  # its sentences in another order, and a word more
    (found,) = [each for each in new(copy) if "nearly" in each]
    assert found.startswith(f"space.toml:{line}: {ID}: the body is nearly that of {other} (space.toml:{first}): 9")


def test_a_title_with_what_to_try_that_is_nearly_anothers_is_named(copy: Path) -> None:
    healing, space = copy / "healing.toml", copy / "space.toml"
    for field in ("title", "try"):
        text = space.read_text(encoding="utf-8").splitlines()[line_of(space, ID, field) - 1]
        write(healing, line_of(healing, "healing-live-meanwhile", field), text)
    (found,) = [each for each in new(copy) if "nearly" in each]
    assert found.startswith(f"space.toml:{line_of(space, ID, 'title')}: {ID}: title and what to try are nearly that of")
    assert found.endswith(
        f"healing-live-meanwhile (healing.toml:{line_of(healing, 'healing-live-meanwhile', 'title')}): 100 of 100 alike"
    )


@given(st.text(max_size=200))
def test_how_hard_a_text_reads_can_always_be_said(text: str) -> None:
    assert isinstance(proof.grade(text), float)


def test_long_words_read_like_a_higher_grade(copy: Path) -> None:
    line = line_of(copy / "space.toml", ID, "body")
    long = "Considerable psychological deliberation inevitably necessitates extraordinary determination. " * 4
    write(copy / "space.toml", line, f'body = """{long}"""')
    (found,) = [each for each in new(copy) if "grade" in each]
    assert found.startswith(f"space.toml:{line}: note: {ID}: it reads like grade ")


def test_who_may_not_be_meant_is_a_note(copy: Path) -> None:
    line = line_of(copy / "space.toml", ID, "title")
    write(copy / "space.toml", line, 'title = "What she said"')
    assert f"space.toml:{line}: note: {ID}: “she”: is that the ex? They are always “they”" in new(copy)


# -- a whole file


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('stage = "space"\n[[piece]]\nid = x\n', "extra.toml:3: it is not TOML: Invalid value (at line 3, column 6)"),
        ('stage = "space"\n[[piece]', "extra.toml:2: it is not TOML: "),
        ('stage = "moon"\n', "extra.toml:1: stage is one of reality, apology, space, healing, reached_out, rebuilding"),
        ('name = "x"\n', "extra.toml:1: stage is one of reality"),
        ('stage = "space"\nmood = 1\n', "extra.toml:2: there is no field mood"),
        ('stage = "space"\n\n[peice]\nid = "x"\n', "extra.toml:3: there is no [peice] here: each piece begins with"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(copy: Path, text: str, what: str) -> None:
    (copy / "extra.toml").write_text(text, encoding="utf-8")
    (found,) = new(copy)
    assert found.startswith(what)


def test_a_file_in_another_encoding_is_named(copy: Path) -> None:
    (copy / "extra.toml").write_bytes("stage = 'é'".encode("latin-1"))
    assert new(copy) == ["extra.toml:1: it is not text in UTF-8"]


# -- deck.toml


@pytest.mark.parametrize(
    ("old", "text", "what"),
    [
        ("name = ", "name = 7", "name: Input should be a valid string"),
        ("carried = ", 'carried = "two"', "carried: Input should be a valid integer"),
        ("only_for = ", 'only_for = "them"', "stages.apology.only_for: Input should be 'cheated'"),
        ("R01 = ", f'R01 = "{"x" * 61}"', "teachings.R01: String should have at most 60 characters"),
        ("for = ", 'for = "them"', "wanted.0.for: Input should be 'cheated'"),
        ("heavy = ", 'heavi = ["R03"]', "heavi: Extra inputs are not permitted"),
        ("[stages.reality]", "[stages.moon]", "stages.moon.[key]: Input should be 'reality'"),
        ("cheated = ", 'cheated = ["A", "Q", "R99"]', "only_for.cheated: there is no teaching Q"),
        ("heavy = ", 'heavy = ["R03", "R99"]', "heavy: there is no teaching R99"),
    ],
)
def test_a_mistake_in_what_the_deck_is_is_named(copy: Path, old: str, text: str, what: str) -> None:
    lines = (copy / SOURCE).read_text(encoding="utf-8").splitlines()
    line = next(number for number, each in enumerate(lines, 1) if each.startswith(old))
    write(copy / SOURCE, line, text)
    found = [each for each in new(copy) if each.startswith(f"deck.toml:{line}: ")]
    assert any(each.startswith(f"deck.toml:{line}: {what}") for each in found), new(copy)
    with pytest.raises(DeclarationError, match=f"deck.toml:{line}: "):
        source.load(copy)


def test_a_folder_that_does_not_say_what_it_is_is_no_deck(copy: Path) -> None:
    (copy / SOURCE).unlink()
    assert "deck.toml:1: it cannot be read: No such file or directory" in new(copy)


def test_a_teaching_that_too_few_pieces_carry_is_named_with_them(whole: Path) -> None:
    before = said(whole)

    def found() -> list[str]:
        return [each for each in said(whole) if each not in before]

    text = (whole / SOURCE).read_text(encoding="utf-8").rstrip("\n")
    (whole / SOURCE).write_text(f'{text}\nX01 = "something new"\n', encoding="utf-8")
    line = text.count("\n") + 2
    assert found() == [f"deck.toml:{line}: X01: carried by no pieces; 2 are needed"]
    write(whole / "space.toml", line_of(whole / "space.toml", ID, "teachings"), 'teachings = ["S02", "X01"]')
    assert found() == [f"deck.toml:{line}: X01: carried by 1 piece: {ID}; 2 are needed"]


def test_too_few_pieces_are_a_note(copy: Path) -> None:
    text = (copy / SOURCE).read_text(encoding="utf-8")
    (copy / SOURCE).write_text(text.replace("least = 50", "least = 999"), encoding="utf-8")
    lines = [number for number, each in enumerate(text.splitlines(), 1) if each == "least = 50"]
    found = new(copy)
    assert [each.partition(" has ")[0].partition(" have ")[0] for each in found] == [
        f"deck.toml:{lines[0]}: note: space",
        f"deck.toml:{lines[1]}: note: healing",
        f"deck.toml:{lines[2]}: note: space and healing",
    ]
    assert all(each.endswith("; 999 are wanted") for each in found)


# -- another language


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("", "", None),
        (f'id = "{ID}"', 'id = "space-nobody"', "id: space-nobody: English has no such piece"),
        ('teachings = ["S02"]', 'teachings = ["S03"]', f"teachings: {ID}: English has another teachings"),
        ('for = "cheated"', 'for = "any"', f"for: {ID}: English has another for"),
        ('for = "cheated"', 'for = "cheated"\nheavy = true', f"heavy: {ID}: English has another heavy"),
        ('for = "cheated"', 'for = "cheated"\nmoment = "lapse"', f"moment: {ID}: English has another moment"),
        ('stage = "space"', 'stage = "healing"', f"id: {ID}: English has another stage"),
        (
            "Hearing them",
            "Hearing them, and hearing them, and hearing them, and hearing",
            f"title: {ID}: the title has",
        ),
    ],
)
def test_a_translation_keeps_to_the_english_piece(copy: Path, old: str, new: str, what: str | None) -> None:
    text = (copy / "space.toml").read_text(encoding="utf-8")
    lines = text.splitlines()
    start = lines.index(f'id = "{ID}"') - 1
    one = "\n".join(['stage = "space"', *lines[start : lines.index("", start)], ""]).replace(old, new, 1)
    german = copy.parent.parent / "de" / "advice" / "space.toml"
    german.parent.mkdir(parents=True)
    german.write_text(one, encoding="utf-8")
    found = [each for each in said(copy, copy.parent.parent) if str(german) in each]
    if what is None:
        assert found == []
        return
    field, _, sentence = what.partition(": ")
    line = next(number for number, each in enumerate(one.splitlines(), 1) if each.startswith(f"{field} ="))
    assert len(found) == 1
    assert found[0].startswith(f"{german}:{line}: {sentence}")


# -- ours


def test_nothing_in_our_deck_is_wrong_or_lacking() -> None:
    found = [each for each in said(DECK) if ": note: " not in each or "are wanted" in each]
    assert found == []


def test_the_table_of_what_carries_what_is_up_to_date() -> None:
    made = proof.coverage(Content(None, DECK, DAY))
    table = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert table == made, "run: unsent content check --coverage docs/coverage.md"
    assert "| H02 | live in the meantime | " in table
    assert "`healing-live-meanwhile`" in table


def test_a_stage_or_a_piece_is_shown() -> None:
    content = Content(None, DECK, DAY)
    (one,) = proof.show(content, "healing-live-meanwhile")
    assert one.title == "Live in the meantime"
    assert one.facts == ("healing-live-meanwhile", "any", "H02")
    assert one.paragraphs[1].startswith("Today: Put one thing in your calendar")
    assert {each.heading for each in proof.show(content, "reached-out")} == {"reached_out"}
    assert list(dict.fromkeys(each.heading for each in proof.show(content, ""))) == [
        "reality", "apology", "space", "healing", "reached_out", "rebuilding",
    ]  # fmt: skip
    assert list(proof.show(content, "nonsense")) == []
