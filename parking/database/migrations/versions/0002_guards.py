"""What the application may not do, held by the database itself.

The application's role may add to every table, change only the columns that are
projections or dated ends, and delete nothing. Triggers say the same to everybody
else, and a deferred one refuses an entry that does not balance (M1, F100).
"""

from alembic import op

revision = "0002"
down_revision = "0001"

APP_ROLE = "parking_app"

APPEND_ONLY = (
    "audit_event", "audit_seal", "attendant_pin", "ledger_entry", "ledger_posting", "tariff",
    "revenue_split", "fee_term", "collective_leave", "shift_event", "cash", "cash_correction",
    "charge_event", "callback", "callback_repeat", "evidence", "payment", "import_batch",
    "settlement_line", "reconciliation_run", "discrepancy",
)  # fmt: skip

UPDATABLE = {
    "user_account": "password_hash, totp_secret, totp_last_step, ended_at",
    "enrolment": "used_at",
    "device": "ended_at",
    "attempt": "failures, last_failed_at, locked_until",
    "web_session": "last_seen_at, revoked_at",
    "attendant": "ended_on",
    "parking_point": "ended_on",
    "assignment": "ended_at, ended_reason",
    "merchant_account": "ended_on",
    "shift": "closed_at, declared_cash, declared_qris, ticket_first, ticket_last, remarks",
    "charge": "state, late, theirs, payload, expires_at, paid_at, inquire_at, inquiries,"
    " confirmed_at",
    "callback_work": "state, attempts, due_at, reason, worked_at",
    "job_lease": "holder, epoch, expires_at",
    "job_run": "state, finished_at, result, error",
}

ROLE = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        CREATE ROLE {APP_ROLE} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database of this cluster was migrated at the same moment
END $$;
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

# On the entry, so that it runs once however many postings there are. A posting
# added to an entry of an earlier transaction is refused by the other trigger.
BALANCE = """
CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
    sides bigint;
BEGIN
    SELECT coalesce(sum(amount), 0), count(*) INTO total, sides
    FROM ledger_posting WHERE entry_id = NEW.id;
    IF total <> 0 OR sides < 2 THEN
        RAISE EXCEPTION 'entry % (% %) does not balance: % over % postings',
            NEW.id, NEW.kind, NEW.reference, total, sides
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced();

CREATE FUNCTION refuse_late_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late bigint;
BEGIN
    SELECT min(p.entry_id) INTO late
    FROM added p JOIN ledger_entry e ON e.id = p.entry_id
    WHERE e.xmin <> pg_current_xact_id()::xid;
    IF late IS NOT NULL THEN
        RAISE EXCEPTION 'entry % is booked: a posting cannot be added to it', late
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER with_its_entry AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_posting();
"""


def upgrade() -> None:
    op.execute(ROLE)
    op.execute(f"GRANT {APP_ROLE} TO CURRENT_USER")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    op.execute(REFUSE_CHANGE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER add_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")
    for table, columns in UPDATABLE.items():
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO {APP_ROLE}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APP_ROLE}")
    op.execute(BALANCE)


def downgrade() -> None:
    op.execute("DROP TRIGGER with_its_entry ON ledger_posting")
    op.execute("DROP TRIGGER balanced ON ledger_entry")
    op.execute("DROP FUNCTION refuse_late_posting(), refuse_unbalanced()")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER add_only ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
    for table in (*APPEND_ONLY, *UPDATABLE, "alembic_version"):
        op.execute(f"REVOKE ALL ON {table} FROM {APP_ROLE}")
    op.execute(f"REVOKE USAGE ON SCHEMA public FROM {APP_ROLE}")
