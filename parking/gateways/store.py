"""Outages of merchant accounts, as breakers noticed them or somebody entered them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    and_,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session

from parking.database.base import Base, RowId, updatable
from parking.errors import NotFound
from parking.gateways.breaker import SAME, Open
from parking.gateways.outage import Noticed, Outage

LOCK = 7_523_002


class OutageRow(Base):
    """A time in which a merchant account could not be used."""

    __tablename__ = "outage"
    __table_args__ = (
        CheckConstraint("noticed IN ('breaker', 'hand')", name="noticed"),
        CheckConstraint("ended_at >= began_at", name="period"),
        Index(
            "uq_outage_open", "gateway", "account",
            unique=True, postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_outage_began_at", "began_at"),
        updatable("ended_at", "ended_by", "retry_at"),
    )  # fmt: skip

    id: Mapped[RowId]
    gateway: Mapped[str]
    account: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # it is not over while there is none
    noticed: Mapped[str]
    reason: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by: Mapped[str]
    ended_by: Mapped[str | None]
    retry_at: Mapped[datetime | None]  # a breaker's next try


def in_force(session: Session, now: datetime) -> Sequence[Outage]:
    """The outages that last now, the oldest first."""
    row = OutageRow
    lasts = or_(row.ended_at.is_(None), row.ended_at > now)
    rows = session.scalars(select(row).where(row.began_at <= now, lasts).order_by(row.id))
    return [_outage(each) for each in rows]


def between(session: Session, since: datetime, until: datetime) -> Sequence[Outage]:
    """The outages of a period, also those that began before or last beyond it."""
    row = OutageRow
    touches = and_(row.began_at < until, or_(row.ended_at.is_(None), row.ended_at > since))
    return [_outage(each) for each in session.scalars(select(row).where(touches).order_by(row.id))]


def outage(session: Session, outage_id: int) -> Outage:
    """Raises NotFound."""
    row = session.get(OutageRow, outage_id)
    if row is None:
        raise NotFound(f"Tidak ada gangguan nomor {outage_id}")
    return _outage(row)


def lasts(session: Session, gateway: str, account: str) -> bool:
    """Whether an outage of an account has no end yet."""
    row = OutageRow
    mine = and_(row.gateway == gateway, row.account == account, row.ended_at.is_(None))
    return session.scalar(select(row.id).where(mine)) is not None


def note_open(
    session: Session, gateway: str, account: str, known: Open, reason: str, now: datetime
) -> None:
    """Write down that a breaker has opened, or stays open for longer.

    What is back within five minutes is the same outage again. One that somebody has
    entered and not ended stands for it.
    """
    lock(session)
    row = OutageRow
    mine = and_(row.gateway == gateway, row.account == account)
    if session.scalar(select(row.id).where(mine, row.ended_at.is_(None), _by_hand())) is not None:
        return
    lately = and_(~_by_hand(), or_(row.ended_at.is_(None), row.ended_at > now - SAME))
    last = session.scalar(select(row.id).where(mine, lately).order_by(row.id.desc()).limit(1))
    if last is not None:
        again = update(row).where(row.id == last)
        session.execute(again.values(ended_at=None, ended_by=None, retry_at=known.retry_at))
        return
    session.execute(
        insert(row).values(
            gateway=gateway, account=account, began_at=known.since, noticed=Noticed.BREAKER,
            reason=reason, noted_at=now, noted_by="system", retry_at=known.retry_at,
        )
    )  # fmt: skip


def note_closed(session: Session, gateway: str, account: str, now: datetime) -> None:
    """Write down that the account answers again: what its breakers had noticed is over."""
    lock(session)
    row = OutageRow
    session.execute(
        update(row)
        .where(
            row.gateway == gateway, row.account == account, row.ended_at.is_(None),
            row.noticed == Noticed.BREAKER,
        )
        .values(ended_at=func.greatest(now, row.began_at), ended_by="system", retry_at=None)
    )  # fmt: skip


def add(
    session: Session, gateway: str, account: str, began_at: datetime, ended_at: datetime | None,
    reason: str, actor: str, now: datetime,
) -> int:  # fmt: skip
    """Enter an outage by hand; its id."""
    values = insert(OutageRow).values(
        gateway=gateway, account=account, began_at=began_at, ended_at=ended_at,
        noticed=Noticed.HAND, reason=reason, noted_at=now, noted_by=actor,
    )  # fmt: skip
    return session.execute(values.returning(OutageRow.id)).scalar_one()


def end(session: Session, outage_id: int, ended_at: datetime, actor: str) -> None:
    ended = update(OutageRow).where(OutageRow.id == outage_id)
    session.execute(ended.values(ended_at=ended_at, ended_by=actor, retry_at=None))


def lock(session: Session) -> None:
    """Outages are written one after the other, until the end of the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _by_hand() -> ColumnElement[bool]:
    return OutageRow.noticed == Noticed.HAND


def _outage(row: OutageRow) -> Outage:
    return Outage(
        row.id, row.gateway, row.account, row.began_at, row.ended_at, Noticed(row.noticed),
        row.reason, row.noted_by, row.retry_at,
    )  # fmt: skip
