"""Reconcile days in a process of its own and say how long it took and how much memory.

`python -m parking.bench.timed TASK` takes one JSON object and prints another.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import pandas as pd
import pyarrow as pa

from parking.database.engine import app_engine, sessions_of
from parking.reconciliation import day_store
from parking.reconciliation.inputs import Inputs
from parking.reconciliation.matching import match
from parking.reconciliation.run import judge
from parking.reconciliation.spread import connected, reconcile_at, reconciling

STATEMENT_TIMEOUT_S = 600
TURNS = 5  # of the core and DuckDB

# What `chains_of` puts side by side, and nothing else of what matching does.
BARE_JOIN = """
SELECT r.*, l.gross, l.fee, l.settled_on, l.import_id, l.number, c.asked, c.state,
    c.attendant_id, c.point_id, c.receipts_before
FROM receipts r
FULL JOIN lines l ON l.chain = r.chain
FULL JOIN charges c ON c.charge_id = coalesce(r.charge_id, l.charge_id)
"""


@dataclass(frozen=True, slots=True)
class Task:
    url: str
    days: Sequence[date]
    now: datetime
    workers: int = 0  # of Dask; 0: none

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Task":
        days = [date.fromisoformat(day) for day in told["days"]]
        return cls(told["url"], days, datetime.fromisoformat(told["now"]), told["workers"])


def run(task: Task) -> dict[str, Any]:
    """All days once, in a process that has done an empty day before, as one that runs for long."""
    warm = (task.url, task.days[0] - timedelta(days=1), task.now)
    engine = app_engine(task.url, statement_timeout_s=STATEMENT_TIMEOUT_S)
    with _cluster(task.workers) as scheduler:
        _on_all(scheduler, reconcile_at, *warm)
        began = time.perf_counter()
        with reconciling(
            sessions_of(engine), task.days, task.now, url=task.url, scheduler=scheduler
        ) as run_of:
            hashes = [run_of(day).result_hash for day in task.days]
        seconds = time.perf_counter() - began
        peak = max(_on_all(scheduler, peak_mib))
    return {"seconds": seconds, "peak_mib": peak, "hashes": hashes}


def core(task: Task) -> dict[str, Any]:
    """The parts of the first day: reading, judging, and matching beside DuckDB's bare join.

    In turns, because another program on the machine would otherwise slow down one of
    them and not the other.
    """
    engine = app_engine(task.url, statement_timeout_s=STATEMENT_TIMEOUT_S)
    with sessions_of(engine)() as session:
        read_seconds, inputs = _timed(day_store.read_day, session, task.days[0], task.now)
    hash_seconds, _ = _timed(inputs.hash)
    bare = _bare_join(inputs)
    turns = [(_timed(match, inputs)[0], _timed(bare)[0]) for _ in range(TURNS)]
    judge_seconds, _ = _timed(judge, inputs)
    ours, theirs = (median(took) for took in zip(*turns, strict=True))
    return {
        "read_seconds": read_seconds, "hash_seconds": hash_seconds,
        "judge_seconds": judge_seconds, "core_seconds": ours, "duckdb_seconds": theirs,
        "core_ratio": ours / theirs,
    }  # fmt: skip


def _bare_join(inputs: Inputs):
    import duckdb  # a peer: the product never needs it

    connection = duckdb.connect()
    for name in ("charges", "receipts", "lines"):
        frame: pd.DataFrame = getattr(inputs, name)
        connection.register(name, pa.Table.from_pandas(frame, preserve_index=False))
    return lambda: connection.execute(BARE_JOIN).to_arrow_table()


@contextmanager
def _cluster(workers: int) -> Iterator[str]:
    """The address of a scheduler with so many worker processes; empty for none."""
    if not workers:
        yield ""
        return
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def _on_all(scheduler: str, function, *values) -> list[Any]:
    """What a function gives on every worker; without a cluster, here."""
    if not scheduler:
        return [function(*values)]
    with connected(scheduler) as client:
        return list(client.run(function, *values).values())


def peak_mib() -> float:
    """The most memory that this process has had at once."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def _timed(function, *values) -> tuple[float, Any]:
    began = time.perf_counter()
    result = function(*values)
    return time.perf_counter() - began, result


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    told = {"run": run, "core": core}[asked.pop("what")](Task.of(asked))
    print(json.dumps(told | {"load": os.getloadavg()[0]}))
