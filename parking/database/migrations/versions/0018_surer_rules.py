"""Two rules of the beginning that were too bold and too timid, where nobody changed them.

The treasury account takes in money of all agencies: a credit of a slip's amount that says
nothing of parking may be anybody's, so it waits with a suggestion. And banks pay out once for
up to six days around long holidays.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

DEPOSIT = [
    "SETORAN PARKIR", "RETRIBUSI PARKIR", "STS DISHUB", "SETOR RETRIBUSI", "DISHUB", "PARKIR",
]  # fmt: skip
CHANGES = (
    ("setoran-sejumlah", {"words": DEPOSIT}, "kas daerah menerima uang dinas lain"),
    ("batch-gabungan", {"most": 6}, "libur panjang"),
)
# From the day after the last that is closed: what was signed is not judged again.
NEWER = sa.text("""
INSERT INTO match_rule
    (name, version, kind, rank, terms, is_on, valid_from, reason, entered_at, entered_by)
SELECT name, 2, kind, rank, terms || CAST(:change AS jsonb), is_on,
    coalesce((SELECT max(business_day) + 1 FROM closed_day), '2020-01-01'),
    :reason, now(), 'system'
FROM match_rule
WHERE name = :name
    AND NOT EXISTS (SELECT FROM match_rule later WHERE later.name = :name AND later.version > 1)
""")


def upgrade() -> None:
    for name, change, reason in CHANGES:
        op.execute(NEWER.bindparams(name=name, change=json.dumps(change), reason=reason))


def downgrade() -> None:
    op.execute("ALTER TABLE match_rule DISABLE TRIGGER add_only")
    op.execute("DELETE FROM match_rule WHERE entered_by = 'system' AND version = 2")
    op.execute("ALTER TABLE match_rule ENABLE TRIGGER add_only")
