"""PINs of the two attendants of the test city."""

import pytest
from parking.access.pin import set_pin
from parking.parts import Parts

from tests.builders import City

BUDIS_PIN, SARIS_PIN = "482915", "739164"


@pytest.fixture
def pins(parts: Parts, city: City) -> None:
    with parts.sessions.begin() as session:
        for who, pin in ((city.budi, BUDIS_PIN), (city.sari, SARIS_PIN)):
            set_pin(session, who, pin, parts.settings.pepper, "user:supervisor", parts.clock.now())
