"""The gateway is asked on the published schedule, also after a machine was down."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from parking.charges.schedule import next_inquiry

MADE = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def asked(until_min, validity_min):
    """The minutes after its making at which a charge is asked about."""
    found, now, end = [], MADE, MADE + until_min * MINUTE
    while (now := next_inquiry(MADE, MADE + validity_min * MINUTE, now)) <= end:
        found.append((now - MADE) / MINUTE)
    return found


def test_it_is_asked_after_minutes_then_hours_then_days():
    hours = [h * 60 for h in range(1, 25)]

    assert asked(4 * 1440, validity_min=5) == [1, 3, 5, 10, 30, *hours, 2880, 4320, 5760]


def test_a_long_validity_is_asked_at_its_own_expiry():
    assert asked(60, validity_min=15) == [1, 3, 10, 15, 20, 30, 60]


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_the_next_inquiry_is_always_ahead_and_never_more_than_a_day_away(age):
    now = MADE + age

    assert now < next_inquiry(MADE, MADE + 5 * MINUTE, now) <= now + timedelta(days=1)
