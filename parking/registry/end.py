"""End what the city has: with a last day, or a letter at a moment. Nothing is ever deleted."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from parking.audit import log
from parking.business_day import business_day, day_starts
from parking.errors import Conflict
from parking.registry import rules, store
from parking.registry.facts import Assignment

NOT_YET = "Waktu ini belum tiba. SPT dicabut sekarang, atau pada saat yang sudah lewat"
OVER = "SPT ini sudah habis masa berlakunya pada saat itu; tidak ada yang dicabut"
LATE = "Saat ini sudah lewat. Centang berlaku surut: tagihan sesudahnya menjadi selisih D29"


def attendant(
    session: Session, attendant_id: int, last_day: date, reason: str, actor: str, now: datetime
) -> None:
    """The attendant's last day, and the end of every letter that holds beyond it.

    Raises NotFound, BadInput, and Conflict if there is a last day already.
    """
    store.lock(session)
    found = store.attendant(session, attendant_id)
    _refuse_ended(f"Juru parkir {found.badge}", found.ended_on)
    today = business_day(now)
    rules.refuse("Akhir", rules.last_day_problems(last_day, found.joined_on, today, reason))
    store.end(session, store.AttendantRow, attendant_id, ended_on=last_day)
    what = f"attendant:{attendant_id}"
    log.record(session, now, actor, "attendant.end", what, {"last_day": str(last_day)}, reason)
    _end_letters(session, last_day, reason, actor, now, attendant_id=attendant_id)


def point(
    session: Session, point_id: int, last_day: date, reason: str, actor: str, now: datetime
) -> None:
    """A point's last day, and the end of every letter that holds beyond it.

    Raises NotFound, BadInput, and Conflict if there is a last day already.
    """
    store.lock(session)
    found = store.point(session, point_id)
    _refuse_ended(f"Titik {found.code}", found.ended_on)
    today = business_day(now)
    rules.refuse("Akhir", rules.last_day_problems(last_day, found.opened_on, today, reason))
    store.end(session, store.PointRow, point_id, ended_on=last_day)
    what = f"point:{point_id}"
    log.record(session, now, actor, "point.end", what, {"last_day": str(last_day)}, reason)
    _end_letters(session, last_day, reason, actor, now, point_id=point_id)


def account(
    session: Session, account_id: int, last_day: date, reason: str, actor: str, now: datetime
) -> None:
    """The last day on which charges go through an account; its callbacks are still heard.

    Raises NotFound, BadInput, and Conflict if there is a last day already.
    """
    store.lock(session)
    found = store.account_by_id(session, account_id)
    _refuse_ended(f"Akun {found.merchant.account}", found.ended_on)
    today = business_day(now)
    rules.refuse("Akhir", rules.last_day_problems(last_day, found.valid_from, today, reason))
    store.end(session, store.MerchantAccountRow, account_id, ended_on=last_day)
    what = f"account:{account_id}"
    log.record(session, now, actor, "account.end", what, {"last_day": str(last_day)}, reason)


def route(
    session: Session, route_id: int, last_day: date, reason: str, actor: str, now: datetime
) -> None:
    """The last day on which charges go this way.

    Raises NotFound, BadInput, and Conflict if there is a last day already.
    """
    store.lock(session)
    found = store.route(session, route_id)
    _refuse_ended("Jalur ini", found.ended_on)
    today = business_day(now)
    rules.refuse("Akhir", rules.last_day_problems(last_day, found.valid_from, today, reason))
    store.end(session, store.RouteRow, route_id, ended_on=last_day)
    what = f"route:{route_id}"
    log.record(session, now, actor, "route.end", what, {"last_day": str(last_day)}, reason)


def letter(
    session: Session, assignment_id: int, reason: str, actor: str, now: datetime,
    at: datetime | None = None, *, is_back_dated: bool = False,
) -> None:  # fmt: skip
    """Take an assignment letter back: from now on, or from a moment past that is said to be so.

    What was collected between that moment and now shows as D29. Raises NotFound,
    BadInput, and Conflict if it was taken back already.
    """
    store.lock(session)
    found = store.assignment(session, assignment_id)
    if found.ended_at is not None and found.ended_at <= now:
        raise Conflict(f"SPT {found.letter} sudah dicabut")
    moment = at or now
    problems = {}
    if why := _odd_moment(found, moment, now, is_back_dated):
        problems["at"] = why
    if why := rules.no_reason(reason):
        problems["reason"] = why
    rules.refuse("Pencabutan", problems)
    _end_letter(session, found, moment, reason, actor, now)


def _odd_moment(
    letter: Assignment, moment: datetime, now: datetime, is_back_dated: bool
) -> str | None:
    if moment > now:
        return NOT_YET
    if letter.valid_to is not None and business_day(moment) > letter.valid_to:
        return OVER
    return LATE if moment < now and not is_back_dated else None


def _end_letters(
    session: Session, last_day: date, reason: str, actor: str, now: datetime, **of: int
) -> None:
    over = day_starts(last_day + timedelta(days=1))
    for letter in store.assignments_beyond(session, last_day, over, **of):
        _end_letter(session, letter, over, reason, actor, now)


def _end_letter(
    session: Session, letter: Assignment, moment: datetime, reason: str, actor: str, now: datetime
) -> None:
    store.end(session, store.AssignmentRow, letter.id, ended_at=moment, ended_reason=reason)
    detail = {"letter": letter.letter, "from": moment.isoformat()}
    log.record(session, now, actor, "assignment.end", f"assignment:{letter.id}", detail, reason)


def _refuse_ended(what: str, ended_on: date | None) -> None:
    if ended_on is not None:
        raise Conflict(f"{what} sudah punya hari terakhir: {ended_on:%d-%m-%Y}")
