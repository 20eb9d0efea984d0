"""Our own QRIS payloads: built from parts, made from a static code, checked before they are shown.

A code for a levy is created by the gateway, which alone can say later that it
was paid. What is built here serves simulation and tests; what the gateway
returns is checked here before an attendant's phone shows it.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from parking.errors import BadPayload
from parking.money import QRIS_LIMIT, Rupiah, read_rupiah, rupiah_text
from parking.qris import remarks, tlv
from parking.qris.check_digits import crc, luhn_digit
from parking.qris.inspection import DYNAMIC, NMID, STATIC, Inspection, inspect, trimmed
from parking.qris.structure import (
    ACCOUNT_NAMES,
    ADDITIONAL,
    ADDITIONAL_NAMES,
    CRC,
    NATIONAL,
    NATIONAL_NAMES,
    ROOT_NAMES,
    take_apart,
)
from parking.qris.tlv import Item

__all__ = ["Inspection", "build", "check_shown", "crc", "inspect", "luhn_digit", "to_dynamic"]

PAN_LENGTH = 18  # without its check digit
PARKING_LOTS = "7523"  # the merchant category code

_DEFAULTS = {
    "mcc": PARKING_LOTS,
    "currency": "360",
    "country": "ID",
    "national_guid": remarks.NATIONAL_GUID,
    "criteria": "URE",
}
_REQUIRED = ("merchant_name", "city", "postal_code", "acquirer_guid", "merchant_pan", "nmid")


class _Form(NamedTuple):
    pattern: str
    words: str


def _text(longest: int) -> _Form:
    return _Form(
        rf"(?! )[ -~]{{1,{longest}}}(?<! )",
        f"1 to {longest} printable ASCII characters without a blank at an edge",
    )


def _digits(count: int) -> _Form:
    return _Form(rf"[0-9]{{{count}}}", f"{count} digits")


# What a field of ours must look like: stricter than what a reader lets pass.
_FORMS = {
    "merchant_name": _text(25),
    "city": _text(15),
    "postal_code": _digits(5),
    "mcc": _digits(4),
    "currency": _Form("360", "360"),
    "country": _Form("ID", "ID"),
    "acquirer_guid": _text(32),
    "merchant_pan": _Form("9360[0-9]{14,15}", "9360 and 14 or 15 digits"),
    "merchant_id": _text(15),
    "criteria": _Form("UMI|UKE|UME|UBE|URE|PSO|BLU", "one of UMI UKE UME UBE URE PSO BLU"),
    "national_guid": _text(32),
    "nmid": _Form(NMID.pattern, "ID and 13 digits"),
    "bill_number": _text(25),
    "store_label": _text(25),
    "reference_label": _text(25),
    "customer_label": _text(25),
    "terminal_label": _text(25),
    "purpose": _text(25),
}


def build(amount: Rupiah | int | None = None, **fields: str) -> str:
    """The payload of a QRIS merchant code: dynamic with an amount, static without.

    `fields` go by the names that `inspect` gives them: merchant_name, city,
    postal_code, acquirer_guid, merchant_pan and nmid are needed; mcc (7523,
    parking lots), criteria (URE), merchant_id, bill_number, store_label,
    reference_label, customer_label, terminal_label and purpose are possible.
    Capitals make a smaller symbol. Raises BadPayload, which names every field
    at fault.
    """
    given = _DEFAULTS | {name: value for name, value in fields.items() if value}
    reasons = [*_faults(given), *_amount_faults(amount)]
    if reasons:
        raise BadPayload(reasons)
    if amount is not None:
        given["amount"] = str(amount)
    account = _items(given, ACCOUNT_NAMES)
    national = [*_items(given, NATIONAL_NAMES), Item("03", given["criteria"])]
    root = [
        Item("00", "01"),
        Item("01", "11" if amount is None else "12"),
        Item("26", _template("26", account)),
        Item(NATIONAL, _template(NATIONAL, national)),
        *_items(given, ROOT_NAMES),
    ]
    labels = _items(given, ADDITIONAL_NAMES)
    if labels:
        root.append(Item(ADDITIONAL, _template(ADDITIONAL, labels)))
    return _sealed(root)


def to_dynamic(
    static_payload: str,
    amount: Rupiah | int,
    *,
    bill_number: str = "",
    reference_label: str = "",
) -> str:
    """The dynamic code for one payment to the merchant of a static one.

    Every other object is kept as it is, unknown ones included, except tips and
    fees (55 to 57): a levy is paid exactly. Nobody will report the payment
    under a label added here, since the acquirer did not issue it. Raises
    BadPayload for a code that is damaged, not static, not for a merchant, or
    has no room.
    """
    verdict = inspect(static_payload)
    reasons = [*verdict.errors, *_amount_faults(amount)]
    if verdict.ok and verdict.kind != STATIC:
        reasons.append("not a static code: a dynamic one is for one payment only")
    labels = {"bill_number": bill_number, "reference_label": reference_label}
    labels = {name: value for name, value in labels.items() if value}
    reasons += _misshapen(labels)
    if labels and remarks.ADDITIONAL_BROKEN in verdict.warnings:
        reasons.append("template 62 holds no objects: no label can be added")
    if reasons:
        raise BadPayload(reasons)
    root = [
        item
        for item in take_apart(trimmed(static_payload)).root
        if item.id not in ("54", "55", "56", "57", CRC)
    ]
    root = _put(_put(root, Item("01", "12")), Item("54", str(amount)))
    if labels:
        inside = list(tlv.read(dict(root).get(ADDITIONAL, "")))
        for label in _items(labels, ADDITIONAL_NAMES):
            inside = _put(inside, label)
        root = _put(root, Item(ADDITIONAL, _template(ADDITIONAL, inside)))
    return _sealed(root)


def check_shown(payload: str, amount: Rupiah | int, nmid: str | None, pan: str | None) -> list[str]:
    """What speaks against showing a code that a gateway returned, in Indonesian; [] if nothing.

    `nmid` and `pan` are the merchant's as registered with us; at least one of
    them must be known and be the code's, and none may be another's. A PAN
    counts by its first 18 digits: the 19th is its check digit. A wrong code
    would send a driver's money to somebody else, so a finding is an alarm.
    """
    verdict = inspect(payload)
    if not verdict.ok:
        return [f"Bukan QRIS pedagang yang sah: {'; '.join(verdict.errors)}"]
    problems = []
    if remarks.OUTER_SPACE in verdict.warnings:
        problems.append("ada spasi atau baris kosong di awal atau akhir payload")
    if verdict.kind != DYNAMIC:
        problems.append("QRIS statis, padahal yang diminta QRIS dinamis")
    if remarks.ADDITIONAL_BROKEN in verdict.warnings:
        problems.append("data tambahan (62) di QRIS rusak")
    if remarks.TRANSFER_PURPOSE in verdict.warnings:
        problems.append("QRIS untuk transfer, bukan untuk pembayaran kepada pedagang")
    asked, shown = str(amount), verdict.fields.get("amount", "")
    if not _is_amount(shown, amount):
        problems.append(f"nominal di QRIS {shown or 'kosong'}, yang diminta {asked}")
    if "tip_indicator" in verdict.fields:
        problems.append("QRIS meminta tip atau biaya tambahan")
    return problems + _of_another(payload, verdict.fields, nmid, pan)


def _is_amount(text: str, amount: int) -> bool:
    try:
        return 0 < read_rupiah(text) == amount <= QRIS_LIMIT
    except ValueError:
        return False


def _of_another(
    payload: str, fields: Mapping[str, str], nmid: str | None, pan: str | None
) -> list[str]:
    """Where the code names another merchant than ours, or names none that we can compare."""
    shown = fields.get("nmid", "")
    pans = [found for found in take_apart(trimmed(payload)).pans() if found]
    problems = []
    if nmid and shown and shown != nmid:
        problems.append(f"NMID di QRIS {shown}, milik kita {nmid}")
    if pan:
        problems += [
            f"PAN pedagang di QRIS {found}, milik kita {pan}"
            for found in pans
            if not _same_pan(found, pan)
        ]
    if not (nmid and shown) and not (pan and pans):
        problems.append("QRIS tidak memuat NMID atau PAN pedagang yang dapat dibandingkan")
    return problems


def _same_pan(found: str, ours: str) -> bool:
    """Whether two PANs are one, each with or without its check digit."""
    return found[:PAN_LENGTH] == ours[:PAN_LENGTH] and all(
        len(pan) <= PAN_LENGTH or pan[PAN_LENGTH:] == luhn_digit(pan[:PAN_LENGTH])
        for pan in (found, ours)
    )


def _faults(fields: Mapping[str, str]) -> list[str]:
    missing = [f"{name} is missing" for name in _REQUIRED if name not in fields]
    unknown = [f"{name} is not a field that can be set" for name in fields if name not in _FORMS]
    return [*missing, *unknown, *_misshapen(fields)]


def _misshapen(fields: Mapping[str, str]) -> list[str]:
    faults = [
        f"{name} is {value!r}, not {_FORMS[name].words}"
        for name, value in fields.items()
        if name in _FORMS and not re.fullmatch(_FORMS[name].pattern, value)
    ]
    pan = fields.get("merchant_pan", "")
    if not faults and len(pan) > PAN_LENGTH and luhn_digit(pan[:PAN_LENGTH]) != pan[PAN_LENGTH:]:
        faults.append(f"merchant_pan is {pan!r}: its check digit is wrong")
    return faults


def _amount_faults(amount: int | None) -> list[str]:
    if amount is None or 0 < amount <= QRIS_LIMIT:
        return []
    return [f"amount is {amount}: must be from 1 to {rupiah_text(QRIS_LIMIT)}"]


def _items(fields: Mapping[str, str], names: Mapping[str, str]) -> list[Item]:
    """The objects of the fields that are there, ascending."""
    return [Item(name, fields[word]) for name, word in sorted(names.items()) if word in fields]


def _put(items: list[Item], new: Item) -> list[Item]:
    """The objects with one replaced where it stands, or added before the first of a higher id."""
    if any(item.id == new.id for item in items):
        return [new if item.id == new.id else item for item in items]
    at = next((n for n, item in enumerate(items) if item.id > new.id), len(items))
    return [*items[:at], new, *items[at:]]


def _template(name: str, items: list[Item]) -> str:
    text = tlv.write(items)
    if len(text) > tlv.LONGEST_VALUE:
        raise BadPayload([f"template {name} has {len(text)} characters, at most 99 fit"])
    return text


def _sealed(root: list[Item]) -> str:
    """The payload with its CRC."""
    body = tlv.write(root) + CRC + "04"
    return body + crc(body)
