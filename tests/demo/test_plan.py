"""The demo's days are decided before they happen, and can be decided again."""

from datetime import date

import pytest
from parking.business_day import add_working_days, business_day
from parking.demo.demand import How
from parking.demo.places import person, place_of
from parking.demo.plan import days_up_to, is_relieved, plan_days, workers_of
from parking.demo.plants import PAID_SHARES, Plant, late_report_day

LAST = date(2026, 11, 23)  # a Monday


def plans(days: int = 7, attendants: int = 24):
    return plan_days(workers_of(attendants), days_up_to(LAST, days))


def test_the_same_wish_gives_the_same_days():
    assert plans() == plans()


def test_every_vehicle_comes_while_its_attendant_stands_there():
    workers = workers_of(24)

    for plan in plans():
        for sale in plan.sales:
            hour = (sale.at - plan.ticks[0]).total_seconds() / 3600 + 6
            assert workers[sale.who].starts < hour < workers[sale.who].ends
            assert business_day(sale.at) == plan.day


def test_faults_are_planted_in_payments_alone_and_every_kind_is():
    planted = {}
    for plan in plans():
        planted |= plan.sale_plants

    assert all(sale.how is How.PAID for sale in planted)
    assert set(planted.values()) == set(PAID_SHARES)


def test_a_missing_line_is_planted_only_where_it_is_overdue_by_the_last_night():
    for plan in plans():
        overdue = add_working_days(plan.day, 2) < date(2026, 11, 24)
        assert (Plant.NO_LINE in plan.sale_plants.values()) == overdue


@pytest.mark.parametrize(
    ("paid", "reported"),
    [
        (date(2026, 11, 19), date(2026, 11, 20)),  # a Thursday, paid out on Monday
        (date(2026, 11, 20), date(2026, 11, 23)),  # a Friday: Saturday's report pays as Friday's
    ],
)
def test_a_late_line_stands_in_the_first_report_that_pays_out_later(paid, reported):
    assert late_report_day(paid) == reported


def test_whoever_is_relieved_has_a_colleague_who_takes_over_at_the_same_point():
    workers = workers_of(24)
    relieved = [worker for worker in workers if is_relieved(worker.number)]

    assert relieved
    for worker in relieved:
        colleague = workers[worker.number + 1]
        assert colleague.takes_over_from == worker.number
        assert (colleague.starts, colleague.place) == (worker.ends, worker.place)


def test_people_and_places_have_names_of_their_own():
    assert len({person(number) for number in range(400)}) == 400
    assert len({place_of(number).code for number in range(400)}) == 400
