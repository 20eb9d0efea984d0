"""The lists of the auditor's desk: what is asked, and the rows that answer it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, exists, false, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from parking.business_day import day_starts
from parking.charges.charge import ChargeState
from parking.charges.store import ChargeRow
from parking.database.rows import Query, Rows
from parking.ledger.entry import Account
from parking.ledger.store import EntryRow, PostingRow
from parking.money import Rupiah
from parking.payments.store import (
    CallbackRepeatRow,
    CallbackRow,
    CallbackWorkRow,
    EvidenceRow,
    PaymentRow,
)
from parking.reconciliation.cases.store import CaseRow, ProposalRow
from parking.reconciliation.catalogue import Severity
from parking.reconciliation.closing.store import ClosedDayRow
from parking.reconciliation.lines import (
    FOR_A_PERSON,
    Asked,
    BookLine,
    CallbackLine,
    CashLine,
    ChargeLine,
    DiscrepancyLine,
    PaymentLine,
    SettledLine,
    ShiftLine,
)
from parking.reconciliation.store import DiscrepancyRow, RunRow
from parking.registry.store import AttendantRow, PointRow
from parking.shifts.store import CashCorrectionRow, CashRow, ShiftRow
from parking.shifts.ticket_store import ShiftTicketRow
from parking.statements.store import ImportRow, SettlementLineRow, SettlementPartRow

OPEN_STATES = (ChargeState.CREATING, ChargeState.CREATE_UNKNOWN, ChargeState.PENDING)
ENDED_STATES = (ChargeState.EXPIRED, ChargeState.CANCELLED, ChargeState.CREATE_FAILED)

ONE_DAY = timedelta(days=1)
PAYABLE = timedelta(days=40)  # after it a payment is of no charge that anybody remembers
ACCOUNTS = {
    "cash": (
        Account.CASH_WITH_ATTENDANT, Account.CASH_WITH_COLLECTOR, Account.CASH_WITH_TREASURER,
    ),
}  # fmt: skip
RANK = case(
    {str(severity): rank for rank, severity in enumerate(Severity)},
    value=DiscrepancyRow.severity,
    else_=len(Severity),
)


def receipts_of(day: date) -> ColumnElement[bool]:
    """Payments received on a business day."""
    return (PaymentRow.business_day == day) & (PaymentRow.effect == "receipt")


def tells_tickets() -> ColumnElement[bool]:
    """Shifts that end with tickets counted: where a colleague takes over, the cash alone is."""
    after = aliased(ShiftRow)
    return exists().where(ShiftTicketRow.shift_id == ShiftRow.id) | ~exists().where(
        after.taken_over_from == ShiftRow.id
    )


def is_told() -> ColumnElement[bool]:
    """Payments of which a callback told, sooner or later."""
    row = PaymentRow
    after = exists().where(
        EvidenceRow.ours == row.ours, EvidenceRow.payment_ref == row.payment_ref,
        EvidenceRow.source == "callback", EvidenceRow.state == "paid",
    )  # fmt: skip
    return (row.source == "callback") | ((row.source == "inquiry") & after)


def is_not_taken_back() -> ColumnElement[bool]:
    """Cash taps that were not corrected."""
    return ~exists().where(CashCorrectionRow.cash_id == CashRow.id)


def received_on(day: date) -> ColumnElement[bool]:
    """Callbacks that came in on a WIB day."""
    return CallbackRow.received_at.between(
        day_starts(day), day_starts(day + timedelta(days=1)) - timedelta(microseconds=1)
    )


def stuck(query: Query, day: date) -> Query:
    """Those of a day's callbacks that a person must look at."""
    return query.join(CallbackWorkRow, CallbackWorkRow.callback_id == CallbackRow.id).where(
        received_on(day), CallbackWorkRow.state.in_(FOR_A_PERSON)
    )


def is_in_force() -> ColumnElement[bool]:
    """Settlement lines of reports that no newer version has superseded."""
    newer = aliased(ImportRow)
    return ~exists().where(newer.supersedes == SettlementLineRow.import_id)


def waits_for_settlement() -> ColumnElement[bool]:
    """Receipts in no settlement report yet, as long as none is due (then it is D06)."""
    line = SettlementLineRow
    told = exists().where(
        line.paid_on == PaymentRow.business_day, line.payment_ref == PaymentRow.payment_ref,
        line.gateway == PaymentRow.gateway, line.account == PaymentRow.account,
        line.kind == "payment", is_in_force(),
    )  # fmt: skip
    due = exists().where(
        DiscrepancyRow.business_day == PaymentRow.business_day, DiscrepancyRow.code == "D06",
        DiscrepancyRow.ours == PaymentRow.ours, holds(),
    )  # fmt: skip
    return ~told & ~due


