"""What the pages of cases call things."""

from parking.reconciliation.cases.case import CaseState, Reason, Step
from parking.reconciliation.cases.plan import CLEARED_BY_RUN, ONLY_LATE
from parking.reconciliation.catalogue import OWNER_TEXT

STATE_TEXT = {
    CaseState.TRACING: "Ditelusuri",
    CaseState.RESOLVED: "Selesai",
    CaseState.WRITTEN_OFF: "Dihapuskan",
}
STATE_TONE = {
    CaseState.TRACING: "warning",
    CaseState.RESOLVED: "success",
    CaseState.WRITTEN_OFF: "secondary",
}
STEP_TEXT = {
    Step.OPENED: "Dibuka",
    Step.FOUND: "Ditemukan dengan angka lain",
    Step.FOUND_AGAIN: "Ditemukan lagi",
    Step.CLEARED: "Selesai dengan sendirinya",
    Step.ASSIGNED: "Ditugaskan",
    Step.COMMENTED: "Catatan",
    Step.ATTACHED: "Bukti dilampirkan",
    Step.LINKED: "Dilanjutkan",
    Step.DUE_CHANGED: "Batas diubah",
    Step.ESCALATED: "Naik ke atasan",
    Step.PROPOSED: "Diusulkan",
    Step.REJECTED: "Usulan ditolak",
    Step.WITHDRAWN: "Usulan ditarik",
    Step.RESOLVED: "Diselesaikan",
    Step.WRITTEN_OFF: "Dihapuskan",
    Step.RE_ATTRIBUTED: "Dialihkan ke juru parkir lain",
    Step.CORRECTED: "Dikoreksi di buku",
    Step.UNDONE: "Langkah dibatalkan",
}
REASON_TEXT = {
    Reason.EXPLAINED: "Dijelaskan dengan dokumen",
    Reason.CAME_LATER: "Uang atau berkas datang kemudian",
    Reason.REFUNDED: "Dikembalikan kepada pengemudi",
    Reason.CORRECTED: "Dikoreksi",
    Reason.NOT_OURS: "Bukan uang retribusi",
    Reason.TEST: "Transaksi uji",
    Reason.OTHER: "Lain-lain",
    CLEARED_BY_RUN: "Tidak ditemukan lagi oleh rekonsiliasi",
    ONLY_LATE: "Hanya beda waktu",
    "write_off": "Dihapuskan dengan persetujuan",
    "re_attribution": "Dialihkan ke juru parkir lain",
    "correction": "Dikoreksi di buku",
}
KIND_TEXT = {
    "write_off": "Penghapusan",
    "re_attribution": "Pengalihan ke juru parkir lain",
    "correction": "Koreksi buku",
}
STANDING_TEXT = {
    "proposed": "Menunggu persetujuan",
    "approved": "Disetujui",
    "rejected": "Ditolak",
    "withdrawn": "Ditarik",
}
STANDING_TONE = {
    "proposed": "warning", "approved": "success", "rejected": "secondary",
    "withdrawn": "secondary",
}  # fmt: skip
ROLE_TEXT = {**OWNER_TEXT, "treasurer": "Bendahara", "leadership": "Pimpinan"}


def actor_text(actor: str) -> str:
    """
    >>> actor_text("user:ratna"), actor_text("system")
    ('ratna', 'sistem')
    """
    return "sistem" if actor == "system" else actor.removeprefix("user:")
