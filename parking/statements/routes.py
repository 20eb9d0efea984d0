"""/finance: take in a gateway's settlement file, and what became of every attempt."""

import hashlib
from datetime import datetime

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from parking.access.policy import Role, needs
from parking.errors import BadInput, Conflict, NotFound
from parking.gateways.mapping_parts import BadMapping, NamedMapping
from parking.gateways.protocol import Gateway
from parking.gateways.report_mapping import Mapping
from parking.pages.answers import as_it_came
from parking.pages.listing import Choice, Column, DayChoice, Listing, read_ask
from parking.parts import Parts
from parking.statements import lists_store, store
from parking.statements.look import look
from parking.statements.preview import Preview, refused
from parking.statements.read_file import ADAPTER, mapping_for
from parking.statements.settlement import totals
from parking.statements.store import Draft
from parking.statements.take_in import Attempt, take_in
from parking.statements.upload import draft_in_form, printable
from parking.statements.words import FORESEEN, OUTCOME_TEXT, OUTCOME_TONE

MAY_UPLOAD = (Role.FINANCE, Role.TREASURER)
MAY_READ = (*MAY_UPLOAD, Role.AUDITOR, Role.ADMIN)
LARGEST_UPLOAD = 24 * 1024 * 1024  # bytes; larger files go into the watched folder


def _figure(key: str, title: str, english: str, kind: str = "rupiah") -> Column:
    return Column(key, title, english, kind, sorts=False)


ATTEMPTS = (
    Column("at", "Waktu", "Time", "moment", href=lambda i: f"/finance/imports/{i.id}", sorts=False),
    Column("file_name", "Berkas", "File", sorts=False),
    Column("door", "Gerbang", "Gateway", sorts=False),
    Column("report_day", "Hari laporan", "Report day", "day", sorts=False),
    Column("version", "Versi", "Version", "count", sorts=False),
    Column("outcome_text", "Hasil", "Outcome", sorts=False,
           tone=lambda i: "secondary" if i.superseded_by else OUTCOME_TONE[i.outcome]),
    _figure("line_count", "Baris", "Lines", "count"),
    _figure("gross", "Bruto", "Gross"), _figure("net", "Bersih", "Net"),
    Column("actor", "Oleh", "By", sorts=False),
)  # fmt: skip
LINES = (
    _figure("number", "Baris", "Line", "count"),
    Column("kind_text", "Jenis", "Kind", sorts=False),
    Column("ours", "Tagihan", "Charge", href=lambda s: f"/audit/charges?q={s.ours}", sorts=False),
    Column("payment_ref", "Nomor di gerbang", "Gateway reference", sorts=False),
    _figure("gross", "Bruto", "Gross"), _figure("fee", "Biaya", "Fee"),
    _figure("net", "Bersih", "Net"),
    Column("paid_at", "Dibayar", "Paid", "moment", sorts=False),
    Column("settled_on", "Dibayarkan", "Settled", "day", sorts=False),
)  # fmt: skip
OUTCOMES = Choice("outcome", "Hasil", [("", "Semua"), *OUTCOME_TEXT.items()])


def finance(parts: Parts) -> Blueprint:
    """The finance desk."""
    routes = Blueprint(
        "finance", "parking.statements", url_prefix="/finance", template_folder="templates"
    )
    _larger_uploads(routes)
    _imports(routes, parts)
    _previews(routes, parts)
    _one_import(routes, parts)
    return routes


def _larger_uploads(routes: Blueprint) -> None:
    @routes.url_value_preprocessor
    def allow(endpoint: str | None, values: object) -> None:
        """Before anything reads the form: a settlement file is larger than any other request."""
        if endpoint == "finance.look_at":
            request.max_content_length = LARGEST_UPLOAD
            g.if_too_large = (
                "Minta ekspor per bulan atau per hari, lalu unggah satu-satu; berkas yang tidak"
                " dapat dibagi ditaruh petugas server di folder yang dipantau."
            )


