"""The ways in which the answer to any call goes wrong, whatever the provider.

A dialect says only how an error of its own looks: `refuse(code, message)`.
"""

import itertools
import time
from collections.abc import Callable, Iterator

from flask import Response, request

from parking.sandbox.announce import number
from parking.sandbox.faults import OUTAGE, Fault
from parking.sandbox.parts import SandboxParts

Refuse = Callable[[int, str], Response]

HANGS_S = 30
DRIPS = 120  # pieces of a body that comes one byte a second
HUGE = 64  # MiB
HTML = (
    "<!DOCTYPE html><html><body><h1>{0}</h1><p>The upstream server said nothing.</p></body></html>"
)

# What may strike instead of the answer to a charge, and how.
CREATE_FAULTS = (
    "create_timeout_after_commit", "create_timeout_before_commit", "create_reset",
    "create_500", "create_503", "create_504", "create_html",
)  # fmt: skip


def struck(parts: SandboxParts, order: str, refuse: Refuse) -> Response | None:
    """What strikes any call before it is looked at; None: nothing does."""
    faults = parts.faults
    if slow := faults.strike("slow", order):
        time.sleep(number(slow.value, 2))
    if faults.strike("html_502", order):
        return Response(HTML.format("502 Bad Gateway"), 502, mimetype="text/html")
    if faults.strike("rate_limit", order):
        return refuse(429, "Too many requests")
    if refused := faults.strike("unauthorised", order):
        return refuse(403 if refused.value == 403 else 401, "Unauthorized")
    if faults.strike("empty_body", order):
        return Response(b"", 200, mimetype="application/json")
    if faults.strike("redirect", order):
        return Response(status=302, headers={"Location": f"{request.host_url}payer"})
    if faults.strike("reset", order):
        return _cut(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"')
    if faults.strike("slow_body", order):
        return Response(_dripping(), 200, mimetype="application/json")
    if faults.strike("huge_answer", order):
        return Response(itertools.repeat(b" " * 2**20, HUGE), 200, mimetype="application/json")
    return None


def when_down(parts: SandboxParts, refuse: Refuse) -> Response | None:
    """What comes instead of any answer while the provider is down; None: it is up."""
    outage = parts.faults.strike(OUTAGE, "")
    if outage is None:
        return None
    if str(outage.value) == "503":
        return refuse(503, "Service temporarily unavailable")
    if outage.value == "hang":
        time.sleep(HANGS_S)
    return _cut(b"")


def around_create(
    parts: SandboxParts, order: str, refuse: Refuse, make: Callable[[], Response]
) -> Response:
    """The answer to a call that makes a code, or what comes instead of it.

    Raises what `make` raises.
    """
    if answer := struck(parts, order, refuse):
        return answer
    lost = next(filter(None, (parts.faults.strike(name, order) for name in CREATE_FAULTS)), None)
    if lost is None:
        return make()
    if _is_made_all_the_same(lost):
        make()
    return _instead(lost, refuse)


def _is_made_all_the_same(fault: Fault) -> bool:
    """Whether the transaction exists although its answer is lost."""
    if fault.name in ("create_timeout_after_commit", "create_reset", "create_504"):
        return True
    return fault.name != "create_timeout_before_commit" and fault.value == "stored"


def _instead(fault: Fault, refuse: Refuse) -> Response:
    """What comes instead of the answer to a charge."""
    match fault.name:
        case "create_500" | "create_503" | "create_504":
            code = int(fault.name.removeprefix("create_"))
            return refuse(code, "Sorry, our system is having a moment")
        case "create_html":
            return Response(HTML.format("Maintenance"), 200, mimetype="text/html")
        case "create_reset":
            return _cut(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"status_code":"201",')
        case _:
            time.sleep(number(fault.value, HANGS_S))
            return _cut(b"")


def _dripping() -> Iterator[bytes]:
    for _ in range(DRIPS):
        time.sleep(1)
        yield b" "


def _cut(first: bytes) -> Response:
    """The connection ends after these bytes. gunicorn hands its socket to us."""
    socket = request.environ["gunicorn.socket"]
    if first:
        socket.sendall(first)
    socket.shutdown(2)
    return Response(status=500)
