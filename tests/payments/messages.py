"""Midtrans notifications as they come, signed with the test key."""

import hashlib
import json

from parking.business_day import wib

KEY = "SB-Mid-server-TESTKEYNOTREAL0001"
CODE = {"settlement": "200", "pending": "201", "expire": "202", "cancel": "202", "refund": "200"}


def signed(ours: str, code: str, amount: str, key: str = KEY) -> str:
    return hashlib.sha512(f"{ours}{code}{amount}{key}".encode()).hexdigest()


def notification(ours, at, status="settlement", *, amount=2_000, ref=None, key=KEY, **more):
    """The body of a notification; `more` overwrites any field after it was signed."""
    code, gross = CODE[status], f"{amount}.00"
    time = f"{wib(at):%Y-%m-%d %H:%M:%S}"
    fields = {
        "transaction_time": time, "transaction_status": status,
        "transaction_id": ref or f"trx-{ours}", "status_code": code,
        "signature_key": signed(ours, code, gross, key), "payment_type": "qris",
        "order_id": ours, "merchant_id": "G000000001", "gross_amount": gross,
        "fraud_status": "accept", "currency": "IDR", "issuer": "bank uji",
        "status_message": "midtrans payment notification",
    }  # fmt: skip
    if status == "settlement":
        fields["settlement_time"] = time
    return json.dumps(fields | more).encode()
