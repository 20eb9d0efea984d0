"""Refund cases: who asked for money to go back, who agreed, and how far it has come."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

APP_ROLE = "parking_app"
PROJECTIONS = (
    "standing, decided_by, decided_at, sent_at, sends, looks, due_at, theirs, why, document"
)

ONE_SOURCE = "ck_ledger_entry_one_source"


def upgrade() -> None:
    op.create_table(
        "refund",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "note", "code")),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("theirs", "why", "document")),
        sa.CheckConstraint("amount > 0", name="ck_refund_amount"),
        sa.CheckConstraint("decided_by <> requested_by", name="ck_refund_two_persons"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_refund_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_refund"),
        sa.UniqueConstraint("key", name="uq_refund_key"),
    )
    op.create_index("ix_refund_payment_id", "refund", ["payment_id"])
    op.create_index(
        "ix_refund_due", "refund", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_table(
        "refund_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("refund_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_standing", sa.Text(), nullable=False),
        sa.Column("to_standing", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name="fk_refund_event_refund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_refund_event"),
    )
    op.create_index("ix_refund_event_refund_id", "refund_event", ["refund_id"])
    op.add_column("ledger_entry", sa.Column("refund_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_ledger_entry_refund_id", "ledger_entry", "refund", ["refund_id"], ["id"]
    )
    op.drop_constraint(ONE_SOURCE, "ledger_entry")
    op.create_check_constraint(
        ONE_SOURCE, "ledger_entry",
        "num_nonnulls(evidence_id, cash_id, cash_correction_id, refund_id) = 1",
    )  # fmt: skip
    op.execute(
        "CREATE TRIGGER add_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refund_event"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(f"GRANT SELECT, INSERT ON refund_event TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({PROJECTIONS}) ON refund TO {APP_ROLE}")


def downgrade() -> None:
    op.drop_constraint(ONE_SOURCE, "ledger_entry")
    op.drop_constraint("fk_ledger_entry_refund_id", "ledger_entry")
    op.drop_column("ledger_entry", "refund_id")
    op.create_check_constraint(
        ONE_SOURCE, "ledger_entry", "num_nonnulls(evidence_id, cash_id, cash_correction_id) = 1"
    )
    op.drop_table("refund_event")
    op.drop_table("refund")
