"""Whether a day is closed, and what came into it since, on every page that shows its figures."""

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session, sessionmaker

from parking.reconciliation.closing import store
from parking.reconciliation.closing.readiness import Afterwards


def closed_told(sessions: sessionmaker[Session]) -> Callable[[date], Afterwards | None]:
    """For the templates: what was booked into a day since it was closed; None for an open day."""

    def told(day: date) -> Afterwards | None:
        with sessions() as session:
            return store.afterwards(session, day)

    return told
