"""Xendit's settlement files: the transactions report or the balance history, by their titles.

How they are written stands in config/mappings/ (gateways.md 2.9); an account whose export
is written otherwise has a mapping of its own.
"""

from collections.abc import Sequence

from config.settings import SHIPPED_MAPPINGS

from parking.errors import FileRefused
from parking.gateways.find_mapping import Mappings
from parking.gateways.mapped_report import Reading
from parking.gateways.protocol import Merchant, Report
from parking.gateways.read_mapped import read_mapped

MAPPINGS = ("xendit-transactions", "xendit-balance")


def read_report(content: bytes, merchant: Merchant) -> Sequence[Report]:
    """The reports of a file, one for each business day that it holds.

    Raises FileRefused naming every line that is wrong; for a file of neither kind, what is
    missing of the one that it is most like.
    """
    reading = _reading(content, merchant)
    if reading.problems:
        raise FileRefused("Laporan Xendit ditolak", [str(wrong) for wrong in reading.problems])
    return reading.reports


def _reading(content: bytes, merchant: Merchant) -> Reading:
    shipped, refusals = Mappings([SHIPPED_MAPPINGS]), []
    for name in MAPPINGS:
        try:
            return read_mapped(shipped.find(name).mapping, content, "", merchant)
        except FileRefused as refusal:
            refusals.append(refusal)
    raise min(refusals, key=lambda refusal: len(refusal.problems))
