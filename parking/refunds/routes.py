"""/finance/refunds: money that goes back to drivers, asked by one and approved by another."""

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.errors import NotFound
from parking.money import Rupiah, rupiah_text
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, Listing, read_ask
from parking.parts import Parts
from parking.reconciliation import chain_store
from parking.reconciliation.chain_store import DiscrepancyFacts
from parking.refunds import ask, lists_store, store
from parking.refunds.forms import RejectForm, TransferForm, UnansweredForm, WishForm
from parking.refunds.refund import (
    MOVES,
    OPEN,
    Payable,
    Reason,
    Refund,
    Standing,
    Wish,
    answers_until,
    check_move,
    check_other_person,
    check_unanswered,
    suggested,
)
from parking.refunds.words import REASON_OF_CODE, REASON_TEXT, STANDING_TEXT, STANDING_TONE
from parking.registry.forms import accepted

MAY_ASK = (Role.AUDITOR, Role.FINANCE)
MAY_DECIDE = (Role.TREASURER,)
MAY_READ = (*MAY_ASK, *MAY_DECIDE)

COLUMNS = (
    Column("requested_at", "Diajukan", "Requested", "moment",
           href=lambda row: f"/finance/refunds/{row.key}"),
    Column("standing_text", "Keadaan", "State", tone=lambda row: STANDING_TONE[row.standing]),
    Column("key", "Nomor", "Number", "code", sorts=False),
    Column("ours", "Tagihan", "Charge", "code",
           href=lambda row: f"/audit/charges/{row.ours}" if row.is_of_charge else None),
    Column("gateway", "Gerbang", "Gateway"),
    Column("amount", "Jumlah", "Amount", "rupiah"),
    Column("code", "Selisih", "Discrepancy", sorts=False),
    Column("requested_by", "Oleh", "By", sorts=False),
)  # fmt: skip
SHOW = Choice(
    "show", "Tampilkan · Show",
    [("open", "Yang berjalan"), ("", "Semua"), *((s.value, t) for s, t in STANDING_TEXT.items())],
    "open",
)  # fmt: skip


def refund_desk(parts: Parts) -> Blueprint:
    routes = Blueprint(
        "refunds", "parking.refunds", url_prefix="/finance/refunds", template_folder="templates"
    )
    _list(routes, parts)
    _new(routes, parts)
    _one(routes, parts)
    _decide(routes, parts)
    return routes


def _list(routes: Blueprint, parts: Parts) -> None:
    @routes.get("")
    @needs(*MAY_READ)
    def cases() -> str | Response:
        asked = read_ask(request, COLUMNS, (SHOW,), "-requested_at")
        rows = lists_store.refunds(
            asked.chosen["show"], asked.search, asked.sort, descending=asked.descending
        )
        with parts.sessions() as session:
            lines, total = rows.part(session, asked.offset, asked.limit)
        running = " yang berjalan" if asked.chosen["show"] else ""
        empty = f"Tidak ada pengembalian{running}. Ajukan dari halaman selisih atau tagihan."
        listing = Listing(COLUMNS, lines, total, asked, (SHOW,), empty)
        if asked.wants_csv:
            return listing.csv("pengembalian")
        return render_template("refunds/list.html", of=listing)


def _new(routes: Blueprint, parts: Parts) -> None:
    @routes.route("/new", methods=["GET", "POST"])
    @needs(*MAY_ASK)
    def new() -> Response:
        """Prefilled by ?discrepancy=<number> or ?payment=<number>: one click from either."""
        now, form = parts.clock.now(), WishForm()
        if not form.is_submitted():
            form.payment.data = request.args.get("payment", "")
            form.discrepancy.data = request.args.get("discrepancy", "")
        with parts.sessions() as session:
            led = _discrepancy(session, form.discrepancy.data)
            payable = _payable(session, form.payment.data, led)
            others = store.of_payment(session, payable.payment_id)
        if not form.is_submitted():
            _prefill(form, payable, led)
        made: list[Refund] = []

        def act() -> None:
            wish = Wish(
                payable.payment_id, form.amount.number, form.reason.data, form.note.data or "",
                led.code if led else "", led.subject if led else "",
            )  # fmt: skip
            with parts.sessions.begin() as session:
                made.append(ask.ask(session, wish, g.actor.label, now))

        if payable.left and accepted(form, act):
            return done(
                f"Pengembalian {made[0].key} diajukan. Bendahara yang memutuskan.",
                f"/finance/refunds/{made[0].key}",
            )
        return form_page(
            "refunds/new.html", form, payable=payable, led=led, others=others,
            standing_text=STANDING_TEXT, back=_back(payable, led),
            gives_back=_gives_back(parts, payable),
        )  # fmt: skip


def _prefill(form: WishForm, payable: Payable, led: DiscrepancyFacts | None) -> None:
    code, in_question = (led.code, led.amount) if led else ("", Rupiah(0))
    form.amount.data = str(suggested(payable, code, in_question))
    form.reason.data = REASON_OF_CODE.get(code, Reason.COMPLAINT).value
    form.note.data = led.explanation if led else ""


def _discrepancy(session: Session, number: str | None) -> DiscrepancyFacts | None:
    """Raises NotFound."""
    if not number:
        return None
    if not (number.isdecimal() and len(number) < 19):
        raise NotFound("Tidak ada selisih itu")
    return chain_store.discrepancy(session, int(number))


