"""Invariants of the ledger and of payments, as queries that find what breaks them."""

from parking.invariants import bank_store, case_store
from parking.invariants.invariant import Invariant

BALANCED = """
SELECT 'entry ' || e.id || ' (' || e.kind || ' ' || e.reference || '): '
       || coalesce(sum(p.amount), 0) || ' over ' || count(p.number) || ' postings'
FROM ledger_entry e LEFT JOIN ledger_posting p ON p.entry_id = e.id
GROUP BY e.id HAVING coalesce(sum(p.amount), 0) <> 0 OR count(p.number) < 2
"""

BOOKED_ONCE = """
SELECT 'payment ' || concat_ws('/', gateway, account, payment_ref) || ' ' || effect || ': '
       || count(*) || ' times'
FROM payment GROUP BY gateway, account, payment_ref, effect HAVING count(*) > 1
"""

# By what names the booking of a payment: kind and reference (payments.payment.entry_for).
IN_THE_LEDGER = """
WITH named AS (
    SELECT p.*,
           CASE WHEN effect = 'receipt' THEN 'payment' ELSE split_part(effect, ':', 1) END AS kind,
           concat_ws('/', p.gateway, p.account, p.payment_ref)
           || CASE WHEN effect LIKE 'refund:%' THEN '/' || split_part(effect, ':', 2) ELSE '' END
           AS reference
    FROM payment p
)
SELECT 'payment ' || n.id || ' (' || n.kind || ' ' || n.reference || ') of Rp' || n.amount
       || ' is Rp' || coalesce(sum(p.amount), 0) || ' in the ledger'
FROM named n
LEFT JOIN ledger_entry e ON e.kind = n.kind AND e.reference = n.reference
LEFT JOIN ledger_posting p ON p.entry_id = e.id AND p.account = 'due_from_gateway'
GROUP BY n.id, n.kind, n.reference, n.amount
HAVING coalesce(sum(p.amount), 0) <> CASE WHEN n.kind = 'payment' THEN n.amount ELSE -n.amount END
"""

NO_PAYMENT = """
SELECT 'entry ' || e.id || ' (' || e.kind || ' ' || e.reference || ') is of no payment'
FROM ledger_entry e
WHERE e.kind IN ('payment', 'refund', 'reversal') AND NOT EXISTS (
    SELECT FROM payment p WHERE p.evidence_id = e.evidence_id
    AND starts_with(e.reference || '/', concat_ws('/', p.gateway, p.account, p.payment_ref, ''))
)
"""

EVIDENCE = """
SELECT 'entry ' || e.id || ' (' || e.kind || ' ' || e.reference || ') rests on nothing'
FROM ledger_entry e
LEFT JOIN evidence v ON v.id = e.evidence_id
LEFT JOIN cash c ON c.id = e.cash_id
LEFT JOIN cash_correction b ON b.cash_id = e.cash_correction_id
LEFT JOIN refund r ON r.id = e.refund_id AND r.standing = 'transferred' AND r.document <> ''
LEFT JOIN handover h ON h.id = e.handover_id AND h.received > 0
LEFT JOIN sts s ON s.id = e.sts_id AND s.bank_reference <> ''
LEFT JOIN share_payout o ON o.id = e.payout_id
LEFT JOIN statement_line t ON t.id = e.statement_line_id
LEFT JOIN case_proposal w ON w.id = e.proposal_id AND w.standing = 'approved' AND w.document <> ''
WHERE num_nonnulls(v.id, c.id, b.cash_id, r.id, h.id, s.id, o.id, t.id, w.id) <> 1
"""

# What gateways gave back is theirs to know; what we promised on top is never more than was paid.
REFUNDS = """
SELECT 'payment ' || p.id || ' of Rp' || p.amount || ': Rp' || s.ours || ' promised or transferred'
FROM payment p
JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS ours FROM refund
    WHERE payment_id = p.id AND standing <> 'rejected'
) s ON true
WHERE p.effect = 'receipt' AND s.ours > p.amount
"""

