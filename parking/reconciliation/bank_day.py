"""What a business day has to do with the bank: its batches, deposit slips and lines. Pure.

A batch belongs to the day of its pay-out, a slip to the day it bears, a line to the day it
was booked. What each has come to is a conclusion from all that is known of every day.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from parking.business_day import add_working_days
from parking.ledger.entry import Account, Entry, Posting, Source
from parking.reconciliation.bank_matching import Given, Group, Line, Outcome, Thing, match_bank
from parking.reconciliation.bank_rule import Rule

T = TypeVar("T")
BANK_MATCH = "bank_match"  # the kind of its entries
ACCOUNT = {"batch": Account.SETTLED, "sts": Account.CASH_IN_TRANSIT}
GRACE = 1  # working days until a credit should be there (D12, D22)
ISSUED = ("issued", "paid_in", "validated")


@dataclass(frozen=True, slots=True)
class Batch:
    """What a gateway's account says it paid out on a day, by its settlement lines in force."""

    gateway: str
    account: str
    settled_on: date
    gross: int
    refunds: int
    fee: int
    net: int
    merchant: str = ""  # the merchant's name, as banks print it

    @property
    def ref(self) -> str:
        return f"{self.gateway}/{self.account}/{self.settled_on}"

    @property
    def owner(self) -> str:
        return f"{self.gateway}/{self.account}"

    def as_thing(self) -> Thing:
        words = {"gateway": self.gateway, "account": self.account, "merchant": self.merchant}
        return Thing("batch", self.ref, self.settled_on, self.net, words=words)


