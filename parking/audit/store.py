"""The append-only log of who did what, and the seals that chain it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Row,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.audit.chain import GENESIS, Event, Seal
from parking.database.base import Base, RowId, append_only


class AuditEventRow(Base):
    """One thing that somebody did."""

    __tablename__ = "audit_event"
    __table_args__ = append_only()

    seq: Mapped[RowId]
    at: Mapped[datetime]
    actor: Mapped[str]  # "user:alice", "attendant:12", "job:reconcile", "system"
    action: Mapped[str] = mapped_column(index=True)  # "tariff.add", "user.sign_in", …
    object: Mapped[str] = mapped_column(index=True)  # "tariff:7"
    detail: Mapped[dict] = mapped_column(JSONB)
    reason: Mapped[str]  # empty where none is asked for


class AuditSealRow(Base):
    """The hash over an event and the hash before it (reliability.md 14)."""

    __tablename__ = "audit_seal"
    __table_args__ = append_only()

    seq: Mapped[int] = mapped_column(BigInteger, ForeignKey("audit_event.seq"), primary_key=True)
    previous: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    sealed_at: Mapped[datetime]


# Two sealers must not both write the next link.
SEALING = 0x5EA1
# Below this transaction number nothing is running any more, so no event can still
# appear whose number is lower than those we see.
_SETTLED: ColumnElement[bool] = literal_column(
    "age(audit_event.xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)"
)
_COLUMNS = (
    AuditEventRow.seq, AuditEventRow.at, AuditEventRow.actor, AuditEventRow.action,
    AuditEventRow.object, AuditEventRow.detail, AuditEventRow.reason,
)  # fmt: skip


def take_sealing_lock(session: Session) -> bool:
    """Whether this transaction may seal; another one may be at it."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(SEALING))))


def head(session: Session) -> Seal:
    """The last seal; GENESIS at number 0 while there is none."""
    row = session.execute(
        select(AuditSealRow.seq, AuditSealRow.previous, AuditSealRow.hash)
        .order_by(AuditSealRow.seq.desc())
        .limit(1)
    ).one_or_none()
    return Seal(*row) if row is not None else Seal(0, "", GENESIS)


def events_after(session: Session, seq: int, limit: int) -> Sequence[tuple[Event, bool]]:
    """The events after a number, in order, and whether every transaction before each is over."""
    rows = session.execute(
        select(*_COLUMNS, _SETTLED.label("settled"))
        .where(AuditEventRow.seq > seq)
        .order_by(AuditEventRow.seq)
        .limit(limit)
    )
    return [(Event(*row[:-1]), row.settled) for row in rows]


def add_seals(session: Session, seals: Sequence[Seal], now: datetime) -> None:
    session.execute(
        insert(AuditSealRow),
        [{"seq": s.seq, "previous": s.previous, "hash": s.hash, "sealed_at": now} for s in seals],
    )


def count_events(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditEventRow)) or 0


def log_with_seals(session: Session) -> Iterator[tuple[Event | None, Seal | None]]:
    """Every event and every seal by number, side by side; a few thousand in memory at a time."""
    seal = AuditSealRow
    rows = session.execute(
        select(*_COLUMNS, seal.seq.label("seal_seq"), seal.previous, seal.hash)
        .select_from(AuditEventRow)
        .join(seal, seal.seq == AuditEventRow.seq, full=True)
        .order_by(func.coalesce(AuditEventRow.seq, seal.seq)),
        execution_options={"yield_per": 2_000},
    )
    return ((_event(row), _seal(row)) for row in rows)


def _event(row: Row[Any]) -> Event | None:
    return Event(*row[: len(_COLUMNS)]) if row.seq is not None else None


def _seal(row: Row[Any]) -> Seal | None:
    return Seal(row.seal_seq, row.previous, row.hash) if row.seal_seq is not None else None
