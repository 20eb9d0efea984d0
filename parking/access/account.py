"""Who may come in and by what, as values."""

from dataclasses import dataclass
from datetime import date, datetime

from parking.access.policy import Actor, Role
from parking.business_day import business_day


@dataclass(frozen=True, slots=True)
class User:
    id: int
    username: str
    name: str
    role: Role
    has_totp: bool
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a desk user proves to be himself with."""

    user: User
    password_hash: str
    totp_seed: str | None
    totp_last_step: int | None


@dataclass(frozen=True, slots=True)
class Device:
    id: int
    attendant_id: int
    badge: str
    attendant_name: str
    label: str
    enrolled_at: datetime
    ended_at: datetime | None
    last_day: date | None  # of the attendant

    def is_good(self, now: datetime) -> bool:
        """Whether it still opens anything at a moment."""
        over = self.last_day is not None and business_day(now) > self.last_day
        return self.ended_at is None and not over


@dataclass(frozen=True, slots=True)
class Enrolment:
    id: int
    attendant_id: int
    created_by: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is signed in."""

    id_hash: bytes
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A session and whoever holds it, as they are at this moment."""

    actor: Actor
    last_seen_at: datetime
    expires_at: datetime
    is_revoked: bool
    holder_ended: bool  # user or device ended; an attendant's last day is checked by the caller
    ended_on: date | None  # an attendant's last day
