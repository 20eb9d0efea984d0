"""What a bank line might pay to which nothing was matched: for a person, the best first. Pure.

A rule decides, or nothing does. What is weighed here decides nothing: it is what a person would
look for, the amount, the days between, a number or a name in the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

from parking.money import BPS, Rupiah, rupiah_text
from parking.reconciliation.bank_matching import Line, Thing, named

MOST = 3  # suggestions of a line
MOST_ADDED = 10  # things near a line of which sums are tried
FAR = timedelta(days=10)  # further away only what the text names, or is of the same amount
NEAR = timedelta(days=3)
EARLIEST = timedelta(days=-2)  # the bank may book what our calendar has a little later
CLOSE_BPS = 100  # an amount is close that is less than one in a hundred away
CLOSE_RUPIAH = 10_000  # or less than this, a transfer's cost, and no more than a quarter

NAMED, EQUAL, ADDS_UP, CLOSE, SAME_DAYS, WORDS = 6, 4, 3, 2, 1, 2
LEAST = 3  # below it nothing is worth a look


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a line might pay, or which other lines it belongs to."""

    things: Sequence[Thing]
    lines: Sequence[Line]  # others that belong to it
    weight: int
    reasons: Sequence[str]

    @property
    def expected(self) -> Rupiah:
        return Rupiah(sum(thing.amount for thing in self.things))

    @property
    def order(self) -> tuple[object, ...]:
        parts = len(self.things) + len(self.lines)
        return -self.weight, parts, [t.order for t in self.things], [x.order for x in self.lines]


def suggest(
    line: Line, things: Sequence[Thing], others: Sequence[Line] = ()
) -> Sequence[Suggestion]:
    """The best few. `things` and `others` are those that nothing was matched to either; the
    line itself may be among the others.
    """
    found = [*_counterparts(line, others)]
    if line.amount > 0:
        says = {thing.name for _, thing in named([line], things)}
        found += _single(line, things, says)
        found += _several(line, things)
        found += _together(line, things, others)
    worth = [each for each in found if each.weight >= LEAST]
    return sorted(worth, key=lambda each: each.order)[:MOST]


def _single(
    line: Line, things: Sequence[Thing], says: set[tuple[str, str]]
) -> Iterator[Suggestion]:
    for thing in things:
        if thing.account and thing.account != line.account:
            continue
        is_named = thing.name in says
        if is_named or _is_near(line, thing) or _is_owed(line, thing):
            weight, reasons = _weighed(line, thing, is_named)
            yield Suggestion((thing,), (), weight, reasons)


def _weighed(line: Line, thing: Thing, is_named: bool) -> tuple[int, list[str]]:
    weight, reasons = (NAMED, ["nomornya tertulis di keterangan"]) if is_named else (0, [])
    apart = line.amount - thing.amount
    if apart == 0:
        weight, reasons = weight + EQUAL, [*reasons, "jumlahnya sama"]
    elif _is_close(abs(apart), abs(thing.amount)):
        weight += CLOSE
    if apart:
        more = "lebih" if apart > 0 else "kurang"
        reasons.append(f"{rupiah_text(Rupiah(abs(apart)))} {more}")
    if said := _word(line, thing):
        weight, reasons = weight + WORDS, [*reasons, f"keterangannya menyebut {said}"]
    days = (line.booked_on - thing.day).days
    weight += SAME_DAYS if abs(days) <= NEAR.days else 0
    return weight, [*reasons, _days_text(days)]


def _is_close(apart: int, amount: int) -> bool:
    return apart <= max(amount * CLOSE_BPS // BPS, min(CLOSE_RUPIAH, amount // 4))


def _word(line: Line, thing: Thing) -> str:
    text = f"{line.text} {line.reference}".upper()
    return next((w for w in thing.words.values() if len(w) > 2 and w.upper() in text), "")


def _several(line: Line, things: Sequence[Thing]) -> Iterator[Suggestion]:
    """Two or three things that come to the line's amount."""
    near = [t for t in things if _is_near(line, t) and 0 < t.amount < line.amount
            and t.account in ("", line.account)]  # fmt: skip
    if len(near) > MOST_ADDED:
        near = [thing for thing in near if abs(line.booked_on - thing.day) <= NEAR]
    if len(near) > MOST_ADDED:
        return
    for size in (2, 3):
        for parts in combinations(near, size):
            if sum(thing.amount for thing in parts) == line.amount:
                yield Suggestion(parts, (), ADDS_UP, [f"jumlah {size} ini sama dengan kredit"])


def _together(line: Line, things: Sequence[Thing], others: Sequence[Line]) -> Iterator[Suggestion]:
    """A thing that this line and one other pay together."""
    rest = {
        other.id: other for other in others
        if other.id != line.id and other.amount > 0 and other.account == line.account
        and abs(other.booked_on - line.booked_on) <= NEAR
    }  # fmt: skip
    for thing in things:
        if thing.amount <= line.amount or not _is_near(line, thing):
            continue
        adding = [o for o in rest.values() if o.amount == thing.amount - line.amount]
        if len(adding) == 1:
            yield Suggestion((thing,), adding, ADDS_UP, ["bersama satu kredit lain jumlahnya sama"])


def _counterparts(line: Line, others: Sequence[Line]) -> Iterator[Suggestion]:
    """A line that takes this one back."""
    for other in others:
        is_near = abs(other.booked_on - line.booked_on) <= FAR
        if other.amount == -line.amount and other.account == line.account and is_near:
            yield Suggestion((), (other,), EQUAL, ["jumlah yang sama ke arah sebaliknya"])


def _is_near(line: Line, thing: Thing) -> bool:
    return EARLIEST <= line.booked_on - thing.day <= FAR


def _is_owed(line: Line, thing: Thing) -> bool:
    """Whether it is exactly what is still open, however long ago that was."""
    return line.amount == thing.amount and line.booked_on - thing.day > FAR


def _days_text(days: int) -> str:
    if days == 0:
        return "pada hari yang sama"
    return f"{abs(days)} hari {'sesudahnya' if days > 0 else 'sebelumnya'}"
