"""What a whole city pays out to its attendants, what they promised, and what drivers tell of."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, text

from parking.business_day import add_working_days, day_starts
from parking.clock import DrivenClock
from parking.demo.city import ACCOUNT
from parking.demo.days import Cast
from parking.demo.plants import Plant
from parking.deposits import commit
from parking.deposits.commitment import Wish
from parking.deposits.payout import Payout, Standing
from parking.deposits.take_payouts import take_payouts
from parking.gateways.note_outage import note_outage
from parking.money import Rupiah
from parking.parts import Parts
from parking.payments.store import PaymentRow
from parking.qris.payload import build
from parking.reconciliation import rule_store
from parking.reconciliation.people_day import PAYS_IN
from parking.refunds import ask
from parking.refunds.refund import Reason
from parking.refunds.refund import Wish as RefundWish

TREASURER, FINANCE, AUDITOR = "user:bendahara", "user:keuangan", "user:auditor"
PAID_TOO_MUCH = 1_500  # of a share that is another than computed
PROMISED = 500_000  # rupiah a day: more than any street gives
PROMISES = 2  # the attendant who once promised that
EARNED = """
SELECT a.badge, -sum(p.amount)::bigint AS share
FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
JOIN attendant a ON a.id = p.holder
WHERE p.account = 'attendant_share' AND e.effective_on = :day AND e.payout_id IS NULL
GROUP BY a.badge HAVING -sum(p.amount) > 0 ORDER BY a.badge
"""


@dataclass(frozen=True, slots=True)
class Promises:
    parts: Parts
    clock: DrivenClock
    cast: Cast
    days: Sequence[date]
    gateways: Sequence[str]

    def pay_shares(self, today: date, plants_of: Mapping[date, frozenset[Plant]]) -> None:
        """The bank pays the shares of every day that are due today."""
        for day in self.days:
            if add_working_days(day, PAYS_IN) == today:
                self._pay_shares(day, today, plants_of[day])

    def _pay_shares(self, day: date, today: date, plants: Set[Plant]) -> None:
        with self.parts.sessions.begin() as session:
            shares = session.execute(text(EARNED), {"day": day}).all()
            said = [
                Payout(badge, day, Rupiah(share), today, f"TRF-{day:%y%m%d}-{badge}", Standing.PAID)
                for badge, share in shares
            ]
            if Plant.PAYOUT_OTHER in plants and said:
                first, *others = said
                wrong = Payout(first.badge, day, Rupiah(first.amount + PAID_TOO_MUCH), today,
                               first.reference, Standing.PAID)  # fmt: skip
                said = [wrong, *others]
                who = self.cast.city.attendants[first.badge]
                self.cast.book.plant(Plant.PAYOUT_OTHER, f"attendant:{who}")
            take_payouts(session, said, FINANCE, self.clock.now())

    def evening(self, day: date, plants: Set[Plant]) -> None:
        """What is entered at desks before the night."""
        if Plant.PROMISED_MORE in plants:
            self._promise(day)
        if Plant.FAKE_QR in plants:
            self._report_qr(day)
        if Plant.IN_OUTAGE in plants:
            self._note_outage(day)
        if Plant.TWICE_BACK in plants:
            for ours in self.cast.book.keys_of(Plant.TWICE_BACK):
                self._give_back(ours)

    def _promise(self, day: date) -> None:
        """One attendant promises for one day what nobody can keep."""
        worker = self.cast.workers[min(PROMISES, len(self.cast.workers) - 1)]
        who, now = self.cast.city.attendants[worker.badge], self.clock.now()
        with self.parts.sessions.begin() as session:
            made = commit.commit(session, Wish(who, PROMISED, day, "SK contoh 7"), FINANCE, now)
            commit.end(session, made.id, day, FINANCE, now)
        self.cast.book.plant(Plant.PROMISED_MORE, f"attendant:{who}")

    def _report_qr(self, day: date) -> None:
        """A driver shows what he was asked to scan: a code of somebody else's shop."""
        payload = build(
            merchant_name="TOKO CONTOH", city="JAMBI", postal_code="36111",
            acquirer_guid="ID.CO.CONTOH.WWW", merchant_pan="936000999999999999",
            nmid="ID2099999999999",
        )  # fmt: skip
        worker = self.cast.workers[0]
        with self.parts.sessions.begin() as session:
            told = rule_store.add_fake_qr(
                session, seen_at=day_starts(day) + timedelta(hours=10), business_day=day,
                point_id=self.cast.city.points[worker.place.code], payload=payload,
                note="Dilaporkan pengemudi", photo=None, photo_type="",
                noted_at=self.clock.now(), noted_by="user:pengawas",
            )  # fmt: skip
        self.cast.book.plant(Plant.FAKE_QR, f"fake-qr:{told}")

    def _note_outage(self, day: date) -> None:
        began = day_starts(day)
        with self.parts.sessions.begin() as session:
            for gateway in self.gateways:
                note_outage(
                    session, gateway, ACCOUNT, began, began + timedelta(hours=23),
                    "Bank tutup seharian", AUDITOR, self.clock.now(),
                )  # fmt: skip

    def _give_back(self, ours: str) -> None:
        """The treasurer transfers to a driver what the gateway gives back in the same night."""
        now = self.clock.now()
        with self.parts.sessions.begin() as session:
            found = session.execute(
                select(PaymentRow.id, PaymentRow.amount).where(
                    PaymentRow.ours == ours, PaymentRow.effect == "receipt"
                )
            ).one()
            wish = RefundWish(found.id, found.amount, Reason.COMPLAINT, "Pengemudi meminta kembali")
            made = ask.ask(session, wish, AUDITOR, now)
            ask.approve(session, made.key, FINANCE, now)
            ask.transfer(session, made.key, "SP2D contoh 3", TREASURER, now)
