"""Slow senders, a full disk, a pool with nothing left, a commit of which nobody knows the end."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from parking.database.engine import app_engine, driver_url, sessions_of
from parking.http_errors import answer_errors
from parking.parts import Gateways
from parking.payments import store
from parking.payments.routes import callbacks
from psycopg import errors as pg
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.payments.conftest import PATH
from tests.payments.messages import notification
from tests.payments.test_callbacks import SHARED

SLOW = 12  # senders, of the sixteen threads that our web server has
ANSWERS_WITHIN_S = 14  # gateways wait for 15

FULL = """
CREATE OR REPLACE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON callback
    FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full();
"""
FREED = "DROP TRIGGER full_disk ON callback; DROP FUNCTION disk_is_full()"


@contextmanager
def a_full_disk(url):
    """What PostgreSQL says once no page of the inbox can be written any more."""
    owner = create_engine(driver_url(url))
    with owner.begin() as connection:
        connection.execute(text(FULL))
    try:
        yield
    finally:
        with owner.begin() as connection:
            connection.execute(text(FREED))
        owner.dispose()


@pytest.mark.fault("F41")
def test_with_a_full_disk_nothing_is_acknowledged_and_then_nothing_is_missing(scene, database_url):
    scene.charge()
    with a_full_disk(database_url):
        answers = [scene.notify() for _ in range(3)]

    assert {answer.status_code for answer in answers} <= {500, 503}
    assert scene.inbox() == {}
    assert scene.notify().status_code == 200
    scene.work()
    assert scene.balances() == SHARED


@pytest.mark.fault("F36")
def test_a_commit_whose_end_nobody_heard_is_found_by_its_key(scene, monkeypatch):
    """The connection breaks after the database has committed and before it could say so."""
    real, broken = store.keep_callbacks, []

    def keep(connection, arrived):
        kept = real(connection, arrived)
        if not broken:
            broken.append(connection)
            raise OperationalError("COMMIT", {}, pg.AdminShutdown(), connection_invalidated=True)
        return kept

    scene.charge()
    assert scene.notify("PKR-other").status_code == 200
    monkeypatch.setattr("parking.payments.receive.store.keep_callbacks", keep)

    answer = scene.notify()

    assert answer.status_code == 200
    assert len(broken) == 1
    scene.work()
    assert scene.inbox() == {"APPLIED": 1, "ORPHAN": 1}
    assert len(scene.payments()) == 2  # the other one is of no charge of ours


@pytest.mark.fault("F38")
def test_work_that_the_database_could_not_serialise_is_done_again(scene, monkeypatch):
    real, failed = store.mark_worked, []

    def mark(session, worked, at):
        real(session, worked, at)
        if len(failed) < 2:
            failed.append(worked)
            raise OperationalError("UPDATE", {}, pg.SerializationFailure())

    scene.charge()
    scene.notify()
    monkeypatch.setattr("parking.payments.work.store.mark_worked", mark)

    assert scene.work() == 1

    assert len(failed) == 2
    assert scene.inbox() == {"APPLIED": 1}
    assert scene.balances() == SHARED


@pytest.mark.fault("F39")
def test_with_no_connection_left_a_callback_is_told_to_come_again(scene, database_url):
    engine = app_engine(database_url, pool_size=1)
    scene.parts.gateways.find("midtrans", "jambi")
    parts = replace(scene.parts, engine=engine, sessions=sessions_of(engine))
    door = Flask("door")
    answer_errors(door)
    door.register_blueprint(callbacks(parts))
    scene.charge()
    body = notification("PKR-1", scene.now)
    with engine.connect():
        started = time.monotonic()
        answer = door.test_client().post(PATH, data=body, content_type="application/json")
        took = time.monotonic() - started

    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert took < 6
    again = door.test_client().post(PATH, data=body, content_type="application/json")
    assert again.status_code == 200
    engine.dispose()


@pytest.mark.fault("F107")
def test_an_account_that_is_not_set_up_is_told_to_come_again(scene):
    settings = replace(scene.parts.settings, gateway_keys={})
    parts = replace(
        scene.parts,
        settings=settings,
        gateways=Gateways(settings, scene.parts.sessions, scene.parts.clock),
    )
    door = Flask("door")
    door.register_blueprint(callbacks(parts))

    answer = door.test_client().post(PATH, data=notification("PKR-1", scene.now))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


@contextmanager
def web_server(environment):
    """Our web server as production runs it: two processes of eight threads."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | environment | {"BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "2"}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "wsgi:app"]
    process = subprocess.Popen(command, env=env, start_new_session=True)
    try:
        until = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < until:
            time.sleep(0.05)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


@pytest.mark.fault("F19")
def test_slow_senders_do_not_hold_up_the_others(scene, environment):
    scene.charge()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 600\r\n\r\n{"
    ).encode()
    with web_server(environment) as port, ExitStack() as opened:
        for _ in range(8):  # until both processes are up
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            line.request("GET", "/health/live")
            assert line.getresponse().status == 200
        for _ in range(SLOW):
            slow = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
            slow.sendall(head)
        time.sleep(0.5)
        took = []
        for n in range(5):
            started = time.monotonic()
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            body = notification(f"PKR-{n + 1}", scene.now)
            line.request("POST", PATH, body, {"Content-Type": "application/json"})
            assert line.getresponse().status == 200
            took.append(time.monotonic() - started)

    assert max(took) < ANSWERS_WITHIN_S
