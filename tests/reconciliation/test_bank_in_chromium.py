"""A statement in a real browser: from the file to the line that a person matches."""

import pytest
from parking.access import cookies
from parking.app import create_app

from tests.chromium import DESK, PHONE, chromium, serving
from tests.reconciliation.scenes import DAY, TUESDAY, night_after
from tests.reconciliation.test_bank_desk import batch, finance, scene  # noqa: F401
from tests.statements.bank_files import Move, mt940

PAGES = (
    "/finance/statements", "/finance/statements/calendar", "/finance/statements/accounts/rkud",
    "/finance/statements/lines", "/finance/statements/unmatched",
)  # fmt: skip


@pytest.fixture(autouse=True)
def the_day_after(clock):
    """When the bank has told of both days."""
    clock.moment = night_after(TUESDAY)


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_statement_is_brought_looked_at_accepted_and_its_line_matched(
    parts, finance, batch, tmp_path, size  # noqa: F811
):  # fmt: skip
    net, day = batch
    long = "KIRIMAN DARI 9360009001234567 QRIS MERCHANTSETTLEMENT PEMERINTAHKOTAJAMBI"
    file = tmp_path / "rekening-koran-2026-11-24.sta"
    file.write_bytes(mt940(Move(net, long, day=day), first=DAY, last=TUESDAY))
    token, complaints, wide = finance.get_cookie(cookies.DESK).value, [], []

    with serving(create_app(parts)) as address, chromium() as browser:
        context = browser.new_context(viewport=size)
        context.add_cookies([{"name": cookies.DESK, "value": token, "url": address}])
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))

        def fits():
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                wide.append(page.url)

        page.goto(f"{address}/finance/statements")
        page.set_input_files("#file", str(file))
        page.click("button:has-text('Lihat dulu')")
        fits()
        page.click("button:has-text('Terima') >> nth=0")
        assert "Diterima" in page.inner_text("main")
        fits()
        for path in PAGES:
            page.goto(address + path)
            fits()
        page.click(f"a:has-text('Rp{net:,}')".replace(",", "."))
        fits()
        page.select_option("#what", index=1)
        page.fill("main #reason", "Menurut surat bank")
        page.click("main button:has-text('Cocokkan')")
        assert "batch midtrans/jambi" in page.inner_text("main")
        assert "Menurut surat bank" in page.inner_text("main")
        fits()

    assert wide == []
    assert complaints == []
