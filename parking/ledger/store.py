"""The tables of the book: entries and their postings, add only."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only


class EntryRow(Base):
    """One booking. What it is about is named by kind and reference, once."""

    __tablename__ = "ledger_entry"
    __table_args__ = append_only(
        UniqueConstraint("kind", "reference"),
        CheckConstraint(
            "num_nonnulls(evidence_id, cash_id, cash_correction_id, refund_id, handover_id, sts_id,"
            " statement_line_id, payout_id, proposal_id) = 1",
            name="one_source",
        ),
        Index("ix_ledger_entry_effective_on", "effective_on"),
    )

    id: Mapped[RowId]
    kind: Mapped[str]  # "payment", "settlement", "cash", "cash_correction", …
    reference: Mapped[str]
    effective_on: Mapped[date]  # the business day it belongs to
    posted_at: Mapped[datetime]
    # M4: every booking names what it rests on.
    evidence_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("evidence.id"))
    cash_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("cash.id"))
    cash_correction_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("cash_correction.cash_id")
    )
    refund_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("refund.id"))
    handover_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("handover.id"))
    sts_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("sts.id"))
    statement_line_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("statement_line.id")
    )
    payout_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("share_payout.id"))
    proposal_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("case_proposal.id"))


class PostingRow(Base):
    """One side of an entry: debit positive, credit negative."""

    __tablename__ = "ledger_posting"
    __table_args__ = append_only(
        CheckConstraint("amount <> 0", name="not_zero"),
        Index("ix_ledger_posting_account", "account", "holder"),
    )

    entry_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("ledger_entry.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)  # 1, 2, … within the entry
    account: Mapped[str]
    holder: Mapped[int | None] = mapped_column(
        BigInteger
    )  # the attendant or collector, where one holds it
    amount: Mapped[RupiahColumn]
