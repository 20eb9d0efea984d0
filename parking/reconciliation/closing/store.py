"""Closed days: frozen with a hash that two persons signed (reliability.md 5.3, M6)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.database.base import Base, RowId, append_only, updatable
from parking.database.bulk import among
from parking.deposits.store import StsRow
from parking.money import Rupiah
from parking.reconciliation.closing.readiness import Afterwards, Closed, DayFacts, Prepared
from parking.reconciliation.store import RunRow, days_due
from parking.registry.store import collective_leave
from parking.statements.expected_store import ExpectedFile, expected_files


class CloseProposalRow(Base):
    """One person says that a day is ready: the hash is of what he saw."""

    __tablename__ = "close_proposal"
    __table_args__ = append_only()

    id: Mapped[RowId]
    business_day: Mapped[date] = mapped_column(index=True)
    hash: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]


class ClosedDayRow(Base):
    """A day that is closed: there is no way back."""

    __tablename__ = "closed_day"
    __table_args__ = append_only(CheckConstraint("signed_by <> prepared_by", name="two_persons"))

    business_day: Mapped[date] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("reconciliation_run.id"))
    hash: Mapped[str]
    snapshot: Mapped[dict] = mapped_column(JSONB)  # what was signed
    prepared_by: Mapped[str]
    prepared_at: Mapped[datetime]
    signed_by: Mapped[str]
    closed_at: Mapped[datetime]


class ClosedCheckRow(Base):
    """When a closed day was last compared with what was signed, and what had changed."""

    __tablename__ = "closed_day_check"
    __table_args__ = updatable("at", "fault")

    business_day: Mapped[date] = mapped_column(
        ForeignKey("closed_day.business_day"), primary_key=True
    )
    at: Mapped[datetime]
    fault: Mapped[str]  # empty: it is as it was signed


# What was booked on a day by a moment. What its closing books is told beside it: see SETTLED.
LEDGER = """
SELECT count(*) AS entries,
    encode(sha256(convert_to(coalesce(string_agg(line, E'\\n' ORDER BY id), ''), 'UTF8')), 'hex')
        AS digest
FROM (
    SELECT e.id, concat_ws('|', e.id, e.kind, e.reference, extract(epoch FROM e.posted_at),
        string_agg(concat_ws(':', p.number, p.account, p.holder, p.amount), ',' ORDER BY p.number)
    ) AS line
    FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
    WHERE e.effective_on = :day AND e.posted_at <= :until AND e.kind <> 'bank_match'
    GROUP BY e.id
) entry
"""
BY_ACCOUNT = """
SELECT p.account, sum(p.amount)::bigint
FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
WHERE e.effective_on = :day AND e.posted_at <= :until AND e.kind <> 'bank_match'
GROUP BY p.account ORDER BY p.account
"""
# What closing a day booked on it. Nothing else is of this kind, and nothing comes later.
SETTLED = """
SELECT e.statement_line_id, p.account, p.amount
FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
WHERE e.effective_on = :day AND e.kind = 'bank_match'
ORDER BY e.statement_line_id, e.id, p.number
"""
CREDITED = """
SELECT coalesce(sum(amount), 0)::bigint FROM statement_line
WHERE id = ANY(CAST(:lines AS bigint[]))
"""
# A disagreement that a person must follow, and what follows it.
FOLLOWED = """
SELECT d.business_day, d.code, d.subject, d.amount,
    EXISTS (
        SELECT FROM case_file c WHERE c.code = d.code AND c.subject = d.subject
    ) AS has_case
FROM discrepancy d
WHERE d.run_id = ANY(:runs) AND d.status <> 'selesai'
ORDER BY d.business_day, d.code, d.subject
"""
OPEN_CASES = """
SELECT d.business_day, count(*) FROM discrepancy d
JOIN case_file c ON c.code = d.code AND c.subject = d.subject AND c.state = 'tracing'
WHERE d.run_id = ANY(:runs) AND d.status <> 'selesai' GROUP BY d.business_day
"""
OPEN_SHIFTS = """
SELECT business_day, count(*) FROM shift
WHERE closed_at IS NULL AND business_day = ANY(CAST(:days AS date[])) GROUP BY business_day
"""
UNREAD = """
SELECT (b.received_at AT TIME ZONE 'Asia/Jakarta')::date AS day, count(*)
FROM callback_work w JOIN callback b ON b.id = w.callback_id
WHERE w.due_at IS NOT NULL
    AND (b.received_at AT TIME ZONE 'Asia/Jakarta')::date = ANY(CAST(:days AS date[]))
