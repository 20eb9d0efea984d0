"""What happens to a transaction: made, paid, cancelled, expired, refunded, taken back.

Every change and the notification of it are stored together or not at all.
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from parking.money import Rupiah
from parking.sandbox import transactions as rules
from parking.sandbox.announce import (
    announce,
    announce_charge,
    announce_forgery,
    announce_payment,
    number,
)
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.faults import OUTAGE, Faults, FaultWish
from parking.sandbox.parts import SandboxParts
from parking.sandbox.qr import make_qr, spoiled_qr
from parking.sandbox.transactions import (
    CONFIRMED,
    EXPIRE,
    FAILED,
    FOR_EVER_PENDING,
    PENDING,
    SETTLEMENT,
    Refusal,
    Transaction,
)

SWEEP = 500  # transactions ended in one go
DEFAULT_ISSUER = "gopay"


@dataclass(frozen=True, slots=True)
class Wish:
    """A code that a merchant asks for."""

    order_id: str
    amount: Rupiah
    expires_at: datetime
    acquirer: str
    terminal: str = ""  # 62.07 of the QR
    extras: Mapping[str, Any] = field(default_factory=dict)  # what the provider keeps beside it


@dataclass(frozen=True, slots=True)
class Payment:
    """How a payer pays."""

    issuer: str = DEFAULT_ISSUER
    amount: Rupiah | None = None  # None: what was asked
    at: datetime | None = None  # None: now
    late: bool = False  # although the code has expired or was cancelled
    again: bool = False  # a second payment on a code already paid


def make(
    parts: SandboxParts,
    merchant: SandboxMerchant,
    wish: Wish,
    notify: Sequence[str],
    now: datetime,
    transaction_id: str = "",
) -> Transaction:
    """A new code. Raises Refusal, 406 when the order id was used before."""
    label = secrets.token_hex(6).upper()
    text = make_qr(merchant, wish.amount, label, wish.terminal)
    if fault := parts.faults.of(merchant.gateway).strike("wrong_qr", wish.order_id):
        text = spoiled_qr(merchant, wish.amount, label, fault.value)
    new = Transaction(
        transaction_id=transaction_id or str(uuid.uuid4()),
        order_id=wish.order_id,
        gateway=merchant.gateway,
        account=merchant.account,
        asked=wish.amount,
        amount=wish.amount,
        status=PENDING,
        created_at=now,
        expires_at=wish.expires_at,
        acquirer=wish.acquirer,
        qr_text=text,
        label=label,
        extras=wish.extras,
        notify=notify,
    )
    with parts.state.writing():
        used = find(parts, wish.order_id, now, merchant)
        if used and not (used.status == EXPIRE and parts.config.reuse_expired_orders):
            raise Refusal(406, "Transaction with this order_id has been made before")
        parts.state.add(new)
        announce_charge(parts, new, now)
    return new


def find(
    parts: SandboxParts, name: str, now: datetime, merchant: SandboxMerchant | None = None
) -> Transaction | None:
    """By transaction or order id, the latest; ended first if its time has run out."""
    state = parts.state
    found = state.find(name) if merchant is None else state.find_of(merchant, name)
    if found is None or not rules.is_over(found, now):
        return found
    with state.writing():
        return _current(parts, found, now)


def _current(parts: SandboxParts, seen: Transaction, now: datetime) -> Transaction:
    """The transaction as it is at this moment, which nobody changes before we have.

    Raises KeyError if all was forgotten meanwhile.
    """
    current = parts.state.find(seen.transaction_id)
    if current is None:
        raise KeyError(seen.transaction_id)
    return _ended(parts, rules.expired(current), now) if rules.is_over(current, now) else current


def pay(
    parts: SandboxParts, transaction: Transaction, payment: Payment, now: datetime
) -> Transaction:
    """Settle it, or pay it a second time. Raises Refusal as the payer's app would."""
    with parts.state.writing():
        at = payment.at or now
        current = _current(parts, transaction, at)
        amount = payment.amount or _paid_amount(parts, current)
        rrn = f"{secrets.randbelow(10**12):012}"
        if payment.again:
            settled = _second(current, amount, payment.issuer, rrn, at)
            parts.state.add(settled)
        else:
            settled = rules.paid(current, amount, payment.issuer, rrn, at, payment.late)
            parts.state.change(settled)
        announce_payment(parts, settled, now)
    return settled


def _paid_amount(parts: SandboxParts, transaction: Transaction) -> Rupiah:
    faults = parts.faults.of(transaction.gateway)
    fault = faults.strike("amount_mismatch", transaction.order_id)
    if fault is None:
        return transaction.asked
    return Rupiah(int(number(fault.value, transaction.asked + 1_000)) or 1)


