"""When a gateway does not answer: the next account, or cash, and within five seconds."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from parking.charges.charge import ChargeState
from parking.charges.expire import expire_due
from parking.gateways.note_outage import note_outage
from parking.gateways.probe import probe_those_out
from parking.gateways.store import OutageRow
from parking.parts import assemble
from parking.payments import work
from parking.payments.inquire import sweep
from parking.registry.store import MerchantAccountRow
from parking.shifts.store import CashRow
from sqlalchemy import insert, select

from tests.builders import LONG_AGO, SECOND, add_account, route
from tests.conftest import NOON
from tests.phone import Phone
from tests.sandbox_process import serving

OUTAGE = "QRIS sedang gangguan. Terima tunai dan beri karcis."

pytestmark = pytest.mark.usefixtures("shift", "sandbox")


def tap(phone, key="k" * 16, vehicle="motorcycle", **more):
    return phone.post("/attendant/charges", vehicle=vehicle, client_key=key, **more)


def timed(*given, **more):
    began = time.monotonic()
    answer = tap(*given, **more)
    return answer.json, time.monotonic() - began


@pytest.fixture
def second(parts, city):
    """A second account, at another provider, entered after the first."""
    with parts.sessions.begin() as session:
        return add_account(session, SECOND, "XENDIT_JAMBI")


@pytest.fixture
def other(settings, clock):
    """Another process of the same service."""
    made = assemble(settings, clock=clock)
    yield made
    made.engine.dispose()


def outages(parts):
    with parts.sessions() as session:
        return session.scalars(select(OutageRow).order_by(OutageRow.id)).all()


def trip(phone, times=3):
    """Tap until the gateway is left alone."""
    for number in range(times):
        tap(phone, f"lost-tap-{number}")


@contextmanager
def telling_pending(phone, sandbox, parts):
    """They notify of a charge as soon as it is made, and the jobs ask about it at once."""
    stop = threading.Event()

    def work_on():
        while not stop.wait(0.1):
            sandbox.deliver_now(hasten=True)
            work.work_through(parts.sessions, parts.gateways.find, parts.clock.now())
            sweep(parts.sessions, parts.gateways.find, parts.clock.now())

    with serving(phone.browser.application) as url:
        sandbox.notify(f"{url}/callbacks/{{gateway}}/{{account}}")
        thread = threading.Thread(target=work_on)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


# One account


@pytest.mark.fault("F23")
@pytest.mark.parametrize("how", ["hang", "reset", "503"])
def test_a_gateway_that_is_down_is_told_within_five_seconds(budi, sandbox, how):
    sandbox.outage("midtrans", how=how)

    told, took = timed(budi)

    assert took < 5
    assert (told["state"], told["svg"]) == ("create_unknown", None)
    assert told["message"] == "QRIS belum menjawab. Terima tunai dan beri karcis."


@pytest.mark.fault("F23")
@pytest.mark.fault("F25")
def test_once_it_is_known_nobody_waits_and_nobody_asks(budi, sandbox, parts, book):
    sandbox.outage("midtrans", how="reset")
    trip(budi)
    sandbox.outage("midtrans", off=True)  # had anybody asked, there would be a QR

    told, took = timed(budi, "quick" * 3)
    again = tap(budi, "quick" * 3).json

    assert took < 1
    assert (told["state"], told["outage"], told["message"]) == ("create_failed", True, OUTAGE)
    assert again["ours"] == told["ours"]
    assert again["message"] == OUTAGE
    assert sandbox.transactions() == []
    assert book.steps(told["ours"]) == [("creating", "asked"), ("create_failed", "outage")]
    (noted,) = outages(parts)
    assert (noted.gateway, noted.account, noted.began_at, noted.ended_at) == (
        "midtrans", "jambi", NOON, None,
    )  # fmt: skip
    assert budi.get("/attendant/state").json["outage"]


@pytest.mark.fault("F25")
def test_when_it_is_over_the_next_tap_works(budi, sandbox, parts, clock):
    sandbox.outage("midtrans", how="reset")
    trip(budi)
    sandbox.outage("midtrans", off=True)
    clock.forward(seconds=31)

    told = tap(budi, "n" * 16).json

    assert told["state"] == "pending"
    assert outages(parts)[0].ended_at == clock.now()
    assert not budi.get("/attendant/state").json["outage"]


@pytest.mark.fault("F25")
def test_the_sweep_of_the_jobs_finds_that_it_is_over(budi, sandbox, parts, other, clock, city):
    sandbox.outage("midtrans", how="503")
    trip(budi)
    sandbox.outage("midtrans", off=True)
    early = sweep(other.sessions, other.gateways.find, clock.now())
    still = outages(parts)[0].ended_at
    clock.forward(seconds=60)

    sweep(other.sessions, other.gateways.find, clock.now())
    time.sleep(1.1)  # a process looks once a second
    told = tap(budi, "n" * 16).json

    assert early == 3
    assert still is None
    assert outages(parts)[0].ended_at == clock.now()
    assert told["state"] == "pending"


@pytest.mark.fault("F25")
def test_with_nothing_to_ask_about_the_jobs_ask_about_nobodys_order(
    budi, sandbox, parts, other, clock
):
    sandbox.outage("midtrans", how="503")
    trip(budi)

    def probed():
        return probe_those_out(other.sessions, other.gateways.find, clock.now())

    early = probed()
    clock.forward(seconds=31)
    time.sleep(1.1)  # a process looks once a second
    in_vain, again = probed(), probed()
    sandbox.outage("midtrans", off=True)
    clock.forward(seconds=61)
    found = probed()

    assert (early, in_vain, again, found) == (0, 1, 0, 1)
    assert outages(parts)[0].ended_at == clock.now()


@pytest.mark.fault("F25")
def test_a_second_process_that_has_seen_nothing_asks_nobody_either(budi, sandbox, other, city):
    sandbox.outage("midtrans", how="reset")
    trip(budi)
    sandbox.outage("midtrans", off=True)

    told, took = timed(Phone(other, city.budi, city.budis_phone), "n" * 16)

    assert took < 1
    assert told["outage"]
    assert sandbox.transactions() == []


@pytest.mark.fault("F25")
def test_of_many_taps_at_an_uncertain_gateway_one_asks(budi, sandbox, parts, clock, city):
    sandbox.outage("midtrans", how="hang")
    trip(budi)
    clock.forward(seconds=31)
    phones = [Phone(parts, city.budi, city.budis_phone) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        began = time.monotonic()
        told = list(pool.map(lambda n: tap(phones[n], f"many-taps-{n}").json, range(4)))
        took = time.monotonic() - began

    assert sorted(t["state"] for t in told) == ["create_failed"] * 3 + ["create_unknown"]
    assert took < 5


@pytest.mark.fault("F25")
def test_what_somebody_has_entered_is_believed_before_any_call_fails(budi, parts, sandbox, clock):
    with parts.sessions.begin() as session:
        session.execute(
            insert(OutageRow).values(
                gateway="midtrans", account="jambi", began_at=clock.now(), noticed="hand",
                ended_at=clock.now() + timedelta(minutes=20), reason="bank closed",
                noted_at=clock.now(), noted_by="user:ratna",
            )
        )  # fmt: skip

    during = tap(budi).json
    clock.forward(minutes=20)
    time.sleep(1.1)
    afterwards = tap(budi, "n" * 16).json

    assert (during["state"], during["message"]) == ("create_failed", OUTAGE)
    assert afterwards["state"] == "pending"


@pytest.mark.fault("F25")
def test_the_phone_is_told_when_a_try_is_worth_it_again(budi, sandbox, clock):
    sandbox.outage("midtrans", how="reset")
    trip(budi)
    told = tap(budi, "n" * 16).json
    looks = [told["again_s"]]
    for seconds in (10, 20):
        clock.forward(seconds=seconds)
        looks.append(budi.get(f"/attendant/charges/{told['ours']}").json["again_s"])

    assert looks == [30, 20, 0]


def test_where_nobody_knows_the_end_the_phone_asks_again_in_a_minute(budi, parts, clock):
    with parts.sessions.begin() as session:
        note_outage(session, "midtrans", "jambi", NOON, None, "bank closed", "user:ratna", NOON)

    assert tap(budi).json["again_s"] == 60


def test_it_is_known_by_the_next_process_that_it_was_the_same_outage(budi, sandbox, parts, clock):
    sandbox.outage("midtrans", how="reset")
    trip(budi)
    sandbox.outage("midtrans", off=True)
    clock.forward(seconds=31)
    tap(budi, "works" * 3)
    sandbox.outage("midtrans", how="reset")
    trip(budi, times=6)

    (noted,) = outages(parts)
    assert (noted.began_at, noted.ended_at) == (NOON, None)


def test_a_wrong_key_of_one_account_shuts_no_other_of_the_same_provider(budi, sandbox, parts, city):
    with parts.sessions.begin() as session:
        pasar = session.execute(
            insert(MerchantAccountRow).values(
                gateway="midtrans", account="pasar", merchant_id="G000000002",
                nmid="ID1020000000013", pan="936001150000000124", name="PASAR JAMBI",
                city="KOTA JAMBI", environment="sandbox", key_name="XENDIT_JAMBI",
                valid_from=LONG_AGO,
            ).returning(MerchantAccountRow.id)
        ).scalar_one()  # fmt: skip
    first(parts, pasar)

    told = tap(budi).json

    assert told["state"] == "pending"
    assert [(o.account, o.reason[:12]) for o in outages(parts)] == [("pasar", "midtrans 401")]
    assert tap(budi, "n" * 16).json["state"] == "pending"
    assert len(sandbox.transactions()) == 2


# Two accounts


def first(parts, account, point=None):
    """Have an account asked first, in the whole city or at a point; the others come after."""
    with parts.sessions.begin() as session:
        ids = session.scalars(select(MerchantAccountRow.id).order_by(MerchantAccountRow.id)).all()
        for rank, each in enumerate([account, *(i for i in ids if i != account)], 1):
            route(session, each, point, rank)


def test_a_tap_goes_the_way_its_point_is_routed(budi, sari, city, parts, second, book):
    first(parts, second, city.market)
    sari.post("/attendant/shifts", point_id=city.street)

    at_market, on_street = tap(budi).json, tap(sari, "s" * 16).json

    assert book.charge(at_market["ours"]).gateway == "xendit"
    assert book.charge(on_street["ours"]).gateway == "midtrans"
    assert at_market["nmid"] == SECOND.nmid


@pytest.mark.fault("F23")
@pytest.mark.fault("F24")
@pytest.mark.parametrize("how", ["hang", "reset", "503"])
@pytest.mark.usefixtures("second")
def test_the_second_account_shows_a_qr_within_five_seconds(budi, sandbox, book, how):
    sandbox.outage("midtrans", how=how)

    told, took = timed(budi)

    assert took < 5
    assert (told["state"], told["nmid"]) == ("pending", SECOND.nmid)
    lost, shown = book.charges()
    assert (lost.gateway, lost.state) == ("midtrans", ChargeState.CREATE_UNKNOWN)
    assert (shown.ours, shown.replaces) == (told["ours"], lost.ours)


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        pytest.param("create_timeout_after_commit", 4, marks=pytest.mark.fault("F24")),
        pytest.param("create_timeout_before_commit", 4, marks=pytest.mark.fault("F24")),
        pytest.param("create_500", "stored", marks=pytest.mark.fault("F25")),
        pytest.param("rate_limit", None, marks=pytest.mark.fault("F25")),
        pytest.param("create_html", "stored", marks=pytest.mark.fault("F26")),
        pytest.param("create_reset", None, marks=pytest.mark.fault("F27")),
        pytest.param("unauthorised", None, marks=pytest.mark.fault("F25")),
        pytest.param("wrong_qr", "merchant", marks=pytest.mark.fault("F32")),
    ],
)
@pytest.mark.usefixtures("second")
def test_whatever_the_first_did_one_qr_is_shown_and_the_other_is_ended(
    budi, sandbox, parts, clock, book, fault, value
):
    sandbox.fault(fault, gateway="midtrans", value=value, times=1)

    told, took = timed(budi)
    again = tap(budi).json
    clock.forward(seconds=31)
    sweep(parts.sessions, parts.gateways.find, clock.now())
    expire_due(parts.sessions, parts.gateways.find, clock.now())

    lost, shown = book.charges()
    assert took < 5
    assert (told["state"], told["ours"], again["ours"]) == ("pending", shown.ours, shown.ours)
    assert lost.state in (ChargeState.CREATE_FAILED, ChargeState.EXPIRED)
    assert shown.state is ChargeState.PENDING
    assert {t["status"] for t in sandbox.transactions(lost.ours)} <= {"cancel", "expire"}


@pytest.mark.fault("F24")
@pytest.mark.usefixtures("second")
def test_a_lost_answer_whose_charge_they_tell_of_meanwhile_is_still_lost(
    budi, sandbox, parts, clock, book
):
    """Their callback says "pending" while we wait: there is a charge, and still no QR."""
    sandbox.fault("create_timeout_before_commit", gateway="midtrans", value=4)
    trip(budi, times=2)
    sandbox.faultless()
    sandbox.fault("create_timeout_after_commit", gateway="midtrans", value=4)
    before = len(book.charges())
    with telling_pending(budi, sandbox, parts):
        told, took = timed(budi)

    lost, shown = book.charges()[before:]
    assert took < 5
    assert (told["state"], told["nmid"], told["svg"][:4]) == ("pending", SECOND.nmid, "<svg")
    assert (lost.state, lost.payload) == (ChargeState.PENDING, None)
    assert (told["ours"], shown.replaces) == (shown.ours, lost.ours)
    sandbox.faultless()
    expire_due(parts.sessions, parts.gateways.find, clock.forward(seconds=61))
    assert book.charge(lost.ours).state is ChargeState.EXPIRED
    assert {t["status"] for t in sandbox.transactions(lost.ours)} == {"expire"}


@pytest.mark.fault("F24")
@pytest.mark.usefixtures("second")
def test_who_looks_at_the_charge_that_was_lost_is_shown_the_one_that_was_found(budi, sandbox, book):
    sandbox.fault("create_html", gateway="midtrans", value="stored", times=1)
    tap(budi)
    lost, shown = book.charges()

    look = budi.get(f"/attendant/charges/{lost.ours}?picture=1").json
    budi.post(f"/attendant/charges/{lost.ours}/cancel")

    assert (look["ours"], look["svg"][:4]) == (shown.ours, "<svg")
    assert book.charge(lost.ours).payload is None


@pytest.mark.fault("F24")
@pytest.mark.usefixtures("second")
def test_taps_of_one_key_side_by_side_show_one_qr_of_two_accounts(parts, city, sandbox, book):
    sandbox.outage("midtrans", how="reset")
    phones = [Phone(parts, city.budi, city.budis_phone) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda phone: tap(phone).json, phones))
    last = [phones[0].get(f"/attendant/charges/{each['ours']}").json for each in told]

    assert {t["ours"] for t in last} == {book.charges()[-1].ours}
    assert {t["state"] for t in last} == {"pending"}
    assert [c.gateway for c in book.charges()] == ["midtrans", "xendit"]


@pytest.mark.fault("F25")
@pytest.mark.usefixtures("second")
def test_an_account_that_is_known_to_be_out_is_not_even_tried(budi, sandbox, book):
    sandbox.outage("midtrans", how="hang")
    trip(budi)
    before = len(book.charges())

    told, took = timed(budi, "n" * 16)

    assert took < 1
    assert told["nmid"] == SECOND.nmid
    assert len(book.charges()) == before + 1


@pytest.mark.usefixtures("second")
def test_a_payment_of_the_second_account_is_lunas_and_the_first_stays_out_of_it(
    budi, sandbox, parts, clock, book
):
    sandbox.outage("midtrans", how="reset")
    with serving(budi.browser.application) as url:
        sandbox.notify(f"{url}/callbacks/{{gateway}}/{{account}}")
        ours = tap(budi).json["ours"]
        sandbox.pay(ours)
        sandbox.deliver_now(hasten=True)
    work.work_through(parts.sessions, parts.gateways.find, clock.now())
    sweep(parts.sessions, parts.gateways.find, clock.now())

    assert budi.get(f"/attendant/charges/{ours}").json["message"] == "LUNAS"
    assert budi.get("/attendant/state").json["totals"]["qris_sum"] == 2_000


@pytest.mark.usefixtures("second")
def test_a_new_code_after_an_outage_replaces_the_old_one_and_none_beside_it(
    budi, sandbox, book, parts
):
    old = tap(budi).json["ours"]
    sandbox.fault("create_html", gateway="midtrans", times=1)

    told = tap(budi, "n" * 16, "car", replaces=old).json
    third = tap(budi, "o" * 16, "car", replaces=old)

    assert book.charge(old).state is ChargeState.CANCELLED
    assert (told["state"], book.charge(told["ours"]).replaces) == ("pending", old)
    assert third.status_code == 409
    assert tap(budi, "n" * 16, "car", replaces=old).json["ours"] == told["ours"]


@pytest.mark.fault("F23")
@pytest.mark.usefixtures("second")
def test_if_both_are_down_it_is_told_within_five_seconds_all_the_same(budi, sandbox):
    sandbox.outage("midtrans", how="hang")
    sandbox.outage("xendit", how="hang")

    told, took = timed(budi)

    assert took < 5
    assert told["state"] == "create_unknown"


# Cash instead


def test_cash_for_a_tap_that_was_never_answered_ends_its_code(budi, sandbox, book, parts):
    ours = tap(budi).json["ours"]  # and say the answer was lost on the way to the phone

    taken = budi.post(
        "/attendant/cash", vehicle="motorcycle", client_key="c" * 16, instead_of_tap="k" * 16
    )

    assert taken.status_code == 201
    assert book.charge(ours).expires_at == NOON
    with parts.sessions() as session:
        assert session.scalars(select(CashRow.instead_of)).all() == [ours]


def test_cash_for_a_tap_that_never_came_to_us_is_cash(budi, parts):
    taken = budi.post(
        "/attendant/cash", vehicle="car", client_key="c" * 16, instead_of_tap="never-came"
    )

    assert taken.status_code == 201
    with parts.sessions() as session:
        assert session.scalars(select(CashRow.instead_of)).all() == [None]


@pytest.mark.usefixtures("second")
def test_cash_instead_of_the_charge_that_was_lost_ends_the_one_that_is_shown(
    budi, sandbox, book, parts
):
    sandbox.fault("create_html", gateway="midtrans", times=1)
    tap(budi)
    lost, shown = book.charges()
    cash = {"vehicle": "motorcycle", "client_key": "c" * 16, "instead_of": lost.ours}

    once, twice = (budi.post("/attendant/cash", **cash).json for _ in range(2))

    assert once["id"] == twice["id"]
    assert book.charge(shown.ours).expires_at == NOON
    with parts.sessions() as session:
        assert session.scalars(select(CashRow.instead_of)).all() == [shown.ours]
