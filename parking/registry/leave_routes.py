"""/admin/leave: days of collective leave, on which deadlines stand still."""

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import day_text
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, arranged, read_ask
from parking.parts import Parts
from parking.registry import add, desk_store
from parking.registry.forms import LeaveForm, accepted
from parking.registry.rules import NewLeave

COLUMNS = (
    Column("day", "Hari", "Day", "day"),
    Column("decree", "Dasar hukum", "Decree"),
)


def add_leave(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/leave")
    @needs(Role.ADMIN)
    def leave() -> str | Response:
        ask = read_ask(request, COLUMNS, sort="-day")
        with parts.sessions() as session:
            lines = desk_store.leave(session)
        found = arranged(lines, ask, COLUMNS, empty="Belum ada cuti bersama tercatat.")
        if ask.wants_csv:
            return found.csv("cuti-bersama")
        return render_template("admin/leave.html", found=found)

    @pages.route("/leave/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_leave() -> Response:
        form = LeaveForm()

        def act() -> None:
            new = NewLeave(form.day.data, form.decree.data)
            with parts.sessions.begin() as session:
                add.leave(session, new, g.actor.label, parts.clock.now())

        if accepted(form, act):
            return done(f"{day_text(form.day.data)} tercatat.", "/admin/leave")
        return form_page(
            "admin/form.html", form, title="Cuti bersama baru", english="New collective leave",
            intro="Hari libur nasional sudah diketahui; hanya cuti bersama yang dicatat di sini.",
            back=("/admin/leave", "Cuti bersama"), submit="Simpan",
        )  # fmt: skip
