"""A commitment: the fixed amount a day that an attendant promised in writing (D26). Pure.

It is the old way of paying in: what was taken did not matter. Both are shown, and what is in
arrears; what follows from it is for the city to decide.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from parking.errors import BadInput
from parking.money import Rupiah, rupiah_text

MOST_A_DAY = 10_000_000


@dataclass(frozen=True, slots=True)
class Commitment:
    id: int
    attendant_id: int
    attendant: str
    daily: Rupiah
    valid_from: date
    ended_on: date | None  # the last day
    letter: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A commitment as it is entered."""

    attendant_id: int
    daily: int
    valid_from: date
    letter: str


@dataclass(frozen=True, slots=True)
class Actual:
    """What an attendant took and brought in some days, in rupiah."""

    served: int = 0  # days with a shift
    cash: int = 0
    qris: int = 0
    counted: int = 0  # cash that a receiver counted


@dataclass(frozen=True, slots=True)
class Held:
    """A commitment beside what really came, over some days."""

    commitment: Commitment
    days: int
    actual: Actual

    @property
    def promised(self) -> int:
        return self.days * self.commitment.daily

    @property
    def taken(self) -> int:
        return self.actual.cash + self.actual.qris

    @property
    def brought(self) -> int:
        """What reached the city's hands: counted cash, and QRIS, which never was in his."""
        return self.actual.counted + self.actual.qris

    @property
    def arrears(self) -> int:
        return max(0, self.promised - self.brought)

    @property
    def surplus(self) -> int:
        return max(0, self.brought - self.promised)


def days_of(commitment: Commitment, first: date, last: date) -> int:
    """On how many of these days a commitment holds: each day of the calendar counts.

    >>> days_of(Commitment(1, 1, "", Rupiah(1), date(2026, 11, 2), None, ""),
    ...         date(2026, 11, 1), date(2026, 11, 10))
    9
    """
    start = max(first, commitment.valid_from)
    end = min(last, commitment.ended_on or last)
    return max(0, (end - start).days + 1)


def check_wish(wish: Wish, before: Commitment | None) -> None:
    """Raises BadInput; `before` is the attendant's newest commitment."""
    problems = {}
    if not 0 < wish.daily <= MOST_A_DAY:
        problems["daily"] = f"antara Rp1 dan {rupiah_text(MOST_A_DAY)}"
    if not 3 <= len(wish.letter.strip()) <= 80:
        problems["letter"] = "3 sampai 80 huruf, seperti tertulis di surat"
    if before is not None and wish.valid_from <= before.valid_from:
        problems["valid_from"] = f"yang terakhir berlaku dari {before.valid_from}"
    if problems:
        raise BadInput("Komitmen belum benar", problems)


def last_day_before(day: date) -> date:
    return day - timedelta(days=1)
