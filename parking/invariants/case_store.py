"""Invariants of cases, as queries that find what breaks them; they are parts of M4 to M22."""

from parking.reconciliation.cases.case import MOVES

_MOVES = ", ".join(
    f"('{kind}', '{before or ''}', '{after}')"
    for kind, moves in MOVES.items()
    for before, after in moves.items()
)

# Every step follows from the one before it, and the last is where the case stands.
REPLAY = f"""
WITH step AS (
    SELECT case_id, kind, from_state, to_state,
           lag(to_state, 1, '') OVER w AS before, lead(id) OVER w IS NULL AS is_last
    FROM case_event WINDOW w AS (PARTITION BY case_id ORDER BY id)
)
SELECT 'case ' || case_id || ': ' || kind || ' from ' || from_state || ' to ' || to_state
       || ' after ' || before
FROM step
WHERE from_state <> before OR (kind, from_state, to_state) NOT IN ({_MOVES})
UNION ALL
SELECT 'case ' || c.id || ' is ' || c.state || ', its events say '
       || coalesce(s.to_state, 'nothing')
FROM case_file c LEFT JOIN step s ON s.case_id = c.id AND s.is_last
WHERE s.to_state IS DISTINCT FROM c.state
"""  # noqa: S608 - the table of moves is ours

# What the last event that set a figure of a case set it to.
FIGURES = """
SELECT 'case ' || c.id || ': ' || v.name || ' is ' || coalesce(v.value, 'nothing')
       || ', its events say ' || coalesce(e.value, 'nothing')
FROM case_file c
CROSS JOIN LATERAL (VALUES
    ('amount', c.amount::text), ('due_on', c.due_on::text), ('owner', c.owner),
    ('assignee', c.assignee), ('level', c.level::text), ('reason', c.reason),
    ('ended_by', c.ended_by), ('document', c.document)
) AS v (name, value)
CROSS JOIN LATERAL (
    SELECT detail -> 'set' ->> v.name AS value FROM case_event
    WHERE case_id = c.id AND detail -> 'set' ? v.name ORDER BY id DESC LIMIT 1
) AS e
WHERE v.value IS DISTINCT FROM e.value
"""

# F103: what a newest run found has a case that covers its day, and its newest such case is open,
# or an event says who ended it.
HIDDEN = """
WITH newest AS (
    SELECT business_day, max(id) AS id FROM reconciliation_run GROUP BY business_day
)
SELECT 'discrepancy ' || d.id || ' (' || d.code || ' ' || d.subject || ' of ' || d.business_day
       || ') has no case'
FROM discrepancy d JOIN newest n ON n.id = d.run_id
WHERE d.status IN ('selisih', 'beda_waktu') AND NOT EXISTS (
    SELECT FROM case_file c WHERE c.code = d.code AND c.subject = d.subject
    AND d.business_day BETWEEN c.first_day AND c.last_day)
UNION ALL
SELECT 'case ' || id || ' (' || code || ' ' || subject || ') lies with nobody'
FROM case_file WHERE state = 'tracing' AND owner = ''
"""

# Steps that give up money or change the book, each by an approved proposal of its case.
_DECIDED = "('written_off', 're_attributed', 'corrected')"
TWO_PERSONS = f"""
SELECT 'proposal ' || id || ' was decided by ' || decided_by || ', who made it'
FROM case_proposal WHERE decided_by = proposed_by
UNION ALL
SELECT 'proposal ' || id || ' was decided in the session it was made in'
FROM case_proposal WHERE decided_in = proposed_in
UNION ALL
SELECT 'proposal ' || id || ' is ' || standing || ' and nobody decided it'
FROM case_proposal WHERE standing IN ('approved', 'rejected') AND decided_by IS NULL
UNION ALL
SELECT 'case ' || e.case_id || ' was ' || e.kind || ' without an approved proposal'
FROM case_event e
LEFT JOIN case_proposal p ON p.id = (e.detail ->> 'proposal')::bigint
    AND p.case_id = e.case_id AND p.standing = 'approved' AND p.decided_by = e.actor
WHERE e.kind IN {_DECIDED} AND p.id IS NULL
"""  # noqa: S608

# An approved proposal is booked once, as its terms say; none other is.
BOOKED = """
SELECT 'proposal ' || p.id || ' (' || p.kind || ', ' || p.standing || ') is booked '
       || count(e.id) || ' times'
FROM case_proposal p LEFT JOIN ledger_entry e ON e.proposal_id = p.id AND e.kind = p.kind
GROUP BY p.id
HAVING count(e.id)
    <> CASE WHEN p.standing = 'approved' AND p.kind <> 'write_off' THEN 1 ELSE 0 END
UNION ALL
SELECT 'proposal ' || p.id || ' (re_attribution) moves what it does not say'
FROM case_proposal p JOIN ledger_entry e ON e.proposal_id = p.id AND e.kind = p.kind
JOIN ledger_posting q ON q.entry_id = e.id
WHERE p.kind = 're_attribution'
GROUP BY p.id
HAVING bool_or(q.account <> 'attendant_share') OR count(*) <> 2
    OR coalesce(sum(q.amount) FILTER (WHERE q.holder = (p.terms ->> 'from_id')::bigint), 0)
       <> (p.terms ->> 'amount')::bigint
    OR coalesce(sum(q.amount) FILTER (WHERE q.holder = (p.terms ->> 'to_id')::bigint), 0)
       <> -(p.terms ->> 'amount')::bigint
"""
