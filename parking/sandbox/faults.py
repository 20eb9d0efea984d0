"""Faults that can be switched on, for one provider or any, and which orders each has struck.

`strike` counts every use; it is for what happens once: a cut connection, a lost callback.
`holds` counts orders: once it has struck an order it holds for that order until the fault
is taken away, so that a status asked twice and a report fetched twice say the same.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Self

from parking.clock import Clock
from parking.sandbox.state import State

CATALOGUE: Mapping[str, str] = {
    "create_timeout_after_commit": "made, but the answer never comes; value: seconds of hanging",
    "create_timeout_before_commit": "nothing made, no answer; value: seconds of hanging",
    "create_500": "500 instead of an answer; value 'stored': made nevertheless",
    "create_503": "503 instead of an answer; value 'stored': made nevertheless",
    "create_504": "made, and 504 instead of an answer",
    "create_html": "an HTML page instead of JSON; value 'stored': made nevertheless",
    "create_reset": "made, and the connection is cut in the middle of the answer",
    "missing_qr_string": "the charge answer has no qr_string",
    "missing_expiry_time": "the charge answer has no expiry_time",
    "wrong_qr": "the QR is not what was asked; value: amount, merchant or crc",
    "callback_overtakes_create": "notified before the charge is answered; value 'settlement': paid",
    "callback_duplicate": "the payment is notified more than once; value: how often, 2",
    "callback_drop": "the payment is not notified",
    "callback_delay": "the payment is notified late; value: seconds, 60",
    "callback_reorder": "pending is notified after the payment",
    "callback_bad_signature": "the payment is notified with a signature of another key",
    "callback_tampered": "forged: the signed pending notification with its status changed",
    "callback_fraud_deny": "the payment is notified with fraud_status deny",
    "callback_missing_issuer": "the payment is notified without issuer",
    "callback_extra_fields": "the payment is notified with fields nobody knows",
    "callback_missing_fields": "a field is gone from it; value: its path, data.amount; else all",
    "callback_pretty": "the payment is notified in indented JSON, with / written as \\/",
    "callback_old_time": "the payment is notified with a signature of an hour ago",
    "amount_mismatch": "another amount is paid than was asked; value: that amount",
    "status_lags": "an inquiry still says pending; value: seconds after the payment, 60",
    "status_contradicts": "an inquiry says expired although the payment was notified",
    "status_unknown": "an inquiry answers a status that nobody has documented",
    "answer_extra_fields": "an inquiry answers fields that nobody knows",
    "answer_money": "an inquiry writes the amount otherwise; value: what stands there",
    "answer_times": "an inquiry writes times otherwise; value: naive, wib, utc, fraction, broken",
    "status_upper_case": "an inquiry answers its status in capitals",
    "snap_query_07": "an inquiry does not know the code yet; value: seconds since it was made, 10",
    "snap_status": "an inquiry answers this latestTransactionStatus; value: 05, 08, 09",
    "snap_conflict": "a code is made or ended, and 409/00 is answered",
    "snap_in_progress": "a code is made or ended, and 202/00 is answered",
    # For these two the account stands where an order id would.
    "snap_token_lost": "our token is not known any more: 401/01",
    "snap_token_refused": "we are given no token: 401/00",
    "refund_denied": "the bank refuses the refund",
    "refund_fails_later": "the refund is taken, and fails when the bank should confirm it",
    "refund_unsupported": "the payer's bank takes no refunds at all",
    "refund_pending_forever": "the refund is taken, and never confirmed",
    "down": "no call is answered and nothing is notified; value: reset, hang or 503",
    "http_error": "an error also has its code as the HTTP status",
    "html_502": "a proxy's HTML page instead of any answer",
    "slow": "every answer comes late; value: seconds, 2",
    "rate_limit": "429",
    "unauthorised": "401, as if our key were wrong; value 403: that",
    "empty_body": "200 with an empty body",
    "redirect": "302 to somewhere else",
    "reset": "the connection is cut in the middle of the answer",
    "slow_body": "the answer comes a byte a second, for two minutes",
    "huge_answer": "an answer of 64 MiB",
    "report_missing_row": "a payment is not in its report",
    "report_late": "a payment is in a later report; value: days, 1",
    "report_fee": "another fee is taken; value: rupiah, 50",
    "report_amount": "another amount is reported; value: that amount",
    "report_reversal": "a payment is taken back in its report, and nobody asked for it",
    # Of a whole file: for these, the business day stands where an order id would.
    "report_extra_row": "a payment nobody asked for is in the report; value: its amount, 2000",
    "report_test_row": "the bank left its Rp1 test in the report",
    "report_tz_utc": "times in UTC; value 'unannounced': the head still says Asia/Jakarta",
    "report_bom_semicolon": "byte order mark, and semicolons between the fields",
    "report_indonesian_decimals": "2.000,00 instead of 2000.00",
    "report_truncated": "the file ends in the middle of a row",
}

# What a provider does to the message of a payment itself.
SPOILS = (
    "callback_bad_signature", "callback_fraud_deny", "callback_missing_issuer",
    "callback_extra_fields", "callback_old_time",
)  # fmt: skip

OUTAGE = "down"  # of a whole provider, so it never has an order


@dataclass(frozen=True, slots=True)
class Fault:
    id: int
    name: str
    gateway: str | None  # None: any
    order: str | None  # None: whichever comes first
    times: int | None  # None: until it is taken away
    value: Any
    since: datetime
    until: datetime | None  # None: until it is taken away
    used: list[str]  # orders that it struck, oldest first

    def is_active(self, clock: Clock) -> bool:
        if self.times is not None and len(self.used) >= self.times:
            return False
        return self.until is None or clock.now() < self.until


@dataclass(frozen=True, slots=True)
class FaultWish:
    """A fault to switch on."""

    name: str
    gateway: str | None = None  # None: any
    order: str | None = None  # None: whichever comes first
    times: int | None = None  # None: always
    value: Any = None
    lasts: timedelta | None = None  # None: until it is taken away


class Faults:
    """Kept in memory, because every request asks; written through to the state.

    Only those of any provider strike until `of` has said whose they are to be.
    """

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._gateway: str | None = None
        self._faults: dict[int, Fault] = {}
        self._at: dict[tuple[str, str | None], list[Fault]] = {}
        self.reload()

    def of(self, gateway: str) -> Self:
        """The same faults as they strike one provider."""
        twin = copy.copy(self)
        twin._gateway = gateway
        return twin

    def reload(self) -> None:
        """Read them anew from the state."""
        uses: dict[int, list[str]] = {}
        for row in self._state.rows("SELECT * FROM fault_uses ORDER BY rowid"):
            uses.setdefault(row["fault_id"], []).append(row["order_id"])
        self._faults.clear()
        self._at.clear()
        for row in self._state.rows("SELECT * FROM faults ORDER BY id"):
            since, value = self._state.moment(row["since"]), json.loads(row["value"])
            until = None if row["until"] is None else self._state.moment(row["until"])
            self._know(
                Fault(
                    row["id"], row["name"], row["gateway"], row["order_id"], row["times"], value,
                    since, until, uses.get(row["id"], []),
                )
            )  # fmt: skip

    def _know(self, fault: Fault) -> Fault:
        self._faults[fault.id] = fault
        self._at.setdefault((fault.name, fault.order), []).append(fault)
        return fault

    def add(self, wish: FaultWish) -> Fault:
        """Switch one on. Raises KeyError for a name that is not in the catalogue."""
        CATALOGUE[wish.name]
        now, micros = self._clock.now(), self._state.micros
        until = None if wish.lasts is None else now + wish.lasts
        with self._state.writing() as db:
            made = db.execute(
                "INSERT INTO faults (name, gateway, order_id, times, value, since, until)"
                " VALUES (?,?,?,?,?,?,?)",
                (
                    wish.name, wish.gateway, wish.order, wish.times, json.dumps(wish.value),
                    micros(now), None if until is None else micros(until),
                ),
            )  # fmt: skip
            return self._know(
                Fault(
                    int(made.lastrowid or 0), wish.name, wish.gateway, wish.order, wish.times,
                    wish.value, now, until, [],
                )
            )  # fmt: skip

    def remove(self, number: int | None = None) -> int:
        """Take one away, or all of them; how many there were."""
        with self._state.writing() as db:
            gone = [(n,) for n in self._faults if number in (None, n)]
            db.executemany("DELETE FROM fault_uses WHERE fault_id = ?", gone)
            db.executemany("DELETE FROM faults WHERE id = ?", gone)
            self.reload()
        return len(gone)

    def listing(self) -> list[Fault]:
        with self._state.lock:
            return list(self._faults.values())

    def strike(self, name: str, order: str) -> Fault | None:
        """The fault that strikes now, if one does; the use is counted."""
        if not self._faults:
            return None
        with self._state.lock:
            for fault in self._candidates(name, order):
                if fault.is_active(self._clock):
                    return self._use(fault, order)
        return None

    def is_on(self, name: str) -> Fault | None:
        """The fault that would strike any order now; no use is counted."""
        if not self._faults:
            return None
        with self._state.lock:
            return next((f for f in self._candidates(name, "") if f.is_active(self._clock)), None)

    def holds(self, name: str, order: str) -> Fault | None:
        """The fault that holds for an order, now as before."""
        if not self._faults:
            return None
        with self._state.lock:
            for fault in self._candidates(name, order):
                if order in fault.used:
                    return fault
                if fault.is_active(self._clock):
                    return self._use(fault, order)
        return None

    def struck_orders(self, name: str) -> list[tuple[str, Fault]]:
        """Every order that a fault of this name was meant for or has struck."""
        with self._state.lock:
            faults = [f for f in self._faults.values() if f.name == name and self._is_ours(f)]
        return [(order, fault) for fault in faults for order in {*fault.used, fault.order} if order]

    def _candidates(self, name: str, order: str) -> Iterator[Fault]:
        """Those meant for this very order come first."""
        found = chain(self._at.get((name, order), ()), self._at.get((name, None), ()))
        return filter(self._is_ours, found)

    def _is_ours(self, fault: Fault) -> bool:
        return fault.gateway in (None, self._gateway)

    def _use(self, fault: Fault, order: str) -> Fault:
        with self._state.writing() as db:
            db.execute("INSERT INTO fault_uses VALUES (?, ?)", (fault.id, order))
            fault.used.append(order)
        return fault
