"""POST /callbacks/<gateway>/<account>: where payment gateways report."""

import hashlib
import re

from flask import Blueprint, Response, request

from parking.access.policy import public
from parking.errors import NotFound
from parking.gateways.protocol import Authenticated, Callback, Level, Reply
from parking.gateways.replies import plain_reply
from parking.parts import Parts
from parking.payments.receive import (
    BODY_LIMIT,
    KEPT_OF_OTHERS,
    Door,
    Intake,
)

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
        found = parts.gateways.find(gateway, account) if is_name else None
        if found is None:
            raise NotFound("Tidak ada")
        length = request.content_length or 0
        is_large = length > BODY_LIMIT
        body = (
            request.environ["wsgi.input"].read(KEPT_OF_OTHERS)
            if is_large
            else request.get_data(cache=False)
        )
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


def _answer(reply: Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers)


def _too_large(start: bytes, length: int) -> Authenticated:
    name = hashlib.sha256(start).hexdigest()
    return Authenticated(Level.MALFORMED, f"large:{length}:{name}", f"{length} bytes")
