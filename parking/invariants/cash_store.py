"""Invariants of cash and of shares: what each holder has is what came to him and did not go on."""

from collections.abc import Collection, Mapping
from typing import Any

from parking.deposits.handover import MOVES as HANDOVER_MOVES
from parking.deposits.sts import MOVES as STS_MOVES
from parking.invariants import bank_store
from parking.invariants.invariant import Invariant


def _pairs(moves: Mapping[Any, Collection[str]]) -> str:
    return ", ".join(f"('{a}', '{b}')" for a, afters in moves.items() for b in sorted(afters))


def _replay(table: str, key: str, first: str, moves: Mapping[Any, Collection[str]]) -> str:
    """Whose events are no way along the table of moves, or do not end where the row stands."""
    return f"""
WITH step AS (
    SELECT {key}, from_standing, to_standing,
           lag(to_standing, 1, '') OVER w AS before, lead(id) OVER w IS NULL AS is_last
    FROM {table}_event WINDOW w AS (PARTITION BY {key} ORDER BY id)
)
SELECT '{table} ' || {key} || ': ' || from_standing || ' to ' || to_standing
       || ' after ' || before
FROM step
WHERE from_standing <> before OR (from_standing = '' AND to_standing <> '{first}')
   OR (from_standing <> '' AND (from_standing, to_standing) NOT IN ({_pairs(moves)}))
UNION ALL
SELECT '{table} ' || t.id || ' is ' || t.standing || ', its events say '
       || coalesce(s.to_standing, 'nothing')
FROM {table} t LEFT JOIN step s ON s.{key} = t.id AND s.is_last
WHERE s.to_standing IS DISTINCT FROM t.standing
"""  # noqa: S608 - the tables of moves are ours


REPLAYED = (
    _replay("handover", "handover_id", "offered", HANDOVER_MOVES),
    _replay("sts", "sts_id", "draft", STS_MOVES),
)

CASH_BOOKED = """
SELECT 'cash ' || c.id || ' of Rp' || c.amount || ' is Rp' || coalesce(sum(p.amount), 0)
       || ' with its attendant'
FROM cash c
JOIN shift s ON s.id = c.shift_id
LEFT JOIN cash_correction b ON b.cash_id = c.id
LEFT JOIN ledger_entry e ON e.cash_id = c.id OR e.cash_correction_id = c.id
LEFT JOIN ledger_posting p ON p.entry_id = e.id AND p.account = 'cash_with_attendant'
    AND p.holder = s.attendant_id
GROUP BY c.id, c.amount, b.cash_id
HAVING coalesce(sum(p.amount), 0) <> CASE WHEN b.cash_id IS NULL THEN c.amount ELSE 0 END
"""

# What was counted is with the receiver by the book; beyond what the giver had it is in suspense.
HANDED_ON = """
SELECT 'handover ' || h.id || ' of Rp' || coalesce(h.received, 0) || ' counted is Rp' || b.came
       || ' with its receiver and Rp' || b.gone || ' from its giver and suspense'
FROM handover h
JOIN LATERAL (
    SELECT coalesce(sum(p.amount) FILTER (
               WHERE p.account = 'cash_with_' || h.receiver_kind
               AND (h.receiver_kind = 'treasurer' OR p.holder = h.receiver_id)), 0) AS came,
           -coalesce(sum(p.amount) FILTER (
               WHERE p.account = 'suspense'
               OR (p.account = 'cash_with_' || h.giver_kind AND p.holder = h.giver_id)), 0) AS gone
    FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id WHERE e.handover_id = h.id
) b ON true
WHERE (b.came, b.gone) <> (coalesce(h.received, 0), coalesce(h.received, 0))
"""

GIVEN_ONCE = """
SELECT 'shift ' || coalesce('' || i.shift_id, '-') || ', part ' || coalesce('' || i.part_id, '-')
       || ' is in ' || count(*) || ' handovers'
FROM handover_item i JOIN handover h ON h.id = i.handover_id
WHERE h.standing <> 'withdrawn'
GROUP BY i.shift_id, i.part_id HAVING count(*) > 1
"""

OWN_CASH = """
SELECT 'handover ' || h.id || ' of ' || h.giver_kind || ' ' || h.giver_id
       || ' is of cash that was not his'
FROM handover h JOIN handover_item i ON i.handover_id = h.id
LEFT JOIN shift s ON s.id = i.shift_id
LEFT JOIN handover part ON part.id = i.part_id
WHERE (h.giver_kind = 'attendant' AND s.attendant_id IS DISTINCT FROM h.giver_id)
   OR (h.giver_kind = 'collector' AND (part.receiver_kind, part.receiver_id)
       IS DISTINCT FROM ('collector', h.giver_id))
UNION ALL
SELECT 'handover ' || id || ' was received by the one who gave it' FROM handover
WHERE giver_kind = 'collector' AND receiver_id = giver_id
"""

RECEIPTS = """
SELECT 'handover ' || h.id || ' of Rp' || coalesce(h.received, 0) || ' has a receipt of Rp'
       || coalesce(t.amount, 0)
FROM handover h FULL JOIN tbp t ON t.handover_id = h.id
WHERE coalesce(t.amount, 0) <> CASE WHEN h.receiver_kind = 'treasurer'
                               THEN coalesce(h.received, 0) ELSE 0 END
"""

