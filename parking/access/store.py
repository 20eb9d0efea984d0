"""Who may come in: desk users, attendants' devices and PINs, sessions, attempt counters."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

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
