"""Handing cash on, on the attendant's phone."""

from datetime import datetime
from typing import Any, Literal

from flask import Blueprint, g
from sqlalchemy.orm import Session

from parking.access.policy import Role, needs
from parking.business_day import day_text
from parking.deposits import hand_over, handover_store
from parking.deposits.count_routes import AN_ID
from parking.deposits.handover import OFFICE, Handover, Holder, Party, Wish
from parking.deposits.words import STANDING_TEXT
from parking.pages.body import Amount, Body, ClientKey, RowNumber, Text, read_body
from parking.parts import Parts

SHOWN = 3  # of his handovers; the others are the desk's to look up


class OfferBody(Body):
    client_key: ClientKey
    given: Amount
    shifts: list[RowNumber]
    receiver: RowNumber | Literal["treasurer"]


class AnswerBody(Body):
    agrees: bool
    note: Text = ""


def attendant_handovers(parts: Parts) -> Blueprint:
    routes = Blueprint("attendant_handovers", __name__, url_prefix="/attendant/handovers")

    @routes.get("")
    @needs(Role.ATTENDANT)
    def mine() -> dict[str, Any]:
        with parts.sessions() as session:
            return _state(session, _me())

    @routes.post("")
    @needs(Role.ATTENDANT)
    def offer() -> tuple[dict[str, Any], int]:
        said = read_body(OfferBody)
        to = OFFICE if said.receiver == "treasurer" else Holder(Party.COLLECTOR, said.receiver)
        wish = Wish(_me(), to, said.client_key, said.given, tuple(said.shifts))
        with parts.sessions.begin() as session:
            made = hand_over.offer(session, wish, g.actor.label, _now(parts))
            return _told(session, made), 201

    @routes.get(f"/{AN_ID}")
    @needs(Role.ATTENDANT)
    def look(number: int) -> dict[str, Any]:
        with parts.sessions() as session:
            return _told(session, handover_store.of_giver(session, number, _me()))

    @routes.post(f"/{AN_ID}/withdraw")
    @needs(Role.ATTENDANT)
    def withdraw(number: int) -> dict[str, Any]:
        with parts.sessions.begin() as session:
            after = hand_over.withdraw(session, number, _me(), g.actor.label, _now(parts))
            return _told(session, after)

    @routes.post(f"/{AN_ID}/answer")
    @needs(Role.ATTENDANT)
    def answer(number: int) -> dict[str, Any]:
        said = read_body(AnswerBody)
        with parts.sessions.begin() as session:
            after = hand_over.answer(
                session, number, _me(), agrees=said.agrees, note=said.note, actor=g.actor.label,
                now=_now(parts),
            )  # fmt: skip
            return _told(session, after)

    return routes


def _me() -> Holder:
    return Holder(Party.ATTENDANT, g.actor.id)


def _now(parts: Parts) -> datetime:
    return parts.clock.now()


def _state(session: Session, me: Holder) -> dict[str, Any]:
    """What he holds and to whom he may give it; `owed` is what was short before."""
    shifts = handover_store.shifts_to_give(session, me.id or 0)
    return {
        "shifts": [
            {"id": s.id, "point": s.point, "day": day_text(s.business_day), "amount": s.amount}
            for s in shifts
        ],
        "to_give": sum(s.amount for s in shifts),
        "owed": max(0, hand_over.owed(session, me)),
        "receivers": [{"id": r.id, "name": r.name} for r in handover_store.receivers(session)],
        "latest": [_told(session, h) for h in handover_store.latest(session, me, SHOWN)],
    }


def _told(session: Session, of: Handover) -> dict[str, Any]:
    return {
        "id": of.id,
        "receiver": handover_store.names(session, [of.receiver])[of.receiver],
        "given": of.given,
        "given_at": of.given_at.isoformat(),
        "received": of.received,
        "standing": of.standing,
        "standing_text": STANDING_TEXT[of.standing],
    }
