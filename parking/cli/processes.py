"""`parking serve` and `parking jobs`: one process each."""

import os
import signal
import subprocess
import sys

import click

from parking.cli.gateways import tell_in_background
from parking.cli.machine import machine, running_parts
from parking.logging import set_up_logging


@click.command()
@click.option("--port", default=8000, show_default=True, help="on this machine only")
@click.option("--workers", default=2, show_default=True, help="processes")
@click.option("--threads", default=8, show_default=True, help="threads of each process")
def serve(port: int, workers: int, threads: int) -> None:
    """Serve the web application until stopped.

    Example: parking serve --port 8000
    """
    bind = {"BIND": f"127.0.0.1:{port}", "WEB_WORKERS": str(workers), "WEB_THREADS": str(threads)}
    with running_parts() as parts:
        set_up_logging(parts.settings.log_level)
        tell_in_background(parts)
        _run([sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "wsgi:app"], bind)


@click.command()
def jobs() -> None:
    """Run the scheduled jobs until stopped: one such process a city.

    Example: parking jobs
    """
    with machine():
        _run([sys.executable, "-m", "jobs"], {})


def _run(command: list[str], environment: dict[str, str]) -> None:
    """Run a child to its end; what stops us stops it."""
    child = subprocess.Popen(command, env=os.environ | environment)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: child.terminate())
    sys.exit(child.wait())
