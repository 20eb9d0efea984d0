"""Everything that a business day's reconciliation looks at, as frames and values. Pure.

A fact belongs to the day on which it happened: a charge to the day it was asked, a payment
with its settlement lines to the day it was paid, a refund to the day it was given, a callback
to the day it first came, a shift to the day it was opened, a file to the day it reports.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from parking.business_day import add_working_days, business_day, day_starts
from parking.database.frames import DAY, FLAG, MOMENT, TEXT, WHOLE
from parking.gateways.outage import Outage, Window, length, merged
from parking.money import Rupiah
from parking.reconciliation.bank_day import BankDay
from parking.reconciliation.cash_day import CashDay
from parking.reconciliation.catalogue import CATALOGUE
from parking.reconciliation.people_day import PeopleDay
from parking.registry.facts import Point, Tariff

DEADLINES = timedelta(days=60)  # no deadline of ours is further away
MATTERS = timedelta(days=21)  # an outage that begins later than this freezes nothing of a day
GRAVE = timedelta(minutes=15)
HALF_A_DAY = timedelta(hours=4)  # half a banking day

# `chain` names a payment: "midtrans/jambi/<their reference>". A charge_id of 0 is none.
CHARGES = {
    "charge_id": WHOLE, "ours": TEXT, "gateway": TEXT, "account": TEXT, "shift_id": WHOLE,
    "attendant_id": WHOLE,
    "point_id": WHOLE, "device_id": WHOLE, "vehicle": TEXT, "asked": WHOLE, "created_at": MOMENT,
    "state": TEXT,
    "of_day": FLAG,  # asked on this day; something of this day is about the others
    "receipts_before": WHOLE,  # on days before this one
    "has_receipt": FLAG,  # on whatever day; told of charges whose state is open
}  # fmt: skip
RECEIPTS = {
    "payment_id": WHOLE, "chain": TEXT, "charge_id": WHOLE, "ours": TEXT, "gateway": TEXT,
    "paid": WHOLE, "paid_at": MOMENT, "source": TEXT, "late": FLAG,
    "heard": FLAG,  # a callback told of it too
    "returned": WHOLE,  # of it, by refunds that we wanted and that have ended
}  # fmt: skip
LINES = {
    "chain": TEXT, "charge_id": WHOLE, "ours": TEXT, "gateway": TEXT, "account": TEXT,
    "gross": WHOLE, "fee": WHOLE, "settled_on": DAY, "import_id": WHOLE, "number": WHOLE,
}  # fmt: skip
REFUNDS = {
    "chain": TEXT, "charge_id": WHOLE, "ours": TEXT, "gateway": TEXT, "back": WHOLE,
    "is_booked": FLAG,
    "unasked": WHOLE,  # of all that went back of the payment by now, what nobody of ours asked for
    "twice": WHOLE,  # of it, what the treasurer had paid by hand as well
}  # fmt: skip
# What else was paid for a vehicle whose charge was paid on this day.
SECONDS = {
    "ours": TEXT, "by": TEXT, "other": TEXT, "amount": WHOLE,  # by: "cash", "charge"
    "vehicles": TEXT,  # "motorcycle/car" where the first was asked as another; else empty
}  # fmt: skip
CALLBACKS = {
    "callback_id": WHOLE, "gateway": TEXT, "ours": TEXT, "charge_id": WHOLE, "payment_ref": TEXT,
    "level": TEXT, "state": TEXT, "repeats": WHOLE, "is_booked": FLAG,
}  # fmt: skip
SHIFTS = {
    "shift_id": WHOLE, "attendant_id": WHOLE, "point_id": WHOLE, "is_closed": FLAG,
    "declared_cash": WHOLE, "declared_qris": WHOLE,  # missing: not declared
    "taps": WHOLE, "tapped": WHOLE,  # cash vehicles and their sum
    "qris": WHOLE,  # what the phone showed as paid when the shift was closed
    "qris_lately": WHOLE,  # of it, in the last two minutes before
}  # fmt: skip
# Of every shift in which a charge of the day may have been asked.
LETTERS = {
    "shift_id": WHOLE, "letter": TEXT, "letter_from": DAY, "letter_to": DAY,
    "letter_ended_at": MOMENT,
}  # fmt: skip
TAPS = {"attendant_id": WHOLE, "point_id": WHOLE, "taps": WHOLE, "tapped": WHOLE}
DEVICES = {"device_id": WHOLE, "holder": WHOLE}
# One row an attendant and day at a QRIS point, over the last eight days.
ATTENDANCE = {
    "attendant_id": WHOLE, "badge": TEXT, "day": DAY, "has_paid": FLAG, "first_day": DAY,
    "point_id": WHOLE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """An attempt to take in a settlement file that added nothing."""

    import_id: int
    gateway: str
    file_name: str
    outcome: str  # "duplicate" or "rejected"
    duplicate_of: int | None
    line_count: int
    gross: Rupiah
    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class Frozen:
    """What outages of one merchant account made of a day's deadlines (D35)."""

    windows: Sequence[Window]  # in order; each moment is in one at most
    lost: frozenset[date]  # working days that count as none
    is_claimable: bool
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed, and how far time has gone."""

    day: date
    settles_on: date  # the next working day: payments should be paid out by then, if no
    # contract says otherwise
    is_claimable: bool  # two working days have passed, so a missing line is wrong
    is_overdue: bool  # a day has passed since the last charge, so an open one is wrong
    fee_bps: Mapping[str, int]  # by "gateway/account"
    leave: frozenset[date]  # collective leave, for deadlines
    frozen: Mapping[str, Frozen] = field(default_factory=dict)  # by "gateway/account"
    settles: Mapping[str, date] = field(default_factory=dict)  # likewise: the day of the contract

    @property
    def time(self) -> dict[str, Any]:
        """The part that time alone changes."""
        return _time(self.is_claimable, self.is_overdue, self.frozen)

    def due_of(self, account: str) -> date:
        """The day by which an account's payments of this day should be paid out."""
        return self.settles.get(account, self.settles_on)

    def days_off(self, account: str) -> frozenset[date]:
        """The days that do not count for what waits for an account."""
        lost = self.frozen[account].lost if account in self.frozen else frozenset()
        return self.leave | lost


