"""Who approves sits at another session than who proposed; a case may reach back to earlier days."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

APP_ROLE = "parking_app"


def upgrade() -> None:
    op.add_column("case_proposal", sa.Column("proposed_in", sa.Text(), nullable=False))
    op.add_column("case_proposal", sa.Column("decided_in", sa.Text(), nullable=True))
    op.create_check_constraint(
        "ck_case_proposal_two_sessions", "case_proposal", "decided_in <> proposed_in"
    )
    op.execute(f"GRANT UPDATE (decided_in) ON case_proposal TO {APP_ROLE}")
    op.execute(f"GRANT UPDATE (first_day) ON case_file TO {APP_ROLE}")
    op.create_index("ix_case_file_subject", "case_file", ["subject"])


def downgrade() -> None:
    op.drop_index("ix_case_file_subject", "case_file")
    op.execute(f"REVOKE UPDATE (first_day) ON case_file FROM {APP_ROLE}")
    op.drop_constraint("ck_case_proposal_two_sessions", "case_proposal")
    op.drop_column("case_proposal", "decided_in")
    op.drop_column("case_proposal", "proposed_in")
