"""The sandbox gateway as the demo drives it: drivers who pay, faults, files."""

from datetime import date
from typing import Any

import requests

from parking.errors import ParkingError

TIMEOUT_S = 60


class SandboxGateway:
    def __init__(self, base_url: str) -> None:
        self._base = base_url
        self._http = requests.Session()
        self._http.headers["Connection"] = "close"  # an idle line may be closed as it is used

    def pay(self, ours: str, *, late: bool = False) -> None:
        """A driver pays; `late` lets it through although the code has ended."""
        self._post("/_sim/pay", order_id=ours, late=late)

    def fault(self, name: str, ours: str, value: object = None, gateway: str | None = None) -> None:
        """One order will suffer this fault, or of one gateway the report of a day."""
        self._post("/_sim/faults", name=name, order_id=ours, value=value, gateway=gateway)

    def deliver_now(self) -> int:
        """Deliver every notification that is due; how many. Returns when all are answered."""
        return self._post("/_sim/deliver-now")["delivered"]

    def report(self, gateway: str, day: date) -> bytes:
        """The settlement report of a business day, as a gateway would put it up for download."""
        asked = {"gateway": gateway, "day": day.isoformat()}
        answer = self._http.get(f"{self._base}/_sim/report", params=asked, timeout=TIMEOUT_S)
        return _checked(answer).content

    def _post(self, path: str, **fields: object) -> dict[str, Any]:
        answer = self._http.post(self._base + path, json=fields, timeout=TIMEOUT_S)
        return _checked(answer).json()


def _checked(answer: requests.Response) -> requests.Response:
    if not answer.ok:
        raise ParkingError(f"sandbox: {answer.url}: {answer.status_code} {answer.text[:300]}")
    return answer
