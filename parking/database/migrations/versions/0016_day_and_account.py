"""Find at once whether an account took money on a day: a city pays a million times in two weeks."""

from alembic import op

revision = "0016"
down_revision = "0015"

OLD, NEW = "ix_payment_business_day", "ix_payment_business_day_account"


def upgrade() -> None:
    op.create_index(NEW, "payment", ["business_day", "gateway", "account"])
    op.drop_index(OLD, "payment")


def downgrade() -> None:
    op.create_index(OLD, "payment", ["business_day"])
    op.drop_index(NEW, "payment")
