"""The sandbox as a web application, and as a process of its own."""

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, redirect, request, url_for
from flask_bootstrap import Bootstrap5
from gunicorn.app.base import BaseApplication
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from parking.errors import BadInput, NotFound
from parking.pages.headers import add_headers
from parking.pages.words import add_words
from parking.sandbox.certificate import Certificate
from parking.sandbox.config import SandboxConfig
from parking.sandbox.console_routes import console
from parking.sandbox.courier import Courier
from parking.sandbox.parts import SandboxParts, assemble
from parking.sandbox.payer_routes import payer
from parking.sandbox.provider import Provider
from parking.sandbox.providers import PROVIDERS
from parking.sandbox.sim_routes import sim
from parking.sandbox.transactions import Refusal
from parking.sandbox.transport import when_down

THREADS = 64  # some of them hang on purpose
BODY_LIMIT = 256 * 1024


def create_sandbox(parts: SandboxParts) -> Flask:
    """The application; its courier is at work."""
    app = Flask("parking.sandbox")
    app.config.update(MAX_CONTENT_LENGTH=BODY_LIMIT, BOOTSTRAP_SERVE_LOCAL=True)
    app.json.compact = True  # type: ignore[attr-defined]
    Bootstrap5(app)
    add_headers(app, https=False)
    add_words(app)
    courier = Courier(parts)
    for provider in parts.providers.values():
        app.register_blueprint(_api(provider, parts, courier))
    app.register_blueprint(sim(parts, courier))
    app.register_blueprint(payer(parts))
    app.register_blueprint(console(parts, courier))
    _answer_errors(app, parts)
    app.add_url_rule("/", "home", lambda: redirect(url_for("payer.start")))
    courier.start()
    return app


def _api(provider: Provider, parts: SandboxParts, courier: Courier) -> Blueprint:
    """A provider's API, for as long as the provider is up."""
    own = parts.of(provider.name)
    routes = provider.api(own, courier)
    routes.before_request(lambda: when_down(own, provider.refusal))
    return routes


def _answer_errors(app: Flask, parts: SandboxParts) -> None:
    @app.errorhandler(BadInput)
    def bad_input(error: BadInput) -> tuple[Response, int]:
        return jsonify(error=str(error), problems=error.problems), 400

    @app.errorhandler(NotFound)
    def not_found(error: NotFound) -> tuple[Response, int]:
        return jsonify(error=str(error)), 404

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> tuple[Response, int]:
        return jsonify(error=error.message, code=error.code), 409

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> AnyResponse:
        provider = parts.providers.get(request.path.split("/")[1])
        if provider is None:
            return error.get_response()
        return provider.refusal(error.code or 500, error.description or "")


class SandboxProcess(BaseApplication):
    """gunicorn with one worker, because faults and idempotency keys are kept in memory."""

    def __init__(
        self, config: SandboxConfig, host: str, port: int, certificate: Certificate | None = None
    ) -> None:
        self._config = config
        self._certificate = certificate  # None: plain HTTP
        self._bind = f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 0,
            "graceful_timeout": 2,
            "keepalive": 30,
            "loglevel": "warning",
            "proc_name": "parking-sandbox",
            "control_socket_disable": True,
        }
        if self._certificate is not None:
            options["certfile"] = str(self._certificate.chain)
            options["keyfile"] = str(self._certificate.key)
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_sandbox(assemble(self._config, PROVIDERS))
