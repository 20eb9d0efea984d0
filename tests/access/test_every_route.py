"""What holds for every route there is, whoever adds it: policy by role, CSRF, foreign pages."""

import re

import pytest
from parking.access.policy import Role
from parking.access.routes import HOME
from parking.app import create_app

from tests.people import attendant_client, browser, desk_client

DESK = [role for role in Role if role is not Role.ATTENDANT]
FILLERS = {"int": "999999", "date": "2026-11-23", "path": "x/y", "uuid": "0" * 32}


def routes(app):
    """(method, path with its blanks filled, roles that may) of every view of ours."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            continue
        path = re.sub(
            r"<(?:(\w+)[^:>]*:)?\w+>", lambda m: FILLERS.get(m.group(1) or "", "x"), rule.rule
        )
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield method, path, app.view_functions[rule.endpoint].policy


def refused(answer):
    """Told to sign in, or that it is not his."""
    return answer.status_code in (401, 403) or (
        answer.status_code == 302 and "/sign-in" in answer.location
    )


@pytest.mark.fault("F80")
@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_its_routes_and_no_others(parts, city, role):
    if role is Role.ATTENDANT:
        client = attendant_client(parts, city.budi, city.budis_phone)
    else:
        client = desk_client(parts, role)
    wrong = []
    for method, path, allowed in routes(client.application):
        if not allowed:
            continue
        on_phone = path.startswith("/attendant")
        may = role in allowed and on_phone == (role is Role.ATTENDANT)
        if may and method != "GET":
            continue  # whether it may is seen by the refusal of the others; it would do something
        if refused(client.open(path, method=method)) is may:
            wrong.append((method, path))

    assert wrong == []


@pytest.mark.fault("F80")
def test_nobody_reaches_a_route_that_asks_for_a_role(parts):
    client = browser(parts)

    open_ones = [
        (method, path)
        for method, path, allowed in routes(client.application)
        if allowed and not refused(client.open(path, method=method))
    ]

    assert open_ones == []


@pytest.mark.fault("F77")
def test_nothing_is_changed_without_a_csrf_token(parts):
    client = desk_client(parts, Role.ADMIN)
    client.csrf = ""

    unsafe = [
        (method, path)
        for method, path, _ in routes(client.application)
        if method not in ("GET", "HEAD") and not path.startswith("/callbacks/")
    ]
    answers = {path: client.open(path, method=method).status_code for method, path in unsafe}

    assert answers
    assert set(answers.values()) == {400}, answers


@pytest.mark.fault("F77")
@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
     {"Origin": "https://evil.example"}, {"Origin": "null"},
     {"Origin": "https://localhost.evil.example"}],
)  # fmt: skip
def test_what_another_sites_page_sends_is_refused_even_with_a_token(parts, headers):
    client = desk_client(parts, Role.ADMIN)

    assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.get("/sessions").status_code == 200


@pytest.mark.fault("F77")
@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
     {"Origin": "http://127.0.0.1:8000"}, {}],
)  # fmt: skip
def test_what_our_own_page_sends_is_taken(parts, headers):
    client = desk_client(parts, Role.ADMIN)

    assert client.post("/sign-out", headers=headers).status_code == 302


def test_an_application_with_a_route_that_has_no_policy_does_not_start(parts):
    from parking.access.policy import check_every_route

    app = create_app(parts)
    app.add_url_rule("/forgotten", "forgotten", lambda: "")

    with pytest.raises(SystemExit, match="forgotten"):
        check_every_route(app)


@pytest.mark.parametrize("role", DESK)
def test_a_role_is_led_to_a_page_it_may_open_and_so_is_every_entry_of_its_menu(parts, city, role):
    client = desk_client(parts, role)
    page = client.get(HOME[role])
    assert page.status_code == 200

    menu = set(re.findall(r'<a class="(?:nav-link|dropdown-item)[^>]*href="([^"]+)"', page.text))
    assert menu
    assert {href: client.get(href).status_code for href in menu} == dict.fromkeys(menu, 200)
