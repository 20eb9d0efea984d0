"""What the desk calls things, in Indonesian; discrepancies are named by the catalogue."""

from parking.charges.charge import STATE_TEXT
from parking.reconciliation.catalogue import CATALOGUE, OWNER_TEXT, SEVERITY_TEXT, STATUS_TEXT
from parking.statements.lists_store import KIND_TEXT

# The templates know this module alone.
FROM_ELSEWHERE = (KIND_TEXT, OWNER_TEXT, SEVERITY_TEXT, STATUS_TEXT)

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
    "cash": "Tunai",
    "cash_correction": "Koreksi tunai",
}

ACCOUNT_TEXT = {
    "due_from_gateway": "Piutang gerbang",
    "settled": "Dana masuk",
    "gateway_fee": "Biaya gerbang",
    "cash_with_attendant": "Tunai di jukir",
    "city_share": "Bagian daerah",
    "attendant_share": "Bagian jukir",
    "suspense": "Belum teridentifikasi",
}

CHARGE_TEXT = {
    "open": "Masih berjalan",
    "ended": "Tidak dibayar",
    **{str(state): text for state, text in STATE_TEXT.items()},
}


def code_text(code: str) -> str:
    """
    >>> code_text("D04")
    'Pemberitahuan berulang'
    """
    return CATALOGUE[code].name if code in CATALOGUE else code
