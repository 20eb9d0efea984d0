"""One vehicle paid in cash, by one tap; the last tap can be taken back for two minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day
from parking.errors import BadInput, Conflict
from parking.ledger import entry
from parking.ledger.entry import Entry, Posting, Source, Terms
from parking.ledger.post import post
from parking.registry import store as registry
from parking.registry.facts import VEHICLE_TEXT, Split, Vehicle, split_for, tariff_for
from parking.shifts import store
from parking.shifts.shift import Cash, Shift


@dataclass(frozen=True, slots=True)
class CashTap:
    attendant_id: int
    vehicle: Vehicle
    client_key: str  # made by the phone before it sends; the same when it sends again
    instead_of: str | None = None


def take_cash(session: Session, tap: CashTap, now: datetime) -> Cash:
    """The stored tap; sent twice, it is the same one. The price is the server's.

    Raises Conflict if no shift is open or no tariff holds, BadInput if the key was
    used for something else.
    """
    mine = store.open_shift_locked(session, tap.attendant_id)
    before = store.cash_by_key(
        session, tap.attendant_id, tap.client_key, business_day(now - timedelta(days=2))
    )
    if before is not None:
        if (before.vehicle, before.instead_of) != (tap.vehicle, tap.instead_of):
            raise BadInput("Kunci ini sudah dipakai untuk ketukan lain", {"client_key": "terpakai"})
        return before
    taken = store.add_cash(session, _priced(session, mine, tap, now))
    _book(session, mine, taken)
    return taken


def correct(session: Session, attendant_id: int, cash_id: int, now: datetime) -> Cash:
    """Take the last tap back; taken back twice, it is taken back once.

    Raises NotFound, also for another's tap; Conflict if it is not the last one of the
    open shift, or its time is over.
    """
    tap = store.cash(session, cash_id, attendant_id)
    mine = store.open_shift_locked(session, attendant_id)
    last = store.last_cash(session, mine.id)
    if last is None or last.id != tap.id:
        raise Conflict("Hanya ketukan tunai terakhir di giliran ini yang bisa dibatalkan")
    if last.corrected:
        return last
    if now > tap.correct_until:
        raise Conflict("Sudah lewat dua menit. Catat selisihnya saat menutup giliran.")
    store.add_correction(session, tap.id, now)
    _take_back(session, mine, tap, now)
    record(session, now, f"attendant:{attendant_id}", "cash.correct", f"cash:{tap.id}")
    return store.cash(session, cash_id, attendant_id)


def _priced(session: Session, shift: Shift, tap: CashTap, now: datetime) -> Cash:
    zone = registry.point(session, shift.point_id).zone
    tariff = tariff_for(registry.tariffs(session), tap.vehicle, zone, now)
    if tariff is None:
        raise Conflict(f"Belum ada tarif untuk {VEHICLE_TEXT[tap.vehicle]} di zona {zone}")
    return Cash(
        0, shift.id, tap.client_key, tap.vehicle, tariff.id, tariff.amount, now, tap.instead_of
    )


def split_at(session: Session, moment: datetime) -> Split:
    """How a levy is shared at a moment. Raises Conflict if nothing was ever decided."""
    split = split_for(registry.splits(session), moment)
    if split is None:
        raise Conflict("Belum ada pembagian hasil yang berlaku")
    return split


def _book(session: Session, shift: Shift, taken: Cash) -> None:
    kept = entry.cash(taken.amount, _terms(session, shift, taken))
    post(session, _entry("cash", taken, kept, Source(cash_id=taken.id)), taken.at)


def _take_back(session: Session, shift: Shift, tap: Cash, now: datetime) -> None:
    back = entry.mirrored(entry.cash(tap.amount, _terms(session, shift, tap)))
    post(session, _entry("cash_correction", tap, back, Source(cash_correction_id=tap.id)), now)


def _terms(session: Session, shift: Shift, tap: Cash) -> Terms:
    return Terms(shift.attendant_id, split_at(session, tap.at).city_bps)


def _entry(kind: str, tap: Cash, postings: tuple[Posting, ...], source: Source) -> Entry:
    return Entry(kind, str(tap.id), business_day(tap.at), postings, source)
