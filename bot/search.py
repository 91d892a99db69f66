"""Full-text search of what is public: FTS5 on SQLite, a tsvector on PostgreSQL. Which one it is, stays in here.

The words of a table's rows stand in an index beside it, which a migration makes; what writes the table writes the index
in the same transaction. Nothing sealed belongs here: an index cannot be searched without holding its words.
"""

import re
import unicodedata
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, column, func, literal_column, select, table

from bot.store import Row, Tx

PREFIX = "search_"  # of what an index is called; FTS5 makes tables of its own with the same beginning
WORDS = 32  # of what somebody typed at most: the longest ones tell the most
CONFIG: ColumnElement[str] = literal_column("'unsent'")  # PostgreSQL: the configuration that the migration makes

WORD = re.compile(r"[^\W_]+")
# What stands in nearly every text of a community, so that having it in common means nothing.
COMMON = """
    a about after again all also always am an and any anything are as at be because been before being but by can could
    did do does doing even ever every for from get go going had has have having he her him his how i if in into is it
    its just know like make me more much my myself need never no not now of on one only or other our out over own
    really say she should so some something still such than that the their them then there these they thing things
    think this those though to too until up us very want was way we well were what when where which while who whom why
    will with without would you your yourself
"""


def is_index(name: str | None) -> bool:
    """Tell whether a table of the database is an index, or a part of one: such a table is declared nowhere."""
    return name is not None and name.startswith(PREFIX)


def plain(words: str) -> str:
    """Return words without accents. NUL, which PostgreSQL's texts cannot hold, is a space."""
    apart = unicodedata.normalize("NFKD", words.replace("\0", " "))
    return unicodedata.normalize("NFC", "".join(each for each in apart if not unicodedata.combining(each)))


def telling(typed: str) -> list[str]:
    """Return the words of what somebody typed that tell something, each once; all of them, where none does."""
    words = list(dict.fromkeys(WORD.findall(plain(typed.casefold()))))
    return [word for word in words if word not in _common()] or words


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.split())


class Index:
    """The words of a table whose primary key is a random id (16 hexadecimal digits)."""

    def __init__(self, of: Table) -> None:
        self.name = PREFIX + of.name
        self._of = of
        self._id: Column[Any] = of.c.id
        self._index = table(self.name, *map(column, ("rowid", "id", "words", "rank", self.name)))

    async def put(self, tx: Tx, id: str, words: str) -> None:
        """Let a row that has just been written be found by these words."""
        if tx.sqlite:
            await tx.execute(self._index.insert(), [{"rowid": _rowid(id), "id": id, "words": plain(words)}])
        else:
            await tx.execute(self._index.insert().values(id=id, words=func.to_tsvector(CONFIG, plain(words))))

    async def drop(self, tx: Tx, id: str) -> None:
        """Let a row be found no more. Its words leave the file with the next scrub."""
        if not tx.sqlite:
            await tx.execute(self._index.delete().where(self._index.c.id == id))
            return
        await tx.execute(self._index.delete().where(self._index.c.rowid == _rowid(id)))
        # FTS5 writes down that the words are deleted, and keeps them until it merges what it has. Its own secure-delete
        # needs SQLite 3.42, which not every Python has; this does the same with any.
        await tx.execute(self._index.insert(), [{self.name: "optimize"}])

    async def find(self, tx: Tx, typed: str, *where: ColumnElement[bool], limit: int) -> list[Row]:
        """Return the rows that have every telling word of what was typed, the best first; else those that have any.

        What is typed may be anything: nothing in it is read as a sign of a query language.
        """
        words = sorted(telling(typed), key=len, reverse=True)[:WORDS]
        if not words:
            return []
        return await self._matching(tx, words, True, where, limit) or await self._matching(
            tx, words, False, where, limit
        )

    async def _matching(
        self, tx: Tx, words: list[str], every: bool, where: tuple[ColumnElement[bool], ...], limit: int
    ) -> list[Row]:
        matches, rank = self._on_sqlite(words, every) if tx.sqlite else self._on_postgresql(words, every)
        found = select(self._of).join(self._index, self._index.c.id == self._id).where(matches, *where)
        rows = await tx.execute(found.order_by(rank, self._id).limit(limit))
        return [tx.unseal(self._of, row) for row in rows.mappings()]

    def _on_sqlite(self, words: list[str], every: bool) -> tuple[ColumnElement[bool], ColumnElement[Any]]:
        query = (" AND " if every else " OR ").join(f'"{word}"*' for word in words)
        return self._index.c[self.name].bool_op("MATCH")(query), self._index.c.rank  # which is bm25

    def _on_postgresql(self, words: list[str], every: bool) -> tuple[ColumnElement[bool], ColumnElement[Any]]:
        typed = (" & " if every else " | ").join(f"'{word}':*" for word in words)
        query = func.to_tsquery(CONFIG, typed)
        by_length = 1  # PostgreSQL: ts_rank's normalization that divides by 1 + the logarithm of the length
        return self._index.c.words.bool_op("@@")(query), func.ts_rank(self._index.c.words, query, by_length).desc()


def _rowid(id: str) -> int:
    """Return the 64 bits of an id as the signed number that SQLite counts rows with."""
    return int.from_bytes(bytes.fromhex(id), "big", signed=True)
