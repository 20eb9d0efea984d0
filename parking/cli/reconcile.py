"""`parking reconcile`: compare what was asked, paid and settled, day by day."""

import json
import sys
from datetime import date, datetime, timedelta

import click

from parking.business_day import business_day
from parking.cli.machine import running_parts
from parking.parts import Parts
from parking.reconciliation.result import Run
from parking.reconciliation.spread import RunOf, reconciling
from parking.reports import day_report, files

DATE = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--date", "day", type=DATE, help="one day; without any, yesterday")
@click.option("--from", "from_day", type=DATE, help="the first of several days")
@click.option("--to", "to_day", type=DATE, help="the last of them")
@click.option("--json", "as_json", is_flag=True, help="one JSON object on stdout")
def reconcile(
    day: datetime | None, from_day: datetime | None, to_day: datetime | None, as_json: bool
) -> None:
    """Reconcile a day, or several in order, and write their reports.

    Run again over the same facts it adds nothing and gives the same result. With
    DASK_SCHEDULER set, the days are reconciled beside each other on its cluster.

    Example: parking reconcile --from 2026-11-17 --to 2026-11-23
    """
    if (from_day is None) != (to_day is None) or (day is not None and from_day is not None):
        raise click.UsageError("give --date, or --from with --to")
    with running_parts() as parts:
        yesterday = business_day(parts.clock.now()) - timedelta(days=1)
        first, last = _period(day or from_day, day or to_day, yesterday)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        settings = parts.settings
        with (
            reconciling(
                parts.sessions,
                days,
                parts.clock.now(),
                url=settings.database_url,
                scheduler=settings.dask_scheduler,
            ) as run_of,
            _shown(days) as passing,
        ):
            runs = [_reconcile(parts, each, run_of) for each in passing]
    click.echo(json.dumps([_told(run) for run in runs]) if as_json else _lines(runs))


def _period(first: datetime | None, last: datetime | None, yesterday: date) -> tuple[date, date]:
    begins = first.date() if first is not None else yesterday
    ends = last.date() if last is not None else yesterday
    if begins > ends:
        raise click.UsageError(f"{begins} is after {ends}")
    if ends > yesterday:
        raise click.UsageError(f"{ends} is not over")
    return begins, ends


def _shown(days: list[date]):
    return click.progressbar(
        days, label="days", file=sys.stderr, hidden=not sys.stderr.isatty(), item_show_func=str
    )


def _reconcile(parts: Parts, day: date, run_of: RunOf) -> Run:
    run = run_of(day)
    with parts.sessions() as session:
        report = day_report.build(session, day)
    files.write(report, parts.settings.reports)
    for problem in report.problems:
        click.echo(f"{day}: {problem}", err=True)
    return run


def _told(run: Run) -> dict[str, object]:
    return {
        "date": run.business_day.isoformat(), "run": run.id, "result_hash": run.result_hash,
        "chains": run.summary["chains"], "waiting": run.summary["waiting"],
        "discrepancies": run.summary["discrepancies"],
    }  # fmt: skip


def _lines(runs: list[Run]) -> str:
    return "\n".join(
        f"{run.business_day} run {run.id} {run.result_hash[:12]}"
        f" waiting {run.summary['waiting']} "
        + (" ".join(f"{c}:{n}" for c, n in run.summary["discrepancies"].items()) or "all agrees")
        for run in runs
    )
