"""How each look goes is written down cheaply, and the same failure is told once."""

from datetime import timedelta
from itertools import count

import pytest
import structlog
from jobs import lease
from jobs.beats import LONGEST_REST, Beats, kind_of, needs_person, rest, words_of
from jobs.clock_jumps import ClockJumps
from jobs.store import BeatRow
from parking.errors import NeedsPerson
from parking.health.silence import beats as read_beats
from sqlalchemy import event, func, select, update
from structlog.testing import LogCapture


class Hand:
    """A clock that the test sets."""

    def __init__(self):
        self.at = 1_000.0

    def __call__(self):
        return self.at


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def beats(hand):
    return Beats({"inbox": timedelta(minutes=5), "seal": timedelta(hours=1)}, hand)


@pytest.fixture
def epoch(parts, beats):
    with parts.sessions.begin() as session:
        taken = lease.take(session, "test")
        beats.announce(session, taken)
    return taken


def failing(words, kind=ValueError):
    try:
        raise kind(words)
    except kind as error:
        return error


def written(parts, beats, epoch):
    with parts.sessions.begin() as session:
        beats.write(session, epoch)
    with parts.sessions() as session:
        return {beat.look: beat for beat in read_beats(session)}


def test_what_is_announced_and_never_looked_at_is_silent_since_then(parts, epoch):
    with parts.sessions() as session:
        seen = {beat.look: beat for beat in read_beats(session)}

    assert sorted(seen) == ["inbox", "seal"]
    assert 0 <= seen["inbox"].silent_s < 5
    assert seen["seal"].late_after_s == 3600


def test_silence_is_counted_from_the_last_good_end(parts, beats, hand, epoch):
    beats.went_well("inbox")
    hand.at += 100

    seen = written(parts, beats, epoch)

    assert 100 <= seen["inbox"].silent_s < 105
    assert seen["seal"].silent_s < 5


def test_failures_are_counted_with_their_last_words_and_a_success_ends_them(
    parts, beats, hand, epoch
):
    for n in range(4):
        beats.failed("inbox", failing(f"attempt {n}"))
        hand.at += 30
    seen = written(parts, beats, epoch)["inbox"]
    assert (seen.failures, seen.failure) == (4, "ValueError: attempt 3")
    assert 120 <= seen.failing_s < 125

    beats.went_well("inbox")
    seen = written(parts, beats, epoch)["inbox"]
    assert (seen.failures, seen.failure, seen.failing_s) == (0, "", 0.0)


def test_a_new_process_keeps_what_the_one_before_knew(parts, beats, hand, epoch):
    beats.went_well("inbox")
    written(parts, beats, epoch)
    with parts.sessions.begin() as session:
        session.execute(update(BeatRow).values(last_ok_at=func.now() - timedelta(days=3)))
        lease.release(session, epoch)
    with parts.sessions.begin() as session:
        again = lease.take(session, "next")
    next_one = Beats({"inbox": timedelta(minutes=5)}, hand)
    with parts.sessions.begin() as session:
        next_one.announce(session, again)
    next_one.failed("inbox", failing("still away"))

    seen = written(parts, next_one, again)

    # And "seal" has left the timetable: nobody expects it any more.
    assert list(seen) == ["inbox"]
    assert seen["inbox"].silent_s > 3 * 86_400 - 5


def test_a_hundred_thousand_looks_cost_one_statement(parts, beats, epoch):
    said = []
    event.listen(parts.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    for _ in range(100_000):
        beats.went_well("inbox")
    assert said == []

    with parts.sessions.begin() as session:
        beats.write(session, epoch)

    assert len([each for each in said if "job_beat" in each]) == 1


def test_the_same_failure_is_told_once_and_another_one_again(beats, monkeypatch):
    kept = LogCapture()
    monkeypatch.setattr("jobs.beats.log", structlog.wrap_logger(None, processors=[kept]))
    for n in range(50):
        beats.failed("inbox", failing(f"port {n} refused"))
    beats.failed("inbox", failing("other", KeyError))
    beats.went_well("inbox")
    beats.went_well("inbox")

    told = kept.entries
    assert [line["event"] for line in told] == ["look failed", "look failed", "look is well again"]
    assert told[0]["exc_info"].__traceback__ is not None
    assert told[2]["failures"] == 51


def test_of_a_group_each_is_named_and_asks_for_a_person_if_one_does():
    group = ExceptionGroup("days", [failing("20th"), failing("changed", NeedsPerson)])

    assert words_of(group) == "ValueError: 20th; changed"
    assert needs_person(group)
    assert not needs_person(failing("x"))
    assert kind_of(group) != kind_of(ExceptionGroup("days", [failing("20th")]))


def test_what_failed_rests_longer_each_time_and_never_too_long(beats, hand):
    minute = timedelta(minutes=1)
    assert [rest(minute, n) for n in (1, 2, 3)] == [2 * minute, 4 * minute, 8 * minute]
    assert rest(minute, 10_000) == LONGEST_REST

    assert not beats.rests("inbox", minute)
    beats.failed("inbox", failing("x"))
    hand.at += 119
    assert beats.rests("inbox", minute)
    hand.at += 2
    assert not beats.rests("inbox", minute)


@pytest.mark.fault("F47")
@pytest.mark.parametrize("jump_s", [-3_600, 3_600, 86_400 * 365])
def test_a_wall_clock_that_was_set_is_noticed_once(jump_s):
    steady, set_by = count(0.0, 5.0), [0.0]
    now = [next(steady)]
    jumps = ClockJumps(lambda: 1.7e9 + now[0] + set_by[0], lambda: now[0])

    now[0] = next(steady)
    assert jumps.since_last() == 0
    set_by[0] = jump_s
    assert jumps.since_last() == pytest.approx(jump_s)
    now[0] = next(steady)
    assert jumps.since_last() == 0


def test_the_words_of_a_failure_fit_the_table(parts, beats, epoch):
    beats.failed("inbox", failing("a\0b" * 10_000))

    assert written(parts, beats, epoch)["inbox"].failure.startswith("ValueError: abab")
    with parts.sessions() as session:
        assert (
            session.scalar(select(func.length(BeatRow.failure)).where(BeatRow.failures > 0)) <= 500
        )
