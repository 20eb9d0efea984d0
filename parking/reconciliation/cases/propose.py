"""Propose what changes the book or gives money up, and decide about it: two persons, two sessions.

Once approved it is booked in the same transaction; the case then ends.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from parking.access.store import UserRow
from parking.audit.log import record
from parking.business_day import business_day, day_text
from parking.charges.store import ChargeRow
from parking.errors import BadInput, Conflict, NotAllowed, NotFound
from parking.ledger.entry import Account, Posting
from parking.ledger.post import post
from parking.ledger.store import PostingRow
from parking.money import Rupiah, rupiah_text
from parking.reconciliation.cases import case as cases
from parking.reconciliation.cases import proposal as proposals
from parking.reconciliation.cases import store
from parking.reconciliation.cases.case import Case, Step
from parking.reconciliation.cases.proposal import (
    Correction,
    Kind,
    Proposal,
    ReAttribution,
    Standing,
    Terms,
    WriteOff,
)
from parking.reconciliation.cases.share_store import share_booked
from parking.reconciliation.cases.store import ProposalRow
from parking.reconciliation.cases.work import LONGEST, SHORTEST, Worker, check_may_act
from parking.registry.store import AttendantRow
from parking.shifts.store import CashRow, ShiftRow

# Cash cannot be less than nothing, whoever corrects what (M17).
CASH = (Account.CASH_WITH_ATTENDANT, Account.CASH_WITH_COLLECTOR, Account.CASH_WITH_TREASURER)
OLDEST = timedelta(days=731)  # what is to be corrected; books of earlier years are closed
STEP_OF = {
    Kind.WRITE_OFF: Step.WRITTEN_OFF, Kind.RE_ATTRIBUTION: Step.RE_ATTRIBUTED,
    Kind.CORRECTION: Step.CORRECTED,
}  # fmt: skip


def propose(
    session: Session, case_id: int, terms: Terms, reason: str, document: str, who: Worker,
    now: datetime,
) -> Proposal:  # fmt: skip
    """A proposal that waits for another person. Raises NotFound, NotAllowed, BadInput, Conflict."""
    (case,) = store.locked(session, [case_id])
    check_may_act(case, who)
    problems = {}
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        problems["reason"] = f"jelaskan dengan {SHORTEST} sampai {LONGEST} huruf"
    if not 3 <= len(document.strip()) <= 80:
        problems["document"] = "3 sampai 80 huruf"
    if problems:
        raise BadInput("Usulan belum benar", problems)
    _check_terms(session, case, terms, now)
    if case_id in store.with_open_proposal(session, [case_id]):
        raise Conflict(f"Kasus {case_id} sudah punya usulan yang menunggu")
    row = session.scalars(
        insert(ProposalRow)
        .values(
            case_id=case_id, kind=proposals.KIND_OF[type(terms)], terms=proposals.to_json(terms),
            reason=reason.strip(), document=document.strip(), proposed_by=who.label,
            proposed_at=now, proposed_in=who.session, standing=Standing.PROPOSED, why="",
        )
        .returning(ProposalRow)
    ).one()  # fmt: skip
    made = _proposal(row)
    after, event = cases.step(
        case, Step.PROPOSED, who.label, now, made.reason, proposal=made.id, what=made.kind
    )
    store.change_all(session, [(after, [event])])
    _record(session, now, who, "proposal.make", made, made.reason)
    return made


def approve(session: Session, proposal_id: int, who: Worker, now: datetime) -> Proposal:
    """Book it, and end the case. Raises NotFound, NotAllowed to the one who proposed it and at
    the browser it was proposed in; BadInput, Conflict if it cannot be done any more.
    """
    proposal = locked(session, proposal_id)
    proposals.check_decider(proposal, who.label, who.session)
    proposals.check_waiting(proposal)
    (case,) = store.locked(session, [proposal.case_id])
    _check_terms(session, case, proposal.terms, now)
    over = cases.ended(who.label, now, proposal.kind, proposal.document, proposal.reason)
    after, event = cases.step(
        case, STEP_OF[proposal.kind], who.label, now, proposal.reason, over, proposal=proposal.id
    )
    entry = proposals.entry_of(proposal)
    if entry is not None:
        post(session, entry, now)
        _check_cash(session, entry.postings)
    store.change_all(session, [(after, [event])])
    _decide(session, proposal, Standing.APPROVED, who, now)
    _record(session, now, who, "proposal.approve", proposal)
    return proposal


def reject(session: Session, proposal_id: int, why: str, who: Worker, now: datetime) -> Proposal:
    """Refuse it; the case goes on. Raises as `approve` does."""
    proposal = locked(session, proposal_id)
    proposals.check_decider(proposal, who.label, who.session)
    return _end(session, proposal, Standing.REJECTED, Step.REJECTED, why, who, now)


def withdraw(session: Session, proposal_id: int, why: str, who: Worker, now: datetime) -> Proposal:
    """Take one's own proposal back. Raises NotFound, NotAllowed, BadInput, Conflict."""
    proposal = locked(session, proposal_id)
    if who.label != proposal.proposed_by:
        raise NotAllowed("Hanya pengusul yang dapat menarik usulannya")
    return _end(session, proposal, Standing.WITHDRAWN, Step.WITHDRAWN, why, who, now)


