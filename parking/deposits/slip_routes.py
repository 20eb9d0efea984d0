"""/finance/deposits/sts: deposit slips, from the draft to the bank's confirmation."""

from datetime import datetime, time, timedelta

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import FIRST_DAY, LAST_DAY, business_day, day_starts, wib
from parking.deposits import deposit, lists_store, sts_store
from parking.deposits.count_routes import AN_ID, is_id
from parking.deposits.deadlines import days_late, deposit_due
from parking.deposits.forms import DraftForm, SlipForm, VoidForm
from parking.deposits.sts import MOVES, Slip, Standing, Sts, check_move
from parking.deposits.words import STS_TEXT, STS_TONE
from parking.errors import BadInput
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, DayChoice, Listing, read_ask
from parking.parts import Parts
from parking.registry import store as registry
from parking.registry.forms import accepted

HOME = "/finance/deposits"
READERS = (Role.AUDITOR, Role.FINANCE, Role.TREASURER)
TREASURY_ACCOUNT = "rkud"  # of the bank account that slips pay into

SLIPS = (
    Column("number", "STS", "Slip", "code", href=lambda row: f"{HOME}/sts/{row.id}", sorts=False),
    Column("dated", "Tanggal", "Dated", "day"),
    Column("amount", "Jumlah", "Amount", "rupiah"),
    Column("paid_in", "Disetor", "Paid in", "rupiah"),
    Column("difference", "Beda", "Difference", "rupiah", sorts=False),
    Column("paid_in_at", "Disetor pada", "Paid in at", "moment"),
    Column("bank_reference", "Referensi bank", "Bank reference", "code", sorts=False),
    Column("late", "Terlambat", "Working days late", "count", sorts=False),
    Column("standing_text", "Keadaan", "State", tone=lambda row: STS_TONE[row.standing]),
)  # fmt: skip
FILTERS = (
    Choice(
        "state", "Tampilkan · Show",
        [("", "Semua"), ("open", "Belum tervalidasi"),
         ("in_force", "Terbit, tidak batal"),
         *((s.value, t) for s, t in STS_TEXT.items())],
    ),
    DayChoice("from", "Dari hari · From"),
    DayChoice("to", "Sampai hari · To"),
    DayChoice("paid_on", "Disetor hari · Paid in on"),
)  # fmt: skip


def add_slips(routes: Blueprint, parts: Parts) -> None:
    _list(routes, parts)
    _draft(routes, parts)
    _one(routes, parts)
    _steps(routes, parts)
    _pay_in(routes, parts)
    _void(routes, parts)


