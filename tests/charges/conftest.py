"""Budi on duty at the market, with the sandbox as the gateway."""

import pytest
from parking.charges import store
from parking.charges.charge import Charge
from parking.charges.store import ChargeEventRow, ChargeRow
from parking.parts import Parts
from sqlalchemy import select

from tests.builders import City
from tests.phone import Phone


@pytest.fixture
def shift(budi: Phone, city: City) -> int:
    """Budi's open shift."""
    return budi.post("/attendant/shifts", point_id=city.market).json["shift"]["id"]


class Book:
    """What the tables say of charges."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def charge(self, ours: str) -> Charge:
        with self._parts.sessions() as session:
            return store.by_ours(session, ours)

    def charges(self) -> list[Charge]:
        with self._parts.sessions() as session:
            names = session.scalars(select(ChargeRow.ours).order_by(ChargeRow.id)).all()
            return [store.by_ours(session, ours) for ours in names]

    def steps(self, ours: str) -> list[tuple[str, str]]:
        """The states and causes that a charge came through."""
        with self._parts.sessions() as session:
            rows = session.execute(
                select(ChargeEventRow.to_state, ChargeEventRow.cause)
                .join(ChargeRow, ChargeRow.id == ChargeEventRow.charge_id)
                .where(ChargeRow.ours == ours)
                .order_by(ChargeEventRow.id)
            )
            return [(state, cause) for state, cause in rows]


@pytest.fixture
def book(parts: Parts) -> Book:
    return Book(parts)
