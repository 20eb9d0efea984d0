"""What only the demo's web process offers: its sign-ins, and a phone to borrow."""

from flask import Blueprint, Flask, redirect
from werkzeug.wrappers import Response

from parking.access import cookies, enrolment, sessions
from parking.access.policy import check_every_route, public
from parking.clock import DrivenClock
from parking.demo import sign_ins
from parking.errors import Conflict
from parking.parts import Parts
from parking.registry import store as registry


def add_demo(app: Flask, parts: Parts) -> None:
    """Raises ValueError outside the demo."""
    if not parts.settings.is_demo:
        raise ValueError("demo routes belong to the demo alone")
    app.jinja_env.globals["demo_sign_ins"] = lambda: sign_ins.told(parts, parts.clock.now())
    routes = Blueprint("demo", __name__, url_prefix="/demo")

    @routes.post("/phones/<badge>")
    @public
    def borrow(badge: str) -> Response:
        """Make the visitor's browser this attendant's phone, as a supervisor would."""
        if isinstance(parts.clock, DrivenClock) and parts.clock.is_driven:
            raise Conflict("Kota masih menjalani hari-harinya. Tunggu sampai demo selesai.")
        pin, now = sign_ins.pin_to_borrow(parts, badge), parts.clock.now()
        with parts.sessions.begin() as session:
            who = registry.attendant_by_badge(session, badge)
            invited = enrolment.invite(session, who.id, "system", now)
            made = enrolment.enrol(
                session, invited.code, pin, "Ponsel pinjaman", parts.settings.pepper, now
            )
            token = sessions.start_for_attendant(session, who.id, made.device_id, now)
        answer = redirect("/attendant/")
        cookies.put(answer, cookies.DEVICE, made.secret, parts.settings)
        cookies.put(answer, cookies.PHONE, token, parts.settings)
        return answer

    app.register_blueprint(routes)
    check_every_route(app)
