"""The desk in a real browser, at a desk's width and at a phone's."""

import pytest
from parking.access import cookies, sessions, users
from parking.access.policy import Role
from parking.app import create_app
from parking.reconciliation.run import reconcile_day

from tests.chromium import DESK, PHONE, chromium, serving
from tests.people import PASSWORD
from tests.reconciliation.a_day import a_day
from tests.reconciliation.scenes import DAY, night_after

PAGES = (
    "/audit/", "/audit/discrepancies?day=2026-11-23", "/audit/charges?day=2026-11-23",
    "/audit/charges/PKR-1", "/audit/charges/PKR-2", "/audit/callbacks?day=2026-11-23",
    "/audit/payments?day=2026-11-23", "/audit/settlement?day=2026-11-23",
    "/audit/shifts?day=2026-11-23", "/audit/2026-01-05", "/finance/imports",
    "/audit/reports", "/audit/reports/2026-11-23", "/finance/refunds",
    "/audit/outages", "/audit/outages/new", "/audit/fake-qr", "/audit/fake-qr/new",
    "/audit/2026-11-23", "/finance/rules", "/finance/days", "/finance/days/2026-11-23",
)  # fmt: skip


@pytest.fixture
def token(parts, city, clock):
    """An auditor's session, after a day and its night."""
    a_day(parts, city)
    clock.forward(hours=15)
    reconcile_day(parts.sessions, DAY, night_after(DAY))
    now = parts.clock.now()
    with parts.sessions.begin() as session:
        users.add(
            session, "auditor", Role.AUDITOR, "Contoh Auditor", PASSWORD, parts.settings.pepper,
            "system", now,
        )  # fmt: skip
        user = next(u for u in users.everybody(session) if u.username == "auditor")
        return sessions.start_for_user(session, user.id, now)


@pytest.mark.browser
def test_no_page_scrolls_sideways_or_breaks_the_content_policy(parts, token):
    complaints, wide = [], []
    with serving(create_app(parts)) as address, chromium() as browser:
        for size in (DESK, PHONE):
            context = browser.new_context(viewport=size)
            context.add_cookies([{"name": cookies.DESK, "value": token, "url": address}])
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            for path in PAGES:
                assert page.goto(address + path).status == 200, path
                if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                    wide.append((size["width"], path))

    assert wide == []
    assert complaints == []


@pytest.mark.browser
def test_a_figure_a_row_and_the_raw_evidence_are_each_one_click_apart(parts, token):
    with serving(create_app(parts)) as address, chromium() as browser:
        context = browser.new_context(viewport=DESK)
        context.add_cookies([{"name": cookies.DESK, "value": token, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/audit/2026-11-23")
        assert page.evaluate("document.querySelector('img.chart').naturalWidth") > 0

        page.click("a.figure-card:has-text('Tagihan QRIS')")
        page.click("text=PKR-1")
        page.click("text=bukti mentah >> nth=0")

        assert '"order_id": "PKR-1"' in page.inner_text("pre >> nth=0")
