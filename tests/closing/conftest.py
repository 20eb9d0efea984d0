from datetime import datetime, timedelta

import pytest
from parking.access.policy import Role
from parking.ledger.entry import Account, Entry, Posting, Source
from parking.ledger.post import post

from tests.people import desk_client
from tests.reconciliation.scenes import DAY, Scene, at, night_after


@pytest.fixture
def scene(parts, city, clock) -> Scene:
    """A day on which everything agrees, reconciled; the clock stands in the night after it."""
    scene = Scene(parts, city)
    scene.sale(scene.shift())
    book(scene, "a", at(9, 1))
    clock.moment = night_after(DAY) + timedelta(hours=6)
    scene.run()
    return scene


def entry_of(reference: str, evidence: int) -> Entry:
    """An entry of the day, as applying a payment would have booked it."""
    sides = (Posting(Account.DUE_FROM_GATEWAY, 2_000), Posting(Account.SUSPENSE, -2_000))
    return Entry("test", reference, DAY, sides, Source(evidence_id=evidence))


def book(scene: Scene, reference: str, posted_at: datetime) -> None:
    entry = entry_of(reference, scene.evidence(f"BUKU-{reference}"))
    with scene.parts.sessions.begin() as session:
        post(session, entry, posted_at)


@pytest.fixture
def treasurer(parts, scene):
    return desk_client(parts, Role.TREASURER, "rina")


@pytest.fixture
def auditor(parts, scene):
    return desk_client(parts, Role.AUDITOR, "tono")


@pytest.fixture
def finance(parts, scene):
    return desk_client(parts, Role.FINANCE, "sari")
