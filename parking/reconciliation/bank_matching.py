"""Which credits on bank statements pay which batches and deposit slips. Pure.

Every rule in its turn proposes groups: lines and the things that they would pay. A proposal
that shares nothing with another of the same rule is a match; those that share something are
ambiguous, and whatever is ambiguous is out of the later rules: they would be guessing.
Nothing depends on the order in which lines, batches or slips are given, nor on their ids.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import TypeVar

from parking.reconciliation.bank_rule import (
    AmountTerms,
    ChargeTerms,
    CombinedTerms,
    DepositTerms,
    ReferenceTerms,
    Rule,
    SplitTerms,
    TestTerms,
    TotalTerms,
    Worded,
)

MOST_CANDIDATES = 12  # of which sums are tried; more, and any sum would be found by chance
STS_NUMBER = re.compile(r"(?<![0-9A-Z])[0-9]{1,6}[^0-9A-Z]{0,3}STS(?![A-CE-Z])")


class Outcome(StrEnum):
    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"  # several are as good: a person must say
    DIFFERS = "differs"  # it came, and is another amount: never taken for a match
    KNOWN = "known"  # a charge of the bank, or its test
    DEPOSIT = "deposit"  # says that it is a deposit of ours, and there is no slip


@dataclass(frozen=True, slots=True)
class Line:
    """One movement on a bank account."""

    id: int
    key: str  # of what it says: the same wherever it came from
    account: str  # code of the bank account
    booked_on: date
    amount: int  # rupiah; credit positive
    text: str
    reference: str = ""

    @property
    def order(self) -> tuple[date, str, str]:
        return self.booked_on, self.account, self.key


@dataclass(frozen=True, slots=True)
class Thing:
    """What a credit may pay: a batch of a gateway account, or a deposit slip."""

    kind: str  # "batch", "sts"
    ref: str  # "midtrans/jambi/2026-11-24"; the id of a slip
    day: date  # when the money set out
    amount: int  # rupiah that should come
    account: str = ""  # code of the bank account it goes to, if that is known
    number: str = ""  # of a slip
    reference: str = ""  # the bank's own, of a slip
    # What {gateway} and its like stand for in the words of a rule.
    words: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.ref

    @property
    def order(self) -> tuple[str, date, str, str]:
        return self.kind, self.day, self.number, self.ref if self.kind == "batch" else ""


@dataclass(frozen=True, slots=True)
class Given:
    """A match that is a fact: made by a person, or frozen by a closed day."""

    by: str  # "manual:3"; of a frozen one, what had matched it: "nomor-sts v1"
    lines: frozenset[int]
    things: frozenset[tuple[str, str]]
    frozen_at: int | None = None  # what was expected when a day was closed over it


@dataclass(frozen=True, slots=True)
class Group:
    """Lines and things that belong together, or that nobody can tell apart."""

    outcome: Outcome
    lines: tuple[Line, ...]
    things: tuple[Thing, ...]
    by: str  # "nomor-sts v1", "manual:3"
    # Whether a closed day holds it; it says the same as before, so that a run does.
    is_frozen: bool = field(default=False, compare=False, repr=False)

    @property
    def credited(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def expected(self) -> int:
        return sum(thing.amount for thing in self.things)

    @property
    def last_day(self) -> date:
        """When the last of its lines was booked."""
        return max(line.booked_on for line in self.lines)


Proposal = tuple[frozenset[Line], frozenset[Thing]]
T = TypeVar("T", Line, Thing)


class _Open:
    """What no rule has spoken for yet."""

    def __init__(self, lines: Iterable[Line], things: Iterable[Thing]) -> None:
        self.lines = sorted(lines, key=lambda line: line.order)
        self.things = sorted(things, key=lambda thing: thing.order)

    def take(self, groups: Sequence[Group]) -> None:
        lines = {line.id for group in groups for line in group.lines}
        things = {thing.name for group in groups for thing in group.things}
        self.lines = [line for line in self.lines if line.id not in lines]
        self.things = [thing for thing in self.things if thing.name not in things]


def match_bank(
    lines: Sequence[Line], things: Sequence[Thing], given: Sequence[Given], rules: Sequence[Rule]
) -> Sequence[Group]:
    """The groups that can be made, those given first. What is in none is open.

    `rules` are as `bank_rule.in_order` gives them. Every line and thing is in one group at most.
    """
    still = _Open(lines, things)
    found = _facts(still, given)
    for rule in rules:
        if rule.is_on and type(rule.terms) in PROPOSE:
            mine = [line for line in still.lines if rule.holds(line.booked_on)]
            groups = list(_decided(rule, PROPOSE[type(rule.terms)](rule.terms, mine, still.things)))
            still.take(groups)
            found += groups
    found += _differing(still, rules)
    found += _deposits(still, rules)
    return found


def _facts(still: _Open, given: Sequence[Given]) -> list[Group]:
    """What is given, closed days first; a part that is not there is left out.

    What a closed day holds and is of another amount since, differs.
    """
    found: list[Group] = []
    lines = {line.id: line for line in still.lines}
    things = {thing.name: thing for thing in still.things}
    for fact in sorted(given, key=_order_of_facts):
        mine = sorted((lines[i] for i in fact.lines & lines.keys()), key=lambda line: line.order)
        its = sorted((things[n] for n in fact.things & things.keys()), key=lambda t: t.order)
        if mine:
            is_other = fact.frozen_at not in (None, _sum(its))
            outcome = Outcome.DIFFERS if is_other else Outcome.MATCHED
            is_frozen = fact.frozen_at is not None
            found.append(Group(outcome, tuple(mine), tuple(its), fact.by, is_frozen))
            lines = {i: line for i, line in lines.items() if line not in mine}
            things = {n: thing for n, thing in things.items() if thing not in its}
    still.take(found)
    return found


def _order_of_facts(fact: Given) -> tuple[object, ...]:
    return fact.frozen_at is None, fact.by, sorted(fact.things), sorted(fact.lines)


def _decided(rule: Rule, proposals: Iterable[Proposal]) -> Iterator[Group]:
    """A proposal alone in its component is what the rule says; several are as good as none."""
    for together in _components(list(dict.fromkeys(proposals))):
        alone = len(together) == 1
        known = isinstance(rule.terms, (ChargeTerms, TestTerms))
        outcome = Outcome.KNOWN if known else Outcome.MATCHED if alone else Outcome.AMBIGUOUS
        lines = frozenset[Line]().union(*(each[0] for each in together))
        things = frozenset[Thing]().union(*(each[1] for each in together))
        yield _group(outcome, lines, things, rule.label)


def _group(outcome: Outcome, lines: Iterable[Line], things: Iterable[Thing], by: str) -> Group:
    return Group(
        outcome, tuple(sorted(lines, key=lambda line: line.order)),
        tuple(sorted(things, key=lambda thing: thing.order)), by,
    )  # fmt: skip


def _components(proposals: Sequence[Proposal]) -> list[list[Proposal]]:
    """Proposals that share a line or a thing, together."""
    leader = list(range(len(proposals)))

    def lead(n: int) -> int:
        while leader[n] != n:
            leader[n] = leader[leader[n]]
            n = leader[n]
        return n

    seen: dict[object, int] = {}
    for n, (lines, things) in enumerate(proposals):
        for member in (*(line.id for line in lines), *(thing.name for thing in things)):
            leader[lead(n)] = lead(seen.setdefault(member, n))
    found: dict[int, list[Proposal]] = {}
    for n, proposal in enumerate(proposals):
        found.setdefault(lead(n), []).append(proposal)
    return list(found.values())


# What each kind of rule proposes.


def _by_reference(
    terms: ReferenceTerms, lines: Sequence[Line], things: Sequence[Thing]
) -> Iterator[Proposal]:
    """Lines that name a slip: one for one, or all that name each other if their sums agree."""
    edges = [(line, thing) for line, thing in named(lines, things) if _may(terms, line, thing)]
    pairs: list[Proposal] = [(frozenset({line}), frozenset({thing})) for line, thing in edges]
    for together in _components(pairs):
        whole_lines = frozenset[Line]().union(*(each[0] for each in together))
        whole_things = frozenset[Thing]().union(*(each[1] for each in together))
        if terms.allows(_sum(whole_lines), _sum(whole_things)):
            yield whole_lines, whole_things
        else:
            yield from (p for p in together if terms.allows(_sum(p[0]), _sum(p[1])))


def named(lines: Sequence[Line], things: Sequence[Thing]) -> Iterator[tuple[Line, Thing]]:
    """Each line beside each slip whose number or bank reference it carries."""
    by_start: dict[str, list[tuple[Thing, re.Pattern[str]]]] = {}
    by_reference: dict[str, list[Thing]] = {}
    for thing in things:
        if thing.number:
            parts = re.findall(r"[0-9A-Z]+", thing.number.upper())
            as_written = "[^0-9A-Z]*".join(map(re.escape, parts))
            pattern = re.compile(rf"(?<![0-9A-Z]){as_written}(?![0-9A-Z])")
            by_start.setdefault(parts[0], []).append((thing, pattern))
        if thing.reference:
            by_reference.setdefault(_plain(thing.reference), []).append(thing)
    for line in lines:
        text = f"{line.text} {line.reference}".upper()
        starts = {m for m in re.findall(r"[0-9]+", text) if m in by_start}
        named = [t for start in starts for t, pattern in by_start[start] if pattern.search(text)]
        tokens = {_plain(token) for token in [line.reference, *text.split()]} & by_reference.keys()
        named += [thing for token in tokens for thing in by_reference[token]]
        yield from ((line, thing) for thing in {thing.name: thing for thing in named}.values())


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _by_amount(
    terms: AmountTerms, lines: Sequence[Line], things: Sequence[Thing]
) -> Iterator[Proposal]:
    mine = sorted((t for t in things if t.kind == terms.of), key=lambda thing: thing.amount)
    sums = [thing.amount for thing in mine]
    for line in lines:
        first = bisect_left(sums, line.amount - terms.more)
        last = bisect_right(sums, line.amount + terms.less)
        for thing in mine[first:last]:
            if _fits(terms, line, thing):
                yield frozenset({line}), frozenset({thing})


def _by_split(
    terms: SplitTerms, lines: Sequence[Line], things: Sequence[Thing]
) -> Iterator[Proposal]:
    for thing in things:
        if thing.kind == terms.of:
            near = [line for line in lines if line.amount > 0 and _fits(terms, line, thing)]
            for parts in _adding_up(near, terms, thing.amount, lambda told, want: (told, want)):
                yield frozenset(parts), frozenset({thing})


def _by_combination(
    terms: CombinedTerms, lines: Sequence[Line], things: Sequence[Thing]
) -> Iterator[Proposal]:
    mine = [thing for thing in things if thing.kind == terms.of and thing.amount > 0]
    for line in lines:
        near = [thing for thing in mine if _fits(terms, line, thing)]
        for parts in _adding_up(near, terms, line.amount, lambda told, want: (want, told)):
            yield frozenset({line}), frozenset(parts)


def _adding_up(
    among: Sequence[T], terms: SplitTerms | CombinedTerms, wanted: int,
    sides: Callable[[int, int], tuple[int, int]],
) -> Iterator[tuple[T, ...]]:  # fmt: skip
    """Every choice of two to `most` that adds up; none at all where there are too many to try.

    `sides` says which of the sum and what is wanted was credited, and which was expected.
    """
    if len(among) > MOST_CANDIDATES:
        return
    for size in range(2, terms.most + 1):
        for parts in combinations(among, size):
            if terms.allows(*sides(sum(part.amount for part in parts), wanted)):
                yield parts


def _by_day(
    terms: TotalTerms, lines: Sequence[Line], things: Sequence[Thing]
) -> Iterator[Proposal]:
    """All that is open of a day against all credits near it: several for several, or nothing."""
    by_day: dict[date, list[Thing]] = {}
    for thing in things:
        if thing.kind == terms.of:
            by_day.setdefault(thing.day, []).append(thing)
    for its in by_day.values():
        near = [line for line in lines if any(_fits(terms, line, thing) for thing in its)]
        if len(its) > 1 and len(near) > 1 and terms.allows(_sum(near), _sum(its)):
            yield frozenset(near), frozenset(its)


def _charges(terms: ChargeTerms, lines: Sequence[Line], _: Sequence[Thing]) -> Iterator[Proposal]:
    for line in lines:
        if -terms.most <= line.amount < 0 and _has(line, terms.words):
            yield frozenset({line}), frozenset()


def _tests(terms: TestTerms, lines: Sequence[Line], _: Sequence[Thing]) -> Iterator[Proposal]:
    for line in lines:
        says = terms.words and abs(line.amount) <= terms.most and _has(line, terms.words)
        if line.amount in terms.amounts or says:
            yield frozenset({line}), frozenset()


PROPOSE: Mapping[type, Callable[..., Iterator[Proposal]]] = {
    ReferenceTerms: _by_reference,
    AmountTerms: _by_amount,
    SplitTerms: _by_split,
    CombinedTerms: _by_combination,
    TotalTerms: _by_day,
    ChargeTerms: _charges,
    TestTerms: _tests,
}


# What is left.


def _differing(still: _Open, rules: Sequence[Rule]) -> list[Group]:
    """A line that says what it pays, alone, and is of another amount: a pair, never a match."""
    found: list[Group] = []
    for rule in rules:
        if not rule.is_on:
            continue
        mine = [line for line in still.lines if rule.holds(line.booked_on)]
        pairs = [
            (frozenset({x}), frozenset({t})) for x, t in _saying(rule, mine, still.things)
            if x.amount != t.amount  # of its amount, and too early or late for its rule: no pair
        ]  # fmt: skip
        alone = [each[0] for each in _components(pairs) if len(each) == 1]
        groups = [_group(Outcome.DIFFERS, *pair, rule.label) for pair in alone]
        still.take(groups)
        found += groups
    return found


def _saying(
    rule: Rule, lines: Sequence[Line], things: Sequence[Thing]
) -> Iterator[tuple[Line, Thing]]:
    """A batch is named by its gateway or merchant, a slip by its number: words of deposits say
    that it is one, and not which.
    """
    terms = rule.terms
    if isinstance(terms, ReferenceTerms):
        yield from named(lines, things)
    if isinstance(terms, AmountTerms) and terms.of == "batch" and terms.words:
        for thing in (thing for thing in things if thing.kind == terms.of):
            yield from ((line, thing) for line in lines
                        if line.amount > 0 and _fits(terms, line, thing))  # fmt: skip


def _deposits(still: _Open, rules: Sequence[Rule]) -> list[Group]:
    """Credits that carry a slip's number we do not know, or words of our deposits."""
    known = {line.id for line, _ in named(still.lines, still.things)}
    words = [(rule, rule.terms) for rule in rules
             if rule.is_on and isinstance(rule.terms, DepositTerms)]  # fmt: skip
    found = []
    for line in still.lines:
        said = [
            r.label for r, terms in words if r.holds(line.booked_on) and _has(line, terms.words)
        ]
        is_unknown = line.id not in known and STS_NUMBER.search(line.text.upper())
        if line.amount > 0 and (said or is_unknown):
            found.append(Group(Outcome.DEPOSIT, (line,), (), said[0] if said else "nomor STS"))
    still.take(found)
    return found


def _fits(terms: Worded, line: Line, thing: Thing) -> bool:
    return _may(terms, line, thing) and _has(line, terms.words, thing.words)


def _may(terms: ReferenceTerms | Worded, line: Line, thing: Thing) -> bool:
    """Whether a line is on an account and a day on which it may pay a thing."""
    return (
        (not thing.account or thing.account == line.account)
        and (not terms.account or terms.account == line.account)
        and terms.reaches(line.booked_on, thing.day)
    )


def _has(line: Line, words: Sequence[str], names: Mapping[str, str] | None = None) -> bool:
    """Whether a line carries one of the words; yes where none is asked."""
    if not words:
        return True
    text = f"{line.text} {line.reference}".upper()
    return any(said.upper() in text for word in words if (said := _said(word, names or {})))


def _said(word: str, names: Mapping[str, str]) -> str:
    """A word with the names of a batch in it; empty where the batch has no such name."""
    for name in re.findall(r"{(\w+)}", word):
        if not names.get(name):
            return ""
        word = word.replace("{" + name + "}", names[name])
    return word


def _sum(of: Iterable[Line] | Iterable[Thing]) -> int:
    return sum(each.amount for each in of)
