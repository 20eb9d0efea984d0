"""The append-only log of who did what, and the seals that chain it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

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
