"""Our service over pending charges of one merchant account."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import requests
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from parking.bench import store
from parking.bench.servers import (
    STARTS_WITHIN_S,
    WEB,
    empty_database,
    free_port,
    running,
    wait_for_port,
)
from parking.bench.store import Pending
from parking.database import migrate
from parking.database.engine import driver_url
from parking.errors import ParkingError

WORKERS = {"WEB_WORKERS": "2", "WEB_THREADS": "8"}


@dataclass(frozen=True, slots=True)
class Town:
    """A database of its own with charges that wait to be paid."""

    gateway: str
    database: str
    engine: Engine
    charges: Sequence[Pending]

    def check_posted(self, count: int) -> None:
        """Raises ParkingError unless so many payments are in the ledger."""
        with Session(self.engine) as session:
            posted = store.count_posted(session)
        if posted != count:
            raise ParkingError(f"{posted} of {count} payments were posted")


@contextmanager
def pending(server_url: str, gateway: str, count: int, now: datetime) -> Iterator[Town]:
    """As many charges at a gateway, in a new database on a server."""
    url = empty_database(server_url, "bench_ours")
    migrate.upgrade(url)
    engine = create_engine(driver_url(url), pool_size=1)
    with Session(engine) as session, session.begin():
        charges = store.add_pending(session, count, now, gateway)
    try:
        yield Town(gateway, url, engine, charges)
    finally:
        engine.dispose()


@contextmanager
def serving(town: Town, folder: Path, secrets: Mapping[str, str]) -> Iterator[str]:
    """Our web and jobs processes while the block runs; the address for callbacks."""
    port, web, inbox = free_port(), folder / "web.log", folder / "jobs.log"
    env = {
        "PARKING_ENV": "development", "DATABASE_URL": town.database,
        "VAR_DIR": str(folder / "var"), "BIND": f"127.0.0.1:{port}", "LOG_LEVEL": "WARNING",
        **WORKERS, **secrets,
    }  # fmt: skip
    with running([*WEB, "wsgi:app"], env, web), running(["-m", "jobs"], env, inbox):
        wait_for_port(port, web)
        # The port is open before there are workers behind it.
        requests.get(f"http://127.0.0.1:{port}/health/live", timeout=STARTS_WITHIN_S)
        _wait_for_jobs(town, inbox)
        yield f"http://127.0.0.1:{port}/callbacks/{town.gateway}/jambi"


def _wait_for_jobs(town: Town, log: Path) -> None:
    """Return once they work. Raises ParkingError after half a minute."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        with Session(town.engine) as session:
            if store.has_jobs(session):
                return
        time.sleep(0.05)
    raise ParkingError(f"no jobs process took the lease, see {log}")
