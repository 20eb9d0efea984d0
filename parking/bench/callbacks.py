"""S1: signed settlement notifications, from the first byte to applied and posted."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from parking.bench import peer, store
from parking.bench.notifications import notifications
from parking.bench.servers import WEB, empty_database, free_port, running, wait_for_port
from parking.clock import SystemClock
from parking.database import migrate
from parking.database.engine import driver_url
from parking.errors import ParkingError

CONNECTIONS = 16
WORKERS = {"WEB_WORKERS": "2", "WEB_THREADS": "8"}
KEY = "SB-Mid-server-measured-and-never-deployed"
DRAINS_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Load:
    """One load and what came of it."""

    count: int
    seconds: float  # from the first byte until everything is applied
    ack_seconds: float  # until the last answer
    took: Sequence[float]  # of each answer, sorted

    @property
    def per_s(self) -> float:
        return self.count / self.seconds

    def ack_ms(self, share: float) -> float:
        return self.took[min(int(len(self.took) * share), len(self.took) - 1)] * 1000


def measure(server_url: str, var: Path, count: int, peer_count: int) -> dict[str, float | int]:
    """Ours and the peer's figures, on the same server, one after the other."""
    folder = var / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    ours = _measure_ours(server_url, folder, count)
    theirs = _measure_peer(server_url, folder, peer_count)
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


def _measure_ours(server_url: str, folder: Path, count: int) -> Load:
    url = empty_database(server_url, "bench_ours")
    migrate.upgrade(url)
    engine = create_engine(driver_url(url), pool_size=1)
    file = folder / "notifications.jsonl"
    with Session(engine) as session, session.begin():
        charges = store.add_pending(session, count, SystemClock().now())
    write(charges, KEY, file)
    port, web, inbox = free_port(), folder / "web.log", folder / "jobs.log"
    env = {
        "PARKING_ENV": "development", "DATABASE_URL": url, "VAR_DIR": str(folder / "var"),
        "GATEWAY_KEY_MIDTRANS_JAMBI": KEY, "BIND": f"127.0.0.1:{port}", "LOG_LEVEL": "WARNING",
        **WORKERS,
    }  # fmt: skip
    with running([*WEB, "wsgi:app"], env, web), running(["-m", "jobs"], env, inbox):
        wait_for_port(port, web)
        sent = _send(f"http://127.0.0.1:{port}/callbacks/midtrans/jambi", file)
        with Session(engine) as session:
            applied_at = _drained(session, count)
    engine.dispose()
    return _load(sent, count, applied_at)


def _measure_peer(server_url: str, folder: Path, count: int) -> Load:
    url = make_url(empty_database(server_url, "bench_peer"))
    python = peer.install(folder)
    file, port, log = folder / "peer.jsonl", free_port(), folder / "peer.log"
    charges = [store.Pending(f"PEER{n:08}X", f"trx-{n:09}", 2_000) for n in range(count)]
    write(charges, KEY, file)
    env = peer.environment(url, KEY) | {"BIND": f"127.0.0.1:{port}"} | WORKERS
    peer.prepare(python, env, charges, folder)
    with running([*WEB, "peer_site:application"], env, log, python=str(python)):
        wait_for_port(port, log)
        sent = _send(f"http://127.0.0.1:{port}/midtrans/notification/", file)
    processed = peer.processed(python, env)
    if processed != count:
        raise ParkingError(f"the peer processed {processed} of {count} notifications, see {log}")
    return _load(sent, count, float(sent["ended"]))


def write(charges: Sequence[store.Pending], key: str, file: Path) -> None:
    """The notifications of charges, one JSON body a line."""
    lines = notifications(charges, key, SystemClock().now())
    file.write_text("".join(f"{line}\n" for line in lines))


def _send(url: str, file: Path) -> dict:
    """Run the load in a process of its own. Raises ParkingError unless all were answered 200."""
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


def _load(sent: dict, count: int, applied_at: float) -> Load:
    begun, ended = float(sent["begun"]), float(sent["ended"])
    return Load(count, applied_at - begun, ended - begun, sent["took"])
