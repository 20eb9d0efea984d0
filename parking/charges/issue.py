"""Issue a charge: one tap of an attendant becomes one QR, whatever the network does."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.business_day import business_day
from parking.charges import store
from parking.charges.cancel import cancel
from parking.charges.charge import (
    MOST_OF_A_TAP,
    OPEN,
    OUTAGE,
    Asked,
    Charge,
    ChargeState,
    is_over,
    key_of,
    lacks_qr,
    tap_of,
    was_shown,
)
from parking.charges.choose import Gateways, choose
from parking.charges.recover import reveal
from parking.clock import Clock
from parking.errors import (
    BadInput,
    Conflict,
    GatewayError,
    GatewayOut,
    GatewayRefused,
    GatewayUnavailable,
)
from parking.gateways.guard import OUT
from parking.gateways.http import within
from parking.gateways.protocol import Gateway, QrRequest
from parking.registry import store as registry
from parking.registry.facts import VEHICLE_TEXT, Point, Tariff, Vehicle, tariff_for
from parking.shifts import store as shifts
from parking.shifts.cash import split_at
from parking.shifts.shift import ASK, Shift

log = structlog.get_logger()

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = CROCKFORD[10:]
ANSWERED = "answered"  # the cause of an event

# Of the five seconds after which an attendant has a clear answer, or cash (F23): a place among
# those that ask (charges/calls.py), the line to the phone and our own work need the rest.
TAP_S = 3.8
LEAST_S = 0.3  # nobody is asked who could not answer in time


@dataclass(frozen=True, slots=True)
class Tap:
    """All that a phone may say: which vehicle, and which tap this is."""

    attendant_id: int
    device_id: int
    vehicle: Vehicle
    client_key: str  # made by the phone before it sends; the same when it sends again
    replaces: str | None = None  # the charge that this one follows


def issue(
    sessions: sessionmaker[Session], gateways: Gateways, tap: Tap, clock: Clock, validity: timedelta
) -> Charge:
    """The charge of a tap; sent twice, also at once, it is the same one (F14, reliability.md 6).

    It is stored before the gateway is asked, so no payment can come for a charge that
    we do not know, and no transaction is open while we wait. An answer that is lost
    leaves it CREATE_UNKNOWN, and `recover` finds its QR or that there is none. If the
    point has another account, that is asked then, for a charge of its own: the tap's
    charge is always the newest. If all are out nobody is asked and nobody waits.
    Raises Conflict, NotFound or BadInput, and then nothing was asked.
    """
    before = _sent_before(sessions, tap)
    if before is not None:
        return before
    until = time.monotonic() + TAP_S
    with within(TAP_S):
        if tap.replaces is not None:
            _end_replaced(sessions, gateways, tap, clock)
        with sessions() as session:
            point_id = shifts.open_shift_kept(session, tap.attendant_id).point_id
        choice = choose(sessions, gateways, point_id, clock.now())
        charge, terminal = _stored(sessions, choice.gateways[0], tap, clock.now(), validity)
        if terminal is None:
            return charge
        if choice.is_outage:
            return _not_shown(sessions, charge, ChargeState.CREATE_FAILED, OUT, clock.now(), OUTAGE)
        return _asked_in_turn(sessions, choice.gateways, charge, terminal, clock, validity, until)


def new_name(moment: datetime) -> str:
    """What we call a charge: "PKR", the WIB day and eight characters that cannot be guessed.

    The last one is a letter, so that Midtrans' signature, which runs order, code and
    amount together, can be cut in one way only (gateways.md 1.10).
    """
    rest = "".join(secrets.choice(CROCKFORD) for _ in range(7))
    return f"PKR{business_day(moment):%Y%m%d}{rest}{secrets.choice(LETTERS)}"


def _sent_before(sessions: sessionmaker[Session], tap: Tap) -> Charge | None:
    with sessions() as session:
        return _same(store.of_tap(session, tap.attendant_id, tap.client_key), tap)


def _same(made: Sequence[Charge], tap: Tap) -> Charge | None:
    """The newest charge of a tap, if it was sent before."""
    if not made:
        return None
    if (made[0].vehicle, made[0].replaces) != (tap.vehicle, tap.replaces):
        raise BadInput("Kunci ini sudah dipakai untuk ketukan lain", {"client_key": "terpakai"})
    return made[-1]


def _end_replaced(
    sessions: sessionmaker[Session], gateways: Gateways, tap: Tap, clock: Clock
) -> None:
    """One live code a vehicle: the old one ends before there is a new one (qris.md 4.3)."""
    with sessions() as session:
        old = store.own(session, tap.replaces or "", tap.attendant_id)
    gateway = gateways.find(old.gateway, old.account)
    if old.state in OPEN and gateway is not None:
        try:
            with within(TAP_S / 2):
                old = cancel(sessions, gateway, old, f"attendant:{tap.attendant_id}", clock.now())
        except GatewayUnavailable:
            if was_shown(old):
                raise
    # A code that nobody has seen yet cannot be paid, so it holds up nothing.
    is_live = old.state is ChargeState.PENDING and not is_over(old, clock.now())
    if is_live or old.state is ChargeState.PAID:
        raise Conflict("QR sebelumnya sudah dibayar. Tunggu LUNAS, jangan minta bayar lagi.")


def _stored(
    sessions: sessionmaker[Session], gateway: Gateway, tap: Tap, now: datetime, validity: timedelta
) -> tuple[Charge, str | None]:
    """The stored charge, and the point's code if it is this call that has to ask for the QR."""
    merchant = gateway.merchant
    with sessions.begin() as session:
        shift = shifts.open_shift_kept(session, tap.attendant_id)
        if tap.replaces is not None:
            store.locked(session, tap.replaces)  # of several that replace it, one is first
            first = _same(store.of_tap(session, tap.attendant_id, tap.client_key), tap)
            if first is not None:
                return first, None
            if store.is_replaced(session, tap.replaces):
                raise Conflict("QR ini sudah diganti QR lain. Muat ulang layar.")
        point, tariff = _place_and_price(session, shift, tap, now)
        city_bps = split_at(session, now).city_bps
        while True:
            asked = Asked(
                new_name(now), merchant.gateway, merchant.account, shift.id, tap.attendant_id,
                point.id, tap.device_id, tap.client_key, tap.vehicle, tariff.id, tariff.amount,
                city_bps, now, now + validity, tap.replaces,
            )  # fmt: skip
            made = store.add(session, asked)
            if made is not None:
                return made, point.code
            first = _same(store.of_tap(session, tap.attendant_id, tap.client_key), tap)
            if first is not None:
                return first, None
            # Neither: the name was taken, which chance does about once a year in a city.


