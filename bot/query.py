"""What finds rows by their keys, said once in SQLAlchemy's words.

On SQLite it is run by sqlite3 itself: for a row that is found in 10 microseconds SQLAlchemy takes ten times as long
before and after, and every Call begins with a few.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine

Row = dict[str, Any]
Change = Callable[[Any], Any]

_DIALECT: Any = sqlite.dialect(paramstyle="named")  # pyright: ignore[reportNoOverloadImplementation, reportUnknownVariableType]


class Query:
    """Finds rows. The names of its columns differ, its `bindparam`s are given by name each time, and none is a list.

    Raises ValueError where two columns have one name.
    """

    def __init__(self, statement: Any) -> None:
        self.statement: Select[Any] = statement
        self._names = tuple(str(column.key) for column in self.statement.selected_columns)
        if len(set(self._names)) < len(self._names):
            raise ValueError("two columns of one name")

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Return what it finds, on either database. Raises sqlite3's errors on SQLite, elsewhere SQLAlchemy's."""
        if connection.dialect.name != "sqlite":
            return [{**row} for row in connection.execute(self.statement, values).mappings()]
        prepared = self._prepared
        bound = {**prepared.fixed, **values}
        for name, change in prepared.given:
            bound[name] = change(bound[name])
        raw: Any = connection.connection.dbapi_connection
        rows = [dict(zip(self._names, row, strict=True)) for row in raw.execute(prepared.text, bound)]
        for name, change in prepared.found:
            for row in rows:
                row[name] = change(row[name])
        return rows

    @cached_property
    def _prepared(self) -> "_Prepared":
        compiled: Any = self.statement.compile(dialect=_DIALECT)
        if compiled.post_compile_params:
            raise ValueError("a list of values, of which SQLAlchemy writes another text each time")
        given = {name: _impl(bind.type).bind_processor(_DIALECT) for name, bind in compiled.binds.items()}
        types = zip(self._names, self.statement.selected_columns, strict=True)
        found = {name: _impl(column.type).result_processor(_DIALECT, None) for name, column in types}
        return _Prepared(compiled.string, dict(compiled.params), _those(given), _those(found))


@dataclass(frozen=True)
class _Prepared:
    """What SQLite is given: its text, the values that are always the same; how others, and what is found, change."""

    text: str
    fixed: Row
    given: list[tuple[str, Change]]
    found: list[tuple[str, Change]]


def _impl(type: TypeEngine[Any]) -> TypeEngine[Any]:
    return type.dialect_impl(_DIALECT)


def _those(changes: Mapping[str, Change | None]) -> list[tuple[str, Change]]:
    return [(name, change) for name, change in changes.items() if change is not None]
