"""What `--shards` says, and which server is on which shard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leases import leases
from bot.shards import MOST, UNDIVIDED, Shards

numbers = st.integers(0, MOST - 1)
words = st.one_of(st.text(max_size=12), st.from_regex(r"\d{0,5}-?\d{0,5}/?\d{0,5}", fullmatch=True))


@given(numbers, numbers, numbers)
def test_a_range_is_what_it_says(one: int, other: int, more: int) -> None:
    first, last = sorted((one, other))
    count = min(MOST, last + 1 + more)
    shards = Shards.parse(f"{first}-{last}/{count}")
    assert (shards.ids[0], shards.ids[-1], shards.count) == (first, last, count)
    assert shards.whole == (len(shards.ids) == count)
    assert Shards.parse(shards.all).whole
    assert Shards.parse(f"{first}/{count}") == Shards.parse(f"{first}-{first}/{count}")


@given(st.integers(1, 2**63 - 1), st.integers(1, 64))
def test_each_server_is_on_one_shard_by_the_time_at_which_it_was_made(server: int, count: int) -> None:
    shards = Shards(0, count - 1, count)
    assert shards.of(server) in shards.ids
    assert shards.of(server + (count << 22)) == shards.of(server | 0x3FFFFF) == shards.of(server)


@given(numbers)
def test_each_shards_name_fits_into_the_table(shard: int) -> None:
    name = f"listener-discord-{Shards(shard, shard, MOST).name(shard)}"
    assert len(name) <= leases.c.name.type.length


def test_all_servers_on_one_are_what_is_meant_without_a_word() -> None:
    assert Shards.parse("0/1") == Shards.parse(" 0-0/1 ") == UNDIVIDED
    assert UNDIVIDED.whole
    assert UNDIVIDED.name(0) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write 0-3/16"),
        ("3", "write 0-3/16"),
        ("0-3", "write 0-3/16"),
        ("a-b/c", "write 0-3/16"),
        ("-1/4", "write 0-3/16"),
        ("0-3/16/2", "write 0-3/16"),
        (f"0/{'9' * 5000}", "write 0-3/16"),
        ("٣/٤", "write 0-3/16"),
        ("0-4/4", "of 4 shards the first is 0 and the last 3. All of them are 0-3/4."),
        ("4/4", "the first is 0 and the last 3"),
        ("3-0/4", "the lower number comes first, 0-3/4"),
        ("0/0", "how many shards there are in all, 1 to 9999"),
        ("0/10000", "1 to 9999"),
    ],
)
def test_what_is_wrong_gets_a_sentence_that_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"^--shards ") as refused:
        Shards.parse(text)
    assert says in str(refused.value)


@given(words)
def test_whatever_is_written_is_understood_or_refused_in_words(text: str) -> None:
    try:
        shards = Shards.parse(text)
    except ValueError as refused:
        told = str(refused)
    else:
        told = f"--shards {shards.all}"
        assert 0 <= shards.first <= shards.last < shards.count <= MOST
    assert told.startswith("--shards")
