"""Enter a new fact of the city. What is there stays as it is; a later fact goes before it.

Each takes the transaction of its caller, writes who did it into the audit log, and
raises BadInput naming every field that is wrong.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from parking.audit import log
from parking.business_day import business_day
from parking.errors import NotFound
from parking.registry import rules, store
from parking.registry.facts import Attendant, Point
from parking.registry.rules import (
    NewAccount,
    NewAttendant,
    NewFee,
    NewLeave,
    NewLetter,
    NewPoint,
    NewRoute,
    NewSplit,
    NewTariff,
)

TAKEN = "Sudah dipakai. Periksa apakah memang sudah terdaftar"


def attendant(session: Session, new: NewAttendant, actor: str, now: datetime) -> int:
    store.lock(session)
    problems = rules.attendant_problems(new, business_day(now))
    if store.is_taken(session, store.AttendantRow.badge, new.badge):
        problems["badge"] = TAKEN
    rules.refuse("Juru parkir", problems)
    added = store.add(session, store.AttendantRow, **asdict(new))
    # The name is personal data and stays out of a log that is never cleared.
    log.record(session, now, actor, "attendant.add", f"attendant:{added}", {"badge": new.badge})
    return added


def point(session: Session, new: NewPoint, actor: str, now: datetime) -> int:
    store.lock(session)
    problems = rules.point_problems(new, business_day(now))
    if store.is_taken(session, store.PointRow.code, new.code):
        problems["code"] = TAKEN
    rules.refuse("Titik parkir", problems)
    added = store.add(session, store.PointRow, **asdict(new))
    log.record(session, now, actor, "point.add", f"point:{added}", _plain(asdict(new)))
    return added


def letter(session: Session, new: NewLetter, actor: str, now: datetime) -> int:
    """An assignment letter (SPT). None may overlap another for the same person and point."""
    store.lock(session)
    who, where = _who_and_where(session, new)
    held = store.assignments_of(session, new.attendant_id)
    problems = rules.letter_problems(new, who, where, held, business_day(now))
    if store.is_taken(session, store.AssignmentRow.letter, new.letter):
        problems["letter"] = TAKEN
    rules.refuse("SPT", problems)
    added = store.add(session, store.AssignmentRow, **asdict(new))
    log.record(session, now, actor, "assignment.add", f"assignment:{added}", _plain(asdict(new)))
    return added


def tariff(session: Session, new: NewTariff, actor: str, now: datetime) -> int:
    """A price from a day on. From tomorrow on unless it is said to be back-dated.

    A back-dated one changes no charge: those at the old price become D28.
    """
    store.lock(session)
    today = business_day(now)
    known, zones = store.tariffs(session), store.zones(session)
    rules.refuse("Tarif", rules.tariff_problems(new, known, zones, today))
    values = _kept(new)
    added = store.add(session, store.TariffRow, **values, entered_at=now, entered_by=actor)
    detail = _plain(values) | {"back_dated": new.valid_from <= today}
    log.record(session, now, actor, "tariff.add", f"tariff:{added}", detail, new.decree)
    return added


def split(session: Session, new: NewSplit, actor: str, now: datetime) -> int:
    """How a levy is shared from a day on. A charge keeps the split it was asked under."""
    store.lock(session)
    today = business_day(now)
    rules.refuse("Bagi hasil", rules.split_problems(new, store.splits(session), today))
    values = _kept(new)
    added = store.add(session, store.SplitRow, **values, entered_at=now, entered_by=actor)
    detail = _plain(values) | {"back_dated": new.valid_from <= today}
    log.record(session, now, actor, "split.add", f"split:{added}", detail, new.decree)
    return added


def account(
    session: Session, new: NewAccount, gateways: Collection[str], actor: str, now: datetime
) -> int:
    """A merchant account with its first fee term. `gateways`: those that have an adapter."""
    store.lock(session)
    problems = rules.account_problems(new, gateways, business_day(now))
    if store.merchant_account(session, new.gateway, new.account) is not None:
        problems["account"] = TAKEN
    rules.refuse("Akun merchant", problems)
    values = asdict(new)
    fee = {name: values.pop(name) for name in ("fee_bps", "settles_in", "contract")}
    added = store.add(session, store.MerchantAccountRow, **values)
    store.add(session, store.FeeRow, merchant_account_id=added, valid_from=new.valid_from, **fee)
    log.record(session, now, actor, "account.add", f"account:{added}", _plain(values | fee))
    return added


def fee(session: Session, account_id: int, new: NewFee, actor: str, now: datetime) -> int:
    """What the acquirer may keep of a payment from a day on. Raises NotFound."""
    store.lock(session)
    store.account_by_id(session, account_id)
    known, today = store.fee_days(session, account_id), business_day(now)
    rules.refuse("Biaya", rules.fee_problems(new, known, today))
    values = _kept(new)
    added = store.add(session, store.FeeRow, merchant_account_id=account_id, **values)
    detail = _plain(values) | {"account": account_id, "back_dated": new.valid_from <= today}
    log.record(session, now, actor, "fee.add", f"fee:{added}", detail, new.contract)
    return added


def route(session: Session, new: NewRoute, actor: str, now: datetime) -> int:
    """From a day on an account serves a point or the whole city. The next tap follows it."""
    store.lock(session)
    account = _or_none(store.account_by_id, session, new.merchant_account_id)
    where = _or_none(store.point, session, new.point_id) if new.point_id is not None else None
    known, today = store.routes(session), business_day(now)
    rules.refuse("Jalur", rules.route_problems(new, account, where, known, today))
    values = asdict(new)
    added = store.add(session, store.RouteRow, **values, entered_at=now, entered_by=actor)
    log.record(session, now, actor, "route.add", f"route:{added}", _plain(values))
    return added


def leave(session: Session, new: NewLeave, actor: str, now: datetime) -> None:
    """A day of collective leave (cuti bersama): no working day, so deadlines move."""
    store.lock(session)
    problems = rules.leave_problems(new, store.collective_leave(session), business_day(now))
    rules.refuse("Cuti bersama", problems)
    store.add(session, store.CollectiveLeaveRow, **asdict(new))
    log.record(session, now, actor, "leave.add", f"leave:{new.day}", reason=new.decree)


def _who_and_where(session: Session, new: NewLetter) -> tuple[Attendant | None, Point | None]:
    return (
        _or_none(store.attendant, session, new.attendant_id),
        _or_none(store.point, session, new.point_id),
    )


def _or_none(find: Any, session: Session, row_id: int) -> Any:
    try:
        return find(session, row_id)
    except NotFound:
        return None


def _kept(new: NewTariff | NewSplit | NewFee) -> dict[str, Any]:
    values = asdict(new)
    del values["is_back_dated"]
    return values


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """As the audit log's JSON keeps it: days as text."""
    return {n: v if isinstance(v, int | str | None) else str(v) for n, v in values.items()}
