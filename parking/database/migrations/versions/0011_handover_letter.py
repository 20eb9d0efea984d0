"""Keep the letter that a giver of cash had, and make a treasurer's receipt final.

A receipt is made from what was counted: there is nothing to mistype, so none is ever void.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

APP_ROLE = "parking_app"
VOID = "voided_at, voided_by, void_reason"


def upgrade() -> None:
    op.add_column("handover", sa.Column("assignment_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_handover_assignment_id", "handover", "assignment", ["assignment_id"], ["id"]
    )
    op.create_index("ix_shift_attendant_id", "shift", ["attendant_id", "business_day"])
    for column in VOID.split(", "):
        op.drop_column("tbp", column)
    op.execute(
        "CREATE TRIGGER add_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tbp"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER add_only ON tbp")
    op.add_column("tbp", sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tbp", sa.Column("voided_by", sa.Text(), nullable=True))
    op.add_column(
        "tbp", sa.Column("void_reason", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.alter_column("tbp", "void_reason", server_default=None)
    op.execute(f"GRANT UPDATE ({VOID}) ON tbp TO {APP_ROLE}")
    op.drop_index("ix_shift_attendant_id", "shift")
    op.drop_constraint("fk_handover_assignment_id", "handover", type_="foreignkey")
    op.drop_column("handover", "assignment_id")
