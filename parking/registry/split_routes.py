"""/admin/splits: how a levy is shared between attendant and city, from which day on."""

from datetime import date

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day, day_text
from parking.money import BPS
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, arranged, read_ask
from parking.pages.words import percent_text
from parking.parts import Parts
from parking.registry import add, desk_store
from parking.registry.forms import SplitForm, accepted
from parking.registry.lines import timeline
from parking.registry.rules import NewSplit
from parking.registry.words import STANDING_TEXT, STANDING_TONE

COLUMNS = (
    Column("city_bps", "Bagian daerah (basis poin)"), Column("valid_from", "Berlaku dari"),
    Column("decree", "Dasar hukum"), Column("entered_at", "Dicatat"), Column("entered_by", "Oleh"),
)  # fmt: skip


def add_splits(pages: Blueprint, parts: Parts) -> None:
    _list(pages, parts)
    _new(pages, parts)


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/splits")
    @needs(Role.ADMIN)
    def splits() -> str | Response:
        with parts.sessions() as session:
            shares = desk_store.shares(session)
        ask = read_ask(request, COLUMNS, sort="-valid_from")
        today, begun = business_day(parts.clock.now()), shares[0].entered_at if shares else None
        if ask.wants_csv:
            return arranged(shares, ask, COLUMNS).csv("bagi-hasil")
        return render_template(
            "admin/splits.html", steps=timeline(shares, today, begun),
            texts=STANDING_TEXT, tones=STANDING_TONE, whole=BPS,
        )  # fmt: skip


def _new(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/splits/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_split() -> Response:
        form, names = SplitForm(), {"city_bps": "city_share"}
        is_confirmed = request.form.get("confirmed") == "yes"
        with parts.sessions() as session:
            # Before it is confirmed it is only tried: leaving the block takes it back.
            is_right = not is_confirmed and accepted(
                form, lambda: _add(session, form, parts), names
            )

        def keep() -> None:
            with parts.sessions.begin() as session:
                _add(session, form, parts)

        if is_confirmed and accepted(form, keep, names):
            return done(
                f"Bagi hasil berlaku mulai {day_text(form.valid_from.data)}.", "/admin/splits"
            )
        if is_right:
            return form_page(
                "admin/confirm.html", form, title="Periksa bagi hasil", english="Check the split",
                effects=_effects(_read(form), business_day(parts.clock.now())),
                back=("/admin/splits", "Bagi hasil"), submit="Simpan bagi hasil",
            )  # fmt: skip
        return form_page(
            "admin/form.html", form, title="Bagi hasil baru", english="New revenue split",
            intro="Selebihnya bagian juru parkir. Tagihan memakai bagian yang berlaku saat dibuat.",
            back=("/admin/splits", "Bagi hasil"), submit="Periksa",
        )  # fmt: skip


def _add(session: Session, form: SplitForm, parts: Parts) -> None:
    add.split(session, _read(form), g.actor.label, parts.clock.now())


def _read(form: SplitForm) -> NewSplit:
    return NewSplit(
        form.city_share.bps, form.valid_from.data, form.decree.data, form.is_back_dated.data
    )


def _effects(new: NewSplit, today: date) -> list[str]:
    """What a new split changes, in words."""
    city, attendant = percent_text(new.city_bps), percent_text(BPS - new.city_bps)
    effects = [
        f"Daerah {city}, juru parkir {attendant}.",
        f"Berlaku mulai {day_text(new.valid_from)} pukul 00.00 WIB, menurut {new.decree}.",
    ]
    if new.valid_from <= today:
        effects.append("Berlaku surut: tagihan yang sudah dibuat tetap memakai bagian yang lama.")
    return effects
