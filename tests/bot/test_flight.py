"""What is on its way: never too much, each given back once, and in batches."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.flight import FIRST, LINGER, Flight
from tests.bot.jumping import jump

MANY = 200


async def _wait(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


@given(st.integers(1, 100), st.lists(st.floats(0, 5), max_size=MANY))
def test_each_is_given_back_once_with_what_came_of_it_and_never_too_many_are_on_their_way(
    most: int, waits: list[float]
) -> None:
    async def fly() -> list[tuple[int, float]]:
        flight, left, back = Flight[int, float](most), list(enumerate(waits)), list[tuple[int, float]]()
        while left or not flight.is_over:
            while left and flight.room:
                number, seconds = left.pop()
                flight.start(number, _wait(seconds))
            assert len(waits) - len(left) - len(back) <= most
            await flight.batch()
            back += flight.take()
        return back

    assert sorted(jump(fly())) == list(enumerate(waits))


def test_it_begins_with_few_and_for_each_that_comes_back_three_may_go() -> None:
    async def fly() -> tuple[list[int], list[int]]:
        flight, rooms, back = Flight[int, float](10_000), list[int](), list[int]()
        for _ in range(5):
            rooms.append(flight.room)
            for number in range(flight.room):
                flight.start(number, _wait(1 + number / 10_000))
            await flight.batch()
            back.append(len(flight.take()))
        return rooms, back

    rooms, back = jump(fly())
    assert rooms == [FIRST, *(3 * each for each in back[:-1])]
    assert back[0] == FIRST // 2


def test_what_has_come_back_does_not_wait_long_for_a_batch_and_the_last_not_at_all() -> None:
    async def fly() -> tuple[float, float]:
        flight, now = Flight[str, float](MANY), asyncio.get_running_loop().time
        begun = now()
        flight.start("soon", _wait(0.1))
        flight.start("later", _wait(9))
        flight.start("last", _wait(9))
        await flight.batch()
        first = now() - begun
        assert [what for what, _ in flight.take()] == ["soon"]
        await flight.batch()
        assert sorted(what for what, _ in flight.take()) == ["last", "later"]
        return first, now() - begun

    first, last = jump(fly())
    assert round(first, 6) == 0.1 + LINGER
    assert round(last, 6) == 9


def test_what_waits_for_a_batch_goes_on_when_it_is_woken() -> None:
    async def fly() -> None:
        flight = Flight[str, float](MANY)
        flight.start("later", _wait(9))
        asyncio.get_running_loop().call_later(1, flight.wake)
        await flight.batch()
        assert flight.take() == []
        assert not flight.is_over

    jump(fly())


def test_at_the_end_what_came_of_it_is_still_there_but_not_of_what_was_broken_off() -> None:
    async def fly(*, cancel: bool) -> list[tuple[str, float]]:
        flight = Flight[str, float](MANY)
        flight.start("came", _wait(0))
        flight.start("under way", _wait(9))
        await asyncio.sleep(1)
        await flight.end(cancel=cancel)
        back = flight.take()
        assert flight.is_over
        return back

    assert jump(fly(cancel=False)) == [("came", 0), ("under way", 9)]
    assert jump(fly(cancel=True)) == [("came", 0)]
