"""An attendant's cash goes on: offered with one tap, counted by another, answered on the phone."""

import pytest
from parking.deposits.store import HandoverRow
from sqlalchemy import select

from tests.browser.test_phone import fits, opened
from tests.deposits.conftest import Cash

pytestmark = pytest.mark.browser


@pytest.fixture
def people(parts, city):
    return Cash(parts, city)


def closed_with_cash(street):
    phone = opened(street)
    phone.click("[data-do=cash] >> nth=0")
    phone.wait_for_selector("text=dicatat")
    phone.click("[data-do=close]")
    phone.fill("[name=cash]", "2000")
    phone.click("text=Lanjut")
    phone.click("text=Ya, tutup giliran")
    phone.wait_for_selector("[data-screen=cash]")
    return phone


def the_handover(parts):
    with parts.sessions() as session:
        return session.scalars(select(HandoverRow)).one()


def test_one_tap_offers_what_he_holds_and_he_answers_another_count(street, parts, people):
    people.collector("yanto")
    phone = closed_with_cash(street)
    assert fits(phone)
    assert phone.input_value("[name=given]") == "2000"
    phone.click("button:has-text('Yanto Contoh')")
    phone.wait_for_selector("text=Menunggu dihitung")

    people.count(the_handover(parts), 1_500, people.collector("yanto"))

    phone.wait_for_selector("text=Setuju Rp1.500", timeout=15_000)
    assert fits(phone)
    phone.click("text=Setuju Rp1.500")
    phone.wait_for_selector("text=Beda, disetujui")
    row = the_handover(parts)
    assert (row.given, row.received, row.standing) == (2_000, 1_500, "acknowledged")
    assert "Sisa lama" in phone.inner_text("body")  # the Rp500 are still his to hand over


def test_an_offer_can_be_taken_back_until_somebody_has_counted(street, parts):
    phone = closed_with_cash(street)
    phone.click("button:has-text('Bendahara')")
    phone.click("text=Batalkan")

    phone.wait_for_selector("button:has-text('Bendahara')")
    assert the_handover(parts).standing == "withdrawn"
    phone.click("text=Kembali")
    phone.click("text=Setor tunai")
    phone.wait_for_selector("text=Anda pegang")
