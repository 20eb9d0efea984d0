"""The settlement file of a SNAP bank's merchant portal. Pure.

No such file is standardised (gateways.md 3.11); this one has what portals usually give.
Above the titles stand what it is, whose, of which day and in which version:

    Laporan Penyelesaian QRIS
    Merchant: 00007100010926
    Tanggal: 23/11/2026
    Versi: 1

Then a row for each payment, fields separated by semicolons, amounts as in 2.000,00, days as
in 23/11/2026, times of WIB. A refund is a row of its own with negative amounts and the status
"Refund"; "Reference No" is the API's referenceNo, "Merchant Reference" ours. The last line
begins with TOTAL and has the sums of gross, MDR and net in their columns.
"""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date

from parking.business_day import add_working_days, wib
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.rows import Row, Style

COLUMNS = (
    "RRN", "Merchant PAN", "NMID", "Terminal ID", "Issuer", "Transaction Date",
    "Transaction Time", "Settlement Date", "Gross Amount", "MDR", "Net Amount",
    "Merchant Reference", "Reference No", "Status",
)  # fmt: skip


def portal_csv(
    merchant: SandboxMerchant, day: date, version: int, rows: Sequence[Row], style: Style
) -> bytes:
    text = io.StringIO(newline="")
    for head in (
        "Laporan Penyelesaian QRIS", f"Merchant: {merchant.merchant_id}",
        f"Tanggal: {day:%d/%m/%Y}", f"Versi: {version}",
    ):  # fmt: skip
        text.write(f"{head}\r\n")
    table = csv.writer(text, delimiter=";")
    table.writerow(COLUMNS)
    paid_out = f"{add_working_days(day, 1):%d/%m/%Y}"
    table.writerows(_cells(row, merchant, paid_out, style) for row in rows)
    gross, fee = sum(row.amount for row in rows), sum(row.fee for row in rows)
    sums = [_money(figure) for figure in (gross, fee, gross - fee)]
    table.writerow(["TOTAL", *[""] * 7, *sums, "", "", ""])
    whole = text.getvalue()
    if style.truncated:
        whole = whole[: len(whole) * 2 // 3]
    return whole.encode("utf-8-sig" if style.semicolons else "utf-8")


def _cells(row: Row, merchant: SandboxMerchant, paid_out: str, style: Style) -> list[str]:
    at = row.settled_at.astimezone(UTC) if style.utc else wib(row.settled_at)
    status = "Berhasil" if row.amount >= 0 else "Refund"
    return [
        row.rrn, merchant.pan, merchant.nmid, "", row.issuer, f"{at:%d/%m/%Y}", f"{at:%H:%M:%S}",
        paid_out, _money(row.amount), _money(row.fee), _money(row.amount - row.fee),
        row.order_id, row.transaction_id, status,
    ]  # fmt: skip


def _money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + ",00"
