"""Shifts on the attendant's phone."""

from typing import Annotated, Any

from flask import Blueprint, g
from pydantic import Field, StringConstraints

from parking.access.policy import Role, needs
from parking.money import Rupiah
from parking.pages.body import Amount, Body, RowNumber, Text, read_body
from parking.parts import Parts
from parking.registry import store as registry
from parking.shifts import close, open, store, take_over, ticket_store
from parking.shifts.screen import shift_told, stub_told
from parking.shifts.shift import Declaration, Shift
from parking.shifts.take_over import TakeOver
from parking.shifts.tickets import Tickets

Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Badge = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{3,20}$")]
Ticket = Annotated[int, Field(ge=0, le=999_999_999)]
Series = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9/-]{1,20}$")]


class OpenBody(Body):
    point_id: RowNumber


class TakeOverBody(Body):
    badge: Badge
    their_pin: Pin
    my_pin: Pin
    their_cash: Amount


class TicketsBody(Body):
    series: Series
    first: Ticket
    last: Ticket
    spoiled: Ticket = 0


class CloseBody(Body):
    cash: Amount
    qris: Amount | None = None
    tickets: list[TicketsBody] = []
    remarks: Text | None = None


def attendant_shifts(parts: Parts) -> Blueprint:
    routes = Blueprint("attendant_shifts", __name__, url_prefix="/attendant/shifts")

    @routes.post("")
    @needs(Role.ATTENDANT)
    def open_one() -> tuple[dict[str, Any], int]:
        asked = read_body(OpenBody)
        with parts.sessions.begin() as session:
            shift = open.open_shift(
                session, g.actor.id, g.actor.device_id, asked.point_id, parts.clock.now()
            )
        return {"shift": _told(parts, shift)}, 201

    @routes.post("/take-over")
    @needs(Role.ATTENDANT)
    def take_one_over() -> tuple[dict[str, Any], int]:
        said = read_body(TakeOverBody)
        asked = TakeOver(
            g.actor.id, g.actor.device_id, said.badge, said.their_pin, said.my_pin,
            Rupiah(said.their_cash),
        )  # fmt: skip
        shift = take_over.take_over(parts.sessions, asked, parts.settings.pepper, parts.clock.now())
        return {"shift": _told(parts, shift)}, 201

    @routes.post("/close")
    @needs(Role.ATTENDANT)
    def close_mine() -> dict[str, Any]:
        said = read_body(CloseBody)
        declared = Declaration(
            Rupiah(said.cash), Rupiah(said.qris) if said.qris is not None else None,
            tuple(Tickets(t.series, t.first, t.last, t.spoiled) for t in said.tickets),
            said.remarks,
        )  # fmt: skip
        with parts.sessions.begin() as session:
            shift = close.close_shift(session, g.actor.id, declared, parts.clock.now())
            odd = store.closed_with(session, shift.id)["odd"]
        return {"shift": _told(parts, shift), "odd": odd}

    @routes.get("/tickets")
    @needs(Role.ATTENDANT)
    def my_tickets() -> dict[str, Any]:
        """Which tickets the attendant has, and from which number on they are not torn off."""
        with parts.sessions() as session:
            return {
                "tickets": [
                    stub_told(each) for each in ticket_store.with_attendant(session, g.actor.id)
                ]
            }

    return routes


def _told(parts: Parts, shift: Shift) -> dict[str, Any]:
    with parts.sessions() as session:
        point = registry.point(session, shift.point_id)
        letters = registry.assignments_of(session, shift.attendant_id)
    letter = next(each.letter for each in letters if each.id == shift.assignment_id)
    return shift_told(shift, point, letter)
