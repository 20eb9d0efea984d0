"""S1: signed settlement notifications, from the first byte to applied and posted."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session

from parking.bench import peer, store
from parking.bench.load import Message
from parking.bench.notifications import notifications
from parking.bench.servers import WEB, empty_database, free_port, running, wait_for_port
from parking.clock import SystemClock
from parking.database import migrate
from parking.database.engine import driver_url
from parking.errors import ParkingError

CONNECTIONS = 16
TURNS = 5
WORKERS = {"WEB_WORKERS": "2", "WEB_THREADS": "8"}
KEY = "SB-Mid-server-measured-and-never-deployed"
DRAINS_WITHIN_S = 120


@dataclass(slots=True)
class Load:
    """The rounds that one service was given, and what came of them."""

    count: int = 0
    seconds: float = 0.0  # from the first byte until everything is applied
    ack_seconds: float = 0.0  # until the last answer
    took: list[float] = field(default_factory=list)  # of each answer

    @property
    def per_s(self) -> float:
        return self.count / self.seconds

    def ack_ms(self, share: float) -> float:
        took = sorted(self.took)
        return took[min(int(len(took) * share), len(took) - 1)] * 1000

    def add(self, sent: dict, applied_at: float) -> None:
        self.count += len(sent["took"])
        self.seconds += applied_at - float(sent["begun"])
        self.ack_seconds += float(sent["ended"]) - float(sent["begun"])
        self.took += sent["took"]


def measure(server_url: str, var: Path, count: int, peer_count: int) -> dict[str, float | int]:
    """Ours and the peer's figures, on the same server, in turns.

    In turns, because another program on the machine would otherwise slow down one of
    them and not the other.
    """
    folder = var / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    ours, theirs = Load(), Load()
    with (
        _serving_ours(server_url, folder, count) as (our_url, bodies, engine),
        _serving_peer(server_url, folder, peer_count) as (peer_url, peer_bodies, processed),
    ):
        for turn in range(TURNS):
            sent = send(our_url, _plain(bodies[turn::TURNS]), folder)
            with Session(engine) as session:
                ours.add(sent, _drained(session, ours.count + len(bodies[turn::TURNS])))
            sent = send(peer_url, _plain(peer_bodies[turn::TURNS]), folder)
            theirs.add(sent, float(sent["ended"]))  # it works before it answers
        if processed() != peer_count:
            raise ParkingError(f"the peer processed {processed()} of {peer_count} notifications")
    return {
        "callbacks": ours.count,
        "connections": CONNECTIONS,
        "ours_per_s": round(ours.per_s),
        "ours_ack_per_s": round(ours.count / ours.ack_seconds),
        "ack_p50_ms": round(ours.ack_ms(0.50), 1),
        "ack_p99_ms": round(ours.ack_ms(0.99), 1),
        "peer_per_s": round(theirs.per_s),
        "peer_ack_p99_ms": round(theirs.ack_ms(0.99), 1),
        "ratio": round(ours.per_s / theirs.per_s, 2),
    }


@contextmanager
def _serving_ours(
    server_url: str, folder: Path, count: int
) -> Iterator[tuple[str, list[str], Engine]]:
    """Our web and jobs processes over pending charges; the bodies that pay them."""
    url = empty_database(server_url, "bench_ours")
    migrate.upgrade(url)
    engine = create_engine(driver_url(url), pool_size=1)
    now = SystemClock().now()
    with Session(engine) as session, session.begin():
        charges = store.add_pending(session, count, now)
    port, web, inbox = free_port(), folder / "web.log", folder / "jobs.log"
    env = {
        "PARKING_ENV": "development", "DATABASE_URL": url, "VAR_DIR": str(folder / "var"),
        "GATEWAY_KEY_MIDTRANS_JAMBI": KEY, "BIND": f"127.0.0.1:{port}", "LOG_LEVEL": "WARNING",
        **WORKERS,
    }  # fmt: skip
    with running([*WEB, "wsgi:app"], env, web), running(["-m", "jobs"], env, inbox):
        wait_for_port(port, web)
        to = f"http://127.0.0.1:{port}/callbacks/midtrans/jambi"
        yield to, list(notifications(charges, KEY, now)), engine
    engine.dispose()


@contextmanager
def _serving_peer(
    server_url: str, folder: Path, count: int
) -> Iterator[tuple[str, list[str], Callable[[], int]]]:
    """The peer over as many pending payments; the bodies, and how to count what it did."""
    url = make_url(empty_database(server_url, "bench_peer"))
    python, port, log = peer.install(folder), free_port(), folder / "peer.log"
    charges = [store.Pending(f"PEER{n:08}X", f"trx-{n:09}", 2_000) for n in range(count)]
    env = peer.environment(url, KEY) | {"BIND": f"127.0.0.1:{port}"} | WORKERS
    peer.prepare(python, env, charges, folder)
    with running([*WEB, "peer_site:application"], env, log, python=str(python)):
        wait_for_port(port, log)
        bodies = list(notifications(charges, KEY, SystemClock().now()))
        to = f"http://127.0.0.1:{port}/midtrans/notification/"
        yield to, bodies, lambda: peer.processed(python, env)


def _plain(bodies: Sequence[str]) -> list[Message]:
    return [Message(body) for body in bodies]


def send(url: str, messages: Sequence[Message], folder: Path) -> dict:
    """Run the load in a process of its own. Raises ParkingError unless all were answered 200."""
    file = folder / "messages.jsonl"
    file.write_text("".join(f"{json.dumps(asdict(message))}\n" for message in messages))
    load = [sys.executable, "-m", "parking.bench.load", url, str(file), str(CONNECTIONS)]
    sent = json.loads(subprocess.run(load, check=True, stdout=subprocess.PIPE).stdout)
    if set(sent["statuses"]) != {"200"}:
        raise ParkingError(f"answers other than 200 from {url}: {sent['statuses']}")
    return sent


def _drained(session: Session, count: int) -> float:
    """The moment at which everything was applied. Raises ParkingError if something is not."""
    until = time.monotonic() + DRAINS_WITHIN_S
    while store.count_unworked(session):
        session.rollback()
        if time.monotonic() > until:
            raise ParkingError("the inbox was not empty after two minutes")
        time.sleep(0.01)
    applied_at = time.time()
    posted = store.count_posted(session)
    if posted != count:
        raise ParkingError(f"{posted} of {count} payments were posted")
    return applied_at
