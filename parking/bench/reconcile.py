"""S4 and S6: days from tables to stored discrepancies, on pandas here or on Dask workers."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from parking.bench.fill import fill
from parking.bench.invented_day import InventedDay
from parking.bench.servers import empty_database
from parking.business_day import day_starts
from parking.database.engine import driver_url
from parking.errors import ParkingError
from parking.reconciliation import store
from parking.reconciliation.result import Wanted

Fault = tuple[str, str]  # code and subject

FIRST_DAY = date(2026, 1, 5)
AFTER = timedelta(days=14)  # when everything that should have come has had its time
DATABASE = "bench_reconcile"
FORGET = (
    "SET session_replication_role = replica",
    "DELETE FROM discrepancy",
    "DELETE FROM reconciliation_run",
)


@dataclass(frozen=True, slots=True)
class Size:
    rows: int  # charges a day
    days: int = 1
    cities: int = 1

    @property
    def charges(self) -> int:
        return self.rows * self.days * self.cities

    @property
    def of_a_city(self) -> list[InventedDay]:
        return [InventedDay(FIRST_DAY + timedelta(days=n), n, self.rows) for n in range(self.days)]

    @property
    def now(self) -> datetime:
        return day_starts(FIRST_DAY + timedelta(days=self.days) + AFTER)


@dataclass(slots=True)
class Told:
    """What came of all cities."""

    seconds: float = 0.0
    peak_mib: float = 0.0
    load: float = 0.0  # of the machine, as others worked on it too
    hashes: list[str] = field(default_factory=list)
    planted: Counter[str] = field(default_factory=Counter)  # by code, as the next two
    missed: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)

    @property
    def digest(self) -> str:
        """One hash for the results of all days."""
        return hashlib.sha256("".join(self.hashes).encode()).hexdigest()

    def add(self, came: Mapping[str, Any], planted: Counter[Fault], named: Counter[Fault]) -> None:
        self.seconds += came["seconds"]
        self.peak_mib = max(self.peak_mib, came["peak_mib"])
        self.load = max(self.load, came["load"])
        self.hashes += came["hashes"]
        self.planted.update(code for code, _ in planted.elements())
        self.missed.update(code for code, _ in (planted - named).elements())
        self.invented.update(code for code, _ in (named - planted).elements())


def measure(server_url: str, size: Size, workers: Sequence[int]) -> dict[str, Any]:
    """Reconcile invented cities with each number of Dask workers; 0 is pandas in one process.

    One city after another, each in a database of its own that is thrown away, so that a
    province needs no more room than a city.
    """
    told = {number: Told() for number in workers}
    parts: Mapping[str, float] = {}
    planted = Counter(fault for day in size.of_a_city for fault in day.faults())
    for _ in range(size.cities):
        url = empty_database(server_url, DATABASE)
        fill(url, size.of_a_city)
        for number in workers:
            _forget_runs(url)
            came = _child("run", url, size, number)
            told[number].add(came, planted, Counter(_named(url)))
        parts = parts or _child("core", url, size, 0)
    empty_database(server_url, DATABASE)
    return _figures(size, told, parts)


def _named(url: str) -> Iterator[Fault]:
    """Code and subject of every discrepancy that holds."""
    engine = create_engine(driver_url(url), pool_size=1)
    with Session(engine) as session:
        for found in store.discrepancies(session, Wanted(date.min, date.max)):
            yield found.what.code, found.what.subject
    engine.dispose()


def _forget_runs(url: str) -> None:
    engine = create_engine(driver_url(url), pool_size=1)
    with engine.begin() as connection:
        for statement in FORGET:
            connection.execute(text(statement))
    engine.dispose()


def _child(what: str, url: str, size: Size, workers: int) -> Mapping[str, Any]:
    """What a process of its own tells, as nothing else should add to its memory."""
    days = [day.day.isoformat() for day in size.of_a_city]
    task = {"what": what, "url": url, "days": days, "now": size.now.isoformat(), "workers": workers}
    command = [sys.executable, "-m", "parking.bench.timed", json.dumps(task)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise ParkingError("the process that was measured failed")
    return json.loads(done.stdout)


def _figures(size: Size, told: Mapping[int, Told], parts: Mapping[str, float]) -> dict[str, Any]:
    """Those of the last number of workers, and how it compares with the first."""
    first, last = list(told.values())[0], list(told.values())[-1]
    planted, missed = last.planted.total(), last.missed.total()
    figures: dict[str, Any] = {
        "rows": size.rows, "days": size.days, "cities": size.cities, "workers": list(told)[-1],
        "seconds": round(last.seconds, 2), "rows_per_s": round(size.charges / last.seconds),
        "peak_mib": round(last.peak_mib),
        **{name: round(took, 3) for name, took in parts.items() if name.endswith("_seconds")},
        "core_ratio": round(parts["core_ratio"], 2),
        "planted": planted, "found": planted - missed, "missed": missed,
        "invented": last.invented.total(),
        "planted_by_code": dict(sorted(last.planted.items())),
        "missed_by_code": dict(sorted(last.missed.items())),
        "invented_by_code": dict(sorted(last.invented.items())),
        "result_hash": last.digest, "load": round(last.load, 1),
    }  # fmt: skip
    if len(told) > 1:
        figures["seconds_by_workers"] = {n: round(t.seconds, 2) for n, t in told.items()}
        figures["speed_up"] = round(first.seconds / last.seconds, 2)
        figures["identical"] = len({t.digest for t in told.values()}) == 1
    return figures
