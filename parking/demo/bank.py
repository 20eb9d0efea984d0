"""The treasury's account as its bank keeps it, and the statements it puts up. Pure; invented."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

CODE, NUMBER = "rkud", "3001234567"
BANK, NAME = "Bank Contoh", "RKUD Kota Jambi (contoh)"
OPENING = 1_000_000  # rupiah, before the first movement


@dataclass(frozen=True, slots=True)
class Movement:
    """What came in (positive) or left (negative), in rupiah."""

    on: date
    amount: int
    text: str
    reference: str


class BankAccount:
    """Movements of an account, and its statements: each goes on where the last one ended."""

    def __init__(self, first_day: date) -> None:
        self._movements: list[Movement] = []
        self._next_day = first_day
        self._balance = OPENING
        self._count = 0

    def move(self, on: date, amount: int, text: str) -> str:
        """A movement, with the bank's reference for it."""
        if on < self._next_day:
            raise ValueError(f"{on} is on a statement already")
        reference = f"BC{len(self._movements) + 1:08}"
        self._movements.append(Movement(on, amount, text, reference))
        return reference

    def statement(self, last: date) -> bytes:
        """All up to and with a day that no statement told of yet, as MT940."""
        first, opening = self._next_day, self._balance
        told = [m for m in self._movements if first <= m.on <= last]
        self._balance += sum(m.amount for m in told)
        self._count += 1
        self._next_day = date.fromordinal(last.toordinal() + 1)
        before = date.fromordinal(first.toordinal() - 1)  # whose closing balance it is
        return _mt940(self._count, (before, opening), (last, self._balance), told)


def _mt940(
    number: int, opening: tuple[date, int], closing: tuple[date, int], told: Sequence[Movement]
) -> bytes:
    rows = [
        f":20:RKUD{number:06}", f":25:{NUMBER}", f":28C:{number}/1", f":60F:{_balance(*opening)}"
    ]  # fmt: skip
    for movement in sorted(told, key=lambda m: (m.on, m.reference)):
        rows.append(
            f":61:{movement.on:%y%m%d}{movement.on:%m%d}{_signed(movement.amount)}"
            f"NTRFNONREF//{movement.reference}"
        )
        rows.append(f":86:{movement.text}")
    rows.append(f":62F:{_balance(*closing)}")
    return ("\r\n".join([*rows, "-"]) + "\r\n").encode("ascii")


def _balance(on: date, amount: int) -> str:
    mark = "C" if amount >= 0 else "D"
    return f"{mark}{on:%y%m%d}IDR{abs(amount)},00"


def _signed(amount: int) -> str:
    return f"{'C' if amount >= 0 else 'D'}{abs(amount)},00"
