"""What every table of ours shares: names of constraints, types that refuse what is not exact."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

# A constraint without a name cannot be dropped by a later migration.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class WholeRupiah(TypeDecorator[int]):
    """BIGINT that takes an int only: PostgreSQL itself would round 2.5 to 3 without a word."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is not None and type(value) is not int:
            raise TypeError(f"an amount of money is an int of rupiah, not {value!r}")
        return value


class Moment(TypeDecorator[datetime]):
    """timestamptz that takes and gives timezone-aware moments only, in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"naive datetime: {value}")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None


class Base(DeclarativeBase):
    """Tables by feature, in each feature's store.py."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {str: Text(), datetime: Moment()}


RowId = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
RupiahColumn = Annotated[int, mapped_column(WholeRupiah())]


def append_only(*constraints: Any) -> tuple[Any, ...]:
    """Table arguments of a table whose rows the application may add and never change."""
    return (*constraints, {"info": {"updatable": ()}})


def updatable(*columns: str, deletable: bool = False) -> dict[str, Any]:
    """The columns that the application may update; every other column is as inserted for ever."""
    return {"info": {"updatable": columns, "deletable": deletable}}


def grants(table: Table) -> tuple[tuple[str, ...], bool]:
    """The columns of a table that the application may update, and whether it may delete rows."""
    return table.info["updatable"], table.info.get("deletable", False)
