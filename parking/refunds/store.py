"""Refund cases, and every step of each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    and_,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.charges.store import ChargeRow
from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.database.bulk import change_rows
from parking.errors import NotFound
from parking.ledger.entry import Account, Posting
from parking.ledger.store import EntryRow, PostingRow
from parking.money import Rupiah
from parking.payments.payment import RECEIPT
from parking.payments.store import PaymentRow
from parking.refunds.refund import ASKED_FOR, WAITING, Payable, Reason, Refund, Standing, Wish

PROJECTIONS = (
    "standing", "decided_by", "decided_at", "sent_at", "sends", "looks", "due_at", "theirs",
    "why", "document",
)  # fmt: skip


class RefundRow(Base):
    """Money of one payment that is to go back. `standing` is a projection of the case's events."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("decided_by <> requested_by", name="two_persons"),
        Index("ix_refund_payment_id", "payment_id"),
        Index("ix_refund_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        updatable(*PROJECTIONS),
    )

    id: Mapped[RowId]
    key: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    amount: Mapped[RupiahColumn]
    reason: Mapped[str]
    note: Mapped[str]
    code: Mapped[str]
    subject: Mapped[str]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    standing: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    sends: Mapped[int]
    looks: Mapped[int]
    due_at: Mapped[datetime | None]
    theirs: Mapped[str]
    why: Mapped[str]
    document: Mapped[str]


class RefundEventRow(Base):
    """One step of a case."""

    __tablename__ = "refund_event"
    __table_args__ = append_only(Index("ix_refund_event_refund_id", "refund_id"))

    id: Mapped[RowId]
    refund_id: Mapped[int] = mapped_column(ForeignKey("refund.id"))
    at: Mapped[datetime]
    from_standing: Mapped[str]  # empty for the first
    to_standing: Mapped[str]
    actor: Mapped[str]
    note: Mapped[str]


def payable(session: Session, payment_id: int, *, lock: bool = False) -> Payable:
    """A payment with what is left of it. Raises NotFound; a refund is no payment.

    With `lock`, of two who promise the payment's money one waits for the other's end.
    """
    row = PaymentRow
    if lock:
        key = func.hashtextextended(f"refunds of payment {payment_id}", 0)
        session.execute(select(func.pg_advisory_xact_lock(key)))
    found = session.scalar(select(row).where(row.id == payment_id, row.effect == RECEIPT))
    if found is None:
        raise NotFound(f"Tidak ada pembayaran nomor {payment_id}")
    charge = select(ChargeRow.theirs, ChargeRow.amount).where(ChargeRow.id == found.charge_id)
    theirs, asked = session.execute(charge).one_or_none() or (None, None)
    since = select(func.min(RefundRow.sent_at)).where(RefundRow.payment_id == payment_id)
    back = select(
        func.coalesce(func.sum(row.amount), 0),
        func.coalesce(
            func.sum(row.amount).filter(
                row.booked_at < func.coalesce(since.scalar_subquery(), text("'infinity'"))
            ),
            0,
        ),
    ).where(
        row.gateway == found.gateway, row.account == found.account,
        row.payment_ref == found.payment_ref, row.effect != RECEIPT,
    )  # fmt: skip
    given_back, unasked = session.execute(back).one()
    return Payable(
        found.id, found.gateway, found.account, found.payment_ref, found.ours, theirs,
        found.charge_id, None if asked is None else Rupiah(asked), Rupiah(found.amount),
        found.paid_at,
        given_back=Rupiah(int(given_back)), unasked=Rupiah(int(unasked)),
        sent=_sum(session, payment_id, RefundRow.standing.in_(ASKED_FOR)),
        transferred=_sum(session, payment_id, RefundRow.standing == Standing.TRANSFERRED),
        waiting=_sum(session, payment_id, RefundRow.standing.in_(WAITING)),
    )  # fmt: skip


def payment_named(session: Session, gateway: str, account: str, ref: str) -> int | None:
    """The id of a receipt by its name at the gateway."""
    row = PaymentRow
    return session.scalar(
        select(row.id).where(
            row.gateway == gateway, row.account == account, row.payment_ref == ref,
            row.effect == RECEIPT,
        )
    )  # fmt: skip


