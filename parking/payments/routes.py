"""POST /callbacks/<gateway>/<account>: where payment gateways report."""

import hashlib
import re

from flask import Blueprint, Response, request

from parking.access.policy import public
from parking.errors import NotFound
from parking.gateways.protocol import Authenticated, Level
from parking.parts import Parts
from parking.payments.receive import (
    BODY_LIMIT,
    KEPT_OF_OTHERS,
    UNPROVED_A_MINUTE,
    Door,
    Intake,
    RateGuard,
    Receipt,
)

# reliability.md 4.2: money facts are ours to sort out, so what is kept is answered 200.
STATUS = {
    Receipt.KEPT: 200,
    Receipt.REPEATED: 200,
    Receipt.TURNED_AWAY: 401,
    Receipt.UNREADABLE: 400,
}

_NAME = re.compile("[a-z0-9_-]{1,40}")


def callbacks(parts: Parts) -> Blueprint:
    routes = Blueprint("callbacks", __name__, url_prefix="/callbacks")
    door = Door(Intake(parts.engine), RateGuard(UNPROVED_A_MINUTE))

    @routes.post("/<gateway>/<account>")
    @public
    def receive(gateway: str, account: str) -> Response:
        is_name = _NAME.fullmatch(gateway) and _NAME.fullmatch(account)
        found = parts.gateways.find(gateway, account) if is_name else None
        if found is None:
            raise NotFound("Tidak ada")
        headers = dict(request.headers)
        if (request.content_length or 0) > BODY_LIMIT:
            body = request.environ["wsgi.input"].read(KEPT_OF_OTHERS)
            proved = _too_large(body, request.content_length or 0)
        else:
            body = request.get_data(cache=False)
            proved = found.authenticate(headers, body)
        receipt = door.receive(
            (gateway, account), proved, headers, body, request.remote_addr or "",
            parts.clock.now(),
        )  # fmt: skip
        status = 413 if len(body) < (request.content_length or 0) else STATUS[receipt]
        return Response(f'{{"status":"{receipt}"}}', status, mimetype="application/json")

    return routes


def _too_large(start: bytes, length: int) -> Authenticated:
    name = hashlib.sha256(start).hexdigest()
    return Authenticated(Level.MALFORMED, f"large:{length}:{name}", f"{length} bytes")
