"""Everything the page of one case shows, each figure with where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from parking.access.store import UserRow
from parking.errors import NotFound
from parking.ledger.entry import Posting
from parking.reconciliation import chain, chain_store
from parking.reconciliation.cases import propose, store
from parking.reconciliation.cases.case import Case, Event
from parking.reconciliation.cases.links import links_of
from parking.reconciliation.cases.proposal import Correction, Proposal, ReAttribution
from parking.reconciliation.cases.store import CaseEvidenceRow, CaseRow, WarningRow
from parking.reconciliation.grounds import Ground
from parking.registry.store import AttendantRow, PointRow


@dataclass(frozen=True, slots=True)
class CasePage:
    case: Case
    events: Sequence[Event]
    evidence: Sequence[CaseEvidenceRow]
    proposals: Sequence["ProposalLine"]
    links: Sequence[Ground]  # what the case rests on
    chain: Sequence[chain.Link]  # of its charge; empty when it is about something else
    badge: str | None
    attendant: str | None
    point: str | None
    others: Sequence[Case]  # of the same thing
    warnings: Sequence[WarningRow]  # that were proposed because of it


@dataclass(frozen=True, slots=True)
class ProposalLine:
    proposal: Proposal
    case: Case
    names: Mapping[int, str]  # of the attendants and collectors it names

    @property
    def id(self) -> int:
        return self.proposal.id

    @property
    def sides(self) -> Sequence[Posting]:
        terms = self.proposal.terms
        return terms.sides if isinstance(terms, Correction) else ()

    def name(self, holder: int) -> str:
        return self.names.get(holder, str(holder))


def page_of(session: Session, number: int, today: date) -> CasePage:
    """Raises NotFound."""
    row = CaseRow
    found = session.execute(
        select(row, AttendantRow.badge, AttendantRow.name, PointRow.code)
        .outerjoin(AttendantRow, AttendantRow.id == row.attendant_id)
        .outerjoin(PointRow, PointRow.id == row.point_id)
        .where(row.id == number)
    ).one_or_none()
    if found is None:
        raise NotFound(f"Tidak ada kasus nomor {number}")
    case = store.case_of(found[0])
    rests, is_ours = _rests(session, case)
    return CasePage(
        case=case,
        events=store.events(session, number),
        evidence=store.evidence_of(session, number),
        proposals=[line_of(session, p) for p in propose.of_case(session, number)],
        links=links_of(case, rests, found[1]),
        chain=chain.links(chain_store.facts_of(session, case.ours)) if is_ours else (),
        badge=found[1],
        attendant=found[2],
        point=found[3],
        others=store.others_of(session, case),
        warnings=store.warnings_of_case(session, case),
    )


def _rests(session: Session, case: Case) -> tuple[Mapping[str, Any], bool]:
    """What its newest discrepancy rests on, and whether it is about a charge of ours."""
    if case.discrepancy_id is None:
        return {}, False
    facts = chain_store.discrepancy(session, case.discrepancy_id)
    return facts.evidence, facts.is_of_our_charge


def line_of(session: Session, proposal: Proposal) -> ProposalLine:
    case = store.by_id(session, proposal.case_id)
    return ProposalLine(proposal, case, _names(session, proposal))


def _names(session: Session, proposal: Proposal) -> dict[int, str]:
    terms = proposal.terms
    if isinstance(terms, ReAttribution):
        return _badges(session, {terms.from_id, terms.to_id})
    if not isinstance(terms, Correction):
        return {}
    holders = {s.holder for s in terms.sides if s.holder is not None}
    users = select(UserRow.id, UserRow.username).where(UserRow.id.in_(holders))
    collectors = dict(session.execute(users).all())
    return collectors | _badges(session, holders)


def _badges(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(AttendantRow.id, AttendantRow.badge).where(AttendantRow.id.in_(ids))
    return dict(session.execute(query).all())
