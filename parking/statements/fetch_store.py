"""Which files were fetched from which source: each once, and again when it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Index, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.database.base import Base, RowId, updatable


class FetchedRow(Base):
    """One version of one file at a source. Nothing is deleted there, so this is what we know."""

    __tablename__ = "fetched_file"
    __table_args__ = (
        Index("ix_fetched_file_source_path", "source", "path"),
        Index(
            "ix_fetched_file_unplaced", "source", postgresql_where=text("placed_at IS NULL")
        ),
        updatable("placed_at"),
    )  # fmt: skip

    id: Mapped[RowId]
    source: Mapped[str]
    path: Mapped[str]  # as the source calls it
    size: Mapped[int] = mapped_column(BigInteger)
    modified_s: Mapped[int] = mapped_column(BigInteger)  # since 1970, by the source's clock
    sha256: Mapped[str]
    file_name: Mapped[str]  # in the watched folder
    fetched_at: Mapped[datetime]
    placed_at: Mapped[datetime | None]  # when it lay in the watched folder


@dataclass(frozen=True, slots=True)
class Fetched:
    id: int
    size: int
    modified_s: int
    sha256: str
    file_name: str


def newest(session: Session, source: str) -> dict[str, Fetched]:
    """Of each path of a source, the version that was fetched last."""
    row = FetchedRow
    rows = session.scalars(
        select(row)
        .where(row.source == source)
        .order_by(row.path, row.id.desc())
        .ext(postgresql.distinct_on(row.path))
    )
    return {r.path: _fetched(r) for r in rows}


def unplaced(session: Session, source: str) -> Sequence[Fetched]:
    """What was noted and may not lie in the watched folder yet, the oldest first."""
    row = FetchedRow
    rows = select(row).where(row.source == source, row.placed_at.is_(None)).order_by(row.id)
    return [_fetched(r) for r in session.scalars(rows)]


def note(session: Session, **values: object) -> int:
    """Note a version that was fetched; its number."""
    return session.execute(
        insert(FetchedRow).values(values).returning(FetchedRow.id)
    ).scalar_one()  # fmt: skip


def note_placed(session: Session, number: int, at: datetime) -> None:
    session.execute(update(FetchedRow).where(FetchedRow.id == number).values(placed_at=at))


def _fetched(row: FetchedRow) -> Fetched:
    return Fetched(row.id, row.size, row.modified_s, row.sha256, row.file_name)
