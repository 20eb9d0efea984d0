"""The payer's page: what it reads, what it shows, what it refuses."""

import io
import re

import pytest
import requests
from parking.qris import symbol
from parking.qris.payload import build, crc
from PIL import Image, ImageFilter


@pytest.fixture
def page(sandbox):
    class Page:
        def open(self, **query):
            return requests.get(f"{sandbox.url}/payer", params=query, timeout=10)

        def upload(self, content, name="qr.png"):
            files = {"picture": (name, content)}
            return requests.post(f"{sandbox.url}/payer", files=files, timeout=10)

        def pay(self, qr, wallet="DANA"):
            form = {"qr": qr, "wallet": wallet}
            return requests.post(f"{sandbox.url}/payer/pay", data=form, timeout=10)

    return Page()


@pytest.fixture
def qr(api):
    return api.charge("P-1", 3_000, custom_field1="PSR-01")["qr_string"]


def photo(qr, size=900):
    """The code as a phone's camera sees it: small in the frame, turned, not sharp, JPEG."""
    code = Image.open(io.BytesIO(symbol.png(qr))).convert("L")
    code = code.resize((size // 2, size // 2)).rotate(7, expand=True, fillcolor=255)
    frame = Image.new("L", (size, size * 4 // 3), 170)
    frame.paste(code, (size // 4, size // 3))
    out = io.BytesIO()
    frame.filter(ImageFilter.GaussianBlur(1)).save(out, "JPEG", quality=70)
    return out.getvalue()


def test_a_link_shows_to_whom_and_how_much(page, qr):
    shown = page.open(qr=qr)

    assert shown.status_code == 200
    for text in (
        "PEMKOT JAMBI PARKIR",
        "KOTA JAMBI",
        "PSR-01",
        "Rp3.000",
        "GoPay",
        "DANA",
        "Midtrans",
    ):
        assert text in shown.text


@pytest.mark.parametrize("draw", [symbol.png, photo])
def test_a_picture_shows_the_same(page, qr, draw):
    shown = page.upload(draw(qr))

    assert shown.status_code == 200
    assert "PEMKOT JAMBI PARKIR" in shown.text


def test_paying_settles_the_transaction_and_shows_a_receipt(page, qr, api, sandbox):
    receipt = page.pay(qr, "Bank Jambi Mobile")

    assert receipt.status_code == 200
    assert re.search(r"/payer/paid/[0-9a-f-]{36}$", receipt.url)
    assert "Pembayaran berhasil" in receipt.text
    assert "Midtrans" in receipt.text
    status = api.get("P-1/status").json()
    assert (status["transaction_status"], status["issuer"]) == ("settlement", "bank jambi")
    assert sandbox.transactions("P-1")[0]["rrn"] in receipt.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a picture", "bukan gambar"),
        (b"", "bukan gambar"),
        (symbol.png("HTTPS://EXAMPLE.ID"), "bukan QRIS yang sah"),
    ],
)
def test_a_bad_picture_is_refused_with_a_reason(page, content, words):
    answer = page.upload(content)

    assert answer.status_code == 422
    assert words in answer.text


def test_a_picture_without_a_code_is_refused(page):
    out = io.BytesIO()
    Image.new("L", (300, 300), 200).save(out, "PNG")

    answer = page.upload(out.getvalue())

    assert (answer.status_code, "Tidak ada kode QR" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("sealed_anew", "words"), [(False, "bukan QRIS yang sah"), (True, "tidak dapat dibayar")]
)
def test_what_was_altered_is_not_paid(page, qr, sandbox, sealed_anew, words):
    altered = qr.replace("54043000", "54042000")
    if sealed_anew:
        altered = altered[:-4] + crc(altered[:-4])

    assert words in page.pay(altered).text
    assert sandbox.transactions("P-1")[0]["status"] == "pending"


def test_a_strangers_code_is_named_and_not_paid(page):
    theirs = build(
        merchant_name="TOKO LAIN", city="JAMBI", postal_code="36123", nmid="ID9990000000999",
        acquirer_guid="ID.CO.LAIN.WWW", merchant_pan="936009990000000999",
    )  # fmt: skip

    answer = page.open(qr=theirs)

    assert answer.status_code == 422
    assert "QR ini milik TOKO LAIN, JAMBI" in answer.text


def test_a_code_is_paid_once(page, qr):
    page.pay(qr)

    answer = page.pay(qr)

    assert (answer.status_code, "sudah dibayar" in answer.text) == (422, True)


def test_a_code_that_has_ended_is_not_paid(page, qr, clock):
    clock.forward(minutes=15)

    assert "kedaluwarsa" in page.pay(qr).text


def test_an_unknown_wallet_is_refused(page, qr):
    assert page.pay(qr, "<script>").status_code == 422


def test_the_page_runs_no_script_and_names_nothing_foreign(page, qr):
    shown = page.open(qr=qr)

    assert "script-src 'self'" in shown.headers["Content-Security-Policy"]
    assert not re.search(r"<script|style=|\son\w+=|https?://(?!127)", shown.text)
