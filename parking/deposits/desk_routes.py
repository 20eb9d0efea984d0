"""/finance/deposits: the treasurer's desk. What waits to be counted, what waits to be paid in."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.deposits import balance_store, handover_store, lists_store, sts_store
from parking.deposits.balance_routes import add_balances
from parking.deposits.commitment_routes import add_commitments
from parking.deposits.count_routes import AN_ID, add_counting, told
from parking.deposits.deadlines import days_late, deposit_due
from parking.deposits.handover import OFFICE, Handover, Party
from parking.deposits.payout_routes import add_payouts
from parking.deposits.slip_routes import add_slips
from parking.deposits.ticket_routes import add_tickets
from parking.deposits.words import STANDING_TEXT, STANDING_TONE, STS_TEXT, STS_TONE
from parking.pages.listing import Ask, Choice, Column, DayChoice, Listing, read_ask
from parking.parts import Parts
from parking.registry import store as registry

HOME = "/finance/deposits"
READERS = (Role.AUDITOR, Role.FINANCE, Role.TREASURER)

HANDOVERS = (
    Column("given_at", "Diserahkan", "Given", "moment",
           href=lambda row: f"{HOME}/handovers/{row.id}"),
    Column("giver", "Pemberi", "Giver", sorts=False),
    Column("receiver", "Penerima", "Receiver", sorts=False),
    Column("given", "Kata pemberi", "Said", "rupiah"),
    Column("received", "Dihitung", "Counted", "rupiah"),
    Column("difference", "Beda", "Difference", "rupiah", sorts=False),
    Column("letter", "SPT", "Letter", sorts=False,
           tone=lambda row: None if row.letter != lists_store.WITHOUT_LETTER else "danger"),
    Column("standing_text", "Keadaan", "State", tone=lambda row: STANDING_TONE[row.standing]),
)  # fmt: skip
HANDOVER_STATE = Choice(
    "state", "Keadaan · State", [("", "Semua"), *((s.value, t) for s, t in STANDING_TEXT.items())]
)
TBPS = (
    Column("number", "TBP", "Receipt", "code", href=lambda row: f"{HOME}/tbp/{row.id}"),
    Column("received_on", "Diterima", "Received", "day"),
    Column("giver", "Dari", "From", sorts=False),
    Column("amount", "Jumlah", "Amount", "rupiah"),
    Column("in_slips", "Dimuat STS", "In slips", "rupiah", sorts=False),
    Column("left", "Belum di STS", "In no slip", "rupiah", sorts=False),
    Column("due", "Batas setor", "Due", "day", sorts=False),
    Column("late", "Terlambat", "Working days late", "count", sorts=False),
)  # fmt: skip
TBP_STATE = Choice("state", "Tampilkan · Show", [("", "Semua"), ("open", "Belum di STS")])
FROM, TO = DayChoice("from", "Dari hari · From"), DayChoice("to", "Sampai hari · To")


def asked(ask: Ask) -> lists_store.Ask:
    """What the address asks, as the lists are asked."""
    return lists_store.Ask(
        ask.chosen["state"], ask.day("from"), ask.day("to"), search=ask.search, sort=ask.sort,
        descending=ask.descending,
    )  # fmt: skip


def deposit_desk(parts: Parts) -> Blueprint:
    routes = Blueprint("deposits", "parking.deposits", url_prefix=HOME, template_folder="templates")
    _home(routes, parts)
    add_counting(routes, parts, Role.TREASURER, Party.TREASURER, _after(parts), (HOME, "Setoran"))
    _handovers(routes, parts)
    _receipts(routes, parts)
    add_slips(routes, parts)
    add_balances(routes, parts)
    add_tickets(routes, parts)
    add_commitments(routes, parts)
    add_payouts(routes, parts)
    return routes


def _after(parts: Parts) -> Callable[[Handover], tuple[str, str]]:
    def after(of: Handover) -> tuple[str, str]:
        """A count leads to its receipt."""
        with parts.sessions() as session:
            name = handover_store.names(session, [of.giver])[of.giver]
            receipt = sts_store.tbp_of(session, of.id)
        return told(of, name), f"{HOME}/tbp/{receipt.id}" if receipt else HOME

    return after


def _home(routes: Blueprint, parts: Parts) -> None:
    @routes.get("")
    @needs(*READERS)
    def home() -> str:
        now = parts.clock.now()
        with parts.sessions() as session:
            waiting = handover_store.waiting(session, OFFICE)
            slips = sts_store.under_way(session)
            receipts = sts_store.open_tbps(session)
            late = _lateness(registry.collective_leave(session), business_day(now))
            return render_template(
                "deposits/desk.html", waiting=waiting, slips=slips, receipts=receipts, late=late,
                names=handover_store.names(session, [of.giver for of in waiting]),
                balances=balance_store.balances(session, now), party=Party, sts_text=STS_TEXT,
                sts_tone=STS_TONE, may=g.actor.role is Role.TREASURER,
            )  # fmt: skip


def _lateness(leave: frozenset[date], today: date) -> Callable[[date], int]:
    """How many working days late something received on a day is, while it is not paid in."""
    return lambda received_on: days_late(deposit_due(received_on, leave), today, leave)


def _handovers(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/handovers")
    @needs(*READERS)
    def handovers() -> str | Response:
        filters = (HANDOVER_STATE, FROM, TO)
        ask = read_ask(request, HANDOVERS, filters, "-given_at")
        with parts.sessions() as session:
            of = lists_store.handovers(asked(ask))
            rows, total = of.part(session, ask.offset, ask.limit)
        empty = (
            "Belum ada serah terima. Juru parkir menyetor dari ponselnya setelah menutup giliran."
        )
        found = Listing(HANDOVERS, rows, total, ask, filters, empty)
        if ask.wants_csv:
            return found.csv("serah-terima")
        return render_template(
            "deposits/list.html", found=found, title="Serah terima", english="Handovers",
            intro="Dua jumlah di tiap langkah: kata pemberi, dan hitungan penerima.",
        )  # fmt: skip

    @routes.get(f"/handovers/{AN_ID}")
    @needs(*READERS)
    def handover(number: int) -> str:
        with parts.sessions() as session:
            of = handover_store.one(session, number)
            return render_template(
                "deposits/handover.html", of=of, items=handover_store.items(session, number),
                events=handover_store.events(session, number),
                names=handover_store.names(session, [of.giver, of.receiver]),
                receipt=sts_store.tbp_of(session, number), text=STANDING_TEXT, tone=STANDING_TONE,
                letter=None if of.assignment_id is None
                else registry.assignment(session, of.assignment_id).letter,
                party=Party,
            )  # fmt: skip


def _receipts(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/tbp")
    @needs(*READERS)
    def receipts() -> str | Response:
        filters = (TBP_STATE, FROM, TO)
        ask = read_ask(request, TBPS, filters, "-received_on")
        today = business_day(parts.clock.now())
        with parts.sessions() as session:
            of = lists_store.tbps(asked(ask), today, registry.collective_leave(session))
            rows, total = of.part(session, ask.offset, ask.limit)
        empty = "Belum ada TBP. Bendahara menghitung setoran, lalu TBP terbit."
        found = Listing(TBPS, rows, total, ask, filters, empty)
        if ask.wants_csv:
            return found.csv("tbp")
        return render_template(
            "deposits/list.html", found=found, title="TBP", english="Receipts",
            intro="Tanda Bukti Pembayaran: satu untuk tiap penerimaan bendahara.",
        )  # fmt: skip

    @routes.get(f"/tbp/{AN_ID}")
    @needs(*READERS)
    def receipt(number: int) -> str:
        with parts.sessions() as session:
            tbp = sts_store.tbp(session, number)
            of = handover_store.one(session, tbp.handover_id)
            return render_template(
                "deposits/tbp.html", tbp=tbp, of=of,
                items=lists_store.sources(session, of.id),
                names=handover_store.names(session, [of.giver, of.receiver]),
                slips=sts_store.slips_of(session, number), sts_text=STS_TEXT, sts_tone=STS_TONE,
                due=deposit_due(tbp.received_on, registry.collective_leave(session)),
                party=Party,
            )  # fmt: skip
