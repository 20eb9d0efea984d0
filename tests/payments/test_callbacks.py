"""A callback from the door to the book, and everything that goes wrong on the way."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from parking.charges.charge import ChargeState
from parking.gateways.protocol import Evidence, State, Trust
from parking.payments.apply import apply
from parking.payments.payment import Brought, Origin
from parking.payments.store import CallbackRow
from parking.registry.store import MerchantAccountRow
from sqlalchemy import func, insert, select

from tests.builders import LONG_AGO, PATH
from tests.payments.messages import notification

SHARED = {"due_from_gateway": 2_000, "city_share": -800, "attendant_share": -1_200}


def test_a_signed_payment_is_kept_applied_and_shared(scene):
    scene.charge()

    answer = scene.notify()
    worked = scene.work()

    assert (answer.status_code, worked) == (200, 1)
    charge = scene.look()
    assert (charge.state, charge.late, charge.theirs) == (ChargeState.PAID, False, "trx-PKR-1")
    assert scene.balances() == SHARED
    assert scene.inbox() == {"APPLIED": 1}
    assert charge.inquire_at - scene.now <= timedelta(minutes=15), "a signature is confirmed"


@pytest.mark.fault("F02")
@pytest.mark.fault("F11")
def test_a_message_sent_again_at_any_age_has_no_effect(scene, clock):
    scene.charge()
    body = notification("PKR-1", scene.now)
    scene.post(body)
    scene.work()
    clock.forward(days=40)

    answer = scene.post(body)

    assert (answer.status_code, scene.work(), scene.repeats()) == (200, 0, 1)
    assert len(scene.payments()) == 1
    assert scene.balances() == SHARED


@pytest.mark.fault("F04")
def test_fifty_deliveries_at_once_are_one_callback_and_one_booking(scene):
    scene.charge()
    body, answers = notification("PKR-1", scene.now), []
    threads = [
        threading.Thread(target=lambda: answers.append(scene.post(body).status_code))
        for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    scene.work()

    assert answers == [200] * 50
    assert (scene.repeats(), len(scene.payments())) == (49, 1)
    assert scene.balances() == SHARED


@pytest.mark.fault("F05")
def test_the_same_payment_in_other_words_is_a_duplicate(scene):
    scene.charge()
    scene.notify(status_message="one", extra_field=1)
    scene.work()

    scene.post(notification("PKR-1", scene.now, refund_key="x", issuer="lain"))
    scene.work()

    assert scene.inbox() == {"APPLIED": 1, "DUPLICATE": 1}
    assert scene.balances() == SHARED


@pytest.mark.fault("F06")
def test_pending_after_settlement_changes_nothing(scene):
    scene.charge()
    scene.notify()
    scene.work()

    scene.notify(status="pending")
    scene.work()

    assert scene.look().state is ChargeState.PAID
    assert scene.inbox() == {"APPLIED": 1, "STALE": 1}


@pytest.mark.fault("F07")
@pytest.mark.parametrize("word", ["expire", "cancel"])
def test_an_end_after_settlement_is_stale_and_the_gateway_is_asked(scene, word):
    scene.charge()
    scene.notify()
    scene.work()

    scene.notify(status=word)
    scene.work()

    charge = scene.look()
    assert charge.state is ChargeState.PAID
    assert charge.inquire_at == scene.now
    assert scene.inbox() == {"APPLIED": 1, "STALE": 1}


@pytest.mark.fault("F08")
def test_a_forged_callback_is_turned_away_and_kept_cut(scene):
    scene.charge()

    answer = scene.post(notification("PKR-1", scene.now, key="wrong", padding="x" * 20_000))

    assert answer.status_code == 401
    assert (scene.work(), scene.levels(), scene.inbox()) == (0, {"none": 1}, {"REJECTED": 1})
    assert scene.look().state is ChargeState.PENDING
    assert scene.balances() == {}


@pytest.mark.fault("F08")
def test_a_flood_of_forgeries_is_answered_and_kept_at_a_bounded_rate(scene, clock):
    for number in range(100):
        assert scene.notify(f"PKR-{number}", key="wrong").status_code == 401

    assert scene.levels()["none"] == 60
    clock.forward(minutes=1)
    scene.notify("PKR-later", key="wrong")
    assert scene.levels()["none"] == 61


@pytest.mark.fault("F10")
def test_figures_that_could_be_cut_elsewhere_are_refused_before_hashing(scene):
    scene.charge("P-12")
    body = json.loads(notification("P-12", scene.now))
    body |= {"order_id": "P-1", "status_code": "2200"}

    answer = scene.post(json.dumps(body).encode())

    assert answer.status_code == 400
    assert scene.inbox() == {"MALFORMED": 1}


@pytest.mark.fault("F13")
def test_money_for_an_unknown_order_is_kept_in_suspense(scene, clock):
    answer = scene.notify("PKR-unknown")
    scene.work()

    assert answer.status_code == 200
    assert scene.balances() == {"due_from_gateway": 2_000, "suspense": -2_000}
    assert scene.inbox() == {"ORPHAN": 1}
    clock.forward(minutes=15)
    scene.work()
    assert scene.inbox() == {"ESCALATED": 1}


def test_a_kept_message_under_other_unsigned_names_books_no_second_payment(scene):
    scene.notify("PKR-unknown")
    scene.charge("PKR-2")
    scene.notify("PKR-2")
    scene.work()

    scene.notify("PKR-unknown", ref="trx-invented")
    scene.notify("PKR-2", ref="trx-invented")
    scene.work()

    assert [p.payment_ref for p in scene.payments()] == ["trx-PKR-unknown", "trx-PKR-2"]
    assert scene.look("PKR-2").inquire_at == scene.now


def test_nor_does_it_for_another_merchants_order_that_is_named_like_ours(scene):
    scene.charge()
    said = Evidence(
        "midtrans", "other", "PKR-1", "trx-1", State.PAID, 2_000, scene.now, Trust.PROVISIONAL
    )

    for each in (said, replace(said, payment_ref="trx-invented")):
        scene.notify(ref=each.payment_ref)  # kept, and not worked on
        with scene.parts.sessions.begin() as session:
            kept = session.scalar(select(func.max(CallbackRow.id)))
            apply(session, Brought(each, Origin.CALLBACK, callback_id=kept), scene.now)

    assert [p.payment_ref for p in scene.payments()] == ["trx-1"]
    assert scene.look().state is ChargeState.PENDING


@pytest.mark.fault("F14")
@pytest.mark.parametrize("state", [ChargeState.CREATING, ChargeState.CREATE_UNKNOWN])
def test_a_payment_told_before_the_gateway_answered_us_is_paid(scene, state):
    scene.charge(state=state)

    scene.notify()
    scene.work()

    charge = scene.look()
    assert (charge.state, charge.late) == (ChargeState.PAID, False)
    assert scene.balances() == SHARED


@pytest.mark.parametrize(
    "ended", [ChargeState.EXPIRED, ChargeState.CANCELLED, ChargeState.CREATE_FAILED]
)
def test_a_payment_after_the_end_is_paid_and_late(scene, ended):
    scene.charge(state=ended)

    scene.notify()
    scene.work()

    charge = scene.look()
    assert (charge.state, charge.late) == (ChargeState.PAID, True)
    assert scene.payments()[0].late
    assert scene.balances() == SHARED


@pytest.mark.fault("F12")
def test_a_signed_amount_that_was_not_asked_waits_for_the_gateway(scene):
    scene.charge()

    scene.notify(amount=5_000)
    scene.work()

    assert scene.balances() == {}
    assert scene.inbox() == {"UNVERIFIED": 1}
    assert scene.look().inquire_at == scene.now


def test_one_callback_that_cannot_be_worked_on_holds_up_nobody(scene, monkeypatch):
    from parking.payments import apply

    scene.charge("PKR-1")
    scene.charge("PKR-bad")
    scene.charge("PKR-3")
    for ours in ("PKR-1", "PKR-bad", "PKR-3"):
        scene.notify(ours)
    decide = apply.decide

    def breaks(known, brought, *rest, **more):
        if brought.evidence.ours == "PKR-bad":
            raise RuntimeError("a fault of ours")
        return decide(known, brought, *rest, **more)

    monkeypatch.setattr(apply, "decide", breaks)
    scene.work()

    assert scene.inbox() == {"APPLIED": 2, "RETRY": 1}
    monkeypatch.undo()
    assert scene.work() == 0, "not before its time"
    scene.parts.clock.forward(seconds=5)
    scene.work()
    assert scene.inbox() == {"APPLIED": 3}


def test_after_twelve_attempts_a_person_must_look(scene, monkeypatch):
    from parking.payments import apply

    scene.charge()
    scene.notify()

    def breaks(*_, **__):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(apply, "decide", breaks)
    for _ in range(12):
        scene.work()
        scene.parts.clock.forward(hours=1)

    assert scene.inbox() == {"DEAD": 1}


def test_only_post_to_a_known_account(scene):
    client = scene.app.test_client()

    assert client.get("/callbacks/midtrans/jambi").status_code == 405
    assert client.post("/callbacks/midtrans/padang", data=b"{}").status_code == 404
    assert client.post("/callbacks/midtrans/a%00b", data=b"{}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"\x00\xff", 400), (b"[1]", 400), (b"{}", 400), (b"[" * 60_000, 400),
     (b"x" * 70_000, 413)],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_kept_cut(scene, body, status):
    assert scene.post(body).status_code == status
    assert scene.inbox() == {"MALFORMED": 1}


@pytest.mark.parametrize("time", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_a_time_beyond_the_calendar_books_nothing_and_stops_no_reconciliation(scene, time):
    scene.post(notification("PKR-9", scene.now, settlement_time=time))

    scene.work()

    assert (scene.inbox(), scene.payments()) == ({"MALFORMED": 1}, [])


def test_two_accounts_may_count_alike_and_both_payments_are_booked(scene):
    with scene.parts.sessions.begin() as session:
        session.execute(
            insert(MerchantAccountRow).values(
                gateway="midtrans", account="pasar", merchant_id="G000000002",
                nmid="ID1020000000013", pan="936001150000000124", name="PASAR JAMBI",
                city="KOTA JAMBI", environment="sandbox", key_name="MIDTRANS_JAMBI",
                valid_from=LONG_AGO,
            )
        )  # fmt: skip
    scene.charge()
    scene.notify(ref="trx-1")
    body = notification("PKR-OTHER", scene.now, ref="trx-1", merchant_id="G000000002")
    scene.post(body, "/callbacks/midtrans/pasar")

    scene.work()

    assert [(p.account, p.amount) for p in scene.payments()] == [
        ("jambi", 2_000), ("pasar", 2_000),
    ]  # fmt: skip


def test_what_a_signature_may_cover_is_kept_whole(scene):
    scene.charge()
    scene.post(notification("PKR-1", scene.now), f"{PATH}/v1.0/qr/qr-mpm-notify")

    with scene.parts.sessions() as session:
        assert session.scalars(select(CallbackRow.path)).all() == [
            "/callbacks/midtrans/jambi/v1.0/qr/qr-mpm-notify"
        ]


@pytest.mark.fault("F09")
@pytest.mark.fault("F21")
def test_a_caught_callback_that_is_varied_fills_no_inbox_and_holds_up_no_other(scene):
    scene.charge()
    scene.charge("PKR-2")
    codes = [scene.notify(status="pending", ref=f"trx-{n}").status_code for n in range(120)]

    assert codes == [200] * 100 + [429] * 20
    assert scene.notify("PKR-2").status_code == 200
    with scene.parts.sessions() as session:
        assert session.scalar(select(func.count()).select_from(CallbackRow)) == 101
