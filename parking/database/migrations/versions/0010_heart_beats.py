"""A job that did not run is an alarm: how each look goes, and what was fetched."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

APP_ROLE = "parking_app"
MOMENT = sa.DateTime(timezone=True)
BEAT = "epoch, late_after_s, last_ok_at, failures, failing_since, failed_at, failure, needs_person"


def upgrade() -> None:
    op.create_table(
        "job_beat",
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("late_after_s", sa.Integer(), nullable=False),
        sa.Column("expected_since", MOMENT, nullable=False),
        sa.Column("last_ok_at", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "failures >= 0 AND (failures > 0) = (failure IS NOT NULL)",
            name=op.f("ck_job_beat_failure"),
        ),
        sa.PrimaryKeyConstraint("look", name=op.f("pk_job_beat")),
    )
    op.create_table(
        "fetched_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified_s", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.Column("placed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetched_file")),
    )
    op.create_index("ix_fetched_file_source_path", "fetched_file", ["source", "path"])
    op.create_index(
        "ix_fetched_file_unplaced", "fetched_file", ["source"],
        postgresql_where=sa.text("placed_at IS NULL"),
    )  # fmt: skip
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({BEAT}) ON job_beat TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (placed_at) ON fetched_file TO {APP_ROLE}")


def downgrade() -> None:
    op.drop_table("fetched_file")
    op.drop_table("job_beat")
