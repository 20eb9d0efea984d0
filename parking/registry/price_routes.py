"""/admin/tariffs: what parking costs, from which day on, and by which decree."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day, day_text
from parking.money import rupiah_text
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, arranged, read_ask
from parking.parts import Parts
from parking.registry import add, desk_store, store
from parking.registry.facts import VEHICLE_TEXT, Vehicle
from parking.registry.forms import TariffForm, accepted, options
from parking.registry.lines import PriceLine, Standing, Step, grouped, timeline
from parking.registry.rules import NewTariff
from parking.registry.words import STANDING_TEXT, STANDING_TONE

EVERYWHERE = "Semua zona tanpa tarif sendiri"
COLUMNS = (
    Column("vehicle", "Kendaraan"), Column("zone", "Zona"), Column("amount", "Tarif"),
    Column("valid_from", "Berlaku dari"), Column("decree", "Dasar hukum"),
    Column("entered_at", "Dicatat"), Column("entered_by", "Oleh"),
)  # fmt: skip


def add_prices(pages: Blueprint, parts: Parts) -> None:
    _list(pages, parts)
    _new(pages, parts)


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/tariffs")
    @needs(Role.ADMIN)
    def tariffs() -> str | Response:
        today = business_day(parts.clock.now())
        with parts.sessions() as session:
            prices = desk_store.prices(session)
        ask = read_ask(request, COLUMNS, sort="-valid_from")
        if ask.wants_csv:
            return arranged(prices, ask, COLUMNS).csv("tarif")
        return render_template(
            "admin/tariffs.html", tables=_tables(prices, today), texts=STANDING_TEXT,
            tones=STANDING_TONE,
        )  # fmt: skip


def _tables(
    prices: Sequence[PriceLine], today: date
) -> list[tuple[str, list[tuple[str, list[Step[PriceLine]]]]]]:
    """By zone, the general one first; in it by vehicle, with the timeline of each."""
    by = grouped(prices, lambda p: (p.zone, p.vehicle))
    begun = prices[0].entered_at if prices else None
    return [
        (
            zone,
            [
                (VEHICLE_TEXT[vehicle], timeline(by[zone, vehicle.value], today, begun))
                for vehicle in Vehicle
                if (zone, vehicle.value) in by
            ],
        )
        for zone in sorted({p.zone for p in prices})
    ]


def _new(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/tariffs/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_tariff() -> Response:
        now, form = parts.clock.now(), TariffForm()
        is_confirmed = request.form.get("confirmed") == "yes"
        with parts.sessions() as session:
            zones = store.zones(session)
            form.zone.choices = options([("", EVERYWHERE), *((z, z) for z in zones)])
            # Before it is confirmed it is only tried: leaving the block takes it back.
            is_right = not is_confirmed and accepted(form, lambda: _add(session, form, parts))

        def keep() -> None:
            with parts.sessions.begin() as session:
                _add(session, form, parts)

        if is_confirmed and accepted(form, keep):
            return done(f"Tarif berlaku mulai {day_text(form.valid_from.data)}.", "/admin/tariffs")
        if is_right:
            with parts.sessions() as session:
                effects = _effects(desk_store.prices(session), form, business_day(now))
            return form_page(
                "admin/confirm.html", form, title="Periksa tarif", english="Check the price",
                effects=effects, back=("/admin/tariffs", "Tarif"), submit="Simpan tarif",
            )  # fmt: skip
        return form_page(
            "admin/form.html", form, title="Tarif baru", english="New price",
            intro="Tarif lama tidak diubah. Tagihan memakai tarif yang berlaku saat dibuat.",
            back=("/admin/tariffs", "Tarif"), submit="Periksa",
        )  # fmt: skip


def _add(session: Session, form: TariffForm, parts: Parts) -> None:
    add.tariff(session, _read(form), g.actor.label, parts.clock.now())


def _read(form: TariffForm) -> NewTariff:
    return NewTariff(
        form.vehicle.data, form.zone.data, form.amount.number, form.valid_from.data,
        form.decree.data, form.is_back_dated.data,
    )  # fmt: skip


def _effects(prices: Sequence[PriceLine], form: TariffForm, today: date) -> list[str]:
    """What a new tariff changes, in words."""
    new = _read(form)
    terms = [p for p in prices if (p.vehicle, p.zone) == (new.vehicle, new.zone)]
    held = [s.term.amount for s in timeline(terms, today) if s.standing is Standing.NOW]
    before = rupiah_text(held[0]) if held else "belum ada tarif"
    where = new.zone or EVERYWHERE.lower()
    effects = [
        f"{VEHICLE_TEXT[Vehicle(new.vehicle)]}, {where}: {before} → {rupiah_text(new.amount)}",
        f"Berlaku mulai {day_text(new.valid_from)} pukul 00.00 WIB, menurut {new.decree}.",
    ]
    if new.valid_from <= today:
        effects.append("Berlaku surut: tagihan dengan harga lama menjadi selisih D28.")
    return effects
