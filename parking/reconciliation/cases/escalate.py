"""Take what its owner has let lie to whom he answers, and after some days to the next."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.business_day import add_working_days, business_day, day_text
from parking.reconciliation.cases import case as cases
from parking.reconciliation.cases import store
from parking.reconciliation.cases.case import SUPERIOR, SYSTEM, Case, CaseState, Step
from parking.reconciliation.cases.follow import days_without_cases, follow
from parking.reconciliation.cases.store import CaseRow
from parking.reconciliation.cases.words import ROLE_TEXT
from parking.registry.store import collective_leave

AT_ONCE = 500
MOST_LEVELS = 2  # from whom it lies with to the superior, and to the superior's
PATIENCE = 3  # working days between two levels


def escalate_due(sessions: sessionmaker[Session], now: datetime) -> int:
    """Escalate what is overdue and was not escalated today; how many it were.

    Days reconciled before there were cases get theirs first.
    """
    with sessions() as session:
        behind = days_without_cases(session)
    for day in behind:
        with sessions.begin() as session:
            follow(session, day, now)
    with sessions.begin() as session:
        late = store.locked(session, _overdue(session, now))
        todo = [
            cases.step(c, Step.ESCALATED, SYSTEM, now, _told(c), _changes(c, now)) for c in late
        ]
        store.change_all(session, [(case, [event]) for case, event in todo])
        for case, event in todo:
            told = {"code": case.code, "subject": case.subject, **event.detail}
            record(session, now, SYSTEM, "case.escalate", f"case:{case.id}", told)
    return len(todo)


def _overdue(session: Session, now: datetime) -> list[int]:
    row, today, leave = CaseRow, business_day(now), collective_leave(session)
    query = (
        select(row.id, row.escalated_on)
        .where(row.state == CaseState.TRACING, row.due_on < today, row.level < MOST_LEVELS)
        .order_by(row.due_on, row.id)
    )
    due = [
        number for number, last in session.execute(query)
        if last is None or add_working_days(last, PATIENCE, leave) <= today
    ]  # fmt: skip
    return due[:AT_ONCE]


def _changes(case: Case, now: datetime) -> dict[str, object]:
    return {
        "level": case.level + 1, "escalated_on": business_day(now), "owner": _superior(case),
        "assignee": None,
    }  # fmt: skip


def _superior(case: Case) -> str:
    return SUPERIOR.get(case.owner, case.owner)


def _told(case: Case) -> str:
    text = ROLE_TEXT.get(_superior(case), _superior(case))
    return f"Batas {day_text(case.due_on)} lewat: naik ke {text}"
