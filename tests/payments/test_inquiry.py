"""What a gateway says when asked, and what never came by callback."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from parking.charges.charge import ChargeState
from parking.errors import GatewayUnavailable, NotFound
from parking.gateways.protocol import Evidence, State, Trust
from parking.payments import inquire, work

from tests.builders import MERCHANT
from tests.payments.messages import notification
from tests.payments.test_callbacks import SHARED


class Asked:
    """A gateway that says what it was told to say, and remembers what it was asked."""

    merchant = MERCHANT

    def __init__(self, scene):
        self.scene = scene
        self.says: dict[str, list[Evidence] | Exception] = {}
        self.asked: list[str] = []
        self.real = scene.parts.gateways.find("midtrans", "jambi")

    def tells(self, ours, state, *, ref=None, amount=2_000, refunded=0):
        self.says.setdefault(ours, []).append(
            Evidence("midtrans", "jambi", ours, ref or f"trx-{ours}", state, amount,
                     self.scene.now, Trust.PROOF, refunded=refunded)
        )  # fmt: skip

    def forgets(self, ours):
        self.says.pop(ours, None)

    def inquire(self, reference):
        self.asked.append(reference.ours)
        said = self.says.get(reference.ours, [])
        if isinstance(said, Exception):
            raise said
        return [e for e in said if reference.theirs in (None, e.payment_ref)]

    def read_callback(self, callback):
        return self.real.read_callback(callback)

    def find(self, gateway, account):
        return self

    def sweep(self):
        return inquire.sweep(self.scene.parts.sessions, self.find, self.scene.now)

    def work(self):
        return work.work_through(self.scene.parts.sessions, self.find, self.scene.now)


@pytest.fixture
def gateway(scene):
    return Asked(scene)


def due(scene, ours="PKR-1", **values):
    """A charge that is to be asked about now."""
    from parking.charges import store

    charge = scene.charge(ours, **values)
    with scene.parts.sessions.begin() as session:
        store.ask_at(session, charge.id, scene.now)
    return charge


@pytest.mark.fault("F22")
def test_a_payment_that_no_callback_told_is_found_by_asking(scene, gateway):
    due(scene)
    gateway.tells("PKR-1", State.PAID)

    assert gateway.sweep() == 1

    charge = scene.look()
    assert (charge.state, charge.inquire_at) == (ChargeState.PAID, None)
    assert charge.confirmed_at == scene.now
    assert scene.balances() == SHARED
    assert scene.payments()[0].source == "inquiry"
    scene.notify()
    scene.work()
    assert scene.inbox() == {"DUPLICATE": 1}
    assert scene.balances() == SHARED


def test_a_signed_payment_is_confirmed_within_fifteen_minutes(scene, gateway, clock):
    scene.charge()
    scene.notify()
    scene.work()
    gateway.tells("PKR-1", State.PAID)
    assert gateway.sweep() == 0
    clock.forward(minutes=15)

    assert gateway.sweep() == 1

    assert scene.look().confirmed_at == scene.now
    assert scene.look().inquire_at is None


@pytest.mark.fault("F33")
def test_nothing_that_is_said_later_makes_a_paid_charge_unpaid(scene, gateway, clock):
    due(scene)
    gateway.tells("PKR-1", State.PAID)
    gateway.sweep()
    for state in (State.PENDING, State.EXPIRED, State.CANCELLED, State.FAILED, State.UNKNOWN):
        gateway.forgets("PKR-1")
        gateway.tells("PKR-1", state)

        inquire.ask_now(scene.parts.sessions, gateway.find, "PKR-1", scene.now)

        assert scene.look().state is ChargeState.PAID
    gateway.forgets("PKR-1")
    inquire.ask_now(scene.parts.sessions, gateway.find, "PKR-1", scene.now)
    assert scene.look().state is ChargeState.PAID
    assert scene.balances() == SHARED


@pytest.mark.fault("F09")
def test_a_status_edited_under_a_right_signature_is_rejected_by_asking(scene, gateway, clock):
    scene.charge()
    scene.post(notification("PKR-1", scene.now, "pending", transaction_status="settlement"))
    gateway.work()
    assert scene.inbox() == {"UNVERIFIED": 1}
    gateway.tells("PKR-1", State.PENDING)
    gateway.sweep()
    clock.forward(seconds=5)

    gateway.work()

    assert scene.inbox() == {"REJECTED": 1}
    assert scene.look().state is ChargeState.PENDING
    assert scene.balances() == {}


@pytest.mark.fault("F09")
def test_an_end_that_the_gateway_knows_nothing_of_is_rejected(scene, gateway, clock):
    scene.charge()
    scene.notify(status="cancel")
    gateway.work()
    gateway.sweep()
    clock.forward(seconds=5)

    gateway.work()

    assert scene.inbox() == {"REJECTED": 1}
    assert scene.look().state is ChargeState.PENDING


def test_an_end_that_the_gateway_confirms_is_applied(scene, gateway, clock):
    scene.charge()
    scene.notify(status="expire")
    gateway.work()
    gateway.tells("PKR-1", State.EXPIRED)
    gateway.sweep()
    clock.forward(seconds=5)

    gateway.work()

    assert scene.inbox() == {"APPLIED": 1}
    assert scene.look().state is ChargeState.EXPIRED
    assert scene.look().inquire_at is not None, "drivers pay in the last second"


def test_a_charge_paid_in_the_last_second_overtakes_its_own_end(scene, gateway, clock):
    scene.charge()
    scene.notify(status="expire")
    gateway.work()
    gateway.tells("PKR-1", State.PAID)
    gateway.sweep()
    clock.forward(seconds=5)

    gateway.work()

    assert scene.inbox() == {"STALE": 1}
    assert scene.balances() == SHARED


@pytest.mark.fault("F12")
@pytest.mark.parametrize(
    ("paid", "state", "balances"),
    [
        (1_500, ChargeState.PENDING, {"due_from_gateway": 1_500, "suspense": -1_500}),
        (2_500, ChargeState.PAID, {**SHARED, "due_from_gateway": 2_500, "suspense": -500}),
    ],
)
def test_another_amount_than_asked_goes_to_suspense(scene, gateway, paid, state, balances):
    due(scene)
    gateway.tells("PKR-1", State.PAID, amount=paid)

    gateway.sweep()

    assert scene.look().state is state
    assert scene.balances() == balances
    assert (scene.look().inquire_at is None) is (state is ChargeState.PAID)


@pytest.mark.fault("F12")
def test_a_charge_that_got_less_than_was_asked_ends_when_its_time_is_over(scene, gateway, clock):
    due(scene)
    gateway.tells("PKR-1", State.PAID, amount=1_500)
    gateway.sweep()

    for _ in range(12):
        clock.forward(minutes=10)
        gateway.sweep()

    assert scene.look().state is ChargeState.EXPIRED
    assert scene.look().inquire_at is None
    assert scene.balances() == {"due_from_gateway": 1_500, "suspense": -1_500}


def test_a_second_payment_of_one_charge_is_booked_and_belongs_to_nobody_yet(scene, gateway, clock):
    due(scene)
    gateway.tells("PKR-1", State.PAID, ref="trx-PKR-1")
    gateway.sweep()
    scene.notify(ref="trx-second")
    gateway.work()
    assert len(scene.payments()) == 1
    gateway.tells("PKR-1", State.PAID, ref="trx-second")
    gateway.sweep()
    clock.forward(seconds=5)

    gateway.work()

    assert [p.payment_ref for p in scene.payments()] == ["trx-PKR-1", "trx-second"]
    assert scene.balances() == {**SHARED, "due_from_gateway": 4_000, "suspense": -2_000}
    assert scene.inbox() == {"APPLIED": 1}


def test_refunds_move_the_charge_and_undo_the_booking_exactly(scene, gateway):
    due(scene, amount=2_001)
    gateway.tells("PKR-1", State.PARTLY_REFUNDED, amount=2_001, refunded=501)
    gateway.sweep()
    assert scene.look().state is ChargeState.PARTLY_REFUNDED
    assert scene.balances()["due_from_gateway"] == 1_500

    gateway.forgets("PKR-1")
    gateway.tells("PKR-1", State.REFUNDED, amount=2_001, refunded=2_001)
    inquire.ask_now(scene.parts.sessions, gateway.find, "PKR-1", scene.now)
    inquire.ask_now(scene.parts.sessions, gateway.find, "PKR-1", scene.now)

    assert scene.look().state is ChargeState.REFUNDED
    assert scene.balances() == {}
    assert scene.entries() == ["payment", "refund", "refund"]


def test_a_reversal_takes_back_what_is_left(scene, gateway):
    due(scene)
    gateway.tells("PKR-1", State.PAID)
    gateway.sweep()
    gateway.forgets("PKR-1")
    gateway.tells("PKR-1", State.REVERSED)

    inquire.ask_now(scene.parts.sessions, gateway.find, "PKR-1", scene.now)

    assert scene.look().state is ChargeState.REVERSED
    assert scene.balances() == {}


def test_a_gateway_that_does_not_answer_is_left_alone_until_the_next_sweep(scene, gateway, clock):
    for number in range(20):
        due(scene, f"PKR-{number}")
        gateway.says[f"PKR-{number}"] = GatewayUnavailable("no answer")

    gateway.sweep()

    assert len(gateway.asked) <= inquire.AT_ONCE
    gateway.says.clear()
    clock.forward(minutes=1)
    gateway.sweep()
    assert len(set(gateway.asked)) == 20


def test_what_was_said_of_the_first_is_applied_before_the_last_are_asked_about(scene, gateway):
    for number in range(inquire.BATCH + 1):
        due(scene, f"PKR-{number}")
        gateway.tells(f"PKR-{number}", State.PAID)
    seen, answer = [], gateway.inquire

    def look_first(reference):
        if len(gateway.asked) == inquire.BATCH:
            seen.append(scene.look(gateway.asked[0]).state)
        return answer(reference)

    gateway.inquire = look_first

    assert gateway.sweep() == inquire.BATCH + 1
    assert seen == [ChargeState.PAID]


def test_lost_answers_are_asked_about_first(scene, gateway):
    due(scene, "PKR-pending")
    due(scene, "PKR-lost", state=ChargeState.CREATE_UNKNOWN)

    with scene.parts.sessions() as session:
        from parking.payments import store

        found = store.due_charges(session, scene.now, 10)

    assert [d.ours for d in found] == ["PKR-lost", "PKR-pending"]


@pytest.mark.parametrize("state", [ChargeState.CREATING, ChargeState.CREATE_UNKNOWN])
def test_a_charge_that_the_gateway_never_made_has_failed_after_a_minute(
    scene, gateway, clock, state
):
    due(scene, state=state)
    gateway.sweep()
    assert scene.look().state is state, "they may not know of it yet"
    clock.forward(minutes=1)

    gateway.sweep()

    assert scene.look().state is ChargeState.CREATE_FAILED


def test_a_charge_whose_answer_was_lost_is_pending_if_the_gateway_made_it(scene, gateway):
    due(scene, state=ChargeState.CREATE_UNKNOWN)
    gateway.tells("PKR-1", State.PENDING)

    gateway.sweep()

    assert (scene.look().state, scene.look().theirs) == (ChargeState.PENDING, "trx-PKR-1")


def test_an_open_charge_is_asked_again_on_the_schedule(scene, gateway, clock):
    due(scene)
    gateway.tells("PKR-1", State.PENDING)

    moments = []
    while len(moments) < 6:
        gateway.sweep()
        moments.append(scene.look().inquire_at - scene.look().created_at)
        clock.moment = scene.look().inquire_at

    assert moments == [timedelta(minutes=m) for m in (1, 3, 5, 10, 30, 60)]


def test_asking_about_no_charge_of_ours_is_refused(scene, gateway):
    with pytest.raises(NotFound):
        inquire.ask_now(scene.parts.sessions, gateway.find, "PKR-none", scene.now)


def test_an_answer_of_another_merchant_is_not_this_charge(scene, gateway):
    due(scene)
    gateway.tells("PKR-1", State.PAID)
    gateway.says["PKR-1"] = [replace(gateway.says["PKR-1"][0], account="padang")]

    gateway.sweep()

    assert scene.look().state is ChargeState.PENDING
    assert scene.balances() == {"due_from_gateway": 2_000, "suspense": -2_000}


@pytest.mark.fault("F37")
def test_workers_and_sweeps_at_once_book_every_payment_once(scene, gateway):
    names = [f"PKR-{n}" for n in range(60)]
    for ours in names:
        due(scene, ours)
        gateway.tells(ours, State.PAID)
        scene.notify(ours)
    failures = []

    def run(task):
        try:
            task()
        except Exception as error:
            failures.append(error)

    tasks = [gateway.work, gateway.sweep, gateway.work, gateway.sweep]
    threads = [threading.Thread(target=run, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gateway.work()

    assert failures == []
    assert len(scene.payments()) == 60
    assert scene.balances() == {account: 60 * total for account, total in SHARED.items()}
    assert not set(scene.inbox()) - {"APPLIED", "DUPLICATE"}
