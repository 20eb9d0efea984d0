"""The demo's processes: sandbox, web and jobs as children of the one that drives them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from parking.errors import ParkingError

STARTS_WITHIN_S = 30
STOPS_WITHIN_S = 20
LAST_LINES = 15


class Child:
    """A process of the demo, and the file it writes its log into."""

    def __init__(self, name: str, command: list[str], env: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command], env=dict(env), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def check(self) -> None:
        """Raises ParkingError with the last lines of its log if it has ended."""
        if self.process.poll() is not None:
            told = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            raise ParkingError(f"{self.name} ended, see {self.log}:\n" + "\n".join(told))

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def children(
    web_port: int, sandbox_port: int, env: Mapping[str, str], folder: Path
) -> Iterator[list[Child]]:
    """The three of them, answering; stopped when the block is left."""
    web_env = {**env, "BIND": f"127.0.0.1:{web_port}", "WEB_WORKERS": "2", "WEB_THREADS": "8"}
    notify = f"http://127.0.0.1:{web_port}/callbacks/{{gateway}}/{{account}}"
    started: list[Child] = []

    def start(name: str, command: list[str], with_env: Mapping[str, str]) -> Child:
        started.append(Child(name, command, with_env, folder))
        return started[-1]

    try:
        sandbox = start(
            "sandbox",
            ["-m", "parking.cli.main", "sandbox", "--port", str(sandbox_port),
             "--state", str(folder / "sandbox.sqlite"), "--notify-url", notify],
            env,
        )  # fmt: skip
        web = start("web", ["-m", "gunicorn", "-c", "python:config.gunicorn", "wsgi:app"], web_env)
        start("jobs", ["-m", "jobs"], env)
        _wait_for(sandbox, f"http://127.0.0.1:{sandbox_port}/payer")
        _wait_for(web, f"http://127.0.0.1:{web_port}/health/live")
        yield started
    finally:
        for child in reversed(started):
            child.stop()


def own_port(wanted: int) -> int:
    """The port, if it is free. Raises ParkingError that says what to do if it is not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise ParkingError(
                f"Port {wanted} is in use ({error.strerror}): choose another with --port"
            ) from error
    return wanted


def environment(**ours: str) -> dict[str, str]:
    """This process's environment with the demo's settings in it."""
    return {**os.environ, **ours}


def _wait_for(child: Child, url: str) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        child.check()
        try:
            if requests.get(url, timeout=2).status_code < 500:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
    raise ParkingError(f"{child.name} does not answer at {url}; its log is {child.log}")
