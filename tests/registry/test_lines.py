"""How dated facts stand, and the timeline of what held, holds and will hold."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from parking.business_day import day_starts
from parking.money import Rupiah
from parking.registry.facts import Tariff, Vehicle, tariff_for
from parking.registry.lines import LetterLine, PriceLine, Standing, numbers, timeline

from tests.conftest import NOON
from tests.registry.facts import TODAY, TOMORROW

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def price(amount: int, valid_from: date, entered_at: datetime = BEGUN) -> PriceLine:
    return PriceLine("car", "", amount, valid_from, "Perda 2/2024", entered_at, "user:ratna")


def letter(**changed) -> LetterLine:
    usual = {
        "id": 1, "letter": "SPT/001/2026", "attendant_id": 1, "badge": "JBI-0001",
        "attendant": "Budi Contoh", "point_id": 1, "code": "PSR-01", "point": "Simpang Bata",
        "valid_from": date(2026, 1, 1), "valid_to": None, "ended_at": None, "ended_reason": None,
    }  # fmt: skip
    return LetterLine(**usual | changed)


def test_what_held_holds_and_will_hold_is_told_apart():
    steps = timeline(
        [price(1_000, date(2020, 1, 1)), price(2_000, date(2026, 1, 1)), price(3_000, TOMORROW)],
        TODAY,
    )

    assert [(s.term.amount, s.standing) for s in steps] == [
        (3_000, Standing.NEXT), (2_000, Standing.NOW), (1_000, Standing.OVER),
    ]  # fmt: skip
    assert [s.last_day for s in steps] == [None, TODAY, date(2025, 12, 31)]


def test_a_correction_for_the_same_day_replaces_the_first_entry():
    steps = timeline([price(20_000, TOMORROW), price(2_000, TOMORROW)], TODAY)

    assert [(s.term.amount, s.standing) for s in steps] == [
        (2_000, Standing.NEXT), (20_000, Standing.REPLACED),
    ]  # fmt: skip


def test_what_was_entered_when_it_had_begun_is_called_back_dated_but_for_the_citys_first():
    late = price(3_000, TODAY, NOON)

    steps = timeline([price(2_000, date(2025, 1, 1)), late], TODAY, BEGUN)

    assert [s.is_back_dated for s in steps] == [True, False]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9_000)), min_size=1, max_size=8),
    st.integers(0, 40),
)
def test_the_timeline_shows_as_holding_exactly_the_price_that_is_charged(entered, day):
    moment = day_starts(TODAY) + timedelta(days=day)
    lines = [
        price(amount, TODAY + timedelta(days=first), NOON + timedelta(minutes=number))
        for number, (first, amount) in enumerate(entered)
    ]
    tariffs = [
        Tariff(n, Vehicle.CAR, "", Rupiah(p.amount), p.valid_from, p.decree, p.entered_at)
        for n, p in enumerate(lines)
    ]

    shown = [
        s.term.amount
        for s in timeline(lines, TODAY + timedelta(days=day))
        if s.standing is Standing.NOW
    ]

    charged = tariff_for(tariffs, Vehicle.CAR, "", moment)
    assert shown == ([charged.amount] if charged else [])


def test_a_letter_stands_as_its_days_and_its_end_say():
    assert letter().standing(NOON) is Standing.NOW
    assert letter(valid_to=TODAY).standing(NOON) is Standing.SOON_OVER
    assert letter(valid_to=TODAY + timedelta(days=31)).standing(NOON) is Standing.NOW
    assert letter(valid_to=TODAY - timedelta(days=1)).standing(NOON) is Standing.OVER
    assert letter(valid_from=TOMORROW).standing(NOON) is Standing.NEXT
    assert letter(ended_at=NOON).standing(NOON) is Standing.REVOKED
    assert letter(ended_at=day_starts(TOMORROW)).standing(NOON) is Standing.SOON_OVER


def test_an_empty_city_counts_to_nothing():
    counted = numbers([], [], [], NOON)

    assert (counted.attendants, counted.points, counted.letters_soon_over) == (0, 0, 0)
