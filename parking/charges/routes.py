"""Charges and cash on the attendant's phone."""

import re
from datetime import datetime, timedelta
from math import ceil
from typing import Annotated, Any

import structlog
from flask import Blueprint, g, request
from pydantic import StringConstraints

from parking.access.policy import Role, needs
from parking.charges import store, today
from parking.charges.calls import Calls
from parking.charges.cancel import cancel
from parking.charges.charge import Charge, is_lost
from parking.charges.choose import choose, next_try
from parking.charges.instead import take_cash_for
from parking.charges.issue import Tap, issue
from parking.charges.recover import recover
from parking.charges.screen import seconds_left
from parking.errors import GatewayUnavailable, NotFound, ParkingError
from parking.gateways.http import within
from parking.gateways.protocol import Gateway
from parking.pages.body import Body, ClientKey, read_body
from parking.parts import Parts
from parking.registry.facts import Vehicle
from parking.shifts.cash import CashTap, correct
from parking.shifts.screen import cash_told

log = structlog.get_logger()

# Of the threads of one web process; the others go on taking in callbacks.
AT_THE_GATEWAY = 6
AGAIN_S = 60  # after which a phone asks anew whether an outage is over, at the latest
LOOK_S = 4.0  # for what the gateway is asked while somebody looks at the screen

_NAME = re.compile(r"[A-Za-z0-9-]{1,50}")
Ours = Annotated[str, StringConstraints(pattern=f"^{_NAME.pattern}$")]
LARGEST_ID = 2**63 - 1


class ChargeBody(Body):
    vehicle: Vehicle
    client_key: ClientKey
    replaces: Ours | None = None


class CashBody(Body):
    vehicle: Vehicle
    client_key: ClientKey
    instead_of: Ours | None = None
    instead_of_tap: ClientKey | None = None  # its key, where no answer to it ever came


def attendant_charges(parts: Parts) -> Blueprint:
    routes = Blueprint("attendant_charges", __name__, url_prefix="/attendant")
    phone = Phone(parts)

    @routes.get("/state")
    @needs(Role.ATTENDANT)
    def state() -> dict[str, Any]:
        now = parts.clock.now()
        with parts.sessions() as session:
            told = today.state(session, g.actor, parts.gateways.find, now)
        return told | {"outage": phone.is_outage(told["shift"], now)}

    @routes.post("/charges")
    @needs(Role.ATTENDANT)
    def ask() -> tuple[dict[str, Any], int]:
        return phone.ask(read_body(ChargeBody)), 201

    @routes.get("/charges/<ours>")
    @needs(Role.ATTENDANT)
    def look(ours: str) -> dict[str, Any] | tuple[str, int]:
        """?picture=1 with its QR; ?known=pending: 204 while that is all there is to say."""
        if "known" in request.args and phone.is_still(ours, request.args["known"]):
            return "", 204
        return phone.look(ours, picture=request.args.get("picture") == "1")

    @routes.post("/charges/<ours>/cancel")
    @needs(Role.ATTENDANT)
    def cancel_one(ours: str) -> dict[str, Any]:
        return phone.cancel(ours)

    @routes.post("/cash")
    @needs(Role.ATTENDANT)
    def cash() -> tuple[dict[str, Any], int]:
        said = read_body(CashBody)
        tap = CashTap(g.actor.id, said.vehicle, said.client_key, said.instead_of)
        now = parts.clock.now()
        with parts.sessions.begin() as session:
            taken = take_cash_for(session, tap, now, said.instead_of_tap)
            totals = today.totals(session, g.actor.id, now)
        return cash_told(taken) | {"totals": totals}, 201

    @routes.post(f"/cash/<int(max={LARGEST_ID}):cash_id>/correct")
    @needs(Role.ATTENDANT)
    def correct_one(cash_id: int) -> dict[str, Any]:
        now = parts.clock.now()
        with parts.sessions.begin() as session:
            corrected = correct(session, g.actor.id, cash_id, now)
            totals = today.totals(session, g.actor.id, now)
        return cash_told(corrected) | {"totals": totals}

    return routes


