"""A charge ends when its gateway says so: cancelled, expired, replaced, or paid in cash."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from parking.charges.charge import ChargeState
from parking.charges.expire import expire_due
from parking.payments.inquire import sweep

from tests.phone import Phone

KEY = "k" * 16

pytestmark = pytest.mark.usefixtures("shift")


@pytest.fixture
def ours(budi, sandbox):
    """A charge whose QR is on Budi's screen."""
    return budi.post("/attendant/charges", vehicle="car", client_key=KEY).json["ours"]


def status(sandbox, ours):
    return sandbox.transactions(ours)[0]["status"]


def test_cancelling_ends_it_at_the_gateway_and_once_more_changes_nothing(budi, sandbox, ours, book):
    first = budi.post(f"/attendant/charges/{ours}/cancel")
    again = budi.post(f"/attendant/charges/{ours}/cancel")

    assert [first.json["state"], again.json["state"]] == ["cancelled"] * 2
    assert status(sandbox, ours) == "cancel"
    assert book.steps(ours)[2:] == [("cancelled", "cancelled")]
    assert first.json["svg"] is None


def test_a_driver_who_was_quicker_than_the_cancelling_has_paid(budi, sandbox, ours, parts, clock):
    sandbox.pay(ours)

    told = budi.post(f"/attendant/charges/{ours}/cancel").json
    sweep(parts.sessions, parts.gateways.find, clock.now())

    assert told["state"] == "pending"
    look = budi.get(f"/attendant/charges/{ours}").json
    assert (look["state"], look["late"]) == ("paid", False)
    assert budi.post(f"/attendant/charges/{ours}/cancel").status_code == 409


def test_cancelling_at_a_silent_gateway_leaves_it_open_and_has_it_asked(
    budi, sandbox, ours, book, parts, clock
):
    sandbox.stop()
    answer = budi.post(f"/attendant/charges/{ours}/cancel")
    sandbox.start()

    assert answer.status_code == 503
    assert "tidak menjawab" in answer.json["message"]
    kept = book.charge(ours)
    assert kept.state is ChargeState.PENDING
    assert kept.inquire_at == clock.now()


def test_a_charge_expires_when_the_gateway_says_so(budi, sandbox, ours, parts, clock, book):
    clock.forward(seconds=299)
    early = expire_due(parts.sessions, parts.gateways.find, clock.now())
    clock.forward(seconds=1)
    waiting = budi.get(f"/attendant/charges/{ours}?picture=1").json
    late = expire_due(parts.sessions, parts.gateways.find, clock.now())

    assert (early, late) == (0, 1)
    # Our own clock ends nothing, but a QR whose time is over is not shown.
    assert (waiting["state"], waiting["svg"], waiting["seconds_left"]) == ("pending", None, 0)
    assert book.charge(ours).state is ChargeState.EXPIRED
    assert status(sandbox, ours) == "expire"


def test_what_was_paid_in_the_last_second_is_not_expired(budi, sandbox, ours, parts, clock):
    sandbox.pay(ours)
    clock.forward(seconds=301)

    ended = expire_due(parts.sessions, parts.gateways.find, clock.now())
    sweep(parts.sessions, parts.gateways.find, clock.now())

    assert ended == 0
    look = budi.get(f"/attendant/charges/{ours}").json
    assert (look["state"], look["late"]) == ("paid", False)


def test_a_gateway_that_is_silent_at_expiry_is_asked_again(sandbox, ours, parts, clock, book):
    clock.forward(seconds=301)
    sandbox.fault("html_502", ours, times=1)
    first = expire_due(parts.sessions, parts.gateways.find, clock.now())

    again = expire_due(parts.sessions, parts.gateways.find, clock.now())

    assert (first, again) == (0, 1)
    assert book.charge(ours).state is ChargeState.EXPIRED


def test_a_lost_charge_that_never_was_fails_at_its_expiry(budi, sandbox, parts, clock, book):
    sandbox.stop()
    ours = budi.post("/attendant/charges", vehicle="car", client_key=KEY).json["ours"]
    sandbox.start()
    clock.forward(seconds=301)

    expire_due(parts.sessions, parts.gateways.find, clock.now())

    assert book.charge(ours).state is ChargeState.CREATE_FAILED


def test_a_new_code_ends_the_one_it_replaces(budi, sandbox, ours, book):
    told = budi.post(
        "/attendant/charges", vehicle="motorcycle", client_key="n" * 16, replaces=ours
    ).json

    assert book.charge(ours).state is ChargeState.CANCELLED
    assert told["state"] == "pending"
    assert book.charge(told["ours"]).replaces == ours
    assert status(sandbox, ours) == "cancel"


