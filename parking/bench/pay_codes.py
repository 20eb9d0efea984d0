"""Codes that were paid at the sandbox, and how their provider tells of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from parking.bench.load import Post
from parking.bench.store import Pending
from parking.money import Rupiah
from parking.sandbox.change import Payment, Wish, make, pay
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.parts import SandboxParts
from parking.sandbox.provider import Delivery
from parking.sandbox.transactions import Transaction

VALID = timedelta(hours=1)
PARTNER = "ID_DANA"  # whose code it is


def pay_codes(
    parts: SandboxParts, merchant: SandboxMerchant, charges: Sequence[Pending], now: datetime
) -> list[Transaction]:
    """Make a code of each charge and pay it, all at once: nobody serves this state yet."""
    with parts.state.writing():
        return [_paid(parts, merchant, charge, now) for charge in charges]


def _paid(
    parts: SandboxParts, merchant: SandboxMerchant, charge: Pending, now: datetime
) -> Transaction:
    wish = Wish(
        charge.ours, Rupiah(charge.amount), now + VALID, PARTNER, extras={"qr_id": charge.theirs}
    )
    made = make(parts, merchant, wish, (), now, charge.theirs)
    return pay(parts, made, Payment(), now)


def posts(
    parts: SandboxParts, merchant: SandboxMerchant, paid: Sequence[Transaction], now: datetime
) -> Iterator[Post]:
    """What the provider tells of each payment, signed at a moment."""
    provider = parts.providers[merchant.gateway]
    for number, transaction in enumerate(paid, 1):
        message = provider.message(transaction, merchant)
        assert message is not None  # noqa: S101 - every provider tells of a payment
        delivery = Delivery(
            number, merchant.gateway, merchant.account, transaction.transaction_id, "",
            message.body, message.headers, "", 0,
        )  # fmt: skip
        signed = provider.sign(delivery, merchant, now)
        yield Post(message.body, {**message.headers, **signed}, message.tail)
