"""Many rows in one statement: each column travels as one array.

A batch of callbacks is applied in a handful of statements however many there are.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Table,
    bindparam,
    cast,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import NullType, TypeEngine

from parking.database.base import Base

Row = Mapping[str, Any]
T = TypeVar("T")


def add_rows(session: Session, into: type[Base], rows: Sequence[Row]) -> list[int]:
    """Insert rows that all have the same keys; their ids, in the order of `rows`.

    Raises IntegrityError, and then none of them is there. A table whose key is not a
    number of its own gives no ids.
    """
    if not rows:
        return []
    statement = _insert(into.__table__, tuple(rows[0]))
    added = session.execute(statement, _arrays(rows))
    return sorted(added.scalars()) if statement.returning_column_descriptions else []


def copy_rows(session: Session, into: type[Base], rows: Sequence[Row]) -> None:
    """Insert many rows that all have the same keys by COPY, and ask for no ids."""
    if not rows:
        return
    names = tuple(rows[0])
    kept = [into.__table__.c[name] for name in names]
    to_text = [json.dumps if isinstance(column.type, JSON) else _plain for column in kept]
    columns = ", ".join(f'"{name}"' for name in names)
    cursor: Any = session.connection().connection.cursor()  # of psycopg, which knows COPY
    with cursor.copy(f"COPY {into.__tablename__} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([text(row[name]) for text, name in zip(to_text, names, strict=True)])


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def change_rows(session: Session, of: type[Base], key: Sequence[str], rows: Sequence[Row]) -> None:
    """Update rows found by the columns in `key`; each gives the same columns a new value."""
    if rows:
        session.execute(_update(of.__table__, tuple(key), tuple(rows[0])), _arrays(rows))


def among(column: InstrumentedAttribute[T], values: Collection[T]) -> ColumnElement[bool]:
    """Whether a column has one of many values, sent as one array: the statement stays the same."""
    kind = _type(column.property.columns[0])
    return column == func.any(cast(list(values), ARRAY(kind)))


@lru_cache
def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    given = _given(table, names, ordinal=True)
    # Ids are drawn in the order of the arrays, so the smallest belongs to the first row.
    values = select(*(given.c[name] for name in names)).order_by(given.c.ordinality)
    statement = insert(table).from_select(list(names), values, include_defaults=False)
    own = [c for c in table.primary_key if c.identity is not None]
    return statement.returning(*own) if own else statement


@lru_cache
def _update(table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Update:
    given = _given(table, names)
    found = [table.c[name] == given.c[name] for name in key]
    return update(table).where(*found).values({n: given.c[n] for n in names if n not in key})


def _given(table: Table, names: tuple[str, ...], *, ordinal: bool = False) -> TableValuedAlias:
    columns = [Column(name, _type(table.c[name])) for name in names]
    rows = func.unnest(*(_array(table.c[name]) for name in names))
    if ordinal:
        return rows.table_valued(*columns, with_ordinality="ordinality").render_derived("given")
    return rows.table_valued(*columns).render_derived("given")


def _array(column: Column[Any]) -> BindParameter[Any]:
    return bindparam(f"all_{column.name}", type_=ARRAY(_type(column)))


def _type(column: Column[Any]) -> TypeEngine[Any]:
    # A key into a table whose module was not imported has no type yet; ids are BIGINT.
    return BigInteger() if isinstance(column.type, NullType) else column.type


def _arrays(rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in rows[0]}
