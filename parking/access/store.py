"""Who may come in: desk users, attendants' devices and PINs, sessions, attempt counters."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    column,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.access.account import (
    Credentials,
    Device,
    Enrolment,
    OpenSession,
    Signed,
    User,
)
from parking.access.attempt import Attempts
from parking.access.policy import Actor, Role
from parking.database.base import Base, RowId, append_only, updatable


class UserRow(Base):
    """A desk user. Never deleted: ended."""

    __tablename__ = "user_account"
    __table_args__ = updatable("password_hash", "totp_secret", "totp_last_step", "ended_at")

    id: Mapped[RowId]
    username: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    totp_secret: Mapped[str | None]
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)  # a code is used once
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class EnrolmentRow(Base):
    """A one-time code with which a phone becomes an attendant's device."""

    __tablename__ = "enrolment"
    __table_args__ = updatable("used_at")

    id: Mapped[RowId]
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"))
    code_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DeviceRow(Base):
    """A phone enrolled for one attendant."""

    __tablename__ = "device"
    __table_args__ = updatable("ended_at")

    id: Mapped[RowId]
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PinRow(Base):
    """An attendant's PIN from a moment on; the newest holds."""

    __tablename__ = "attendant_pin"
    __table_args__ = append_only()

    id: Mapped[RowId]
    attendant_id: Mapped[int] = mapped_column(ForeignKey("attendant.id"), index=True)
    pin_hash: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class AttemptRow(Base):
    """Wrong tries of one subject: "user:alice", "attendant:12", "device:3", "network:10.0.0.1"."""

    __tablename__ = "attempt"
    __table_args__ = updatable("failures", "last_failed_at", "locked_until")

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class WebSessionRow(Base):
    """A signed-in browser. Only the hash of its id is kept."""

    __tablename__ = "web_session"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (attendant_id IS NULL)", name="one_holder"),
        Index("ix_web_session_user_id", "user_id"),
        updatable("last_seen_at", "revoked_at"),
    )

    id_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    attendant_id: Mapped[int | None] = mapped_column(ForeignKey("attendant.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


# The registry comes after this part: of its table, only the columns that a sign-in reads.
ATTENDANT = table("attendant", column("id"), column("badge"), column("name"), column("ended_on"))


def _user(row: UserRow) -> User:
    return User(
        row.id, row.username, row.display_name, Role(row.role), row.totp_secret is not None,
        row.created_at, row.ended_at,
    )  # fmt: skip


def add_user(
    session: Session, username: str, name: str, role: Role, password_hash: str,
    totp_seed: str | None, now: datetime,
) -> int | None:  # fmt: skip
    """The new user's id; None if the name is taken."""
    return session.scalar(
        insert(UserRow)
        .values(
            username=username, display_name=name, role=role.value, password_hash=password_hash,
            totp_secret=totp_seed, created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["username"])
        .returning(UserRow.id)
    )  # fmt: skip


def users(session: Session) -> Sequence[User]:
    """All users, also ended ones, by name."""
    return [_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.username))]


def count_admins(session: Session) -> int:
    """Administrators who have not ended; their rows are locked until the transaction ends."""
    rows = session.scalars(
        select(UserRow.id)
        .where(UserRow.role == Role.ADMIN.value, UserRow.ended_at.is_(None))
        .with_for_update()
    )
    return len(rows.all())


def credentials(session: Session, username: str) -> Credentials | None:
    row = session.scalar(select(UserRow).where(UserRow.username == username))
    if row is None:
        return None
    return Credentials(_user(row), row.password_hash, row.totp_secret, row.totp_last_step)


def change_user(session: Session, user_id: int, **columns: object) -> None:
    """Change what may change of a user: password_hash, totp_secret, totp_last_step, ended_at."""
    session.execute(update(UserRow).where(UserRow.id == user_id).values(columns))


def use_totp_step(session: Session, user_id: int, step: int) -> bool:
    """Mark a step of the one-time code as used; False if it, or a later one, was used before."""
    taken = session.execute(
        update(UserRow)
        .where(
            UserRow.id == user_id,
            or_(UserRow.totp_last_step.is_(None), UserRow.totp_last_step < step),
        )
        .values(totp_last_step=step)
        .returning(UserRow.id)
    )
    return taken.first() is not None


def add_pin(session: Session, attendant_id: int, pin_hash: str, actor: str, now: datetime) -> None:
    session.execute(
        insert(PinRow).values(
            attendant_id=attendant_id, pin_hash=pin_hash, set_at=now, set_by=actor
        )
    )


def pin_hash(session: Session, attendant_id: int) -> str | None:
    """Of the newest PIN; None if the attendant has none."""
    return session.scalar(
        select(PinRow.pin_hash)
        .where(PinRow.attendant_id == attendant_id)
        .order_by(PinRow.id.desc())
        .limit(1)
    )


def attempts_for_update(session: Session, subject: str, now: datetime) -> Attempts:
    """The tries of a subject, its row locked until the transaction ends."""
    session.execute(
        insert(AttemptRow)
        .values(subject=subject, failures=0, last_failed_at=now)
        .on_conflict_do_nothing()
    )
    row = session.execute(
        select(AttemptRow.failures, AttemptRow.last_failed_at, AttemptRow.locked_until)
        .where(AttemptRow.subject == subject)
        .with_for_update()
    ).one()
    return Attempts(*row)


def keep_attempts(session: Session, subject: str, attempts: Attempts) -> None:
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.subject == subject)
        .values(
            failures=attempts.failures, last_failed_at=attempts.last_failed_at,
            locked_until=attempts.locked_until,
        )
    )  # fmt: skip


