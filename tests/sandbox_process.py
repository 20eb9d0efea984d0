"""The sandbox as a real process on a free port, and what a test does to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from parking.clock import DrivenClock
from parking.gateways.protocol import Reply
from werkzeug.serving import make_server

from tests import snap_keys

SERVER_KEY = "SB-Mid-server-TESTKEYNOTREAL0001"
XENDIT_KEY, XENDIT_TOKEN = "xnd_development_TESTKEYNOTREAL0001", "cbtok-TEST-0001-aaaaaaaa"
DOKU_KEY = "SK-TESTNOTREAL-0001"
# What our accounts and the sandbox's merchants share, by the names of the environment.
KEYS = {
    "GATEWAY_KEY_MIDTRANS_JAMBI": SERVER_KEY,
    "GATEWAY_KEY_XENDIT_JAMBI": XENDIT_KEY,
    "GATEWAY_KEY_XENDIT_JAMBI__CALLBACK": XENDIT_TOKEN,
    "GATEWAY_KEY_DOKU_JAMBI": DOKU_KEY,
    "GATEWAY_KEY_SNAP_JAMBI": snap_keys.SECRET,
    "GATEWAY_KEY_SNAP_JAMBI__PRIVATE": snap_keys.OURS.private,
    "GATEWAY_KEY_SNAP_JAMBI__PROVIDER": snap_keys.BANKS.public,
    "GATEWAY_KEY_SNAP_JAMBI__PROVIDER_PRIVATE": snap_keys.BANKS.private,
    "GATEWAY_PROFILE_SNAP_JAMBI": " ".join(f"{k}={v}" for k, v in snap_keys.PROFILE.items()),
}
STARTS_WITHIN_S = 30


class SandboxProcess:
    """`parking sandbox`, with its state and its clock in a folder.

    It reads the time that the test drives; `follow` makes it read the told clock's.
    """

    def __init__(
        self, folder: Path, *, tls: bool = False, merchants: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        self._folder = folder
        self._merchants = merchants  # none: those invented for Jambi
        self._port = free_port()
        self._tls = tls  # with a certificate that nobody signed
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._port}"
        self.certificate = folder / "sandbox-cert.pem"
        self.midtrans_url = f"{self.url}/midtrans"
        self.clock = DrivenClock(folder / "clock")
        self.http = requests.Session()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "parking.cli.main", "sandbox", "--port", str(self._port),
                "--state", str(self._folder / "sandbox.sqlite"),
                "--notify-url", "http://127.0.0.1:9/nobody-listens/{account}",
                *(["--tls"] if self._tls else []),
                *(self._given_merchants() if self._merchants else []),
            ],
            env={
                **os.environ,
                "VAR_DIR": str(self._folder / "var"),
                **KEYS,
                "CLOCK_FILE": str(self._folder / "clock"),
            },
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                requests.get(f"{self.url}/payer", timeout=5, verify=not self._tls)
                return
            except requests.ConnectionError:
                time.sleep(0.05)
        raise RuntimeError(f"the sandbox did not start on port {self._port}")

    def _given_merchants(self) -> list[str]:
        path = self._folder / "merchants.json"
        path.write_text(json.dumps(self._merchants))
        return ["--merchants", str(path)]

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it in order, or with SIGKILL as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, number)
            self._process.wait(20)
            self._process = None

    def restart(self, number: int = signal.SIGTERM) -> None:
        self.stop(number)
        self.start()

    def reset(self) -> None:
        """Forget everything, also where notifications go."""
        self._post("reset")

    def pay(self, order_id: str, **how: Any) -> list[dict[str, Any]]:
        """A driver pays: wallet, amount, at, late, times. The transactions as they are then."""
        if isinstance(how.get("at"), datetime):
            how["at"] = how["at"].isoformat()
        return self._post("pay", order_id=order_id, **how)["transactions"]

    def fault(self, name: str, order_id: str | None = None, **what: Any) -> dict[str, Any]:
        """Switch a fault on: value, times, minutes, gateway. Without an order it strikes
        whichever comes first.
        """
        return self._post("faults", name=name, order_id=order_id, **what)

    def faults(self) -> list[dict[str, Any]]:
        """Those that are on, with the orders that each has struck."""
        return self._get("faults").json()["faults"]

    def outage(self, gateway: str, **how: Any) -> None:
        """A provider answers nobody and notifies nobody: minutes, how; off=True ends it."""
        self._post("outage", gateway=gateway, **how)

    def reverse(self, order_id: str) -> None:
        """The provider takes a payment back, unasked."""
        self._post("reverse", order_id=order_id)

    def faultless(self) -> None:
        self.http.delete(f"{self.url}/_sim/faults", timeout=30).raise_for_status()

    def notify(self, url: str) -> None:
        """Where notifications of the charges from now on go; {account} is replaced."""
        self._post("notify-url", url=url)

    def deliver_now(self, order_id: str | None = None, *, hasten: bool = False) -> int:
        """Deliver what is due, with `hasten` whatever waits; how many were attempted."""
        return self._post("deliver-now", order_id=order_id, hasten=hasten)["delivered"]

    def deliveries(self, order_id: str | None = None) -> list[dict[str, Any]]:
        return self._get("deliveries", order_id=order_id).json()["deliveries"]

    def transactions(self, order_id: str | None = None) -> list[dict[str, Any]]:
        return self._get("transactions", order_id=order_id).json()["transactions"]

    def report(self, day: date, version: int = 1, **which: str) -> bytes:
        """The settlement report of a business day: gateway, account, kind."""
        return self._get("report", day=day.isoformat(), version=version, **which).content

    def forge(self, order_id: str) -> None:
        """The signed pending notification is sent once more, with its status changed."""
        self._post("forge", order_id=order_id)

    def _post(self, path: str, **fields: Any) -> dict[str, Any]:
        answer = self.http.post(f"{self.url}/_sim/{path}", json=fields, timeout=90)
        assert answer.ok, f"{answer.url}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def _get(self, path: str, **query: Any) -> requests.Response:
        answer = self.http.get(f"{self.url}/_sim/{path}", params=query, timeout=90)
        assert answer.ok, f"{answer.url}: {answer.status_code} {answer.text[:500]}"
        return answer


@dataclass
class Listener:
    """A merchant who notes every notification, and answers what the test wants."""

    url: str
    answers: list[int] = field(default_factory=list)  # then 200
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)  # path, headers, body
    # What is answered and not noted: a token that is fetched before a notification.
    serves: Callable[[str, dict[str, str], bytes], Reply | None] = lambda *_: None


@contextmanager
def listening() -> Iterator[Listener]:
    """A merchant's server, until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            served = listener.serves(self.path, dict(self.headers), body)
            if served is not None:
                self._send(served)
                return
            listener.heard.append({"path": self.path, "headers": dict(self.headers), "body": body})
            self.send_response(listener.answers.pop(0) if listener.answers else 200)
            for name, value in listener.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = Listener(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """An application of ours on a free port, with threads; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
