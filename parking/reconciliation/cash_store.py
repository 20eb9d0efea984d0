"""What shifts, handovers, the treasurer's receipts and the book say of a day's cash."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from parking.reconciliation.cash_day import CashDay, Handover, Moved, Receipt, ShiftCash, Tickets

SHIFTS = """
SELECT s.id AS shift_id, s.attendant_id, s.point_id,
    (s.closed_at AT TIME ZONE 'Asia/Jakarta')::date AS closed_on,
    coalesce(k.taken, 0)::bigint AS taken, coalesce(s.declared_cash, 0) AS declared,
    h.handover_id, coalesce(h.part, 0) AS part,
    EXISTS (SELECT FROM shift n WHERE n.taken_over_from = s.id) AS was_taken_over
FROM shift s
LEFT JOIN LATERAL (
    SELECT sum(amount) AS taken FROM cash
    WHERE shift_id = s.id
        AND NOT EXISTS (SELECT FROM cash_correction x WHERE x.cash_id = cash.id)
) k ON true
LEFT JOIN LATERAL (
    SELECT i.handover_id, i.amount AS part
    FROM handover_item i JOIN handover o ON o.id = i.handover_id AND o.standing <> 'withdrawn'
    WHERE i.shift_id = s.id ORDER BY i.handover_id LIMIT 1
) h ON true
WHERE s.business_day = :day
ORDER BY s.id
"""
# Those given on the day, and those in which cash of the day's shifts or handovers went on.
HANDOVERS = """
WITH RECURSIVE mine AS (
    SELECT id FROM handover WHERE business_day = :day
    UNION
    SELECT i.handover_id FROM handover_item i JOIN shift s ON s.id = i.shift_id
    WHERE s.business_day = :day
    UNION
    SELECT i.handover_id FROM handover_item i JOIN mine m ON m.id = i.part_id
), down AS (
    SELECT m.id AS handover_id, m.id AS of FROM mine m
    UNION
    SELECT d.handover_id, i.part_id FROM down d JOIN handover_item i ON i.handover_id = d.of
    WHERE i.part_id IS NOT NULL
), firsts AS (
    SELECT DISTINCT ON (d.handover_id) d.handover_id, s.business_day, s.point_id
    FROM down d JOIN handover_item i ON i.handover_id = d.of JOIN shift s ON s.id = i.shift_id
    ORDER BY d.handover_id, s.id
)
SELECT h.id, h.giver_kind, h.giver_id, h.receiver_kind, h.given, h.received, h.standing,
    h.business_day AS given_on,
    (h.received_at AT TIME ZONE 'Asia/Jakarta')::date AS received_on,
    h.assignment_id IS NOT NULL AS has_letter,
    coalesce((SELECT sum(amount) FROM handover_item i WHERE i.handover_id = h.id), 0)::bigint
        AS holds,
    coalesce((
        SELECT -sum(p.amount) FROM ledger_entry e
        JOIN ledger_posting p ON p.entry_id = e.id AND p.account = 'suspense'
        WHERE e.kind = 'handover' AND e.reference = h.id::text
    ), 0)::bigint AS beyond,
    f.business_day AS first_day, f.point_id AS first_point,
    n.id AS next_id, (n.received_at AT TIME ZONE 'Asia/Jakarta')::date AS next_on
FROM handover h
JOIN mine m ON m.id = h.id
LEFT JOIN firsts f ON f.handover_id = h.id
LEFT JOIN LATERAL (
    SELECT o.id, o.received_at
    FROM handover_item i JOIN handover o ON o.id = i.handover_id AND o.standing <> 'withdrawn'
    WHERE i.part_id = h.id ORDER BY o.id LIMIT 1
) n ON true
WHERE h.standing <> 'withdrawn'
ORDER BY h.id
"""
RECEIPTS = """
WITH RECURSIVE mine AS (
    SELECT id, number, amount, received_on, handover_id, coalesce(revenue_code, '') AS code
    FROM tbp WHERE received_on = :day
), down AS (
    SELECT id AS tbp_id, handover_id AS of FROM mine
    UNION
    SELECT d.tbp_id, i.part_id FROM down d JOIN handover_item i ON i.handover_id = d.of
    WHERE i.part_id IS NOT NULL
)
SELECT t.*, coalesce(s.in_slips, 0)::bigint AS in_slips, s.paid_in_on,
    coalesce(s.slips, '{}') AS slips,
    ARRAY(
        SELECT DISTINCT c.code
        FROM down d
        JOIN handover_item i ON i.handover_id = d.of
        JOIN shift w ON w.id = i.shift_id
        JOIN parking_point n ON n.id = w.point_id
        JOIN LATERAL (
            SELECT r.code FROM revenue_code r
            WHERE r.area_type = n.area_type AND r.valid_from <= t.received_on
            ORDER BY r.valid_from DESC, r.id DESC LIMIT 1
        ) c ON true
        WHERE d.tbp_id = t.id ORDER BY c.code
    ) AS codes
