"""/finance/statements: take in a bank's statement, and see what came of it and what is missing."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from parking.access.policy import Role, needs
from parking.business_day import LAST_DAY, business_day
from parking.errors import BadInput, Conflict, FileRefused
from parking.gateways.mapping_parts import BadMapping
from parking.pages.answers import as_it_came
from parking.pages.listing import Choice, Column, DayChoice, Listing, read_ask
from parking.parts import Parts
from parking.registry.store import collective_leave
from parking.statements import bank_lists_store, bank_store, calendar, store
from parking.statements.calendar import Month
from parking.statements.expected_store import expected_files
from parking.statements.look_at_statement import StatementPreview, look
from parking.statements.read_statement import LARGEST, Way, way_of
from parking.statements.store import Draft
from parking.statements.take_in_statement import Attempt, take_in
from parking.statements.upload import draft_in_form, printable
from parking.statements.words import FORESEEN, FORMAT_TEXT, OUTCOME_TEXT, OUTCOME_TONE

MAY_UPLOAD = (Role.FINANCE, Role.TREASURER)
MAY_READ = (*MAY_UPLOAD, Role.AUDITOR, Role.ADMIN)
MULTIPART = 64 * 1024  # bytes of a form around its file
DRAFT = "statement"  # stands where the draft of a settlement file names its gateway

ATTEMPTS = (
    Column("at", "Waktu", "Time", "moment", href=lambda s: f"/finance/statements/{s.id}",
           sorts=False),
    Column("file_name", "Berkas", "File", sorts=False),
    Column("account", "Rekening", "Account", sorts=False,
           href=lambda s: f"/finance/statements/accounts/{s.account}"),
    Column("from_day", "Dari", "From", "day", sorts=False),
    Column("to_day", "Sampai", "To", "day", sorts=False),
    Column("outcome_text", "Hasil", "Outcome", sorts=False, tone=lambda s: OUTCOME_TONE[s.outcome]),
    Column("line_count", "Baris", "Lines", "count", sorts=False),
    Column("added", "Baru", "New", "count", sorts=False),
    Column("closing", "Saldo akhir", "Closing", "rupiah", sorts=False),
    Column("actor", "Oleh", "By", sorts=False),
)  # fmt: skip
LINES = (
    Column("number", "Baris", "Line", "count", sorts=False),
    Column("booked_on", "Tanggal", "Booked", "day", sorts=False),
    Column("text", "Keterangan", "Text", "long", sorts=False),
    Column("reference", "Rujukan bank", "Reference", "code", sorts=False),
    Column("amount", "Jumlah", "Amount", "rupiah", sorts=False),
    Column("balance", "Saldo", "Balance", "rupiah", sorts=False),
)  # fmt: skip
OUTCOMES = Choice("outcome", "Hasil · Outcome", [("", "Semua"), *OUTCOME_TEXT.items()])


def statement_desk(parts: Parts) -> Blueprint:
    """The pages of bank statements."""
    routes = Blueprint(
        "statements", "parking.statements", url_prefix="/finance/statements",
        template_folder="templates",
    )  # fmt: skip
    _larger_uploads(routes)
    _list(routes, parts)
    _previews(routes, parts)
    _accept(routes, parts)
    _one(routes, parts)
    _account(routes, parts)
    _calendar(routes, parts)
    return routes


def _larger_uploads(routes: Blueprint) -> None:
    @routes.url_value_preprocessor
    def allow(endpoint: str | None, values: object) -> None:
        """Before anything reads the form: a statement is larger than any other request."""
        if endpoint == "statements.look_at":
            request.max_content_length = LARGEST + MULTIPART
            g.if_too_large = "Minta ekspor per bulan atau per hari, lalu unggah satu-satu."


def _list(routes: Blueprint, parts: Parts) -> None:
    @routes.get("")
    @needs(*MAY_READ)
    def statements() -> str | Response:
        with parts.sessions() as session:
            accounts = bank_store.accounts(session)
            codes = [("", "Semua"), *((a.code, a.code) for a in accounts)]
            filters = (
                DayChoice("day", "Memuat hari · Of day"), OUTCOMES,
                Choice("account", "Rekening · Account", codes),
            )  # fmt: skip
            ask = read_ask(request, ATTEMPTS, filters)
            rows = bank_lists_store.attempts(
                ask.chosen["account"], ask.chosen["outcome"], ask.day("day")
            )
            lines, total = rows.part(session, ask.offset, ask.limit)
        empty = "Belum ada rekening koran yang diterima."
        listing = Listing(ATTEMPTS, lines, total, ask, filters, empty)
        if ask.wants_csv:
            return listing.csv("rekening-koran")
        return render_template(
            "finance/statements.html", of=listing, accounts=accounts, ways=_ways(parts),
            may_upload=g.actor.role in MAY_UPLOAD, is_admin=g.actor.role is Role.ADMIN,
        )  # fmt: skip


def _ways(parts: Parts) -> list[tuple[str, str]]:
    """How a file may be read: as it looks, in a form that needs no mapping, or by a mapping."""
    forms = [(form, FORMAT_TEXT[form]) for form in ("mt940", "camt053")]
    named = [(name, f"Pemetaan {name}") for name in parts.statement_mappings.names()]
    return [("", "Otomatis"), *forms, *named]


def _previews(routes: Blueprint, parts: Parts) -> None:
    @routes.post("/previews")
    @needs(*MAY_UPLOAD)
    def look_at() -> AnyResponse:
        """Keep a file for a while, to be looked at."""
        file = request.files.get("file")
        if file is None or not file.filename:
            raise BadInput("Pilih berkas dulu", {"file": "belum dipilih"})
        content = file.read()
        with parts.sessions.begin() as session:
            account = bank_store.account(session, request.form.get("account", ""))
            number = store.keep_draft(
                session, parts.clock.now(), g.actor.label, gateway=DRAFT, account=account.code,
                file_name=printable(file.filename), content=content,
                sha256=hashlib.sha256(content).hexdigest(),
            )  # fmt: skip
        chosen = request.form.get("way", "") or None
        return redirect(url_for("statements.preview", number=number, way=chosen), 303)

    @routes.get("/previews/<int:number>")
    @needs(*MAY_UPLOAD)
    def preview(number: int) -> str:
        """How a file is understood; nothing of it is stored."""
        now, chosen = parts.clock.now(), request.args.get("way", "")
        kept = _kept(parts, number, now)
        seen, proof = _looked(parts, kept, chosen, now)
        return render_template(
            "finance/statement_preview.html", seen=seen, kept=kept, chosen=chosen,
            ways=_ways(parts), proof=proof, outcome=FORESEEN[seen.outcome],
        )  # fmt: skip


def _kept(parts: Parts, number: int, now: datetime) -> Draft:
    with parts.sessions() as session:
        kept = store.draft(session, number, g.actor.label, now)
    if kept.gateway != DRAFT:
        raise Conflict("Pratinjau ini milik berkas settlement; pilih berkas lagi")
    return kept


def _looked(parts: Parts, kept: Draft, chosen: str, now: datetime) -> tuple[StatementPreview, str]:
    """The preview, and what its acceptance must show to be of the same bytes, read the same way."""
    try:
        way = _way(parts, kept, chosen)
    except (BadMapping, FileRefused) as error:
        return StatementPreview(refusal=str(error), reasons=error.problems), ""
    return look(parts.sessions, _attempt(parts, kept, way, now), way.mapping), _seen(kept, way)


def _way(parts: Parts, kept: Draft, chosen: str) -> Way:
    return way_of(parts.statement_mappings, chosen, kept.content, kept.file_name, kept.account)


def _attempt(parts: Parts, kept: Draft, way: Way, now: datetime) -> Attempt:
    with parts.sessions() as session:
        account = bank_store.account(session, kept.account)
    return Attempt(account, way.format, kept.file_name, kept.content, g.actor.label, now)


def _seen(kept: Draft, way: Way) -> str:
    return f"{kept.sha256} {way.said}"


def _accept(routes: Blueprint, parts: Parts) -> None:
    @routes.post("")
    @needs(*MAY_UPLOAD)
    def accept() -> AnyResponse:
        """Take in the bytes that were previewed, in the way in which they were previewed."""
        now = parts.clock.now()
        kept = _kept(parts, draft_in_form(request.form), now)
        way = _way(parts, kept, request.form.get("way", ""))
        if request.form.get("seen", "") != _seen(kept, way):
            raise Conflict("Pemetaan sudah diubah sejak pratinjau: lihat pratinjau lagi")
        taken = take_in(parts.sessions, _attempt(parts, kept, way, now), way.mapping)
        with parts.sessions.begin() as session:
            store.drop_draft(session, kept.id)
        return redirect(url_for("statements.one", number=taken.id), 303)


def _one(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/<int:number>")
    @needs(*MAY_READ)
    def one(number: int) -> str | Response:
        ask = read_ask(request, LINES)
        with parts.sessions() as session:
            taken = bank_store.statement(session, number)
            account = bank_store.account_by_id(session, taken.account_id)
            lines, total = bank_lists_store.lines_of(number).part(session, ask.offset, ask.limit)
        listing = Listing(LINES, lines, total, ask)
        if ask.wants_csv:
            return listing.csv(f"rekening-koran-{number}")
        return render_template(
            "finance/statement.html", taken=taken, account=account, of=listing,
            outcome_text=OUTCOME_TEXT[taken.outcome], tone=OUTCOME_TONE[taken.outcome],
            format_text=FORMAT_TEXT[taken.format],
        )  # fmt: skip

    @routes.get("/<int:number>/file")
    @needs(*MAY_READ)
    def file(number: int) -> Response:
        """The file as it came, byte for byte."""
        with parts.sessions() as session:
            taken = bank_store.statement(session, number)
            content = bank_lists_store.content(session, number)
        return as_it_came(content, taken.file_name)


def _account(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/accounts/<code>")
    @needs(*MAY_READ)
    def account(code: str) -> str:
        """One account: how far its statements reach, and of which days there is none."""
        today = business_day(parts.clock.now())
        with parts.sessions() as session:
            found = bank_store.account(session, code)
            reach = bank_store.chain(session, found.id, LAST_DAY)
            first = calendar.month_in(request.args.get("month", ""), today)
            months = _months(session, first, today, [found.source])
        return render_template(
            "finance/bank_account.html", account=found, reach=reach, months=months,
            **_around(first, today),
        )  # fmt: skip


def _calendar(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/calendar")
    @needs(*MAY_READ)
    def files() -> str:
        """Every file that is expected in a month, of gateways and banks."""
        today = business_day(parts.clock.now())
        first = calendar.month_in(request.args.get("month", ""), today)
        with parts.sessions() as session:
            months = _months(session, first, today)
        return render_template("finance/calendar.html", months=months, **_around(first, today))


def _around(first: date, today: date) -> dict[str, object]:
    return {
        "first": first, "earlier": calendar.before(first), "later": calendar.after(first),
        "has_later": calendar.after(first) <= today, "State": calendar.State,
        "may_explain": g.actor.role in MAY_UPLOAD,
    }  # fmt: skip


def _months(session: Session, first: date, today: date, wanted: Sequence[str] = ()) -> list[Month]:
    """A month of each source that is wanted, or of every one of which anything is expected."""
    days = calendar.days_of(first)
    files = expected_files(session, days, collective_leave(session))
    covered = {
        account.source: bank_store.covered_days(session, account.id, days[0], days[-1])
        for account in bank_store.accounts(session)
    }
    sources = wanted or sorted({file.source for file in files})
    return [
        calendar.month_of(
            source, first, today, {f.day: f for f in files if f.source == source},
            covered.get(source, ()),
        )
        for source in sources
    ]  # fmt: skip
