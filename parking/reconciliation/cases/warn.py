"""Warning letters: proposed by the rule, issued with a number or dropped with a reason."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.business_day import business_day
from parking.errors import BadInput, Conflict, NotFound
from parking.reconciliation.cases import store
from parking.reconciliation.cases.case import SYSTEM, CaseState
from parking.reconciliation.cases.store import CaseRow, WarningRow
from parking.reconciliation.cases.warning import (
    DECLARED,
    IDLE,
    WITHIN,
    Ground,
    Past,
    Standing,
    proposed,
)
from parking.reconciliation.cases.work import LONGEST, SHORTEST, Worker
from parking.registry.store import AttendantRow


def propose_due(sessions: sessionmaker[Session], now: datetime) -> int:
    """Propose what the rule says by now, each once; how many it were."""
    today = business_day(now)
    with sessions.begin() as session:
        store.lock(session)
        grounds = _grounds(session, today)
        past = _past(session, grounds)
        found = {who: proposed(of, past.get(who, ()), today) for who, of in grounds.items()}
        for who, warning in found.items():
            if warning is not None:
                added = insert(WarningRow).values(
                    attendant_id=who, level=warning.level, rule=warning.rule,
                    basis=warning.basis, proposed_on=today, standing=Standing.PROPOSED, number="",
                    why="",
                )  # fmt: skip
                number = session.scalar(added.returning(WarningRow.id))
                told = {"attendant": who, "level": warning.level, "basis": warning.basis}
                record(session, now, SYSTEM, "warning.propose", f"warning:{number}", told)
    return sum(warning is not None for warning in found.values())


def issue(session: Session, which: int, number: str, who: Worker, now: datetime) -> None:
    """Issue a proposed letter under its number. Raises NotFound, Conflict, BadInput."""
    if not 3 <= len(number.strip()) <= 80:
        raise BadInput("Surat belum benar", {"number": "nomor surat, 3 sampai 80 huruf"})
    taken = select(WarningRow.id).where(WarningRow.number == number.strip())
    if session.scalar(taken) is not None:
        raise BadInput("Surat belum benar", {"number": "nomor ini sudah dipakai surat lain"})
    _decide(session, which, Standing.ISSUED, who, now, number=number.strip())


def drop(session: Session, which: int, why: str, who: Worker, now: datetime) -> None:
    """Drop a proposed letter, saying why. Raises NotFound, Conflict, BadInput."""
    if not SHORTEST <= len(why.strip()) <= LONGEST:
        raise BadInput("Alasan belum ada", {"why": f"{SHORTEST} sampai {LONGEST} huruf"})
    _decide(session, which, Standing.DROPPED, who, now, why=why.strip())


def by_id(session: Session, which: int) -> tuple[WarningRow, str, str]:
    """A warning with the badge and name of the attendant. Raises NotFound."""
    found = session.execute(
        select(WarningRow, AttendantRow.badge, AttendantRow.name)
        .join(AttendantRow, AttendantRow.id == WarningRow.attendant_id)
        .where(WarningRow.id == which)
    ).one_or_none()
    if found is None:
        raise NotFound(f"Tidak ada peringatan nomor {which}")
    return found


def register(session: Session) -> Sequence[tuple[WarningRow, str, str]]:
    """Every warning with its attendant, the newest first (C9)."""
    query = (
        select(WarningRow, AttendantRow.badge, AttendantRow.name)
        .join(AttendantRow, AttendantRow.id == WarningRow.attendant_id)
        .order_by(WarningRow.id.desc())
    )
    return session.execute(query).all()


def _decide(
    session: Session, which: int, to: Standing, who: Worker, now: datetime, **said: str
) -> None:
    row = session.get(WarningRow, which, with_for_update=True)
    if row is None:
        raise NotFound(f"Tidak ada peringatan nomor {which}")
    if row.standing != Standing.PROPOSED:
        raise Conflict(f"Peringatan {which} sudah diputus")
    row.standing, row.decided_by, row.decided_at = to, who.label, now
    for name, value in said.items():
        setattr(row, name, value)
    session.flush()
    told: dict[str, Any] = {"attendant": row.attendant_id, "level": row.level, **said}
    record(session, now, who.label, f"warning.{to}", f"warning:{which}", told, row.why)


def _grounds(session: Session, today: date) -> Mapping[int, list[Ground]]:
    """The open cases about attendants in service that a warning may rest on."""
    row = CaseRow
    query = (
        select(AttendantRow.id, row.id, row.code, row.first_day)
        .join(AttendantRow, AttendantRow.id == row.attendant_id)
        .where(
            or_(AttendantRow.ended_on.is_(None), AttendantRow.ended_on >= today),
            row.state == CaseState.TRACING,
            or_(row.code == IDLE, row.code.in_(DECLARED) & (row.first_day > today - WITHIN)),
        )
        .order_by(row.id)
    )
    found: defaultdict[int, list[Ground]] = defaultdict(list)
    for who, number, code, day in session.execute(query):
        found[who].append(Ground(number, code, day))
    return found


def _past(session: Session, of: Mapping[int, Any]) -> Mapping[int, list[Past]]:
    row = WarningRow
    query = select(row).where(row.attendant_id.in_(of)).order_by(row.id)
    found: defaultdict[int, list[Past]] = defaultdict(list)
    for each in session.scalars(query):
        on = business_day(each.decided_at) if each.decided_at else each.proposed_on
        found[each.attendant_id].append(Past(Standing(each.standing), each.basis, on))
    return found
