"""What a measurement needs around it: databases of its own, and processes that serve."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import config
from sqlalchemy import create_engine, make_url, text

from parking.database.engine import driver_url
from parking.errors import ParkingError

STARTS_WITHIN_S = 30
STOPS_WITHIN_S = 20
WEB = ["-m", "gunicorn", "-c", str(Path(config.__file__).parent / "gunicorn.py")]


def empty_database(server_url: str, name: str) -> str:
    """The URL of a new database of this name on a server; an old one of the name is dropped."""
    server = create_engine(driver_url(server_url), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return make_url(server_url).set(database=name).render_as_string(False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str], env: Mapping[str, str], log: Path, python: str = sys.executable
) -> Iterator[None]:
    """A Python process while the block runs. Raises ParkingError if it ended by itself."""
    with log.open("wb") as out:
        child = subprocess.Popen(
            [python, *command], env={**os.environ, **env}, stdout=out, stderr=out
        )
    try:
        yield
        if child.poll() is not None:
            raise ParkingError(f"{command} ended by itself, see {log}")
    finally:
        child.terminate()
        try:
            child.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for_port(port: int, log: Path) -> None:
    """Return once somebody listens. Raises ParkingError after half a minute."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise ParkingError(f"nobody listens on port {port}, see {log}")
