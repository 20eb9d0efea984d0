"""What an attendant's phone is told: charges, totals and places, in the words it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.charges.charge import Charge, ChargeState, Taken, was_shown
from parking.gateways.protocol import Merchant
from parking.ledger.entry import shared_between
from parking.money import Rupiah, rupiah_text
from parking.qris.symbol import svg
from parking.registry.facts import VEHICLE_TEXT, Point, Tariff

MESSAGES = {
    ChargeState.CREATING: "Membuat QR…",
    ChargeState.CREATE_UNKNOWN: "QRIS belum menjawab. Terima tunai dan beri karcis.",
    ChargeState.CREATE_FAILED: "QR tidak bisa dibuat. Coba lagi, atau terima tunai.",
    ChargeState.PENDING: "Minta pengemudi memindai QR ini.",
    ChargeState.PAID: "LUNAS",
    ChargeState.EXPIRED: "Waktu habis. Buat QR baru, atau terima tunai.",
    ChargeState.CANCELLED: "Dibatalkan.",
    ChargeState.PARTLY_REFUNDED: "Dikembalikan sebagian.",
    ChargeState.REFUNDED: "Dikembalikan.",
    ChargeState.REVERSED: "Pembayaran ditarik kembali oleh bank.",
}
OUTAGE = "QRIS sedang gangguan. Terima tunai dan beri karcis."
MAKING = "QR sedang dibuat…"
WITHDRAWN = "Dibatalkan. Bila pengemudi terlanjur membayar, uangnya tetap tercatat."
TIME_OVER = "Waktu habis. Menunggu kepastian gerbang."


@dataclass(frozen=True, slots=True)
class Totals:
    """What was taken, and whose it is: gross, before anything is handed on."""

    qris_count: int
    qris_sum: Rupiah
    cash_count: int
    cash_sum: Rupiah
    own_share: Rupiah


def totals_of(paid: Sequence[Taken], cash: Sequence[Taken]) -> Totals:
    """The totals of what was paid by QRIS and of the cash that was not taken back."""
    shares = [each.count * shared_between(each.amount, each.city_bps)[1] for each in [*paid, *cash]]
    return Totals(
        sum(each.count for each in paid), _sum(paid), sum(each.count for each in cash), _sum(cash),
        Rupiah(sum(shares)),
    )  # fmt: skip


def _sum(taken: Sequence[Taken]) -> Rupiah:
    return Rupiah(sum(each.count * each.amount for each in taken))


def seconds_left(charge: Charge, now: datetime) -> int:
    """How long its QR may still be shown; 0 if it may not."""
    if charge.state is not ChargeState.PENDING:
        return 0
    return max(0, int((charge.expires_at - now).total_seconds()))


def charge_told(
    charge: Charge, merchant: Merchant, point: Point, now: datetime, *, picture: bool, outage: bool,
    withdrawn: bool,
) -> dict[str, Any]:  # fmt: skip
    """A charge for the phone. The picture of a QR that has ended or run out is never among it.

    `outage`: no gateway could be asked. `withdrawn`: cancelled, where a gateway cancels nothing.
    """
    left = seconds_left(charge, now)
    is_over = charge.state is ChargeState.PENDING and left == 0
    label = f"QRIS {rupiah_text(charge.amount)} {merchant.name}"
    shows = picture and left > 0 and charge.payload is not None
    return {
        "ours": charge.ours,
        "vehicle": charge.vehicle,
        "vehicle_text": VEHICLE_TEXT[charge.vehicle],
        "amount": charge.amount,
        "state": charge.state,
        "late": charge.late,
        "created_at": charge.created_at.isoformat(),
        "expires_at": charge.expires_at.isoformat(),
        "seconds_left": left,
        "svg": svg(charge.payload or "", label) if shows else None,
        "merchant_name": merchant.name,
        "nmid": merchant.nmid,
        "point_code": point.code,
        "outage": outage,
        "message": _message(charge, is_over=is_over, outage=outage, withdrawn=withdrawn),
    }


def _message(charge: Charge, *, is_over: bool, outage: bool, withdrawn: bool) -> str:
    if outage:
        return OUTAGE
    if withdrawn:
        return WITHDRAWN
    if is_over:
        return TIME_OVER
    if charge.state is ChargeState.PENDING and not was_shown(charge):
        return MAKING
    return MESSAGES[charge.state]


def tariff_told(tariff: Tariff) -> dict[str, Any]:
    return {
        "vehicle": tariff.vehicle,
        "vehicle_text": VEHICLE_TEXT[tariff.vehicle],
        "amount": tariff.amount,
    }
