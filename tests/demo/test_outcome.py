"""What was planted against what was named."""

from collections import Counter

from parking.demo.outcome import Named, Planted, compare
from parking.demo.plants import Plant

LOST = Planted(Plant.LOST_CALLBACK, frozenset({"PKR1"}))
TWICE = Planted(Plant.PAID_TWICE, frozenset({"PKR2", "PKR3"}))
FILE = Planted(Plant.SAME_FILE, frozenset({"a.csv"}))


def test_what_is_named_by_its_charge_its_subject_or_its_file_is_found():
    named = [
        Named("D01", "PKR1", "payment:midtrans/jambi/x"),
        Named("D10", "PKR3", "payment:midtrans/jambi/y"),
        Named("D31", "", "import:7", "a.csv"),
    ]

    out = compare([LOST, TWICE, FILE], named)

    assert out.is_exact
    assert out.found == Counter(D01=1, D10=1, D31=1)


def test_the_right_charge_under_another_code_is_missed_and_invented():
    out = compare([LOST], [Named("D07", "PKR1", "payment:midtrans/jambi/x")])

    assert (out.missed, out.invented) == (Counter(D01=1), Counter(D07=1))
    assert out.details == ["missed D01 lost_callback PKR1", "invented D07 PKR1"]


def test_a_charge_that_nobody_touched_is_invented():
    out = compare([LOST], [Named("D01", "PKR1", "a"), Named("D01", "PKR9", "b")])

    assert out.invented == Counter(D01=1)
    assert not out.is_exact