def locked(session: Session, proposal_id: int) -> Proposal:
    """Locked until this transaction ends. Raises NotFound."""
    query = select(ProposalRow).where(ProposalRow.id == proposal_id).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"Tidak ada usulan nomor {proposal_id}")
    return _proposal(row)


def by_id(session: Session, proposal_id: int) -> Proposal:
    """Raises NotFound."""
    row = session.get(ProposalRow, proposal_id)
    if row is None:
        raise NotFound(f"Tidak ada usulan nomor {proposal_id}")
    return _proposal(row)


def waiting(session: Session) -> list[Proposal]:
    """What waits for a second person, the oldest first."""
    query = select(ProposalRow).where(ProposalRow.standing == Standing.PROPOSED)
    return [_proposal(row) for row in session.scalars(query.order_by(ProposalRow.id))]


def moved_shares(session: Session) -> list[Proposal]:
    """The re-attributions that were approved, in the order in which they were."""
    row = ProposalRow
    query = select(row).where(row.kind == Kind.RE_ATTRIBUTION, row.standing == Standing.APPROVED)
    return [_proposal(found) for found in session.scalars(query.order_by(row.decided_at, row.id))]


def holder_id(session: Session, account: str, name: str) -> int | None:
    """Whose side it is: the attendant of a badge, or the user who collects. Raises BadInput."""
    if not name:
        return None
    if account == Account.CASH_WITH_COLLECTOR:
        query = select(UserRow.id).where(UserRow.username == name)
    else:
        query = select(AttendantRow.id).where(AttendantRow.badge == name)
    found = session.scalar(query)
    if found is None:
        raise BadInput("Koreksi belum benar", {"sides": f"pemegang {name} tidak dikenal"})
    return found


def of_case(session: Session, case_id: int) -> list[Proposal]:
    query = select(ProposalRow).where(ProposalRow.case_id == case_id).order_by(ProposalRow.id)
    return [_proposal(row) for row in session.scalars(query)]


def re_attribution(session: Session, thing: str, to_badge: str) -> ReAttribution:
    """What would move: all that is booked as its attendant's share by now.

    `thing` is "charge:<ours>" or "cash:<number>". Raises BadInput naming the field.
    """
    kind, _, name = thing.strip().partition(":")
    if kind == "charge":
        query = select(ChargeRow.attendant_id, ChargeRow.business_day).where(ChargeRow.ours == name)
    elif kind == "cash" and name.isdecimal() and len(name) < 19:
        query = (
            select(ShiftRow.attendant_id, CashRow.business_day)
            .join(ShiftRow, ShiftRow.id == CashRow.shift_id)
            .where(CashRow.id == int(name))
        )
    else:
        raise BadInput("Pengalihan belum benar", {"thing": "charge:PKR… atau cash:12"})
    found = session.execute(query).one_or_none()
    if found is None:
        raise BadInput("Pengalihan belum benar", {"thing": "tidak ditemukan"})
    to_id = session.scalar(select(AttendantRow.id).where(AttendantRow.badge == to_badge.strip()))
    if to_id is None or to_id == found.attendant_id:
        raise BadInput("Pengalihan belum benar", {"to_badge": "pilih juru parkir lain"})
    amount = share_booked(session, f"{kind}:{name}", found.attendant_id)
    if amount <= 0:
        raise BadInput("Pengalihan belum benar", {"thing": "tidak ada bagian yang dapat dialihkan"})
    return ReAttribution(f"{kind}:{name}", found.attendant_id, to_id, amount, found.business_day)


