"""/admin/points: where one parks and pays."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, arranged, read_ask
from parking.parts import Parts
from parking.registry import add, desk_store, end, store
from parking.registry.forms import EndForm, PointForm, accepted
from parking.registry.lines import PointLine, Standing
from parking.registry.rules import NewPoint
from parking.registry.words import AREA_TEXT, STANDING_TEXT, STANDING_TONE

COLUMNS = (
    Column("code", "Kode", "Code", href=lambda row: f"/admin/points/{row['id']}"),
    Column("name", "Nama", "Name"),
    Column("road", "Ruas jalan", "Road"),
    Column("zone", "Zona", "Zone"),
    Column("area", "Jenis", "Area type"),
    Column("qris", "QRIS"),
    Column("attendants", "Juru parkir", "Attendants"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"]),
)
SHOW = Choice(
    "show", "Tampilkan · Show",
    (("now", "Terbuka"), ("empty", "Terbuka tanpa jukir"), ("over", "Ditutup"), ("", "Semua")),
    first="now",
)  # fmt: skip


def add_points(pages: Blueprint, parts: Parts) -> None:
    _list(pages, parts)
    _new(pages, parts)
    _one(pages, parts)
    _end(pages, parts)


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/points")
    @needs(Role.ADMIN, Role.SUPERVISOR)
    def points() -> str | Response:
        now = parts.clock.now()
        with parts.sessions() as session:
            lines = desk_store.points(session, now)
        zones = sorted({line.zone for line in lines})
        filters = (SHOW, Choice("zone", "Zona · Zone", [("", "Semua"), *((z, z) for z in zones)]))
        ask = read_ask(request, COLUMNS, filters, "code")
        rows = [
            _row(line, now)
            for line in lines
            if _is_shown(line, ask.chosen["show"], now) and ask.chosen["zone"] in ("", line.zone)
        ]
        found = arranged(rows, ask, COLUMNS, filters, "Belum ada titik parkir.")
        if ask.wants_csv:
            return found.csv("titik-parkir")
        return render_template(
            "admin/points.html", found=found, is_admin=g.actor.role is Role.ADMIN
        )


def _is_shown(line: PointLine, show: str, now: datetime) -> bool:
    standing = line.standing(business_day(now))
    if show == "empty":
        return standing is Standing.NOW and not line.attendants
    return show == "" or (standing is Standing.OVER) == (show == "over")


def _row(line: PointLine, now: datetime) -> dict[str, Any]:
    standing = line.standing(business_day(now))
    empty = standing is Standing.NOW and not line.attendants
    return asdict(line) | {
        "area": AREA_TEXT[line.area_type],
        "qris": "Ya" if line.has_qris else "Tidak",
        "state": "Tanpa jukir" if empty else STANDING_TEXT[standing],
        "tone": "warning" if empty else STANDING_TONE[standing],
    }


def _new(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/points/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_point() -> Response:
        now, form = parts.clock.now(), PointForm()
        if not form.is_submitted():
            form.opened_on.data = business_day(now)
            form.has_qris.data = True
        added: list[int] = []

        def act() -> None:
            new = NewPoint(
                form.code.data, form.name.data, form.road.data, form.zone.data,
                form.area_type.data, form.has_qris.data, form.opened_on.data,
            )  # fmt: skip
            with parts.sessions.begin() as session:
                added.append(add.point(session, new, g.actor.label, now))

        if accepted(form, act):
            return done(f"Titik {form.code.data} terdaftar.", f"/admin/points/{added[0]}")
        return form_page(
            "admin/form.html", form, title="Titik parkir baru", english="New parking point",
            back=("/admin/points", "Titik parkir"), submit="Daftarkan",
        )  # fmt: skip


def _one(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/points/<int:point_id>")
    @needs(Role.ADMIN, Role.SUPERVISOR)
    def point(point_id: int) -> str:
        now = parts.clock.now()
        with parts.sessions() as session:
            found = store.point(session, point_id)
            letters = desk_store.letters_of(session, point_id=point_id)
        standings = [(x, x.standing(now)) for x in letters]
        return render_template(
            "admin/point.html", found=found, area=AREA_TEXT[found.area_type],
            letters=[(x, STANDING_TEXT[s], STANDING_TONE[s]) for x, s in standings],
            is_admin=g.actor.role is Role.ADMIN,
        )  # fmt: skip


def _end(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/points/<int:point_id>/end", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def end_point(point_id: int) -> Response:
        now, form = parts.clock.now(), EndForm()
        with parts.sessions() as session:
            found = store.point(session, point_id)

        def act() -> None:
            with parts.sessions.begin() as session:
                end.point(
                    session, point_id, form.last_day.data, form.reason.data.strip(),
                    g.actor.label, now,
                )  # fmt: skip

        if accepted(form, act):
            return done(f"Hari terakhir {found.code} tercatat.", f"/admin/points/{point_id}")
        return form_page(
            "admin/end.html", form, title=f"Tutup {found.code} {found.name}",
            english="Close point", back=(f"/admin/points/{point_id}", found.code),
            effects=[
                "Sesudah hari terakhir tidak ada sif yang dapat dibuka di titik ini.",
                "Semua SPT untuk titik ini berakhir pada hari yang sama.",
                "Catatannya tetap tersimpan; tidak ada yang dihapus.",
            ],
            submit="Tutup titik",
        )  # fmt: skip
