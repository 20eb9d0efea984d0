"""The desks and the bank of a whole city: planned before, and read as any bank's statement is."""

from datetime import date, timedelta

from parking.business_day import is_working_day
from parking.demo.bank import NUMBER, OPENING, BankAccount
from parking.demo.office_plants import INSTEAD, ON_DAY, ON_WORKING_DAY, office_plants, posted_on
from parking.demo.plan import days_up_to
from parking.demo.plants import Plant
from parking.statements.read_statement import read_statement

DAYS = days_up_to(date(2026, 1, 7), 14)


def test_statements_go_on_from_each_other_and_are_read_as_a_banks():
    account, monday, tuesday = BankAccount(DAYS[0]), DAYS[0], DAYS[0] + timedelta(days=5)
    account.move(monday, 150_000, "SETORAN TUNAI STS 0001/STS/DISHUB/XII/2025")
    account.move(tuesday, 2_500, "PINDAHAN")

    first = read_statement(account.statement(monday), "mt940", None, "a.sta", NUMBER)
    second = read_statement(account.statement(tuesday), "mt940", None, "b.sta", NUMBER)

    assert not [*first.problems, *second.problems]
    one, two = first.statement, second.statement
    assert one is not None
    assert two is not None
    assert (one.opening, one.closing) == (OPENING, OPENING + 150_000)
    assert (two.opening, two.closing) == (OPENING + 150_000, OPENING + 152_500)
    assert (one.to_day, two.from_day) == (monday, monday + timedelta(days=1))
    (line,) = one.lines
    assert (line.amount, line.text) == (150_000, "SETORAN TUNAI STS 0001/STS/DISHUB/XII/2025")


def test_every_fault_of_desks_and_bank_has_its_day_in_two_weeks():
    planted = office_plants(DAYS)

    assert set().union(*planted.values()) == {*ON_WORKING_DAY, *ON_DAY, *INSTEAD}
    for day, plants in planted.items():
        assert is_working_day(day) or not plants & ON_WORKING_DAY.keys()


def test_in_too_few_days_nothing_is_planted_that_could_not_show():
    assert not set().union(*office_plants(DAYS[:5]).values())


def test_what_is_late_comes_two_working_days_later():
    (day,) = [day for day, plants in office_plants(DAYS).items() if Plant.BATCH_LATE in plants]
    between = [d for d in DAYS if day < d <= posted_on(day, DAYS) and is_working_day(d)]

    assert len(between) == 2
