"""When an acquirer pays out is a matter of its contract, as its fee is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "fee_term", sa.Column("settles_in", sa.Integer(), nullable=False, server_default="1")
    )
    op.alter_column("fee_term", "settles_in", server_default=None)
    op.create_check_constraint("ck_fee_term_settles_in", "fee_term", "settles_in BETWEEN 0 AND 10")


def downgrade() -> None:
    op.drop_column("fee_term", "settles_in")
