"""/finance: take in a gateway's settlement file, and what became of every attempt."""

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from parking.access.policy import Role, needs
from parking.errors import BadInput, NotFound
from parking.pages.listing import Choice, Column, DayChoice, Listing, read_ask
from parking.parts import Parts
from parking.statements import lists_store, store
from parking.statements.read_file import mapping_for
from parking.statements.store import Import
from parking.statements.take_in import Attempt, take_in
from parking.statements.words import OUTCOME_TEXT

MAY_UPLOAD = (Role.FINANCE, Role.TREASURER)
MAY_READ = (*MAY_UPLOAD, Role.AUDITOR, Role.ADMIN)
LARGEST_UPLOAD = 24 * 1024 * 1024  # bytes; larger files go into the watched folder

_TONE = {"accepted": "success", "duplicate": "secondary", "rejected": "danger"}


def _figure(key: str, title: str, english: str, kind: str = "rupiah") -> Column:
    return Column(key, title, english, kind, sorts=False)


ATTEMPTS = (
    Column("at", "Waktu", "Time", "moment", href=lambda i: f"/finance/imports/{i.id}", sorts=False),
    Column("file_name", "Berkas", "File", sorts=False),
    Column("door", "Gerbang", "Gateway", sorts=False),
    Column("report_day", "Hari laporan", "Report day", "day", sorts=False),
    Column("version", "Versi", "Version", "count", sorts=False),
    Column("outcome_text", "Hasil", "Outcome", sorts=False,
           tone=lambda i: "secondary" if i.superseded_by else _TONE[i.outcome]),
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
    _one_import(routes, parts)
    return routes


def _larger_uploads(routes: Blueprint) -> None:
    @routes.url_value_preprocessor
    def allow(endpoint: str | None, values: object) -> None:
        """Before anything reads the form: a settlement file is larger than any other request."""
        if endpoint == "finance.upload":
            request.max_content_length = LARGEST_UPLOAD


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
        may_upload = g.actor.role in MAY_UPLOAD
        return render_template(
            "finance/imports.html", of=listing, accounts=accounts, may_upload=may_upload
        )

    @routes.post("/imports")
    @needs(*MAY_UPLOAD)
    def upload() -> AnyResponse:
        taken = _take_in(parts)
        return redirect(url_for("finance.one_import", number=taken.id), 303)


def _take_in(parts: Parts) -> Import:
    """Take in the file of this request. Raises BadInput, NotFound."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadInput("Pilih berkas dulu", {"file": "belum dipilih"})
    gateway, _, account = request.form.get("account", "").partition("/")
    found = parts.gateways.find(gateway, account)
    if found is None:
        raise NotFound(f"Tidak ada akun {account[:40]} pada gerbang {gateway[:40]}")
    # Control characters may stand in a name, but neither in the database nor in a header.
    printable = "".join(c for c in file.filename if c.isprintable())
    name = printable.replace("\\", "/").rpartition("/")[2][:200]
    attempt = Attempt(gateway, account, name, file.read(), g.actor.label, parts.clock.now())
    mapping = mapping_for(parts.mappings, gateway, account)
    return take_in(parts.sessions, found, attempt, mapping)[-1]


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
            outcome_text=OUTCOME_TEXT[taken.outcome], tone=_TONE[taken.outcome],
        )  # fmt: skip

    @routes.get("/imports/<int:number>/file")
    @needs(*MAY_READ)
    def file(number: int) -> Response:
        """The file as it came, byte for byte."""
        with parts.sessions() as session:
            taken = store.import_by_id(session, number)
            content = lists_store.content(session, number)
        answer = Response(content, mimetype="application/octet-stream")
        answer.headers.set("Content-Disposition", "attachment", filename=taken.file_name)
        return answer
