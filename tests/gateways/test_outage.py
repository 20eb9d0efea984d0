"""Times in which an account was out, told once or several times."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.gateways.outage import Window, covering, length, merged

EIGHT = datetime(2026, 2, 22, 1, tzinfo=UTC)


def window(begins, ends):
    """From and to, in minutes after eight."""
    return Window(at(begins), None if ends is None else at(ends))


def at(minutes):
    return EIGHT + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("told", "once"),
    [
        ([], []),
        ([(0, 10), (20, 30)], [(0, 10), (20, 30)]),
        ([(20, 30), (0, 10)], [(0, 10), (20, 30)]),
        ([(0, 10), (5, 30)], [(0, 30)]),
        ([(0, 10), (10, 30)], [(0, 30)]),
        ([(0, 60), (10, 20)], [(0, 60)]),
        ([(0, 10), (5, None)], [(0, None)]),
        ([(0, None), (5, 10), (90, 95)], [(0, None)]),
    ],
)
def test_what_overlaps_or_touches_is_one(told, once):
    assert merged(window(*each) for each in told) == [window(*each) for each in once]


def test_what_lasts_counts_until_now():
    assert length([window(0, None)], at(-60), at(90)) == timedelta(minutes=90)
    assert covering([window(0, None)], at(10_000)) is not None


def test_the_end_is_no_part_of_it():
    assert covering([window(0, 10)], at(10)) is None
    assert covering([window(0, 10)], at(0)) == window(0, 10)


windows = st.lists(
    st.tuples(st.integers(0, 200), st.one_of(st.none(), st.integers(0, 60))).map(
        lambda pair: window(pair[0], None if pair[1] is None else pair[0] + pair[1])
    ),
    max_size=12,
)


@given(windows, st.integers(-10, 300))
def test_merging_changes_no_moment(told, minute):
    once = merged(told)

    assert any(w.covers(at(minute)) for w in told) == any(w.covers(at(minute)) for w in once)
    assert merged(once) == once
    assert all(a.ended_at < b.began_at for a, b in zip(once, once[1:], strict=False))


@given(windows)
def test_the_length_is_the_number_of_minutes_that_any_of_them_covers(told):
    covered = sum(any(w.covers(at(minute)) for w in told) for minute in range(300))

    assert length(told, at(0), at(300)) == timedelta(minutes=covered)
