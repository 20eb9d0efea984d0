"""People who sign in."""

import pytest
from parking.access import enrolment, totp, users
from parking.access.policy import Role

from tests.people import PASSWORD

PIN = "482915"


@pytest.fixture
def pepper(parts):
    return parts.settings.pepper


@pytest.fixture
def add_user(parts, pepper):
    """Adds a desk user with PASSWORD; gives what he signs in with."""

    def add(username="sri", role=Role.AUDITOR):
        with parts.sessions.begin() as session:
            return users.add(
                session, username, role, "Sri Contoh", PASSWORD, pepper, "system", parts.clock.now()
            )

    return add


@pytest.fixture
def code_of(parts, pepper):
    """What a user's authenticator shows now."""

    def code(username="sri"):
        from parking.access import store

        with parts.sessions() as session:
            seed = store.credentials(session, username).totp_seed
        return totp.authenticator(seed, pepper).at(parts.clock.now())

    return code


@pytest.fixture
def invite(parts, city):
    """A one-time code for Budi's new phone."""

    def make(attendant_id=None):
        with parts.sessions.begin() as session:
            return enrolment.invite(
                session, attendant_id or city.budi, "user:sri", parts.clock.now()
            ).code

    return make


@pytest.fixture
def enrolled(parts, invite, pepper):
    """Budi's enrolled phone, with PIN."""
    code = invite()
    with parts.sessions.begin() as session:
        return enrolment.enrol(session, code, PIN, "Ponsel uji", pepper, parts.clock.now())
