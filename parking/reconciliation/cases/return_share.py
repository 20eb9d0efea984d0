"""A share that was moved to another attendant is given back by that one, not by the first.

A refund takes the shares of a receipt back as they were booked when it came; a cash payment that
is taken back likewise. Where a second person has moved a share since (D29), the first attendant
would pay for it once more. So an entry of today moves what went back as well.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.business_day import business_day
from parking.ledger.entry import Account, Entry, Posting, Source
from parking.ledger.post import post
from parking.ledger.store import EntryRow
from parking.reconciliation.cases import propose, store
from parking.reconciliation.cases.case import SYSTEM
from parking.reconciliation.cases.proposal import Proposal, ReAttribution
from parking.reconciliation.cases.share_store import share_booked

KIND = "re_attribution_back"


def return_shares(sessions: sessionmaker[Session], now: datetime) -> int:
    """Let what was given back of moved shares follow them; how many. A second time it does none."""
    with sessions.begin() as session:
        store.lock(session)
        return sum(_returned(session, each, now) for each in propose.moved_shares(session))


def _returned(session: Session, proposal: Proposal, now: datetime) -> bool:
    terms = proposal.terms
    assert isinstance(terms, ReAttribution)  # noqa: S101 - as it was asked for
    owed = -share_booked(session, terms.thing, terms.from_id)
    if owed <= 0:
        return False
    row, share = EntryRow, Account.ATTENDANT_SHARE
    before = session.scalar(
        select(func.count()).where(row.proposal_id == proposal.id, row.kind == KIND)
    )
    reference, source = f"{proposal.id}/{before}", Source(proposal_id=proposal.id)
    sides = (Posting(share, -owed, terms.from_id), Posting(share, owed, terms.to_id))
    post(session, Entry(KIND, reference, business_day(now), sides, source), now)
    told = {"thing": terms.thing, "amount": owed}
    record(session, now, SYSTEM, "share.return", f"proposal:{proposal.id}", told)
    return True
