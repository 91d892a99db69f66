"""How fast Telegram may be written to. Time is jumped over."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.telegram.limits import CHAT, CHAT_BURST, GROUP, GROUP_SECONDS, Limited, Limits, Rank
from bot.model import Place
from bot.pace import SLACK
from tests.bot.jumping import jump

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


def test_what_is_kept_for_answers_elsewhere_is_left_by_deliveries() -> None:
    async def main() -> None:
        limits, loop = Limits(30.0, kept=5.0), asyncio.get_running_loop()
        began = loop.time()
        for _ in range(100):
            await limits.turn(Rank.DELIVERY)
        assert loop.time() - began == pytest.approx(100 / 25, abs=0.1)
        began = loop.time()
        for _ in range(100):
            await limits.turn(Rank.ANSWER)
        assert loop.time() - began == pytest.approx(100 / 30, abs=0.1)

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
