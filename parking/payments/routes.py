"""POST /callbacks/<gateway>/<account>: where payment gateways report."""

import hashlib
import re

import structlog
from flask import Blueprint, Response, request

from parking.access.policy import public
from parking.errors import NotFound, ParkingError
from parking.gateways.protocol import Authenticated, Callback, Level, Reply
from parking.gateways.replies import plain_reply
from parking.parts import Parts
from parking.payments.receive import (
    BODY_LIMIT,
    KEPT_OF_OTHERS,
    Door,
    Intake,
)

# A callback fits in one packet. Who stops in the middle of one must not keep a thread from
# the others (F19); drip by drip is for the proxy in front of us to collect.
PAUSE_S = 3

log = structlog.get_logger()

_NAME = re.compile("[a-z0-9_-]{1,40}")


def callbacks(parts: Parts) -> Blueprint:
    routes = Blueprint("callbacks", __name__, url_prefix="/callbacks")
    door = Door(Intake(parts.engine))

    # Some put the path of their specification behind ours (gateways.md 3.9).
    @routes.post("/<gateway>/<account>")
    @routes.post("/<gateway>/<account>/<path:tail>")
    @public
    def receive(gateway: str, account: str, tail: str = "") -> Response:
        is_name = _NAME.fullmatch(gateway) and _NAME.fullmatch(account)
        try:
            found = parts.gateways.find(gateway, account) if is_name else None
        except ParkingError as error:  # ours to set up: they shall come again, and not give up
            log.error("account not connected", account=(gateway, account), why=str(error))
            return Response(status=503, headers={"Retry-After": "60"})
        if found is None:
            raise NotFound("Tidak ada")
        length = request.content_length or 0
        is_large = length > BODY_LIMIT
        body = _body(is_large=is_large)
        if body is None:
            return Response(status=408, headers={"Connection": "close"})
        callback = Callback(request.path, dict(request.headers), body, parts.clock.now())
        served = None if is_large else found.serve(callback)
        if served is not None:
            return _answer(served)
        proved = _too_large(body, length) if is_large else found.authenticate(callback)
        receipt = door.receive((gateway, account), proved, callback, request.remote_addr or "")
        reply = plain_reply(receipt) if is_large else found.reply(callback, receipt)
        answer = _answer(reply)
        if len(body) < length:
            answer.status_code = 413
        return answer

    return routes


def _body(*, is_large: bool) -> bytes | None:
    """What was sent, of what is too large the beginning; None from who stopped in the middle."""
    if (line := request.environ.get("gunicorn.socket")) is not None:
        line.settimeout(PAUSE_S)
    try:
        if is_large:
            return bytes(request.environ["wsgi.input"].read(KEPT_OF_OTHERS))
        return request.get_data(cache=False)
    except TimeoutError:
        return None


def _answer(reply: Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers)


def _too_large(start: bytes, length: int) -> Authenticated:
    name = hashlib.sha256(start).hexdigest()
    return Authenticated(Level.MALFORMED, f"large:{length}:{name}", f"{length} bytes")
