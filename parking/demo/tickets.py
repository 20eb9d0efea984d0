"""The tickets of the demo's attendants: a series for each price and year, numbers for each day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from parking.demo.demand import Worker
from parking.registry.facts import Vehicle
from parking.shifts.move_tickets import add_book, move_tickets
from parking.shifts.tickets import Move

A_DAY = 200  # tickets of one price that an attendant may need
DAYS_A_YEAR = 366
PRICES = {  # what is printed, also after a decree has raised a price by Rp1.000
    2_000: Vehicle.MOTORCYCLE, 3_000: Vehicle.CAR, 4_000: Vehicle.CAR,
    5_000: Vehicle.TRUCK_BUS, 6_000: Vehicle.TRUCK_BUS,
}  # fmt: skip
BY = "user:bendahara"


@dataclass(frozen=True, slots=True)
class Torn:
    """Tickets of one series, torn off in a shift."""

    price: int
    series: str
    first: int
    last: int

    @property
    def worth(self) -> int:
        return self.price * (self.last - self.first + 1)


def torn_in(worker: int, day: date, taps: Counter[int], missing: int = 0) -> list[Torn]:
    """What was torn off for cash taps, by price; `missing` rupiah are left out, if they can be."""
    counts = Counter(taps)
    for price in sorted(counts):
        while missing >= price and counts[price]:
            counts[price] -= 1
            missing -= price
    start = 1 + A_DAY * (DAYS_A_YEAR * worker + (day - day.replace(month=1, day=1)).days)
    return [
        Torn(price, series(price, day.year), start, start + count - 1)
        for price, count in sorted(counts.items())
        if count
    ]


def series(price: int, year: int) -> str:
    return f"K{price // 1_000}-{year}"


def stock(
    session: Session, workers: Sequence[Worker], ids: Mapping[str, int], days: Sequence[date],
    now: datetime,
) -> None:  # fmt: skip
    """Books for every price and year, given out to the attendants."""
    each = A_DAY * DAYS_A_YEAR
    for year in sorted({day.year for day in days}):
        for price, vehicle in PRICES.items():
            book = add_book(
                session, series(price, year), year, vehicle, price, (1, each * len(workers)),
                days[0], f"BA porporasi {year}", BY, now,
            )  # fmt: skip
            for worker in workers:
                first = 1 + each * worker.number
                move_tickets(
                    session, book.id, Move.ISSUED, ids[worker.badge], (first, first + each - 1),
                    days[0], "BA serah karcis", BY, now,
                )  # fmt: skip
