"""Signing in and out, at a desk and on an attendant's phone; the front page."""

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

from parking.access import cookies, origin, sessions, store, users
from parking.access import sign_in as proof
from parking.access.account import User
from parking.access.phone_routes import add_phone, leave_session, page, refused
from parking.access.policy import Actor, Role, needs, public
from parking.access.users import DESK_ROLES
from parking.audit import log
from parking.errors import BadInput, NotFound, TooManyAttempts
from parking.parts import Parts

HALF_VALID_S = 300  # from password to code

HOME = {
    Role.ADMIN: "/admin/", Role.AUDITOR: "/audit/", Role.TREASURER: "/audit/discrepancies",
    Role.FINANCE: "/audit/discrepancies", Role.SUPERVISOR: "/audit/", Role.LEADERSHIP: "/audit/",
    Role.COLLECTOR: "/field/cash",
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
    pages = Blueprint(
        "access", "parking.access", template_folder="templates", static_folder="static",
        static_url_path="/access/static",
    )  # fmt: skip
    _front(pages)
    _password(pages, parts)
    _code(pages, parts)
    _leaving(pages, parts)
    _own_sessions(pages, parts)
    _own_password(pages, parts)
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
            user = proof.check_password(
                parts.sessions, name, request.form.get("password", ""), parts.settings.pepper,
                request.remote_addr or "", now,
            )  # fmt: skip
        except (BadInput, TooManyAttempts) as error:
            return refused("access/sign_in.html", error, next=after, username=name)
        if not proof.needs_code(user):
            return _welcome(parts, user, after)
        cookie.clear()
        cookie["half"] = {"name": user.username, "at": int(now.timestamp()), "next": after}
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
            user = proof.check_code(
                parts.sessions, half["name"], code, parts.settings.pepper, parts.clock.now()
            )
        except (BadInput, TooManyAttempts) as error:
            return refused("access/code.html", error)
        return _welcome(parts, user, half["next"])


def _half(parts: Parts) -> dict[str, Any] | None:
    """Whose password was right a moment ago in this browser; kept in our signed cookie."""
    half = cookie.get("half")
    if not half or parts.clock.now().timestamp() - half["at"] > HALF_VALID_S:
        return None
    return half


def _welcome(parts: Parts, user: User, after: str) -> Response:
    old = g.actor.session_hash if g.actor else None
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
        rows = [(s.id_hash.hex(), s) for s in mine]
        return render_template("access/sessions.html", rows=rows, here=g.actor.session_hash)

    @pages.post("/sessions/<name>/end")
    @needs(*DESK_ROLES)
    def end_session(name: str) -> Response:
        now = parts.clock.now()
        with parts.sessions.begin() as session:
            mine = store.open_sessions(session, g.actor.id, now)
            chosen = next((s.id_hash for s in mine if s.id_hash.hex() == name), None)
            if chosen is None:
                raise NotFound("Sesi itu tidak ada")
            sessions.end(session, chosen, now)
            log.record(session, now, g.actor.label, "session.end", g.actor.label)
        flash("Sesi diakhiri", "success")
        return redirect("/sessions")


def _own_password(pages: Blueprint, parts: Parts) -> None:
    pepper = parts.settings.pepper

    @pages.get("/password")
    @needs(*DESK_ROLES)
    def ask_new_password() -> Response:
        return page("access/password.html", 200)

    @pages.post("/password")
    @needs(*DESK_ROLES)
    def take_new_password() -> Response:
        now, form = parts.clock.now(), request.form
        try:
            if form.get("new") != form.get("again"):
                raise BadInput("Kata sandi baru dan ulangannya tidak sama")
            user = proof.check_own_password(
                parts.sessions, g.actor.username, form.get("password", ""), pepper, now
            )
            with parts.sessions.begin() as session:
                users.change_password(
                    session, user, form.get("new", ""), pepper, g.actor.session_hash, now
                )
        except (BadInput, TooManyAttempts) as error:
            return refused("access/password.html", error)
        flash("Kata sandi diganti", "success")
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