def _list(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/sts")
    @needs(*READERS)
    def slips() -> str | Response:
        ask = read_ask(request, SLIPS, FILTERS, "-dated")
        asked = lists_store.Ask(
            ask.chosen["state"], ask.day("from"), ask.day("to"), ask.day("paid_on"), ask.search,
            ask.sort, ask.descending,
        )  # fmt: skip
        with parts.sessions() as session:
            leave = registry.collective_leave(session)
            of = lists_store.slips(asked, business_day(parts.clock.now()), leave)
            rows, total = of.part(session, ask.offset, ask.limit)
        found = Listing(SLIPS, rows, total, ask, FILTERS, "Belum ada STS.")
        if ask.wants_csv:
            return found.csv("register-sts")
        return render_template(
            "deposits/list.html", found=found, title="Register STS", english="Deposit slips",
            intro="Surat Tanda Setoran menurut nomor. Yang batal tetap memegang nomornya.",
        )  # fmt: skip


def _draft(routes: Blueprint, parts: Parts) -> None:
    @routes.route("/sts/new", methods=["GET", "POST"])
    @needs(Role.TREASURER)
    def draft() -> Response:
        """The oldest receipts are chosen already: what came first is paid in first."""
        now, form = parts.clock.now(), DraftForm()
        with parts.sessions() as session:
            receipts = sts_store.open_tbps(session)
        if not form.is_submitted():
            form.dated.data = business_day(now)
        chosen = {int(n) for n in request.form.getlist("tbp") if is_id(n)}
        of = {tbp.id: tbp.left for tbp in receipts if tbp.id in chosen}
        made: list[Sts] = []

        def act() -> None:
            missing = dict.fromkeys(chosen - of.keys(), 1)  # in another slip by now
            with parts.sessions.begin() as session:
                made.append(
                    deposit.draft(
                        session, TREASURY_ACCOUNT, form.dated.data, of | missing,
                        form.note.data or "", g.actor.label, now,
                    )
                )  # fmt: skip

        if accepted(form, act):
            return done("Draf STS dibuat. Periksa, lalu terbitkan.", f"{HOME}/sts/{made[0].id}")
        return form_page(
            "deposits/draft.html",
            form,
            receipts=receipts,
            chosen=chosen if form.is_submitted() else {tbp.id for tbp in receipts},
        )


def _one(routes: Blueprint, parts: Parts) -> None:
    @routes.get(f"/sts/{AN_ID}")
    @needs(*READERS)
    def slip(number: int) -> str:
        today = business_day(parts.clock.now())
        with parts.sessions() as session:
            sts = sts_store.one(session, number)
            of = sts_store.parts(session, number)
            leave = registry.collective_leave(session)
            events = sts_store.events(session, number)
        due = deposit_due(min(tbp.received_on for tbp, _ in of), leave)
        paid_on = business_day(sts.paid_in_at) if sts.paid_in_at else today
        return render_template(
            "deposits/sts.html", sts=sts, parts=of, events=events, due=due,
            late=0 if sts.standing is Standing.VOID else days_late(due, paid_on, leave),
            text=STS_TEXT, tone=STS_TONE, standings=Standing, may=_may(sts),
        )  # fmt: skip


def _may(sts: Sts) -> frozenset[Standing]:
    """To where the one who looks may bring a slip."""
    if g.actor.role is Role.TREASURER:
        return MOVES[sts.standing]
    return (
        MOVES[sts.standing] & {Standing.VALIDATED} if g.actor.role is Role.FINANCE else frozenset()
    )


def _steps(routes: Blueprint, parts: Parts) -> None:
    @routes.post(f"/sts/{AN_ID}/issue")
    @needs(Role.TREASURER)
    def issue(number: int) -> Response:
        with parts.sessions.begin() as session:
            sts = deposit.issue(session, number, g.actor.label, parts.clock.now())
        return done(f"STS {sts.name} terbit. Setorkan ke bank.", f"{HOME}/sts/{number}")

    @routes.post(f"/sts/{AN_ID}/validate")
    @needs(Role.TREASURER, Role.FINANCE)
    def validate(number: int) -> Response:
        with parts.sessions.begin() as session:
            sts = deposit.validate(session, number, g.actor.label, parts.clock.now())
        return done(f"STS {sts.name} tervalidasi.", f"{HOME}/sts/{number}")


def _pay_in(routes: Blueprint, parts: Parts) -> None:
    @routes.route(f"/sts/{AN_ID}/pay-in", methods=["GET", "POST"])
    @needs(Role.TREASURER)
    def pay_in(number: int) -> Response | str:
        """The bank's paper is typed in, and looked at once more beside the slip."""
        now, form = parts.clock.now(), SlipForm()
        with parts.sessions() as session:
            sts = _that_can(session, number, Standing.PAID_IN)
        if not form.is_submitted():
            form.amount.data, form.on.data = str(sts.amount), business_day(now)
            form.at.data = wib(now).time()

        def check() -> None:
            with parts.sessions() as session:
                deposit.check(session, sts, _slip(form), now)

        def act() -> None:
            with parts.sessions.begin() as session:
                deposit.pay_in(session, number, _slip(form), g.actor.label, now)

        if form.validate_on_submit() and form.seen.data != str(form.amount.number):
            if accepted(form, check, {"at": "on"}):
                return render_template(
                    "deposits/pay_in_confirm.html", form=form, sts=sts, paid=form.amount.number,
                    at=_moment(form),
                )  # fmt: skip
        elif accepted(form, act, {"at": "on"}):
            return done(f"STS {sts.name} disetor. Validasi setelah bank menegaskan.",
                        f"{HOME}/sts/{number}")  # fmt: skip
        return form_page("deposits/pay_in.html", form, sts=sts)


def _slip(form: SlipForm) -> Slip:
    return Slip(form.amount.number, form.reference.data or "", _moment(form))


def _moment(form: SlipForm) -> datetime:
    """Raises BadInput for a year that no bank writes."""
    at: time = form.at.data
    if not FIRST_DAY <= form.on.data <= LAST_DAY:
        raise BadInput("Bukti setor belum benar", {"at": "periksa tahunnya"})
    return day_starts(form.on.data) + timedelta(hours=at.hour, minutes=at.minute)


def _void(routes: Blueprint, parts: Parts) -> None:
    @routes.route(f"/sts/{AN_ID}/void", methods=["GET", "POST"])
    @needs(Role.TREASURER)
    def void(number: int) -> Response:
        form = VoidForm()
        with parts.sessions() as session:
            sts = _that_can(session, number, Standing.VOID)

        def act() -> None:
            with parts.sessions.begin() as session:
                deposit.void(
                    session, number, form.reason.data or "", g.actor.label, parts.clock.now()
                )

        if accepted(form, act):
            return done(f"STS {sts.name} batal; TBP-nya terbuka lagi.", f"{HOME}/sts/{number}")
        return form_page("deposits/void.html", form, sts=sts)


def _that_can(session: Session, number: int, to: Standing) -> Sts:
    """Raises NotFound; Conflict, before a form is filled in for nothing."""
    sts = sts_store.one(session, number)
    check_move(sts, to)
    return sts
