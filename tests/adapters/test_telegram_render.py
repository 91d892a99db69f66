"""What a Reply becomes on Telegram, what an outcome is read from, and start payloads. No wire."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import wire
from bot.adapter import Gone, Moved, Refused, Retry, Stop, Unknown, Unreachable
from bot.adapters.telegram import choosing
from bot.adapters.telegram.outcomes import outcome
from bot.adapters.telegram.render import CAPTION, keyboard, parts, unmentioned
from bot.adapters.telegram.request import Lost, NotSent, Rejected
from bot.adapters.telegram.updates import payload
from bot.model import Account, Button, File, Link, Menu, Option, Place, Reply

PICTURE = File("card.png", b"\x89PNG", "A card that says: day 5.")
PAGE = File("export.json", b"{}")
ALONE = Account("telegram", "7").private
GROUP = Place("telegram", "-100", "3")


def labels(reply: Reply) -> list[list[str]]:
    """The labels of a reply's keyboard."""
    markup = keyboard(reply.rows)
    return [[button.text for button in row] for row in markup.inline_keyboard] if markup else []


def menu(*options: str) -> Reply:
    """A reply with a menu."""
    return Reply("x", rows=((Menu("Which?", "a.b", tuple(Option(o, o) for o in options), ("1",)),),))


def test_text_stays_what_it_is() -> None:
    text = "<b>no</b> & _no_ *no* https://example.org"
    assert [(p.text, p.file, p.keyboard) for p in parts(Reply(text))] == [(text, None, None)]


def test_buttons_and_links_keep_their_rows() -> None:
    reply = Reply("x", rows=((Button("A", "a.b", ["1"]), Link("L", "https://example.org")), (), (Button("C", "c"),)))
    markup = keyboard(reply.rows)
    assert markup
    assert [[b.callback_data or b.url for b in row] for row in markup.inline_keyboard] == [
        ["1:a.b:1", "https://example.org"],
        ["1:c"],
    ]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (("a", "b", "c", "d"), [["a", "b", "c"], ["d"]]),
        (("a", "twelve chars", "c"), [["a", "twelve chars"], ["c"]]),
        (("a", "more than eighteen characters"), [["a"], ["more than eighteen characters"]]),
        (("more than eighteen characters", "a", "b", "c"), [["more than eighteen characters"], ["a", "b", "c"]]),
    ],
)
def test_a_menu_is_rows_of_buttons_as_wide_as_its_labels_allow(
    options: tuple[str, ...], shown: list[list[str]]
) -> None:
    assert labels(menu(*options)) == shown


def test_a_menu_choice_carries_the_menu_and_the_value() -> None:
    markup = keyboard(menu("x").rows)
    assert markup
    assert markup.inline_keyboard[0][0].callback_data == "1:a.b:1:x"


def test_a_menu_stands_where_it_was_put() -> None:
    reply = Reply("x", rows=((Button("A", "a"),), *menu("1", "2").rows, (Button("Z", "z"),)))
    assert labels(reply) == [["A"], ["1", "2"], ["Z"]]


def test_all_of_a_long_menu_is_there() -> None:
    shown = labels(menu(*(str(n) for n in range(25))))
    assert [label for line in shown for label in line] == [str(n) for n in range(25)]
    assert len(shown) == 9


def test_a_menu_of_places_stands_for_its_own_where_others_read_along() -> None:
    rows = ((Menu("Desk", "a.b", (), ("1",), "channel"),), (Menu("Coach", "a.c", kind="member"),))
    alone, along = keyboard(rows), keyboard(rows, lambda label: f"{label}: here")
    assert alone
    assert along
    assert [(b.text, b.callback_data) for (b,) in alone.inline_keyboard] == [("Desk", "c1:a.b:1"), ("Coach", "m1:a.c")]
    assert [b.text for (b,) in along.inline_keyboard] == ["Desk: here", "Coach"]


@given(action=st.from_regex(wire.NAME, fullmatch=True), args=st.lists(st.from_regex(wire.ARG, fullmatch=True)))
def test_a_menus_button_fits_and_is_read_back(action: str, args: list[str]) -> None:
    try:
        wanted = Menu("Desk", action, (), tuple(args), "member")
    except ValueError:
        return
    data = choosing.data(wanted)
    assert len(data.encode()) <= wire.ID_BYTES
    assert choosing.menu(data, "Desk") == wanted
    assert wire.unpack(data) is None


@pytest.mark.parametrize("data", ["", "c", "m0:a", "r1:a.b", "1:a.b", f"c1:{'a' * 30}"])
def test_what_is_no_menus_button_is_read_as_none(data: str) -> None:
    assert choosing.menu(data, "Desk") is None


def test_a_short_text_is_the_caption_of_the_first_file() -> None:
    first, second = parts(Reply("Here.", rows=((Button("A", "a"),),), files=(PAGE, PICTURE)))
    assert (first.text, first.file, bool(first.keyboard)) == ("Here.", PAGE, True)
    assert (second.text, second.file, second.keyboard) == (PICTURE.alt, PICTURE, None)


def test_what_a_picture_shows_follows_the_text() -> None:
    (part,) = parts(Reply("Here.", files=(PICTURE,)))
    assert part.text == f"Here.\n\n{PICTURE.alt}"


