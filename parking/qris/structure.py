"""A payload taken apart: its root objects, its templates, and its fields by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from parking.qris import tlv
from parking.qris.tlv import Item

NATIONAL = "51"  # the national merchant repository, with the NMID
TRANSFER = "40"  # the account of a QRIS transfer (TTS), never of a merchant
ADDITIONAL = "62"
CRC = "63"
ACCOUNTS = tuple(str(n) for n in range(26, 51))  # merchant accounts at acquirers

_TEMPLATES = frozenset((*ACCOUNTS, NATIONAL, ADDITIONAL))
_INITIATION = {"11": "static", "12": "dynamic"}

ROOT_NAMES = {
    "52": "mcc",
    "53": "currency",
    "54": "amount",
    "55": "tip_indicator",
    "56": "fee_fixed",
    "57": "fee_percent",
    "58": "country",
    "59": "merchant_name",
    "60": "city",
    "61": "postal_code",
    CRC: "crc",
}
ACCOUNT_NAMES = {
    "00": "acquirer_guid",
    "01": "merchant_pan",
    "02": "merchant_id",
    "03": "criteria",
}
NATIONAL_NAMES = {"00": "national_guid", "02": "nmid"}
ADDITIONAL_NAMES = {
    "01": "bill_number",
    "02": "mobile_number",
    "03": "store_label",
    "04": "loyalty_number",
    "05": "reference_label",
    "06": "customer_label",
    "07": "terminal_label",
    "08": "purpose",
    "09": "consumer_data_request",
    "10": "tax_id",
    "11": "merchant_channel",
}
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Structure:
    """The objects of one payload. Values are text exactly as it stands there."""

    root: tuple[Item, ...]
    values: Mapping[str, str]  # root values by id
    templates: Mapping[str, tuple[Item, ...]]  # 26 to 51 and 62, where they are templates
    broken: Mapping[str, str]  # those of them that are not, and why

    @property
    def is_indonesian(self) -> bool:
        """Whether country and currency are those of QRIS."""
        return self.values.get("58") == "ID" and self.values.get("53") == "360"

    def inside(self, template: str) -> Mapping[str, str]:
        """The values of a template by id; nothing when it is absent or broken."""
        items = self.templates.get(template)
        return dict(items) if items else _NOTHING

    def accounts(self) -> list[str]:
        """The ids of the merchant accounts that are there, the lowest first."""
        return [name for name in ACCOUNTS if name in self.values]

    def pans(self) -> list[str]:
        """The merchant PAN of every account that is a template; "" where it has none."""
        return [self.inside(name).get("01", "") for name in ACCOUNTS if name in self.templates]

    def fields(self) -> dict[str, str]:
        """Values by name; those of an account come from the first one."""
        found = {}
        if "01" in self.values:
            found["initiation"] = _INITIATION.get(self.values["01"], self.values["01"])
        found |= _named(self.values, ROOT_NAMES)
        for account in self.accounts()[:1]:
            found |= _named(self.inside(account), ACCOUNT_NAMES)
        found |= _named(self.inside(NATIONAL), NATIONAL_NAMES)
        found |= _named(self.inside(ADDITIONAL), ADDITIONAL_NAMES)
        return found


def take_apart(payload: str) -> Structure:
    """The structure of a payload. Raises tlv.NotTlv when the root is no sequence of objects."""
    root = tlv.read(payload)
    templates, broken = {}, {}
    for name, value in root:
        if name in _TEMPLATES:
            try:
                templates[name] = tlv.read(value)
            except tlv.NotTlv as fault:
                broken[name] = str(fault)
    return Structure(root, dict(root), templates, broken)


def _named(values: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {word: values[name] for name, word in names.items() if name in values}
