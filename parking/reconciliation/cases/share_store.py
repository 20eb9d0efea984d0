"""Whose share a charge or cash payment is by now, whatever was moved and given back since."""

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from parking.charges.store import ChargeRow
from parking.ledger.entry import Account
from parking.ledger.store import EntryRow, PostingRow
from parking.payments.payment import BY_HAND
from parking.payments.store import PaymentRow
from parking.reconciliation.cases.store import ProposalRow


def share_booked(session: Session, thing: str, attendant_id: int) -> int:
    """What the book gives an attendant of one charge or cash payment by now."""
    kind, _, name = thing.partition(":")
    entry, side = EntryRow, PostingRow
    of_it = _of_charge(name) if kind == "charge" else _of_cash(int(name))
    moved = select(ProposalRow.id).where(ProposalRow.terms["thing"].as_string() == thing)
    query = (
        select(func.coalesce(-func.sum(side.amount), 0))
        .join(entry, entry.id == side.entry_id)
        .where(
            side.account == Account.ATTENDANT_SHARE, side.holder == attendant_id,
            or_(of_it, entry.proposal_id.in_(moved)),
        )
    )  # fmt: skip
    return int(session.scalar(query) or 0)


def _of_charge(ours: str) -> ColumnElement[bool]:
    paid, entry = PaymentRow, EntryRow
    of_it = (
        select(paid)
        .join(ChargeRow, ChargeRow.id == paid.charge_id)
        .where(ChargeRow.ours == ours)
        .subquery()
    )
    name = func.concat_ws("/", of_it.c.gateway, of_it.c.account, of_it.c.payment_ref, "")
    by_hand = select(of_it.c.id).where(entry.reference.startswith(name)).exists()
    return or_(
        entry.evidence_id.in_(select(of_it.c.evidence_id)), and_(entry.kind == BY_HAND, by_hand)
    )


def _of_cash(cash_id: int) -> ColumnElement[bool]:
    return or_(EntryRow.cash_id == cash_id, EntryRow.cash_correction_id == cash_id)
