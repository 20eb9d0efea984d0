"""Tickets of a shift are ranges by series, however many: the two columns of a shift are gone.

What they said is kept as a range of a series that nobody named ("-").
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

APP_ROLE = "parking_app"


def upgrade() -> None:
    op.execute(
        "INSERT INTO shift_ticket (shift_id, series, first, last, spoiled)"
        " SELECT id, '-', ticket_first, ticket_last, 0 FROM shift"
        " WHERE ticket_first IS NOT NULL AND ticket_last IS NOT NULL ORDER BY id"
    )
    op.drop_constraint("ck_shift_tickets", "shift", type_="check")
    op.drop_column("shift", "ticket_first")
    op.drop_column("shift", "ticket_last")


def downgrade() -> None:
    op.add_column("shift", sa.Column("ticket_first", sa.Integer(), nullable=True))
    op.add_column("shift", sa.Column("ticket_last", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE shift SET ticket_first = t.first, ticket_last = t.last"
        " FROM (SELECT DISTINCT ON (shift_id) shift_id, first, last FROM shift_ticket"
        " ORDER BY shift_id, id) t WHERE t.shift_id = shift.id"
    )
    op.create_check_constraint("ck_shift_tickets", "shift", "ticket_last >= ticket_first")
    op.execute(f"GRANT UPDATE (ticket_first, ticket_last) ON shift TO {APP_ROLE}")
