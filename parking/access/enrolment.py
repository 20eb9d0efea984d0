"""A phone becomes an attendant's: a supervisor gives a one-time code, the phone uses it up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from parking.access import pin, store
from parking.access.secrets import CODE_LENGTH, CODE_LETTERS, new_code, new_token, token_hash
from parking.audit import log
from parking.business_day import business_day
from parking.errors import BadInput, Conflict, NotFound

VALID_FOR = timedelta(minutes=15)
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time code, shown once to whoever stands before the supervisor."""

    attendant_id: int
    code: str
    expires_at: datetime

    def url(self, public_url: str) -> str:
        """What the QR holds. The code follows a #: no server and no log ever sees it."""
        return f"{public_url}/attendant/enrol#{self.code}"


def invite(session: Session, attendant_id: int, actor: str, now: datetime) -> Invitation:
    """A code for a phone of an attendant; codes given before cannot be used any more.

    Raises Conflict if the attendant's last day is over.
    """
    last_day = store.last_day_of(session, attendant_id)
    if last_day is not None and business_day(now) > last_day:
        raise Conflict("Juru parkir ini sudah berakhir")
    code, until = new_code(), now + VALID_FOR
    store.withdraw_enrolments(session, attendant_id, now)
    store.add_enrolment(session, attendant_id, _kept(code), actor, now, until)
    log.record(session, now, actor, "enrolment.invite", f"attendant:{attendant_id}")
    return Invitation(attendant_id, code, until)


def invite_badge(session: Session, badge: str, actor: str, now: datetime) -> Invitation:
    """`invite` for the holder of a badge. Raises NotFound, Conflict."""
    attendant_id = store.attendant_id_of(session, badge)
    if attendant_id is None:
        raise NotFound(f"Juru parkir {badge} tidak ada")
    return invite(session, attendant_id, actor, now)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new device, and the secret for its cookie."""

    device_id: int
    attendant_id: int
    secret: str


def enrol(
    session: Session, code: str, chosen_pin: str, label: str, pepper: str, now: datetime
) -> Enrolled:
    """Make this phone the attendant's, with a PIN of his choice; his phones before it end.

    Raises BadInput if the code is unknown, used or over, or the PIN is easy to guess;
    the code is then as good as before.
    """
    if problem := pin.problem_with(chosen_pin):
        raise BadInput(problem, {"pin": problem})
    used = store.use_enrolment(session, _kept(_typed(code)), now)
    if used is None:
        raise BadInput("Kode salah, sudah dipakai atau kedaluwarsa", {"code": "tidak berlaku"})
    attendant = f"attendant:{used.attendant_id}"
    for ended in store.end_devices(session, now, attendant_id=used.attendant_id):
        log.record(session, now, attendant, "device.end", f"device:{ended}", reason="ponsel baru")
    store.revoke_sessions(session, now, attendant_id=used.attendant_id)
    secret = new_token()
    device_id = store.add_device(
        session, used.attendant_id, token_hash(secret).hex(), label[:LONGEST_LABEL], now
    )
    pin.set_pin(session, used.attendant_id, chosen_pin, pepper, attendant, now)
    log.record(
        session, now, attendant, "device.enrol", f"device:{device_id}",
        {"enrolment": used.id, "invited_by": used.created_by},
    )  # fmt: skip
    return Enrolled(device_id, used.attendant_id, secret)


def _typed(code: str) -> str:
    """A code as it was typed, without blanks and dashes, in capitals."""
    return "".join(c for c in code.upper() if c in CODE_LETTERS)[: CODE_LENGTH + 1]


def _kept(code: str) -> str:
    return token_hash(code).hex()
