"""The tables, as the first release had them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject", name="pk_attempt"),
    )
    op.create_table(
        "attendant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_attendant"),
        sa.UniqueConstraint("badge", name="uq_attendant_badge"),
    )
    op.create_table(
        "audit_event",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_action", "audit_event", ["action"], unique=False)
    op.create_index("ix_audit_event_object", "audit_event", ["object"], unique=False)
    op.create_table(
        "callback",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("natural_key", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("remote", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callback"),
        sa.UniqueConstraint(
            "gateway", "account", "natural_key", name="uq_callback_gateway_account_natural_key"
        ),
    )
    op.create_index("ix_callback_received_at", "callback", ["received_at"], unique=False)
    op.create_table(
        "collective_leave",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("decree", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_collective_leave"),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("report_day", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("supersedes", sa.BigInteger(), nullable=True),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'duplicate', 'rejected')", name="ck_import_batch_outcome"
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["import_batch.id"], name="fk_import_batch_duplicate_of"
        ),
        sa.ForeignKeyConstraint(
            ["supersedes"], ["import_batch.id"], name="fk_import_batch_supersedes"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_import_batch"),
        sa.UniqueConstraint("supersedes", name="uq_import_batch_supersedes"),
    )
    op.create_index("ix_import_batch_report_day", "import_batch", ["report_day"], unique=False)
    op.create_index("ix_import_batch_sha256", "import_batch", ["sha256"], unique=False)
    op.create_table(
        "job_lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job_lease"),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job_run"),
    )
    op.create_index("ix_job_run_job", "job_run", ["job", "started_at"], unique=False)
    op.create_index(
        "uq_job_run_ok",
        "job_run",
        ["job", "business_day"],
        unique=True,
        postgresql_where=sa.text("state = 'OK' AND business_day IS NOT NULL"),
    )
    op.create_table(
        "merchant_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("nmid", sa.Text(), nullable=False),
        sa.Column("pan", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("key_name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "environment IN ('sandbox', 'production')", name="ck_merchant_account_environment"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_merchant_account"),
        sa.UniqueConstraint("gateway", "account", name="uq_merchant_account_gateway_account"),
    )
    op.create_table(
        "parking_point",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("road", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("area_type", sa.Text(), nullable=False),
        sa.Column("has_qris", sa.Boolean(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "area_type IN ('street', 'market', 'special')", name="ck_parking_point_area_type"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_parking_point"),
        sa.UniqueConstraint("code", name="uq_parking_point_code"),
    )
    op.create_index("ix_parking_point_zone", "parking_point", ["zone"], unique=False)
    op.create_table(
        "reconciliation_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("input_hash", sa.Text(), nullable=False),
        sa.Column("result_hash", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliation_run"),
        sa.UniqueConstraint(
            "business_day", "input_hash", name="uq_reconciliation_run_business_day_input_hash"
        ),
    )
    op.create_table(
        "revenue_split",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("city_bps", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("decree", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("city_bps BETWEEN 0 AND 10000", name="ck_revenue_split_city_bps"),
        sa.PrimaryKeyConstraint("id", name="pk_revenue_split"),
        sa.UniqueConstraint(
            "valid_from", "entered_at", name="uq_revenue_split_valid_from_entered_at"
        ),
    )
    op.create_table(
        "tariff",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("decree", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "vehicle IN ('motorcycle', 'car', 'truck_bus')", name="ck_tariff_vehicle"
        ),
        sa.CheckConstraint("amount BETWEEN 1 AND 10000000", name="ck_tariff_amount"),
        sa.PrimaryKeyConstraint("id", name="pk_tariff"),
        sa.UniqueConstraint(
            "vehicle",
            "zone",
            "valid_from",
            "entered_at",
            name="uq_tariff_vehicle_zone_valid_from_entered_at",
        ),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("username", name="uq_user_account_username"),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("point_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name="ck_assignment_period"
        ),
        sa.ForeignKeyConstraint(
            ["attendant_id"], ["attendant.id"], name="fk_assignment_attendant_id"
        ),
        sa.ForeignKeyConstraint(["point_id"], ["parking_point.id"], name="fk_assignment_point_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment"),
        sa.UniqueConstraint("letter", name="uq_assignment_letter"),
    )
    op.create_index("ix_assignment_attendant_id", "assignment", ["attendant_id"], unique=False)
    op.create_index("ix_assignment_point_id", "assignment", ["point_id"], unique=False)
    op.create_table(
        "attendant_pin",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attendant_id"], ["attendant.id"], name="fk_attendant_pin_attendant_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attendant_pin"),
    )
    op.create_index(
        "ix_attendant_pin_attendant_id", "attendant_pin", ["attendant_id"], unique=False
    )
    op.create_table(
        "audit_seal",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit_event.seq"], name="fk_audit_seal_seq"),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_seal"),
        sa.UniqueConstraint("hash", name="uq_audit_seal_hash"),
    )
    op.create_table(
        "callback_repeat",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("callback_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name="fk_callback_repeat_callback_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_callback_repeat"),
    )
    op.create_index(
        "ix_callback_repeat_callback_id", "callback_repeat", ["callback_id"], unique=False
    )
    op.create_table(
        "callback_work",
        sa.Column("callback_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name="fk_callback_work_callback_id"
        ),
        sa.PrimaryKeyConstraint("callback_id", name="pk_callback_work"),
    )
    op.create_index(
        "ix_callback_work_due",
        "callback_work",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attendant_id"], ["attendant.id"], name="fk_device_attendant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
        sa.UniqueConstraint("secret_hash", name="uq_device_secret_hash"),
    )
    op.create_index("ix_device_attendant_id", "device", ["attendant_id"], unique=False)
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=True),
        sa.Column("point_id", sa.BigInteger(), nullable=True),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attendant_id"], ["attendant.id"], name="fk_discrepancy_attendant_id"
        ),
        sa.ForeignKeyConstraint(["point_id"], ["parking_point.id"], name="fk_discrepancy_point_id"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reconciliation_run.id"], name="fk_discrepancy_run_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_discrepancy"),
        sa.UniqueConstraint("run_id", "code", "subject", name="uq_discrepancy_run_id_code_subject"),
    )
    op.create_index(
        "ix_discrepancy_business_day", "discrepancy", ["business_day", "code"], unique=False
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attendant_id"], ["attendant.id"], name="fk_enrolment_attendant_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment"),
        sa.UniqueConstraint("code_hash", name="uq_enrolment_code_hash"),
    )
    op.create_table(
        "fee_term",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("merchant_account_id", sa.BigInteger(), nullable=False),
        sa.Column("fee_bps", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_account_id"], ["merchant_account.id"], name="fk_fee_term_merchant_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_fee_term"),
        sa.UniqueConstraint(
            "merchant_account_id", "valid_from", name="uq_fee_term_merchant_account_id_valid_from"
        ),
    )
    op.create_table(
        "settlement_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("payment_ref", sa.Text(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind IN ('payment', 'refund')", name="ck_settlement_line_kind"),
        sa.CheckConstraint("net = gross - fee", name="ck_settlement_line_net"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name="fk_settlement_line_import_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_line"),
        sa.UniqueConstraint("import_id", "line_key", name="uq_settlement_line_import_id_line_key"),
        sa.UniqueConstraint("import_id", "number", name="uq_settlement_line_import_id_number"),
    )
    op.create_index("ix_settlement_line_paid_on", "settlement_line", ["paid_on"], unique=False)
    op.create_index(
        "ix_settlement_line_payment_ref", "settlement_line", ["payment_ref"], unique=False
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("callback_id", sa.BigInteger(), nullable=True),
        sa.Column("line_id", sa.BigInteger(), nullable=True),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("payment_ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trust", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(source = 'callback') = (callback_id IS NOT NULL)"
            " AND (source = 'settlement') = (line_id IS NOT NULL)",
            name="ck_evidence_origin",
        ),
        sa.CheckConstraint(
            "source IN ('callback', 'inquiry', 'settlement')", name="ck_evidence_source"
        ),
        sa.ForeignKeyConstraint(["callback_id"], ["callback.id"], name="fk_evidence_callback_id"),
        sa.ForeignKeyConstraint(["line_id"], ["settlement_line.id"], name="fk_evidence_line_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_ours", "evidence", ["ours"], unique=False)
    op.create_index(
        "ix_evidence_callback_id",
        "evidence",
        ["callback_id"],
        unique=False,
        postgresql_where=sa.text("callback_id IS NOT NULL"),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("point_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("taken_over_from", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declared_cash", sa.BigInteger(), nullable=True),
        sa.Column("declared_qris", sa.BigInteger(), nullable=True),
        sa.Column("ticket_first", sa.Integer(), nullable=True),
        sa.Column("ticket_last", sa.Integer(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.CheckConstraint("declared_cash >= 0", name="ck_shift_declared_cash"),
        sa.CheckConstraint("declared_qris >= 0", name="ck_shift_declared_qris"),
        sa.CheckConstraint("ticket_last >= ticket_first", name="ck_shift_tickets"),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name="fk_shift_assignment_id"
        ),
        sa.ForeignKeyConstraint(["attendant_id"], ["attendant.id"], name="fk_shift_attendant_id"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_shift_device_id"),
        sa.ForeignKeyConstraint(["point_id"], ["parking_point.id"], name="fk_shift_point_id"),
        sa.ForeignKeyConstraint(["taken_over_from"], ["shift.id"], name="fk_shift_taken_over_from"),
        sa.PrimaryKeyConstraint("id", name="pk_shift"),
    )
    op.create_index("ix_shift_business_day", "shift", ["business_day"], unique=False)
    op.create_index(
        "uq_shift_open_attendant",
        "shift",
        ["attendant_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "web_session",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("attendant_id", sa.BigInteger(), nullable=True),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (attendant_id IS NULL)", name="ck_web_session_one_holder"
        ),
        sa.ForeignKeyConstraint(
            ["attendant_id"], ["attendant.id"], name="fk_web_session_attendant_id"
        ),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_web_session_device_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_web_session_user_id"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_web_session"),
    )
    op.create_index("ix_web_session_attendant_id", "web_session", ["attendant_id"], unique=False)
    op.create_index("ix_web_session_device_id", "web_session", ["device_id"], unique=False)
    op.create_index("ix_web_session_user_id", "web_session", ["user_id"], unique=False)
    op.create_table(
        "cash",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shift_id", sa.BigInteger(), nullable=False),
        sa.Column("client_key", sa.Text(), nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=False),
        sa.Column("tariff_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("instead_of", sa.Text(), nullable=True),
        sa.CheckConstraint("amount > 0", name="ck_cash_amount"),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name="fk_cash_shift_id"),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"], name="fk_cash_tariff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_cash"),
        sa.UniqueConstraint("instead_of", name="uq_cash_instead_of"),
        sa.UniqueConstraint("shift_id", "client_key", name="uq_cash_shift_id_client_key"),
    )
    op.create_index("ix_cash_business_day", "cash", ["business_day"], unique=False)
    op.create_table(
        "charge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("shift_id", sa.BigInteger(), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("point_id", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("client_key", sa.Text(), nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=False),
        sa.Column("tariff_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("city_bps", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("theirs", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inquire_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inquiries", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount BETWEEN 1 AND 10000000", name="ck_charge_amount"),
        sa.ForeignKeyConstraint(["attendant_id"], ["attendant.id"], name="fk_charge_attendant_id"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_charge_device_id"),
        sa.ForeignKeyConstraint(["point_id"], ["parking_point.id"], name="fk_charge_point_id"),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name="fk_charge_shift_id"),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff.id"], name="fk_charge_tariff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_charge"),
        sa.UniqueConstraint("attendant_id", "client_key", name="uq_charge_attendant_id_client_key"),
        sa.UniqueConstraint("ours", name="uq_charge_ours"),
    )
    op.create_index("ix_charge_business_day", "charge", ["business_day"], unique=False)
    op.create_index(
        "ix_charge_due",
        "charge",
        ["inquire_at"],
        unique=False,
        postgresql_where=sa.text("inquire_at IS NOT NULL"),
    )
    op.create_index("ix_charge_shift_id", "charge", ["shift_id"], unique=False)
    op.create_index(
        "ix_charge_replaces",
        "charge",
        ["replaces"],
        unique=False,
        postgresql_where=sa.text("replaces IS NOT NULL"),
    )
    op.create_index("ix_charge_theirs", "charge", ["theirs"], unique=False)
    op.create_table(
        "shift_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shift_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name="fk_shift_event_shift_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shift_event"),
    )
    op.create_index("ix_shift_event_shift_id", "shift_event", ["shift_id"], unique=False)
    op.create_table(
        "cash_correction",
        sa.Column("cash_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cash_id"], ["cash.id"], name="fk_cash_correction_cash_id"),
        sa.PrimaryKeyConstraint("cash_id", name="pk_cash_correction"),
    )
    op.create_table(
        "charge_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("charge_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name="fk_charge_event_charge_id"),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name="fk_charge_event_evidence_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_charge_event"),
    )
    op.create_index("ix_charge_event_charge_id", "charge_event", ["charge_id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("payment_ref", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.BigInteger(), nullable=True),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_payment_amount"),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name="fk_payment_charge_id"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_payment_evidence_id"),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.UniqueConstraint(
            "gateway", "payment_ref", "effect", name="uq_payment_gateway_payment_ref_effect"
        ),
    )
    op.create_index("ix_payment_business_day", "payment", ["business_day"], unique=False)
    op.create_index("ix_payment_charge_id", "payment", ["charge_id"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=True),
        sa.Column("cash_id", sa.BigInteger(), nullable=True),
        sa.Column("cash_correction_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(evidence_id, cash_id, cash_correction_id) = 1",
            name="ck_ledger_entry_one_source",
        ),
        sa.ForeignKeyConstraint(
            ["cash_correction_id"],
            ["cash_correction.cash_id"],
            name="fk_ledger_entry_cash_correction_id",
        ),
        sa.ForeignKeyConstraint(["cash_id"], ["cash.id"], name="fk_ledger_entry_cash_id"),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name="fk_ledger_entry_evidence_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entry"),
        sa.UniqueConstraint("kind", "reference", name="uq_ledger_entry_kind_reference"),
    )
    op.create_index("ix_ledger_entry_effective_on", "ledger_entry", ["effective_on"], unique=False)
    op.create_table(
        "ledger_posting",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("holder", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name="ck_ledger_posting_not_zero"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entry.id"], name="fk_ledger_posting_entry_id"
        ),
        sa.PrimaryKeyConstraint("entry_id", "number", name="pk_ledger_posting"),
    )
    op.create_index(
        "ix_ledger_posting_account", "ledger_posting", ["account", "holder"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_posting_account", table_name="ledger_posting")
    op.drop_table("ledger_posting")
    op.drop_index("ix_ledger_entry_effective_on", table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_index("ix_payment_charge_id", table_name="payment")
    op.drop_index("ix_payment_business_day", table_name="payment")
    op.drop_table("payment")
    op.drop_index("ix_charge_event_charge_id", table_name="charge_event")
    op.drop_table("charge_event")
    op.drop_table("cash_correction")
    op.drop_index("ix_shift_event_shift_id", table_name="shift_event")
    op.drop_table("shift_event")
    op.drop_index("ix_charge_theirs", table_name="charge")
    op.drop_index("ix_charge_shift_id", table_name="charge")
    op.drop_index(
        "ix_charge_replaces",
        table_name="charge",
        postgresql_where=sa.text("replaces IS NOT NULL"),
    )
    op.drop_index(
        "ix_charge_due", table_name="charge", postgresql_where=sa.text("inquire_at IS NOT NULL")
    )
    op.drop_index("ix_charge_business_day", table_name="charge")
    op.drop_table("charge")
    op.drop_index("ix_cash_business_day", table_name="cash")
    op.drop_table("cash")
    op.drop_index("ix_web_session_user_id", table_name="web_session")
    op.drop_index("ix_web_session_device_id", table_name="web_session")
    op.drop_index("ix_web_session_attendant_id", table_name="web_session")
    op.drop_table("web_session")
    op.drop_index(
        "uq_shift_open_attendant", table_name="shift", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index("ix_shift_business_day", table_name="shift")
    op.drop_table("shift")
    op.drop_index("ix_evidence_ours", table_name="evidence")
    op.drop_table("evidence")
    op.drop_index("ix_settlement_line_payment_ref", table_name="settlement_line")
    op.drop_index("ix_settlement_line_paid_on", table_name="settlement_line")
    op.drop_table("settlement_line")
    op.drop_table("fee_term")
    op.drop_table("enrolment")
    op.drop_index("ix_discrepancy_business_day", table_name="discrepancy")
    op.drop_table("discrepancy")
    op.drop_index("ix_device_attendant_id", table_name="device")
    op.drop_table("device")
    op.drop_index(
        "ix_callback_work_due",
        table_name="callback_work",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_table("callback_work")
    op.drop_index("ix_callback_repeat_callback_id", table_name="callback_repeat")
    op.drop_table("callback_repeat")
    op.drop_table("audit_seal")
    op.drop_index("ix_attendant_pin_attendant_id", table_name="attendant_pin")
    op.drop_table("attendant_pin")
    op.drop_index("ix_assignment_point_id", table_name="assignment")
    op.drop_index("ix_assignment_attendant_id", table_name="assignment")
    op.drop_table("assignment")
    op.drop_table("user_account")
    op.drop_table("tariff")
    op.drop_table("revenue_split")
    op.drop_table("reconciliation_run")
    op.drop_index("ix_parking_point_zone", table_name="parking_point")
    op.drop_table("parking_point")
    op.drop_table("merchant_account")
    op.drop_index(
        "uq_job_run_ok",
        table_name="job_run",
        postgresql_where=sa.text("state = 'OK' AND business_day IS NOT NULL"),
    )
    op.drop_index("ix_job_run_job", table_name="job_run")
    op.drop_table("job_run")
    op.drop_table("job_lease")
    op.drop_index("ix_import_batch_sha256", table_name="import_batch")
    op.drop_index("ix_import_batch_report_day", table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_table("collective_leave")
    op.drop_index("ix_callback_received_at", table_name="callback")
    op.drop_table("callback")
    op.drop_index("ix_audit_event_object", table_name="audit_event")
    op.drop_index("ix_audit_event_action", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("attendant")
    op.drop_table("attempt")
