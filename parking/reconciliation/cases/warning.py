"""When a rule proposes a warning letter, and which (domain.md 1.8, 3.2 C9). Pure.

Seven days without QRIS that nobody has explained, or three differing shift declarations in
thirty days, propose one. The next comes a week after the last was issued, while the
reason stands: SP1, SP2, SP3. A person issues it, or drops it and says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

IDLE, DECLARED = "D19", ("D16", "D17")
PATTERN, WITHIN = 3, timedelta(days=30)
NEXT_AFTER = timedelta(days=7)
VALID = timedelta(days=180)  # a warning counts towards the next one for half a year (A)
HIGHEST = 3


class Standing(StrEnum):
    PROPOSED = "proposed"
    ISSUED = "issued"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Ground:
    """An open case about an attendant: no document has explained it."""

    case_id: int
    code: str
    day: date


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier warning of the same attendant."""

    standing: Standing
    basis: str
    on: date  # proposed, or decided


@dataclass(frozen=True, slots=True)
class Proposed:
    level: int
    rule: str
    basis: str  # names the cases, so that none is proposed twice


def proposed(grounds: Sequence[Ground], past: Sequence[Past], today: date) -> Proposed | None:
    """The warning that the rule proposes today; None if there is no reason, or one waits."""
    if any(p.standing is Standing.PROPOSED for p in past):
        return None
    issued = [p for p in past if p.standing is Standing.ISSUED and p.on + VALID > today]
    if any(p.on + NEXT_AFTER > today for p in issued):
        return None
    level = min(len(issued) + 1, HIGHEST)
    known = {p.basis for p in past}
    for rule, basis in (*_idle(grounds, level), *_pattern(grounds, past, today)):
        if basis not in known:
            return Proposed(level, rule, basis)
    return None


def _idle(grounds: Sequence[Ground], level: int) -> list[tuple[str, str]]:
    """Of the same case the next letter follows, as long as it is open."""
    rule = "Tujuh hari tanpa QRIS, belum dijelaskan (kasus {})"
    return [
        (rule.format(g.case_id), f"case:{g.case_id}:{level}") for g in grounds if g.code == IDLE
    ]


def _pattern(grounds: Sequence[Ground], past: Sequence[Past], today: date) -> list[tuple[str, str]]:
    """Declarations that differ, each counted for one letter only."""
    counted = {n for p in past for n in p.basis.removeprefix("cases:").split(",")}
    found = sorted(
        g.case_id for g in grounds
        if g.code in DECLARED and g.day + WITHIN > today and str(g.case_id) not in counted
    )  # fmt: skip
    if len(found) < PATTERN:
        return []
    names = ", ".join(map(str, found))
    rule = f"{len(found)} pernyataan sif berbeda dari server dalam 30 hari (kasus {names})"
    return [(rule, f"cases:{','.join(map(str, found))}")]
