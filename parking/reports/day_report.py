"""Draw up the report of a business day."""

from datetime import date

from sqlalchemy.orm import Session

from parking.business_day import day_text
from parking.errors import NotFound
from parking.reconciliation import store as reconciled
from parking.reconciliation.result import Wanted
from parking.reports import store
from parking.reports.report import DayReport, Names, report_of


def build(session: Session, day: date) -> DayReport:
    """The report of the run that holds for a day. Raises NotFound if there is none yet.

    Its totals are those of the ledger; where they are not, `problems` says which.
    """
    run = reconciled.latest_run(session, day)
    if run is None:
        raise NotFound(f"{day_text(day)} belum direkonsiliasi")
    found = reconciled.discrepancies(session, Wanted(day, day))
    names = Names(store.points(session), store.attendants(session))
    return report_of(run, found, store.booked_on(session, day), names)
