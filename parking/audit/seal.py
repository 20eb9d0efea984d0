"""Seal what was written into the audit log: in order, and a little after it was written."""

from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy.orm import Session

from parking.audit import store
from parking.audit.chain import sealed

# Events are written without waiting for one another; a transaction that took its number
# first may commit last. By then it has, or was stopped (reliability.md 14).
DELAY = timedelta(seconds=30)
BATCH = 10_000


def seal(session: Session, now: datetime) -> int:
    """Seal the events that are old enough, up to the first that is not; how many there were.

    At most BATCH at once; none if another process is sealing at this moment.
    """
    if not store.take_sealing_lock(session):
        return 0
    last = store.head(session)
    waiting = store.events_after(session, last.seq, BATCH)
    ready = takewhile(lambda e: e[1] and e[0].at <= now - DELAY, waiting)
    seals = list(sealed(last.hash, (event for event, _ in ready)))
    if seals:
        store.add_seals(session, seals, now)
    return len(seals)
