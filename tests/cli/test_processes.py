"""`parking serve` and `parking jobs` as processes of their own."""

import os
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from parking.cli.main import parking

from tests.jobs_process import running, until

PARKING = [sys.executable, "-m", "parking.cli.main"]


@pytest.fixture
def start(environment):
    started = []

    def begun(*words, **more):
        process = subprocess.Popen(
            [*PARKING, *words], env={**os.environ, **environment, **more}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started.append(process)
        return process

    yield begun
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_served(port):
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_the_web_server_serves_where_its_settings_say(parts, start):
    port = free_port()

    served = start("serve", BIND=f"127.0.0.1:{port}", WEB_WORKERS="1", WEB_THREADS="2")

    until(lambda: is_served(port))
    served.terminate()
    assert served.wait(30) == 0


def test_a_port_that_is_given_wins_over_the_settings(parts, start):
    port = free_port()

    served = start("serve", "--port", str(port), "--workers", "1", BIND=f"127.0.0.1:{free_port()}")

    until(lambda: is_served(port))
    served.terminate()
    served.wait(30)


def test_the_help_says_what_holds_otherwise():
    told = CliRunner().invoke(parking, ["serve", "--help"]).output

    assert all(name in told for name in ("BIND", "WEB_WORKERS", "WEB_THREADS", "127.0.0.1:8000"))


@pytest.mark.fault("F52")
def test_the_jobs_are_run_by_the_process_that_was_started(parts, environment, tmp_path, start):
    """Killed, it leaves nobody behind who goes on."""
    started = start("jobs")
    with running(parts, environment, tmp_path) as machine:
        assert until(machine.holder) == started.pid
