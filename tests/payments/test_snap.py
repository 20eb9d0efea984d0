"""SNAP banks from their sandbox through our door into the book: what each can prove is booked."""

import json
from dataclasses import asdict, dataclass, replace

import pytest
from parking.charges.charge import Charge, ChargeState
from parking.charges.recover import recover, reveal
from parking.errors import GatewayUnavailable
from parking.gateways.protocol import Gateway, Level
from parking.payments import inquire
from parking.payments.store import CallbackRow
from parking.registry.store import MerchantAccountRow
from sqlalchemy import insert, select

from tests.builders import LONG_AGO, MERCHANT
from tests.payments.conftest import Scene
from tests.sandbox.caller import asked
from tests.sandbox_process import SandboxProcess, serving
from tests.snap_banks import environment_of

SHARED = {"due_from_gateway": 2_000, "city_share": -800, "attendant_share": -1_200}
PROVING = ("plain", "doku", "secret", "own")  # variants A, B, D, and A over our own path


@dataclass(frozen=True)
class Story:
    """A charge at a bank, and everybody who has to do with it."""

    scene: Scene
    gateway: Gateway
    sandbox: SandboxProcess

    @property
    def path(self) -> str:
        return f"/callbacks/snap/{self.gateway.merchant.account}"

    def charge(self, ours: str = "PKR-1") -> Charge:
        return self.scene.charge(
            ours, state=ChargeState.CREATING, gateway="snap",
            account=self.gateway.merchant.account,
        )  # fmt: skip

    def ask(self, ours: str = "PKR-1") -> Charge:
        """A QR on the attendant's phone."""
        charge = self.charge(ours)
        issued = self.gateway.issue_qr(asked(ours, self.scene.now))
        sessions = self.scene.parts.sessions
        return reveal(sessions, self.gateway, charge, issued, self.scene.now)

    def hear(self) -> None:
        self.sandbox.deliver_now()
        self.scene.work()

    def sweep(self) -> None:
        parts = self.scene.parts
        inquire.sweep(parts.sessions, parts.gateways.find, self.scene.now)
        parts.clock.forward(minutes=1)
        self.scene.work()


@pytest.fixture
def account() -> str:
    return "plain"


@pytest.fixture
def environment(environment, banks, account):
    return environment | environment_of(account, banks.url)


@pytest.fixture
def story(scene, parts, banks, account):
    merchant = replace(MERCHANT, gateway="snap", account=account)
    with parts.sessions.begin() as session:
        session.execute(
            insert(MerchantAccountRow).values(
                **asdict(merchant), key_name=f"SNAP_{account.upper()}", valid_from=LONG_AGO
            )
        )
    gateway = parts.gateways.find("snap", account)
    with serving(scene.app) as url:
        banks.notify(url + "/callbacks/{gateway}/{account}")
        yield Story(scene, gateway, banks)


@pytest.mark.parametrize("account", PROVING)
def test_a_payment_that_is_proved_is_booked_at_once(story):
    """Also where they fetch a token from us first: it is checked again when it is worked on."""
    charge = story.ask()
    story.sandbox.pay("PKR-1", wallet="bank jambi")

    story.hear()

    after = story.scene.look()
    assert (after.state, after.theirs) == (ChargeState.PAID, charge.theirs)
    assert story.scene.balances() == SHARED
    assert story.scene.inbox() == {"APPLIED": 1}
    assert story.scene.levels() == {Level.FULL: 1}


@pytest.mark.parametrize("account", ["bri"])
def test_where_the_body_is_not_signed_it_is_booked_once_it_was_asked(story):
    story.ask()
    story.sandbox.pay("PKR-1")
    story.hear()
    assert (story.scene.inbox(), story.scene.balances()) == ({"UNVERIFIED": 1}, {})

    story.sweep()

    assert story.scene.balances() == SHARED
    assert story.scene.levels() == {Level.PARTIAL: 1}


