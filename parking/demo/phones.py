"""An attendant's phone, speaking the same HTTP as the app does."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import uuid4

import requests

from parking.demo.tickets import Torn
from parking.errors import ParkingError
from parking.registry.facts import Vehicle

TIMEOUT_S = 30
TRIES = 3
CSRF = re.compile(r'name="csrf[-_]token"[^>]*(?:content|value)="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Shown:
    """What the phone shows of a charge."""

    ours: str
    amount: int
    state: str


class Phone:
    """One enrolled phone. Every refusal is an error: a demo that is refused is broken."""

    def __init__(self, base_url: str, badge: str, pin: str) -> None:
        self._base = base_url
        self.badge = badge
        self._pin = pin
        self._http = requests.Session()
        self._http.headers["Origin"] = base_url
        # Between two vehicles a server closes what is idle; a line of its own for each request
        # cannot be closed in the moment it is used.
        self._http.headers["Connection"] = "close"
        self._csrf = ""
        self.taps: Counter[int] = Counter()  # cash vehicles of the shift by price
        self._one_at_a_time = Lock()  # a person has one finger

    def enrol(self, code: str) -> None:
        """Become this attendant's device, with the code that a supervisor gave."""
        self._submit("/attendant/enrol", code=code, pin=self._pin, pin_again=self._pin)

    def sign_in(self) -> None:
        self._submit("/attendant/sign-in", pin=self._pin)
        self._csrf = self._token("/attendant/sign-in")

    def open_shift(self, point_id: int) -> None:
        self.taps.clear()
        self._post("/attendant/shifts", point_id=point_id)

    def take_over(self, colleague: "Phone", cash: int) -> None:
        """Go on where a colleague stands; both PINs are typed here."""
        self.taps.clear()
        self._post(
            "/attendant/shifts/take-over",
            badge=colleague.badge, their_pin=colleague._pin, my_pin=self._pin, their_cash=cash,
        )  # fmt: skip

    def close_shift(self, cash: int, qris: int, tickets: Sequence[Torn]) -> int:
        """The id of the shift."""
        torn = [{"series": t.series, "first": t.first, "last": t.last} for t in tickets]
        told = self._post("/attendant/shifts/close", cash=cash, qris=qris, tickets=torn)
        return told["shift"]["id"]

    def hand_over(self, receiver: int | str) -> tuple[int, list[int]] | None:
        """Offer all the cash of closed shifts to a collector or the "treasurer"; the handover
        and the shifts that are in it, or None where there are none.
        """
        held = self._get("/attendant/handovers")
        if not held["shifts"]:
            return None
        shifts = [shift["id"] for shift in held["shifts"]]
        made = self._post(
            "/attendant/handovers", client_key=uuid4().hex, receiver=receiver,
            given=held["to_give"], shifts=shifts,
        )  # fmt: skip
        return made["id"], shifts

    def charge(self, vehicle: Vehicle, replaces: str | None = None) -> Shown:
        extra = {"replaces": replaces} if replaces else {}
        told = self._post("/attendant/charges", vehicle=vehicle, client_key=uuid4().hex, **extra)
        return _shown(told)

    def look(self, ours: str) -> Shown:
        return _shown(self._get(f"/attendant/charges/{ours}"))

    def cancel(self, ours: str) -> Shown:
        return _shown(self._post(f"/attendant/charges/{ours}/cancel"))

    def cash(self, vehicle: Vehicle, instead_of: str | None = None) -> int:
        """The id of the cash tap."""
        extra = {"instead_of": instead_of} if instead_of else {}
        told = self._post("/attendant/cash", vehicle=vehicle, client_key=uuid4().hex, **extra)
        self.taps[told["amount"]] += 1
        return told["id"]

    def state(self) -> dict[str, Any]:
        return self._get("/attendant/state")

    def totals(self) -> dict[str, int]:
        """Today's sums and counts, as at the bottom of the screen."""
        return self.state()["totals"]

    def _get(self, path: str) -> dict[str, Any]:
        return _read(self._send("GET", path))

    def _post(self, path: str, **fields: object) -> dict[str, Any]:
        return _read(self._send("POST", path, json=fields, headers={"X-CSRFToken": self._csrf}))

    def _send(self, method: str, path: str, **what: Any) -> requests.Response:
        """Sent again if the line breaks: the same tap carries the same key."""
        with self._one_at_a_time:
            for tries in range(TRIES):
                try:
                    return self._http.request(method, self._base + path, timeout=TIMEOUT_S, **what)
                except requests.ConnectionError:
                    if tries == TRIES - 1:
                        raise
        raise AssertionError("unreachable")

    def _submit(self, path: str, **fields: str) -> None:
        """Fill in a form as a person does: open the page, type, send."""
        token = self._token(path)
        typed = {**fields, "csrf_token": token}
        answer = self._send("POST", path, data=typed, allow_redirects=False)
        if not answer.is_redirect:
            raise ParkingError(f"{self.badge}: {path} answered {answer.status_code}")

    def _token(self, path: str) -> str:
        page = self._send("GET", path)
        found = CSRF.search(page.text)
        if not page.ok or found is None:
            raise ParkingError(f"{self.badge}: no form at {path} (HTTP {page.status_code})")
        return found[1]


def _read(answer: requests.Response) -> dict[str, Any]:
    if not answer.ok:
        raise ParkingError(f"{answer.request.method} {answer.url}: {answer.status_code} "
                           f"{answer.text[:300]}")  # fmt: skip
    return answer.json()


def _shown(told: dict[str, Any]) -> Shown:
    return Shown(told["ours"], told["amount"], told["state"])
