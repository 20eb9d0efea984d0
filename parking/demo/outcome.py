"""What was planted against what reconciliation found. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from parking.demo.plants import CODE, Plant


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault, and by what reconciliation may name it: charges, or another subject."""

    plant: Plant
    keys: frozenset[str]

    @property
    def code(self) -> str:
        return CODE[self.plant]


@dataclass(frozen=True, slots=True)
class Named:
    """A discrepancy that reconciliation named."""

    code: str
    ours: str  # the charge, where there is one
    subject: str
    file: str = ""  # the name of a file, where it is about one

    @property
    def keys(self) -> set[tuple[str, str]]:
        return {(self.code, key) for key in (self.ours, self.subject, self.file) if key}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts by code. `named` includes what was invented."""

    planted: Counter[str]
    found: Counter[str]
    missed: Counter[str]
    invented: Counter[str]
    details: Sequence[str]  # one line for each that was missed or invented

    @property
    def is_exact(self) -> bool:
        return not self.missed and not self.invented


def compare(planted: Sequence[Planted], named: Sequence[Named]) -> Outcome:
    """Each planted fault must be named at least once, and nothing else may be."""
    seen = set().union(*(row.keys for row in named))
    known = {(fault.code, key) for fault in planted for key in fault.keys}
    missed = [f for f in planted if not any((f.code, key) in seen for key in f.keys)]
    invented = [row for row in named if not row.keys & known]
    by_code = Counter(fault.code for fault in planted)
    missed_by_code = Counter(fault.code for fault in missed)
    return Outcome(
        planted=by_code,
        found=by_code - missed_by_code,
        missed=missed_by_code,
        invented=Counter(row.code for row in invented),
        details=[
            *(f"missed {f.code} {f.plant} {'/'.join(sorted(f.keys))}" for f in missed),
            *(f"invented {row.code} {row.ours or row.subject}" for row in invented),
        ],
    )
