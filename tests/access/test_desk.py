"""Signing in at a desk: password, one-time code, and what a session withstands."""

from dataclasses import replace

import pytest
from parking.access import cookies, users
from parking.access.policy import Role
from parking.access.store import UserRow
from parking.audit.store import AuditEventRow
from sqlalchemy import select, update

from tests.people import CSRF, PASSWORD, browser, desk_client


def give_password(client, username="sri", password=PASSWORD, **more):
    return client.post("/sign-in", data={"username": username, "password": password, **more})


def sign_in(client, code, **more):
    """Both steps; the answer to the second."""
    assert give_password(client, **more).location == "/sign-in/code"
    client.fetch_csrf("/sign-in/code")
    return client.post("/sign-in/code", data={"code": code})


def actions(parts):
    with parts.sessions() as session:
        return list(session.scalars(select(AuditEventRow.action).order_by(AuditEventRow.seq)))


def test_password_and_code_open_the_desk(parts, add_user, code_of):
    add_user()
    client = browser(parts)

    answer = sign_in(client, code_of())

    assert answer.location == "/audit/"
    assert client.get("/sessions").status_code == 200
    assert actions(parts) == ["user.add", "user.sign_in"]


def test_the_password_alone_opens_nothing_for_a_role_that_touches_money(parts, add_user):
    add_user(role=Role.TREASURER)
    client = browser(parts)

    give_password(client)

    assert client.get("/sessions").location == "/sign-in?next=/sessions"


def test_a_role_without_a_second_factor_signs_in_by_password(parts, add_user):
    add_user(role=Role.LEADERSHIP)
    client = browser(parts)

    assert give_password(client).location == "/audit/"
    assert client.get("/sessions").status_code == 200


def test_the_code_must_follow_within_five_minutes(parts, clock, add_user, code_of):
    add_user()
    client = browser(parts)
    give_password(client)
    client.fetch_csrf("/sign-in/code")

    clock.forward(minutes=6)

    assert client.post("/sign-in/code", data={"code": code_of()}).location == "/sign-in"


@pytest.mark.fault("F83")
def test_a_wrong_password_and_an_unknown_user_look_the_same(parts, add_user):
    add_user()

    wrong = give_password(browser(parts), password="kuda merah naik sampan")
    unknown = give_password(browser(parts), username="nobody")
    with parts.sessions.begin() as session:
        add_user("budi")
        users.end(session, "budi", "system", parts.clock.now())
    ended = give_password(browser(parts), username="budi")

    assert {a.status_code for a in (wrong, unknown, ended)} == {422}
    for answer in (wrong, unknown, ended):
        assert "Nama pengguna atau kata sandi salah" in answer.text


@pytest.mark.fault("F85")
def test_a_code_is_good_once(parts, add_user, code_of):
    add_user()
    code = code_of()
    sign_in(browser(parts), code)

    again = sign_in(browser(parts), code)

    assert again.status_code == 422
    assert "sudah dipakai" in again.text


@pytest.mark.fault("F85")
def test_a_code_from_before_the_last_used_one_is_refused(parts, clock, add_user, code_of):
    add_user()
    earlier = code_of()
    clock.forward(seconds=30)
    sign_in(browser(parts), code_of())

    assert sign_in(browser(parts), earlier).status_code == 422


def test_the_clock_of_an_authenticator_may_be_half_a_minute_off(parts, clock, add_user, code_of):
    add_user()
    earlier = code_of()
    clock.forward(seconds=30)

    assert sign_in(browser(parts), earlier).status_code == 302


def test_wrong_codes_lock_the_user_and_a_right_one_then_waits(parts, clock, add_user, code_of):
    add_user()
    client = browser(parts)
    give_password(client)
    client.fetch_csrf("/sign-in/code")
    answers = [client.post("/sign-in/code", data={"code": "000000"}) for _ in range(5)]

    # The password counted as one try, so the fifth code is the sixth.
    assert [a.status_code for a in answers] == [422] * 4 + [429]
    assert client.post("/sign-in/code", data={"code": code_of()}).status_code == 429
    assert int(answers[-1].headers["Retry-After"]) <= 61
    clock.forward(seconds=61)
    assert client.post("/sign-in/code", data={"code": code_of()}).status_code == 302


