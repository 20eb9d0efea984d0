"""The two reports that a merchant downloads: transactions, and what moved the balance. Pure.

Neither names the merchant, a day or a version, and neither has totals. Times are UTC as
long as the API makes them; the dashboard writes the user's zone (gateways.md 2.9). How a
payment that was taken back stands in them is not documented; here it is a row of its own.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from parking.business_day import WIB, add_working_days, business_day
from parking.money import Rupiah
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.rows import Row, Style
from parking.sandbox.xendit import ids

# VERSION_2, in the order of their documentation.
TRANSACTIONS = (
    "Status", "Type", "Channel", "Channel Name", "Account Number", "Currency", "Amount",
    "Total Fee", "Total VAT", "Net Amount", "Reference", "Transaction ID", "Invoice ID",
    "Batch ID", "Product ID", "Payment Date", "Timestamp - Created", "Timestamp - Updated",
    "Estimated Settlement Time", "Actual Settlement Time", "Timezone", "Description",
    "Channel Reference", "Settlement Status",
)  # fmt: skip
BALANCE = (
    "Product ID", "Transaction ID", "Transaction Type", "Line Type", "Payment Channel",
    "Reference", "Currency", "Amount", "Balance", "Debit or Credit", "Created Date ISO",
    "Time Zone", "Created Date", "Payment Date", "Settlement Date", "Completed Date", "Bank Code",
    "Account Number", "Channel Reference", "Name", "Description", "Invoice ID",
)  # fmt: skip

SETTLES_AFTER = 2  # days: calendar days on one of their pages, working days on another
VAT_PERCENT = 11
SETTLED, PENDING = "SETTLED", "PENDING"


def transactions_csv(merchant: SandboxMerchant, rows: Sequence[Row], style: Style) -> bytes:
    """One row for each movement of money."""
    return _csv(TRANSACTIONS, (_transaction(merchant, row, style) for row in rows), style)


def balance_csv(merchant: SandboxMerchant, rows: Sequence[Row], style: Style) -> bytes:
    """Three rows for each payment, of one Transaction ID: the payment, its fee and the VAT."""
    lines = (line for row in rows for line in _balance(merchant, row, style))
    return _csv(BALANCE, lines, style)


def settles_at(row: Row) -> datetime:
    """When a movement is paid out: working days later, at the same time of day."""
    reported = row.settled_at + row.delay
    day = business_day(reported)
    return reported + (add_working_days(day, SETTLES_AFTER) - day)


def _csv(columns: Sequence[str], rows: Iterator[Mapping[str, str]], style: Style) -> bytes:
    text = io.StringIO(newline="")
    table = csv.DictWriter(
        text, columns, restval="", delimiter=";" if style.semicolons else ",", lineterminator="\r\n"
    )
    table.writeheader()
    table.writerows(rows)
    whole = text.getvalue()
    if style.truncated:
        whole = whole[: len(whole) * 2 // 3]
    return whole.encode("utf-8-sig" if style.semicolons else "utf-8")


def _transaction(merchant: SandboxMerchant, row: Row, style: Style) -> dict[str, str]:
    fee, vat = _costs(row)
    settlement = merchant.options.get("settlement_status", SETTLED)
    settled_at = _time(settles_at(row), merchant)
    return {
        "Status": "REVERSED" if row.kind == "Chargeback" else "SUCCESS",
        "Type": "Payment" if row.kind == "Payment" else "Refund",
        "Channel": "QR Code",
        "Channel Name": row.acquirer.removeprefix("ID_"),
        "Currency": "IDR",
        "Amount": _money(row.amount, style),
        "Total Fee": _money(fee, style),
        "Total VAT": _money(vat, style),
        "Net Amount": _money(row.amount - row.fee, style),
        "Reference": row.order_id,
        "Transaction ID": ids.movement_id(f"{row.kind}/{row.transaction_id}/{row.settled_at}"),
        "Product ID": ids.bare_payment_id(row.transaction_id),
        "Payment Date": _time(row.settled_at, merchant),
        "Timestamp - Created": _time(row.settled_at, merchant),
        "Timestamp - Updated": _time(row.settled_at, merchant),
        "Estimated Settlement Time": settled_at,
        "Actual Settlement Time": "" if settlement == PENDING else settled_at,
        "Timezone": _zone_text(merchant, style),
        "Channel Reference": row.rrn,
        "Settlement Status": settlement,
    }


def _balance(merchant: SandboxMerchant, row: Row, style: Style) -> Iterator[dict[str, str]]:
    fee, vat = _costs(row)
    is_back = row.kind != "Payment"
    settlement = merchant.options.get("settlement_status", SETTLED)
    settled_at = _time(settles_at(row), merchant)
    common = {
        "Product ID": ids.bare_payment_id(row.transaction_id),
        "Transaction ID": ids.movement_id(f"{row.kind}/{row.transaction_id}/{row.settled_at}"),
        "Transaction Type": "REFUND" if row.kind == "Refund" else "PAYMENT",
        "Payment Channel": "QR Code",
        "Reference": row.order_id,
        "Currency": "IDR",
        "Created Date ISO": f"{row.settled_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Time Zone": _zone_text(merchant, style),
        "Created Date": _time(row.settled_at, merchant),
        "Payment Date": _time(row.settled_at, merchant),
        "Settlement Date": "" if settlement == PENDING else settled_at,
        "Channel Reference": row.rrn,
    }
    suffix = "_REVERSAL" if row.kind == "Chargeback" else ""
    for line_type, amount in (("TRANSACTION", row.amount), ("FEE", -fee), ("VAT", -vat)):
        if line_type == "TRANSACTION" or not is_back:
            yield common | {
                "Line Type": line_type + suffix,
                "Amount": _money(abs(amount), style),
                "Debit or Credit": "Debit"
                if amount < 0 or line_type != "TRANSACTION"
                else "Credit",
            }


def _costs(row: Row) -> tuple[Rupiah, Rupiah]:
    """The fee without and the VAT on it, which make up the whole."""
    vat = row.fee * VAT_PERCENT // (100 + VAT_PERCENT)
    return Rupiah(row.fee - vat), Rupiah(vat)


def _zone(merchant: SandboxMerchant) -> tzinfo:
    return WIB if merchant.options.get("report_zone") == "WIB" else UTC


def _zone_text(merchant: SandboxMerchant, style: Style) -> str:
    """What the file says of its times, which by the fault is not true."""
    is_utc = _zone(merchant) is UTC and (style.tells_utc or not style.utc)
    return "+0000" if is_utc else "+0700"


def _time(moment: datetime, merchant: SandboxMerchant) -> str:
    return f"{moment.astimezone(_zone(merchant)):%Y-%m-%d %H:%M:%S}"


def _money(amount: int, style: Style) -> str:
    return f"{amount:,}".replace(",", ".") + ",00" if style.indonesian else str(amount)
