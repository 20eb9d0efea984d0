"""The payer's app, as a page: read a code, see to whom and how much, choose a wallet, pay.

It moves no money and knows no person, so its forms carry no CSRF token.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from parking.money import read_rupiah
from parking.qris.payload import Inspection, inspect
from parking.sandbox import change
from parking.sandbox.fault_words import title_of
from parking.sandbox.parts import SandboxParts
from parking.sandbox.pictures import NoQr, read_picture
from parking.sandbox.transactions import PENDING, Refusal, Transaction

PICTURE_LIMIT = 12 * 1024 * 1024

# What the payer sees → how the issuer is called in a notification.
WALLETS = {
    "GoPay": "gopay",
    "DANA": "dana",
    "OVO": "ovo",
    "ShopeePay": "airpay shopee",
    "LinkAja": "linkaja",
    "BCA mobile": "bca",
    "BRImo": "bri",
    "Livin' by Mandiri": "mandiri",
    "BSI Mobile": "bsi",
    "Bank Jambi Mobile": "bank jambi",
}

WHY_NOT = {
    406: "QR ini sudah dibayar. · This QR has already been paid.",
    407: "QR ini sudah kedaluwarsa. Minta QR baru. · This QR has expired; ask for a new one.",
    412: "QR ini sudah dibatalkan. Minta QR baru. · This QR was cancelled; ask for a new one.",
}


class NotPayable(Exception):
    """Why this code cannot be paid here, in Indonesian and English."""


def payer(parts: SandboxParts) -> Blueprint:
    routes = Blueprint("payer", __name__, url_prefix="/payer")

    @routes.get("")
    def start() -> Response:
        """?qr=: straight to the confirmation of that code."""
        text = request.args.get("qr", "")
        return _confirm(parts, text) if text else _form()

    @routes.post("")
    def read() -> Response:
        request.max_content_length = PICTURE_LIMIT
        picture = request.files.get("picture")
        if picture is None or not picture.filename:
            return _confirm(parts, request.form.get("qr", ""))
        try:
            return _confirm(parts, read_picture(picture.read()))
        except NoQr as why:
            return _form(str(why))

    @routes.post("/pay")
    def pay() -> AnyResponse:
        return _pay(parts, request.form.get("qr", ""), request.form.get("wallet", ""))

    @routes.get("/paid/<theirs>")
    def paid(theirs: str) -> Response:
        return _paid(parts, theirs)

    return routes


def _form(problem: str = "", text: str = "") -> Response:
    page = render_template("payer/form.html", problem=problem, text=text)
    return make_response(page, 422 if problem else 200)


def _confirm(parts: SandboxParts, text: str, problem: str = "") -> Response:
    text = text.strip()
    try:
        found = _payable(parts, text)
    except NotPayable as why:
        return _form(str(why), text)
    verdict = inspect(text)
    page = render_template(
        "payer/confirm.html",
        text=text,
        provider=title_of(found.gateway),
        fields=verdict.fields,
        amount=read_rupiah(verdict.fields["amount"]),
        expires_at=found.expires_at,
        wallets=WALLETS,
        problem=problem,
    )
    return make_response(page, 422 if problem else 200)


def _pay(parts: SandboxParts, text: str, wallet: str) -> AnyResponse:
    if wallet not in WALLETS:
        return _confirm(parts, text, "Pilih dompet atau bank. · Choose a wallet or bank.")
    try:
        found = _payable(parts, text)
        paid = change.pay(parts, found, change.Payment(WALLETS[wallet]), parts.now())
    except NotPayable as why:
        return _form(str(why), text)
    except Refusal as why:
        return _form(WHY_NOT.get(why.code, why.message), text)
    return redirect(url_for("payer.paid", theirs=paid.transaction_id), 303)


def _paid(parts: SandboxParts, theirs: str) -> Response:
    found = parts.state.find(theirs)
    if found is None or found.paid_at is None:
        return _form("Pembayaran ini tidak ada. · There is no such payment.")
    names = {issuer: wallet for wallet, issuer in WALLETS.items()}
    page = render_template(
        "payer/paid.html",
        paid=found,
        provider=title_of(found.gateway),
        merchant=parts.merchant_of(found),
        wallet=names.get(found.issuer, found.issuer),
    )
    return make_response(page)


def _payable(parts: SandboxParts, text: str) -> Transaction:
    """The open transaction of a code, judged as a payer's app would. Raises NotPayable."""
    verdict = inspect(text)
    if not text.strip():
        raise NotPayable("Tempel isi QR atau pilih gambar. · Paste a payload or choose a picture.")
    if not verdict.ok:
        raise NotPayable(
            f"Ini bukan QRIS yang sah: {'; '.join(verdict.errors)}. · This is not a valid QRIS."
        )
    found = parts.state.by_label(verdict.fields.get("bill_number", ""))
    if found is None or found.qr_text != text.strip():
        raise NotPayable(_whose(verdict))
    current = change.find(parts, found.transaction_id, parts.now()) or found
    if current.status != PENDING:
        code = {"expire": 407, "cancel": 412}.get(current.status, 406)
        raise NotPayable(WHY_NOT[code])
    return current


def _whose(verdict: Inspection) -> str:
    name, city = verdict.fields["merchant_name"], verdict.fields["city"]
    return (
        f"QR ini milik {name}, {city}, dan tidak dibuat oleh gerbang uji ini; tidak dapat dibayar"
        " di sini. · This QR was not issued by this sandbox and cannot be paid here."
    )
