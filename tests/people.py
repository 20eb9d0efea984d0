"""People at their browsers: signed-in clients of the application, for tests of screens."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from unittest import mock

from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from parking.access import cookies, sessions, users
from parking.access.policy import Role
from parking.app import create_app
from parking.parts import Parts
from werkzeug.routing import Rule

PASSWORD = "kuda hijau naik sampan"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Compiled(BytecodeCache):
    """Templates that were compiled for an application before this one."""

    known: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


class KnownRule(Rule):
    """A route that was compiled for an application before this one: two thirds of what making
    an application takes.
    """

    known: ClassVar[dict[tuple[str, bool], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = f"{self.rule} {self.defaults}", append_unknown
        if key not in self.known:
            self.known[key] = super()._compile_builder(append_unknown)
        return self.known[key]


class Browser(FlaskClient):
    """A client that shows its CSRF token with everything it sends, as our pages do."""

    csrf = ""

    def open(self, *args: Any, headers: Any = None, **kwargs: Any) -> Any:
        told = {"X-CSRFToken": self.csrf} | dict(headers or {})
        return super().open(*args, headers=told, **kwargs)

    def fetch_csrf(self, page: str = "/sign-in") -> str:
        """Take the token of this browser's session from a form."""
        found = CSRF.search(self.get(page).text)
        assert found, f"no form on {page}"
        self.csrf = found.group(1)
        return self.csrf


made: list[Flask] = []  # the last application


def app_over(parts: Parts) -> Flask:
    """The application, made once for all browsers of a test."""
    if not made or made[-1].extensions["parts"] is not parts:
        with mock.patch.object(Flask, "url_rule_class", KnownRule):
            app = create_app(parts)
        app.jinja_env.bytecode_cache = Compiled()
        app.test_client_class = Browser
        made[:] = [app]
    return made[-1]


def browser(parts: Parts) -> Browser:
    """A browser that nobody has signed in with; it holds a CSRF token."""
    client = app_over(parts).test_client()
    client.fetch_csrf()
    return client


def desk_client(parts: Parts, role: Role, username: str = "") -> Browser:
    """A browser in which a new user of this role is signed in."""
    now = parts.clock.now()
    name = username or role.value
    with parts.sessions.begin() as session:
        users.add(
            session, name, role, f"Contoh {role.value.title()}", PASSWORD, parts.settings.pepper,
            "system", now,
        )  # fmt: skip
        user = next(u for u in users.everybody(session) if u.username == name)
        token = sessions.start_for_user(session, user.id, now)
    return _with_session(parts, cookies.DESK, token)


def attendant_client(parts: Parts, attendant_id: int, device_id: int) -> Browser:
    """The browser of an attendant's phone, signed in."""
    now: datetime = parts.clock.now()
    with parts.sessions.begin() as session:
        token = sessions.start_for_attendant(session, attendant_id, device_id, now)
    return _with_session(parts, cookies.PHONE, token)


def _with_session(parts: Parts, kind: str, token: str) -> Browser:
    client = browser(parts)
    client.set_cookie(kind, token)
    return client
