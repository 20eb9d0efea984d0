"""The lists behind the figures of the auditor's desk: narrowed, sorted, exported as shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.database.rows import Rows
from parking.pages.listing import (
    Ask,
    Choice,
    Column,
    DayChoice,
    Filter,
    Listing,
    read_ask,
    read_day,
)
from parking.parts import Parts
from parking.reconciliation import desk_store, lists_store, words
from parking.reconciliation.cases.words import STATE_TONE
from parking.reconciliation.catalogue import CATALOGUE, OWNER_TEXT, SEVERITY_TEXT, STATUS_TEXT
from parking.reconciliation.lines import Asked

DESK = (Role.AUDITOR, Role.FINANCE, Role.TREASURER, Role.ADMIN)
WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class DeskList:
    """One list: its question, its columns, and what it can be narrowed by."""

    name: str  # in the address
    title: str
    english: str
    question: Callable[[Asked], Rows[Any]]
    columns: Sequence[Column]
    choices: Mapping[str, tuple[str, Mapping[str, str]]]
    search: str = ""  # what the search is for; empty: nothing to search
    by_who: bool = False  # whether by attendant and point
    one_day: bool = True  # else from a day to a day
    sort: str = ""


def add_lists(routes: Blueprint, parts: Parts) -> None:
    for each in LISTS:
        _add(routes, parts, each)


def _add(routes: Blueprint, parts: Parts, shown: DeskList) -> None:
    @routes.get(f"/{shown.name}", endpoint=shown.name)
    @needs(*DESK)
    def view() -> str | Response:
        with parts.sessions() as session:
            listing = _listing(session, shown, business_day(parts.clock.now()))
        ask = listing.ask
        if ask.wants_csv:
            return listing.csv(f"{shown.name}-{_days(ask)}")
        return render_template("audit/list.html", shown=shown, of=listing, asked=_asked(ask))


def _listing(session: Session, shown: DeskList, today: date) -> Listing:
    newest = desk_store.latest_day(session) or today
    filters = _filters(session, shown)
    ask = read_ask(request, shown.columns, filters, shown.sort)
    ask = _with_days(ask, shown, newest)
    lines, total = shown.question(_asked(ask)).part(session, ask.offset, ask.limit)
    return Listing(shown.columns, lines, total, ask, filters, "Tidak ada baris pada hari ini.")


def _filters(session: Session, shown: DeskList) -> list[Filter]:
    days: list[Filter] = [DayChoice("day", "Hari")]
    if not shown.one_day:
        days = [DayChoice("from", "Dari hari"), DayChoice("to", "Sampai hari")]
    choices = [
        Choice(key, title, list({"": "Semua", **options}.items()))
        for key, (title, options) in shown.choices.items()
    ]
    if shown.by_who:
        badges, points = lists_store.badges(session), lists_store.points(session)
        choices.append(Choice("attendant", "Jukir", [("", "Semua"), *badges]))
        choices.append(Choice("point", "Titik", [("", "Semua"), *points]))
    return [*days, *choices]


def _with_days(ask: Ask, shown: DeskList, newest: date) -> Ask:
    """The question with its days: the newest day, or the week up to it, unless others are asked.

    A list of many days may be asked for one: ?day= is both its first and its last.
    """
    asked = read_day(request.args.get("day", ""))
    day = asked.isoformat() if asked else ""
    usual = {"day": newest.isoformat()}
    if not shown.one_day:
        last = ask.chosen["to"] or day or newest.isoformat()
        first = (date.fromisoformat(last) - WEEK).isoformat()
        usual = {"from": day or min(first, last), "to": last}
    return replace(ask, chosen={**ask.chosen, **{k: ask.chosen[k] or v for k, v in usual.items()}})


def _asked(ask: Ask) -> Asked:
    chosen = ask.chosen
    first = date.fromisoformat(chosen.get("day") or chosen["from"])
    return Asked(
        first,
        max(first, date.fromisoformat(chosen.get("day") or chosen["to"])),
        text=ask.search,
        sort=ask.sort,
        descending=ask.descending,
        **{key: chosen[key] for key in chosen if key not in ("day", "from", "to")},
    )


def _days(ask: Ask) -> str:
    asked = _asked(ask)
    return "-".join(dict.fromkeys([asked.first_day.isoformat(), asked.last_day.isoformat()]))


def charge_href(line: Any) -> str | None:
    """The page of a line's charge."""
    return f"/audit/charges/{quote(line.ours, safe='')}" if line.ours else None