FROM mine t
LEFT JOIN LATERAL (
    SELECT sum(p.part) AS in_slips,
        CASE WHEN bool_and(s.paid_in_at IS NOT NULL)
            THEN max((s.paid_in_at AT TIME ZONE 'Asia/Jakarta')::date) END AS paid_in_on,
        array_agg(s.id ORDER BY s.id) AS slips
    FROM sts_tbp p JOIN sts s ON s.id = p.sts_id AND s.standing NOT IN ('draft', 'void')
    WHERE p.tbp_id = t.id
) s ON true
ORDER BY t.number, t.id
"""
TICKETS = """
SELECT t.shift_id, t.series, t.first, t.last, t.spoiled,
    CASE WHEN b.covered = t.last - t.first + 1 THEN b.amount END AS amount,
    coalesce(b.year, 0) AS year,
    coalesce((
        SELECT sum(CASE m.kind WHEN 'issued' THEN 1 ELSE -1 END
            * (least(m.last, t.last) - greatest(m.first, t.first) + 1))
        FROM ticket_move m JOIN ticket_book k ON k.id = m.book_id AND k.series = t.series
        WHERE m.attendant_id = s.attendant_id AND m.last >= t.first AND m.first <= t.last
            AND m.moved_on <= s.business_day AND (m.kind = 'issued' OR m.moved_on < s.business_day)
    ), 0) >= t.last - t.first + 1 AS is_issued,
    coalesce((
        SELECT sum(least(o.last, t.last) - greatest(o.first, t.first) + 1)
        FROM shift_ticket o JOIN shift e ON e.id = o.shift_id
        WHERE o.series = t.series AND o.last >= t.first AND o.first <= t.last
            AND (e.opened_at, e.id, o.id) < (s.opened_at, s.id, t.id)
    ), 0)::bigint AS used_before
FROM shift_ticket t
JOIN shift s ON s.id = t.shift_id
LEFT JOIN LATERAL (
    SELECT sum(least(k.last, t.last) - greatest(k.first, t.first) + 1) AS covered,
        min(k.amount) AS amount, max(k.year) AS year
    FROM ticket_book k
    WHERE k.series = t.series AND k.last >= t.first AND k.first <= t.last
) b ON true
WHERE s.business_day = :day
ORDER BY t.series, t.first, s.opened_at, t.id
"""
# Everything but payments by QRIS has one of these sources.
MOVED = """
SELECT coalesce(sum(p.amount) FILTER (WHERE p.account LIKE 'cash_with_%'), 0)::bigint AS by_book,
    coalesce(-sum(p.amount) FILTER (
        WHERE p.account = 'suspense' AND e.kind IN ('handover', 'sts')), 0)::bigint AS beyond,
    coalesce(sum(p.amount) FILTER (
        WHERE p.account LIKE 'cash_with_%' AND e.proposal_id IS NOT NULL), 0)::bigint AS corrected
FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
WHERE e.effective_on = :day AND num_nonnulls(
    e.cash_id, e.cash_correction_id, e.handover_id, e.sts_id, e.proposal_id) > 0
"""
TAKEN = """
SELECT coalesce(sum(k.amount), 0)::bigint FROM cash k
WHERE k.business_day = :day
    AND NOT EXISTS (SELECT FROM cash_correction x WHERE x.cash_id = k.id)
"""
PAID_IN = """
SELECT coalesce(sum(paid_in), 0)::bigint FROM sts
WHERE (paid_in_at AT TIME ZONE 'Asia/Jakarta')::date = :day
"""
USES_TICKETS = "SELECT EXISTS (SELECT FROM ticket_book WHERE received_on <= :day)"

HANDS_ON = "SELECT EXISTS (SELECT FROM handover WHERE business_day <= :day)"


def cash_of(session: Session, day: date) -> CashDay:
    def rows(query: str) -> Sequence[Mapping[Any, Any]]:
        return session.execute(text(query), {"day": day}).mappings().all()

    def figure(query: str) -> int:
        return int(session.execute(text(query), {"day": day}).scalar_one())

    shifts, tickets = rows(SHIFTS), _tickets(rows(TICKETS))
    return CashDay(
        shifts=tuple(
            ShiftCash(**row, tickets=tickets.get(row["shift_id"], ()))
            for row in shifts
            if row["closed_on"] is not None
        ),
        open_cash=sum(row["taken"] for row in shifts if row["closed_on"] is None),
        handovers=tuple(Handover(**row) for row in rows(HANDOVERS)),
        receipts=tuple(
            Receipt(**{**row, "slips": tuple(row["slips"]), "codes": tuple(row["codes"])})
            for row in rows(RECEIPTS)
        ),
        moved=Moved(**rows(MOVED)[0], taken=figure(TAKEN), paid_in=figure(PAID_IN)),
        uses_tickets=bool(figure(USES_TICKETS)),
        hands_on=bool(figure(HANDS_ON)),
    )


def _tickets(rows: Sequence[Mapping[Any, Any]]) -> Mapping[int, tuple[Tickets, ...]]:
    found = defaultdict(list)
    for row in rows:
        found[row["shift_id"]].append(
            Tickets(**{name: value for name, value in row.items() if name != "shift_id"})
        )
    return {shift_id: tuple(its) for shift_id, its in found.items()}
