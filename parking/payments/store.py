"""The callback inbox, the evidence drawn from it, and the payments that evidence proves."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable


class CallbackRow(Base):
    """A callback as it came. The natural key makes two deliveries of one message one row."""

    __tablename__ = "callback"
    __table_args__ = append_only(UniqueConstraint("gateway", "account", "natural_key"))

    id: Mapped[RowId]
    gateway: Mapped[str]
    account: Mapped[str]
    natural_key: Mapped[str]
    level: Mapped[str]
    reason: Mapped[str]  # why it could not be believed or read; empty otherwise
    headers: Mapped[str]  # JSON; without credentials
    body: Mapped[bytes] = mapped_column(LargeBinary)
    remote: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)


class CallbackRepeatRow(Base):
    """A further delivery of a callback that was kept already (D04)."""

    __tablename__ = "callback_repeat"
    __table_args__ = append_only()

    id: Mapped[RowId]
    callback_id: Mapped[int] = mapped_column(ForeignKey("callback.id"), index=True)
    received_at: Mapped[datetime]


class CallbackWorkRow(Base):
    """How far the work on a callback has come (reliability.md 5.1)."""

    __tablename__ = "callback_work"
    __table_args__ = (
        Index("ix_callback_work_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        updatable("state", "attempts", "due_at", "reason", "worked_at"),
    )

    callback_id: Mapped[int] = mapped_column(ForeignKey("callback.id"), primary_key=True)
    state: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime | None]  # None: nothing more to do by itself
    reason: Mapped[str]
    worked_at: Mapped[datetime | None]


class EvidenceRow(Base):
    """What a callback, an inquiry or a settlement line says of a payment."""

    __tablename__ = "evidence"
    __table_args__ = append_only(
        CheckConstraint("source IN ('callback', 'inquiry', 'settlement')", name="source"),
        CheckConstraint(
            "(source = 'callback') = (callback_id IS NOT NULL)"
            " AND (source = 'settlement') = (line_id IS NOT NULL)",
            name="origin",
        ),
        Index("ix_evidence_ours", "ours"),
        Index(
            "ix_evidence_callback_id", "callback_id",
            postgresql_where=text("callback_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[RowId]
    source: Mapped[str]
    callback_id: Mapped[int | None] = mapped_column(ForeignKey("callback.id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_line.id"))
    gateway: Mapped[str]
    account: Mapped[str]
    ours: Mapped[str]
    payment_ref: Mapped[str]
    state: Mapped[str]
    amount: Mapped[RupiahColumn]
    refunded: Mapped[RupiahColumn]
    at: Mapped[datetime]
    trust: Mapped[str]
    issuer: Mapped[str]
    seen_at: Mapped[datetime]


class PaymentRow(Base):
    """Money that a gateway received for us, or gave back. Booked once, whoever said so (M2)."""

    __tablename__ = "payment"
    __table_args__ = append_only(
        UniqueConstraint("gateway", "payment_ref", "effect"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payment_business_day", "business_day"),
        Index("ix_payment_charge_id", "charge_id"),
    )

    id: Mapped[RowId]
    gateway: Mapped[str]
    account: Mapped[str]
    payment_ref: Mapped[str]
    effect: Mapped[str]  # "receipt", "reversal", "refund:<total refunded>"
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"))
    ours: Mapped[str]  # as the gateway named it; may be no charge of ours
    amount: Mapped[RupiahColumn]
    paid_at: Mapped[datetime]
    business_day: Mapped[date]  # of paid_at, decided once (M21)
    source: Mapped[str]  # of the evidence that proved it first
    late: Mapped[bool]  # the charge had ended by then
    booked_at: Mapped[datetime]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
