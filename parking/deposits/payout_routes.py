"""/finance/deposits/payouts: shares that the bank paid out to attendants."""

from hashlib import sha256

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.deposits import payout_store, take_payouts
from parking.deposits.forms import PayoutForm
from parking.deposits.payout import EXAMPLE, Beside, Standing, read_payouts
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, DayChoice, Listing, read_ask
from parking.parts import Parts
from parking.registry.forms import accepted

HOME = "/finance/deposits/payouts"
READERS = (Role.AUDITOR, Role.FINANCE, Role.TREASURER)
COLUMNS = (
    Column("paid_on", "Dibayar", "Paid on", "day"),
    Column("attendant", "Juru parkir", "Attendant", sorts=False),
    Column("earned_on", "Bagian tanggal", "Earned on", "day"),
    Column("amount", "Jumlah", "Amount", "rupiah"),
    Column("reference", "Referensi", "Reference", "code", sorts=False),
    Column("standing_text", "Keadaan", "State", sorts=False,
           tone=lambda row: "success" if row.standing is Standing.PAID else "warning"),
)  # fmt: skip
FILTERS = (DayChoice("from", "Dari hari · From"), DayChoice("to", "Sampai hari · To"))


def add_payouts(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/payouts")
    @needs(*READERS)
    def payouts() -> str | Response:
        ask = read_ask(request, COLUMNS, FILTERS, "-paid_on")
        of = payout_store.payouts(
            ask.day("from"), ask.day("to"), ask.search, ask.sort, descending=ask.descending
        )
        with parts.sessions() as session:
            rows, total = of.part(session, ask.offset, ask.limit)
        empty = "Belum ada bagi hasil yang dicatat dibayar."
        found = Listing(COLUMNS, rows, total, ask, FILTERS, empty)
        if ask.wants_csv:
            return found.csv("bagi-hasil-dibayar")
        may = g.actor.role is Role.FINANCE
        return render_template("deposits/payouts.html", found=found, may=may)

    @routes.route("/payouts/new", methods=["GET", "POST"])
    @needs(Role.FINANCE)
    def payouts_new() -> Response | str:
        """A table is looked at beside the book, and stored as it was seen."""
        now, form = parts.clock.now(), PayoutForm()
        table = form.table.data or ""
        found: list[Beside] = []
        counts: list[tuple[int, int]] = []

        def look() -> None:
            with parts.sessions() as session:
                found.extend(take_payouts.look(session, read_payouts(table, business_day(now))))

        def act() -> None:
            said = read_payouts(table, business_day(now))
            with parts.sessions.begin() as session:
                new = take_payouts.take_payouts(session, said, g.actor.label, now)
            counts.append((new, len(said) - new))

        is_mended = "mend" in request.form  # after a look, with what was typed
        if is_mended or not form.is_submitted():
            return render_template("deposits/payouts_new.html", form=form, example=EXAMPLE)
        if form.seen.data != mark_of(table):
            if accepted(form, look):
                return render_template(
                    "deposits/payouts_confirm.html", table=table, seen=mark_of(table), form=form,
                    found=found, total=sum(each.said.change for each in found if not each.is_known),
                    apart=[each for each in found if each.apart],
                    same=[each for each in found if not each.apart],
                )  # fmt: skip
        elif accepted(form, act):
            new, known = counts[0]
            rest = f" {known} sudah ada dan tidak dicatat lagi." if known else ""
            return done(f"{new} pembayaran dicatat.{rest}", HOME)
        return form_page("deposits/payouts_new.html", form, example=EXAMPLE)


def mark_of(table: str) -> str:
    """By which a table is known again; how a browser ends its lines does not matter."""
    return sha256("\n".join(table.splitlines()).encode()).hexdigest()
