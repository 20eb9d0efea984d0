"""The way out to a gateway: bounded in time and size, against a server that behaves badly."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from parking.errors import GatewayRefused, GatewayUnavailable, GatewayUnreadable
from parking.gateways.http import Http, Limits

QUICK = Limits(connect_s=0.5, read_s=0.4, total_s=0.8, answer_bytes=10_000)
SECRET = "Basic c2VjcmV0"


@contextmanager
def answering(answer) -> Iterator[tuple[str, list[str]]]:
    """A server that does to each request what `answer(handler)` says; its address, its paths."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, *_: object) -> None:
            """Nothing: a test tells what went wrong itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def sends(status, content=b"{}", **headers):
    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def drips(handler):
    """A byte now and then: each comes in time, all of them never."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def hangs(handler):
    time.sleep(1.5)


def resets(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"order')
    handler.connection.shutdown(socket.SHUT_RDWR)


def call(url, limits=QUICK):
    return Http("midtrans", url, {"Authorization": SECRET}, limits).call("GET", "/v2/x/status")


def test_an_answer_is_read_as_it_is():
    with answering(sends(200, b'{"a": 1}')) as (url, _):
        answer = call(url)

    assert (answer.status, answer.fields()) == (200, {"a": 1})


@pytest.mark.fault("F23")
def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.monotonic()

    with pytest.raises(GatewayUnavailable, match="tidak dapat dihubungi") as error:
        call(f"http://127.0.0.1:{port}")

    assert time.monotonic() - began < 5
    assert SECRET not in str(error.value)


@pytest.mark.fault("F25")
@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_what_they_did_not_decide_is_unavailable(status):
    with answering(sends(status)) as (url, _), pytest.raises(GatewayUnavailable):
        call(url)


@pytest.mark.fault("F26")
def test_a_page_instead_of_an_answer_is_unreadable_and_below_a_no_it_is_a_no():
    page = b"<html><body>Maintenance</body></html>"
    with answering(sends(200, page)) as (url, _), pytest.raises(GatewayUnreadable):
        call(url).fields()
    with answering(sends(403, page)) as (url, _), pytest.raises(GatewayRefused):
        call(url).fields()


@pytest.mark.fault("F27")
@pytest.mark.parametrize("answer", [hangs, drips, resets])
def test_an_answer_that_never_ends_is_given_up_in_time(answer):
    began = time.monotonic()

    with answering(answer) as (url, _), pytest.raises(GatewayUnavailable):
        call(url)

    assert time.monotonic() - began < 4


@pytest.mark.fault("F29")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status):
    with answering(sends(200, b'{"inside": true}')) as (inside, visits):
        away = sends(status, Location=f"{inside}/secret")
        with answering(away) as (url, _), pytest.raises(GatewayUnreadable, match="dialihkan"):
            call(url)

    assert visits == []


@pytest.mark.fault("F31")
def test_a_huge_answer_is_cut_also_when_it_is_packed_small():
    huge = b" " * 50_000
    with answering(sends(200, huge)) as (url, _), pytest.raises(GatewayUnreadable, match="byte"):
        call(url)
    packed = sends(200, gzip.compress(b" " * 5_000_000), Content_Encoding="gzip")
    with answering(packed) as (url, _), pytest.raises(GatewayUnreadable, match="byte"):
        call(url)


def test_what_cannot_be_unpacked_is_unreadable():
    torn = sends(200, b"no gzip", Content_Encoding="gzip")
    with answering(torn) as (url, _), pytest.raises(GatewayUnreadable):
        call(url)