def _place_and_price(
    session: Session, shift: Shift, tap: Tap, now: datetime
) -> tuple[Point, Tariff]:
    point = registry.point(session, shift.point_id)
    if not point.has_qris:
        raise Conflict(f"Titik {point.code} belum memakai QRIS. Terima tunai dan beri karcis.")
    letters = registry.assignments_of(session, tap.attendant_id)
    letter = next(x for x in letters if x.id == shift.assignment_id)
    if letter.ended_at is not None and letter.ended_at <= now:
        raise Conflict(f"SPT {letter.letter} sudah dicabut. {ASK}")
    tariff = tariff_for(registry.tariffs(session), tap.vehicle, point.zone, now)
    if tariff is None:
        raise Conflict(f"Belum ada tarif {VEHICLE_TEXT[tap.vehicle]} di zona {point.zone}. {ASK}")
    return point, tariff


def _asked_in_turn(
    sessions: sessionmaker[Session], gateways: Sequence[Gateway], charge: Charge, terminal: str,
    clock: Clock, validity: timedelta, until: float,
) -> Charge:  # fmt: skip
    """The charge after the first gateway was asked, or the next ones until somebody answers.

    Each but the last has half of the time that is left.
    """
    gateways = gateways[:MOST_OF_A_TAP]
    for nth, gateway in enumerate(gateways, 1):
        if nth > 1:
            charge, goes_on = _moved_on(sessions, charge, gateway, nth, clock.now(), validity)
            if not goes_on:
                return charge
        left = until - time.monotonic()
        with within(left if nth == len(gateways) else left / 2):
            charge = _asked(sessions, gateway, charge, terminal, clock)
        if not lacks_qr(charge) or until - time.monotonic() < LEAST_S:
            return charge
    return charge


