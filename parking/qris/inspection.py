"""Is this text a QRIS that a payer may pay, and if not, why?

The order of the questions is that of a careful reader: is it a sequence of
objects, is it undamaged, is it QRIS, is it complete. Rules: EMVCo
merchant-presented mode v1.1 and Bank Indonesia's national profile of it.
"""

import re
import string
from dataclasses import asdict, dataclass, field

from parking.qris import check_digits, remarks, tlv
from parking.qris.structure import (
    ACCOUNTS,
    CRC,
    NATIONAL,
    TRANSFER,
    Structure,
    take_apart,
)

STATIC = "qris-static"
DYNAMIC = "qris-dynamic"
OTHER = "emv-other"
MALFORMED = "malformed"

QRIS_GUIDS = frozenset({"ID.CO.QRIS.WWW", "ID.OR.GPNQR.WWW", "ID.OR.QRNPG.WWW"})
NMID = re.compile(r"ID[0-9]{13}", re.ASCII)
AMOUNT_LENGTH = 13

_PAN = re.compile(r"9360[0-9]{4,15}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]*)?", re.ASCII)
_MCC = re.compile(r"[0-9]{4}", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]{4}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_OUTER = string.whitespace + "\ufeff\u00a0"
NO_CRC = "crc element missing or not last"
_CPM = "hQVDUFY"  # base64 of the tag that opens a customer-presented code


@dataclass(frozen=True, slots=True)
class Inspection:
    """The verdict on one text.

    `ok` is true for a QRIS merchant code and for nothing else: `kind` then is
    "qris-static" or "qris-dynamic". "emv-other" is a sound code that is not for
    a QRIS merchant (another country's, or a QRIS transfer); "malformed" is what
    every reader should refuse. `errors` says why it is not ok; `warnings` are
    the words of `remarks` for what is odd but survivable. `fields` holds text
    exactly as it stands in the payload.
    """

    ok: bool
    kind: str
    crc_ok: bool
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """As a program reads it, in JSON (design 5.1)."""
        return asdict(self) | {"errors": list(self.errors), "warnings": list(self.warnings)}


def inspect(payload: str) -> Inspection:
    """The verdict on any text at all; never raises. White space around it is forgiven.

    >>> inspect("5802ID").errors
    ('crc element missing or not last', 'payload format indicator (00) missing or not first')
    """
    text = trimmed(payload)
    fault = _unreadable(text)
    if fault:
        return Inspection(False, MALFORMED, crc_ok=False, errors=(fault,))
    crc_fault = _crc_fault(text)
    try:
        structure = take_apart(text)
    except tlv.NotTlv as broken:
        faults = (f"tlv: {broken}", *crc_fault)
        return Inspection(False, MALFORMED, crc_ok=not crc_fault, errors=faults)
    kind, errors = _judge(structure, crc_fault)
    warnings = remarks.on(structure)
    if text != payload:
        warnings = (remarks.OUTER_SPACE, *warnings)
    return Inspection(not errors, kind, not crc_fault, tuple(errors), warnings, structure.fields())


def trimmed(payload: str) -> str:
    """The payload without what mail, editors and spreadsheets put around it."""
    return payload.strip(_OUTER)


def _unreadable(payload: str) -> str | None:
    """Why the text is not even worth taking apart."""
    if not payload:
        return "empty"
    if payload.startswith(_CPM):
        return "a customer-presented code (CPM), not one that a merchant shows"
    if len(payload) > tlv.PAYLOAD_LIMIT:
        return f"{len(payload)} characters, at most {tlv.PAYLOAD_LIMIT} are allowed"
    odd = _CONTROL.search(payload)
    if odd:
        return f"control character U+{ord(odd[0]):04X} at {odd.start()}"
    if not payload.isascii() and any("\ud800" <= letter <= "\udfff" for letter in payload):
        return "characters that have no UTF-8 form"
    return None


def _crc_fault(payload: str) -> tuple[str, ...]:
    """What is wrong with the CRC as the last eight characters have it; nothing when it is right."""
    body, claimed = payload[:-4], payload[-4:]
    if not body.endswith(CRC + "04"):
        return (NO_CRC,)
    if not _HEX.fullmatch(claimed):
        return ("crc is not four hex digits",)
    if claimed.upper() != check_digits.crc(body):
        return ("crc mismatch",)
    return ()


def _judge(structure: Structure, crc_fault: tuple[str, ...]) -> tuple[str, list[str]]:
    """The kind, and every error that goes with it."""
    errors = [*crc_fault, *_broken(structure)]
    if CRC not in dict(structure.root[-1:]) and not crc_fault:
        errors.insert(0, NO_CRC)  # the text ends like a CRC, but inside another object
    if errors:
        return MALFORMED, errors
    foreign = _not_qris(structure)
    if foreign:
        return OTHER, [f"not QRIS: {reason}" for reason in foreign]
    errors = _incomplete(structure)
    if errors:
        return MALFORMED, errors
    return (DYNAMIC if structure.values.get("01") == "12" else STATIC), []


def _broken(structure: Structure) -> list[str]:
    """What makes it no EMV payload at all."""
    errors = []
    if structure.root[0].id != "00":
        errors.append("payload format indicator (00) missing or not first")
    errors += [
        f"template {name} is not parsable: {structure.broken[name]}"
        for name in ("26", NATIONAL)
        if name in structure.broken
    ]
    return errors


def _not_qris(structure: Structure) -> list[str]:
    """Why a sound payload is not one of a QRIS merchant."""
    values, reasons = structure.values, []
    if values["00"] != "01":
        reasons.append(f"payload format indicator (00) is {values['00']!r}, not '01'")
    if values.get("58") != "ID":
        reasons.append(f"country (58) is {values.get('58')!r}, not 'ID'")
    if values.get("53") != "360":
        reasons.append(f"currency (53) is {values.get('53')!r}, not '360'")
    if reasons:
        return reasons
    if TRANSFER in values and "26" not in values and NATIONAL not in values:
        return ["a transfer code (account in 40), not a merchant payment"]
    if not any(_is_qris_account(structure, name) for name in (*ACCOUNTS, NATIONAL)):
        return ["no account (26-45) with a 9360 PAN and no national merchant (51)"]
    return []


def _is_qris_account(structure: Structure, name: str) -> bool:
    """A 9360 PAN, a QRIS GUID or an NMID; some makers put the national values into 26."""
    inside = structure.inside(name)
    return (
        inside.get("00", "").upper() in QRIS_GUIDS
        or bool(_PAN.fullmatch(inside.get("01", "")))
        or any(NMID.fullmatch(inside.get(sub, "")) for sub in ("01", "02"))
    )


def _incomplete(structure: Structure) -> list[str]:
    """What a QRIS merchant code lacks, or has in a form that cannot be used."""
    values = structure.values
    errors = [
        f"{word} ({name}) missing"
        for name, word in (("52", "mcc"), ("59", "merchant name"), ("60", "city"))
        if not values.get(name, "").strip()
    ]
    if values.get("52") and not _MCC.fullmatch(values["52"]):
        errors.append(f"mcc (52) is {values['52']!r}, not four digits")
    if values.get("54") and not is_amount(values["54"]):
        errors.append(f"amount (54) is {values['54']!r}, not a plain figure")
    errors += [
        f"template {name} is not parsable: {fault}"
        for name, fault in structure.broken.items()
        if name in ACCOUNTS
    ]
    return errors


def is_amount(text: str) -> bool:
    """Whether an amount has the form of one: digits, at most one mark, no grouping, no sign."""
    return len(text) <= AMOUNT_LENGTH and bool(_AMOUNT.fullmatch(text))
