"""What a screen calls the outcome of an import, and the kind of a settlement line."""

OUTCOME_TEXT = {"accepted": "Diterima", "duplicate": "Sudah ada", "rejected": "Ditolak"}
OUTCOME_TONE = {"accepted": "success", "duplicate": "secondary", "rejected": "danger"}
KIND_TEXT = {"payment": "Pembayaran", "refund": "Pengembalian"}
FORESEEN = {
    "accepted": ("Akan diterima", "success"),
    "duplicate": ("Sudah ada", "secondary"),
    "rejected": ("Ditolak", "danger"),
}
ACCOUNT_KIND = {"treasury": "Kas daerah (RKUD)", "holding": "Penampungan"}
FORMAT_TEXT = {
    "csv": "CSV", "xlsx": "XLSX", "mt940": "MT940 (SWIFT)", "camt053": "CAMT.053 (XML)",
}  # fmt: skip
