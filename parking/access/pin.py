"""An attendant's six-digit PIN: one of two factors, the other is the enrolled phone."""

import re
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from parking.access import attempts, store
from parking.access.attempt import PIN
from parking.access.secrets import hash_secret, is_secret
from parking.audit import log
from parking.errors import BadInput

LENGTH = 6


def problem_with(pin: str) -> str | None:
    """Why a PIN may not be chosen; None if it may.

    >>> problem_with("123456")
    'PIN mudah ditebak: angka berurutan'
    >>> problem_with("482915") is None
    True
    """
    if not re.fullmatch(r"[0-9]{6}", pin):
        return "PIN harus 6 angka"
    steps = {(int(b) - int(a)) % 10 for a, b in zip(pin, pin[1:], strict=False)}
    if steps in ({1}, {9}):
        return "PIN mudah ditebak: angka berurutan"
    if len(set(pin)) < 3 or pin[:3] == pin[3:] or pin[:2] * 3 == pin:
        return "PIN mudah ditebak: angka berulang"
    if _is_date(pin):
        return "PIN mudah ditebak: tanggal (hari, bulan, tahun)"
    return None


def _is_date(pin: str) -> bool:
    day, month = int(pin[:2]), int(pin[2:4])
    return 1 <= day <= 31 and 1 <= month <= 12


def set_pin(
    session: Session, attendant_id: int, pin: str, pepper: str, actor: str, now: datetime
) -> None:
    """Give an attendant a PIN; the one before stops working, a lock is lifted.

    Raises BadInput if it is easy to guess.
    """
    if problem := problem_with(pin):
        raise BadInput(problem, {"pin": problem})
    store.add_pin(session, attendant_id, hash_secret(pin, pepper), actor, now)
    store.forget_attempts(session, subject(attendant_id), now)
    log.record(session, now, actor, "pin.set", f"attendant:{attendant_id}")


def subject(attendant_id: int) -> str:
    return f"attendant:{attendant_id}"


def prove_pin(
    sessions: sessionmaker[Session], attendant_id: int, pin: str, pepper: str, now: datetime,
    tried_on: int | None = None,
) -> None:  # fmt: skip
    """Return if the PIN is the attendant's, in transactions of its own.

    A colleague's phone on which it is typed is named by `tried_on`, its device id: wrong
    tries count against that phone, or anybody could lock anybody out. Raises BadInput
    when the PIN is wrong, and TooManyAttempts when it may not be tried now.
    """
    counted = subject(attendant_id) if tried_on is None else f"colleague-pin:{tried_on}"
    attempts.claim(sessions, counted, PIN, now)
    with sessions() as session:
        kept = store.pin_hash(session, attendant_id)
    if not is_secret(pin, kept, pepper):
        raise BadInput("PIN salah", {"pin": "PIN salah"})
    attempts.forgive(sessions, counted, now)


def check_pin(session: Session, attendant_id: int, pin: str, pepper: str, now: datetime) -> None:
    """`prove_pin` for a caller that is inside a transaction.

    Failures are counted over a connection of their own, so the caller's rollback
    does not undo them. Call it before the first statement of the transaction: no
    connection is held then, and the pool cannot run dry.
    """
    prove_pin(sessionmaker(session.get_bind()), attendant_id, pin, pepper, now)
