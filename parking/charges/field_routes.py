"""/field: what a supervisor sees of the shifts at the points of a day."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.charges import store
from parking.charges.store import ShiftLine
from parking.pages.listing import Choice, Column, arranged, read_ask, read_day
from parking.parts import Parts

OPEN, CLOSED = "Terbuka", "Ditutup"

COLUMNS = (
    Column("point", "Titik", "Point"),
    Column("zone", "Zona", "Zone"),
    Column("badge", "Kartu", "Badge"),
    Column("name", "Juru parkir", "Attendant"),
    Column("opened_at", "Buka", "Opened", kind="time"),
    Column("closed_at", "Tutup", "Closed", kind="time"),
    Column("qris_count", "QRIS lunas", "Paid", kind="count"),
    Column("qris_sum", "Jumlah QRIS", "QRIS", kind="rupiah"),
    Column("cash_count", "Tunai", "Cash taps", kind="count"),
    Column("cash_sum", "Jumlah tunai", "Cash", kind="rupiah"),
    Column("declared_cash", "Tunai dinyatakan", "Declared", kind="rupiah"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"]),
)
STATE = Choice("state", "Keadaan · State", (("", "Semua"), (OPEN, OPEN), (CLOSED, CLOSED)))


def field_shifts(parts: Parts) -> Blueprint:
    pages = Blueprint("field_shifts", __name__, url_prefix="/field", template_folder="templates")

    @pages.get("/shifts")
    @needs(Role.SUPERVISOR, Role.AUDITOR)
    def shifts() -> str | Response:
        today = business_day(parts.clock.now())
        day = min(read_day(request.args.get("date", "")) or today, today)
        ask = read_ask(request, COLUMNS, (STATE,), "-opened_at", keep=("date",))
        with parts.sessions() as session:
            lines = store.shift_lines(session, day)
        rows = [row for row in map(_row, lines) if ask.chosen["state"] in ("", row["state"])]
        found = arranged(rows, ask, COLUMNS, (STATE,), "Tidak ada giliran pada hari ini.")
        if ask.wants_csv:
            return found.csv(f"giliran-{day}")
        return render_template(
            "charges/field_shifts.html", day=day, today=today, found=found, sums=_sums(lines),
            **_neighbours(day),
        )  # fmt: skip

    return pages


def _row(line: ShiftLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in ShiftLine.__slots__} | {
        "state": OPEN if line.closed_at is None else CLOSED,
        "tone": "success" if line.closed_at is None else "secondary",
    }


def _sums(lines: list[ShiftLine]) -> dict[str, int]:
    return {
        "open": sum(line.closed_at is None for line in lines),
        "shifts": len(lines),
        "qris": sum(line.qris_sum for line in lines),
        "cash": sum(line.cash_sum for line in lines),
    }


def _neighbours(day: date) -> dict[str, date]:
    return {"previous": day - timedelta(days=1), "next": day + timedelta(days=1)}