@dataclass(frozen=True, slots=True)
class Slip:
    """A deposit slip, whatever has become of it."""

    id: int
    number: str  # empty while it is a draft
    account: str  # code of the bank account
    dated: date
    standing: str
    amount: int
    parts: int  # of the treasurer's receipts that it pays in
    paid_in: int | None = None  # as the bank's slip says
    paid_in_on: date | None = None
    reference: str = ""

    @property
    def is_issued(self) -> bool:
        return self.standing in ISSUED

    @property
    def set_out_on(self) -> date:
        return self.paid_in_on or self.dated

    def as_thing(self) -> Thing:
        amount = self.amount if self.paid_in is None else self.paid_in
        return Thing(
            "sts", str(self.id), self.set_out_on, amount, self.account, self.number, self.reference
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """All that matching looks at. A batch of nothing waits for nothing."""

    lines: Sequence[Line]
    batches: Sequence[Batch]
    slips: Sequence[Slip]
    given: Sequence[Given]
    undone: Sequence[Given]  # matches that were taken back: what they joined is open again
    rules: Sequence[Rule]
    since: date | None  # the first day on which statements of an account are read

    def matched(self) -> Sequence[Group]:
        """Who pays what, by all that is known now."""
        return match_bank(self.lines, self.things, self.given, self.rules)

    @property
    def things(self) -> list[Thing]:
        batches = [b.as_thing() for b in self.batches if b.net]
        return batches + [s.as_thing() for s in self.slips if s.is_issued]


@dataclass(frozen=True, slots=True)
class Due:
    """Until when something may come, and whether that time is over."""

    on: date
    is_over: bool


@dataclass(frozen=True, slots=True)
class BankDay:
    """What a day has to do with the bank, in an order that tells nothing of how it came."""

    batches: Sequence[Batch] = ()
    slips: Sequence[Slip] = ()
    lines: Sequence[Line] = ()
    groups: Sequence[Group] = ()  # those of which anything belongs to the day
    void: Sequence[str] = ()  # numbers of void slips that lines of the day name
    # A match made and taken back leaves all as it was, and yet it was judged otherwise between.
    undone: Sequence[str] = ()
    due: Mapping[tuple[str, str], Due] = field(default_factory=dict)  # by thing
    is_read: bool = False  # whether statements are read by then

    @property
    def digest(self) -> str:
        """Equal as long as nothing has changed but the time; empty for a day without anything."""
        if not (self.batches or self.slips or self.lines or self.groups):
            return ""
        told = repr((self.batches, self.slips, self.lines, self.groups, self.undone, self.is_read))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def group_of(self, thing: tuple[str, str]) -> Group | None:
        return next((g for g in self.groups if any(t.name == thing for t in g.things)), None)

    def group_of_line(self, line: Line) -> Group | None:
        return next((g for g in self.groups if line in g.lines), None)

    def credited(self, batch: Batch) -> int | None:
        """What the bank paid of it; None as long as that is not known.

        What a group is more or less than it should be is the difference of the first.
        """
        group = self.group_of(("batch", batch.ref))
        if group is None or group.outcome is not Outcome.MATCHED:
            return None
        first = group.things[0].name == ("batch", batch.ref)
        return batch.net + (group.credited - group.expected if first else 0)


def by_day(facts: Facts, groups: Sequence[Group]) -> dict[date, BankDay]:
    """Every day that has anything to do with the bank, without what time makes of it."""
    batches, slips = _by(facts.batches, lambda b: b.settled_on), _by(facts.slips, lambda s: s.dated)
    lines = _by(facts.lines, lambda line: line.booked_on)
    dated = {s.as_thing().name: s.dated for s in facts.slips}
    undone = _undone(facts)
    numbers = sorted(s.number for s in facts.slips if s.standing == "void" and s.number)
    together: dict[date, list[Group]] = {}
    for group in groups:
        days = {line.booked_on for line in group.lines}
        for day in days | {dated.get(thing.name, thing.day) for thing in group.things}:
            together.setdefault(day, []).append(group)
    return {
        day: BankDay(
            batches=tuple(sorted(batches.get(day, ()), key=lambda b: b.ref)),
            slips=tuple(sorted(slips.get(day, ()), key=lambda s: (s.number, s.id))),
            lines=tuple(sorted(lines.get(day, ()), key=lambda line: line.order)),
            groups=tuple(sorted(together.get(day, ()), key=_order)),
            void=tuple(n for n in numbers if any(n in line.text for line in lines.get(day, ()))),
            undone=tuple(sorted(undone.get(day, ()))),
            is_read=facts.since is not None and facts.since <= day,
        )
        for day in sorted({*batches, *slips, *lines, *together})
    }


def _undone(facts: Facts) -> dict[date, set[str]]:
    """The matches that were taken back, by the days of what they joined."""
    day_of_line = {line.id: line.booked_on for line in facts.lines}
    day_of = {("batch", b.ref): b.settled_on for b in facts.batches}
    day_of |= {("sts", str(s.id)): s.dated for s in facts.slips}
    found: dict[date, set[str]] = {}
    for match in facts.undone:
        days = [day_of_line[i] for i in match.lines if i in day_of_line]
        for day in [*days, *(day_of[name] for name in match.things if name in day_of)]:
            found.setdefault(day, set()).add(match.by)
    return found


def due_of(
    bank: BankDay, today: date, days_off: Callable[[str], frozenset[date]]
) -> dict[tuple[str, str], Due]:
    """Until when the credit of each batch and slip of a day may come.

    `days_off` are those that do not count for what waits for an account of a gateway.
    """
    things = [(b.as_thing(), days_off(b.owner)) for b in bank.batches]
    things += [(s.as_thing(), days_off("")) for s in bank.slips if s.is_issued]
    found = {}
    for thing, off in things:
        on = add_working_days(thing.day, GRACE, off)
        found[thing.name] = Due(on, on < today)
    return found


def matches_to_freeze(
    groups: Sequence[Group], closed: date, still_open: Collection[date] = ()
) -> list[Group]:
    """The matches that closing a day settles for good: those whose last line is not after it.

    What a closed day before it has frozen is not among them, nor what belongs to an earlier
    day that is `still_open`: who signs that one sees it then.
    """
    return sorted(
        (g for g in groups
         if g.outcome is Outcome.MATCHED and g.last_day <= closed and not g.is_frozen
         and g.last_day not in still_open),
        key=_order,
    )  # fmt: skip


def as_frozen(group: Group) -> dict[str, Any]:
    """A match as a closed day keeps it in its snapshot, from which it is read again."""
    lines = [["line", str(line.id)] for line in group.lines]
    return {
        "by": group.by, "credited": group.credited, "expected": group.expected,
        "sides": lines + [[thing.kind, thing.ref] for thing in group.things],
    }  # fmt: skip


def entries_of(group: Group, closed: date) -> list[Entry]:
    """How a match is booked by closing a day: one entry a line, of that day.

    What the bank paid is no longer unmatched: it is cash in transit that came, or what
    gateways paid out. What a rule's tolerance lets pass stays on the account of the last thing
    that is paid, so that the two sides of the book are apart by just what the bank paid more
    or less. A line that a person joined with nothing stays as it is.
    """
    left = [[ACCOUNT[thing.kind], thing.amount] for thing in group.things]
    found = []
    for line in group.lines if left else ():
        sides = _taken(left, line.amount)
        postings = [Posting(Account.BANK_UNMATCHED, line.amount)]
        postings += [Posting(account, -amount) for account, amount in sides]
        source = Source(statement_line_id=line.id)
        found.append(Entry(BANK_MATCH, str(line.id), closed, tuple(postings), source))
    return found


def _taken(left: list[list[Any]], amount: int) -> list[tuple[Account, int]]:
    """A line's amount over what it pays, in order; what is beyond all of it, on the last."""
    sums: dict[Account, int] = {}
    for n, (account, still) in enumerate(left):
        is_last = n == len(left) - 1
        part = amount if is_last else max(min(amount, still), 0) if amount > 0 else 0
        left[n][1] -= part
        amount -= part
        sums[account] = sums.get(account, 0) + part
    return [(account, part) for account, part in sums.items() if part]


def _order(group: Group) -> tuple[object, ...]:
    return group.lines[0].order, group.outcome.value, group.by


def _by(rows: Sequence[T], day_of: Callable[[T], date]) -> dict[date, list[T]]:
    found: dict[date, list[T]] = {}
    for row in rows:
        found.setdefault(day_of(row), []).append(row)
    return found
