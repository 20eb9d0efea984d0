"""Matches that persons made, and took back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from parking.reconciliation.rule_store import MatchRow, MatchSideRow


@dataclass(frozen=True, slots=True)
class Match:
    id: int
    at: datetime
    actor: str
    reason: str


def lock(session: Session) -> None:
    """Let one person match at a time, until this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("manual match", 0))))


def add(
    session: Session, sides: Sequence[tuple[str, str, int]], reason: str, actor: str, now: datetime
) -> int:
    """`sides` are kinds, references and amounts. Its number."""
    values = {"at": now, "actor": actor, "reason": reason, "undone_reason": ""}
    number = session.scalars(insert(MatchRow).values(**values).returning(MatchRow.id)).one()
    session.execute(
        insert(MatchSideRow),
        [
            {"match_id": number, "kind": kind, "reference": reference, "amount": amount}
            for kind, reference, amount in sides
        ],
    )
    return number


def undo(session: Session, number: int, reason: str, actor: str, now: datetime) -> None:
    session.execute(
        update(MatchRow)
        .where(MatchRow.id == number, MatchRow.undone_at.is_(None))
        .values(undone_at=now, undone_by=actor, undone_reason=reason)
    )


def match(session: Session, number: int) -> Match:
    row = session.get_one(MatchRow, number)
    return Match(row.id, row.at, row.actor, row.reason)
