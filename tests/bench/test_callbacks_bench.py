"""What the benchmark sends is what the service takes in, and what it counts is what was posted."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner
from parking.app import create_app
from parking.bench import callbacks, load, our_service, store
from parking.bench.notifications import notifications
from parking.cli.bench import bench
from parking.clock import SystemClock
from parking.errors import ParkingError
from parking.invariants.check import check_all
from parking.payments import work

KEY = "SB-Mid-server-TESTKEYNOTREAL0001"
PATH = "/callbacks/midtrans/jambi"


@pytest.fixture
def pending(parts):
    with parts.sessions.begin() as session:
        return store.add_pending(session, 60, parts.clock.now())


def test_prepared_notifications_are_applied_posted_and_counted(parts, pending):
    client = create_app(parts).test_client()

    for body in notifications(pending, KEY, parts.clock.now()):
        assert client.post(PATH, data=body, content_type="application/json").status_code == 200
    with parts.sessions() as session:
        assert (store.count_unworked(session), store.count_posted(session)) == (60, 0)
    work.work_through(parts.sessions, parts.gateways.find, parts.clock.now())

    with parts.sessions() as session:
        assert (store.count_unworked(session), store.count_posted(session)) == (0, 60)
    with parts.sessions() as session:
        verdicts = check_all(session, parts.clock.now())
    assert [v.at_fault for v in verdicts if v.outcome == "broken"] == []


def test_prepare_fills_an_empty_database_and_refuses_another(environment, monkeypatch, tmp_path):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = tmp_path / "notifications.jsonl"
    command = ["prepare", "--charges", "20", "--out", str(out)]

    first = CliRunner().invoke(bench, command)
    second = CliRunner().invoke(bench, command)

    assert json.loads(first.stdout) == {"charges": 20, "file": str(out)}
    orders = [json.loads(line)["order_id"] for line in out.read_text().splitlines()]
    assert len(set(orders)) == 20
    assert "empty one" in str(second.exception)


def test_a_banks_signed_notifications_are_posted_and_measured(owner_url, tmp_path):
    figures = callbacks.snap(owner_url, tmp_path, 200)

    assert (figures["gateway"], figures["callbacks"], figures["connections"]) == ("snap", 200, 16)
    assert 0 < figures["ours_per_s"] <= figures["ours_ack_per_s"]
    assert 0 < figures["ack_p50_ms"] <= figures["ack_p99_ms"]
    assert figures["verify_us"] > 0


def test_payments_that_only_a_token_tells_of_are_read_again_before_they_are_posted(
    owner_url, tmp_path
):
    figures = callbacks.xendit(owner_url, tmp_path, 100)

    assert (figures["gateway"], figures["callbacks"]) == ("xendit", 100)
    assert 0 < figures["ours_per_s"] <= figures["ours_ack_per_s"]
    assert figures["inquiries_per_s"] == pytest.approx(figures["ours_per_s"], abs=0.6)


def test_a_payment_that_is_not_posted_is_no_figure(owner_url):
    with (
        our_service.pending(owner_url, "xendit", 1, SystemClock().now()) as town,
        pytest.raises(ParkingError, match="0 of 1 payments were posted"),
    ):
        town.check_posted(1)


@pytest.mark.parametrize("is_chunked", [False, True])
def test_the_load_sends_every_message_once_and_times_every_answer(is_chunked):
    heard = []

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append(load.Post(body, {"X-Number": self.headers["X-Number"]}, self.path[2:]))
            self.send_response(200)
            if is_chunked:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"2\r\nok\r\n0\r\n\r\n")
            else:
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    posts = [load.Post(f'{{"n":{n}}}', {"X-Number": str(n)}, f"/{n}") for n in range(50)]
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sent = load.send_all(f"http://127.0.0.1:{server.server_port}/x", posts, 8)
        server.shutdown()

    assert sorted(heard, key=lambda post: post.body) == sorted(posts, key=lambda post: post.body)
    assert sent["statuses"] == {200: 50}
    assert len(sent["took"]) == 50
    assert sent["took"] == sorted(sent["took"])
