"""What a day came to: counts and sums over everything that came in. Pure.

The figures are plain int in plain dicts, so that a run can be kept as JSON and compared.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from parking.reconciliation import bank_naming, cash_day
from parking.reconciliation.discrepancy import Discrepancy
from parking.reconciliation.equations import equations
from parking.reconciliation.grouped import grouped
from parking.reconciliation.inputs import Inputs
from parking.reconciliation.matching import CHAIN_CODES, Matched, flagged

Figures = dict[str, Any]


def summary(
    inputs: Inputs, matched: Matched, shifts: pd.DataFrame, found: Sequence[Discrepancy]
) -> Figures:
    """The day's totals, then the same by point, attendant and gateway."""
    waiting = sum(int(frame.waits.sum()) for frame in (matched.chains, matched.charges, shifts))
    waiting += len(bank_naming.expected(inputs.bank)) + len(cash_day.expected(inputs.cash))
    return {
        "totals": totals(inputs, matched),
        "chains": outcomes(matched.chains),
        "waiting": waiting,
        "discrepancies": dict(sorted(Counter(d.code for d in found).items())),
        "by_point": _by("point_id", inputs, matched, found),
        "by_attendant": _by("attendant_id", inputs, matched, found),
        "by_gateway": by_gateway(matched.chains),
        "callbacks": dict(inputs.counts),
        "equations": equations(inputs, matched, shifts, found),
    }


def totals(inputs: Inputs, matched: Matched) -> Figures:
    chains, charges = matched.chains, matched.charges
    return {
        "charges": len(charges),
        "asked": _sum(charges.asked),
        "by_state": {str(k): int(n) for k, n in charges.state.value_counts().sort_index().items()},
        "receipts": int(chains.paid.notna().sum()),
        "received": _sum(chains.paid),
        "lines": len(inputs.lines),
        "gross": _sum(inputs.lines.gross),
        "fee": _sum(inputs.lines.fee),
        "refunds": len(inputs.refunds),
        "refunded": _sum(inputs.refunds.back[inputs.refunds.is_booked]),
        "shifts": len(inputs.shifts),
        "taps": _sum(inputs.taps.taps),
        "tapped": _sum(inputs.taps.tapped),
        "files": len(inputs.files),
    }


def outcomes(chains: pd.DataFrame) -> Figures:
    """Every chain is counted once: it disagrees, waits or is whole."""
    wrong = flagged(chains, CHAIN_CODES)
    waits = chains.waits & ~wrong
    return {
        "count": len(chains),
        "discrepant": int(wrong.sum()),
        "waiting": int(waits.sum()),
        "whole": int((~wrong & ~waits).sum()),
    }


def by_gateway(chains: pd.DataFrame) -> list[Figures]:
    rows = grouped(chains, ["gateway"], {
        "receipts": ("paid", "count"), "received": ("paid", "sum"), "lines": ("line_count", "sum"),
        "gross": ("gross", "sum"), "fee": ("fee", "sum"), "waiting": ("waits", "sum"),
    })  # fmt: skip
    return [{name: value or 0 for name, value in row.items()} for row in rows]


def _by(key: str, inputs: Inputs, matched: Matched, found: Sequence[Discrepancy]) -> list[Figures]:
    """Per point or attendant: charges asked, payments received on the day, cash, disagreements."""
    paid = matched.chains[matched.chains.paid.notna()]
    asked = {"charges": ("asked", "count"), "asked": ("asked", "sum")}
    received = {"receipts": ("paid", "count"), "received": ("paid", "sum")}
    in_cash = {"taps": ("taps", "sum"), "tapped": ("tapped", "sum")}
    told: dict[int, Figures] = {}
    parts = ((matched.charges, asked), (paid, received), (inputs.taps, in_cash))
    for row in (row for frame, wanted in parts for row in grouped(frame, [key], wanted)):
        told.setdefault(row[key], {}).update(row)
    for number, times in Counter(_named_by(key, found)).items():
        told.setdefault(number, {})["discrepancies"] = times
    names = (*asked, *received, *in_cash, "discrepancies")
    return [
        {key: number} | {name: told[number].get(name) or 0 for name in names}
        for number in sorted(told)
    ]


def _named_by(key: str, found: Sequence[Discrepancy]) -> list[int]:
    return [getattr(d, key) for d in found if getattr(d, key) is not None]


def _sum(amounts: pd.Series) -> int:
    return int(amounts.fillna(0).sum())
