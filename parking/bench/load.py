"""A load of callbacks: prepared messages over a few connections that stay open.

Run as a process of its own, so that it takes no time of the one that measures:
`python -m parking.bench.load URL FILE CONNECTIONS` prints one JSON object. FILE has a Post
in JSON on each line.
"""

import json
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Post:
    """One message, with the headers that are its own."""

    body: str
    headers: Mapping[str, str]
    tail: str = ""  # of the path, behind the address that all share


@dataclass(slots=True)
class Connection:
    """One connection and the request that is under way on it."""

    socket: socket.socket
    sent_at: float = 0.0
    answer: bytearray = field(default_factory=bytearray)


def request_for(url: str, post: Post) -> bytes:
    """The whole request as bytes."""
    to, body = urlsplit(url), post.body.encode()
    own = "".join(f"{name}: {value}\r\n" for name, value in post.headers.items())
    head = (
        f"POST {to.path}{post.tail} HTTP/1.1\r\nHost: {to.netloc}\r\n"
        f"Accept: application/json\r\nContent-Type: application/json\r\n{own}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send_all(url: str, posts: Sequence[Post], connections: int) -> dict[str, object]:
    """Send each once; seconds, answers by status, and how long each answer took."""
    to = urlsplit(url)
    waiting = [request_for(url, post) for post in reversed(posts)]  # before the clock runs
    took: list[float] = []
    statuses: Counter[int] = Counter()
    selector = selectors.DefaultSelector()
    for _ in range(min(connections, len(posts))):
        opened = socket.create_connection((to.hostname, to.port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(opened, selectors.EVENT_READ, Connection(opened))
    begun = time.time()
    for key in list(selector.get_map().values()):
        _send(key.data, waiting.pop())
    while selector.get_map():
        for key, _ in selector.select():
            status = _receive(key.data)
            if status is None:
                continue
            took.append(time.perf_counter() - key.data.sent_at)
            statuses[status] += 1
            if waiting:
                _send(key.data, waiting.pop())
            else:
                selector.unregister(key.fileobj)
                key.data.socket.close()
    return {"begun": begun, "ended": time.time(), "statuses": dict(statuses), "took": sorted(took)}


def _send(connection: Connection, request: bytes) -> None:
    connection.answer.clear()
    connection.sent_at = time.perf_counter()
    connection.socket.sendall(request)


def _receive(connection: Connection) -> int | None:
    """The status once the answer is whole. Raises ConnectionError if it was cut."""
    piece = connection.socket.recv(PIECE)
    if not piece:
        raise ConnectionError(f"cut after {bytes(connection.answer)!r}")
    connection.answer += piece
    head, found, body = bytes(connection.answer).partition(b"\r\n\r\n")
    if not found:
        return None
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    # Without a length the body comes in chunks, of which the last is empty.
    is_whole = len(body) >= lengths[0] if lengths else body.endswith(b"0\r\n\r\n")
    return int(head.split(b" ", 2)[1]) if is_whole else None


if __name__ == "__main__":
    target, file, number = sys.argv[1:]
    told = [Post(**json.loads(line)) for line in Path(file).read_text().splitlines()]
    print(json.dumps(send_all(target, told, int(number))))
