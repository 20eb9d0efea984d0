"""Messages of SNAP BI's QRIS MPM: what we send, and what they say in our words. Pure.

Fields: gateways.md 3.6; states: 3.7; money and times: 3.1, 5.4, 5.5.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from parking.business_day import FIRST_DAY, LAST_DAY, WIB, wib
from parking.gateways.protocol import (
    Merchant,
    QrRequest,
    Reference,
    RefundAnswer,
    RefundRequest,
    RefundState,
    State,
)
from parking.gateways.snap_profile import Profile
from parking.money import Rupiah, read_rupiah

STATE_OF = {
    "00": State.PAID, "01": State.PENDING, "02": State.PENDING, "03": State.PENDING,
    "04": State.REFUNDED, "05": State.CANCELLED, "06": State.FAILED,
    "08": State.EXPIRED, "09": State.FAILED,  # beyond the standard
}  # fmt: skip
UNKNOWN_THERE = "07"
MONEY_CAME = (State.PAID, State.PARTLY_REFUNDED, State.REFUNDED)

REFUND_STATE_OF = {
    "": RefundState.DONE, "00": RefundState.DONE, "01": RefundState.PENDING,
    "02": RefundState.PENDING, "03": RefundState.PENDING, "06": RefundState.REFUSED,
}  # fmt: skip

_REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_ISSUERS = ("issuerName", "issuer", "issuerId")

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What a query or a notification says of one QR."""

    ours: str  # empty: not said
    theirs: str
    state: State
    amount: Rupiah  # 0: not said
    at: datetime | None  # None: not said
    refunded: Rupiah
    merchant_id: str  # empty: not said
    issuer: str


# What we send. It is written once, signed as these bytes, and sent as these bytes.


def written(body: Fields) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def money(amount: Rupiah) -> dict[str, str]:
    return {"value": f"{amount}.00", "currency": "IDR"}


def time_text(moment: datetime, how: str) -> str:
    """A time as this provider wants it: "wib", "ms" with milliseconds, "z" in UTC."""
    if how == "z":
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    return wib(moment).isoformat(timespec="milliseconds" if how == "ms" else "seconds")


def generate_body(request: QrRequest, profile: Profile, merchant: Merchant) -> dict[str, Any]:
    return {
        "partnerReferenceNo": request.ours,
        "amount": money(request.amount),
        **_who(profile, merchant),
        **({"storeId": profile.store_id} if profile.store_id else {}),
        "terminalId": profile.terminal_id or request.terminal[:16],
        "validityPeriod": time_text(request.expires_at, profile.times),
    }


def query_body(reference: Reference, profile: Profile, merchant: Merchant) -> dict[str, Any]:
    terminal = {"terminalId": profile.terminal_id} if profile.terminal_id else {}
    return {
        **_originals(reference, profile),
        "serviceCode": profile.service_code,
        **_who(profile, merchant),
        **({"additionalInfo": terminal} if terminal else {}),
    }


def cancel_body(reference: Reference, profile: Profile, merchant: Merchant) -> dict[str, Any]:
    who = _who(profile, merchant)
    return {**_originals(reference, profile), **who, "reason": "Dibatalkan oleh petugas"}


def refund_body(request: RefundRequest, profile: Profile, merchant: Merchant) -> dict[str, Any]:
    return {
        **_originals(Reference(request.reference.ours, request.payment_ref), profile),
        "partnerRefundNo": request.key,
        **_who(profile, merchant),
        "refundAmount": money(request.amount),
        "reason": request.reason[:256],
    }


def _who(profile: Profile, merchant: Merchant) -> dict[str, str]:
    who = {"merchantId": merchant.merchant_id}
    if profile.sub_merchant_id:
        who["subMerchantId"] = profile.sub_merchant_id
    return who


def _originals(reference: Reference, profile: Profile) -> dict[str, str]:
    both = {"originalPartnerReferenceNo": reference.ours}
    if reference.theirs:
        both["originalReferenceNo"] = reference.theirs
    return both


# What they say. Each raises KeyError, TypeError or ValueError for what is missing or malformed.


def read_money(told: Any) -> Rupiah:
    """Whole rupiah of {"value": "2000.00", "currency": "IDR"}; nothing is rounded."""
    if told["currency"] != "IDR":
        raise ValueError(f"currency {told['currency']!r}")
    return read_rupiah(told["value"])