def _payable(session: Session, number: str | None, led: DiscrepancyFacts | None) -> Payable:
    """The payment that is asked about, or that a discrepancy names. Raises NotFound."""
    if number and number.isdecimal() and len(number) < 19:
        return store.payable(session, int(number))
    kind, _, name = (led.subject if led else "").partition(":")
    parts = name.split("/", 2)
    found = store.payment_named(session, *parts) if kind == "payment" and len(parts) == 3 else None
    if found is None:
        raise NotFound("Selisih ini tidak menyebut pembayaran yang dapat dikembalikan")
    return store.payable(session, found)


def _back(payable: Payable, led: DiscrepancyFacts | None) -> tuple[str, str]:
    if led is not None:
        return f"/audit/discrepancies/{led.id}", f"Selisih {led.code}"
    if payable.charge_id is None:
        return "/audit/payments", "Pembayaran"
    return f"/audit/charges/{payable.ours}", payable.ours


def _one(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/<key>")
    @needs(*MAY_READ)
    def case(key: str) -> str:
        with parts.sessions() as session:
            refund = store.by_key(session, key)
            payable = store.payable(session, refund.payment_id)
            events = store.events(session, refund.id)
        may, until = MOVES[refund.standing], answers_until(refund)
        is_owed = payable.owed(refund) >= refund.amount
        if not is_owed:
            may -= {Standing.APPROVED, Standing.TRANSFERRED}
        if g.actor.role not in MAY_DECIDE or (until and parts.clock.now() < until):
            may = frozenset()
        return render_template(
            "refunds/one.html", refund=refund, payable=payable, events=events, may=may,
            is_own=g.actor.label == refund.requested_by, until=until,
            is_approver=until is not None and g.actor.label == refund.decided_by,
            paid_on=business_day(payable.paid_at), standings=Standing,
            reason_text=REASON_TEXT, standing_text=STANDING_TEXT, tones=STANDING_TONE,
            is_owed=is_owed, is_open=refund.standing in OPEN,
            gives_back=_gives_back(parts, payable),
        )  # fmt: skip


def _decide(routes: Blueprint, parts: Parts) -> None:
    @routes.post("/<key>/approve")
    @needs(*MAY_DECIDE)
    def approve(key: str) -> Response:
        with parts.sessions.begin() as session:
            refund = ask.approve(session, key, g.actor.label, parts.clock.now())
            payable = store.payable(session, refund.payment_id)
        if not _gives_back(parts, payable):
            text = f"{refund.key} disetujui. Transfer menurut prosedur daerah, lalu catat di sini."
            return done(text, f"/finance/refunds/{key}/transfer")
        return done(f"{refund.key} disetujui; dikirim ke gerbang.", f"/finance/refunds/{key}")

    @routes.route("/<key>/reject", methods=["GET", "POST"])
    @needs(*MAY_DECIDE)
    def reject(key: str) -> Response:
        form, now = RejectForm(), parts.clock.now()
        refund = _decidable(parts, key, Standing.REJECTED)

        def act() -> None:
            with parts.sessions.begin() as session:
                ask.reject(session, key, form.why.data or "", g.actor.label, now)

        if accepted(form, act):
            return done(f"{key} tidak disetujui.", f"/finance/refunds/{key}")
        return _asked(
            form, refund, "Tolak pengembalian", "Reject", "Tolak",
            ["Tidak ada uang yang bergerak.", "Pengajuan ditutup; boleh diajukan lagi."],
        )  # fmt: skip

    @routes.route("/<key>/transfer", methods=["GET", "POST"])
    @needs(*MAY_DECIDE)
    def transfer(key: str) -> Response:
        now, refund = parts.clock.now(), _decidable(parts, key, Standing.TRANSFERRED)
        form = UnansweredForm() if refund.standing is Standing.SENT else TransferForm()

        def act() -> None:
            why = form.why.data or "" if isinstance(form, UnansweredForm) else ""
            with parts.sessions.begin() as session:
                ask.transfer(session, key, form.document.data or "", g.actor.label, now, why)

        if accepted(form, act):
            return done(f"Transfer untuk {key} dicatat.", f"/finance/refunds/{key}")
        return _asked(
            form, refund, "Catat transfer bendahara", "Refunded by transfer", "Catat transfer",
            _effects(refund),
        )  # fmt: skip


def _effects(refund: Refund) -> list[str]:
    booked = f"{rupiah_text(refund.amount)} dibukukan sebagai uang yang dikembalikan bendahara."
    twice = "Bila gerbang kemudian juga mengembalikannya, rekonsiliasi menyebutnya D36."
    if refund.standing is not Standing.SENT:
        return [booked, twice]
    return [booked, "Gerbang sudah diminta, belum menjawab, dan tetap dilihat.", twice]


def _decidable(parts: Parts, key: str, to: Standing) -> Refund:
    """A case whose form may be filled in. Raises as its decision does."""
    with parts.sessions() as session:
        refund = store.by_key(session, key)
    check_other_person(refund, g.actor.label)
    check_move(refund, to)
    if refund.standing is Standing.SENT:
        check_unanswered(refund, g.actor.label, parts.clock.now())
    return refund


def _gives_back(parts: Parts, payable: Payable) -> bool:
    """Whether its gateway refunds at all; of an account that is gone we only know that it did."""
    gateway = parts.gateways.find(payable.gateway, payable.account)
    return gateway is None or gateway.gives_back


def _asked(
    form: RejectForm | TransferForm, refund: Refund, title: str, english: str, submit: str,
    effects: list[str],
) -> Response:  # fmt: skip
    return form_page(
        "refunds/decide.html", form, title=f"{title} {refund.key}", english=english,
        back=(f"/finance/refunds/{refund.key}", refund.key), submit=submit, effects=effects,
    )  # fmt: skip
