"""Money is whole rupiah in an int: never a float, never a string."""

import re
from decimal import Decimal
from typing import NewType

Rupiah = NewType("Rupiah", int)

BPS = 10_000  # basis points in one whole
QRIS_LIMIT = Rupiah(10_000_000)  # per payment, Bank Indonesia since 2022-03-01

_PLAIN = re.compile(r"[0-9]{1,15}(\.0{0,2})?", re.ASCII)


def read_rupiah(text: str) -> Rupiah:
    """The rupiah in a plain figure of a gateway: "2000", "2000.", "2000.0", "2000.00".

    Raises ValueError for anything else: grouping, signs, exponents, other
    scripts' digits, or cents that are not zero.

    >>> read_rupiah("2000.00")
    2000
    """
    if not isinstance(text, str) or not _PLAIN.fullmatch(text):
        raise ValueError(f"not an amount of whole rupiah: {text!r}")
    return Rupiah(int(text.partition(".")[0]))


def rupiah_told(value: object) -> Rupiah:
    """The rupiah in a value of a gateway's JSON: a plain figure as text, or a whole number.

    Raises ValueError for anything else, so for cents, signs and exponents (gateways.md 5.5).

    >>> rupiah_told(Decimal("2000.0"))
    2000
    """
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number and not isinstance(value, str):
        raise ValueError(f"not an amount of whole rupiah: {value!r}")
    return read_rupiah(str(value))


def share_of(gross: Rupiah, rate_bps: int) -> Rupiah:
    """A share in whole rupiah, rounded half up.

    >>> share_of(Rupiah(2_001), rate_bps=4_000)
    800
    """
    return Rupiah((gross * rate_bps + BPS // 2) // BPS)


def rupiah_text(amount: int) -> str:
    """How a screen shows it.

    >>> rupiah_text(1234567), rupiah_text(-2000)
    ('Rp1.234.567', '-Rp2.000')
    """
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{abs(amount):,}".replace(",", ".")
