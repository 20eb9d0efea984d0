"""What matching needs: rules to begin with, batches summed as their lines come, revenue codes,
and QR codes that drivers were shown and that may not be ours.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

APP_ROLE = "parking_app"
APPEND_ONLY = ("settlement_part", "revenue_code", "fake_qr_report")

# From the surest to the boldest, and nothing that takes a guess: rank, name, kind, terms.
NAMED = ["{gateway}", "{merchant}"]
DEPOSIT = ["SETORAN PARKIR", "RETRIBUSI PARKIR", "STS DISHUB", "SETOR RETRIBUSI"]
CHARGES = ["BIAYA ADM", "BIAYA ADMIN", "BEA METERAI", "PAJAK JASA GIRO"]
RULES = (
    (10, "uji-coba-bank", "test", {"words": ["TEST TRANSFER", "UJI COBA"], "amounts": [1, 100]}),
    (20, "potongan-bank", "charge", {"words": CHARGES, "most": 250_000}),
    (30, "nomor-sts", "reference", {"days_late": 10}),
    (40, "batch-bernama", "amount", {"of": "batch", "words": NAMED}),
    (
        50, "batch-bernama-lambat", "amount",
        {"of": "batch", "words": NAMED, "days_early": 1, "days_late": 7},
    ),
    (60, "batch-gabungan", "combined", {"of": "batch", "words": [*NAMED, "QRIS"], "days_late": 7}),
    (70, "batch-terpecah", "split", {"of": "batch", "words": [*NAMED, "QRIS"], "days_late": 7}),
    (80, "batch-sehari", "total", {"of": "batch", "words": [*NAMED, "QRIS"], "days_late": 3}),
    (90, "setoran-sejumlah", "amount", {"of": "sts", "days_late": 5}),
    (100, "setoran-gabungan", "combined", {"of": "sts", "words": DEPOSIT, "days_late": 5}),
    (110, "kata-setoran", "deposit", {"words": DEPOSIT}),
)  # fmt: skip

# domain.md 4.8; the newer coding is not known yet, so a city enters its own when it has it.
CODES = (
    ("street", "4.1.02.01.04", "Retribusi Pelayanan Parkir di Tepi Jalan Umum"),
    ("market", "4.1.02.01.04", "Retribusi Pelayanan Parkir di Tepi Jalan Umum"),
    ("special", "4.1.02.02.05", "Retribusi Tempat Khusus Parkir"),
)

# A batch is what a bank pays out at once; a year of lines is not summed each time it is asked.
SUMS = """
SELECT import_id, gateway, account, settled_on, count(*),
    coalesce(sum(gross) FILTER (WHERE kind = 'payment'), 0),
    coalesce(sum(gross) FILTER (WHERE kind = 'refund'), 0),
    sum(CASE kind WHEN 'refund' THEN -fee ELSE fee END),
    sum(CASE kind WHEN 'refund' THEN -net ELSE net END)
FROM {lines}
GROUP BY import_id, gateway, account, settled_on
"""
INSERT = """
INSERT INTO settlement_part
    (import_id, gateway, account, settled_on, lines, gross, refunds, fee, net)
"""
ADD_PART = f"""
CREATE FUNCTION add_settlement_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {INSERT} {SUMS.format(lines="added")};
    RETURN NULL;
END $$;

CREATE TRIGGER summed AFTER INSERT ON settlement_line
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION add_settlement_part();
"""


def upgrade() -> None:
    _settlement_part()
    _revenue_code()
    _fake_qr_report()
    op.add_column("tbp", sa.Column("revenue_code", sa.Text(), nullable=True))
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER add_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")
    op.execute(INSERT + SUMS.format(lines="settlement_line"))
    op.execute(ADD_PART)
    _begin_with()


def _settlement_part() -> None:
    op.create_table(
        "settlement_part",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("refunds", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name="fk_settlement_part_import_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_part"),
        sa.CheckConstraint("net = gross - refunds - fee", name="ck_settlement_part_net"),
    )
    op.create_index("ix_settlement_part_settled_on", "settlement_part", ["settled_on"])


def _revenue_code() -> None:
    op.create_table(
        "revenue_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_type", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revenue_code"),
        sa.UniqueConstraint("area_type", "valid_from", name="uq_revenue_code_area_type_valid_from"),
        sa.CheckConstraint(
            "area_type IN ('street', 'market', 'special')", name="ck_revenue_code_area_type"
        ),
    )


def _fake_qr_report() -> None:
    op.create_table(
        "fake_qr_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("point_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photo", sa.LargeBinary(), nullable=True),
        sa.Column("photo_type", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["parking_point.id"], name="fk_fake_qr_report_point_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_fake_qr_report"),
        sa.CheckConstraint("(photo IS NULL) = (photo_type = '')", name="ck_fake_qr_report_photo"),
    )
    op.create_index("ix_fake_qr_report_business_day", "fake_qr_report", ["business_day"])


def _begin_with() -> None:
    rule = sa.text(
        "INSERT INTO match_rule (name, version, kind, rank, terms, is_on, valid_from, reason,"
        " entered_at, entered_by) VALUES (:name, 1, :kind, :rank, CAST(:terms AS jsonb), true,"
        " '2020-01-01', 'aturan awal', now(), 'system')"
    )
    for rank, name, kind, terms in RULES:
        told = {"name": name, "kind": kind, "rank": rank, "terms": json.dumps(terms)}
        op.execute(rule.bindparams(**told))
    code = sa.text(
        "INSERT INTO revenue_code (area_type, code, name, valid_from, entered_at, entered_by)"
        " VALUES (:area_type, :code, :name, '2020-01-01', now(), 'system')"
    )
    for area_type, number, name in CODES:
        op.execute(code.bindparams(area_type=area_type, code=number, name=name))


def downgrade() -> None:
    op.execute("DROP TRIGGER summed ON settlement_line")
    op.execute("DROP FUNCTION add_settlement_part()")
    op.drop_column("tbp", "revenue_code")
    op.drop_table("fake_qr_report")
    op.drop_table("revenue_code")
    op.drop_table("settlement_part")
    op.execute("ALTER TABLE match_rule DISABLE TRIGGER add_only")
    op.execute("DELETE FROM match_rule WHERE entered_by = 'system'")
    op.execute("ALTER TABLE match_rule ENABLE TRIGGER add_only")
