"""When cash must have gone on, and how late it is, in working days (domain.md 4.3). Pure."""

from collections.abc import Container
from datetime import date, timedelta

from parking.business_day import add_working_days, is_working_day

DEPOSIT_DAYS = 1  # from the treasurer's receipt to the bank


def handover_due(taken_on: date) -> date:
    """An attendant or collector hands on what he has on the same day."""
    return taken_on


def deposit_due(received_on: date, leave: Container[date] = ()) -> date:
    """The treasurer pays in within one working day of receiving.

    >>> deposit_due(date(2026, 11, 20))  # a Friday
    datetime.date(2026, 11, 23)
    """
    return add_working_days(received_on, DEPOSIT_DAYS, leave)


def days_late(due: date, done: date, leave: Container[date] = ()) -> int:
    """Working days after the due one, up to the day it was done or is looked at.

    >>> days_late(date(2026, 11, 20), date(2026, 11, 24)), days_late(date(2026, 11, 20), date(2026, 11, 22))
    (2, 0)
    """  # noqa: E501
    days = max(0, (done - due).days)
    return sum(is_working_day(due + timedelta(days=n), leave) for n in range(1, days + 1))
