import pytest
from parking.parts import Parts

from tests.builders import City
from tests.reconciliation.scenes import Scene


@pytest.fixture
def scene(parts: Parts, city: City) -> Scene:
    return Scene(parts, city)