GROUP BY 1
"""
LATER = """
SELECT e.effective_on, count(*) FROM ledger_entry e
JOIN closed_day c ON c.business_day = e.effective_on AND e.posted_at > c.closed_at
WHERE c.business_day = ANY(CAST(:days AS date[])) GROUP BY e.effective_on
"""

AFTERWARDS = """
SELECT c.closed_at, count(e.id), coalesce(sum(p.debit), 0)::bigint
FROM closed_day c
LEFT JOIN ledger_entry e ON e.effective_on = c.business_day AND e.posted_at > c.closed_at
LEFT JOIN LATERAL (
    SELECT sum(amount) AS debit FROM ledger_posting WHERE entry_id = e.id AND amount > 0
) p ON true
WHERE c.business_day = :day GROUP BY c.closed_at
"""


def lock_day(session: Session, day: date) -> None:
    """Let nothing be booked into a day until this transaction ends; wait for what is being."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"book {day.isoformat()}"},
    )


def facts(session: Session, days: Collection[date], now: datetime) -> Sequence[DayFacts]:
    """What is known of days that are over, in order."""
    days = sorted(days)
    if not days:
        return []
    given = {"days": days}
    runs = {row.business_day: row for row in _newest_runs(session, days)}
    ids = {"runs": [row.id for row in runs.values()]}
    files = _by_day(expected_files(session, days, collective_leave(session)))
    stale = set(days_due(session, max(days) + timedelta(days=1), now))
    without = _without_case(session, ids)
    open_cases = _counts(session, OPEN_CASES, ids)
    open_shifts, unread = _counts(session, OPEN_SHIFTS, given), _counts(session, UNREAD, given)
    prepared, closed = _prepared(session, days), _closed(session, days)
    return [
        DayFacts(
            day=day,
            run_id=runs[day].id if day in runs else None,
            is_stale=day in stale,
            waiting=int(runs[day].waiting) if day in runs else 0,
            open_shifts=open_shifts.get(day, 0),
            unread_callbacks=unread.get(day, 0),
            files=files.get(day, ()),
            without_case=without.get(day, {}),
            open_cases=open_cases.get(day, 0),
            equations=runs[day].equations or () if day in runs else (),
            prepared=prepared.get(day),
            closed=closed.get(day),
        )
        for day in days
    ]


def first_day(session: Session) -> date | None:
    """The first day that was ever reconciled."""
    return session.scalar(select(func.min(RunRow.business_day)))


def booked(session: Session, day: date, until: datetime) -> dict[str, Any]:
    """What was booked on a day by a moment: how much, to which accounts, and a digest of it all."""
    given = {"day": day, "until": until}
    count, digest = session.execute(text(LEDGER), given).one()
    sums = session.execute(text(BY_ACCOUNT), given).all()
    return {"entries": count, "digest": digest, "by_account": dict(sums)}


def settled(session: Session, day: date) -> list[list[Any]]:
    """What closing a day booked on it: each bank line with accounts and amounts."""
    found: dict[int, list[list[Any]]] = {}
    for line, account, amount in session.execute(text(SETTLED), {"day": day}):
        found.setdefault(line, []).append([account, amount])
    return [[line, postings] for line, postings in found.items()]


def credited(session: Session, lines: Collection[int]) -> int:
    """What bank lines come to together."""
    return session.execute(text(CREDITED), {"lines": list(lines)}).scalar_one()


