"""What Xendit writes of QR codes, payments and refunds, read strictly (gateways.md 2). Pure.

Nothing here decides what is believed: a callback of theirs covers nothing of its body,
so that all of it is hearsay until it has been read again from their API.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from parking.business_day import FIRST_DAY, LAST_DAY, business_day
from parking.errors import BadInput
from parking.gateways.json_text import read_object
from parking.gateways.protocol import RefundState, State
from parking.money import Rupiah, rupiah_told

QR, PAYMENT = "qr_", "qrpy_"  # how their ids begin; reports leave it out (gateways.md 0.2)

# Of a payment. Both words for paid are in use; "COMPLETED" is of the first generation.
PAYMENT_STATE = {
    "SUCCEEDED": State.PAID,
    "COMPLETED": State.PAID,
    "SUCCESS": State.PAID,
    "PENDING": State.PENDING,
    "FAILED": State.FAILED,
    "VOIDED": State.REVERSED,
    "REVERSED": State.REVERSED,
}
QR_STATE = {"ACTIVE": State.PENDING, "INACTIVE": State.EXPIRED}
REFUND_STATE = {
    "PENDING": RefundState.PENDING,
    "SUCCEEDED": RefundState.DONE,
    "SUCCESS": RefundState.DONE,
    "FAILED": RefundState.REFUSED,
    "CANCELLED": RefundState.REFUSED,
    "VOIDED": RefundState.REFUSED,
    "REVERSED": RefundState.REFUSED,
}

_EVENT = re.compile(r"[A-Za-z_.]{1,60}")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_STATUS = re.compile(r"[A-Za-z_]{1,40}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")
LONGEST_REFERENCE = 255


@dataclass(frozen=True, slots=True)
class Message:
    """A callback: of which event, and the object that it tells of."""

    event: str  # "qr.payment", "qr.refund"
    id: str
    status: str
    reference: str  # our name of the charge; empty where they leave it out
    businesses: frozenset[str]  # whose it is, by their numbers
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment of a QR, and what has become of it."""

    ref: str  # "qrpy_…"
    ours: str
    state: State
    amount: Rupiah
    at: datetime
    issuer: str = ""
    refunded: Rupiah = Rupiah(0)


@dataclass(frozen=True, slots=True)
class Movement:
    """A row of GET /transactions: money that came in or went back."""

    id: str  # "txn_…"
    kind: str  # "PAYMENT", "REFUND"
    status: str
    product: str  # of what it is a movement, without the beginning of the id
    ours: str
    amount: Rupiah
    at: datetime


def read_message(body: bytes) -> Message:
    """A callback of the second generation, or of the first, which is flat and says external_id.

    The event object may be nested twice, as one of their samples is. Raises BadInput.
    """
    fields = read_object(body)
    data = fields.get("data")
    if isinstance(data, dict) and isinstance(data.get("data"), dict):
        data = data["data"]
    if data is None and isinstance(fields.get("qr_code"), dict):
        data = _as_second_generation(fields)
    if not isinstance(data, dict):
        raise BadInput("callback tanpa data")
    told = {
        "event": (fields.get("event"), _EVENT),
        "data.id": (data.get("id"), _ID),
        "data.status": (data.get("status"), _STATUS),
    }
    wrong = [
        name
        for name, (text, form) in told.items()
        if not (isinstance(text, str) and form.fullmatch(text))
    ]
    reference = data.get("reference_id") or ""
    if not isinstance(reference, str) or len(reference) > LONGEST_REFERENCE:
        wrong.append("data.reference_id")
    if wrong:
        raise BadInput(f"isian callback tidak ada atau salah bentuk: {', '.join(wrong)}")
    owners = frozenset(
        str(each["business_id"]) for each in (fields, data) if each.get("business_id")
    )
    return Message(fields["event"], data["id"], data["status"], reference, owners, data)


