"""What an attendant's phone is told of shifts, points and cash taps."""

from typing import Any

from parking.registry.facts import VEHICLE_TEXT, Point, Vehicle
from parking.shifts.shift import Cash, Offer, Shift
from parking.shifts.tickets import Stub


def cash_told(tap: Cash) -> dict[str, Any]:
    return {
        "id": tap.id,
        "vehicle": tap.vehicle,
        "vehicle_text": VEHICLE_TEXT[tap.vehicle],
        "amount": tap.amount,
        "corrected": tap.corrected,
        "correct_until": tap.correct_until.isoformat(),
    }


def stub_told(stub: Stub) -> dict[str, Any]:
    return {
        "series": stub.series, "vehicle_text": VEHICLE_TEXT[Vehicle(stub.vehicle)],
        "amount": stub.amount, "first": stub.first, "last": stub.last,
        "at_hand": stub.at_hand,
    }  # fmt: skip


def shift_told(shift: Shift, point: Point, letter: str) -> dict[str, Any]:
    return {
        "id": shift.id,
        "opened_at": shift.opened_at.isoformat(),
        "closed_at": shift.closed_at.isoformat() if shift.closed_at else None,
        "taken_over": shift.taken_over_from is not None,
        "point": point_told(point),
        "letter": letter,
    }


def point_told(point: Point) -> dict[str, Any]:
    return {
        "id": point.id, "code": point.code, "name": point.name, "road": point.road,
        "zone": point.zone, "has_qris": point.has_qris,
    }  # fmt: skip


def offer_told(offer: Offer) -> dict[str, Any]:
    can = offer.reason is None
    return point_told(offer.point) | {
        "letter": offer.letter, "can_open": can, "reason": offer.reason
    }  # fmt: skip
