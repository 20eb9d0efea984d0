"""How often we look. What is due is read from our own tables, never remembered here."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from config.sources import Source
from parking.audit import seal
from parking.business_day import business_day
from parking.charges import expire
from parking.database.engine import is_down, retried
from parking.gateways import probe
from parking.parts import Parts
from parking.payments import inquire, work
from parking.reconciliation import store as reconciled
from parking.reconciliation.cases import escalate, warn
from parking.reconciliation.cases.return_share import return_shares
from parking.reconciliation.closing import verify
from parking.reconciliation.day_store import IDLE_WINDOW
from parking.reconciliation.night import first_day_not_due
from parking.reconciliation.spread import RunOf, reconciling
from parking.refunds.carry_out import carry_out_due
from parking.reports import day_report, files
from parking.shifts.store import anybody_at_work
from parking.statements import watch, watch_statements
from parking.statements.fetch import Fetcher

from jobs import runs
from jobs.lease import LeaseLost


@dataclass(frozen=True, slots=True)
class Looking:
    """What a look may use: the parts, fenced by the lease of this process."""

    parts: Parts
    epoch: int

    @property
    def now(self) -> datetime:
        return self.parts.clock.now()


@dataclass(frozen=True, slots=True)
class Look:
    name: str
    at_what_is_due: Callable[[Looking], None]
    every: timedelta
    # When one that has not ended well for so long is an alarm: longer than it ever takes.
    late_after: timedelta = timedelta(minutes=5)
    rests: bool = False  # when it fails, it comes more and more seldom


def at_the_inbox(looking: Looking) -> None:
    """Callbacks that nobody has worked through."""
    parts = looking.parts
    work.work_through(parts.sessions, parts.gateways.find, looking.now)


def at_open_charges(looking: Looking) -> None:
    """Charges whose gateway is to be asked."""
    parts = looking.parts
    inquire.sweep(parts.sessions, parts.gateways.find, looking.now)


def at_expiring_charges(looking: Looking) -> None:
    """Charges whose time is over and whose gateway has not said so."""
    parts = looking.parts
    expire.expire_due(parts.sessions, parts.gateways.find, looking.now)


def at_refunds(looking: Looking) -> None:
    """Refunds that were approved, or that a gateway has not finished."""
    parts = looking.parts
    carry_out_due(parts.sessions, parts.gateways, looking.now)


def at_gateways_that_are_out(looking: Looking) -> None:
    """Accounts that did not answer, and may by now."""
    parts = looking.parts
    probe.probe_those_out(parts.sessions, parts.gateways.find, looking.now)


def at_the_audit_log(looking: Looking) -> None:
    """Events that are old enough to be sealed."""
    with looking.parts.sessions.begin() as session:
        seal.seal(session, looking.now)


def at_the_watched_folder(looking: Looking) -> None:
    """Settlement files that somebody, or a gateway, has put there."""
    parts = looking.parts
    watch.take_in_folder(
        parts.sessions, watch.Doors(parts.gateways.find, parts.mappings),
        parts.settings.watched, "job:import", looking.now,
    )  # fmt: skip


def at_statements_in_their_folder(looking: Looking) -> None:
    """Bank statements that somebody, or a bank, has put there."""
    parts = looking.parts
    watch_statements.take_in_folder(
        parts.sessions, parts.statement_mappings, parts.settings.watched_statements,
        "job:import", looking.now,
    )  # fmt: skip


def at_days_to_reconcile(looking: Looking) -> None:
    """Every past day that has no run yet, or still waits for something: the oldest first.

    Also one that was reconciled and left without its report, by a kill or a full disk.

    A machine that was down for three days finds three days here. A day that fails holds
    up no other; raises ExceptionGroup of what failed, when the others are done.
    """
    today = first_day_not_due(looking.now)
    with looking.parts.sessions() as session:
        due = reconciled.days_due(session, today, looking.now)
        half_done = runs.unfinished(session, "reconcile", today)
    days, failed = sorted({*due, *half_done}), []
    with _reconciling(looking, days) as run_of:
        for day in days:
            try:
                _reconcile(looking, day, run_of)
            except LeaseLost:
                raise
            except Exception as error:  # told by the scheduler; tried again at the next look
                if is_down(error):
                    raise
                failed.append(error)
    if failed:
        raise ExceptionGroup("days that could not be reconciled", failed)


def at_idle_attendants(looking: Looking) -> None:
    """Attendants at a QRIS point without one QRIS payment in seven days (D19): once a day.

    Every day up to yesterday that has no such run since the first that had one, in order.
    """
    yesterday = business_day(looking.now) - timedelta(days=1)
    with looking.parts.sessions() as session:
        due = runs.days_without(session, "inactivity", yesterday)
    for day in due:
        warn_of_idle(looking, day)


def at_closed_days(looking: Looking) -> None:
    """Whether closed days are still what two persons signed: each once a day."""
    parts = looking.parts
    verify.check_due(parts.sessions, looking.now)


def at_cases(looking: Looking) -> None:
    """Cases that are overdue, warnings that the rule proposes, shares that go back."""
    parts = looking.parts
    escalate.escalate_due(parts.sessions, looking.now)
    warn.propose_due(parts.sessions, looking.now)
    return_shares(parts.sessions, looking.now)


def reconcile(looking: Looking, day: date) -> None:
    """Reconcile one day and write its report. Run again over the same facts it adds nothing."""
    with _reconciling(looking, [day]) as run_of:
        _reconcile(looking, day, run_of)


def _reconciling(looking: Looking, days: list[date]) -> AbstractContextManager[RunOf]:
    settings = looking.parts.settings
    return reconciling(
        looking.parts.sessions, days, looking.now,
        url=settings.database_url, scheduler=settings.dask_scheduler if days else "",
    )  # fmt: skip


def _reconcile(looking: Looking, day: date, run_of: RunOf) -> None:
    parts = looking.parts
    with parts.sessions() as session:
        again = runs.done(session, "reconcile", day)
    if again:  # a later look at a day that waited for something
        _run_and_report(parts, day, run_of)
        return
    with runs.recorded(parts.sessions, parts.clock, "reconcile", day, looking.epoch) as ends:
        ends(_run_and_report(parts, day, run_of))


def _run_and_report(parts: Parts, day: date, run_of: RunOf) -> str:
    run = run_of(day)
    with parts.sessions() as session:
        report = day_report.build(session, day)
    files.write(report, parts.settings.reports)
    return run.result_hash


def warn_of_idle(looking: Looking, day: date) -> None:
    """Note in the audit log who took no QRIS in the seven days up to a day."""
    parts = looking.parts
    with runs.recorded(parts.sessions, parts.clock, "inactivity", day, looking.epoch) as ends:
        with parts.sessions() as session:
            is_worth_reading = anybody_at_work(session, day - IDLE_WINDOW, day)
        found: Sequence[Mapping[Any, Any]] = ()
        if is_worth_reading:  # of months without a shift, a day must cost next to nothing
            with parts.sessions() as session:
                found = reconciled.idle_attendants(session, day)
            note, now = reconciled.note_idle_attendants, looking.now
            retried(parts.sessions, lambda session: note(session, day, found, now))
        ends(f"{len(found)} idle")


TIMETABLE = (
    Look("inbox", at_the_inbox, timedelta(seconds=0.25)),
    # As often as the inbox: what a callback does not prove waits for this before it is LUNAS.
    Look("inquiry", at_open_charges, timedelta(seconds=0.25)),
    Look("expiry", at_expiring_charges, timedelta(seconds=2)),
    Look("refunds", at_refunds, timedelta(seconds=5), timedelta(minutes=15)),
    Look("outages", at_gateways_that_are_out, timedelta(seconds=2)),
    Look("seal", at_the_audit_log, timedelta(seconds=15)),
    Look("import", at_the_watched_folder, timedelta(seconds=2), timedelta(minutes=15)),
    Look("statements", at_statements_in_their_folder, timedelta(seconds=2), timedelta(minutes=15)),
    # Days of which each takes its time, after a machine was down for a while.
    Look("reconcile", at_days_to_reconcile, timedelta(seconds=5), timedelta(hours=1)),
    Look("inactivity", at_idle_attendants, timedelta(seconds=30), timedelta(minutes=15)),
    Look("cases", at_cases, timedelta(seconds=30), timedelta(minutes=15)),
    Look("closed days", at_closed_days, timedelta(seconds=30), timedelta(minutes=15)),
)

# A day of the demo lasts seconds, so there we look more often.
MOST_IN_DEMO = timedelta(seconds=0.3)


def pause(look: Look, *, is_demo: bool) -> timedelta:
    """How long to wait between two looks of a kind."""
    return min(look.every, MOST_IN_DEMO) if is_demo else look.every


def timetable(parts: Parts) -> tuple[Look, ...]:
    """Every look of this machine, one for each source of files among them."""
    return TIMETABLE + tuple(_at_source(source, parts) for source in parts.settings.sources)


def _at_source(source: Source, parts: Parts) -> Look:
    fetcher = Fetcher(source, parts.settings.var)

    def at_new_files(looking: Looking) -> None:
        fetcher.visit(looking.parts.sessions, looking.epoch, looking.now)

    return Look(
        f"fetch {source.kind} {source.name}", at_new_files, timedelta(seconds=60),
        timedelta(minutes=30), rests=True,
    )  # fmt: skip


# What can be run by hand for one day: `python -m jobs NAME DAY`.
BY_HAND: dict[str, Callable[[Looking, date], None]] = {
    "reconcile": reconcile,
    "inactivity": warn_of_idle,
}
