"""Ten thousand random days: callbacks twice, disordered, lost, forged, altered and late, at every
gateway; the book ends as the gateways' own, and every invariant holds.

A seed that fails is printed; `SEEDS=4711 python -m pytest tests/random_days` lives it alone.
"""

import os

import pytest
from parking.sandbox.providers import PROVIDERS

from tests.gateways.contract.adapters import ADAPTERS
from tests.random_days.plan import day_of
from tests.random_days.world import a_world, live

DAYS, AT_ONCE = 10_000, 500
SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "").split(",") if seed] or range(DAYS)
CHUNKS = [SEEDS[first : first + AT_ONCE] for first in range(0, len(SEEDS), AT_ONCE)]
NAMES = sorted(set(ADAPTERS) & set(PROVIDERS))


@pytest.mark.fault("F05")
@pytest.mark.fault("F06")
@pytest.mark.fault("F07")
@pytest.mark.fault("F09")
@pytest.mark.fault("F12")
@pytest.mark.fault("F22")
@pytest.mark.timeout(400)
@pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: f"from-{seeds[0]}")
def test_whatever_happens_the_book_says_what_happened(parts, city, clock, tmp_path, seeds):
    with a_world(parts, city, tmp_path, clock.now()) as world:
        wrong = live(world, [day_of(seed, NAMES) for seed in seeds])

    assert wrong == [], "\n".join(wrong[:20])