class Phone:
    """What a phone asks that may need the gateway; only so many may wait for it at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._calls = Calls(AT_THE_GATEWAY)

    def ask(self, said: ChargeBody) -> dict[str, Any]:
        parts = self._parts
        tap = Tap(g.actor.id, g.actor.device_id, said.vehicle, said.client_key, said.replaces)
        validity = timedelta(seconds=parts.settings.charge_validity_s)
        with self._calls.one():
            made = issue(parts.sessions, parts.gateways, tap, parts.clock, validity)
        return self._told(made, picture=True)

    def look(self, ours: str, *, picture: bool) -> dict[str, Any]:
        """The charge as it stands; the gateway is asked only where its answer was lost."""
        charge = self._own(ours)
        if is_lost(charge, self._parts.clock.now()):
            charge, picture = self._recovered(charge), True
        return self._told(charge, picture=picture)

    def is_outage(self, shift: dict[str, Any] | None, now: datetime) -> bool:
        """Whether no gateway that serves the point of a shift can be asked now."""
        if shift is None or not shift["point"]["has_qris"]:
            return False
        parts = self._parts
        try:
            return choose(parts.sessions, parts.gateways, shift["point"]["id"], now).is_outage
        except ParkingError as error:  # there is none at all, which to a driver is the same
            log.error("no account", point=shift["point"]["code"], why=str(error))
            return True

    def is_still(self, ours: str, known: str) -> bool:
        """Whether a QR that a phone shows is neither paid nor over: asked again and again, so
        that it costs one query and no answer.
        """
        charge, now = self._own(ours), self._parts.clock.now()
        return charge.state == known and seconds_left(charge, now) > 0 and not is_lost(charge, now)

    def cancel(self, ours: str) -> dict[str, Any]:
        charge, parts = self._own(ours), self._parts
        with self._calls.one(), within(LOOK_S):
            ended = cancel(
                parts.sessions, self._gateway(charge), charge, g.actor.label, parts.clock.now()
            )
        return self._told(ended, picture=True)

    def _recovered(self, charge: Charge) -> Charge:
        try:
            with self._calls.one(wait_s=0), within(LOOK_S):
                return recover(
                    self._parts.sessions, self._gateway(charge), charge, self._parts.clock.now()
                )
        except GatewayUnavailable:  # all places are taken: the phone looks again in a second
            return charge

    def _own(self, ours: str) -> Charge:
        if not _NAME.fullmatch(ours):
            raise NotFound(f"Tidak ada QR {ours[:50]!r}")
        with self._parts.sessions() as session:
            return store.newest_of_tap(session, store.own(session, ours, g.actor.id))

    def _gateway(self, charge: Charge) -> Gateway:
        gateway = self._parts.gateways.find(charge.gateway, charge.account)
        if gateway is None:
            raise NotFound(f"Tidak ada rekening merchant {charge.gateway}/{charge.account}")
        return gateway

    def _told(self, charge: Charge, *, picture: bool) -> dict[str, Any]:
        parts = self._parts
        with parts.sessions() as session:
            told = today.charge(
                session, charge, parts.gateways.find, parts.clock.now(), picture=picture
            )
        return told | ({"again_s": self._again_s(charge)} if told["outage"] else {})

    def _again_s(self, charge: Charge) -> int:
        """In how many seconds it is worth to try again, or to ask again whether it is."""
        parts, now = self._parts, self._parts.clock.now()
        try:
            at = next_try(parts.sessions, parts.gateways, charge.point_id, now)
        except ParkingError:  # there is no account at all any more
            return AGAIN_S
        return min(ceil((at - now).total_seconds()), AGAIN_S) if at is not None else AGAIN_S