SLIPS = """
SELECT 'sts ' || s.id || ' of Rp' || s.amount || ' has parts of Rp' || coalesce(sum(p.part), 0)
FROM sts s LEFT JOIN sts_tbp p ON p.sts_id = s.id
GROUP BY s.id HAVING coalesce(sum(p.part), 0) <> s.amount
UNION ALL
SELECT 'tbp ' || t.number || ' of Rp' || t.amount || ' is in slips for Rp' || sum(p.part)
FROM tbp t JOIN sts_tbp p ON p.tbp_id = t.id
JOIN sts s ON s.id = p.sts_id AND s.standing <> 'void'
GROUP BY t.id HAVING sum(p.part) > t.amount
"""

PAID_IN = """
SELECT 'sts ' || s.id || ', paid in Rp' || coalesce(s.paid_in, 0) || ', is Rp'
       || coalesce(sum(p.amount), 0) || ' in transit'
FROM sts s
LEFT JOIN ledger_entry e ON e.sts_id = s.id
LEFT JOIN ledger_posting p ON p.entry_id = e.id AND p.account = 'cash_in_transit'
GROUP BY s.id HAVING coalesce(sum(p.amount), 0) <> coalesce(s.paid_in, 0)
"""

# No number is skipped or used twice: each series has as many documents as its last number.
NUMBERS = """
WITH used AS (
    SELECT split_part(number, '/', 2) || '/' || split_part(number, '/', 5) AS series,
           count(*) AS documents, max(split_part(number, '/', 1)::bigint) AS greatest
    FROM (SELECT number FROM tbp UNION ALL SELECT number FROM sts WHERE number IS NOT NULL) n
    GROUP BY 1
)
SELECT 'series ' || coalesce(u.series, n.series) || ': ' || coalesce(u.documents, 0)
       || ' documents, the last is ' || coalesce(u.greatest, 0) || ', counted to '
       || coalesce(n.last, 0)
FROM used u FULL JOIN document_number n ON n.series = u.series
WHERE (u.documents, u.greatest) IS DISTINCT FROM (n.last::bigint, n.last::bigint)
"""

# opening + received - passed on = closing, and never less than nothing, holder by holder.
NOT_NEGATIVE = """
WITH a_day AS (
    SELECT p.account, p.holder, e.effective_on AS day, sum(p.amount) AS net
    FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
    WHERE p.account IN ('cash_with_attendant', 'cash_with_collector', 'cash_with_treasurer')
    GROUP BY p.account, p.holder, e.effective_on
), closing AS (
    SELECT account, holder, day,
           sum(net) OVER (PARTITION BY account, holder ORDER BY day) AS amount FROM a_day
)
SELECT account || coalesce(' ' || holder, '') || ' closes ' || day || ' with Rp' || amount
FROM closing WHERE amount < 0
"""

# Whose share it is: the attendant of the charge, or of the shift in which cash was taken.
HOLDERS = """
SELECT 'entry ' || e.id || ': attendant ' || q.holder || ' has the share of attendant '
       || coalesce(c.attendant_id, s.attendant_id)
FROM ledger_entry e
JOIN ledger_posting q ON q.entry_id = e.id AND q.account = 'attendant_share'
LEFT JOIN payment p ON p.evidence_id = e.evidence_id
    AND p.effect = CASE WHEN e.kind = 'payment' THEN 'receipt' ELSE p.effect END
LEFT JOIN refund r ON r.id = e.refund_id
LEFT JOIN payment back ON back.id = r.payment_id
LEFT JOIN charge c ON c.id = coalesce(p.charge_id, back.charge_id)
LEFT JOIN cash k ON k.id = coalesce(e.cash_id, e.cash_correction_id)
LEFT JOIN shift s ON s.id = k.shift_id
WHERE num_nonnulls(e.payout_id, e.proposal_id) = 0
  AND q.holder IS DISTINCT FROM coalesce(c.attendant_id, s.attendant_id)
"""

# What an attendant is told was paid out is what the bank paid, less what it sent back.
PAID_OUT = """
SELECT 'payout ' || o.id || ' (' || o.standing || ') of Rp' || o.amount || ' is Rp'
       || coalesce(sum(p.amount), 0) || ' in the ledger'
FROM share_payout o
LEFT JOIN ledger_entry e ON e.payout_id = o.id
LEFT JOIN ledger_posting p ON p.entry_id = e.id AND p.account = 'attendant_share'
    AND p.holder = o.attendant_id
GROUP BY o.id HAVING coalesce(sum(p.amount), 0)
    <> CASE o.standing WHEN 'paid' THEN o.amount ELSE -o.amount END
"""

M17 = Invariant(
    "M17", "cash of a holder: opening + received - passed on = closing, never less than nothing;"
    " a bank account likewise",
    (CASH_BOOKED, HANDED_ON, GIVEN_ONCE, OWN_CASH, RECEIPTS, SLIPS, PAID_IN, NUMBERS, NOT_NEGATIVE,
     bank_store.BOOKED, bank_store.CONTINUES),
)  # fmt: skip
M22 = Invariant(
    "M22", "every share is its own attendant's, earned and paid out as the book says",
    (HOLDERS, PAID_OUT),
)  # fmt: skip
