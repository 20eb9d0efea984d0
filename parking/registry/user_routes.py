"""/admin/users: who may sit at a desk. Their secrets are shown once and kept nowhere."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, g, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from parking.access import users
from parking.access.account import User
from parking.access.policy import Role, needs
from parking.access.users import Secrets
from parking.business_day import business_day
from parking.errors import BadInput, Conflict
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, arranged, read_ask
from parking.parts import Parts
from parking.qris import symbol
from parking.registry.forms import ReasonForm, UserForm, accepted
from parking.registry.words import ROLE_TEXT

COLUMNS = (
    Column("username", "Nama pengguna", "User name"),
    Column("name", "Nama", "Name"),
    Column("role", "Peran", "Role"),
    Column("factors", "Masuk dengan", "Signs in by"),
    Column("added", "Ditambahkan", "Added", "day"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"]),
)
SHOW = Choice(
    "show", "Tampilkan · Show", (("now", "Aktif"), ("over", "Berakhir"), ("", "Semua")), "now"
)


def add_users(pages: Blueprint, parts: Parts) -> None:
    _list(pages, parts)
    _new(pages, parts)
    _reset(pages, parts)
    _end(pages, parts)
    _sign_out(pages, parts)


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/users")
    @needs(Role.ADMIN)
    def desk_users() -> str | Response:
        ask = read_ask(request, COLUMNS, (SHOW,), "username")
        with parts.sessions() as session:
            every = users.everybody(session)
        kept = {"now": (True,), "over": (False,), "": (True, False)}[ask.chosen["show"]]
        rows = [_row(u) for u in every if (u.ended_at is None) in kept]
        found = arranged(rows, ask, COLUMNS, (SHOW,))
        if ask.wants_csv:
            return found.csv("pengguna")
        return render_template("admin/users.html", found=found)


def _row(user: User) -> dict[str, Any]:
    active = user.ended_at is None
    return asdict(user) | {
        "role": ROLE_TEXT[user.role],
        "factors": "Sandi dan kode" if user.has_totp else "Sandi",
        "state": "Aktif" if active else "Berakhir",
        "tone": "success" if active else "secondary",
        "added": business_day(user.created_at),
        "may_end": active,
    }


def _new(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/users/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_user() -> str | Response:
        form, given = UserForm(), []

        def act() -> None:
            with parts.sessions.begin() as session:
                try:
                    given.append(
                        users.add(
                            session, form.username.data, Role(form.role.data), form.name.data, "",
                            parts.settings.pepper, g.actor.label, parts.clock.now(),
                        )
                    )  # fmt: skip
                except Conflict as error:
                    raise BadInput(str(error), {"username": str(error)}) from error

        if accepted(form, act):
            return _secrets(given[0], "Pengguna ditambahkan")
        return form_page(
            "admin/form.html", form, title="Pengguna baru", english="New user",
            intro="Kata sandi dibuat oleh sistem dan tampil sekali saja.",
            back=("/admin/users", "Pengguna"), submit="Tambahkan",
        )  # fmt: skip


def _secrets(given: Secrets, title: str) -> str:
    qr = None
    if given.totp_uri:
        # Our own markup, with no text from anybody in it.
        qr = Markup(symbol.svg(given.totp_uri, "Kode untuk aplikasi autentikator"))  # noqa: S704
    return render_template("admin/secrets.html", given=given, qr=qr, title=title)


def _reset(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/users/<username>/reset", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def reset_user(username: str) -> str | Response:
        form, given = ReasonForm(), []

        def act() -> None:
            with parts.sessions.begin() as session:
                given.append(
                    users.reset(
                        session, username, "", parts.settings.pepper, g.actor.label,
                        parts.clock.now(), form.reason.data.strip(),
                    )
                )  # fmt: skip

        if accepted(form, act):
            return _secrets(given[0], "Sandi dan kode baru")
        return form_page(
            "admin/end.html", form, title=f"Sandi baru untuk {username}", english="Reset sign-in",
            back=("/admin/users", "Pengguna"),
            effects=[
                "Sandi dan kode autentikator yang lama tidak berlaku lagi.",
                "Semua sesinya berakhir, kunci karena salah sandi dilepas.",
            ],
            submit="Buat sandi baru",
        )  # fmt: skip


def _end(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/users/<username>/end", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def end_user(username: str) -> Response:
        form = ReasonForm()

        def act() -> None:
            with parts.sessions.begin() as session:
                users.end(
                    session, username, g.actor.label, parts.clock.now(), form.reason.data.strip()
                )

        if accepted(form, act):
            return done(f"{username} tidak dapat masuk lagi.", "/admin/users")
        return form_page(
            "admin/end.html", form, title=f"Akhiri {username}", english="End user",
            back=("/admin/users", "Pengguna"),
            effects=[
                "Semua sesinya berakhir seketika dan ia tidak dapat masuk lagi.",
                "Namanya tetap terbaca di jejak audit; nama pengguna tidak dipakai ulang.",
            ],
            submit="Akhiri pengguna",
        )  # fmt: skip


def _sign_out(pages: Blueprint, parts: Parts) -> None:
    @pages.post("/users/<username>/sign-out")
    @needs(Role.ADMIN)
    def sign_out_user(username: str) -> Response:
        with parts.sessions.begin() as session:
            users.sign_out(session, username, g.actor.label, parts.clock.now())
        return done(f"Semua sesi {username} berakhir.", "/admin/users")
