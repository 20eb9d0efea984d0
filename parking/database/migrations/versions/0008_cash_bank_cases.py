"""Cash on its way to the treasury, bank statements, rules, cases and closed days."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

APP_ROLE = "parking_app"
ONE_SOURCE = "ck_ledger_entry_one_source"
SOURCES = "evidence_id, cash_id, cash_correction_id, refund_id"
NEW_SOURCES = "handover_id, sts_id, statement_line_id, payout_id, proposal_id"

APPEND_ONLY = (
    "cash_count",
    "close_proposal",
    "file_absence",
    "match_rule",
    "ticket_book",
    "bank_statement",
    "closed_day",
    "manual_match_side",
    "share_payout",
    "sts_event",
    "ticket_move",
    "handover_event",
    "statement_line",
    "case_event",
    "case_evidence",
    "handover_item",
    "shift_ticket",
    "sts_tbp",
)

UPDATABLE = {
    "bank_account": "ended_on",
    "document_number": "last",
    "manual_match": "undone_at, undone_by, undone_reason",
    "sts": (
        "number, standing, issued_at, issued_by, paid_in, paid_in_at, paid_in_by, "
        "bank_reference, validated_at, validated_by, void_reason"
    ),
    "commitment": "ended_on",
    "handover": (
        "receiver_id, standing, received, received_at, receiver_note, acknowledged_at, giver_note"
    ),
    "warning": "standing, number, decided_by, decided_at, why",
    "case_file": (
        "last_day, state, owner, assignee, severity, amount, due_on, level, escalated_on, "
        "explanation, discrepancy_id, ended_at, ended_by, reason, document, note, "
        "attendant_id, point_id"
    ),
    "tbp": "voided_at, voided_by, void_reason",
    "case_proposal": "standing, decided_by, decided_at, why",
}


def upgrade() -> None:
    op.create_table(
        "bank_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('treasury', 'holding')", name="ck_bank_account_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_account"),
        sa.UniqueConstraint("code", name="uq_bank_account_code"),
        sa.UniqueConstraint("number", name="uq_bank_account_number"),
    )
    op.create_table(
        "cash_count",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("holder_kind", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "holder_kind IN ('attendant', 'collector', 'treasurer')", name="ck_cash_count_holder"
        ),
        sa.CheckConstraint("counted >= 0", name="ck_cash_count_counted"),
        sa.PrimaryKeyConstraint("id", name="pk_cash_count"),
    )
    op.create_table(
        "close_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_close_proposal"),
    )
    op.create_index("ix_close_proposal_business_day", "close_proposal", ["business_day"])
    op.create_table(
        "document_number",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name="pk_document_number"),
    )
    op.create_table(
        "file_absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("reason <> ''", name="ck_file_absence_reason"),
        sa.PrimaryKeyConstraint("id", name="pk_file_absence"),
        sa.UniqueConstraint("source", "day", name="uq_file_absence_source_day"),
    )
    op.create_table(
        "manual_match",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_manual_match"),
    )
    op.create_table(
        "match_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("terms", JSONB(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("rank > 0", name="ck_match_rule_rank"),
        sa.PrimaryKeyConstraint("id", name="pk_match_rule"),
        sa.UniqueConstraint("name", "version", name="uq_match_rule_name_version"),
    )
    op.create_table(
        "sts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("account_code", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.Text(), nullable=True),
        sa.Column("paid_in", sa.BigInteger(), nullable=True),
        sa.Column("paid_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_in_by", sa.Text(), nullable=True),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("validated_by", sa.Text(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_sts_amount"),
        sa.PrimaryKeyConstraint("id", name="pk_sts"),
        sa.UniqueConstraint("number", name="uq_sts_number"),
    )
    op.create_index("ix_sts_dated", "sts", ["dated"])
    op.create_index("ix_sts_standing", "sts", ["standing"])
    op.create_table(
        "ticket_book",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_ticket_book_amount"),
        sa.CheckConstraint("first > 0 AND last >= first", name="ck_ticket_book_numbers"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_book"),
        sa.UniqueConstraint("series", "first", name="uq_ticket_book_series_first"),
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("opening", sa.BigInteger(), nullable=True),
        sa.Column("closing", sa.BigInteger(), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("duplicate_of", sa.BigInteger(), nullable=True),
        sa.Column("problems", JSONB(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'duplicate', 'rejected')", name="ck_bank_statement_outcome"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["bank_account.id"], name="fk_bank_statement_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["bank_statement.id"], name="fk_bank_statement_duplicate_of"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bank_statement"),
    )
    op.create_index("ix_bank_statement_sha256", "bank_statement", ["sha256"])
    op.create_index("ix_bank_statement_to_day", "bank_statement", ["account_id", "to_day"])
    op.create_table(
        "closed_day",
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("snapshot", JSONB(), nullable=False),
        sa.Column("prepared_by", sa.Text(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("signed_by <> prepared_by", name="ck_closed_day_two_persons"),
        sa.ForeignKeyConstraint(["run_id"], ["reconciliation_run.id"], name="fk_closed_day_run_id"),
        sa.PrimaryKeyConstraint("business_day", name="pk_closed_day"),
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("daily", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("daily > 0", name="ck_commitment_daily"),
        sa.ForeignKeyConstraint(
            ["attendant_id"], ["attendant.id"], name="fk_commitment_attendant_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_commitment"),
    )
    op.create_index("ix_commitment_attendant_id", "commitment", ["attendant_id"])
    op.create_table(
        "handover",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_key", sa.Text(), nullable=False),
        sa.Column("giver_kind", sa.Text(), nullable=False),
        sa.Column("giver_id", sa.BigInteger(), nullable=False),
        sa.Column("receiver_kind", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.BigInteger(), nullable=True),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receiver_note", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("giver_note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "giver_kind IN ('attendant', 'collector')", name="ck_handover_giver_kind"
        ),
        sa.CheckConstraint(
            "receiver_kind IN ('collector', 'treasurer')", name="ck_handover_receiver_kind"
        ),
        sa.CheckConstraint("given >= 0", name="ck_handover_given"),
        sa.CheckConstraint("received >= 0", name="ck_handover_received"),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["user_account.id"], name="fk_handover_receiver_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
        sa.UniqueConstraint(
            "giver_kind",
            "giver_id",
            "client_key",
            name="uq_handover_giver_kind_giver_id_client_key",
        ),
    )
    op.create_index("ix_handover_business_day", "handover", ["business_day"])
    op.create_index("ix_handover_giver", "handover", ["giver_kind", "giver_id"])
    op.create_index("ix_handover_receiver", "handover", ["receiver_kind", "receiver_id"])
    op.create_table(
        "manual_match_side",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("match_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('line', 'batch', 'sts', 'other')", name="ck_manual_match_side_kind"
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["manual_match.id"], name="fk_manual_match_side_match_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_manual_match_side"),
        sa.UniqueConstraint(
            "match_id", "kind", "reference", name="uq_manual_match_side_match_id_kind_reference"
        ),
    )
    op.create_index("ix_manual_match_side_thing", "manual_match_side", ["kind", "reference"])
    op.create_table(
        "share_payout",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("standing IN ('paid', 'returned')", name="ck_share_payout_standing"),
        sa.CheckConstraint("amount > 0", name="ck_share_payout_amount"),
        sa.ForeignKeyConstraint(
            ["attendant_id"], ["attendant.id"], name="fk_share_payout_attendant_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_share_payout"),
        sa.UniqueConstraint("reference", "standing", name="uq_share_payout_reference_standing"),
    )
    op.create_index("ix_share_payout_earned_on", "share_payout", ["earned_on"])
    op.create_table(
        "sts_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sts_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_standing", sa.Text(), nullable=False),
        sa.Column("to_standing", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sts_id"], ["sts.id"], name="fk_sts_event_sts_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sts_event"),
    )
    op.create_index("ix_sts_event_sts_id", "sts_event", ["sts_id"])
    op.create_table(
        "ticket_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("book_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('issued', 'returned', 'spoiled', 'lost')", name="ck_ticket_move_kind"
        ),
        sa.CheckConstraint("last >= first", name="ck_ticket_move_numbers"),
        sa.ForeignKeyConstraint(
            ["attendant_id"], ["attendant.id"], name="fk_ticket_move_attendant_id"
        ),
        sa.ForeignKeyConstraint(["book_id"], ["ticket_book.id"], name="fk_ticket_move_book_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_move"),
    )
    op.create_index("ix_ticket_move_attendant_id", "ticket_move", ["attendant_id"])
    op.create_index("ix_ticket_move_book_id", "ticket_move", ["book_id"])
    op.create_table(
        "warning",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name="ck_warning_level"),
        sa.ForeignKeyConstraint(["attendant_id"], ["attendant.id"], name="fk_warning_attendant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_warning"),
        sa.UniqueConstraint("attendant_id", "basis", name="uq_warning_attendant_id_basis"),
    )
    op.create_table(
        "case_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("attendant_id", sa.BigInteger(), nullable=True),
        sa.Column("point_id", sa.BigInteger(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("discrepancy_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('tracing', 'resolved', 'written_off')", name="ck_case_file_state"
        ),
        sa.ForeignKeyConstraint(
            ["attendant_id"], ["attendant.id"], name="fk_case_file_attendant_id"
        ),
        sa.ForeignKeyConstraint(
            ["discrepancy_id"], ["discrepancy.id"], name="fk_case_file_discrepancy_id"
        ),
        sa.ForeignKeyConstraint(["point_id"], ["parking_point.id"], name="fk_case_file_point_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_file"),
        sa.UniqueConstraint(
            "code", "subject", "first_day", name="uq_case_file_code_subject_first_day"
        ),
    )
    op.create_index(
        "ix_case_file_due_on",
        "case_file",
        ["due_on"],
        postgresql_where=sa.text("state = 'tracing'"),
    )
    op.create_index("ix_case_file_first_day", "case_file", ["first_day"])
    op.create_index(
        "ix_case_file_open",
        "case_file",
        ["code", "subject"],
        unique=True,
        postgresql_where=sa.text("state = 'tracing'"),
    )
    op.create_table(
        "handover_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("handover_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_standing", sa.Text(), nullable=False),
        sa.Column("to_standing", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name="fk_handover_event_handover_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_handover_event"),
    )
    op.create_index("ix_handover_event_handover_id", "handover_event", ["handover_id"])
    op.create_table(
        "statement_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.CheckConstraint("amount <> 0", name="ck_statement_line_amount"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["bank_account.id"], name="fk_statement_line_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name="fk_statement_line_statement_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_statement_line"),
        sa.UniqueConstraint("account_id", "line_key", name="uq_statement_line_account_id_line_key"),
    )
    op.create_index("ix_statement_line_booked_on", "statement_line", ["booked_on"])
    op.create_index("ix_statement_line_statement_id", "statement_line", ["statement_id"])
    op.create_table(
        "tbp",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("handover_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.Text(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_tbp_amount"),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name="fk_tbp_handover_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tbp"),
        sa.UniqueConstraint("handover_id", name="uq_tbp_handover_id"),
        sa.UniqueConstraint("number", name="uq_tbp_number"),
    )
    op.create_index("ix_tbp_received_on", "tbp", ["received_on"])
    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("detail", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_event_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_event"),
    )
    op.create_index("ix_case_event_case_id", "case_event", ["case_id"])
    op.create_table(
        "case_evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_evidence_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_evidence"),
        sa.UniqueConstraint("case_id", "sha256", name="uq_case_evidence_case_id_sha256"),
    )
    op.create_table(
        "case_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("terms", JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('write_off', 're_attribution', 'correction')", name="ck_case_proposal_kind"
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name="ck_case_proposal_two_persons"),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_proposal_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_proposal"),
    )
    op.create_index("ix_case_proposal_case_id", "case_proposal", ["case_id"])
    op.create_index(
        "ix_case_proposal_open",
        "case_proposal",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("standing = 'proposed'"),
    )
    op.create_table(
        "handover_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("handover_id", sa.BigInteger(), nullable=False),
        sa.Column("shift_id", sa.BigInteger(), nullable=True),
        sa.Column("part_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(shift_id, part_id) = 1", name="ck_handover_item_one_thing"
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name="fk_handover_item_handover_id"
        ),
        sa.ForeignKeyConstraint(["part_id"], ["handover.id"], name="fk_handover_item_part_id"),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name="fk_handover_item_shift_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handover_item"),
        sa.UniqueConstraint("handover_id", "part_id", name="uq_handover_item_handover_id_part_id"),
        sa.UniqueConstraint(
            "handover_id", "shift_id", name="uq_handover_item_handover_id_shift_id"
        ),
    )
    op.create_index("ix_handover_item_part_id", "handover_item", ["part_id"])
    op.create_index("ix_handover_item_shift_id", "handover_item", ["shift_id"])
    op.create_table(
        "shift_ticket",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shift_id", sa.BigInteger(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("spoiled", sa.Integer(), nullable=False),
        sa.CheckConstraint("last >= first", name="ck_shift_ticket_numbers"),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name="fk_shift_ticket_shift_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shift_ticket"),
    )
    op.create_index("ix_shift_ticket_series", "shift_ticket", ["series", "first"])
    op.create_index("ix_shift_ticket_shift_id", "shift_ticket", ["shift_id"])
    op.create_table(
        "sts_tbp",
        sa.Column("sts_id", sa.BigInteger(), nullable=False),
        sa.Column("tbp_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("part > 0", name="ck_sts_tbp_part"),
        sa.ForeignKeyConstraint(["sts_id"], ["sts.id"], name="fk_sts_tbp_sts_id"),
        sa.ForeignKeyConstraint(["tbp_id"], ["tbp.id"], name="fk_sts_tbp_tbp_id"),
        sa.PrimaryKeyConstraint("sts_id", "tbp_id", name="pk_sts_tbp"),
    )
    op.create_index("ix_sts_tbp_tbp_id", "sts_tbp", ["tbp_id"])
    op.add_column("ledger_entry", sa.Column("handover_id", sa.BigInteger(), nullable=True))
    op.add_column("ledger_entry", sa.Column("sts_id", sa.BigInteger(), nullable=True))
    op.add_column("ledger_entry", sa.Column("statement_line_id", sa.BigInteger(), nullable=True))
    op.add_column("ledger_entry", sa.Column("payout_id", sa.BigInteger(), nullable=True))
    op.add_column("ledger_entry", sa.Column("proposal_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_ledger_entry_statement_line_id",
        "ledger_entry",
        "statement_line",
        ["statement_line_id"],
        ["id"],
    )
    op.create_foreign_key(
        "fk_ledger_entry_proposal_id", "ledger_entry", "case_proposal", ["proposal_id"], ["id"]
    )
    op.create_foreign_key("fk_ledger_entry_sts_id", "ledger_entry", "sts", ["sts_id"], ["id"])
    op.create_foreign_key(
        "fk_ledger_entry_handover_id", "ledger_entry", "handover", ["handover_id"], ["id"]
    )
    op.create_foreign_key(
        "fk_ledger_entry_payout_id", "ledger_entry", "share_payout", ["payout_id"], ["id"]
    )

    op.drop_constraint(ONE_SOURCE, "ledger_entry")
    op.create_check_constraint(
        ONE_SOURCE, "ledger_entry", f"num_nonnulls({SOURCES}, {NEW_SOURCES}) = 1"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER add_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")
    for table, columns in UPDATABLE.items():
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO {APP_ROLE}")


def downgrade() -> None:
    op.drop_constraint(ONE_SOURCE, "ledger_entry")
    op.drop_constraint("fk_ledger_entry_payout_id", "ledger_entry", type_="foreignkey")
    op.drop_constraint("fk_ledger_entry_handover_id", "ledger_entry", type_="foreignkey")
    op.drop_constraint("fk_ledger_entry_sts_id", "ledger_entry", type_="foreignkey")
    op.drop_constraint("fk_ledger_entry_proposal_id", "ledger_entry", type_="foreignkey")
    op.drop_constraint("fk_ledger_entry_statement_line_id", "ledger_entry", type_="foreignkey")
    op.drop_column("ledger_entry", "proposal_id")
    op.drop_column("ledger_entry", "payout_id")
    op.drop_column("ledger_entry", "statement_line_id")
    op.drop_column("ledger_entry", "sts_id")
    op.drop_column("ledger_entry", "handover_id")
    op.create_check_constraint(ONE_SOURCE, "ledger_entry", f"num_nonnulls({SOURCES}) = 1")
    op.drop_table("sts_tbp")
    op.drop_table("shift_ticket")
    op.drop_table("handover_item")
    op.drop_table("case_proposal")
    op.drop_table("case_evidence")
    op.drop_table("case_event")
    op.drop_table("tbp")
    op.drop_table("statement_line")
    op.drop_table("handover_event")
    op.drop_table("case_file")
    op.drop_table("warning")
    op.drop_table("ticket_move")
    op.drop_table("sts_event")
    op.drop_table("share_payout")
    op.drop_table("manual_match_side")
    op.drop_table("handover")
    op.drop_table("commitment")
    op.drop_table("closed_day")
    op.drop_table("bank_statement")
    op.drop_table("ticket_book")
    op.drop_table("sts")
    op.drop_table("match_rule")
    op.drop_table("manual_match")
    op.drop_table("file_absence")
    op.drop_table("document_number")
    op.drop_table("close_proposal")
    op.drop_table("cash_count")
    op.drop_table("bank_account")
