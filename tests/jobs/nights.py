"""Days that wait to be reconciled."""

from datetime import UTC, date, datetime, timedelta

import pytest
from parking.registry.store import AssignmentRow
from parking.shifts.store import ShiftRow
from sqlalchemy import insert, select

FRIDAY = date(2026, 11, 20)


@pytest.fixture
def three_days(parts, city):
    """A shift on each of three days, the last of them yesterday."""
    with parts.sessions() as session:
        letter = session.scalar(select(AssignmentRow.id).order_by(AssignmentRow.id))
    days = [FRIDAY + timedelta(days=n) for n in range(3)]
    for day in days:
        noon = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
        with parts.sessions.begin() as session:
            session.execute(
                insert(ShiftRow).values(
                    attendant_id=city.budi, point_id=city.market, assignment_id=letter,
                    device_id=city.budis_phone, opened_at=noon, business_day=day,
                    closed_at=noon + timedelta(hours=5), declared_cash=0, declared_qris=0,
                )
            )  # fmt: skip
    return days
