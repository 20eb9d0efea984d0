"""A small city in an empty database, with as many pending charges as a measurement needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.invented import INVENTED
from sqlalchemy import text
from sqlalchemy.orm import Session

from parking.business_day import business_day

THEIRS = {"xendit": "qr_"}  # how a gateway's name of a code begins, where that says what it is
POINTS = 50  # each with one attendant who has one shift open

CITY = """
INSERT INTO attendant (badge, name, joined_on)
SELECT 'JBI-' || lpad(n::text, greatest(4, length(n::text)), '0'), 'Juru Parkir Contoh ' || n, :day
FROM generate_series(1, :points) n;
INSERT INTO parking_point (code, name, road, zone, area_type, has_qris, opened_on)
SELECT 'PTK-' || lpad(n::text, greatest(4, length(n::text)), '0'), 'Titik ' || n,
       'Jl. Jenderal Sudirman', 'Sudirman', 'street', true, :day
FROM generate_series(1, :points) n;
INSERT INTO assignment (letter, attendant_id, point_id, valid_from)
SELECT 'SPT/' || a.badge, a.id, p.id, :day
FROM attendant a JOIN parking_point p ON substr(p.code, 5) = substr(a.badge, 5);
INSERT INTO device (attendant_id, secret_hash, label, enrolled_at)
SELECT id, badge, 'Ponsel ' || badge, :at FROM attendant;
INSERT INTO tariff (vehicle, zone, amount, valid_from, decree, entered_at, entered_by)
VALUES ('motorcycle', '', 2000, :day, 'Perda 2/2024', :at, 'system'),
       ('car', '', 3000, :day, 'Perda 2/2024', :at, 'system');
INSERT INTO revenue_split (city_bps, valid_from, decree, entered_at, entered_by)
VALUES (4000, :day, 'Perwal 12/2013', :at, 'system');
INSERT INTO merchant_account (gateway, account, merchant_id, nmid, pan, name, city, environment,
                              key_name, valid_from)
VALUES (:gateway, 'jambi', :merchant_id, :nmid, :pan,
        'PEMKOT JAMBI PARKIR', 'KOTA JAMBI', 'sandbox', upper(:gateway) || '_JAMBI', :day);
INSERT INTO fee_term (merchant_account_id, fee_bps, settles_in, valid_from, contract)
SELECT id, 70, 1, :day, 'PKS 1/2026' FROM merchant_account;
"""

SHIFTS = """
INSERT INTO shift (attendant_id, point_id, assignment_id, device_id, opened_at, business_day)
SELECT a.attendant_id, a.point_id, a.id, d.id, :at, :day
FROM assignment a JOIN device d ON d.attendant_id = a.attendant_id
"""

CHARGES = """
INSERT INTO charge (ours, gateway, account, shift_id, attendant_id, point_id, device_id,
                    client_key, vehicle, tariff_id, amount, city_bps, created_at, business_day,
                    state, late, theirs, payload, expires_at, inquire_at, inquiries)
SELECT 'PKR' || to_char(CAST(:day AS date), 'YYYYMMDD') || lpad(n::text, 7, '0') || 'X',
       :gateway, 'jambi', s.id, s.attendant_id, s.point_id, s.device_id,
       'tap-' || n, 'motorcycle', (SELECT min(id) FROM tariff), 2000, 4000, :at, :day,
       'pending', false, :named || lpad(n::text, 9, '0'), NULL, :expires_at, :inquire_at, 0
FROM generate_series(1, :count) n
JOIN shift s ON s.id = (SELECT min(id) FROM shift) + n % :points;
"""

EVENTS = """
INSERT INTO charge_event (charge_id, at, from_state, to_state, cause, actor, note)
SELECT c.id, c.created_at, step.before, step.after, step.cause, 'attendant:' || c.attendant_id, ''
FROM charge c, (VALUES (1, '', 'creating', 'asked'), (2, 'creating', 'pending', 'answered'))
     step (number, before, after, cause)
ORDER BY c.id, step.number;
"""


@dataclass(frozen=True, slots=True)
class Pending:
    """A charge that waits to be paid."""

    ours: str
    theirs: str
    amount: int


def has_charges(session: Session) -> bool:
    return bool(session.scalar(text("SELECT EXISTS (SELECT FROM charge)")))


def add_pending(
    session: Session, count: int, at: datetime, gateway: str = "midtrans"
) -> list[Pending]:
    """Store a city and its pending charges; what their gateway needs to pay them."""
    values = {
        "count": count, "expires_at": at + timedelta(hours=1),
        "inquire_at": at + timedelta(minutes=30), "named": THEIRS.get(gateway, "trx-"),
    }  # fmt: skip
    statements = (*CITY.split(";\n"), SHIFTS, CHARGES, EVENTS)
    _execute(session, statements, POINTS, at, gateway, values)
    rows = session.execute(text("SELECT ours, theirs, amount FROM charge ORDER BY id"))
    return [Pending(*row) for row in rows]


def add_city(session: Session, points: int, at: datetime) -> None:
    """Store a city of so many points, each with an attendant, a letter and a phone."""
    _execute(session, CITY.split(";\n"), points, at, "midtrans", {})


def add_attendants(
    session: Session, count: int, at: datetime, gateway: str
) -> list[tuple[int, int]]:
    """Store a city of attendants with a shift open each; their ids and their phones'."""
    _execute(session, (*CITY.split(";\n"), SHIFTS), count, at, gateway, {})
    found = session.execute(text("SELECT attendant_id, id FROM device ORDER BY attendant_id"))
    return [(attendant, device) for attendant, device in found]


def _execute(
    session: Session, statements: Sequence[str], points: int, at: datetime, gateway: str,
    more: dict[str, object],
) -> None:  # fmt: skip
    merchant_id, nmid, pan, _ = INVENTED[gateway]
    values = more | {
        "day": business_day(at), "at": at, "points": points, "gateway": gateway,
        "merchant_id": merchant_id, "nmid": nmid, "pan": pan,
    }  # fmt: skip
    for statement in statements:
        if statement.strip():
            named = {k: v for k, v in values.items() if f":{k}" in statement}
            session.execute(text(statement), named)


def has_jobs(session: Session) -> bool:
    """Whether a jobs process is at work."""
    held = "SELECT EXISTS (SELECT FROM job_lease WHERE expires_at > now())"
    return bool(session.scalar(text(held)))


def count_unworked(session: Session) -> int:
    """Callbacks that are not yet applied."""
    waiting = "SELECT count(*) FROM callback_work WHERE due_at IS NOT NULL"
    return int(session.scalar(text(waiting)) or 0)


def count_unpaid(session: Session) -> int:
    """Charges that nobody knows to be paid."""
    return int(session.scalar(text("SELECT count(*) FROM charge WHERE state <> 'paid'")) or 0)


def count_inquiries(session: Session) -> int:
    """How often gateways were asked about charges."""
    return int(session.scalar(text("SELECT sum(inquiries) FROM charge")) or 0)


def count_posted(session: Session) -> int:
    """Payments that are in the ledger with their charge paid."""
    posted = (
        "SELECT count(*) FROM ledger_entry e JOIN payment p ON p.evidence_id = e.evidence_id"
        " JOIN charge c ON c.id = p.charge_id WHERE c.state = 'paid'"
    )
    return int(session.scalar(text(posted)) or 0)
