"""Makes the settlement report of a business day from what was paid, with the faults in it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from parking.business_day import business_day, day_starts
from parking.sandbox.announce import number
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.faults import Fault, Faults
from parking.sandbox.parts import SandboxParts
from parking.sandbox.rows import (
    TEST_AMOUNT,
    Row,
    Style,
    chargeback_row,
    payment_row,
    refund_row,
    reversal_row,
    stray_row,
)


def settlement_report(
    parts: SandboxParts, merchant: SandboxMerchant, day: date, version: int = 1, kind: str = ""
) -> bytes:
    """The report of a day. Fetched again it is the same, until a payment or a fault changes.

    `kind` is one of its provider's; empty: the usual one.
    """
    provider, faults = parts.providers[merchant.gateway], parts.faults.of(merchant.gateway)
    rows = [
        *_payments(parts, merchant, day),
        *_late_payments(parts, merchant, day),
        *_refunds(parts, merchant, day),
        *_reversals(parts, merchant, day),
        *_strays(faults, day),
    ]
    style = _style(faults, day)
    return provider.report(kind or provider.reports[0], merchant, day, version, rows, style)


def _payments(parts: SandboxParts, merchant: SandboxMerchant, day: date) -> Iterator[Row]:
    faults = parts.faults.of(merchant.gateway)
    paid = parts.state.paid_between(merchant, day_starts(day), day_starts(day + timedelta(days=1)))
    for transaction in paid:
        order = transaction.order_id
        if faults.holds("report_missing_row", order):
            continue
        row = payment_row(transaction, merchant)
        if late := faults.holds("report_late", order):
            if not parts.providers[merchant.gateway].reports_by_payment:
                continue
            row = replace(row, delay=_delay(late))
        yield from _with_faults(faults, row)


def _with_faults(faults: Faults, row: Row) -> Iterator[Row]:
    if fault := faults.holds("report_amount", row.order_id):
        row = replace(row, amount=int(number(fault.value, row.amount + 1_000)))
    if fault := faults.holds("report_fee", row.order_id):
        row = replace(row, fee=int(number(fault.value, 50)))
    yield row
    if faults.holds("report_reversal", row.order_id):
        yield reversal_row(row)


def _delay(late: Fault) -> timedelta:
    return timedelta(days=int(number(late.value, 1)))


def _late_payments(parts: SandboxParts, merchant: SandboxMerchant, day: date) -> Iterator[Row]:
    """Payments of an earlier day that only this report has."""
    if parts.providers[merchant.gateway].reports_by_payment:
        return
    for order, fault in parts.faults.of(merchant.gateway).struck_orders("report_late"):
        for transaction in parts.state.of_order(order):
            is_ours = parts.merchant_of(transaction) == merchant
            if not is_ours or transaction.paid_at is None:
                continue
            if business_day(transaction.paid_at) + _delay(fault) == day:
                yield payment_row(transaction, merchant)


def _refunds(parts: SandboxParts, merchant: SandboxMerchant, day: date) -> Iterator[Row]:
    start, end = day_starts(day), day_starts(day + timedelta(days=1))
    for transaction in parts.state.refunded_between(merchant, start, end):
        for refund in transaction.refunds:
            if start <= refund.made_at < end and refund.failed_at is None:
                yield refund_row(transaction, refund)


def _reversals(parts: SandboxParts, merchant: SandboxMerchant, day: date) -> Iterator[Row]:
    start, end = day_starts(day), day_starts(day + timedelta(days=1))
    for transaction in parts.state.reversed_between(merchant, start, end):
        yield chargeback_row(transaction)


def _strays(faults: Faults, day: date) -> Iterator[Row]:
    if fault := faults.holds("report_extra_row", day.isoformat()):
        yield stray_row("EXTRA", day, int(number(fault.value, 2_000)))
    if faults.holds("report_test_row", day.isoformat()):
        yield stray_row("TEST", day, TEST_AMOUNT)


def _style(faults: Faults, day: date) -> Style:
    name = day.isoformat()
    utc = faults.holds("report_tz_utc", name)
    return Style(
        utc=utc is not None,
        tells_utc=utc is None or utc.value != "unannounced",
        semicolons=faults.holds("report_bom_semicolon", name) is not None,
        indonesian=faults.holds("report_indonesian_decimals", name) is not None,
        truncated=faults.holds("report_truncated", name) is not None,
    )
