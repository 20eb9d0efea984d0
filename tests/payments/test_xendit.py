"""Xendit from its sandbox through our door into the book: what it tells is hearsay until read."""

from dataclasses import asdict, dataclass

import pytest
from parking.charges.charge import PATIENCE, Charge, ChargeState
from parking.charges.recover import recover, reveal
from parking.charges.store import ChargeRow
from parking.errors import GatewayUnavailable
from parking.gateways.protocol import Gateway, Level, RefundRequest, RefundState
from parking.money import Rupiah
from parking.payments import inquire
from parking.registry.store import MerchantAccountRow
from sqlalchemy import insert, update

from tests.builders import LONG_AGO
from tests.gateways.contract.adapters import merchant_of
from tests.gateways.xendit_samples import TOKEN, event, payment, refund
from tests.payments.conftest import Scene
from tests.sandbox.caller import asked
from tests.sandbox_process import SandboxProcess, serving

PATH = "/callbacks/xendit/jambi"
SHARED = {"due_from_gateway": 2_000, "city_share": -800, "attendant_share": -1_200}


@dataclass(frozen=True)
class Story:
    """A charge at Xendit, and everybody who has to do with it."""

    scene: Scene
    gateway: Gateway
    sandbox: SandboxProcess

    @property
    def sessions(self):
        return self.scene.parts.sessions

    def ask(self, ours: str = "PKR-1", amount: int = 2_000) -> Charge:
        """A QR on the attendant's phone."""
        charge = self.scene.charge(
            ours, amount=amount, state=ChargeState.CREATING, gateway="xendit"
        )
        issued = self.gateway.issue_qr(asked(ours, self.scene.now, amount))
        return reveal(self.sessions, self.gateway, charge, issued, self.scene.now)

    def paid(self, ours: str = "PKR-1", **how) -> str:
        """A driver has paid, and all of it is booked; how they call the payment."""
        self.ask(ours)
        self.sandbox.pay(ours, **how)
        self.hear()
        return self.scene.payments()[-1].payment_ref

    def hear(self) -> None:
        """Their callbacks come in, are worked on, asked about and worked on again."""
        self.sandbox.deliver_now()
        self.settle()

    def settle(self) -> None:
        self.scene.work()
        inquire.sweep(self.sessions, self.scene.parts.gateways.find, self.scene.now)
        self.scene.parts.clock.forward(minutes=1)
        self.scene.work()

    def is_due(self) -> None:
        """The gateway is to be asked now, whatever was planned."""
        with self.sessions.begin() as session:
            session.execute(update(ChargeRow).values(inquire_at=self.scene.now))

    def post(self, told, token: str | None = TOKEN, **headers):
        shown = {"X-Callback-Token": token} if token is not None else {}
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.scene.app.test_client().post(PATH, json=told, headers=shown | named)

    def refund(self, ref: str, amount: int) -> RefundState:
        charge = self.scene.look()
        reference = inquire.Reference(charge.ours, charge.theirs)
        wish = RefundRequest("RF1", reference, ref, charge.amount, Rupiah(amount), "bayar dua kali")
        return self.gateway.refund(wish).state


@pytest.fixture
def story(scene, parts, sandbox):
    with parts.sessions.begin() as session:
        merchant = asdict(merchant_of("xendit"))
        session.execute(
            insert(MerchantAccountRow).values(
                **merchant, key_name="XENDIT_JAMBI", valid_from=LONG_AGO
            )
        )
    gateway = parts.gateways.find("xendit", "jambi")
    with serving(scene.app) as url:
        sandbox.notify(url + "/callbacks/{gateway}/{account}")
        yield Story(scene, gateway, sandbox)


def about(charge: Charge, **other):
    """A callback of a payment of a charge, as anybody could write it who has seen one."""
    return event("qr.payment", payment(reference_id=charge.ours, qr_id=charge.theirs) | other)


def test_a_payment_is_booked_once_it_has_been_read_again(story):
    charge = story.ask()
    story.sandbox.pay("PKR-1", wallet="dana")
    story.sandbox.deliver_now()
    story.scene.work()
    assert (story.scene.inbox(), story.scene.balances()) == ({"UNVERIFIED": 1}, {})

    story.settle()

    after = story.scene.look()
    assert (after.state, after.theirs) == (ChargeState.PAID, charge.theirs)
    assert story.scene.balances() == SHARED
    assert story.scene.inbox() == {"APPLIED": 1}
    assert story.scene.levels() == {Level.TOKEN: 1}
    (receipt,) = story.scene.payments()
    assert receipt.payment_ref.startswith("qrpy_")