def test_waits_grow_with_the_failures_but_never_shut_the_owner_out_for_good(parts, clock, add_user):
    add_user(role=Role.LEADERSHIP)
    client = browser(parts)
    waited = []
    while len(waited) < 4:
        answer = give_password(client, password="kuda merah naik sampan")
        if answer.status_code == 429:
            waited.append(int(answer.headers["Retry-After"]))
            clock.forward(seconds=waited[-1])

    assert waited == [61, 901, 3601, 3601]
    assert give_password(client).status_code == 302


@pytest.mark.fault("F76")
def test_the_session_is_a_new_one_after_each_sign_in(parts, clock, add_user, code_of):
    add_user()
    client = browser(parts)
    client.set_cookie(cookies.DESK, "planted-by-somebody-else")
    sign_in(client, code_of())
    first = client.get_cookie(cookies.DESK).value
    clock.forward(seconds=60)
    client.fetch_csrf()
    sign_in(client, code_of())
    second = client.get_cookie(cookies.DESK).value

    assert len({"planted-by-somebody-else", first, second}) == 3
    other = browser(parts)
    other.set_cookie(cookies.DESK, first)
    assert other.get("/sessions").status_code == 302  # the old one opens nothing


@pytest.mark.fault("F76")
def test_a_csrf_token_from_before_the_sign_in_is_worth_nothing_after_it(parts, add_user):
    add_user(role=Role.LEADERSHIP)
    client = browser(parts)
    before = client.csrf
    give_password(client)

    client.csrf = before

    assert client.post("/sign-out").status_code == 400


def test_signing_out_ends_the_session_on_the_server(parts):
    client = desk_client(parts, Role.AUDITOR)
    token = client.get_cookie(cookies.DESK).value

    assert client.post("/sign-out").location == "/"

    client.set_cookie(cookies.DESK, token)
    assert client.get("/sessions").status_code == 302


@pytest.mark.fault("F84")
def test_ending_a_user_takes_effect_with_the_next_request(parts):
    desk_client(parts, Role.ADMIN)
    client = desk_client(parts, Role.AUDITOR)
    assert client.get("/sessions").status_code == 200

    with parts.sessions.begin() as session:
        users.end(session, "auditor", "user:admin", parts.clock.now())

    assert client.get("/sessions").status_code == 302


@pytest.mark.fault("F84")
def test_a_session_that_was_left_open_opens_nothing_for_an_ended_user(parts):
    client = desk_client(parts, Role.AUDITOR)

    with parts.sessions.begin() as session:
        session.execute(update(UserRow).values(ended_at=parts.clock.now()))

    assert client.get("/sessions").status_code == 302


@pytest.mark.fault("F84")
def test_a_reset_signs_the_user_out_everywhere(parts, pepper):
    client = desk_client(parts, Role.AUDITOR)

    with parts.sessions.begin() as session:
        users.reset(session, "auditor", "", pepper, "user:admin", parts.clock.now())

    assert client.get("/sessions").status_code == 302
    assert give_password(browser(parts), username="auditor").status_code == 422


@pytest.mark.parametrize(("minutes", "status"), [(19, 200), (21, 302)])
def test_a_desk_left_alone_is_signed_out_after_twenty_minutes(parts, clock, minutes, status):
    client = desk_client(parts, Role.AUDITOR)

    clock.forward(minutes=minutes)

    assert client.get("/sessions").status_code == status


def test_a_desk_is_signed_out_after_ten_hours_however_busy(parts, clock):
    client = desk_client(parts, Role.AUDITOR)
    for _ in range(39):
        clock.forward(minutes=15)
        assert client.get("/sessions").status_code == 200
    clock.forward(minutes=15)

    assert client.get("/sessions").status_code == 302


