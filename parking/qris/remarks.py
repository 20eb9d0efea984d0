"""What is odd about a payload that readers accept all the same, one word for each oddity.

The words are for programs; `in_words` says them to a person. All of them were
met in codes that are in use.
"""

import re
from collections.abc import Iterable, Iterator

from parking.money import QRIS_LIMIT
from parking.qris import nns, tlv
from parking.qris.check_digits import luhn_digit
from parking.qris.structure import ADDITIONAL, CRC, NATIONAL, TRANSFER, Structure

NATIONAL_GUID = "ID.CO.QRIS.WWW"
NAME_LENGTH = 25
CITY_LENGTH = 15
TRANSFER_PURPOSES = frozenset({"DMCT", "CWDL", "CDPT"})
NMID = re.compile(r"ID[0-9]{13}", re.ASCII)

OUTER_SPACE = "outer-white-space"
STATIC_WITH_AMOUNT = "static-with-amount"
DYNAMIC_WITHOUT_AMOUNT = "dynamic-without-amount"
AMOUNT_WITH_CENTS = "amount-with-cents"
AMOUNT_ZERO = "amount-zero"
AMOUNT_OVER_LIMIT = "amount-over-10-million"
TRANSFER_PURPOSE = "transfer-purpose"
ADDITIONAL_BROKEN = "nested-unparsable-62"
TRANSFER_ACCOUNT = "qris-transfer-not-merchant"

WORDS = {
    OUTER_SPACE: "white space or a line break around the payload",
    "lower-case-crc": "the CRC is not in upper case",
    "ids-not-ascending": "the objects are not in ascending order",
    "not-ascii": "characters outside printable ASCII; some payer apps refuse them",
    "no-initiation-method": "no point of initiation (01): neither static nor dynamic",
    "initiation-other": "point of initiation (01) is neither 11 (static) nor 12 (dynamic)",
    STATIC_WITH_AMOUNT: "a static code with an amount",
    DYNAMIC_WITHOUT_AMOUNT: "a dynamic code without an amount",
    "amount-with-decimals": "the amount is written with decimals",
    AMOUNT_WITH_CENTS: "the amount is not whole rupiah: cannot be paid",
    AMOUNT_ZERO: "the amount is zero: cannot be paid as it stands",
    AMOUNT_OVER_LIMIT: "the amount is above Rp10,000,000, the limit of QRIS: cannot be paid",
    "tip-inconsistent": "tip indicator (55) and fees (56, 57) do not fit each other",
    "name-over-25": "the merchant name has more than 25 characters",
    "name-edge-blank": "a blank at the edge of the merchant name",
    "city-over-15": "the city has more than 15 characters",
    "no-postal-code": "no postal code (61)",
    "several-acquirer-templates": "more than one acquirer",
    "pan-not-9360": "the merchant PAN does not begin with 9360",
    "pan-length-19": "the merchant PAN has 19 digits: with its check digit",
    "pan-check-digit": "the check digit of the 19-digit merchant PAN is wrong",
    "unknown-nns": "the institution of the merchant PAN is not in our list",
    "no-tag-51": "no national merchant repository (51)",
    "tag-51-guid-other": "the national repository (51) does not name ID.CO.QRIS.WWW",
    "nmid-missing": "the national repository (51) has no NMID",
    "nmid-not-ID+13-digits": "the NMID is not ID and 13 digits",
    "no-criteria-51": "no merchant criteria in the national repository (51)",
    TRANSFER_ACCOUNT: "the account of a QRIS transfer (40), not of a merchant",
    TRANSFER_PURPOSE: "the purpose (62.08) is that of a transfer",
}


def in_words(remark: str) -> str:
    """A remark for a person.

    >>> in_words("62.07-empty")
    '62.07 is empty'
    """
    place, _, what = remark.partition("-")
    if remark in WORDS:
        return WORDS[remark]
    if remark.startswith("subtag-order-"):
        return f"the objects inside {remark.removeprefix('subtag-order-')} are not ascending"
    if remark.startswith("nested-unparsable-"):
        return f"what is inside {remark.removeprefix('nested-unparsable-')} holds no objects"
    return f"{place} is {what}"