def _imports(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/")
    @needs(*MAY_READ)
    def home() -> AnyResponse:
        return redirect(url_for("finance.imports"))

    @routes.get("/imports")
    @needs(*MAY_READ)
    def imports() -> str | Response:
        filters = (DayChoice("day", "Hari laporan"), OUTCOMES)
        ask = read_ask(request, ATTEMPTS, filters)
        rows = lists_store.attempts(ask.day("day"), ask.chosen["outcome"])
        with parts.sessions() as session:
            lines, total = rows.part(session, ask.offset, ask.limit)
            accounts = lists_store.accounts(session)
        listing = Listing(ATTEMPTS, lines, total, ask, filters, "Belum ada berkas yang diimpor.")
        if ask.wants_csv:
            return listing.csv("imports")
        return render_template(
            "finance/imports.html", of=listing, accounts=accounts,
            may_upload=g.actor.role in MAY_UPLOAD, ways=_ways(parts),
        )  # fmt: skip

    @routes.post("/imports")
    @needs(*MAY_UPLOAD)
    def accept() -> AnyResponse:
        """Take in the bytes that were previewed, by the mapping they were previewed with."""
        now = parts.clock.now()
        with parts.sessions() as session:
            kept = store.draft(session, draft_in_form(request.form), g.actor.label, now)
        mapping = _mapping(parts, kept, request.form.get("mapping", ""))
        if request.form.get("seen", "") != _seen(kept, mapping):
            raise Conflict("Pemetaan sudah diubah sejak pratinjau: lihat pratinjau lagi")
        taken = take_in(parts.sessions, _gateway(parts, kept), _attempt(kept, now), mapping)
        with parts.sessions.begin() as session:
            store.drop_draft(session, kept.id)
        if len(taken) > 1:  # one for each day: the newest of the list
            return redirect(url_for("finance.imports"), 303)
        return redirect(url_for("finance.one_import", number=taken[0].id), 303)


def _previews(routes: Blueprint, parts: Parts) -> None:
    @routes.post("/imports/previews")
    @needs(*MAY_UPLOAD)
    def look_at() -> AnyResponse:
        """Keep a file for a while, to be looked at."""
        file = request.files.get("file")
        if file is None or not file.filename:
            raise BadInput("Pilih berkas dulu", {"file": "belum dipilih"})
        gateway, _, account = request.form.get("account", "").partition("/")
        if parts.gateways.find(gateway, account) is None:
            raise NotFound(f"Tidak ada akun {account[:40]} pada gerbang {gateway[:40]}")
        content = file.read()
        with parts.sessions.begin() as session:
            number = store.keep_draft(
                session, parts.clock.now(), g.actor.label, gateway=gateway, account=account,
                file_name=printable(file.filename), content=content,
                sha256=hashlib.sha256(content).hexdigest(),
            )  # fmt: skip
        chosen = request.form.get("mapping", "") or None
        return redirect(url_for("finance.preview", number=number, mapping=chosen), 303)

    @routes.get("/imports/previews/<int:number>")
    @needs(*MAY_UPLOAD)
    def preview(number: int) -> str:
        """How a file is understood; nothing of it is stored."""
        now = parts.clock.now()
        with parts.sessions() as session:
            kept = store.draft(session, number, g.actor.label, now)
        chosen = request.args.get("mapping", "")
        seen, proof = _looked(parts, kept, chosen, now)
        return render_template(
            "finance/preview.html", seen=seen, kept=kept, chosen=chosen, ways=_ways(parts),
            proof=proof, outcomes=FORESEEN, totals=totals,
        )  # fmt: skip


def _looked(parts: Parts, kept: Draft, chosen: str, now: datetime) -> tuple[Preview, str]:
    """The preview, and what its acceptance must show to be of the same bytes and mapping."""
    try:
        mapping = _mapping(parts, kept, chosen)
    except BadMapping as error:
        return refused(chosen, str(error), error.problems), ""
    seen = look(parts.sessions, _gateway(parts, kept), _attempt(kept, now), mapping)
    return seen, _seen(kept, mapping)


def _ways(parts: Parts) -> list[tuple[str, str]]:
    """How a file may be read: as the account has it, as its adapter does, or by a mapping."""
    own = [("", "Sesuai akun (otomatis)"), (ADAPTER, "Cara gerbang sendiri")]
    return own + [(name, name) for name in parts.mappings.names()]


def _mapping(parts: Parts, kept: Draft, chosen: str) -> NamedMapping[Mapping] | None:
    return mapping_for(parts.mappings, kept.gateway, kept.account, chosen or None)


def _seen(kept: Draft, mapping: NamedMapping[Mapping] | None) -> str:
    return f"{kept.sha256}.{mapping.sha256 if mapping is not None else ADAPTER}"


def _gateway(parts: Parts, kept: Draft) -> Gateway:
    found = parts.gateways.find(kept.gateway, kept.account)
    if found is None:
        raise NotFound(f"Tidak ada akun {kept.account} pada gerbang {kept.gateway}")
    return found


def _attempt(kept: Draft, now: datetime) -> Attempt:
    return Attempt(kept.gateway, kept.account, kept.file_name, kept.content, g.actor.label, now)


def _one_import(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/imports/<int:number>")
    @needs(*MAY_READ)
    def one_import(number: int) -> str | Response:
        ask = read_ask(request, LINES)
        with parts.sessions() as session:
            taken = store.import_by_id(session, number)
            newer = lists_store.superseded_by(session, number)
            lines, total = lists_store.lines_of(number).part(session, ask.offset, ask.limit)
        listing = Listing(LINES, lines, total, ask)
        if ask.wants_csv:
            return listing.csv(f"import-{number}")
        return render_template(
            "finance/import.html", taken=taken, newer=newer, of=listing,
            outcome_text=OUTCOME_TEXT[taken.outcome], tone=OUTCOME_TONE[taken.outcome],
        )  # fmt: skip

    @routes.get("/imports/<int:number>/file")
    @needs(*MAY_READ)
    def file(number: int) -> Response:
        """The file as it came, byte for byte."""
        with parts.sessions() as session:
            taken = store.import_by_id(session, number)
            content = lists_store.content(session, number)
        return as_it_came(content, taken.file_name)
