"""A count of cash that is sent twice is one count: its page has a key."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

KEY = "uq_cash_count_client_key"


def upgrade() -> None:
    op.add_column("cash_count", sa.Column("client_key", sa.Text()))
    op.create_unique_constraint(KEY, "cash_count", ["client_key"])


def downgrade() -> None:
    op.drop_constraint(KEY, "cash_count")
    op.drop_column("cash_count", "client_key")
