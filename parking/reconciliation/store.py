"""Reconciliation runs and the discrepancies each of them found."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    func,
    select,
    text,
    union,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.audit.log import record
from parking.business_day import business_day, day_starts
from parking.charges.store import ChargeRow
from parking.database.base import Base, RowId, RupiahColumn, append_only
from parking.database.bulk import copy_rows
from parking.deposits.store import HandoverRow
from parking.errors import NotFound
from parking.gateways import store as outages
from parking.money import Rupiah
from parking.payments.store import PaymentRow
from parking.reconciliation import day_store, treasury_store
from parking.reconciliation.bank_day import BankDay, by_day
from parking.reconciliation.catalogue import Severity, Status
from parking.reconciliation.discrepancy import Discrepancy
from parking.reconciliation.field_work import idle
from parking.reconciliation.inputs import MATTERS, time_of
from parking.reconciliation.result import Run, Stored, Wanted
from parking.registry.store import collective_leave
from parking.shifts.store import ShiftRow
from parking.statements.bank_store import StatementLineRow
from parking.statements.store import ImportRow, SettlementLineRow

RECENT = timedelta(days=21)  # within these, a day may still wait for something
CLOSE = timedelta(days=3)  # within these, every fact is looked for
NOTHING = BankDay()
# The days of what handovers and deposit slips were about lately, however old.
CASH_MOVED = """
WITH RECURSIVE moved AS (
    SELECT handover_id FROM (
        SELECT handover_id FROM handover_event ORDER BY id DESC LIMIT :latest
    ) e
    UNION
    SELECT i.part_id FROM moved m JOIN handover_item i ON i.handover_id = m.handover_id
    WHERE i.part_id IS NOT NULL
)
SELECT h.business_day FROM moved m JOIN handover h ON h.id = m.handover_id
UNION
SELECT s.business_day FROM moved m JOIN handover_item i ON i.handover_id = m.handover_id
JOIN shift s ON s.id = i.shift_id
UNION
SELECT t.received_on FROM moved m JOIN tbp t ON t.handover_id = m.handover_id
UNION
SELECT t.received_on FROM (
    SELECT sts_id FROM sts_event ORDER BY id DESC LIMIT :latest
) e JOIN sts_tbp p ON p.sts_id = e.sts_id JOIN tbp t ON t.id = p.tbp_id
UNION
SELECT (paid_in_at AT TIME ZONE 'Asia/Jakarta')::date FROM sts WHERE paid_in_at IS NOT NULL
UNION
SELECT effective_on FROM ledger_entry WHERE proposal_id IS NOT NULL
UNION
SELECT earned_on FROM (SELECT earned_on FROM share_payout ORDER BY id DESC LIMIT :latest) p
UNION
SELECT business_day FROM fake_qr_report
UNION
SELECT s.business_day FROM (SELECT shift_id FROM shift_ticket ORDER BY id DESC LIMIT :latest) t
JOIN shift s ON s.id = t.shift_id
"""
LATEST = 5_000  # payments and lines; a fact that comes late for an older day is among them


class RunRow(Base):
    """One reconciliation of one business day, keyed by what it saw (M8)."""

    __tablename__ = "reconciliation_run"
    __table_args__ = append_only(UniqueConstraint("business_day", "input_hash"))

    id: Mapped[RowId]
    business_day: Mapped[date]
    as_of: Mapped[datetime]
    input_hash: Mapped[str]
    result_hash: Mapped[str]
    finished_at: Mapped[datetime]
    summary: Mapped[dict] = mapped_column(JSONB)  # counts and sums, by point, attendant, gateway
    bank_digest: Mapped[str] = mapped_column(server_default="")
    look_again: Mapped[date | None]


class DiscrepancyRow(Base):
    """One break in a chain, found by a run. The newest run of a day is what holds."""

    __tablename__ = "discrepancy"
    __table_args__ = append_only(
        UniqueConstraint("run_id", "code", "subject"),
        Index("ix_discrepancy_business_day", "business_day", "code"),
    )

    id: Mapped[RowId]
    run_id: Mapped[int] = mapped_column(ForeignKey("reconciliation_run.id"))
    business_day: Mapped[date]
    code: Mapped[str]  # "D05"
    # Stable over re-runs: "payment:midtrans/uuid", "charge:PKR…", "shift:12", "import:3", …
    subject: Mapped[str]
    status: Mapped[str]  # "selisih", "beda_waktu", "selesai" (cleared by the system itself)
    severity: Mapped[str]  # "kritis", "tinggi", "sedang", "rendah"
    owner: Mapped[str]  # role that acts first
    due_on: Mapped[date]
    amount: Mapped[RupiahColumn]  # what is in question
    ours: Mapped[str]  # charge reference, empty when none
    attendant_id: Mapped[int | None] = mapped_column(ForeignKey("attendant.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("parking_point.id"))
    gateway: Mapped[str]
    explanation: Mapped[str]  # one sentence in Indonesian, with the figures
    evidence: Mapped[dict] = mapped_column(JSONB)  # what it rests on, by name


def days_due(session: Session, today: date, now: datetime) -> list[date]:
    """The days before `today` to reconcile, the oldest first.

    Those that have no run, those that waited for something whose time has come, and
    those to which a fact was added since.
    """
    past, done = _past_days(session, today), _reconciled_days(session)
    if not past:
        return []
    changed = _changed(session, _suspects(session, today) & done, now) | _moved(session, now)
    return [day for day in past if day not in done or day in changed]


def days_without_run(session: Session, today: date) -> list[date]:
    """The days before `today` that were never reconciled, the oldest first."""
    done = _reconciled_days(session)
    return [day for day in _past_days(session, today) if day not in done]


def _past_days(session: Session, today: date) -> list[date]:
    """Every day before `today`, from the first that we know anything of."""
    first = _first_day(session)
    if first is None:
        return []
    return [first + timedelta(days=n) for n in range((today - first).days)]


def _reconciled_days(session: Session) -> set[date]:
    return set(session.scalars(select(RunRow.business_day).distinct()))


def _first_day(session: Session) -> date | None:
    columns = (
        ChargeRow.business_day, ShiftRow.business_day, PaymentRow.business_day,
        SettlementLineRow.paid_on, ImportRow.report_day, StatementLineRow.booked_on,
        HandoverRow.business_day,
    )  # fmt: skip
    firsts = [select(func.min(column)).scalar_subquery() for column in columns]
    return session.scalar(select(func.least(*firsts)))


def _suspects(session: Session, today: date) -> set[date]:
    """Days about which something may have changed since they were reconciled."""
    waiting = select(RunRow.business_day).where(
        RunRow.business_day >= today - RECENT, RunRow.summary["waiting"].as_integer() > 0
    )
    latest = [
        select(column.label("day")).order_by(key.desc()).limit(LATEST).subquery()
        for column, key in (
            (PaymentRow.business_day, PaymentRow.id),
            (SettlementLineRow.paid_on, SettlementLineRow.id),
            (ImportRow.report_day, ImportRow.id),
        )
    ]
    late = session.scalars(union(waiting, *(select(each.c.day) for each in latest)))
    found = [*late, *session.scalars(text(CASH_MOVED), {"latest": LATEST})]
    close = {today - timedelta(days=n) for n in range(1, CLOSE.days + 1)}
    return close | {day for day in found if day is not None} | _days_out(session, today)


def _days_out(session: Session, today: date) -> set[date]:
    """Days of outages: one may be entered, or end, long after the day was reconciled."""
    found = set()
    for outage in outages.between(session, day_starts(today - RECENT), day_starts(today)):
        first = max(business_day(outage.began_at), today - RECENT)
        last = min(business_day(outage.ended_at), today) if outage.ended_at else today
        found |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return found


def _changed(session: Session, days: set[date], now: datetime) -> set[date]:
    """The days whose newest run saw other facts than there are, or waits and need not."""
    newest = session.execute(
        select(
            RunRow.business_day, RunRow.summary["seen"], RunRow.summary["time"],
            RunRow.summary["waiting"].as_integer(),
        )
        .where(RunRow.business_day.in_(days))
        .order_by(RunRow.business_day, RunRow.id.desc())
        .ext(postgresql.distinct_on(RunRow.business_day))
    ).all()  # fmt: skip
    seen_now = day_store.fingerprints(session, days)
    leave = collective_leave(session)
    lately = outages.between(session, day_starts(min(days, default=business_day(now))), now)

    def has_aged(day: date, time: dict) -> bool:
        mattered = [
            o for o in lately if o.window.overlaps(day_starts(day), day_starts(day + MATTERS))
        ]
        return time != time_of(day, leave, now, mattered)

    return {
        day
        for day, seen, time, waiting in newest
        if seen != seen_now[day] or (waiting and has_aged(day, time))
    }


def _moved(session: Session, now: datetime) -> set[date]:
    """The days, however old, of which the bank says something else now, or time has run out."""
    facts = treasury_store.facts(session)
    bank = by_day(facts, facts.matched())
    newest = session.execute(
        select(RunRow.business_day, RunRow.bank_digest, RunRow.look_again)
        .order_by(RunRow.business_day, RunRow.id.desc())
        .ext(postgresql.distinct_on(RunRow.business_day))
    )
    return {
        day
        for day, seen, look_again in newest
        if seen != bank.get(day, NOTHING).digest
        or (look_again is not None and look_again <= business_day(now))
    }


def idle_attendants(session: Session, day: date) -> Sequence[Mapping[Any, Any]]:
    """Who took no QRIS in the seven days up to a day. The session must be fresh."""
    return idle(day_store.read_attendance(session, day), day)


def note_idle_attendants(
    session: Session, day: date, found: Sequence[Mapping[Any, Any]], now: datetime
) -> None:
    """Write them into the audit log."""
    for row in found:
        who = f"attendant:{row['attendant_id']}"
        detail = {"day": day.isoformat(), "badge": row["badge"], "days": int(row["days"])}
        record(session, now, "job:inactivity", "attendant.idle", who, detail)


def run_of_inputs(session: Session, day: date, input_hash: str) -> Run | None:
    """The run that was made of exactly these inputs."""
    return _run_or_none(
        session,
        select(RunRow).where(RunRow.business_day == day, RunRow.input_hash == input_hash),
    )


def latest_run(session: Session, day: date) -> Run | None:
    """The run that holds for a day."""
    newest = select(RunRow).where(RunRow.business_day == day).order_by(RunRow.id.desc()).limit(1)
    return _run_or_none(session, newest)


def latest_runs(session: Session, from_day: date, to_day: date) -> Sequence[Run]:
    """The runs that hold for the days of a period, in order; days without one are left out."""
    rows = session.scalars(
        select(RunRow).where(RunRow.id.in_(_newest(from_day, to_day))).order_by(RunRow.business_day)
    )
    return [_run(row) for row in rows]


def add_run(session: Session, run: Run, found: Sequence[Discrepancy]) -> Run:
    """Store a run with its discrepancies; the one that is there if another was quicker."""
    values = {name: getattr(run, name) for name in run.__slots__ if name != "id"}
    added = session.scalar(
        postgresql.insert(RunRow).values(values).on_conflict_do_nothing().returning(RunRow.id)
    )
    if added is not None and found:
        of_run = {"run_id": added, "business_day": run.business_day}
        copy_rows(session, DiscrepancyRow, [d.values() | of_run for d in found])
    kept = run_of_inputs(session, run.business_day, run.input_hash)
    assert kept is not None  # noqa: S101 - added here, or by whoever was quicker
    return kept


def discrepancies(session: Session, wanted: Wanted) -> Sequence[Stored]:
    """The discrepancies that hold, by day, code and subject."""
    row = DiscrepancyRow
    query = select(row).where(row.run_id.in_(_newest(wanted.from_day, wanted.to_day)))
    for column, allowed in (
        (row.code, wanted.codes), (row.owner, wanted.owners), (row.severity, wanted.severities),
        (row.status, wanted.statuses), (row.attendant_id, wanted.attendants),
        (row.point_id, wanted.points), (row.ours, [wanted.ours] if wanted.ours else ()),
    ):  # fmt: skip
        if allowed:
            query = query.where(column.in_(allowed))
    rows = session.scalars(query.order_by(row.business_day, row.code, row.subject))
    return [_stored(found) for found in rows]


def discrepancy(session: Session, discrepancy_id: int) -> Stored:
    """Raises NotFound."""
    row = session.get(DiscrepancyRow, discrepancy_id)
    if row is None:
        raise NotFound(f"Tidak ada selisih nomor {discrepancy_id}")
    return _stored(row)


def _newest(from_day: date, to_day: date) -> Select[int]:
    return (
        select(func.max(RunRow.id))
        .where(RunRow.business_day.between(from_day, to_day))
        .group_by(RunRow.business_day)
    )


def _run_or_none(session: Session, query: Select[RunRow]) -> Run | None:
    row = session.scalar(query)
    return _run(row) if row is not None else None


def _run(row: RunRow) -> Run:
    return Run(
        row.id, row.business_day, row.as_of, row.input_hash, row.result_hash, row.finished_at,
        row.summary, row.bank_digest, row.look_again,
    )  # fmt: skip


def _stored(row: DiscrepancyRow) -> Stored:
    what = Discrepancy(
        row.code, row.subject, Status(row.status), Severity(row.severity), row.owner, row.due_on,
        Rupiah(row.amount), row.ours, row.attendant_id, row.point_id, row.gateway,
        row.explanation, row.evidence,
    )  # fmt: skip
    return Stored(row.id, row.run_id, row.business_day, what)
