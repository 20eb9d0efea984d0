"""The night after a day of the demo: what offices do late, the gateway's file, the jobs' work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import requests
from sqlalchemy import func, select

from parking.business_day import business_day, day_starts
from parking.clock import DrivenClock
from parking.demo.city import ACCOUNT, letter_of
from parking.demo.days import Cast
from parking.demo.demand import How, Sale
from parking.demo.forgeries import forgery
from parking.demo.offices import Offices
from parking.demo.plan import REVOKED, DayPlan
from parking.demo.plants import Plant
from parking.errors import ParkingError
from parking.parts import Parts
from parking.payments.store import CallbackRow
from parking.reconciliation import store as reconciled
from parking.registry import add, end
from parking.registry.rules import NewLetter, NewTariff

OFFICE, FILE, JOBS = timedelta(hours=23.5), timedelta(hours=25.5), timedelta(hours=26.1)
RAISED_BY = 1_000
ADMIN = "user:admin"


@dataclass(frozen=True, slots=True)
class Nights:
    parts: Parts
    clock: DrivenClock
    cast: Cast
    gateways: Sequence[str]
    web_url: str
    offices: Offices | None = None  # of a whole city, with its cash and its bank

    def pass_over(self, plan: DayPlan) -> None:
        """From the evening of a day to the moment when the jobs have reconciled it."""
        start = day_starts(plan.day)
        self.clock.drive(start + OFFICE)
        self._forge(plan)
        if Plant.OLD_TARIFF in plan.night_plants:
            self._raise_tariff_too_late(plan)
        if Plant.LETTER_REVOKED in plan.night_plants:
            self._revoke_letter_too_late(plan)
        if self.offices is not None:
            self.offices.evening(plan.day, plan.night_plants)
        self.clock.drive(start + FILE)
        self.cast.gateway.deliver_now()
        self.cast.patience.until_heard()
        self._bring_files(plan)
        if self.offices is not None:
            self.offices.bring_statement(plan.day)
        self.clock.drive(start + JOBS)
        self.cast.patience.until(f"{plan.day} is reconciled", self._nothing_is_due)
        if Plant.NO_QRIS in plan.night_plants:
            self._plant_idle()
        if self.offices is not None:
            self.offices.close_days()

    def _forge(self, plan: DayPlan) -> None:
        """Somebody without the key says that a charge was paid; each gateway's turn."""
        left = [(self._gateway_of(s), c) for s, _, c in self.cast.book.asked
                if s.how is How.LEFT and business_day(s.at) == plan.day]  # fmt: skip
        for gateway, shown in dict(left).items():
            forged = forgery(gateway, shown.ours, shown.amount, self.clock.now())
            url = f"{self.web_url}/callbacks/{gateway}/{ACCOUNT}{forged.tail}"
            if requests.post(url, json=forged.body, headers=forged.headers, timeout=10).ok:
                raise ParkingError(f"a forged callback for {shown.ours} was accepted")
            self.cast.book.plant(Plant.FORGED, f"callback:{self._newest_callback()}")

    def _gateway_of(self, sale: Sale) -> str:
        return self.cast.city.gateways[self.cast.workers[sale.who].place.code]

    def _newest_callback(self) -> int | None:
        """What is forged names no charge that could be believed: it is known by its number."""
        with self.parts.sessions() as session:
            return session.scalar(select(func.max(CallbackRow.id)))

    def _raise_tariff_too_late(self, plan: DayPlan) -> None:
        """A decree that holds since this morning is entered in the evening."""
        today = [(self.cast.workers[s.who].place.zone, vehicle, shown)
                 for s, vehicle, shown in self.cast.book.asked
                 if business_day(s.at) == plan.day]  # fmt: skip
        kinds = [(zone, vehicle) for zone, vehicle, _ in today]
        zone, vehicle = min(set(kinds), key=lambda kind: (kinds.count(kind), kind))
        old = [shown for z, v, shown in today if (z, v) == (zone, vehicle)]
        price = old[0].amount + RAISED_BY
        decree = NewTariff(
            vehicle, zone, price, plan.day, "Perwal contoh 9/2026", is_back_dated=True
        )
        with self.parts.sessions.begin() as session:
            add.tariff(session, decree, ADMIN, self.clock.now())
        for shown in old:
            self.cast.book.plant(Plant.OLD_TARIFF, shown.ours)

    def _revoke_letter_too_late(self, plan: DayPlan) -> None:
        """A letter is taken back from the afternoon on, and the attendant had gone on; a new one
        holds from tomorrow.
        """
        worker = self.cast.workers[min(REVOKED, len(self.cast.workers) - 1)]
        mine = [(s.at, shown) for s, _, shown in self.cast.book.asked
                if s.who == worker.number and business_day(s.at) == plan.day]  # fmt: skip
        since = mine[-min(2, len(mine))][0] - timedelta(minutes=1)
        now, city = self.clock.now(), self.cast.city
        letter = NewLetter(
            f"{letter_of(worker)}/B", city.attendants[worker.badge],
            city.points[worker.place.code], plan.day + timedelta(days=1), None,
        )  # fmt: skip
        with self.parts.sessions.begin() as session:
            end.letter(
                session, city.letters[letter_of(worker)], "Dipindahkan ke titik lain", ADMIN, now,
                at=since, is_back_dated=True,
            )  # fmt: skip
            add.letter(session, letter, ADMIN, now)
        for at, shown in mine:
            if at > since:
                self.cast.book.plant(Plant.LETTER_REVOKED, shown.ours)

    def _bring_files(self, plan: DayPlan) -> None:
        """The gateways' files, and what goes wrong with the first gateway's."""
        book, gateway, day = self.cast.book, self.cast.gateway, plan.day.isoformat()
        first, *others = self.gateways
        if Plant.TEST_LINE in plan.night_plants:
            gateway.fault("report_test_row", day, gateway=first)
            book.plant(Plant.TEST_LINE, f"TEST-{plan.day:%Y%m%d}")
        if Plant.ORPHAN in plan.night_plants:
            gateway.fault("report_extra_row", day, gateway=first)
            book.plant(Plant.ORPHAN, f"EXTRA-{plan.day:%Y%m%d}")
        content = gateway.report(first, plan.day)
        if Plant.BROKEN_FILE in plan.night_plants:
            broken = self._bring(first, f"{day}-terpotong", content[: len(content) * 2 // 3])
            book.plant(Plant.BROKEN_FILE, broken)
        self._bring(first, day, content)
        if Plant.SAME_FILE in plan.night_plants:
            book.plant(Plant.SAME_FILE, self._bring(first, f"{day}-lagi", content))
        for name in others:
            self._bring(name, day, gateway.report(name, plan.day))

    def _bring(self, gateway: str, name: str, content: bytes) -> str:
        """Put a file where the jobs look, and wait until they have decided on it; its name."""
        folder = self.parts.settings.watched / gateway / ACCOUNT
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{gateway}-{name}.csv"
        partial = file.with_suffix(".partial")
        partial.write_bytes(content)
        partial.rename(file)
        self.cast.patience.until(f"{file.name} is taken in", lambda: not file.exists())
        return file.name

    def _plant_idle(self) -> None:
        for worker in self.cast.workers.values():
            if not worker.uses_qris:
                who = self.cast.city.attendants[worker.badge]
                self.cast.book.plant(Plant.NO_QRIS, f"attendant:{who}")

    def _nothing_is_due(self) -> bool:
        now = self.clock.now()
        with self.parts.sessions() as session:
            return not reconciled.days_due(session, business_day(now), now)


def ends_at(plan: DayPlan) -> datetime:
    """When the night after a day is over."""
    return day_starts(plan.day) + JOBS
