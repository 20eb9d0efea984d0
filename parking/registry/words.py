"""How the registry's pages say things."""

from parking.access.policy import Role
from parking.registry.lines import Standing

AREA_TEXT = {"street": "Tepi jalan umum", "market": "Kawasan pasar", "special": "Tempat khusus"}

ROLE_TEXT = {
    Role.ADMIN: "Administrator", Role.AUDITOR: "Auditor Dishub", Role.TREASURER: "Bendahara",
    Role.FINANCE: "Keuangan daerah", Role.SUPERVISOR: "Pengawas lapangan",
    Role.LEADERSHIP: "Pimpinan", Role.COLLECTOR: "Kolektor",
}  # fmt: skip

STANDING_TEXT = {
    Standing.NOW: "Berlaku", Standing.SOON_OVER: "Segera berakhir", Standing.NEXT: "Akan berlaku",
    Standing.OVER: "Berakhir", Standing.REVOKED: "Dicabut", Standing.REPLACED: "Diganti",
}  # fmt: skip

STANDING_TONE = {
    Standing.NOW: "success", Standing.SOON_OVER: "warning", Standing.NEXT: "info",
    Standing.OVER: "secondary", Standing.REVOKED: "secondary", Standing.REPLACED: "secondary",
}  # fmt: skip