def _second(first: Transaction, amount: Rupiah, issuer: str, rrn: str, at: datetime) -> Transaction:
    """A payment of its own under the same order id, which happens when two phones scan."""
    if first.paid_at is None:
        raise Refusal(412, "The QR was not paid a first time")
    fresh = replace(
        first, transaction_id=str(uuid.uuid4()), status=PENDING, label="", created_at=at, refunds=()
    )
    return rules.paid(fresh, amount, issuer, rrn, at, late=False)


def forge(parts: SandboxParts, transaction: Transaction, now: datetime) -> None:
    """A settlement is notified that nobody has paid, with a signature that fits."""
    with parts.state.writing():
        announce_forgery(parts, transaction, now)


def cancel(parts: SandboxParts, transaction: Transaction, now: datetime) -> Transaction:
    """Raises Refusal 412 once it is no longer pending."""
    with parts.state.writing():
        return _ended(parts, rules.cancelled(_current(parts, transaction, now)), now)


def expire(parts: SandboxParts, transaction: Transaction, now: datetime) -> Transaction:
    """Raises Refusal 412 once it is no longer pending."""
    with parts.state.writing():
        return _ended(parts, rules.expired(_current(parts, transaction, now)), now)


def _ended(parts: SandboxParts, ended: Transaction, now: datetime) -> Transaction:
    parts.state.change(ended)
    announce(parts, ended, now)
    return ended


def refund(
    parts: SandboxParts,
    transaction: Transaction,
    key: str,
    amount: Rupiah | None,
    reason: str,
    now: datetime,
) -> tuple[Transaction, bool]:
    """Give money back; False beside the unchanged transaction when the bank said no.

    The merchant is notified at once, and again when the driver's bank has confirmed it or
    could not book it. Raises Refusal as `rules.refunded`, and 405 where the payer's bank
    takes no refunds.
    """
    faults, order = parts.faults.of(transaction.gateway), transaction.order_id
    with parts.state.writing():
        current, number = _current(parts, transaction, now), parts.state.next_refund_id()
        rules.refunded(current, key, amount, reason, number, now)  # refused before a fault strikes
        if faults.holds("refund_unsupported", order):
            raise Refusal(405, "Refund is not supported by the payer's bank")
        if faults.strike("refund_denied", order):
            return current, False
        fate = _fate(faults, order)
        refunded = rules.refunded(current, key, amount, reason, number, now, fate)
        parts.state.change(refunded)
        announce(parts, refunded, now)
    return refunded, True


def _fate(faults: Faults, order: str) -> str:
    """What the driver's bank will say of a refund."""
    if faults.strike("refund_fails_later", order):
        return FAILED
    return FOR_EVER_PENDING if faults.strike("refund_pending_forever", order) else CONFIRMED


def reverse(parts: SandboxParts, transaction: Transaction, now: datetime) -> Transaction:
    """The provider takes a paid transaction back, unasked. Raises Refusal 412 if unpaid."""
    with parts.state.writing():
        back = rules.taken_back(_current(parts, transaction, now), now)
        parts.state.change(back)
        announce(parts, back, now)
    return back


def switch(parts: SandboxParts, gateway: str, outage: FaultWish | None) -> None:
    """Take a provider down, or bring it up: its outages until now end."""
    for fault in parts.faults.listing():
        if (fault.name, fault.gateway) == (OUTAGE, gateway):
            parts.faults.remove(fault.id)
    if outage is not None:
        parts.faults.add(outage)
    parts.outbox.wake.set()


def sweep(parts: SandboxParts, now: datetime) -> None:
    """End what has run out, and say what the banks now know of refunds."""
    if parts.state.open_since(now, 1):
        with parts.state.writing():
            for transaction in parts.state.open_since(now, SWEEP):
                _ended(parts, rules.expired(transaction), now)
    made_before = now - parts.config.refund_confirmation
    if parts.state.open_refunds(made_before):
        with parts.state.writing():
            for transaction_id, key in parts.state.open_refunds(made_before):
                _end_refund(parts, transaction_id, key, now)


def _end_refund(parts: SandboxParts, transaction_id: str, key: str, now: datetime) -> None:
    transaction = parts.state.find(transaction_id)
    if transaction is not None:
        fails = any(each.key == key and each.fate == FAILED for each in transaction.refunds)
        known = (rules.failed if fails else rules.confirmed)(transaction, key, now)
        parts.state.change(known)
        announce(parts, known, now)


def as_told(parts: SandboxParts, transaction: Transaction, now: datetime) -> Transaction:
    """The transaction as an inquiry describes it, which a fault may put behind the truth."""
    if transaction.status != SETTLEMENT or transaction.paid_at is None:
        return transaction
    before = replace(transaction, amount=transaction.asked, issuer="", rrn="", paid_at=None)
    faults = parts.faults.of(transaction.gateway)
    lag = faults.holds("status_lags", transaction.order_id)
    if lag and (now - transaction.paid_at).total_seconds() < number(lag.value, 60):
        return replace(before, status=PENDING)
    if faults.holds("status_contradicts", transaction.order_id):
        return replace(before, status=EXPIRE)
    return transaction
