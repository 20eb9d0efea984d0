"""Nothing is booked into a closed day as if it had been there before it was closed (M6, F49).

What comes later may say to which day it belongs; its posting time says when it came. Booking
and closing wait for each other by a lock on the day, so that none slips in between.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

APP_ROLE = "parking_app"

GUARD = """
CREATE FUNCTION refuse_into_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('book ' || days.day, 0))
    FROM (SELECT DISTINCT effective_on AS day FROM added ORDER BY effective_on) days;
    SELECT c.business_day INTO closed
    FROM closed_day c JOIN added e ON e.effective_on = c.business_day
    WHERE e.posted_at <= c.closed_at LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'day % is closed: what comes now is posted now', closed
            USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER not_into_closed_day AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_into_closed_day();
"""


def upgrade() -> None:
    op.create_table(
        "closed_day_check",
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_day"], ["closed_day.business_day"], name="fk_closed_day_check_business_day"
        ),
        sa.PrimaryKeyConstraint("business_day", name="pk_closed_day_check"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE (at, fault) ON closed_day_check TO {APP_ROLE}")
    op.execute(GUARD)


def downgrade() -> None:
    op.execute("DROP TRIGGER not_into_closed_day ON ledger_entry")
    op.execute("DROP FUNCTION refuse_into_closed_day()")
    op.drop_table("closed_day_check")
