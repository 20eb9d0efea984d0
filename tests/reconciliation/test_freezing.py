"""What closing a day settles between bank and us: kept in its snapshot, booked, never undone."""

from datetime import date
from itertools import count

from parking.ledger.entry import Account
from parking.reconciliation.bank_day import as_frozen, entries_of, matches_to_freeze
from parking.reconciliation.bank_matching import Given, Group, Line, Outcome, Thing, match_bank

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
CLOSED = date(2026, 11, 25)
NUMBERS = count(1)


def line(amount, day=TUESDAY):
    number = next(NUMBERS)
    return Line(number, f"k{number}", "rkud", day, amount, "SETORAN")


def sts(amount):
    return Thing("sts", str(next(NUMBERS)), MONDAY, amount, "rkud", "1/STS")


def batch(amount, account="jambi"):
    return Thing("batch", f"midtrans/{account}/2026-11-23", MONDAY, amount)


def group(lines, things, outcome=Outcome.MATCHED, **other):
    return Group(outcome, tuple(lines), tuple(things), "nomor-sts v1", **other)


def sides(entry):
    return {posting.account: posting.amount for posting in entry.postings}


def test_a_deposit_that_came_is_no_longer_in_transit():
    (entry,) = entries_of(group([line(100)], [sts(100)]), CLOSED)

    assert sides(entry) == {Account.BANK_UNMATCHED: 100, Account.CASH_IN_TRANSIT: -100}
    assert (entry.kind, entry.effective_on) == ("bank_match", CLOSED)


def test_one_credit_of_several_is_one_entry_and_several_of_one_are_several():
    (entry,) = entries_of(group([line(100)], [batch(60), batch(40, "solo")]), CLOSED)
    assert sides(entry) == {Account.BANK_UNMATCHED: 100, Account.SETTLED: -100}

    entries = entries_of(group([line(60), line(40)], [batch(100)]), CLOSED)
    assert [sides(e)[Account.SETTLED] for e in entries] == [-60, -40]


def test_what_a_person_joined_across_kinds_is_shared_in_order():
    entries = entries_of(group([line(70), line(50)], [batch(100), sts(20)]), CLOSED)

    assert [sides(e) for e in entries] == [
        {Account.BANK_UNMATCHED: 70, Account.SETTLED: -70},
        {Account.BANK_UNMATCHED: 50, Account.SETTLED: -30, Account.CASH_IN_TRANSIT: -20},
    ]


def test_what_tolerance_lets_pass_stays_on_the_account_of_what_is_paid():
    (short,) = entries_of(group([line(98)], [sts(100)]), CLOSED)
    (more,) = entries_of(group([line(103)], [batch(100)]), CLOSED)

    assert sides(short) == {Account.BANK_UNMATCHED: 98, Account.CASH_IN_TRANSIT: -98}
    assert sides(more) == {Account.BANK_UNMATCHED: 103, Account.SETTLED: -103}


def test_a_line_that_is_joined_with_nothing_is_not_booked():
    assert entries_of(group([line(100)], []), CLOSED) == []


def test_only_whole_matches_up_to_the_day_are_frozen_and_each_once():
    early, late = group([line(1, MONDAY)], [sts(1)]), group([line(2)], [sts(2)])
    differs = group([line(3, MONDAY)], [sts(4)], Outcome.DIFFERS)
    held = group([line(5, MONDAY)], [sts(5)], is_frozen=True)

    assert matches_to_freeze([late, early, differs, held], MONDAY) == [early]


def test_what_belongs_to_an_earlier_day_that_is_open_is_left_to_who_signs_that_day():
    earlier, own = group([line(1, MONDAY)], [sts(1)]), group([line(2, CLOSED)], [sts(2)])

    assert matches_to_freeze([earlier, own], CLOSED, {MONDAY}) == [own]
    assert matches_to_freeze([earlier, own], CLOSED) == [earlier, own]


def test_what_is_frozen_says_the_same_as_before_and_differs_once_its_amount_is_another():
    credit, slip = line(100), sts(100)
    before = group([credit], [slip])
    kept = as_frozen(before)
    given = Given(
        kept["by"], frozenset({credit.id}), frozenset({slip.name}), frozen_at=kept["expected"]
    )

    (after,) = match_bank([credit], [slip], [given], [])
    assert (after, after.is_frozen) == (before, True)

    other = Thing("sts", slip.ref, MONDAY, 90, "rkud", "1/STS")
    (after,) = match_bank([credit], [other], [given], [])
    assert after.outcome is Outcome.DIFFERS
