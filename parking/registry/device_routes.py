"""/admin/devices: attendants' phones."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from parking.access import devices
from parking.access import store as access_store
from parking.access.account import Device
from parking.access.policy import Role, needs
from parking.errors import NotFound
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, arranged, read_ask
from parking.parts import Parts
from parking.registry.forms import ReasonForm, accepted


def _attendant(row: dict[str, Any]) -> str:
    return f"/admin/attendants/{row['attendant_id']}"


COLUMNS = (
    Column("badge", "Lencana", "Badge", href=_attendant),
    Column("attendant_name", "Juru parkir", "Attendant"),
    Column("label", "Ponsel", "Phone"),
    Column("enrolled_at", "Terdaftar", "Enrolled", "moment"),
    Column("ended_at", "Berakhir", "Ended", "moment"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"]),
)  # fmt: skip
SHOW = Choice(
    "show", "Tampilkan · Show", (("now", "Aktif"), ("over", "Berakhir"), ("", "Semua")), "now"
)


def add_devices(pages: Blueprint, parts: Parts) -> None:
    _list(pages, parts)
    _end(pages, parts)


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/devices")
    @needs(Role.ADMIN, Role.SUPERVISOR)
    def phones() -> str | Response:
        ask = read_ask(request, COLUMNS, (SHOW,), "-enrolled_at")
        with parts.sessions() as session:
            every = devices.every_device(session)
        kept = {"now": (True,), "over": (False,), "": (True, False)}[ask.chosen["show"]]
        rows = [_row(d) for d in every if (d.ended_at is None) in kept]
        found = arranged(
            rows, ask, COLUMNS, (SHOW,),
            "Belum ada ponsel terdaftar. Beri kode pendaftaran di halaman juru parkir.",
        )  # fmt: skip
        if ask.wants_csv:
            return found.csv("ponsel")
        return render_template("admin/devices.html", found=found)


def _row(device: Device) -> dict[str, Any]:
    active = device.ended_at is None
    return asdict(device) | {
        "state": "Aktif" if active else "Berakhir",
        "tone": "success" if active else "secondary",
    }


def _end(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/devices/<int:device_id>/end", methods=["GET", "POST"])
    @needs(Role.ADMIN, Role.SUPERVISOR)
    def end_phone(device_id: int) -> Response:
        form = ReasonForm()
        with parts.sessions() as session:
            found = next(iter(access_store.devices(session, id=device_id)), None)
        if found is None:
            raise NotFound(f"Tidak ada perangkat nomor {device_id}")

        def act() -> None:
            with parts.sessions.begin() as session:
                devices.end(
                    session, device_id, g.actor.label, parts.clock.now(), form.reason.data.strip()
                )

        if accepted(form, act):
            return done(
                f"Ponsel {found.attendant_name} tidak dapat dipakai lagi.", "/admin/devices"
            )
        return form_page(
            "admin/end.html", form, title=f"Akhiri ponsel {found.attendant_name}",
            english="End phone", back=("/admin/devices", "Perangkat"),
            effects=[
                "Seketika itu juga ponsel ini tidak dapat memungut dan keluar dari aplikasi.",
                "Juru parkir dapat mendaftarkan ponsel lain dengan kode baru.",
            ],
            submit="Akhiri ponsel",
        )  # fmt: skip
