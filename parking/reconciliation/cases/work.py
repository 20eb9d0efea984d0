"""What people do with cases: one or many at once, all or nothing, each step kept and audited."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from parking.access.policy import Role
from parking.access.users import everybody
from parking.audit.log import record
from parking.business_day import business_day, day_text
from parking.errors import BadInput, Conflict, NotAllowed, ParkingError
from parking.reconciliation import evidence_file
from parking.reconciliation.cases import case as cases
from parking.reconciliation.cases import store
from parking.reconciliation.cases.case import ACTS_FOR_SYSTEM, Case, Event, Reason, Step
from parking.reconciliation.catalogue import CATALOGUE

SHORTEST, LONGEST = 5, 500  # letters of a note or reason
LONGEST_DELAY = timedelta(days=90)
MOST_AT_ONCE = 200

WORKING = frozenset(
    {Role.AUDITOR, Role.FINANCE, Role.TREASURER, Role.SUPERVISOR, Role.ADMIN}
)  # may have a case laid upon them
ROLES = tuple(role for role in Role if role in WORKING)


@dataclass(frozen=True, slots=True)
class Worker:
    """Who acts, and at which browser."""

    label: str  # "user:ratna"
    role: str
    session: str  # the hash of it


Taken = tuple[Case, Event]
Do = Callable[[Case], Taken]


def assign(
    session: Session, ids: Collection[int], assignee: str, who: Worker, now: datetime
) -> Sequence[Case]:
    """Lay cases upon a user. Raises BadInput, NotFound, Conflict, NotAllowed; then none changed."""
    known = {u.username: u for u in everybody(session) if u.ended_at is None}
    found = known.get(assignee.strip())
    if found is None or found.role not in WORKING:
        raise BadInput("Petugas belum benar", {"assignee": "pilih petugas yang aktif"})

    def do(case: Case) -> Taken:
        if not cases.may_act(case, found.role, owner_of(case)):
            raise NotAllowed(f"kasus {case.id} bukan urusan peran {found.role}")
        changes = {"assignee": found.username}
        return cases.step(case, Step.ASSIGNED, who.label, now, found.username, changes)

    return _each(session, ids, who, now, "case.assign", do, found.username)


def change_due(
    session: Session, ids: Collection[int], due_on: date, reason: str, who: Worker, now: datetime
) -> Sequence[Case]:
    """Give cases another day by which they must be over, with a reason. Raises as `assign` does."""
    why, today = _note(reason, "reason"), business_day(now)
    if not today <= due_on <= today + LONGEST_DELAY:
        until = day_text(today + LONGEST_DELAY)
        raise BadInput("Batas belum benar", {"due_on": f"dari hari ini sampai {until}"})

    def do(case: Case) -> Taken:
        return cases.step(case, Step.DUE_CHANGED, who.label, now, why, {"due_on": due_on})

    return _each(session, ids, who, now, "case.due", do, why)


def comment(
    session: Session, ids: Collection[int], note: str, who: Worker, now: datetime
) -> Sequence[Case]:
    """Write to cases what somebody should know. Everybody at the desk may. Raises BadInput."""
    text = _note(note, "note")

    def do(case: Case) -> Taken:
        return cases.step(case, Step.COMMENTED, who.label, now, text)

    return _each(session, ids, who, now, "case.comment", do, text, anybody=True)


def link_complaint(
    session: Session, ids: Collection[int], document: str, note: str, who: Worker, now: datetime
) -> Sequence[Case]:
    """Say which complaint of a citizen a case is about, by its number. Raises as `assign` does."""
    problems = _problems(document, note)
    if problems:
        raise BadInput("Pengaduan belum benar", problems)
    text = f"Pengaduan {document.strip()}: {note.strip()}"

    def do(case: Case) -> Taken:
        return cases.step(case, Step.LINKED, who.label, now, text, complaint=document.strip())

    return _each(session, ids, who, now, "case.link", do, text)


def resolve(
    session: Session, ids: Collection[int], reason: str, document: str, note: str, who: Worker,
    now: datetime,
) -> Sequence[Case]:  # fmt: skip
    """End cases with a reason, the number of a document and a note (domain.md 7).

    Raises as `assign` does; Conflict too while a proposal waits for a second person.
    """
    problems = _problems(document, note)
    if reason not in list(Reason):
        problems["reason"] = "pilih salah satu"
    if problems:
        raise BadInput("Penyelesaian belum benar", problems)
    waiting = store.with_open_proposal(session, ids)

    def do(case: Case) -> Taken:
        if case.id in waiting:
            raise Conflict(f"kasus {case.id} masih menunggu persetujuan suatu usulan")
        over = cases.ended(who.label, now, reason, document.strip(), note.strip())
        return cases.step(case, Step.RESOLVED, who.label, now, note.strip(), over)

    return _each(session, ids, who, now, "case.resolve", do, note.strip())


def undo(session: Session, case_id: int, who: Worker, now: datetime) -> Case:
    """Take one's own last step back. Raises NotFound, Conflict, NotAllowed."""
    (case,) = store.locked(session, [case_id])
    after, event = cases.undo(case, store.last_event(session, case_id), who.label, now)
    if after.is_open and not case.is_open and store.is_open_elsewhere(session, case):
        raise Conflict("Selisih yang sama sudah ditelusuri dalam kasus lain")
    store.change_all(session, [(after, [event])])
    _record(session, now, who, "case.undo", after, event.note, dict(event.detail))
    return after