def holds() -> ColumnElement[bool]:
    """Discrepancies of the newest run of their day."""
    newer = aliased(RunRow)
    return ~exists().where(
        newer.business_day == DiscrepancyRow.business_day, newer.id > DiscrepancyRow.run_id
    )


def charges(asked: Asked) -> Rows[ChargeLine]:
    """Charges of some days, or those of a reference on any day, the newest first."""
    row = ChargeRow
    query: Query = (
        select(row, AttendantRow.badge, AttendantRow.name, PointRow.code)
        .join(AttendantRow, AttendantRow.id == row.attendant_id)
        .join(PointRow, PointRow.id == row.point_id)
        .where(_named(asked.text) if asked.text else _between(row.business_day, asked))
    )
    query = _where_who(query, asked)
    if asked.state:
        query = query.where(_in_state(asked.state))
    by = {"amount": (row.amount,), "created_at": (row.created_at,)}
    return Rows(
        query.order_by(*_order(by, asked, row.created_at.desc()), row.id.desc()),
        lambda r: ChargeLine(
            r[0].ours, r[0].created_at, r[1], r[2], r[3], r[0].vehicle, Rupiah(r[0].amount),
            r[0].state, r[0].late, r[0].paid_at, r[0].gateway,
        ),
    )  # fmt: skip


def payments(asked: Asked) -> Rows[PaymentLine]:
    """Receipts of some days, the newest first."""
    row = PaymentRow
    query: Query = (
        select(row, ChargeRow.amount)
        .outerjoin(ChargeRow, ChargeRow.id == row.charge_id)
        .where(_between(row.business_day, asked), row.effect == "receipt")
        .order_by(row.paid_at.desc(), row.id.desc())
    )
    if asked.state == "late":
        query = query.where(row.late)
    elif asked.state == "unsettled":
        query = query.where(waits_for_settlement())
    elif asked.state == "told":
        query = query.where(is_told())
    return Rows(
        query,
        lambda r: PaymentLine(
            r[0].paid_at, r[0].payment_ref, r[0].ours, r[0].charge_id is not None,
            Rupiah(r[0].amount), r[1], r[0].source, r[0].late, r[0].gateway,
        ),
    )  # fmt: skip


def cash(asked: Asked) -> Rows[CashLine]:
    """Cash taps of some days that were not taken back, the newest first."""
    row = CashRow
    query: Query = (
        select(row, AttendantRow.badge, AttendantRow.name, PointRow.code)
        .join(ShiftRow, ShiftRow.id == row.shift_id)
        .join(AttendantRow, AttendantRow.id == ShiftRow.attendant_id)
        .join(PointRow, PointRow.id == ShiftRow.point_id)
        .where(_between(row.business_day, asked), is_not_taken_back())
        .order_by(row.at.desc(), row.id.desc())
    )
    return Rows(
        _where_who(query, asked),
        lambda r: CashLine(
            r[0].at, r[1], r[2], r[3], r[0].vehicle, Rupiah(r[0].amount), r[0].instead_of,
            r[0].shift_id,
        ),
    )  # fmt: skip


def callbacks(asked: Asked) -> Rows[CallbackLine]:
    """Callbacks that came in on a day, the newest first."""
    row = CallbackRow
    said = (
        select(EvidenceRow.callback_id, EvidenceRow.ours, EvidenceRow.state)
        .where(EvidenceRow.callback_id.is_not(None))
        .subquery()
    )
    repeats = select(func.count()).where(CallbackRepeatRow.callback_id == row.id).scalar_subquery()
    query: Query = (
        select(row, said.c.ours, said.c.state, CallbackWorkRow.state, repeats)
        .outerjoin(said, said.c.callback_id == row.id)
        .outerjoin(CallbackWorkRow, CallbackWorkRow.callback_id == row.id)
        .where(received_on(asked.first_day))
        .order_by(row.received_at.desc(), row.id.desc())
    )
    if asked.state == "stuck":
        query = query.where(CallbackWorkRow.state.in_(FOR_A_PERSON))
    elif asked.state == "repeated":
        query = query.where(exists().where(CallbackRepeatRow.callback_id == row.id))
    return Rows(
        query,
        lambda r: CallbackLine(
            r[0].id, r[0].received_at, r[0].gateway, r[0].account, r[1] or "", r[2] or "",
            r[0].level, r[3] or "", r[4], r[0].remote,
        ),
    )  # fmt: skip


