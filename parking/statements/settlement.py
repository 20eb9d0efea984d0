"""What a settlement report means to us: its totals, and which of its lines are only tests."""

from collections.abc import Sequence
from dataclasses import dataclass

from parking.gateways.protocol import ReportLine
from parking.money import Rupiah

# What banks send through a new connection to see that it works (domain.md 7, D33).
TEST_PREFIX = "TEST"
TEST_AMOUNTS = (1, 100)


@dataclass(frozen=True, slots=True)
class Totals:
    count: int
    gross: Rupiah  # payments less refunds
    fee: Rupiah
    net: Rupiah


NOTHING = Totals(0, Rupiah(0), Rupiah(0), Rupiah(0))


def totals(lines: Sequence[ReportLine]) -> Totals:
    """What a report pays out in all: what is given back counts against it, the fee is its own."""
    gross = sum(-line.gross if line.kind == "refund" else line.gross for line in lines)
    fee = sum(line.fee for line in lines)
    return Totals(len(lines), Rupiah(gross), Rupiah(fee), Rupiah(gross - fee))


def looks_like_test(line: ReportLine) -> bool:
    """Whether a line may be the bank's own test; it is, if it names no charge of ours."""
    return line.ours.upper().startswith(TEST_PREFIX) or line.gross in TEST_AMOUNTS


def say_the_same(one: Sequence[ReportLine], other: Sequence[ReportLine]) -> bool:
    """Whether two reports hold the same lines, however their files are written."""
    return _content(one) == _content(other)


def _content(lines: Sequence[ReportLine]) -> list[tuple[object, ...]]:
    return sorted(
        (line.line_key, line.ours, line.gross, line.fee, line.net, line.paid_at, line.settled_on)
        for line in lines
    )
