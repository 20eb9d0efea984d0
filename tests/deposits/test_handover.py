"""Cash from hand to hand: both amounts are kept, and no rupiah is lost or made on the way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parking.database.engine import owner_engine
from parking.deposits.deadlines import days_late, deposit_due
from parking.deposits.handover import MOVES, Holder, Party, Standing
from parking.errors import BadInput, Conflict, NotAllowed, NotFound
from parking.registry.store import AssignmentRow
from sqlalchemy import update


def test_what_the_treasurer_counts_leaves_the_attendant_and_has_a_receipt(cash):
    of = cash.offer(15_000, cash.shift(cars=5))

    counted = cash.count(of, 15_000, cash.treasurer())

    assert counted.standing is Standing.RECEIVED
    assert cash.book() == {"cash_with_treasurer": 15_000}
    tbp = cash.tbp(of)
    assert (tbp.number, tbp.amount, tbp.left) == ("0001/TBP/DISHUB/XI/2026", 15_000, 15_000)


def test_by_a_collector_it_goes_in_two_steps_and_only_the_last_has_a_receipt(cash):
    collector = cash.collector()
    first = cash.offer(15_000, cash.shift(cars=5), to=collector)
    cash.count(first, 15_000, collector)
    assert cash.book() == {"cash_with_collector": 15_000}
    assert cash.tbp(first) is None

    second = cash.offer(15_000, giver=collector, parts=[first.id])
    cash.count(second, 15_000, cash.treasurer())

    assert cash.book() == {"cash_with_treasurer": 15_000}
    assert cash.tbp(second).amount == 15_000


@pytest.mark.parametrize("agrees", [True, False])
def test_a_difference_keeps_both_amounts_and_stays_with_the_giver(cash, agrees):
    of = cash.offer(15_000, cash.shift(cars=5))

    counted = cash.count(of, 13_000, cash.treasurer())
    answered = cash.answer(of, agrees=agrees)

    assert counted.standing is Standing.DIFFERS
    assert answered.standing is (Standing.ACKNOWLEDGED if agrees else Standing.DISPUTED)
    assert (answered.given, answered.received, answered.difference) == (15_000, 13_000, -2_000)
    assert cash.book() == {"cash_with_attendant": 2_000, "cash_with_treasurer": 13_000}
    assert cash.owed() == 2_000


def test_what_was_short_is_settled_by_a_handover_of_nothing_else(cash):
    cash.count(cash.offer(15_000, cash.shift(cars=5)), 13_000, cash.treasurer())

    settled = cash.offer(2_000)
    cash.count(settled, 2_000, cash.treasurer())

    assert cash.book() == {"cash_with_treasurer": 15_000}
    with pytest.raises(Conflict, match="Tidak ada tunai"):
        cash.offer(2_000)


def test_what_is_counted_beyond_the_book_is_real_and_nobodys_yet(cash):
    of = cash.offer(15_000, cash.shift(cars=5))

    cash.count(of, 16_000, cash.treasurer())

    assert cash.book() == {"cash_with_treasurer": 16_000, "suspense": -1_000}


def test_cash_of_an_open_shift_is_not_given_with_an_earlier_one(cash, parts, city):
    first = cash.shift(cars=5)
    with parts.sessions.begin() as session:
        from parking.shifts.open import open_shift

        open_shift(session, city.budi, city.budis_phone, city.market, cash.now)
        cash.cars(session, 2)

    cash.count(cash.offer(15_000, first), 18_000, cash.treasurer())

    assert cash.book() == {
        "cash_with_attendant": 6_000, "cash_with_treasurer": 18_000, "suspense": -3_000,
    }  # fmt: skip


def test_an_attendant_may_say_another_amount_than_the_book_and_it_is_kept(cash):
    of = cash.offer(10_000, cash.shift(cars=5))

    cash.count(of, 10_000, cash.treasurer())

    assert cash.look(of).given == 10_000
    assert cash.owed() == 5_000


def test_an_offer_sent_twice_is_one_and_its_key_serves_for_nothing_else(cash):
    shift = cash.shift()
    first = cash.offer(15_000, shift, key="k" * 16)

    assert cash.offer(15_000, shift, key="k" * 16).id == first.id
    with pytest.raises(BadInput):
        cash.offer(14_000, shift, key="k" * 16)


def test_a_shift_is_handed_on_once_and_again_only_after_it_was_withdrawn(cash):
    shift = cash.shift()
    of = cash.offer(15_000, shift)
    with pytest.raises(Conflict):
        cash.offer(15_000, shift)

    cash.withdraw(of)

    assert cash.offer(15_000, shift).id != of.id


def test_counted_twice_alike_it_is_counted_once_and_never_otherwise(cash):
    of = cash.offer(15_000, cash.shift())
    treasurer = cash.treasurer()
    cash.count(of, 15_000, treasurer)

    assert cash.count(of, 15_000, treasurer).received == 15_000
    assert cash.book() == {"cash_with_treasurer": 15_000}
    with pytest.raises(Conflict, match="sudah dihitung"):
        cash.count(of, 14_000, treasurer)
    with pytest.raises(Conflict):
        cash.withdraw(of)


def test_two_treasurers_count_side_by_side_and_it_is_booked_once(cash):
    of = cash.offer(15_000, cash.shift())
    people = [cash.treasurer(f"bendahara{n}") for n in range(4)]

    def tried(person):
        try:
            return cash.count(of, 15_000, person).received
        except Conflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(tried, people))

    assert sorted(outcomes, key=str) == [15_000, None, None, None]
    assert cash.book() == {"cash_with_treasurer": 15_000}


def test_one_shift_offered_side_by_side_is_offered_once(cash):
    shift = cash.shift()

    def tried(number):
        try:
            return cash.offer(15_000, shift, key=f"side-by-side-{number}").id
        except Conflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(tried, range(4)))

    assert sum(each is not None for each in outcomes) == 1


@pytest.mark.fault("F78")
def test_a_collector_counts_what_was_offered_to_him_and_nothing_else(cash):
    mine, other = cash.collector("satu"), cash.collector("dua")
    of = cash.offer(15_000, cash.shift(), to=mine)

    for stranger in (other, cash.treasurer()):
        with pytest.raises(NotFound):
            cash.count(of, 15_000, stranger)
    assert cash.book() == {"cash_with_attendant": 15_000}


@pytest.mark.fault("F101")
def test_nobody_receives_what_they_gave(cash):
    collector = cash.collector()
    first = cash.offer(15_000, cash.shift(), to=collector)
    cash.count(first, 15_000, collector)
    second = cash.offer(15_000, giver=collector, parts=[first.id])

    with pytest.raises(NotAllowed):
        cash.count(second, 15_000, Holder(Party.TREASURER, collector.id))


def test_the_letter_that_held_is_kept_and_its_lack_too(cash, parts, city):
    assert cash.offer(15_000, cash.shift()).assignment_id is not None

    shift = cash.shift()
    owner = owner_engine(parts.settings.owner_url)
    with owner.begin() as connection:
        connection.execute(
            update(AssignmentRow)
            .where(AssignmentRow.attendant_id == city.budi)
            .values(valid_to=date(2026, 11, 22))
        )
    owner.dispose()

    assert cash.offer(15_000, shift).assignment_id is None


def test_every_standing_can_be_reached_and_the_last_ones_are_left_by_nothing():
    reached = {after for afters in MOVES.values() for after in afters}

    assert reached | {Standing.OFFERED} == set(Standing)
    assert not MOVES[Standing.RECEIVED]


def test_lateness_is_counted_in_working_days_around_weekend_and_leave():
    friday = date(2026, 11, 20)
    leave = {date(2026, 11, 23)}

    assert deposit_due(friday, leave) == date(2026, 11, 24)
    assert days_late(date(2026, 11, 24), date(2026, 11, 26), leave) == 2
    assert days_late(friday, date(2026, 11, 23), leave) == 0


hops = st.lists(
    st.tuples(
        st.integers(1, 4),  # cars of the shift
        st.integers(-2, 3),  # what the giver says beyond the book, in thousands
        st.integers(-3, 3),  # what is counted beyond what he says
        st.booleans(),  # by a collector
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(hops)
def test_whatever_is_said_and_counted_no_rupiah_is_lost_or_made(cash, taken):
    """What all holders and suspense have together is what was taken, hop after hop."""
    before = sum(cash.book().values())
    took = 0
    for cars, says, counts, by_collector in taken:
        collector = cash.collector()
        said = max(0, 3_000 * cars + 1_000 * says)
        took += 3_000 * cars
        of = cash.offer(said, cash.shift(cars), to=collector if by_collector else None)
        counted = max(0, said + 1_000 * counts)
        cash.count(of, counted, collector if by_collector else cash.treasurer())
        if by_collector and counted:
            cash.count(
                cash.offer(counted, giver=collector, parts=[of.id]), counted, cash.treasurer()
            )
        book = cash.book()
        assert sum(book.values()) == before + took
        assert all(amount >= 0 for account, amount in book.items() if account != "suspense")
