"""A statement goes on from those that are in: overlap adds nothing, twins count twice (F72)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.business_day import is_working_day
from parking.statements.joining import Chain, Held, join
from parking.statements.statement import Line, Statement, account_key, joined, keyed, problems_of

from tests.statements.bank_files import FRIDAY, MONDAY, NUMBER, TUESDAY, WEDNESDAY

DAYS = (MONDAY, TUESDAY, WEDNESDAY)


def line(amount, text="SETORAN", day=MONDAY, reference="", number=1):
    return Line(number, day, day, amount, text, reference)


def statement(*lines, opening=0, first=MONDAY, last=None):
    """`opening` None: no balances at all."""
    total = sum(each.amount for each in lines)
    closing = None if opening is None else opening + total
    days = [each.booked_on for each in lines]
    return Statement(NUMBER, first, last or max([first, *days]), opening, closing, lines)


def chain_of(*lines, opening=0, first=MONDAY, last=None):
    one = statement(*lines, opening=opening, first=first, last=last)
    held = [Held(3, each) for each in one.lines]
    return Chain(first, one.to_day, 3, one.opening, one.closing, held)


def tail(chain, day):
    return replace(chain, lines=[h for h in chain.lines if h.line.booked_on >= day])


def added(chain, new):
    found = join(tail(chain, new.from_day), new, is_working_day)
    assert not found.problems, list(map(str, found.problems))
    return [each.amount for each in found.added]


def refused(chain, new):
    found = join(tail(chain, new.from_day), new, is_working_day)
    assert not found.added
    assert found.problems
    return " | ".join(map(str, found.problems))


A, B, C = line(100, "A"), line(200, "B"), line(300, "C")


def test_the_first_statement_adds_all_of_its_lines_and_twins_are_two():
    assert added_to_nothing(A, A, B) == [100, 100, 200]


def added_to_nothing(*lines):
    return [each.amount for each in join(None, statement(*lines), is_working_day).added]


def test_the_next_day_is_added():
    assert added(chain_of(A), statement(line(5, day=TUESDAY), opening=100, first=TUESDAY)) == [5]


def test_over_a_weekend_the_balance_goes_on():
    friday = chain_of(line(7, day=FRIDAY), first=FRIDAY)

    assert added(friday, statement(A, opening=7)) == [100]


@pytest.mark.fault("F72")
def test_a_gap_is_refused_with_both_balances_and_what_to_do():
    why = refused(chain_of(A), statement(line(5, day=WEDNESDAY), opening=150, first=WEDNESDAY))

    assert "saldo awal Rp150 pada 2026-11-25" in why
    assert "rekening koran 3 berakhir 2026-11-23 dengan Rp100 (selisih Rp50)" in why
    assert "unggah itu dulu" in why


@pytest.mark.fault("F72")
def test_without_balances_a_working_day_in_between_is_a_gap():
    chain = chain_of(A, opening=None)

    wednesday = statement(line(5, day=WEDNESDAY), opening=None, first=WEDNESDAY)
    assert "hari kerja di antara 2026-11-23 dan 2026-11-25" in refused(chain, wednesday)
    assert added(chain, statement(line(5, day=TUESDAY), opening=None, first=TUESDAY)) == [5]
    friday = chain_of(line(7, day=FRIDAY), opening=None, first=FRIDAY)
    assert added(friday, statement(A, opening=None)) == [100]


@pytest.mark.fault("F59")
@pytest.mark.parametrize("opening", [0, None])
def test_the_same_lines_again_add_nothing_also_in_another_order(opening):
    chain = chain_of(A, A, B, opening=opening)

    assert added(chain, statement(A, A, B, opening=opening)) == []
    assert added(chain, statement(B, A, A, opening=opening)) == []


@pytest.mark.fault("F59")
@pytest.mark.parametrize("opening", [0, None])
def test_a_day_that_grew_adds_what_is_new_and_a_third_twin_too(opening):
    assert added(chain_of(A, A, opening=opening), statement(A, A, A, B, opening=opening)) == [
        100, 200,
    ]  # fmt: skip


@pytest.mark.fault("F59")
def test_an_earlier_export_that_comes_late_takes_nothing_back():
    chain = chain_of(A, B, line(9, day=TUESDAY))

    assert added(chain, statement(A)) == []
    assert added(chain, statement(A, B)) == []


@pytest.mark.fault("F59")
def test_the_balance_tells_at_which_line_of_a_day_a_file_begins():
    chain = chain_of(A, A)

    assert added(chain, statement(A, opening=100)) == []
    assert added(chain, statement(A, opening=200)) == [100]
    assert added(chain, statement(A, B, opening=100)) == [200]


def test_without_balances_a_file_that_begins_in_the_middle_of_equal_lines_is_not_guessed():
    why = refused(chain_of(A, B, opening=None), statement(B, C, opening=None))

    assert "tidak jelas apakah 2026-11-23 Rp200 'B'" in why
    assert "ekspor hari itu seutuhnya" in why
    assert "tidak jelas" in refused(chain_of(A, B, opening=None), statement(B, opening=None))


def test_without_balances_the_banks_reference_tells_which_line_it_is():
    known, other = replace(B, reference="R2"), replace(B, reference="R3")
    chain = chain_of(A, known, opening=None)

    assert added(chain, statement(known, C, opening=None)) == [300]
    assert added(chain, statement(other, C, opening=None)) == [200, 300]


def test_an_account_that_is_emptied_every_day_is_read_by_what_the_file_says_of_its_beginning():
    """The balance is 0 before the day and after it, so it does not tell where a file begins."""
    swept = line(-100, "PEMINDAHBUKUAN")
    chain, again = chain_of(A, swept), statement(A, swept)

    assert "tidak jelas" in refused(chain, again)
    assert added(chain, replace(again, begins_day=True)) == []
    assert added(chain, replace(statement(A, swept, A), begins_day=True)) == [100]


@pytest.mark.fault("F60")
@pytest.mark.parametrize("opening", [0, None])
def test_a_changed_line_in_the_overlap_is_refused_naming_both(opening):
    chain = chain_of(replace(A, number=12), line(9, day=TUESDAY), opening=opening)
    changed = statement(replace(A, amount=150, number=4), line(9, day=TUESDAY), opening=opening)

    why = refused(chain, changed)

    assert "baris 4: 2026-11-23 Rp150 'A' lain dari 2026-11-23 Rp100 'A' (baris 12" in why
    assert "rekening koran 3" in why


@pytest.mark.fault("F60")
def test_a_line_that_vanished_or_appeared_on_a_whole_day_is_named():
    chain = chain_of(A, B, line(9, day=TUESDAY))

    gone = statement(B, line(9, day=TUESDAY), opening=100)
    assert "'A'" in refused(chain, replace(gone, opening=0, closing=209))
    more = statement(A, B, C, line(9, day=TUESDAY))
    assert "'C' tidak ada di rekening koran yang sudah diterima" in refused(chain, more)


@pytest.mark.fault("F72")
def test_a_balance_that_the_bank_changed_is_refused_with_both_figures():
    why = refused(chain_of(A, opening=1_000), statement(A, B, opening=900))

    assert "saldo awal Rp900" in why
    assert "Rp1.000 (selisih -Rp100)" in why


def one_cause(chain, new):
    found = join(tail(chain, new.from_day), new, is_working_day)
    (why,) = map(str, found.problems)
    return why


@pytest.mark.fault("F72")
def test_a_beginning_that_does_not_fit_has_one_cause_the_likeliest():
    chain = chain_of(A, line(9, day=TUESDAY))
    later = statement(line(5, day=TUESDAY), line(6, day=WEDNESDAY), opening=150, first=TUESDAY)
    assert "ada baris di antaranya yang belum diterima; ekspor hari itu" in one_cause(chain, later)

    same_lines = statement(A, line(9, day=TUESDAY), opening=50)
    assert "barisnya sama: bank mengubah saldo" in one_cause(chain, same_lines)

    changed = statement(replace(A, amount=90), line(9, day=TUESDAY), opening=10)
    assert "Rp90 'A' lain dari 2026-11-23 Rp100 'A'" in one_cause(chain, changed)

    strange = statement(line(7, "X"), line(8, "Y", day=TUESDAY), opening=150)
    assert "bank mengubah hari yang sudah diterima" in one_cause(chain, strange)
    assert "tampaknya milik rekening lain" in one_cause(chain, replace(strange, number=""))


def test_an_earlier_month_is_taken_when_it_leads_up_to_what_is_in():
    chain = chain_of(A, opening=50)

    assert added(chain, statement(line(50, day=FRIDAY), first=FRIDAY)) == [50]
    assert "menurut berkas ini Rp60" in refused(
        chain, statement(line(60, day=FRIDAY), first=FRIDAY)
    )


def test_a_file_that_reaches_from_before_into_what_is_in_adds_what_is_before_and_after():
    chain = chain_of(A, opening=50)
    new = statement(line(50, day=FRIDAY), A, B, first=FRIDAY)

    assert added(chain, new) == [50, 200]


moves = st.lists(
    st.tuples(st.integers(-3, 3).filter(bool), st.sampled_from("AB"), st.integers(0, 2)),
    max_size=12,
)


@given(moves, st.data())
def test_however_a_history_is_cut_into_files_it_comes_together_again(history, data):
    """Files with balances that overlap, repeat and cut days in two add each line once, or are
    refused as unclear; never a line too many or too few.
    """
    lines = [line(a, text, DAYS[day], number=n) for n, (a, text, day) in
             enumerate(sorted(history, key=lambda move: move[2]), 1)]  # fmt: skip
    chain, reached = None, 0
    for _ in range(data.draw(st.integers(1, 5))):
        begin = data.draw(st.integers(0, reached))
        end = data.draw(st.integers(begin, len(lines)))
        part = lines[begin:end]
        if not part:
            continue
        opening = sum(each.amount for each in lines[:begin])
        days = [each.booked_on for each in part]
        new = Statement(NUMBER, days[0], days[-1], opening, opening + _total(part), part)
        found = join(chain and tail(chain, new.from_day), new, is_working_day)
        if found.problems:
            assert "tidak jelas" in str(found.problems[0])
            return
        held = [*(chain.lines if chain else ()), *(Held(1, each) for each in found.added)]
        reached = max(reached, end)
        first, last = held[0].line.booked_on, max(h.line.booked_on for h in held)
        chain = Chain(first, last, 1, 0, _total(h.line for h in held), held)
        assert sorted(h.line.says for h in held) == sorted(each.says for each in lines[:reached])


def _total(lines):
    return sum(each.amount for each in lines)


# A statement by itself


def test_keys_tell_twins_apart_and_do_not_depend_on_the_order_of_other_lines():
    keys = [key for key, _ in keyed([A, A, B], [])]
    again = [key for key, _ in keyed([B, A, A], [])]

    assert len(set(keys)) == 3
    assert sorted(keys) == sorted(again)
    assert keyed([A], [A, A])[0][0] not in keys


@pytest.mark.fault("F58")
def test_a_sum_that_does_not_reach_the_closing_balance_is_wrong():
    (wrong,) = problems_of(replace(statement(A, B), closing=350))

    assert str(wrong) == (
        "berkas: saldo awal Rp0 ditambah 2 baris menjadi Rp300, tetapi saldo akhir tertulis"
        " Rp350 (selisih Rp50): berkas terpotong atau barisnya diubah"
    )


@pytest.mark.fault("F58")
def test_a_balance_on_the_way_that_does_not_follow_is_named_once():
    lines = replace(A, balance=100), replace(B, balance=310, number=2), replace(C, balance=610)

    (wrong,) = problems_of(statement(*lines))
    assert str(wrong).startswith("baris 2: saldo sesudahnya tertulis Rp310, seharusnya Rp300")


def test_a_line_outside_its_period_and_a_period_that_never_ends_are_wrong():
    outside = statement(line(5, day=FRIDAY))
    assert "di luar periode" in str(problems_of(outside)[0])
    endless = statement(A, first=MONDAY.replace(year=2024))
    assert "lebih dari 400 hari" in str(problems_of(endless)[0])


def test_pages_are_joined_where_one_goes_on_from_the_other():
    first, second = statement(A), statement(B, opening=100)

    whole = joined([first, second])
    assert (whole.opening, whole.closing, [each.amount for each in whole.lines]) == (
        0, 300, [100, 200],
    )  # fmt: skip
    with pytest.raises(ValueError, match="ada halaman yang hilang"):
        joined([first, replace(second, opening=110)])


@pytest.mark.parametrize(
    ("told", "is_same"),
    [("300-1234-567", True), ("BNJBIDJA/3001234567IDR", True), ("3001234568", False)],
)
def test_an_account_number_is_the_same_however_it_is_written(told, is_same):
    assert (account_key(told) == account_key(NUMBER)) is is_same
