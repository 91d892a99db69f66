"""Sealing and blind indexes, and the ring of keys they are made with.

A sealed value can be read only with the key, and only in the row and column it was sealed for. A blind index finds a
row by a value without the row telling the value. The keys live apart from the data: see docs/running.md.
"""

import base64
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SetupError

VERSION = b"\x01"
KEY_BYTES = 32
KEY_ID_BYTES = 4
NONCE_BYTES = 12  # NIST SP 800-38D, 8.2: 96-bit nonces; random ones allow 2^32 values a key
INDEX_BYTES = 16
HEADER = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES

HOW_TO_MEND = (
    "Put the key back that this database was made with (UNSENT_KEY, or the file UNSENT_KEY_FILE names). "
    "Nothing was changed. Without that key nobody can read what is in it."
)


class WrongKey(Exception):
    """A value was not sealed with any key of the ring, or not for this place, or it was changed."""


@dataclass(frozen=True)
class Key:
    """One key of the ring. Its id is derived from it, so that a value says which key opens it."""

    secret: bytes = field(repr=False)

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """Return bytes that only this key and `purpose` give (HKDF-SHA256)."""
        return HKDF(hashes.SHA256(), length, salt=None, info=f"unsent {purpose}".encode()).derive(self.secret)

    @property
    def id(self) -> bytes:
        """Four bytes that name the key and give nothing of it away."""
        return self.derive("key id", KEY_ID_BYTES)


def new_key() -> str:
    """Return a new key, in base64, as a key file or UNSENT_KEY holds it."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parse_keys(text: str) -> list[Key]:
    """Return the ring written in `text`: base64 keys with white space between them, the one in use first.

    Raises SetupError where one is not a key.
    """
    try:
        keys = [Key(base64.b64decode(part, validate=True)) for part in text.split()]
    except ValueError:
        keys = []
    if not keys or any(len(key.secret) != KEY_BYTES for key in keys):
        raise SetupError(f"A key is {KEY_BYTES} bytes in base64, and one that was given is not. {HOW_TO_MEND}")
    return keys


def read_keys(file: Path, *, create: bool) -> list[Key]:
    """Return the ring in `file`; with `create`, a missing file is made with one new key, mode 600.

    Raises SetupError where it is missing and may not be made, or cannot be read.
    """
    try:
        if create and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
                made.write(new_key() + "\n")
                made.flush()
                os.fsync(made.fileno())
        return parse_keys(file.read_text("ascii", errors="replace"))
    except OSError as error:
        raise SetupError(f"The key file {file} cannot be read ({error.strerror}). {HOW_TO_MEND}") from error


class Vault:
    """Seals, opens and indexes with a ring of keys: the first seals, all open, the last indexes.

    A new key is put before the others: what is sealed from then on is sealed with it, and what was indexed is still
    found, by the oldest.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        self._id = keys[0].id
        self._seals = {key.id: AESGCM(key.derive("seal")) for key in keys}
        self._index = hmac.HMAC(keys[-1].derive("index"), hashes.SHA256())

    def seal(self, where: str, value: Any, size: int | None = None) -> bytes:
        """Return `value` (anything JSON can hold) sealed for `where`; with `size`, padded to so many bytes.

        What is longer than `size` is padded to the next multiple of it: nobody is turned away for a long history.
        """
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        if size is not None:
            plain = plain.ljust(-(-len(plain) // size) * size)
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + self._id + nonce + self._seals[self._id].encrypt(nonce, plain, where.encode())

    def open(self, where: str, sealed: bytes) -> Any:
        """Return what was sealed for `where`. Raises WrongKey."""
        key = self._seals.get(sealed[1 : 1 + KEY_ID_BYTES])
        if sealed[:1] != VERSION or key is None or len(sealed) < HEADER:
            raise WrongKey
        try:
            plain = key.decrypt(sealed[1 + KEY_ID_BYTES : HEADER], sealed[HEADER:], where.encode())
        except InvalidTag:
            raise WrongKey from None
        return json.loads(plain.decode())  # of bytes it would find out first in what encoding they are

    def index(self, purpose: str, value: str) -> bytes:
        """Return the blind index of `value`: the same for the same purpose and value, with the oldest key."""
        mac = self._index.copy()
        mac.update(f"{purpose}\0{value}".encode())
        return mac.finalize()[:INDEX_BYTES]
