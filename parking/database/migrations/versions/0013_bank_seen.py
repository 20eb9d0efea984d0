"""A run keeps what it saw of the bank, and when time alone may change its result."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column(
        "reconciliation_run",
        sa.Column("bank_digest", sa.Text(), nullable=False, server_default=""),
    )
    op.add_column("reconciliation_run", sa.Column("look_again", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("reconciliation_run", "look_again")
    op.drop_column("reconciliation_run", "bank_digest")
