"""The rules by which bank lines are matched, dated and versioned; and the matches people made."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.errors import NotFound
from parking.registry.store import PointRow


class RuleRow(Base):
    """One version of a rule. The newest version that holds on a day is the rule of that day."""

    __tablename__ = "match_rule"
    __table_args__ = append_only(
        UniqueConstraint("name", "version"), CheckConstraint("rank > 0", name="rank")
    )

    id: Mapped[RowId]
    name: Mapped[str]
    version: Mapped[int]
    kind: Mapped[str]  # which typed rule the terms are of
    rank: Mapped[int]  # 1 is tried first
    terms: Mapped[dict] = mapped_column(JSONB)
    is_on: Mapped[bool]
    valid_from: Mapped[date]
    reason: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class MatchRow(Base):
    """Bank lines and what they pay, joined by a person; undone by a person, and kept."""

    __tablename__ = "manual_match"
    __table_args__ = updatable("undone_at", "undone_by", "undone_reason")

    id: Mapped[RowId]
    at: Mapped[datetime]
    actor: Mapped[str]
    reason: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    undone_reason: Mapped[str]


class MatchSideRow(Base):
    """One thing that a manual match joins."""

    __tablename__ = "manual_match_side"
    __table_args__ = append_only(
        UniqueConstraint("match_id", "kind", "reference"),
        CheckConstraint("kind IN ('line', 'batch', 'sts', 'other')", name="kind"),
        Index("ix_manual_match_side_thing", "kind", "reference"),
    )

    id: Mapped[RowId]
    match_id: Mapped[int] = mapped_column(ForeignKey("manual_match.id"))
    kind: Mapped[str]
    # "12" of a line or STS, "midtrans/jambi/2026-11-24" of a batch; of other: what it is
    reference: Mapped[str]
    amount: Mapped[RupiahColumn]


class FakeQrRow(Base):
    """A QR that somebody was shown, with what it holds: ours or not is judged from that (D34)."""

    __tablename__ = "fake_qr_report"
    __table_args__ = append_only(
        CheckConstraint("(photo IS NULL) = (photo_type = '')", name="photo"),
        Index("ix_fake_qr_report_business_day", "business_day"),
    )

    id: Mapped[RowId]
    seen_at: Mapped[datetime]
    business_day: Mapped[date]  # of seen_at
    point_id: Mapped[int] = mapped_column(ForeignKey("parking_point.id"))
    payload: Mapped[str]
    note: Mapped[str]
    photo: Mapped[bytes | None] = mapped_column(LargeBinary)
    photo_type: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by: Mapped[str]


def lock(session: Session) -> None:
    """Versions of rules come one after the other, until the end of the transaction."""
    key = func.hashtextextended("match rules", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def newest(session: Session, name: str) -> RuleRow:
    """The last version of a rule. Raises NotFound."""
    row = session.scalar(
        select(RuleRow).where(RuleRow.name == name).order_by(RuleRow.version.desc()).limit(1)
    )
    if row is None:
        raise NotFound(f"Tidak ada aturan bernama {name[:40]}")
    return row


def versions(session: Session, name: str = "") -> Sequence[RuleRow]:
    """Every version of every rule, or of one, the newest of each first."""
    query = select(RuleRow).order_by(RuleRow.rank, RuleRow.name, RuleRow.version.desc())
    return session.scalars(query.where(RuleRow.name == name) if name else query).all()


def add(session: Session, **values: Any) -> int:
    """Store a version; its id."""
    added = insert(RuleRow).values(**values).returning(RuleRow.id)
    return session.execute(added).scalar_one()


def add_fake_qr(session: Session, **values: Any) -> int:
    """Keep a QR that somebody was shown; its id."""
    return session.execute(insert(FakeQrRow).values(**values).returning(FakeQrRow.id)).scalar_one()


def fake_qrs(session: Session) -> Sequence[FakeQrRow]:
    """What was reported, the newest first; its pictures are read when they are asked for."""
    newest = select(FakeQrRow).order_by(FakeQrRow.seen_at.desc(), FakeQrRow.id.desc())
    return session.scalars(newest.limit(500).options(defer(FakeQrRow.photo))).all()


def photo_of(session: Session, report: int) -> tuple[bytes, str]:
    """The picture of a reported QR, and what kind it is. Raises NotFound."""
    row = session.get(FakeQrRow, report)
    if row is None or row.photo is None:
        raise NotFound("Tidak ada foto QR itu")
    return row.photo, row.photo_type


def points(session: Session) -> Sequence[tuple[int, str]]:
    """Every point that a QR may have been seen at, with its name."""
    row = PointRow
    rows = session.execute(select(row.id, row.code, row.name).order_by(row.code))
    return [(id_, f"{code} {name}") for id_, code, name in rows]
