"""`python -m jobs` as a real process: started, killed, put to sleep and woken."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jobs.store import JobRunRow, LeaseRow
from parking.clock import DrivenClock
from parking.parts import Parts
from sqlalchemy import func, select, update

ANSWERS_WITHIN_S = 60


class JobsProcess:
    """One of them; its words are in `log`."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jobs"],
            env={**os.environ, **environment}, stdout=log.open("ab"), stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """As a power cut would: with what it started, and without a word."""
        if self.is_running:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(20)

    def sleep(self) -> None:
        """It stands still, as a machine does whose lid was closed."""
        os.killpg(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def end(self) -> int:
        """Ask it to stop; its exit code."""
        os.killpg(self.pid, signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        return self._process.wait(ANSWERS_WITHIN_S)


class Machine:
    """Where jobs processes run over the database of a test, at the time of its told clock."""

    def __init__(self, parts: Parts, environment: Mapping[str, str], folder: Path) -> None:
        self._parts, self._folder = parts, folder
        self._clock = DrivenClock(folder / "clock")
        self.environment = {
            **environment, "PARKING_ENV": "demo", "CLOCK_FILE": str(folder / "clock"),
        }  # fmt: skip
        self._started: list[JobsProcess] = []

    def start(self, **more: str) -> JobsProcess:
        self.drive(self._parts.clock.now())
        log = self._folder / f"jobs-{len(self._started)}.log"
        self._started.append(JobsProcess(self.environment | more, log))
        return self._started[-1]

    def drive(self, moment: datetime) -> None:
        """It is this moment in all of them."""
        self._clock.drive(moment)

    def words(self) -> str:
        """What all of them have logged."""
        return "".join(process.log.read_text() for process in self._started)

    def epoch(self) -> int:
        """Of the process that runs the jobs; 0 before the first."""
        with self._parts.sessions() as session:
            return session.scalar(select(LeaseRow.epoch)) or 0

    def holder(self) -> int:
        """The process that holds the lease, or held it last."""
        with self._parts.sessions() as session:
            return int((session.scalar(select(LeaseRow.holder)) or ":0").rpartition(":")[2])

    def let_the_lease_expire(self) -> None:
        with self._parts.sessions.begin() as session:
            session.execute(update(LeaseRow).values(expires_at=func.now() - timedelta(seconds=1)))

    def runs(self, *states: str) -> list[Any]:
        """Job, day, state and epoch of each, in the order in which they began."""
        row = JobRunRow
        with self._parts.sessions() as session:
            query = select(row.job, row.business_day, row.state, row.epoch).order_by(row.id)
            return list(session.execute(query.where(row.state.in_(states)) if states else query))

    def stop_all(self) -> None:
        for process in self._started:
            process.kill()


@contextmanager
def running(parts: Parts, environment: Mapping[str, str], folder: Path) -> Iterator[Machine]:
    machine = Machine(parts, environment, folder)
    try:
        yield machine
    finally:
        machine.stop_all()


def until(is_so: Callable[[], Any], within_s: float = ANSWERS_WITHIN_S) -> Any:
    """Wait for something to be so; what it gave."""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if found := is_so():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not so after {within_s} s: {is_so}")