def test_nobody_is_asked_to_pay_again_for_a_code_that_is_paid(budi, sandbox, ours, book):
    sandbox.pay(ours)  # and no callback has come yet

    answer = budi.post(
        "/attendant/charges", vehicle="motorcycle", client_key="n" * 16, replaces=ours
    )

    assert answer.status_code == 409
    assert "sudah dibayar" in answer.json["message"]
    assert len(book.charges()) == 1
    assert len(sandbox.transactions()) == 1


def test_a_lost_code_holds_up_no_new_one(budi, sandbox, book):
    sandbox.stop()
    lost = budi.post("/attendant/charges", vehicle="car", client_key=KEY).json["ours"]
    sandbox.start()

    told = budi.post("/attendant/charges", vehicle="car", client_key="n" * 16, replaces=lost).json

    assert told["state"] == "pending"
    assert len(sandbox.transactions()) == 1
    assert book.charge(lost).state is ChargeState.CREATE_UNKNOWN


def test_a_code_found_after_cash_was_taken_is_not_shown(budi, sandbox):
    sandbox.fault("create_html", value="stored", times=1)
    lost = budi.post("/attendant/charges", vehicle="car", client_key=KEY).json["ours"]
    budi.post("/attendant/cash", vehicle="car", client_key="c" * 16, instead_of=lost)

    look = budi.get(f"/attendant/charges/{lost}?picture=1").json

    assert (look["state"], look["seconds_left"], look["svg"]) == ("pending", 0, None)


def test_cash_instead_of_a_code_ends_it_within_the_next_look(
    budi, sandbox, ours, parts, clock, book
):
    tap = budi.post("/attendant/cash", vehicle="car", client_key="c" * 16, instead_of=ours)
    again = budi.post("/attendant/cash", vehicle="car", client_key="c" * 16, instead_of=ours)
    look = budi.get(f"/attendant/charges/{ours}?picture=1").json
    ended = expire_due(parts.sessions, parts.gateways.find, clock.now())

    assert (tap.status_code, again.json["id"]) == (201, tap.json["id"])
    assert look["svg"] is None
    assert ended == 1
    assert status(sandbox, ours) == "expire"
    assert book.charge(ours).state is ChargeState.EXPIRED


def test_cash_is_taken_once_instead_of_a_code(budi, ours):
    budi.post("/attendant/cash", vehicle="car", client_key="c" * 16, instead_of=ours)

    other = budi.post("/attendant/cash", vehicle="car", client_key="d" * 16, instead_of=ours)

    assert other.status_code == 409
    assert budi.get("/attendant/state").json["totals"]["cash_count"] == 1


def test_no_cash_for_a_code_that_is_lunas(budi, sandbox, ours, parts, clock):
    sandbox.pay(ours)
    clock.forward(seconds=61)
    sweep(parts.sessions, parts.gateways.find, clock.now())

    answer = budi.post("/attendant/cash", vehicle="car", client_key="c" * 16, instead_of=ours)

    assert answer.status_code == 409
    assert "LUNAS" in answer.json["message"]


def test_a_payment_belongs_to_the_shift_in_which_it_was_asked(
    budi, sandbox, ours, parts, clock, shift, book
):
    budi.post("/attendant/shifts/close", cash=0)
    sandbox.pay(ours)
    clock.forward(seconds=61)
    sweep(parts.sessions, parts.gateways.find, clock.now())

    kept = book.charge(ours)
    assert (kept.state, kept.shift_id) == (ChargeState.PAID, shift)
    totals = budi.get("/attendant/state").json["totals"]
    assert (totals["qris_sum"], totals["own_share"]) == (3_000, 1_800)


def test_a_phone_that_wakes_up_finds_its_code_again(budi, ours):
    state = budi.get("/attendant/state").json

    assert state["charge"]["ours"] == ours
    assert state["charge"]["svg"].startswith("<svg")


def test_cancelling_and_expiring_at_once_end_it_once(parts, city, ours, clock, book):
    clock.forward(seconds=301)
    phone = Phone(parts, city.budi, city.budis_phone)

    with ThreadPoolExecutor(2) as pool:
        done = [
            pool.submit(phone.post, f"/attendant/charges/{ours}/cancel"),
            pool.submit(expire_due, parts.sessions, parts.gateways.find, clock.now()),
        ]
        [each.result() for each in done]

    ends = [state for state, _ in book.steps(ours) if state in ("expired", "cancelled")]
    assert len(ends) == 1 or ends[0] == ends[-1]
    assert book.charge(ours).state in (ChargeState.EXPIRED, ChargeState.CANCELLED)
