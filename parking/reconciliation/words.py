"""What the desk calls things, in Indonesian; discrepancies are named by the catalogue."""

from parking.charges.charge import STATE_TEXT
from parking.ledger.entry import Account
from parking.reconciliation.catalogue import CATALOGUE

# Named again here, for the templates know this module alone.
from parking.reconciliation.catalogue import OWNER_TEXT as OWNER_TEXT
from parking.reconciliation.catalogue import SEVERITY_TEXT as SEVERITY_TEXT
from parking.reconciliation.catalogue import STATUS_TEXT as STATUS_TEXT
from parking.statements.words import KIND_TEXT as KIND_TEXT

# How an equation of the day stands.
EQUATION_TEXT = {
    "holds": "Cocok",
    "waits": "Menunggu",
    "covered": "Selisih bernama",
    "broken": "Selisih tanpa nama",
}
EQUATION_TONE = {
    "holds": "success",
    "waits": "secondary",
    "covered": "warning",
    "broken": "danger",
}

SOURCE_TEXT = {
    "callback": "Pemberitahuan",
    "inquiry": "Pertanyaan kami",
    "settlement": "Berkas settlement",
    "charge": "Tagihan",
    "ledger": "Buku",
}

WORK_TEXT = {
    "RECEIVED": "Diterima",
    "VERIFIED": "Terbukti",
    "UNVERIFIED": "Menunggu pembuktian",
    "RETRY": "Dicoba lagi",
    "APPLIED": "Dibukukan",
    "DUPLICATE": "Sudah ada",
    "STALE": "Terlambat, tanpa akibat",
    "ORPHAN": "Tanpa tagihan",
    "MISMATCH": "Nominal tidak cocok",
    "REJECTED": "Ditolak gerbang",
    "MALFORMED": "Tidak terbaca",
    "ESCALATED": "Perlu orang",
    "DEAD": "Berhenti dicoba",
    "CLOSED": "Ditutup",
}

LEVEL_TEXT = {
    "full": "Tanda tangan penuh",
    "partial": "Tanda tangan sebagian",
    "token": "Token",
    "none": "Tidak terbukti",
    "malformed": "Tidak terbaca",
}

ENTRY_TEXT = {
    "payment": "Penerimaan",
    "refund": "Pengembalian",
    "reversal": "Pembalikan",
    "settlement": "Dana masuk",
    "settlement_correction": "Dana masuk dikoreksi",
    "refund_by_hand": "Pengembalian lewat transfer",
    "cash": "Tunai",
    "cash_correction": "Koreksi tunai",
    "correction": "Koreksi",
    "re_attribution": "Pengalihan bagian",
    "re_attribution_back": "Pengembalian ikut pengalihan",
    "bank_match": "Dicocokkan dengan bank",
    "handover": "Serah terima",
    "sts": "Disetor ke bank",
    "share_payout": "Bagian jukir dibayarkan",
    "statement_line": "Mutasi rekening",
}

ACCOUNT_TEXT = {
    Account.DUE_FROM_GATEWAY: "Piutang gerbang",
    Account.SETTLED: "Dana masuk",
    Account.GATEWAY_FEE: "Biaya gerbang",
    Account.CASH_WITH_ATTENDANT: "Tunai di jukir",
    Account.CASH_WITH_COLLECTOR: "Tunai di kolektor",
    Account.CASH_WITH_TREASURER: "Tunai di bendahara",
    Account.CASH_IN_TRANSIT: "Setoran dalam perjalanan",
    Account.TREASURY: "Rekening kas daerah",
    Account.BANK_UNMATCHED: "Mutasi bank belum dicocokkan",
    Account.CITY_SHARE: "Bagian daerah",
    Account.ATTENDANT_SHARE: "Bagian jukir",
    Account.SHARE_PAID_OUT: "Bagian jukir dibayarkan",
    Account.REFUNDED_BY_HAND: "Dikembalikan bendahara",
    Account.SUSPENSE: "Belum teridentifikasi",
}

CHARGE_TEXT = {
    "open": "Masih berjalan",
    "ended": "Tidak dibayar",
    **{str(state): text for state, text in STATE_TEXT.items()},
}


# What a payment is by a gateway's word (gateways.protocol.State).
SAID_TEXT = {
    "pending": "menunggu",
    "paid": "lunas",
    "expired": "kedaluwarsa",
    "cancelled": "batal",
    "failed": "gagal",
    "partly_refunded": "dikembalikan sebagian",
    "refunded": "dikembalikan",
    "reversed": "dibalik",
    "unknown": "tidak dikenal",
}

# Why a charge's event was noted.
CAUSE_TEXT = {
    "asked": "Diminta",
    "answered": "Gerbang menjawab",
    "evidence": "Ada bukti",
    "end_asked": "Gerbang diminta mengakhiri",
    "cancelled": "Dibatalkan",
    "withdrawn": "Dibatalkan; kodenya habis sendiri di gerbang",
    "not_known": "Gerbang tidak mengenalnya",
    "stale": "Kabar yang sudah lewat",
    "contradicted": "Kabar yang bertentangan",
    "amount_contradicted": "Nominal yang bertentangan",
    "second_receipt": "Dibayar sekali lagi",
    "short_receipt": "Dibayar kurang",
    "surplus_receipt": "Dibayar lebih",
    "paid_in_cash": "Dibayar tunai",
    "outage": "QRIS gangguan: tidak ada yang ditanya",
    "went_on": "Tidak dijawab; akun berikutnya ditanya",
}

TRUST_TEXT = {
    "proof": "bukti",
    "provisional": "bukti sementara, dipastikan kemudian",
    "hearsay": "belum terbukti",
}


# What a discrepancy is about, by the kind that its subject begins with.
SUBJECT_TEXT = {
    "payment": "Pembayaran",
    "charge": "Tagihan",
    "callback": "Pemberitahuan nomor",
    "attendant": "Jukir nomor",
    "import": "Berkas (impor nomor)",
    "shift": "Sif nomor",
    "batch": "Batch",
    "fake-qr": "Laporan QR nomor",
    "handover": "Serah terima nomor",
    "line": "Baris rekening koran nomor",
    "sts": "STS nomor",
    "tbp": "TBP nomor",
}


def subject_text(subject: str) -> str:
    """
    >>> subject_text("payment:midtrans/jambi/trx-1"), subject_text("shift:7")
    ('Pembayaran trx-1 (midtrans/jambi)', 'Sif nomor 7')
    """
    kind, _, name = subject.partition(":")
    named = chain_text(name) if kind == "payment" else name
    return f"{SUBJECT_TEXT.get(kind, kind)} {named}"


def chain_text(chain: str) -> str:
    """A payment's number at its gateway, readable.

    >>> chain_text("midtrans/jambi/trx-1")
    'trx-1 (midtrans/jambi)'
    """
    parts = chain.split("/", 2)
    return f"{parts[2]} ({parts[0]}/{parts[1]})" if len(parts) == 3 else chain


def code_text(code: str) -> str:
    """
    >>> code_text("D04")
    'Pemberitahuan berulang'
    """
    return CATALOGUE[code].name if code in CATALOGUE else code
