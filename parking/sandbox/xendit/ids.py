"""How Xendit names a QR, its payment, refunds and transactions. Pure.

A QR and its payment have numbers of their own that say nothing of each other; here the one
follows from the other, so that nothing has to be kept beside the core's own number.
"""

import uuid

QR, PAYMENT, REFUND, MOVEMENT = "qr_", "qrpy_", "qrrf_", "txn_"

_MASK = 0x5A17_C0DE_0BAD_0CAB_1E5A_17C0_DE0B_AD0C
_NAMES = uuid.UUID("3f0f6c5e-91d4-4c47-8f0e-2d6ee3f3a7b1")  # a namespace of our own


def new_qr() -> str:
    return f"{QR}{uuid.uuid4()}"


def payment_id(transaction_id: str) -> str:
    """Of the payment of a transaction of the core's."""
    return PAYMENT + bare_payment_id(transaction_id)


def bare_payment_id(transaction_id: str) -> str:
    """As reports have it: without its beginning (gateways.md 0.2, trap 10)."""
    try:
        number = uuid.UUID(transaction_id.removeprefix(QR))
    except ValueError:  # a row of a report that no transaction stands for
        number = uuid.uuid5(_NAMES, transaction_id)
    return str(uuid.UUID(int=number.int ^ _MASK))


def transaction_ids(payment: str) -> list[str]:
    """What the core may call the transaction of a payment; nothing if that is no payment."""
    if not payment.startswith(PAYMENT):
        return []
    try:
        number = uuid.UUID(payment.removeprefix(PAYMENT))
    except ValueError:
        return []
    plain = str(uuid.UUID(int=number.int ^ _MASK))
    return [QR + plain, plain]


def refund_id(transaction_id: str, chargeback_id: int) -> str:
    return f"{REFUND}{uuid.uuid5(_NAMES, f'{transaction_id}/{chargeback_id}')}"


def movement_id(what: str) -> str:
    """Of the transaction that a payment or refund is in their books."""
    return f"{MOVEMENT}{uuid.uuid5(_NAMES, what)}"
