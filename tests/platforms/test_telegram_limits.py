"""How fast Telegram may be written to. Time is jumped over."""

import asyncio
import random
from collections import Counter
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.telegram.limits import CHAT, CHAT_BURST, GROUP, GROUP_SECONDS, Limited, Limits, Rank
from bot.model import Place
from bot.pace import SLACK, Usage
from tests.bot.jumping import jump

HEARD = 0.025  # seconds: the longest from one word to the next, and what one may be on its way
ANN, BEN = (Place("telegram", name, private=True) for name in ("1", "2"))
GROUPS = Place("telegram", "-1"), Place("telegram", "-1", "7"), Place("telegram", "-2")
writes = st.lists(
    st.tuples(st.sampled_from([ANN, BEN, *GROUPS]), st.sampled_from(Rank), st.integers(1, 3), st.floats(0, 4)),
    max_size=60,
)


@given(writes)
@settings(max_examples=60)
def test_whatever_is_sent_stays_within_every_limit(sends: list[tuple[Place, Rank, int, float]]) -> None:
    sent: list[tuple[float, Place]] = []

    async def write(limits: Limits, place: Place, rank: Rank, many: int) -> None:
        try:
            await limits.may_write(place, rank, many)
        except Limited:
            return
        for _ in range(many):
            await limits.turn(rank)
            sent.append((asyncio.get_running_loop().time(), place))

    async def main() -> None:
        limits = Limits(2.0)
        async with asyncio.TaskGroup() as group:
            for place, rank, many, after in sends:
                group.create_task(write(limits, place, rank, many))
                await asyncio.sleep(after)

    try:
        jump(main())
    except* Limited:
        pass  # two a second in all are too few for what was asked
    sent.sort(key=lambda each: each[0])
    for first, (since, _) in enumerate(sent):
        chats: Counter[str] = Counter()
        for many, (until, place) in enumerate(sent[first:], 1):
            chats[place.channel] += 1
            assert many <= 1 + 2.0 * (SLACK + until - since) + 0.01
            # A message waits for its turn in all after it was counted for its chat: so late it may bunch up.
            spared = until - since + 3.0
            assert chats[place.channel] <= CHAT_BURST + CHAT * spared + 0.01
            if not place.private and spared < GROUP_SECONDS:
                assert chats[place.channel] <= GROUP


class Word:
    """Two processes' limits, which hear of each other after as long as a word takes."""

    def __init__(self, rate: float, dice: random.Random) -> None:
        self.told = 0
        self._dice = dice
        sides = [Usage(partial(self._tell, other)) for other in (1, 0)]
        self._sides = sides
        self.sends, self.answers = (Limits(rate, side) for side in sides)

    def _tell(self, other: int, name: str, many: int) -> None:
        self.told += 1
        late = self._dice.uniform(0, HEARD)
        asyncio.get_running_loop().call_later(late, lambda: self._sides[other].heard(name, many))


@pytest.mark.parametrize("rate", [30.0, 1000.0])
@pytest.mark.parametrize("part", [0.0, 0.1, 0.5])
def test_answers_of_another_process_are_counted_and_all_of_the_rate_is_used(rate: float, part: float) -> None:
    dice, sent, seconds = random.Random(7), list[tuple[float, Rank]](), 60.0 if rate < 100 else 10.0

    async def main() -> None:
        word, loop = Word(rate, dice), asyncio.get_running_loop()
        ends = loop.time() + seconds

        async def say(limits: Limits, rank: Rank) -> None:
            await limits.turn(rank)
            sent.append((loop.time(), rank))

        async def answers() -> None:
            while part:
                await asyncio.sleep(dice.expovariate(rate * part))
                group.create_task(say(word.answers, Rank.ANSWER))

        async def drop() -> None:
            while True:
                await say(word.sends, Rank.DELIVERY)

        async with asyncio.TaskGroup() as group:
            going = [group.create_task(each()) for each in (answers, *[drop] * max(8, int(rate / 4)))]
            await asyncio.sleep(ends - loop.time())
            for each in going:
                each.cancel()
        assert word.told == sum(rank == Rank.ANSWER for _, rank in sent)

    jump(main())
    assert len(sent) >= 0.98 * rate * seconds
    assert sum(rank == Rank.ANSWER for _, rank in sent) == pytest.approx(rate * seconds * part, rel=0.15)
    full = 0.0
    for at, _ in sent:
        full = max(full, at) + 1 / rate
        assert (full - at) * rate <= 2 + rate * (SLACK + HEARD)
    most = max(len([at for at, _ in sent if since <= at < since + 0.95]) for since, _ in sent[::7])
    assert most <= rate


