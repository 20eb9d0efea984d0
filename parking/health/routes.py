"""/health for probes, /metrics for the scraper."""

import hmac
import shutil
from ipaddress import ip_address

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from parking.access.policy import public
from parking.database import migrate
from parking.health import figures, store
from parking.health.alarms import alarms
from parking.health.signs import checks
from parking.health.silence import silence
from parking.parts import Parts


def health(parts: Parts) -> Blueprint:
    pages = Blueprint("health", "parking.health")
    _probes(pages, parts)
    _figures(pages, parts)
    return pages


def _probes(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/health/live")
    @public
    def live() -> Response:
        """The process answers. The database is not asked: restarting us would not bring it back."""
        return jsonify(alive=True)

    @pages.get("/health/ready")
    @public
    def ready() -> Response:
        """200 when requests may come here, 503 when not; what is late is told in either case."""
        try:
            if not migrate.is_current(parts.engine):
                return _not_ready(schema="run `parking db upgrade`")
            with parts.sessions() as session:
                signs = store.signs(session, parts.clock.now())
        except (OperationalError, PoolTimeout):
            return _not_ready(database="not reachable")
        found = checks(signs, schema_is_current=True, disk_share=_disk_share(parts))
        is_ready = all(check.is_well for check in found if check.stops)
        answer = jsonify(ready=is_ready, checks={check.name: check.says for check in found})
        answer.status_code = 200 if is_ready else 503
        return answer

    @pages.get("/health/jobs")
    @public
    def jobs() -> Response:
        """503 while something did not run or come: to call somebody, not to take us out.

        The words of a failure are for the desk; nobody is signed in here.
        """
        try:
            with parts.sessions() as session:
                found = alarms(silence(session, parts.clock.now()))
        except (OperationalError, PoolTimeout):
            return _unavailable(well=False, alarms={"database": "not reachable"})
        told = {alarm.name: alarm.english for alarm in found}
        return _unavailable(well=False, alarms=told) if found else jsonify(well=True, alarms={})


def _unavailable(**told: object) -> Response:
    answer = jsonify(**told)
    answer.status_code = 503
    return answer


def _not_ready(**told: str) -> Response:
    return _unavailable(ready=False, checks=told)


def _figures(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/metrics")
    @public
    def metrics() -> Response:
        _let_in(parts.settings.metrics_token)
        with parts.sessions() as session:
            signs = store.signs(session, parts.clock.now())
        return Response(figures.text(signs, _disk_share(parts)), content_type=CONTENT_TYPE_LATEST)


def _let_in(token: str) -> None:
    """Whoever shows the token; where none is set, this machine alone (never in production)."""
    if token:
        shown = request.headers.get("Authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
            abort(401)
    elif not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104
        abort(403)


def _disk_share(parts: Parts) -> float:
    place = parts.settings.var
    usage = shutil.disk_usage(place if place.exists() else place.parent)
    return usage.free / usage.total
