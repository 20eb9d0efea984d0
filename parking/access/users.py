"""Desk users: added, given new secrets, ended; never deleted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from parking.access import password as passwords
from parking.access import store, totp
from parking.access.account import Credentials, User
from parking.access.policy import TWO_FACTORS, Role
from parking.access.secrets import hash_secret, new_password
from parking.audit import log
from parking.errors import BadInput, Conflict, NotFound

DESK_ROLES = tuple(role for role in Role if role is not Role.ATTENDANT)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a user signs in with, shown once and kept nowhere."""

    username: str
    password: str
    totp_uri: str | None  # for the QR of an authenticator app; None for a role without


def add(
    session: Session, username: str, role: Role, name: str, password: str, pepper: str,
    actor: str, now: datetime,
) -> Secrets:  # fmt: skip
    """Add a user; an empty password is made up. Raises BadInput, Conflict if the name is taken."""
    problems = _problems(username, role, name)
    chosen = password or new_password()
    if problem := passwords.problem_with(chosen, username):
        problems["password"] = problem
    if problems:
        raise BadInput("Pengguna tidak dapat ditambahkan", problems)
    seed = totp.new_seed() if role in TWO_FACTORS else None
    user_id = store.add_user(session, username, name, role, hash_secret(chosen, pepper), seed, now)
    if user_id is None:
        raise Conflict(f"Nama pengguna {username} sudah dipakai")
    log.record(session, now, actor, "user.add", f"user:{username}", {"role": role.value})
    return _secrets(username, chosen, seed, pepper)


def _problems(username: str, role: Role, name: str) -> dict[str, str]:
    found = {}
    if not re.fullmatch(r"[a-z][a-z0-9._-]{1,31}", username):
        found["username"] = "2 sampai 32 huruf kecil, angka, titik, garis; mulai dengan huruf"
    if role not in DESK_ROLES:
        found["role"] = "Juru parkir masuk dengan ponselnya, bukan di sini"
    if not (name.strip() and len(name) <= 100 and name.isprintable()):
        found["name"] = "Nama harus diisi, paling banyak 100 huruf"
    return found


def _secrets(username: str, password: str, seed: str | None, pepper: str) -> Secrets:
    return Secrets(username, password, totp.uri(seed, pepper, username) if seed else None)


def everybody(session: Session) -> Sequence[User]:
    """All users, also ended ones, by user name."""
    return store.users(session)


def end(session: Session, username: str, actor: str, now: datetime, reason: str = "") -> None:
    """End a user: his sessions are over with this transaction. Raises NotFound or Conflict.

    The last administrator cannot be ended: nobody could add another.
    """
    user = _present(session, username).user
    if user.role is Role.ADMIN and store.count_admins(session) == 1:
        raise Conflict("Administrator terakhir tidak dapat diakhiri")
    store.change_user(session, user.id, ended_at=now)
    store.revoke_sessions(session, now, user_id=user.id)
    log.record(session, now, actor, "user.end", f"user:{username}", reason=reason)


def reset(
    session: Session, username: str, password: str, pepper: str, actor: str, now: datetime,
    reason: str = "",
) -> Secrets:  # fmt: skip
    """New password and new second factor; all sessions end, a lock is lifted.

    An empty password is made up. Raises NotFound, Conflict if the user has ended, BadInput.
    """
    user = _present(session, username).user
    chosen = password or new_password()
    if problem := passwords.problem_with(chosen, username):
        raise BadInput(problem, {"password": problem})
    seed = totp.new_seed() if user.role in TWO_FACTORS else None
    store.change_user(
        session, user.id, password_hash=hash_secret(chosen, pepper), totp_secret=seed,
        totp_last_step=None,
    )  # fmt: skip
    store.revoke_sessions(session, now, user_id=user.id)
    store.forget_attempts(session, f"user:{username}", now)
    log.record(session, now, actor, "user.reset", f"user:{username}", reason=reason)
    return _secrets(username, chosen, seed, pepper)


def sign_out(session: Session, username: str, actor: str, now: datetime) -> None:
    """End every session of a user, who may sign in again. Raises NotFound, or Conflict if ended."""
    user = _present(session, username).user
    store.revoke_sessions(session, now, user_id=user.id)
    log.record(session, now, actor, "user.sign_out_all", f"user:{username}")


def _present(session: Session, username: str) -> Credentials:
    found = store.credentials(session, username)
    if found is None:
        raise NotFound(f"Tidak ada pengguna {username}")
    if found.user.ended_at is not None:
        raise Conflict(f"Pengguna {username} sudah diakhiri")
    return found


def change_password(
    session: Session, user: User, password: str, pepper: str, here: bytes, now: datetime
) -> None:
    """A user's own new password; his sessions end but the one it was changed in.

    The present password was checked before. Raises BadInput if it is easy to guess.
    """
    if problem := passwords.problem_with(password, user.username):
        raise BadInput(problem, {"password": problem})
    store.change_user(session, user.id, password_hash=hash_secret(password, pepper))
    store.revoke_sessions(session, now, user_id=user.id, but=here)
    log.record(session, now, f"user:{user.username}", "user.password", f"user:{user.username}")
