"""`parking demo`: a whole city on this machine."""

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from parking.cli.machine import machine
from parking.demo import run
from parking.demo.forgeries import FORGERIES
from parking.demo.live import LiveStreet
from parking.demo.processes import own_port
from parking.demo.run import City, Wish


def _read_gateways(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    """Raises BadParameter naming what is no gateway of the demo."""
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    odd = [name for name in names if name not in FORGERIES]
    if odd or not names:
        raise click.BadParameter(f"{value!r}: use some of {', '.join(FORGERIES)}")
    return names


@click.command()
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 60))
@click.option("--attendants", default=24, show_default=True, type=click.IntRange(3, 400))
@click.option("--once", is_flag=True, help="End after the reports.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_525))
@click.option("--gateways", default="midtrans", show_default=True, callback=_read_gateways,
              help=f"Of {', '.join(FORGERIES)}, by commas; points share them.")  # fmt: skip
@click.option("--full", is_flag=True,
              help="With cash, bank statements and closed days, over a new year.")  # fmt: skip
@click.option(
    "--last", type=click.DateTime(["%Y-%m-%d"]), help="The last day, YYYY-MM-DD, if not the newest."
)
def demo(
    days: int,
    attendants: int,
    once: bool,
    as_json: bool,
    port: int,
    gateways: tuple[str, ...],
    full: bool,
    last: datetime | None,
) -> None:
    """A whole city on this machine, then serve it.

    Drives past days through the ordinary HTTP path against a sandbox gateway, plants
    documented faults, lets the nights reconcile, and compares what was planted with
    what was found. Exit code 1 if any was missed or invented.

    Example: parking demo --days 3 --attendants 8 --once
    """
    _end_by_signals()
    wish = Wish(days, attendants, own_port(port), own_port(port + 10), gateways, full,
                last.date() if last else None)  # fmt: skip
    began = time.monotonic()
    with machine() as settings, run.running(wish, settings) as city:
        with _progress(city) as told:
            run.drive(city, told)
        exact = _tell(city, round(time.monotonic() - began, 1), as_json)
        if not once:
            city.clock.release()
            _serve(city)
    sys.exit(0 if exact or not once else 1)


def _end_by_signals() -> None:
    """Ctrl-C, and what a supervisor or a closed terminal sends, end the demo with its children."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


@contextmanager
def _progress(city: City) -> Iterator[Callable[[int], None]]:
    total = sum(len(plan.ticks) for plan in city.plans)
    with click.progressbar(
        length=total, label=f"{len(city.plans)} days of {city.wish.attendants} attendants",
        file=sys.stderr, hidden=not sys.stderr.isatty(),
    ) as bar:  # fmt: skip
        yield lambda passed: bar.update(passed - bar.pos)


def _tell(city: City, seconds: float, as_json: bool) -> bool:
    """Say what came out; whether everything planted was found and nothing invented."""
    out = run.outcome(city)
    told: dict[str, Any] = {
        **run.counts(city),
        "discrepancies": dict(sorted(run.discrepancy_counts(city).items())),
        "planted": dict(sorted(out.planted.items())),
        "found": dict(sorted(out.found.items())),
        "missed": dict(sorted(out.missed.items())),
        "invented": dict(sorted(out.invented.items())),
        **_closing(city),
        "reports": [str(path) for path in run.reports(city)],
        "seconds": seconds,
    }
    for line in out.details:
        click.echo(line, err=True)
    if as_json:
        click.echo(json.dumps(told))
    else:
        _tell_people(told)
    return out.is_exact


def _closing(city: City) -> dict[str, Any]:
    """Which days two persons closed, and what is in the way of the others."""
    if city.offices is None:
        return {}
    days = city.offices.in_the_way()
    return {
        "closed": [day for day, blocks in days.items() if not blocks],
        "not_closed": {day: blocks for day, blocks in days.items() if blocks},
    }


def _tell_people(told: dict[str, Any]) -> None:
    click.echo(
        f"{told['charges']} charges, {told['paid']} paid, {told['callbacks']} callbacks"
        f" in {told['seconds']} s"
    )
    click.echo("code    planted  found  missed  invented")
    for code in sorted(told["planted"] | told["invented"]):
        figures = [told[name].get(code, 0) for name in ("planted", "found", "missed", "invented")]
        click.echo(f"{code:<7} {figures[0]:>7} {figures[1]:>6} {figures[2]:>7} {figures[3]:>9}")
    for day, blocks in told.get("not_closed", {}).items():
        click.echo(f"{day} not closed: {blocks[0]}")
    if "closed" in told:
        click.echo(f"{len(told['closed'])} days closed")
    for path in told["reports"]:
        click.echo(path)


def _serve(city: City) -> None:
    web = f"http://127.0.0.1:{city.wish.web_port}"
    click.echo(f"\nThe city        {web}/")
    click.echo(f"Driver's page   http://127.0.0.1:{city.wish.sandbox_port}/payer")
    click.echo("Sign-ins (the one-time codes are on the front page):")
    for sign_in in city.cast.city.sign_ins:
        click.echo(f"  {sign_in.role:<11} {sign_in.username:<11} {sign_in.password}")
    click.echo("Ctrl-C ends it.")
    try:
        with LiveStreet(city.cast):
            while True:
                city.cast.patience.check()
                time.sleep(1)
    except KeyboardInterrupt:
        click.echo("\nStopping …", err=True)
