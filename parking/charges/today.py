"""An attendant's day as the phone shows it when it wakes up."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from parking.access.policy import Actor
from parking.business_day import business_day, day_starts, day_text
from parking.charges import screen, store
from parking.charges.charge import OPEN, OUTAGE, Charge, ChargeState, Taken, is_over
from parking.charges.screen import Totals
from parking.gateways.protocol import Gateway
from parking.registry import store as registry
from parking.registry.facts import Vehicle, tariff_for
from parking.shifts import store as shifts
from parking.shifts.cash import split_at
from parking.shifts.open import offered
from parking.shifts.screen import cash_told, offer_told, shift_told
from parking.shifts.shift import Shift

Find = Callable[[str, str], Gateway | None]


def totals(session: Session, attendant_id: int, now: datetime) -> Totals:
    """Of the shifts opened today, and of one that is open still."""
    mine = [s.id for s in shifts.shifts_of(session, attendant_id, business_day(now))]
    cash = [
        Taken(amount, split_at(session, day_starts(day)).city_bps, count)
        for amount, day, count in shifts.cash_kept(session, mine)
    ]
    return screen.totals_of(store.paid_in(session, mine), cash)


def state(session: Session, actor: Actor, find: Find, now: datetime) -> dict[str, Any]:
    """Everything the phone needs to go on where it was, also after a restart."""
    who = registry.attendant(session, actor.id)
    shift = shifts.open_shift(session, actor.id)
    offers = [] if shift is not None else offered(session, actor.id, now)
    told = {
        "now": now.isoformat(),
        "day": day_text(business_day(now)),
        "attendant": {"badge": who.badge, "name": who.name},
        "device": {"id": actor.device_id},
        "shift": None,
        "points": [offer_told(offer) for offer in offers],
        "tariffs": [],
        "totals": totals(session, actor.id, now),
        "charge": None,
        "last_cash": None,
    }
    return told | (_of_shift(session, shift, find, now) if shift is not None else {})


def charge(
    session: Session, asked: Charge, find: Find, now: datetime, *, picture: bool
) -> dict[str, Any]:
    """A charge as the phone is told it."""
    gateway = find(asked.gateway, asked.account)
    if gateway is None:
        raise LookupError(f"charge {asked.ours}: no gateway {asked.gateway}/{asked.account}")
    point = registry.point(session, asked.point_id)
    failed = asked.state is ChargeState.CREATE_FAILED
    may_be_withdrawn = is_over(asked, now) or asked.state is ChargeState.EXPIRED
    return screen.charge_told(
        asked, gateway.merchant, point, now, picture=picture,
        outage=failed and store.last_cause(session, asked.id) == OUTAGE,
        withdrawn=may_be_withdrawn and bool(store.withdrawn(session, [asked])),
    )  # fmt: skip


def _of_shift(session: Session, shift: Shift, find: Find, now: datetime) -> dict[str, Any]:
    point = registry.point(session, shift.point_id)
    letters = registry.assignments_of(session, shift.attendant_id)
    letter = next(each.letter for each in letters if each.id == shift.assignment_id)
    tariffs = registry.tariffs(session)
    prices = [tariff_for(tariffs, vehicle, point.zone, now) for vehicle in Vehicle]
    tap, asked = shifts.last_cash(session, shift.id), store.newest(session, shift.id)
    shown = asked if asked is not None and asked.state in OPEN else None
    if tap is not None and (tap.corrected or now > tap.correct_until):
        tap = None
    return {
        "shift": shift_told(shift, point, letter),
        "tariffs": [screen.tariff_told(price) for price in prices if price is not None],
        "charge": charge(session, shown, find, now, picture=True) if shown else None,
        "last_cash": cash_told(tap) if tap else None,
    }
