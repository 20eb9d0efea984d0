"""When a business day is reconciled, and from when on it is late. Pure.

day D ───────────────► 24.00      02.00             04.00 the night after
its callbacks come in  files come  it is reconciled  26 hours after the run before: an alarm
"""

from datetime import date, datetime, time, timedelta

from parking.business_day import business_day, day_starts, wib

# The night's work on a day begins when its last callbacks and the gateways' files are in.
NIGHT = time(2, 0)
# Between two daily runs lie 24 hours; two more, and somebody is called (reliability.md 8).
SLACK = timedelta(hours=2)


def first_day_not_due(now: datetime) -> date:
    """The day before this one, and all that are older, can be reconciled by now."""
    today = business_day(now)
    return today - timedelta(days=1) if wib(now).time() < NIGHT else today


def late_run(day: date, now: datetime) -> timedelta | None:
    """How late it is for the run of a day; None as long as it is in time."""
    due = day_starts(day + timedelta(days=1)) + timedelta(hours=NIGHT.hour, minutes=NIGHT.minute)
    late = now - due
    return late if late > SLACK else None
