"""A case: one disagreement, followed until a person, or the late line itself, ends it. Pure.

Every step leaves an event that says what it set and what was there before, so that a case is
what its events add up to (M5), and the last step can be taken back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from parking.errors import Conflict, NotAllowed
from parking.money import Rupiah

SYSTEM = "system"
UNDO_WITHIN = timedelta(days=1)


class CaseState(StrEnum):
    TRACING = "tracing"  # Ditelusuri
    RESOLVED = "resolved"  # Selesai
    WRITTEN_OFF = "written_off"  # Dihapuskan


class Step(StrEnum):
    OPENED = "opened"
    FOUND = "found"  # by a newer run, with other figures
    FOUND_AGAIN = "found_again"  # after it had ended
    CLEARED = "cleared"  # not found any more, or only late
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    ATTACHED = "attached"  # evidence
    LINKED = "linked"  # to a refund, a match or another page where the work goes on
    DUE_CHANGED = "due_changed"
    ESCALATED = "escalated"
    PROPOSED = "proposed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    RESOLVED = "resolved"
    WRITTEN_OFF = "written_off"
    RE_ATTRIBUTED = "re_attributed"
    CORRECTED = "corrected"
    UNDONE = "undone"


class Reason(StrEnum):
    """Why a person says that a case is over."""

    EXPLAINED = "explained"
    CAME_LATER = "came_later"
    REFUNDED = "refunded"
    CORRECTED = "corrected"
    NOT_OURS = "not_ours"
    TEST = "test"
    OTHER = "other"


Move = Mapping[CaseState | None, CaseState]
_OPEN, _DONE, _OFF = CaseState
_ANYWHERE: Move = {state: state for state in CaseState}
_WHILE_OPEN: Move = {_OPEN: _OPEN}

# From where each step may be taken, and where it leads. Nothing leads to deletion.
MOVES: Mapping[Step, Move] = {
    Step.OPENED: {None: _OPEN},
    Step.FOUND: _WHILE_OPEN,
    Step.FOUND_AGAIN: {_DONE: _OPEN, _OFF: _OPEN},
    Step.CLEARED: {_OPEN: _DONE},
    Step.ASSIGNED: _WHILE_OPEN,
    Step.COMMENTED: _ANYWHERE,
    Step.ATTACHED: _ANYWHERE,
    Step.LINKED: _ANYWHERE,
    Step.DUE_CHANGED: _WHILE_OPEN,
    Step.ESCALATED: _WHILE_OPEN,
    Step.PROPOSED: _WHILE_OPEN,
    Step.REJECTED: _ANYWHERE,  # the line may have come while it waited
    Step.WITHDRAWN: _ANYWHERE,
    Step.RESOLVED: {_OPEN: _DONE},
    Step.WRITTEN_OFF: {_OPEN: _OFF},
    Step.RE_ATTRIBUTED: {_OPEN: _DONE},
    Step.CORRECTED: {_OPEN: _DONE},
    Step.UNDONE: {_OPEN: _OPEN, _DONE: _OPEN},
}  # fmt: skip
UNDOABLE = frozenset({Step.ASSIGNED, Step.DUE_CHANGED, Step.RESOLVED})

# Who is told when the one it lies with has let it lie.
SUPERIOR = {
    "supervisor": "auditor", "admin": "auditor", "treasurer": "finance", "finance": "auditor",
    "auditor": "leadership", "leadership": "leadership",
}  # fmt: skip
ACTS_FOR_SYSTEM = "auditor"  # where the catalogue names nobody, and a person must look

_DAYS = frozenset({"first_day", "last_day", "due_on", "escalated_on"})
# What the events of a case say of it; the rest of it never changes, or is a pointer.
PROJECTED = (
    "first_day", "last_day", "state", "owner", "assignee", "severity", "amount", "due_on",
    "level", "escalated_on", "explanation", "attendant_id", "point_id", "ended_at", "ended_by",
    "reason", "document", "note",
)  # fmt: skip
ENDING = ("ended_at", "ended_by", "reason", "document", "note")


@dataclass(frozen=True, slots=True)
class Case:
    id: int  # 0 until it is stored
    code: str
    subject: str
    first_day: date
    last_day: date
    state: CaseState
    owner: str
    assignee: str | None
    severity: str
    amount: Rupiah
    ours: str
    gateway: str
    attendant_id: int | None
    point_id: int | None
    explanation: str
    discrepancy_id: int | None
    opened_at: datetime
    due_on: date
    level: int
    escalated_on: date | None
    ended_at: datetime | None
    ended_by: str | None
    reason: str
    document: str
    note: str

    @property
    def is_open(self) -> bool:
        return self.state is CaseState.TRACING

    def covers(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a case. `detail["set"]` and `["was"]` hold what it changed, as JSON."""

    at: datetime
    actor: str
    kind: Step
    from_state: str
    to_state: CaseState
    note: str
    detail: Mapping[str, Any]
    id: int = 0


