"""The pages of cases in a real browser, at a desk's width and at a phone's."""

import pytest
from parking.access import cookies, sessions
from parking.access.policy import Role
from parking.access.store import UserRow
from parking.app import create_app
from sqlalchemy import select

from tests.chromium import DESK, PHONE, chromium, serving
from tests.people import desk_client
from tests.reconciliation.cases.test_desk import three as three


@pytest.fixture
def token(parts, three):
    client = desk_client(parts, Role.AUDITOR, "ratna")
    paper = {"document": "SK 7/2026", "reason": "Gerbang tidak menggantinya"}
    client.post(f"/audit/cases/{three[0]}/write-off", data=paper)
    with parts.sessions.begin() as session:
        user_id = session.scalar(select(UserRow.id).where(UserRow.username == "ratna"))
        return sessions.start_for_user(session, user_id, parts.clock.now())


@pytest.mark.browser
def test_cases_fit_a_desk_and_a_phone_and_many_are_chosen_at_once(parts, token, three):
    pages = [
        "/audit/cases", "/finance/cases/approvals", "/field/warnings",
        *(f"/audit/cases/{n}" for n in three[:2]),
        *(f"/audit/cases/{three[1]}/{form}" for form in ("correction", "evidence")),
    ]  # fmt: skip
    complaints, wide = [], []
    with serving(create_app(parts)) as address, chromium() as browser:
        for size in (DESK, PHONE):
            context = browser.new_context(viewport=size)
            context.add_cookies([{"name": cookies.DESK, "value": token, "url": address}])
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            for path in pages:
                assert page.goto(address + path).status == 200, path
                if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                    wide.append((size["width"], path))
            page.goto(f"{address}/audit/cases")
            page.check("#choose-all")
            page.click("text=Tugaskan yang dipilih")
            assert "3 kasus" in page.inner_text("h1")

    assert wide == []
    assert complaints == []
