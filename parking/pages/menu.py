"""The desk's menu: what a role may open, in groups where that is much."""

from dataclasses import dataclass

from flask import g, request

from parking.access.policy import Role

FEW = 8  # entries fit beside each other in 1280 px


@dataclass(frozen=True, slots=True)
class Item:
    text: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that unfold under a word."""

    text: str
    items: list[Item]

    @property
    def here(self) -> bool:
        return any(item.here for item in self.items)


_MONEY = frozenset({Role.AUDITOR, Role.FINANCE, Role.TREASURER})
_ADMIN = frozenset({Role.ADMIN})
_STREET = frozenset({Role.ADMIN, Role.SUPERVISOR})
_WATCH = frozenset({Role.SUPERVISOR, Role.AUDITOR})

Entry = tuple[str, str, frozenset[Role]]
# What belongs to no group is what somebody opens every day.
GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("", (
        ("Ikhtisar", "/audit/", _MONEY | {Role.LEADERSHIP, Role.SUPERVISOR}),
        ("Ikhtisar", "/admin/", _ADMIN),
        ("Kasus", "/audit/cases", _MONEY | _STREET),
    )),
    ("Temuan", (
        ("Selisih", "/audit/discrepancies", _MONEY | _ADMIN),
        ("Gangguan", "/audit/outages", _MONEY | _ADMIN),
        ("QR dilaporkan", "/audit/fake-qr", _WATCH),
        ("Peringatan", "/field/warnings", _WATCH),
    )),
    ("Uang", (
        ("Tagihan", "/audit/charges", _MONEY),
        ("Berkas settlement", "/finance/imports", _MONEY),
        ("Rekening koran", "/finance/statements", _MONEY),
        ("Setoran", "/finance/deposits", _MONEY),
        ("Pengembalian", "/finance/refunds", _MONEY),
        ("Aturan", "/finance/rules", _MONEY),
    )),
    ("Lapangan", (
        ("Tunai", "/field/cash", frozenset({Role.COLLECTOR})),
        ("Giliran", "/field/shifts", _WATCH),
        ("Juru parkir", "/admin/attendants", _STREET),
        ("Titik", "/admin/points", _STREET),
        ("SPT", "/admin/assignments", _STREET),
        ("Perangkat", "/admin/devices", _STREET),
    )),
    ("Ketentuan", (
        ("Tarif", "/admin/tariffs", _ADMIN),
        ("Bagi hasil", "/admin/splits", _ADMIN),
        ("Akun", "/admin/accounts", _ADMIN),
        ("Jalur", "/admin/routes", _ADMIN),
        ("Rekening", "/admin/bank-accounts", _ADMIN),
        ("Cuti", "/admin/leave", _ADMIN),
        ("Pengguna", "/admin/users", _ADMIN),
    )),
    ("", (
        ("Tutup hari", "/finance/days", _MONEY),
        ("Laporan", "/audit/reports", _MONEY | {Role.LEADERSHIP}),
    )),
)  # fmt: skip


def menu() -> list[Item | Group]:
    """What the signed-in user may open, the present page marked."""
    actor = g.get("actor")
    if actor is None:
        return []
    mine = [(text, _mine(entries, actor.role)) for text, entries in GROUPS]
    hrefs = [href for _, entries in mine for _, href in entries]
    best = max((h for h in hrefs if request.path.startswith(h)), key=len, default=None)
    found: list[Item | Group] = []
    for text, entries in mine:
        items = [Item(of, href, href == best) for of, href in entries]
        is_group = bool(text) and len(items) > 1 and len(hrefs) > FEW
        found += [Group(text, items)] if is_group else items
    return found


def _mine(entries: tuple[Entry, ...], role: Role) -> list[tuple[str, str]]:
    return [(text, href) for text, href, roles in entries if role in roles]
