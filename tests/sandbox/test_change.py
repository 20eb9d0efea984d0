"""What two who come at once find: the first changes the transaction, the second sees it changed."""

from datetime import UTC, datetime, timedelta

import pytest
from parking.sandbox import change
from parking.sandbox.config import SandboxConfig, default_merchants
from parking.sandbox.midtrans.charge_request import read_charge
from parking.sandbox.once import Once, StillRunning
from parking.sandbox.parts import assemble
from parking.sandbox.providers import PROVIDERS
from parking.sandbox.transactions import Refusal

from tests.sandbox.caller import body

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)


@pytest.fixture
def books(tmp_path):
    """The gateway's state and rules, without its server and courier."""
    return assemble(
        SandboxConfig(tmp_path / "state.sqlite", default_merchants(PROVIDERS, {}), ""), PROVIDERS
    )


@pytest.fixture
def pending(books):
    merchant = books.config.merchants[0]
    return change.make(books, merchant, read_charge(body("P-1"), NOW), ["http://127.0.0.1:9/"], NOW)


def notified(books):
    return [one["transaction_status"] for one in books.outbox.listing(None, 100)]


@pytest.mark.parametrize("end", [change.cancel, change.expire])
def test_what_was_paid_a_moment_ago_is_not_ended(books, pending, end):
    change.pay(books, pending, change.Payment(), NOW)

    with pytest.raises(Refusal) as refused:
        end(books, pending, NOW)

    assert refused.value.code == 412
    assert books.state.find("P-1").status == "settlement"


def test_what_was_cancelled_a_moment_ago_is_not_paid(books, pending):
    change.cancel(books, pending, NOW)

    with pytest.raises(Refusal):
        change.pay(books, pending, change.Payment(), NOW)

    assert notified(books) == ["pending", "cancel"]


def test_what_ends_by_itself_is_notified_once(books, pending):
    change.sweep(books, LATER)
    change.sweep(books, LATER)
    change.find(books, "P-1", LATER)

    assert notified(books) == ["pending", "expire"]


def test_a_refund_is_confirmed_once(books, pending):
    paid = change.pay(books, pending, change.Payment(), NOW)
    change.refund(books, paid, "R", None, "", NOW)

    change.sweep(books, LATER)
    change.sweep(books, LATER)

    assert notified(books) == ["pending", "settlement", "refund", "refund"]


def test_a_refused_change_leaves_nothing_behind(books, pending):
    with pytest.raises(Refusal):
        change.refund(books, pending, "R", None, "", NOW)

    assert (books.state.find("P-1"), notified(books)) == (pending, ["pending"])


def test_a_key_that_is_at_work_is_not_worked_on_again(books):
    once = Once(books.state)

    def act():
        with pytest.raises(StillRunning):
            once.run("midtrans/jambi", "k", NOW, dict)
        return {"done": 1}

    assert once.run("midtrans/jambi", "k", NOW, act) == {"done": 1}
    assert once.run("midtrans/jambi", "k", NOW, dict) == {"done": 1}
