"""The city's facts as values: each holds from a day on, and none is ever changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from parking.business_day import business_day
from parking.gateways.protocol import Merchant
from parking.money import BPS, Rupiah


class Vehicle(StrEnum):
    MOTORCYCLE = "motorcycle"
    CAR = "car"
    TRUCK_BUS = "truck_bus"


VEHICLE_TEXT = {
    Vehicle.MOTORCYCLE: "Motor",
    Vehicle.CAR: "Mobil",
    Vehicle.TRUCK_BUS: "Truk/Bus",
}


@dataclass(frozen=True, slots=True)
class Attendant:
    id: int
    badge: str
    name: str
    joined_on: date
    ended_on: date | None  # the last day


@dataclass(frozen=True, slots=True)
class Point:
    id: int
    code: str
    name: str
    road: str
    zone: str
    area_type: str  # "street", "market" or "special"
    has_qris: bool
    opened_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment letter (SPT)."""

    id: int
    letter: str
    attendant_id: int
    point_id: int
    valid_from: date
    valid_to: date | None  # the last day
    ended_at: datetime | None  # revoked from this moment on
    ended_reason: str | None

    def holds(self, moment: datetime) -> bool:
        """Whether it allows collecting at a moment."""
        day = business_day(moment)
        in_period = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return in_period and (self.ended_at is None or moment < self.ended_at)


@dataclass(frozen=True, slots=True)
class Tariff:
    id: int
    vehicle: Vehicle
    zone: str  # empty: every zone that has none of its own
    amount: Rupiah
    valid_from: date
    decree: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Split:
    city_bps: int
    valid_from: date
    decree: str
    entered_at: datetime

    @property
    def attendant_bps(self) -> int:
        return BPS - self.city_bps


@dataclass(frozen=True, slots=True)
class MerchantAccount:
    merchant: Merchant
    key_name: str
    valid_from: date
    ended_on: date | None


def tariff_for(
    tariffs: Sequence[Tariff], vehicle: Vehicle, zone: str, moment: datetime
) -> Tariff | None:
    """The tariff that holds for a vehicle in a zone at a moment; None when there is none.

    A zone's own tariff goes before the general one, a later day before an earlier
    one, and of two for the same day the one entered last.
    """
    day = business_day(moment)
    holding = [
        t for t in tariffs if t.vehicle == vehicle and t.zone in ("", zone) and t.valid_from <= day
    ]
    return max(holding, key=lambda t: (t.zone != "", t.valid_from, t.entered_at), default=None)


def split_for(splits: Sequence[Split], moment: datetime) -> Split | None:
    """The split that holds at a moment; of two for the same day the one entered last."""
    day = business_day(moment)
    holding = [s for s in splits if s.valid_from <= day]
    return max(holding, key=lambda s: (s.valid_from, s.entered_at), default=None)
