"""One jobs process a city: whoever holds the lease works, and a sleeper wakes up fenced off."""

from datetime import timedelta

from parking.errors import ParkingError
from sqlalchemy import Update, event, func, not_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, sessionmaker

from jobs.store import JobRunRow, LeaseRow

NAME = "jobs"
TERM = timedelta(seconds=15)


class LeaseLost(ParkingError):
    """Another process holds the lease now: whatever this one was about to write is refused."""


def take(session: Session, holder: str) -> int | None:
    """The epoch of a lease taken, or None while somebody else's still runs.

    Time is the database's, so that two machines' clocks need not agree; where that was set
    back, a lease that would run for longer than a term is nobody's. Runs that an earlier
    holder left open are marked LOST.
    """
    clock = func.clock_timestamp()
    lease = upsert(LeaseRow).values(
        name=NAME, holder=holder, epoch=1, expires_at=func.now() + TERM
    )  # fmt: skip
    taken = session.scalar(
        lease.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "holder": holder,
                "epoch": LeaseRow.epoch + 1,
                "expires_at": func.now() + TERM,
            },
            # The moment itself and not now(): that of the transaction is older than the renewal
            # that it may have waited for.
            where=not_(LeaseRow.expires_at.between(clock, clock + TERM)),
        ).returning(LeaseRow.epoch)
    )
    if taken is not None:
        lost = update(JobRunRow).where(JobRunRow.state == "RUNNING", JobRunRow.epoch < taken)
        session.execute(lost.values(state="LOST"))
    return taken


def renew(session: Session, epoch: int) -> None:
    """Keep the lease for another term. Raises LeaseLost."""
    kept = session.scalar(
        _held(epoch).values(expires_at=func.now() + TERM).returning(LeaseRow.epoch)
    )
    if kept is None:
        raise LeaseLost(f"epoch {epoch} was taken over")


def release(session: Session, epoch: int) -> bool:
    """Let the next process begin at once; False if one has begun already."""
    given = session.scalar(_held(epoch).values(expires_at=func.now()).returning(LeaseRow.epoch))
    return given is not None


def _held(epoch: int) -> Update:
    return update(LeaseRow).where(LeaseRow.name == NAME, LeaseRow.epoch == epoch)


def fenced(sessions: sessionmaker[Session], epoch: int) -> sessionmaker[Session]:
    """Sessions whose every commit first makes sure, under a lock, that the epoch still holds."""
    made = sessionmaker(sessions.kw["bind"], expire_on_commit=False)

    @event.listens_for(made, "before_commit")
    def check(session: Session) -> None:
        held = select(LeaseRow.epoch).where(LeaseRow.name == NAME).with_for_update(read=True)
        newest = session.scalar(held)
        if newest != epoch:
            raise LeaseLost(f"epoch {epoch} was taken over by {newest}")

    return made
