"""What the desk calls things: discrepancies, states and owners, in Indonesian."""

from parking.charges.charge import STATE_TEXT

# domain.md section 7, in a few words each.
CODE_TEXT = {
    "D01": "Lunas diketahui dari inquiry, pemberitahuan tidak datang",
    "D02": "Dibayar setelah QR berakhir",
    "D03": "Pembayaran tanpa tagihan",
    "D04": "Pemberitahuan berulang",
    "D05": "Nominal dibayar berbeda dari tagihan",
    "D06": "Lunas, belum ada di settlement",
    "D07": "Ada di settlement, pemberitahuan tidak datang",
    "D08": "Nominal settlement berbeda",
    "D09": "Dikembalikan menurut settlement",
    "D10": "Dibayar dua kali",
    "D11": "Total settlement berbeda dari rekening koran",
    "D12": "Settlement belum masuk rekening",
    "D13": "Uang masuk belum teridentifikasi",
    "D14": "Dibukukan pada tanggal lain",
    "D15": "Bagian jukir berbeda dari hitungan",
    "D16": "QRIS yang dilaporkan berbeda dari server",
    "D17": "Kendaraan lebih banyak dari penerimaan",
    "D18": "Karcis berbeda dari tunai",
    "D19": "Titik QRIS tanpa QRIS tujuh hari",
    "D20": "Tunai berbeda dari TBP",
    "D21": "TBP berbeda dari STS",
    "D22": "STS belum masuk RKUD",
    "D23": "Masuk RKUD tanpa STS",
    "D24": "Setoran terlambat",
    "D25": "Penyetor tanpa SPT",
    "D26": "Kesanggupan berbeda dari penerimaan",
    "D27": "Jenis kendaraan salah",
    "D28": "Tarif salah versi",
    "D29": "Titik atau jukir salah",
    "D30": "Kode rekening salah",
    "D31": "Berkas diimpor dua kali",
    "D32": "Format atau zona waktu berkas salah",
    "D33": "Transaksi uji di laporan",
    "D34": "QR palsu dilaporkan",
    "D35": "Pembayaran saat bank padam",
    "D36": "Pengembalian masih terbuka di gerbang",
    "D37": "Lintas tahun anggaran",
}

STATUS_TEXT = {
    "selisih": "Selisih",
    "beda_waktu": "Menunggu",
    "selesai": "Selesai sendiri",
    "ditelusuri": "Ditelusuri",
    "dihapuskan": "Dihapuskan",
}

SEVERITY_TEXT = {"kritis": "Kritis", "tinggi": "Tinggi", "sedang": "Sedang", "rendah": "Rendah"}

OWNER_TEXT = {
    "system": "Sistem",
    "auditor": "Auditor",
    "finance": "Keuangan",
    "treasurer": "Bendahara",
    "admin": "Administrator",
    "supervisor": "Pengawas",
    "collector": "Kolektor",
    "dishub": "Dishub",
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

OUTCOME_TEXT = {"accepted": "Diterima", "duplicate": "Sudah ada", "rejected": "Ditolak"}

KIND_TEXT = {"payment": "Pembayaran", "refund": "Pengembalian"}

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
    return CODE_TEXT.get(code, code)