def attach(
    session: Session, case_id: int, title: str, content: bytes, who: Worker, now: datetime
) -> int:
    """Put a paper or picture to a case; its number. Raises NotFound, BadInput, Conflict.

    What it is, its first bytes say, whatever it is called.
    """
    (case,) = store.locked(session, [case_id])
    problems = {}
    if fault := evidence_file.fault_of(content):
        problems["file"] = fault
    if not 3 <= len(title.strip()) <= 120:
        problems["title"] = "3 sampai 120 huruf"
    if problems:
        raise BadInput("Bukti belum benar", problems)
    sha256, media_type = hashlib.sha256(content).hexdigest(), evidence_file.media_type_of(content)
    number = store.add_evidence(
        session, case_id, title.strip(), media_type, sha256, content, who.label, now
    )
    if number is None:
        raise Conflict("Berkas yang sama sudah ada pada kasus ini")
    told: dict[str, Any] = {"evidence": number, "sha256": sha256}
    after, event = cases.step(case, Step.ATTACHED, who.label, now, title.strip(), **told)
    store.change_all(session, [(after, [event])])
    _record(session, now, who, "case.attach", after, title.strip(), told)
    return number


def link(
    session: Session, code: str, subject: str, text: str, href: str, actor: str, now: datetime
) -> None:
    """Note on the case of a disagreement where the work goes on; nothing if it has none."""
    _link(session, store.newest_of(session, code, subject), text, href, actor, now)


def link_open(
    session: Session, subjects: Collection[str], text: str, href: str, actor: str, now: datetime
) -> None:
    """Note the same on whatever is open about these: "line:5", "sts:7"."""
    _link(session, store.open_about(session, subjects), text, href, actor, now)


def _link(
    session: Session, found: Sequence[Case], text: str, href: str, actor: str, now: datetime
) -> None:
    steps = [cases.step(case, Step.LINKED, actor, now, text, href=href) for case in found]
    store.change_all(session, [(after, [event]) for after, event in steps])


def owner_of(case: Case) -> str:
    """The role that acts first by the catalogue."""
    kind = CATALOGUE.get(case.code)
    owner = kind.owner if kind else ACTS_FOR_SYSTEM
    return ACTS_FOR_SYSTEM if owner == "system" else owner


def check_may_act(case: Case, who: Worker) -> None:
    """Raises NotAllowed."""
    if not cases.may_act(case, who.role, owner_of(case)):
        raise NotAllowed(f"kasus {case.id} bukan urusan peran Anda")


def _each(
    session: Session, ids: Collection[int], who: Worker, now: datetime, action: str, do: Do,
    reason: str, *, anybody: bool = False,
) -> Sequence[Case]:  # fmt: skip
    """Do the same with every case; if one refuses, none changes and all that refused are named."""
    if not 1 <= len(set(ids)) <= MOST_AT_ONCE:
        raise BadInput(f"Pilih 1 sampai {MOST_AT_ONCE} kasus")
    done, refused = [], []
    for case in store.locked(session, set(ids)):
        try:
            if not anybody:
                check_may_act(case, who)
            done.append(do(case))
        except ParkingError as error:
            refused.append(error)
    if refused:
        kind = type(refused[0]) if len(refused) == 1 else Conflict
        raise kind(f"Tidak ada yang diubah: {'; '.join(str(e) for e in refused[:5])}")
    store.change_all(session, [(case, [event]) for case, event in done])
    for case, event in done:
        _record(session, now, who, action, case, reason, dict(event.detail))
    return [case for case, _ in done]


def _problems(document: str, note: str) -> dict[str, str]:
    problems = {}
    if not SHORTEST <= len(note.strip()) <= LONGEST:
        problems["note"] = f"jelaskan dengan {SHORTEST} sampai {LONGEST} huruf"
    if not 3 <= len(document.strip()) <= 80:
        problems["document"] = "3 sampai 80 huruf"
    return problems


def _note(text: str, field: str) -> str:
    if not SHORTEST <= len(text.strip()) <= LONGEST:
        raise BadInput("Isian belum benar", {field: f"{SHORTEST} sampai {LONGEST} huruf"})
    return text.strip()


def _record(
    session: Session, now: datetime, who: Worker, action: str, case: Case, reason: str,
    detail: Mapping[str, Any],
) -> None:  # fmt: skip
    told = {"code": case.code, "subject": case.subject, **detail}
    record(session, now, who.label, action, f"case:{case.id}", told, reason)
