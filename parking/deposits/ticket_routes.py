"""/finance/deposits/tickets: the stock of tickets by series, book by book."""

from typing import Any

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.deposits import commitment_store
from parking.deposits.count_routes import AN_ID
from parking.deposits.forms import BookForm, MoveForm
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, arranged, read_ask
from parking.parts import Parts
from parking.registry.facts import VEHICLE_TEXT, Vehicle
from parking.registry.forms import accepted, options
from parking.shifts import move_tickets, ticket_store
from parking.shifts.tickets import Move, Stock, stock_of, text_of

HOME = "/finance/deposits/tickets"
READERS = (Role.AUDITOR, Role.FINANCE, Role.TREASURER)
MOVE_TEXT = {
    Move.ISSUED: "Diserahkan", Move.RETURNED: "Dikembalikan", Move.SPOILED: "Rusak",
    Move.LOST: "Hilang",
}  # fmt: skip
COLUMNS = (
    Column("series", "Seri", "Series", href=lambda row: f"{HOME}/{row['id']}"),
    Column("numbers", "Nomor", "Numbers", "code", sorts=False),
    Column("vehicle", "Kendaraan", "Vehicle"),
    Column("amount", "Nilai", "Amount", "rupiah"),
    Column("in_office", "Di kantor", "In the office", "count"),
    Column("with_attendants", "Di juru parkir", "Issued", "count"),
    Column("used", "Terpakai", "Used", "count"),
    Column("spoiled", "Rusak", "Spoiled", "count"),
    Column("lost", "Hilang", "Lost", "count"),
    Column("worth", "Nilai terpakai", "Worth of used", "rupiah"),
)  # fmt: skip


def add_tickets(routes: Blueprint, parts: Parts) -> None:
    _books(routes, parts)
    _book(routes, parts)


def _books(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/tickets")
    @needs(*READERS)
    def books() -> str | Response:
        ask = read_ask(request, COLUMNS, (), "series")
        with parts.sessions() as session:
            rows = [_row(stock) for stock in ticket_store.stocks(session)]
        found = arranged(rows, ask, COLUMNS, (), "Belum ada buku karcis di stok.")
        if ask.wants_csv:
            return found.csv("stok-karcis")
        may = g.actor.role is Role.TREASURER
        return render_template("deposits/tickets.html", found=found, may=may)

    @routes.route("/tickets/new", methods=["GET", "POST"])
    @needs(Role.TREASURER)
    def book_new() -> Response:
        now, form = parts.clock.now(), BookForm()
        if not form.is_submitted():
            form.received_on.data, form.year.data = business_day(now), str(business_day(now).year)

        def act() -> None:
            with parts.sessions.begin() as session:
                move_tickets.add_book(
                    session, (form.series.data or "").upper(), form.year.number,
                    Vehicle(form.vehicle.data), form.amount.number,
                    (form.first.number, form.last.number), form.received_on.data,
                    form.document.data or "", g.actor.label, now,
                )  # fmt: skip

        if accepted(form, act):
            return done("Buku karcis masuk stok.", HOME)
        return form_page(
            "deposits/form.html", form, title="Buku karcis baru", english="New book of tickets",
            intro="Sesudah diporporasi. Nomor yang sudah ada di stok tidak dapat masuk lagi.",
            back=(HOME, "Karcis"), submit="Masukkan ke stok",
        )  # fmt: skip


def _row(of: Stock) -> dict[str, Any]:
    book = of.book
    figures = {
        name: getattr(of, name)
        for name in ("in_office", "with_attendants", "used", "spoiled", "lost", "worth")
    }
    return {
        "id": book.id, "series": book.series, "numbers": text_of(book.numbers),
        "vehicle": VEHICLE_TEXT[Vehicle(book.vehicle)], "amount": book.amount, **figures,
    }  # fmt: skip


def _book(routes: Blueprint, parts: Parts) -> None:
    @routes.route(f"/tickets/{AN_ID}", methods=["GET", "POST"])
    @needs(*READERS)
    def book(number: int) -> Response:
        now, form = parts.clock.now(), MoveForm()
        with parts.sessions() as session:
            of = ticket_store.book(session, number)
            moves = ticket_store.moves(session, book_id=number)
            people = commitment_store.attendants(session)
            stock = stock_of(of, moves, ticket_store.torn_of(session, of))
        form.attendant_id.choices = options(people)
        if not form.is_submitted():
            form.moved_on.data = business_day(now)

        def act() -> None:
            with parts.sessions.begin() as session:
                move_tickets.move_tickets(
                    session, number, Move(form.kind.data), form.attendant_id.data,
                    (form.first.number, form.last.number), form.moved_on.data,
                    form.document.data or "", g.actor.label, now,
                )  # fmt: skip

        may = g.actor.role is Role.TREASURER
        if may and accepted(form, act):
            return done("Gerak karcis dicatat.", f"{HOME}/{number}")
        return form_page(
            "deposits/ticket_book.html", form, of=of, row=_row(stock), moves=moves,
            names=dict(people), text=MOVE_TEXT, numbers=text_of, may=may,
        )  # fmt: skip
