"""What goes wrong at desks, counters and the bank, and on which day of a whole city. Pure.

Each is far enough from the next, and from the end, that it shows and stands alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from parking.business_day import add_working_days, is_working_day
from parking.demo.demand import Sale
from parking.demo.plants import Plant

# By the place of a working day among those of the demo. A credit is missed one working day
# after it was due, so these need a later one.
ON_WORKING_DAY: Mapping[Plant, int] = {
    Plant.UNKNOWN_CREDIT: 0,
    Plant.BATCH_SHORT: 1,
    Plant.SLIP_SHORT: 1,
    Plant.BATCH_MISSING: 2,
    Plant.CREDIT_WITHOUT_SLIP: 2,
    Plant.BATCH_LATE: 3,
    Plant.SLIP_NOT_CREDITED: 4,
}
# By the place of any day.
ON_DAY: Mapping[Plant, int] = {
    Plant.COUNTED_LESS: 1,
    Plant.KEPT_TOO_LONG: 3,
    Plant.FAKE_QR: 3,
    Plant.PROMISED_MORE: 5,
    Plant.TWO_CODES: 6,
    Plant.PAYOUT_OTHER: 6,
}
# One vehicle's fault of a day takes the place of another kind.
INSTEAD: Mapping[Plant, tuple[int, Plant]] = {
    Plant.WRONG_VEHICLE: (2, Plant.PAID_TWICE),
    Plant.IN_OUTAGE: (4, Plant.NO_LINE),  # all of that day: the bank was closed
    Plant.TWICE_BACK: (5, Plant.REFUND_LINE),
}
LATER = 2  # working days after it was due, of what comes late
FEWEST_WORKING_DAYS = 1 + max(ON_WORKING_DAY.values()) + LATER


def working_days(days: Sequence[date]) -> list[date]:
    return [day for day in days if is_working_day(day)]


def are_enough(days: Sequence[date]) -> bool:
    """Whether everything can show in these days."""
    return len(working_days(days)) >= FEWEST_WORKING_DAYS


def office_plants(days: Sequence[date]) -> dict[date, frozenset[Plant]]:
    """What goes wrong on each day; nothing where the days are too few for it to show."""
    working = working_days(days)
    planted: dict[date, set[Plant]] = {day: set() for day in days}
    if not are_enough(days):
        return {day: frozenset() for day in days}
    for plant, index in ON_WORKING_DAY.items():
        planted[working[index]].add(plant)
    for plant, index in ON_DAY.items():
        planted[days[index]].add(plant)
    for plant, (index, _) in INSTEAD.items():
        planted[days[index]].add(plant)
    return {day: frozenset(those) for day, those in planted.items()}


def with_office_plants(
    planted: Mapping[Sale, Plant], index: int, days: Sequence[date]
) -> dict[Sale, Plant]:
    """The faults of the vehicles of the day at a place among those of a whole city.

    Money that was due on the day on which the bank was closed is not late a day later.
    """
    if not are_enough(days):
        return dict(planted)
    changed = dict(planted)
    if add_working_days(days[index], 1) == days[INSTEAD[Plant.IN_OUTAGE][0]]:
        changed = {s: its for s, its in changed.items() if its is not Plant.SETTLED_LATE}
    for plant, (day, instead) in INSTEAD.items():
        mine = [sale for sale, its in planted.items() if its is instead and index == day]
        for sale in mine if plant is Plant.IN_OUTAGE else mine[:1]:
            changed[sale] = plant
    return changed


def posted_on(day: date, days: Sequence[date]) -> date:
    """When a credit that is late for the batch of a working day comes."""
    working = working_days(days)
    return working[working.index(day) + LATER]