@dataclass(frozen=True, slots=True)
class Inputs:
    terms: Terms
    seen: Mapping[str, int]  # the fingerprint: how many facts there were
    charges: pd.DataFrame
    receipts: pd.DataFrame
    lines: pd.DataFrame
    refunds: pd.DataFrame
    seconds: pd.DataFrame
    callbacks: pd.DataFrame
    shifts: pd.DataFrame
    letters: pd.DataFrame
    taps: pd.DataFrame
    devices: pd.DataFrame
    attendance: pd.DataFrame
    files: Sequence[File]
    tariffs: Sequence[Tariff]  # those that could hold on the day
    points: Mapping[int, Point]
    counts: Mapping[str, int]  # what came in and is not looked at row by row
    bank: BankDay = field(default_factory=BankDay)  # with what matching of all days says of it
    cash: CashDay = field(default_factory=CashDay)
    people: PeopleDay = field(default_factory=PeopleDay)

    def hash(self) -> str:
        """Equal for equal inputs, whenever they are read (M8)."""
        digest = hashlib.sha256()
        for each in fields(self):
            value = getattr(self, each.name)
            digest.update(f"{each.name}:".encode())
            if isinstance(value, pd.DataFrame):
                _hash_frame(value, digest)
            else:
                digest.update(_text(value).encode())
        return digest.hexdigest()


def time_of(
    day: date, leave: frozenset[date], now: datetime, outages: Sequence[Outage] = ()
) -> dict[str, Any]:
    """What time alone has made of a day by now."""
    frozen = frozen_by(outages, day, leave, now)
    return _time(_is_claimable(day, leave, now), _is_overdue(day, timedelta(0), now), frozen)


