"""What was promised and paid to attendants on a day, and the QR codes that drivers reported."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from parking.business_day import add_working_days, day_starts
from parking.reconciliation.bank_day import Due
from parking.reconciliation.inputs import Terms
from parking.reconciliation.people_day import PAYS_IN, Commitment, PeopleDay, Share, ShownQr
from parking.registry import store as registry
from parking.registry.facts import split_for

PAYS_OUT = "SELECT EXISTS (SELECT FROM share_payout WHERE earned_on <= :day)"
# What the book gives an attendant on a day, whatever was paid of it.
SHARES = """
SELECT t.id AS attendant_id, t.badge, coalesce(b.computed, 0)::bigint AS computed,
    coalesce(o.paid, 0)::bigint AS paid, coalesce(o.returned, 0)::bigint AS returned,
    coalesce(o.references, '{}') AS references
FROM (
    SELECT p.holder, -sum(p.amount) AS computed
    FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
    WHERE e.effective_on = :day AND p.account = 'attendant_share' AND e.payout_id IS NULL
    GROUP BY p.holder
) b
FULL JOIN (
    SELECT attendant_id, sum(amount) FILTER (WHERE standing = 'paid') AS paid,
        sum(amount) FILTER (WHERE standing = 'returned') AS returned,
        array_agg(reference ORDER BY reference) AS references
    FROM share_payout WHERE earned_on = :day GROUP BY attendant_id
) o ON o.attendant_id = b.holder
JOIN attendant t ON t.id = coalesce(b.holder, o.attendant_id)
ORDER BY t.badge
"""
COMMITMENTS = """
SELECT DISTINCT ON (t.badge) c.id, c.attendant_id, t.badge, c.daily
FROM commitment c JOIN attendant t ON t.id = c.attendant_id
WHERE c.valid_from <= :day AND (c.ended_on IS NULL OR c.ended_on >= :day)
    AND EXISTS (
        SELECT FROM shift s WHERE s.attendant_id = c.attendant_id AND s.business_day = :day
    )
ORDER BY t.badge, c.valid_from DESC, c.id DESC
"""
SHOWN = """
SELECT f.id, f.point_id, f.payload, coalesce(s.badge, '') AS badge, s.attendant_id
FROM fake_qr_report f
LEFT JOIN LATERAL (
    SELECT s.attendant_id, t.badge FROM shift s JOIN attendant t ON t.id = s.attendant_id
    WHERE s.point_id = f.point_id AND s.opened_at <= f.seen_at
        AND (s.closed_at IS NULL OR s.closed_at > f.seen_at)
    ORDER BY t.badge LIMIT 1
) s ON true
WHERE f.business_day = :day
ORDER BY f.seen_at, f.payload, f.id
"""
NMIDS = "SELECT DISTINCT nmid FROM merchant_account WHERE nmid <> '' ORDER BY nmid"


def people_of(session: Session, terms: Terms, today: date) -> PeopleDay:
    def rows(query: str) -> Sequence[Mapping[Any, Any]]:
        return session.execute(text(query), {"day": terms.day}).mappings().all()

    due = add_working_days(terms.day, PAYS_IN, terms.leave)
    pays_out = session.scalar(text(PAYS_OUT), {"day": terms.day})
    commitments = tuple(Commitment(**row) for row in rows(COMMITMENTS))
    shown = tuple(ShownQr(**row) for row in rows(SHOWN))
    return PeopleDay(
        shares=tuple(_share(row) for row in rows(SHARES)) if pays_out else (),
        due=Due(due, due < today),
        commitments=commitments,
        city_bps=_city_bps(session, terms.day) if commitments else 0,
        shown=shown,
        nmids=tuple(session.scalars(text(NMIDS))) if shown else (),
    )


def _share(row: Mapping[Any, Any]) -> Share:
    return Share(**{**row, "references": tuple(row["references"])})


def _city_bps(session: Session, day: date) -> int:
    """At the end of the day; nothing where no split was ever decided."""
    last = day_starts(day + timedelta(days=1)) - timedelta(microseconds=1)
    split = split_for(registry.splits(session), last)
    return split.city_bps if split else 0