TRANSFERS = """
SELECT 'refund ' || r.key || ' of Rp' || r.amount || ' by transfer is Rp'
       || coalesce(-sum(p.amount), 0) || ' in the ledger'
FROM refund r
LEFT JOIN ledger_entry e ON e.refund_id = r.id
LEFT JOIN ledger_posting p ON p.entry_id = e.id AND p.account = 'refunded_by_hand'
GROUP BY r.id
HAVING coalesce(-sum(p.amount), 0) <> CASE WHEN r.standing = 'transferred' THEN r.amount ELSE 0 END
"""

# By whatever ways it went back: of the shares of a charge no more than they were.
SHARES_BACK = """
WITH back AS (
    SELECT charge_id FROM payment WHERE effect <> 'receipt' AND charge_id IS NOT NULL
    UNION
    SELECT p.charge_id FROM refund r JOIN payment p ON p.id = r.payment_id
    WHERE r.standing = 'transferred' AND p.charge_id IS NOT NULL
), booked AS (
    SELECT p.charge_id, e.id FROM back JOIN payment p USING (charge_id)
    JOIN ledger_entry e ON e.evidence_id = p.evidence_id
        AND e.kind IN ('payment', 'refund', 'reversal')
    UNION
    SELECT p.charge_id, e.id FROM back JOIN payment p USING (charge_id)
    JOIN refund r ON r.payment_id = p.id JOIN ledger_entry e ON e.refund_id = r.id
)
SELECT 'charge ' || c.ours || ': ' || q.account || ' is short of Rp' || sum(q.amount)
FROM booked b JOIN charge c ON c.id = b.charge_id
JOIN ledger_posting q ON q.entry_id = b.id AND q.account IN ('city_share', 'attendant_share')
GROUP BY c.ours, q.account HAVING sum(q.amount) > 0
"""

TWO_PERSONS = """
SELECT 'refund ' || key || ' was decided by ' || decided_by || ', who asked for it'
FROM refund WHERE decided_by = requested_by
UNION ALL
SELECT 'refund ' || key || ' is ' || standing || ' and nobody decided it'
FROM refund WHERE standing <> 'requested' AND decided_by IS NULL
UNION ALL
SELECT 'refund ' || r.key || ' was paid by hand by ' || e.actor || ', who had it sent'
FROM refund r JOIN refund_event e ON e.refund_id = r.id
WHERE e.from_standing = 'sent' AND e.to_standing = 'transferred'
    AND e.actor IN (r.requested_by, r.decided_by)
"""

AMOUNTS = """
SELECT 'payment ' || p.id || ' of Rp' || p.amount || ' rests on evidence of Rp' || v.amount
FROM payment p JOIN evidence v ON v.id = p.evidence_id
WHERE p.effect = 'receipt' AND p.amount <> v.amount
"""

# A receipt gives exactly what was asked to its owners, by the split of that time, or nothing.
SHARES = """
SELECT 'charge ' || c.ours || ' of Rp' || c.amount || ': city Rp' || s.city || ', attendant Rp'
       || s.attendant
FROM charge c
JOIN payment p ON p.charge_id = c.id AND p.effect = 'receipt'
JOIN ledger_entry e ON e.kind = 'payment'
    AND e.reference = concat_ws('/', p.gateway, p.account, p.payment_ref)
JOIN LATERAL (
    SELECT -coalesce(sum(amount) FILTER (WHERE account = 'city_share'), 0) AS city,
           -coalesce(sum(amount) FILTER (WHERE account = 'attendant_share'), 0) AS attendant
    FROM ledger_posting WHERE entry_id = e.id
) s ON true
WHERE (s.city, s.attendant) NOT IN (
    (0, 0), ((c.amount * c.city_bps + 5000) / 10000,
             c.amount - (c.amount * c.city_bps + 5000) / 10000))
"""

