"""May a day be closed? What stands in its way, and whom to ask (reliability.md 5.3). Pure.

A day is ready when every file that is expected has come or its absence was explained, the run
that holds has seen every fact, nothing waits, every disagreement is a case, and no control
equation is broken. A disagreement does not hold a day up: it is named, owned and due, and
that is what is signed. What is left of an equation and has no name does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from parking.money import Rupiah, rupiah_text
from parking.statements.expected_store import ExpectedFile


class Standing(StrEnum):
    OPEN = "open"  # the day is not over, or its first run is still to come
    BLOCKED = "blocked"
    READY = "ready"
    PREPARED = "prepared"  # one person has said yes
    CLOSED = "closed"


STANDING_TEXT = {
    Standing.OPEN: "Terbuka",
    Standing.BLOCKED: "Terhalang",
    Standing.READY: "Siap ditutup",
    Standing.PREPARED: "Menunggu tanda tangan kedua",
    Standing.CLOSED: "Ditutup",
}
STANDING_TONE = {
    Standing.OPEN: "secondary",
    Standing.BLOCKED: "danger",
    Standing.READY: "success",
    Standing.PREPARED: "warning",
    Standing.CLOSED: "secondary",
}


BROKEN = "broken"  # an equation of which something is left that nothing names


@dataclass(frozen=True, slots=True)
class Blocker:
    """What stands in a day's way, in one sentence, and where it can be put right."""

    text: str
    href: str
    action: str


@dataclass(frozen=True, slots=True)
class Prepared:
    hash: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A day as two persons closed it."""

    run_id: int
    hash: str
    prepared_by: str
    prepared_at: datetime
    signed_by: str
    closed_at: datetime
    later: int  # bookings that came afterwards, with this day as their effective date
    checked_at: datetime | None  # when it was last compared with what was signed
    fault: str  # what had changed then; empty: nothing


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What was booked into a closed day since: what it says now is no more what was signed."""

    closed_at: datetime
    count: int  # entries
    amount: Rupiah  # their debits


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What is known of one day that is over."""

    day: date
    run_id: int | None  # of the run that holds
    is_stale: bool  # facts came after it
    waiting: int  # what may still come, by that run
    open_shifts: int
    unread_callbacks: int
    files: Sequence[ExpectedFile]
    without_case: Mapping[str, int]  # disagreements that no case follows, by code
    open_cases: int
    equations: Sequence[Mapping[str, Any]]  # as that run keeps them
    prepared: Prepared | None
    closed: Closed | None

    @property
    def standing(self) -> Standing:
        if self.closed is not None:
            return Standing.CLOSED
        if self.run_id is None:
            return Standing.OPEN
        if blockers(self):
            return Standing.BLOCKED
        return Standing.PREPARED if self.prepared is not None else Standing.READY


def blockers(facts: DayFacts) -> list[Blocker]:
    """What stands in the way of closing a day, in the order in which to put it right."""
    of_day = f"/audit/{facts.day}"
    found = [
        Blocker(
            f"{file.name} untuk hari ini belum datang",
            f"/finance/days/{facts.day}/files/{file.source}", "Jelaskan",
        )
        for file in facts.files
        if file.is_missing
    ]  # fmt: skip
    if facts.open_shifts:
        found.append(
            Blocker(
                f"{facts.open_shifts} giliran belum ditutup",
                f"/field/shifts?date={facts.day}",
                "Lihat giliran",
            )
        )
    if facts.unread_callbacks:
        said = f"{facts.unread_callbacks} pemberitahuan gateway belum selesai diproses"
        found.append(Blocker(said, f"/audit/callbacks?day={facts.day}", "Lihat pemberitahuan"))
    if facts.run_id is None:
        found.append(Blocker("Belum direkonsiliasi; dikerjakan tiap malam", "", ""))
        return found
    if facts.is_stale:
        found.append(
            Blocker("Ada data baru sejak rekonsiliasi terakhir; dihitung ulang sebentar lagi",
                    of_day, "Lihat hari")
        )  # fmt: skip
    if facts.waiting:
        said = f"{facts.waiting} hal masih ditunggu: tenggatnya belum lewat"
        found.append(Blocker(said, of_day, "Lihat hari"))
    found += [
        Blocker(
            f"{count} selisih {code} belum menjadi kasus",
            f"/audit/discrepancies?day={facts.day}", "Lihat selisih",
        )
        for code, count in sorted(facts.without_case.items())
    ]  # fmt: skip
    found += [
        Blocker(_unproved(equation), f"{of_day}#persamaan", "Lihat persamaan")
        for equation in facts.equations
        if equation["standing"] == BROKEN
    ]
    return found


def _unproved(equation: Mapping[str, Any]) -> str:
    named = f"Persamaan {equation['number']} ({equation['name']}) belum terbukti"
    whose = ", ".join(equation["unnamed"]) or "jumlahnya tidak terurai"
    return f"{named}: selisih {rupiah_text(Rupiah(equation['difference']))}, tanpa nama: {whose}"
