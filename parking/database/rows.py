"""Rows that a person leafs through: one ordered question, answered a part at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Line = TypeVar("Line")
Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Rows(Generic[Line]):
    """An ordered query and what its rows become."""

    query: Query
    make: Callable[[Any], Line]

    def part(self, session: Session, offset: int, limit: int) -> tuple[Sequence[Line], int]:
        """Some of the lines, and how many there are in all."""
        rows = session.execute(self.query.limit(limit).offset(offset))
        lines = [self.make(row) for row in rows]
        everything = self.query.order_by(None).subquery()
        return lines, session.scalar(select(func.count()).select_from(everything)) or 0
