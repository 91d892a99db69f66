"""Token buckets, and whose turn it is."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import TOGETHER, Bucket, Resting, Spaced, Turns, Window
from tests.bot.jumping import jump

EPSILON = 1e-6
rates = st.sampled_from([1 / 3, 1.0, 30.0, 1000.0])
bursts = st.floats(1, 40)
waits = st.lists(st.one_of(st.just(0.0), st.floats(0, 0.1), st.floats(0, 20)), min_size=1, max_size=120)


def times(limit: Bucket | Window, gaps: list[float]) -> list[float]:
    """Take one after each of the gaps, as early as it may be; return when."""
    now, taken = 50.0, list[float]()
    for gap in gaps:
        now = limit.at(now + gap)
        limit.take(now)
        taken.append(now)
    return taken


@given(rates, bursts, waits)
def test_a_bucket_never_gives_more_than_its_burst_and_its_rate(rate: float, burst: float, gaps: list[float]) -> None:
    taken = times(Bucket(rate, burst), gaps)
    for first, since in enumerate(taken):
        for many, until in enumerate(taken[first:], 1):
            assert many <= burst + rate * (until - since) + EPSILON * many * rate


@given(rates, bursts, st.integers(1, 200))
def test_a_bucket_that_is_always_asked_gives_its_whole_rate(rate: float, burst: float, many: int) -> None:
    taken = times(Bucket(rate, burst), [0.0] * many)
    assert taken[-1] - taken[0] <= max(0.0, many - burst) / rate + EPSILON


@given(rates, bursts, waits, st.floats(0, 30), st.integers(0, 5))
def test_a_bucket_that_rests_gives_nothing_and_no_burst_after(
    rate: float, burst: float, gaps: list[float], rest: float, leave: int
) -> None:
    bucket = Bucket(rate, burst + leave)
    now = times(bucket, gaps)[-1]
    bucket.rest(now + rest, leave)
    assert bucket.at(now) >= now + rest - EPSILON
    first = bucket.at(now, leave=leave)
    bucket.take(first)
    assert bucket.at(first, leave=leave) >= first + 1 / rate - EPSILON


@given(st.integers(1, 20), st.floats(0.1, 60), waits)
def test_a_window_never_has_more_than_its_most_and_has_that(most: int, seconds: float, gaps: list[float]) -> None:
    window = Window(most, seconds)
    taken = times(window, gaps)
    for early, late in zip(taken, taken[most:], strict=False):
        assert late - early >= seconds - EPSILON
    full = times(Window(most, seconds), [0.0] * (2 * most))
    assert full[:most] == [50.0] * most
    assert full[most:] == pytest.approx([50.0 + seconds] * most)


@given(st.sampled_from([Bucket(2.0, 5.0), Window(5, 2.0)]), st.integers(1, 9))
def test_several_at_once_wait_until_there_is_room_for_all(like: Bucket | Window, many: int) -> None:
    limit = Bucket(2.0, 5.0) if isinstance(like, Bucket) else Window(5, 2.0)
    assert limit.at(0.0, many) == 0.0
    for _ in range(5):
        limit.take(0.0)
    assert limit.at(0.0, many) == pytest.approx(min(many, 5) / 2.0 if isinstance(limit, Bucket) else 2.0)
    assert not limit.is_full(0.0)
    assert limit.is_full(10.0)


def test_turns_come_at_the_whole_rate_in_order_and_answers_first() -> None:
    async def main() -> None:
        loop, given = asyncio.get_running_loop(), list[tuple[str, float]]()
        turns = Turns(Bucket(10.0, 1.0), 2, 3.0)

        async def waits(name: str, rank: int) -> None:
            await turns.turn(rank)
            given.append((name, loop.time()))

        deliveries = [asyncio.create_task(waits(f"delivery {n}", 1)) for n in range(6)]
        await asyncio.sleep(0.25)
        deliveries[4].cancel()
        answers = [asyncio.create_task(waits(f"answer {n}", 0)) for n in range(2)]
        await asyncio.gather(*deliveries, *answers, return_exceptions=True)
        order = [name for name, _ in given]
        assert order == [*(f"delivery {n}" for n in range(3)), "answer 0", "answer 1", "delivery 3", "delivery 5"]
        assert [b - a for (_, a), (_, b) in pairwise(given)] == pytest.approx([0.1] * 6, abs=0.001)

    jump(main())


def test_deliveries_are_given_their_turns_together_and_an_answer_its_own_when_it_is_there() -> None:
    async def main() -> None:
        loop, given = asyncio.get_running_loop(), list[tuple[int, float]]()
        turns = Turns(Bucket(1000.0, 31.0), 2, 3.0)

        async def waits(rank: int) -> None:
            await turns.turn(rank)
            given.append((rank, round(loop.time() - began, 6)))

        began = loop.time()
        deliveries = [asyncio.create_task(waits(1)) for _ in range(31 + 30)]
        await asyncio.sleep(0.0145)
        await asyncio.gather(asyncio.create_task(waits(0)), *deliveries)
        times = [at for rank, at in given[31:] if rank == 1]
        assert len(set(times)) <= 4
        assert times[-1] == pytest.approx(0.031, abs=TOGETHER)
        assert [at for rank, at in given if rank == 0] == [0.0145]

    jump(main())


def test_who_would_wait_too_long_is_told_and_who_waits_already_as_well() -> None:
    async def main() -> None:
        turns = Turns(Bucket(1.0, 1.0), 2, 3.0)
        await turns.turn(1)
        waiting = asyncio.create_task(turns.turn(1))
        await asyncio.sleep(0.5)
        turns.rest(7)
        with pytest.raises(Resting) as told:
            await waiting
        assert told.value.seconds == 7
        await asyncio.sleep(3)
        with pytest.raises(Resting) as told:
            await turns.turn(0)
        assert told.value.seconds == pytest.approx(4)
        await asyncio.sleep(2)
        began = asyncio.get_running_loop().time()
        await turns.turn(0)
        assert asyncio.get_running_loop().time() - began == pytest.approx(2, abs=0.001)

    jump(main())


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 20)), min_size=1, max_size=12))
def test_of_each_name_there_is_one_turn_in_so_many_seconds_and_none_waits_for_another_name(
    asked: list[tuple[str, float]],
) -> None:
    had: dict[str, list[float]] = {"a": [], "b": []}

    async def all_of_them() -> None:
        spaced, loop = Spaced(), asyncio.get_running_loop()

        async def one(name: str, after: float) -> None:
            await asyncio.sleep(after)
            await spaced.turn(name, 5.0)
            had[name].append(loop.time())

        await asyncio.gather(*(one(name, after) for name, after in asked))

    jump(all_of_them())
    for name, times in had.items():
        wanted = sorted(1000 + after for each, after in asked if each == name)
        assert len(times) == len(wanted)
        assert all(later - earlier >= 5.5 - EPSILON for earlier, later in pairwise(times))
        for number, at in enumerate(times):
            assert at <= max(wanted[: number + 1]) + 5.5 * number + EPSILON


def test_a_turn_that_was_told_too_late_to_be_used_is_let_go() -> None:
    answers = [0.6, 0.4]

    async def ask(_name: str, seconds: float) -> float:
        assert seconds == 5.5
        await asyncio.sleep(answers.pop(0))
        return 0.0

    jump(Spaced(ask).turn("a", 5.0))
    assert answers == []
