"""/admin/attendants: who collects, with letters, phones and enrolment codes."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, g, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from parking.access import enrolment
from parking.access import store as access_store
from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, arranged, read_ask
from parking.parts import Parts
from parking.qris import symbol
from parking.registry import add, desk_store, end, store
from parking.registry.forms import AttendantForm, EndForm, accepted
from parking.registry.lines import AttendantLine, Standing
from parking.registry.rules import NewAttendant
from parking.registry.words import STANDING_TEXT, STANDING_TONE

COLUMNS = (
    Column("badge", "Lencana", "Badge", href=lambda row: f"/admin/attendants/{row['id']}"),
    Column("name", "Nama", "Name"),
    Column("points", "Titik sekarang", "Points now"),
    Column("letter_to", "SPT sampai", "Letter to", "day"),
    Column("phones", "Ponsel", "Phones", "count"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"]),
)
SHOW = Choice(
    "show", "Tampilkan · Show",
    (
        ("now", "Aktif"), ("no_letter", "Aktif tanpa SPT"), ("no_phone", "Aktif tanpa ponsel"),
        ("over", "Berakhir"), ("", "Semua"),
    ),
    first="now",
)  # fmt: skip


def add_attendants(pages: Blueprint, parts: Parts) -> None:
    _list(pages, parts)
    _new(pages, parts)
    _one(pages, parts)
    _end(pages, parts)
    _invite(pages, parts)


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/attendants")
    @needs(Role.ADMIN, Role.SUPERVISOR)
    def attendants() -> str | Response:
        now, ask = parts.clock.now(), read_ask(request, COLUMNS, (SHOW,), "badge")
        with parts.sessions() as session:
            lines = desk_store.attendants(session, now)
        rows = [_row(line, now) for line in _shown(lines, ask.chosen["show"], now)]
        found = arranged(rows, ask, COLUMNS, (SHOW,), "Belum ada juru parkir terdaftar.")
        if ask.wants_csv:
            return found.csv("juru-parkir")
        return render_template(
            "admin/attendants.html", found=found, is_admin=g.actor.role is Role.ADMIN
        )


def _shown(lines: Sequence[AttendantLine], show: str, now: Any) -> list[AttendantLine]:
    today = business_day(now)
    kept = {
        "now": lambda line: line.standing(today) is not Standing.OVER,
        "no_letter": lambda line: line.standing(today) is Standing.NOW and not line.points,
        "no_phone": lambda line: line.standing(today) is Standing.NOW and not line.phones,
        "over": lambda line: line.standing(today) is Standing.OVER,
        "": lambda line: True,
    }
    return [line for line in lines if kept[show](line)]


def _row(line: AttendantLine, now: Any) -> dict[str, Any]:
    standing = line.standing(business_day(now))
    text = "Tanpa SPT" if standing is Standing.NOW and not line.points else STANDING_TEXT[standing]
    tone = "warning" if text == "Tanpa SPT" else STANDING_TONE[standing]
    return asdict(line) | {"state": text, "tone": tone}


def _new(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/attendants/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_attendant() -> Response:
        now, form = parts.clock.now(), AttendantForm()
        if form.joined_on.data is None and not form.is_submitted():
            form.joined_on.data = business_day(now)
        added: list[int] = []

        def act() -> None:
            new = NewAttendant(form.badge.data, form.name.data, form.joined_on.data)
            with parts.sessions.begin() as session:
                added.append(add.attendant(session, new, g.actor.label, now))

        if accepted(form, act):
            return done(
                f"{form.name.data} terdaftar. Berikan SPT dan kode pendaftaran ponsel.",
                f"/admin/attendants/{added[0]}",
            )
        return form_page(
            "admin/form.html", form, title="Juru parkir baru", english="New attendant",
            back=("/admin/attendants", "Juru parkir"), submit="Daftarkan",
        )  # fmt: skip


def _one(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/attendants/<int:attendant_id>")
    @needs(Role.ADMIN, Role.SUPERVISOR)
    def attendant(attendant_id: int) -> str:
        now = parts.clock.now()
        with parts.sessions() as session:
            found = store.attendant(session, attendant_id)
            letters = desk_store.letters_of(session, attendant_id=attendant_id)
            phones = access_store.devices(session, attendant_id=attendant_id)
        is_over = found.ended_on is not None and found.ended_on < business_day(now)
        return render_template(
            "admin/attendant.html", found=found, phones=phones, is_over=is_over,
            letters=[(x, *_told(x.standing(now))) for x in letters],
            is_admin=g.actor.role is Role.ADMIN,
        )  # fmt: skip


def _told(standing: Standing) -> tuple[str, str, bool]:
    """Its word, its tone, and whether a letter that stands so may be taken back."""
    may_end = standing in (Standing.NOW, Standing.SOON_OVER, Standing.NEXT)
    return STANDING_TEXT[standing], STANDING_TONE[standing], may_end


def _end(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/attendants/<int:attendant_id>/end", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def end_attendant(attendant_id: int) -> Response:
        now, form = parts.clock.now(), EndForm()
        with parts.sessions() as session:
            found = store.attendant(session, attendant_id)
            letters = desk_store.letters_of(session, attendant_id=attendant_id)

        def act() -> None:
            with parts.sessions.begin() as session:
                end.attendant(
                    session, attendant_id, form.last_day.data, form.reason.data.strip(),
                    g.actor.label, now,
                )  # fmt: skip

        if accepted(form, act):
            return done(
                f"Hari terakhir {found.name} tercatat.", f"/admin/attendants/{attendant_id}"
            )
        held = [x.letter for x in letters if _told(x.standing(now))[2]]
        return form_page(
            "admin/end.html", form, title=f"Akhiri {found.name}", english="End attendant",
            back=(f"/admin/attendants/{attendant_id}", found.badge),
            effects=[
                "Sesudah hari terakhir ia tidak dapat masuk dan tidak dapat memungut.",
                f"SPT yang ikut berakhir: {', '.join(held) or 'tidak ada'}.",
                "Catatannya tetap tersimpan; tidak ada yang dihapus.",
            ],
            submit="Akhiri juru parkir",
        )  # fmt: skip


def _invite(pages: Blueprint, parts: Parts) -> None:
    @pages.post("/attendants/<int:attendant_id>/enrolment")
    @needs(Role.ADMIN, Role.SUPERVISOR)
    def invite(attendant_id: int) -> str:
        now = parts.clock.now()
        with parts.sessions.begin() as session:
            found = store.attendant(session, attendant_id)
            invitation = enrolment.invite(session, attendant_id, g.actor.label, now)
        url = invitation.url(parts.settings.public_url)
        # The symbol is our own markup without text from anybody.
        qr = Markup(symbol.svg(url, "Kode pendaftaran ponsel"))  # noqa: S704
        return render_template("admin/invitation.html", found=found, invitation=invitation, qr=qr)