def settlement(asked: Asked) -> Rows[SettledLine]:
    """Settlement lines of payments of some days, of reports in force.

    They may be asked by the day on which their payment was booked, or they were paid out.
    """
    row = SettlementLineRow
    of_days = {"booked": _booked_between, "settled": _settled_between}.get(asked.by)
    query: Query = (
        select(row)
        .where(of_days(asked) if of_days else _between(row.paid_on, asked), is_in_force())
        .order_by(row.paid_at.desc(), row.id.desc())
    )
    if asked.state:
        query = query.where(row.kind == asked.state)
    return Rows(query, lambda r: _settled(r[0]))


def _booked_between(asked: Asked) -> ColumnElement[bool]:
    """As a run takes them: by the day of the payment, by their own where none was booked."""
    line, row = SettlementLineRow, PaymentRow
    its_payment = (
        row.gateway == line.gateway, row.account == line.account,
        row.payment_ref == line.payment_ref, row.effect == "receipt",
    )  # fmt: skip
    near = line.paid_on.between(asked.first_day - ONE_DAY, asked.last_day + ONE_DAY)
    of_booked = near & exists().where(*its_payment, _between(row.business_day, asked))
    return of_booked | (_between(line.paid_on, asked) & ~exists().where(*its_payment))


def _settled_between(asked: Asked) -> ColumnElement[bool]:
    """By way of the batches: lines have no index by the day of their pay-out."""
    line, part = SettlementLineRow, SettlementPartRow
    files = select(part.import_id).where(_between(part.settled_on, asked))
    return line.import_id.in_(files) & _between(line.settled_on, asked)


def shifts(asked: Asked) -> Rows[ShiftLine]:
    """Shifts of some days, with what the server knows beside what was declared."""
    row = ShiftRow
    paid = exists().where(
        PaymentRow.charge_id == ChargeRow.id, PaymentRow.effect == "receipt",
        PaymentRow.amount >= ChargeRow.amount,
        or_(row.closed_at.is_(None), PaymentRow.booked_at <= row.closed_at),
    ).correlate(ChargeRow, row)  # fmt: skip
    qris = (
        select(func.coalesce(func.sum(ChargeRow.amount), 0))
        .where(ChargeRow.shift_id == row.id, paid)
        .scalar_subquery()
    )
    taken = (
        select(func.coalesce(func.sum(CashRow.amount), 0))
        .where(CashRow.shift_id == row.id, is_not_taken_back())
        .scalar_subquery()
    )
    query: Query = (
        select(row, AttendantRow.badge, AttendantRow.name, PointRow.code, qris, taken)
        .join(AttendantRow, AttendantRow.id == row.attendant_id)
        .join(PointRow, PointRow.id == row.point_id)
        .where(_between(row.business_day, asked))
        .order_by(row.opened_at.desc(), row.id.desc())
    )
    if asked.state == "open":
        query = query.where(row.closed_at.is_(None))
    elif asked.state == "tickets":
        query = query.where(row.closed_at.is_not(None), tells_tickets())
    return Rows(
        _where_who(query, asked),
        lambda r: ShiftLine(
            r[0].id, r[1], r[2], r[3], r[0].opened_at, r[0].closed_at, Rupiah(int(r[4])),
            r[0].declared_qris, Rupiah(int(r[5])), r[0].declared_cash,
        ),
    )  # fmt: skip


def book(asked: Asked) -> Rows[BookLine]:
    """The sides of the entries that belong to some days, the last posted first."""
    entry, side, closed = EntryRow, PostingRow, ClosedDayRow
    is_later = func.coalesce(entry.posted_at > closed.closed_at, false())
    query: Query = (
        select(entry, side, ProposalRow.case_id, is_later)
        .join(side, side.entry_id == entry.id)
        .outerjoin(ProposalRow, ProposalRow.id == entry.proposal_id)
        .outerjoin(closed, closed.business_day == entry.effective_on)
        .where(_between(entry.effective_on, asked))
        .order_by(entry.posted_at.desc(), entry.id.desc(), side.number)
    )
    if asked.account:
        query = query.where(side.account.in_(ACCOUNTS.get(asked.account, (asked.account,))))
    if asked.kind == "moved":
        query = query.where(entry.kind.in_(("handover", "sts")))
    elif asked.kind == "by_hand":
        query = query.where(entry.proposal_id.is_not(None))
    if asked.state == "later":
        query = query.where(is_later)
    return Rows(
        query,
        lambda r: BookLine(
            r[0].posted_at, r[0].kind, r[0].reference, r[1].account, r[1].holder,
            Rupiah(r[1].amount), _rests_on(r[0], r[2]), r[3],
        ),
    )  # fmt: skip


def _rests_on(entry: EntryRow, case_id: int | None) -> tuple[str, int] | None:
    pages = (
        ("case", case_id), ("handover", entry.handover_id), ("sts", entry.sts_id),
        ("line", entry.statement_line_id),
    )  # fmt: skip
    return next(((kind, number) for kind, number in pages if number is not None), None)


