"""Charges as an attendant would have asked them, written straight into the tables."""

from datetime import datetime, timedelta

from parking.business_day import business_day
from parking.charges import store
from parking.charges.charge import Charge, ChargeState, Step
from parking.charges.store import ChargeRow
from parking.registry.store import AssignmentRow
from parking.shifts.store import ShiftRow
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.builders import City

VALIDITY = timedelta(minutes=5)


def a_shift(session: Session, city: City, at: datetime) -> int:
    """An open shift of Budi at the market."""
    letter = select(AssignmentRow.id).where(AssignmentRow.attendant_id == city.budi)
    opened = insert(ShiftRow).values(
        attendant_id=city.budi, point_id=city.market, assignment_id=session.scalars(letter).one(),
        device_id=city.budis_phone, opened_at=at, business_day=business_day(at),
    )  # fmt: skip
    return session.scalars(opened.returning(ShiftRow.id)).one()


def a_charge(
    session: Session,
    city: City,
    shift: int,
    ours: str,
    at: datetime,
    *,
    amount: int = 2_000,
    state: ChargeState = ChargeState.PENDING,
    city_bps: int = 4_000,
    gateway: str = "midtrans",
    account: str = "jambi",
) -> Charge:
    """A charge that was asked at a moment and has come into a state, with its events."""
    charge_id = session.scalars(
        insert(ChargeRow).values(
            ours=ours, gateway=gateway, account=account, shift_id=shift,
            attendant_id=city.budi, point_id=city.market, device_id=city.budis_phone,
            client_key=ours, vehicle="motorcycle", tariff_id=city.tariffs["motorcycle"],
            amount=amount, city_bps=city_bps, created_at=at, business_day=business_day(at),
            state=ChargeState.CREATING, late=False, expires_at=at + VALIDITY, inquiries=0,
        ).returning(ChargeRow.id)
    ).one()  # fmt: skip
    who = f"attendant:{city.budi}"
    store.add_steps(session, [Step(charge_id, None, ChargeState.CREATING, at, "asked", who)])
    path = [state] if state is not ChargeState.EXPIRED else [ChargeState.PENDING, state]
    for step in path:
        if step is not ChargeState.CREATING:
            store.move(session, charge_id, step, at=at, cause="answered", actor=who)
    return store.by_ours(session, ours)
