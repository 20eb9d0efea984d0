"""/admin/assignments: assignment letters (SPT), entered and taken back."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day, day_starts
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, Listing, read_ask
from parking.parts import Parts
from parking.registry import add, desk_store, end
from parking.registry.forms import LetterForm, RevokeForm, accepted, options
from parking.registry.lines import LetterLine, Standing
from parking.registry.rules import NewLetter
from parking.registry.words import STANDING_TEXT, STANDING_TONE


def _attendant(row: dict[str, Any]) -> str:
    return f"/admin/attendants/{row['attendant_id']}"


COLUMNS = (
    Column("letter", "Nomor SPT", "Letter"),
    Column("badge", "Lencana", "Badge", href=_attendant),
    Column("attendant", "Juru parkir", "Attendant"),
    Column("code", "Titik", "Point", href=lambda row: f"/admin/points/{row['point_id']}"),
    Column("valid_from", "Dari", "From", "day"),
    Column("valid_to", "Sampai", "To", "day"),
    Column("ended_at", "Dicabut", "Taken back", "moment"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"], sorts=False),
)  # fmt: skip
SHOW = Choice(
    "show", "Tampilkan · Show",
    (
        ("now", "Berlaku"), ("soon_over", "Segera berakhir"), ("next", "Akan berlaku"),
        ("past", "Berakhir atau dicabut"), ("", "Semua"),
    ),
    first="now",
)  # fmt: skip


def add_letters(pages: Blueprint, parts: Parts) -> None:
    _list(pages, parts)
    _new(pages, parts)
    _revoke(pages, parts)


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/assignments")
    @needs(Role.ADMIN, Role.SUPERVISOR)
    def assignments() -> str | Response:
        now, ask = parts.clock.now(), read_ask(request, COLUMNS, (SHOW,), "-valid_from")
        question = desk_store.letters(
            now, ask.chosen["show"], ask.search.split(), ask.sort, descending=ask.descending
        )
        with parts.sessions() as session:
            lines, total = question.part(session, ask.offset, ask.limit)
        rows = [_row(line, now) for line in lines]
        found = Listing(COLUMNS, rows, total, ask, (SHOW,), "Belum ada SPT.")
        if ask.wants_csv:
            return found.csv("spt")
        return render_template(
            "admin/letters.html", found=found, is_admin=g.actor.role is Role.ADMIN
        )


def _row(line: LetterLine, now: datetime) -> dict[str, Any]:
    standing = line.standing(now)
    return asdict(line) | {
        "state": STANDING_TEXT[standing],
        "tone": STANDING_TONE[standing],
        "may_end": standing in (Standing.NOW, Standing.SOON_OVER, Standing.NEXT),
    }


def _new(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/assignments/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_assignment() -> Response:
        now, form = parts.clock.now(), LetterForm()
        with parts.sessions() as session:
            people, places = _people_and_places(session, now)
        form.attendant_id.choices, form.point_id.choices = options(people), options(places)
        if not form.is_submitted():
            form.attendant_id.data = request.args.get("attendant", 0, int)
            form.point_id.data = request.args.get("point", 0, int)
            form.valid_from.data = business_day(now)

        def act() -> None:
            new = NewLetter(
                form.letter.data, form.attendant_id.data, form.point_id.data,
                form.valid_from.data, form.valid_to.data,
            )  # fmt: skip
            with parts.sessions.begin() as session:
                add.letter(session, new, g.actor.label, now)

        if accepted(form, act):
            return done(
                f"SPT {form.letter.data} tercatat.", f"/admin/attendants/{form.attendant_id.data}"
            )
        return form_page(
            "admin/form.html", form, title="SPT baru", english="New assignment letter",
            back=("/admin/assignments", "SPT"), submit="Simpan SPT",
        )  # fmt: skip


def _people_and_places(session: Session, now: datetime) -> Sequence[list[tuple[int, str]]]:
    today = business_day(now)
    people, places = desk_store.attendants(session, now), desk_store.points(session, now)
    return (
        [(0, "Pilih juru parkir")]
        + [(a.id, f"{a.badge} {a.name}") for a in people if a.standing(today) is not Standing.OVER],
        [(0, "Pilih titik")]
        + [(p.id, f"{p.code} {p.name}") for p in places if p.standing(today) is not Standing.OVER],
    )


def _revoke(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/assignments/<int:assignment_id>/revoke", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def revoke_assignment(assignment_id: int) -> Response:
        now, form = parts.clock.now(), RevokeForm()
        with parts.sessions() as session:
            found = desk_store.letter(session, assignment_id)

        def act() -> None:
            at = day_starts(form.day.data) if form.day.data else None
            with parts.sessions.begin() as session:
                end.letter(
                    session, assignment_id, form.reason.data.strip(), g.actor.label, now, at,
                    is_back_dated=form.is_back_dated.data,
                )  # fmt: skip

        if accepted(form, act, {"at": "day"}):
            return done(f"SPT {found.letter} dicabut.", f"/admin/attendants/{found.attendant_id}")
        return form_page(
            "admin/end.html", form, title=f"Cabut SPT {found.letter}",
            english="Take the letter back",
            back=(f"/admin/attendants/{found.attendant_id}", found.attendant),
            effects=[
                f"{found.attendant} tidak dapat lagi memungut di {found.code} {found.point}.",
                "Surat dan alasannya tetap tersimpan.",
            ],
            submit="Cabut SPT",
        )  # fmt: skip
