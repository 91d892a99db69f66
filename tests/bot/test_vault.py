"""Sealing: what is sealed opens here and nowhere else; an index is the same only with the same key and purpose."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SetupError
from bot.vault import HEADER, INDEX_BYTES, Key, Vault, WrongKey, new_key, parse_keys, read_keys

OLD, NEW = new_key(), new_key()
VAULT = Vault(parse_keys(OLD))
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
WHERE = "members.profile:1"


@given(VALUES, st.none() | st.integers(1, 400))
def test_what_is_sealed_opens_in_its_place(value: object, size: int | None) -> None:
    assert VAULT.open(WHERE, VAULT.seal(WHERE, value, size)) == value


@given(VALUES, st.sampled_from(["members.profile:2", "members.other:1", "others.profile:1", "", WHERE + ":"]))
def test_in_another_row_column_or_table_it_does_not_open(value: object, elsewhere: str) -> None:
    sealed = VAULT.seal(WHERE, value)
    with pytest.raises(WrongKey):
        VAULT.open(elsewhere, sealed)


@given(VALUES, st.data())
def test_a_flipped_bit_is_refused(value: object, data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal(WHERE, value))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WrongKey):
        VAULT.open(WHERE, bytes(sealed))


@pytest.mark.parametrize("length", [0, 1, 4, 5, 6, 12, HEADER - 1, HEADER, HEADER + 15])
def test_what_was_cut_short_is_refused(length: int) -> None:
    sealed = VAULT.seal(WHERE, "")[:length]
    with pytest.raises(WrongKey):
        VAULT.open(WHERE, sealed)


@given(VALUES)
def test_with_another_key_it_does_not_open(value: object) -> None:
    with pytest.raises(WrongKey):
        Vault(parse_keys(NEW)).open(WHERE, VAULT.seal(WHERE, value))


def test_a_ring_opens_with_every_key_and_seals_with_the_first() -> None:
    ring = Vault(parse_keys(f"{NEW}\n{OLD}\n"))
    assert ring.open(WHERE, VAULT.seal(WHERE, "old")) == "old"
    assert Vault(parse_keys(NEW)).open(WHERE, ring.seal(WHERE, "new")) == "new"


def test_a_ring_finds_by_the_oldest_key_what_was_found_before() -> None:
    ring = Vault(parse_keys(f"{NEW} {OLD}"))
    assert ring.index("account", "ada") == VAULT.index("account", "ada")


@given(TEXT.filter(lambda text: len(text.encode()) < 100), TEXT.filter(lambda text: len(text.encode()) < 100))
def test_with_a_size_every_value_is_equally_long(one: str, other: str) -> None:
    assert len(VAULT.seal(WHERE, one, 800)) == len(VAULT.seal(WHERE, other, 800))


def test_what_does_not_fit_the_size_takes_the_next_multiple_of_it() -> None:
    lengths = {len(VAULT.seal(WHERE, "x" * number, 64)) for number in range(63, 127)}
    assert len(lengths) == 1
    assert lengths.pop() - len(VAULT.seal(WHERE, "", 64)) == 64


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert VAULT.seal(WHERE, "x") != VAULT.seal(WHERE, "x")


@given(TEXT.filter(lambda text: len(text.encode()) > 3))
def test_nothing_of_the_value_shows(value: str) -> None:
    assert value.encode() not in VAULT.seal(WHERE, value)


@given(TEXT, TEXT)
def test_an_index_tells_values_purposes_and_keys_apart(one: str, other: str) -> None:
    index = VAULT.index("account", one)
    assert len(index) == INDEX_BYTES
    assert index == VAULT.index("account", one)
    assert (index == VAULT.index("account", other)) == (one == other)
    assert index != VAULT.index("call", one)
    assert index != Vault(parse_keys(NEW)).index("account", one)


def test_a_purpose_and_a_value_are_not_mixed_up() -> None:
    assert VAULT.index("a", "bc") != VAULT.index("ab", "c")


def test_the_id_of_a_key_gives_nothing_of_it_away() -> None:
    (key,) = parse_keys(OLD)
    assert key.id not in key.secret
    assert len({Key(bytes([n]) * 32).id for n in range(200)}) == 200
    assert repr(key.secret) not in repr(key)


@pytest.mark.parametrize(
    "text",
    ["", "  \n", "not a key", NEW[:-4], f"{NEW} short", NEW[:-1] + "é", "AAAA", NEW + "="],
    ids=["nothing", "blank", "words", "cut", "one more", "accent", "short", "padded"],  # the key is another each time
)
def test_what_is_no_key_is_refused_in_words(text: str) -> None:
    with pytest.raises(SetupError, match=r"A key is 32 bytes in base64.*Put the key back"):
        parse_keys(text)


def test_a_refusal_does_not_show_what_was_given() -> None:
    with pytest.raises(SetupError) as error:
        parse_keys("zuzu-secret")
    assert "zuzu" not in str(error.value)


# -- the key file


def test_a_new_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "config" / "unsent" / "key"
    before = os.umask(0)
    try:
        keys = read_keys(file, create=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert read_keys(file, create=True) == keys
    assert read_keys(file, create=False) == keys


def test_a_missing_key_file_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"cannot be read.*Put the key back"):
        read_keys(tmp_path / "key", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"garbled", b"\xff\xfe\x00binary"])
@pytest.mark.parametrize("create", [True, False])
def test_a_garbled_key_file_is_told_and_left_as_it_is(tmp_path: Path, content: bytes, create: bool) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(SetupError, match="Put the key back"):
        read_keys(file, create=create)
    assert file.read_bytes() == content


def test_a_folder_in_the_place_of_the_key_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        read_keys(tmp_path, create=True)


def test_a_key_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be read"):
        read_keys(tmp_path / "file" / "key", create=True)
