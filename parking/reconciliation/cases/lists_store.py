"""The lists of cases, and what a list of discrepancies says of the case of each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from parking.database.rows import Query, Rows
from parking.money import Rupiah
from parking.reconciliation.cases.case import Case, CaseState
from parking.reconciliation.cases.proposal import Standing
from parking.reconciliation.cases.store import CaseRow, ProposalRow, case_of
from parking.reconciliation.cases.words import ROLE_TEXT, STATE_TEXT
from parking.reconciliation.catalogue import CATALOGUE, SEVERITY_TEXT, Severity
from parking.registry.store import AttendantRow, PointRow

RANK = case(
    {str(severity): rank for rank, severity in enumerate(Severity)},
    value=CaseRow.severity,
    else_=len(Severity),
)


@dataclass(frozen=True, slots=True)
class CaseAsk:
    """What a list of cases is asked for; empty means any."""

    show: str = ""  # open, mine, overdue, escalated, or a state
    code: str = ""
    severity: str = ""
    owner: str = ""
    attendant: str = ""  # badge
    day: date | None = None  # that it covers
    text: str = ""
    sort: str = ""
    descending: bool = False
    me: str = ""  # the asker's user name
    today: date = date.max


@dataclass(frozen=True, slots=True)
class CaseLine:
    case: Case
    badge: str | None
    attendant: str | None
    point: str | None
    today: date

    @property
    def id(self) -> int:
        return self.case.id

    @property
    def code(self) -> str:
        return self.case.code

    @property
    def what(self) -> str:
        kind = CATALOGUE.get(self.case.code)
        return kind.name if kind else self.case.code

    @property
    def state_text(self) -> str:
        return STATE_TEXT[self.case.state]

    @property
    def severity_text(self) -> str:
        return SEVERITY_TEXT[Severity(self.case.severity)]

    @property
    def explanation(self) -> str:
        return self.case.explanation

    @property
    def amount(self) -> Rupiah:
        return self.case.amount

    @property
    def owner_text(self) -> str:
        text = ROLE_TEXT.get(self.case.owner, self.case.owner)
        return f"{text} (naik {self.case.level}x)" if self.case.level else text

    @property
    def assignee(self) -> str | None:
        return self.case.assignee

    @property
    def due_on(self) -> date:
        return self.case.due_on

    @property
    def first_day(self) -> date:
        return self.case.first_day

    @property
    def is_overdue(self) -> bool:
        return self.case.is_open and self.case.due_on < self.today

    @property
    def is_grave(self) -> bool:
        return self.case.is_open and self.case.severity in (Severity.CRITICAL, Severity.HIGH)


def cases(asked: CaseAsk) -> Rows[CaseLine]:
    """Cases, the gravest and most urgent first, unless asked otherwise."""
    row = CaseRow
    by: dict[str, Any] = {
        "id": row.id, "code": row.code, "severity_text": RANK, "due_on": row.due_on,
        "amount": row.amount, "first_day": row.first_day,
    }  # fmt: skip
    query: Query = (
        select(row, AttendantRow.badge, AttendantRow.name, PointRow.code)
        .outerjoin(AttendantRow, AttendantRow.id == row.attendant_id)
        .outerjoin(PointRow, PointRow.id == row.point_id)
        .where(*_where(asked))
    )
    first = by.get(asked.sort, RANK)
    order = first.desc() if asked.descending else first
    return Rows(
        query.order_by(order, row.due_on, row.id),
        lambda r: CaseLine(case_of(r[0]), r[1], r[2], r[3], asked.today),
    )


def _where(asked: CaseAsk) -> list[ColumnElement[bool]]:
    row = CaseRow
    found = [
        column == value
        for column, value in (
            (row.code, asked.code), (row.severity, asked.severity), (row.owner, asked.owner),
            (AttendantRow.badge, asked.attendant),
        )
        if value
    ]  # fmt: skip
    if asked.show in list(CaseState):
        found.append(row.state == asked.show)
    elif asked.show:
        found += [row.state == CaseState.TRACING, *_narrowed(asked)]
    if asked.day:
        found.append(and_(row.first_day <= asked.day, row.last_day >= asked.day))
    if asked.text.isdecimal() and len(asked.text) < 10:
        found.append(row.id == int(asked.text))
    elif asked.text:
        texts = (row.code, row.ours, row.subject, row.explanation, AttendantRow.name)
        found.append(or_(*(t.icontains(asked.text, autoescape=True) for t in texts)))
    return found


def _narrowed(asked: CaseAsk) -> list[ColumnElement[bool]]:
    row = CaseRow
    return {
        "open": [],
        "mine": [row.assignee == asked.me],
        "overdue": [row.due_on < asked.today],
        "escalated": [row.level > 0],
    }[asked.show]


def counts(session: Session, me: str, today: date) -> dict[str, int]:
    """How many open cases there are: in all, of one user, overdue, escalated, in proposals."""
    row = CaseRow
    query = select(
        func.count(),
        func.count().filter(row.assignee == me),
        func.count().filter(row.due_on < today),
        func.count().filter(row.level > 0),
    ).where(row.state == CaseState.TRACING)
    found = session.execute(query).one()
    waiting = session.scalar(select(func.count()).where(ProposalRow.standing == Standing.PROPOSED))
    names = ("open", "mine", "overdue", "escalated", "waiting")
    return dict(zip(names, (*found, waiting or 0), strict=True))
