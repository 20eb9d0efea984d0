"""Processes that die and a database that goes away: nothing acknowledged is ever lost."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from parking.database.engine import driver_url
from sqlalchemy import create_engine, make_url, text

from tests.payments.conftest import PATH
from tests.payments.messages import notification
from tests.payments.test_callbacks import SHARED

WORKER = """
from config.settings import load_settings
from datetime import UTC, datetime
from parking.parts import assemble
from parking.payments import work
import sys
parts = assemble(load_settings())
print("ready", flush=True)
work.work_through(parts.sessions, parts.gateways.find, datetime.fromisoformat(sys.argv[1]))
"""


@contextmanager
def child(command, environment, **more):
    process = subprocess.Popen(
        [sys.executable, *command], env=os.environ | environment, start_new_session=True, **more
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def admin(url, *statements):
    """Run statements beside the tests' database, as its server's owner."""
    server = create_engine(
        driver_url(make_url(url).set(database="postgres").render_as_string(False)),
        isolation_level="AUTOCOMMIT",
    )
    with server.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    server.dispose()


def cut(url):
    """End every connection to the tests' database."""
    name = make_url(url).database
    admin(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name}' AND pid <> pg_backend_pid()",
    )


@contextmanager
def away(url):
    """A database that nobody can connect to, as while it restarts."""
    name = make_url(url).database
    admin(url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    try:
        cut(url)
        yield
    finally:
        admin(url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def wait_for_lock(engine):
    """Return once somebody waits for a lock in the tests' database."""
    waits = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with engine.connect() as connection:  # a new transaction sees what is new
            if connection.scalar(text(waits)):
                return
        time.sleep(0.01)
    raise AssertionError("nobody came to wait")


@pytest.mark.fault("F34")
def test_while_the_database_is_away_nothing_is_acknowledged(scene, database_url):
    scene.charge()
    assert scene.notify("PKR-other").status_code == 200
    with away(database_url):
        answer = scene.notify()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert scene.notify().status_code == 200, "the gateway's next try is taken in"
    scene.work()
    assert scene.look().state == "paid"


@pytest.mark.fault("F35")
def test_a_connection_that_was_cut_costs_no_delivery(scene, database_url):
    scene.charge()
    assert scene.notify("PKR-other").status_code == 200

    cut(database_url)

    assert scene.notify().status_code == 200
    scene.work()
    assert scene.look().state == "paid"


@pytest.mark.fault("F35")
def test_a_worker_that_loses_its_connection_counts_no_attempt(scene, database_url):
    scene.charge()
    scene.notify()
    with away(database_url), pytest.raises(Exception, match="not currently accepting"):
        scene.work()

    assert scene.inbox() == {"RECEIVED": 1}
    scene.work()
    assert scene.inbox() == {"APPLIED": 1}
    assert scene.balances() == SHARED


@pytest.mark.fault("F03")
@pytest.mark.fault("F44")
def test_a_worker_killed_in_the_middle_leaves_its_batch_to_the_next(
    scene, environment, database_url
):
    names = [f"PKR-{n}" for n in range(20)]
    for ours in names:
        scene.charge(ours)
        scene.notify(ours)
    owner = create_engine(driver_url(database_url))
    with owner.begin() as holder:  # the worker has claimed its batch and waits for this charge
        holder.execute(text("SELECT FROM charge WHERE ours = 'PKR-7' FOR UPDATE"))
        run = ["-c", WORKER, scene.now.isoformat()]
        with child(run, environment, stdout=subprocess.PIPE) as worker:
            assert worker.stdout.readline() == b"ready\n"
            wait_for_lock(owner)
            worker.kill()
            worker.wait()
    owner.dispose()
    assert scene.payments() == []

    until = time.monotonic() + 10
    while scene.work() == 0 and time.monotonic() < until:  # until the dead one's locks are gone
        time.sleep(0.05)

    assert scene.inbox() == {"APPLIED": 20}
    assert scene.balances() == {account: 20 * total for account, total in SHARED.items()}


@pytest.mark.fault("F01")
@pytest.mark.fault("F02")
def test_a_web_server_killed_before_it_answered_is_asked_again_and_books_once(
    scene, environment, database_url, tmp_path
):
    scene.charge()
    body = notification("PKR-1", scene.now)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = environment | {"BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "1"}
    run = ["-m", "gunicorn", "-c", "python:config.gunicorn", "wsgi:app"]
    answers = []

    def deliver():
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            line.request("POST", PATH, body, {"Content-Type": "application/json"})
            answers.append(line.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            answers.append(type(error).__name__)

    owner = create_engine(driver_url(database_url))
    with child(run, web) as server, owner.begin() as holder:
        until = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < until:
            time.sleep(0.05)
        holder.execute(text("LOCK TABLE callback IN ACCESS EXCLUSIVE MODE"))
        delivery = threading.Thread(target=deliver)
        delivery.start()
        wait_for_lock(owner)
        os.killpg(server.pid, signal.SIGKILL)
        delivery.join()
    owner.dispose()

    assert len(answers) == 1
    assert answers[0] != 200
    assert scene.post(body).status_code == 200
    scene.parts.clock.forward(days=365)  # what the dead server kept has the machine's time
    scene.work()
    assert len(scene.payments()) == 1
    assert scene.balances() == SHARED
