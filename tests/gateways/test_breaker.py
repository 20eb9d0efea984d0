"""When a gateway is left alone, and when it is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.gateways.breaker import (
    FIRST_PAUSE,
    IN_A_ROW,
    LONGEST_PAUSE,
    PROBE_LASTS,
    Breaker,
    Heard,
    Open,
    Standing,
    after,
    let_through,
    standing,
    told,
)

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)

pytestmark = pytest.mark.fault("F25")


def heard(breaker, *what, at=NOON):
    for each in what:
        breaker = after(breaker, each, at, is_probe=False)
    return breaker


def out_since(moment):
    return heard(Breaker(), *[Heard.NOTHING] * IN_A_ROW, at=moment)


def test_three_calls_in_a_row_without_an_answer_open_it_and_two_do_not():
    assert heard(Breaker(), *[Heard.NOTHING] * 2).open is None
    assert heard(Breaker(), *[Heard.NOTHING] * 3).open == Open(NOON, NOON + FIRST_PAUSE)


def test_an_answer_in_between_begins_the_count_anew():
    twice = [Heard.NOTHING] * 2

    assert heard(Breaker(), *twice, Heard.ANSWER, *twice).open is None


def test_one_refusal_of_our_key_opens_it():
    assert heard(Breaker(), Heard.NOT_AUTHORISED).open is not None


def test_an_answer_that_makes_no_sense_neither_opens_nor_counts_nor_makes_up_for_silence():
    twice = [Heard.NOTHING] * 2

    assert heard(Breaker(), *[Heard.NONSENSE] * 9).open is None
    assert heard(Breaker(), *twice, Heard.NONSENSE, Heard.NOTHING).open is not None


def test_nothing_goes_out_until_the_pause_is_over_and_then_one_call_alone():
    breaker = out_since(NOON)
    over = NOON + FIRST_PAUSE

    assert let_through(breaker, over - timedelta(seconds=1)) is None
    probing = let_through(breaker, over)
    assert probing is not None
    assert let_through(probing, over + timedelta(seconds=1)) is None
    # A probe whose process died is waited for no longer than a call may last.
    assert let_through(probing, over + PROBE_LASTS) is not None


@pytest.mark.parametrize("bad", [Heard.NOTHING, Heard.NOT_AUTHORISED, Heard.NONSENSE])
def test_a_probe_that_finds_it_out_still_waits_longer_and_never_more_than_a_minute(bad):
    breaker, now, pauses = out_since(NOON), NOON, []
    for _ in range(8):
        now = breaker.open.retry_at
        breaker = after(let_through(breaker, now), bad, now, is_probe=True)
        pauses.append(breaker.open.retry_at - now)

    assert pauses == sorted(pauses)
    assert pauses[0] == FIRST_PAUSE
    assert pauses[-1] == LONGEST_PAUSE == timedelta(seconds=60)
    assert breaker.open.since == NOON


def test_a_probe_that_is_answered_closes_it():
    breaker = out_since(NOON)
    now = breaker.open.retry_at

    assert after(let_through(breaker, now), Heard.ANSWER, now, is_probe=True) == Breaker()


def test_calls_that_were_under_way_make_it_no_longer_out():
    breaker = out_since(NOON)

    assert heard(breaker, *[Heard.NOTHING] * 20, at=NOON + timedelta(seconds=9)) == breaker


def test_what_another_process_has_noticed_holds_here_too():
    until = NOON + timedelta(seconds=90)
    breaker = told(Breaker(), Open(NOON, until))

    assert standing(breaker, NOON) is Standing.OUT
    assert standing(breaker, until) is Standing.DOUBTFUL
    assert told(breaker, None) == Breaker()
    # Whoever probes at this moment goes on doing so alone.
    probing = let_through(breaker, until)
    assert let_through(told(probing, Open(NOON, until)), until) is None


moves = st.lists(st.tuples(st.sampled_from(Heard), st.integers(0, 400), st.booleans()), max_size=60)


@given(moves)
def test_it_is_never_shut_for_longer_than_a_minute_after_the_last_call(steps):
    breaker, now = Breaker(), NOON
    for what, seconds, gives_up in steps:
        now += timedelta(seconds=seconds)
        went = let_through(breaker, now)
        if went is None:
            assert breaker.open.retry_at <= now + LONGEST_PAUSE
            continue
        is_probe = breaker.open is not None
        breaker = went if gives_up else after(went, what, now, is_probe=is_probe)
        if what is Heard.ANSWER and not gives_up:
            assert breaker == Breaker()

    assert let_through(breaker, now + LONGEST_PAUSE) is not None
