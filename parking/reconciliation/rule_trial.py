"""What another version of a rule would change, before anybody saves it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from parking.reconciliation.bank_day import Facts
from parking.reconciliation.bank_matching import Group, Line, Outcome
from parking.reconciliation.bank_rule import Rule, in_order

OUTCOME_TEXT = {
    Outcome.MATCHED: "cocok",
    Outcome.AMBIGUOUS: "lebih dari satu pasangan",
    Outcome.DIFFERS: "jumlah berbeda",
    Outcome.KNOWN: "dikenal",
    Outcome.DEPOSIT: "setoran tanpa STS",
}
OPEN = "tanpa pasangan"


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the bank that would be judged otherwise."""

    line: Line
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trial:
    """How many lines came to what, by today's rules and by the changed ones, and which changed."""

    lines: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    changes: Sequence[Change]


def trial(facts: Facts, versions: Sequence[Rule], changed: Rule, since: date) -> Trial:
    """Match everything twice; told of are the lines booked since a day.

    `versions` are all that are stored. What a closed day or a person has joined stays.
    """
    old = _told(facts.matched())
    new = _told(replace(facts, rules=in_order([*versions, changed])).matched())
    lines = sorted((x for x in facts.lines if x.booked_on >= since), key=lambda x: x.order)
    return Trial(
        lines=len(lines),
        before=_counted(old, lines),
        after=_counted(new, lines),
        changes=[
            Change(line, _words(old.get(line.id)), _words(new.get(line.id)))
            for line in lines
            if _pays(old.get(line.id)) != _pays(new.get(line.id))
        ],
    )


def _told(groups: Sequence[Group]) -> dict[int, Group]:
    return {line.id: group for group in groups for line in group.lines}


def _pays(group: Group | None) -> object:
    """What a line came to, whichever rule says so."""
    if group is None:
        return None
    return group.outcome, [t.name for t in group.things], [line.id for line in group.lines]


def _counted(told: Mapping[int, Group], lines: Sequence[Line]) -> dict[str, int]:
    kinds = Counter(_kind(told.get(line.id)) for line in lines)
    return {kind: kinds[kind] for kind in (*OUTCOME_TEXT.values(), OPEN) if kinds[kind]}


def _kind(group: Group | None) -> str:
    return OPEN if group is None else OUTCOME_TEXT[group.outcome]


def _words(group: Group | None) -> str:
    if group is None or not group.things:
        return _kind(group)
    names = ", ".join(t.number or t.ref for t in group.things)
    return f"{_kind(group)}: {names} ({group.by})"
