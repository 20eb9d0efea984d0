"""Each line of a bank's statements with what is known of it by now. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from parking.business_day import MONTHS
from parking.reconciliation.bank_day import Facts
from parking.reconciliation.bank_matching import Group, Line, Outcome, Thing

OPEN = "open"  # nothing is known of it
STATE_TEXT = {
    Outcome.MATCHED: "Cocok", Outcome.KNOWN: "Biaya atau uji bank", Outcome.AMBIGUOUS: "Meragukan",
    Outcome.DIFFERS: "Selisih", Outcome.DEPOSIT: "Setoran tanpa STS", OPEN: "Belum cocok",
}  # fmt: skip
STATE_TONE = {
    Outcome.MATCHED: "success", Outcome.KNOWN: "secondary", Outcome.AMBIGUOUS: "warning",
    Outcome.DIFFERS: "danger", Outcome.DEPOSIT: "danger", OPEN: "danger",
}  # fmt: skip
SETTLED = (Outcome.MATCHED, Outcome.KNOWN)  # these wait for nobody


@dataclass(frozen=True, slots=True)
class BankLine:
    """A line, and the group that it is in."""

    line: Line
    group: Group | None

    @property
    def id(self) -> int:
        return self.line.id

    @property
    def booked_on(self) -> date:
        return self.line.booked_on

    @property
    def account(self) -> str:
        return self.line.account

    @property
    def amount(self) -> int:
        return self.line.amount

    @property
    def text(self) -> str:
        return self.line.text

    @property
    def reference(self) -> str:
        return self.line.reference

    @property
    def state(self) -> str:
        return self.group.outcome if self.group is not None else OPEN

    @property
    def state_text(self) -> str:
        return STATE_TEXT[self.state]

    @property
    def pays(self) -> str:
        """What it pays, or might pay."""
        things = self.group.things if self.group is not None else ()
        return ", ".join(thing_text(thing) for thing in things)

    @property
    def by(self) -> str:
        if self.group is None:
            return ""
        return by_text(self.group.by) + (", hari ditutup" if self.group.is_frozen else "")

    @property
    def match_id(self) -> int | None:
        """Of the match by which a person joined it."""
        kind, _, number = self.group.by.partition(":") if self.group is not None else ("", "", "")
        return int(number) if kind == "manual" else None

    @property
    def is_unfounded(self) -> bool:
        """A credit that pays nothing we know of."""
        return self.amount > 0 and self.state in (OPEN, Outcome.DEPOSIT)

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED


def bank_lines(facts: Facts) -> list[BankLine]:
    """Every line, the newest first."""
    groups = {line.id: group for group in facts.matched() for line in group.lines}
    ordered = sorted(facts.lines, key=lambda line: (line.booked_on, line.id), reverse=True)
    return [BankLine(line, groups.get(line.id)) for line in ordered]


def paying(
    facts: Facts, lines: Sequence[BankLine], day: date | None, kind: str = ""
) -> list[BankLine]:
    """The lines that pay a batch or slip ("batch", "sts"; empty: either) of a day, or of any."""
    dated = {slip.as_thing().name: slip.dated for slip in facts.slips}

    def is_of_day(thing: Thing) -> bool:
        return kind in ("", thing.kind) and day in (None, dated.get(thing.name, thing.day))

    return [
        each for each in lines
        if each.group is not None and each.group.outcome is not Outcome.AMBIGUOUS
        and any(is_of_day(thing) for thing in each.group.things)
    ]  # fmt: skip


def open_things(facts: Facts, lines: Sequence[BankLine]) -> list[Thing]:
    """What no credit is known to pay."""
    groups = [each.group for each in lines if each.group is not None and each.is_settled]
    paid = {thing.name for group in groups for thing in group.things}
    return [thing for thing in facts.things if thing.name not in paid]


def thing_text(thing: Thing) -> str:
    """
    >>> thing_text(Thing("batch", "midtrans/jambi/2026-11-24", date(2026, 11, 24), 5_000))
    'batch midtrans/jambi 24 Nov 2026'
    """
    if thing.kind == "sts":
        return f"STS {thing.number or thing.ref}"
    return f"batch {thing.ref.rpartition('/')[0]} {_short(thing.day)}"


def by_text(by: str) -> str:
    """Who or what joined a group.

    >>> by_text("manual:3"), by_text("nomor-sts v1")
    ('oleh petugas', 'aturan nomor-sts v1')
    """
    return "oleh petugas" if by.startswith("manual:") else f"aturan {by}"


def _short(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"
