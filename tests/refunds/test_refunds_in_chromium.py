"""The refund pages in a real browser, for those who ask and for those who decide."""

import re

import pytest
from parking.access import cookies, sessions, users
from parking.access.policy import Role
from parking.app import create_app
from parking.reconciliation.run import reconcile_day

from tests.chromium import DESK, PHONE, chromium, serving
from tests.people import PASSWORD
from tests.reconciliation.a_day import a_day
from tests.reconciliation.scenes import DAY, night_after

NOTE = "Juru parkir melihat Rp20.000 di layar pengemudi; pengemudi meminta selisihnya kembali. " * 3


@pytest.fixture
def tokens(parts, city, clock):
    """The sessions of an auditor and a treasurer, after a day and its night."""
    a_day(parts, city)
    clock.forward(hours=15)
    reconcile_day(parts.sessions, DAY, night_after(DAY))
    return {role: token_of(parts, role) for role in (Role.AUDITOR, Role.TREASURER)}


def token_of(parts, role):
    now = parts.clock.now()
    with parts.sessions.begin() as session:
        users.add(
            session, role.value, role, f"Contoh {role.value.title()}", PASSWORD,
            parts.settings.pepper, "system", now,
        )  # fmt: skip
        user = next(u for u in users.everybody(session) if u.username == role.value)
        return sessions.start_for_user(session, user.id, now)


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_the_discrepancy_to_the_decision_in_a_browser(parts, tokens, size):
    complaints, wide = [], []

    def look(page):
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            wide.append(page.url)

    with serving(create_app(parts)) as address, chromium() as browser:

        def at_desk(role):
            context = browser.new_context(viewport=size)
            cookie = {"name": cookies.DESK, "value": tokens[role], "url": address}
            context.add_cookies([cookie])
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            return page

        auditor, treasurer = at_desk(Role.AUDITOR), at_desk(Role.TREASURER)
        auditor.goto(f"{address}/audit/discrepancies?day={DAY}&code=D05")
        auditor.goto(address + auditor.get_attribute("a[href^='/audit/discrepancies/']", "href"))
        auditor.click("text=Ajukan pengembalian")
        assert auditor.input_value("[name=amount]") == "18000"
        look(auditor)
        auditor.fill("[name=note]", NOTE)
        auditor.click(".form-buttons button")
        auditor.wait_for_url("**/finance/refunds/RF*")
        look(auditor)
        case = re.search(r"/finance/refunds/RF\w+", auditor.url)[0]

        treasurer.goto(f"{address}/finance/refunds")
        look(treasurer)
        treasurer.click("td a >> nth=0")
        assert treasurer.url == address + case
        treasurer.goto(f"{address}{case}/reject")
        look(treasurer)
        treasurer.goto(address + case)
        look(treasurer)
        assert treasurer.locator("text=Catat transfer").count() == 0  # not before it is approved
        treasurer.click("text=Setujui Rp18.000")
        assert "Disetujui" in treasurer.inner_text("main")
        treasurer.goto(f"{address}{case}/transfer")
        look(treasurer)

    assert (complaints, wide) == ([], [])
