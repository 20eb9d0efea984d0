"""The fault console: what it shows, what its buttons do, at a desk and on a phone."""

import re

import pytest
import requests
from parking.sandbox.fault_words import GROUPS, title_of
from parking.sandbox.faults import CATALOGUE
from parking.sandbox.providers import PROVIDERS

from tests.chromium import DESK, PHONE, chromium


@pytest.fixture
def send(sandbox):
    """A form of the console, sent; the page that comes back."""

    def post(path, **form):
        return requests.post(f"{sandbox.url}/console/{path}", data=form, timeout=30)

    return post


@pytest.fixture
def console(sandbox):
    def open_(**query):
        return requests.get(f"{sandbox.url}/console", params=query, timeout=30)

    return open_


def theirs(sandbox, order="P-1"):
    return sandbox.transactions(order)[-1]["transaction_id"]


def test_every_fault_stands_in_one_group_with_a_sentence():
    told = [name for group in GROUPS for name in group.faults]

    assert sorted(told) == sorted(CATALOGUE)
    assert all(words.endswith(".") for group in GROUPS for words in group.faults.values())


def test_it_shows_every_provider_and_says_when_there_is_nothing(console):
    page = console()

    assert page.status_code == 200
    for name in PROVIDERS:
        assert f'id="{name}"' in page.text
        assert title_of(name) in page.text
    for words in ("Belum ada transaksi", "Tidak ada gangguan", "Belum ada pemberitahuan"):
        assert words in page.text


def test_its_links_lead_to_every_part_and_faults_come_before_payments(console):
    page = console().text
    leads = re.findall(r'<a href="#([a-z]+)">', page)

    assert leads == ["on", "faults", *PROVIDERS, "deliveries"]
    assert [page.index(f' id="{each}"') for each in leads] == sorted(
        page.index(f' id="{each}"') for each in leads
    )


def test_a_search_leaves_only_those_orders(console, api):
    api.charge("PKR-A1")
    api.charge("PKR-B2")

    page = console(order="B2").text

    assert ("PKR-B2" in page, "PKR-A1" in page) == (True, False)
    assert "Tidak ada order yang cocok" in console(order="NOBODY").text


@pytest.mark.parametrize(("do", "statuses"), [("pay", ["settlement"]), ("expire", ["expire"])])
def test_what_is_open_is_paid_or_ended(send, sandbox, api, do, statuses):
    api.charge("P-1")

    assert send(f"transactions/{theirs(sandbox)}", do=do).status_code == 200
    assert [one["status"] for one in sandbox.transactions("P-1")] == statuses


def test_what_is_paid_is_paid_twice_or_taken_back(send, sandbox, api):
    api.charge("P-1")
    sandbox.pay("P-1")
    first = theirs(sandbox)

    send(f"transactions/{first}", do="again")
    send(f"transactions/{first}", do="reverse")

    assert [one["status"] for one in sandbox.transactions("P-1")] == ["chargeback", "settlement"]


def test_what_has_ended_is_paid_late(send, sandbox, api):
    api.charge("P-1")
    api.post("P-1/expire")

    send(f"transactions/{theirs(sandbox)}", do="late")

    assert sandbox.transactions("P-1")[0]["status"] == "settlement"


def test_what_cannot_be_is_said_and_changes_nothing(send, sandbox, api):
    api.charge("P-1")

    answer = send(f"transactions/{theirs(sandbox)}", do="reverse")

    assert (answer.status_code, "Ditolak (412)" in answer.text) == (409, True)
    assert sandbox.transactions("P-1")[0]["status"] == "pending"


@pytest.mark.parametrize(
    ("when", "order", "times"), [("next", None, 1), ("order", "P-1", None), ("always", None, None)]
)
def test_a_fault_strikes_when_it_was_told_to(send, sandbox, when, order, times):
    form = {"target": "P-1", "gateway": "midtrans", "value report_fee": "75"}

    send("faults", strike=f"report_fee {when}", **form)

    (fault,) = sandbox.faults()
    assert (fault["name"], fault["gateway"]) == ("report_fee", "midtrans")
    assert (fault["order_id"], fault["times"], fault["value"]) == (order, times, 75)


