"""The web application, put together from its features."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from flask import Blueprint, Flask, Response, g, request
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from parking.access import routes as access
from parking.access.policy import check_every_route
from parking.charges.app_routes import attendant_app
from parking.charges.field_routes import field_shifts
from parking.charges.routes import attendant_charges
from parking.deposits.desk_routes import deposit_desk
from parking.deposits.field_routes import field_cash
from parking.deposits.phone_routes import attendant_handovers
from parking.health.routes import health
from parking.health.silence import Watch
from parking.http_errors import answer_errors
from parking.logging import set_up_logging
from parking.pages.alarms import alarms_shown
from parking.pages.closed import closed_told
from parking.pages.headers import add_headers
from parking.pages.menu import menu
from parking.pages.words import add_words
from parking.parts import Parts
from parking.payments import routes as payments
from parking.reconciliation.bank_line_routes import bank_line_desk
from parking.reconciliation.cases.routes import case_desk
from parking.reconciliation.closing.routes import closing_desk
from parking.reconciliation.routes import audit
from parking.reconciliation.rule_routes import rule_desk
from parking.refunds.routes import refund_desk
from parking.registry.routes import admin
from parking.reports.routes import reports
from parking.shifts.routes import attendant_shifts
from parking.statements.account_routes import bank_accounts
from parking.statements.bank_routes import statement_desk
from parking.statements.routes import finance

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = structlog.get_logger()

BODY_LIMIT = 256 * 1024  # a route that takes more says so itself


def create_app(parts: Parts) -> Flask:
    """The application over its parts. Raises SystemExit if a route has no policy."""
    settings = parts.settings
    set_up_logging(settings.log_level)
    app = Flask(
        "parking", static_folder=None, static_url_path="/static",
        template_folder="pages/templates",
    )  # fmt: skip
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_PARTS=50,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_NAME="__Host-csrf" if settings.is_production else "csrf",
        WTF_CSRF_TIME_LIMIT=None,  # a shift is longer than an hour; the session ends it
        BOOTSTRAP_SERVE_LOCAL=True,
        SEND_FILE_MAX_AGE_DEFAULT=86_400,
    )
    app.extensions["parts"] = parts
    _wrap(app)
    _let_callbacks_in(app, parts)
    if settings.proxy_count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxy_count, x_proto=settings.proxy_count, x_host=0
        )
    CSRFProtect(app)
    answer_errors(app)
    add_headers(app, https=settings.is_production)
    add_words(app)
    app.jinja_env.globals["menu"] = menu
    app.jinja_env.globals["alarms"] = alarms_shown(Watch(parts.sessions, parts.clock))
    app.jinja_env.globals["closed_day"] = closed_told(parts.sessions)
    app.register_blueprint(
        Blueprint("pages", "parking.pages", static_folder="static", static_url_path="/static")
    )
    _features(app, parts)
    check_every_route(app)
    return app


def _let_callbacks_in(app: Flask, parts: Parts) -> None:
    """Callbacks have a door beside the pages: no session, cookie or CSRF token on the way.

    Gateways have none of these, their signature is checked instead (reliability.md
    4.1), and what the pages need would take longer than the callback itself.
    """
    door = Flask("callbacks", static_folder=None)
    door.config.update(MAX_CONTENT_LENGTH=BODY_LIMIT, TRUSTED_HOSTS=app.config["TRUSTED_HOSTS"])
    answer_errors(door)
    door.register_blueprint(payments.callbacks(parts))
    check_every_route(door)
    add_headers(door, https=app.config["SESSION_COOKIE_SECURE"])
    pages = app.wsgi_app

    def either(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        is_callback = environ.get("PATH_INFO", "").startswith("/callbacks/")
        return (door.wsgi_app if is_callback else pages)(environ, start_response)

    app.wsgi_app = either  # type: ignore[method-assign]


def _features(app: Flask, parts: Parts) -> None:
    access.remember_actor(app, parts)
    for blueprint in (
        access.sign_in(parts),
        attendant_shifts(parts),
        attendant_charges(parts),
        attendant_app(),
        field_shifts(parts),
        attendant_handovers(parts),
        field_cash(parts),
        deposit_desk(parts),
        audit(parts),
        case_desk(parts),
        closing_desk(parts),
        rule_desk(parts),
        bank_line_desk(parts),
        admin(parts),
        bank_accounts(parts),
        health(parts),
        finance(parts),
        statement_desk(parts),
        refund_desk(parts),
        reports(parts),
    ):
        app.register_blueprint(blueprint)


def _wrap(app: Flask) -> None:
    Bootstrap5(app)
    Compress(app)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=uuid4().hex[:12])

    @app.after_request
    def note(answer: Response) -> Response:
        took_ms = round((time.perf_counter() - g.started) * 1000, 1)
        log.debug(
            "request", method=request.method, path=request.path, status=answer.status_code,
            took_ms=took_ms,
        )  # fmt: skip
        return answer
