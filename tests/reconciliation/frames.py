"""Inputs of a day made from plain rows, for what matching does with them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
from parking.reconciliation import inputs as shape
from parking.reconciliation.inputs import Inputs, Terms
from parking.registry.facts import Point, Tariff, Vehicle

DAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 2, tzinfo=UTC)
TERMS = Terms(DAY, date(2026, 11, 24), False, False, {"midtrans/jambi": 70}, frozenset())
TARIFF = Tariff(1, Vehicle.MOTORCYCLE, "", 2_000, date(2026, 1, 1), "Perda 2/2024", NINE)
POINT = Point(1, "PSR-01", "Simpang Bata", "Jl. Sultan Thaha", "Pasar", "market", True,
              date(2026, 1, 1), None)  # fmt: skip
COLUMNS = {
    "charges": shape.CHARGES, "receipts": shape.RECEIPTS, "lines": shape.LINES,
    "refunds": shape.REFUNDS, "seconds": shape.SECONDS, "callbacks": shape.CALLBACKS,
    "shifts": shape.SHIFTS, "letters": shape.LETTERS, "taps": shape.TAPS,
    "devices": shape.DEVICES, "attendance": shape.ATTENDANCE,
}  # fmt: skip


def charge(number: int, **other: Any) -> dict[str, Any]:
    return {
        "charge_id": number, "ours": f"PKR-{number}", "gateway": "midtrans", "account": "jambi",
        "shift_id": 1,
        "attendant_id": 1, "point_id": 1, "device_id": 1, "vehicle": "motorcycle",
        "asked": 2_000, "created_at": NINE, "state": "paid", "of_day": True,
        "receipts_before": 0, "has_receipt": False,
    } | other  # fmt: skip


def receipt(ref: int, charge_id: int, **other: Any) -> dict[str, Any]:
    return {
        "payment_id": ref, "chain": f"midtrans/jambi/{ref}", "charge_id": charge_id,
        "ours": f"PKR-{charge_id}" if charge_id else f"LAIN-{ref}", "gateway": "midtrans",
        "paid": 2_000, "paid_at": NINE, "source": "callback", "late": False, "heard": True,
        "returned": 0,
    } | other  # fmt: skip


def line(ref: int, charge_id: int, number: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "chain": f"midtrans/jambi/{ref}", "charge_id": charge_id,
        "ours": f"PKR-{charge_id}" if charge_id else f"LAIN-{ref}", "gateway": "midtrans",
        "account": "jambi", "gross": 2_000, "fee": 14, "settled_on": date(2026, 11, 24),
        "import_id": 1, "number": number,
    } | other  # fmt: skip


def frame(columns: dict[str, str], rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.array([row[name] for row in rows], dtype=kind) for name, kind in columns.items()}
    )


def inputs(terms: Terms = TERMS, **rows: list[dict[str, Any]]) -> Inputs:
    """What a day holds: the rows given, and nothing of all else."""
    frames = {name: frame(columns, rows.get(name, [])) for name, columns in COLUMNS.items()}
    return Inputs(
        terms=terms, seen={}, files=[], tariffs=[TARIFF], points={1: POINT}, counts={}, **frames
    )


def shuffled(given: Inputs, seed: int) -> Inputs:
    """The same facts, read in another order."""
    mixed = {
        name: getattr(given, name).sample(frac=1, random_state=seed).reset_index(drop=True)
        for name in COLUMNS
    }
    return replace(given, **mixed)
