"""The front page: where to go, and in the demo how to get in."""

from parking.access.policy import Role

from tests.people import PASSWORD, browser, desk_client


def test_the_front_page_leads_to_both_sign_ins(parts):
    page = browser(parts).get("/").text

    assert 'href="/sign-in"' in page
    assert 'href="/attendant/"' in page
    assert "Demo sign-ins" not in page


def test_whoever_is_signed_in_is_led_to_his_desk(parts):
    page = desk_client(parts, Role.AUDITOR).get("/").text

    assert 'href="/audit/"' in page
    assert "Contoh Auditor" in page


def test_the_demo_shows_its_sign_ins_and_one_press_gives_the_password(parts, add_user):
    add_user()
    client = browser(parts)
    client.application.jinja_env.globals["demo_sign_ins"] = lambda: [
        {"role": "auditor", "username": "sri", "password": PASSWORD, "totp_now": "123456",
         "url": "/audit/discrepancies"},
        {"role": "attendant", "username": "JBI-0001", "password": "482915", "totp_now": "",
         "url": "/demo/phones/JBI-0001"},
    ]  # fmt: skip

    page = client.get("/").text

    assert "123456" in page
    assert 'action="/demo/phones/JBI-0001"' in page
    told = client.post(
        "/sign-in", data={"username": "sri", "password": PASSWORD, "next": "/audit/discrepancies"}
    )
    assert told.location == "/sign-in/code"
