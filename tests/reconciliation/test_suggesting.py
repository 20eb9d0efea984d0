"""What a line without a match might pay: proposed for a person, the best first, never forced."""

from dataclasses import replace

import pytest
from parking.reconciliation.suggesting import MOST, suggest

from tests.reconciliation.test_bank_matching import batch, line, sts


def told(found):
    return [([thing.ref for thing in each.things], [x.id for x in each.lines]) for each in found]


def test_the_thing_that_the_text_names_comes_before_one_of_the_same_amount():
    slip, other = sts(150_000, "0123/STS/DISHUB/XI/2026"), sts(149_000, "0124/STS/DISHUB/XI/2026")
    credit = line(149_000, "SETOR 0123/STS/DISHUB/XI/2026")

    first, second = suggest(credit, [other, slip])

    assert told([first, second]) == [([slip.ref], []), ([other.ref], [])]
    assert "nomornya tertulis di keterangan" in first.reasons
    assert "Rp1.000 kurang" in first.reasons
    assert "jumlahnya sama" in second.reasons


def test_a_credit_close_to_a_batch_says_by_how_much_it_differs():
    (found,) = suggest(line(95_000, "TRF MIDTRANS"), [batch(100_000)])

    assert list(found.reasons) == [
        "Rp5.000 kurang", "keterangannya menyebut midtrans", "pada hari yang sama",
    ]  # fmt: skip


def test_things_that_add_up_are_proposed_together():
    one, other = batch(60_000, account="a"), batch(40_000, account="b")

    best = suggest(line(100_000), [one, other, batch(70_000, account="c")])[0]

    assert {thing.ref for thing in best.things} == {one.ref, other.ref}
    assert best.expected == 100_000


def test_two_credits_that_pay_one_slip_are_proposed_with_each_other():
    slip, first, second = sts(100_000), line(30_000), line(70_000, day=1)

    assert told(suggest(first, [slip], [second])) == [([slip.ref], [second.id])]


def test_a_line_and_the_one_that_takes_it_back_are_proposed_to_each_other():
    paid, back = line(50_000, "SALAH KIRIM"), line(-50_000, "KOREKSI", day=2)

    assert told(suggest(back, [batch(50_000)], [paid])) == [([], [paid.id])]
    assert [paid_by.id for each in suggest(paid, [], [back]) for paid_by in each.lines] == [back.id]


@pytest.mark.parametrize(
    ("thing", "why"),
    [
        (batch(99_000, day=-20), "too long ago"), (batch(100_000, day=5), "not yet"),
        (batch(300_000), "another amount"),
        (replace(sts(100_000), account="lain"), "on another account"),
    ],
)  # fmt: skip
def test_what_cannot_be_it_is_not_proposed(thing, why):
    assert suggest(line(100_000, "TRANSFER"), [thing]) == [], why


def test_what_was_owed_for_long_is_proposed_to_the_credit_of_its_amount():
    (found,) = suggest(line(100_000), [batch(100_000, day=-20)])

    assert list(found.reasons) == ["jumlahnya sama", "20 hari sesudahnya"]


def test_there_are_few_and_their_order_does_not_depend_on_that_of_the_things():
    things = [batch(100_000, account=name) for name in "abcdef"]

    found = told(suggest(line(100_000), things))

    assert len(found) == MOST
    assert found == told(suggest(line(100_000), things[::-1]))


def test_where_too_many_could_add_up_none_is_proposed():
    things = [batch(1_000 + n, account=f"a{n}") for n in range(40)]

    assert suggest(line(2_000 + 1), things) == []
