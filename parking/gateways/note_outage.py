"""Note an outage that somebody was told of: "bank closed on Sunday from 08.00 to 17.00"."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.errors import BadInput, Conflict
from parking.gateways import store
from parking.gateways.outage import Noticed

SHORTEST_REASON, LONGEST_REASON = 5, 200
FURTHEST = timedelta(days=31)  # announced, or entered afterwards


def note_outage(
    session: Session, gateway: str, account: str, began_at: datetime, ended_at: datetime | None,
    reason: str, actor: str, now: datetime,
) -> int:  # fmt: skip
    """Enter an outage; its id. Without an end it lasts until somebody ends it, and no QR is
    asked for there meanwhile.

    Raises BadInput naming every field that is wrong; Conflict if one lasts already.
    """
    store.lock(session)
    problems = {
        name: why
        for name, why in (
            ("began_at", _odd_beginning(began_at, ended_at, now)),
            ("ended_at", _odd_end(began_at, ended_at, now)),
            ("reason", _no_reason(reason)),
        )
        if why
    }
    if problems:
        raise BadInput("Gangguan belum dapat dicatat: periksa isian yang ditandai", problems)
    name = f"{gateway}/{account}"
    if ended_at is None and store.lasts(session, gateway, account):
        raise Conflict(f"{name} sudah tercatat sedang gangguan")
    added = store.add(session, gateway, account, began_at, ended_at, reason.strip(), actor, now)
    detail = {
        "account": name, "from": began_at.isoformat(),
        "to": ended_at.isoformat() if ended_at else None,
    }  # fmt: skip
    record(session, now, actor, "outage.add", f"outage:{added}", detail, reason.strip())
    return added


def end_outage(session: Session, outage_id: int, actor: str, now: datetime) -> None:
    """End an outage that somebody entered, now. What a breaker noticed it ends itself.

    Raises NotFound; Conflict if it is over, or not begun, or not entered by hand.
    """
    store.lock(session)
    found = store.outage(session, outage_id)
    if found.noticed is not Noticed.HAND:
        raise Conflict("Gangguan ini diamati sistem dan berakhir sendiri begitu gerbang menjawab")
    if not found.window.covers(now):
        raise Conflict("Gangguan ini tidak sedang berlangsung")
    store.end(session, outage_id, now, actor)
    record(session, now, actor, "outage.end", f"outage:{outage_id}")


def _odd_beginning(began_at: datetime, ended_at: datetime | None, now: datetime) -> str | None:
    if abs(began_at - now) > FURTHEST:
        return "Periksa tanggalnya: paling jauh 31 hari dari sekarang"
    if ended_at is None and began_at > now:
        return "Yang belum mulai harus punya akhir"
    return None


def _odd_end(began_at: datetime, ended_at: datetime | None, now: datetime) -> str | None:
    if ended_at is not None and ended_at <= began_at:
        return "Akhirnya mendahului mulainya. Periksa kedua waktu"
    if ended_at is not None and ended_at > now + FURTHEST:
        return "Periksa tanggalnya: paling jauh 31 hari dari sekarang"
    return None


def _no_reason(reason: str) -> str | None:
    text = reason.strip()
    if len(text) < SHORTEST_REASON:
        return "Tulis alasannya, supaya orang lain dapat memahaminya nanti"
    if len(text) > LONGEST_REASON or not text.isprintable():
        return f"Paling panjang {LONGEST_REASON} huruf, dalam satu baris"
    return None
