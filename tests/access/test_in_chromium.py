"""The attendant's way in, with a phone-sized browser."""

import pytest
from parking.app import create_app

from tests.access.conftest import PIN
from tests.chromium import PHONE, chromium, serving


def keys(page, digits):
    for digit in digits:
        page.click(f'[data-key="{digit}"]')


@pytest.mark.browser
def test_an_attendant_scans_a_code_chooses_a_pin_and_comes_in_by_big_keys(parts, invite):
    app = create_app(parts)
    code = invite()
    asked = []
    with serving(app) as address, chromium() as browser:
        page = browser.new_page(viewport=PHONE)
        page.on("request", lambda request: asked.append(request.url))

        page.goto(f"{address}/attendant/enrol#{code}")
        assert page.input_value("#code") == code
        assert page.url == f"{address}/attendant/enrol"  # the code is gone from the address
        page.fill("#pin", PIN)
        page.fill("#pin_again", PIN)
        page.click("text=Daftarkan >> nth=-1")
        page.wait_for_url(f"{address}/attendant/")

        page.goto(f"{address}/attendant/sign-in")
        keys(page, "735164")
        page.wait_for_selector("text=PIN salah")
        keys(page, PIN)  # sent by itself with the sixth
        page.wait_for_url(f"{address}/attendant/")

        page.goto(f"{address}/attendant/sign-in")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not [url for url in asked if code in url]  # no server ever saw it
