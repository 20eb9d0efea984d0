"""Everything the tables know of one charge, and of one callback."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, select, tuple_
from sqlalchemy.orm import Session, aliased

from parking.charges.charge import ChargeState
from parking.charges.store import ChargeEventRow, ChargeRow
from parking.errors import NotFound
from parking.ledger.store import EntryRow, PostingRow
from parking.money import Rupiah
from parking.payments.store import (
    CallbackRepeatRow,
    CallbackRow,
    CallbackWorkRow,
    EvidenceRow,
    PaymentRow,
)
from parking.reconciliation.cases.store import CaseRow
from parking.reconciliation.chain import (
    Callback,
    ChargeFacts,
    Entry,
    Event,
    Evidence,
    Facts,
    Payment,
    Posting,
    SettlementLine,
    Trouble,
)
from parking.reconciliation.lists_store import case_of, discrepancies_of
from parking.reconciliation.store import DiscrepancyRow
from parking.registry.store import AttendantRow, PointRow, TariffRow
from parking.statements.store import ImportRow, SettlementLineRow

SETTLEMENT_KINDS = ("settlement", "settlement_correction")


def facts_of(session: Session, ours: str) -> Facts:
    """All that is known of a charge. Raises NotFound."""
    charge = _charge(session, ours)
    payments = _payments(session, charge.id)
    evidence = _evidence(session, EvidenceRow.ours == ours)
    known = {charge.theirs, *(p.payment_ref for p in payments), *(e.payment_ref for e in evidence)}
    account = (charge.gateway, charge.account)
    lines = _lines(session, account, known - {None})
    return Facts(
        charge=charge,
        events=_events(session, charge.id),
        evidence=evidence,
        callbacks=_callbacks(session, {e.callback_id for e in evidence if e.callback_id}),
        payments=payments,
        entries=_entries(session, account, payments, lines),
        lines=lines,
        troubles=[
            Trouble(
                d.id,
                d.code,
                d.status,
                d.severity,
                d.owner,
                d.due_on,
                d.amount,
                d.explanation,
                d.case_id,
                d.case_text,
            )  # fmt: skip
            for d in discrepancies_of(session, ours, charge.business_day)
        ],
    )


def callback(session: Session, callback_id: int) -> tuple[Callback, Sequence[tuple[str, Evidence]]]:
    """One callback as it came, and the evidence drawn from it with its order. Raises NotFound."""
    found = _callbacks(session, {callback_id})
    if not found:
        raise NotFound(f"Tidak ada pemberitahuan nomor {callback_id}")
    rows = session.scalars(select(EvidenceRow).where(EvidenceRow.callback_id == callback_id))
    return found[0], [(row.ours, _as_evidence(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class DiscrepancyFacts:
    """One discrepancy with what it rests on."""

    id: int
    business_day: date
    code: str
    subject: str
    status: str
    severity: str
    owner: str
    due_on: date
    amount: Rupiah
    ours: str
    badge: str | None
    attendant: str | None
    point: str | None
    gateway: str
    explanation: str
    evidence: dict[str, Any]
    is_of_our_charge: bool
    case_id: int | None
    case_state: str | None


def discrepancy(session: Session, discrepancy_id: int) -> DiscrepancyFacts:
    """Raises NotFound."""
    row = DiscrepancyRow
    found = session.execute(
        select(
            row,
            AttendantRow.badge,
            AttendantRow.name,
            PointRow.code,
            case_of(row),
            case_of(row, CaseRow.state),
        )  # fmt: skip
        .outerjoin(AttendantRow, AttendantRow.id == row.attendant_id)
        .outerjoin(PointRow, PointRow.id == row.point_id)
        .where(row.id == discrepancy_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"Tidak ada selisih nomor {discrepancy_id}")
    it = found[0]
    ours = session.scalar(select(ChargeRow.id).where(ChargeRow.ours == it.ours))
    return DiscrepancyFacts(
        it.id, it.business_day, it.code, it.subject, it.status, it.severity, it.owner, it.due_on,
        Rupiah(it.amount), it.ours, found[1], found[2], found[3], it.gateway, it.explanation,
        it.evidence, ours is not None, found[4], found[5],
    )  # fmt: skip


def _charge(session: Session, ours: str) -> ChargeFacts:
    row = ChargeRow
    found = session.execute(
        select(row, AttendantRow, PointRow, TariffRow)
        .join(AttendantRow, AttendantRow.id == row.attendant_id)
        .join(PointRow, PointRow.id == row.point_id)
        .join(TariffRow, TariffRow.id == row.tariff_id)
        .where(row.ours == ours)
    ).one_or_none()
    if found is None:
        raise NotFound(f"Tidak ada tagihan {ours}")
    it, attendant, point, tariff = found
    return ChargeFacts(
        it.id, it.ours, it.theirs, it.gateway, it.account, attendant.id, attendant.badge,
        attendant.name, point.code, f"{point.name}, {point.road}", it.shift_id, it.vehicle,
        Rupiah(tariff.amount), tariff.decree, Rupiah(it.amount), it.city_bps, it.created_at,
        it.business_day, it.expires_at, ChargeState(it.state), it.late, it.paid_at,
        it.confirmed_at, it.inquiries, it.replaces, it.payload,
    )  # fmt: skip


def _events(session: Session, charge_id: int) -> list[Event]:
    row = ChargeEventRow
    rows = session.scalars(select(row).where(row.charge_id == charge_id).order_by(row.id))
    return [Event(r.at, r.from_state, r.to_state, r.cause, r.actor, r.note) for r in rows]


def _evidence(session: Session, where: Any) -> list[Evidence]:
    rows = session.scalars(select(EvidenceRow).where(where).order_by(EvidenceRow.id))
    return [_as_evidence(row) for row in rows]


def _as_evidence(row: EvidenceRow) -> Evidence:
    return Evidence(
        row.id, row.source, row.seen_at, row.at, row.state, Rupiah(row.amount),
        Rupiah(row.refunded), row.trust, row.payment_ref, row.issuer, row.callback_id,
    )  # fmt: skip


def _callbacks(session: Session, ids: Collection[int]) -> list[Callback]:
    repeats: defaultdict[int, list[Any]] = defaultdict(list)
    again = CallbackRepeatRow
    for r in session.scalars(select(again).where(again.callback_id.in_(ids)).order_by(again.id)):
        repeats[r.callback_id].append(r.received_at)
    rows = session.execute(
        select(CallbackRow, CallbackWorkRow)
        .outerjoin(CallbackWorkRow, CallbackWorkRow.callback_id == CallbackRow.id)
        .where(CallbackRow.id.in_(ids))
        .order_by(CallbackRow.received_at, CallbackRow.id)
    )
    return [
        Callback(
            row.id, row.received_at, tuple(repeats[row.id]), row.level, row.reason,
            work.state if work else "", work.reason if work else "", work.attempts if work else 0,
            row.gateway, row.account, row.remote, row.headers, row.body,
        )
        for row, work in rows
    ]  # fmt: skip


def _payments(session: Session, charge_id: int) -> list[Payment]:
    row = PaymentRow
    rows = session.scalars(select(row).where(row.charge_id == charge_id).order_by(row.id))
    return [
        Payment(
            r.payment_ref, r.effect, Rupiah(r.amount), r.paid_at, r.business_day, r.source, r.late,
            r.booked_at, r.id,
        )
        for r in rows
    ]  # fmt: skip


def _entries(
    session: Session, account: tuple[str, str], payments: Sequence[Payment],
    lines: Sequence[SettlementLine],
) -> list[Entry]:  # fmt: skip
    """What was booked of the charge: found by the names that bookings have."""
    named = {_entry_name(account, payment) for payment in payments}
    named |= {(kind, str(line.id)) for line in lines for kind in SETTLEMENT_KINDS}
    rows = session.execute(
        select(EntryRow, PostingRow, AttendantRow.badge)
        .join(PostingRow, PostingRow.entry_id == EntryRow.id)
        .outerjoin(AttendantRow, AttendantRow.id == PostingRow.holder)
        .where(tuple_(EntryRow.kind, EntryRow.reference).in_(named))
        .order_by(EntryRow.id, PostingRow.number)
    )
    entries: dict[int, tuple[EntryRow, list[Posting]]] = {}
    for entry, posting, badge in rows:
        sides = entries.setdefault(entry.id, (entry, []))[1]
        sides.append(Posting(posting.account, badge or "", posting.amount))
    return [
        Entry(e.kind, e.reference, e.effective_on, e.posted_at, tuple(sides))
        for e, sides in entries.values()
    ]


def _entry_name(account: tuple[str, str], payment: Payment) -> tuple[str, str]:
    """As payments.payment.entry_for names it."""
    kind, _, total = payment.effect.partition(":")
    name = "/".join([*account, payment.payment_ref]) + (f"/{total}" if total else "")
    return ("payment" if kind == "receipt" else kind), name


def _lines(
    session: Session, account: tuple[str, str], refs: Collection[str | None]
) -> list[SettlementLine]:
    """The settlement lines of payments: whatever a line names was made a payment when it came."""
    row, newer = SettlementLineRow, aliased(ImportRow)
    replaced = exists().where(newer.supersedes == ImportRow.id)
    rows = session.execute(
        select(row, ImportRow.file_name, ImportRow.at, replaced)
        .join(ImportRow, ImportRow.id == row.import_id)
        .where(row.payment_ref.in_(refs), row.gateway == account[0], row.account == account[1])
        .order_by(ImportRow.at, row.number)
    )
    return [
        SettlementLine(
            line.id, line.import_id, name, line.number, line.kind, line.payment_ref,
            Rupiah(line.gross), Rupiah(line.fee), Rupiah(line.net), line.settled_on, at,
            not is_replaced,
        )
        for line, name, at, is_replaced in rows
    ]  # fmt: skip