def search_href(line: Any) -> str | None:
    """Where a reference leads that may be of no charge of ours."""
    return f"/audit/charges?q={quote(line.ours, safe='')}" if line.ours else None


def _instead_href(line: Any) -> str | None:
    return f"/audit/charges/{quote(line.instead_of, safe='')}" if line.instead_of else None


SOURCE_PAGES = {
    "case": "/audit/cases", "handover": "/finance/deposits/handovers",
    "sts": "/finance/deposits/sts", "line": "/finance/statements/lines",
}  # fmt: skip


def _source_href(line: Any) -> str | None:
    """The page of what an entry rests on, if it has one of its own."""
    if line.rests_on is None:
        return None
    kind, number = line.rests_on
    return f"{SOURCE_PAGES[kind]}/{number}"


def _column(key: str, title: str, english: str, kind: str = "text", **more: Any) -> Column:
    return Column(key, title, english, kind, sorts=more.pop("sorts", False), **more)


def _state_tone(line: Any) -> str:
    tones = {"paid": "success", "refunded": "warning", "partly_refunded": "warning"}
    return tones.get(line.state, "info" if line.state in lists_store.OPEN_STATES else "secondary")


_WHO = (
    _column("badge", "Jukir", "Attendant", "code"), _column("attendant", "Nama", "Name"),
    _column("point", "Titik", "Point", "code"),
)  # fmt: skip
_VEHICLE = _column("vehicle_text", "Kendaraan", "Vehicle")
_AMOUNT = _column("amount", "Nominal", "Amount", "rupiah")
_REMARK = _column("remark", "Catatan", "Remark", tone=lambda s: "warning" if s.remark else None)
_STATES = {
    "open": "Masih berjalan", "ended": "Tidak dibayar", "paid": "Lunas",
    "create_unknown": "Menunggu kabar gerbang", "expired": "Kedaluwarsa", "cancelled": "Batal",
    "create_failed": "Gagal", "partly_refunded": "Dikembalikan sebagian",
    "refunded": "Dikembalikan", "reversed": "Dibalik",
}  # fmt: skip

ACCOUNTS = {str(account): text for account, text in words.ACCOUNT_TEXT.items()}
DAY_OF = {
    "": "Pembayaran", "booked": "Pembayaran di buku kita", "settled": "Dibayarkan (batch)",
}  # fmt: skip

