"""/field/cash: a collector takes cash over and hands it on, on an own phone."""

import secrets
from collections.abc import Callable

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.deposits import hand_over, handover_store
from parking.deposits.count_routes import AN_ID, add_counting, is_id, told
from parking.deposits.forms import HandOnForm
from parking.deposits.handover import OFFICE, Handover, Holder, Party, Standing, Wish
from parking.deposits.words import STANDING_TEXT, STANDING_TONE
from parking.money import rupiah_text
from parking.pages.answers import done, form_page
from parking.parts import Parts
from parking.registry.forms import accepted

HOME = "/field/cash"
SHOWN = 10


def field_cash(parts: Parts) -> Blueprint:
    routes = Blueprint(
        "field_cash", "parking.deposits", url_prefix=HOME, template_folder="templates",
        static_folder="static", static_url_path="/static",
    )  # fmt: skip
    _home(routes, parts)
    add_counting(routes, parts, Role.COLLECTOR, Party.COLLECTOR, _after(parts), (HOME, "Tunai"))
    _hand_on(routes, parts)
    _own(routes, parts)
    return routes


def _me() -> Holder:
    return Holder(Party.COLLECTOR, g.actor.id)


def _after(parts: Parts) -> Callable[[Handover], tuple[str, str]]:
    def after(of: Handover) -> tuple[str, str]:
        with parts.sessions() as session:
            name = handover_store.names(session, [of.giver])[of.giver]
        return told(of, name), HOME

    return after


def _home(routes: Blueprint, parts: Parts) -> None:
    @routes.get("")
    @needs(Role.COLLECTOR)
    def home() -> str:
        me = _me()
        with parts.sessions() as session:
            waiting = handover_store.waiting(session, me)
            mine = handover_store.latest(session, me, SHOWN)
            received = handover_store.received(session, me, SHOWN)
            people = [h.giver for h in (*waiting, *received)] + [h.receiver for h in mine]
            return render_template(
                "deposits/field.html", waiting=waiting, mine=mine, received=received,
                names=handover_store.names(session, people), held=handover_store.held(session, me),
                can_give=bool(hand_over.to_give(session, me)) or hand_over.owed(session, me) > 0,
                text=STANDING_TEXT, tone=STANDING_TONE, standings=Standing,
            )  # fmt: skip


def _hand_on(routes: Blueprint, parts: Parts) -> None:
    @routes.route("/hand-on", methods=["GET", "POST"])
    @needs(Role.COLLECTOR)
    def hand_on() -> Response:
        now, me, form = parts.clock.now(), _me(), HandOnForm()
        with parts.sessions() as session:
            found = handover_store.parts_to_give(session, me.id or 0)
            owed = _owed(session, me)
        if not form.is_submitted():
            form.given.data = str(sum(part.amount for part in found) or owed or "")
            form.key.data = secrets.token_hex(16)
        chosen = tuple(int(n) for n in request.form.getlist("part") if is_id(n))

        def act() -> None:
            wish = Wish(me, OFFICE, _key(form), form.given.number, parts=chosen)
            with parts.sessions.begin() as session:
                hand_over.offer(session, wish, g.actor.label, now)

        if accepted(form, act):
            said = rupiah_text(form.given.number)
            return done(f"{said} ditawarkan ke bendahara. Tunggu sampai ia menghitungnya.", HOME)
        return form_page("deposits/hand_on.html", form, parts=found, owed=owed)


def _owed(session: Session, me: Holder) -> int:
    return max(0, hand_over.owed(session, me))


def _key(form: HandOnForm) -> str:
    return (form.key.data or "")[:64]


def _own(routes: Blueprint, parts: Parts) -> None:
    @routes.post(f"/{AN_ID}/withdraw")
    @needs(Role.COLLECTOR)
    def withdraw(number: int) -> Response:
        with parts.sessions.begin() as session:
            hand_over.withdraw(session, number, _me(), g.actor.label, parts.clock.now())
        return done("Tawaran dibatalkan.", HOME)

    @routes.post(f"/{AN_ID}/answer")
    @needs(Role.COLLECTOR)
    def answer(number: int) -> Response:
        agrees = request.form.get("agrees") == "yes"
        with parts.sessions.begin() as session:
            hand_over.answer(
                session, number, _me(), agrees=agrees, note="", actor=g.actor.label,
                now=parts.clock.now(),
            )  # fmt: skip
        said = "disetujui" if agrees else "tidak disetujui; bendahara dan auditor melihatnya"
        return done(f"Jumlah itu {said}.", HOME)
