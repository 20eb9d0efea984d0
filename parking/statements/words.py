"""What a screen calls the outcome of an import, and the kind of a settlement line."""

OUTCOME_TEXT = {"accepted": "Diterima", "duplicate": "Sudah ada", "rejected": "Ditolak"}
KIND_TEXT = {"payment": "Pembayaran", "refund": "Pengembalian"}
FORESEEN = {
    "accepted": ("Akan diterima", "success"),
    "duplicate": ("Sudah ada", "secondary"),
    "rejected": ("Ditolak", "danger"),
}
ACCOUNT_KIND = {"treasury": "Kas daerah (RKUD)", "holding": "Penampungan"}