def test_where_others_answer_deliveries_are_given_their_turns_together_all_the_same() -> None:
    async def main() -> None:
        limits, loop = Word(1000.0, random.Random(7)).sends, asyncio.get_running_loop()
        given = list[float]()

        async def deliver() -> None:
            await limits.turn(Rank.DELIVERY)
            given.append(loop.time())

        await asyncio.gather(*(deliver() for _ in range(31 + 40)))
        assert len(set(given[31:])) <= 5

    jump(main())


def test_what_others_say_in_a_group_is_counted_there_and_what_is_said_to_somebody_alone_is_not_told() -> None:
    async def main() -> None:
        word, loop = Word(1000.0, random.Random(7)), asyncio.get_running_loop()
        for _ in range(4):
            await word.answers.may_write(GROUPS[0], Rank.ANSWER, 1)
            await word.sends.may_write(ANN, Rank.ANSWER, 1)
        await asyncio.sleep(HEARD)
        for _ in range(2):
            await word.sends.may_write(GROUPS[1], Rank.DELIVERY, 1)
        with pytest.raises(Limited) as limited:
            await word.sends.may_write(GROUPS[0], Rank.DELIVERY, 1)
        assert limited.value.scope == "place"
        await word.sends.may_write(GROUPS[2], Rank.DELIVERY, 1)
        await asyncio.sleep(HEARD)
        for _ in range(14):
            await word.answers.may_write(GROUPS[1], Rank.ANSWER, 1)
        with pytest.raises(Limited):
            await word.answers.may_write(GROUPS[0], Rank.ANSWER, 1)
        await word.answers.may_write(ANN, Rank.ANSWER, 20)
        assert word.told == 4 + 2 + 1 + 14
        assert loop.time() == pytest.approx(1000 + 2 * HEARD)

    jump(main())


def test_what_is_said_unasked_leaves_room_for_answers() -> None:
    async def main() -> None:
        limits = Limits()
        for place, asked, answered in ((ANN, 6, 14), (GROUPS[0], 6, 14), (BEN, 0, 20)):
            for _ in range(asked):
                await limits.may_write(place, Rank.DELIVERY, 1)
            if asked:
                with pytest.raises(Limited) as limited:
                    await limits.may_write(place, Rank.DELIVERY, 1)
                assert limited.value.scope == "place"
            now = asyncio.get_running_loop().time()
            for _ in range(answered):
                await limits.may_write(place, Rank.ANSWER, 1)
            assert asyncio.get_running_loop().time() == now
        await limits.may_write(ANN, Rank.ANSWER, 1)
        assert asyncio.get_running_loop().time() == pytest.approx(now + 1, abs=0.01)
        with pytest.raises(Limited) as limited:
            await limits.may_write(GROUPS[1], Rank.ANSWER, 1)
        assert limited.value.after.total_seconds() == pytest.approx(59, abs=0.01)

    jump(main())


def test_a_drop_uses_the_whole_rate() -> None:
    async def main() -> None:
        limits, loop = Limits(), asyncio.get_running_loop()

        async def send(number: int) -> None:
            await limits.may_write(Place("telegram", f"{number}", private=True), Rank.DELIVERY, 1)
            await limits.turn(Rank.DELIVERY)
            await asyncio.sleep(0.05)

        began, flying = loop.time(), asyncio.Semaphore(8)
        async with asyncio.TaskGroup() as group:
            for number in range(20_000):
                await flying.acquire()
                group.create_task(send(number)).add_done_callback(lambda _: flying.release())
        assert 20_000 / (loop.time() - began) == pytest.approx(30, rel=0.005)
        assert len(limits._chats) <= 8192  # pyright: ignore[reportPrivateUsage]

    jump(main())
