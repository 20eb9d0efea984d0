"""One day of the demo: shifts open, vehicles come, shifts close."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from parking.business_day import day_starts
from parking.demo.city import DemoCity
from parking.demo.demand import Worker
from parking.demo.gateway import SandboxGateway
from parking.demo.patience import Patience
from parking.demo.phones import Phone
from parking.demo.plan import DayPlan, is_relieved
from parking.demo.plants import Plant
from parking.demo.stage import Stage, Story
from parking.demo.stories import Book, Scene, story_of
from parking.demo.tickets import torn_in

BOAST = 3_000  # what an attendant believes to have received by QRIS, and has not
KEPT_BACK = 4_000  # the median of cash that is missing (domain.md 10)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who acts in the demo."""

    workers: Mapping[int, Worker]
    phones: Mapping[int, Phone]
    city: DemoCity
    gateway: SandboxGateway
    book: Book
    patience: Patience


def play_day(
    stage: Stage, cast: Cast, plan: DayPlan, told: Callable[[int], None],
    at_hours: Iterable[tuple[int, Story]] = (),
) -> None:  # fmt: skip
    """Drive a day through the ordinary HTTP path, with further stories that begin at an hour."""
    others = [(_tick(plan, hour), story) for hour, story in at_hours]
    stage.play(plan.ticks, [*_stories(cast, plan), *others], told)


def _stories(cast: Cast, plan: DayPlan) -> Iterator[tuple[int, Story]]:
    for worker in cast.workers.values():
        yield _tick(plan, worker.starts), _opens(cast, worker)
        if not is_relieved(worker.number) or worker.number + 1 not in cast.workers:
            plant = plan.shift_plants.get(worker.number)
            yield _tick(plan, worker.ends), _closes(cast, plan, worker, plant)
    for sale in plan.sales:
        scene = Scene(cast.phones[sale.who], cast.gateway, cast.book)
        tick = bisect_left(plan.ticks, sale.at)
        yield tick, story_of(sale, plan.sale_plants.get(sale), scene)


def _tick(plan: DayPlan, hour: int) -> int:
    """The first tick of an hour."""
    return bisect_left(plan.ticks, day_starts(plan.day) + timedelta(hours=hour))


def _opens(cast: Cast, worker: Worker) -> Story:
    phone = cast.phones[worker.number]
    phone.sign_in()
    if worker.takes_over_from is None:
        phone.open_shift(cast.city.points[worker.place.code])
    else:
        colleague = cast.phones[worker.takes_over_from]
        phone.take_over(colleague, colleague.totals()["cash_sum"])
    return
    yield


def _closes(cast: Cast, plan: DayPlan, worker: Worker, plant: Plant | None) -> Story:
    phone = cast.phones[worker.number]
    cast.patience.until_heard()  # the last driver's LUNAS, before anybody counts
    totals = phone.totals()
    taken = cash = totals["cash_sum"]
    qris = totals["qris_sum"]
    if plant is Plant.DECLARED_OTHER:
        qris += BOAST
    if plant is Plant.CASH_SHORT:
        cash = max(0, cash - KEPT_BACK)
    left_out = min(phone.taps, default=0) if plant is Plant.TICKETS_OTHER else taken - cash
    tickets = torn_in(worker.number, plan.day, phone.taps, left_out)
    shift = phone.close_shift(cash, qris, tickets)
    if plant is not None and plant is not Plant.TICKETS_OTHER:
        cast.book.plant(plant, f"shift:{shift}")
    if plan.uses_tickets and sum(each.worth for each in tickets) != cash:
        cast.book.plant(Plant.TICKETS_OTHER, f"shift:{shift}")
    return
    yield
