"""How busy a street is, and how drivers pay: the figures of domain.md section 10."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from parking.business_day import day_starts
from parking.demo.places import Character, Place
from parking.registry.facts import Vehicle

# Percent of a day's vehicles by hour, from 06 to 22.
FIRST_HOUR = 6
HOURLY = {
    Character.SHOPS: (1, 3, 6, 9, 11, 11, 11, 9, 7, 7, 8, 7, 4, 3, 2, 1, 0),
    Character.MARKET: (12, 15, 15, 13, 11, 9, 6, 4, 3, 3, 3, 3, 1, 1, 1, 0, 0),
    Character.EVENING: (1, 1, 1, 2, 2, 3, 4, 3, 3, 5, 8, 11, 13, 17, 15, 8, 3),
}
SHIFT_HOURS = {
    Character.SHOPS: (8, 18),
    Character.MARKET: (6, 15),
    Character.EVENING: (13, 23),
}
MIX = {
    Character.SHOPS: (72, 26, 2),
    Character.MARKET: (80, 17, 3),
    Character.EVENING: (72, 26, 2),
}
# Monday to Sunday.
DAY_FACTOR = {
    Character.SHOPS: (1, 1, 1, 1, 0.95, 1, 0.8),
    Character.MARKET: (1, 1, 1, 1, 0.95, 1.2, 1.5),
    Character.EVENING: (1, 1, 1, 1, 0.95, 1.5, 1.5),
}
QRIS_SHARE = 0.30  # as in Mataram
MEDIAN_VEHICLES, SPREAD = 40, 0.45  # of an attendant's day: log-normal
MOST_VEHICLES = 110

VEHICLES = (Vehicle.MOTORCYCLE, Vehicle.CAR, Vehicle.TRUCK_BUS)


class How(StrEnum):
    """How a vehicle's levy is settled in the end."""

    CASH = "cash"
    PAID = "paid"
    LEFT = "left"  # the QR was shown and nobody paid
    REMADE = "remade"  # cancelled, and made again for another vehicle type
    TO_CASH = "to_cash"  # cancelled, the driver paid cash


HOW_QRIS = ((How.PAID, 0.84), (How.LEFT, 0.10), (How.REMADE, 0.02), (How.TO_CASH, 0.04))


@dataclass(frozen=True, slots=True)
class Worker:
    """An attendant of the demo."""

    number: int
    place: Place
    starts: int  # hour of the day
    ends: int
    takes_over_from: int | None  # the colleague whose shift this one continues
    uses_qris: bool

    @property
    def badge(self) -> str:
        return f"JBI-{self.number + 1:04}"


@dataclass(frozen=True, slots=True)
class Sale:
    """One vehicle."""

    at: datetime
    who: int
    vehicle: Vehicle
    how: How
    callback_after_s: int  # how long the gateway takes to tell us


def sales_of(worker: Worker, day: date, ticks: Sequence[datetime], random: Random) -> list[Sale]:
    """The vehicles of one attendant's day, each at one of `ticks`, in order of time."""
    character = worker.place.character
    hours = [day_starts(day) + timedelta(hours=hour) for hour in (worker.starts, worker.ends)]
    margin = timedelta(minutes=12)  # opened before the first vehicle, closed after the last
    open_ticks = [tick for tick in ticks if hours[0] + margin <= tick < hours[1] - 2 * margin]
    weights = [_weight(character, tick, day) for tick in open_ticks]
    whole_day = sum(HOURLY[character])
    part = sum(HOURLY[character][worker.starts - FIRST_HOUR : worker.ends - FIRST_HOUR]) / whole_day
    drawn = MEDIAN_VEHICLES * math.exp(random.gauss(0, SPREAD)) * part
    count = min(MOST_VEHICLES, round(drawn * DAY_FACTOR[character][day.weekday()]))
    at = sorted(random.choices(open_ticks, weights, k=count))
    return [_sale(worker, moment, random) for moment in at]


def ticks_of(day: date, random: Random) -> list[datetime]:
    """The moments of a day at which something happens: uneven, about seven minutes apart."""
    moment = day_starts(day) + timedelta(hours=FIRST_HOUR)
    end = day_starts(day) + timedelta(hours=23, minutes=20)
    ticks = []
    while moment < end:
        ticks.append(moment)
        moment += timedelta(seconds=random.randint(370, 500))
    return ticks


def _weight(character: Character, moment: datetime, day: date) -> float:
    hour = int((moment - day_starts(day)).total_seconds() // 3600)
    index = min(hour - FIRST_HOUR, len(HOURLY[character]) - 1)
    return HOURLY[character][index] + 0.01


def _sale(worker: Worker, moment: datetime, random: Random) -> Sale:
    (vehicle,) = random.choices(VEHICLES, MIX[worker.place.character])
    how = How.CASH
    if worker.uses_qris and random.random() < QRIS_SHARE:
        (how,) = random.choices([h for h, _ in HOW_QRIS], [share for _, share in HOW_QRIS])
    return Sale(moment, worker.number, vehicle, how, _callback_delay(random))


def _callback_delay(random: Random) -> int:
    """Seconds: 93 of 100 at once, six within a minute, the rest within half an hour."""
    (slowest,) = random.choices((0, 60, 1800), (92.5, 6, 1.5))
    return random.randint(slowest // 10, slowest) if slowest else 0
