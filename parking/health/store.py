"""Read the signs of health from the tables. Whatever grows for years is read for today only."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from parking.audit.store import AuditEventRow, AuditSealRow
from parking.business_day import business_day, day_starts
from parking.charges.store import ChargeRow
from parking.database.base import Base
from parking.gateways import store as outages
from parking.health.alarms import alarms
from parking.health.signs import Signs
from parking.health.silence import LEASE, RUN, silence
from parking.ledger.entry import Account
from parking.ledger.store import EntryRow, PostingRow
from parking.payments.store import CallbackRow, CallbackWorkRow, PaymentRow
from parking.registry import store as registry
from parking.statements.store import ImportRow


def signs(session: Session, now: datetime) -> Signs:
    """All signs at a moment."""
    today = business_day(now)
    waiting, oldest_s = _inbox(session, now)
    epoch, left_s, database_now = _clock_and_lease(session)
    what_is_silent = silence(session, now)
    return Signs(
        inbox_waiting=waiting,
        inbox_oldest_s=oldest_s,
        inbox_dead=_count(session, CallbackWorkRow, CallbackWorkRow.state == "DEAD"),
        charges_unknown=_count(
            session, ChargeRow, ChargeRow.state == "create_unknown",
            ChargeRow.inquire_at.is_not(None),
        ),
        suspense_balance=_suspense(session),
        ledger_imbalance=_imbalance(session, today),
        imports_rejected=_count(
            session, ImportRow, ImportRow.outcome == "rejected", ImportRow.at >= day_starts(today)
        ),
        unsealed_events=_unsealed(session),
        lease_epoch=epoch,
        lease_left_s=left_s,
        clock_skew_s=(database_now - now).total_seconds(),
        callbacks=_callbacks(session, today),
        receipts=_by(session, PaymentRow.source, PaymentRow.business_day == today),
        charges=_by(session, ChargeRow.state, ChargeRow.business_day == today),
        last_ok_age_s=_last_ok(session, now),
        gateways_out=_out(session, now),
        beats=what_is_silent.beats,
        alarms=alarms(what_is_silent),
    )  # fmt: skip


def _inbox(session: Session, now: datetime) -> tuple[int, float]:
    work, callback = CallbackWorkRow, CallbackRow
    count, oldest = session.execute(
        select(func.count(), func.min(callback.received_at))
        .select_from(work)
        .join(callback, callback.id == work.callback_id)
        .where(work.due_at.is_not(None))
    ).one()
    return count, (now - oldest).total_seconds() if oldest else 0.0


def _count(session: Session, of: type[Base], *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(of).where(*where)) or 0


def _suspense(session: Session) -> int:
    """What is owed to nobody in particular; a liability is a credit, hence the sign."""
    posting = PostingRow
    total = select(func.coalesce(func.sum(posting.amount), 0))
    return -int(session.scalar(total.where(posting.account == Account.SUSPENSE.value)) or 0)


def _imbalance(session: Session, today: date) -> int:
    entry, posting = EntryRow, PostingRow
    total = (
        select(func.coalesce(func.sum(posting.amount), 0))
        .join(entry, entry.id == posting.entry_id)
        .where(entry.effective_on == today)
    )
    return int(session.scalar(total) or 0)


def _unsealed(session: Session) -> int:
    """Events after the last sealed one; seals follow the events without a gap."""
    sealed = select(func.coalesce(func.max(AuditSealRow.seq), 0)).scalar_subquery()
    return _count(session, AuditEventRow, AuditEventRow.seq > sealed)


def _clock_and_lease(session: Session) -> tuple[int, float, datetime]:
    # The lease runs by the database's clock, whatever ours says.
    clock = func.clock_timestamp()
    left = func.extract("epoch", func.max(LEASE.c.expires_at) - clock)
    epoch, left_s, database_now = session.execute(
        select(func.coalesce(func.max(LEASE.c.epoch), 0), left, clock)
    ).one()
    return epoch, float(left_s) if left_s is not None else -1.0, database_now


def _callbacks(session: Session, today: date) -> dict[tuple[str, ...], int]:
    callback = CallbackRow
    rows = session.execute(
        select(callback.gateway, callback.level, func.count())
        .where(callback.received_at >= day_starts(today))
        .group_by(callback.gateway, callback.level)
    )
    return {(gateway, level): count for gateway, level, count in rows}


def _out(session: Session, now: datetime) -> dict[tuple[str, ...], bool]:
    out = {(o.gateway, o.account) for o in outages.in_force(session, now)}
    used = [a.merchant for a in registry.merchant_accounts(session, business_day(now))]
    return {(m.gateway, m.account): (m.gateway, m.account) in out for m in used}


def _by(
    session: Session, what: InstrumentedAttribute[str], *where: ColumnElement[bool]
) -> dict[str, int]:
    rows = session.execute(select(what, func.count()).where(*where).group_by(what))
    return {row[0]: row[1] for row in rows}


def _last_ok(session: Session, now: datetime) -> dict[str, float]:
    run = RUN.c
    rows = session.execute(
        select(run.job, func.max(run.finished_at)).where(run.state == "OK").group_by(run.job)
    )
    return {job: (now - finished).total_seconds() for job, finished in rows}
