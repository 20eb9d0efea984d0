"""What the benchmark sends for SNAP and Xendit is what their adapters take, and it is posted."""

from datetime import UTC, datetime

import pytest
from config.invented import INVENTED
from parking.bench import others, store
from parking.bench.store import Pending
from parking.gateways.protocol import Access, Callback, Level, State, Trust
from parking.gateways.snap_keys import private_key

from tests import snap_keys
from tests.gateways.contract.adapters import ADAPTERS, merchant_of

AT = datetime(2026, 11, 23, 5, tzinfo=UTC)
CHARGE = Pending("PKR202611230000001X", "trx-000000001", 2_000)
PATH = f"/callbacks/snap/jambi{others.NOTIFY}"


def came(message, path=PATH):
    return Callback(path, message.headers, message.body.encode(), AT)


def test_a_banks_message_is_proof():
    key = private_key(snap_keys.BANKS.private, "test")
    callback = came(others.of_bank(CHARGE, key, PATH, AT))
    gateway = ADAPTERS["snap"].gateway(
        "snap", "http://x", callback_url="http://y/callbacks/snap/jambi"
    )

    assert gateway.authenticate(callback).level is Level.FULL
    evidence = gateway.read_callback(callback)
    assert (evidence.trust, evidence.state, evidence.amount) == (Trust.PROOF, State.PAID, 2_000)
    assert (evidence.ours, evidence.payment_ref) == (CHARGE.ours, CHARGE.theirs)


def test_xendits_message_shows_the_token_and_proves_nothing(monkeypatch):
    monkeypatch.setattr(others, "TOKEN", "cbtok")
    callback = came(others.of_xendit(CHARGE, "qr_1", AT), "/callbacks/xendit/jambi")
    access = Access("http://x", [others.XENDIT_KEY], {"CALLBACK": ["cbtok"]})
    gateway = others.connect(merchant_of("xendit"), access)

    assert gateway.authenticate(callback).level is Level.TOKEN
    assert gateway.read_callback(callback).trust is Trust.HEARSAY


@pytest.mark.parametrize("gateway", ["snap", "xendit"])
def test_charges_are_those_of_the_gateway(parts, gateway):
    with parts.sessions.begin() as session:
        pending = store.add_pending(session, 10, AT, gateway)
        store.name_by_theirs(session, {pending[0].ours: "theirs-1"})

    found = parts.gateways.find(gateway, "jambi")
    assert len(pending) == 10
    assert found.merchant.merchant_id == INVENTED[gateway][0]
