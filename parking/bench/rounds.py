"""Rounds of callbacks that a service is given, and what came of them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from parking.bench.load import Post
from parking.errors import ParkingError

CONNECTIONS = 16
MOVES_WITHIN_S = 60


@dataclass(slots=True)
class Rounds:
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

    def figures(self) -> dict[str, float | int]:
        return {
            "callbacks": self.count,
            "connections": CONNECTIONS,
            "ours_per_s": round(self.per_s),
            "ours_ack_per_s": round(self.count / self.ack_seconds),
            "ack_p50_ms": round(self.ack_ms(0.50), 1),
            "ack_p99_ms": round(self.ack_ms(0.99), 1),
        }


def send(url: str, posts: Sequence[Post], folder: Path) -> dict:
    """Run the load in a process of its own. Raises ParkingError unless all were answered 200."""
    file = folder / "posts.jsonl"
    file.write_text("".join(f"{json.dumps(asdict(post))}\n" for post in posts))
    load = [sys.executable, "-m", "parking.bench.load", url, str(file), str(CONNECTIONS)]
    sent = json.loads(subprocess.run(load, check=True, stdout=subprocess.PIPE).stdout)
    if set(sent["statuses"]) != {"200"}:
        raise ParkingError(f"answers other than 200 from {url}: {sent['statuses']}")
    return sent


def none_left(session: Session, count_left: Callable[[Session], int]) -> float:
    """The moment at which nothing is left. Raises ParkingError if nothing moves for a minute."""
    least, until = sys.maxsize, 0.0
    while left := count_left(session):
        session.rollback()
        if left < least:
            least, until = left, time.monotonic() + MOVES_WITHIN_S
        if time.monotonic() > until:
            raise ParkingError(f"{left} callbacks stayed without effect for {MOVES_WITHIN_S} s")
        time.sleep(0.01)
    return time.time()
