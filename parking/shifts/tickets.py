"""Tickets (karcis): ranges of numbers of a series, who has them and what is odd about them. Pure.

A shift always closes: what is odd about the tickets its attendant names is noted, and
reconciliation judges it (D18).
"""

import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from parking.business_day import day_text
from parking.errors import BadInput
from parking.money import Rupiah
from parking.registry.facts import Vehicle

SERIES = re.compile(r"[A-Z0-9][A-Z0-9/-]{0,19}")
LARGEST = 999_999_999
MOST_RANGES = 20  # of one shift
AT_HAND = 2  # the book in use and the next
MOST_BACK = timedelta(days=365)  # of what is entered late into the stock

Numbers = tuple[int, int]  # first and last, both of them in it


class Move(StrEnum):
    ISSUED = "issued"  # to an attendant
    RETURNED = "returned"
    SPOILED = "spoiled"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Tickets:
    """Tickets torn off in a shift."""

    series: str
    first: int
    last: int
    spoiled: int = 0  # of them, torn and not given out

    @property
    def numbers(self) -> Numbers:
        return self.first, self.last

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Book:
    id: int
    series: str
    year: int
    vehicle: str
    amount: Rupiah
    first: int
    last: int
    received_on: date
    document: str

    @property
    def numbers(self) -> Numbers:
        return self.first, self.last


@dataclass(frozen=True, slots=True)
class Moved:
    """Tickets of a book that went out to an attendant or came back from him."""

    book_id: int
    kind: Move
    attendant_id: int
    first: int
    last: int

    @property
    def numbers(self) -> Numbers:
        return self.first, self.last


@dataclass(frozen=True, slots=True)
class Stub:
    """Tickets that an attendant has and has not torn off."""

    series: str
    vehicle: str
    amount: Rupiah
    first: int
    last: int
    at_hand: bool = False  # of its vehicle's the one in use, or the next


def stubs(books: Sequence[Book], moves: Sequence[Moved], used: Sequence[Tickets]) -> list[Stub]:
    """What an attendant has, by his moves and what he tore off, the lowest numbers first.

    `used` in the order in which it was torn off: what follows the last of it is in use.
    """
    found: list[Stub] = []
    for book in books:
        left = out_of(book, moves)
        for each in used:
            left = without(left, each.numbers) if each.series == book.series else left
        found += [Stub(book.series, book.vehicle, book.amount, *numbers) for numbers in left]
    found.sort(key=_place)
    near = {_place(stub) for vehicle in Vehicle for stub in _at_hand(vehicle, books, found, used)}
    return [replace(stub, at_hand=_place(stub) in near) for stub in found]


def _place(stub: Stub) -> tuple[str, int]:
    return stub.series, stub.first


def _at_hand(
    vehicle: Vehicle, books: Sequence[Book], left: Sequence[Stub], used: Sequence[Tickets]
) -> Sequence[Stub]:
    """Of a vehicle's tickets those after the last that was torn off, and the next after them."""
    series = {book.series for book in books if book.vehicle == vehicle}
    mine = [stub for stub in left if stub.vehicle == vehicle]
    torn = next(((t.series, t.last) for t in reversed(used) if t.series in series), ("", 0))
    start = bisect([_place(stub) for stub in mine], torn)
    return mine[start : start + AT_HAND] or mine[:AT_HAND]


def odd_day(day: date, today: date, received_on: date = date.min) -> str:
    """Why a book cannot have come, or moved, on a day; empty if it can. `received_on` is the
    day on which it came.

    >>> odd_day(date(2026, 11, 25), date(2026, 11, 24))
    'belum terjadi'
    """
    if day > today:
        return "belum terjadi"
    if day < received_on:
        return f"bukunya baru diterima {day_text(received_on)}"
    return f"paling awal {day_text(today - MOST_BACK)}" if day < today - MOST_BACK else ""


def problems_of(tickets: Sequence[Tickets]) -> dict[str, str]:
    """What is wrong with what an attendant says, by field; the whole of it if it is too long."""
    if len(tickets) > MOST_RANGES:
        return {"tickets": f"paling banyak {MOST_RANGES} baris"}
    found = {}
    for n, each in enumerate(tickets):
        if not SERIES.fullmatch(each.series):
            found[f"tickets.{n}.series"] = "huruf besar, angka dan garis, seperti A-2026"
        if not 0 < each.first <= LARGEST:
            found[f"tickets.{n}.first"] = "nomor karcis pertama"
        if not each.first <= each.last <= LARGEST:
            found[f"tickets.{n}.last"] = "lebih kecil dari nomor karcis pertama"
        elif not 0 <= each.spoiled <= each.count:
            found[f"tickets.{n}.spoiled"] = f"antara 0 dan {each.count}"
    return found


