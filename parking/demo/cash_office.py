"""How a city's cash goes from hand to hand and to the bank's counter, day by day."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from sqlalchemy.orm import Session

from parking.clock import DrivenClock
from parking.demo import bank
from parking.demo.bank import BankAccount
from parking.demo.days import Cast
from parking.demo.demand import Worker
from parking.demo.plan import REVOKED
from parking.demo.plants import Plant
from parking.deposits import deposit, hand_over, handover_store, receive, sts_store
from parking.deposits.handover import OFFICE, Handover, Holder, Item, Party, Wish
from parking.deposits.sts import Slip
from parking.parts import Parts

DIRECT = 3  # every third attendant goes to the treasurer's counter
COUNTED_LESS_BY = 5_000
PAID_IN_LESS_BY = 20_000
KEEPS = 1  # the attendant who once keeps a day's cash
KEEPS_DAYS = 2
COLLECTOR, TREASURER = "user:kolektor", "user:bendahara"


@dataclass(frozen=True, slots=True)
class CashOffice:
    parts: Parts
    clock: DrivenClock
    cast: Cast
    account: BankAccount
    collector: int  # the user who collects
    treasurer: int

    def evening(self, plants: Set[Plant], keeps: bool, has_letters: bool) -> None:
        """Everybody hands on what he has: attendants, then the collector.

        `keeps` says whether one of them does not yet, `has_letters` whether all of them have
        one.
        """
        for worker in self.cast.workers.values():
            if keeps and worker.number == KEEPS:
                continue
            made = self._hand_over(worker)
            if made is None:
                continue
            handover, shifts = made
            for late in shifts[:-1] if worker.number == KEEPS else []:
                self.cast.book.plant(Plant.KEPT_TOO_LONG, f"shift:{late}")
            if not has_letters and worker.number == REVOKED:
                self.cast.book.plant(Plant.NO_LETTER, f"handover:{handover}")
        self._count(Holder(Party.COLLECTOR, self.collector), COLLECTOR, plants)
        self._hand_on(plants)
        self._count(Holder(Party.TREASURER, self.treasurer), TREASURER, frozenset())

    def _hand_over(self, worker: Worker) -> tuple[int, list[int]] | None:
        phone = self.cast.phones[worker.number]
        phone.sign_in()
        return phone.hand_over(Party.TREASURER if worker.number % DIRECT == 0 else self.collector)

    def pay_in(self, day: date, plants: Set[Plant]) -> None:
        """The treasurer pays in at the bank's counter what was received before."""
        now = self.clock.now()
        with self.parts.sessions.begin() as session:
            parts = {tbp.id: tbp.left for tbp in sts_store.open_tbps(session)}
            if not parts:
                return
            for tbp in sts_store.open_tbps(session):
                if tbp.received_on.year < day.year:
                    self.cast.book.plant(Plant.OVER_THE_YEAR, f"tbp:{tbp.id}")
            slip = deposit.draft(session, bank.CODE, day, parts, "", TREASURER, now)
            slip = deposit.issue(session, slip.id, TREASURER, now)
            paid = slip.amount - (PAID_IN_LESS_BY if Plant.SLIP_SHORT in plants else 0)
            paper = Slip(paid, f"TELLER {day:%Y%m%d}", now)
            deposit.pay_in(session, slip.id, paper, TREASURER, now)
            deposit.validate(session, slip.id, TREASURER, now)
        for plant in plants & {Plant.SLIP_SHORT, Plant.SLIP_NOT_CREDITED}:
            self.cast.book.plant(plant, f"sts:{slip.id}")
        if Plant.SLIP_NOT_CREDITED not in plants:
            self.account.move(day, paid, f"SETORAN TUNAI STS {slip.number}")

    def _count(self, receiver: Holder, actor: str, plants: Set[Plant]) -> None:
        with self.parts.sessions.begin() as session:
            waiting = handover_store.waiting(session, receiver)
        short = waiting[0].id if waiting and Plant.COUNTED_LESS in plants else None
        for each in waiting:
            self._receive(each, receiver, actor, COUNTED_LESS_BY if each.id == short else 0)
        if short is not None:
            self.cast.book.plant(Plant.COUNTED_LESS, f"handover:{short}")

    def _receive(self, of: Handover, receiver: Holder, actor: str, less: int) -> None:
        counted = max(0, of.given - less)
        with self.parts.sessions.begin() as session:
            receive.receive(session, of.id, receiver, counted, "", actor, self.clock.now())

    def _hand_on(self, plants: Set[Plant]) -> None:
        """The collector's cash, that of each account of the budget apart; once, all of it."""
        with self.parts.sessions.begin() as session:
            kinds: dict[bool, list[Item]] = {}
            for item in hand_over.to_give(session, self._me):
                is_special = self._is_special(session, item)
                kinds.setdefault(is_special and Plant.TWO_CODES not in plants, []).append(item)
            made: Handover | None = None
            for held in kinds.values():
                parts = tuple(item.part_id for item in held if item.part_id is not None)
                given = sum(item.amount for item in held)
                wish = Wish(self._me, OFFICE, uuid4().hex, given, parts=parts)
                made = hand_over.offer(session, wish, COLLECTOR, self.clock.now())
        if made is not None and Plant.TWO_CODES in plants:
            self._receive(made, Holder(Party.TREASURER, self.treasurer), TREASURER, 0)
            with self.parts.sessions() as session:
                receipt = sts_store.tbp_of(session, made.id)
            if receipt is not None:
                self.cast.book.plant(Plant.TWO_CODES, f"tbp:{receipt.id}")

    @property
    def _me(self) -> Holder:
        return Holder(Party.COLLECTOR, self.collector)

    def _is_special(self, session: Session, item: Item) -> bool:
        """Whether cash is of a place that is not the street: another account of the budget."""
        giver = handover_store.one(session, item.part_id or 0).giver.id
        ids = self.cast.city.attendants
        (worker,) = (w for w in self.cast.workers.values() if ids[w.badge] == giver)
        return worker.place.area_type == "special"
