"""What somebody without a key sends to say that a charge was paid, at each gateway. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from config.invented import INVENTED

from parking.business_day import wib


@dataclass(frozen=True, slots=True)
class Forgery:
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    tail: str = ""  # behind our address


def forgery(gateway: str, ours: str, amount: int, at: datetime) -> Forgery:
    """A message in the shape of a gateway's, which no key of its merchant has signed.

    Raises KeyError for a gateway whose messages nobody here can imitate.
    """
    return FORGERIES[gateway](ours, amount, at)


def _midtrans(ours: str, amount: int, at: datetime) -> Forgery:
    return Forgery(
        {
            "transaction_time": f"{wib(at):%Y-%m-%d %H:%M:%S}",
            "transaction_status": "settlement", "transaction_id": f"forged-{ours}",
            "status_code": "200", "signature_key": "0" * 128, "payment_type": "qris",
            "order_id": ours, "merchant_id": INVENTED["midtrans"][0],
            "gross_amount": f"{amount}.00", "fraud_status": "accept", "currency": "IDR",
        }
    )  # fmt: skip


def _xendit(ours: str, amount: int, at: datetime) -> Forgery:
    paid = {
        "id": f"qrpy_forged-{ours}", "currency": "IDR", "amount": amount, "status": "SUCCEEDED",
        "created": _utc(at), "qr_id": f"qr_forged-{ours}", "reference_id": ours,
    }  # fmt: skip
    body = {
        "event": "qr.payment", "api_version": "2022-07-31",
        "business_id": INVENTED["xendit"][0], "created": _utc(at), "data": paid,
    }  # fmt: skip
    return Forgery(body, {"x-callback-token": "guessed", "webhook-id": f"forged-{ours}"})


def _snap(ours: str, amount: int, at: datetime) -> Forgery:
    body = {
        "originalReferenceNo": f"FORGED{ours}", "originalPartnerReferenceNo": ours,
        "latestTransactionStatus": "00", "amount": {"value": f"{amount}.00", "currency": "IDR"},
    }  # fmt: skip
    headers = {
        "X-TIMESTAMP": f"{wib(at):%Y-%m-%dT%H:%M:%S}+07:00", "X-SIGNATURE": "Z3Vlc3NlZA==",
        "X-PARTNER-ID": "DEMO-CLIENT", "X-EXTERNAL-ID": f"{at:%Y%m%d%H%M%S}", "CHANNEL-ID": "95221",
    }  # fmt: skip
    return Forgery(body, headers, "/v1.0/qr/qr-mpm-notify")


def _doku(ours: str, amount: int, at: datetime) -> Forgery:
    body = {
        "transaction": {
            "status": "SUCCESS", "date": _utc(at), "original_request_id": f"forged-{ours}",
        },
        "order": {"invoice_number": ours, "amount": amount},
    }  # fmt: skip
    headers = {
        "Client-Id": INVENTED["doku"][0], "Request-Id": f"forged-{ours}",
        "Request-Timestamp": _utc(at), "Signature": "HMACSHA256=Z3Vlc3NlZA==",
    }  # fmt: skip
    return Forgery(body, headers)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


FORGERIES = {"midtrans": _midtrans, "xendit": _xendit, "snap": _snap, "doku": _doku}
