"""What a settlement report means to us: its totals, and which of its lines are only tests."""

from collections.abc import Collection, Sequence
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
    """What a report pays out in all: what is given back counts against it, so does its fee."""
    signs = [-1 if line.kind == "refund" else 1 for line in lines]
    gross = sum(sign * line.gross for sign, line in zip(signs, lines, strict=True))
    fee = sum(sign * line.fee for sign, line in zip(signs, lines, strict=True))
    return Totals(len(lines), Rupiah(gross), Rupiah(fee), Rupiah(gross - fee))


def looks_like_test(line: ReportLine) -> bool:
    """Whether a line may be the bank's own test; it is, if it names no charge of ours."""
    return line.ours.upper().startswith(TEST_PREFIX) or line.gross in TEST_AMOUNTS


def say_the_same(one: Sequence[ReportLine], other: Sequence[ReportLine]) -> bool:
    """Whether two reports hold the same lines, however their files are written."""
    return _content(one) == _content(other)


def lines_lost(
    before: Sequence[ReportLine], keys: Collection[str], left_out: Collection[str]
) -> list[ReportLine]:
    """The lines of a report that a later export does not hold any more: `keys` are those of all
    lines of that export, `left_out` the payments that it names without paying them out.
    """
    return [
        line for line in before if line.line_key not in keys and line.payment_ref not in left_out
    ]


def _content(lines: Sequence[ReportLine]) -> list[tuple[object, ...]]:
    return sorted(
        (line.line_key, line.ours, line.gross, line.fee, line.net, line.paid_at, line.settled_on)
        for line in lines
    )
