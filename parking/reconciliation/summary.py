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
    sums = chains.groupby("gateway", as_index=False).agg(
        receipts=("paid", "count"), received=("paid", "sum"), lines=("line_count", "sum"),
        gross=("gross", "sum"), fee=("fee", "sum"), waiting=("waits", "sum"),
    )  # fmt: skip
    return _records(sums)


def _by(key: str, inputs: Inputs, matched: Matched, found: Sequence[Discrepancy]) -> list[Figures]:
    """Per point or attendant: charges asked, payments received on the day, cash, disagreements."""
    paid = matched.chains[matched.chains.paid.notna()]
    parts = [
        matched.charges.groupby(key).agg(charges=("asked", "size"), asked=("asked", "sum")),
        paid.groupby(key).agg(receipts=("paid", "size"), received=("paid", "sum")),
        inputs.taps.groupby(key)[["taps", "tapped"]].sum(),
        pd.Series(Counter(_named_by(key, found)), dtype="int64").to_frame("discrepancies"),
    ]
    whole = pd.concat([p.set_axis(p.index.astype("int64")) for p in parts], axis=1)
    return _records(whole.fillna(0).sort_index().rename_axis(key).reset_index())


def _named_by(key: str, found: Sequence[Discrepancy]) -> list[int]:
    return [getattr(d, key) for d in found if getattr(d, key) is not None]


def _records(frame: pd.DataFrame) -> list[Figures]:
    return [
        {str(name): value if isinstance(value, str) else int(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _sum(amounts: pd.Series) -> int:
    return int(amounts.fillna(0).sum())
