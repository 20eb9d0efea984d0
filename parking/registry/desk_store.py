"""What the registry's pages ask of the tables: lists with what belongs to each row."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session

from parking.access.store import DeviceRow
from parking.business_day import business_day, day_starts
from parking.database.rows import Rows
from parking.errors import NotFound
from parking.registry.lines import (
    SOON,
    AccountLine,
    AttendantLine,
    FeeLine,
    LeaveLine,
    LetterLine,
    PointLine,
    PriceLine,
    RouteLine,
    ShareLine,
)
from parking.registry.store import (
    AssignmentRow,
    AttendantRow,
    CollectiveLeaveRow,
    FeeRow,
    MerchantAccountRow,
    PointRow,
    RouteRow,
    SplitRow,
    TariffRow,
)


def attendants(session: Session, now: datetime) -> Sequence[AttendantLine]:
    """Everybody who collects or collected, by badge, with where they may stand now."""
    a, letter, point, phone = AttendantRow, AssignmentRow, PointRow, DeviceRow
    held = (
        select(
            letter.attendant_id,
            func.string_agg(point.code, aggregate_order_by(literal(", "), point.code)).label(
                "points"
            ),
            func.min(letter.valid_to).label("letter_to"),
        )
        .join(point, point.id == letter.point_id)
        .where(_holds(now))
        .group_by(letter.attendant_id)
        .subquery()
    )
    phones = (
        select(phone.attendant_id, func.count().label("phones"))
        .where(phone.ended_at.is_(None))
        .group_by(phone.attendant_id)
        .subquery()
    )
    rows = session.execute(
        select(
            a.id, a.badge, a.name, a.joined_on, a.ended_on, func.coalesce(held.c.points, ""),
            held.c.letter_to, func.coalesce(phones.c.phones, 0),
        )
        .outerjoin(held, held.c.attendant_id == a.id)
        .outerjoin(phones, phones.c.attendant_id == a.id)
        .order_by(a.badge)
    )  # fmt: skip
    return [AttendantLine(*row) for row in rows]


def points(session: Session, now: datetime) -> Sequence[PointLine]:
    """All points, also closed ones, by code, with who may stand there now."""
    p, letter, a = PointRow, AssignmentRow, AttendantRow
    held = (
        select(
            letter.point_id,
            func.string_agg(a.badge, aggregate_order_by(literal(", "), a.badge)).label(
                "attendants"
            ),
        )
        .join(a, a.id == letter.attendant_id)
        .where(_holds(now))
        .group_by(letter.point_id)
        .subquery()
    )
    rows = session.execute(
        select(
            p.id, p.code, p.name, p.road, p.zone, p.area_type, p.has_qris, p.opened_on,
            p.ended_on, func.coalesce(held.c.attendants, ""),
        )
        .outerjoin(held, held.c.point_id == p.id)
        .order_by(p.code)
    )  # fmt: skip
    return [PointLine(*row) for row in rows]


def current_letters(session: Session, now: datetime) -> Sequence[LetterLine]:
    """Assignment letters that hold or will, the newest first."""
    return [LetterLine(*row) for row in session.execute(_letters().where(_not_over(now)))]


def letters(
    now: datetime, show: str, words: Sequence[str], sort: str, *, descending: bool
) -> Rows[LetterLine]:
    """Assignment letters to leaf through: years of them are too many to be read at once.

    `show` is one of SHOWN; `words` must all be found in a letter's texts.
    """
    found = _letters().order_by(None).where(*(_says(word) for word in words))
    if show:
        found = found.where(_shown(show, now))
    column = SORTED[sort]
    order = column.desc().nulls_last() if descending else column.asc().nulls_first()
    return Rows(found.order_by(order, AssignmentRow.id.desc()), lambda row: LetterLine(*row))


SHOWN = ("now", "soon_over", "next", "past", "")

SORTED: dict[str, InstrumentedAttribute[Any]] = {
    "letter": AssignmentRow.letter, "badge": AttendantRow.badge, "attendant": AttendantRow.name,
    "code": PointRow.code, "valid_from": AssignmentRow.valid_from,
    "valid_to": AssignmentRow.valid_to, "ended_at": AssignmentRow.ended_at,
}  # fmt: skip


def _says(word: str) -> ColumnElement[bool]:
    texts = (
        AssignmentRow.letter, AttendantRow.badge, AttendantRow.name, PointRow.code, PointRow.name,
    )  # fmt: skip
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


def _shown(show: str, now: datetime) -> ColumnElement[bool]:
    """As `LetterLine.standing` says, asked of the table."""
    row, today = AssignmentRow, business_day(now)
    soon = today + SOON
    ends_soon = or_(row.valid_to <= soon, row.ended_at < day_starts(soon + timedelta(days=2)))
    return {
        "now": _holds(now),
        "soon_over": and_(_holds(now), ends_soon),
        "next": and_(_not_over(now), row.valid_from > today),
        "past": not_(_not_over(now)),
    }[show]


def letters_of(session: Session, **where: int) -> Sequence[LetterLine]:
    """The letters of one attendant or point (attendant_id=…, point_id=…), or one (id=…)."""
    conditions = [getattr(AssignmentRow, name) == number for name, number in where.items()]
    return [LetterLine(*row) for row in session.execute(_letters().where(*conditions))]


def letter(session: Session, assignment_id: int) -> LetterLine:
    """Raises NotFound."""
    found = letters_of(session, id=assignment_id)
    if not found:
        raise NotFound(f"Tidak ada SPT nomor {assignment_id}")
    return found[0]


def _letters() -> Select:
    x, a, p = AssignmentRow, AttendantRow, PointRow
    return (
        select(
            x.id, x.letter, a.id, a.badge, a.name, p.id, p.code, p.name, x.valid_from, x.valid_to,
            x.ended_at, x.ended_reason,
        )
        .join(a, a.id == x.attendant_id)
        .join(p, p.id == x.point_id)
        .order_by(x.valid_from.desc(), x.id.desc())
    )  # fmt: skip


def _not_over(now: datetime) -> ColumnElement[bool]:
    x, today = AssignmentRow, business_day(now)
    return and_(
        or_(x.valid_to.is_(None), x.valid_to >= today), or_(x.ended_at.is_(None), x.ended_at > now)
    )


def _holds(now: datetime) -> ColumnElement[bool]:
    return and_(_not_over(now), AssignmentRow.valid_from <= business_day(now))


def prices(session: Session) -> Sequence[PriceLine]:
    """Every tariff there ever was, in the order they were entered."""
    t = TariffRow
    rows = session.execute(
        select(t.vehicle, t.zone, t.amount, t.valid_from, t.decree, t.entered_at, t.entered_by)
        .order_by(t.entered_at, t.id)
    )  # fmt: skip
    return [PriceLine(*row) for row in rows]


def shares(session: Session) -> Sequence[ShareLine]:
    """Every revenue split there ever was, in the order they were entered."""
    s = SplitRow
    rows = session.execute(
        select(s.city_bps, s.valid_from, s.decree, s.entered_at, s.entered_by)
        .order_by(s.entered_at, s.id)
    )  # fmt: skip
    return [ShareLine(*row) for row in rows]


def accounts(session: Session, today: date) -> Sequence[AccountLine]:
    """All merchant accounts, also ended ones, with the fee that holds on a day."""
    m, f = MerchantAccountRow, FeeRow
    fee = (
        select(f.fee_bps)
        .where(f.merchant_account_id == m.id, f.valid_from <= today)
        .order_by(f.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    query: Select = select(
        m.id, m.gateway, m.account, m.merchant_id, m.nmid, m.pan, m.name, m.city, m.environment,
        m.key_name, m.valid_from, m.ended_on, fee,
    ).order_by(m.id)  # fmt: skip
    return [AccountLine(*row) for row in session.execute(query)]


def account(session: Session, account_id: int, today: date) -> AccountLine:
    """Raises NotFound."""
    for found in accounts(session, today):
        if found.id == account_id:
            return found
    raise NotFound(f"Tidak ada akun merchant nomor {account_id}")


def fees(session: Session, account_id: int) -> Sequence[FeeLine]:
    """The fee terms of an account, in the order they were entered."""
    f = FeeRow
    rows = session.execute(
        select(f.fee_bps, f.settles_in, f.valid_from, f.contract)
        .where(f.merchant_account_id == account_id)
        .order_by(f.id)
    )
    return [FeeLine(*row) for row in rows]


def leave(session: Session) -> Sequence[LeaveLine]:
    """The days of collective leave, the latest first."""
    day = CollectiveLeaveRow
    rows = session.execute(select(day.day, day.decree).order_by(day.day.desc()))
    return [LeaveLine(*row) for row in rows]


def routes(session: Session) -> Sequence[RouteLine]:
    """Every route there ever was, the city's first, then by point and rank."""
    r, m, p = RouteRow, MerchantAccountRow, PointRow
    rows = session.execute(
        select(
            r.id, func.coalesce(p.code + " " + p.name, ""), r.rank,
            m.gateway + "/" + m.account, r.valid_from, r.ended_on,
        )
        .join(m, m.id == r.merchant_account_id)
        .outerjoin(p, p.id == r.point_id)
        .order_by(p.code.nulls_first(), r.rank, r.id)
    )  # fmt: skip
    return [RouteLine(*row) for row in rows]
