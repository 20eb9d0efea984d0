"""The bodies of SNAP BI's calls, read and judged (gateways.md 3.6). Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.money import QRIS_LIMIT, Rupiah
from parking.sandbox.change import Wish
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.snap.speech import Speech
from parking.sandbox.snap.wording import validity

OURS = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
VALUE = re.compile(r"([1-9][0-9]{0,15})\.00", re.ASCII)

Fields = Mapping[str, Any]


class Denial(Exception):
    """A no of SNAP's: HTTP status and case, without the service."""

    def __init__(self, status: int, case: str, message: str) -> None:
        super().__init__(message)
        self.status, self.case, self.message = status, case, message


@dataclass(frozen=True, slots=True)
class Named:
    """Which QR a call is about."""

    ours: str
    theirs: str


def missing(name: str) -> Denial:
    return Denial(400, "02", f"Invalid Mandatory Field {name}")


def wrong(name: str) -> Denial:
    return Denial(400, "01", f"Invalid Field Format {name}")


def read_generate(fields: Fields, merchant: SandboxMerchant, now: datetime) -> Wish:
    ours = _text(fields, "partnerReferenceNo", OURS)
    _check_merchant(fields, merchant)
    terminal = fields.get("terminalId", "")
    if not isinstance(terminal, str) or len(terminal) > 16:
        raise wrong("terminalId")
    try:
        until = validity(fields.get("validityPeriod"), now)
    except (TypeError, ValueError) as error:
        raise wrong("validityPeriod") from error
    amount = read_amount(fields, "amount")
    if amount > QRIS_LIMIT:
        raise Denial(403, "02", "Exceeds Transaction Amount Limit")
    return Wish(ours, amount, until, "bank", terminal, {"terminal": terminal})


def read_named(fields: Fields) -> Named:
    names = ("originalPartnerReferenceNo", "originalReferenceNo")
    ours, theirs = (fields.get(name) or "" for name in names)
    if not ours and not theirs:
        raise missing("originalReferenceNo")
    for name, text in zip(names, (ours, theirs), strict=True):
        if not isinstance(text, str) or len(text) > 64:
            raise wrong(name)
    return Named(ours, theirs)


def check_query(fields: Fields, speech: Speech) -> None:
    if fields.get("serviceCode") != speech.service_code:
        raise wrong("serviceCode")
    further = fields.get("additionalInfo")
    terminal = further.get("terminalId") if isinstance(further, dict) else None
    if speech.terminal_in_query == "yes" and not terminal:
        raise missing("additionalInfo.terminalId")


def check_cancel(fields: Fields, merchant: SandboxMerchant) -> None:
    _check_merchant(fields, merchant)
    if not fields.get("reason"):
        raise missing("reason")


def read_refund(fields: Fields, merchant: SandboxMerchant) -> tuple[str, Rupiah, str]:
    """Key, amount and reason."""
    _check_merchant(fields, merchant)
    key = _text(fields, "partnerRefundNo", OURS)
    reason = fields.get("reason", "")
    if not isinstance(reason, str) or len(reason) > 256:
        raise wrong("reason")
    return key, read_amount(fields, "refundAmount"), reason


def read_amount(fields: Fields, name: str) -> Rupiah:
    told = fields.get(name)
    if not isinstance(told, dict):
        raise missing(name)
    value = told.get("value")
    found = VALUE.fullmatch(value) if isinstance(value, str) else None
    if found is None or told.get("currency") != "IDR":
        raise wrong(name)
    return Rupiah(int(found[1]))


def _check_merchant(fields: Fields, merchant: SandboxMerchant) -> None:
    if fields.get("merchantId") != merchant.merchant_id:
        raise Denial(404, "08", "Invalid Merchant")


def _text(fields: Fields, name: str, form: re.Pattern[str]) -> str:
    text = fields.get(name)
    if text is None:
        raise missing(name)
    if not isinstance(text, str) or not form.fullmatch(text):
        raise wrong(name)
    return text
