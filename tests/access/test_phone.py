"""An attendant's phone: enrolled once, opened by PIN, shut at once when lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from parking.access import cookies, devices, enrolment, sessions
from parking.access.pin import check_pin, prove_pin
from parking.access.store import DeviceRow, EnrolmentRow, PinRow, WebSessionRow
from parking.audit.store import AuditEventRow
from parking.errors import BadInput, Conflict, TooManyAttempts
from parking.registry.store import AttendantRow
from sqlalchemy import select, update

from tests.access.conftest import PIN
from tests.conftest import NOON
from tests.people import browser


def phone(parts, enrolled):
    """The browser of the enrolled phone, not signed in."""
    client = browser(parts)
    client.set_cookie(cookies.DEVICE, enrolled.secret)
    return client


def enter(client, pin=PIN):
    client.fetch_csrf()
    return client.post("/attendant/sign-in", data={"pin": pin})


def enrol(client, code, pin=PIN, again=None):
    return client.post(
        "/attendant/enrol", data={"code": code, "pin": pin, "pin_again": again or pin}
    )


def is_signed_in(parts, client):
    token = client.get_cookie(cookies.PHONE)
    return bool(token and sessions.actor_of(parts.sessions, token.value, parts.clock.now()))


def test_a_code_makes_a_phone_an_attendants(parts, city, invite):
    client = browser(parts)

    answer = enrol(client, invite())

    assert answer.location == "/attendant/"
    actor = sessions.actor_of(
        parts.sessions, client.get_cookie(cookies.PHONE).value, parts.clock.now()
    )
    assert (actor.id, actor.username) == (city.budi, "JBI-0001")
    device = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("device="))
    assert "HttpOnly" in device
    assert "Max-Age" in device
    client.delete_cookie(cookies.PHONE)
    assert enter(client).location == "/attendant/"
    assert is_signed_in(parts, client)


def test_a_code_may_be_typed_in_small_letters_with_dashes(parts, invite):
    code = invite().lower()

    assert enrol(browser(parts), f" {code[:4]}-{code[4:7]} {code[7:]}").status_code == 302


def test_a_code_is_good_once(parts, invite):
    code = invite()
    enrol(browser(parts), code)

    assert enrol(browser(parts), code).status_code == 422


def test_a_code_is_good_for_fifteen_minutes(parts, clock, invite):
    code = invite()
    clock.forward(minutes=15)

    assert enrol(browser(parts), code).status_code == 422


def test_a_new_code_makes_the_one_before_void(parts, invite):
    first, second = invite(), invite()

    assert enrol(browser(parts), first).status_code == 422
    assert enrol(browser(parts), second).status_code == 302


@pytest.mark.parametrize(
    "pin", ["123456", "987654", "890123", "111111", "121212", "311224", "48291"]
)
def test_a_pin_that_is_easy_to_guess_is_refused_and_the_code_stays_good(parts, invite, pin):
    code, client = invite(), browser(parts)

    assert enrol(client, code, pin).status_code == 422
    assert enrol(client, code, PIN, again="482916").status_code == 422
    assert enrol(client, code).status_code == 302


def test_of_two_phones_that_use_a_code_at_once_one_is_enrolled(parts, invite, pepper):
    code = invite()

    def use(_):
        try:
            with parts.sessions.begin() as session:
                enrolment.enrol(session, code, PIN, "Ponsel", pepper, parts.clock.now())
        except BadInput:
            return "refused"
        return "enrolled"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == ["enrolled"] + ["refused"] * 3


def test_codes_are_not_guessed_from_one_network(parts, invite):
    code, client = invite(), browser(parts)
    answers = [enrol(client, "22222-22222").status_code for _ in range(101)]

    assert answers == [422] * 100 + [429]
    assert enrol(client, code).status_code == 429


def test_a_new_phone_takes_the_place_of_the_one_before(parts, enrolled, invite):
    before = phone(parts, enrolled)
    enter(before)

    enrol(browser(parts), invite())

    assert not is_signed_in(parts, before)
    assert enter(before).status_code == 401


def test_a_phone_that_is_not_enrolled_cannot_try_a_pin(parts, city):
    client = browser(parts)

    assert enter(client).status_code == 401
    client.set_cookie(cookies.DEVICE, "not-one-of-ours")
    assert enter(client).status_code == 401


@pytest.mark.fault("F81")
def test_five_wrong_pins_lock_even_the_right_one_for_a_minute(parts, clock, enrolled):
    client = phone(parts, enrolled)
    wrong = [enter(client, "735164").status_code for _ in range(5)]

    assert wrong == [422] * 5
    locked = enter(client)
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 61
    clock.forward(seconds=61)
    assert enter(client).status_code == 302
    assert enter(client, "735164").status_code == 422  # a right one begins the count anew


@pytest.mark.fault("F81")
def test_fifteen_wrong_pins_lock_until_the_supervisor_gives_a_new_code(
    parts, clock, enrolled, invite
):
    client = phone(parts, enrolled)
    wrong = 0
    while wrong < 15:
        if enter(client, "735164").status_code == 422:
            wrong += 1
        else:
            clock.forward(minutes=16)
    clock.forward(days=30)

    refused = enter(client)
    assert refused.status_code == 429
    assert "pengawas" in refused.text
    assert enrol(client, invite(), "619273").status_code == 302
    assert enter(client, "619273").status_code == 302


@pytest.mark.fault("F81")
def test_guesses_side_by_side_do_not_outrun_the_count(parts, city, enrolled, pepper):
    def guess(number):
        try:
            prove_pin(parts.sessions, city.budi, f"73516{number % 10}", pepper, parts.clock.now())
        except TooManyAttempts:
            return "locked"
        except BadInput:
            return "judged"
        return "in"

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(guess, range(24)))

    assert results.count("judged") == 5
    assert results.count("locked") == 19


@pytest.mark.fault("F81")
def test_a_failure_is_counted_though_the_callers_work_is_rolled_back(parts, city, enrolled, pepper):
    for _ in range(5):
        with pytest.raises(BadInput, match="PIN salah"), parts.sessions.begin() as session:
            check_pin(session, city.budi, "735164", pepper, parts.clock.now())

    with pytest.raises(TooManyAttempts), parts.sessions.begin() as session:
        check_pin(session, city.budi, PIN, pepper, parts.clock.now())


def test_an_attendant_without_a_pin_has_none_that_is_right(parts, city, pepper):
    with pytest.raises(BadInput):
        prove_pin(parts.sessions, city.sari, "", pepper, NOON)


@pytest.mark.fault("F82")
def test_a_stolen_phone_is_shut_with_the_next_request(parts, enrolled):
    client = phone(parts, enrolled)
    enter(client)
    assert is_signed_in(parts, client)

    with parts.sessions.begin() as session:
        devices.end(session, enrolled.device_id, "user:sri", parts.clock.now(), "dicuri")

    assert not is_signed_in(parts, client)
    assert enter(client).status_code == 401


@pytest.mark.fault("F84")
def test_an_attendants_last_day_is_the_last_he_is_signed_in(parts, clock, city, enrolled, invite):
    client = phone(parts, enrolled)
    enter(client)
    with parts.sessions.begin() as session:
        session.execute(
            update(AttendantRow).where(AttendantRow.id == city.budi).values(ended_on=NOON.date())
        )

    clock.forward(hours=3)
    assert is_signed_in(parts, client)
    for _ in range(3):  # past midnight, never idle
        clock.forward(hours=3, minutes=30)
        signed_in = is_signed_in(parts, client)
    assert not signed_in
    assert enter(client).status_code == 401
    with pytest.raises(Conflict):
        invite()


def test_a_phone_is_signed_out_after_four_idle_hours_and_fourteen_in_all(parts, clock, enrolled):
    client = phone(parts, enrolled)
    enter(client)
    clock.forward(hours=3, minutes=59)
    assert is_signed_in(parts, client)
    clock.forward(hours=4)
    assert not is_signed_in(parts, client)

    enter(client)
    for _ in range(4):
        clock.forward(hours=3)
        assert is_signed_in(parts, client)
    clock.forward(hours=2)
    assert not is_signed_in(parts, client)


def test_a_sign_in_of_the_phone_is_none_of_the_desk(parts, enrolled):
    client = phone(parts, enrolled)
    enter(client)

    assert client.get("/sessions").location.startswith("/sign-in")
    client.set_cookie(cookies.DESK, client.get_cookie(cookies.PHONE).value)
    assert client.get("/sessions").status_code == 403


def test_signing_out_leaves_the_phone_enrolled(parts, enrolled):
    client = phone(parts, enrolled)
    enter(client)
    client.fetch_csrf()

    assert client.post("/attendant/sign-out").location == "/attendant/sign-in"

    assert not is_signed_in(parts, client)
    assert enter(client).status_code == 302


def test_only_hashes_of_what_opens_something_are_kept(parts, enrolled, invite):
    client = phone(parts, enrolled)
    enter(client)
    token = client.get_cookie(cookies.PHONE).value
    secrets = [token, enrolled.secret, PIN, invite()]

    with parts.sessions() as session:
        for table in (DeviceRow, EnrolmentRow, PinRow, WebSessionRow, AuditEventRow):
            kept = " ".join(str(row) for row in session.execute(select(table.__table__)))
            assert not [secret for secret in secrets if secret in kept], table


def test_that_a_session_is_used_is_written_down_once_a_minute(parts, clock, enrolled):
    client = phone(parts, enrolled)
    enter(client)
    seen = []
    for _ in range(5):
        clock.forward(seconds=25)
        assert is_signed_in(parts, client)
        with parts.sessions() as session:
            seen.append(session.scalar(select(WebSessionRow.last_seen_at)))

    assert len(set(seen)) == 2


def test_what_happens_to_a_phone_is_in_the_audit_log(parts, city, invite):
    client = browser(parts)
    enrol(client, invite())
    enter(client)
    with parts.sessions.begin() as session:
        devices.end(session, devices.every_device(session)[0].id, "user:sri", NOON, "hilang")

    with parts.sessions() as session:
        told = [
            (row.actor, row.action)
            for row in session.scalars(select(AuditEventRow).order_by(AuditEventRow.seq))
        ]
    budi = f"attendant:{city.budi}"
    assert told == [
        ("user:sri", "enrolment.invite"), (budi, "device.end"), (budi, "pin.set"),
        (budi, "device.enrol"), (budi, "attendant.sign_in"), ("user:sri", "device.end"),
    ]  # fmt: skip
