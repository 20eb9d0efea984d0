"""The files that ought to be there for a business day, and those that are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from parking.business_day import is_working_day
from parking.statements.bank_store import AbsenceRow


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A settlement report, or the statement of a bank account, for one day."""

    day: date
    source: str  # "settlement:midtrans/jambi", "statement:rkud"
    sha256: str  # of the file that is in force; empty: it has not come
    reason: str  # why its absence was explained away; empty: it was not

    @property
    def has_come(self) -> bool:
        return bool(self.sha256)

    @property
    def is_missing(self) -> bool:
        return not self.sha256 and not self.reason

    @property
    def name(self) -> str:
        """
        >>> ExpectedFile(date(2026, 11, 24), "statement:rkud", "", "").name
        'Rekening koran rkud'
        """
        kind, _, whose = self.source.partition(":")
        return f"{'Laporan settlement' if kind == 'settlement' else 'Rekening koran'} {whose}"


# A report is due from each account through which somebody paid on the day; a statement from
# each bank account on every working day. A newer report of the day takes the older one's place.
EXPECTED = """
WITH asked AS (SELECT unnest(CAST(:days AS date[])) AS day),
due AS (
    SELECT a.day, 'settlement:' || m.gateway || '/' || m.account AS source
    FROM asked a, (SELECT DISTINCT gateway, account FROM merchant_account) m
    WHERE EXISTS (  -- one look into an index, and not a count of a day's payments
        SELECT FROM payment p
        WHERE p.business_day = a.day AND p.gateway = m.gateway AND p.account = m.account
            AND p.effect = 'receipt'
    )
    UNION
    SELECT a.day, 'statement:' || b.code
    FROM asked a
    JOIN bank_account b ON a.day >= b.valid_from AND a.day <= coalesce(b.ended_on, a.day)
    WHERE a.day = ANY(CAST(:working AS date[]))
)
SELECT d.day, d.source, coalesce(r.sha256, s.sha256, '') AS sha256,
    coalesce(x.reason, '') AS reason
FROM due d
LEFT JOIN LATERAL (
    SELECT i.sha256 FROM import_batch i
    WHERE i.outcome = 'accepted' AND i.report_day = d.day
        AND 'settlement:' || i.gateway || '/' || i.account = d.source
    ORDER BY i.id DESC LIMIT 1
) r ON true
LEFT JOIN LATERAL (
    SELECT f.sha256 FROM bank_statement f JOIN bank_account b ON b.id = f.account_id
    WHERE f.outcome = 'accepted' AND d.day BETWEEN f.from_day AND f.to_day
        AND 'statement:' || b.code = d.source
    ORDER BY f.id LIMIT 1
) s ON true
LEFT JOIN file_absence x ON x.source = d.source AND x.day = d.day
ORDER BY d.day, d.source
"""


def expected_files(
    session: Session, days: Collection[date], leave: Collection[date]
) -> Sequence[ExpectedFile]:
    """What is expected for these days, in order of day and source."""
    working = [day for day in days if is_working_day(day, leave)]
    rows = session.execute(text(EXPECTED), {"days": sorted(days), "working": sorted(working)})
    return [ExpectedFile(*row) for row in rows]


def add_absence(session: Session, **values: Any) -> None:
    """Keep why a file is absent. Raises IntegrityError if that is explained already."""
    session.add(AbsenceRow(**values))
    session.flush()
