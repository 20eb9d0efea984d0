"""What the refund pages call things."""

from parking.refunds.refund import Reason, Standing

STANDING_TEXT = {
    Standing.REQUESTED: "Menunggu persetujuan",
    Standing.APPROVED: "Disetujui",
    Standing.SENT: "Dikirim ke gerbang",
    Standing.CONFIRMED: "Sudah kembali",
    Standing.REFUSED: "Ditolak gerbang",
    Standing.REJECTED: "Tidak disetujui",
    Standing.TRANSFERRED: "Ditransfer bendahara",
}
STANDING_TONE = {
    Standing.REQUESTED: "warning",
    Standing.APPROVED: "info",
    Standing.SENT: "info",
    Standing.CONFIRMED: "success",
    Standing.REFUSED: "danger",
    Standing.REJECTED: "secondary",
    Standing.TRANSFERRED: "success",
}
REASON_TEXT = {
    Reason.PAID_TWICE: "Dibayar dua kali",
    Reason.PAID_TOO_MUCH: "Dibayar lebih",
    Reason.NOT_OURS: "Bukan untuk tagihan kita",
    Reason.WRONG_CHARGE: "Salah tagih",
    Reason.COMPLAINT: "Pengaduan",
}
REASON_OF_CODE = {
    "D10": Reason.PAID_TWICE,
    "D05": Reason.PAID_TOO_MUCH,
    "D03": Reason.NOT_OURS,
}
