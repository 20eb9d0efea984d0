"""Server-side sessions: begun at sign-in, looked up at every request, revocable at once."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from parking.access import store
from parking.access.account import Signed
from parking.access.policy import Actor, Role
from parking.access.secrets import new_token, token_hash
from parking.business_day import business_day

# reliability.md 11: without a request, and in all.
DESK_IDLE, DESK_LONGEST = timedelta(minutes=20), timedelta(hours=10)
PHONE_IDLE, PHONE_LONGEST = timedelta(hours=4), timedelta(hours=14)

SEEN_EVERY = timedelta(minutes=1)


def start_for_user(session: Session, user_id: int, now: datetime) -> str:
    """Sign a desk user in; the token for the cookie."""
    token = new_token()
    store.add_session(
        session, id_hash=token_hash(token), user_id=user_id, created_at=now, last_seen_at=now,
        expires_at=now + DESK_LONGEST,
    )  # fmt: skip
    return token


def start_for_attendant(session: Session, attendant_id: int, device_id: int, now: datetime) -> str:
    """Sign an attendant in on an enrolled phone; the token for the cookie."""
    token = new_token()
    store.add_session(
        session, id_hash=token_hash(token), attendant_id=attendant_id, device_id=device_id,
        created_at=now, last_seen_at=now, expires_at=now + PHONE_LONGEST,
    )  # fmt: skip
    return token


def actor_of(sessions: sessionmaker[Session], token: str, now: datetime) -> Actor | None:
    """Who holds the session of a token; None if nobody does any more.

    One query; that it was used is written down at most once a minute.
    """
    with sessions.begin() as session:
        signed = store.signed(session, token_hash(token))
        if signed is None or not _is_open(signed, now):
            return None
        if now - signed.last_seen_at >= SEEN_EVERY:
            store.see_session(session, signed.actor.session_hash, now)
    return signed.actor


def _is_open(signed: Signed, now: datetime) -> bool:
    if signed.is_revoked or signed.holder_ended or now >= signed.expires_at:
        return False
    if signed.ended_on is not None and business_day(now) > signed.ended_on:
        return False
    idle = PHONE_IDLE if signed.actor.role is Role.ATTENDANT else DESK_IDLE
    return now - signed.last_seen_at < idle


def end(session: Session, id_hash: bytes, now: datetime) -> None:
    """Sign one browser out."""
    store.revoke_sessions(session, now, id_hash=id_hash)
