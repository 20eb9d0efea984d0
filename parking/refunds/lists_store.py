"""The list of refund cases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from parking.database.rows import Query, Rows
from parking.money import Rupiah
from parking.payments.store import PaymentRow
from parking.refunds.refund import OPEN, Standing
from parking.refunds.store import RefundRow
from parking.refunds.words import STANDING_TEXT


@dataclass(frozen=True, slots=True)
class RefundLine:
    key: str
    requested_at: datetime
    ours: str
    is_of_charge: bool
    gateway: str
    amount: Rupiah
    code: str
    requested_by: str
    standing: Standing

    @property
    def standing_text(self) -> str:
        return STANDING_TEXT[self.standing]


SORTS = {
    "requested_at": RefundRow.requested_at, "amount": RefundRow.amount, "ours": PaymentRow.ours,
    "gateway": PaymentRow.gateway, "standing_text": RefundRow.standing,
}  # fmt: skip


def refunds(show: str, search: str, sort: str, *, descending: bool) -> Rows[RefundLine]:
    """Cases: "open" ones, those of one standing, or all; searched by key, charge and reference."""
    row, paid = RefundRow, PaymentRow
    query: Query = select(row, paid).join(paid, paid.id == row.payment_id)
    if show == "open":
        query = query.where(row.standing.in_(OPEN))
    elif show:
        query = query.where(row.standing == show)
    if search:
        query = query.where(
            or_(
                row.key.contains(search.upper(), autoescape=True),
                paid.ours.contains(search, autoescape=True),
                paid.payment_ref == search,
            )
        )
    by = SORTS.get(sort, row.requested_at)
    return Rows(query.order_by(by.desc() if descending else by, row.id.desc()), _line)


def _line(found: tuple[RefundRow, PaymentRow]) -> RefundLine:
    it, paid = found
    return RefundLine(
        it.key, it.requested_at, paid.ours, paid.charge_id is not None,
        f"{paid.gateway}/{paid.account}", Rupiah(it.amount), it.code, it.requested_by,
        Standing(it.standing),
    )  # fmt: skip
