"""Invariants of bank statements: each line is stored and booked once, and balances go on."""

STATEMENTS = """
SELECT 'statement ' || s.id || ' added ' || s.added || ' lines, there are ' || l.lines
FROM bank_statement s
CROSS JOIN LATERAL (SELECT count(*) AS lines FROM statement_line WHERE statement_id = s.id) l
WHERE s.added <> l.lines OR s.added > s.line_count
    OR (s.outcome <> 'accepted' AND s.added > 0)
"""

# A line is booked once when it comes; what it turns out to be is booked when its day is closed.
BOOKED = """
SELECT 'bank line ' || l.id || ' of Rp' || l.amount || ' is Rp' || coalesce(b.amount, 0)
       || ' in ' || coalesce(b.entries, 0) || ' entries of the treasury'
FROM statement_line l
LEFT JOIN (
    SELECT e.statement_line_id, sum(p.amount) AS amount, count(*) AS entries
    FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
    WHERE e.statement_line_id IS NOT NULL AND p.account = 'treasury'
    GROUP BY e.statement_line_id
) b ON b.statement_line_id = l.id
WHERE b.amount IS DISTINCT FROM l.amount OR b.entries <> 1
"""

# A statement that ends in the middle of a day is gone on with by one that reaches further.
CONTINUES = """
WITH first AS (
    SELECT DISTINCT ON (account_id) account_id, opening FROM bank_statement
    WHERE outcome = 'accepted' ORDER BY account_id, from_day, id
), by_day AS (
    SELECT account_id, booked_on,
           sum(sum(amount)) OVER (PARTITION BY account_id ORDER BY booked_on) AS total
    FROM statement_line GROUP BY account_id, booked_on
)
SELECT 'account ' || a.code || ': its lines come to Rp' || max(r.reached) || ' on ' || s.to_day
       || ', its statements say Rp' || max(s.closing)
FROM bank_statement s
JOIN first f ON f.account_id = s.account_id
JOIN bank_account a ON a.id = s.account_id
CROSS JOIN LATERAL (
    SELECT f.opening + coalesce((
        SELECT d.total FROM by_day d
        WHERE d.account_id = s.account_id AND d.booked_on <= s.to_day
        ORDER BY d.booked_on DESC LIMIT 1
    ), 0) AS reached
) r
WHERE s.outcome = 'accepted' AND s.closing IS NOT NULL AND f.opening IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM bank_statement o
        WHERE o.account_id = s.account_id AND o.outcome = 'accepted'
            AND o.from_day <= s.to_day AND o.to_day > s.to_day
    )
GROUP BY a.code, s.account_id, s.to_day
HAVING bool_and(s.closing <> r.reached)
"""
