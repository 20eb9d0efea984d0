"""Signing in and out, at a desk and on an attendant's phone; the front page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
)
from flask import session as cookie
from werkzeug.wrappers import Response

from parking.access import cookies, origin, sessions, store
from parking.access import sign_in as proof
from parking.access.account import Credentials
from parking.access.phone_routes import add_phone, leave_session, page
from parking.access.policy import Actor, Role, needs, public
from parking.access.users import DESK_ROLES
from parking.audit import log
from parking.errors import BadInput, NotFound
from parking.parts import Parts

HALF_VALID_S = 300  # from password to code

HOME = {
    Role.ADMIN: "/admin/users", Role.AUDITOR: "/audit/", Role.TREASURER: "/audit/discrepancies",
    Role.FINANCE: "/audit/discrepancies", Role.SUPERVISOR: "/audit/", Role.LEADERSHIP: "/audit/",
}  # fmt: skip


def remember_actor(app: Flask, parts: Parts) -> None:
    """Before every request: refuse what another site sends, and know who is signed in."""
    own = {urlsplit(parts.settings.public_url).netloc}

    @app.before_request
    def refuse_foreign() -> None:
        sender, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if origin.is_foreign(request.method, sender, site, own | {request.host}):
            abort(403)

    @app.before_request
    def remember() -> None:
        g.actor = None
        if (request.endpoint or "").endswith("static"):
            return
        token = cookies.read(request, cookies.kind_for(request.path), parts.settings)
        if token:
            g.actor = sessions.actor_of(parts.sessions, token, parts.clock.now())


def sign_in(parts: Parts) -> Blueprint:
    """The front page and all of signing in and out."""
    pages = Blueprint("access", "parking.access", template_folder="templates")
    _front(pages)
    _password(pages, parts)
    _code(pages, parts)
    _leaving(pages, parts)
    _own_sessions(pages, parts)
    add_phone(pages, parts)
    return pages


def _front(pages: Blueprint) -> None:
    @pages.get("/")
    @public
    def front() -> str:
        demo: Callable[[], list] = current_app.jinja_env.globals.get("demo_sign_ins", list)  # type: ignore[assignment]
        return render_template("access/front.html", home=_home(g.actor), demo_sign_ins=demo())


def _home(actor: Actor | None) -> str | None:
    return HOME.get(actor.role) if actor else None


def _password(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/sign-in")
    @public
    def ask_password() -> str:
        return render_template("access/sign_in.html", next=safe_next(request.args.get("next")))

    @pages.post("/sign-in")
    @public
    def take_password() -> Response:
        name, now = request.form.get("username", "").strip(), parts.clock.now()
        after = safe_next(request.form.get("next"))
        try:
            found = proof.check_password(
                parts.sessions, name, request.form.get("password", ""), parts.settings.pepper,
                request.remote_addr or "", now,
            )  # fmt: skip
        except BadInput as error:
            return page("access/sign_in.html", 422, next=after, username=name, error=str(error))
        if not proof.needs_code(found):
            return _welcome(parts, found, after)
        cookie.clear()
        cookie["half"] = {"name": found.user.username, "at": int(now.timestamp()), "next": after}
        return redirect("/sign-in/code")


def _code(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/sign-in/code")
    @public
    def ask_code() -> Response:
        if _half(parts) is None:
            return redirect("/sign-in")
        return page("access/code.html", 200)

    @pages.post("/sign-in/code")
    @public
    def take_code() -> Response:
        half = _half(parts)
        if half is None:
            return redirect("/sign-in")
        code = "".join(request.form.get("code", "").split())
        try:
            found = proof.check_code(
                parts.sessions, half["name"], code, parts.settings.pepper, parts.clock.now()
            )
        except BadInput as error:
            return page("access/code.html", 422, error=str(error))
        return _welcome(parts, found, half["next"])


def _half(parts: Parts) -> dict[str, Any] | None:
    """Whose password was right a moment ago in this browser; kept in our signed cookie."""
    half = cookie.get("half")
    if not half or parts.clock.now().timestamp() - half["at"] > HALF_VALID_S:
        return None
    return half


def _welcome(parts: Parts, found: Credentials, after: str) -> Response:
    user, old = found.user, g.actor.session_hash if g.actor else None
    token = proof.start_desk(parts.sessions, user.id, user.username, old, parts.clock.now())
    cookie.clear()  # a CSRF token from before the sign-in is worth nothing after it (F76)
    answer = redirect(after or HOME[user.role])
    cookies.put(answer, cookies.DESK, token, parts.settings)
    return answer


def _leaving(pages: Blueprint, parts: Parts) -> None:
    @pages.post("/sign-out")
    @public
    def leave() -> Response:
        leave_session(parts, "user.sign_out")
        answer = redirect("/")
        cookies.drop(answer, cookies.DESK, parts.settings)
        return answer


def _own_sessions(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/sessions")
    @needs(*DESK_ROLES)
    def own_sessions() -> str:
        with parts.sessions() as session:
            mine = store.open_sessions(session, g.actor.id, parts.clock.now())
        rows = [(urlsafe_b64encode(s.id_hash).decode(), s) for s in mine]
        return render_template("access/sessions.html", rows=rows, here=g.actor.session_hash)

    @pages.post("/sessions/<name>/end")
    @needs(*DESK_ROLES)
    def end_session(name: str) -> Response:
        now, id_hash = parts.clock.now(), urlsafe_b64decode(name)
        with parts.sessions.begin() as session:
            mine = {s.id_hash for s in store.open_sessions(session, g.actor.id, now)}
            if id_hash not in mine:
                raise NotFound("Sesi itu tidak ada")
            sessions.end(session, id_hash, now)
            log.record(session, now, g.actor.label, "session.end", g.actor.label)
        flash("Sesi diakhiri")
        return redirect("/sessions")


def safe_next(target: str | None) -> str:
    """A path of ours to go on to, or nothing: never another host (F88).

    >>> safe_next("/audit/?day=2026-11-24"), safe_next("//evil.example"), safe_next("/\\\\evil")
    ('/audit/?day=2026-11-24', '', '')
    """
    if not target or not target.startswith("/") or not target.isprintable():
        return ""
    if target[1:2] in ("/", "\\") or "\\" in target:
        return ""
    return target