def _as_second_generation(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A callback of the first generation has no currency: it knew rupiah only (gateways.md 2.2)."""
    code = fields["qr_code"]
    return {
        "id": fields.get("id"),
        "status": fields.get("status"),
        "amount": fields.get("amount"),
        "currency": "IDR",
        "created": fields.get("created"),
        "qr_id": code.get("id"),
        "reference_id": code.get("external_id"),
        "payment_detail": fields.get("payment_details"),
    }


def natural_key(message: Message, webhook_id: str) -> str:
    """Equal for two deliveries of the same message (reliability.md 4.3).

    Their number of a delivery is not enough: it is covered by nothing, and a message that
    says something else is not the same.
    """
    number = webhook_id if _ID.fullmatch(webhook_id) else ""
    return "|".join([number, message.event, message.id, message.status])


def read_payment(data: Mapping[str, Any]) -> Payment:
    """A payment, as callbacks tell it and as the list of a QR does.

    Raises KeyError, TypeError or ValueError naming what is missing or malformed.
    """
    _only_rupiah(data)
    detail = data.get("payment_detail")
    source = detail.get("source") if isinstance(detail, dict) else None
    return Payment(
        ref=_id_of(data, "id"),
        ours=_reference_of(data),
        state=PAYMENT_STATE.get(data["status"], State.UNKNOWN),
        amount=rupiah_told(data["amount"]),
        at=read_time(data["created"]),
        issuer=source[:60] if isinstance(source, str) else "",
    )


def read_refund(data: Mapping[str, Any], ours: str) -> Payment:
    """The payment that a refund is of, as far as the message of the refund tells it.

    It tells its own amount and not what was given back in all: only a refund of the whole
    payment says more than that something happened. Raises KeyError, TypeError, ValueError.
    """
    _only_rupiah(data)
    paid, back = rupiah_told(data["payment_amount"]), rupiah_told(data["refund_amount"])
    is_done = REFUND_STATE.get(data["status"]) is RefundState.DONE
    is_whole = is_done and back == paid
    return Payment(
        ref=_id_of(data, "qrpy_id"),
        ours=ours,
        state=State.REFUNDED if is_whole else State.UNKNOWN,
        amount=paid,
        at=read_time(data.get("refunded_at") or data.get("updated") or data["created"]),
        refunded=back if is_whole else Rupiah(0),
    )


def read_movement(row: Mapping[str, Any]) -> Movement:
    """Raises KeyError, TypeError or ValueError naming what is missing or malformed."""
    _only_rupiah(row)
    return Movement(
        id=_id_of(row, "id"),
        kind=str(row["type"]),
        status=str(row["status"]),
        product=_id_of(row, "product_id").removeprefix(PAYMENT),
        ours=_reference_of(row),
        amount=rupiah_told(row["amount"]),
        at=read_time(row["created"]),
    )


def payments_in(movements: Iterable[Movement]) -> list[Payment]:
    """The payments among movements: all that is known of those whose QR has no id for us.

    What is neither paid nor taken back is UNKNOWN: the row is of an attempt, not of the QR.
    """
    found = []
    for each in movements:
        state = PAYMENT_STATE.get(each.status, State.UNKNOWN)
        if each.kind != "PAYMENT" or state is State.FAILED:
            continue
        told = state if state in (State.PAID, State.REVERSED) else State.UNKNOWN
        found.append(Payment(PAYMENT + each.product, each.ours, told, each.amount, each.at))
    return found


def with_movements(payments: Sequence[Payment], movements: Sequence[Movement]) -> list[Payment]:
    """Payments as they stand: given back in part or whole, or taken back. Those that only the
    movements know of are told as well.

    Raises ValueError if more went back than came, or nobody can tell of which payment.
    """
    refs = {payment.ref for payment in payments}
    known = [*payments, *(p for p in money_in(payments_in(movements)) if p.ref not in refs)]
    backs: dict[str, list[Movement]] = {payment.ref: [] for payment in known}
    for each in movements:
        if each.kind == "REFUND" and REFUND_STATE.get(each.status) is RefundState.DONE:
            backs[refunded_payment(each, backs)].append(each)
    voided = {
        PAYMENT + each.product: each.at
        for each in movements
        if each.kind == "PAYMENT" and PAYMENT_STATE.get(each.status) is State.REVERSED
    }
    return [_standing(p, backs[p.ref], voided.get(p.ref)) for p in known]


def money_in(payments: Iterable[Payment]) -> list[Payment]:
    """Those that brought money, whatever became of it."""
    return [payment for payment in payments if payment.state in (State.PAID, State.REVERSED)]


def refunded_payment(refund: Movement, refs: Collection[str]) -> str:
    """Of which of the payments a refund is: the one it names, or the only one there is.

    Raises ValueError: nobody may guess which of two payments went back.
    """
    named = PAYMENT + refund.product
    if named in refs:
        return named
    if len(refs) != 1:
        raise ValueError(f"refund {refund.id}: of which of {len(refs)} payments?")
    return next(iter(refs))


def _standing(payment: Payment, backs: Sequence[Movement], voided: datetime | None) -> Payment:
    if voided is not None:
        return replace(
            payment, state=State.REVERSED, refunded=payment.amount, at=max(voided, payment.at)
        )
    if not backs:
        return payment
    total = Rupiah(sum(each.amount for each in backs))
    if total > payment.amount:
        raise ValueError(f"{payment.ref}: {total} refunded of {payment.amount}")
    state = State.REFUNDED if total == payment.amount else State.PARTLY_REFUNDED
    return replace(payment, state=state, refunded=total, at=max(each.at for each in backs))


def read_time(text: Any) -> datetime:
    """Theirs is UTC and says so with a Z; the fraction has any length (gateways.md 5.4)."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise ValueError(f"not a time in UTC: {text!r}")
    moment = datetime.fromisoformat(text)
    if not FIRST_DAY <= business_day(moment) <= LAST_DAY:
        raise ValueError(f"no day of a QRIS payment: {text!r}")
    return moment


def time_text(moment: datetime) -> str:
    """As they want it: UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _only_rupiah(data: Mapping[str, Any]) -> None:
    if data["currency"] != "IDR":
        raise ValueError(f"currency {data['currency']!r}")


def _id_of(data: Mapping[str, Any], name: str) -> str:
    if not (isinstance(data[name], str) and _ID.fullmatch(data[name])):
        raise ValueError(f"{name} {data[name]!r}")
    return str(data[name])


def _reference_of(data: Mapping[str, Any]) -> str:
    reference = data["reference_id"]
    if not isinstance(reference, str) or not 1 <= len(reference) <= LONGEST_REFERENCE:
        raise ValueError(f"reference_id {reference!r}")
    return reference
