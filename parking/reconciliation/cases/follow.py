"""Follow a run: after it every disagreement that it found has a case, and what is gone is cleared.

In the transaction of the run itself, so no discrepancy is ever seen without its case (F103).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from parking.audit.log import record
from parking.money import Rupiah
from parking.reconciliation.cases import store
from parking.reconciliation.cases.case import SYSTEM, Case
from parking.reconciliation.cases.plan import Elsewhere, Found, Line, Name, Plan, plan
from parking.reconciliation.cases.store import CaseRow
from parking.reconciliation.catalogue import Status
from parking.reconciliation.store import DiscrepancyRow, RunRow
from parking.statements.store import ImportRow, SettlementLineRow

OPEN = (Status.DIFFERENCE, Status.TIMING)


def follow(session: Session, day: date, now: datetime) -> None:
    """Bring the cases to what the newest run of a day says. A second time it changes nothing."""
    store.lock(session)
    run_id = session.scalar(select(func.max(RunRow.id)).where(RunRow.business_day == day))
    if run_id is None:
        return
    found = _found(session, run_id)
    known = _known(session, day, run_id)
    gone = _gone(day, known, {f.name for f in found if f.status in OPEN})
    todo = plan(
        day, run_id, found, known, _elsewhere(session, day, known), _lines(session, gone), now
    )
    store.add_all(session, todo.new)
    store.change_all(session, todo.changed)
    _record(session, day, run_id, todo, now)


def days_without_cases(session: Session) -> Sequence[date]:
    """Days whose newest run found what has no case: they were reconciled before there were any."""
    row, case = DiscrepancyRow, CaseRow
    newer = aliased(RunRow)
    query = (
        select(row.business_day)
        .where(
            row.status.in_(OPEN),
            ~select(newer.id)
            .where(newer.business_day == row.business_day, newer.id > row.run_id)
            .exists(),
            ~select(case.id)
            .where(
                case.code == row.code,
                case.subject == row.subject,
                case.first_day <= row.business_day,
                case.last_day >= row.business_day,
            )
            .exists(),
        )
        .distinct()
        .order_by(row.business_day)
    )
    return session.scalars(query).all()


def _found(session: Session, run_id: int) -> list[Found]:
    row = DiscrepancyRow
    columns = (
        row.id, row.code, row.subject, row.status, row.severity, row.owner, row.due_on,
        row.amount, row.ours, row.gateway, row.attendant_id, row.point_id, row.explanation,
    )  # fmt: skip
    rows = session.execute(select(*columns).where(row.run_id == run_id).order_by(row.id))
    return [Found(**{**r, "amount": Rupiah(r["amount"])}) for r in rows.mappings()]


def _known(session: Session, day: date, run_id: int) -> list[Case]:
    """The cases of what the run found on any day, and those that cover the day."""
    named = select(DiscrepancyRow.code, DiscrepancyRow.subject).where(
        DiscrepancyRow.run_id == run_id
    )
    is_known = or_(
        tuple_(CaseRow.code, CaseRow.subject).in_(named),
        and_(CaseRow.first_day <= day, CaseRow.last_day >= day),
    )
    # Locked, so that no step taken at a desk meanwhile is written over by what was read before.
    query = select(CaseRow).where(is_known).order_by(CaseRow.id).with_for_update()
    rows = session.scalars(query.execution_options(populate_existing=True))
    return [store.case_of(row) for row in rows]


def _gone(day: date, known: Sequence[Case], found: Collection[Name]) -> list[Case]:
    return [c for c in known if c.is_open and c.covers(day) and (c.code, c.subject) not in found]


def _elsewhere(session: Session, day: date, known: Sequence[Case]) -> Elsewhere:
    """What the newest runs of the other days that these cases cover still find of them."""
    long = [c for c in known if (c.first_day, c.last_day) != (day, day)]
    if not long:
        return {}
    row = DiscrepancyRow
    newest = (
        select(func.max(RunRow.id))
        .where(
            RunRow.business_day.between(
                min(c.first_day for c in long), max(c.last_day for c in long)
            ),
            RunRow.business_day != day,
        )
        .group_by(RunRow.business_day)
    )
    names = {(c.code, c.subject) for c in long}
    query = (
        select(row.code, row.subject, row.business_day, func.sum(row.amount))
        .where(
            row.run_id.in_(newest), row.status.in_(OPEN), tuple_(row.code, row.subject).in_(names)
        )
        .group_by(row.code, row.subject, row.business_day)
    )
    found: defaultdict[Name, dict[date, Rupiah]] = defaultdict(dict)
    for code, subject, on, amount in session.execute(query):
        found[code, subject][on] = Rupiah(int(amount))
    return found


def _lines(session: Session, gone: Sequence[Case]) -> dict[str, Line]:
    """The settlement line of each payment among them that has one in force, by subject."""
    row, newer = SettlementLineRow, aliased(ImportRow)
    name = func.concat_ws("/", row.gateway, row.account, row.payment_ref)
    wanted = {c.subject.removeprefix("payment:") for c in gone if c.subject.startswith("payment:")}
    query = select(name, row.import_id, row.number).where(
        row.payment_ref.in_([each.split("/", 2)[-1] for each in wanted]),
        ~select(newer.id).where(newer.supersedes == row.import_id).exists(),
    )
    return {
        f"payment:{of}": (import_id, number)
        for of, import_id, number in session.execute(query.order_by(row.id))
        if of in wanted
    }


def _record(session: Session, day: date, run_id: int, todo: Plan, now: datetime) -> None:
    steps = [event.kind for _, events in [*todo.new, *todo.changed] for event in events]
    counts = {str(kind): steps.count(kind) for kind in sorted(set(steps))}
    if counts:
        detail = {"day": day.isoformat(), "run": run_id, "steps": counts}
        record(session, now, SYSTEM, "case.follow", f"day:{day}", detail)
