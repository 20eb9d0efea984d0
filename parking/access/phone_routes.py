"""An attendant's phone: made his by a one-time code, opened by his PIN."""

import re

from flask import Blueprint, g, make_response, redirect, render_template, request
from flask import session as cookie
from werkzeug.wrappers import Response

from parking.access import attempts, cookies, enrolment, sessions
from parking.access import sign_in as proof
from parking.access.account import Device
from parking.access.policy import public
from parking.audit import log
from parking.errors import BadInput, ParkingError, TooManyAttempts
from parking.parts import Parts

HOME = "/attendant/"
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"),
            ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip


def add_phone(pages: Blueprint, parts: Parts) -> None:
    """The attendant's sign-in, sign-out and enrolment."""
    _pin(pages, parts)
    _enrolment(pages, parts)


def _pin(pages: Blueprint, parts: Parts) -> None:
    settings = parts.settings

    def device() -> Device | None:
        secret = cookies.read(request, cookies.DEVICE, settings)
        return proof.device_of(parts.sessions, secret, parts.clock.now())

    @pages.get("/attendant/sign-in")
    @public
    def ask_pin() -> str:
        return render_template("access/pin.html", device=device())

    @pages.post("/attendant/sign-in")
    @public
    def take_pin() -> Response:
        phone, now = device(), parts.clock.now()
        if phone is None:
            return page("access/pin.html", 401, device=None)
        old = g.actor.session_hash if g.actor else None
        try:
            token = proof.start_phone(
                parts.sessions, phone, request.form.get("pin", ""), settings.pepper,
                request.remote_addr or "", old, now,
            )  # fmt: skip
        except (BadInput, TooManyAttempts) as error:
            return refused("access/pin.html", error, device=phone)
        return _signed_in(token)

    def _signed_in(token: str) -> Response:
        cookie.clear()
        answer = redirect(HOME)
        cookies.put(answer, cookies.PHONE, token, settings)
        return answer

    @pages.post("/attendant/sign-out")
    @public
    def leave_phone() -> Response:
        leave_session(parts, "attendant.sign_out")
        answer = redirect("/attendant/sign-in")
        cookies.drop(answer, cookies.PHONE, settings)
        return answer


def _enrolment(pages: Blueprint, parts: Parts) -> None:
    settings = parts.settings

    @pages.get("/attendant/enrol")
    @public
    def ask_enrolment() -> str:
        return render_template("access/enrol.html")

    @pages.post("/attendant/enrol")
    @public
    def take_enrolment() -> Response:
        form, now = request.form, parts.clock.now()
        code, chosen = form.get("code", ""), form.get("pin", "")
        try:
            if chosen != form.get("pin_again", ""):
                raise BadInput("Kedua PIN tidak sama")
            attempts.claim_network(parts.sessions, request.remote_addr or "", now)
            with parts.sessions.begin() as session:
                made = enrolment.enrol(
                    session, code, chosen, phone_name(request.user_agent.string), settings.pepper,
                    now,
                )  # fmt: skip
                token = sessions.start_for_attendant(
                    session, made.attendant_id, made.device_id, now
                )
        except (BadInput, TooManyAttempts) as error:
            return refused("access/enrol.html", error, code=code)
        attempts.forgive_network(parts.sessions, request.remote_addr or "", now)
        cookie.clear()
        answer = redirect(HOME)
        cookies.put(answer, cookies.DEVICE, made.secret, settings)
        cookies.put(answer, cookies.PHONE, token, settings)
        return answer


def leave_session(parts: Parts, action: str) -> None:
    """Whoever is signed in here is so no longer."""
    now = parts.clock.now()
    if g.actor:
        with parts.sessions.begin() as session:
            sessions.end(session, g.actor.session_hash, now)
            log.record(session, now, g.actor.label, action, g.actor.label)
    cookie.clear()


def page(template: str, status: int, **values: object) -> Response:
    answer = make_response(render_template(template, **values))
    answer.status_code = status
    return answer


def refused(template: str, error: ParkingError, **values: object) -> Response:
    """The same form again, with what was wrong; or how long to wait."""
    if not isinstance(error, TooManyAttempts):
        return page(template, 422, error=str(error), **values)
    answer = page(template, 429, error=str(error), **values)
    answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def phone_name(user_agent: str) -> str:
    """How a supervisor tells phones apart.

    >>> phone_name("Mozilla/5.0 (Linux; Android 10; SM-A105F) AppleWebKit/537.36 Chrome/120.0")
    'Chrome, Android 10'
    """
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "Peramban lain")
    android = re.search(r"Android \d{1,2}", user_agent)
    system = next((s for s in SYSTEMS if s in user_agent), "sistem lain")
    return f"{browser}, {android.group() if android else system}"