def terms_at(
    day: date, leave: frozenset[date], now: datetime, outages: Sequence[Outage],
    fee_bps: Mapping[str, int], settles_in: Mapping[str, int],
) -> Terms:  # fmt: skip
    """What holds for a day, and what time and outages have made of it by now.

    `settles_in` are working days, by "gateway/account".
    """
    terms = Terms(
        day=day,
        settles_on=add_working_days(day, 1, leave),
        is_claimable=_is_claimable(day, leave, now),
        is_overdue=_is_overdue(day, timedelta(0), now),
        fee_bps=fee_bps,
        leave=frozenset(d for d in leave if day <= d <= day + DEADLINES),
        frozen=frozen_by(outages, day, leave, now),
    )
    names = {*settles_in, *terms.frozen}
    settles = {
        name: add_working_days(day, settles_in.get(name, 1), terms.days_off(name))
        for name in sorted(names)
    }
    return replace(terms, settles=settles)


def frozen_by(
    outages: Sequence[Outage], day: date, leave: frozenset[date], now: datetime
) -> dict[str, Frozen]:
    """What outages have made of the deadlines of a day, by account.

    What lasted less than a quarter of an hour holds up no settlement. A deadline in
    working days stands still on those of which half was lost; one in hours for as long
    as it lasted.
    """
    windows: dict[str, list[Window]] = {}
    for outage in outages:
        windows.setdefault(outage.name, []).append(outage.window)
    found = {}
    for name, told in sorted(windows.items()):
        grave = tuple(w for w in merged(told) if (w.ended_at or now) - w.began_at >= GRAVE)
        if grave and length(grave, day_starts(day), min(now, day_starts(day + MATTERS))):
            found[name] = _frozen(grave, day, leave, now)
    return found


def _frozen(windows: Sequence[Window], day: date, leave: frozenset[date], now: datetime) -> Frozen:
    last = min(business_day(now), day + MATTERS)
    days = (day + timedelta(days=n) for n in range((last - day).days + 1))
    lost = frozenset(d for d in days if _out_on(windows, d, now) >= HALF_A_DAY)
    waited = length(windows, day_starts(day), min(now, day_starts(day + MATTERS)))
    off = leave | lost
    return Frozen(
        windows, lost, _is_claimable(day, off, now),
        _is_overdue(day, waited, now),
    )  # fmt: skip


def _out_on(windows: Sequence[Window], day: date, now: datetime) -> timedelta:
    return length(windows, day_starts(day), min(now, day_starts(day + timedelta(days=1))))


def _is_claimable(day: date, off: frozenset[date], now: datetime) -> bool:
    return add_working_days(day, CATALOGUE["D06"].grace, off) < business_day(now)


def _is_overdue(day: date, waited: timedelta, now: datetime) -> bool:
    return now >= day_starts(day + timedelta(days=2)) + waited


def _time(is_claimable: bool, is_overdue: bool, frozen: Mapping[str, Frozen]) -> dict[str, Any]:
    """As a run keeps it in its JSON."""
    plain: dict[str, Any] = {"is_claimable": is_claimable, "is_overdue": is_overdue}
    by_account = {name: [f.is_claimable, f.is_overdue] for name, f in frozen.items()}
    return plain | ({"frozen": by_account} if by_account else {})


class _Into:
    """A file that keeps nothing but a hash of what is written to it."""

    closed = False

    def __init__(self, digest: "hashlib._Hash") -> None:
        self._digest = digest

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return len(data)

    def flush(self) -> None: ...


def _hash_frame(frame: pd.DataFrame, digest: "hashlib._Hash") -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    table = table.combine_chunks()
    with pa.ipc.new_stream(pa.PythonFile(_Into(digest), mode="w"), table.schema) as stream:
        stream.write_table(table)


def _frozen_text(frozen: Frozen) -> str:
    return f"{frozen.windows} {sorted(frozen.lost)} {frozen.is_claimable} {frozen.is_overdue}"


def _text(value: object) -> str:
    """A value in a form that does not depend on the order in which a set gives its members."""
    if isinstance(value, Terms):
        return (
            f"{value.day} {value.settles_on} {value.is_claimable} {value.is_overdue}"
            + f" {sorted(value.fee_bps.items())} {sorted(value.leave)} "
            + f"{sorted(value.settles.items())}"
            + "".join(f" {name} {_frozen_text(f)}" for name, f in sorted(value.frozen.items()))
        )
    if isinstance(value, Mapping):
        return repr(sorted(value.items()))
    return repr(value)
