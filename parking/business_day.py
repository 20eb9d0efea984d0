"""The WIB day of a moment, working days, and how dates and times are written."""

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

WIB = ZoneInfo("Asia/Jakarta")  # UTC+7, no daylight saving

# Days that anything here can be about: from the day QRIS became mandatory (PADG 21/18/2019)
# on. A day outside is a slip or a trick, and stepping over the calendar's ends fails.
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2099, 12, 31)

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip


def business_day(moment: datetime) -> date:
    """The WIB day of a timezone-aware moment. Raises ValueError if naive."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment}")
    return moment.astimezone(WIB).date()


def day_starts(day: date) -> datetime:
    """The first moment of a WIB day, in UTC."""
    return datetime.combine(day, time(), WIB).astimezone(UTC)


def wib(moment: datetime) -> datetime:
    """The same moment on the wall clock in Jambi. Raises ValueError if naive."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment}")
    return moment.astimezone(WIB)


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("ID", years=year))


def is_working_day(day: date, collective_leave: Container[date] = ()) -> bool:
    """Monday to Friday, neither a public holiday nor collective leave (domain.md 4.3)."""
    return (
        day.weekday() < 5 and day not in _public_holidays(day.year) and day not in collective_leave
    )


def add_working_days(day: date, count: int, collective_leave: Container[date] = ()) -> date:
    """The day that is `count` working days after `day`; `day` itself need not be one.

    >>> add_working_days(date(2026, 11, 20), 2)  # a Friday
    datetime.date(2026, 11, 24)
    """
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day, collective_leave)
    return day


def day_text(day: date) -> str:
    """
    >>> day_text(date(2026, 11, 24))
    'Selasa, 24 November 2026'
    """
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def time_text(moment: datetime) -> str:
    """
    >>> time_text(datetime(2026, 11, 24, 7, 5, tzinfo=UTC))
    '14.05 WIB'
    """
    return f"{wib(moment):%H.%M} WIB"
