"""The invariants of money (reliability.md 3): what must be true of the tables at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass

FIRST = 5  # rows at fault that are named


@dataclass(frozen=True, slots=True)
class Invariant:
    """One promise, and the queries that find what breaks it."""

    code: str
    says: str
    # Each gives one text a row at fault. None: no table can answer it, and `why` says what does.
    queries: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking one invariant came to."""

    code: str
    says: str
    outcome: str  # "holds", "broken" or "not applicable"
    why: str
    at_fault: Sequence[str]  # the first few
    count: int


def verdict(invariant: Invariant, at_fault: Sequence[str]) -> Verdict:
    """What the rows found at fault say of an invariant."""
    if not invariant.queries and not at_fault:
        return _verdict(invariant, "not applicable", ())
    return told(invariant, at_fault)


def told(invariant: Invariant, at_fault: Sequence[str]) -> Verdict:
    """The verdict on an invariant that code has judged."""
    return _verdict(invariant, "broken" if at_fault else "holds", at_fault)


def _verdict(invariant: Invariant, outcome: str, at_fault: Sequence[str]) -> Verdict:
    return Verdict(
        invariant.code, invariant.says, outcome, invariant.why, tuple(at_fault[:FIRST]),
        len(at_fault),
    )  # fmt: skip
