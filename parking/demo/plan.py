"""The demo's days, decided before they happen: who works, what is sold, what goes wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from parking.demo.demand import SHIFT_HOURS, Sale, Worker, sales_of, ticks_of
from parking.demo.office_plants import with_office_plants
from parking.demo.places import place_of
from parking.demo.plants import Plant, plants_of_sales, plants_of_shifts

SHARED_POINT = 8  # every eighth attendant takes over a colleague's point in the afternoon
HIDES_QRIS = 4  # the attendant who takes cash alone though the point has QRIS
DAYS_TO_SHOW_HIDING = 7
REVOKED = 2  # the attendant whose letter is taken back, a day too late
TICKETS_DAY = 5
SEED = 20_260_203


@dataclass(frozen=True, slots=True)
class DayPlan:
    day: date
    ticks: Sequence[datetime]
    sales: Sequence[Sale]  # in order of time
    sale_plants: dict[Sale, Plant]
    shift_plants: dict[int, Plant]  # by the attendant's number
    night_plants: frozenset[Plant]  # what goes wrong once, with letters, decrees and files
    uses_tickets: bool = False  # whether tickets are kept in stock


def workers_of(count: int) -> list[Worker]:
    """The attendants of a demo, each at a place; some share one."""
    return [_worker(number) for number in range(count)]


def days_up_to(last: date, count: int) -> list[date]:
    """`count` days in a row, the last of them given."""
    return [last - timedelta(days=back) for back in reversed(range(count))]


def plan_days(
    workers: Sequence[Worker], days: Sequence[date], *, full: bool = False
) -> list[DayPlan]:
    """The same days and attendants always give the same plan; `full` is that of a whole city."""
    random = Random(SEED)  # noqa: S311 - a plan that can be repeated, not a secret
    plans = [_plan_day(workers, days, index, random) for index in range(len(days))]
    if not full:
        return plans
    return [
        replace(
            plan, sale_plants=with_office_plants(plan.sale_plants, index, days),
            shift_plants=_with_tickets(plan.shift_plants, workers, index), uses_tickets=True,
        )
        for index, plan in enumerate(plans)
    ]  # fmt: skip


def _with_tickets(
    planted: dict[int, Plant], workers: Sequence[Worker], index: int
) -> dict[int, Plant]:
    """Once somebody tears off a ticket less than he should."""
    free = [w.number for w in workers if _closes_alone(w) and w.number not in planted]
    return planted | {free[0]: Plant.TICKETS_OTHER} if index == TICKETS_DAY and free else planted


def is_relieved(number: int) -> bool:
    """Whether a colleague takes the point over in the afternoon."""
    return number % SHARED_POINT == SHARED_POINT - 2


def _closes_alone(worker: Worker) -> bool:
    """Whether they declare their QRIS themselves: at a take-over only the cash is counted."""
    return worker.uses_qris and not is_relieved(worker.number)


def _worker(number: int) -> Worker:
    takes_over = number - 1 if number % SHARED_POINT == SHARED_POINT - 1 else None
    place = place_of(number if takes_over is None else takes_over)
    starts, ends = SHIFT_HOURS[place.character]
    middle = (starts + ends) // 2
    return Worker(
        number=number,
        place=place,
        starts=middle if takes_over is not None else starts,
        ends=middle if is_relieved(number) else ends,
        takes_over_from=takes_over,
        uses_qris=number != HIDES_QRIS,
    )


def _plan_day(
    workers: Sequence[Worker], days: Sequence[date], index: int, random: Random
) -> DayPlan:
    day = days[index]
    ticks = ticks_of(day, random)
    sales = [sale for worker in workers for sale in sales_of(worker, day, ticks, random)]
    sales = list(dict.fromkeys(sorted(sales, key=lambda sale: (sale.at, sale.who))))
    return DayPlan(
        day=day,
        ticks=ticks,
        sales=sales,
        sale_plants=plants_of_sales(sales, day, days[-1], random),
        shift_plants=plants_of_shifts([w.number for w in workers if _closes_alone(w)], random),
        night_plants=_night_plants(index, len(days)),
    )


def _night_plants(index: int, count: int) -> frozenset[Plant]:
    """Each of these once, on its own day if the demo is long enough, else on the last."""
    on_day = {
        Plant.FORGED: range(count),  # every day
        Plant.ORPHAN: [0],
        Plant.TEST_LINE: [1],
        Plant.SAME_FILE: [2],
        Plant.BROKEN_FILE: [3],
        Plant.OLD_TARIFF: [1],
        Plant.LETTER_REVOKED: [2],
    }
    here = {plant for plant, on in on_day.items() if index in {min(i, count - 1) for i in on}}
    if index == DAYS_TO_SHOW_HIDING - 1:
        here.add(Plant.NO_QRIS)
    return frozenset(here)
