"""What the registry's pages show of each fact, as one flat value a row."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from parking.business_day import business_day

SOON = timedelta(days=30)  # a letter that ends within this must be renewed now


class Standing(StrEnum):
    """How a dated fact stands on a day."""

    NOW = "now"
    SOON_OVER = "soon_over"
    NEXT = "next"
    OVER = "over"
    REVOKED = "revoked"
    REPLACED = "replaced"  # corrected before it began


@dataclass(frozen=True, slots=True)
class AttendantLine:
    id: int
    badge: str
    name: str
    joined_on: date
    ended_on: date | None
    points: str  # codes of the points that a letter holds for now
    letter_to: date | None  # the last day of the letter that ends first
    phones: int

    def standing(self, today: date) -> Standing:
        return _standing(self.joined_on, self.ended_on, today)


@dataclass(frozen=True, slots=True)
class PointLine:
    id: int
    code: str
    name: str
    road: str
    zone: str
    area_type: str
    has_qris: bool
    opened_on: date
    ended_on: date | None
    attendants: str  # badges of those whose letter holds now

    def standing(self, today: date) -> Standing:
        return _standing(self.opened_on, self.ended_on, today)


@dataclass(frozen=True, slots=True)
class LetterLine:
    id: int
    letter: str
    attendant_id: int
    badge: str
    attendant: str
    point_id: int
    code: str
    point: str
    valid_from: date
    valid_to: date | None
    ended_at: datetime | None
    ended_reason: str | None

    def standing(self, now: datetime) -> Standing:
        if self.ended_at is not None and self.ended_at <= now:
            return Standing.REVOKED
        ended = self.ended_at and business_day(self.ended_at) - timedelta(days=1)
        last = min((day for day in (self.valid_to, ended) if day), default=None)
        found = _standing(self.valid_from, last, business_day(now))
        if found is Standing.NOW and last is not None and last <= business_day(now) + SOON:
            return Standing.SOON_OVER
        return found


@dataclass(frozen=True, slots=True)
class AccountLine:
    id: int
    gateway: str
    account: str
    merchant_id: str
    nmid: str
    pan: str
    name: str
    city: str
    environment: str
    key_name: str
    valid_from: date
    ended_on: date | None
    fee_bps: int | None  # what the acquirer may keep now

    @property
    def label(self) -> str:
        """Which it is: "midtrans/jambi"; accounts at several gateways may be called the same."""
        return f"{self.gateway}/{self.account}"

    def standing(self, today: date) -> Standing:
        return _standing(self.valid_from, self.ended_on, today)


@dataclass(frozen=True, slots=True)
class RouteLine:
    id: int
    place: str  # code and name of the point; empty: the whole city
    rank: int
    name: str  # "midtrans/jambi"
    valid_from: date
    ended_on: date | None

    def standing(self, today: date) -> Standing:
        return _standing(self.valid_from, self.ended_on, today)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A tariff, with who entered it."""

    vehicle: str
    zone: str
    amount: int
    valid_from: date
    decree: str
    entered_at: datetime
    entered_by: str


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A revenue split, with who entered it."""

    city_bps: int
    valid_from: date
    decree: str
    entered_at: datetime
    entered_by: str


@dataclass(frozen=True, slots=True)
class FeeLine:
    fee_bps: int
    settles_in: int  # working days
    valid_from: date
    contract: str


@dataclass(frozen=True, slots=True)
class LeaveLine:
    day: date
    decree: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many there are of each, for the first page."""

    attendants: int
    without_letter: int
    without_phone: int
    points: int
    points_empty: int
    letters_soon_over: int


def numbers(
    attendants: Sequence[AttendantLine],
    points: Sequence[PointLine],
    letters: Sequence[LetterLine],
    now: datetime,
) -> Numbers:
    """What there is now, and what somebody should look after."""
    today = business_day(now)
    people = [a for a in attendants if a.standing(today) is Standing.NOW]
    places = [p for p in points if p.standing(today) is Standing.NOW]
    return Numbers(
        attendants=len(people),
        without_letter=sum(not a.points for a in people),
        without_phone=sum(not a.phones for a in people),
        points=len(places),
        points_empty=sum(not p.attendants for p in places),
        letters_soon_over=sum(x.standing(now) is Standing.SOON_OVER for x in letters),
    )


class Term(Protocol):
    @property
    def valid_from(self) -> date: ...


T = TypeVar("T", bound=Term)


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """One term of a timeline, and how it stands; `last_day` is None while nothing follows."""

    term: T
    standing: Standing
    last_day: date | None
    is_back_dated: bool  # entered when its first day had begun


def timeline(terms: Sequence[T], today: date, begun: datetime | None = None) -> list[Step[T]]:
    """Terms of one thing, given in the order they were entered: the newest day first.

    Of two from the same day the one entered last holds; the other was replaced. What
    was entered at the moment `begun`, the city's first, is not called back-dated.
    """
    kept = {term.valid_from: number for number, term in enumerate(terms)}
    days = sorted(kept)
    steps = []
    for number, term in enumerate(terms):
        later = [day for day in days if day > term.valid_from]
        last = later[0] - timedelta(days=1) if later else None
        is_kept = kept[term.valid_from] == number
        standing = _standing(term.valid_from, last, today) if is_kept else Standing.REPLACED
        steps.append(Step(term, standing, last if is_kept else None, _is_late(term, begun)))
    newest_first = steps[::-1]
    return sorted(newest_first, key=lambda step: step.term.valid_from, reverse=True)


def _is_late(term: Term, begun: datetime | None) -> bool:
    entered = getattr(term, "entered_at", None)
    if entered is None or entered == begun:
        return False
    return business_day(entered) >= term.valid_from


def grouped(terms: Sequence[T], key: Callable[[T], Hashable]) -> dict[Hashable, list[T]]:
    """Terms by what they are about, in the order that each was met first."""
    found: dict[Hashable, list[T]] = {}
    for term in terms:
        found.setdefault(key(term), []).append(term)
    return found


def _standing(first: date, last: date | None, today: date) -> Standing:
    if last is not None and last < today:
        return Standing.OVER
    return Standing.NOW if first <= today else Standing.NEXT
