"""Facts are added and ended, never changed; who did it is on record."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parking.audit.store import AuditEventRow
from parking.business_day import business_day, day_starts
from parking.errors import BadInput, Conflict, NotFound
from parking.registry import add, end, store
from parking.registry.facts import Vehicle, split_for, tariff_for
from parking.registry.rules import NewLeave
from sqlalchemy import select

from tests.conftest import NOON
from tests.registry.facts import (
    ADMIN,
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

MIDNIGHT = day_starts(TOMORROW)
WHY = "Tidak menyetor tiga minggu"


@pytest.fixture
def session(parts, city):
    with parts.sessions() as session:
        yield session


def events(session):
    return session.execute(
        select(AuditEventRow.actor, AuditEventRow.action, AuditEventRow.object)
    ).all()


def test_each_fact_is_kept_and_its_author_recorded(session, city):
    who = add.attendant(session, new_attendant(), ADMIN, NOON)
    where = add.point(session, new_point(), ADMIN, NOON)
    letter = add.letter(session, new_letter(who, where), ADMIN, NOON)
    tariff = add.tariff(session, new_tariff(), ADMIN, NOON)
    split = add.split(session, new_split(), ADMIN, NOON)
    account = add.account(session, new_account(), ["midtrans"], ADMIN, NOON)
    fee = add.fee(session, account, new_fee(), ADMIN, NOON)
    add.leave(session, NewLeave(date(2026, 12, 24), "SKB 3 Menteri"), ADMIN, NOON)

    assert store.attendant(session, who).badge == "JBI-0100"
    assert store.point(session, where).zone == "Soekarno-Hatta"
    assert store.assignments_of(session, who)[0].letter == "SPT/100/2026"
    assert store.merchant_account(session, "midtrans", "pasar").key_name == "MIDTRANS_PASAR"
    assert store.collective_leave(session) == {date(2026, 12, 24)}
    assert events(session) == [
        (ADMIN, "attendant.add", f"attendant:{who}"),
        (ADMIN, "point.add", f"point:{where}"),
        (ADMIN, "assignment.add", f"assignment:{letter}"),
        (ADMIN, "tariff.add", f"tariff:{tariff}"),
        (ADMIN, "split.add", f"split:{split}"),
        (ADMIN, "account.add", f"account:{account}"),
        (ADMIN, "fee.add", f"fee:{fee}"),
        (ADMIN, "leave.add", "leave:2026-12-24"),
    ]


@pytest.mark.parametrize(
    ("enter", "field"),
    [
        (lambda s, c: add.attendant(s, new_attendant(badge="JBI-0001"), ADMIN, NOON), "badge"),
        (lambda s, c: add.point(s, new_point(code="PSR-01"), ADMIN, NOON), "code"),
        (
            lambda s, c: add.letter(
                s, new_letter(c.budi, c.street, letter="SPT/001/2026"), ADMIN, NOON
            ),
            "letter",
        ),
        (lambda s, c: add.letter(s, new_letter(c.budi, c.market), ADMIN, NOON), "point_id"),
        (
            lambda s, c: add.account(s, new_account(account="jambi"), ["midtrans"], ADMIN, NOON),
            "account",
        ),
    ],
)
def test_what_there_is_already_is_refused_by_field(session, city, enter, field):
    with pytest.raises(BadInput) as refused:
        enter(session, city)

    assert set(refused.value.problems) == {field}
    assert events(session) == []


def test_of_two_overlapping_letters_entered_at_once_one_is_kept(parts, city):
    """The second waits until the first is kept, and is then judged by it."""

    def enter_second() -> None:
        with parts.sessions.begin() as session:
            letter = new_letter(city.budi, city.street, letter="SPT/202/2026")
            add.letter(session, letter, ADMIN, NOON)

    with ThreadPoolExecutor(1) as pool:
        with parts.sessions.begin() as session:
            letter = new_letter(city.budi, city.street, letter="SPT/201/2026")
            add.letter(session, letter, ADMIN, NOON)
            second = pool.submit(enter_second)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        with pytest.raises(BadInput) as refused:
            second.result()

    assert set(refused.value.problems) == {"point_id"}


def test_a_new_price_holds_from_midnight_and_not_a_moment_before(session, city):
    """The charge one second before midnight has the old price, whenever it is looked at."""
    add.tariff(session, new_tariff(amount=3_000), ADMIN, NOON)
    known = store.tariffs(session)

    def price(moment):
        return tariff_for(known, Vehicle.MOTORCYCLE, "Pasar", moment).amount

    assert price(MIDNIGHT - timedelta(microseconds=1)) == 2_000
    assert price(MIDNIGHT) == 3_000


DAYS_AHEAD = st.lists(
    st.tuples(st.integers(1, 20), st.integers(1, 50_000)),
    min_size=1, max_size=6, unique_by=lambda entered: entered,
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(entered=DAYS_AHEAD, asked=st.integers(0, 25 * 24 * 60))
def test_no_price_entered_later_changes_the_price_of_an_earlier_charge(parts, city, entered, asked):
    """Whatever is entered from tomorrow on, in any order: what was charged stays right."""
    moment = NOON + timedelta(minutes=asked)
    with parts.sessions() as session:
        for number, (days, amount) in enumerate(entered):
            clock = NOON + timedelta(days=number)
            day = business_day(clock) + timedelta(days=days)
            before = tariff_for(store.tariffs(session), Vehicle.MOTORCYCLE, "Pasar", moment)
            with suppress(BadInput):  # the same price for the same day again
                add.tariff(session, new_tariff(amount=amount, valid_from=day), ADMIN, clock)
            after = tariff_for(store.tariffs(session), Vehicle.MOTORCYCLE, "Pasar", moment)
            if moment <= clock:
                assert after == before
        session.rollback()


def test_a_back_dated_price_is_on_record_as_such(session, city):
    add.tariff(session, new_tariff(valid_from=TODAY, is_back_dated=True), ADMIN, NOON)

    (detail,) = session.scalars(select(AuditEventRow.detail))
    assert detail["back_dated"] is True
    assert detail["valid_from"] == "2026-11-23"


def test_a_split_holds_from_midnight(session, city):
    add.split(session, new_split(), ADMIN, NOON)
    known = store.splits(session)

    assert split_for(known, MIDNIGHT - timedelta(seconds=1)).city_bps == 4_000
    assert split_for(known, MIDNIGHT).city_bps == 5_000


def test_a_letter_taken_back_ends_at_that_moment(session, city):
    (letter,) = store.assignments_of(session, city.budi)

    end.letter(session, letter.id, WHY, ADMIN, NOON)

    (ended,) = store.assignments_of(session, city.budi)
    assert ended.holds(NOON - timedelta(seconds=1))
    assert not ended.holds(NOON)
    assert ended.ended_reason == WHY
    with pytest.raises(Conflict):
        end.letter(session, letter.id, WHY, ADMIN, NOON)


def test_a_letter_taken_back_for_a_past_moment_must_be_said_to_be_so(session, city):
    (letter,) = store.assignments_of(session, city.budi)
    yesterday = NOON - timedelta(days=1)

    with pytest.raises(BadInput) as refused:
        end.letter(session, letter.id, "", ADMIN, NOON, yesterday)
    assert set(refused.value.problems) == {"at", "reason"}

    end.letter(session, letter.id, WHY, ADMIN, NOON, yesterday, is_back_dated=True)
    assert store.assignment(session, letter.id).ended_at == yesterday


def test_after_a_letter_was_taken_back_another_may_follow_on_the_same_day(session, city):
    (letter,) = store.assignments_of(session, city.budi)
    end.letter(session, letter.id, WHY, ADMIN, NOON)

    again = add.letter(session, new_letter(city.budi, city.market), ADMIN, NOON)

    assert store.assignment(session, again).holds(NOON)


def test_with_the_attendants_last_day_every_letter_ends(session, city):
    end.attendant(session, city.sari, TOMORROW, WHY, ADMIN, NOON)

    assert store.attendant(session, city.sari).ended_on == TOMORROW
    over = day_starts(TOMORROW + timedelta(days=1))
    assert [a.ended_at for a in store.assignments_of(session, city.sari)] == [over, over]
    assert store.assignments_of(session, city.budi)[0].ended_at is None
    with pytest.raises(Conflict):
        end.attendant(session, city.sari, TOMORROW, WHY, ADMIN, NOON)


def test_who_leaves_next_week_can_still_be_stopped_today(session, city):
    end.attendant(session, city.budi, TODAY + timedelta(days=7), WHY, ADMIN, NOON)
    (letter,) = store.assignments_of(session, city.budi)

    end.letter(session, letter.id, WHY, ADMIN, NOON)

    assert store.assignment(session, letter.id).ended_at == NOON


def test_with_a_points_last_day_its_letters_end(session, city):
    end.point(session, city.market, TODAY, WHY, ADMIN, NOON)

    ends = {a.point_id: a.ended_at for a in store.assignments_of(session, city.sari)}
    assert ends == {city.market: MIDNIGHT, city.street: None}


def test_an_ended_account_issues_no_charge_the_next_day(session, city):
    account = session.scalar(select(store.MerchantAccountRow.id))

    end.account(session, account, TODAY, WHY, ADMIN, NOON)

    assert store.merchant_accounts(session, TODAY)
    assert not store.merchant_accounts(session, TOMORROW)


def test_an_end_in_the_past_is_refused(session, city):
    with pytest.raises(BadInput) as refused:
        end.attendant(session, city.budi, TODAY - timedelta(days=1), WHY, ADMIN, NOON)

    assert set(refused.value.problems) == {"last_day"}


def test_what_is_not_there_cannot_be_ended(session, city):
    for verb in (end.attendant, end.point, end.account):
        with pytest.raises(NotFound):
            verb(session, 999_999, TODAY, WHY, ADMIN, NOON)


def test_no_name_goes_into_the_audit_log(session, city):
    add.attendant(session, new_attendant(), ADMIN, NOON)

    assert "Rina" not in str(session.scalars(select(AuditEventRow.detail)).all())
