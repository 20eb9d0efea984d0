"""Several merchant accounts at once: which serves what place, and when one could not be used."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

APP_ROLE = "parking_app"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "route",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("merchant_account_id", sa.BigInteger(), nullable=False),
        sa.Column("point_id", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("rank BETWEEN 1 AND 9", name=op.f("ck_route_rank")),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= valid_from", name=op.f("ck_route_period")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_account_id"],
            ["merchant_account.id"],
            name=op.f("fk_route_merchant_account_id"),
        ),
        sa.ForeignKeyConstraint(["point_id"], ["parking_point.id"], name=op.f("fk_route_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route")),
    )
    op.create_table(
        "outage",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("noticed", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.CheckConstraint("noticed IN ('breaker', 'hand')", name=op.f("ck_outage_noticed")),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_outage_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    op.create_index(
        "uq_outage_open", "outage", ["gateway", "account"],
        unique=True, postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_index("ix_outage_began_at", "outage", ["began_at"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE (ended_on) ON route TO {APP_ROLE}")
    op.execute(
        f"GRANT SELECT, INSERT, UPDATE (ended_at, ended_by, retry_at) ON outage TO {APP_ROLE}"
    )


def downgrade() -> None:
    op.drop_table("outage")
    op.drop_table("route")