@pytest.mark.fault("F08")
@pytest.mark.parametrize("token", [None, "", "cbtok-ANOTHER", TOKEN.upper(), f"{TOKEN} "[::-1]])
def test_without_the_token_nobody_is_heard(story, token):
    charge = story.ask()

    answer = story.post(about(charge), token)

    assert answer.status_code == 401
    assert story.scene.inbox() == {"REJECTED": 1}
    assert story.scene.balances() == {}


@pytest.mark.fault("F08")
@pytest.mark.fault("F09")
@pytest.mark.parametrize("amount", [2_000, 1])
def test_with_the_token_a_payment_that_nobody_made_is_found_out(story, amount):
    charge = story.ask()

    assert story.post(about(charge, id="qrpy_forged", amount=amount)).status_code == 200
    story.settle()

    assert story.scene.inbox() == {"REJECTED": 1}
    assert story.scene.look().state is ChargeState.PENDING
    assert story.scene.balances() == {}


@pytest.mark.fault("F09")
@pytest.mark.fault("F12")
def test_an_altered_amount_is_not_booked_but_the_true_one_is(story):
    charge = story.ask()
    story.sandbox.fault("callback_drop", "PKR-1")
    story.sandbox.pay("PKR-1")
    (proof,) = story.gateway.inquire(inquire.Reference("PKR-1", charge.theirs))

    story.post(about(charge, id=proof.payment_ref, amount=1_000_000))
    story.settle()

    assert story.scene.inbox() == {"REJECTED": 1}
    assert story.scene.balances() == SHARED


@pytest.mark.fault("F12")
def test_less_than_was_asked_is_booked_and_not_lunas(story):
    story.ask()
    story.sandbox.fault("amount_mismatch", "PKR-1", value=1_500)
    story.sandbox.pay("PKR-1")

    story.hear()

    assert story.scene.look().state is ChargeState.PENDING
    assert story.scene.balances()["due_from_gateway"] == 1_500


@pytest.mark.fault("F11")
def test_a_message_sent_again_at_any_age_has_no_effect(story, clock):
    story.paid()
    body = event("qr.payment", payment(reference_id="PKR-1"))
    first = story.post(body, webhook_id="wh-1")
    story.settle()
    clock.forward(days=40)

    again = story.post(body, webhook_id="wh-1")

    assert (first.json["status"], again.json["status"]) == ("kept", "repeated")
    assert (again.status_code, story.scene.work(), story.scene.repeats()) == (200, 0, 1)
    assert story.scene.balances() == SHARED


@pytest.mark.fault("F05")
def test_the_same_payment_under_a_new_number_is_a_duplicate(story):
    ref = story.paid()
    charge, (receipt,) = story.scene.look(), story.scene.payments()

    told = about(charge, id=ref, created=f"{receipt.paid_at:%Y-%m-%dT%H:%M:%SZ}")
    story.post(told, webhook_id="wh-another")
    story.settle()

    assert story.scene.inbox() == {"APPLIED": 1, "DUPLICATE": 1}
    assert story.scene.balances() == SHARED


@pytest.mark.fault("F13")
def test_an_order_of_nobody_is_kept_and_somebody_has_to_look(story, clock):
    answer = story.post(event("qr.payment", payment(reference_id="PKR-unknown")))
    story.scene.work()

    assert answer.status_code == 200
    assert (story.scene.inbox(), story.scene.balances()) == ({"ORPHAN": 1}, {})
    clock.forward(minutes=15)
    story.scene.work()
    assert story.scene.inbox() == {"ESCALATED": 1}


@pytest.mark.fault("F14")
def test_a_payment_told_before_they_answered_us_is_paid(story):
    story.sandbox.fault("callback_overtakes_create", "PKR-1", value="settlement")

    story.ask()
    story.settle()

    assert story.scene.look().state is ChargeState.PAID
    assert story.scene.balances() == SHARED


