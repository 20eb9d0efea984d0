"""A city with cash in it: attendants who close shifts, two who collect, two treasurers."""

from dataclasses import dataclass, field
from itertools import count

import pytest
from parking.access import users
from parking.access.policy import Role
from parking.access.store import UserRow
from parking.deposits import deposit, hand_over, handover_store, receive, sts_store
from parking.deposits.handover import OFFICE, Holder, Party, Wish
from parking.deposits.sts import Slip
from parking.ledger.store import PostingRow
from parking.parts import Parts
from parking.registry.facts import Vehicle
from parking.shifts.cash import CashTap, take_cash
from parking.shifts.close import close_shift
from parking.shifts.open import open_shift
from parking.shifts.shift import Declaration
from sqlalchemy import func, select

from tests.builders import City
from tests.people import PASSWORD


@dataclass
class Cash:
    """What people do with cash, by the functions that the screens call."""

    parts: Parts
    city: City
    numbers: count = field(default_factory=count)
    users: dict[str, int] = field(default_factory=dict)

    @property
    def now(self):
        return self.parts.clock.now()

    @property
    def budi(self) -> Holder:
        return Holder(Party.ATTENDANT, self.city.budi)

    def collector(self, name="kolektor") -> Holder:
        return Holder(Party.COLLECTOR, self._user(name, Role.COLLECTOR))

    def treasurer(self, name="bendahara") -> Holder:
        return Holder(Party.TREASURER, self._user(name, Role.TREASURER))

    def _user(self, name, role):
        if name not in self.users:
            with self.parts.sessions.begin() as session:
                users.add(
                    session, name, role, f"{name.title()} Contoh", PASSWORD,
                    self.parts.settings.pepper, "system", self.now,
                )  # fmt: skip
                found = select(UserRow.id).where(UserRow.username == name)
                self.users[name] = session.scalars(found).one()
        return self.users[name]

    def shift(self, cars=5) -> int:
        """A closed shift of Budi with cash of cars (Rp3.000 each)."""
        with self.parts.sessions.begin() as session:
            mine = open_shift(
                session, self.city.budi, self.city.budis_phone, self.city.market, self.now
            )
            self.cars(session, cars)
            declared = Declaration(3_000 * cars)
            return close_shift(session, self.city.budi, declared, self.now).id or mine.id

    def cars(self, session, cars):
        for _ in range(cars):
            key = f"tap-{next(self.numbers):08}"
            take_cash(session, CashTap(self.city.budi, Vehicle.CAR, key), self.now)

    def offer(self, given, *shifts, to=None, giver=None, parts=(), key=None):
        giver = giver or self.budi
        wish = Wish(
            giver, to or OFFICE, key or f"key-{next(self.numbers):08}", given, shifts, tuple(parts)
        )  # fmt: skip
        with self.parts.sessions.begin() as session:
            return hand_over.offer(session, wish, f"{giver.party}:{giver.id}", self.now)

    def count(self, of, amount, by):
        with self.parts.sessions.begin() as session:
            return receive.receive(
                session, of.id, by, amount, "", f"user:{by.party}{by.id}", self.now
            )

    def answer(self, of, *, agrees, giver=None):
        giver = giver or self.budi
        with self.parts.sessions.begin() as session:
            return hand_over.answer(
                session, of.id, giver, agrees=agrees, note="", actor="x", now=self.now
            )

    def withdraw(self, of):
        with self.parts.sessions.begin() as session:
            return hand_over.withdraw(session, of.id, self.budi, "x", self.now)

    def received(self, amount, cars=5, by="bendahara"):
        """A receipt of the treasurer for a shift of cars that was handed to the office."""
        of = self.offer(3_000 * cars, self.shift(cars))
        self.count(of, amount, self.treasurer(by))
        return self.tbp(of)

    def tbp(self, of):
        with self.parts.sessions() as session:
            return sts_store.tbp_of(session, of.id)

    def draft(self, *tbps, **parts):
        of = {tbp.id: tbp.left for tbp in tbps}
        with self.parts.sessions.begin() as session:
            return deposit.draft(
                session, "rkud", parts.pop("dated", self.now.date()), of, "", "user:b", self.now
            )

    def issue(self, sts):
        with self.parts.sessions.begin() as session:
            return deposit.issue(session, sts.id, "user:b", self.now)

    def pay_in(self, sts, amount=None, at=None, reference="JMB-0001"):
        slip = Slip(sts.amount if amount is None else amount, reference, at or self.now)
        with self.parts.sessions.begin() as session:
            return deposit.pay_in(session, sts.id, slip, "user:b", self.now)

    def validate(self, sts):
        with self.parts.sessions.begin() as session:
            return deposit.validate(session, sts.id, "user:b", self.now)

    def void(self, sts, why="salah tanggal"):
        with self.parts.sessions.begin() as session:
            return deposit.void(session, sts.id, why, "user:b", self.now)

    def book(self) -> dict[str, int]:
        """Where the cash stands, by account."""
        row = PostingRow
        cash = row.account.like("cash_%") | (row.account == "suspense")
        query = select(row.account, func.sum(row.amount)).where(cash).group_by(row.account)
        with self.parts.sessions() as session:
            return {account: int(amount) for account, amount in session.execute(query) if amount}

    def owed(self, giver=None) -> int:
        with self.parts.sessions() as session:
            return hand_over.owed(session, giver or self.budi)

    def look(self, of):
        with self.parts.sessions() as session:
            return handover_store.one(session, of.id)


@pytest.fixture
def cash(parts, city) -> Cash:
    return Cash(parts, city)