def test_one_sees_and_ends_ones_other_sessions(parts, add_user):
    add_user(role=Role.LEADERSHIP)
    here, lost = browser(parts), browser(parts)
    give_password(lost)
    parts.clock.forward(seconds=1)
    give_password(here)
    here.fetch_csrf("/sessions")
    page = here.get("/sessions").text
    assert page.count("/end") == 2
    other = [p.split('"')[0] for p in page.split('action="')[1:] if "/end" in p][1]

    assert here.post(other).location == "/sessions"

    assert lost.get("/sessions").status_code == 302
    assert here.get("/sessions").status_code == 200


@pytest.mark.fault("F78")
def test_another_users_session_cannot_be_ended(parts):
    victim = desk_client(parts, Role.AUDITOR)
    page = victim.get("/sessions").text
    end = next(p.split('"')[0] for p in page.split('action="') if p.startswith("/sessions/"))
    thief = desk_client(parts, Role.FINANCE)

    assert thief.post(end).status_code == 404
    assert victim.get("/sessions").status_code == 200
    assert thief.post("/sessions/no-such/end").status_code == 404


@pytest.mark.fault("F88")
@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "/a\\b",
     "javascript:alert(1)", "evil.example", "/\tevil", "///evil.example", "", "/\n/evil.example"],
)  # fmt: skip
def test_a_sign_in_never_leads_to_another_host(parts, add_user, target):
    add_user(role=Role.LEADERSHIP)

    assert give_password(browser(parts), next=target).location == "/audit/"


def test_a_sign_in_leads_back_to_where_one_wanted_to_go(parts, add_user, code_of):
    add_user()
    client = browser(parts)
    asked = client.get("/sessions?a=1&b=2").location
    assert asked == "/sign-in?next=/sessions%3Fa%3D1%26b%3D2"
    assert 'value="/sessions?a=1&amp;b=2"' in client.get(asked).text

    assert sign_in(client, code_of(), next="/sessions?a=1&b=2").location == "/sessions?a=1&b=2"


def test_cookies_in_production_are_bound_to_the_host_and_hidden_from_scripts(parts, add_user):
    add_user(role=Role.LEADERSHIP)
    settings = replace(parts.settings, environment="production")
    client = browser(replace(parts, settings=settings))
    page = client.get("/sign-in", base_url="https://localhost").text

    told = client.post(
        "/sign-in", base_url="https://localhost",
        data={"username": "sri", "password": PASSWORD},
        headers={"X-CSRFToken": CSRF.search(page).group(1), "Referer": "https://localhost/"},
    )  # fmt: skip

    desk = next(c for c in told.headers.getlist("Set-Cookie") if c.startswith("__Host-desk="))
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in desk
    assert "Domain" not in desk


def test_one_changes_ones_password_and_is_signed_out_elsewhere(parts, add_user):
    add_user(role=Role.LEADERSHIP)
    here, elsewhere = browser(parts), browser(parts)
    for client in (elsewhere, here):
        give_password(client)
    here.fetch_csrf("/password")
    new = "empat lembu pulang petang"

    def change(old, new, again):
        return here.post("/password", data={"password": old, "new": new, "again": again})

    assert change("salah sama sekali", new, new).status_code == 422
    assert change(PASSWORD, new, new + "x").status_code == 422
    assert change(PASSWORD, "pendek", "pendek").status_code == 422
    assert change(PASSWORD, new, new).location == "/sessions"
    assert here.get("/sessions").status_code == 200
    assert elsewhere.get("/sessions").status_code == 302
    assert give_password(browser(parts), password=new).status_code == 302


def test_what_no_column_can_hold_is_refused_and_is_no_fault_of_ours(parts):
    assert give_password(browser(parts), username="sri\0").status_code == 400


@pytest.mark.parametrize(
    "path", [f"/audit/discrepancies/{10**20}", "/audit/charges?q=%00", "/audit/charges/x%00y"]
)
def test_an_address_that_can_name_nothing_is_refused(parts, path):
    assert desk_client(parts, Role.AUDITOR).get(path).status_code == 400


@pytest.mark.parametrize("path", ["/audit/0001-01-01", "/audit/9999-12-31"])
def test_there_is_no_page_for_a_day_beyond_the_calendar(parts, path):
    assert desk_client(parts, Role.AUDITOR).get(path).status_code == 404