@pytest.mark.fault("F09")
@pytest.mark.parametrize("account", ["bri"])
def test_what_was_written_to_a_caught_signature_is_found_out(story):
    story.ask()
    story.sandbox.forge("PKR-1")
    story.hear()

    story.sweep()

    assert story.scene.inbox() == {"REJECTED": 1}
    assert story.scene.balances() == {}


@pytest.mark.fault("F08")
@pytest.mark.parametrize("account", ["plain", "doku", "bri", "secret"])
def test_of_another_key_it_is_turned_away_in_their_words(story):
    story.ask()
    story.sandbox.fault("callback_bad_signature", "PKR-1")
    story.sandbox.pay("PKR-1")

    story.hear()

    (delivery,) = story.sandbox.deliveries("PKR-1")
    assert [each["answer"] for each in delivery["attempts"]] == [401]
    assert story.scene.inbox() == {"REJECTED": 1}
    assert story.scene.balances() == {}


@pytest.mark.fault("F05")
@pytest.mark.fault("F11")
def test_however_often_it_is_told_it_is_booked_once(story):
    story.ask()
    story.sandbox.fault("callback_duplicate", "PKR-1", value=5)
    story.sandbox.pay("PKR-1")

    story.hear()

    (delivery, *_) = deliveries = story.sandbox.deliveries("PKR-1")
    assert len(deliveries) == 5
    assert {each["attempts"][0]["answer"] for each in deliveries} == {200}
    assert delivery["url"].endswith("/v1.0/qr/qr-mpm-notify")
    assert story.scene.balances() == SHARED


def test_an_answer_to_a_callback_is_in_their_words(story):
    answer = story.scene.post(b"{}", story.path)

    assert answer.status_code == 401
    assert answer.json["responseCode"] == "4015200"
    assert "X-TIMESTAMP" in answer.headers


@pytest.mark.parametrize("account", ["plain", "doku"])
@pytest.mark.parametrize("field", ["amount", "originalPartnerReferenceNo"])
def test_a_message_that_leaves_something_out_is_about_the_same_payment(story, field):
    story.ask()
    story.sandbox.fault("callback_missing_fields", "PKR-1", value=field)
    story.sandbox.pay("PKR-1")

    story.hear()
    story.sweep()

    assert story.scene.balances() == SHARED
    assert story.scene.look().state is ChargeState.PAID


@pytest.mark.fault("F91")
@pytest.mark.parametrize("account", ["doku"])
def test_no_bearer_of_a_message_is_stored_but_the_token_that_we_gave(story):
    story.ask()
    story.sandbox.pay("PKR-1")
    story.hear()

    with story.scene.parts.sessions() as session:
        told = json.loads(session.scalars(select(CallbackRow.headers)).one())

    assert "Authorization" not in told
    assert not any(text.startswith("Bearer") for text in told.values())


@pytest.mark.fault("F24")
def test_a_code_whose_text_was_lost_is_shown_to_nobody(story):
    charge = story.charge()
    story.sandbox.fault("create_504", "PKR-1", times=1)
    with pytest.raises(GatewayUnavailable):
        story.gateway.issue_qr(asked("PKR-1", story.scene.now))
    story.scene.parts.clock.forward(minutes=2)

    after = recover(story.scene.parts.sessions, story.gateway, charge, story.scene.now)

    assert after.state not in (ChargeState.PENDING, ChargeState.PAID)
    story.sandbox.pay("PKR-1", late=True)
    story.hear()
    assert story.scene.balances() != {}


@pytest.mark.fault("F22")
def test_without_a_message_the_inquiry_finds_it(story):
    story.ask()
    story.sandbox.fault("callback_drop", "PKR-1")
    story.sandbox.pay("PKR-1")
    story.scene.parts.clock.forward(minutes=2)

    story.sweep()

    assert story.scene.look().state is ChargeState.PAID
    assert story.scene.balances() == SHARED
