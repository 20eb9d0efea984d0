"""/finance/deposits/commitments: what was promised a day, beside the city's share of takings."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.deposits import commit, commitment_store
from parking.deposits.commitment import Held, Wish
from parking.deposits.count_routes import AN_ID
from parking.deposits.forms import CommitmentForm, EndForm
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, DayChoice, arranged, read_ask
from parking.parts import Parts
from parking.registry.forms import accepted, options

HOME = "/finance/deposits/commitments"
READERS = (Role.AUDITOR, Role.FINANCE, Role.TREASURER)
MAY_ENTER = (Role.FINANCE, Role.TREASURER)
LONGEST = timedelta(days=366)

COLUMNS = (
    Column("attendant", "Juru parkir", "Attendant", href=lambda row: f"{HOME}/{row['id']}"),
    Column("daily", "Sehari", "A day", "rupiah"),
    Column("days", "Hari", "Days", "count"),
    Column("served", "Hari bertugas", "Days served", "count"),
    Column("promised", "Komitmen", "Promised", "rupiah"),
    Column("cash", "Tunai", "Cash taken", "rupiah"),
    Column("qris", "QRIS", "By QRIS", "rupiah"),
    Column("share", "Bagian daerah", "City's share", "rupiah"),
    Column("arrears", "Tunggakan", "Arrears", "rupiah"),
    Column("surplus", "Lebih", "Surplus", "rupiah"),
)  # fmt: skip
FILTERS = (
    Choice("show", "Tampilkan · Show", [("", "Semua"), ("arrears", "Yang menunggak")]),
    DayChoice("from", "Dari hari · From"),
    DayChoice("to", "Sampai hari · To"),
)


def add_commitments(routes: Blueprint, parts: Parts) -> None:
    _list(routes, parts)
    _new(routes, parts)
    _end(routes, parts)


def _list(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/commitments")
    @needs(*READERS)
    def commitments() -> str | Response:
        """This month to today, or the days asked for; a year at most."""
        ask = read_ask(request, COLUMNS, FILTERS, "-arrears")
        today = business_day(parts.clock.now())
        last = min(ask.day("to") or today, today)
        first = max(ask.day("from") or last.replace(day=1), last - LONGEST)
        with parts.sessions() as session:
            rows = [_row(each) for each in commit.held(session, first, last)]
            ahead = commitment_store.ahead(session, today)
        if ask.chosen["show"]:
            rows = [row for row in rows if row["arrears"]]
        found = arranged(rows, ask, COLUMNS, FILTERS, "Belum ada komitmen tertulis.")
        if ask.wants_csv:
            return found.csv("komitmen")
        return render_template(
            "deposits/commitments.html", found=found, first=first, last=last, ahead=ahead,
            may=g.actor.role in MAY_ENTER,
        )  # fmt: skip


def _row(of: Held) -> dict[str, Any]:
    return {
        "id": of.commitment.id, "attendant": of.commitment.attendant, "daily": of.commitment.daily,
        "days": of.days, "served": of.served, "promised": of.promised,
        "cash": of.cash, "qris": of.qris, "share": of.share,
        "arrears": of.arrears or None, "surplus": of.surplus or None,
    }  # fmt: skip


def _new(routes: Blueprint, parts: Parts) -> None:
    @routes.route("/commitments/new", methods=["GET", "POST"])
    @needs(*MAY_ENTER)
    def commitment_new() -> Response:
        now, form = parts.clock.now(), CommitmentForm()
        with parts.sessions() as session:
            form.attendant_id.choices = options(commitment_store.attendants(session))
        if not form.is_submitted():
            form.valid_from.data = business_day(now)

        def act() -> None:
            wish = Wish(
                form.attendant_id.data,
                form.daily.number,
                form.valid_from.data,
                form.letter.data or "",
            )
            with parts.sessions.begin() as session:
                commit.commit(session, wish, g.actor.label, now)

        if accepted(form, act):
            return done("Komitmen dicatat.", HOME)
        return form_page(
            "deposits/form.html", form, title="Komitmen baru", english="New commitment",
            intro="Jumlah tetap sehari bagi daerah menurut surat."
            " Yang sebelumnya berakhir sehari sebelum ini.",
            back=(HOME, "Komitmen"), submit="Simpan",
        )  # fmt: skip


def _end(routes: Blueprint, parts: Parts) -> None:
    @routes.route(f"/commitments/{AN_ID}", methods=["GET", "POST"])
    @needs(*READERS)
    def commitment(number: int) -> Response:
        now, form = parts.clock.now(), EndForm()
        with parts.sessions() as session:
            of = commitment_store.one(session, number)

        def act() -> None:
            with parts.sessions.begin() as session:
                commit.end(session, number, form.last_day.data, g.actor.label, now)

        may = g.actor.role in MAY_ENTER and of.ended_on is None
        is_ahead = of.valid_from > business_day(now)
        if may and accepted(form, act):
            return done("Hari terakhir dicatat.", HOME)
        return form_page("deposits/commitment.html", form, of=of, may=may, is_ahead=is_ahead)

    @routes.post(f"/commitments/{AN_ID}/take-back")
    @needs(*MAY_ENTER)
    def commitment_take_back(number: int) -> Response:
        with parts.sessions.begin() as session:
            commit.take_back(session, number, g.actor.label, parts.clock.now())
        return done("Komitmen ditarik kembali. Yang sebelumnya tetap berakhir.", HOME)
