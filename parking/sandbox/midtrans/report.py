"""The settlement report of a day, as a merchant downloads it. Pure.

Midtrans lets each merchant choose the columns of its export (gateways.md 1.12); this is
the choice of ours. Amounts carry two decimals, times are the wall clock in Jakarta.
"""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime

from parking.business_day import add_working_days, wib
from parking.sandbox.rows import Row, Style

COLUMNS = (
    "Order ID", "Transaction ID", "Transaction Type", "Payment Type", "Transaction Time",
    "Settlement Time", "Payout Date", "Transaction Status", "Currency", "Amount", "Fee",
    "Net Amount", "Issuer", "Acquirer",
)  # fmt: skip


def report_csv(
    merchant_id: str, day: date, version: int, rows: Sequence[Row], style: Style | None = None
) -> bytes:
    """The file: a head that says whose and which it is, the rows, and a control total."""
    style = style or Style()
    zone = "UTC" if style.utc and style.tells_utc else "Asia/Jakarta"
    text = io.StringIO(newline="")
    text.write(
        f"# Midtrans settlement report;merchant_id={merchant_id};report_date={day};"
        f"version={version};timezone={zone}\r\n"
    )
    table = csv.writer(text, delimiter=";" if style.semicolons else ",")
    table.writerow(COLUMNS)
    payout = add_working_days(day, 1)
    table.writerows(_cells(row, payout, style) for row in rows)
    amount, fee = sum(row.amount for row in rows), sum(row.fee for row in rows)
    totals = [_money(figure, style) for figure in (amount, fee, amount - fee)]
    table.writerow(["TOTAL", len(rows), *[""] * 6, "IDR", *totals, "", ""])
    whole = text.getvalue()
    if style.truncated:
        whole = whole[: len(whole) * 2 // 3]
    return whole.encode("utf-8-sig" if style.semicolons else "utf-8")


def _cells(row: Row, payout: date, style: Style) -> list[str]:
    return [
        row.order_id,
        row.transaction_id,
        row.kind,
        "QRIS",
        _time(row.made_at, style),
        _time(row.settled_at, style),
        payout.isoformat(),
        row.status,
        "IDR",
        _money(row.amount, style),
        _money(row.fee, style),
        _money(row.amount - row.fee, style),
        row.issuer,
        row.acquirer,
    ]


def _time(moment: datetime, style: Style) -> str:
    shown = moment.astimezone(UTC) if style.utc else wib(moment)
    return f"{shown:%Y-%m-%d %H:%M:%S}"


def _money(amount: int, style: Style) -> str:
    if style.indonesian:
        return f"{amount:,}".replace(",", ".") + ",00"
    return f"{amount}.00"
