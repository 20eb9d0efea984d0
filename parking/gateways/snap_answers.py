"""What a responseCode of SNAP BI means to us (gateways.md 3.8). Pure.

Seven digits: HTTP status, service, case. The service must be that of the call, so that the
answer to another call is not taken for this one's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parking.errors import (
    GatewayError,
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
    GatewayUnreadable,
)

TOKEN, GENERATE, QUERY, NOTIFY, CANCEL, REFUND = "73", "47", "51", "52", "77", "78"

DONE, IN_PROGRESS, NOT_FOUND = "20000", "20200", "40401"
TOKEN_INVALID = {"40101", "40102", "40103", "40104"}
EXISTS = {"40900", "40901"}  # the first attempt arrived: ask (gateways.md 0.2, trap 13)

# Keys, contract or configuration: a person must look, and no retry mends it.
_ALARMS = {
    "40301", *(f"403{case}" for case in range(15, 24)),  # not allowed, suspended, black-listed
    "40408", "40416", "40417",  # merchant, partner or terminal they do not know
}  # fmt: skip
# They say no to the call, and not what became of the payment.
_ASK = {
    *(f"404{case:02}" for case in (0, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 18)), *EXISTS,
}  # fmt: skip

_CODE = re.compile("([1-5][0-9]{2})([0-9]{2})([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of theirs, read as far as its code."""

    what: str  # "snap POST /v1.0/…", for messages
    code: str  # status and case, without the service: "40401"
    fields: Mapping[str, Any]

    @property
    def message(self) -> str:
        text = self.fields.get("responseMessage")
        return text[:150] if isinstance(text, str) else ""

    def error(self) -> GatewayError:
        """The refusal as an error, by what the caller should do about it."""
        text = f"{self.what}: {self.code[:3]}/{self.code[3:]} {self.message}".strip()
        if self.code >= "5" or self.code[:3] in ("202", "429") or self.code in _ASK:
            return GatewayUnavailable(text)
        if self.code.startswith("401") or self.code in _ALARMS:
            return GatewayUnauthorised(text)
        if self.code < "4":
            return GatewayUnreadable(text)
        return GatewayRefused(text)


def said(what: str, status: int, fields: Mapping[str, Any], service: str) -> Said:
    """Raises GatewayUnreadable for a yes whose code is none, or of another service.

    Without a code of this service the HTTP status speaks where it says no, as a wall in
    front of them does, and of a token, which some give without one. A status that says no is
    not talked away by a code that says yes.
    """
    told = fields.get("responseCode")
    parts = _CODE.fullmatch(told) if isinstance(told, str) else None
    code, of_service, case = parts.groups() if parts else ("", "", "")
    if of_service == service and (status < 400 or code >= "400"):
        return Said(what, code + case, fields)
    if status >= 400:
        # Of a page that is not there "invalid transaction status" (404/00) would say too much.
        return Said(what, f"{status}{'99' if status == 404 else '00'}", fields)
    if told is None and service == TOKEN:
        return Said(what, f"{status}00", fields)
    raise GatewayUnreadable(f"{what}: HTTP {status}, responseCode {told!r}")
