"""The jobs process.

`python -m jobs` holds the lease and looks at what is due until it is stopped;
`python -m jobs NAME DAY` runs one job by hand for one day, as in
`python -m jobs reconcile 2026-11-23`.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from parking.business_day import WIB
from parking.cli.gateways import tell_in_background
from parking.cli.machine import machine
from parking.logging import set_up_logging
from parking.parts import Parts, assemble

from jobs import lease
from jobs.timetable import BY_HAND, TIMETABLE, Looking, pause

log = structlog.get_logger()

WAIT_S = 1.0  # between two tries to get the lease
RENEW_S = lease.TERM.total_seconds() / 3


def main(arguments: list[str]) -> int:
    day = None
    if arguments:
        if len(arguments) != 2 or arguments[0] not in BY_HAND:
            print(f"usage: python -m jobs [{'|'.join(BY_HAND)} YYYY-MM-DD]", file=sys.stderr)
            return 2
        try:
            day = date.fromisoformat(arguments[1])
        except ValueError:
            print(f"{arguments[1]!r} is not a day: write it as 2026-11-23", file=sys.stderr)
            return 2
    with machine() as settings:
        set_up_logging(settings.log_level)
        parts = assemble(settings, pool_size=len(TIMETABLE) + 4, statement_timeout_s=60)
        if day is not None:
            # Beside a running jobs process: the verbs are repeatable, so no lease is taken.
            BY_HAND[arguments[0]](Looking(parts, epoch=0), day)
            return 0
        tell_in_background(parts)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        return hold(parts, stop, lambda looking: run_timetable(looking, stop))


def hold(parts: Parts, stop: threading.Event, work: Callable[[Looking], None]) -> int:
    """Wait for the lease, work while it is ours, give it back. 1 if it was lost meanwhile."""
    holder = f"{socket.gethostname()}:{os.getpid()}"
    while not stop.is_set():
        with parts.sessions.begin() as session:
            epoch = lease.take(session, holder)
        if epoch is not None:
            break
        stop.wait(WAIT_S)
    else:
        return 0
    log.info("lease taken", epoch=epoch)
    renewing = threading.Thread(target=keep, args=(parts, epoch, stop), daemon=True)
    renewing.start()
    work(Looking(replace(parts, sessions=lease.fenced(parts.sessions, epoch)), epoch))
    renewing.join()
    with parts.sessions.begin() as session:
        return 0 if lease.release(session, epoch) else 1


def keep(parts: Parts, epoch: int, stop: threading.Event) -> None:
    """Renew the lease until told to stop; a lost lease stops the process."""
    while not stop.wait(RENEW_S):
        try:
            with parts.sessions.begin() as session:
                lease.renew(session, epoch)
        except lease.LeaseLost as lost:
            log.error("lease lost", what=str(lost))
            stop.set()


def run_timetable(looking: Looking, stop: threading.Event) -> None:
    """Look at everything in turn until stopped, and finish what has begun."""
    scheduler = BackgroundScheduler(
        timezone=WIB,
        executors={"default": ThreadPoolExecutor(len(TIMETABLE))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_listener(tell_error, EVENT_JOB_ERROR)
    for look in TIMETABLE:
        scheduler.add_job(
            partial(look.at_what_is_due, looking), "interval", id=look.name,
            seconds=pause(look, is_demo=looking.parts.settings.is_demo).total_seconds(),
        )  # fmt: skip
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)


def tell_error(event: JobExecutionEvent) -> None:
    """One look failed; the next one of its kind tries again."""
    log.error("look failed", job=event.job_id, exc_info=event.exception)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
