"""The attendant's app as a thumb uses it."""

import pytest
import zxingcpp
from parking.business_day import business_day
from parking.charges.store import ChargeRow
from parking.registry.facts import Vehicle
from parking.shifts import move_tickets
from parking.shifts.store import CashRow
from parking.shifts.tickets import Move
from PIL import Image
from sqlalchemy import func, select

from tests.builders import SECOND, add_account, route
from tests.chromium import PHONE

pytestmark = pytest.mark.browser

FIRST_LOAD, EACH_CHARGE = 150_000, 10_000  # bytes, design.md S7


def opened(street):
    phone = street.phone
    phone.goto(f"{street.address}/attendant/")
    phone.click("text=Buka di sini >> nth=0")
    phone.wait_for_selector("[data-do=qris]")
    return phone


def scanned(phone, tmp_path):
    """What a driver's camera reads off the screen."""
    phone.wait_for_selector("[data-qr] svg")
    shot = tmp_path / "qr.png"
    phone.screenshot(path=shot)
    with Image.open(shot) as picture:
        (found,) = zxingcpp.read_barcodes(picture)
    return found.text


def pays(street, payload):
    driver = street.driver
    driver.goto(f"{street.sandbox.url}/payer")
    driver.fill("textarea", payload)
    driver.click("text=Lanjut")
    driver.click("text=Bayar Rp")


def rows(parts, table):
    with parts.sessions() as session:
        return session.scalar(select(func.count()).select_from(table))


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_two_taps_show_a_qr_and_lunas_appears_when_the_driver_has_paid(street, tmp_path):
    phone = opened(street)
    phone.click("[data-do=qris] >> nth=0")
    payload = scanned(phone, tmp_path)
    assert fits(phone)
    assert phone.locator("text=LUNAS").count() == 0

    pays(street, payload)

    phone.wait_for_selector(".lunas", timeout=15_000)
    assert phone.inner_text(".amount") == "Rp2.000"
    assert fits(phone)
    phone.click("[data-do=next]")
    phone.wait_for_selector(".totals")
    assert "QRIS · 1" in phone.inner_text(".totals")
    assert "Rp1.200" in phone.inner_text(".totals")  # the attendant's 60 %


def test_a_cash_vehicle_is_one_tap_and_can_be_taken_back(street, parts):
    phone = opened(street)

    phone.click("[data-do=cash] >> nth=0")
    phone.wait_for_selector("text=Tunai Motor Rp2.000 dicatat")
    assert "Tunai · 1" in phone.inner_text(".totals")
    assert fits(phone)
    phone.click("[data-undo] button")
    phone.wait_for_selector("text=Tunai dibatalkan.")

    assert "Tunai · 0" in phone.inner_text(".totals")
    assert rows(parts, CashRow) == 1  # taken back, not gone


def test_a_line_that_breaks_loses_no_tap_and_doubles_none(street, parts):
    phone = opened(street)
    lost = []

    def break_once(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())  # it arrives, and the answer is lost
            route.abort()

    phone.route("**/attendant/cash", break_once)
    phone.click("[data-do=cash] >> nth=0")
    phone.wait_for_selector("text=dicatat")

    assert lost
    assert rows(parts, CashRow) == 1


def test_the_driver_who_pays_cash_after_all_ends_the_qr(street, parts):
    phone = opened(street)
    phone.click("[data-do=qris] >> nth=1")
    phone.click("[data-do=cash]")
    phone.wait_for_selector("text=Tunai Mobil Rp3.000 dicatat")

    assert rows(parts, ChargeRow) == 1
    assert rows(parts, CashRow) == 1


def test_a_cancelled_qr_is_gone_from_the_screen(street):
    phone = opened(street)
    phone.click("[data-do=qris] >> nth=0")
    phone.wait_for_selector("[data-qr] svg")

    phone.click("[data-do=cancel]")

    phone.wait_for_selector(".vehicles")
    assert phone.locator("[data-qr]").count() == 0


def test_where_a_gateway_cancels_nothing_it_is_said_and_the_next_vehicle_may_come(street, parts):
    with parts.sessions.begin() as session:
        route(session, add_account(session, SECOND, "XENDIT_JAMBI"))
    phone = opened(street)
    phone.click("[data-do=qris] >> nth=0")
    phone.wait_for_selector("[data-qr] svg")

    phone.click("[data-do=cancel]")

    phone.wait_for_selector("[data-screen=ended]")
    assert "terlanjur membayar, uangnya tetap tercatat" in phone.inner_text("body")
    assert fits(phone)
    phone.click("[data-do=next]")
    phone.click("[data-do=qris] >> nth=0")
    phone.wait_for_selector("[data-qr] svg")
    assert rows(parts, ChargeRow) == 2


