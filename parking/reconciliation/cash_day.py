"""What a business day has to do with cash: shifts, hand to hand, receipts and slips. Pure.

The cash of a shift belongs to the day of the shift, however long it is on its way; a handover
to the day on which it was given; a receipt to the day on which the treasurer counted it.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from parking.deposits.deadlines import deposit_due, handover_due
from parking.reconciliation.bank_day import Due


@dataclass(frozen=True, slots=True)
class Tickets:
    """A range of tickets that a shift says it tore off, and what the registers say of it."""

    series: str
    first: int
    last: int
    spoiled: int
    amount: int | None  # printed on each; none: no book has these numbers
    year: int  # of the book; 0: of none
    is_issued: bool  # to this attendant, and not brought back
    used_before: int  # of these numbers, in earlier shifts

    @property
    def used(self) -> int:
        return self.last - self.first + 1 - self.spoiled

    @property
    def worth(self) -> int:
        return self.used * (self.amount or 0)

    @property
    def text(self) -> str:
        return f"{self.series} {self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class ShiftCash:
    """The cash of a shift that is closed, by what was taken in it."""

    shift_id: int
    attendant_id: int
    point_id: int
    closed_on: date
    taken: int  # by the book, corrections left out
    declared: int
    handover_id: int | None = None  # that it is in, unless withdrawn
    part: int = 0  # of it, in that handover
    tickets: Sequence[Tickets] = ()
    was_taken_over: bool = False  # by a colleague, when the cash alone is counted

    @property
    def says_tickets(self) -> bool:
        return bool(self.tickets) or not self.was_taken_over

    @property
    def subject(self) -> str:
        return f"shift:{self.shift_id}"


@dataclass(frozen=True, slots=True)
class Handover:
    """Cash from one hand to the next, as both said."""

    id: int
    giver_kind: str
    giver_id: int
    receiver_kind: str
    given: int
    received: int | None  # None: nobody has counted it
    standing: str
    given_on: date
    received_on: date | None
    has_letter: bool
    holds: int  # what it is of, by the book at that moment
    beyond: int  # counted, and in nobody's book before
    first_day: date | None  # of the earliest shift in it; none of a handover of old debts
    first_point: int | None
    next_id: int | None  # the handover in which its receiver passed it on
    next_on: date | None  # when that was counted

    @property
    def subject(self) -> str:
        return f"handover:{self.id}"

    @property
    def apart(self) -> int:
        """Counted less what it is of; nothing before it was counted.

        What settles an older shortage is no difference of this handover.
        """
        return 0 if self.received is None else min(self.received - self.holds, self.beyond)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt of the treasurer (TBP), and what slips pay in of it."""

    id: int
    number: str
    amount: int
    received_on: date
    handover_id: int
    in_slips: int  # that were issued and are not void
    paid_in_on: date | None  # the last of them; none as long as one is not paid in
    slips: Sequence[int] = ()
    code: str = ""  # of the budget, as it was booked
    codes: Sequence[str] = ()  # of the budget, for the points whose cash it is

    @property
    def subject(self) -> str:
        return f"tbp:{self.id}"


@dataclass(frozen=True, slots=True)
class Moved:
    """What the book says of all undeposited cash of a day, beside what was written down."""

    by_book: int = 0  # more at the end of the day than at its beginning
    taken: int = 0  # by taps of the day, less those taken back
    paid_in: int = 0  # by the bank's slips
    beyond: int = 0  # counted, and in nobody's book before
    corrected: int = 0  # by entries that two persons decided


@dataclass(frozen=True, slots=True)
class CashDay:
    """In an order that tells nothing of how it came."""

    shifts: Sequence[ShiftCash] = ()
    open_cash: int = 0  # of shifts that are not closed
    handovers: Sequence[Handover] = ()  # of the day, and all in which its shifts went on
    receipts: Sequence[Receipt] = ()
    moved: Moved = field(default_factory=Moved)
    uses_tickets: bool = False  # whether the city has books of tickets by then
    hands_on: bool = False  # whether handovers are written down by then
    due: Mapping[str, Due] = field(default_factory=dict)  # by when it must have gone on

    @property
    def by_id(self) -> Mapping[int, Handover]:
        return {handover.id: handover for handover in self.handovers}


@dataclass(frozen=True, slots=True)
class Trace:
    """How far the cash of a day's shifts has come."""

    taken: int
    received: int  # by the treasurer
    stopped: Mapping[str, int]  # the rest, by the shift or handover at which it stopped
    apart: Mapping[str, int]  # what handovers on the way are less by; negative: more


def due_of(cash: CashDay, today: date, leave: Container[date]) -> dict[str, Due]:
    """By when the cash of each shift, handover and receipt must have gone on.

    Cash of a time in which handovers were not written down cannot be late.
    """
    on = {shift.subject: handover_due(shift.closed_on) for shift in cash.shifts if cash.hands_on}
    on |= {
        handover.subject: handover_due(handover.received_on)
        for handover in cash.handovers
        if handover.receiver_kind == "collector" and handover.received_on is not None
    }
    on |= {receipt.subject: deposit_due(receipt.received_on, leave) for receipt in cash.receipts}
    return {subject: Due(day, day < today) for subject, day in on.items()}


def expected(cash: CashDay) -> list[Due]:
    """Until when what may still go on is waited for."""
    by_id = cash.by_id
    waits = {
        shift.subject for shift in cash.shifts
        if shift.taken and (
            shift.handover_id is None or by_id[shift.handover_id].received is None
        )
    }  # fmt: skip
    waits |= {h.subject for h in cash.handovers if h.next_on is None}
    waits |= {r.subject for r in cash.receipts if r.in_slips < r.amount}
    return [due for subject, due in sorted(cash.due.items())
            if subject in waits and not due.is_over]  # fmt: skip


def trace(cash: CashDay, day: date) -> Trace:
    """Follow the cash of a day's shifts to the treasurer's receipt.

    What differed at a handover that holds shifts of several days is counted on the first.
    """
    by_id, received = cash.by_id, 0
    stopped: dict[str, int] = {}
    apart: dict[str, int] = {}
    reached: set[int] = set()
    for shift in cash.shifts:
        handover = by_id.get(shift.handover_id) if shift.handover_id else None
        at, hops = _stop(handover, by_id)
        rest = shift.taken - (shift.part if handover and handover.received is not None else 0)
        _add(stopped, shift.subject, rest)
        if at:
            _add(stopped, at, shift.taken - rest)
        else:
            received += shift.taken - rest
            reached |= {hop.id for hop in hops}
    for id_ in sorted(reached):
        if by_id[id_].first_day == day:
            received += by_id[id_].apart
            _add(apart, by_id[id_].subject, -by_id[id_].apart)
    return Trace(sum(s.taken for s in cash.shifts), received, stopped, apart)


def _stop(first: Handover | None, by_id: Mapping[int, Handover]) -> tuple[str, list[Handover]]:
    """At which handover cash stopped, and those it went through; at none: with the treasurer."""
    hops: list[Handover] = []
    handover = first
    while handover is not None and handover.received is not None:
        hops.append(handover)
        if handover.receiver_kind == "treasurer":
            return "", hops
        after = by_id.get(handover.next_id) if handover.next_id else None
        if after is None or after.received is None:
            return handover.subject, hops
        handover = after
    return "", hops


def _add(to: dict[str, int], name: str, amount: int) -> None:
    if amount:
        to[name] = to.get(name, 0) + amount
