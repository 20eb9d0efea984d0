"""The door of the callbacks over a real database, and what the book holds after it."""

from collections import Counter
from dataclasses import dataclass

import pytest
from flask import Flask
from parking.charges import store as charges
from parking.charges.charge import Charge
from parking.http_errors import answer_errors
from parking.ledger.store import EntryRow, PostingRow
from parking.parts import Parts
from parking.payments import work
from parking.payments.routes import callbacks
from parking.payments.store import CallbackRepeatRow, CallbackRow, CallbackWorkRow, PaymentRow
from sqlalchemy import func, select

from tests.builders import City
from tests.payments.messages import notification
from tests.payments.scenes import a_charge, a_shift

PATH = "/callbacks/midtrans/jambi"


@dataclass(frozen=True)
class Scene:
    """A shift at which charges are asked and paid."""

    parts: Parts
    city: City
    shift: int
    app: Flask

    @property
    def now(self):
        return self.parts.clock.now()

    def charge(self, ours: str = "PKR-1", **values) -> Charge:
        with self.parts.sessions.begin() as session:
            return a_charge(session, self.city, self.shift, ours, self.now, **values)

    def post(self, body: bytes, path: str = PATH, **more):
        return self.app.test_client().post(path, data=body, content_type="application/json", **more)

    def notify(self, ours: str = "PKR-1", status: str = "settlement", **more):
        return self.post(notification(ours, self.now, status, **more))

    def work(self) -> int:
        return work.work_through(self.parts.sessions, self.parts.gateways.find, self.now)

    def look(self, ours: str = "PKR-1") -> Charge:
        with self.parts.sessions() as session:
            return charges.by_ours(session, ours)

    def inbox(self) -> Counter:
        """How many callbacks are in which state."""
        with self.parts.sessions() as session:
            return Counter(session.scalars(select(CallbackWorkRow.state)))

    def levels(self) -> Counter:
        with self.parts.sessions() as session:
            return Counter(session.scalars(select(CallbackRow.level)))

    def repeats(self) -> int:
        with self.parts.sessions() as session:
            return session.scalar(select(func.count(CallbackRepeatRow.id)))

    def payments(self) -> list[PaymentRow]:
        with self.parts.sessions() as session:
            return list(session.scalars(select(PaymentRow).order_by(PaymentRow.id)))

    def balances(self) -> dict[str, int]:
        """The balance of each account that is not zero."""
        row = PostingRow
        with self.parts.sessions() as session:
            sums = session.execute(select(row.account, func.sum(row.amount)).group_by(row.account))
            return {account: int(total) for account, total in sums if total}

    def entries(self) -> list[str]:
        with self.parts.sessions() as session:
            return list(session.scalars(select(EntryRow.kind).order_by(EntryRow.id)))


@pytest.fixture
def scene(parts, city, clock) -> Scene:
    app = Flask("callbacks")
    answer_errors(app)
    app.register_blueprint(callbacks(parts))
    with parts.sessions.begin() as session:
        shift = a_shift(session, city, clock.now())
    return Scene(parts, city, shift, app)