def step(
    case: Case, kind: Step, actor: str, at: datetime, note: str = "",
    changes: Mapping[str, Any] | None = None, **detail: Any,
) -> tuple[Case, Event]:  # fmt: skip
    """A case after a step, and the event that tells of it. Raises Conflict where it cannot be."""
    to = MOVES[kind].get(case.state)
    if to is None:
        raise Conflict(f"Kasus {case.id} tidak sedang ditelusuri: langkah itu tidak bisa lagi")
    after = replace(case, **(changes or {}), state=to)
    differ = [n for n in PROJECTED if getattr(after, n) != getattr(case, n)]
    told = {
        "set": {n: _plain(getattr(after, n)) for n in differ},
        "was": {n: _plain(getattr(case, n)) for n in differ},
        **detail,
    }
    return after, Event(at, actor, kind, case.state, to, note, told)


def opened(case: Case, at: datetime) -> Event:
    """The first event of a case that is about to be stored."""
    told = {"set": {name: _plain(getattr(case, name)) for name in PROJECTED}, "was": {}}
    return Event(at, SYSTEM, Step.OPENED, "", CaseState.TRACING, case.explanation, told)


def projected(events: Iterable[Event]) -> dict[str, Any]:
    """What the events of a case, in their order, say of it. Raises ValueError where one follows
    that cannot.
    """
    state: CaseState | None = None
    values: dict[str, Any] = {}
    for event in events:
        to = MOVES[event.kind].get(state)
        if to is None or to is not event.to_state or (state or "") != event.from_state:
            raise ValueError(f"{event.kind} from {state} to {event.to_state}")
        values |= {name: _typed(name, value) for name, value in event.detail["set"].items()}
        state = to
    return values | {"state": state}


def undo(case: Case, last: Event, actor: str, at: datetime) -> tuple[Case, Event]:
    """Take one's own last step back, within a day. Raises Conflict, NotAllowed."""
    if last.kind not in UNDOABLE:  # nobody takes back what two persons decided
        raise Conflict("Langkah terakhir kasus ini tidak dapat dibatalkan")
    if last.actor != actor:
        raise NotAllowed("Langkah terakhir bukan dari Anda: hanya pelakunya yang membatalkan")
    if at - last.at > UNDO_WITHIN:
        raise Conflict("Langkah itu sudah lebih dari sehari: tidak dapat dibatalkan lagi")
    was = {n: _typed(n, v) for n, v in last.detail["was"].items() if n != "state"}
    return step(case, Step.UNDONE, actor, at, changes=was, undoes=last.id, what=last.kind)


def may_undo(last: Event, actor: str, at: datetime) -> bool:
    """Whether somebody may take the last step of a case back."""
    return last.kind in UNDOABLE and last.actor == actor and at - last.at <= UNDO_WITHIN


def may_act(case: Case, role: str, by_catalogue: str) -> bool:
    """Whether a role works on a case: the auditor always, the one it lies with, and the one who
    acts first by the catalogue.
    """
    return role in {"auditor", case.owner, by_catalogue}


def ended(actor: str, at: datetime, reason: str, document: str, note: str) -> dict[str, Any]:
    """What ending a case sets."""
    return dict(zip(ENDING, (at, actor, reason, document, note), strict=True))


NOT_ENDED: Mapping[str, Any] = {
    "ended_at": None, "ended_by": None, "reason": "", "document": "", "note": ""
}  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DAYS:
        return date.fromisoformat(value)
    if name == "ended_at":
        return datetime.fromisoformat(value)
    return CaseState(value) if name == "state" else value
