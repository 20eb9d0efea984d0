"""Which files have come of the days of a month, and which are missing. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from parking.business_day import FIRST_DAY, LAST_DAY, MONTHS
from parking.statements.expected_store import ExpectedFile


class State(StrEnum):
    COME = "come"
    EXPLAINED = "explained"  # it is absent, and somebody said why
    MISSING = "missing"
    WAITING = "waiting"  # its day is not over
    NONE = "none"  # nothing is expected


STATE_TEXT = {
    State.COME: "Ada", State.EXPLAINED: "Dijelaskan", State.MISSING: "Belum ada",
    State.WAITING: "Ditunggu", State.NONE: "Tidak ditunggu",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    day: date
    state: State
    reason: str = ""

    @property
    def text(self) -> str:
        return f"{STATE_TEXT[self.state]}: {self.reason}" if self.reason else STATE_TEXT[self.state]


@dataclass(frozen=True, slots=True)
class Month:
    """The days of a month in weeks from Monday to Sunday; None where another month's stand."""

    source: str
    first: date
    weeks: Sequence[Sequence[Cell | None]]

    @property
    def name(self) -> str:
        return f"{MONTHS[self.first.month - 1]} {self.first.year}"

    def count(self, state: State) -> int:
        return sum(cell is not None and cell.state is state for week in self.weeks for cell in week)


def days_of(first: date) -> list[date]:
    """The days of the month that begins with a day."""
    return [first + timedelta(days=n) for n in range((after(first) - first).days)]


def after(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def month_in(text: str, today: date) -> date:
    """The first day of the month in an address; of this one where it names none.

    >>> month_in("2026-10", date(2026, 11, 24)), month_in("oktober", date(2026, 11, 24))
    (datetime.date(2026, 10, 1), datetime.date(2026, 11, 1))
    """
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return first if FIRST_DAY < first < LAST_DAY.replace(day=1) else today.replace(day=1)


def month_of(
    source: str, first: date, today: date, expected: Mapping[date, ExpectedFile],
    covered: Collection[date] = (),
) -> Month:  # fmt: skip
    """What there is of a source. `covered` are days of which a file tells that none is due for."""
    cells: list[Cell | None] = [None] * first.weekday()
    cells += [_cell(day, today, expected.get(day), day in covered) for day in days_of(first)]
    cells += [None] * (-len(cells) % 7)
    return Month(source, first, [cells[n : n + 7] for n in range(0, len(cells), 7)])


def _cell(day: date, today: date, file: ExpectedFile | None, is_covered: bool) -> Cell:
    if is_covered or (file is not None and file.has_come):
        return Cell(day, State.COME)
    if file is None:
        return Cell(day, State.NONE)
    if file.reason:
        return Cell(day, State.EXPLAINED, file.reason)
    return Cell(day, State.MISSING if day < today else State.WAITING)
