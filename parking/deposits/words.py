"""What the pages about cash call things."""

from parking.deposits.handover import Party, Standing
from parking.deposits.sts import Standing as StsStanding

PARTY_TEXT = {
    Party.ATTENDANT: "Juru parkir", Party.COLLECTOR: "Kolektor", Party.TREASURER: "Bendahara",
}  # fmt: skip
STANDING_TEXT = {
    Standing.OFFERED: "Menunggu dihitung",
    Standing.RECEIVED: "Diterima",
    Standing.DIFFERS: "Beda, menunggu jawaban",
    Standing.ACKNOWLEDGED: "Beda, disetujui",
    Standing.DISPUTED: "Beda, tidak disetujui",
    Standing.WITHDRAWN: "Dibatalkan",
}
STANDING_TONE = {
    Standing.OFFERED: "info",
    Standing.RECEIVED: "success",
    Standing.DIFFERS: "warning",
    Standing.ACKNOWLEDGED: "warning",
    Standing.DISPUTED: "danger",
    Standing.WITHDRAWN: "secondary",
}
STS_TEXT = {
    StsStanding.DRAFT: "Draf",
    StsStanding.ISSUED: "Terbit",
    StsStanding.PAID_IN: "Disetor",
    StsStanding.VALIDATED: "Tervalidasi",
    StsStanding.VOID: "Batal",
}
STS_TONE = {
    StsStanding.DRAFT: "secondary",
    StsStanding.ISSUED: "info",
    StsStanding.PAID_IN: "warning",
    StsStanding.VALIDATED: "success",
    StsStanding.VOID: "secondary",
}
