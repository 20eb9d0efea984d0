"""The jobs process.

`python -m jobs` holds the lease and looks at what is due until it is stopped;
`python -m jobs NAME DAY` runs one job by hand for one day, as in
`python -m jobs reconcile 2026-11-23`.
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from parking.business_day import WIB
from parking.cli.gateways import tell_in_background
from parking.cli.machine import machine
from parking.logging import set_up_logging
from parking.parts import Parts, assemble
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from jobs import lease
from jobs.beats import Beats
from jobs.clock_jumps import ClockJumps
from jobs.timetable import BY_HAND, TIMETABLE, Look, Looking, pause, timetable

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
        looks = len(TIMETABLE) + len(settings.sources)
        parts = assemble(settings, pool_size=looks + 4, statement_timeout_s=60)
        if day is not None:
            # Beside a running jobs process: the verbs are repeatable, so no lease is taken.
            BY_HAND[arguments[0]](Looking(parts, epoch=0), day)
            return 0
        tell_in_background(parts)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        return hold(parts, stop, timetable(parts))


def hold(parts: Parts, stop: threading.Event, looks: Sequence[Look]) -> int:
    """Wait for the lease, work while it is ours, give it back. 1 if it was lost meanwhile."""
    beats = Beats({look.name: look.late_after for look in looks})
    epoch = wait_for_lease(parts, beats, stop)
    if epoch is None:
        return 0
    log.info("lease taken", epoch=epoch)
    fenced = replace(parts, sessions=lease.fenced(parts.sessions, epoch))
    scheduler = scheduled(Looking(fenced, epoch), looks, beats)
    scheduler.start()
    try:
        keep(parts, epoch, beats, scheduler, stop)
    finally:
        scheduler.shutdown(wait=True)  # what has begun is finished
    with parts.sessions.begin() as session:
        if not lease.release(session, epoch):
            return 1
        beats.write(session, epoch)
    return 0


def wait_for_lease(parts: Parts, beats: Beats, stop: threading.Event) -> int | None:
    """The epoch of the lease once it is ours; None when told to stop before.

    A holder that sleeps in the middle of a transaction keeps the lease's row locked until the
    database ends its session, and a database may be away: neither ends who waits.
    """
    holder = f"{socket.gethostname()}:{os.getpid()}"
    while not stop.is_set():
        try:
            with parts.sessions.begin() as session:
                epoch = lease.take(session, holder)
                if epoch is not None:
                    beats.announce(session, epoch)
        except (OperationalError, PoolTimeout) as error:
            log.error("lease not to be had", why=str(error))
        else:
            if epoch is not None:
                return epoch
        stop.wait(WAIT_S)
    return None


def keep(
    parts: Parts, epoch: int, beats: Beats, scheduler: BaseScheduler, stop: threading.Event
) -> None:
    """Renew the lease until told to stop, or until it is lost.

    A database that is away for a while is no loss yet: when it is back the lease is still
    ours, or somebody else's, and then nothing more is written here.
    """
    jumps = ClockJumps()
    while not stop.wait(RENEW_S):
        if jumped_s := jumps.since_last():
            log.error("clock jumped", seconds=round(jumped_s))
            look_again(scheduler)
        try:
            with parts.sessions.begin() as session:
                lease.renew(session, epoch)
                beats.write(session, epoch)
        except lease.LeaseLost as lost:
            log.error("lease lost", what=str(lost))
            return
        except (DBAPIError, PoolTimeout) as error:
            log.error("lease not renewed", why=str(error))


def scheduled(looking: Looking, looks: Sequence[Look], beats: Beats) -> BaseScheduler:
    """A scheduler that looks at everything in turn, and never twice at a time at one thing."""
    # That a look takes longer than its pause is usual, and that it hangs is told by its beat.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(
        timezone=WIB,
        executors={"default": ThreadPoolExecutor(len(looks))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for look in looks:
        scheduler.add_job(
            partial(attend, look, looking, beats), "interval", id=look.name,
            seconds=pause(look, is_demo=looking.parts.settings.is_demo).total_seconds(),
        )  # fmt: skip
    return scheduler


def attend(look: Look, looking: Looking, beats: Beats) -> None:
    """Look once, and note how it went. What fails is told, counted and tried again."""
    if look.rests and beats.rests(look.name, look.every):
        return
    try:
        look.at_what_is_due(looking)
    except Exception as error:  # whatever it is, it must not end in a thread that nobody watches
        beats.failed(look.name, error)
    else:
        beats.went_well(look.name)


def look_again(scheduler: BaseScheduler) -> None:
    """Look at everything now: the scheduler counts by the wall clock, and would wait an hour
    more for each hour that it was set back.
    """
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(WIB))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