def on(structure: Structure) -> tuple[str, ...]:
    """The remarks on a payload, those of the national profile only on an Indonesian one."""
    found = [*_on_form(structure), *_on_initiation(structure), *_on_amount(structure)]
    found += _on_merchant(structure)
    if structure.is_indonesian:
        found += [*_on_rupiah(structure), *_on_accounts(structure), *_on_national(structure)]
    return tuple(found)


def _on_form(structure: Structure) -> Iterator[str]:
    if structure.values.get(CRC, "").upper() != structure.values.get(CRC, ""):
        yield "lower-case-crc"
    if not tlv.is_ascending([item for item in structure.root if item.id != CRC]):
        yield "ids-not-ascending"
    if not all(value.isascii() for value in structure.values.values()):
        yield "not-ascii"
    if len(structure.accounts()) > 1:
        yield "several-acquirer-templates"
    yield from (f"{item.id}-empty" for item in structure.root if not item.value)
    for name, items in structure.templates.items():
        if name != ADDITIONAL and not tlv.is_ascending(items):
            yield f"subtag-order-{name}"
        yield from (f"{name}.{item.id}-empty" for item in items if not item.value)
    yield from (f"nested-unparsable-{name}" for name in structure.broken)
    for sub in structure.inside(ADDITIONAL):
        if sub >= "50":
            yield f"{ADDITIONAL}.{sub}-proprietary"


def _on_initiation(structure: Structure) -> Iterator[str]:
    initiation, amount = structure.values.get("01"), structure.values.get("54")
    if initiation is None:
        yield "no-initiation-method"
    elif initiation not in ("11", "12"):
        yield "initiation-other"
    elif initiation == "11" and amount:
        yield STATIC_WITH_AMOUNT
    elif initiation == "12" and not amount:
        yield DYNAMIC_WITHOUT_AMOUNT


def _on_amount(structure: Structure) -> Iterator[str]:
    amount = structure.values.get("54", "")
    if "." in amount:
        yield "amount-with-decimals"
    if amount and not amount.strip("0."):
        yield AMOUNT_ZERO
    tip = structure.values.get("55")
    fees = {name for name in ("56", "57") if name in structure.values}
    if fees != {"02": {"56"}, "03": {"57"}}.get(tip or "", set()):
        yield "tip-inconsistent"


def _on_rupiah(structure: Structure) -> Iterator[str]:
    whole, _, decimals = structure.values.get("54", "").partition(".")
    if decimals.strip("0"):
        yield AMOUNT_WITH_CENTS
    if whole.isdecimal() and int(whole) > QRIS_LIMIT:
        yield AMOUNT_OVER_LIMIT


def _on_merchant(structure: Structure) -> Iterator[str]:
    name, city = structure.values.get("59", ""), structure.values.get("60", "")
    if len(name) > NAME_LENGTH:
        yield "name-over-25"
    if name != name.strip():
        yield "name-edge-blank"
    if len(city) > CITY_LENGTH:
        yield "city-over-15"


def _on_accounts(structure: Structure) -> Iterator[str]:
    if "61" not in structure.values:
        yield "no-postal-code"
    yield from dict.fromkeys(remark for pan in structure.pans() for remark in _on_pan(pan))
    if TRANSFER in structure.values:
        yield TRANSFER_ACCOUNT
    if structure.inside(ADDITIONAL).get("08") in TRANSFER_PURPOSES:
        yield TRANSFER_PURPOSE


def _on_pan(pan: str) -> Iterable[str]:
    if not pan.startswith(nns.PREFIX) or not (pan.isascii() and pan.isdigit()):
        return ["pan-not-9360"]
    remarks = [] if nns.institution(pan) else ["unknown-nns"]
    if len(pan) == 19:
        remarks.append("pan-length-19")
        if luhn_digit(pan[:18]) != pan[18]:
            remarks.append("pan-check-digit")
    return remarks


def _on_national(structure: Structure) -> Iterator[str]:
    if NATIONAL not in structure.templates:
        if NATIONAL not in structure.values:
            yield "no-tag-51"
        return
    inside = structure.inside(NATIONAL)
    if inside.get("00", "").upper() != NATIONAL_GUID:
        yield "tag-51-guid-other"
    if not inside.get("02"):
        yield "nmid-missing"
    elif not NMID.fullmatch(inside["02"]):
        yield "nmid-not-ID+13-digits"
    if "03" not in inside:
        yield "no-criteria-51"
