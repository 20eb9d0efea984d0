"""Cash on its way: who handed what to whom, and the papers of each hop (domain.md 3.2 C5)."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable


class HandoverRow(Base):
    """Cash that one holder says he gives and the next says he received.

    What the giver said is never changed, nor what the receiver counted: where they differ,
    the difference stays with the giver in the book and both see it (D20).
    """

    __tablename__ = "handover"
    __table_args__ = (
        UniqueConstraint("giver_kind", "giver_id", "client_key"),
        CheckConstraint("given >= 0", name="given"),
        CheckConstraint("received >= 0", name="received"),
        CheckConstraint("giver_kind IN ('attendant', 'collector')", name="giver_kind"),
        CheckConstraint("receiver_kind IN ('collector', 'treasurer')", name="receiver_kind"),
        Index("ix_handover_giver", "giver_kind", "giver_id"),
        Index("ix_handover_receiver", "receiver_kind", "receiver_id"),
        Index("ix_handover_business_day", "business_day"),
        updatable(
            "receiver_id", "standing", "received", "received_at", "receiver_note",
            "acknowledged_at", "giver_note",
        ),
    )  # fmt: skip

    id: Mapped[RowId]
    client_key: Mapped[str]  # made by the phone; the same when it sends again
    giver_kind: Mapped[str]
    giver_id: Mapped[int] = mapped_column(
        BigInteger
    )  # of the attendant, or of the user who collects
    receiver_kind: Mapped[str]
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    given: Mapped[RupiahColumn]  # as the giver says
    given_at: Mapped[datetime]
    business_day: Mapped[date]  # of given_at
    # The letter that let an attendant collect at that moment; none: D25. A collector needs none.
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))
    # offered, received (the same amount), differs (the giver has not said yes), acknowledged,
    # disputed, withdrawn (before anybody counted)
    standing: Mapped[str]
    received: Mapped[RupiahColumn | None]
    received_at: Mapped[datetime | None]
    receiver_note: Mapped[str]
    acknowledged_at: Mapped[datetime | None]  # when the giver saw the difference
    giver_note: Mapped[str]


class HandoverItemRow(Base):
    """What a handover is of: a shift's cash, or a handover that the collector received.

    Each is handed on once, whole; a handover of nothing settles what was short before.
    """

    __tablename__ = "handover_item"
    __table_args__ = append_only(
        UniqueConstraint("handover_id", "shift_id"),
        UniqueConstraint("handover_id", "part_id"),
        CheckConstraint("num_nonnulls(shift_id, part_id) = 1", name="one_thing"),
        Index("ix_handover_item_shift_id", "shift_id"),
        Index("ix_handover_item_part_id", "part_id"),
    )

    id: Mapped[RowId]
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    part_id: Mapped[int | None] = mapped_column(ForeignKey("handover.id"))
    amount: Mapped[RupiahColumn]  # of it, by the book at that moment


class HandoverEventRow(Base):
    """One step of a handover."""

    __tablename__ = "handover_event"
    __table_args__ = append_only(Index("ix_handover_event_handover_id", "handover_id"))

    id: Mapped[RowId]
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"))
    at: Mapped[datetime]
    from_standing: Mapped[str]
    to_standing: Mapped[str]
    actor: Mapped[str]
    amount: Mapped[RupiahColumn]
    note: Mapped[str]


class NumberRow(Base):
    """The last number given out in a series of documents: no number is skipped or used twice."""

    __tablename__ = "document_number"
    __table_args__ = updatable("last")

    series: Mapped[str] = mapped_column(primary_key=True)  # "TBP/2026"
    last: Mapped[int]


class TbpRow(Base):
    """A receipt of the treasurer (Tanda Bukti Pembayaran, domain.md 5.6): one for each handover."""

    __tablename__ = "tbp"
    __table_args__ = append_only(
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_tbp_received_on", "received_on"),
    )

    id: Mapped[RowId]
    number: Mapped[str] = mapped_column(unique=True)  # "0001/TBP/DISHUB/XI/2026"
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), unique=True)
    amount: Mapped[RupiahColumn]
    revenue_code: Mapped[str | None]  # the account of the budget it is booked under (D30)
    received_on: Mapped[date]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]


class StsRow(Base):
    """A deposit slip (Surat Tanda Setoran, domain.md 5.5). `standing` is a projection."""

    __tablename__ = "sts"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_sts_standing", "standing"),
        Index("ix_sts_dated", "dated"),
        updatable(
            "number", "standing", "issued_at", "issued_by", "paid_in", "paid_in_at", "paid_in_by",
            "bank_reference", "validated_at", "validated_by", "void_reason",
        ),
    )  # fmt: skip

    id: Mapped[RowId]
    number: Mapped[str | None] = mapped_column(unique=True)  # given when it is issued
    account_code: Mapped[str]  # of the bank account it goes to: "rkud"
    dated: Mapped[date]
    amount: Mapped[RupiahColumn]
    note: Mapped[str]
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[str]
    standing: Mapped[str]  # draft, issued, paid_in, validated, void
    issued_at: Mapped[datetime | None]
    issued_by: Mapped[str | None]
    paid_in: Mapped[RupiahColumn | None]
    paid_in_at: Mapped[datetime | None]  # what the bank's slip says was paid, and when
    paid_in_by: Mapped[str | None]
    bank_reference: Mapped[str]
    validated_at: Mapped[datetime | None]  # the bank's own confirmation
    validated_by: Mapped[str | None]
    void_reason: Mapped[str]


class StsTbpRow(Base):
    """How much of a receipt a deposit slip pays in."""

    __tablename__ = "sts_tbp"
    __table_args__ = append_only(
        CheckConstraint("part > 0", name="part"), Index("ix_sts_tbp_tbp_id", "tbp_id")
    )

    sts_id: Mapped[int] = mapped_column(ForeignKey("sts.id"), primary_key=True)
    tbp_id: Mapped[int] = mapped_column(ForeignKey("tbp.id"), primary_key=True)
    part: Mapped[RupiahColumn]


class StsEventRow(Base):
    """One step of a deposit slip."""

    __tablename__ = "sts_event"
    __table_args__ = append_only(Index("ix_sts_event_sts_id", "sts_id"))

    id: Mapped[RowId]
    sts_id: Mapped[int] = mapped_column(ForeignKey("sts.id"))
    at: Mapped[datetime]
    from_standing: Mapped[str]
    to_standing: Mapped[str]
    actor: Mapped[str]
    note: Mapped[str]


class CashCountRow(Base):
    """Cash counted by surprise before a witness (opname kas, domain.md 3.2 C14)."""

    __tablename__ = "cash_count"
    __table_args__ = append_only(
        CheckConstraint("counted >= 0", name="counted"),
        CheckConstraint("holder_kind IN ('attendant', 'collector', 'treasurer')", name="holder"),
    )

    id: Mapped[RowId]
    client_key: Mapped[str | None] = mapped_column(unique=True)  # of its page; none before 0017
    holder_kind: Mapped[str]
    holder_id: Mapped[int | None] = mapped_column(BigInteger)  # none for the treasurer's office
    counted: Mapped[RupiahColumn]
    booked: Mapped[RupiahColumn]  # what the book said at that moment
    at: Mapped[datetime]
    actor: Mapped[str]
    witness: Mapped[str]
    document: Mapped[str]
    note: Mapped[str]


class CommitmentRow(Base):
    """The fixed amount a day that an attendant promised in writing (domain.md 0.4, D26)."""

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("daily > 0", name="daily"),
        Index("ix_commitment_attendant_id", "attendant_id"),
        updatable("ended_on"),
    )

    id: Mapped[RowId]
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"))
    daily: Mapped[RupiahColumn]
    valid_from: Mapped[date]
    ended_on: Mapped[date | None]  # the last day
    letter: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class PayoutRow(Base):
    """An attendant's share as the bank paid it out, or sent it back (D15)."""

    __tablename__ = "share_payout"
    __table_args__ = append_only(
        UniqueConstraint("reference", "standing"),
        CheckConstraint("standing IN ('paid', 'returned')", name="standing"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_share_payout_earned_on", "earned_on"),
    )

    id: Mapped[RowId]
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"))
    earned_on: Mapped[date]  # the business day whose share it is
    amount: Mapped[RupiahColumn]
    paid_on: Mapped[date]
    reference: Mapped[str]  # of the bank's transfer
    standing: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