def _moved_on(
    sessions: sessionmaker[Session], before: Charge, gateway: Gateway, nth: int, now: datetime,
    validity: timedelta,
) -> tuple[Charge, bool]:  # fmt: skip
    """A charge like the one before it, at another account, and that it is to be asked for.

    Nobody has seen a code of the one before, so nobody can pay it; should it have been
    made there after all, its time is over, and it is ended as any other. If it was shown
    or paid in the meantime it stays the one.
    """
    merchant = gateway.merchant
    with sessions.begin() as session:
        shifts.open_shift_kept(session, before.attendant_id)
        held = store.locked(session, before.ours)
        if not lacks_qr(held):
            return held, False
        if held.state in OPEN:
            store.move(
                session, held.id, held.state, at=now, cause="went_on", actor="system",
                note=f"asks {merchant.gateway}/{merchant.account}", expires_at=now,
            )  # fmt: skip
        while True:
            asked = Asked(
                new_name(now), merchant.gateway, merchant.account, held.shift_id,
                held.attendant_id, held.point_id, held.device_id, key_of(tap_of(held), nth),
                held.vehicle, held.tariff_id, held.amount, held.city_bps, now, now + validity,
                held.replaces or held.ours,
            )  # fmt: skip
            if made := store.add(session, asked):
                return made, True


def _asked(
    sessions: sessionmaker[Session], gateway: Gateway, charge: Charge, terminal: str, clock: Clock
) -> Charge:
    request = QrRequest(
        charge.ours, charge.amount, charge.created_at, charge.expires_at,
        f"Parkir {VEHICLE_TEXT[charge.vehicle]}", terminal,
    )  # fmt: skip
    issued = None
    try:
        issued = gateway.issue_qr(request)
        return reveal(sessions, gateway, charge, issued, clock.now())
    except GatewayError as error:
        state, cause = _came_of(error, is_made=issued is not None)
        return _not_shown(sessions, charge, state, str(error), clock.now(), cause)


def _came_of(error: GatewayError, *, is_made: bool) -> tuple[ChargeState, str]:
    """What a charge is whose QR could not be shown, and the cause of that."""
    if isinstance(error, GatewayOut) and not is_made:
        return ChargeState.CREATE_FAILED, OUTAGE  # it was not even asked
    if isinstance(error, GatewayRefused):
        return ChargeState.CREATE_FAILED, ANSWERED
    return ChargeState.CREATE_UNKNOWN, ANSWERED


def _not_shown(
    sessions: sessionmaker[Session], charge: Charge, state: ChargeState, note: str, at: datetime,
    cause: str,
) -> Charge:  # fmt: skip
    """Refused, or an answer lost: then the next look asks at once. A payment that was told in
    the meantime stays as it is (F14)."""
    log.warning("no QR", ours=charge.ours, state=state, why=note)
    with sessions.begin() as session:
        held = store.locked(session, charge.ours)
        if held.state is not ChargeState.CREATING:
            return held
        ask = at if state is ChargeState.CREATE_UNKNOWN else None
        return store.move(
            session, held.id, state, at=at, cause=cause, actor="system", note=note[:500],
            inquire_at=ask,
        )  # fmt: skip
