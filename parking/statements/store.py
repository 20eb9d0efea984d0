"""Files from gateways: every attempt to take one in, and the lines of those taken."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only


class ImportRow(Base):
    """One attempt to take in a file. Superseding is said by the newer one, never written back."""

    __tablename__ = "import_batch"
    __table_args__ = append_only(
        CheckConstraint("outcome IN ('accepted', 'duplicate', 'rejected')", name="outcome"),
        UniqueConstraint("supersedes"),
        Index("ix_import_batch_sha256", "sha256"),
        Index("ix_import_batch_report_day", "report_day"),
    )

    id: Mapped[RowId]
    gateway: Mapped[str]
    account: Mapped[str]  # empty when the file could not say
    file_name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    actor: Mapped[str]
    outcome: Mapped[str]
    report_day: Mapped[date | None]  # the business day it reports; None when unreadable
    version: Mapped[int]
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    line_count: Mapped[int]
    gross: Mapped[RupiahColumn]
    fee: Mapped[RupiahColumn]
    net: Mapped[RupiahColumn]
    problems: Mapped[list] = mapped_column(JSONB)  # texts, each naming its line


class SettlementLineRow(Base):
    """One row of a settlement report that was taken in."""

    __tablename__ = "settlement_line"
    __table_args__ = append_only(
        UniqueConstraint("import_id", "number"),
        UniqueConstraint("import_id", "line_key"),
        CheckConstraint("kind IN ('payment', 'refund')", name="kind"),
        CheckConstraint("net = gross - fee", name="net"),
        Index("ix_settlement_line_payment_ref", "payment_ref"),
        Index("ix_settlement_line_paid_on", "paid_on"),
    )

    id: Mapped[RowId]
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    number: Mapped[int]
    line_key: Mapped[str]
    kind: Mapped[str]
    gateway: Mapped[str]
    account: Mapped[str]
    ours: Mapped[str]
    payment_ref: Mapped[str]
    gross: Mapped[RupiahColumn]
    fee: Mapped[RupiahColumn]
    net: Mapped[RupiahColumn]
    paid_at: Mapped[datetime]
    paid_on: Mapped[date]  # business day of paid_at
    settled_on: Mapped[date]