def test_a_qr_whose_time_is_over_holds_up_nobody_while_its_gateway_is_gone(street, clock):
    phone = opened(street)
    phone.click("[data-do=qris] >> nth=0")
    phone.wait_for_selector("[data-qr] svg")
    street.sandbox.outage("midtrans", how="reset")
    clock.forward(minutes=11)

    phone.wait_for_selector("[data-screen=ended]")
    assert "Waktu habis. Menunggu kepastian gerbang." in phone.inner_text("body")
    phone.click("[data-do=again]")  # it might still be paid there, so that there is no other yet
    phone.wait_for_selector("text=Gerbang pembayaran tidak menjawab")
    phone.click("[data-screen=ended] [data-do=next]")
    phone.wait_for_selector(".vehicles")


def test_a_phone_that_wakes_up_shows_the_qr_that_is_open(street):
    phone = opened(street)
    phone.click("[data-do=qris] >> nth=0")
    phone.wait_for_selector("[data-qr] svg")

    phone.reload()

    phone.wait_for_selector("[data-qr] svg")


def test_a_shift_is_closed_with_what_was_counted(street):
    phone = opened(street)
    phone.click("[data-do=cash] >> nth=0")
    phone.wait_for_selector("text=dicatat")
    phone.click("[data-do=close]")
    phone.fill("[name=cash]", "2000")
    phone.fill("[data-field=series]", "a-2026")
    phone.fill("[data-field=first]", "101")
    phone.fill("[data-field=last]", "101")
    assert fits(phone)
    phone.click("text=Lanjut")
    phone.wait_for_selector("text=Sudah benar?")
    assert "Rp2.000" in phone.inner_text(".facts")
    phone.click("text=Ya, tutup giliran")

    phone.wait_for_selector("text=Giliran ditutup")
    phone.wait_for_selector("[data-screen=cash]")  # what he holds, and to whom it goes
    phone.click("text=Kembali")
    phone.wait_for_selector("text=Buka giliran")


def test_of_many_books_the_ones_at_hand_are_shown(street, parts, city):
    """Twenty books: the one in use and the next to fill in, the others are unfolded."""
    now = parts.clock.now()
    today = business_day(now)
    with parts.sessions.begin() as session:
        for n in range(20):
            numbers = (1 + 2_000 * n, 2_000 + 2_000 * n)
            book = move_tickets.add_book(
                session, f"M{n:02}", 2026, Vehicle.MOTORCYCLE, 2_000, numbers, today, "BA 1", "x",
                now,
            )  # fmt: skip
            move_tickets.move_tickets(
                session, book.id, Move.ISSUED, city.budi, numbers, today, "BA 2", "x", now
            )
    phone = opened(street)
    phone.click("[data-do=close]")
    phone.wait_for_selector("[data-others]")
    assert [box.is_visible() for box in phone.query_selector_all(".tickets")].count(True) == 2
    assert phone.evaluate("document.documentElement.scrollHeight") < 2_000
    phone.click("text=Buku lain")
    assert phone.query_selector_all(".tickets")[-1].is_visible()

    phone.fill("[name=cash]", "1.500")
    phone.fill("[data-field=last] >> nth=0", "1.500")
    phone.fill("[data-field=last] >> nth=19", "38.001")
    assert fits(phone)
    phone.click("text=Lanjut")
    phone.wait_for_selector("text=Sudah benar?")
    told = phone.inner_text(".facts")
    assert "Rp1.500" in told
    assert "M00 1–1500, M19 38001–38001" in told


def weighed(page):
    """Bytes by request, headers included; what has no body ends with its headers."""
    weights = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def heard(event):
        told = event.get("response", event)  # the head of an answer, or its end
        length = told["encodedDataLength"]
        weights[event["requestId"]] = max(length, weights.get(event["requestId"], 0))

    network.on("Network.responseReceived", heard)
    network.on("Network.loadingFinished", heard)
    return weights


def test_the_app_is_light_enough_for_3g(street, tmp_path):
    phone = street.phone
    weights = weighed(phone)
    opened(street)
    first = sum(weights.values())

    weights.clear()
    phone.click("[data-do=qris] >> nth=0")
    payload = scanned(phone, tmp_path)
    phone.wait_for_timeout(10_000)  # a driver needs this long to find the app
    pays(street, payload)
    phone.wait_for_selector(".lunas", timeout=15_000)
    phone.click("[data-do=next]")
    phone.wait_for_selector(".totals")
    phone.wait_for_timeout(300)
    charge = sum(weights.values())

    print(f"first load {first} bytes, a charge {charge} bytes in {len(weights)} answers")
    assert len(weights) > 10  # a look a second is among them
    assert first <= FIRST_LOAD
    assert charge <= EACH_CHARGE
