"""What offices of a whole city do day by day: cash, bank files, closing (`parking demo --full`)."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text

from parking.access import store as people
from parking.business_day import add_working_days, business_day, is_working_day
from parking.clock import DrivenClock
from parking.demo import bank
from parking.demo.bank import BankAccount
from parking.demo.cash_office import KEEPS_DAYS, CashOffice
from parking.demo.days import Cast
from parking.demo.office_plants import office_plants, posted_on
from parking.demo.plants import Plant
from parking.demo.promises import Promises
from parking.demo.stage import Story
from parking.demo.tickets import stock
from parking.parts import Parts
from parking.reconciliation.closing import close
from parking.reconciliation.closing import store as closings
from parking.reconciliation.closing.readiness import Standing, blockers
from parking.registry.rules import NewBankAccount
from parking.statements import keep_accounts
from parking.statements.bank_store import StatementLineRow

COUNTER_OPENS = 9  # o'clock
CLOSES_AFTER = 3  # working days: whatever comes in its time has come by then
FINANCE, AUDITOR = "user:keuangan", "user:auditor"
BANK_KEEPS = 6_500  # of a batch that is credited short
STRAY = 125_000  # a credit of which nobody knows anything
# What the gateways' files say they pay out on a day.
PAID_OUT = """
SELECT p.gateway, p.account, sum(p.net)::bigint AS net
FROM settlement_part p
WHERE p.settled_on = :day
    AND NOT EXISTS (SELECT FROM import_batch i WHERE i.supersedes = p.import_id)
GROUP BY p.gateway, p.account ORDER BY p.gateway, p.account
"""
# Batches of a day in which there is what drivers paid in an earlier year.
OF_LAST_YEAR = """
SELECT DISTINCT concat_ws('/', l.gateway, l.account, l.settled_on)
FROM settlement_line l JOIN payment p USING (gateway, account, payment_ref)
WHERE l.settled_on = :day AND p.effect = 'receipt'
    AND p.business_day < date_trunc('year', CAST(:day AS date))
"""


@dataclass(frozen=True, slots=True)
class Offices:
    parts: Parts
    clock: DrivenClock
    cast: Cast
    days: Sequence[date]
    plants: Mapping[date, frozenset[Plant]]
    account: BankAccount
    cash: CashOffice
    promises: Promises

    def evening(self, day: date, plants_of_night: Set[Plant]) -> None:
        index = self.days.index(day)
        lately = self.days[max(0, index + 1 - KEEPS_DAYS) : index + 1]
        keeps = any(Plant.KEPT_TOO_LONG in self.plants[each] for each in lately)
        has_letters = Plant.LETTER_REVOKED not in plants_of_night
        self.cash.evening(self.plants[day], keeps, has_letters)
        self.promises.evening(day, self.plants[day])

    def at_counter(self, day: date) -> Story:
        """What happens at the bank's counter on a day, when it is open."""
        if is_working_day(day):
            self.cash.pay_in(day, self.plants[day])
            self.promises.pay_shares(day, self.plants)
        return
        yield

    def bring_statement(self, day: date) -> None:
        """The night after a working day the bank puts up its statement."""
        if not is_working_day(day):
            return
        self._credit_batches(day)
        strays = self._credit_strays(day)
        folder = self.parts.settings.watched_statements / bank.CODE
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{bank.CODE}-{day}.sta"
        partial = file.with_suffix(".partial")
        partial.write_bytes(self.account.statement(day))
        partial.rename(file)
        self.cast.patience.until(f"{file.name} is taken in", lambda: not file.exists())
        for plant, reference in strays.items():
            self.cast.book.plant(plant, f"line:{self._line(reference)}")

    def _credit_batches(self, day: date) -> None:
        """What each gateway pays out; what goes wrong goes wrong with the first one's."""
        with self.parts.sessions() as session:
            rows = session.execute(text(PAID_OUT), {"day": day}).all()
            for batch in session.scalars(text(OF_LAST_YEAR), {"day": day}):
                self.cast.book.plant(Plant.OVER_THE_YEAR, f"batch:{batch}")
        for index, (gateway, account, net) in enumerate(rows):
            plants = self.plants[day] if index == 0 else frozenset()
            said, on = f"SETTLEMENT {gateway.upper()} {account.upper()} {day:%d%m%Y}", day
            for plant in plants & {Plant.BATCH_SHORT, Plant.BATCH_MISSING, Plant.BATCH_LATE}:
                self.cast.book.plant(plant, f"batch:{gateway}/{account}/{day}")
            if Plant.BATCH_SHORT in plants:
                net -= BANK_KEEPS
            if Plant.BATCH_LATE in plants:
                on = posted_on(day, self.days)
            if Plant.BATCH_MISSING not in plants:
                self.account.move(on, net, said)

    def _credit_strays(self, day: date) -> dict[Plant, str]:
        """Credits that nothing of ours pays in; the bank's reference of each."""
        said = {
            Plant.UNKNOWN_CREDIT: "PINDAHAN DANA TANPA BERITA",
            Plant.CREDIT_WITHOUT_SLIP: "SETOR RETRIBUSI PARKIR TUNAI",
        }
        return {
            plant: self.account.move(day, STRAY, words)
            for plant, words in said.items()
            if plant in self.plants[day]
        }

    def _line(self, reference: str) -> int | None:
        row = StatementLineRow
        with self.parts.sessions() as session:
            return session.scalar(select(row.id).where(row.reference == reference))

    def close_days(self) -> None:
        """Two persons sign every day that is ready."""
        now = self.clock.now()
        with self.parts.sessions() as session:
            closed = closings.closed_days(session)
        for day in self.days:
            if add_working_days(day, CLOSES_AFTER) < business_day(now) and day not in closed:
                self._close(day, now)

    def in_the_way(self) -> dict[str, list[str]]:
        """Of each day that is not closed, what is in the way; nothing of those that are."""
        now = self.clock.now()
        with self.parts.sessions() as session:
            facts = closings.facts(session, self.days, now)
        return {
            f.day.isoformat(): [] if f.closed else [b.text for b in blockers(f)] or ["unsigned"]
            for f in facts
        }

    def _close(self, day: date, now: datetime) -> None:
        with self.parts.sessions.begin() as session:
            if close.facts_of(session, day, now).standing is Standing.READY:
                close.prepare(session, day, FINANCE, now)
                close.sign(session, day, AUDITOR, now)


def found(
    parts: Parts, clock: DrivenClock, cast: Cast, days: Sequence[date], gateways: Sequence[str]
) -> Offices:
    """The treasury's account, whose statements come every working day, tickets for all, and
    who works where.
    """
    new = NewBankAccount(bank.CODE, bank.BANK, bank.NUMBER, bank.NAME, "treasury", days[0])
    workers, city = list(cast.workers.values()), cast.city
    with parts.sessions.begin() as session:
        keep_accounts.add(session, new, "system", clock.now())
        stock(session, workers, city.attendants, days, clock.now())
        ids = {user.username: user.id for user in people.users(session)}
    account = BankAccount(days[0])
    cash = CashOffice(parts, clock, cast, account, ids["kolektor"], ids["bendahara"])
    promises = Promises(parts, clock, cast, days, gateways)
    return Offices(parts, clock, cast, days, office_plants(days), account, cash, promises)