LISTS = (
    DeskList(
        "charges", "Tagihan QRIS", "Charges", lists_store.charges,
        (
            _column("ours", "Tagihan", "Charge", href=charge_href),
            _column("created_at", "Waktu", "Time", "moment", sorts=True),
            *_WHO, _VEHICLE, _column("amount", "Nominal", "Amount", "rupiah", sorts=True),
            _column("state_text", "Keadaan", "State", tone=_state_tone),
            _column("paid_at", "Dibayar", "Paid", "moment"),
        ),
        {"state": ("Keadaan", _STATES)},
        search="nomor tagihan atau nomor di gerbang, pada hari mana pun", by_who=True,
        sort="-created_at",
    ),
    DeskList(
        "payments", "Pembayaran QRIS", "Payments", lists_store.payments,
        (
            _column("paid_at", "Dibayar", "Paid", "moment"),
            _column("ours", "Tagihan", "Charge", href=search_href),
            _column("payment_ref", "Nomor di gerbang", "Gateway reference"), _AMOUNT,
            _column("asked", "Ditagih", "Asked", "rupiah"),
            _column("source_text", "Diketahui dari", "Source"), _REMARK,
        ),
        {"state": ("Keadaan", {
            "unsettled": "Menunggu dana masuk", "late": "Terlambat",
            "told": "Diberitahukan gerbang",
        })},
    ),
    DeskList(
        "cash", "Tunai", "Cash", lists_store.cash,
        (
            _column("at", "Waktu", "Time", "moment"), *_WHO, _VEHICLE, _AMOUNT,
            _column("instead_of", "Mengganti QR", "Instead of", href=_instead_href),
            _column("shift_id", "Sif", "Shift", "count"),
        ),
        {}, by_who=True,
    ),
    DeskList(
        "callbacks", "Pemberitahuan gerbang", "Callbacks", lists_store.callbacks,
        (
            _column("received_at", "Diterima", "Received", "moment",
                    href=lambda c: f"/audit/callbacks/{c.id}"),
            _column("door", "Gerbang", "Gateway"),
            _column("ours", "Tagihan", "Charge", href=search_href),
            _column("said_text", "Mengatakan", "Says"), _column("level_text", "Bukti", "Proof"),
            _column("work_text", "Pengerjaan", "Work",
                    tone=lambda c: "danger" if c.needs_person else "secondary"),
            _column("repeats", "Ulangan", "Repeats", "count"),
        ),
        {"state": ("Keadaan", {"stuck": "Perlu orang", "repeated": "Berulang"})},
    ),
    DeskList(
        "settlement", "Dana masuk", "Settlement", lists_store.settlement,
        (
            _column("paid_at", "Dibayar", "Paid", "moment"),
            _column("ours", "Tagihan", "Charge", href=search_href),
            _column("payment_ref", "Nomor di gerbang", "Gateway reference"),
            _column("kind_text", "Jenis", "Kind"),
            _column("gross", "Bruto", "Gross", "rupiah"), _column("fee", "Biaya", "Fee", "rupiah"),
            _column("net", "Bersih", "Net", "rupiah"),
            _column("settled_on", "Dibayarkan", "Settled", "day"),
            _column("import_id", "Berkas", "File", "count",
                    href=lambda s: f"/finance/imports/{s.import_id}"),
            _column("number", "Baris", "Line", "count"),
        ),
        {"by": ("Hari menurut · Day of", DAY_OF), "state": ("Jenis · Kind", words.KIND_TEXT)},
    ),
    DeskList(
        "shifts", "Sif", "Shifts", lists_store.shifts,
        (
            _column("id", "Sif", "Shift", "count"), *_WHO,
            _column("opened_at", "Buka", "Opened", "moment"),
            _column("closed_at", "Tutup", "Closed", "moment"),
            _column("qris", "QRIS di server", "QRIS, server", "rupiah"),
            _column("declared_qris", "QRIS dilaporkan", "QRIS, declared", "rupiah"),
            _column("cash", "Tunai tercatat", "Cash, recorded", "rupiah"),
            _column("declared_cash", "Tunai dilaporkan", "Cash, declared", "rupiah"), _REMARK,
        ),
        {"state": ("Keadaan", {"open": "Masih buka", "tickets": "Dengan hitungan karcis"})},
        by_who=True,
    ),
    DeskList(
        "book", "Buku besar", "Ledger", lists_store.book,
        (
            _column("posted_at", "Dibukukan", "Posted", "moment"),
            _column("kind_text", "Peristiwa", "Entry", href=_source_href),
            _column("reference", "Rujukan", "Reference", "code"),
            _column("account_text", "Akun", "Account"),
            _column("debit", "Debit", "Debit", "rupiah"),
            _column("credit", "Kredit", "Credit", "rupiah"), _REMARK,
        ),
        {
            "account": ("Akun · Account", {"cash": "Tunai di tangan, semua"} | ACCOUNTS),
            "kind": ("Peristiwa · Entry", {
                "moved": "Serah terima dan setoran", "by_hand": "Koreksi yang disetujui",
            }),
            "state": ("Dibukukan · Posted", {"later": "Sesudah hari ditutup"}),
        },
    ),
    DeskList(
        "discrepancies", "Selisih", "Discrepancies", lists_store.discrepancies,
        (
            _column("code", "Kode", "Code", sorts=True,
                    href=lambda d: f"/audit/discrepancies/{d.id}"),
            _column("severity_text", "Bobot", "Severity", sorts=True,
                    tone=lambda d: "danger" if d.is_grave else "secondary"),
            _column("status_text", "Status", "Status"),
            _column("case_text", "Kasus", "Case",
                    href=lambda d: f"/audit/cases/{d.case_id}" if d.case_id else None,
                    tone=lambda d: STATE_TONE[d.case_state] if d.case_state else None),
            _column("explanation", "Penjelasan", "Explanation", "long"),
            _column("amount", "Nominal", "Amount", "rupiah", sorts=True),
            _column("owner_text", "Pemilik", "Owner"),
            _column("due_on", "Batas", "Due", "day", sorts=True),
            _column("business_day", "Hari", "Day", "day", sorts=True),
            _column("badge", "Jukir", "Attendant", "code"),
            _column("point", "Titik", "Point", "code"),
            _column("ours", "Tagihan", "Charge", href=search_href),
        ),
        {
            "code": ("Kode", {code: f"{code} {kind.name}" for code, kind in CATALOGUE.items()}),
            "status": ("Status", {str(key): text for key, text in STATUS_TEXT.items()}),
            "severity": ("Bobot", {str(key): text for key, text in SEVERITY_TEXT.items()}),
            "owner": ("Pemilik", OWNER_TEXT),
        },
        search="kata dalam penjelasan, nomor, nama", by_who=True, one_day=False,
        sort="severity_text",
    ),
)  # fmt: skip
