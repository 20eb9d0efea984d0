"""A tap becomes one right QR, or none that is shown."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
import zxingcpp
from parking.audit.store import AuditEventRow
from parking.charges import expire, issue, recover, store
from parking.charges.charge import Asked, ChargeState
from parking.charges.issue import Tap
from parking.charges.show import show
from parking.gateways.breaker import Standing
from parking.gateways.http import Limits
from parking.gateways.midtrans import Midtrans
from parking.gateways.protocol import QrRequest
from parking.parts import assemble
from parking.payments import work
from parking.payments.inquire import sweep
from parking.qris.payload import inspect
from parking.qris.symbol import png
from parking.registry.facts import Vehicle
from parking.registry.store import TariffRow
from PIL import Image
from sqlalchemy import insert, select

from tests.builders import ENTERED, MERCHANT
from tests.conftest import NOON
from tests.phone import Phone
from tests.sandbox_process import SERVER_KEY, serving

KEY = "k" * 16
BEFORE_MIDNIGHT = NOON.replace(hour=16, minute=59, second=59)  # 23.59.59 WIB

pytestmark = pytest.mark.usefixtures("shift")


def tap(phone, vehicle="motorcycle", key=KEY, **more):
    return phone.post("/attendant/charges", vehicle=vehicle, client_key=key, **more)


def test_a_tap_shows_the_qr_of_the_servers_price(budi, sandbox, book):
    answer = tap(budi)

    told = answer.json
    assert answer.status_code == 201
    assert (told["state"], told["amount"], told["seconds_left"]) == ("pending", 2_000, 300)
    assert (told["merchant_name"], told["nmid"]) == (MERCHANT.name, MERCHANT.nmid)
    assert told["point_code"] == "PSR-01"
    assert told["svg"].startswith("<svg")
    kept = book.charge(told["ours"])
    assert inspect(kept.payload).fields["amount"] == "2000"
    assert book.steps(told["ours"]) == [("creating", "asked"), ("pending", "answered")]
    assert [t["order_id"] for t in sandbox.transactions()] == [told["ours"]]
    assert kept.city_bps == 4_000


@pytest.mark.usefixtures("sandbox")
def test_what_is_shown_is_what_was_kept(budi, book, tmp_path):
    told = tap(budi).json
    payload = book.charge(told["ours"]).payload
    (tmp_path / "qr.png").write_bytes(png(payload))

    read = zxingcpp.read_barcode(Image.open(tmp_path / "qr.png"))

    assert read.text == payload


@pytest.mark.usefixtures("sandbox")
def test_looking_again_is_small_and_gives_the_picture_only_when_asked(budi):
    ours = tap(budi).json["ours"]

    bare = budi.get(f"/attendant/charges/{ours}")
    full = budi.get(f"/attendant/charges/{ours}?picture=1")

    assert bare.json["svg"] is None
    assert len(bare.data) < 600
    assert full.json["svg"].startswith("<svg")


def test_taps_of_one_key_side_by_side_give_one_charge_and_one_qr(parts, city, sandbox, book):
    phones = [Phone(parts, city.budi, city.budis_phone) for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(tap, phones))

    assert {a.status_code for a in answers} == {201}
    assert len({a.json["ours"] for a in answers}) == 1
    assert len(book.charges()) == 1
    assert len(sandbox.transactions()) == 1


def test_a_tap_sent_again_later_gives_the_same_charge(budi, sandbox):
    first = tap(budi).json

    again = tap(budi).json

    assert (again["ours"], again["state"]) == (first["ours"], "pending")
    assert len(sandbox.transactions()) == 1


@pytest.mark.usefixtures("sandbox")
def test_a_key_used_for_another_vehicle_is_refused(budi, book):
    tap(budi, "motorcycle")

    assert tap(budi, "car").status_code == 422
    assert len(book.charges()) == 1


def test_without_a_shift_nothing_is_asked(sari, sandbox):
    answer = tap(sari)

    assert answer.status_code == 409
    assert "giliran" in answer.json["message"]
    assert sandbox.transactions() == []


@pytest.mark.fault("F14")
def test_a_payment_told_before_the_charge_is_answered_is_lunas(budi, sandbox, parts, book):
    with serving(budi.browser.application) as url:
        sandbox.notify(f"{url}/callbacks/midtrans/{{account}}")
        sandbox.fault("callback_overtakes_create", value="settlement")
        told = tap(budi).json
        work.work_through(parts.sessions, parts.gateways.find, parts.clock.now())

    look = budi.get(f"/attendant/charges/{told['ours']}").json
    assert look["state"] == "paid"
    assert look["message"] == "LUNAS"
    assert not look["late"]
    assert look["svg"] is None
    assert budi.get("/attendant/state").json["totals"]["qris_sum"] == 2_000


@pytest.mark.fault("F14")
@pytest.mark.usefixtures("sandbox")
def test_the_answer_of_a_charge_that_is_paid_by_then_takes_nothing_back(parts, city, shift, book):
    charge = asked(parts, city, shift)
    gateway = parts.gateways.in_use(NOON.date())[0]
    issued = gateway.issue_qr(request_for(charge))
    with parts.sessions.begin() as session:
        store.move(
            session, charge.id, ChargeState.PAID, at=NOON, cause="evidence", actor="system",
            paid_at=NOON,
        )  # fmt: skip

    shown = show(parts.sessions, gateway, charge, issued, NOON)

    assert shown.state is ChargeState.PAID
    assert book.charge(charge.ours).state is ChargeState.PAID


@pytest.mark.fault("F23")
def test_an_unreachable_gateway_is_told_within_five_seconds(budi, book):
    began = time.monotonic()

    answer = tap(budi)

    assert time.monotonic() - began < 5
    assert answer.json["state"] == "create_unknown"
    assert answer.json["message"] == "QRIS belum menjawab. Terima tunai dan beri karcis."
    assert answer.json["svg"] is None


@pytest.mark.fault("F23")
def test_what_never_reached_the_gateway_fails_when_it_is_back(budi, sandbox, clock, book):
    sandbox.stop()
    ours = tap(budi).json["ours"]
    still = budi.get(f"/attendant/charges/{ours}").json["state"]
    sandbox.start()
    clock.forward(seconds=5)
    early = budi.get(f"/attendant/charges/{ours}").json["state"]
    clock.forward(seconds=11)

    late = budi.get(f"/attendant/charges/{ours}").json["state"]

    # Before fifteen seconds have passed our request might still be on its way.
    assert (still, early, late) == ("create_unknown", "create_unknown", "create_failed")
    assert sandbox.transactions() == []


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        pytest.param("create_500", "stored", marks=pytest.mark.fault("F25")),
        pytest.param("create_503", "stored", marks=pytest.mark.fault("F25")),
        pytest.param("create_html", "stored", marks=pytest.mark.fault("F26")),
        pytest.param("create_reset", None, marks=pytest.mark.fault("F27")),
    ],
)
def test_a_lost_answer_gives_one_qr_at_the_next_look(budi, sandbox, book, fault, value):
    sandbox.fault(fault, value=value, times=1)

    lost = tap(budi).json
    again = tap(budi).json
    found = budi.get(f"/attendant/charges/{lost['ours']}").json

    assert (lost["state"], lost["svg"]) == ("create_unknown", None)
    assert again["ours"] == lost["ours"]
    assert (found["state"], found["svg"][:4]) == ("pending", "<svg")
    assert len(sandbox.transactions()) == 1
    assert inspect(book.charge(lost["ours"]).payload).fields["amount"] == "2000"


@pytest.mark.fault("F24")
def test_made_there_and_timed_out_here_is_one_qr(parts, city, sandbox, clock, book):
    hurried = Midtrans(MERCHANT, sandbox.midtrans_url, [SERVER_KEY], Limits(read_s=0.3))

    class Only:
        def find(self, gateway, account):
            return hurried

        def standing(self, gateway, account):
            return Standing.WELL

    sandbox.fault("create_timeout_after_commit", value=1, times=1)
    asked_for = Tap(city.budi, city.budis_phone, Vehicle.CAR, KEY)
    lost = issue.issue(parts.sessions, Only(), asked_for, clock, timedelta(minutes=5))
    found = recover.recover(parts.sessions, hurried, lost, clock.now())

    assert lost.state is ChargeState.CREATE_UNKNOWN
    assert found.state is ChargeState.PENDING
    assert found.payload
    assert len(sandbox.transactions()) == 1


def test_many_phones_that_look_ask_the_gateway_once(parts, city, sandbox, budi):
    sandbox.fault("create_html", value="stored", times=1)
    ours = tap(budi).json["ours"]
    sandbox.fault("html_502", ours, times=1)
    phones = [Phone(parts, city.budi, city.budis_phone) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda p: p.get(f"/attendant/charges/{ours}").json["state"], phones))

    # The one question met the fault; a second would have found the QR.
    assert states == ["create_unknown"] * 4


def test_a_charge_whose_process_died_is_found_again(parts, city, shift, sandbox, budi, clock):
    charge = asked(parts, city, shift)
    parts.gateways.in_use(NOON.date())[0].issue_qr(request_for(charge))
    at_once = budi.get(f"/attendant/charges/{charge.ours}").json["state"]
    clock.forward(seconds=16)

    later = budi.get(f"/attendant/charges/{charge.ours}").json

    assert (at_once, later["state"]) == ("creating", "pending")
    assert later["svg"].startswith("<svg")


def test_what_the_sweep_found_first_is_shown_with_its_qr(budi, sandbox, parts, clock, book):
    sandbox.fault("create_html", value="stored", times=1)
    ours = tap(budi).json["ours"]
    sweep(parts.sessions, parts.gateways.find, clock.now())
    swept = book.charge(ours)
    clock.forward(seconds=1)

    look = budi.get(f"/attendant/charges/{ours}").json

    assert (swept.state, swept.payload) == (ChargeState.PENDING, None)
    assert look["state"] == "pending"
    assert look["svg"].startswith("<svg")


def test_an_answer_without_its_text_is_shown_by_its_picture(budi, sandbox):
    sandbox.fault("missing_qr_string", times=1)

    told = tap(budi).json

    assert told["state"] == "pending"
    assert told["svg"].startswith("<svg")


@pytest.mark.fault("F32")
@pytest.mark.fault("F28")
@pytest.mark.parametrize("what", ["amount", "merchant", "crc"])
def test_a_wrong_qr_is_never_shown(budi, sandbox, parts, book, what):
    sandbox.fault("wrong_qr", value=what, times=1)

    told = tap(budi).json
    look = budi.get(f"/attendant/charges/{told['ours']}?picture=1").json

    assert (told["state"], told["svg"]) == ("create_failed", None)
    assert (look["state"], look["svg"]) == ("create_failed", None)
    assert budi.get("/attendant/state").json["charge"] is None
    assert sandbox.transactions()[0]["status"] == "cancel"
    with parts.sessions() as session:
        alarm = session.scalars(
            select(AuditEventRow).where(AuditEventRow.action == "charge.wrong_qr")
        ).one()
    assert alarm.detail["problems"]


@pytest.mark.fault("F32")
def test_a_wrong_qr_found_after_a_lost_answer_is_not_shown_either(budi, sandbox):
    sandbox.fault("wrong_qr", value="merchant", times=1)
    sandbox.fault("create_html", value="stored", times=1)
    ours = tap(budi).json["ours"]

    look = budi.get(f"/attendant/charges/{ours}?picture=1").json

    assert (look["state"], look["svg"]) == ("create_failed", None)


def test_a_refusal_fails_at_once_and_a_new_tap_is_a_new_charge(
    city, sandbox, settings, clock, book
):
    wrong = replace(settings, gateway_keys={"MIDTRANS_JAMBI": ("SB-Mid-server-ANOTHER",)})
    refused = assemble(wrong, clock=clock)
    phone = Phone(refused, city.budi, city.budis_phone)

    told = tap(phone).json

    assert told["state"] == "create_failed"
    assert tap(phone, key="n" * 16).json["ours"] != told["ours"]
    refused.engine.dispose()


@pytest.mark.fault("F79")
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    "extra", ["amount", "attendant_id", "shift_id", "created_at", "state", "tariff_id", "ours"]
)
def test_a_phone_cannot_say_what_the_server_decides(budi, book, extra):
    answer = tap(budi, **{extra: 1})

    assert answer.status_code == 422
    assert answer.json["problems"] == {extra: "isian ini tidak dikenal"}
    assert book.charges() == []


HOSTILE = [
    b"", b"null", b"[]", b"{", b'{"vehicle":NaN}', b"\xff\xfe", b'"\\ud800"', b"[" * 100_000,
    b'{"vehicle":"motorcycle","client_key":"\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000a"}',
    b'{"vehicle":"motorcycle","client_key":"\\ud800aaaaaaaaaaa"}',
    b'{"vehicle":"tank","client_key":"aaaaaaaaaaaa"}',
    b'{"vehicle":1e400,"client_key":"aaaaaaaaaaaa"}',
    b'{"vehicle":"motorcycle","client_key":' + b"9" * 5_000 + b"}",
    b'{"vehicle":{"__class__":"x"},"client_key":["aaaaaaaaaaaa"]}',
    b'{"vehicle":"motorcycle","client_key":"aaaaaaaaaaaa","replaces":"\'; DROP TABLE charge;--"}',
]  # fmt: skip


@pytest.mark.fault("F74")
@pytest.mark.fault("F75")
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("path", ["charges", "cash", "shifts", "shifts/close"])
def test_hostile_json_is_refused_and_never_an_error_of_ours(budi, book, path, body):
    answer = budi.browser.post(f"/attendant/{path}", data=body, content_type="application/json")

    assert 400 <= answer.status_code < 500
    assert book.charges() == []


@pytest.mark.fault("F74")
@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff", "..%2f..", "x" * 500, "' OR 1=1"])
def test_hostile_names_are_not_found(budi, name):
    assert budi.get(f"/attendant/charges/{name}").status_code == 404
    assert budi.post(f"/attendant/charges/{name}/cancel").status_code == 404
    assert budi.post("/attendant/cash/99999999999999999999999/correct").status_code == 404


@pytest.mark.fault("F74")
def test_what_is_not_json_is_refused(budi):
    body = json.dumps({"vehicle": "car", "client_key": KEY})

    assert budi.browser.post("/attendant/charges", data=body).status_code == 415


@pytest.mark.fault("F77")
def test_a_tap_without_its_csrf_token_is_refused(budi, book):
    budi.browser.csrf = ""

    assert tap(budi).status_code == 400
    assert book.charges() == []


@pytest.mark.fault("F78")
def test_anothers_charge_does_not_exist(budi, sari, city, sandbox):
    ours = tap(budi).json["ours"]
    sari.post("/attendant/shifts", point_id=city.street)

    answers = [
        sari.get(f"/attendant/charges/{ours}"),
        sari.post(f"/attendant/charges/{ours}/cancel"),
        tap(sari, key="s" * 16, replaces=ours),
        sari.post("/attendant/cash", vehicle="car", client_key="s" * 16, instead_of=ours),
    ]

    assert [a.status_code for a in answers] == [404] * 4
    # It looks in no way different from a charge that there never was.
    nobodys = sari.get("/attendant/charges/PKR20261123NOBODYSX").json["message"]
    assert {a.json["message"].replace(ours, "") for a in answers} == {
        nobodys.replace("PKR20261123NOBODYSX", "")
    }
    assert len(sandbox.transactions()) == 1
    assert budi.get(f"/attendant/charges/{ours}").json["state"] == "pending"


@pytest.mark.fault("F48")
def test_the_day_and_price_of_a_charge_are_of_its_second_in_jambi(
    city, parts, sandbox, clock, book
):
    with parts.sessions.begin() as session:
        session.execute(
            insert(TariffRow).values(
                vehicle="car", zone="Pasar", amount=4_000, valid_from=date(2026, 11, 24),
                decree="Perda 9/2026", entered_at=ENTERED, entered_by="user:admin",
            )
        )  # fmt: skip
    clock.moment = BEFORE_MIDNIGHT
    budi = Phone(parts, city.budi, city.budis_phone)
    before = tap(budi, "car", "a" * 16).json["ours"]
    clock.forward(seconds=1)
    after = tap(budi, "car", "b" * 16).json["ours"]

    kept = [book.charge(ours) for ours in (before, after)]
    assert [k.business_day for k in kept] == [date(2026, 11, 23), date(2026, 11, 24)]
    assert [k.amount for k in kept] == [3_000, 4_000]
    assert [ours[:11] for ours in (before, after)] == ["PKR20261123", "PKR20261124"]
    assert expire.expire_due(parts.sessions, parts.gateways.find, clock.now()) == 0


def test_names_cannot_be_guessed_and_end_in_a_letter():
    names = {issue.new_name(NOON) for _ in range(2_000)}

    assert len(names) == 2_000
    assert all(n[-1].isalpha() and len(n) == 19 for n in names)


def request_for(charge):
    return QrRequest(
        charge.ours, charge.amount, charge.created_at, charge.expires_at, "Parkir Mobil", "PSR-01"
    )


def asked(parts, city, shift):
    """A charge that was stored, and its process died before it had asked the gateway."""
    with parts.sessions.begin() as session:
        return store.add(
            session,
            Asked(
                issue.new_name(NOON), "midtrans", "jambi", shift, city.budi, city.market,
                city.budis_phone, KEY, Vehicle.CAR, city.tariffs["car"], 3_000, 4_000, NOON,
                NOON + timedelta(minutes=5), None,
            ),
        )  # fmt: skip


@pytest.mark.fault("F14")
def test_of_several_codes_that_replace_one_there_is_one(sandbox, parts, city, shift, budi, book):
    old = budi.post("/attendant/charges", vehicle="motorcycle", client_key="old-key-1").json["ours"]
    phones = [Phone(parts, city.budi, city.budis_phone) for _ in range(4)]

    def again(number):
        return phones[number].post(
            "/attendant/charges", vehicle="car", client_key=f"new-key-{number}", replaces=old
        )

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(again, range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert [c.state for c in book.charges() if c.replaces == old] == [ChargeState.PENDING]
