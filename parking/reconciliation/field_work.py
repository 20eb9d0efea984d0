"""Does the street agree? Shifts, letters, phones and prices against what was charged. Pure."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from parking.business_day import day_starts
from parking.database.frames import FLAG, TEXT, WHOLE
from parking.reconciliation.grouped import grouped
from parking.reconciliation.inputs import Inputs
from parking.reconciliation.matching import positions, taken
from parking.registry.facts import Tariff, Vehicle, tariff_for

CASH_TOLERANCE = 1_000  # rupiah a shift: coins get lost
LETTER = ("letter", "letter_from", "letter_to", "letter_ended_at")
IDLE_DAYS = 7  # without a QRIS payment
WORKED_DAYS = 5  # of these seven, so that it is a habit and not a holiday


def judged_shifts(inputs: Inputs) -> pd.DataFrame:
    """The shifts of a day with the flags D16 and D17.

    What was declared as QRIS may leave out what was booked in the last two minutes: it
    was not on the screen yet when the attendant counted.
    """
    shifts = inputs.shifts.copy()
    least = shifts.qris - shifts.qris_lately
    other = (shifts.declared_qris < least) | (shifts.declared_qris > shifts.qris)
    shifts["D16"] = (shifts.is_closed & other).fillna(False).astype(FLAG)
    apart = (shifts.tapped - shifts.declared_cash).abs() > CASH_TOLERANCE
    shifts["D17"] = (shifts.is_closed & apart).fillna(False).astype(FLAG)
    shifts["waits"] = ~shifts.is_closed
    return shifts


def judged_charges(charges: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The charges of a day with the price that held (D28) and the letter they rest on (D29)."""
    letter = positions(charges.shift_id, inputs.letters.shift_id)
    device = positions(charges.device_id, inputs.devices.device_id)
    letters = taken(inputs.letters, letter, LETTER)
    charges = pd.concat([charges, letters, taken(inputs.devices, device, ["holder"])], axis=1)
    day = inputs.terms.day
    in_period = (charges.letter_from <= day) & (
        charges.letter_to.isna() | (charges.letter_to >= day)
    )
    revoked = charges.created_at >= charges.letter_ended_at
    without = (~in_period | revoked).fillna(False)
    foreign = (charges.holder != charges.attendant_id).fillna(False)
    charges["D29"] = (without | foreign).astype(FLAG)
    charges["is_foreign"] = (foreign & ~without).astype(FLAG)
    return _with_prices(charges, inputs)


def _with_prices(charges: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    kinds = charges.groupby(["point_id", "vehicle", "asked"]).size()
    other = [
        (point_id, vehicle, asked, holding.amount, holding.decree)
        for point_id, vehicle, asked in kinds.index.tolist()
        if (holding := price(inputs, point_id, vehicle)) is not None and holding.amount != asked
    ]
    names = ["point_id", "vehicle", "asked", "price", "decree"]
    types = dict(zip(names, (WHOLE, TEXT, WHOLE, WHOLE, TEXT), strict=True))
    prices = pd.DataFrame(other, columns=names).astype(types)
    charges = charges.merge(prices, how="left", on=names[:3], sort=False)
    charges["D28"] = charges.price.notna().astype(FLAG)
    return charges


def price(inputs: Inputs, point_id: int, vehicle: str) -> Tariff | None:
    """The tariff that holds on the day by what the registry says today."""
    zone = inputs.points[point_id].zone
    return tariff_for(inputs.tariffs, Vehicle(vehicle), zone, day_starts(inputs.terms.day))


def idle(attendance: pd.DataFrame, day: date) -> list[dict[str, Any]]:
    """Attendants who took no QRIS payment in the seven days up to a day (D19).

    They worked at a QRIS point on at least five of these days, and began at least six
    days before. One row each, with how many days they worked and where they did last.
    """
    first = day - timedelta(days=IDLE_DAYS - 1)
    week = attendance[(attendance.day >= first) & (attendance.day <= day)]
    each = grouped(week, ["attendant_id", "badge"], {
        "days": ("day", "count_distinct"), "paid": ("has_paid", "any"),
        "first_day": ("first_day", "min"), "point_id": ("point_id", "last"),
    })  # fmt: skip
    return [
        row for row in each
        if row["days"] >= WORKED_DAYS and not row["paid"] and row["first_day"] <= first
    ]  # fmt: skip


def newly_idle(attendance: pd.DataFrame, day: date) -> list[dict[str, Any]]:
    """Those who are idle since this day: the day before they were not, or could not be."""
    before = {row["attendant_id"] for row in idle(attendance, day - timedelta(days=1))}
    return [row for row in idle(attendance, day) if row["attendant_id"] not in before]
