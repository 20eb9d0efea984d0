"""Files as banks and gateways write them, and mappings of them, for tests."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from config.settings import SHIPPED_MAPPINGS
from parking.gateways.find_mapping import Mappings
from parking.gateways.protocol import Merchant
from parking.gateways.report_mapping import Mapping, read_mapping

MERCHANT = Merchant(
    "snap", "jambi", "M0001", "ID1026000000017", "936000000000000001", "DISHUB KOTA JAMBI",
    "JAMBI", "sandbox",
)  # fmt: skip

PLAIN = """
about: Laporan contoh
format: csv
columns: {ours: Ref, payment_ref: RRN, gross: Gross, fee: Fee, net: Net, paid_at: Paid}
times: {formats: iso, zone: {fixed: Asia/Jakarta}}
settled_on: {column: Settled}
"""
TITLES = "Ref,RRN,Gross,Fee,Net,Paid,Settled"
ROW = "PKR-1,612345678901,2000.00,14.00,1986.00,2026-11-23 12:00:00,2026-11-24"


def plain(**other: Any) -> Mapping:
    """The plain mapping with some keys replaced, as YAML would have them."""
    told = read_mapping(PLAIN).model_dump(exclude_none=True, exclude_unset=True)
    return Mapping.model_validate(told | other)


def shipped(name: str) -> Mapping:
    return Mappings([SHIPPED_MAPPINGS], Mapping).find(name).mapping


def csv_file(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def xlsx_file(rows: Sequence[Sequence[Any]], sheet: str = "Sheet1") -> bytes:
    """A workbook as a portal exports it; datetimes become dates of Excel."""
    out = io.BytesIO()
    options = {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet(sheet)
        for number, cells in enumerate(rows):
            page.write_row(number, 0, cells)
    return out.getvalue()