def notes_on(
    tickets: Sequence[Tickets],
    books: Sequence[Book],
    moves: Sequence[Moved],
    elsewhere: Sequence[Tickets],
    day: date,
) -> list[str]:
    """What is odd about the tickets of a shift; `moves` are its attendant's, `elsewhere` are
    those of other shifts in these series.
    """
    found = []
    for n, each in enumerate(tickets):
        of_series = [book for book in books if book.series == each.series]
        named = f"seri {each.series} nomor {text_of(each.numbers)}"
        if not covers([book.numbers for book in of_series], each.numbers):
            found.append(f"{named} tidak ada di stok karcis")
        elif not covers(_with(moves, of_series), each.numbers):
            found.append(f"{named} belum diserahkan kepada juru parkir ini")
        others = [*elsewhere, *tickets[:n]]
        twice = [o for o in others if o.series == each.series and meet(o.numbers, each.numbers)]
        if twice:
            found.append(f"{named} sudah dipakai: nomor {text_of(twice[0].numbers)}")
        old = [book for book in of_series if meet(book.numbers, each.numbers)]
        if old and max(book.year for book in old) < day.year:
            found.append(f"{named} dari seri tahun {old[0].year}")
    return found


def out_of(book: Book, moves: Iterable[Moved]) -> list[Numbers]:
    """The numbers of a book that are out, by its moves in their order."""
    out: list[Numbers] = []
    for move in moves:
        if move.book_id == book.id:
            is_issue = move.kind is Move.ISSUED
            out = [*out, move.numbers] if is_issue else without(out, move.numbers)
    return out


def check_move(
    book: Book, kind: Move, numbers: Numbers, theirs: Sequence[Moved], every: Sequence[Moved],
    used: Sequence[Numbers],
) -> None:  # fmt: skip
    """Raises BadInput if these numbers cannot move: `theirs` are the moves of the attendant,
    `every` those of the whole book, both in their order; `used` is what shifts tore off.
    """
    first, last = numbers
    if last < first:
        raise BadInput("Nomor karcis belum benar", {"last": "lebih kecil dari nomor pertama"})
    if not covers([book.numbers], numbers):
        within = text_of(book.numbers)
        raise BadInput("Nomor karcis belum benar", {"first": f"buku ini bernomor {within}"})
    taken = [each for each in used if meet(each, numbers)]
    if taken:
        why = f"nomor {text_of(taken[0])} sudah dipakai di giliran"
    elif kind is Move.ISSUED:
        gone = [m.numbers for m in every if m.kind in (Move.SPOILED, Move.LOST)]
        clash = [each for each in (*out_of(book, every), *gone) if meet(each, numbers)]
        why = f"nomor {text_of(clash[0])} sudah keluar" if clash else ""
    else:
        is_his = covers(out_of(book, theirs), numbers)
        why = "" if is_his else "tidak semuanya ada pada juru parkir ini"
    if why:
        raise BadInput("Nomor karcis belum benar", {"first": why})


@dataclass(frozen=True, slots=True)
class Stock:
    """Where the tickets of a book are; together they are all of it."""

    book: Book
    in_office: int
    with_attendants: int  # and not torn off
    used: int
    spoiled: int
    lost: int

    @property
    def worth(self) -> int:
        """What was used should have brought, in rupiah."""
        return self.used * self.book.amount


def stock_of(book: Book, moves: Sequence[Moved], torn: Sequence[Tickets]) -> Stock:
    """A number that was torn off counts as used, wherever it was; one torn twice counts once."""
    mine = [move for move in moves if move.book_id == book.id]
    used, left = _taken([book.numbers], [each.numbers for each in torn])
    lost, left = _taken(left, [m.numbers for m in mine if m.kind is Move.LOST])
    spoiled, left = _taken(left, [m.numbers for m in mine if m.kind is Move.SPOILED])
    out, left = _taken(left, out_of(book, mine))
    in_shifts = min(sum(each.spoiled for each in torn), used)
    return Stock(book, count_of(left), out, used - in_shifts, spoiled + in_shifts, lost)


def _taken(left: list[Numbers], gone: Iterable[Numbers]) -> tuple[int, list[Numbers]]:
    """How many numbers these take out of what is left, and what is left then."""
    before = count_of(left)
    for each in gone:
        left = without(left, each)
    return before - count_of(left), left


def covers(ranges: Iterable[Numbers], wanted: Numbers) -> bool:
    """Whether every number that is wanted is in one of the ranges.

    >>> covers([(1, 50), (51, 100)], (40, 60)), covers([(1, 50)], (40, 60))
    (True, False)
    """
    left = [wanted]
    for each in ranges:
        left = without(left, each)
    return not left


def without(ranges: Iterable[Numbers], gone: Numbers) -> list[Numbers]:
    """
    >>> without([(1, 100)], (40, 60))
    [(1, 39), (61, 100)]
    """
    left = []
    for first, last in ranges:
        pieces = [(first, min(last, gone[0] - 1)), (max(first, gone[1] + 1), last)]
        if not meet((first, last), gone):
            pieces = [(first, last)]
        left += [(a, b) for a, b in pieces if a <= b]
    return left


def meet(one: Numbers, other: Numbers) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def count_of(ranges: Iterable[Numbers]) -> int:
    return sum(last - first + 1 for first, last in ranges)


def text_of(numbers: Numbers) -> str:
    return f"{numbers[0]}–{numbers[1]}" if numbers[0] != numbers[1] else str(numbers[0])


def _with(moves: Sequence[Moved], books: Sequence[Book]) -> list[Numbers]:
    return [numbers for book in books for numbers in out_of(book, moves)]
