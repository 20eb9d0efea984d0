"""The whole demo: begin empty, found the city, drive its days, compare, write down."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from config.settings import GATEWAY_URL, RUNNING, Settings, load_settings
from sqlalchemy import func, select

from parking.business_day import business_day, day_starts
from parking.charges.store import ChargeRow
from parking.clock import DrivenClock
from parking.demo import city, offices, sign_ins
from parking.demo.days import Cast, play_day
from parking.demo.gateway import SandboxGateway
from parking.demo.nights import JOBS, Nights, ends_at
from parking.demo.offices import COUNTER_OPENS, Offices
from parking.demo.outcome import Named, Outcome, compare
from parking.demo.patience import Patience
from parking.demo.plan import DayPlan, days_up_to, plan_days, workers_of
from parking.demo.processes import Child, children, environment
from parking.demo.stage import Stage
from parking.demo.start_again import mark, start_again
from parking.demo.stories import Book
from parking.errors import ParkingError
from parking.parts import Parts, assemble
from parking.payments.store import CallbackRepeatRow, CallbackRow, PaymentRow
from parking.reconciliation import store as reconciled
from parking.reconciliation.result import Wanted

SIDE_BY_SIDE = 8  # vehicles at once
MORNING = timedelta(hours=5)
AFTER_NEW_YEAR = (1, 7)
# Where the sandbox has each gateway; a bank's address is its merchant's own.
PATHS = {"midtrans": "/midtrans", "xendit": "/xendit", "snap": "/snap/jambi", "doku": "/doku"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for."""

    days: int
    attendants: int
    web_port: int
    sandbox_port: int
    gateways: Sequence[str] = ("midtrans",)  # points take turns with them
    full: bool = False  # with cash, bank and closed days
    last: date | None = None  # the last day; without one, the newest whose night is over


@dataclass(frozen=True, slots=True)
class City:
    """A demo that runs."""

    parts: Parts
    clock: DrivenClock
    plans: Sequence[DayPlan]
    cast: Cast
    wish: Wish
    offices: Offices | None = None


@contextmanager
def running(wish: Wish, base: Settings) -> Iterator[City]:
    """The demo's processes over a city on the morning of its first day."""
    folder = start_again(base)
    days = days_up_to(_last_day(wish), wish.days)
    clock = DrivenClock(folder / "clock")
    clock.drive(day_starts(days[0]) + MORNING)
    env = _environment(wish, base, folder)
    parts = assemble(load_settings(env), statement_timeout_s=60)
    mark(parts, clock.now())
    try:
        with (
            children(wish.web_port, wish.sandbox_port, env, folder) as started,
            _told_to_shells(base.var / RUNNING, _addresses(wish)),
        ):
            yield _founded(wish, parts, clock, days, started, folder)
    finally:
        parts.engine.dispose()


def _last_day(wish: Wish) -> date:
    """A whole city ends after a new year, for what is paid in one and settled in the next."""
    newest = business_day(datetime.now(UTC) - JOBS)  # the last day whose night is over
    if wish.last is not None:
        return min(wish.last, newest)
    this_year = date(newest.year, *AFTER_NEW_YEAR)
    if not wish.full:
        return newest
    return this_year if this_year <= newest else date(newest.year - 1, *AFTER_NEW_YEAR)


def drive(running_city: City, told: Callable[[int], None]) -> None:
    """Every day and its night; `told` hears how many ticks have passed, over all days."""
    here = running_city
    nights = Nights(here.parts, here.clock, here.cast, here.wish.gateways, _web(here.wish),
                    here.offices)  # fmt: skip
    passed = 0
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        stage = Stage(here.clock, here.cast.gateway, pool)
        for plan in here.plans:
            office = [] if here.offices is None else [
                (COUNTER_OPENS, here.offices.at_counter(plan.day))
            ]  # fmt: skip
            play_day(stage, here.cast, plan, partial(_add, told, passed), office)
            passed += len(plan.ticks)
            nights.pass_over(plan)
    if ends_at(here.plans[-1]) > datetime.now(UTC):
        raise ParkingError("the demo ran ahead of the clock")


def _add(told: Callable[[int], None], before: int, tick: int) -> None:
    told(before + tick)


def outcome(here: City) -> Outcome:
    """What was planted against what the newest runs name."""
    with here.parts.sessions() as session:
        wanted = Wanted(here.plans[0].day - timedelta(days=60), here.plans[-1].day)
        found = reconciled.discrepancies(session, wanted)
    return compare(
        here.cast.book.planted,
        [
            Named(d.what.code, d.what.ours, d.what.subject, str(d.what.evidence.get("file", "")))
            for d in found
        ],
    )


def counts(here: City) -> dict[str, int]:
    """Charges asked, payments received, deliveries of callbacks."""
    with here.parts.sessions() as session:

        def count(table: type) -> int:
            return session.scalar(select(func.count()).select_from(table)) or 0

        paid = session.scalar(
            select(func.count()).select_from(PaymentRow).where(PaymentRow.effect == "receipt")
        )
        return {
            "charges": count(ChargeRow),
            "paid": paid or 0,
            "callbacks": count(CallbackRow) + count(CallbackRepeatRow),
        }


def discrepancy_counts(here: City) -> Counter[str]:
    with here.parts.sessions() as session:
        wanted = Wanted(here.plans[0].day - timedelta(days=60), here.plans[-1].day)
        return Counter(d.what.code for d in reconciled.discrepancies(session, wanted))


def reports(here: City) -> list[Path]:
    return sorted(
        path
        for path in here.parts.settings.reports.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )


def _founded(
    wish: Wish, parts: Parts, clock: DrivenClock, days: Sequence[date], started: Sequence[Child],
    folder: Path,
) -> City:  # fmt: skip
    workers = workers_of(wish.attendants)
    founded = city.found(parts, workers, wish.gateways, days[0], clock.now())
    sign_ins.keep(folder, founded.sign_ins, workers)
    phones = city.phones_of(parts, workers, founded, _web(wish), clock.now())

    def check() -> None:
        for child in started:
            child.check()

    cast = Cast(
        {worker.number: worker for worker in workers}, phones, founded,
        SandboxGateway(f"http://127.0.0.1:{wish.sandbox_port}"), Book(),
        Patience(parts, clock, check),
    )  # fmt: skip
    office = offices.found(parts, clock, cast, days, wish.gateways) if wish.full else None
    return City(parts, clock, plan_days(workers, days, full=wish.full), cast, wish, office)


def _environment(wish: Wish, base: Settings, folder: Path) -> dict[str, str]:
    return environment(
        PARKING_ENV="demo",
        VAR_DIR=str(base.var),
        PUBLIC_URL=_web(wish),
        **_addresses(wish),
        CLOCK_FILE=str(folder / "clock"),
        LOG_LEVEL="WARNING",
    )


def _addresses(wish: Wish) -> dict[str, str]:
    return {
        f"{GATEWAY_URL}{name.upper()}": f"http://127.0.0.1:{wish.sandbox_port}{path}"
        for name, path in PATHS.items()
    }


@contextmanager
def _told_to_shells(file: Path, addresses: Mapping[str, str]) -> Iterator[None]:
    """So that `parking gateways check` beside the demo asks the demo's gateways."""
    file.write_text("".join(f"{name}={url}\n" for name, url in addresses.items()))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _web(wish: Wish) -> str:
    return f"http://127.0.0.1:{wish.web_port}"