def forget_attempts(session: Session, subject: str, now: datetime) -> None:
    keep_attempts(session, subject, Attempts(0, now, None))


def add_session(session: Session, **columns: object) -> None:
    session.execute(insert(WebSessionRow).values(columns))


def signed(session: Session, id_hash: bytes) -> Signed | None:
    """A session with its holder, in one query."""
    s, u, d, a = WebSessionRow, UserRow, DeviceRow, ATTENDANT.c
    row = session.execute(
        select(
            s.user_id, s.attendant_id, s.device_id, s.last_seen_at, s.expires_at, s.revoked_at,
            u.username, u.display_name, u.role, u.ended_at, a.badge, a.name, a.ended_on,
            d.ended_at.label("device_ended_at"),
        )
        .outerjoin(u, u.id == s.user_id)
        .outerjoin(ATTENDANT, a.id == s.attendant_id)
        .outerjoin(d, d.id == s.device_id)
        .where(s.id_hash == id_hash)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    if row.user_id is not None:
        actor = Actor(
            Role(row.role), row.user_id, row.display_name, row.username, None, id_hash
        )  # fmt: skip
    else:
        actor = Actor(Role.ATTENDANT, row.attendant_id, row.name, row.badge, row.device_id, id_hash)
    return Signed(
        actor, row.last_seen_at, row.expires_at, row.revoked_at is not None,
        row.ended_at is not None or row.device_ended_at is not None, row.ended_on,
    )  # fmt: skip


def see_session(session: Session, id_hash: bytes, now: datetime) -> None:
    session.execute(
        update(WebSessionRow).where(WebSessionRow.id_hash == id_hash).values(last_seen_at=now)
    )


def revoke_sessions(session: Session, now: datetime, *, but: bytes = b"", **holder: object) -> None:
    """End the open sessions of a holder: id_hash=…, user_id=…, attendant_id=… or device_id=…."""
    session.execute(
        update(WebSessionRow)
        .filter_by(**holder)
        .where(WebSessionRow.revoked_at.is_(None), WebSessionRow.id_hash != but)
        .values(revoked_at=now)
    )


def open_sessions(session: Session, user_id: int, now: datetime) -> Sequence[OpenSession]:
    """A user's sessions that are neither revoked nor over, the newest first."""
    s = WebSessionRow
    rows = session.execute(
        select(s.id_hash, s.created_at, s.last_seen_at, s.expires_at)
        .where(s.user_id == user_id, s.revoked_at.is_(None), s.expires_at > now)
        .order_by(s.created_at.desc())
    )
    return [OpenSession(*row) for row in rows]


def add_enrolment(
    session: Session, attendant_id: int, code_hash: str, actor: str, now: datetime, until: datetime
) -> None:
    session.execute(
        insert(EnrolmentRow).values(
            attendant_id=attendant_id, code_hash=code_hash, created_at=now, created_by=actor,
            expires_at=until,
        )
    )  # fmt: skip


def use_enrolment(session: Session, code_hash: str, now: datetime) -> Enrolment | None:
    """Use a code up, if it can be used now; of two who try at once, one gets it."""
    e = EnrolmentRow
    row = session.execute(
        update(e)
        .where(e.code_hash == code_hash, e.used_at.is_(None), e.expires_at > now)
        .values(used_at=now)
        .returning(e.id, e.attendant_id, e.created_by, e.expires_at, e.used_at)
    ).one_or_none()
    return Enrolment(*row) if row is not None else None


def withdraw_enrolments(session: Session, attendant_id: int, now: datetime) -> None:
    """No code given to this attendant before can be used any more."""
    session.execute(
        update(EnrolmentRow)
        .where(EnrolmentRow.attendant_id == attendant_id, EnrolmentRow.used_at.is_(None))
        .values(used_at=now)
    )


def add_device(
    session: Session, attendant_id: int, secret_hash: str, label: str, now: datetime
) -> int:
    return session.execute(
        insert(DeviceRow)
        .values(attendant_id=attendant_id, secret_hash=secret_hash, label=label, enrolled_at=now)
        .returning(DeviceRow.id)
    ).scalar_one()


def devices(session: Session, **where: object) -> Sequence[Device]:
    """Devices with their attendants, the newest first; `where` by column of the device."""
    d, a = DeviceRow, ATTENDANT.c
    rows = session.execute(
        select(
            d.id, d.attendant_id, a.badge, a.name, d.label, d.enrolled_at, d.ended_at, a.ended_on
        )
        .join(ATTENDANT, a.id == d.attendant_id)
        .where(*(getattr(d, name) == value for name, value in where.items()))
        .order_by(d.id.desc())
    )
    return [Device(*row) for row in rows]


def end_devices(session: Session, now: datetime, **where: object) -> Sequence[int]:
    """End devices that have not ended, and say which; `where` by column of the device."""
    return session.scalars(
        update(DeviceRow)
        .filter_by(**where)
        .where(DeviceRow.ended_at.is_(None))
        .values(ended_at=now)
        .returning(DeviceRow.id)
    ).all()


def last_day_of(session: Session, attendant_id: int) -> date | None:
    return session.scalar(select(ATTENDANT.c.ended_on).where(ATTENDANT.c.id == attendant_id))


def attendant_id_of(session: Session, badge: str) -> int | None:
    return session.scalar(select(ATTENDANT.c.id).where(ATTENDANT.c.badge == badge))
