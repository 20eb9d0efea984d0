"""What a new fact must be like, and that all that is wrong is named at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.business_day import day_starts
from parking.errors import BadInput
from parking.money import Rupiah
from parking.registry import rules
from parking.registry.facts import Assignment, Attendant, Point, Tariff, Vehicle

from tests.registry.facts import (
    TODAY,
    TOMORROW,
    new_account,
    new_attendant,
    new_fee,
    new_letter,
    new_point,
    new_split,
    new_tariff,
)

BUDI = Attendant(1, "JBI-0001", "Budi Contoh", date(2026, 1, 1), None)
MARKET = Point(
    7, "PSR-01", "Simpang Bata", "Jl. Sultan Thaha", "Pasar", "market", True, date(2026, 1, 1), None
)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def held(first: date, last: date | None, ended_at: datetime | None = None) -> Assignment:
    return Assignment(3, "SPT/001/2026", 1, 7, first, last, ended_at, None)


def test_ordinary_facts_are_right():
    assert rules.attendant_problems(new_attendant(), TODAY) == {}
    assert rules.point_problems(new_point(), TODAY) == {}
    assert rules.letter_problems(new_letter(1, 7), BUDI, MARKET, [], TODAY) == {}
    assert rules.tariff_problems(new_tariff(), [], ["Pasar"], TODAY) == {}
    assert rules.split_problems(new_split(), [], TODAY) == {}
    assert rules.account_problems(new_account(), ["midtrans"], TODAY) == {}
    assert rules.fee_problems(new_fee(), [], TODAY) == {}


def test_every_wrong_field_is_named_at_once():
    wrong = new_point(code="x", name=" ", road="a" * 81, zone="", area_type="sea")

    assert set(rules.point_problems(wrong, TODAY)) == {"code", "name", "road", "zone", "area_type"}
    with pytest.raises(BadInput) as refused:
        rules.refuse("Titik", rules.point_problems(wrong, TODAY))
    assert refused.value.problems["road"] == "Paling panjang 80 huruf, ini 81"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gateway", "unknown"),
        ("account", "Jambi Kota"),
        ("nmid", "ID10200000000"),
        ("pan", "123"),
        ("name", "NAMA YANG TERLALU PANJANG UNTUK QRIS"),
        ("city", "KOTA JAMBI SEBERANG"),
        ("environment", "test"),
        ("key_name", "SB-Mid-server-abc"),
        ("fee_bps", 1_001),
    ],
)
def test_an_account_that_no_qris_could_carry_is_refused(field, value):
    found = rules.account_problems(new_account(**{field: value}), ["midtrans"], TODAY)

    assert set(found) == {field}


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=30)])
def test_a_price_holds_from_tomorrow_unless_it_is_said_to_be_back_dated(day):
    early = new_tariff(valid_from=day)

    assert "valid_from" in rules.tariff_problems(early, [], [], TODAY)
    assert rules.tariff_problems(replace(early, is_back_dated=True), [], [], TODAY) == {}


def test_a_back_dated_price_still_needs_its_decree():
    told = new_tariff(valid_from=TODAY, decree="  ", is_back_dated=True)

    assert set(rules.tariff_problems(told, [], [], TODAY)) == {"decree"}


def test_a_price_for_a_zone_that_is_nowhere_is_refused():
    assert "zone" in rules.tariff_problems(new_tariff(zone="Pasr"), [], ["Pasar"], TODAY)


@pytest.mark.parametrize("amount", [0, -1, 10_000_001])
def test_a_price_that_qris_could_not_carry_is_refused(amount):
    assert "amount" in rules.tariff_problems(new_tariff(amount=amount), [], [], TODAY)


def test_the_same_price_twice_is_refused_and_another_for_that_day_is_a_correction():
    entered = datetime(2026, 11, 20, tzinfo=UTC)
    known = [Tariff(1, Vehicle.MOTORCYCLE, "", Rupiah(3_000), TOMORROW, "x", entered)]

    assert "valid_from" in rules.tariff_problems(new_tariff(), known, [], TODAY)
    assert rules.tariff_problems(new_tariff(amount=2_500), known, [], TODAY) == {}


def test_a_letter_for_nobody_and_nowhere_names_both():
    found = rules.letter_problems(new_letter(0, 0), None, None, [], TODAY)

    assert set(found) == {"attendant_id", "point_id"}


@pytest.mark.parametrize("last", [None, TOMORROW])
def test_a_letter_may_not_outlast_the_attendant_or_the_point(last):
    gone = replace(BUDI, ended_on=TODAY)
    closed = replace(MARKET, ended_on=TODAY)

    letter = new_letter(1, 7, valid_to=last)

    assert set(rules.letter_problems(letter, gone, closed, [], TODAY)) == {
        "attendant_id",
        "point_id",
    }
    assert rules.letter_problems(replace(letter, valid_to=TODAY), gone, closed, [], TODAY) == {}


@given(DAYS, st.none() | DAYS, DAYS, st.none() | DAYS, st.none() | DAYS)
def test_two_letters_for_one_point_never_share_a_whole_day(first, last, new_first, new_last, ended):
    """Told by looking at each day; a day on which the old one was taken back is free again."""
    if (last and last < first) or (new_last and new_last < new_first):
        return
    old = held(first, last, day_starts(ended) + timedelta(hours=9) if ended else None)
    new = new_letter(1, 7, valid_from=new_first, valid_to=new_last)
    horizon = [date(2026, 1, 1) + timedelta(days=n) for n in range(730)]

    def old_has(day: date) -> bool:
        return first <= day and (not last or day <= last) and (not ended or day < ended)

    shared = any(old_has(d) and new_first <= d and (not new_last or d <= new_last) for d in horizon)

    assert ("point_id" in rules.letter_problems(new, BUDI, MARKET, [old], TODAY)) == shared


def test_the_same_attendant_may_have_letters_for_two_points():
    elsewhere = replace(held(TODAY, None), point_id=8)

    assert rules.letter_problems(new_letter(1, 7), BUDI, MARKET, [elsewhere], TODAY) == {}


def test_an_end_lies_ahead_and_has_a_reason():
    yesterday = TODAY - timedelta(days=1)

    assert set(rules.last_day_problems(yesterday, BUDI.joined_on, TODAY, "ok")) == {
        "last_day",
        "reason",
    }
    assert rules.last_day_problems(TODAY, BUDI.joined_on, TODAY, "Pindah ke kota lain") == {}


@pytest.mark.parametrize("text", ["", "   ", "baris\nbaru", "a" * 81])
def test_a_name_is_one_readable_line(text):
    assert set(rules.attendant_problems(new_attendant(name=text), TODAY)) == {"name"}


@pytest.mark.parametrize("day", [date(206, 1, 1), date(2206, 1, 1)])
def test_a_year_typed_wrongly_is_noticed(day):
    assert set(rules.attendant_problems(new_attendant(joined_on=day), TODAY)) == {"joined_on"}
