"""Which credits pay what: one for one, several for one, and what nobody can tell apart."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.reconciliation.bank_matching import Given, Line, Outcome, Thing, match_bank
from parking.reconciliation.bank_rule import KINDS, Rule, in_order, terms_of

MONDAY = date(2026, 11, 23)
NUMBERS = count(1)
MIDTRANS = {"gateway": "midtrans", "account": "jambi", "merchant": "PEMKOT JAMBI PARKIR"}
NAMED = ["{gateway}", "{merchant}"]


def rule(kind, rank=10, *, name="", version=1, valid_from=date(2026, 1, 1), is_on=True, **terms):
    return Rule(name or kind, version, rank, terms_of(kind, terms), is_on, valid_from)


def line(amount, text="SETORAN", day=0, key="", **other):
    number = next(NUMBERS)
    booked = MONDAY + timedelta(days=day)
    return Line(number, key or f"k{number:05}", "rkud", booked, amount, text, **other)


def batch(amount, day=0, account="jambi", gateway="midtrans"):
    on = MONDAY + timedelta(days=day)
    names = MIDTRANS | {"gateway": gateway, "account": account}
    return Thing("batch", f"{gateway}/{account}/{on}", on, amount, words=names)


def sts(amount, number="0123/STS/DISHUB/XI/2026", day=0, **other):
    on = MONDAY + timedelta(days=day)
    return Thing("sts", str(next(NUMBERS)), on, amount, "rkud", number, **other)


def groups(lines, things, *rules, given=()):
    return match_bank(lines, things, given, in_order(rules))


def only(found):
    (group,) = found
    return group


BY_AMOUNT = rule("amount", of="batch", days_late=3)
BY_NUMBER = rule("reference", days_late=10)


@pytest.mark.parametrize(
    "text",
    [
        "SETOR STS 0123/STS/DISHUB/XI/2026 PARKIR", "setoran 0123 sts dishub xi 2026",
        "TRF 0123STSDISHUBXI2026", "0123-STS-DISHUB-XI-2026",
    ],
)  # fmt: skip
def test_a_credit_that_names_a_slip_is_its_deposit(text):
    slip = sts(4_375_000)

    group = only(groups([line(4_375_000, text)], [slip], BY_NUMBER))

    assert (group.outcome, group.things, group.by) == (Outcome.MATCHED, (slip,), "reference v1")


@pytest.mark.parametrize("text", ["10123/STS/DISHUB/XI/2026", "0123/STS/DISHUB/XI/20261", "0123"])
def test_a_number_that_only_contains_the_slips_is_another(text):
    found = groups([line(4_375_000, text)], [sts(4_375_000)], BY_NUMBER)

    assert all(group.outcome is Outcome.DEPOSIT for group in found)


def test_a_credit_that_carries_the_banks_reference_of_a_slip_is_its_deposit():
    slip = sts(100, reference="FT26-328/A1")

    assert only(groups([line(100, "X", reference="FT26328A1")], [slip], BY_NUMBER)).things == (
        slip,
    )


def test_one_credit_for_one_batch():
    one = batch(76_500)

    group = only(groups([line(76_500, day=1)], [one], BY_AMOUNT))

    assert (group.credited, group.expected) == (76_500, 76_500)


@pytest.mark.parametrize(("day", "matched"), [(-1, False), (0, True), (3, True), (4, False)])
def test_the_window_of_days_has_a_direction(day, matched):
    assert bool(groups([line(500, day=day)], [batch(500)], BY_AMOUNT)) is matched


@pytest.mark.parametrize(("credited", "matched"), [(490, True), (489, False), (501, False)])
def test_the_tolerance_has_a_direction(credited, matched):
    less = rule("amount", of="batch", less=10)

    assert bool(groups([line(credited)], [batch(500)], less)) is matched


def test_a_rule_with_words_asks_for_the_names_of_the_batch():
    named = rule("amount", of="batch", words=NAMED)
    lines = [line(500, "MIDTRANS PAYOUT"), line(500, "XENDIT PAYOUT")]

    group = only(groups(lines, [batch(500)], named))

    assert group.lines == (lines[0],)


def test_two_equal_credits_for_one_batch_are_ambiguous_with_both_as_candidates():
    lines = [line(500), line(500)]

    group = only(groups(lines, [batch(500)], BY_AMOUNT))

    assert (group.outcome, set(group.lines)) == (Outcome.AMBIGUOUS, set(lines))


def test_what_is_ambiguous_is_not_given_to_a_bolder_rule():
    lines, batches = [line(500), line(500)], [batch(500), batch(200), batch(300, account="dua")]
    bolder = rule("combined", 20, of="batch")

    found = groups(lines, [batches[0], *batches[1:]], BY_AMOUNT, bolder)

    assert [g.outcome for g in found] == [Outcome.AMBIGUOUS]


def test_a_surer_rule_comes_first_and_takes_what_would_be_ambiguous_else():
    same_day = rule("amount", 5, name="hari-sama", of="batch")
    lines, batches = [line(500), line(500, day=1)], [batch(500), batch(500, day=1)]

    found = groups(lines, batches, BY_AMOUNT, same_day)

    assert [g.outcome for g in found] == [Outcome.MATCHED, Outcome.MATCHED]
    assert all(g.by == "hari-sama v1" for g in found)


def test_a_batch_in_several_credits():
    lines = [line(300), line(200), line(70)]

    group = only(groups(lines, [batch(500)], BY_AMOUNT, rule("split", 20, of="batch")))

    assert set(group.lines) == {lines[0], lines[1]}


def test_batches_of_several_accounts_in_one_credit():
    batches = [batch(300), batch(200, account="dua"), batch(70, account="tiga")]

    group = only(groups([line(500)], batches, BY_AMOUNT, rule("combined", 20, of="batch")))

    assert set(group.things) == set(batches[:2])


def test_a_credit_that_several_sums_explain_is_ambiguous():
    batches = [batch(n, account=f"akun{n}") for n in (100, 200, 300, 400)]

    group = only(groups([line(500)], batches, rule("combined", of="batch")))

    assert (group.outcome, len(group.things)) == (Outcome.AMBIGUOUS, 4)


def test_too_many_candidates_are_not_tried():
    batches = [batch(100 + n, account=f"akun{n}") for n in range(13)]

    assert groups([line(203)], batches, rule("combined", of="batch")) == []


def test_all_of_a_day_against_all_credits_of_it():
    lines = [line(650), line(50)]
    batches = [batch(300), batch(400, account="dua")]

    group = only(groups(lines, batches, BY_AMOUNT, rule("total", 20, of="batch")))

    assert (len(group.lines), len(group.things), group.credited) == (2, 2, 700)


def test_a_credit_for_several_slips_that_it_names():
    slips = [sts(300, "0001/STS/DISHUB/XI/2026"), sts(200, "0002/STS/DISHUB/XI/2026")]
    text = "STS 0001/STS/DISHUB/XI/2026 DAN 0002/STS/DISHUB/XI/2026"

    assert set(only(groups([line(500, text)], slips, BY_NUMBER)).things) == set(slips)


@pytest.mark.fault("F73")
def test_a_credit_that_was_netted_is_left_open_and_never_forced():
    """The bank kept its fee and a refund of another day out of one payout."""
    payout, one = line(74_115, "MIDTRANS PAYOUT"), batch(76_500)
    every_kind = [
        rule("reference", 1), rule("amount", 2, of="batch", words=NAMED, days_late=7),
        rule("combined", 3, of="batch", days_late=7), rule("split", 4, of="batch", days_late=7),
        rule("total", 5, of="batch", days_late=7),
    ]  # fmt: skip

    group = only(groups([payout], [one], *every_kind))

    assert group.outcome is Outcome.DIFFERS
    assert (group.credited, group.expected) == (74_115, 76_500)


@pytest.mark.fault("F73")
def test_a_credit_that_was_netted_and_says_nothing_is_in_no_group():
    assert groups([line(74_115, "TRF MASUK")], [batch(76_500)], BY_AMOUNT) == []


def test_two_lines_that_say_a_batch_and_are_wrong_are_not_told_apart():
    named = rule("amount", of="batch", words=NAMED)

    assert groups([line(1, "MIDTRANS"), line(2, "MIDTRANS")], [batch(500)], named) == []


def test_a_credit_of_a_slips_amount_that_came_too_late_for_the_rule_is_left_to_a_person():
    text = "SETOR STS 0123/STS/DISHUB/XI/2026"

    assert groups([line(4_375_000, text, day=200)], [sts(4_375_000)], BY_NUMBER) == []


def test_much_money_is_no_test_of_the_bank_whatever_it_says():
    tests = rule("test", words=["UJI COBA"])

    assert groups([line(900_000, "UJI COBA SETORAN")], [], tests) == []
    assert only(groups([line(10_000, "UJI COBA")], [], tests)).outcome is Outcome.KNOWN


def test_words_of_deposits_do_not_say_which_slip_they_pay():
    of_slips = rule("amount", of="sts", words=["SETORAN PARKIR"])
    slip = sts(4_375_000)

    assert groups([line(4_370_000, "SETORAN PARKIR")], [slip], of_slips) == []
    assert only(groups([line(4_375_000, "SETORAN PARKIR")], [slip], of_slips)).things == (slip,)


def test_known_charges_tests_and_deposits_without_a_slip():
    rules = [
        rule("test", 1, amounts=[1], words=["UJI COBA"]),
        rule("charge", 2, words=["BIAYA ADM"], most=10_000),
        rule("deposit", 3, words=["RETRIBUSI PARKIR"]),
    ]  # fmt: skip
    fee, test, deposit = line(-5_000, "BIAYA ADM NOV"), line(1), line(900, "RETRIBUSI PARKIR BUDI")
    others = [line(-20_000, "BIAYA ADM NOV"), line(5_000, "BIAYA ADM NOV"), line(7, "TRF")]

    found = {g.lines[0]: g.outcome for g in groups([fee, test, deposit, *others], [], *rules)}

    assert found == {fee: Outcome.KNOWN, test: Outcome.KNOWN, deposit: Outcome.DEPOSIT}


def test_a_persons_match_is_taken_as_given():
    odd, other, one = line(1), line(500), batch(500)

    found = groups(
        [odd, other], [one], BY_AMOUNT,
        given=[Given("manual:1", frozenset({odd.id}), frozenset({one.name}))],
    )  # fmt: skip

    assert only(found).by == "manual:1"
    assert only(found).lines == (odd,)


def test_a_rule_is_of_the_day_on_which_a_line_was_booked():
    old = rule("amount", of="batch", name="jumlah")
    new = rule("amount", of="batch", name="jumlah", version=2, valid_from=MONDAY, less=100)
    lines, batches = [line(450, day=-1), line(450)], [batch(500, day=-1), batch(500)]

    group = only(groups(lines, batches, old, new))

    assert (group.lines, group.by) == ((lines[1],), "jumlah v2")


def test_a_rule_that_is_off_says_nothing():
    assert groups([line(500)], [batch(500)], replace(BY_AMOUNT, is_on=False)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_rule_says_is_checked_and_said_in_words(kind):
    said = {
        "amount": {"of": "sts"}, "split": {"of": "sts"}, "combined": {"of": "sts"},
        "total": {"of": "sts"}, "charge": {"words": ["BIAYA"], "most": 5_000},
        "deposit": {"words": ["PARKIR"]}, "test": {"amounts": [1]},
    }  # fmt: skip
    assert terms_of(kind, said.get(kind, {})).in_words().endswith(".")
    with pytest.raises(ValueError, match="lain"):
        terms_of(kind, said.get(kind, {}) | {"lain": 1})


@pytest.mark.parametrize(
    "told", [{}, {"amounts": [-5]}, {"amounts": [0]}, {"amounts": [10**23]}, {"words": ["a"]}]
)
def test_a_test_rule_that_could_mean_nothing_is_refused(told):
    with pytest.raises(ValueError, match="words|amounts"):
        terms_of("test", told)


AMOUNTS = st.sampled_from([100, 200, 300, 400, 500])
DAYS = st.integers(-1, 3)


@given(
    st.lists(st.tuples(AMOUNTS, DAYS, st.sampled_from(["MIDTRANS", "SETORAN"])), max_size=8),
    st.lists(st.tuples(AMOUNTS, DAYS, st.sampled_from(["jambi", "dua"])), max_size=6, unique=True),
    st.randoms(use_true_random=False),
)
def test_the_answer_depends_on_no_order_and_no_id(credits, batches, random: Random):
    lines = [
        Line(n, f"k{n}", "rkud", MONDAY + timedelta(days=d), a, t)
        for n, (a, d, t) in enumerate(credits)
    ]
    things = list({t.name: t for t in (batch(a, d, account) for a, d, account in batches)}.values())
    rules = in_order([
        rule("amount", 1, name="a", of="batch", words=NAMED),
        rule("amount", 2, name="b", of="batch", days_late=2),
        rule("combined", 3, of="batch", days_late=2), rule("split", 4, of="batch", days_late=2),
        rule("total", 5, of="batch", less=50, days_late=2),
    ])  # fmt: skip
    ids = random.sample(range(1_000), len(lines))
    other = [replace(each, id=n) for each, n in zip(lines, ids, strict=True)]
    mixed_things = random.sample(things, len(things))

    here = match_bank(lines, things, [], rules)
    there = match_bank(random.sample(other, len(other)), mixed_things, [], rules)

    def told(found):
        return [(g.outcome, [x.key for x in g.lines], [t.ref for t in g.things], g.by)
                for g in found]  # fmt: skip

    assert told(here) == told(there)
    used = [x.id for g in here for x in g.lines]
    assert len(used) == len(set(used))
    matched = [g for g in here if g.outcome is Outcome.MATCHED]
    assert all(-50 <= g.credited - g.expected <= 0 for g in matched)
