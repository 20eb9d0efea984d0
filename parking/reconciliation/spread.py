"""Several days: one after another here, or beside each other on a Dask cluster.

The same function does a day in both cases. A city has a database of its own, so what a worker
needs to be told is an URL, a day and a moment; it reads its own snapshot, judges and stores.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session, sessionmaker

from parking.database.engine import app_engine, sessions_of
from parking.errors import ParkingError
from parking.reconciliation.result import Run
from parking.reconciliation.run import reconcile_day

if TYPE_CHECKING:
    from distributed import Client

ANSWERS_WITHIN_S = 10
STATEMENT_TIMEOUT_S = 300
NEXT_WITHIN_S = 900  # after the day before it; a cluster without workers is given up then

RunOf = Callable[[date], Run]


@contextmanager
def reconciling(
    sessions: sessionmaker[Session], days: Sequence[date], now: datetime, *, url: str,
    scheduler: str,
) -> Iterator[RunOf]:  # fmt: skip
    """What gives the run of each of these days, or raises what went wrong with it.

    Without a scheduler a day is reconciled when its run is asked for. With one, all of
    them begin at once on its cluster, over the database at `url`; what is not finished
    at the end of the block is given up. Raises ParkingError if no scheduler answers.
    """
    if not scheduler:
        yield lambda day: reconcile_day(sessions, day, now)
        return
    with connected(scheduler) as client:
        runs = {day: client.submit(reconcile_at, url, day, now, pure=False) for day in days}
        yield lambda day: runs[day].result(timeout=NEXT_WITHIN_S)


@contextmanager
def connected(scheduler: str) -> Iterator["Client"]:
    """A client of the Dask scheduler at an address such as tcp://10.0.0.5:8786."""
    from distributed import Client  # only a machine that spreads its work has it

    try:
        client = Client(scheduler, timeout=ANSWERS_WITHIN_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ParkingError(f"no Dask scheduler answers at {scheduler}: {error}") from error
    with client:
        yield client


def reconcile_at(url: str, day: date, now: datetime) -> Run:
    """Reconcile a day of the city whose database is there: what a worker does.

    Repeating it adds nothing (M8), so a day whose worker died is given to another one,
    and it needs no lease. It reads by one connection: the other processors have workers of
    their own.
    """
    engine = app_engine(url, pool_size=1, statement_timeout_s=STATEMENT_TIMEOUT_S)
    try:
        return reconcile_day(sessions_of(engine), day, now, beside=False)
    finally:
        engine.dispose()
