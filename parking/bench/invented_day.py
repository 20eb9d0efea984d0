"""A business day of any size, with faults planted in one row of a hundred. Pure.

Row `n` of a day is a charge with its callback, evidence, payment and settlement line, each as
the product stores it; a fault leaves one of them out or makes it differ. Everything follows
from the number of the row, so two fillings are equal, and a day may be made piece by piece.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from parking.business_day import add_working_days, day_starts

GATEWAY, ACCOUNT = "midtrans", "jambi"
CHARGES_A_SHIFT = 150
FEE_BPS = 70
PRICES = {"motorcycle": 2_000, "car": 3_000}  # their tariffs are numbered in this order
EVERY, WHERE = 100, 37  # of so many rows, this one is wrong

# What is planted in turn, and the code by which it must be found.
CODE_OF = {
    "unheard": "D01", "undecided": "D01", "late": "D02", "orphan": "D03", "forged": "D03",
    "repeated": "D04", "other amount": "D05", "unsettled": "D06", "recovered": "D07",
    "other gross": "D08", "other fee": "D08", "given back": "D09", "twice": "D10",
    "cash as well": "D10", "settled late": "D14", "other QRIS": "D16", "other cash": "D17",
    "other price": "D28", "foreign phone": "D29", "test money": "D33",
}  # fmt: skip
KINDS = tuple(CODE_OF)
UNPAID = ("orphan", "forged", "twice", "test money")  # their charges expired
ABOUT_CHARGE = ("undecided", "repeated", "other price", "foreign phone")
ABOUT_SHIFT = ("other QRIS", "other cash")

MOMENT = pa.timestamp("us", "UTC")
SECOND = 1_000_000
OPENS, CLOSES = timedelta(hours=5, minutes=30), timedelta(hours=21)
FIRST_TAP, TAPS_FOR = timedelta(hours=6), timedelta(hours=14)
BODY = b'{"transaction_status":"settlement","payment_type":"qris"}'.ljust(600)
HEADERS = '{"Content-Type": "application/json", "User-Agent": "Veritrans"}'


@dataclass(frozen=True, slots=True)
class InventedDay:
    day: date
    number: int  # of the day among those of its database, from 0
    rows: int

    @property
    def shifts(self) -> int:
        """How many shifts there are, each with an attendant, a point and a phone of its own."""
        return max(2, self.rows // CHARGES_A_SHIFT)

    @property
    def first_id(self) -> int:
        """Ids below this are of earlier days."""
        return self.number * 2 * self.rows + 1

    def pieces(self, size: int) -> Iterator["Piece"]:
        """The rows of the day, at most `size` at once: a multiple of a hundred."""
        for begin in range(0, self.rows, size):
            yield Piece(self, np.arange(begin, min(begin + size, self.rows)))

    def faults(self) -> Iterator[tuple[str, str]]:
        """What must be found: code and subject of each planted fault."""
        for n in range(WHERE, self.rows, EVERY):
            kind = KINDS[n // EVERY % len(KINDS)]
            yield CODE_OF[kind], self._subject(kind, n)

    def _subject(self, kind: str, n: int) -> str:
        if kind in ABOUT_SHIFT:
            return f"shift:{self.number * self.shifts + int(faulty_shift(np.array(n))) + 1}"
        if kind in ABOUT_CHARGE:
            return f"charge:{_ours(self.day, n)}"
        if kind == "forged":
            return f"callback:{self.first_id + n}"
        return f"payment:{GATEWAY}/{ACCOUNT}/{_reference(self.day, n)}"


def faulty_shift(n: np.ndarray) -> np.ndarray:
    """Which shift, from 0, has the fault that row `n` plants in a shift."""
    turn, kind = np.divmod(n // EVERY, len(KINDS))
    return 2 * turn + (kind == KINDS.index("other cash"))


def _ours(day: date, n: int) -> str:
    return f"PKR{day:%Y%m%d}{n:07d}X"


def _reference(day: date, n: int) -> str:
    return f"{day:%Y%m%d}-{n:07d}-9ae1-4f0c-b7d5"


class Piece:
    """Some rows of a day, as the tables take them: column by column, missing values as null."""

    def __init__(self, of: InventedDay, n: np.ndarray) -> None:
        self.of, self.n = of, n
        turn = np.where(n % EVERY == WHERE, n // EVERY % len(KINDS), -1)
        self._planted = {kind: turn == number for number, kind in enumerate(KINDS)}
        self.shift = n % of.shifts
        self.is_car = n % 5 == 0
        price = np.where(self.is_car, PRICES["car"], PRICES["motorcycle"])
        self.asked = np.where(self.is_("other price"), price - 500, price)
        self.paid = self.asked + 500 * self.is_("other amount")
        self.paid[self.is_("test money")] = 100
        self.has_payment = ~self.is_("undecided", "forged")
        self.has_line = self.has_payment & ~self.is_("unsettled")
        self.has_callback = ~self.is_("undecided", "unheard", "recovered")
        self.id = of.first_id + n
        self.reference = pa.array([_reference(of.day, i) for i in n.tolist()])
        self.ours = pa.array([_ours(of.day, i) for i in n.tolist()])
        self.pays_for = self._pays_for()

    def is_(self, *kinds: str) -> np.ndarray:
        """Whether one of these faults is planted in a row."""
        return np.any([self._planted[kind] for kind in kinds], axis=0)

    def tables(self) -> dict[str, pa.Table]:
        """The rows by the table they belong to."""
        return {
            "charge": self._charges(),
            "callback": self._callbacks(),
            "callback_work": self._works(),
            "callback_repeat": self._repeats(),
            "settlement_line": self._lines(),
            "evidence": self._evidence(),
            "payment": self._payments(),
            "cash": self._cash(),
        }

    def declared(self) -> tuple[np.ndarray, np.ndarray]:
        """What attendants of these rows said of QRIS and of cash, by shift from 0."""
        shifts = self.of.shifts
        shown = self.has_payment & ~self.is_("recovered", *UNPAID)  # on the phone when it closed
        qris = np.bincount(self.shift[shown], self.asked[shown], shifts)
        in_cash = self.is_("cash as well")
        cash = np.bincount(self.shift[in_cash], self.asked[in_cash], shifts)
        for kind, said in (("other QRIS", qris), ("other cash", cash)):
            said[faulty_shift(self.n[self.is_(kind)])] += 5_000
        return qris.astype("int64"), cash.astype("int64")

    def _moment(self, seconds: float | np.ndarray) -> pa.Array:
        """Each row's tap, so many seconds later."""
        first = (day_starts(self.of.day) + FIRST_TAP).timestamp()
        tap = self.n * (TAPS_FOR.total_seconds() / self.of.rows)
        return pa.array(((first + tap + seconds) * SECOND).astype("int64"), pa.int64()).cast(MOMENT)

    def _all(self, value: Any, kind: pa.DataType | None = None) -> pa.Array:
        return pa.repeat(pa.scalar(value, kind), len(self.n))

    def _whose(self) -> dict[str, Any]:
        return {"gateway": self._all(GATEWAY), "account": self._all(ACCOUNT)}

    def _charges(self) -> pa.Table:
        attendant = self.shift + 1
        state = np.full(len(self.n), "paid", dtype=object)
        state[self.is_(*UNPAID)] = "expired"
        state[self.is_("undecided")] = "pending"
        state[self.is_("given back")] = "refunded"
        is_paid = ~self.is_("undecided", *UNPAID)
        return pa.table(
            {
                "id": self.id, "ours": self.ours, **self._whose(),
                "shift_id": self.of.number * self.of.shifts + attendant,
                "attendant_id": attendant, "point_id": attendant,
                "device_id": np.where(
                    self.is_("foreign phone"), attendant % self.of.shifts + 1, attendant
                ),
                "client_key": self.ours,
                "vehicle": self._vehicle(), "tariff_id": 1 + self.is_car,
                "amount": self.asked, "city_bps": self._all(4_000, pa.int32()),
                "created_at": self._moment(0), "business_day": self._all(self.of.day),
                "state": pa.array(state), "late": self.is_("late"),
                "theirs": self.reference, "expires_at": self._moment(300),
                "paid_at": _where(is_paid, self._moment(30)),
                "inquiries": self._all(0, pa.int32()),
                "confirmed_at": _where(is_paid, self._moment(60)),
            }
        )  # fmt: skip

    def _vehicle(self) -> pa.Array:
        return pa.array(np.where(self.is_car, "car", "motorcycle"))

    def _callbacks(self) -> pa.Table:
        level = np.where(self.is_("forged"), "none", "partial")
        table = pa.table(
            {
                "id": self.id, **self._whose(), "natural_key": self.reference,
                "level": level, "reason": self._all(""),
                "path": self._all("/callbacks/midtrans/jambi"), "headers": self._all(HEADERS),
                "body": self._all(BODY), "remote": self._all("10.0.0.1"),
                "received_at": self._moment(31),
            }
        )  # fmt: skip
        return table.filter(self.has_callback)

    def _works(self) -> pa.Table:
        table = pa.table(
            {
                "callback_id": self.id,
                "state": np.where(self.is_("forged"), "REJECTED", "APPLIED"),
                "attempts": self._all(1, pa.int32()), "reason": self._all(""),
                "worked_at": self._moment(31),
            }
        )  # fmt: skip
        return table.filter(self.has_callback)

    def _repeats(self) -> pa.Table:
        table = pa.table({"callback_id": self.id, "received_at": self._moment(90)})
        return table.filter(self.is_("repeated"))

    def _pays_for(self) -> pa.Array:
        """For which charge each payment was, in the gateway's words."""
        names = np.array(self.ours.to_pylist(), dtype=object)
        twice = np.flatnonzero(self.is_("twice"))
        names[twice] = names[twice - 1]  # the charge before it
        for kind, begins in (("orphan", "LAIN-"), ("test money", "TEST-")):
            names[self.is_(kind)] = begins + names[self.is_(kind)]
        return pa.array(names)

    def _lines(self) -> pa.Table:
        gross = self.paid - 500 * self.is_("other gross")
        fee = (gross * FEE_BPS + 5_000) // 10_000 + 50 * self.is_("other fee")
        settled = add_working_days(self.of.day, 1)
        later = add_working_days(self.of.day, 2)
        table = pa.table(
            {
                "id": self.id, "import_id": self._all(self.of.number + 1),
                "number": (self.n + 1).astype("int32"), "line_key": self.reference,
                "kind": self._all("payment"), **self._whose(), "ours": self.pays_for,
                "payment_ref": self.reference, "gross": gross, "fee": fee, "net": gross - fee,
                "paid_at": self._moment(30), "paid_on": self._all(self.of.day),
                "settled_on": pc.if_else(self.is_("settled late"), pa.scalar(later), settled),
            }
        )  # fmt: skip
        return table.filter(self.has_line)

    def _source(self) -> np.ndarray:
        source = np.where(self.is_("unheard"), "inquiry", "callback")
        return np.where(self.is_("recovered"), "settlement", source)

    def _known(self) -> pa.Array:
        """When we knew: at once, after asking, or from the file of the next morning."""
        seconds = np.where(self.is_("unheard"), 600, 31)
        return self._moment(np.where(self.is_("recovered"), 86_400, seconds))

    def _evidence(self) -> pa.Table:
        is_heard = self.has_callback
        table = pa.table(
            {
                "id": self.id, "source": self._source(),
                "callback_id": _where(is_heard, pa.array(self.id)),
                "line_id": _where(self.is_("recovered"), pa.array(self.id)),
                **self._whose(), "ours": self.pays_for, "payment_ref": self.reference,
                "state": self._all("paid"), "amount": self.paid, "refunded": self._all(0),
                "at": self._moment(30), "trust": np.where(is_heard, "provisional", "proof"),
                "issuer": self._all("gopay"), "seen_at": self._known(),
            }
        )  # fmt: skip
        return table.filter(self.has_payment)

    def _payments(self) -> pa.Table:
        for_nobody = self.is_("orphan", "test money")
        table = pa.table(
            {
                "id": self.id, **self._whose(), "payment_ref": self.reference,
                "effect": self._all("receipt"),
                "charge_id": _where(~for_nobody, pa.array(self.id - self.is_("twice"))),
                "ours": self.pays_for, "amount": self.paid, "paid_at": self._moment(30),
                "business_day": self._all(self.of.day), "source": self._source(),
                "late": self.is_("late"), "booked_at": self._known(), "evidence_id": self.id,
            }
        )  # fmt: skip
        return pa.concat_tables([table.filter(self.has_payment), self._given_back(table)])

    def _given_back(self, receipts: pa.Table) -> pa.Table:
        """What went back, though nobody of ours asked for it."""
        back = receipts.filter(self.is_("given back"))
        effect = pc.binary_join_element_wise("refund:", back["amount"].cast(pa.string()), "")
        ids = pc.add(back["id"], self.of.rows)
        return back.set_column(0, "id", ids).set_column(4, "effect", effect)

    def _cash(self) -> pa.Table:
        table = pa.table(
            {
                "shift_id": self.of.number * self.of.shifts + self.shift + 1,
                "client_key": self.ours, "vehicle": self._vehicle(),
                "tariff_id": 1 + self.is_car, "amount": self.asked, "at": self._moment(60),
                "business_day": self._all(self.of.day), "instead_of": self.ours,
            }
        )  # fmt: skip
        return table.filter(self.is_("cash as well"))


def _where(condition: np.ndarray, values: pa.Array) -> pa.Array:
    return pc.if_else(condition, values, pa.scalar(None, values.type))
