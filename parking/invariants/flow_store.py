"""Invariants of charges, the inbox, files, jobs: nothing changes or ends without a trace."""

from parking.charges.charge import MOVES
from parking.invariants import case_store
from parking.invariants.cash_store import REPLAYED
from parking.invariants.invariant import Invariant

_MOVES = ", ".join(
    f"('{before}', '{after}')" for before, afters in MOVES.items() for after in sorted(afters)
)

INBOX_WORK = """
SELECT 'callback ' || c.id || ' has no work' FROM callback c
LEFT JOIN callback_work w ON w.callback_id = c.id WHERE w.callback_id IS NULL
"""

APPLIED_EVIDENCE = """
SELECT 'callback ' || w.callback_id || ' is APPLIED without evidence' FROM callback_work w
JOIN callback c ON c.id = w.callback_id
WHERE w.state = 'APPLIED' AND NOT EXISTS (SELECT FROM evidence e WHERE e.callback_id = c.id)
"""

REPLAY = f"""
WITH step AS (
    SELECT charge_id, from_state, to_state,
           lag(to_state, 1, '') OVER w AS before, lead(id) OVER w IS NULL AS is_last
    FROM charge_event WINDOW w AS (PARTITION BY charge_id ORDER BY id)
)
SELECT 'charge ' || c.ours || ': ' || s.from_state || ' to ' || s.to_state || ' after ' || s.before
FROM step s JOIN charge c ON c.id = s.charge_id
WHERE s.from_state <> s.before
   OR (s.from_state = '' AND s.to_state <> 'creating')
   OR (s.from_state NOT IN ('', s.to_state) AND (s.from_state, s.to_state) NOT IN ({_MOVES}))
UNION ALL
SELECT 'charge ' || c.ours || ' is ' || c.state || ', its events say '
       || coalesce(s.to_state, 'nothing')
FROM charge c LEFT JOIN step s ON s.charge_id = c.id AND s.is_last
WHERE s.to_state IS DISTINCT FROM c.state
"""  # noqa: S608 - the table of moves is ours

PAID_WITH_PAYMENT = """
SELECT 'charge ' || c.ours || ' is ' || c.state || ' without a payment' FROM charge c
WHERE c.state IN ('paid', 'partly_refunded', 'refunded', 'reversed')
  AND NOT EXISTS (SELECT FROM payment p WHERE p.charge_id = c.id AND p.effect = 'receipt')
"""

SAME_INPUT = """
SELECT 'runs of ' || business_day || ' over the same facts came to different results'
FROM reconciliation_run GROUP BY business_day, input_hash HAVING count(DISTINCT result_hash) > 1
"""

FORGOTTEN_CALLBACK = """
SELECT 'callback ' || callback_id || ' is ' || state || ' and nobody will work on it'
FROM callback_work
WHERE due_at IS NULL AND state NOT IN (
    'APPLIED', 'DUPLICATE', 'STALE', 'REJECTED', 'CLOSED', 'MALFORMED', 'DEAD', 'ESCALATED')
UNION ALL
SELECT 'callback ' || callback_id || ' (' || state || ') was due at ' || due_at
FROM callback_work WHERE due_at < CAST(:now AS timestamptz) - interval '1 hour'
"""

FORGOTTEN_CHARGE = """
SELECT 'charge ' || c.ours || ' is ' || c.state || ' and nobody will ask about it'
FROM charge c
WHERE c.inquire_at IS NULL
  AND (c.state IN ('creating', 'create_unknown', 'pending')
       OR (c.state = 'paid' AND c.confirmed_at IS NULL))
  AND NOT EXISTS (
      SELECT FROM payment p WHERE p.charge_id = c.id AND c.confirmed_at IS NOT NULL)
UNION ALL
SELECT 'charge ' || ours || ' (' || state || ') was to be asked about at ' || inquire_at
FROM charge WHERE inquire_at < CAST(:now AS timestamptz) - interval '1 day'
"""

TWO_RUNS = """
SELECT 'job ' || job || ' ended well ' || count(*) || ' times for ' || business_day
FROM job_run WHERE state = 'OK' AND business_day IS NOT NULL
GROUP BY job, business_day HAVING count(*) > 1
"""

GAP = """
WITH done AS (
    SELECT job, business_day,
           lead(business_day) OVER (PARTITION BY job ORDER BY business_day) AS next
    FROM job_run WHERE state = 'OK' AND business_day IS NOT NULL
)
SELECT 'job ' || job || ' ran for ' || business_day || ' and then for ' || next
FROM done WHERE next > business_day + 1
"""

SERVER_PRICE = """
SELECT 'charge ' || c.ours || ' of Rp' || c.amount || ' for ' || c.vehicle || ', the tariff says Rp'
       || t.amount || ' for ' || t.vehicle
FROM charge c JOIN tariff t ON t.id = c.tariff_id
WHERE (c.amount, c.vehicle) <> (t.amount, t.vehicle)
UNION ALL
SELECT 'cash ' || c.id || ' of Rp' || c.amount || ' for ' || c.vehicle || ', the tariff says Rp'
       || t.amount || ' for ' || t.vehicle
FROM cash c JOIN tariff t ON t.id = c.tariff_id
WHERE (c.amount, c.vehicle) <> (t.amount, t.vehicle)
"""

SERVER_TIME = """
SELECT 'charge ' || c.ours || ' is in ' || c.business_day || ' and of attendant '
       || c.attendant_id || ', its shift is of attendant ' || s.attendant_id
FROM charge c JOIN shift s ON s.id = c.shift_id
WHERE c.attendant_id <> s.attendant_id
   OR c.business_day <> (c.created_at AT TIME ZONE 'Asia/Jakarta')::date
"""

M3 = Invariant(
    "M3", "every callback that was kept is worked on, and what was applied left evidence",
    (INBOX_WORK, APPLIED_EVIDENCE),
    "that every answered one was kept only its sender can tell: fault tests compare",
)  # fmt: skip
M5 = Invariant(
    "M5", "replaying the events of a charge, handover, slip or case gives its state",
    (REPLAY, PAID_WITH_PAYMENT, *REPLAYED, case_store.REPLAY, case_store.FIGURES),
)  # fmt: skip
M8 = Invariant("M8", "the same facts reconcile to the same result", (SAME_INPUT,))
M11 = Invariant(
    "M11", "nothing falls through: every callback, charge and discrepancy is final, owned or due",
    (FORGOTTEN_CALLBACK, FORGOTTEN_CHARGE, case_store.HIDDEN),
)  # fmt: skip
M13 = Invariant(
    "M13", "each daily job ended well once for each day, without a gap", (TWO_RUNS, GAP)
)
M16 = Invariant(
    "M16", "price, attendant and day of every charge come from the server",
    (SERVER_PRICE, SERVER_TIME),
)  # fmt: skip
