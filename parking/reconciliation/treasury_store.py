"""What bank statements, settlement batches and deposit slips say, read for matching."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from parking.business_day import business_day
from parking.reconciliation import bank_day
from parking.reconciliation.bank_day import Batch, Facts, Slip
from parking.reconciliation.bank_matching import Given, Group, Line
from parking.reconciliation.bank_rule import Rule, in_order, terms_of
from parking.reconciliation.rule_store import RuleRow

LINES = """
SELECT l.id, l.line_key AS key, a.code AS account, l.booked_on, l.amount, l.text, l.reference
FROM statement_line l JOIN bank_account a ON a.id = l.account_id
"""
BATCHES = """
SELECT p.gateway, p.account, p.settled_on, sum(p.gross)::bigint AS gross,
    sum(p.refunds)::bigint AS refunds, sum(p.fee)::bigint AS fee, sum(p.net)::bigint AS net,
    coalesce((
        SELECT m.name FROM merchant_account m
        WHERE m.gateway = p.gateway AND m.account = p.account ORDER BY m.id DESC LIMIT 1
    ), '') AS merchant
FROM settlement_part p
WHERE NOT EXISTS (SELECT FROM import_batch i WHERE i.supersedes = p.import_id)
GROUP BY p.gateway, p.account, p.settled_on
"""
SLIPS = """
SELECT s.id, coalesce(s.number, '') AS number, s.account_code AS account, s.dated, s.standing,
    s.amount, s.paid_in, s.paid_in_at, s.bank_reference AS reference,
    coalesce((SELECT sum(t.part) FROM sts_tbp t WHERE t.sts_id = s.id), 0)::bigint AS parts
FROM sts s
"""
MANUAL = """
SELECT m.id, m.undone_at IS NOT NULL AS is_undone, s.kind, s.reference
FROM manual_match m JOIN manual_match_side s ON s.match_id = m.id
WHERE s.kind <> 'other'
ORDER BY m.id
"""
# Days before one that are still to be closed: from the first that was ever reconciled.
STILL_OPEN = """
SELECT d::date FROM generate_series(
    (SELECT min(business_day) FROM reconciliation_run), CAST(:day AS date) - 1, interval '1 day'
) d
EXCEPT SELECT business_day FROM closed_day
"""
CLOSED = "SELECT business_day FROM closed_day"
FROZEN = "SELECT snapshot -> 'matches' FROM closed_day ORDER BY business_day"


def facts(session: Session) -> Facts:
    """Everything there is, of all days: nothing is too old to be matched."""
    rows = session.execute
    return Facts(
        lines=[Line(**row) for row in rows(text(LINES)).mappings()],
        batches=[Batch(**row) for row in rows(text(BATCHES)).mappings()],
        slips=[_slip(row) for row in rows(text(SLIPS)).mappings()],
        given=[*_frozen(session), *_manual(session, is_undone=False)],
        undone=_manual(session, is_undone=True),
        rules=in_order(rules(session)),
        since=session.scalar(text("SELECT min(valid_from) FROM bank_account")),
    )


def matches_to_freeze(session: Session, day: date) -> Sequence[Group]:
    """What closing a day settles: `as_frozen` of each goes into its snapshot, and
    `entries_of` each into the book.
    """
    still_open = set(session.scalars(text(STILL_OPEN), {"day": day}))
    return bank_day.matches_to_freeze(facts(session).matched(), day, still_open)


def closed_days(session: Session) -> frozenset[date]:
    """The days that two persons have signed."""
    return frozenset(session.scalars(text(CLOSED)))


def rules(session: Session) -> Sequence[Rule]:
    """Every version of every rule."""
    rows = session.scalars(select(RuleRow).order_by(RuleRow.name, RuleRow.version))
    return [
        Rule(r.name, r.version, r.rank, terms_of(r.kind, r.terms), r.is_on, r.valid_from)
        for r in rows
    ]


def _slip(row: Mapping[Any, Any]) -> Slip:
    told = dict(row)
    paid_in_at = told.pop("paid_in_at")
    return Slip(**told, paid_in_on=business_day(paid_in_at) if paid_in_at else None)


def _manual(session: Session, *, is_undone: bool) -> list[Given]:
    sides: dict[int, list[tuple[str, str]]] = {}
    for match_id, undone, kind, reference in session.execute(text(MANUAL)):
        if undone is is_undone:
            sides.setdefault(match_id, []).append((kind, reference))
    return [_given(f"manual:{match_id}", its) for match_id, its in sides.items()]


def _given(by: str, sides: Sequence[tuple[str, str]]) -> Given:
    lines = frozenset(int(reference) for kind, reference in sides if kind == "line")
    return Given(by, lines, frozenset(side for side in sides if side[0] != "line"))


def _frozen(session: Session) -> list[Given]:
    """The matches of closed days, as `as_frozen` has written them into their snapshots."""
    found = []
    for matches in session.scalars(text(FROZEN)):
        told = json.loads(matches) if isinstance(matches, str) else matches or []
        for match in told:
            sides = [(kind, str(ref)) for kind, ref in match["sides"]]
            found.append(replace(_given(match["by"], sides), frozen_at=match["expected"]))
    return found
