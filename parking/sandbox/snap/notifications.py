"""What a SNAP bank notifies, and how it signs that (gateways.md 3.6, 3.9)."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from parking.sandbox.config import SandboxMerchant
from parking.sandbox.provider import Delivery, Message
from parking.sandbox.snap.signing import bank_key, by_key, by_secret, call_text, stranger_key
from parking.sandbox.snap.speech import Speech, speech_of
from parking.sandbox.snap.wording import MEANING, moment, money, refund_history, status
from parking.sandbox.transactions import Transaction

TOKEN_TAIL = "/v1.0/access-token/b2b"  # noqa: S105 - a path
OLD = timedelta(hours=1)  # how old a signature of "callback_old_time" is

_http = urllib3.PoolManager(retries=False, timeout=15)


def message(transaction: Transaction, merchant: SandboxMerchant, word: str = "") -> Message:
    """A message whose bytes are a trap for whoever reads JSON and writes it anew: a dash that is
    not ASCII, escapes, and JSON within a string."""
    speech = speech_of(merchant)
    told = word or status(transaction, speech)
    inner = {"payer": {"app": transaction.issuer or "-"}, "note": 'ruko "A/B"'}
    body: dict[str, Any] = {
        "originalReferenceNo": transaction.transaction_id,
        "originalPartnerReferenceNo": transaction.order_id,
        "merchantId": merchant.merchant_id,
        "latestTransactionStatus": told,
        "transactionStatusDesc": MEANING[told],
        "amount": money(transaction.amount),
        "additionalInfo": {
            "issuerName": transaction.issuer,
            "rrn": transaction.rrn,
            "merchantInfo": f"{merchant.name} – {merchant.city}",
            "paymentView": json.dumps(inner),
            "refundHistory": refund_history(transaction, speech),
        },
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    external = {speech.external_header: f"{secrets.randbelow(10**18):018}"}
    return Message(told, text, external, speech.notify_path)


def signed_headers(
    delivery: Delivery, merchant: SandboxMerchant, now: datetime
) -> Mapping[str, str]:
    """The headers of a delivery at the moment it is sent; B and C fetch a token first.

    Raises HTTPError when the merchant gives none.
    """
    speech = speech_of(merchant)
    at = now - OLD if delivery.suffers("callback_old_time") else now
    timestamp = moment(at, speech)
    headers = {
        "X-TIMESTAMP": timestamp,
        "X-PARTNER-ID": speech.partner_id or speech.client_id,
        speech.channel_header: "95221",
    }
    token = None
    if speech.notify in ("B", "C"):
        token = _fetch_token(delivery.url, speech, merchant, now)
        headers["Authorization"] = f"Bearer {token}"
    return headers | {"X-SIGNATURE": _signature(delivery, merchant, speech, timestamp, token)}


def _signature(
    delivery: Delivery, merchant: SandboxMerchant, speech: Speech, timestamp: str, token: str | None
) -> str:
    is_false = delivery.suffers("callback_bad_signature")
    key = stranger_key() if is_false else bank_key(merchant)
    if speech.notify == "C":
        return by_key(key, f"{speech.client_id}|{timestamp}")
    path = speech.notify_path
    if speech.signs_path == "registered":
        path = urlsplit(delivery.url).path
    elif speech.signs_path == "prefix":
        path = speech.signed(path)
    body = delivery.body
    if delivery.suffers("callback_tampered"):  # the signature of the message that was caught
        body = body.replace('"latestTransactionStatus":"00"', '"latestTransactionStatus":"03"')
    if speech.notify == "A":
        return by_key(key, call_text("POST", path, None, body.encode(), timestamp))
    secret = "NOT-THIS-SECRET" if is_false else merchant.server_key
    text = call_text("POST", path, token or "", body.encode(), timestamp)
    return by_secret(secret, text, speech.hmac)


def _fetch_token(url: str, speech: Speech, merchant: SandboxMerchant, now: datetime) -> str:
    timestamp = moment(now, speech)
    headers = {
        "Content-Type": "application/json",
        "X-CLIENT-KEY": speech.client_id,
        "X-TIMESTAMP": timestamp,
        "X-SIGNATURE": by_key(bank_key(merchant), f"{speech.client_id}|{timestamp}"),
    }
    address = url.removesuffix(speech.notify_path) + TOKEN_TAIL
    body = b'{"grantType":"client_credentials"}'
    answer = _http.request("POST", address, body=body, headers=headers, redirect=False)
    token = answer.json().get("accessToken") if answer.status == 200 else None
    if not isinstance(token, str):
        raise HTTPError(f"no token: {answer.status}")
    return token
