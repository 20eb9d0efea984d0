"""Put notifications into the outbox, with the faults that strike them on the way."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from parking.sandbox.faults import SPOILS
from parking.sandbox.outbox import DROPPED, HELD, WAITING
from parking.sandbox.parts import SandboxParts
from parking.sandbox.provider import Message
from parking.sandbox.transactions import PENDING, Transaction


def announce(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    """Notify the merchant of a transaction as it now is."""
    _put(parts, transaction, _message(parts, transaction), now)


def announce_charge(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    """Notify that a code was made; by the faults too late, or as a forger would."""
    order, faults = transaction.order_id, parts.faults.of(transaction.gateway)
    if parts.config.notify_pending:
        reorder = faults.strike("callback_reorder", order)
        state, fault = (HELD, "callback_reorder") if reorder else (WAITING, "")
        _put(parts, transaction, _message(parts, transaction), now, state, fault)
    if faults.strike("callback_tampered", order):
        announce_forgery(parts, transaction, now)


def announce_forgery(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    """A payment that nobody made, as well as somebody can tell it who caught one message."""
    provider, merchant = parts.provider_of(transaction), parts.merchant_of(transaction)
    message = provider.forgery(unpaid(transaction), merchant)
    _put(parts, transaction, message, now, WAITING, "callback_tampered")


def announce_payment(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    """Notify of a settlement: spoiled, late, more than once or not at all if a fault says so."""
    order, faults = transaction.order_id, parts.faults.of(transaction.gateway)
    message, struck = _spoiled(parts, transaction, _message(parts, transaction))
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
        _put(parts, transaction, message, due, state, " ".join(struck))
    if faults.strike("callback_reorder", order) and not parts.outbox.has_held(
        transaction.transaction_id
    ):
        late = _message(parts, unpaid(transaction))
        _put(parts, transaction, late, now, HELD, "callback_reorder")


def _spoiled(
    parts: SandboxParts, transaction: Transaction, message: Message | None
) -> tuple[Message | None, list[str]]:
    """The message with what is wrong in it, and the names of the faults that did it."""
    order, faults = transaction.order_id, parts.faults.of(transaction.gateway)
    struck = [name for name in SPOILS if faults.strike(name, order)]
    for name in struck:
        if message is not None:
            provider = parts.provider_of(transaction)
            message = provider.spoiled(message, name, parts.merchant_of(transaction))
    if missing := faults.strike("callback_missing_fields", order):
        message = message and _rewritten(message, lambda body: without(body, missing.value))
        struck.append(missing.name)
    if pretty := faults.strike("callback_pretty", order):
        message = message and replace(message, body=_pretty(json.loads(message.body)))
        struck.append(pretty.name)
    return message, struck


def _rewritten(message: Message, change: Callable[[Any], Any]) -> Message:
    return replace(message, body=json.dumps(change(json.loads(message.body))))


def without(body: Any, path: object) -> Any:
    """The JSON without the field at a dotted path, or without any if that is no text.

    >>> without({"data": {"id": "q", "amount": 1}}, "data.amount"), without({"id": 1}, None)
    ({'data': {'id': 'q'}}, {})
    """
    if not isinstance(path, str):
        return {}
    name, _, below = path.partition(".")
    if below and isinstance(body.get(name), dict):
        return body | {name: without(body[name], below)}
    return {key: value for key, value in body.items() if key != name}


def _pretty(body: Any) -> str:
    """The same JSON in other bytes."""
    return json.dumps(body, indent=4).replace("/", "\\/")


def unpaid(transaction: Transaction) -> Transaction:
    """The transaction as it was before anybody paid."""
    return replace(
        transaction, status=PENDING, amount=transaction.asked, issuer="", paid_at=None, refunds=()
    )


def number(value: Any, otherwise: float) -> float:
    """The value of a fault where it is a usable number."""
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return max(0, min(value, 10_000_000)) if usable else otherwise


def _message(parts: SandboxParts, transaction: Transaction) -> Message | None:
    return parts.provider_of(transaction).message(transaction, parts.merchant_of(transaction))


def _put(
    parts: SandboxParts, transaction: Transaction, message: Message | None, due_at: datetime,
    state: str = WAITING, fault: str = "",
) -> None:  # fmt: skip
    """Into the outbox, unless the provider is silent about it."""
    if message is not None:
        parts.outbox.put(transaction, message, due_at, state, fault)
        parts.outbox.wake.set()
