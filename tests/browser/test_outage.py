"""The attendant's app when QRIS is out: a clear word and the cash button, within five seconds."""

import threading
import time
from contextlib import contextmanager

import pytest
from parking.charges.store import ChargeRow
from parking.payments.inquire import sweep
from parking.shifts.store import CashRow
from sqlalchemy import select

from tests.browser.test_phone import fits, opened, rows

pytestmark = [pytest.mark.browser, pytest.mark.fault("F23")]

CASH = "[data-screen=outage] [data-do=cash]"


def asks(phone):
    """Tap for a QR; the seconds until cash is offered."""
    began = time.monotonic()
    phone.click("[data-do=qris] >> nth=0")
    phone.wait_for_selector(CASH, timeout=8_000)
    return time.monotonic() - began


def instead_of(parts):
    with parts.sessions() as session:
        return session.scalars(select(CashRow.instead_of)).all()


def test_a_gateway_that_is_gone_is_a_word_and_a_cash_button(street, parts):
    phone = opened(street)
    street.sandbox.stop()
    try:
        took = asks(phone)
    finally:
        street.sandbox.start()

    assert took < 5
    assert "Terima tunai dan beri karcis" in phone.inner_text(".outage-told")
    assert fits(phone)
    phone.click(CASH)
    phone.wait_for_selector("text=Tunai Motor Rp2.000 dicatat")
    with parts.sessions() as session:
        assert instead_of(parts) == [session.scalar(select(ChargeRow.ours))]


def test_an_outage_that_is_known_is_told_at_once_and_the_next_tap_after_it_works(
    street, parts, clock
):
    phone = opened(street)
    street.sandbox.outage("midtrans", how="reset")
    for _ in range(3):
        asks(phone)
        phone.click("[data-do=next]")
        phone.wait_for_selector(".vehicles")

    took = asks(phone)

    assert took < 2
    assert "QRIS sedang gangguan." in phone.inner_text(".outage-told")
    assert phone.locator("[data-do=again]").is_hidden()  # nobody would be asked
    assert "diperiksa lagi dalam 0." in phone.inner_text("[data-later]")
    assert fits(phone)
    phone.click("[data-do=next]")
    phone.wait_for_selector("[data-outage]:visible")
    assert fits(phone)
    street.sandbox.outage("midtrans", off=True)
    clock.forward(seconds=31)
    phone.click("[data-do=qris] >> nth=0")
    phone.wait_for_selector("[data-qr] svg")


def test_a_try_is_offered_once_somebody_may_be_reached(street, parts, clock):
    phone = opened(street)
    street.sandbox.outage("midtrans", how="reset")
    for _ in range(3):
        asks(phone)
        phone.click("[data-do=next]")
        phone.wait_for_selector(".vehicles")
    clock.forward(seconds=27)
    asks(phone)
    assert phone.locator("[data-do=again]").is_hidden()

    street.sandbox.outage("midtrans", off=True)
    clock.forward(seconds=4)  # while the phone counts the last three
    phone.click("[data-do=again]", timeout=8_000)

    phone.wait_for_selector("[data-qr] svg")


def test_a_server_that_is_silent_is_waited_for_five_seconds_and_no_longer(street, parts):
    phone = opened(street)
    held = []
    phone.route("**/attendant/charges", lambda route: held.append(route))  # arrives, no answer

    took = asks(phone)

    assert 4.5 < took < 6
    assert "QRIS sedang gangguan." in phone.inner_text(".outage-told")
    phone.click(CASH)
    phone.wait_for_selector("text=dicatat")
    held[0].continue_()  # it comes to us after all, and nobody waits for its QR
    time.sleep(1)
    assert phone.locator("[data-qr]").count() == 0
    assert phone.evaluate("localStorage.getItem('unsent')") is None
    assert rows(parts, CashRow) == 1


def test_a_tap_whose_answer_is_lost_is_ended_by_the_cash_for_it(street, parts):
    phone = opened(street)
    held = []

    def swallow(route):
        route.fetch()
        held.append(route)

    phone.route("**/attendant/charges", swallow)
    asks(phone)
    phone.click(CASH)
    phone.wait_for_selector("text=dicatat")

    with parts.sessions() as session:
        ours, expires_at = session.execute(select(ChargeRow.ours, ChargeRow.expires_at)).one()
    assert instead_of(parts) == [ours]
    assert expires_at <= parts.clock.now()


def test_without_a_line_it_says_so_and_nothing_of_qris(street):
    phone = opened(street)
    phone.route("**/attendant/charges", lambda route: route.abort())

    asks(phone)

    assert "Tidak ada sambungan" in phone.inner_text(".outage-told")
    assert "QRIS sedang gangguan" not in phone.inner_text("body")


@pytest.mark.fault("F24")
def test_while_a_qr_is_made_nobody_is_told_to_scan_and_after_five_seconds_it_is_an_outage(
    street, parts, clock
):
    """The gateway told that there is a charge, and is gone before it told the QR of it."""
    phone = opened(street)
    began = time.monotonic()
    with lost_but_told(street, parts):
        phone.click("[data-do=qris] >> nth=0")
        phone.wait_for_selector("text=QR sedang dibuat…")
        assert phone.locator("[data-do=cash]").is_visible()
        phone.wait_for_selector(CASH)
        took = time.monotonic() - began

    assert 4.5 < took < 6
    assert "Terima tunai" in phone.inner_text(".outage-told")
    assert "memindai" not in phone.inner_text("body")
    assert fits(phone)
    clock.forward(seconds=31)
    phone.wait_for_selector("[data-qr] svg")  # it came back, and so did its QR


@contextmanager
def lost_but_told(street, parts):
    """Our request is made there and its answer is lost; they say "pending" and answer no more."""
    stop = threading.Event()

    def work_on():
        while not stop.wait(0.05):
            street.sandbox.deliver_now(hasten=True)
            sweep(parts.sessions, parts.gateways.find, parts.clock.now())
            with parts.sessions() as session:
                if session.scalar(select(ChargeRow.state)) == "pending":
                    street.sandbox.outage("midtrans", how="reset")
                    return

    street.sandbox.fault("create_timeout_after_commit", gateway="midtrans", value=4)
    thread = threading.Thread(target=work_on)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        street.sandbox.outage("midtrans", off=True)
