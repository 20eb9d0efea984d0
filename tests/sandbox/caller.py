"""Calls to the sandbox's Midtrans as anybody could send them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from parking.gateways.protocol import QrRequest
from parking.money import Rupiah

from tests.sandbox_process import SERVER_KEY


@dataclass
class Caller:
    base_url: str
    http: requests.Session

    def post(self, path: str, body: Any = None, **how: Any) -> requests.Response:
        how.setdefault("auth", (SERVER_KEY, ""))
        return self.http.post(f"{self.base_url}/v2/{path}", json=body, timeout=30, **how)

    def get(self, path: str, **how: Any) -> requests.Response:
        how.setdefault("auth", (SERVER_KEY, ""))
        return self.http.get(f"{self.base_url}/v2/{path}", timeout=30, **how)

    def charge(self, order_id: str, amount: Any = 2_000, **more: Any) -> dict[str, Any]:
        headers = more.pop("headers", None)
        return self.post("charge", body(order_id, amount, **more), headers=headers).json()


def body(order_id: str, amount: Any = 2_000, **more: Any) -> dict[str, Any]:
    details = {"order_id": order_id, "gross_amount": amount}
    return {"payment_type": "qris", "transaction_details": details, **more}


def asked(order_id: str, now: Any, amount: int = 2_000) -> QrRequest:
    """An ordinary request of ours."""
    return QrRequest(
        ours=order_id,
        amount=Rupiah(amount),
        asked_at=now,
        expires_at=now + timedelta(minutes=5),
        description="Parkir motor",
        terminal="PSR-01",
    )