def slip_numbers(session: Session, matches: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The numbers that people know the deposit slips by that are in frozen matches."""
    ids = {int(ref) for match in matches for kind, ref in match["sides"] if kind == "sts"}
    rows = session.execute(select(StsRow.id, StsRow.number).where(among(StsRow.id, ids)))
    return {str(slip): number for slip, number in rows if number}


def followed(session: Session, run_id: int) -> list[list[Any]]:
    """Code, subject and amount of what a run found that a person must follow."""
    rows = session.execute(text(FOLLOWED), {"runs": [run_id]})
    return [[row.code, row.subject, row.amount] for row in rows]


def run(session: Session, run_id: int) -> RunRow:
    return session.get_one(RunRow, run_id)


def propose(session: Session, **values: Any) -> None:
    """Note that one person found a day ready."""
    session.add(CloseProposalRow(**values))


def close(session: Session, **values: Any) -> None:
    """Store a closed day. Raises IntegrityError if it is closed already."""
    session.add(ClosedDayRow(**values))
    session.flush()


def closed_row(session: Session, day: date) -> ClosedDayRow | None:
    return session.get(ClosedDayRow, day)


def afterwards(session: Session, day: date) -> Afterwards | None:
    """What came into a day since it was closed; None for one that is not."""
    found = session.execute(text(AFTERWARDS), {"day": day}).one_or_none()
    return Afterwards(found[0], found[1], Rupiah(found[2])) if found else None


def closed_days(session: Session) -> Sequence[date]:
    """Every closed day, in order."""
    row = ClosedDayRow
    return session.scalars(select(row.business_day).order_by(row.business_day)).all()


def unchecked(session: Session, before: datetime, limit: int) -> Sequence[date]:
    """Closed days that nobody has compared since a moment, the longest ago first."""
    row, check = ClosedDayRow, ClosedCheckRow
    return session.scalars(
        select(row.business_day)
        .outerjoin(check, check.business_day == row.business_day)
        .where(func.coalesce(check.at, row.closed_at) < before)
        .order_by(func.coalesce(check.at, row.closed_at), row.business_day)
        .limit(limit)
    ).all()


def note_check(session: Session, day: date, at: datetime, fault: str) -> None:
    """Keep what comparing a closed day with what was signed came to."""
    values = {"at": at, "fault": fault}
    session.execute(
        postgresql.insert(ClosedCheckRow)
        .values(business_day=day, **values)
        .on_conflict_do_update(index_elements=["business_day"], set_=values)
    )


def _newest_runs(session: Session, days: Collection[date]) -> Sequence[Any]:
    row = RunRow
    return session.execute(
        select(
            row.id,
            row.business_day,
            row.summary["waiting"].as_integer().label("waiting"),
            row.summary["equations"].label("equations"),
        )
        .where(row.business_day.in_(days))
        .order_by(row.business_day, row.id.desc())
        .ext(postgresql.distinct_on(row.business_day))
    ).all()


def _counts(session: Session, query: str, given: Mapping[str, Any]) -> dict[date, int]:
    return dict(session.execute(text(query), given).all())


def _by_day(files: Iterable[ExpectedFile]) -> dict[date, list[ExpectedFile]]:
    found: dict[date, list[ExpectedFile]] = {}
    for file in files:
        found.setdefault(file.day, []).append(file)
    return found


def _without_case(session: Session, ids: Mapping[str, Any]) -> dict[date, dict[str, int]]:
    found: dict[date, dict[str, int]] = {}
    for row in session.execute(text(FOLLOWED), ids):
        if not row.has_case:
            codes = found.setdefault(row.business_day, {})
            codes[row.code] = codes.get(row.code, 0) + 1
    return found


def _prepared(session: Session, days: Collection[date]) -> dict[date, Prepared]:
    row = CloseProposalRow
    rows = session.scalars(
        select(row)
        .where(row.business_day.in_(days))
        .order_by(row.business_day, row.id.desc())
        .ext(postgresql.distinct_on(row.business_day))
    )
    return {r.business_day: Prepared(r.hash, r.at, r.actor) for r in rows}


def _closed(session: Session, days: Collection[date]) -> dict[date, Closed]:
    later = _counts(session, LATER, {"days": days})
    rows = session.execute(
        select(ClosedDayRow, ClosedCheckRow)
        .outerjoin(ClosedCheckRow, ClosedCheckRow.business_day == ClosedDayRow.business_day)
        .where(ClosedDayRow.business_day.in_(days))
    )
    return {
        row.business_day: Closed(
            row.run_id, row.hash, row.prepared_by, row.prepared_at, row.signed_by, row.closed_at,
            later.get(row.business_day, 0), check.at if check else None,
            check.fault if check else "",
        )
        for row, check in rows
    }  # fmt: skip
