"""`parking serve` and `parking jobs`: one process each."""

import os
import signal
import subprocess
import sys

import click

from parking.cli.gateways import tell_in_background
from parking.cli.machine import running_parts
from parking.logging import set_up_logging


@click.command()
@click.option(
    "--port", type=int, help="on this machine only; else where BIND says, else 127.0.0.1:8000"
)
@click.option("--workers", type=int, help="processes; else WEB_WORKERS, else 2")
@click.option("--threads", type=int, help="threads of each process; else WEB_THREADS, else 8")
def serve(port: int | None, workers: int | None, threads: int | None) -> None:
    """Serve the web application until stopped.

    Example: parking serve --port 8000
    """
    given = {
        "BIND": f"127.0.0.1:{port}" if port is not None else None,
        "WEB_WORKERS": workers, "WEB_THREADS": threads,
    }  # fmt: skip
    told = {name: str(value) for name, value in given.items() if value is not None}
    with running_parts() as parts:
        set_up_logging(parts.settings.log_level)
        tell_in_background(parts)
        _run([sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "wsgi:app"], told)


@click.command()
def jobs() -> None:
    """Run the scheduled jobs until stopped: one such process a city.

    Example: parking jobs
    """
    # In place of this process: nothing is left behind when somebody kills it.
    os.execv(sys.executable, [sys.executable, "-m", "jobs"])  # noqa: S606 - no shell is meant


def _run(command: list[str], environment: dict[str, str]) -> None:
    """Run a child to its end; what stops us stops it."""
    child = subprocess.Popen(command, env=os.environ | environment)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: child.terminate())
    sys.exit(child.wait())
