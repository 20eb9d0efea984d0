"""Files that somebody looks at before they are taken in. They are thrown away within hours."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

APP_ROLE = "parking_app"


def upgrade() -> None:
    op.create_table(
        "import_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_draft"),
    )
    op.create_index("ix_import_draft_actor", "import_draft", ["actor"])
    op.execute(f"GRANT SELECT, INSERT, DELETE ON import_draft TO {APP_ROLE}")


def downgrade() -> None:
    op.drop_table("import_draft")