LINES = """
SELECT 'settlement line ' || l.id || ' of gross Rp' || l.gross || ' and fee Rp' || l.fee
       || ' is booked as gross Rp' || -s.gross || ', fee Rp' || s.fee || ', net Rp' || s.net
FROM settlement_line l
JOIN ledger_entry e ON e.kind = 'settlement' AND e.reference = l.id::text
JOIN LATERAL (
    SELECT coalesce(sum(amount) FILTER (WHERE account = 'due_from_gateway'), 0) AS gross,
           coalesce(sum(amount) FILTER (WHERE account = 'gateway_fee'), 0) AS fee,
           coalesce(sum(amount) FILTER (WHERE account = 'settled'), 0) AS net
    FROM ledger_posting WHERE entry_id = e.id
) s ON true
WHERE (-s.gross, s.fee, s.net) <> (
    CASE WHEN l.kind = 'payment' THEN l.gross ELSE -l.gross END,
    CASE WHEN l.kind = 'payment' THEN l.fee ELSE -l.fee END,
    CASE WHEN l.kind = 'payment' THEN l.net ELSE -l.net END)
"""

FILES = """
SELECT 'import ' || i.id || ' (' || i.file_name || ') says ' || i.line_count || ' lines, gross Rp'
       || i.gross || ', fee Rp' || i.fee || ', net Rp' || i.net || '; its lines are '
       || count(l.id) || ', Rp' || coalesce(sum(l.gross * s.sign), 0)
FROM import_batch i
LEFT JOIN settlement_line l ON l.import_id = i.id
LEFT JOIN LATERAL (SELECT CASE WHEN l.kind = 'refund' THEN -1 ELSE 1 END AS sign) s ON true
WHERE i.outcome = 'accepted'
GROUP BY i.id
HAVING (i.line_count, i.gross, i.fee, i.net) <> (
    count(l.id), coalesce(sum(l.gross * s.sign), 0), coalesce(sum(l.fee * s.sign), 0),
    coalesce(sum(l.net * s.sign), 0))
"""

ONE_IN_FORCE = """
SELECT i.gateway || '/' || i.account || ' has ' || count(*) || ' reports in force for '
       || i.report_day
FROM import_batch i
WHERE i.outcome = 'accepted' AND NOT EXISTS (
    SELECT FROM import_batch newer WHERE newer.supersedes = i.id AND newer.outcome = 'accepted')
GROUP BY i.gateway, i.account, i.report_day HAVING count(*) > 1
"""

BUSINESS_DAY = """
SELECT 'payment ' || id || ' of ' || paid_at || ' is in ' || business_day
FROM payment WHERE business_day <> (paid_at AT TIME ZONE 'Asia/Jakarta')::date
"""

BOOKED_ON_ITS_DAY = """
SELECT 'entry ' || e.id || ' of payment ' || p.id || ' is effective on ' || e.effective_on
       || ' and not on ' || p.business_day
FROM payment p
JOIN ledger_entry e ON e.evidence_id = p.evidence_id AND e.kind = 'payment'
WHERE p.effect = 'receipt' AND e.effective_on <> p.business_day
"""

M1 = Invariant("M1", "every entry balances over at least two postings", (BALANCED,))
M2 = Invariant("M2", "every payment is booked, and once", (BOOKED_ONCE, IN_THE_LEDGER, NO_PAYMENT))
M4 = Invariant("M4", "every entry rests on evidence, a cash record or a document", (EVIDENCE,))
M7 = Invariant(
    "M7", "a receipt has its evidence's amount, shares what was asked or nothing, goes back once",
    (AMOUNTS, SHARES, REFUNDS, TRANSFERS, SHARES_BACK),
)  # fmt: skip
M9 = Invariant(
    "M9", "every line of an accepted file counts once, and its control totals agree",
    (FILES, ONE_IN_FORCE, bank_store.STATEMENTS),
)  # fmt: skip
M10 = Invariant("M10", "gross is fee and net, line by line, as in the file", (LINES,))
M14 = Invariant(
    "M14", "who asks for a refund, write-off or correction does not decide about it",
    (TWO_PERSONS, case_store.TWO_PERSONS, case_store.BOOKED),
)  # fmt: skip
M21 = Invariant(
    "M21", "every payment is in the WIB day of its moment", (BUSINESS_DAY, BOOKED_ON_ITS_DAY)
)
