"""A commitment: the fixed amount a day that an attendant promised in writing (D26). Pure.

It is the old way of paying in: what was taken did not matter. The promise is what the city
gets, so its share of what was taken stands beside it, on the days on which the attendant
worked, as D26 does it day by day. What follows from it is for the city to decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from parking.business_day import day_starts, day_text
from parking.errors import BadInput, Conflict
from parking.money import Rupiah, rupiah_text, share_of
from parking.registry.facts import Split, split_for

MOST_A_DAY = 10_000_000
MOST_BACK = timedelta(days=31)  # a letter comes to the desk within a month
MOST_AHEAD = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Commitment:
    id: int
    attendant_id: int
    attendant: str
    daily: Rupiah
    valid_from: date
    ended_on: date | None  # the last day; before the first, if it was taken back
    letter: str

    @property
    def is_taken_back(self) -> bool:
        return self.ended_on is not None and self.ended_on < self.valid_from


@dataclass(frozen=True, slots=True)
class Wish:
    """A commitment as it is entered."""

    attendant_id: int
    daily: int
    valid_from: date
    letter: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What an attendant took on a day on which he worked, in rupiah."""

    day: date
    cash: int = 0
    qris: int = 0

    @property
    def amount(self) -> Rupiah:
        return Rupiah(self.cash + self.qris)


@dataclass(frozen=True, slots=True)
class Held:
    """A commitment beside what was really taken, over some days."""

    commitment: Commitment
    days: int  # of the calendar
    taken: Sequence[Taken]
    share: int  # the city's, of what was taken

    @property
    def served(self) -> int:
        return len(self.taken)

    @property
    def promised(self) -> int:
        return self.served * self.commitment.daily

    @property
    def cash(self) -> int:
        return sum(each.cash for each in self.taken)

    @property
    def qris(self) -> int:
        return sum(each.qris for each in self.taken)

    @property
    def arrears(self) -> int:
        return max(0, self.promised - self.share)

    @property
    def surplus(self) -> int:
        return max(0, self.share - self.promised)


def city_share(taken: Sequence[Taken], splits: Sequence[Split]) -> int:
    """The city's share of what was taken, by the split of each day; nothing without a split."""
    total = 0
    for each in taken:
        split = split_for(splits, day_starts(each.day))
        total += share_of(each.amount, split.city_bps) if split else 0
    return total


def days_of(commitment: Commitment, first: date, last: date) -> int:
    """On how many of these days a commitment holds: each day of the calendar counts.

    >>> days_of(Commitment(1, 1, "", Rupiah(1), date(2026, 11, 2), None, ""),
    ...         date(2026, 11, 1), date(2026, 11, 10))
    9
    """
    start = max(first, commitment.valid_from)
    end = min(last, commitment.ended_on or last)
    return max(0, (end - start).days + 1)


def check_wish(wish: Wish, before: Commitment | None, today: date) -> None:
    """Raises BadInput; `before` is the attendant's newest commitment."""
    problems = {}
    if not 0 < wish.daily <= MOST_A_DAY:
        problems["daily"] = f"antara Rp1 dan {rupiah_text(MOST_A_DAY)}"
    if not 3 <= len(wish.letter.strip()) <= 80:
        problems["letter"] = "3 sampai 80 huruf, seperti tertulis di surat"
    earliest, latest = today - MOST_BACK, today + MOST_AHEAD
    if not earliest <= wish.valid_from <= latest:
        problems["valid_from"] = f"antara {day_text(earliest)} dan {day_text(latest)}"
    elif before is not None and wish.valid_from <= before.valid_from:
        problems["valid_from"] = f"yang terakhir berlaku dari {before.valid_from}"
    if problems:
        raise BadInput("Komitmen belum benar", problems)


def check_taken_back(of: Commitment, today: date) -> None:
    """Raises Conflict for what has begun, or has an end already."""
    if of.is_taken_back:
        raise Conflict("Komitmen ini sudah ditarik kembali")
    if of.valid_from <= today or of.ended_on is not None:
        raise Conflict("Hanya komitmen yang belum mulai dan belum diakhiri dapat ditarik kembali")


def last_day_before(day: date) -> date:
    return day - timedelta(days=1)
