"""What is planted in the demo's days, so that reconciliation can be shown to find it.

Each plant is a documented fault or fraud pattern (domain.md 7 and 10) and must
come out as exactly one code.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from parking.business_day import add_working_days
from parking.demo.demand import How, Sale


class Plant(StrEnum):
    LOST_CALLBACK = "lost_callback"
    PAID_LATE = "paid_late"
    FORGED = "forged"
    ORPHAN = "orphan"
    REPEATED = "repeated"
    OTHER_AMOUNT = "other_amount"
    NO_LINE = "no_line"
    SILENT = "silent"  # neither callback nor inquiry tells; the settlement line does
    OTHER_FEE = "other_fee"
    REFUND_LINE = "refund_line"
    PAID_TWICE = "paid_twice"
    CASH_AND_PAID = "cash_and_paid"
    SETTLED_LATE = "settled_late"
    DECLARED_OTHER = "declared_other"
    CASH_SHORT = "cash_short"
    NO_QRIS = "no_qris"
    OLD_TARIFF = "old_tariff"
    LETTER_REVOKED = "letter_revoked"
    SAME_FILE = "same_file"
    BROKEN_FILE = "broken_file"
    TEST_LINE = "test_line"
    # Of a whole city (`--full`): cash on its way, the bank, people and their promises.
    WRONG_VEHICLE = "wrong_vehicle"
    IN_OUTAGE = "in_outage"
    TWICE_BACK = "twice_back"  # by the treasurer's transfer, and by the gateway
    PAYOUT_OTHER = "payout_other"
    TICKETS_OTHER = "tickets_other"
    NO_LETTER = "no_letter"  # of him whose letter had been taken back, and who hands cash on
    PROMISED_MORE = "promised_more"
    TWO_CODES = "two_codes"
    FAKE_QR = "fake_qr"
    OVER_THE_YEAR = "over_the_year"
    BATCH_SHORT = "batch_short"
    BATCH_MISSING = "batch_missing"
    BATCH_LATE = "batch_late"
    UNKNOWN_CREDIT = "unknown_credit"
    COUNTED_LESS = "counted_less"
    SLIP_SHORT = "slip_short"
    SLIP_NOT_CREDITED = "slip_not_credited"
    CREDIT_WITHOUT_SLIP = "credit_without_slip"
    KEPT_TOO_LONG = "kept_too_long"


CODE = {
    Plant.LOST_CALLBACK: "D01",
    Plant.PAID_LATE: "D02",
    Plant.FORGED: "D03",
    Plant.ORPHAN: "D03",
    Plant.REPEATED: "D04",
    Plant.OTHER_AMOUNT: "D05",
    Plant.NO_LINE: "D06",
    Plant.SILENT: "D07",
    Plant.OTHER_FEE: "D08",
    Plant.REFUND_LINE: "D09",
    Plant.PAID_TWICE: "D10",
    Plant.CASH_AND_PAID: "D10",
    Plant.SETTLED_LATE: "D14",
    Plant.DECLARED_OTHER: "D16",
    Plant.CASH_SHORT: "D17",
    Plant.NO_QRIS: "D19",
    Plant.OLD_TARIFF: "D28",
    Plant.LETTER_REVOKED: "D29",
    Plant.SAME_FILE: "D31",
    Plant.BROKEN_FILE: "D32",
    Plant.TEST_LINE: "D33",
    Plant.WRONG_VEHICLE: "D27",
    Plant.IN_OUTAGE: "D35",
    Plant.TWICE_BACK: "D36",
    Plant.PAYOUT_OTHER: "D15",
    Plant.TICKETS_OTHER: "D18",
    Plant.NO_LETTER: "D25",
    Plant.PROMISED_MORE: "D26",
    Plant.TWO_CODES: "D30",
    Plant.FAKE_QR: "D34",
    Plant.OVER_THE_YEAR: "D37",
    Plant.BATCH_SHORT: "D11",
    Plant.BATCH_MISSING: "D12",
    Plant.BATCH_LATE: "D14",
    Plant.UNKNOWN_CREDIT: "D13",
    Plant.COUNTED_LESS: "D20",
    Plant.SLIP_SHORT: "D21",
    Plant.SLIP_NOT_CREDITED: "D22",
    Plant.CREDIT_WITHOUT_SLIP: "D23",
    Plant.KEPT_TOO_LONG: "D24",
}

# Share of a day's paid charges, at least one a day.
PAID_SHARES = {
    Plant.LOST_CALLBACK: 0.005,
    Plant.PAID_LATE: 0.003,
    Plant.REPEATED: 0.02,
    Plant.OTHER_AMOUNT: 0.001,
    Plant.NO_LINE: 0.005,
    Plant.SILENT: 0.003,
    Plant.OTHER_FEE: 0.001,
    Plant.REFUND_LINE: 0.001,
    Plant.PAID_TWICE: 0.0015,
    Plant.CASH_AND_PAID: 0.0015,
    Plant.SETTLED_LATE: 0.025,
}
SHIFT_SHARES = {Plant.DECLARED_OTHER: 0.03, Plant.CASH_SHORT: 0.08}
CLAIM_AFTER = 2  # working days in which a line may still come (D06)


def plants_of_sales(
    sales: Sequence[Sale], day: date, last_day: date, random: Random
) -> dict[Sale, Plant]:
    """Which vehicles of a day carry a fault. Those that could not show by the end carry none."""
    able = [sale for sale in sales if sale.how is How.PAID and sale.callback_after_s == 0]
    random.shuffle(able)
    planted: dict[Sale, Plant] = {}
    for plant, share in PAID_SHARES.items():
        if not _shows_in_time(plant, day, last_day):
            continue
        for _ in range(max(1, round(share * len(able)))):
            if len(planted) < len(able) // 2:  # a city at work, not a city of faults
                planted[able[len(planted)]] = plant
    return planted


def plants_of_shifts(workers: Sequence[int], random: Random) -> dict[int, Plant]:
    """Which attendants declare something else than they took, at the end of a day's shift."""
    drawn = random.sample(list(workers), len(workers))
    planted = {}
    for plant, share in SHIFT_SHARES.items():
        for _ in range(max(1, round(share * len(workers)))):
            if drawn:
                planted[drawn.pop()] = plant
    return planted


def late_report_day(day: date) -> date:
    """The first day whose report pays a payment of `day` later than the next working day."""
    later = day + timedelta(days=1)
    while add_working_days(later, 1) == add_working_days(day, 1):
        later += timedelta(days=1)
    return later


def _shows_in_time(plant: Plant, day: date, last_day: date) -> bool:
    looked_at = last_day + timedelta(days=1)  # the last night's run
    if plant is Plant.NO_LINE:
        return add_working_days(day, CLAIM_AFTER) < looked_at
    if plant is Plant.SETTLED_LATE:
        return late_report_day(day) <= last_day
    return True
