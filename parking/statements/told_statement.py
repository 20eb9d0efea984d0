"""What `statement_child` found in an MT940 or CAMT.053, as a statement or as what is wrong."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from parking.business_day import FIRST_DAY, LAST_DAY
from parking.gateways.mapped_report import MOST_PROBLEMS, Wrong
from parking.money import Rupiah
from parking.statements.mapped_statement import clean
from parking.statements.statement import Line, Reading, Statement, joined, problems_of

Told = tuple[str, int, Mapping[str, Any]]

_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,15})(?:[.,](?P<cents>[0-9]{0,5}))?", re.ASCII)


def read_told(told: Iterable[Told]) -> Reading:
    """A file as it was understood; one statement, though it may come as several pages."""
    reader = _Reader()
    for what, number, values in told:
        reader.take(what, number, values)
    return reader.reading()


class _Reader:
    def __init__(self) -> None:
        self._problems: list[Wrong] = []
        self._skipped: dict[int, str] = {}
        self._lines: list[Line] = []
        self._parts: list[tuple[int, Mapping[str, Any], list[Line]]] = []

    def take(self, what: str, number: int, values: Mapping[str, Any]) -> None:
        if what == "statement":
            self._parts.append((number, values, []))
        elif what == "line":
            self._line(number, values)
        elif what == "skipped":
            self._skipped[number] = values["why"]
        else:
            self._wrong(number, values["field"], values["found"], values["why"])

    def reading(self) -> Reading:
        statements = [made for part in self._parts if (made := self._statement(*part))]
        if not self._problems and len({each.number for each in statements}) > 1:
            numbers = ", ".join(sorted({each.number for each in statements}))
            self._wrong(None, "", "", f"berkas memuat beberapa rekening: {numbers[:200]}")
        if not self._problems:
            for each in statements:
                self._problems += problems_of(each)
        whole = self._whole(statements) if not self._problems else None
        more = len(self._problems) - MOST_PROBLEMS
        last = [Wrong(None, "", "", f"dan {more} masalah lagi")] if more > 0 else []
        return Reading(
            whole if not self._problems else None, whole.lines if whole else self._lines,
            [*self._problems[:MOST_PROBLEMS], *last], skipped=self._skipped,
        )  # fmt: skip

    def _whole(self, statements: list[Statement]) -> Statement | None:
        try:
            return joined(statements)
        except ValueError as error:
            self._wrong(None, "", "", str(error))
            return None

    def _wrong(self, number: int | None, field: str, found: str, why: str) -> None:
        self._problems.append(Wrong(number, field, clean(found)[:60], why))

    def _line(self, number: int, values: Mapping[str, Any]) -> None:
        amount = self._amount(number, values, "jumlah")
        booked_on = self._day(number, "tanggal buku", values["booked_on"])
        value_on = self._day(number, "tanggal valuta", values["value_on"] or values["booked_on"])
        self._currency(number, {values.get("currency", "IDR")})
        if amount is None or booked_on is None or value_on is None:
            return
        if amount == 0:
            self._skipped[number] = "jumlahnya nol"
            return
        line = Line(
            number, booked_on, value_on, Rupiah(amount), clean(values["text"]),
            clean(values["reference"])[:64],
        )  # fmt: skip
        self._lines.append(line)
        self._parts[-1][2].append(line)

    def _statement(
        self, number: int, values: Mapping[str, Any], lines: list[Line]
    ) -> Statement | None:
        self._currency(number, set(values["currency"]))
        opening = self._amount(number, values["opening"], "saldo awal")
        closing = self._amount(number, values["closing"], "saldo akhir")
        first = self._day(number, "hari pertama", values["from"])
        last = self._day(number, "hari terakhir", values["to"])
        if opening is None or closing is None or first is None or last is None:
            return None
        return Statement(
            values["account"], first, last, Rupiah(opening), Rupiah(closing), tuple(lines),
            values["begins_day"],
        )  # fmt: skip

    def _currency(self, number: int, currencies: set[str]) -> None:
        if other := currencies - {"IDR"}:
            told = ", ".join(sorted(other))
            self._wrong(number, "mata uang", told, "bukan IDR")

    def _amount(self, number: int, values: Mapping[str, Any], field: str) -> int | None:
        """Signed as the account moves. Cents must be zero: nothing is rounded."""
        told = _AMOUNT.fullmatch(values["amount"])
        if told is None:
            self._wrong(number, field, values["amount"], "bukan jumlah seperti 2000,00")
        elif int(told["cents"] or 0):
            why = "harus rupiah bulat: tidak ada yang dibulatkan"
            self._wrong(number, field, values["amount"], why)
        elif values["mark"] not in ("C", "D"):
            self._wrong(number, field, values["amount"], "tidak jelas debit atau kredit")
        else:
            return -int(told["whole"]) if values["mark"] == "D" else int(told["whole"])
        return None

    def _day(self, number: int, field: str, told: str) -> date | None:
        try:
            day = date.fromisoformat(told)
        except ValueError:
            self._wrong(number, field, told, "bukan tanggal")
            return None
        if not FIRST_DAY <= day <= LAST_DAY:
            self._wrong(number, field, told, "tanggal di luar masa QRIS")
            return None
        return day
