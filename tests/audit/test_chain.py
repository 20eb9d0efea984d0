"""What was sealed cannot be rewritten unnoticed, not even by a superuser."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from parking.audit import log, store
from parking.audit.chain import GENESIS
from parking.audit.seal import DELAY, seal
from parking.audit.verify import verify
from parking.cli.chain import verify_chain
from parking.database.engine import owner_engine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.builders import let_older_transactions_end
from tests.conftest import NOON


@pytest.fixture
def five_events(parts, clock):
    """Five events, sealed."""
    with parts.sessions.begin() as session:
        for number in range(1, 6):
            log.record(
                session, clock.now(), "user:sri", "tariff.add", f"tariff:{number}",
                {"amount": 1000 * number, "zone": "Pasar 'Angso Duo' ✓"},
            )  # fmt: skip
    clock.forward(seconds=60)
    let_older_transactions_end(parts)
    with parts.sessions.begin() as session:
        assert seal(session, clock.now()) == 5
    with parts.sessions() as session:
        return [event.seq for event, _ in store.log_with_seals(session)]


@pytest.fixture
def as_superuser(owner_url):
    """Runs SQL as the owner, with the triggers asleep: what a database administrator can do."""

    def run(*statements: str) -> None:
        engine = owner_engine(owner_url)
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    return run


def verdict(parts, anchor=None):
    with parts.sessions() as session:
        return verify(session, anchor)


def test_an_untouched_log_verifies(parts, five_events):
    found = verdict(parts)

    assert found.broken is None
    assert (found.sealed, found.unsealed) == (5, 0)


def test_an_empty_log_verifies(parts):
    assert verdict(parts).head == GENESIS


def test_events_are_sealed_after_a_delay_and_only_once(parts, clock):
    with parts.sessions.begin() as session:
        log.record(session, clock.now(), "system", "one", "thing:1")
    clock.forward(seconds=DELAY.total_seconds() / 2)
    with parts.sessions.begin() as session:
        log.record(session, clock.now(), "system", "two", "thing:2")

    sealed = []
    for seconds in (0, 15, 15, 15):
        now = clock.forward(seconds=seconds)
        let_older_transactions_end(parts)
        with parts.sessions.begin() as session:
            sealed.append(seal(session, now))

    assert sealed == [0, 1, 1, 0]


def test_an_event_is_not_sealed_while_one_before_it_may_still_be_committed(parts, clock):
    with parts.sessions() as slow:
        log.record(slow, clock.now(), "system", "first", "thing:1")  # it has the lower number
        with parts.sessions.begin() as session:
            log.record(session, clock.now(), "system", "second", "thing:2")
        clock.forward(hours=1)
        with parts.sessions.begin() as session:
            assert seal(session, clock.now()) == 0
        slow.commit()
    let_older_transactions_end(parts)
    with parts.sessions.begin() as session:
        assert seal(session, clock.now()) == 2
    assert verdict(parts).broken is None


def test_of_two_sealers_at_once_one_works(parts, clock):
    with parts.sessions.begin() as session:
        log.record(session, clock.now(), "system", "one", "thing:1")
    now = clock.forward(minutes=1)
    let_older_transactions_end(parts)

    with parts.sessions.begin() as first, parts.sessions.begin() as second:
        assert (seal(first, now), seal(second, now)) == (1, 0)


@pytest.mark.fault("F99")
@pytest.mark.parametrize(
    "column",
    ["actor = 'user:eve'", "action = 'x'", "object = 'x'", "reason = 'x'",
     "at = at - interval '1 d'", "detail = '{}'"],
)  # fmt: skip
def test_a_changed_event_is_found(parts, five_events, as_superuser, column):
    as_superuser(f"UPDATE audit_event SET {column} WHERE seq = {five_events[2]}")

    assert verdict(parts).broken.seq == five_events[2]


@pytest.mark.fault("F99")
@pytest.mark.parametrize("with_its_seal", [True, False])
def test_a_deleted_event_is_found(parts, five_events, as_superuser, with_its_seal):
    gone, after = five_events[2], five_events[3]
    as_superuser(f"DELETE FROM audit_event WHERE seq = {gone}")
    if with_its_seal:
        as_superuser(f"DELETE FROM audit_seal WHERE seq = {gone}")

    assert verdict(parts).broken.seq == (after if with_its_seal else gone)


@pytest.mark.fault("F99")
def test_an_inserted_event_is_found(parts, five_events, as_superuser):
    gone = five_events[2]
    as_superuser(
        f"DELETE FROM audit_seal WHERE seq = {five_events[3]}",
    )

    assert verdict(parts).broken.seq == five_events[3]
    as_superuser(
        "INSERT INTO audit_event OVERRIDING SYSTEM VALUE"
        f" SELECT {gone} - 1000, at, actor, action, object, detail, reason FROM audit_event LIMIT 1"
    )
    assert verdict(parts).broken.seq == gone - 1000


@pytest.mark.fault("F99")
def test_events_that_changed_places_are_found(parts, five_events, as_superuser):
    a, b = five_events[1], five_events[3]
    as_superuser(
        f"UPDATE audit_event SET seq = -1 WHERE seq = {a}",
        f"UPDATE audit_event SET seq = {a} WHERE seq = {b}",
        f"UPDATE audit_event SET seq = {b} WHERE seq = -1",
    )

    assert verdict(parts).broken.seq == a


@pytest.mark.fault("F99")
def test_seals_that_changed_places_are_found(parts, five_events, as_superuser):
    a, b = five_events[1], five_events[3]
    as_superuser(
        f"UPDATE audit_seal SET seq = -1 WHERE seq = {a}",
        f"UPDATE audit_seal SET seq = {a} WHERE seq = {b}",
        f"UPDATE audit_seal SET seq = {b} WHERE seq = -1",
    )

    assert verdict(parts).broken.seq == a


@pytest.mark.fault("F99")
@pytest.mark.parametrize("column", ["previous", "hash"])
def test_a_changed_seal_is_found(parts, five_events, as_superuser, column):
    as_superuser(f"UPDATE audit_seal SET {column} = 'x' WHERE seq = {five_events[2]}")

    assert verdict(parts).broken.seq == five_events[2]


@pytest.mark.fault("F99")
def test_a_log_cut_at_its_end_is_found_by_a_head_written_down_earlier(
    parts, five_events, as_superuser
):
    anchor = verdict(parts).head
    for table in ("audit_seal", "audit_event"):
        as_superuser(f"DELETE FROM {table} WHERE seq >= {five_events[3]}")

    assert verdict(parts).broken is None
    assert anchor in verdict(parts, anchor).broken.why


@pytest.mark.fault("F99")
def test_the_command_names_the_event_and_fails(
    parts, five_events, as_superuser, environment, monkeypatch
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    whole = CliRunner().invoke(verify_chain, ["--json"])
    as_superuser(f"UPDATE audit_event SET actor = 'user:eve' WHERE seq = {five_events[1]}")
    broken = CliRunner().invoke(verify_chain)

    assert (whole.exit_code, json.loads(whole.stdout)["sealed"]) == (0, 5)
    assert broken.exit_code == 1
    assert f"event {five_events[1]}" in broken.stdout


@pytest.mark.fault("F100")
@pytest.mark.parametrize("table", ["audit_event", "audit_seal"])
@pytest.mark.parametrize("change", ["UPDATE {} SET seq = seq", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_itself_can_change_nothing(parts, five_events, table, change):
    with pytest.raises(DBAPIError), parts.sessions.begin() as session:
        session.execute(text(change.format(table)))


def test_what_is_too_new_waits_and_breaks_nothing(parts, five_events):
    with parts.sessions.begin() as session:
        log.record(session, NOON + timedelta(hours=1), "system", "new", "thing:9")

    found = verdict(parts)

    assert (found.broken, found.unsealed) == (None, 1)
