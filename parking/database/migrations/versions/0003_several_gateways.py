"""Several gateways: what a signature covers is kept whole, and payments are named by account.

Two banks that speak the same interface may count alike, so a payment's reference is
unique at one account only, and its booking is named by gateway, account and reference.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BY_GATEWAY = ["gateway", "payment_ref", "effect"]
BY_ACCOUNT = ["gateway", "payment_ref", "account", "effect"]

# The names that bookings of payments have; the owner of the tables alone may do this.
RENAME = """
ALTER TABLE ledger_entry DISABLE TRIGGER add_only;
UPDATE ledger_entry e
SET reference = {begins} || substr(e.reference, length({began}) + 1)
FROM payment p
WHERE p.evidence_id = e.evidence_id AND e.kind IN ('payment', 'refund', 'reversal')
    AND starts_with(e.reference, {began});
ALTER TABLE ledger_entry ENABLE TRIGGER add_only;
"""
OLD = "concat_ws('/', p.gateway, p.payment_ref)"
NEW = "concat_ws('/', p.gateway, p.account, p.payment_ref)"


def upgrade() -> None:
    op.add_column("callback", sa.Column("path", sa.Text(), nullable=False, server_default=""))
    op.alter_column("callback", "path", server_default=None)
    op.drop_constraint("uq_payment_gateway_payment_ref_effect", "payment")
    op.create_unique_constraint(
        "uq_payment_gateway_payment_ref_account_effect", "payment", BY_ACCOUNT
    )
    op.execute(RENAME.format(began=OLD, begins=NEW))


def downgrade() -> None:
    op.execute(RENAME.format(began=NEW, begins=OLD))
    op.drop_constraint("uq_payment_gateway_payment_ref_account_effect", "payment")
    op.create_unique_constraint("uq_payment_gateway_payment_ref_effect", "payment", BY_GATEWAY)
    op.drop_column("callback", "path")
