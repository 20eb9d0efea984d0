"""A charge moves along its table only, each move with its event."""

from datetime import timedelta

import pytest
from parking.charges import store
from parking.charges.charge import ChargeState
from parking.charges.store import ChargeEventRow
from parking.errors import Conflict, NotFound
from sqlalchemy import select

from tests.payments.scenes import a_charge, a_shift


@pytest.fixture
def charge(parts, city, clock):
    with parts.sessions.begin() as session:
        shift = a_shift(session, city, clock.now())
        return a_charge(session, city, shift, "PKR-1", clock.now())


def move(parts, charge, to_state, at, **projections):
    with parts.sessions.begin() as session:
        return store.move(
            session, charge.id, to_state, at=at, cause="evidence", actor="system", **projections
        )


def test_a_move_is_stored_with_the_event_that_says_why(parts, charge, clock):
    paid_at = clock.forward(seconds=30)

    after = move(parts, charge, ChargeState.PAID, paid_at, paid_at=paid_at)

    with parts.sessions() as session:
        assert store.by_ours(session, "PKR-1") == after
        row = ChargeEventRow
        steps = session.execute(select(row.from_state, row.to_state).order_by(row.id)).all()
    assert (after.state, after.paid_at) == (ChargeState.PAID, paid_at)
    assert [tuple(s) for s in steps] == [
        ("", "creating"), ("creating", "pending"), ("pending", "paid"),
    ]  # fmt: skip


def test_a_move_that_the_table_does_not_allow_changes_nothing(parts, charge, clock):
    paid = move(parts, charge, ChargeState.PAID, clock.now())

    with pytest.raises(Conflict, match="PKR-1"):
        move(parts, charge, ChargeState.EXPIRED, clock.now())

    with parts.sessions() as session:
        assert store.by_ours(session, "PKR-1") == paid


def test_only_existing_charges_are_locked_and_found(parts, charge):
    with parts.sessions.begin() as session:
        assert store.locked_all(session, ["PKR-1", "PKR-2"]) == {"PKR-1": charge}
        with pytest.raises(NotFound):
            store.locked(session, "PKR-2")


def test_the_gateway_is_asked_when_somebody_waits(parts, charge, clock):
    soon = clock.now() + timedelta(seconds=1)

    with parts.sessions.begin() as session:
        store.ask_at(session, charge.id, soon)

    with parts.sessions() as session:
        assert store.by_ours(session, "PKR-1").inquire_at == soon
