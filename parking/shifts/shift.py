"""A shift: one attendant at one point, what allows it, and the cash taken in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from parking.business_day import business_day, day_text, time_text
from parking.errors import Conflict
from parking.money import Rupiah
from parking.registry.facts import Assignment, Point, Vehicle
from parking.shifts.tickets import Tickets

CORRECTION_WINDOW = timedelta(minutes=2)
ASK = "Hubungi pengawas lapangan Dishub."


@dataclass(frozen=True, slots=True)
class Shift:
    id: int
    attendant_id: int
    point_id: int
    assignment_id: int
    device_id: int
    opened_at: datetime
    business_day: date  # of the opening
    taken_over_from: int | None  # the shift that this one follows
    closed_at: datetime | None
    declared_cash: Rupiah | None
    declared_qris: Rupiah | None
    remarks: str | None


@dataclass(frozen=True, slots=True)
class Cash:
    """One vehicle paid in cash."""

    id: int
    shift_id: int
    client_key: str
    vehicle: Vehicle
    tariff_id: int
    amount: Rupiah
    at: datetime
    instead_of: str | None  # the charge whose driver paid cash after all
    corrected: bool = False

    @property
    def correct_until(self) -> datetime:
        """Up to this moment the tap may be taken back."""
        return self.at + CORRECTION_WINDOW


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an attendant says when a shift closes; the server's own figures are kept apart."""

    cash: Rupiah
    qris: Rupiah | None = None
    tickets: tuple[Tickets, ...] = ()
    remarks: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A point of an attendant's letters, and why a shift cannot be opened there now."""

    point: Point
    letter: str
    reason: str | None  # None: it can


def letter_for(point: Point, letters: Sequence[Assignment], moment: datetime) -> Assignment:
    """The assignment letter that allows collecting at a point at a moment.

    Raises Conflict saying why there is none and whom to ask.
    """
    if point.ended_on is not None and point.ended_on < business_day(moment):
        raise Conflict(f"Titik {point.code} ditutup sejak {day_text(point.ended_on)}. {ASK}")
    here = [letter for letter in letters if letter.point_id == point.id]
    holding = [letter for letter in here if letter.holds(moment)]
    if holding:
        return max(holding, key=lambda letter: (letter.valid_from, letter.id))
    if not here:
        raise Conflict(f"Tidak ada SPT atas nama Anda untuk titik {point.code}. {ASK}")
    newest = max(here, key=lambda letter: (letter.valid_from, letter.id))
    raise Conflict(f"{_why_not(newest, moment)} {ASK}")


def offers(
    points: Sequence[Point], letters: Sequence[Assignment], moment: datetime
) -> Sequence[Offer]:
    """For each point, whether a shift may be opened there; those that may come first."""
    made = []
    for point in points:
        try:
            made.append(Offer(point, letter_for(point, letters, moment).letter, None))
        except Conflict as refusal:
            newest = next((x.letter for x in letters if x.point_id == point.id), "")
            made.append(Offer(point, newest, str(refusal)))
    return sorted(made, key=lambda offer: (offer.reason is not None, offer.point.code))


def _why_not(letter: Assignment, moment: datetime) -> str:
    day = business_day(moment)
    if letter.ended_at is not None and letter.ended_at <= moment:
        since = f"{day_text(business_day(letter.ended_at))} pukul {time_text(letter.ended_at)}"
        why = f" ({letter.ended_reason})" if letter.ended_reason else ""
        return f"SPT {letter.letter} dicabut sejak {since}{why}."
    if day < letter.valid_from:
        return f"SPT {letter.letter} baru berlaku mulai {day_text(letter.valid_from)}."
    return f"SPT {letter.letter} berlaku sampai {day_text(letter.valid_to or day)}."
