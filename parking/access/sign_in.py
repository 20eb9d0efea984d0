"""Prove who you are: password and one-time code at a desk, phone and PIN on the street."""

from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from parking.access import attempts, pin, sessions, store, totp
from parking.access.account import Credentials, Device, User
from parking.access.attempt import USER
from parking.access.policy import TWO_FACTORS
from parking.access.secrets import is_secret, token_hash
from parking.audit import log
from parking.errors import BadInput

LONGEST_NAME = 64


def check_password(
    made: sessionmaker[Session], username: str, password: str, pepper: str, address: str,
    now: datetime,
) -> User:  # fmt: skip
    """The user whose name and password these are.

    Raises BadInput that does not say which of the two is wrong, after the same time
    for a user that exists and one that does not (F83); TooManyAttempts.
    """
    attempts.claim_network(made, address, now)
    user = _whose(made, username, password, pepper, now)
    attempts.forgive_network(made, address, now)
    if not needs_code(user):  # else the count stands until the code is right as well
        attempts.forgive(made, _subject(username), now)
    return user


def check_own_password(
    made: sessionmaker[Session], username: str, password: str, pepper: str, now: datetime
) -> User:
    """`check_password` for somebody who is signed in, before he changes it."""
    user = _whose(made, username, password, pepper, now)
    attempts.forgive(made, _subject(username), now)
    return user


def _whose(
    made: sessionmaker[Session], username: str, password: str, pepper: str, now: datetime
) -> User:
    attempts.claim(made, _subject(username), USER, now)
    with made() as session:
        found = store.credentials(session, username)
    if found is not None and found.user.ended_at is not None:
        found = None
    right = is_secret(password, found.password_hash if found else None, pepper)
    if found is None or not right:
        _note_failure(made, _subject(username), now)
        raise BadInput("Nama pengguna atau kata sandi salah")
    return found.user


def _subject(username: str) -> str:
    return f"user:{username[:LONGEST_NAME]}"


def needs_code(user: User) -> bool:
    return user.role in TWO_FACTORS or user.has_totp


def check_code(
    made: sessionmaker[Session], username: str, code: str, pepper: str, now: datetime
) -> User:
    """The user whose authenticator shows this code; the code is used up.

    Raises BadInput for a code that is wrong or was used before (F85); TooManyAttempts.
    """
    subject = _subject(username)
    attempts.claim(made, subject, USER, now)
    with made.begin() as session:
        found = store.credentials(session, username)
        right = found is not None and _uses_up(session, found, code, pepper, now)
    if not right or found is None:
        _note_failure(made, subject, now)
        raise BadInput("Kode salah atau sudah dipakai. Tunggu kode berikutnya")
    attempts.forgive(made, subject, now)
    return found.user


def _uses_up(session: Session, found: Credentials, code: str, pepper: str, now: datetime) -> bool:
    if found.totp_seed is None or found.user.ended_at is not None:
        return False
    step = totp.step_of(code, found.totp_seed, pepper, now)
    return step is not None and store.use_totp_step(session, found.user.id, step)


def _note_failure(made: sessionmaker[Session], subject: str, now: datetime) -> None:
    with made.begin() as session:
        log.record(session, now, "system", "user.sign_in_failed", subject)


def start_desk(
    made: sessionmaker[Session], user_id: int, username: str, old: bytes | None, now: datetime
) -> str:
    """Begin a session of a user; the one this browser had ends (F76). The token for the cookie."""
    with made.begin() as session:
        if old:
            sessions.end(session, old, now)
        token = sessions.start_for_user(session, user_id, now)
        log.record(session, now, f"user:{username}", "user.sign_in", f"user:{username}")
    return token


def device_of(made: sessionmaker[Session], secret: str | None, now: datetime) -> Device | None:
    """The enrolled phone that shows this secret; None if it is none of ours any more."""
    if not secret:
        return None
    with made() as session:
        found = store.devices(session, secret_hash=token_hash(secret).hex())
    return found[0] if found and found[0].is_good(now) else None


def start_phone(
    made: sessionmaker[Session], device: Device, tried: str, pepper: str, address: str,
    old: bytes | None, now: datetime,
) -> str:  # fmt: skip
    """Sign the attendant of a phone in by PIN; the token for the cookie.

    Raises BadInput for a wrong PIN, TooManyAttempts.
    """
    attempts.claim_network(made, address, now)
    pin.prove_pin(made, device.attendant_id, tried, pepper, now)
    attempts.forgive_network(made, address, now)
    with made.begin() as session:
        if old:
            sessions.end(session, old, now)
        token = sessions.start_for_attendant(session, device.attendant_id, device.id, now)
        attendant = f"attendant:{device.attendant_id}"
        log.record(session, now, attendant, "attendant.sign_in", attendant, {"device": device.id})
    return token