def test_a_long_text_goes_before_its_files() -> None:
    text = "\N{BROKEN HEART}" * (CAPTION // 2) + "."
    first, second = parts(Reply(text, rows=((Button("A", "a"),),), files=(PAGE,)))
    assert (first.text, first.file, bool(first.keyboard)) == (text, None, True)
    assert (second.text, second.file, second.keyboard) == ("", PAGE, None)


@pytest.mark.parametrize(
    ("packed", "told"),
    [
        ("1:streak", "1-streak"),
        ("1:questions.answer:ab_c", "1-questions--answer-ab_c"),
        ("1:contact.set:2026-02-03", "join"),
        ("1:join.for:caf\N{LATIN SMALL LETTER E WITH ACUTE}", "join"),
        ("1:advice::x", "join"),
    ],
)
def test_a_button_becomes_a_start_payload_or_the_way_in(packed: str, told: str) -> None:
    assert payload(packed) == told


@given(action=st.from_regex(wire.NAME, fullmatch=True), args=st.lists(st.from_regex(wire.ARG, fullmatch=True)))
def test_a_payload_is_the_same_button_or_none(action: str, args: list[str]) -> None:
    try:
        packed = wire.pack(action, args)
    except ValueError:
        return
    told = payload(packed)
    assert wire.START_PAYLOAD.fullmatch(told)
    assert told == "join" or told.replace("--", ".", 1).replace("-", ":") == packed


def rejected(code: int, description: str = "", **parameters: int) -> Rejected:
    """Telegram's no."""
    return Rejected(code, {"description": description, "parameters": parameters})


@pytest.mark.parametrize(
    ("error", "alone", "group"),
    [
        (rejected(403, "Forbidden: bot was blocked by the user"), Unreachable(), Refused("403", here=True)),
        (rejected(403, "Forbidden: bot was kicked from the group chat"), Unreachable(), Gone()),
        (rejected(403, "Forbidden: bot is not a member of the supergroup chat"), Unreachable(), Gone()),
        (rejected(403, "Forbidden: the group chat was deleted"), Unreachable(), Gone()),
        (rejected(403, "Forbidden: not enough rights to send"), Unreachable(), Refused("403 no-rights", here=True)),
        (rejected(400, "Bad Request: group chat was deactivated"), Unreachable(), Gone()),
        (rejected(400, "Bad Request: chat not found"), Unreachable(), Gone()),
        (rejected(400, "Bad Request: message thread not found"), Gone(), Gone()),
        (rejected(400, "Bad Request: TOPIC_DELETED"), Gone(), Gone()),
        (rejected(400, "Bad Request: TOPIC_CLOSED"), *[Refused("400 topic-closed", here=True)] * 2),
        (rejected(400, "Bad Request: not enough rights to manage 'X'"), *[Refused("400 no-rights", here=True)] * 2),
        (rejected(400, "Bad Request: have no rights to send a message"), *[Refused("400 no-rights", here=True)] * 2),
        (rejected(400, "Bad Request: need administrator rights"), *[Refused("400 no-rights", here=True)] * 2),
        (rejected(400, "Bad Request: CHAT_WRITE_FORBIDDEN"), *[Refused("400 no-rights", here=True)] * 2),
        (rejected(400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN"), *[Refused("400 no-rights", here=True)] * 2),
        (rejected(400, "Bad Request: CHAT_RESTRICTED"), *[Refused("400 no-rights", here=True)] * 2),
        (rejected(400, "Bad Request: CHAT_ADMIN_REQUIRED"), *[Refused("400 no-rights", here=True)] * 2),
        (
            rejected(400, "Bad Request: message can't be deleted for everyone"),
            *[Refused("400 cannot-be-deleted")] * 2,
        ),
        (rejected(400, "Bad Request: can't parse 'X'"), Refused("400"), Refused("400")),
        (
            rejected(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-5),
            Moved(Place("telegram", "-5")),
            Moved(Place("telegram", "-5", "3")),
        ),
        (
            rejected(429, "Too Many Requests", retry_after=9),
            Retry(timedelta(seconds=9), "platform", limited=True),
            Retry(timedelta(seconds=9), "place", limited=True),
        ),
        (rejected(401, "Unauthorized"), Stop("401"), Stop("401")),
        (rejected(502), *[Retry(timedelta(seconds=5), "platform")] * 2),
        (NotSent("no connection"), *[Retry(timedelta(seconds=5), "platform")] * 2),
        (Lost("no answer"), Unknown(), Unknown()),
        (KeyError("x"), Unknown(), Unknown()),
    ],
)
def test_what_a_fault_means(error: Exception, alone: object, group: object) -> None:
    assert outcome(error, ALONE, again=False) == alone
    assert outcome(error, GROUP, again=False) == group


def test_a_lost_answer_is_no_matter_where_doing_it_twice_is_none() -> None:
    assert outcome(Lost("no answer"), ALONE, again=True) == Retry(timedelta(seconds=5), "platform")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ask @maria_k, please", "ask @\u2060maria_k, please"),
        ("@maria_k", "@\u2060maria_k"),
        ("ann@example.org", "ann@example.org"),
        ("3 @ 4", "3 @ 4"),
    ],
)
def test_a_name_in_a_text_notifies_nobody(typed: str, shown: str) -> None:
    assert unmentioned(typed) == shown
