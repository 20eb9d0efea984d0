"""The desk's menu: what a role may open."""

from dataclasses import dataclass

from flask import g, request

from parking.access.policy import Role


@dataclass(frozen=True, slots=True)
class Item:
    text: str
    href: str
    here: bool


_MONEY = frozenset({Role.AUDITOR, Role.FINANCE, Role.TREASURER})

ENTRIES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("Ikhtisar", "/audit/", _MONEY | {Role.LEADERSHIP, Role.SUPERVISOR}),
    ("Selisih", "/audit/discrepancies", _MONEY | {Role.ADMIN}),
    ("Kasus", "/audit/cases", _MONEY | {Role.ADMIN, Role.SUPERVISOR}),
    ("Gangguan", "/audit/outages", _MONEY | {Role.ADMIN}),
    ("QR palsu", "/audit/fake-qr", frozenset({Role.SUPERVISOR, Role.AUDITOR})),
    ("Giliran", "/field/shifts", frozenset({Role.SUPERVISOR, Role.AUDITOR})),
    ("Tunai", "/field/cash", frozenset({Role.COLLECTOR})),
    ("Peringatan", "/field/warnings", frozenset({Role.SUPERVISOR, Role.AUDITOR})),
    ("Tagihan", "/audit/charges", _MONEY),
    ("Laporan", "/audit/reports", _MONEY | {Role.LEADERSHIP}),
    ("Impor", "/finance/imports", _MONEY),
    ("Rekening koran", "/finance/statements", _MONEY),
    ("Setoran", "/finance/deposits", _MONEY),
    ("Pengembalian", "/finance/refunds", _MONEY),
    ("Aturan", "/finance/rules", _MONEY),
    ("Tutup hari", "/finance/days", _MONEY),
    ("Ikhtisar", "/admin/", frozenset({Role.ADMIN})),
    ("Juru parkir", "/admin/attendants", frozenset({Role.ADMIN, Role.SUPERVISOR})),
    ("Titik", "/admin/points", frozenset({Role.ADMIN, Role.SUPERVISOR})),
    ("SPT", "/admin/assignments", frozenset({Role.ADMIN, Role.SUPERVISOR})),
    ("Perangkat", "/admin/devices", frozenset({Role.ADMIN, Role.SUPERVISOR})),
    ("Tarif", "/admin/tariffs", frozenset({Role.ADMIN})),
    ("Bagi hasil", "/admin/splits", frozenset({Role.ADMIN})),
    ("Akun", "/admin/accounts", frozenset({Role.ADMIN})),
    ("Jalur", "/admin/routes", frozenset({Role.ADMIN})),
    ("Rekening", "/admin/bank-accounts", frozenset({Role.ADMIN})),
    ("Cuti", "/admin/leave", frozenset({Role.ADMIN})),
    ("Pengguna", "/admin/users", frozenset({Role.ADMIN})),
)


def menu() -> list[Item]:
    """What the signed-in user may open, the present page marked."""
    actor = g.get("actor")
    if actor is None:
        return []
    mine = [(text, href) for text, href, roles in ENTRIES if actor.role in roles]
    best = max((h for _, h in mine if request.path.startswith(h)), key=len, default=None)
    return [Item(text, href, href == best) for text, href in mine]