def _check_terms(session: Session, case: Case, terms: Terms, now: datetime) -> None:
    """Raises BadInput, Conflict if the book or the case says otherwise by now."""
    if isinstance(terms, WriteOff):
        if terms.amount != case.amount:
            apart = f"{rupiah_text(case.amount)}, bukan {rupiah_text(Rupiah(terms.amount))}"
            raise Conflict(
                f"Kasus {case.id} sekarang {apart}. Tolak usulan ini, lalu usulkan lagi."
            )
        return
    today = business_day(now)
    if not today - OLDEST <= terms.day <= today:
        why = f"dari {day_text(today - OLDEST)} sampai hari ini"
        raise BadInput("Usulan belum benar", {"day": why})
    if isinstance(terms, Correction):
        proposals.check_sides(terms.sides)
    elif share_booked(session, terms.thing, terms.from_id) != terms.amount:
        raise Conflict("Bagian yang dibukukan sudah berubah. Tolak usulan ini, lalu usulkan lagi.")


def _check_cash(session: Session, sides: tuple[Posting, ...]) -> None:
    """Raises Conflict if somebody would now hold less than nothing."""
    row = PostingRow
    touched = {(s.account, s.holder) for s in sides if s.account in CASH}
    for account, holder in touched:
        query = select(func.sum(row.amount)).where(
            row.account == account, row.holder.is_not_distinct_from(holder)
        )
        held = int(session.scalar(query) or 0)
        if held < 0:
            raise Conflict(
                f"Koreksi ini membuat pemegang tunai kurang dari nol ({rupiah_text(Rupiah(held))})"
            )


def _end(
    session: Session, proposal: Proposal, to: Standing, kind: Step, why: str, who: Worker,
    now: datetime,
) -> Proposal:  # fmt: skip
    proposals.check_waiting(proposal)
    if not SHORTEST <= len(why.strip()) <= LONGEST:
        raise BadInput("Alasan belum ada", {"why": f"{SHORTEST} sampai {LONGEST} huruf"})
    (case,) = store.locked(session, [proposal.case_id])
    after, event = cases.step(case, kind, who.label, now, why.strip(), None, proposal=proposal.id)
    store.change_all(session, [(after, [event])])
    _decide(session, proposal, to, who, now, why.strip())
    _record(session, now, who, f"proposal.{to}", proposal, why.strip())
    return proposal


def _decide(
    session: Session, proposal: Proposal, to: Standing, who: Worker, now: datetime, why: str = ""
) -> None:
    """Who withdraws decides nothing: his own proposal is not approved or rejected by him."""
    row = session.get_one(ProposalRow, proposal.id)
    row.standing, row.decided_at, row.why = to, now, why
    if to is not Standing.WITHDRAWN:
        row.decided_by, row.decided_in = who.label, who.session
    session.flush()


def _record(
    session: Session, now: datetime, who: Worker, action: str, proposal: Proposal, reason: str = ""
) -> None:
    detail = {
        "case": proposal.case_id, "kind": proposal.kind, "terms": proposals.to_json(proposal.terms)
    }  # fmt: skip
    record(session, now, who.label, action, f"proposal:{proposal.id}", detail, reason)


def _proposal(row: ProposalRow) -> Proposal:
    return Proposal(
        row.id, row.case_id, proposals.from_json(row.kind, row.terms), row.reason, row.document,
        row.proposed_by, row.proposed_at, row.proposed_in, Standing(row.standing),
        row.decided_by, row.decided_at, row.why,
    )  # fmt: skip