def discrepancies(asked: Asked) -> Rows[DiscrepancyLine]:
    """Discrepancies of some days: the gravest and most urgent first, unless asked otherwise."""
    row = DiscrepancyRow
    by = {
        "severity_text": (RANK,), "due_on": (row.due_on,), "amount": (row.amount,),
        "code": (row.code,), "business_day": (row.business_day,),
    }  # fmt: skip
    query = _discrepancies().where(_between(row.business_day, asked), holds())
    query = _where_who(query, asked)
    if asked.text:
        texts = (row.code, row.ours, row.subject, row.explanation, AttendantRow.name)
        query = query.where(or_(*(t.icontains(asked.text, autoescape=True) for t in texts)))
    for column, value in (
        (row.code, asked.code), (row.status, asked.status), (row.severity, asked.severity),
        (row.owner, asked.owner),
    ):  # fmt: skip
        if value:
            query = query.where(column == value)
    return Rows(query.order_by(*_order(by, asked, RANK), row.due_on, row.id), _discrepancy)


def _order(by: Mapping[str, tuple[Any, ...]], asked: Asked, usual: Any) -> list[Any]:
    columns = by.get(asked.sort)
    if columns is None:
        return [usual]
    return [column.desc() for column in columns] if asked.descending else list(columns)


def discrepancies_of(session: Session, ours: str, since: date) -> Sequence[DiscrepancyLine]:
    """The discrepancies of one charge: of its day, or of those on which it can still be paid."""
    row = DiscrepancyRow
    query = _discrepancies().where(
        row.business_day.between(since, since + PAYABLE), row.ours == ours, holds()
    )
    return [_discrepancy(r) for r in session.execute(query.order_by(RANK, row.id))]


def case_of(found: type[DiscrepancyRow], column: Any = CaseRow.id) -> ScalarSelect[Any]:
    """The newest case that follows a discrepancy, inside another question."""
    row = CaseRow
    is_of_it = (
        row.code == found.code, row.subject == found.subject,
        row.first_day <= found.business_day, row.last_day >= found.business_day,
    )  # fmt: skip
    newest = select(column).where(*is_of_it).order_by(row.id.desc()).limit(1)
    return newest.scalar_subquery()


def _discrepancies() -> Query:
    row = DiscrepancyRow
    query: Query = (
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
    )
    return query


def _discrepancy(r: Any) -> DiscrepancyLine:
    row = r[0]
    return DiscrepancyLine(
        row.id, row.business_day, row.code, row.status, row.severity, row.owner, row.due_on,
        Rupiah(row.amount), row.ours, r[1], r[2], r[3], row.explanation, r[4], r[5],
    )  # fmt: skip


def _settled(row: SettlementLineRow) -> SettledLine:
    sign = -1 if row.kind == "refund" else 1
    return SettledLine(
        row.import_id, row.number, row.paid_at, row.settled_on, row.kind, row.ours,
        row.payment_ref, Rupiah(sign * row.gross), Rupiah(sign * row.fee), Rupiah(sign * row.net),
    )  # fmt: skip


def _between(day: Any, asked: Asked) -> ColumnElement[bool]:
    return day.between(asked.first_day, asked.last_day)


def _where_who(query: Query, asked: Asked) -> Query:
    if asked.attendant:
        query = query.where(AttendantRow.badge == asked.attendant)
    if asked.point:
        query = query.where(PointRow.code == asked.point)
    return query


def _named(text: str) -> ColumnElement[bool]:
    """The charge of a reference: ours, the gateway's, or that of a payment."""
    named: Any = union(  # each part has an index of its own
        select(ChargeRow.id).where(ChargeRow.ours == text),
        select(ChargeRow.id).where(ChargeRow.theirs == text),
        select(PaymentRow.charge_id).where(PaymentRow.payment_ref == text),
    )
    return ChargeRow.id.in_(named)


def _in_state(state: str) -> ColumnElement[bool]:
    groups = {"open": OPEN_STATES, "ended": ENDED_STATES}
    return ChargeRow.state.in_(groups.get(state, (state,)))


def badges(session: Session) -> Sequence[tuple[str, str]]:
    """Every attendant by badge, with the name."""
    rows = session.execute(
        select(AttendantRow.badge, AttendantRow.name).order_by(AttendantRow.badge)
    )
    return [(badge, f"{badge} {name}") for badge, name in rows]


def points(session: Session) -> Sequence[tuple[str, str]]:
    """Every point by code, with the name."""
    rows = session.execute(select(PointRow.code, PointRow.name).order_by(PointRow.code))
    return [(code, f"{code} {name}") for code, name in rows]