def read_time(text: str) -> datetime:
    """A moment to the second or finer; without an offset it is the wall clock in Jakarta."""
    if not _TIME.fullmatch(text):
        raise ValueError(f"not a time: {text!r}")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=WIB)
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise ValueError(f"no day of a QRIS payment: {text!r}")
    return moment


def reference_in(fields: Fields, name: str) -> str:
    if not _REFERENCE.fullmatch(fields[name]):
        raise ValueError(f"{name} {fields[name]!r}")
    return str(fields[name])


def read_told(fields: Fields, profile: Profile) -> Told:
    """What a query or a notification says of one QR.

    Refunds are told by their list alone: the word 04 stands for a part of the money too.
    """
    word = fields["latestTransactionStatus"]
    if not isinstance(word, str):
        raise TypeError(f"latestTransactionStatus {word!r}")
    state = STATE_OF.get(word, State.UNKNOWN)
    if word == "05" and profile.status_05 == "expired":
        state = State.EXPIRED
    amount = read_money(fields["amount"]) if "amount" in fields else Rupiah(0)
    refunded = _refunded(fields)
    if refunded > amount > 0:
        raise ValueError(f"{refunded} refunded of {amount}")
    return Told(
        ours=reference_in(fields, "originalPartnerReferenceNo")
        if "originalPartnerReferenceNo" in fields
        else "",
        theirs=reference_in(fields, "originalReferenceNo"),
        state=_after_refunds(state, amount, refunded, fields),
        amount=amount,
        at=_moment(fields),
        refunded=refunded,
        # Not of additionalInfo, which some hand back as the merchant sent it.
        merchant_id=_text({"merchantId": fields.get("merchantId")}, "merchantId"),
        issuer=next((text for name in _ISSUERS if (text := _text(fields, name))), ""),
    )


def _after_refunds(state: State, amount: Rupiah, refunded: Rupiah, fields: Fields) -> State:
    if state not in MONEY_CAME:
        return state
    if state is State.REFUNDED and not _refunds(fields):
        raise ValueError("refunded, and not said how much: there is no refundHistory")
    if not refunded:
        return State.PAID
    return State.PARTLY_REFUNDED if refunded < amount else State.REFUNDED


def _refunded(fields: Fields) -> Rupiah:
    done = [each for each in _refunds(fields) if _refund_state(each) is RefundState.DONE]
    return Rupiah(sum(read_money(each["refundAmount"]) for each in done))


def find_refund(fields: Fields, key: str) -> RefundAnswer:
    """What a query's list says of the refund of a key of ours."""
    for each in _refunds(fields):
        if key in (each.get("partnerRefundNo"), each.get("partnerReferenceNo")):
            theirs = _text(each, "refundNo") or _text(each, "referenceNo")
            return RefundAnswer(_refund_state(each), theirs, _text(each, "reason"))
    return RefundAnswer(RefundState.UNKNOWN)


def _refund_state(refund: Fields) -> RefundState:
    return REFUND_STATE_OF.get(_text(refund, "refundStatus"), RefundState.PENDING)


def _refunds(fields: Fields) -> list[Fields]:
    return [each for part in _parts(fields) for each in _objects(part.get("refundHistory"))]


def _moment(fields: Fields) -> datetime | None:
    """When the last thing told happened: a refund, else the payment."""
    refunds = [each for each in _refunds(fields) if _refund_state(each) is RefundState.DONE]
    dates = [_text(each, "refundDate") or _text(each, "refundTime") for each in refunds]
    if dates and all(dates):
        return max(map(read_time, dates))
    paid_at = _text(fields, "paidTime")
    return read_time(paid_at) if paid_at else None


def _text(fields: Fields, name: str) -> str:
    """A text that stands in the message or in its additionalInfo; empty when it does not."""
    told = (part.get(name) for part in _parts(fields))
    return next((text for text in told if isinstance(text, str) and text), "")


def _parts(fields: Fields) -> Iterator[Fields]:
    yield fields
    further = fields.get("additionalInfo")
    if isinstance(further, dict):
        yield further


def _objects(told: Any) -> list[Fields]:
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
