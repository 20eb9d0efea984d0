"""Count a try before it is judged, so that tries side by side cannot outrun the count (F81)."""

from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from parking.access import store
from parking.access.attempt import NETWORK, NEVER, Rule
from parking.business_day import time_text
from parking.errors import TooManyAttempts

DAY_S = 86_400


def claim(sessions: sessionmaker[Session], subject: str, rule: Rule, now: datetime) -> None:
    """Count a try of `subject` as failed, until it is forgiven.

    In a transaction of its own: what the caller rolls back, the count survives.
    Raises TooManyAttempts, and counts nothing, while the subject is locked.
    """
    with sessions.begin() as session:
        attempts = store.attempts_for_update(session, subject, now)
        if attempts.locked_until is not None and now < attempts.locked_until:
            raise _wait(attempts.locked_until, now)
        store.keep_attempts(session, subject, attempts.failed(rule, now))


def forgive(sessions: sessionmaker[Session], subject: str, now: datetime) -> None:
    """The try was right: the subject starts anew."""
    with sessions.begin() as session:
        store.forget_attempts(session, subject, now)


def claim_network(sessions: sessionmaker[Session], address: str, now: datetime) -> None:
    """Count a try from a network address, as `claim` does."""
    claim(sessions, f"network:{address}", NETWORK, now)


def forgive_network(sessions: sessionmaker[Session], address: str, now: datetime) -> None:
    """The try was right: take it off, and leave what others behind this address did."""
    subject = f"network:{address}"
    with sessions.begin() as session:
        attempts = store.attempts_for_update(session, subject, now)
        store.keep_attempts(session, subject, attempts.forgiven_one())


def _wait(until: datetime, now: datetime) -> TooManyAttempts:
    if until == NEVER:
        return TooManyAttempts("Terkunci. Minta kode pendaftaran baru dari pengawas", DAY_S)
    seconds = int((until - now).total_seconds()) + 1
    return TooManyAttempts(
        f"Terlalu banyak percobaan. Coba lagi setelah {time_text(until)}", seconds
    )
