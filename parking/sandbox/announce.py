"""Put notifications into the outbox, with the faults that strike them on the way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from parking.sandbox.notifications import notification, signature
from parking.sandbox.outbox import DROPPED, HELD, WAITING
from parking.sandbox.parts import SandboxParts
from parking.sandbox.transactions import PENDING, SETTLEMENT, Transaction

Body = dict[str, Any]


def announce(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    """Notify the merchant of a transaction as it now is."""
    parts.outbox.put(transaction, notification(transaction, parts.merchant_of(transaction)), now)
    parts.outbox.wake.set()


def announce_charge(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    """Notify that a code was made; by the faults too late, or as a forger would."""
    order = transaction.order_id
    if parts.config.notify_pending:
        reorder = parts.faults.strike("callback_reorder", order)
        body = notification(transaction, parts.merchant_of(transaction))
        state, fault = (HELD, "callback_reorder") if reorder else (WAITING, "")
        parts.outbox.put(transaction, body, now, state, fault)
    if parts.faults.strike("callback_tampered", order):
        announce_forgery(parts, transaction, now)
    parts.outbox.wake.set()


def announce_forgery(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    """What somebody who saw the pending notification can send: the signature still fits.

    It binds the order, the code 201 and the amount, but not `transaction_status`
    (gateways.md 0.2, trap 4).
    """
    body = notification(_unpaid(transaction), parts.merchant_of(transaction))
    body["transaction_status"] = SETTLEMENT
    parts.outbox.put(transaction, body, now, WAITING, "callback_tampered")
    parts.outbox.wake.set()


def announce_payment(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    """Notify of a settlement: spoiled, late, more than once or not at all if a fault says so."""
    order, faults = transaction.order_id, parts.faults
    body = notification(transaction, parts.merchant_of(transaction))
    struck = [name for name in SPOILS if faults.strike(name, order)]
    for name in struck:
        body = SPOILS[name](body)
    state, due, copies = WAITING, now, 1
    if faults.strike("callback_drop", order):
        state = DROPPED
        struck.append("callback_drop")
    if delay := faults.strike("callback_delay", order):
        due = now + timedelta(seconds=number(delay.value, 60))
        struck.append("callback_delay")
    if duplicate := faults.strike("callback_duplicate", order):
        copies = max(1, min(50, int(number(duplicate.value, 2))))
        struck.append("callback_duplicate")
    for _ in range(copies):
        parts.outbox.put(transaction, body, due, state, " ".join(struck))
    if faults.strike("callback_reorder", order):
        _late_pending(parts, transaction, now)
    parts.outbox.wake.set()


def _late_pending(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    if not parts.outbox.has_held(transaction.transaction_id):
        body = notification(_unpaid(transaction), parts.merchant_of(transaction))
        parts.outbox.put(transaction, body, now, HELD, "callback_reorder")


def _unpaid(transaction: Transaction) -> Transaction:
    """The transaction as it was before anybody paid."""
    return replace(
        transaction, status=PENDING, amount=transaction.asked, issuer="", paid_at=None, refunds=()
    )


def number(value: Any, otherwise: float) -> float:
    """The value of a fault where it is a usable number."""
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return max(0, min(value, 10_000_000)) if usable else otherwise


def _badly_signed(body: Body) -> Body:
    signed = signature(
        body["order_id"], body["status_code"], body["gross_amount"], "SB-Mid-server-NOT-THIS-KEY"
    )
    return body | {"signature_key": signed}


def _without_issuer(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "issuer"}


SPOILS: dict[str, Callable[[Body], Body]] = {
    "callback_bad_signature": _badly_signed,
    "callback_fraud_deny": lambda body: body | {"fraud_status": "deny"},
    "callback_missing_issuer": _without_issuer,
    "callback_extra_fields": lambda body: body | {"promo": {"id": 7}, "channel_note": "baru"},
}
