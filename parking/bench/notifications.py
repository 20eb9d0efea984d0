"""Midtrans settlement notifications for pending charges, as their gateway would sign them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from parking.bench.store import Pending
from parking.business_day import wib


def notifications(charges: Iterable[Pending], key: str, at: datetime) -> Iterator[str]:
    """One JSON body a charge, with the fields of gateways.md 1.10."""
    told = f"{wib(at):%Y-%m-%d %H:%M:%S}"
    for charge in charges:
        gross = f"{charge.amount}.00"
        signed = f"{charge.ours}200{gross}{key}".encode()
        yield json.dumps(
            {
                "transaction_type": "off-us",
                "transaction_time": told,
                "transaction_status": "settlement",
                "transaction_id": charge.theirs,
                "status_message": "midtrans payment notification",
                "status_code": "200",
                "signature_key": hashlib.sha512(signed).hexdigest(),
                "settlement_time": told,
                "payment_type": "qris",
                "order_id": charge.ours,
                "merchant_id": "G000000001",
                "issuer": "bank uji",
                "gross_amount": gross,
                "fraud_status": "accept",
                "currency": "IDR",
                "acquirer": "gopay",
            }
        )
