"""An attendant's phone in Chromium, the service behind it, and the gateway beside it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from parking.access import cookies, sessions
from parking.app import create_app
from parking.parts import Parts
from parking.payments import work
from playwright.sync_api import Browser, Page

from tests.builders import City
from tests.chromium import PHONE, chromium, serving
from tests.sandbox_process import SandboxProcess


@dataclass(frozen=True, slots=True)
class Street:
    """An attendant's phone, and the driver's beside it."""

    phone: Page
    driver: Page
    address: str
    sandbox: SandboxProcess


@pytest.fixture
def street(parts: Parts, city: City, sandbox: SandboxProcess) -> Iterator[Street]:
    with serving(create_app(parts)) as address, working(parts), chromium() as browser:
        sandbox.notify(f"{address}/callbacks/midtrans/jambi")
        phone = phone_of(browser, parts, city.budi, city.budis_phone, address)
        driver = browser.new_context(viewport=PHONE).new_page()
        yield Street(phone, driver, address, sandbox)


def phone_of(browser: Browser, parts: Parts, attendant: int, device: int, address: str) -> Page:
    """The browser of an attendant's enrolled phone, signed in."""
    with parts.sessions.begin() as session:
        token = sessions.start_for_attendant(session, attendant, device, parts.clock.now())
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    context.add_cookies([{"name": cookies.PHONE, "value": token, "url": address}])
    return context.new_page()


class working:
    """Works through the inbox as the jobs process does, while the block runs."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            parts = self._parts
            work.work_through(parts.sessions, parts.gateways.find, parts.clock.now())

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