@pytest.mark.fault("F15")
def test_of_another_merchant_it_is_flagged_and_nobody_is_asked(story):
    charge = story.ask()

    answer = story.post(about(charge) | {"business_id": "5f0000000000000000000009"})
    story.scene.work()

    assert answer.status_code == 200
    assert story.scene.inbox() == {"MALFORMED": 1}


class TestRotation:
    @pytest.fixture
    def environment(self, environment):
        return environment | {"GATEWAY_KEY_XENDIT_JAMBI__CALLBACK": f"cbtok-NEW {TOKEN}"}

    @pytest.mark.fault("F16")
    def test_while_a_token_is_exchanged_both_are_heard(self, story):
        charge = story.ask()

        answers = [
            story.post(about(charge, id=f"qrpy_{n}"), token).status_code
            for n, token in enumerate(("cbtok-NEW", TOKEN, "cbtok-OLD"))
        ]

        assert answers == [200, 200, 401]


@pytest.mark.fault("F18")
@pytest.mark.parametrize("odd", ["é", "a" * 7_000, "\t", "0" * 128])
def test_odd_headers_are_turned_away(story, odd):
    answer = story.post(about(story.ask()), odd, webhook_id=odd)

    assert answer.status_code == 401


def test_paid_twice_the_second_is_in_suspense(story):
    story.ask()
    story.sandbox.pay("PKR-1", times=2)

    story.hear()

    assert len(story.scene.payments()) == 2
    assert story.scene.balances() == SHARED | {"due_from_gateway": 4_000, "suspense": -2_000}


@pytest.mark.fault("F22")
def test_without_a_callback_the_inquiry_finds_it_late_as_it_is(story, clock):
    story.ask()
    story.sandbox.fault("callback_drop", "PKR-1")
    clock.forward(minutes=6)
    story.settle()
    assert story.scene.look().state is ChargeState.EXPIRED

    story.sandbox.pay("PKR-1", late=True)
    clock.forward(minutes=6)
    story.settle()

    after = story.scene.look()
    assert (after.state, after.late) == (ChargeState.PAID, True)
    assert story.scene.balances() == SHARED


@pytest.mark.fault("F24")
def test_a_code_whose_answer_was_lost_is_given_up_and_its_payment_still_found(story, clock):
    charge = story.scene.charge("PKR-1", state=ChargeState.CREATE_UNKNOWN, gateway="xendit")
    story.sandbox.fault("create_timeout_after_commit", "PKR-1", times=1, value=0)
    for _ in range(2):  # lost, and then: it is there already, and nobody tells its id
        with pytest.raises(GatewayUnavailable):
            story.gateway.issue_qr(asked("PKR-1", story.scene.now))
    clock.forward(seconds=PATIENCE.total_seconds())
    story.is_due()
    given_up = recover(story.sessions, story.gateway, charge, story.scene.now)

    story.sandbox.pay("PKR-1")
    story.hear()

    assert given_up.state is ChargeState.CREATE_FAILED
    after = story.scene.look()
    assert (after.state, after.late) == (ChargeState.PAID, True)
    assert story.scene.balances() == SHARED


@pytest.mark.parametrize(
    ("amount", "state"),
    [(2_000, ChargeState.REFUNDED), (500, ChargeState.PARTLY_REFUNDED)],
)
def test_a_refund_is_booked_when_they_say_that_it_is_done(story, clock, amount, state):
    ref = story.paid()

    assert story.refund(ref, amount) is RefundState.PENDING
    story.hear()
    assert story.scene.look().state is ChargeState.PAID
    clock.forward(minutes=2)
    story.hear()

    assert story.scene.look().state is state
    assert story.scene.balances().get("due_from_gateway", 0) == 2_000 - amount
    assert "ORPHAN" not in story.scene.inbox()


def test_a_refund_that_nobody_asked_for_is_believed_when_they_confirm_it(story):
    ref = story.paid()

    story.post(event("qr.refund", refund(qrpy_id=ref)))
    story.settle()

    assert story.scene.look().state is ChargeState.PAID
    assert story.scene.inbox() == {"APPLIED": 1, "REJECTED": 1}


def test_a_payment_that_they_took_back_is_booked_when_they_are_asked(story):
    story.paid()
    story.sandbox.reverse("PKR-1")
    story.is_due()

    story.settle()

    assert story.scene.look().state is ChargeState.REVERSED
    assert story.scene.balances() == {}