def booked(session: Session, payable: Payable) -> tuple[Posting, ...]:
    """The sides of the booking of a receipt."""
    name = "/".join((payable.gateway, payable.account, payable.payment_ref))
    rows = session.execute(
        select(PostingRow.account, PostingRow.amount, PostingRow.holder)
        .join(EntryRow, EntryRow.id == PostingRow.entry_id)
        .where(and_(EntryRow.kind == "payment", EntryRow.reference == name))
        .order_by(PostingRow.number)
    )
    return tuple(Posting(Account(account), amount, holder) for account, amount, holder in rows)


def add(session: Session, key: str, wish: Wish, actor: str, now: datetime) -> Refund:
    row = session.scalars(
        insert(RefundRow)
        .values(
            key=key, payment_id=wish.payment_id, amount=wish.amount, reason=wish.reason,
            note=wish.note.strip(), code=wish.code, subject=wish.subject, requested_by=actor,
            requested_at=now, standing=Standing.REQUESTED, sends=0, looks=0, theirs="", why="",
            document="",
        )
        .returning(RefundRow)
    ).one()  # fmt: skip
    _add_event(session, row.id, "", Standing.REQUESTED, actor, now, wish.note.strip())
    return _refund(row)


def locked(session: Session, key: str) -> Refund:
    """A case, locked until this transaction ends. Raises NotFound."""
    query = select(RefundRow).where(RefundRow.key == key).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"Tidak ada pengembalian {key}")
    return _refund(row)


def by_key(session: Session, key: str) -> Refund:
    """Raises NotFound."""
    row = session.scalar(select(RefundRow).where(RefundRow.key == key))
    if row is None:
        raise NotFound(f"Tidak ada pengembalian {key}")
    return _refund(row)


def due(session: Session, now: datetime, limit: int) -> Sequence[Refund]:
    """Cases with which the jobs process is to go on, the longest due first."""
    query = select(RefundRow).where(RefundRow.due_at <= now).order_by(RefundRow.due_at)
    return [_refund(row) for row in session.scalars(query.limit(limit))]


def move(
    session: Session,
    refund: Refund,
    to: Standing,
    actor: str,
    now: datetime,
    note: str = "",
    **projections: Any,
) -> Refund:
    """Bring a locked case somewhere, or only note that something happened where it stands."""
    after = replace(refund, standing=to, **projections)
    names = ("id", *PROJECTIONS)
    change_rows(session, RefundRow, ["id"], [{name: getattr(after, name) for name in names}])
    if to is not refund.standing or note:
        _add_event(session, refund.id, refund.standing, to, actor, now, note)
    return after


def events(session: Session, refund_id: int) -> Sequence[RefundEventRow]:
    row = RefundEventRow
    return session.scalars(select(row).where(row.refund_id == refund_id).order_by(row.id)).all()


def of_payment(session: Session, payment_id: int) -> Sequence[Refund]:
    row = RefundRow
    rows = session.scalars(select(row).where(row.payment_id == payment_id).order_by(row.id))
    return [_refund(found) for found in rows]


def _add_event(
    session: Session, refund_id: int, before: str, to: Standing, actor: str, now: datetime,
    note: str,
) -> None:  # fmt: skip
    session.execute(
        insert(RefundEventRow).values(
            refund_id=refund_id, at=now, from_standing=before, to_standing=to, actor=actor,
            note=note[:500],
        )
    )  # fmt: skip


def _sum(session: Session, payment_id: int, where: ColumnElement[bool]) -> Rupiah:
    query = select(func.coalesce(func.sum(RefundRow.amount), 0))
    found = session.scalar(query.where(RefundRow.payment_id == payment_id, where))
    return Rupiah(int(found or 0))


def _refund(row: RefundRow) -> Refund:
    return Refund(
        row.id, row.key, row.payment_id, Rupiah(row.amount), Reason(row.reason), row.note,
        row.code, row.subject, row.requested_by, row.requested_at, Standing(row.standing),
        row.decided_by, row.decided_at, row.sent_at, row.sends, row.looks, row.due_at,
        row.theirs, row.why, row.document,
    )  # fmt: skip