@pytest.mark.parametrize(
    ("typed", "value"), [("", None), ("0.5", 0.5), ("crc", "crc"), ('"2000.00"', "2000.00")]
)
def test_a_value_is_a_number_where_it_is_one(send, sandbox, typed, value):
    send("faults", strike="answer_money always", **{"value answer_money": typed})

    assert [fault["value"] for fault in sandbox.faults()] == [value]


def test_an_order_that_is_not_named_is_asked_for(send, sandbox):
    answer = send("faults", strike="callback_drop order", target=" ")

    assert (answer.status_code, "Isi nomor order" in answer.text) == (409, True)
    assert sandbox.faults() == []


@pytest.mark.parametrize("strike", ["nothing always", "down next", "report_test_row next"])
def test_what_is_no_fault_is_not_switched_on(send, sandbox, strike):
    assert send("faults", strike=strike).status_code == 404
    assert sandbox.faults() == []


def test_the_key_for_a_new_line_switches_nothing_on(send, sandbox):
    assert send("faults", strike="", target="P-1").status_code == 200
    assert sandbox.faults() == []


def test_faults_are_taken_away_one_by_one_or_all_at_once(send, sandbox):
    first, _, _ = (sandbox.fault(name) for name in ("slow", "reset", "empty_body"))

    send("faults/off", id=first["id"])
    assert [fault["name"] for fault in sandbox.faults()] == ["reset", "empty_body"]

    send("faults/off")
    assert sandbox.faults() == []


def test_it_forgets_everything_only_when_asked_twice(send, sandbox, api):
    api.charge("P-1")
    asked = requests.get(f"{sandbox.url}/console/forget", timeout=30)
    assert "tidak dapat dikembalikan" in asked.text
    assert len(sandbox.transactions()) == 1

    send("forget")

    assert sandbox.transactions() == []


def test_the_same_is_told_to_programs(sandbox, api):
    sandbox.outage("midtrans", minutes=5, how="hang")

    told = requests.get(f"{sandbox.url}/_sim/providers", timeout=30).json()["providers"]

    assert [one["name"] for one in told] == list(PROVIDERS)
    (midtrans,) = (one for one in told if one["name"] == "midtrans")
    assert (midtrans["up"], midtrans["outage"]["value"]) == (False, "hang")
    assert midtrans["accounts"] == ["jambi"]


@pytest.mark.browser
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_a_driver_pays_twice_while_a_fault_strikes(sandbox, api, merchant, screen):
    qr = api.charge("P-1", 3_000)["qr_string"]
    with chromium() as browser:
        page = browser.new_context(viewport=screen).new_page()
        wrong = []
        page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
        page.goto(f"{sandbox.url}/console")
        card = page.locator("#midtrans")

        page.click("summary:has-text('Pengiriman')")
        page.fill("[name='value callback_duplicate']", "3")
        page.click("[aria-label='Pasang callback_duplicate sekali']")
        assert "belum kena" in page.inner_text("#on")

        card.get_by_role("button", name="Bayar P-1").click()
        assert "Lunas" in card.inner_text()
        assert "sudah kena 1 kali" in page.inner_text("#on")
        card.get_by_role("button", name="Bayar lagi P-1").click()
        assert card.inner_text().count("Rp3.000") == 2
        page.click("text=Kirim yang tertunda")
        assert page.inner_text("#deliveries").count("dijawab 200") == 5

        page.click("text=Dompet")
        page.fill("textarea", qr)
        page.click("text=Lanjut")
        assert "sudah dibayar" in page.inner_text("main")
        page.click("text=Konsol")

        assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
        assert [text for text in wrong if "422" not in text] == []


@pytest.mark.browser
def test_one_click_takes_a_provider_down_and_another_brings_it_back(sandbox, api):
    with chromium() as browser:
        page = browser.new_context(viewport=DESK).new_page()
        page.goto(f"{sandbox.url}/console")
        card = page.locator("#midtrans")

        card.get_by_role("button", name="Matikan").click()
        assert "Mati" in card.inner_text()
        with pytest.raises(requests.ConnectionError):
            api.get("P-1/status")
        page.reload()
        assert "1 panggilan tidak dijawab" in card.inner_text()

        card.get_by_role("button", name="Nyalakan").click()
        assert "Hidup" in card.inner_text()
        assert api.get("P-1/status").json()["status_code"] == "404"
