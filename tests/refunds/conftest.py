"""A city whose charges are paid at the sandbox, and people who ask for money back."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from parking.app import create_app
from parking.charges.store import ChargeRow
from parking.ledger.store import PostingRow
from parking.parts import Parts
from parking.payments import inquire
from parking.payments.store import PaymentRow
from parking.refunds import ask, store
from parking.refunds.carry_out import carry_out, carry_out_due
from parking.refunds.refund import Refund, Wish
from sqlalchemy import func, select

from tests.builders import City
from tests.payments.scenes import a_charge, a_shift
from tests.sandbox.caller import asked
from tests.sandbox_process import SERVER_KEY, SandboxProcess

AUDITOR, TREASURER = "user:auditor", "user:bendahara"


@dataclass
class Desk:
    parts: Parts
    city: City
    sandbox: SandboxProcess
    shift: int

    @property
    def now(self):
        return self.parts.clock.now()

    def forward(self, **by):
        return self.parts.clock.forward(**by)

    def paid(self, ours="PKR-1", **how) -> int:
        """The id of the receipt of a charge that was paid at the gateway."""
        self._charged(ours)
        self.sandbox.pay(ours, **how)
        return self.learn(ours)

    def _charged(self, ours):
        gateway = self.parts.gateways.find("midtrans", "jambi")
        issued = gateway.issue_qr(asked(ours, self.now))
        with self.parts.sessions.begin() as session:
            charge = a_charge(session, self.city, self.shift, ours, self.now)
            session.get_one(ChargeRow, charge.id).theirs = issued.theirs

    def learn(self, ours="PKR-1") -> int:
        """Ask the gateway about a charge; the id of its last receipt."""
        inquire.ask_now(self.parts.sessions, self.parts.gateways.find, ours, self.now)
        with self.parts.sessions() as session:
            row = PaymentRow
            query = select(func.max(row.id)).where(row.ours == ours, row.effect == "receipt")
            return session.scalar(query)

    def given_back_by_bank(self, amount, ours="PKR-1", key="BANK"):
        """Some of a payment goes back, and nobody of ours asked for it."""
        self.sandbox.http.post(
            f"{self.sandbox.midtrans_url}/v2/{ours}/refund",
            json={"refund_key": key, "amount": amount}, auth=(SERVER_KEY, ""), timeout=30,
        ).raise_for_status()  # fmt: skip

    def ask(self, payment: int, amount=2_000, actor=AUDITOR, **more) -> Refund:
        wish = Wish(payment, amount, "paid_twice", "dibayar dua kali", **more)
        with self.parts.sessions.begin() as session:
            return ask.ask(session, wish, actor, self.now)

    def approve(self, refund: Refund, actor=TREASURER) -> Refund:
        with self.parts.sessions.begin() as session:
            return ask.approve(session, refund.key, actor, self.now)

    def approved(self, payment: int, amount=2_000) -> Refund:
        return self.approve(self.ask(payment, amount))

    def work(self) -> int:
        return carry_out_due(self.parts.sessions, self.parts.gateways, self.now)

    def carry_out(self, refund: Refund) -> Refund:
        return carry_out(self.parts.sessions, self.parts.gateways, refund.key, self.now)

    def until_over(self, refund: Refund) -> Refund:
        for _ in range(12):
            self.sandbox.deliver_now()  # and what banks have confirmed by now
            self.work()
            refund = self.look(refund)
            if refund.due_at is None:
                return refund
            self.parts.clock.forward(seconds=(refund.due_at - self.now) / timedelta(seconds=1) + 1)
        raise AssertionError(f"{refund.key} does not end: {refund.standing} {refund.why}")

    def look(self, refund: Refund) -> Refund:
        with self.parts.sessions() as session:
            return store.by_key(session, refund.key)

    def balances(self) -> dict[str, int]:
        row = PostingRow
        query = select(row.account, func.sum(row.amount)).group_by(row.account)
        with self.parts.sessions() as session:
            return {account: int(s) for account, s in session.execute(query) if s}

    def effects(self) -> list[tuple[str, int]]:
        with self.parts.sessions() as session:
            rows = session.scalars(select(PaymentRow).order_by(PaymentRow.id))
            return [(row.effect, row.amount) for row in rows]


@pytest.fixture
def desk(parts, city, sandbox, clock) -> Desk:
    with parts.sessions.begin() as session:
        shift = a_shift(session, city, clock.now())
    return Desk(parts, city, sandbox, shift)


@pytest.fixture
def app(parts):
    return create_app(parts)
